//! Where lots, their logs and awards are kept.

pub mod receipts;
pub mod rights;
pub mod scores;

use entity::Timestamp;
use entity::auctions::{LotEventKind, LotState, award, first_offer, lot, lot_event, sealed_bid, turn_bid};
use entity::ids::{AdmissionId, ListingId, LotId, PersonId};
use sea_orm::ActiveValue::Unchanged;
use sea_orm::sea_query::{Expr, LockBehavior, LockType};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable,
    ModelTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::planted::{self, Fault};
use crate::platform::db::{self, Writes};

/// The events by which somebody bids; a purchase before the first bid is one too.
const BIDS: [LotEventKind; 3] = [LotEventKind::BidPlaced, LotEventKind::BoughtNow, LotEventKind::MaximumPlaced];

/// A lot.
pub async fn lot(db: &impl ConnectionTrait, id: LotId) -> Result<Option<lot::Model>, DbErr> {
    lot::Entity::find_by_id(id).one(db).await
}

/// A lot, held: whoever holds it decides what comes next in its log.
pub async fn hold(db: &impl ConnectionTrait, id: LotId) -> Result<Option<lot::Model>, DbErr> {
    lot::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Lots, in the order of their ids.
pub async fn lots(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<lot::Model>, DbErr> {
    in_order(db, ids).all(db).await
}

fn in_order(db: &impl ConnectionTrait, ids: &[LotId]) -> Select<lot::Entity> {
    let among = db::is_among(db.get_database_backend(), lot::Column::Id, ids.iter().copied());
    lot::Entity::find().filter(among).order_by_asc(lot::Column::Id)
}

/// Lots, held one by one in the order of their ids, so that nobody waits in a circle.
pub async fn hold_all(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<lot::Model>, DbErr> {
    held(db, in_order(db, ids)).await
}

async fn held(db: &impl ConnectionTrait, lots: Select<lot::Entity>) -> Result<Vec<lot::Model>, DbErr> {
    if planted::is(Fault::LotsNotHeld) { lots.all(db).await } else { lots.lock_exclusive().all(db).await }
}

/// The same as [bids need them](as_bids_need).
pub async fn hold_to_bid(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<lot::Model>, DbErr> {
    held(db, as_bids_need(db, ids)).await
}

/// The same of those that nobody else holds.
pub async fn hold_free_to_bid(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<lot::Model>, DbErr> {
    free(as_bids_need(db, ids)).all(db).await
}

/// The same of lots that are held already.
pub async fn lots_to_bid(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<lot::Model>, DbErr> {
    as_bids_need(db, ids).all(db).await
}

/// Where the log of a lot ends.
#[derive(FromQueryResult)]
pub struct Head {
    /// The lot.
    pub id: LotId,
    /// The number of its last event.
    pub seq: i64,
    /// The hash of that.
    pub head_hash: Vec<u8>,
}

/// Lots that nobody else holds, held in the order of their ids; where their logs end.
pub async fn hold_free_heads(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<Head>, DbErr> {
    let heads = in_order(db, ids).select_only().columns([lot::Column::Id, lot::Column::Seq, lot::Column::HeadHash]);
    free(heads).into_model().all(db).await
}

/// Held, but for those that somebody else holds.
fn free(lots: Select<lot::Entity>) -> Select<lot::Entity> {
    if planted::is(Fault::LotsNotHeld) { lots } else { lots.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked) }
}

/// Lots without the rules and facts that they were announced with, and without who has a hand in them: those are long, and no bid is
/// judged by them, but for how far it may jump in lots from before their terms said so.
fn as_bids_need(db: &impl ConnectionTrait, ids: &[LotId]) -> Select<lot::Entity> {
    let is_left_out = |column: &lot::Column| matches!(column, lot::Column::Rules | lot::Column::Facts | lot::Column::BarredPersons);
    let nothing = if db.get_database_backend() == DatabaseBackend::Postgres { "'null'::jsonb" } else { "'null'" };
    let short = in_order(db, ids).select_only().columns(lot::Column::iter().filter(|column| !is_left_out(column)));
    lot::Column::iter().filter(is_left_out).fold(short, |all, column| {
        let instead = match column {
            lot::Column::Rules => format!("CASE WHEN terms->>'jump_factor' IS NULL THEN rules ELSE {nothing} END"),
            _ => nothing.to_owned(),
        };
        all.expr_as(Expr::cust(instead), column.as_str())
    })
}

/// When the last event of a lot happened.
pub async fn head_at(db: &impl ConnectionTrait, id: LotId) -> Result<Option<Timestamp>, DbErr> {
    let events = lot_event::Entity::find().select_only().column(lot_event::Column::At).filter(lot_event::Column::LotId.eq(id));
    events.order_by_desc(lot_event::Column::Seq).limit(1).into_tuple().one(db).await
}

/// When an event of a kind last happened in a lot.
pub async fn last_at(db: &impl ConnectionTrait, id: LotId, kind: LotEventKind) -> Result<Option<Timestamp>, DbErr> {
    lot_event::Entity::find()
        .select_only()
        .column(lot_event::Column::At)
        .filter(lot_event::Column::LotId.eq(id))
        .filter(lot_event::Column::Kind.eq(kind))
        .order_by_desc(lot_event::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
}

/// Whose doing the latest event of a kind in the log of a lot was.
pub async fn last_by(db: &impl ConnectionTrait, id: LotId, kind: LotEventKind) -> Result<Option<PersonId>, DbErr> {
    let last = lot_event::Entity::find()
        .filter(lot_event::Column::LotId.eq(id))
        .filter(lot_event::Column::Kind.eq(kind))
        .order_by_desc(lot_event::Column::Seq)
        .limit(1)
        .one(db)
        .await?;
    Ok(last.and_then(|event| event.person_id))
}

/// What the log of a lot says of bidders who were suspended and reinstated, the latest first.
pub async fn suspensions(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<lot_event::Model>, DbErr> {
    lot_event::Entity::find()
        .filter(lot_event::Column::LotId.eq(id))
        .filter(lot_event::Column::Kind.is_in([LotEventKind::BidderSuspended, LotEventKind::BidderReinstated]))
        .order_by_desc(lot_event::Column::Seq)
        .all(db)
        .await
}

/// Lots that are being bid for, or in which a holder is asked, and that close before an instant; and those that wait and open
/// before it.
pub async fn lots_near(db: &impl ConnectionTrait, before: Timestamp) -> Result<Vec<LotId>, DbErr> {
    let closes = Condition::all()
        .add(lot::Column::State.is_in([LotState::OpenFree, LotState::OpenTimed, LotState::PreemptionAsk]))
        .add(lot::Column::ClosesAt.lt(before));
    let opens = Condition::all().add(lot::Column::State.eq(LotState::Scheduled)).add(lot::Column::OpensAt.lt(before));
    lot::Entity::find()
        .select_only()
        .column(lot::Column::Id)
        .filter(Condition::any().add(closes).add(opens))
        .order_by_asc(lot::Column::Id)
        .into_tuple()
        .all(db)
        .await
}

/// The lots of some listings that wait for their opening, or were paused.
pub async fn lots_waiting(db: &impl ConnectionTrait, listings: Vec<ListingId>) -> Result<Vec<lot::Model>, DbErr> {
    if listings.is_empty() {
        return Ok(Vec::new());
    }
    lot::Entity::find()
        .filter(lot::Column::ListingId.is_in(listings))
        .filter(lot::Column::State.is_in([LotState::Scheduled, LotState::Paused]))
        .order_by_asc(lot::Column::Id)
        .all(db)
        .await
}

/// How far the logs of lots reach, and where the lots stand.
pub async fn heads(db: &impl ConnectionTrait, ids: &[LotId]) -> Result<Vec<(LotId, i64, LotState)>, DbErr> {
    lot::Entity::find()
        .select_only()
        .columns([lot::Column::Id, lot::Column::Seq, lot::Column::State])
        .filter(db::is_among(db.get_database_backend(), lot::Column::Id, ids.iter().copied()))
        .into_tuple()
        .all(db)
        .await
}

/// What stores events and the lots after them: of each lot how it stood before and how it stands now, of which only what has changed is
/// written.
pub fn record(db: &impl ConnectionTrait, events: Vec<lot_event::Model>, lots: &[(&lot::Model, &lot::Model)]) -> Result<Writes, DbErr> {
    let mut writes = Writes::to(db);
    writes.insert(events);
    writes.update(changed(lots))?;
    Ok(writes)
}

/// Rows that say what has changed in any of some lots, of all the same.
fn changed(lots: &[(&lot::Model, &lot::Model)]) -> Vec<lot::ActiveModel> {
    let differs = |column| lots.iter().any(|(before, after)| before.get(column) != after.get(column));
    let columns: Vec<_> = lot::Column::iter().filter(|column| !is_announced(*column) && differs(*column)).collect();
    let row = |after: &lot::Model| {
        let mut row = lot::ActiveModel { id: Unchanged(after.id), ..Default::default() };
        for column in &columns {
            row.set(*column, after.get(*column));
        }
        row
    };
    lots.iter().map(|(_, after)| row(after)).collect()
}

/// Whether a column is of what a lot was announced with: that stands, and is long.
fn is_announced(column: lot::Column) -> bool {
    use lot::Column::{BarredPersons, CreatedAt, Currency, Facts, ListingId, Rehearsal, Rules, SellerOrganisationId, Terms};
    matches!(column, ListingId | SellerOrganisationId | Rehearsal | Terms | Currency | BarredPersons | Rules | Facts | CreatedAt)
}

/// Events after a number, in order.
pub async fn events_after(db: &impl ConnectionTrait, id: LotId, seq: i64, limit: u64) -> Result<Vec<lot_event::Model>, DbErr> {
    lot_event::Entity::find()
        .filter(lot_event::Column::LotId.eq(id))
        .filter(lot_event::Column::Seq.gt(seq))
        .order_by_asc(lot_event::Column::Seq)
        .limit(limit)
        .all(db)
        .await
}

/// Bids before a number, newest first.
pub async fn bids_before(db: &impl ConnectionTrait, id: LotId, seq: Option<i64>, limit: u64) -> Result<Vec<lot_event::Model>, DbErr> {
    let mut find = lot_event::Entity::find().filter(lot_event::Column::LotId.eq(id)).filter(lot_event::Column::Kind.is_in(BIDS));
    if let Some(seq) = seq {
        find = find.filter(lot_event::Column::Seq.lt(seq));
    }
    find.order_by_desc(lot_event::Column::Seq).limit(limit).all(db).await
}

/// Every bid of a lot, in order.
pub async fn all_bids(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<lot_event::Model>, DbErr> {
    lot_event::Entity::find()
        .filter(lot_event::Column::LotId.eq(id))
        .filter(lot_event::Column::Kind.is_in(BIDS))
        .order_by_asc(lot_event::Column::Seq)
        .all(db)
        .await
}

/// Every event of a lot that tells what was bid, in order: at once, at an opening, or when a turn ended.
pub async fn told_bids(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<lot_event::Model>, DbErr> {
    let told = [LotEventKind::BidsOpened, LotEventKind::FirstOffersOpened, LotEventKind::TurnEnded];
    lot_event::Entity::find()
        .filter(lot_event::Column::LotId.eq(id))
        .filter(lot_event::Column::Kind.is_in(BIDS.into_iter().chain(told)))
        .order_by_asc(lot_event::Column::Seq)
        .all(db)
        .await
}

/// So many bids of a person, newest first.
pub async fn bids_of(db: &impl ConnectionTrait, person: PersonId, most: u64) -> Result<Vec<lot_event::Model>, DbErr> {
    lot_event::Entity::find()
        .filter(lot_event::Column::PersonId.eq(person))
        .filter(lot_event::Column::Kind.is_in(BIDS))
        .order_by_desc(lot_event::Column::At)
        .order_by_desc(lot_event::Column::LotId)
        .order_by_desc(lot_event::Column::Seq)
        .limit(most)
        .all(db)
        .await
}

/// When the last bid of any lot arrived, those that are sealed and so change nothing in it among them.
pub async fn last_instant(db: &impl ConnectionTrait) -> Result<Option<Timestamp>, DbErr> {
    let bid = latest::<lot::Entity>(db, lot::Column::LastArrival).await?;
    let sealed = latest::<sealed_bid::Entity>(db, sealed_bid::Column::At).await?;
    let offered = latest::<first_offer::Entity>(db, first_offer::Column::ArrivedAt).await?;
    let in_turn = latest::<turn_bid::Entity>(db, turn_bid::Column::ArrivedAt).await?;
    Ok(bid.max(sealed).max(offered).max(in_turn))
}

/// The latest instant of a column.
async fn latest<E: EntityTrait>(db: &impl ConnectionTrait, column: E::Column) -> Result<Option<Timestamp>, DbErr> {
    let rows = E::find().select_only().column(column).filter(column.is_not_null());
    rows.order_by_desc(column).limit(1).into_tuple().one(db).await
}

/// The awards of a lot, turn by turn.
pub async fn awards(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<award::Model>, DbErr> {
    let all = award::Entity::find().filter(award::Column::LotId.eq(id));
    all.order_by_asc(award::Column::Turn).order_by_asc(award::Column::Unit).all(db).await
}

/// Every first offer of a lot, in the order they were sealed.
pub async fn first_offers(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<first_offer::Model>, DbErr> {
    first_offer::Entity::find().filter(first_offer::Column::LotId.eq(id)).order_by_asc(first_offer::Column::Ordinal).all(db).await
}

/// The first offer sealed last in a lot.
pub async fn last_first_offer(db: &impl ConnectionTrait, id: LotId) -> Result<Option<first_offer::Model>, DbErr> {
    first_offer::Entity::find().filter(first_offer::Column::LotId.eq(id)).order_by_desc(first_offer::Column::Ordinal).one(db).await
}

/// The first offer of a bidder that counts.
pub async fn first_offer_of(db: &impl ConnectionTrait, admission: AdmissionId) -> Result<Option<first_offer::Model>, DbErr> {
    let all = first_offer::Entity::find().filter(first_offer::Column::AdmissionId.eq(admission));
    all.order_by_desc(first_offer::Column::Ordinal).one(db).await
}

/// The bid of a turn placed last in a lot.
pub async fn last_turn_bid(db: &impl ConnectionTrait, id: LotId) -> Result<Option<turn_bid::Model>, DbErr> {
    turn_bid::Entity::find().filter(turn_bid::Column::LotId.eq(id)).order_by_desc(turn_bid::Column::Ordinal).one(db).await
}

/// So many first offers that a person sealed, newest first.
pub async fn first_offers_of(db: &impl ConnectionTrait, person: PersonId, most: u64) -> Result<Vec<first_offer::Model>, DbErr> {
    first_offer::Entity::find()
        .filter(first_offer::Column::PersonId.eq(person))
        .order_by_desc(first_offer::Column::ArrivedAt)
        .order_by_desc(first_offer::Column::LotId)
        .order_by_desc(first_offer::Column::Ordinal)
        .limit(most)
        .all(db)
        .await
}

/// So many bids of turns that a person placed, newest first.
pub async fn turn_bids_of(db: &impl ConnectionTrait, person: PersonId, most: u64) -> Result<Vec<turn_bid::Model>, DbErr> {
    turn_bid::Entity::find()
        .filter(turn_bid::Column::PersonId.eq(person))
        .order_by_desc(turn_bid::Column::ArrivedAt)
        .order_by_desc(turn_bid::Column::LotId)
        .order_by_desc(turn_bid::Column::Ordinal)
        .limit(most)
        .all(db)
        .await
}

/// Who sealed first offers and bids of turns in a lot, as far as it was kept, and under which admission.
pub async fn turn_takers(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<(AdmissionId, PersonId)>, DbErr> {
    let sealed = first_offer::Entity::find()
        .select_only()
        .columns([first_offer::Column::AdmissionId, first_offer::Column::PersonId])
        .filter(first_offer::Column::LotId.eq(id))
        .filter(first_offer::Column::PersonId.is_not_null());
    let bid = turn_bid::Entity::find()
        .select_only()
        .columns([turn_bid::Column::AdmissionId, turn_bid::Column::PersonId])
        .filter(turn_bid::Column::LotId.eq(id))
        .filter(turn_bid::Column::PersonId.is_not_null());
    let mut takers = sealed.into_tuple::<(AdmissionId, PersonId)>().all(db).await?;
    takers.extend(bid.into_tuple::<(AdmissionId, PersonId)>().all(db).await?);
    Ok(takers)
}

/// The bids sealed in a round of a lot, in the order in which they were sealed.
pub async fn sealed_bids(db: &impl ConnectionTrait, id: LotId, round: i32) -> Result<Vec<sealed_bid::Model>, DbErr> {
    sealed_bid::Entity::find()
        .filter(sealed_bid::Column::LotId.eq(id))
        .filter(sealed_bid::Column::Round.eq(round))
        .order_by_asc(sealed_bid::Column::Seq)
        .all(db)
        .await
}

/// Who sealed bids in a lot, and under which admission.
pub async fn sealers(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<(AdmissionId, PersonId)>, DbErr> {
    sealed_bid::Entity::find()
        .select_only()
        .columns([sealed_bid::Column::AdmissionId, sealed_bid::Column::PersonId])
        .filter(sealed_bid::Column::LotId.eq(id))
        .into_tuple()
        .all(db)
        .await
}

/// The last bid that a bidder sealed.
pub async fn last_sealed_of(db: &impl ConnectionTrait, admission: AdmissionId) -> Result<Option<sealed_bid::Model>, DbErr> {
    sealed_bid::Entity::find()
        .filter(sealed_bid::Column::AdmissionId.eq(admission))
        .order_by_desc(sealed_bid::Column::Seq)
        .limit(1)
        .one(db)
        .await
}

/// So many bids that a person sealed, newest first.
pub async fn sealed_bids_of(db: &impl ConnectionTrait, person: PersonId, most: u64) -> Result<Vec<sealed_bid::Model>, DbErr> {
    sealed_bid::Entity::find()
        .filter(sealed_bid::Column::PersonId.eq(person))
        .order_by_desc(sealed_bid::Column::At)
        .order_by_desc(sealed_bid::Column::Id)
        .limit(most)
        .all(db)
        .await
}

/// How many bids were ever sealed in a lot: the number of the last.
pub async fn last_sealed_number(db: &impl ConnectionTrait, id: LotId) -> Result<i64, DbErr> {
    let last = sealed_bid::Entity::find()
        .select_only()
        .column(sealed_bid::Column::Seq)
        .filter(sealed_bid::Column::LotId.eq(id))
        .order_by_desc(sealed_bid::Column::Seq)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.unwrap_or_default())
}

/// The openings of a lot's sealed bids, the last first.
pub async fn openings(db: &impl ConnectionTrait, id: LotId) -> Result<Vec<lot_event::Model>, DbErr> {
    lot_event::Entity::find()
        .filter(lot_event::Column::LotId.eq(id))
        .filter(lot_event::Column::Kind.eq(LotEventKind::BidsOpened))
        .order_by_desc(lot_event::Column::Seq)
        .all(db)
        .await
}
