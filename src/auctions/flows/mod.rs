//! What happens to lots.

mod bid;
mod clock;
mod read;
mod schedule;
mod watch;

pub use bid::{Receipt, place_bid};
pub use clock::{on_close, on_open};
pub use read::{Seen, deeds, outcome_of, timeline};
pub use schedule::{LotFacts, NewLot, abort_within, registered_within, schedule_within};
pub use watch::hear_admission;

/// Timer: bidding opens.
pub const OPEN: &str = "auctions.open";
/// Timer: somebody must look whether the lot has run out.
pub const CLOSE: &str = "auctions.close";

use entity::auctions::{LotEventKind, lot, lot_event};

use super::events::LotEvent;
use super::rules::clock::next_look;
use super::store;
use crate::house::Tx;
use crate::platform::problem::Problem;

/// Stores events and the lot after them, tells of an opening, and sees to it that somebody looks again in time.
async fn record(tx: &Tx, events: Vec<lot_event::Model>, lot: &lot::Model) -> Result<(), Problem> {
    let turned = events.iter().any(|e| matches!(e.kind, LotEventKind::Opened | LotEventKind::TimedPhaseStarted));
    let opened = events.iter().any(|e| e.kind == LotEventKind::Opened);
    store::record(tx.conn(), events, lot.clone()).await?;
    tx.lot_changed(lot.id);
    if opened {
        tx.publish(&LotEvent::opened(lot)).await?;
    }
    // A later end is found by the look at the earlier one, so bids need not arm timers.
    if turned && let Some(at) = next_look(lot) {
        tx.arm(CLOSE, lot.id, at).await?;
    }
    Ok(())
}
