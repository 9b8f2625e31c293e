//! The right of pre-emption (优先购买权): what its holders may do that others may not, how a lot stands while they are asked
//! (`standing`), and the round of sealed bids among several who take it (`several`).

mod several;
mod standing;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{Asking, Format, LotState, Preemption, PreemptionHolder, lot, lot_event};
use entity::money::Money;

use super::close::price_found;
use super::log::{Body, Cause, OpenedReserve, append};
use super::pause::{moment, wrong_state};
use super::precedence::Claim;
use crate::platform::problem::{Code, Problem};
use several::are_asked_at_once;
pub use several::{ROUND, price_asked, round, round_of, round_since};
use standing::asked_now;
pub use standing::{answered, asks, seals, suspended};

/// The rank a bid bears in the log: a holder's, where it decides who leads.
pub fn borne(lot: &lot::Model, rank: Option<i32>) -> Option<i32> {
    rank.filter(|_| matches!(lot.terms.preemption, Some(Preemption::Parity {})))
}

/// Whether a bid at the very price that stands takes the lead: a holder's, unless the leader holds a right of the same
/// or a better rank (SPC-NA art. 21).
pub fn leads_at_par(lot: &lot::Model, price: Money, rank: Option<i32>) -> bool {
    let stands = lot.price_minor.filter(|stands| price == Money { minor: *stands, currency: lot.currency });
    stands.is_some_and(|stands| {
        let claim =
            |rank: Option<i32>, order| Claim { place: rank.and_then(|rank| usize::try_from(rank).ok()), ..Claim::at(stands, order) };
        claim(rank, 1).is_before(&claim(lot.leader_priority, 0), lot.terms.direction)
    })
}

/// Whether a format finds one price for one thing, which a holder can be asked about. Of weighted bids the price is not all that
/// counts, so that whoever takes the lot at it may offer less than was bid; several units have several buyers, and no rule says which
/// of them would yield.
pub fn finds_one_price(format: &Format) -> bool {
    match format {
        Format::English {}
        | Format::Dutch { .. }
        | Format::FirstPrice { .. }
        | Format::Vickrey {}
        | Format::OneShot { .. }
        | Format::Rounds { .. } => true,
        Format::Weighted { .. } | Format::UniformPrice { .. } | Format::PayAsBid { .. } => false,
    }
}

/// Asks the next holder whether he takes the lot at what would be paid for it, or all of the next rank at once, where such is
/// announced, bidding has ended with a price that has effect, and somebody is left to be asked. Whoever let his time pass does not
/// take it. What was hidden of the bids is opened before: with it the price is found, and who leads.
///
/// `secret` is the opened reserve where it was secret: what is paid may be that. `admitted` are the holders who may bid, those of one
/// rank in the order in which they are named; who was suspended since, the log says.
pub fn ask(
    lot: &lot::Model,
    secret: Option<&OpenedReserve>,
    admitted: &[PreemptionHolder],
    now: Timestamp,
) -> Option<(lot_event::Model, lot::Model)> {
    let announced = lot.terms.preemption.as_ref().filter(|_| finds_one_price(&lot.terms.format));
    let answer = TimeDelta::seconds(announced.and_then(Preemption::answer_seconds)?);
    let price = price_found(lot, secret)?;
    let holders = match &lot.asking {
        None => in_turn(lot, admitted),
        Some(asking) => left(asking, are_asked_at_once(lot)),
    };
    if holders.is_empty() {
        return None;
    }
    let body = Body::PreemptionAsked { holders, price, answers_by: now + answer };
    Some(append(lot, now, &body, Cause::default()))
}

/// Those who are asked, by rank: everybody but the highest bidder, and where he is a holder himself, those before him.
fn in_turn(lot: &lot::Model, admitted: &[PreemptionHolder]) -> Vec<PreemptionHolder> {
    let leads = |holder: &&PreemptionHolder| lot.leader_pseudonym.as_ref() == Some(&holder.bidder);
    let leading = admitted.iter().find(leads).map(|holder| holder.rank);
    let comes = |holder: &&PreemptionHolder| !leads(holder) && leading.is_none_or(|rank| holder.rank < rank);
    let mut holders: Vec<_> = admitted.iter().filter(comes).cloned().collect();
    holders.sort_by_key(|holder| holder.rank);
    holders
}

/// Those who are left to be asked after those who were: none of the next of them is suspended now. Who stands behind them may be
/// reinstated before his turn.
fn left(asking: &Asking, at_once: bool) -> Vec<PreemptionHolder> {
    let is_suspended = |holder: &PreemptionHolder| asking.suspended.contains(&holder.bidder);
    let asked = asked_now(asking, at_once).len();
    let mut behind = asking.holders.iter().skip(asked).skip_while(|holder| is_suspended(holder)).peekable();
    let next = behind.peek().filter(|_| at_once).map(|holder| holder.rank);
    behind.filter(|holder| Some(holder.rank) != next || !is_suspended(holder)).cloned().collect()
}

/// Who are asked now and have not answered.
pub fn asked(lot: &lot::Model) -> impl Iterator<Item = &PreemptionHolder> {
    let runs = |asking: &&Asking| lot.state == LotState::PreemptionAsk && !asking.answered && asking.round.is_none();
    let (asking, at_once) = (lot.asking.as_ref().filter(runs), are_asked_at_once(lot));
    let are_silent = |asking: &Asking, holder: &PreemptionHolder| asking.answers.iter().all(|answer| answer.bidder != holder.bidder);
    asking.into_iter().flat_map(move |asking| asked_now(asking, at_once).iter().filter(move |holder| are_silent(asking, holder)))
}

/// Whether a bidder may answer now.
pub fn may_answer(lot: &lot::Model, bidder: &str, arrival: Timestamp) -> Result<(), Problem> {
    if asked(lot).all(|holder| holder.bidder != bidder) {
        return Err(wrong_state(lot));
    }
    if arrival >= lot.closes_at {
        return Err(Code::Closed.with("closes_at", lot.closes_at).with("arrived_at", arrival));
    }
    Ok(())
}

/// A holder who is asked takes the lot, or does not. It counts after what those said who were asked with him and answered before.
pub fn answer(
    lot: &lot::Model,
    bidder: &str,
    suspended: bool,
    takes: bool,
    arrival: Timestamp,
    cause: Cause,
) -> Result<(lot_event::Model, lot::Model), Problem> {
    may_answer(lot, bidder, arrival)?;
    if suspended && takes {
        return Err(Code::BidderSuspended.into());
    }
    let since = lot.asking.as_ref().map_or(arrival, |asking| asking.answers.last().map_or(asking.asked_at, |last| last.at));
    Ok(append(lot, moment(lot, arrival).max(since), &Body::PreemptionAnswered { bidder: bidder.to_owned(), takes }, cause))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod formats;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod same_rank;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
