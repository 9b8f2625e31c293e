//! From when on something is a signal, and how much it weighs.

use chrono::{NaiveDate, TimeDelta};

use crate::rulebook::rules::{Rulebook, RulebookError, Span};

/// The thresholds and weights on a day. Shares are in ten-thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Score of an account two deposits came from.
    pub payer: i64,
    /// Score of a person in two bidders.
    pub contact: i64,
    /// Score of a network of two bidders.
    pub address: i64,
    /// A network that more bidders of the lot share says nothing.
    pub crowd: usize,
    /// Bids in turn at the least raise.
    pub alternating: i64,
    /// The largest share of larger raises.
    pub larger: i64,
    /// Lots bid in without a win.
    pub never_wins: i64,
    /// Rivals that fell silent or withdrew.
    pub rivals: usize,
    /// How soon after the bid before an answer is quick.
    pub quick: TimeDelta,
    /// Lots of a seller from which a bidder has a shill score.
    pub shill_lots: i64,
    /// The shill score that is a signal.
    pub shill_score: i64,
    /// What the score is made of.
    pub weights: Weights,
    /// Score of a device of two bidders.
    pub device: i64,
    /// Bids in turn at the least raise, where bids are by rounds and everybody has one turn in each.
    pub alternating_turns: i64,
    /// Score of one amount that two sealed.
    pub equal: i64,
    /// A whole multiple of this is a round amount, in minor units.
    pub equal_grain: i64,
    /// Lots in which the bids of two are apart by the same amount.
    pub regular_lots: i64,
    /// Lots in which one of two won and the other bid just worse: below, in a descending lot above.
    pub cover_lots: i64,
    /// How much worse than the winner's bid is just worse.
    pub cover_gap: i64,
    /// The least share that such lots are of all in which both sealed bids.
    pub pair_share: i64,
    /// How soon after each other two bids are sealed together.
    pub together: TimeDelta,
    /// Score of two bids that are.
    pub together_score: i64,
    /// Lots by rounds in which a bidder always left its offer.
    pub left_lots: i64,
    /// How far a bid lies beyond the next one, as a share of that, where nobody could follow it.
    pub reach: i64,
}

/// How much each habit weighs in the shill score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights {
    /// Bidding in a large share of the seller's lots.
    pub lots: i64,
    /// Bidding often.
    pub bids: i64,
    /// Losing.
    pub losses: i64,
    /// Answering at once.
    pub quick: i64,
    /// Raising by the least.
    pub small: i64,
    /// Bidding early.
    pub early: i64,
}

impl Thresholds {
    /// As the rulebook has them.
    pub fn of(rulebook: &Rulebook, on: NaiveDate) -> Result<Self, RulebookError> {
        let share = |name: &str| rulebook.basis_points(name, None, on).map(i64::from);
        let count = |name: &str| rulebook.count(name, None, on).map(i64::from);
        let people = |name: &str| rulebook.count(name, None, on).map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let span = |name: &str| rulebook.span(name, None, on).map(|span| Span::elapsed(span).unwrap_or(TimeDelta::MAX));
        Ok(Self {
            payer: share("integrity_shared_payer_score")?,
            contact: share("integrity_shared_contact_score")?,
            address: share("integrity_shared_address_score")?,
            crowd: people("integrity_address_crowd")?,
            alternating: count("integrity_alternating_bids")?,
            larger: share("integrity_alternating_larger")?,
            never_wins: count("integrity_never_wins_lots")?,
            rivals: people("integrity_withdrawn_rivals")?,
            quick: span("integrity_quick_bid")?,
            shill_lots: count("integrity_shill_lots")?,
            shill_score: share("integrity_shill_score")?,
            weights: Weights {
                lots: count("integrity_shill_lots_weight")?,
                bids: count("integrity_shill_bids_weight")?,
                losses: count("integrity_shill_losses_weight")?,
                quick: count("integrity_shill_quick_weight")?,
                small: count("integrity_shill_small_weight")?,
                early: count("integrity_shill_early_weight")?,
            },
            device: share("integrity_shared_device_score")?,
            alternating_turns: count("integrity_alternating_turns")?,
            equal: share("integrity_equal_bids_score")?,
            equal_grain: rulebook.money("integrity_equal_bids_grain", None, on)?.0,
            regular_lots: count("integrity_regular_bids_lots")?,
            cover_lots: count("integrity_cover_bids_lots")?,
            cover_gap: share("integrity_cover_bids_gap")?,
            pair_share: share("integrity_pair_share")?,
            together: span("integrity_sealed_together")?,
            together_score: share("integrity_sealed_together_score")?,
            left_lots: count("integrity_left_offers_lots")?,
            reach: share("integrity_out_of_reach")?,
        })
    }
}
