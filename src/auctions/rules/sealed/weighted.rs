//! Weighted quotes (权重报价): announced indicators, the price among them, make a total; the highest wins at its own price.
//!
//! The score of a price is 100 times the price over the highest bid with effect. Everything is an exact fraction until the
//! total, which is rounded once, half up, to four decimals.

use entity::Timestamp;
use entity::auctions::{Format, lot, lot_event};
use entity::money::Money;
use entity::scores::{Criterion, GivenScore, Total};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::opening::{Opened, round};
use super::ranking::OpenedBid;
use super::scores::{PARTS, Scores, worth};
use crate::auctions::rules::close;
use crate::auctions::rules::log::{Body, Cause, OpenedReserve, append};
use crate::auctions::rules::precedence::Claim;

/// The weights of all indicators together, ten-thousandths.
const WHOLE: u64 = 10_000;
/// The most indicators there are beside the price.
pub const MOST_CRITERIA: usize = 10;

/// What the order of weighted bids follows from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Weighing {
    /// The secret reserve, opened: a bid below it has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<OpenedReserve>,
    /// The highest bid with effect, over which prices are scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest: Option<Money>,
    /// What each bid came to, in the order of the bids.
    pub totals: Vec<Weighed>,
}

/// What a bid came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Weighed {
    /// The bidder's pseudonym.
    pub bidder: String,
    /// What the bidder was given for the indicators beside the price.
    pub scores: Vec<GivenScore>,
    /// The score of the price, to be read: the total follows from the exact one. Absent where the bid has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^[0-9]{1,3}(\.[0-9]{1,4})?$", example = "86.0000")]
    pub price_score: Option<Total>,
    /// The total. Absent where the bid has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^[0-9]{1,3}(\.[0-9]{1,4})?$", example = "86.0000")]
    pub total: Option<Total>,
}

/// Whether a format's numbers are such that reckoning with them cannot fail.
pub fn can_be_reckoned(format: &Format) -> bool {
    let Format::Weighted { price_weight_bp, criteria } = format else { return true };
    criteria.len() <= MOST_CRITERIA && weigh_the_whole(*price_weight_bp, criteria)
}

/// Whether all weights are something, and make the whole.
pub fn weigh_the_whole(price_weight_bp: u32, criteria: &[Criterion]) -> bool {
    let mut weights = criteria.iter().map(|criterion| criterion.weight_bp).chain([price_weight_bp]);
    weights.all(|weight| weight > 0)
        && criteria.iter().map(|one| u64::from(one.weight_bp)).sum::<u64>() + u64::from(price_weight_bp) == WHOLE
}

/// The total of a bid. A weight in ten-thousandths times a score in points is a number of ten-thousandths of a point.
pub fn total(price_weight_bp: u32, criteria: &[Criterion], scores: &[GivenScore], price: i64, highest: i64) -> Total {
    let highest = i128::from(highest.max(1));
    let beside: i128 =
        criteria.iter().zip(scores).map(|(criterion, given)| i128::from(criterion.weight_bp) * worth(criterion, given)).sum();
    let priced = i128::from(price_weight_bp) * 100 * i128::from(price);
    // Prices over the highest, scores in parts of hundredths: brought to one denominator.
    let parts = 100 * PARTS;
    half_up(priced * parts + beside * highest, highest * parts)
}

/// The score of a price, as it is read.
fn price_score(price: i64, highest: i64) -> Total {
    half_up(i128::from(price) * 1_000_000, i128::from(highest.max(1)))
}

/// A fraction as a whole number; half of one counts as one.
fn half_up(numerator: i128, denominator: i128) -> Total {
    let rounded = (2 * numerator + denominator).div_euclid(2 * denominator);
    Total(i64::try_from(rounded).unwrap_or(i64::MAX))
}

/// Opens the weighted bids of a lot, one for each bidder, in whatever order: the highest total first, of equal totals the higher
/// bid, of equal bids the earlier; those below the reserve after all others.
pub fn open(
    lot: &lot::Model,
    bids: Vec<Opened>,
    scores: &Scores,
    secret: Option<&OpenedReserve>,
    now: Timestamp,
) -> (lot_event::Model, lot::Model) {
    let floor = close::floor(&lot.terms, secret).max(lot.terms.start_price.minor);
    let effective = bids.iter().map(|opened| opened.bid.price).filter(|price| price.minor >= floor);
    let highest = effective.max_by_key(|price| price.minor);
    let mut weighed: Vec<(Opened, Weighed)> = Vec::new();
    for opened in bids {
        let over = highest.filter(|_| opened.bid.price.minor >= floor);
        let made = weigh(&lot.terms.format, &opened.bid, scores, over);
        weighed.push((opened, made));
    }
    let claim = |(opened, made): &(Opened, Weighed)| Claim { total: made.total, ..opened.bid.claim(&[]) };
    weighed.sort_by(|one, other| claim(one).stands_to(&claim(other), lot.terms.direction));
    let leader = weighed.first().map(|(best, _)| best.admission);
    let (bids, totals) = weighed.into_iter().map(|(opened, made)| (opened.bid, made)).unzip();
    let weighing = Some(Weighing { reserve: secret.cloned(), highest, totals });
    append(lot, now, &Body::BidsOpened { round: round(lot), bids, weighing }, Cause { admission: leader, ..Cause::default() })
}

/// What a bid comes to, where `over` is the highest with effect; nothing over which means that it has none.
fn weigh(format: &Format, bid: &OpenedBid, scores: &Scores, over: Option<Money>) -> Weighed {
    let given = scores.get(&bid.bidder).cloned().unwrap_or_default();
    let total = match (format, over) {
        (Format::Weighted { price_weight_bp, criteria }, Some(highest)) => {
            Some(total(*price_weight_bp, criteria, &given, bid.price.minor, highest.minor))
        }
        _ => None,
    };
    let price_score = over.map(|highest| price_score(bid.price.minor, highest.minor));
    Weighed { bidder: bid.bidder.clone(), scores: given, price_score, total }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests;
