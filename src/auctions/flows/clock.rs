//! Opening and closing by themselves, once.

use std::collections::BTreeSet;

use entity::auctions::{lot, lot_event};
use uuid::Uuid;

use super::awards::hand_out;
use super::outage::after_outages;
use super::preemption::holders;
use super::rounds::due;
use super::{CLOSE, caught_up, maxima, next_bidder, record, scores, sealed};
use crate::admissions::flows::{Settlement, settle_within};
use crate::auctions::events::LotEvent;
use crate::auctions::rules::close::Award;
use crate::auctions::rules::log::OpenedReserve;
use crate::auctions::rules::proxy::Placed;
use crate::auctions::rules::{clock, close, preemption, proxy, reserve, rounds, sealed as rules};
use crate::auctions::store;
use crate::house::Tx;
use crate::planted::{self, Fault};
use crate::platform::problem::{Code, Problem};

/// Bidding opens.
pub async fn on_open(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), subject.into()).await?.ok_or(Code::NotFound)?;
    Box::pin(caught_up(tx, held)).await
}

/// Looks whether a lot has run out; closes it, or sees to the next look.
pub async fn on_close(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), subject.into()).await?.ok_or(Code::NotFound)?;
    let held = after_outages(tx, held).await?;
    let (events, lot) = due(tx, &held).await?;
    let moved = !events.is_empty();
    if moved {
        record(tx, &held, events, &lot).await?;
    }
    // Also after it has moved: its timed phase may end as it begins, where the longest duration is reached.
    if clock::is_over(&lot, tx.now) || planted::is(Fault::ClosedByAnOldTimer) {
        return Box::pin(end(tx, &lot)).await;
    }
    match clock::next_look(&lot) {
        Some(at) if !moved => {
            tx.arm(CLOSE, lot.id, at);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// A lot that is over, with all that was hidden of it opened.
struct Over {
    /// The lot.
    lot: lot::Model,
    /// What the opening adds to its log, if that was still to be done.
    events: Vec<lot_event::Model>,
    secret: Option<OpenedReserve>,
    bids: Vec<lot_event::Model>,
    placed: Vec<Placed>,
}

/// One transaction: what is hidden is opened, once. Then those who are equal bid once more, or the next holders of a right of
/// pre-emption are asked whether they take the lot at the price this found, where some are left to be asked, or several who take it
/// bid once more; or it is closed.
async fn end(tx: &Tx, held: &lot::Model) -> Result<(), Problem> {
    // Whoever records the last scores ends it.
    if scores::are_missing(tx.conn(), held).await? {
        return Ok(());
    }
    let secret = open_reserve(tx, held)?;
    let bids = store::all_bids(tx.conn(), held.id).await?;
    let placed = maxima::placed(tx, held, &bids)?;
    let (mut events, mut ready) = sealed::opened(tx, held, secret.as_ref()).await?;
    if let Some((event, lot)) = rules::tie_round(&ready, close::floor(&ready.terms, secret.as_ref()), tx.now) {
        events.push(event);
        return record(tx, held, events, &lot).await;
    }
    if let Some((event, lot)) = preemption::round(&ready, tx.now) {
        events.push(event);
        return record(tx, held, events, &lot).await;
    }
    if let Some((event, lot)) = proxy::opened(&ready, &placed, secret.as_ref(), tx.now) {
        events.push(event);
        ready = lot;
    }
    if let Some((event, lot)) = preemption::ask(&ready, secret.as_ref(), &holders(tx, &ready).await?, tx.now) {
        events.push(event);
        return record(tx, held, events, &lot).await;
    }
    Box::pin(close_lot(tx, held, Over { lot: ready, events, secret, bids, placed })).await
}

/// In the same transaction: the last event, what becomes of every deposit, the awards, their deals.
async fn close_lot(tx: &Tx, held: &lot::Model, over: Over) -> Result<(), Problem> {
    let Over { lot: ready, mut events, secret, bids, placed } = over;
    let closing = close::close_among(&ready, &sealed::admissions_by_name(tx, ready.id).await?, secret, tx.now)?;
    let lot = lot::Model { hidden_sealed: None, ..closing.lot };
    let last = closing.event.clone();
    events.push(closing.event);
    record(tx, held, events, &lot).await?;
    // Deposits first: each deal is handed its buyer's hold.
    let settled = settle_within(tx, lot.id, &settlement(tx, &lot, &closing.awards, &bids, &placed, &last).await?).await?;
    let deals = match closing.awards.as_slice() {
        [] => Vec::new(),
        awards => hand_out(tx, &lot, bidders(tx, &lot, &bids).await?, awards, 1, &settled).await?,
    };
    tx.publish(&LotEvent::closed(&lot, deals))
}

/// What becomes of deposits: a winner's stays for his deal, and that of whoever may be asked should the winner default waits. Of
/// several units nobody is asked: one that its buyer does not take is not sold.
async fn settlement(
    tx: &Tx,
    lot: &lot::Model,
    awards: &[Award],
    bids: &[lot_event::Model],
    placed: &[Placed],
    last: &lot_event::Model,
) -> Result<Settlement, Problem> {
    let winners: Vec<_> = awards.iter().map(|award| award.admission).collect();
    let next = match winners.as_slice() {
        [winner] => next_bidder::next(tx, lot, *winner, bids, placed, last).await?,
        _ => None,
    };
    Ok(Settlement { winners, keep_runner_up: next.map(|(id, _)| id) })
}

/// How many bid for a lot, among them holders who bid once more when they took it. `bids` are what the log tells of them; nothing where
/// bids were sealed, or turns ended.
pub(super) async fn bidders(tx: &Tx, lot: &lot::Model, bids: &[lot_event::Model]) -> Result<usize, Problem> {
    let mut different: BTreeSet<_> = if lot.terms.format.is_sealed() {
        sealed::ranking(tx, lot.id).await?.into_iter().map(|(id, _)| id).collect()
    } else if let Some(book) = rounds::book(lot) {
        let ids = sealed::admissions_by_name(tx, lot.id).await?;
        book.offers.iter().filter_map(|offer| ids.get(&offer.bidder).copied()).collect()
    } else {
        bids.iter().filter_map(|bid| bid.admission_id).collect()
    };
    if lot.asking.is_some() {
        different.extend(sealed::once_more(tx, lot.id).await?);
    }
    Ok(different.len())
}

fn open_reserve(tx: &Tx, lot: &lot::Model) -> Result<Option<OpenedReserve>, Problem> {
    let Some(sealed) = &lot.reserve_sealed else { return Ok(None) };
    let plain = tx.house.keys.open(lot.listing_id.0.as_bytes(), sealed).map_err(|error| {
        tracing::error!(%error, lot = %lot.id, "the secret reserve cannot be opened; the lot stays open until it can");
        Problem::from(Code::Internal)
    })?;
    reserve::unpack(&plain, lot.currency).map(Some).ok_or_else(|| Code::Internal.into())
}
