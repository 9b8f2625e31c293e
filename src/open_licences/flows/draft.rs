//! Drafting a declaration, and writing it anew.

use entity::ids::{OpenLicenceId, OrganisationId};
use entity::open_licences::open_licence;
use serde::Serialize;
use serde_json::Value;

use super::{held, record};
use crate::achievements;
use crate::documents::flows::kept_if_named_within;
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::open_licences::http::{DraftOpenLicence, ReplaceOpenLicence};
use crate::open_licences::rules::machine::{self, Deed, Said};
use crate::open_licences::rules::terms::{self, NewOpenLicence};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Drafts a declaration.
pub async fn draft(
    house: &House,
    by: &Context,
    _: Permit<DraftOpenLicence>,
    new: NewOpenLicence,
) -> Result<Done<open_licence::Model>, Problem> {
    house.write(by, new, |tx, new| async move { Box::pin(draft_within(&tx, new)).await }).await
}

async fn draft_within(tx: &Tx, new: NewOpenLicence) -> Result<open_licence::Model, Problem> {
    let (person, organisation) = (tx.by.actor()?.person, tx.by.seat()?.organisation);
    verified_within(tx, organisation).await?;
    let said = said_within(tx, new, organisation).await?;
    let row = machine::drafted(tx.id(), (organisation, person), said, tx.now);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("open_licence", row.id, &row);
    Ok(row)
}

/// Writes a draft anew.
pub async fn replace(
    house: &House,
    by: &Context,
    permit: Permit<ReplaceOpenLicence>,
    id: OpenLicenceId,
    new: NewOpenLicence,
) -> Result<Done<open_licence::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(replace_within(&tx, &permit, id, new)).await }).await
}

async fn replace_within(
    tx: &Tx,
    permit: &Permit<ReplaceOpenLicence>,
    id: OpenLicenceId,
    new: NewOpenLicence,
) -> Result<open_licence::Model, Problem> {
    let held = held(tx, permit, id).await?;
    machine::require(&held, Deed::Replace)?;
    verified_within(tx, held.organisation_id).await?;
    let next = machine::replaced(&held, said_within(tx, new, held.organisation_id).await?)?;
    record(tx, &held, &next).await?;
    Ok(next)
}

/// What is declared, ready to be kept, if it is well said of a patent of the patentee's.
async fn said_within(tx: &Tx, new: NewOpenLicence, patentee: OrganisationId) -> Result<Said, Problem> {
    terms::declared(new.declarations)?;
    terms::said_well(&new, shanghai_date(tx.now))?;
    let found = achievements::store::asset(tx.conn(), new.asset_id).await?;
    // Another's is as unknown to him as one that does not exist.
    let patent = found
        .filter(|asset| asset.organisation_id == patentee)
        .ok_or_else(|| Code::Invalid.at("/asset_id", "unknown", "该标的不存在", "there is no such right"))?;
    terms::of_a_patent(&patent, new.term_until)?;
    Ok(Said {
        patent: (patent.achievement_id, patent.id),
        fee: kept(&new.fee)?,
        term: (new.term_from, new.term_until),
        evaluation_document: kept_if_named_within(tx, new.evaluation_document_id, patentee).await?,
        pledgee_consent_document: kept_if_named_within(tx, new.pledgee_consent_document_id, patentee).await?,
        pledged: new.pledged,
        declarations: kept(&new.declarations)?,
        payment: new.payment,
        other: new.other,
    })
}

fn kept(said: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(said).map_err(|_| Code::Internal.into())
}
