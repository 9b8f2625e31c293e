//! Where it is kept who takes open licences.

use entity::ids::{OpenLicenceAcceptanceId, OpenLicenceId, OrganisationId};
use entity::open_licences::{AcceptanceState, open_licence_acceptance};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::platform::access::Unpublished;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which acceptances are asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of this open licence.
    pub open_licence_id: Option<OpenLicenceId>,
    /// In this state.
    pub state: Option<AcceptanceState>,
    /// Whose: of his patents, or by him.
    pub of: Unpublished,
}

/// An acceptance.
pub async fn find(db: &impl ConnectionTrait, id: OpenLicenceAcceptanceId) -> Result<Option<open_licence_acceptance::Model>, DbErr> {
    open_licence_acceptance::Entity::find_by_id(id).one(db).await
}

/// An acceptance, held.
pub async fn hold(db: &impl ConnectionTrait, id: OpenLicenceAcceptanceId) -> Result<Option<open_licence_acceptance::Model>, DbErr> {
    open_licence_acceptance::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// What somebody took of an open licence and did not lapse, held: there is one at most.
pub async fn hold_of(
    db: &impl ConnectionTrait,
    declared: OpenLicenceId,
    taker: OrganisationId,
) -> Result<Option<open_licence_acceptance::Model>, DbErr> {
    open_licence_acceptance::Entity::find()
        .filter(open_licence_acceptance::Column::OpenLicenceId.eq(declared))
        .filter(open_licence_acceptance::Column::OrganisationId.eq(taker))
        .filter(open_licence_acceptance::Column::State.ne(AcceptanceState::Lapsed))
        .lock_exclusive()
        .one(db)
        .await
}

/// Every notice of which nothing is paid yet, held, in the order of their ids.
pub async fn hold_unpaid(db: &impl ConnectionTrait, declared: OpenLicenceId) -> Result<Vec<open_licence_acceptance::Model>, DbErr> {
    open_licence_acceptance::Entity::find()
        .filter(open_licence_acceptance::Column::OpenLicenceId.eq(declared))
        .filter(open_licence_acceptance::Column::State.eq(AcceptanceState::NoticeSent))
        .order_by_asc(open_licence_acceptance::Column::Id)
        .lock_exclusive()
        .all(db)
        .await
}

/// Whether a licence was had by this payment.
pub async fn is_paid_with(db: &impl ConnectionTrait, declared: OpenLicenceId, reference: &str) -> Result<bool, DbErr> {
    let found = open_licence_acceptance::Entity::find()
        .filter(open_licence_acceptance::Column::OpenLicenceId.eq(declared))
        .filter(open_licence_acceptance::Column::PaymentReference.eq(reference))
        .filter(open_licence_acceptance::Column::State.ne(AcceptanceState::Lapsed))
        .limit(1)
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// A page of acceptances, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<open_licence_acceptance::Model>, Problem> {
    use open_licence_acceptance::Column;
    let known = match wanted.of {
        Unpublished::OfAll => Condition::all(),
        Unpublished::Of(own) => Condition::any().add(Column::PatenteeId.eq(own)).add(Column::OrganisationId.eq(own)),
        Unpublished::OfNobody => return Ok(Vec::new()),
    };
    let select = open_licence_acceptance::Entity::find()
        .filter(known)
        .apply_if(wanted.open_licence_id, |select, id| select.filter(Column::OpenLicenceId.eq(id)))
        .apply_if(wanted.state, |select, state| select.filter(Column::State.eq(state)));
    Ok(page.restrict(select, Column::CreatedAt, Column::Id)?.all(db).await?)
}
