//! Opening and closing by themselves, once.

use std::collections::BTreeSet;

use entity::auctions::{LotState, award, lot, lot_event};
use entity::ids::{AdmissionId, DealId};
use entity::money::Money;
use uuid::Uuid;

use super::outage::after_outages;
use super::preemption::holders;
use super::rounds::due;
use super::{CLOSE, LotFacts, caught_up, maxima, next_bidder, record, scores, sealed};
use crate::admissions::flows::{Settlement, settle_within};
use crate::auctions::events::LotEvent;
use crate::auctions::rules::log::OpenedReserve;
use crate::auctions::rules::{clock, close, preemption, proxy, reserve, rounds, sealed as rules};
use crate::auctions::store;
use crate::deals::flows::{NewDeal, open_within};
use crate::house::Tx;
use crate::platform::db;
use crate::platform::keys::hex;
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
    if clock::is_over(&lot, tx.now) {
        return end(tx, &lot).await;
    }
    match clock::next_look(&lot) {
        Some(at) if !moved => tx.arm(CLOSE, lot.id, at).await,
        _ => Ok(()),
    }
}

/// Asks the next holder of a right of pre-emption whether he takes the lot, where one is left to be asked; closes it otherwise.
async fn end(tx: &Tx, held: &lot::Model) -> Result<(), Problem> {
    // Whoever records the last scores ends it.
    if scores::are_missing(tx.conn(), held).await? {
        return Ok(());
    }
    let secret = open_reserve(tx, held)?;
    let reached = close::reaches_reserve(held, secret.as_ref());
    match preemption::ask(held, reached, &holders(tx, held).await?, tx.now) {
        Some((event, lot)) => record(tx, held, vec![event], &lot).await,
        None => Box::pin(close_lot(tx, held, secret)).await,
    }
}

/// One transaction: what is hidden is opened, then the last event, the award, the deal, what becomes of every deposit; or the
/// round among equals that comes first.
async fn close_lot(tx: &Tx, held: &lot::Model, secret: Option<OpenedReserve>) -> Result<(), Problem> {
    let bids = store::all_bids(tx.conn(), held.id).await?;
    let placed = maxima::placed(tx, held, &bids)?;
    let (mut events, mut ready) = sealed::opened(tx, held, secret.as_ref()).await?;
    if let Some((event, lot)) = rules::tie_round(&ready, close::floor(&ready.terms, secret.as_ref()), tx.now) {
        events.push(event);
        return record(tx, held, events, &lot).await;
    }
    if let Some((event, lot)) = proxy::opened(&ready, &placed, secret.as_ref(), tx.now) {
        events.push(event);
        ready = lot;
    }
    let closing = close::close_among(&ready, &sealed::admissions_by_name(tx, ready.id).await?, secret, tx.now)?;
    let lot = lot::Model { hidden_sealed: None, ..closing.lot };
    let last = closing.event.clone();
    events.push(closing.event);
    record(tx, held, events, &lot).await?;
    let (deal, settlement) = match closing.awards.first().map(|best| (best.admission, best.price)) {
        None => (None, Settlement { winner: None, keep_runner_up: None }),
        Some((winner, price)) => {
            // Kept waiting is only who may be asked should the winner default.
            let next = next_bidder::next(tx, &lot, winner, &bids, &placed, &last).await?;
            // Deposits first: the deal is handed the winner's hold.
            (Some((winner, price)), Settlement { winner: Some(winner), keep_runner_up: next.map(|(id, _)| id) })
        }
    };
    settle_within(tx, lot.id, settlement).await?;
    let deal_id = match deal {
        None => None,
        Some((winner, price)) => Some(award(tx, &lot, bidders(tx, &lot, &bids).await?, winner, price, 1).await?),
    };
    debug_assert!(matches!(lot.state, LotState::ClosedSold | LotState::ClosedUnsold));
    tx.publish(&LotEvent::closed(&lot, deal_id)).await
}

/// How many bid for a lot. `bids` are what the log tells of them; nothing where bids were sealed, or turns ended.
pub(super) async fn bidders(tx: &Tx, lot: &lot::Model, bids: &[lot_event::Model]) -> Result<usize, Problem> {
    if lot.terms.format.is_sealed() {
        return Ok(sealed::ranking(tx, lot.id).await?.len());
    }
    let different: BTreeSet<_> = bids.iter().filter_map(|bid| bid.admission_id).collect();
    Ok(rounds::book(lot).map_or(different.len(), |book| book.offers.len()))
}

fn open_reserve(tx: &Tx, lot: &lot::Model) -> Result<Option<OpenedReserve>, Problem> {
    let Some(sealed) = &lot.reserve_sealed else { return Ok(None) };
    let plain = tx.house.keys.open(lot.listing_id.0.as_bytes(), sealed).map_err(|error| {
        tracing::error!(%error, lot = %lot.id, "the secret reserve cannot be opened; the lot stays open until it can");
        Problem::from(Code::Internal)
    })?;
    reserve::unpack(&plain, lot.currency).map(Some).ok_or_else(|| Code::Internal.into())
}

/// A lot goes to somebody, in turn 1 to its winner and in turn 2 to the runner-up, and the deal opens.
pub(super) async fn award(
    tx: &Tx,
    lot: &lot::Model,
    bidders: usize,
    winner: AdmissionId,
    price: Money,
    turn: i32,
) -> Result<DealId, Problem> {
    let row = award::Model {
        id: tx.id(),
        lot_id: lot.id,
        unit: 1,
        turn,
        admission_id: winner,
        price_minor: price.minor,
        currency: price.currency,
        created_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("award", row.id, &row).await?;
    let facts: LotFacts = serde_json::from_value(lot.facts.clone()).map_err(|_| Problem::from(Code::Internal))?;
    let admission = crate::admissions::store::admission(tx.conn(), winner).await?.ok_or(Code::Internal)?;
    let deal = open_within(
        tx,
        NewDeal {
            award_id: row.id,
            lot_id: lot.id,
            listing_id: lot.listing_id,
            seller_organisation_id: lot.seller_organisation_id,
            buyer_organisation_id: admission.organisation_id,
            buyer_admission_id: winner,
            price,
            base_price: facts.base_price,
            start_price: facts.start_price,
            mode: facts.mode,
            terms: facts.terms,
            title: lot.title.clone(),
            assets: facts.assets,
            buyer_confidential: admission.party_confidential,
            pseudonym: admission.pseudonym.unwrap_or_default(),
            bid_count: lot.bid_count,
            bidder_count: i64::try_from(bidders).unwrap_or(i64::MAX),
            format: lot.terms.format_code().into(),
            closing_mode: lot.terms.closing_mode.code(),
            opened_at: lot.opens_at,
            closed_at: clock::bidding_end(lot),
            log_hash: hex(&lot.head_hash),
            log_seq: lot.seq,
            deposit: facts.deposit,
            deposit_transfer_id: admission.hold_transfer_id,
            host_required: facts.host_required,
            rehearsal: lot.rehearsal,
            barred_persons: serde_json::from_value(lot.barred_persons.clone()).unwrap_or_default(),
            rules: serde_json::from_value(lot.rules.clone()).map_err(|_| Problem::from(Code::Internal))?,
        },
    )
    .await?;
    Ok(deal.id)
}
