//! Where licences are kept.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use entity::Timestamp;
use entity::achievements::asset;
use entity::deals::{DealState, deal};
use entity::ids::{AssetId, LicenceGrantId, ListingId, NegotiationId, OrganisationId};
use entity::licences::{LicenceGrantState, licence_claim, licence_cross, licence_event, licence_grant, licence_grant_asset};
use entity::listings::{ListingState, TransferMode, listing, listing_asset};
use entity::negotiations::{NegotiationState, negotiation, negotiation_asset};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::Value;

use super::rules::grant::{self, Source};
use super::rules::matrix::Standing;
use crate::platform::access::Unpublished;
use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which licences are asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of this right.
    pub asset_id: Option<AssetId>,
    /// In this state.
    pub state: Option<LicenceGrantState>,
    /// Whose: granted by or to him.
    pub of: Unpublished,
}

/// A licence.
pub async fn find(db: &impl ConnectionTrait, id: LicenceGrantId) -> Result<Option<licence_grant::Model>, DbErr> {
    licence_grant::Entity::find_by_id(id).one(db).await
}

/// A licence, held.
pub async fn hold(db: &impl ConnectionTrait, id: LicenceGrantId) -> Result<Option<licence_grant::Model>, DbErr> {
    licence_grant::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Rights, held in the order of their ids, so that nobody waits in a circle.
pub async fn hold_assets(db: &impl ConnectionTrait, ids: &[AssetId]) -> Result<Vec<asset::Model>, DbErr> {
    asset::Entity::find()
        .filter(asset::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(asset::Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// A page of licences, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<licence_grant::Model>, Problem> {
    let known = match wanted.of {
        Unpublished::OfAll => Condition::all(),
        Unpublished::Of(own) => {
            Condition::any().add(licence_grant::Column::LicensorId.eq(own)).add(licence_grant::Column::GranteeId.eq(own))
        }
        Unpublished::OfNobody => return Ok(Vec::new()),
    };
    let select = licence_grant::Entity::find()
        .filter(known)
        .apply_if(wanted.asset_id, |select, id| select.filter(licence_grant::Column::Id.in_subquery(of_assets(&[id]))))
        .apply_if(wanted.state, |select, state| select.filter(licence_grant::Column::State.eq(state)));
    Ok(page.restrict(select, licence_grant::Column::CreatedAt, licence_grant::Column::Id)?.all(db).await?)
}

/// The ids of every licence that covered one of these rights at an instant: whose holder had not got the right itself by then.
fn covering(assets: &[AssetId], at: Timestamp) -> SelectStatement {
    let mut covering = of_assets(assets);
    covering.cond_where(covers_still(at));
    covering
}

fn covers_still(at: Timestamp) -> Condition {
    Condition::any().add(licence_grant_asset::Column::MergedAt.is_null()).add(licence_grant_asset::Column::MergedAt.gt(at))
}

/// The ids of every licence of one of these rights.
fn of_assets(assets: &[AssetId]) -> SelectStatement {
    Query::select()
        .column(licence_grant_asset::Column::LicenceGrantId)
        .from(licence_grant_asset::Entity)
        .and_where(licence_grant_asset::Column::AssetId.is_in(assets.iter().copied()))
        .to_owned()
}

/// Every licence of one of these rights that counted at an instant and whose days were not over on a day, first entered first.
pub async fn counting(
    db: &impl ConnectionTrait,
    assets: &[AssetId],
    (at, today): (Timestamp, NaiveDate),
) -> Result<Vec<licence_grant::Model>, DbErr> {
    let not_ended = Condition::any().add(licence_grant::Column::EndedAt.is_null()).add(licence_grant::Column::EndedAt.gt(at));
    let not_over = Condition::any().add(licence_grant::Column::EndsOn.is_null()).add(licence_grant::Column::EndsOn.gt(today));
    licence_grant::Entity::find()
        .filter(licence_grant::Column::Id.in_subquery(covering(assets, at)))
        .filter(licence_grant::Column::EffectiveAt.lte(at))
        .filter(not_ended)
        .filter(not_over)
        .order_by_asc(licence_grant::Column::CreatedAt)
        .order_by_asc(licence_grant::Column::Id)
        .all(db)
        .await
}

/// The rights of licences, by licence, without those that their holders got themselves meanwhile.
pub async fn assets_of(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = LicenceGrantId>,
) -> Result<BTreeMap<LicenceGrantId, BTreeSet<AssetId>>, DbErr> {
    let of = licence_grant_asset::Entity::find().filter(licence_grant_asset::Column::LicenceGrantId.is_in(ids));
    Ok(by_licence(of.filter(licence_grant_asset::Column::MergedAt.is_null()).all(db).await?))
}

/// The rights that licences covered at an instant, by licence.
async fn covered(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = LicenceGrantId>,
    at: Timestamp,
) -> Result<BTreeMap<LicenceGrantId, BTreeSet<AssetId>>, DbErr> {
    let of = licence_grant_asset::Entity::find().filter(licence_grant_asset::Column::LicenceGrantId.is_in(ids));
    Ok(by_licence(of.filter(covers_still(at)).all(db).await?))
}

fn by_licence(rows: Vec<licence_grant_asset::Model>) -> BTreeMap<LicenceGrantId, BTreeSet<AssetId>> {
    let mut of: BTreeMap<LicenceGrantId, BTreeSet<AssetId>> = BTreeMap::new();
    for row in rows {
        of.entry(row.licence_grant_id).or_default().insert(row.asset_id);
    }
    of
}

/// Whose the rights are that licences cover at an instant, by licence.
pub async fn owners_of(
    db: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = LicenceGrantId>,
    at: Timestamp,
) -> Result<BTreeMap<LicenceGrantId, BTreeMap<AssetId, OrganisationId>>, DbErr> {
    let of = covered(db, ids, at).await?;
    let assets: BTreeSet<AssetId> = of.values().flatten().copied().collect();
    let rows: Vec<(AssetId, OrganisationId)> = asset::Entity::find()
        .select_only()
        .columns([asset::Column::Id, asset::Column::OrganisationId])
        .filter(asset::Column::Id.is_in(assets))
        .into_tuple()
        .all(db)
        .await?;
    let owners: BTreeMap<AssetId, OrganisationId> = rows.into_iter().collect();
    let owned = |assets: BTreeSet<AssetId>| -> BTreeMap<AssetId, OrganisationId> {
        assets.into_iter().filter_map(|id| owners.get(&id).map(|owner| (id, *owner))).collect()
    };
    Ok(of.into_iter().map(|(id, assets)| (id, owned(assets))).collect())
}

/// What counts of these rights at an instant, ready to hold a new licence against it, each with its row.
pub async fn standing(
    db: &impl ConnectionTrait,
    assets: &[AssetId],
    when: (Timestamp, NaiveDate),
) -> Result<Vec<(licence_grant::Model, Standing)>, Problem> {
    let rows = counting(db, assets, when).await?;
    let mut of = covered(db, rows.iter().map(|row| row.id), when.0).await?;
    rows.into_iter()
        .map(|row| {
            let assets = of.remove(&row.id).unwrap_or_default();
            let standing = grant::standing(&row, assets)?;
            Ok((row, standing))
        })
        .collect()
}

/// The licence that came about here by this, where it stands, held.
pub async fn hold_come_about_by(db: &impl ConnectionTrait, by: &Source) -> Result<Option<licence_grant::Model>, DbErr> {
    let come_about = match by {
        Source::Deal(id) => licence_grant::Column::DealId.eq(*id),
        Source::Negotiation(id) => licence_grant::Column::NegotiationId.eq(*id),
        Source::RightsGrant(id) => licence_grant::Column::RightsGrantId.eq(*id),
        // Of an open licence there are as many as took it.
        Source::Recorded(_) | Source::SubLicence(_) | Source::OpenLicence(_) => return Ok(None),
    };
    licence_grant::Entity::find()
        .filter(come_about)
        .filter(licence_grant::Column::State.eq(LicenceGrantState::Effective))
        .lock_exclusive()
        .one(db)
        .await
}

/// Every licence of a right that counts at an instant and whose days are not over on a day, held in the order of their ids.
pub async fn hold_of(
    db: &impl ConnectionTrait,
    asset: AssetId,
    (at, today): (Timestamp, NaiveDate),
) -> Result<Vec<licence_grant::Model>, DbErr> {
    let not_over = Condition::any().add(licence_grant::Column::EndsOn.is_null()).add(licence_grant::Column::EndsOn.gt(today));
    licence_grant::Entity::find()
        .filter(licence_grant::Column::Id.in_subquery(covering(&[asset], at)))
        .filter(licence_grant::Column::State.eq(LicenceGrantState::Effective))
        .filter(not_over)
        .order_by_asc(licence_grant::Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// Notes of a licence, held, that its holder has one of its rights himself, and takes away what he claimed of that alone.
pub async fn merge(db: &impl ConnectionTrait, id: LicenceGrantId, asset: AssetId, at: Timestamp) -> Result<(), DbErr> {
    db::update(db, licence_grant_asset::Model { licence_grant_id: id, asset_id: asset, merged_at: Some(at) }).await?;
    licence_claim::Entity::delete_many()
        .filter(licence_claim::Column::LicenceGrantId.eq(id))
        .filter(licence_claim::Column::AssetId.eq(asset))
        .exec(db)
        .await
        .map(|_| ())
}

/// What became of a licence, in order.
pub async fn history(db: &impl ConnectionTrait, id: LicenceGrantId) -> Result<Vec<licence_event::Model>, DbErr> {
    let of = licence_event::Entity::find().filter(licence_event::Column::LicenceGrantId.eq(id));
    of.order_by_asc(licence_event::Column::Number).all(db).await
}

/// The number of the last that became of a licence.
pub async fn last_number(db: &impl ConnectionTrait, id: LicenceGrantId) -> Result<Option<i64>, DbErr> {
    licence_event::Entity::find()
        .select_only()
        .column(licence_event::Column::Number)
        .filter(licence_event::Column::LicenceGrantId.eq(id))
        .order_by_desc(licence_event::Column::Number)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// The licence that was given for another, or for which that was given.
pub async fn counterpart(db: &impl ConnectionTrait, id: LicenceGrantId) -> Result<Option<LicenceGrantId>, DbErr> {
    let either = Condition::any().add(licence_cross::Column::LicenceGrantId.eq(id)).add(licence_cross::Column::CounterpartId.eq(id));
    let found = licence_cross::Entity::find().filter(either).one(db).await?;
    Ok(found.map(|pair| if pair.licence_grant_id == id { pair.counterpart_id } else { pair.licence_grant_id }))
}

/// Every licence under another that was not ended, held.
pub async fn hold_under(db: &impl ConnectionTrait, parent: LicenceGrantId) -> Result<Vec<licence_grant::Model>, DbErr> {
    licence_grant::Entity::find()
        .filter(licence_grant::Column::ParentId.eq(parent))
        .filter(licence_grant::Column::State.eq(LicenceGrantState::Effective))
        .order_by_asc(licence_grant::Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// What listings offer of these rights to several: of those that are public, and of those whose buyers have yet to sign.
pub async fn offered_to_several(db: &impl ConnectionTrait, assets: &[AssetId]) -> Result<Vec<(ListingId, Value)>, DbErr> {
    use ListingState::{Bidding, Published, RegistrationClosed};
    let offering = Query::select()
        .column(listing_asset::Column::ListingId)
        .from(listing_asset::Entity)
        .and_where(listing_asset::Column::AssetId.is_in(assets.iter().copied()))
        .to_owned();
    let unsigned = Query::select()
        .column(deal::Column::ListingId)
        .from(deal::Entity)
        .and_where(deal::Column::State.eq(DealState::ConfirmationGenerated))
        .to_owned();
    let is_live = Condition::any()
        .add(listing::Column::State.is_in([Published, RegistrationClosed, Bidding]))
        .add(listing::Column::Id.in_subquery(unsigned));
    listing::Entity::find()
        .select_only()
        .columns([listing::Column::Id, listing::Column::Offer])
        .filter(listing::Column::Id.in_subquery(offering))
        .filter(listing::Column::Mode.eq(TransferMode::NonExclusiveLicence))
        .filter(listing::Column::Rehearsal.eq(false))
        .filter(is_live)
        .into_tuple()
        .all(db)
        .await
}

/// A sale at a negotiated price that lets several have one of these rights, and was agreed on.
pub async fn agreed_for_several(db: &impl ConnectionTrait, assets: &[AssetId]) -> Result<Option<NegotiationId>, DbErr> {
    use NegotiationState::{Agreed, Decided, Noticed};
    let of_assets = Query::select()
        .column(negotiation_asset::Column::NegotiationId)
        .from(negotiation_asset::Entity)
        .and_where(negotiation_asset::Column::AssetId.is_in(assets.iter().copied()))
        .to_owned();
    negotiation::Entity::find()
        .select_only()
        .column(negotiation::Column::Id)
        .filter(negotiation::Column::Id.in_subquery(of_assets))
        .filter(negotiation::Column::State.is_in([Agreed, Decided, Noticed]))
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// Writes a new licence with its rights and claims.
pub async fn enter(
    db: &impl ConnectionTrait,
    row: &licence_grant::Model,
    assets: &[AssetId],
    claims: Vec<licence_claim::Model>,
) -> Result<(), DbErr> {
    db::insert(db, row.clone()).await?;
    db::insert_all(db, grant::of_assets(row.id, assets)).await?;
    if claims.is_empty() { Ok(()) } else { db::insert_all(db, claims).await }
}

/// Takes away what the holder of a licence claimed alone.
pub async fn give_up_claims(db: &impl ConnectionTrait, id: LicenceGrantId) -> Result<(), DbErr> {
    licence_claim::Entity::delete_many().filter(licence_claim::Column::LicenceGrantId.eq(id)).exec(db).await.map(|_| ())
}

/// Whether somebody may know of a licence: who grants it and who holds it.
pub fn is_party(row: &licence_grant::Model, organisation: Option<OrganisationId>) -> bool {
    organisation.is_some_and(|own| own == row.licensor_id || Some(own) == row.grantee_id)
}
