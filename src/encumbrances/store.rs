//! Where burdens, consents and agreements of owners are kept.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::encumbrances::{burden, burden_consent, burden_step, consent_withdrawal, owners_agreement};
use entity::ids::{AssetId, BurdenConsentId, BurdenId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::rules::{Agreement, Burden, Consent, Standing};
use crate::achievements;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A burden with what happened to it.
pub async fn burden(db: &impl ConnectionTrait, id: BurdenId) -> Result<Option<Burden>, DbErr> {
    let Some(row) = burden::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    let steps = steps_of(db, &[id]).await?;
    Ok(Some(Burden { row, steps }))
}

async fn steps_of(db: &impl ConnectionTrait, ids: &[BurdenId]) -> Result<Vec<burden_step::Model>, DbErr> {
    burden_step::Entity::find()
        .filter(burden_step::Column::BurdenId.is_in(ids.iter().copied()))
        .order_by_asc(burden_step::Column::MadeAt)
        .order_by_asc(burden_step::Column::Kind)
        .all(db)
        .await
}

/// These burdens with what happened to each by an instant, in their order.
async fn with_steps(db: &impl ConnectionTrait, rows: Vec<burden::Model>, at: Timestamp) -> Result<Vec<Burden>, DbErr> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut steps: BTreeMap<BurdenId, Vec<burden_step::Model>> = BTreeMap::new();
    for step in steps_of(db, &ids).await? {
        if step.made_at <= at {
            steps.entry(step.burden_id).or_default().push(step);
        }
    }
    Ok(rows.into_iter().map(|row| Burden { steps: steps.remove(&row.id).unwrap_or_default(), row }).collect())
}

/// A page of the burdens of a right that were entered by an instant, with one more, last entered first.
pub async fn burdens(db: &impl ConnectionTrait, asset: AssetId, at: Timestamp, page: &PageQuery) -> Result<Vec<Burden>, Problem> {
    let select = burden::Entity::find().filter(burden::Column::AssetId.eq(asset)).filter(burden::Column::RecordedAt.lte(at));
    let rows = page.restrict(select, burden::Column::RecordedAt, burden::Column::Id)?.all(db).await?;
    Ok(with_steps(db, rows, at).await?)
}

/// A consent.
pub async fn consent(db: &impl ConnectionTrait, id: BurdenConsentId) -> Result<Option<burden_consent::Model>, DbErr> {
    burden_consent::Entity::find_by_id(id).one(db).await
}

/// That a consent was taken back, if it was.
pub async fn withdrawal(db: &impl ConnectionTrait, id: BurdenConsentId) -> Result<Option<consent_withdrawal::Model>, DbErr> {
    consent_withdrawal::Entity::find_by_id(id).one(db).await
}

/// A page of the consents of a right, with one more, last entered first; each with its withdrawal.
pub async fn consents(
    db: &impl ConnectionTrait,
    asset: AssetId,
    page: &PageQuery,
) -> Result<Vec<(burden_consent::Model, Option<consent_withdrawal::Model>)>, Problem> {
    let select = burden_consent::Entity::find().filter(burden_consent::Column::AssetId.eq(asset));
    let rows = page.restrict(select, burden_consent::Column::RecordedAt, burden_consent::Column::Id)?.all(db).await?;
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let mut back = withdrawals(db, &ids).await?;
    Ok(rows.into_iter().map(|row| (back.remove(&row.id), row)).map(|(back, row)| (row, back)).collect())
}

async fn withdrawals(
    db: &impl ConnectionTrait,
    ids: &[BurdenConsentId],
) -> Result<BTreeMap<BurdenConsentId, consent_withdrawal::Model>, DbErr> {
    let found = consent_withdrawal::Entity::find().filter(consent_withdrawal::Column::ConsentId.is_in(ids.iter().copied()));
    Ok(found.all(db).await?.into_iter().map(|row| (row.consent_id, row)).collect())
}

/// What the owners of a right had agreed on last by an instant.
pub async fn agreement(db: &impl ConnectionTrait, asset: AssetId, at: Timestamp) -> Result<Option<owners_agreement::Model>, DbErr> {
    owners_agreement::Entity::find()
        .filter(owners_agreement::Column::AssetId.eq(asset))
        .filter(owners_agreement::Column::PutAt.lte(at))
        .order_by_desc(owners_agreement::Column::Version)
        .limit(1)
        .one(db)
        .await
}

/// All that was entered of these rights by an instant, in their order; rights there are not are left out.
pub async fn standing(db: &impl ConnectionTrait, ids: &[AssetId], at: Timestamp) -> Result<Vec<Standing>, Problem> {
    let mut assets = achievements::store::assets_named(db, ids.iter().copied()).await?;
    let named = ids.iter().filter_map(|id| assets.remove(id)).collect();
    let facts = achievements::store::facts(db, named).await?;
    let mut standings: Vec<_> = facts.iter().map(Standing::unburdened).collect();
    let (mut burdens, mut consents) = (burdens_of(db, ids, at).await?, consents_of(db, ids, at).await?);
    let mut agreements = agreements_of(db, ids, at).await?;
    for standing in &mut standings {
        standing.burdens = burdens.remove(&standing.asset).unwrap_or_default();
        standing.consents = consents.remove(&standing.asset).unwrap_or_default();
        standing.agreement = agreements.remove(&standing.asset);
    }
    Ok(standings)
}

async fn burdens_of(db: &impl ConnectionTrait, ids: &[AssetId], at: Timestamp) -> Result<BTreeMap<AssetId, Vec<Burden>>, DbErr> {
    let rows = burden::Entity::find()
        .filter(burden::Column::AssetId.is_in(ids.iter().copied()))
        .filter(burden::Column::RecordedAt.lte(at))
        .order_by_asc(burden::Column::RecordedAt)
        .order_by_asc(burden::Column::Id)
        .all(db)
        .await?;
    let mut found: BTreeMap<AssetId, Vec<Burden>> = BTreeMap::new();
    for held in with_steps(db, rows, at).await? {
        found.entry(held.row.asset_id).or_default().push(held);
    }
    Ok(found)
}

async fn consents_of(db: &impl ConnectionTrait, ids: &[AssetId], at: Timestamp) -> Result<BTreeMap<AssetId, Vec<Consent>>, Problem> {
    let rows = burden_consent::Entity::find()
        .filter(burden_consent::Column::AssetId.is_in(ids.iter().copied()))
        .filter(burden_consent::Column::RecordedAt.lte(at))
        .order_by_asc(burden_consent::Column::RecordedAt)
        .order_by_asc(burden_consent::Column::Id)
        .all(db)
        .await?;
    let known: Vec<_> = rows.iter().map(|row| row.id).collect();
    let back = withdrawals(db, &known).await?;
    let mut found: BTreeMap<AssetId, Vec<Consent>> = BTreeMap::new();
    for row in rows {
        if back.get(&row.id).is_none_or(|back| back.withdrawn_at > at) {
            found.entry(row.asset_id).or_default().push(Consent::of(row)?);
        }
    }
    Ok(found)
}

async fn agreements_of(db: &impl ConnectionTrait, ids: &[AssetId], at: Timestamp) -> Result<BTreeMap<AssetId, Agreement>, Problem> {
    let rows = owners_agreement::Entity::find()
        .filter(owners_agreement::Column::AssetId.is_in(ids.iter().copied()))
        .filter(owners_agreement::Column::PutAt.lte(at))
        .order_by_asc(owners_agreement::Column::Version)
        .all(db)
        .await?;
    // Of several versions the last takes the place of those before.
    let mut found = BTreeMap::new();
    for row in rows {
        found.insert(row.asset_id, Agreement::of(&row)?);
    }
    Ok(found)
}
