//! Lots by the thousand.
//!
//! A lot comes by the flows that announce it, close its registration and open it, under the terms and facts of one that was
//! listed over the API; its admissions are written as rows, without deposits, so no money is in the books for them.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::auctions::{ClosingMode, LotTerms, lot};
use entity::ids::{AdmissionId, LotId};
use entity::money::Money;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Failure;
use super::load::STEP;
use super::people::Person;
use crate::admissions;
use crate::auctions::flows::{NewLot, registered_within, schedule_within};
use crate::auctions::rules::{Attempt, judge};
use crate::auctions::store;
use crate::house::{House, Tx};
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// How many admissions are written in one transaction at least.
const AT_ONCE: usize = 1_000;

/// How many lots are opened in one transaction: it holds the listing, which the market looks at for each.
const LOTS_AT_ONCE: usize = 100;

/// A lot that is bid for.
#[derive(Clone)]
pub struct Lot {
    /// Which.
    pub id: LotId,
    /// The last price that was sent, fen.
    pub price: Arc<AtomicI64>,
}

/// Who is admitted to each of several lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// Everybody.
    All,
    /// One bidder, the next for the next lot.
    InTurn,
}

/// When lots end that are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// In days, as the listed one does.
    InDays,
    /// After so many seconds whatever is bid, the one after the other evenly within one more.
    After(i64),
}

/// Opens so many lots like one that was listed.
pub async fn open(
    house: &House,
    like: LotId,
    people: &Arc<Vec<Person>>,
    count: usize,
    admitted: Admitted,
    ends: Ends,
) -> Result<Vec<Lot>, Failure> {
    let by = Context::system("bench_lots", "bench".into());
    let template = store::lot(house.db.read(), like).await?.ok_or("the listed lot is gone")?;
    let call = admissions::store::call(house.db.read(), like).await?.ok_or("the listed lot has no call")?;
    let start = template.terms.start_price.minor;
    let apart = match ends {
        Ends::InDays => TimeDelta::zero(),
        Ends::After(_) => TimeDelta::microseconds(1_000_000 / i64::try_from(count.max(1))?),
    };
    let source = Arc::new((lot::Model { terms: terms(&template.terms, ends), ..template }, call));
    let mut lots = Vec::new();
    while lots.len() < count {
        let each = if admitted == Admitted::All { people.len() } else { 1 };
        let some = (AT_ONCE / each.max(1)).clamp(1, LOTS_AT_ONCE.min(count - lots.len()));
        let input = (source.clone(), people.clone(), lots.len()..lots.len() + some);
        let done = house.write(&by, input, move |tx, (source, people, numbers)| async move {
            let mut ids = Vec::new();
            for (place, number) in (0..).zip(numbers) {
                let one = people.iter().skip(number % people.len().max(1)).take(1).copied().collect::<Vec<_>>();
                let bidders = if admitted == Admitted::All { people.as_slice() } else { one.as_slice() };
                ids.push(Box::pin(open_within(&tx, &source.0, &source.1, tx.now + apart * place, bidders)).await?);
            }
            Ok::<Vec<LotId>, Problem>(ids)
        });
        lots.extend(done.await?.value.into_iter().map(|id| Lot { id, price: Arc::new(AtomicI64::new(start)) }));
    }
    Ok(lots)
}

/// Any higher price will do, and who leads may raise: bidders who know nothing of each other bid as fast as they can.
fn terms(like: &LotTerms, ends: Ends) -> LotTerms {
    let free = LotTerms { allow_self_raise: true, enforce_step: false, multiples_only: false, ..like.clone() };
    match ends {
        Ends::InDays => free,
        Ends::After(seconds) => LotTerms { closing_mode: ClosingMode::HardClose, free_period_seconds: seconds, ..free },
    }
}

async fn open_within(
    tx: &Tx,
    like: &lot::Model,
    call: &admission_call::Model,
    opens_at: Timestamp,
    bidders: &[Person],
) -> Result<LotId, Problem> {
    let new = NewLot {
        id: tx.id(),
        listing_id: like.listing_id,
        seller_organisation_id: like.seller_organisation_id,
        title: like.title.clone(),
        rehearsal: like.rehearsal,
        terms: LotTerms { opens_at, ..like.terms.clone() },
        reserve_sealed: like.reserve_sealed.clone(),
        barred_persons: read(&like.barred_persons)?,
        rules: read(&like.rules)?,
        facts: read(&like.facts)?,
    };
    let lot = schedule_within(tx, new).await?;
    let call = admission_call::Model { lot_id: lot.id, opens_at: tx.now, closes_at: tx.now, closed_at: Some(tx.now), ..call.clone() };
    db::insert(tx.conn(), call).await?;
    let rows = bidders.iter().enumerate().map(|(number, bidder)| {
        let id: AdmissionId = tx.id();
        admission::Model {
            id,
            lot_id: lot.id,
            organisation_id: bidder.organisation,
            state: AdmissionState::Admitted,
            reason: None,
            deposit_reference: format!("BENCH{}", id.0.simple()),
            pseudonym: Some(format!("竞买人 {}", number + 1)),
            suspended: false,
            documents: Value::Array(Vec::new()),
            party_confidential: false,
            hold_transfer_id: None,
            applied_by: bidder.id,
            decided_by: None,
            version: 1,
            created_at: tx.now,
            preemption_rank: None,
            offered_minor: None,
            offered_until: None,
            carried_over_at: None,
        }
    });
    let rows: Vec<_> = rows.collect();
    let admitted = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    db::insert_all(tx.conn(), rows).await?;
    registered_within(tx, lot.id, admitted).await?;
    Ok(lot.id)
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, Problem> {
    serde_json::from_value(value.clone()).map_err(|_| Code::Internal.into())
}

/// Stores a bid in each of several lots, in one transaction.
pub async fn bid_on_each(house: &House, lots: &[Lot]) -> Result<(), Failure> {
    let by = Context::system("bench_bids", "bench".into());
    let ids: Vec<_> = lots.iter().map(|lot| lot.id).collect();
    let done = house.write(&by, ids, |tx, ids| async move {
        for id in ids {
            Box::pin(bid_within(&tx, id)).await?;
        }
        Ok::<(), Problem>(())
    });
    done.await?;
    Ok(())
}

/// Stores a bid by the first who is admitted.
async fn bid_within(tx: &Tx, id: LotId) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let admitted = admissions::store::all(tx.conn(), id).await?;
    let bidder = admitted.first().ok_or(Code::Internal)?;
    let attempt = Attempt {
        admission: bidder.id,
        pseudonym: bidder.pseudonym.clone().unwrap_or_default(),
        suspended: false,
        price: Money { minor: held.price_minor.unwrap_or(held.terms.start_price.minor) + STEP, currency: held.currency },
        arrival: tx.now,
        person: bidder.applied_by,
        request_id: tx.by.request_id.clone(),
        seed: tx.house.world.random(),
        priority: None,
    };
    let judgement = judge(&held, &[attempt]);
    for outcome in judgement.outcomes {
        outcome?;
    }
    store::record(tx.conn(), judgement.events, &[(&held, &judgement.lot)])?.write(tx.conn()).await?;
    tx.changed("lot", id, Some(&held), Some(&judgement.lot));
    Ok(())
}
