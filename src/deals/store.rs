//! Where deals and the signatures under their confirmations are kept.

use entity::deals::{DealState, deal, deal_signature};
use entity::ids::{AwardId, DealId, ListingId, LotId, OrganisationId, PersonId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Which deals are asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// To which this organisation is a party.
    pub party: Option<OrganisationId>,
    /// In this state.
    pub state: Option<DealState>,
    /// Of this listing.
    pub listing_id: Option<ListingId>,
    /// Of this lot.
    pub lot_id: Option<LotId>,
}

/// A deal.
pub async fn find(db: &impl ConnectionTrait, id: DealId) -> Result<Option<deal::Model>, DbErr> {
    deal::Entity::find_by_id(id).one(db).await
}

/// The deals that awards led to, one for each.
pub async fn of_awards(db: &impl ConnectionTrait, awards: Vec<AwardId>) -> Result<Vec<deal::Model>, DbErr> {
    deal::Entity::find().filter(deal::Column::AwardId.is_in(awards)).all(db).await
}

/// The deals a lot led to: of several units one for each buyer, and another one where the runner-up has it.
pub async fn of_lot(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<deal::Model>, DbErr> {
    deal::Entity::find().filter(deal::Column::LotId.eq(lot)).all(db).await
}

/// A deal, held.
pub async fn hold(db: &impl ConnectionTrait, id: DealId) -> Result<Option<deal::Model>, DbErr> {
    deal::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The deals of a listing that have not come to nothing, held, in the order of their ids.
pub async fn hold_standing(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<deal::Model>, DbErr> {
    let of_listing = deal::Entity::find().filter(deal::Column::ListingId.eq(listing));
    let stands = [DealState::ConfirmationGenerated, DealState::Confirmed, DealState::ResultPublished];
    let standing = of_listing.filter(deal::Column::State.is_in(stands));
    standing.order_by_asc(deal::Column::Id).lock_exclusive().all(db).await
}

/// The signatures under a confirmation, in the order in which they were given.
pub async fn signatures(db: &impl ConnectionTrait, id: DealId) -> Result<Vec<deal_signature::Model>, DbErr> {
    deal_signature::Entity::find()
        .filter(deal_signature::Column::DealId.eq(id))
        .order_by_asc(deal_signature::Column::SignedAt)
        .order_by_asc(deal_signature::Column::Side)
        .all(db)
        .await
}

/// So many signatures of a person, newest first.
pub async fn signatures_of(db: &impl ConnectionTrait, person: PersonId, most: u64) -> Result<Vec<deal_signature::Model>, DbErr> {
    deal_signature::Entity::find()
        .filter(deal_signature::Column::PersonId.eq(person))
        .order_by_desc(deal_signature::Column::SignedAt)
        .order_by_desc(deal_signature::Column::DealId)
        .order_by_desc(deal_signature::Column::Side)
        .limit(most)
        .all(db)
        .await
}

/// A page of deals, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<deal::Model>, Problem> {
    let concerns = |party: OrganisationId| {
        Condition::any().add(deal::Column::SellerOrganisationId.eq(party)).add(deal::Column::BuyerOrganisationId.eq(party))
    };
    let select = deal::Entity::find()
        .apply_if(wanted.party, |select, party| select.filter(concerns(party)))
        .apply_if(wanted.state, |select, state| select.filter(deal::Column::State.eq(state)))
        .apply_if(wanted.listing_id, |select, id| select.filter(deal::Column::ListingId.eq(id)))
        .apply_if(wanted.lot_id, |select, id| select.filter(deal::Column::LotId.eq(id)));
    Ok(page.restrict(select, deal::Column::CreatedAt, deal::Column::Id)?.all(db).await?)
}

/// The deals of a listing, in order.
pub async fn of_listing(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<deal::Model>, DbErr> {
    deal::Entity::find()
        .filter(deal::Column::ListingId.eq(listing))
        .order_by_asc(deal::Column::CreatedAt)
        .order_by_asc(deal::Column::Id)
        .all(db)
        .await
}
