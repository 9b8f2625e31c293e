//! What sealed bids show beside each other, in one lot and lot after lot. Nobody saw the other's when he made his own, so what they
//! have in common they do not have from the bidding.

use std::collections::{BTreeMap, BTreeSet};

use entity::auctions::Direction;
use entity::ids::{LotId, OrganisationId};
use entity::integrity::{SignalFact, SignalKind, SignalReason};
use entity::money::Money;

use super::course::count;
use super::{Course, Finding, Sealed, Thresholds, share};
use crate::auctions::rules::direction::gain;

/// The lots that are told one by one where a signal is about many: the last.
const TOLD: usize = 10;

/// What a bidder sealed in a lot that has closed, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// The lot.
    pub lot: LotId,
    /// Which way prices went in it.
    pub direction: Direction,
    /// The bidder.
    pub organisation: OrganisationId,
    /// What it sealed.
    pub sealed: Sealed,
    /// Whether it won.
    pub won: bool,
    /// The turns it had, where bids were by rounds.
    pub turns: Option<i64>,
    /// How often it raised.
    pub raises: i64,
}

type Pair = (OrganisationId, OrganisationId);

/// Every two of them, the lower id first; of a crowd each with the first alone.
fn pairs(who: &[OrganisationId], limits: &Thresholds) -> Vec<Pair> {
    let firsts = if who.len() > limits.crowd { 1 } else { who.len() };
    let mut pairs = Vec::new();
    for (place, one) in who.iter().enumerate().take(firsts) {
        pairs.extend(who.iter().skip(place + 1).map(|other| (*one, *other)));
    }
    pairs
}

/// What a bidder sealed in a lot, as a reason.
fn told(lot: LotId, bidder: OrganisationId, sealed: Sealed) -> SignalReason {
    SignalReason::of(SignalFact::SealedBid).by(bidder).amount(Money::fen(sealed.price)).at(sealed.at).shown_by("lot", lot)
}

fn finding(kind: SignalKind, (one, other): Pair, score_bp: i64, reasons: Vec<SignalReason>) -> Finding {
    Finding { kind, organisation: one, other: Some(other), score_bp, reasons }
}

/// Pairs who sealed the same amount, where it is neither the least there was to bid nor a round one: on those anybody may hit.
pub fn equal(course: &Course, limits: &Thresholds) -> Vec<Finding> {
    let is_uneven = |price: i64| price.checked_rem(limits.equal_grain).is_none_or(|rest| rest != 0);
    let mut by_price: BTreeMap<i64, Vec<OrganisationId>> = BTreeMap::new();
    for (bidder, sealed) in &course.sealed {
        if sealed.price != course.start && is_uneven(sealed.price) {
            by_price.entry(sealed.price).or_default().push(*bidder);
        }
    }
    let equals = by_price.values().flat_map(|who| pairs(who, limits));
    equals.map(|pair| finding(SignalKind::EqualBids, pair, limits.equal, both_here(course, pair))).collect()
}

/// What two sealed in this lot.
fn both_here(course: &Course, (one, other): Pair) -> Vec<SignalReason> {
    let own = |who: OrganisationId| course.sealed.get(&who).map(|sealed| told(course.lot, who, *sealed));
    [own(one), own(other)].into_iter().flatten().collect()
}

/// Pairs of whom it was found that they share a network or a device, and who sealed within seconds of each other there.
pub fn together(course: &Course, shared: &[Finding], limits: &Thresholds) -> Vec<Finding> {
    let mut places: BTreeMap<Pair, BTreeSet<&SignalReason>> = BTreeMap::new();
    for found in shared.iter().filter(|found| matches!(found.kind, SignalKind::SharedAddress | SignalKind::SharedDevice)) {
        let Some(other) = found.other else { continue };
        let pair = (found.organisation, other);
        places.entry(pair).or_default().extend(where_both_bid(&found.reasons, pair));
    }
    let close = places.into_iter().filter(|(_, places)| !places.is_empty()).filter_map(|(pair, places)| {
        let (one, other) = (course.sealed.get(&pair.0)?, course.sealed.get(&pair.1)?);
        let apart = (one.at - other.at).abs();
        if apart > limits.together {
            return None;
        }
        let mut reasons = vec![SignalReason::of(SignalFact::MillisecondsApart).number(apart.num_milliseconds())];
        reasons.extend(both_here(course, pair));
        reasons.extend(places.into_iter().cloned());
        Some(finding(SignalKind::SealedTogether, pair, limits.together_score, reasons))
    });
    close.collect()
}

/// The reasons that tell of a network both bid from, or a device both signed in on; from where they applied says nothing of bids.
fn where_both_bid(reasons: &[SignalReason], (one, other): Pair) -> Vec<&SignalReason> {
    let of_bids = |reason: &&SignalReason| matches!(reason.fact, SignalFact::BidFromNetwork | SignalFact::SignedInOnDevice);
    let marks = |who: OrganisationId| -> BTreeSet<&String> {
        let own = reasons.iter().filter(of_bids).filter(|reason| reason.organisation_id == Some(who));
        own.filter_map(|reason| reason.mark.as_ref()).collect()
    };
    let (ones, others) = (marks(one), marks(other));
    let common = |reason: &&SignalReason| reason.mark.as_ref().is_some_and(|mark| ones.contains(mark) && others.contains(mark));
    reasons.iter().filter(of_bids).filter(common).collect()
}

/// The lots in which both of a pair sealed a bid, this one among them; by rounds offers are raised afterwards, and are left out.
struct Common<'a> {
    pair: Pair,
    lots: BTreeMap<LotId, (&'a Past, &'a Past)>,
}

impl Common<'_> {
    /// The signal, if so many of these lots are alike, and so large a share of them; with how many they are.
    fn signal(&self, kind: SignalKind, least: i64, limits: &Thresholds, alike: impl Fn(&Past, &Past) -> bool) -> Option<(i64, Finding)> {
        let found: Vec<_> = self.lots.iter().filter(|(_, (one, other))| alike(one, other)).collect();
        let (number, all) = (count(found.len()), count(self.lots.len()));
        if number < least || share(number, all) < limits.pair_share {
            return None;
        }
        let mut reasons = vec![SignalReason::of(SignalFact::LotsBothSealed).number(all)];
        for (lot, (one, other)) in found.into_iter().rev().take(TOLD) {
            reasons.extend([one, other].map(|past| told(*lot, past.organisation, past.sealed)));
        }
        Some((number, finding(kind, self.pair, share(number, all), reasons)))
    }
}

/// Pairs whose bids are a rule's rather than a market's: apart by the same amount, or one just worse than the other who wins.
pub fn lot_after_lot(course: &Course, past: &[Past], limits: &Thresholds) -> Vec<Finding> {
    let mut own: BTreeMap<OrganisationId, BTreeMap<LotId, &Past>> = BTreeMap::new();
    for one in past.iter().filter(|one| one.turns.is_none()) {
        own.entry(one.organisation).or_default().insert(one.lot, one);
    }
    let here: Vec<_> = course.sealed.keys().copied().collect();
    let mut found = Vec::new();
    for pair in pairs(&here, limits) {
        let (Some(ones), Some(others)) = (own.get(&pair.0), own.get(&pair.1)) else { continue };
        let both = ones.iter().filter_map(|(lot, one)| Some((*lot, (*one, *others.get(lot)?))));
        let common = Common { pair, lots: both.collect() };
        let Some((one, other)) = common.lots.get(&course.lot).copied() else { continue };
        found.extend(regular(&common, apart(one, other), one.sealed.price == course.start, limits));
        if is_just_worse(one, other, limits) {
            found.extend(cover(&common, limits));
        }
    }
    found
}

fn apart(one: &Past, other: &Past) -> i64 {
    one.sealed.price.saturating_sub(other.sealed.price).saturating_abs()
}

/// Bids apart by the same amount. Who bid the least there was, both of them, are apart by nothing as anybody would be.
fn regular(common: &Common<'_>, amount: i64, at_the_start: bool, limits: &Thresholds) -> Option<Finding> {
    if amount == 0 && at_the_start {
        return None;
    }
    let is_same = |one: &Past, other: &Past| apart(one, other) == amount;
    let (lots, mut found) = common.signal(SignalKind::RegularBids, limits.regular_lots, limits, is_same)?;
    let said = SignalReason::of(SignalFact::LotsApartByAmount).number(lots).amount(Money::fen(amount));
    found.reasons.insert(0, said);
    Some(found)
}

/// One won and the other bid just worse, whichever of the two it was.
fn cover(common: &Common<'_>, limits: &Thresholds) -> Option<Finding> {
    let is_cover = |one: &Past, other: &Past| is_just_worse(one, other, limits);
    let (lots, mut found) = common.signal(SignalKind::CoverBids, limits.cover_lots, limits, is_cover)?;
    found.reasons.insert(0, SignalReason::of(SignalFact::LotsJustBelow).number(lots));
    Some(found)
}

fn is_just_worse(one: &Past, other: &Past, limits: &Thresholds) -> bool {
    let (winner, loser) = if one.won { (one, other) } else { (other, one) };
    let (best, worse) = (winner.sealed.price, gain(winner.sealed.price, loser.sealed.price, winner.direction));
    winner.won && worse > 0 && i128::from(worse) * i128::from(super::WHOLE) <= i128::from(best) * i128::from(limits.cover_gap)
}

/// Bidders who by rounds always left their first offer as it was, and never won.
pub fn leaves_offers(course: &Course, past: &[Past], limits: &Thresholds) -> Vec<Finding> {
    let found = course.turns.keys().filter_map(|bidder| {
        let by_rounds = past.iter().filter(|one| one.organisation == *bidder && one.turns.is_some());
        let lots: BTreeMap<LotId, &Past> = by_rounds.map(|one| (one.lot, one)).collect();
        let left = lots.values().all(|one| one.turns > Some(0) && one.raises == 0 && !one.won);
        let number = count(lots.len());
        if !left || number < limits.left_lots {
            return None;
        }
        let mut reasons = vec![SignalReason::of(SignalFact::LotsOfferLeft).by(*bidder).number(number)];
        reasons.extend(lots.values().rev().take(TOLD).map(|one| {
            let offer = SignalReason { fact: SignalFact::TurnsLeft, ..told(one.lot, *bidder, one.sealed) };
            offer.number(one.turns.unwrap_or_default())
        }));
        // The more lots, the more it says.
        Some(Finding { kind: SignalKind::LeavesOffers, organisation: *bidder, other: None, score_bp: share(number, number + 1), reasons })
    });
    found.collect()
}
