//! Where rooms, what lies in them and what was done there are kept.

use entity::data_rooms::{
    DataRoomState, data_room, data_room_acceptance, data_room_access, data_room_document, data_room_grant, data_room_nda,
};
use entity::ids::{DataRoomDocumentId, DataRoomGrantId, DataRoomId, DocumentId, ListingId, NegotiationId, OrganisationId, PersonId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::rules::machine::Matter;
use crate::platform::access::Unpublished;
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// The most rows of a log that are told as one table.
const LONGEST_TABLE: u64 = 100_000;
/// The most acceptances and grants of a room that are told at once, newest first.
const MOST_VIEWERS: u64 = 1_000;

/// Which rooms are asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Of this listing.
    pub listing_id: Option<ListingId>,
    /// Of this sale.
    pub negotiation_id: Option<NegotiationId>,
    /// In this state.
    pub state: Option<DataRoomState>,
    /// Who asks, where he acts for an organisation: rooms of sales are for their buyers.
    pub visitor: Option<OrganisationId>,
    /// Whose are told of too that are prepared.
    pub prepared: Unpublished,
}

/// A room.
pub async fn find(db: &impl ConnectionTrait, id: DataRoomId) -> Result<Option<data_room::Model>, DbErr> {
    data_room::Entity::find_by_id(id).one(db).await
}

/// A room, held: its log goes on under it.
pub async fn hold(db: &impl ConnectionTrait, id: DataRoomId) -> Result<Option<data_room::Model>, DbErr> {
    data_room::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The room of a listing or a sale, held.
pub async fn hold_of(db: &impl ConnectionTrait, matter: Matter) -> Result<Option<data_room::Model>, DbErr> {
    match matter {
        Matter::Listing(id) => hold_of_listing(db, id).await,
        Matter::Negotiation(id, _) => hold_of_negotiation(db, id).await,
    }
}

/// The room of a listing, held.
pub async fn hold_of_listing(db: &impl ConnectionTrait, id: ListingId) -> Result<Option<data_room::Model>, DbErr> {
    data_room::Entity::find().filter(data_room::Column::ListingId.eq(id)).lock_exclusive().one(db).await
}

/// The room of a sale at a negotiated price, held.
pub async fn hold_of_negotiation(db: &impl ConnectionTrait, id: NegotiationId) -> Result<Option<data_room::Model>, DbErr> {
    data_room::Entity::find().filter(data_room::Column::NegotiationId.eq(id)).lock_exclusive().one(db).await
}

/// A page of rooms, newest first.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, page: &PageQuery) -> Result<Vec<data_room::Model>, Problem> {
    let for_everybody = data_room::Column::VisitorOrganisationId.is_null();
    let for_him = match wanted.visitor {
        Some(own) => Condition::any().add(for_everybody).add(data_room::Column::VisitorOrganisationId.eq(own)),
        None => Condition::all().add(for_everybody),
    };
    let known = Condition::all().add(data_room::Column::State.ne(DataRoomState::Prepared)).add(for_him);
    let known = match wanted.prepared {
        Unpublished::OfAll => Condition::all(),
        Unpublished::Of(own) => Condition::any().add(known).add(data_room::Column::OrganisationId.eq(own)),
        Unpublished::OfNobody => known,
    };
    let select = data_room::Entity::find()
        .filter(known)
        .apply_if(wanted.listing_id, |select, id| select.filter(data_room::Column::ListingId.eq(id)))
        .apply_if(wanted.negotiation_id, |select, id| select.filter(data_room::Column::NegotiationId.eq(id)))
        .apply_if(wanted.state, |select, state| select.filter(data_room::Column::State.eq(state)));
    Ok(page.restrict(select, data_room::Column::CreatedAt, data_room::Column::Id)?.all(db).await?)
}

/// A text of the agreement of a room.
pub async fn nda(db: &impl ConnectionTrait, room: DataRoomId, version: i64) -> Result<Option<data_room_nda::Model>, DbErr> {
    data_room_nda::Entity::find_by_id((room, version)).one(db).await
}

/// Which text of the agreement an organisation accepted last.
pub async fn last_accepted(db: &impl ConnectionTrait, room: DataRoomId, organisation: OrganisationId) -> Result<Option<i64>, DbErr> {
    data_room_acceptance::Entity::find()
        .select_only()
        .column(data_room_acceptance::Column::Version)
        .filter(data_room_acceptance::Column::DataRoomId.eq(room))
        .filter(data_room_acceptance::Column::OrganisationId.eq(organisation))
        .order_by_desc(data_room_acceptance::Column::Version)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// Who accepted the agreement of a room, newest first.
pub async fn acceptances(db: &impl ConnectionTrait, room: DataRoomId) -> Result<Vec<data_room_acceptance::Model>, DbErr> {
    data_room_acceptance::Entity::find()
        .filter(data_room_acceptance::Column::DataRoomId.eq(room))
        .order_by_desc(data_room_acceptance::Column::AcceptedAt)
        .order_by_desc(data_room_acceptance::Column::OrganisationId)
        .limit(MOST_VIEWERS)
        .all(db)
        .await
}

/// A document that lies in a room, or lay there.
pub async fn paper(db: &impl ConnectionTrait, id: DataRoomDocumentId) -> Result<Option<data_room_document::Model>, DbErr> {
    data_room_document::Entity::find_by_id(id).one(db).await
}

/// The documents that lie in a room, in the order in which they were laid out.
pub async fn papers(db: &impl ConnectionTrait, room: DataRoomId) -> Result<Vec<data_room_document::Model>, DbErr> {
    data_room_document::Entity::find()
        .filter(data_room_document::Column::DataRoomId.eq(room))
        .filter(data_room_document::Column::RemovedAt.is_null())
        .order_by_asc(data_room_document::Column::AddedAt)
        .order_by_asc(data_room_document::Column::Id)
        .all(db)
        .await
}

/// How many documents lie in a room, and whether this one is among them.
pub async fn lying(db: &impl ConnectionTrait, room: DataRoomId, document: DocumentId) -> Result<(u64, bool), DbErr> {
    let all = data_room_document::Entity::find()
        .filter(data_room_document::Column::DataRoomId.eq(room))
        .filter(data_room_document::Column::RemovedAt.is_null());
    let this = all.clone().filter(data_room_document::Column::DocumentId.eq(document));
    Ok((all.count(db).await?, this.count(db).await? > 0))
}

/// A grant.
pub async fn grant(db: &impl ConnectionTrait, id: DataRoomGrantId) -> Result<Option<data_room_grant::Model>, DbErr> {
    data_room_grant::Entity::find_by_id(id).one(db).await
}

/// The grant of a person for an organisation that was not taken back, be its time over.
pub async fn standing_grant(
    db: &impl ConnectionTrait,
    room: DataRoomId,
    person: PersonId,
    organisation: OrganisationId,
) -> Result<Option<data_room_grant::Model>, DbErr> {
    data_room_grant::Entity::find()
        .filter(data_room_grant::Column::DataRoomId.eq(room))
        .filter(data_room_grant::Column::PersonId.eq(person))
        .filter(data_room_grant::Column::OrganisationId.eq(organisation))
        .filter(data_room_grant::Column::RevokedAt.is_null())
        .one(db)
        .await
}

/// Who was let into a room, newest first.
pub async fn grants(db: &impl ConnectionTrait, room: DataRoomId) -> Result<Vec<data_room_grant::Model>, DbErr> {
    data_room_grant::Entity::find()
        .filter(data_room_grant::Column::DataRoomId.eq(room))
        .order_by_desc(data_room_grant::Column::GrantedAt)
        .order_by_desc(data_room_grant::Column::Id)
        .limit(MOST_VIEWERS)
        .all(db)
        .await
}

/// The last row of the log of a room, which is held.
pub async fn last_seen(db: &impl ConnectionTrait, room: DataRoomId) -> Result<Option<data_room_access::Model>, DbErr> {
    data_room_access::Entity::find()
        .filter(data_room_access::Column::DataRoomId.eq(room))
        .order_by_desc(data_room_access::Column::Seq)
        .limit(1)
        .one(db)
        .await
}

/// A page of the log of a room, newest first; of one watermark, or of all.
pub async fn log(
    db: &impl ConnectionTrait,
    room: DataRoomId,
    watermark: Option<&str>,
    page: &PageQuery,
) -> Result<Vec<data_room_access::Model>, Problem> {
    let select = data_room_access::Entity::find()
        .filter(data_room_access::Column::DataRoomId.eq(room))
        .apply_if(watermark, |select, code| select.filter(data_room_access::Column::Watermark.eq(code)));
    Ok(page.restrict_by_position(select, data_room_access::Column::Seq)?.all(db).await?)
}

/// What a person did in rooms, newest first, so many at most.
pub async fn accesses_of(db: &impl ConnectionTrait, person: PersonId, most: u64) -> Result<Vec<data_room_access::Model>, DbErr> {
    data_room_access::Entity::find()
        .filter(data_room_access::Column::PersonId.eq(person))
        .order_by_desc(data_room_access::Column::At)
        .order_by_desc(data_room_access::Column::Seq)
        .limit(most)
        .all(db)
        .await
}

/// The log of a room from its beginning on.
pub async fn whole_log(db: &impl ConnectionTrait, room: DataRoomId) -> Result<Vec<data_room_access::Model>, DbErr> {
    data_room_access::Entity::find()
        .filter(data_room_access::Column::DataRoomId.eq(room))
        .order_by_asc(data_room_access::Column::Seq)
        .limit(LONGEST_TABLE)
        .all(db)
        .await
}
