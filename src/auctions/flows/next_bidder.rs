//! The winner did not sign: where it was announced, the lot is offered to the runner-up (递补).

use entity::admissions::admission;
use entity::auctions::{lot, lot_event};
use entity::deals::DealState;
use entity::ids::{AdmissionId, LotId};
use entity::money::Money;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::awards::hand_out;
use super::bid::admitted;
use super::clock::bidders;
use super::rounds::next_best;
use super::{maxima, sealed};
use crate::admissions::flows::{Settlement, Standing, offer_within, settle_within};
use crate::admissions::rules::{answered, ran_out, waits};
use crate::admissions::store as admissions;
use crate::auctions::events::LotEvent;
use crate::auctions::http::AnswerNextBidderOffer;
use crate::auctions::rules::close::Award;
use crate::auctions::rules::proxy::Placed;
use crate::auctions::rules::{next_bidder, rounds};
use crate::auctions::store;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Snapshot, deadline};

/// Timer: the runner-up's time to answer is over.
pub const OFFER_END: &str = "auctions.offer_end";

/// What an event of a deal that fell through says.
#[derive(Deserialize)]
struct Fallen {
    lot_id: LotId,
    state: DealState,
}

/// A deal has fallen through. Offers the lot to the runner-up where the buyer is at fault and it was announced; tells
/// whether that was done.
pub async fn offer_to_next(tx: &Tx, body: &Value) -> Result<bool, Problem> {
    let news = Fallen::deserialize(body).map_err(|error| {
        tracing::error!(%error, "an event of a deal cannot be read");
        Problem::from(Code::Internal)
    })?;
    if news.state != DealState::DefaultBuyer {
        return Ok(false);
    }
    // It has ended, so its row and its log change no more.
    let lot = store::lot(tx.conn(), news.lot_id).await?.ok_or(Code::Internal)?;
    if !lot.terms.next_bidder_rule {
        return Ok(false);
    }
    // Asked once: nobody follows a runner-up.
    let awards = store::awards(tx.conn(), lot.id).await?;
    let [award] = awards.as_slice() else { return Ok(false) };
    let Some(last) = store::events_after(tx.conn(), lot.id, lot.seq - 1, 1).await?.pop() else { return Ok(false) };
    let bids = store::all_bids(tx.conn(), lot.id).await?;
    let placed = maxima::placed(tx, &lot, &bids)?;
    let next = next(tx, &lot, award.admission_id, &bids, &placed, &last).await?;
    let Some((runner_up, price)) = next else { return Ok(false) };
    let rules = Snapshot::deserialize(&*lot.rules).map_err(|_| Problem::from(Code::Internal))?;
    let span = rules.span("next_bidder_accept").map_err(|error| Code::Internal.with("reason", error.to_string()))?;
    let until = deadline(tx.now, span, &tx.house.rulebook.current().calendar).ends_at;
    let offered = offer_within(tx, lot.id, runner_up, price, until).await?;
    if offered {
        tx.arm(OFFER_END, lot.id, until);
    }
    Ok(offered)
}

/// Whom a lot is offered to at what price, should its winner default. `placed` are the maxima among its bids, and `last` is
/// the last event of its log.
pub(super) async fn next(
    tx: &Tx,
    lot: &lot::Model,
    winner: AdmissionId,
    bids: &[lot_event::Model],
    placed: &[Placed],
    last: &lot_event::Model,
) -> Result<Option<(AdmissionId, Money)>, Problem> {
    let opened = match rounds::book(lot) {
        Some(book) => next_best(tx, lot, book).await?.into_iter().collect(),
        None if lot.terms.format.is_sealed() => sealed::ranking(tx, lot.id).await?,
        None => Vec::new(),
    };
    Ok(next_bidder::next(lot, winner, bids, placed, &opened, last))
}

/// The runner-up takes the lot at his own last bid, or his maximum, or does not; that he will not he may say before he is asked.
pub async fn answer_next_bidder_offer(
    house: &House,
    by: &Context,
    permit: Permit<AnswerNextBidderOffer>,
    lot: LotId,
    takes: bool,
) -> Result<Done<Standing>, Problem> {
    house.write(by, (permit, lot, takes), |tx, (permit, lot, takes)| async move { answer_within(&tx, &permit, lot, takes).await }).await
}

async fn answer_within(tx: &Tx, permit: &Permit<AnswerNextBidderOffer>, id: LotId, takes: bool) -> Result<Standing, Problem> {
    let lot = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&lot)?;
    let bidder = admitted(tx, &lot).await?;
    let admission = admissions::admission(tx.conn(), bidder.id).await?.ok_or(Code::Internal)?;
    if !takes && waits(&admission, &lot) {
        // The winner may still sign, and whoever is not admitted any more is not asked.
        settle_within(tx, id, &Settlement::default()).await?;
        return standing(tx, &admission).await;
    }
    let price = Money { minor: answered(&admission, tx.now)?, currency: lot.currency };
    if takes {
        // The deposit first: the deal is handed its hold.
        let settled = settle_within(tx, id, &Settlement { winners: vec![admission.id], keep_runner_up: None }).await?;
        let bids = store::all_bids(tx.conn(), id).await?;
        let count = bidders(tx, &lot, &bids).await?;
        let bidder = admission.pseudonym.clone().unwrap_or_default();
        hand_out(tx, &lot, count, &[Award { admission: admission.id, bidder, units: 1, price }], 2, &settled).await?;
    } else {
        let_go(tx, &lot).await?;
    }
    standing(tx, &admission).await
}

/// An admission as it stands after the answer.
async fn standing(tx: &Tx, of: &admission::Model) -> Result<Standing, Problem> {
    let row = admissions::admission(tx.conn(), of.id).await?.ok_or(Code::Internal)?;
    let call = admissions::call(tx.conn(), of.lot_id).await?.ok_or(Code::Internal)?;
    Ok(Standing::of(row, &call))
}

/// The timer [`OFFER_END`]: who has not answered by now does not take it.
pub async fn on_offer_end(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let lot = store::hold(tx.conn(), subject.into()).await?.ok_or(Code::NotFound)?;
    let late = admissions::all(tx.conn(), lot.id).await?.iter().any(|held| ran_out(held, tx.now));
    if late { let_go(tx, &lot).await } else { Ok(()) }
}

/// The runner-up's deposit goes back, and the offer of the rights has failed after all.
async fn let_go(tx: &Tx, lot: &lot::Model) -> Result<(), Problem> {
    settle_within(tx, lot.id, &Settlement::default()).await?;
    tx.publish(&LotEvent::not_taken(lot))
}
