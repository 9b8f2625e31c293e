//! A lot has closed, or was awarded: what stands out is recorded, and nothing else is done.

use std::collections::BTreeSet;

use entity::auctions::{LotEventKind, LotState, award};
use entity::ids::{AdmissionId, LotId, OrganisationId};
use entity::money::Money;
use serde_json::Value;

use super::look;
use crate::house::Tx;
use crate::integrity::rules::{self, Awarded, Finding, Thresholds};
use crate::integrity::store;
use crate::platform::db;
use crate::platform::problem::Problem;
use crate::{admissions, auctions, identity};

/// Records what each bidder did in a lot that has closed, or was aborted after it had opened, and its signals; once.
pub async fn hear_lot_closed(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let id: Option<LotId> = body["lot_id"].as_str().and_then(|text| text.parse().ok());
    let Some(id) = id else { return Ok(()) };
    let Some(lot) = auctions::store::lot(tx.conn(), id).await? else { return Ok(()) };
    if store::is_known(tx.conn(), id).await? {
        return Ok(());
    }
    // Where bidding never opened nobody did anything.
    if lot.state == LotState::Aborted && auctions::store::last_at(tx.conn(), id, LotEventKind::Opened).await?.is_none() {
        return Ok(());
    }
    let limits = tx.house.rules_at(tx.now, Thresholds::of)?;
    let admissions = admissions::store::all(tx.conn(), id).await?;
    let bids = auctions::store::told_bids(tx.conn(), id).await?;
    let course = rules::course(&lot, &admissions, &bids);
    let traces = look::traces(tx, &course, &admissions, &bids).await?;
    // What nobody could win says nothing of who bids and never wins.
    let findings = if lot.state == LotState::Aborted {
        rules::traced(&course, &traces, &limits)
    } else {
        // First, for the history that is read below has this lot in it.
        for part in rules::parts(&course, limits.quick) {
            db::insert(tx.conn(), part).await?;
        }
        rules::findings(&course, &traces, &look::history(tx, &course).await?, &limits)
    };
    for finding in findings {
        keep(tx, finding, (course.lot, course.seller)).await?;
    }
    Ok(())
}

/// A lot was awarded, and the deal of it opened. Records, once, that somebody barred from the lot belongs to the buyer now: he may
/// have joined it after it was admitted; and that the buyer has it only because of a bid out of reach, on which its bidder defaulted.
/// What comes of that a human decides.
pub async fn hear_deal_opened(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let lot: Option<LotId> = body["lot_id"].as_str().and_then(|text| text.parse().ok());
    let buyer: Option<AdmissionId> = body["buyer_admission_id"].as_str().and_then(|text| text.parse().ok());
    let (Some(lot), Some(buyer)) = (lot, buyer) else { return Ok(()) };
    let Some(call) = admissions::store::call(tx.conn(), lot).await? else { return Ok(()) };
    let Some(admission) = admissions::store::admission(tx.conn(), buyer).await? else { return Ok(()) };
    let places = identity::store::taken_places(tx.conn(), &BTreeSet::from([admission.organisation_id])).await?;
    let barred = rules::barred_member(&call, admission.organisation_id, &places)?;
    for finding in barred.into_iter().chain(out_of_reach(tx, lot, buyer).await?) {
        if !store::has(tx.conn(), lot, finding.kind, (finding.organisation, finding.other)).await? {
            keep(tx, finding, (lot, call.seller_organisation_id)).await?;
        }
    }
    Ok(())
}

/// What the bid of a defaulter shows, where the buyer is the next bidder after him.
async fn out_of_reach(tx: &Tx, id: LotId, buyer: AdmissionId) -> Result<Option<Finding>, Problem> {
    let awards = auctions::store::awards(tx.conn(), id).await?;
    // Of several units the awards are all of one turn.
    let [first, next] = awards.as_slice() else { return Ok(None) };
    if next.turn <= first.turn || next.admission_id != buyer {
        return Ok(None);
    }
    let Some(lot) = auctions::store::lot(tx.conn(), id).await? else { return Ok(None) };
    let limits = tx.house.rules_at(tx.now, Thresholds::of)?;
    let admissions = admissions::store::all(tx.conn(), id).await?;
    let bids = auctions::store::told_bids(tx.conn(), id).await?;
    let awarded = |award: &award::Model| {
        let bidder = admissions.iter().find(|held| held.id == award.admission_id)?.organisation_id;
        Some(Awarded { bidder, price: Money { minor: award.price_minor, currency: award.currency } })
    };
    let (Some(defaulted), Some(taken)) = (awarded(first), awarded(next)) else { return Ok(None) };
    let course = rules::course(&lot, &admissions, &bids);
    Ok(rules::out_of_reach(&course, lot.terms.direction, defaulted, taken, &limits))
}

/// Keeps a signal of a lot of a seller.
async fn keep(tx: &Tx, finding: Finding, of: (LotId, OrganisationId)) -> Result<(), Problem> {
    let edition = tx.house.rulebook.current().rulebook.version;
    let row = rules::recorded(finding, of, tx.id(), edition, tx.now);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("integrity_signal", row.id, &row);
    Ok(())
}
