//! Adding rights to an achievement, changing and reading them.

use entity::achievements::asset;
use entity::ids::{AchievementId, AssetId, OrganisationId};

use super::verified;
use crate::achievements::events::AssetAdded;
use crate::achievements::http::{AddAsset, AmendAsset as Amend, OPERATIONS, ReadAsset};
use crate::achievements::rules::{self, AmendAsset, NewAsset};
use crate::achievements::store::{self, AssetFacts};
use crate::achievements::views::AssetView;
use crate::documents;
use crate::house::{Done, House, Tx};
use crate::platform::access::{self, Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Adds a right to an achievement.
pub async fn add_asset(
    house: &House,
    by: &Context,
    permit: Permit<AddAsset>,
    id: AchievementId,
    new: NewAsset,
) -> Result<Done<AssetFacts>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { add_within(&tx, &permit, id, new).await }).await
}

async fn add_within(tx: &Tx, permit: &Permit<AddAsset>, id: AchievementId, new: NewAsset) -> Result<AssetFacts, Problem> {
    let held = store::hold_achievement(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    verified(&tx.by)?;
    let (asset, owners) = rules::new_asset(tx.id(), &held, new, &tx.house.rulebook.current().rulebook, tx.now)?;
    evidence_within(tx, &asset, held.organisation_id).await?;
    free_within(tx, &asset).await?;
    store::add_asset(tx.conn(), &asset, &owners).await?;
    let facts = AssetFacts { asset, owners, status: None };
    tx.created("asset", facts.asset.id, &facts);
    tx.publish(&AssetAdded {
        asset_id: facts.asset.id,
        achievement_id: id,
        organisation_id: facts.asset.organisation_id,
        kind: facts.asset.kind,
    })?;
    Ok(facts)
}

/// Changes a right that no listing holds or offers.
pub async fn amend_asset(
    house: &House,
    by: &Context,
    permit: Permit<Amend>,
    id: AssetId,
    change: AmendAsset,
) -> Result<Done<AssetFacts>, Problem> {
    house.write(by, (permit, id, change), |tx, (permit, id, change)| async move { amend_within(&tx, &permit, id, change).await }).await
}

async fn amend_within(tx: &Tx, permit: &Permit<Amend>, id: AssetId, change: AmendAsset) -> Result<AssetFacts, Problem> {
    let held = store::hold_asset(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    verified(&tx.by)?;
    tx.by.expects(held.version)?;
    if store::is_in_use(tx.conn(), id).await? {
        return Err(Code::AssetInUse.into());
    }
    let before = store::facts_of(tx.conn(), held).await?;
    let (asset, owners) = rules::amend_asset(&before.asset, &before.owners, change, &tx.house.rulebook.current().rulebook, tx.now)?;
    evidence_within(tx, &asset, asset.organisation_id).await?;
    free_within(tx, &asset).await?;
    store::change_asset(tx.conn(), &asset, &owners).await?;
    let after = AssetFacts { asset, owners, status: before.status.clone() };
    tx.changed("asset", id, Some(&before), Some(&after));
    Ok(after)
}

/// The document that the details rest on must be the organisation's.
pub(super) async fn evidence_within(tx: &Tx, asset: &asset::Model, organisation: OrganisationId) -> Result<(), Problem> {
    if let Some(document) = rules::kept(asset)?.details.document() {
        documents::flows::usable_within(tx, document, organisation).await?;
    }
    Ok(())
}

/// A number stands for one right in the whole market, whoever registers it; so does the number it was published under.
pub async fn free_within(tx: &Tx, asset: &asset::Model) -> Result<(), Problem> {
    if let (Some(scheme), Some(number)) = (&asset.identifier_scheme, &asset.identifier) {
        is_own(store::asset_with_number(tx.conn(), scheme, number).await?.as_ref(), asset)?;
    }
    published_once_within(tx, asset).await
}

/// Whether no other right was published under its number.
pub(super) async fn published_once_within(tx: &Tx, asset: &asset::Model) -> Result<(), Problem> {
    let Some(number) = &asset.publication_number else { return Ok(()) };
    is_own(store::asset_published_as(tx.conn(), number).await?.as_ref(), asset)
}

fn is_own(found: Option<&asset::Model>, asset: &asset::Model) -> Result<(), Problem> {
    if found.is_none_or(|other| other.id == asset.id) { Ok(()) } else { Err(Code::IdentifierTaken.into()) }
}

/// A right with what the caller may do to it, if he may see it.
pub async fn read_asset(house: &House, by: &Context, permit: &Permit<ReadAsset>, id: AssetId) -> Result<AssetView, Problem> {
    let db = house.db.read();
    let found = store::asset(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let open = rules::open_on_asset(by.actor()?, store::is_in_use(db, id).await?);
    let deeds = access::allowed(OPERATIONS, &by.caller, &found, &open);
    Ok(AssetView { allowed_deeds: Some(deeds), ..store::facts_of(db, found).await?.into() })
}
