//! What happens to lots.

mod abort;
mod awards;
mod bid;
mod bids;
mod buy_now;
mod clock;
mod course;
mod host;
mod kept;
mod known;
mod maxima;
mod next_bidder;
mod outage;
mod preemption;
mod read;
mod receipt_keys;
mod receipt_tree;
mod remembered;
mod rights;
mod rounds;
mod schedule;
mod scores;
mod sealed;
mod session;
mod watch;

pub use abort::{abort, give_up_within};
pub use bid::{Outcome, Receipt, place_bid, place_bid_alone, place_together, told};
pub use bids::{PlacedBid, Waits};
pub use buy_now::buy_lot_now;
pub use clock::{on_close, on_open};
pub use course::course;
pub use host::{cause, extend, extend_within, pause, pause_for_objection, pause_within, resume, resume_within};
pub use next_bidder::{OFFER_END, answer_next_bidder_offer, offer_to_next, on_offer_end};
pub use outage::beat;
pub use preemption::answer_preemption;
pub use read::{Seen, deeds, sales_of, timeline};
pub use receipt_keys::note_receipt_key;
pub use receipt_tree::forget_old_receipt_trees;
pub use remembered::Lots;
pub use rights::{Rights, forget_old_rights_changes};
pub use rounds::{first_offer, place_turn_bid, seal_first_offer};
pub use schedule::{
    LotFacts, NewLot, abort_within, all_announced_in_full_within, announced_in_full_within, postpone_within, registered_within,
    schedule_within,
};
pub use scores::{LotScores, Scored, lot_scores, record_scores};
pub use sealed::{own_sealed_bid, place_sealed_bid};
pub use session::{join_within, open_within, turn_within};
pub use watch::hear_admission;

/// Timer: bidding opens.
pub const OPEN: &str = "auctions.open";
/// Timer: somebody must look whether the lot has run out.
pub const CLOSE: &str = "auctions.close";

use entity::Timestamp;
use entity::auctions::{LotState, lot, lot_event};
use entity::ids::LotId;

use super::events::LotEvent;
use super::rules::clock::{looks, next_look};
use super::rules::effects::{self, Effect};
use super::rules::pause::is_overdue;
use super::rules::rounds::hears;
use super::store;
use crate::house::Tx;
use crate::platform::db::Writes;
use crate::platform::problem::{Code, Problem};

/// Stores events and the lot after them, and carries out what follows from them outside the lot.
///
/// `held` is the lot before them, of a new one its blank.
async fn record(tx: &Tx, held: &lot::Model, events: Vec<lot_event::Model>, lot: &lot::Model) -> Result<(), Problem> {
    tx.changed("lot", lot.id, Some(held), Some(lot));
    let change = [Change { held: held.clone(), events, lot: lot.clone() }];
    written(tx, &change)?.write(tx.conn()).await?;
    follow(tx, &change).await
}

/// What becomes of a held lot.
struct Change {
    held: lot::Model,
    events: Vec<lot_event::Model>,
    lot: lot::Model,
}

/// The same for several lots, where the trail says already who did what: the events of all at once, and each lot once, with what the deed
/// leaves behind.
async fn stored(tx: &Tx, changes: &[Change]) -> Result<(), Problem> {
    tx.write_with_the_rest(written(tx, changes)?);
    follow(tx, changes).await
}

fn written(tx: &Tx, changes: &[Change]) -> Result<Writes, Problem> {
    let events = changes.iter().flat_map(|change| change.events.iter().cloned()).collect();
    let lots: Vec<_> = changes.iter().map(|change| (&change.held, &change.lot)).collect();
    Ok(store::record(tx.conn(), events, &lots)?)
}

async fn follow(tx: &Tx, changes: &[Change]) -> Result<(), Problem> {
    for change in changes {
        carry_out(tx, &effects::of_all(&change.events, &change.held, &change.lot), &change.lot).await?;
    }
    Ok(())
}

/// What follows outside a lot from what happened in it.
async fn carry_out(tx: &Tx, effects: &[Effect], lot: &lot::Model) -> Result<(), Problem> {
    tx.lot_changed(lot.id);
    if effects.contains(&Effect::Reveal) {
        tx.reveal(lot.id).await?;
    }
    for effect in effects {
        if let Effect::Tell(news) = effect {
            tx.publish(&LotEvent::of(*news, lot))?;
        }
    }
    if effects.contains(&Effect::LookAgain) {
        let kind = if lot.state == LotState::Scheduled { OPEN } else { CLOSE };
        looks(lot).for_each(|at| tx.arm(kind, lot.id, at));
    }
    Ok(())
}

/// When what was decided elsewhere is written into the log of a held lot: not before what it follows.
async fn written_at(tx: &Tx, lot: LotId) -> Result<Timestamp, Problem> {
    Ok(store::head_at(tx.conn(), lot).await?.map_or(tx.now, |last| last.max(tx.now)))
}

/// Lets come to pass what is due in a held lot; what waits for its grace is looked at again after it.
async fn caught_up(tx: &Tx, held: lot::Model) -> Result<(), Problem> {
    // What nobody served over an outage may have been meant to begin, and its first turns to be given again.
    let held = outage::after_outages(tx, held).await?;
    let (events, lot) = rounds::due(tx, &held).await?;
    if !events.is_empty() {
        return record(tx, &held, events, &lot).await;
    }
    match next_look(&lot) {
        Some(at) if hears(&lot, tx.now) => {
            tx.arm(OPEN, lot.id, at);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Does to a held lot what a rule says of it at an instant, after what was due before.
async fn ordered(
    tx: &Tx,
    held: &lot::Model,
    rule: impl FnOnce(&lot::Model, Timestamp) -> Result<(lot_event::Model, lot::Model), Problem>,
) -> Result<lot::Model, Problem> {
    // What seems over may have been given more time by an outage that nobody has seen yet.
    let held = Box::pin(outage::after_outages(tx, held.clone())).await?;
    let (mut events, lot) = match rounds::due(tx, &held).await {
        // An offer that cannot be opened keeps the lot from its end, and must not keep the host from pausing it.
        Err(problem) if problem.code == Code::Internal && is_overdue(&held, tx.now) => (Vec::new(), held.clone()),
        found => found?,
    };
    // It cannot come before what is still heard out.
    if hears(&lot, tx.now) && !is_overdue(&lot, tx.now) {
        return Err(Code::Busy.into());
    }
    let (event, next) = rule(&lot, rounds::moment(tx, &lot).await?)?;
    events.push(event);
    Box::pin(record(tx, &held, events, &next)).await?;
    Ok(next)
}
