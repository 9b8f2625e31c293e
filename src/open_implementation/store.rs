//! Which patents are on the list, and what is kept of those.

use chrono::NaiveDate;
use entity::achievements::{LegalStatus, achievement, asset, legal_status};
use entity::deals::{DealState, deal};
use entity::identity::{Ownership, organisation};
use entity::ids::AssetId;
use entity::licences::licence_grant_asset;
use entity::listings::{listing, listing_asset};
use entity::negotiations::{NegotiationState, negotiation, negotiation_asset};
use entity::open_implementation::{OpenImplementationState, open_implementation};
use sea_orm::sea_query::{Alias, Expr, Query, SelectStatement, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, Select};

use super::rules::due::{OWNERS, PATENTS};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// What of the list is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Of owners in this division or under it, by the digits that all of its codes begin with.
    pub division: Option<String>,
    /// Of this technical field.
    pub field: Option<String>,
}

/// What is kept of a patent, if its owner said anything.
pub async fn find(db: &impl ConnectionTrait, id: AssetId) -> Result<Option<open_implementation::Model>, DbErr> {
    open_implementation::Entity::find_by_id(id).one(db).await
}

/// What is kept of these patents.
pub async fn said_of(db: &impl ConnectionTrait, ids: &[AssetId]) -> Result<Vec<open_implementation::Model>, DbErr> {
    open_implementation::Entity::find().filter(open_implementation::Column::AssetId.is_in(ids.iter().copied())).all(db).await
}

/// A page of the list: patents granted by a day, last registered first.
pub async fn list(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    granted_by: NaiveDate,
    page: &PageQuery,
) -> Result<Vec<asset::Model>, Problem> {
    let select = unused(wanted).filter(asset::Column::GrantedOn.lte(granted_by));
    Ok(page.restrict(select, asset::Column::CreatedAt, asset::Column::Id)?.all(db).await?)
}

/// Whether a patent would be on the list, once its day has come.
pub async fn is_unused(db: &impl ConnectionTrait, id: AssetId) -> Result<bool, DbErr> {
    let found = unused(&Wanted::default()).filter(asset::Column::Id.eq(id)).one(db).await?;
    Ok(found.is_some())
}

/// Patents that public money paid for, of those who are bound, which stand, and which nobody was licensed or bought.
fn unused(wanted: &Wanted) -> Select<asset::Entity> {
    asset::Entity::find()
        .filter(asset::Column::Kind.is_in(PATENTS))
        .filter(asset::Column::GrantedOn.is_not_null())
        .filter(asset::Column::AchievementId.in_subquery(publicly_funded(wanted.field.as_deref())))
        .filter(asset::Column::OrganisationId.in_subquery(bound(wanted.division.as_deref())))
        .filter(asset::Column::Id.not_in_subquery(ended()))
        .filter(asset::Column::Id.not_in_subquery(licensed()))
        .filter(asset::Column::Id.not_in_subquery(sold_by_listing()))
        .filter(asset::Column::Id.not_in_subquery(sold_by_negotiation()))
        .filter(asset::Column::Id.not_in_subquery(excused()))
}

fn publicly_funded(field: Option<&str>) -> SelectStatement {
    let mut select = Query::select();
    select.column(achievement::Column::Id).from(achievement::Entity).and_where(achievement::Column::StateFunded.eq(true));
    if let Some(field) = field {
        select.and_where(achievement::Column::Field.eq(field));
    }
    select
}

/// Who is bound: universities and research institutes of the state.
fn bound(division: Option<&str>) -> SelectStatement {
    let mut select = Query::select();
    select
        .column(organisation::Column::Id)
        .from(organisation::Entity)
        .and_where(organisation::Column::Ownership.eq(Ownership::State))
        .and_where(organisation::Column::Kind.is_in(OWNERS));
    if let Some(digits) = division {
        select.and_where(organisation::Column::DivisionCode.starts_with(digits));
    }
    select
}

/// Patents that stand no more, as was read last.
fn ended() -> SelectStatement {
    use LegalStatus::{Abandoned, CeasedNonpayment, Expired, Invalidated};
    Query::select()
        .column(legal_status::Column::AssetId)
        .from(legal_status::Entity)
        .and_where(legal_status::Column::Status.is_in([Abandoned, CeasedNonpayment, Expired, Invalidated]))
        .and_where(is_last())
        .to_owned()
}

/// Whether no later reading of the same right is known.
fn is_last() -> SimpleExpr {
    use legal_status::{Column, Entity};
    use sea_orm::sea_query::ExprTrait;
    let later = Alias::new("later");
    let of_later = |column: Column| Expr::col((later.clone(), column));
    let overtaken = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, later.clone())
        .and_where(of_later(Column::AssetId).equals((Entity, Column::AssetId)))
        .and_where(of_later(Column::AsOf).gt(Expr::col((Entity, Column::AsOf))))
        .to_owned();
    Expr::exists(overtaken).not()
}

/// Patents of which anybody is or was licensed.
fn licensed() -> SelectStatement {
    Query::select().column(licence_grant_asset::Column::AssetId).from(licence_grant_asset::Entity).to_owned()
}

/// Patents that a listing sold, and the deal stands.
fn sold_by_listing() -> SelectStatement {
    let dealt = Query::select()
        .column(deal::Column::ListingId)
        .from(deal::Entity)
        .and_where(deal::Column::State.is_in([DealState::Confirmed, DealState::ResultPublished]))
        .to_owned();
    let in_earnest = Query::select()
        .column(listing::Column::Id)
        .from(listing::Entity)
        .and_where(listing::Column::Rehearsal.eq(false))
        .and_where(listing::Column::Id.in_subquery(dealt))
        .to_owned();
    Query::select()
        .column(listing_asset::Column::AssetId)
        .from(listing_asset::Entity)
        .and_where(listing_asset::Column::ListingId.in_subquery(in_earnest))
        .to_owned()
}

/// Patents that were sold at a negotiated price.
fn sold_by_negotiation() -> SelectStatement {
    let concluded = Query::select()
        .column(negotiation::Column::Id)
        .from(negotiation::Entity)
        .and_where(negotiation::Column::State.is_in([NegotiationState::Confirmed, NegotiationState::ResultPublished]))
        .to_owned();
    Query::select()
        .column(negotiation_asset::Column::AssetId)
        .from(negotiation_asset::Entity)
        .and_where(negotiation_asset::Column::NegotiationId.in_subquery(concluded))
        .to_owned()
}

/// Patents of which an officer found that they are used, or not for a good reason.
fn excused() -> SelectStatement {
    Query::select()
        .column(open_implementation::Column::AssetId)
        .from(open_implementation::Entity)
        .and_where(open_implementation::Column::State.eq(OpenImplementationState::Excused))
        .to_owned()
}
