//! What comes to nothing: refused by the registry, taken back, or rescinded since the application was lost first.

use entity::ids::RecordalId;
use entity::recordals::{RecordalState, recordal};
use sea_orm::ConnectionTrait;

use super::title::give_back_within;
use super::{held, papers_of, record};
use crate::documents::flows::kept_within;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::recordals::http::{BoughtRight, RecordRecordalRefusal, RescindTransfer, WithdrawRecordal};
use crate::recordals::rules::machine::{self, Deed};
use crate::recordals::rules::rescission::{Loss, lost, may_rescind};
use crate::recordals::rules::terms::{NewEnd, reasoned};
use crate::recordals::rules::title::Basis;
use crate::recordals::store;
use crate::rulebook::rules::shanghai_date;
use crate::{achievements, deals, negotiations};

/// Says that the registry refused it.
pub async fn refuse(
    house: &House,
    by: &Context,
    permit: Permit<RecordRecordalRefusal>,
    id: RecordalId,
    new: NewEnd,
) -> Result<Done<recordal::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::RecordRefusal)?;
            reasoned(&new.reason)?;
            let document = kept_within(&tx, new.document_id, papers_of(&tx, &held)?).await?;
            let next = machine::refused(&held, &new.reason, document, tx.now)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// Takes it back.
pub async fn withdraw(
    house: &House,
    by: &Context,
    permit: Permit<WithdrawRecordal>,
    id: RecordalId,
    reason: String,
) -> Result<Done<recordal::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::Withdraw)?;
            reasoned(&reason)?;
            let next = machine::withdrawn(&held, &reason, tx.now)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// The buyer rescinds, for the application was lost before the registry entered the transfer. What it follows from ends with it.
pub async fn rescind(
    house: &House,
    by: &Context,
    permit: Permit<RescindTransfer>,
    id: RecordalId,
    new: NewEnd,
) -> Result<Done<recordal::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(rescind_within(&tx, &permit, id, &new)).await }).await
}

async fn rescind_within(tx: &Tx, permit: &Permit<RescindTransfer>, id: RecordalId, new: &NewEnd) -> Result<recordal::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&BoughtRight(&held))?;
    tx.by.expects(held.version)?;
    machine::require(&held, Deed::Rescind)?;
    reasoned(&new.reason)?;
    // What was entered and not confirmed is not in the register.
    let registration_date = held.registered_on.filter(|_| held.state == RecordalState::Registered);
    may_rescind(loss(tx.conn(), &held).await?, registration_date)?;
    let document = kept_within(tx, new.document_id, papers_of(tx, &held)?).await?;
    let next = machine::rescinded(&held, &new.reason, document, tx.now)?;
    record(tx, &held, &next).await?;
    give_back_within(tx, Basis::Recordal(id), shanghai_date(tx.now)).await?;
    let by = tx.by.actor()?.person;
    if let Some(deal) = held.deal_id {
        deals::flows::rescind_within(tx, deal, by, &new.reason).await?;
    }
    if let Some(negotiation) = held.negotiation_id {
        negotiations::flows::rescind_within(tx, negotiation, by, &new.reason).await?;
    }
    Ok(next)
}

/// Whether an application that is transferred was lost: the first of them.
pub(super) async fn loss(db: &impl ConnectionTrait, held: &recordal::Model) -> Result<Option<Loss>, Problem> {
    let mut first: Option<Loss> = None;
    for asset in store::assets(db, held.id).await? {
        if let Some(found) = lost(&achievements::store::readings(db, asset).await?) {
            first = Some(first.filter(|loss| loss.lost_on <= found.lost_on).unwrap_or(found));
        }
    }
    Ok(first)
}
