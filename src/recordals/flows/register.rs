//! What the register shows: one enters it, another confirms it, and from its day on the right is its buyer's.

use entity::ids::{PersonId, RecordalId};
use entity::recordals::{RecordalKind, recordal};

use super::title::{Passage, pass_within};
use super::{hand, held, papers_of, record};
use crate::documents::flows::kept_within;
use crate::encumbrances::flows::{Pledge, pledged_within};
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::recordals::events::RecordalEvent;
use crate::recordals::http::{ConfirmRegistration, EnterRegistration};
use crate::recordals::rules::machine::{self, Deed};
use crate::recordals::rules::terms::NewRegistration;
use crate::recordals::rules::title::Basis;
use crate::recordals::store;
use crate::rulebook::rules::shanghai_date;

/// Enters what the register shows; somebody else has yet to confirm it.
pub async fn enter(
    house: &House,
    by: &Context,
    permit: Permit<EnterRegistration>,
    id: RecordalId,
    new: NewRegistration,
) -> Result<Done<recordal::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::EnterRegistration)?;
            new.said_well(&held, shanghai_date(tx.now))?;
            let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
            let certificate = kept_within(&tx, new.document_id, papers_of(&tx, &held)?).await?;
            let next = machine::entered(&held, &hand, new, certificate, tx.now)?;
            record(&tx, &held, &next).await?;
            tx.publish(&RecordalEvent::entered(&next))?;
            Ok(next)
        })
        .await
}

/// Confirms what somebody else entered: it is in the register, and a right that was transferred is its buyer's since that day.
pub async fn confirm(
    house: &House,
    by: &Context,
    permit: Permit<ConfirmRegistration>,
    id: RecordalId,
) -> Result<Done<recordal::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(confirm_within(&tx, &permit, id)).await }).await
}

async fn confirm_within(tx: &Tx, permit: &Permit<ConfirmRegistration>, id: RecordalId) -> Result<recordal::Model, Problem> {
    let held = held(tx, permit, id).await?;
    let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
    let next = machine::registered(&held, &hand, tx.now)?;
    record(tx, &held, &next).await?;
    if next.kind == RecordalKind::Transfer {
        let assets = store::assets(tx.conn(), id).await?;
        let passage = Passage {
            assets: &assets,
            parties: (next.organisation_id, next.counterparty_id.ok_or(Code::Internal)?),
            basis: Basis::Recordal(id),
            since: next.registered_on.ok_or(Code::Internal)?,
            by: hand.person,
        };
        pass_within(tx, &passage).await?;
    }
    if next.kind == RecordalKind::Pledge {
        burden(tx, &next, hand.person).await?;
    }
    Ok(next)
}

/// What is pledged is so from the registration on, for whoever asks what burdens it.
async fn burden(tx: &Tx, registered: &recordal::Model, by: PersonId) -> Result<(), Problem> {
    let pledge = Pledge {
        since: registered.registered_on.ok_or(Code::Internal)?,
        holder: &registered.counterparty_name,
        registry_number: registered.registry_number.as_deref().ok_or(Code::Internal)?,
        document: registered.certificate.as_ref(),
        by,
    };
    let ids = store::assets(tx.conn(), registered.id).await?;
    for right in licences::store::hold_assets(tx.conn(), &ids).await? {
        pledged_within(tx, &right, &pledge).await?;
    }
    Ok(())
}
