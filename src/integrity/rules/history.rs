//! What a bidder does lot after lot: never wins, or drives up the prices of one seller.

use std::collections::BTreeMap;

use entity::ids::OrganisationId;
use entity::integrity::{SignalFact, SignalKind, SignalReason};

use super::course::count;
use super::{Course, Finding, Past, Thresholds, WHOLE, Weights, share};

/// The lots a bidder bid in, this one among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// How many.
    pub lots: i64,
    /// How many it won.
    pub won: i64,
    /// How many were offered by the seller of this one.
    pub of_seller: i64,
}

/// What a bidder did in all lots of a seller, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// The bidder.
    pub organisation: OrganisationId,
    /// Lots bid in.
    pub lots: i64,
    /// Lots won.
    pub won: i64,
    /// Its bids.
    pub bids: i64,
    /// Bids of everybody in these lots.
    pub lot_bids: i64,
    /// Bids that raised one before.
    pub raises: i64,
    /// Of these, those by the least.
    pub small_raises: i64,
    /// Bids that followed another's.
    pub answers: i64,
    /// Of these, those that came soon.
    pub quick_answers: i64,
    /// Sum of how much was still to come at its first bid.
    pub early_bp: i64,
}

/// What is known from the lots that have closed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The lots of each bidder of this one.
    pub records: BTreeMap<OrganisationId, Record>,
    /// How many lots of the seller were bid for.
    pub seller_lots: i64,
    /// The habits of everybody who ever bid for one.
    pub habits: Vec<Habits>,
    /// What bidders of this one sealed in it and in others.
    pub past: Vec<Past>,
}

/// Counts the lots that bidders bid in: whose each was, and whether the bidder won it.
pub fn records(seller: OrganisationId, lots: &[(OrganisationId, OrganisationId, bool)]) -> BTreeMap<OrganisationId, Record> {
    let mut records: BTreeMap<_, Record> = BTreeMap::new();
    for (bidder, from, won) in lots {
        let record = records.entry(*bidder).or_default();
        record.lots += 1;
        record.won += i64::from(*won);
        record.of_seller += i64::from(*from == seller);
    }
    records
}

/// Bidders of this lot who bid in many and won none.
pub fn never_wins(course: &Course, history: &History, limits: &Thresholds) -> Vec<Finding> {
    let found = course.bidding().into_iter().filter_map(|bidder| {
        let Record { lots, won, of_seller } = *history.records.get(&bidder)?;
        let reasons =
            vec![SignalReason::of(SignalFact::LotsBidIn).number(lots), SignalReason::of(SignalFact::SellersLotsBidIn).number(of_seller)];
        (won == 0 && lots >= limits.never_wins).then(|| Finding {
            kind: SignalKind::NeverWins,
            organisation: bidder,
            other: None,
            score_bp: share(of_seller, lots),
            reasons,
        })
    });
    found.collect()
}

/// What the shill score of a bidder is made of, each in ten-thousandths.
fn factors(habits: &Habits, seller_lots: i64) -> [(SignalFact, i64); 6] {
    [
        (SignalFact::ParticipationBp, share(habits.lots, seller_lots)),
        // Nobody outbids himself, so one bidder makes every other bid at most.
        (SignalFact::BidsBp, share(habits.bids.saturating_mul(2), habits.lot_bids)),
        (SignalFact::LossesBp, share(habits.lots - habits.won, habits.lots)),
        (SignalFact::QuickBp, share(habits.quick_answers, habits.answers)),
        (SignalFact::SmallBp, share(habits.small_raises, habits.raises)),
        (SignalFact::EarlyBp, share(habits.early_bp, habits.lots.saturating_mul(WHOLE))),
    ]
}

/// The shill score of a bidder in the lots of a seller (after Trevathan and Read), in ten-thousandths.
pub fn score(habits: &Habits, seller_lots: i64, weights: &Weights) -> i64 {
    let weights = [weights.lots, weights.bids, weights.losses, weights.quick, weights.small, weights.early];
    let whole: i64 = weights.iter().sum();
    let sum: i64 = factors(habits, seller_lots).iter().zip(weights).map(|((_, factor), weight)| factor * weight).sum();
    if whole > 0 { sum / whole } else { 0 }
}

/// Bidders of this lot whose habits in the seller's lots are those of a shill, with their place among all of them.
pub fn shills(course: &Course, history: &History, limits: &Thresholds) -> Vec<Finding> {
    let known = history.habits.iter().filter(|habits| habits.lots >= limits.shill_lots);
    let scored: Vec<_> = known.map(|habits| (habits, score(habits, history.seller_lots, &limits.weights))).collect();
    let bidding = course.bidding();
    let here = scored.iter().filter(|(habits, score)| *score >= limits.shill_score && bidding.contains(&habits.organisation));
    let found = here.map(|(habits, score)| {
        let ahead = scored.iter().filter(|(_, other)| other > score).count();
        let mut reasons = vec![
            SignalReason::of(SignalFact::SellersLots).number(history.seller_lots),
            SignalReason::of(SignalFact::SellersLotsBidIn).number(habits.lots),
            SignalReason::of(SignalFact::SellersLotsLost).number(habits.lots - habits.won),
        ];
        reasons.extend(factors(habits, history.seller_lots).map(|(fact, factor)| SignalReason::of(fact).number(factor)));
        reasons.push(SignalReason::of(SignalFact::Rank).number(count(ahead + 1)));
        reasons.push(SignalReason::of(SignalFact::Ranked).number(count(scored.len())));
        Finding { kind: SignalKind::ShillScore, organisation: habits.organisation, other: None, score_bp: *score, reasons }
    });
    found.collect()
}
