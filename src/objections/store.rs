//! Where objections are kept.

use entity::deals::deal;
use entity::ids::{DealId, ListingId, NegotiationId, NoticeId, ObjectionId, OpenLicenceId, OrganisationId, PersonId, RightsGrantId};
use entity::listings::listing;
use entity::negotiations::negotiation;
use entity::objections::{ObjectionState, objection};
use entity::open_licences::open_licence;
use entity::rights_grants::rights_grant;
use sea_orm::sea_query::{LockType, SimpleExpr};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::notices::rules::Matter;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which objections are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// To this notice.
    pub notice_id: Option<NoticeId>,
    /// About this listing.
    pub listing_id: Option<ListingId>,
    /// About this sale at a negotiated price.
    pub negotiation_id: Option<NegotiationId>,
    /// About this grant of rights.
    pub rights_grant_id: Option<RightsGrantId>,
    /// About this open licence.
    pub open_licence_id: Option<OpenLicenceId>,
    /// In this state.
    pub state: Option<ObjectionState>,
    /// By this person.
    pub objector: Option<PersonId>,
}

/// An objection.
pub async fn find(db: &impl ConnectionTrait, id: ObjectionId) -> Result<Option<objection::Model>, DbErr> {
    objection::Entity::find_by_id(id).one(db).await
}

/// An objection, held.
pub async fn hold(db: &impl ConnectionTrait, id: ObjectionId) -> Result<Option<objection::Model>, DbErr> {
    objection::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Sees to it that a listing stays as it is: a row that refers to it looks at it when it is inserted, and to do so first keeps the order
/// listing before notice.
pub async fn touch_listing(db: &impl ConnectionTrait, id: ListingId) -> Result<Option<ListingId>, DbErr> {
    listing::Entity::find_by_id(id).select_only().column(listing::Column::Id).lock(LockType::KeyShare).into_tuple().one(db).await
}

/// The same of the deal whose result a notice tells: who publishes that or rescinds the deal holds it before its notice.
pub async fn touch_deal(db: &impl ConnectionTrait, id: DealId) -> Result<(), DbErr> {
    let of = deal::Entity::find_by_id(id).select_only().column(deal::Column::Id);
    of.lock(LockType::KeyShare).into_tuple::<DealId>().one(db).await.map(|_| ())
}

/// The same of whatever a notice is about.
pub async fn touch(db: &impl ConnectionTrait, matter: Matter) -> Result<(), DbErr> {
    match matter {
        Matter::Listing(id) => touch_listing(db, id).await.map(|_| ()),
        Matter::Negotiation(id) => {
            let of = negotiation::Entity::find_by_id(id).select_only().column(negotiation::Column::Id);
            of.lock(LockType::KeyShare).into_tuple::<NegotiationId>().one(db).await.map(|_| ())
        }
        Matter::RightsGrant(id) => {
            let of = rights_grant::Entity::find_by_id(id).select_only().column(rights_grant::Column::Id);
            of.lock(LockType::KeyShare).into_tuple::<RightsGrantId>().one(db).await.map(|_| ())
        }
        Matter::OpenLicence(id) => {
            let of = open_licence::Entity::find_by_id(id).select_only().column(open_licence::Column::Id);
            of.lock(LockType::KeyShare).into_tuple::<OpenLicenceId>().one(db).await.map(|_| ())
        }
    }
}

fn about(matter: Matter) -> SimpleExpr {
    match matter {
        Matter::Listing(id) => objection::Column::ListingId.eq(id),
        Matter::Negotiation(id) => objection::Column::NegotiationId.eq(id),
        Matter::RightsGrant(id) => objection::Column::RightsGrantId.eq(id),
        Matter::OpenLicence(id) => objection::Column::OpenLicenceId.eq(id),
    }
}

/// Everything that was objected to about something, in order; what was to the result of one of its deals holds up nothing else.
pub async fn of(db: &impl ConnectionTrait, matter: Matter) -> Result<Vec<objection::Model>, DbErr> {
    objection::Entity::find()
        .filter(about(matter))
        .filter(objection::Column::DealId.is_null())
        .order_by_asc(objection::Column::SubmittedAt)
        .order_by_asc(objection::Column::Id)
        .all(db)
        .await
}

/// The organisations an objection concerns: whose notice it is, for which somebody objects, and who buys what it is about.
pub async fn parties(db: &impl ConnectionTrait, of: &objection::Model) -> Result<Vec<OrganisationId>, DbErr> {
    let mut parties = vec![of.organisation_id];
    parties.extend(of.objector_organisation_id);
    if let Some(id) = of.negotiation_id {
        let sale = negotiation::Entity::find_by_id(id).select_only().column(negotiation::Column::BuyerOrganisationId);
        parties.extend(sale.into_tuple::<OrganisationId>().one(db).await?);
    }
    if let Some(id) = of.listing_id {
        let sales = deal::Entity::find()
            .filter(deal::Column::ListingId.eq(id))
            .apply_if(of.deal_id, |sales, id| sales.filter(deal::Column::Id.eq(id)));
        let sales = sales.select_only().column(deal::Column::BuyerOrganisationId);
        parties.extend(sales.into_tuple::<OrganisationId>().all(db).await?);
    }
    Ok(parties)
}

/// Everything that was objected to a notice.
pub async fn to_notice(db: &impl ConnectionTrait, notice: NoticeId) -> Result<Vec<objection::Model>, DbErr> {
    objection::Entity::find().filter(objection::Column::NoticeId.eq(notice)).all(db).await
}

/// The objection of a person to a version of a notice, if there is one.
pub async fn of_objector(
    db: &impl ConnectionTrait,
    notice: NoticeId,
    version: i64,
    person: PersonId,
) -> Result<Option<objection::Model>, DbErr> {
    objection::Entity::find()
        .filter(objection::Column::NoticeId.eq(notice))
        .filter(objection::Column::NoticeVersion.eq(version))
        .filter(objection::Column::Objector.eq(person))
        .one(db)
        .await
}

/// So many objections of a person, newest first.
pub async fn of_person(db: &impl ConnectionTrait, person: PersonId, most: u64) -> Result<Vec<objection::Model>, DbErr> {
    objection::Entity::find()
        .filter(objection::Column::Objector.eq(person))
        .order_by_desc(objection::Column::SubmittedAt)
        .limit(most)
        .all(db)
        .await
}

/// A page of objections, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<objection::Model>, Problem> {
    let select = objection::Entity::find()
        .apply_if(wanted.notice_id, |select, id| select.filter(objection::Column::NoticeId.eq(id)))
        .apply_if(wanted.listing_id, |select, id| select.filter(objection::Column::ListingId.eq(id)))
        .apply_if(wanted.negotiation_id, |select, id| select.filter(objection::Column::NegotiationId.eq(id)))
        .apply_if(wanted.rights_grant_id, |select, id| select.filter(objection::Column::RightsGrantId.eq(id)))
        .apply_if(wanted.open_licence_id, |select, id| select.filter(objection::Column::OpenLicenceId.eq(id)))
        .apply_if(wanted.state, |select, state| select.filter(objection::Column::State.eq(state)))
        .apply_if(wanted.objector, |select, person| select.filter(objection::Column::Objector.eq(person)));
    Ok(page.restrict(select, objection::Column::SubmittedAt, objection::Column::Id)?.all(db).await?)
}

/// Everything that was objected to about something and the results of its deals, in order.
pub async fn all_about(db: &impl ConnectionTrait, matter: Matter) -> Result<Vec<objection::Model>, DbErr> {
    objection::Entity::find()
        .filter(about(matter))
        .order_by_asc(objection::Column::SubmittedAt)
        .order_by_asc(objection::Column::Id)
        .all(db)
        .await
}
