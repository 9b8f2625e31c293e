//! Consents are handed in and taken back.

use entity::encumbrances::{burden_consent, consent_withdrawal};
use entity::ids::{AssetId, BurdenConsentId, BurdenId};

use super::{held, verified};
use crate::achievements;
use crate::documents::flows::kept_within;
use crate::encumbrances::events::EncumbranceEvent;
use crate::encumbrances::http::{RecordEncumbranceConsent, WithdrawEncumbranceConsent};
use crate::encumbrances::rules::{Burden, NewConsent, entered};
use crate::encumbrances::store;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// A consent, and that it was taken back, if it was.
type Told = (burden_consent::Model, Option<consent_withdrawal::Model>);

/// Hands a consent in.
pub async fn record_consent(
    house: &House,
    by: &Context,
    permit: Permit<RecordEncumbranceConsent>,
    id: AssetId,
    new: NewConsent,
) -> Result<Done<Told>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(record_within(&tx, &permit, id, new)).await }).await
}

async fn record_within(tx: &Tx, permit: &Permit<RecordEncumbranceConsent>, id: AssetId, new: NewConsent) -> Result<Told, Problem> {
    let asset = held(tx, permit, id).await?;
    verified(tx, asset.organisation_id).await?;
    let cured = cured_within(tx, id, new.burden_id).await?;
    let owners = achievements::store::owners(tx.conn(), id).await?;
    entered::given_well(&new, cured.as_ref(), &owners)?;
    let row = burden_consent::Model {
        id: tx.id(),
        asset_id: id,
        organisation_id: asset.organisation_id,
        kind: new.kind,
        burden_id: new.burden_id,
        deeds: serde_json::to_value(&new.deeds).map_err(|_| Code::Internal)?,
        given_by: new.given_by,
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        price_goes: new.price_goes,
        document: kept_within(tx, new.document_id, asset.organisation_id).await?,
        recorded_by: tx.by.actor()?.person,
        recorded_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("burden_consent", row.id, &row);
    tx.publish(&EncumbranceEvent::consented(&row))?;
    Ok((row, None))
}

/// The burden a consent names, if it is one of the right: another's is as unknown as one that does not exist.
async fn cured_within(tx: &Tx, asset: AssetId, named: Option<BurdenId>) -> Result<Option<Burden>, Problem> {
    let Some(id) = named else { return Ok(None) };
    Ok(store::burden(tx.conn(), id).await?.filter(|found| found.row.asset_id == asset))
}

/// Takes a consent back, with a reason.
pub async fn withdraw_consent(
    house: &House,
    by: &Context,
    permit: Permit<WithdrawEncumbranceConsent>,
    id: BurdenConsentId,
    reason: String,
) -> Result<Done<Told>, Problem> {
    house
        .write(
            by,
            (permit, id, reason),
            |tx, (permit, id, reason)| async move { Box::pin(withdraw_within(&tx, &permit, id, reason)).await },
        )
        .await
}

async fn withdraw_within(
    tx: &Tx,
    permit: &Permit<WithdrawEncumbranceConsent>,
    id: BurdenConsentId,
    reason: String,
) -> Result<Told, Problem> {
    let row = store::consent(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    held(tx, permit, row.asset_id).await?;
    verified(tx, row.organisation_id).await?;
    if store::withdrawal(tx.conn(), id).await?.is_some() {
        return Err(Code::WrongState.with("state", "withdrawn").with("allowed", Vec::<&str>::new()));
    }
    entered::reasoned(&reason)?;
    let back = consent_withdrawal::Model { consent_id: id, reason, withdrawn_by: tx.by.actor()?.person, withdrawn_at: tx.now };
    db::insert(tx.conn(), back.clone()).await?;
    tx.created("consent_withdrawal", id, &back);
    tx.publish(&EncumbranceEvent::consent_withdrawn(&row))?;
    Ok((row, Some(back)))
}
