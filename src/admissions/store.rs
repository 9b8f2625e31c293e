//! Where calls and admissions are kept.

use std::collections::{BTreeSet, HashMap};

use entity::admissions::{AdmissionState, admission, admission_call};
use entity::auctions::lot;
use entity::ids::{AdmissionId, ListingId, LotId, OrganisationId};
use entity::ledger::bank_credit;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde::Deserialize;

use crate::platform::db::{Question, Questions};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// The states of those who have a bidder's name, now or for the record.
const BIDDERS: [AdmissionState; 4] = [AdmissionState::Admitted, AdmissionState::Won, AdmissionState::Lost, AdmissionState::Defaulted];

/// The call of a lot.
pub async fn call(db: &impl ConnectionTrait, lot: LotId) -> Result<Option<admission_call::Model>, DbErr> {
    admission_call::Entity::find_by_id(lot).one(db).await
}

/// The call of a lot, held: it stands for all admissions of the lot.
pub async fn hold_call(db: &impl ConnectionTrait, lot: LotId) -> Result<Option<admission_call::Model>, DbErr> {
    admission_call::Entity::find_by_id(lot).lock_exclusive().one(db).await
}

/// The calls of these lots, by lot.
pub async fn calls(db: &impl ConnectionTrait, lots: BTreeSet<LotId>) -> Result<HashMap<LotId, admission_call::Model>, DbErr> {
    let mut questions = Questions::to(db);
    let asked = ask_calls(&mut questions, lots);
    Ok(by_lot(questions.answered(db).await?.0.take(asked)?))
}

/// Asks for the calls of these lots.
pub fn ask_calls(questions: &mut Questions, lots: impl IntoIterator<Item = LotId>) -> Question<admission_call::Model> {
    let of_these = questions.is_among(admission_call::Column::LotId, lots);
    questions.ask(admission_call::Entity::find().filter(of_these).into_query())
}

/// Calls by their lots.
pub fn by_lot(calls: Vec<admission_call::Model>) -> HashMap<LotId, admission_call::Model> {
    calls.into_iter().map(|call| (call.lot_id, call)).collect()
}

/// The lots that are not over of which an organisation is the seller, or for which it is registered, in order.
pub async fn open_to(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<Vec<LotId>, DbErr> {
    let taking_part = [AdmissionState::Applied, AdmissionState::Qualified, AdmissionState::Admitted];
    let mut lots: BTreeSet<LotId> = admission::Entity::find()
        .select_only()
        .column(admission::Column::LotId)
        .filter(admission::Column::OrganisationId.eq(organisation))
        .filter(admission::Column::State.is_in(taking_part))
        .into_tuple::<LotId>()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let sold_by_it: Vec<LotId> = admission_call::Entity::find()
        .select_only()
        .column(admission_call::Column::LotId)
        .filter(admission_call::Column::SellerOrganisationId.eq(organisation))
        .into_tuple()
        .all(db)
        .await?;
    let live = admission::Entity::find()
        .select_only()
        .column(admission::Column::LotId)
        .filter(admission::Column::LotId.is_in(sold_by_it))
        .filter(admission::Column::State.is_in(taking_part))
        .into_tuple::<LotId>()
        .all(db)
        .await?;
    lots.extend(live);
    Ok(lots.into_iter().collect())
}

/// Sees to it that the lot's row stays as it is. A row that refers to a lot looks at it when it is
/// inserted; doing so first keeps the order lot before admission, so nobody waits in a circle.
pub async fn touch_lot(db: &impl ConnectionTrait, id: LotId) -> Result<Option<LotId>, DbErr> {
    lot::Entity::find_by_id(id).select_only().column(lot::Column::Id).lock(LockType::KeyShare).into_tuple().one(db).await
}

/// A lot, as it stands.
pub async fn lot(db: &impl ConnectionTrait, id: LotId) -> Result<Option<lot::Model>, DbErr> {
    lot::Entity::find_by_id(id).one(db).await
}

/// An admission.
pub async fn admission(db: &impl ConnectionTrait, id: AdmissionId) -> Result<Option<admission::Model>, DbErr> {
    admission::Entity::find_by_id(id).one(db).await
}

/// An admission, held together with its call.
pub async fn hold(db: &impl ConnectionTrait, id: AdmissionId) -> Result<Option<(admission_call::Model, admission::Model)>, DbErr> {
    let Some(known) = admission(db, id).await? else { return Ok(None) };
    let call = hold_call(db, known.lot_id).await?;
    let held = admission::Entity::find_by_id(id).lock_exclusive().one(db).await?;
    Ok(call.zip(held))
}

/// Every admission of a lot, held one by one in the order of their ids.
pub async fn hold_all(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<admission::Model>, DbErr> {
    admission::Entity::find().filter(admission::Column::LotId.eq(lot)).order_by_asc(admission::Column::Id).lock_exclusive().all(db).await
}

/// Every admission of a lot, in the order of their ids.
pub async fn all(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<admission::Model>, DbErr> {
    admission::Entity::find().filter(admission::Column::LotId.eq(lot)).order_by_asc(admission::Column::Id).all(db).await
}

/// The admission whose deposit is paid under this reference, written as it is kept.
pub async fn by_reference(db: &impl ConnectionTrait, reference: &str) -> Result<Option<admission::Model>, DbErr> {
    admission::Entity::find().filter(admission::Column::DepositReference.eq(reference)).one(db).await
}

/// The application of an organisation for a lot, unless withdrawn.
pub async fn standing(db: &impl ConnectionTrait, lot: LotId, organisation: OrganisationId) -> Result<Option<admission::Model>, DbErr> {
    admission::Entity::find()
        .filter(admission::Column::LotId.eq(lot))
        .filter(admission::Column::OrganisationId.eq(organisation))
        .filter(admission::Column::State.ne(AdmissionState::Withdrawn))
        .one(db)
        .await
}

/// An admission as bids need it.
#[derive(Clone, Debug, FromQueryResult, Deserialize)]
pub struct Bidder {
    /// Its id.
    pub id: AdmissionId,
    /// The lot.
    pub lot_id: LotId,
    /// Who was admitted.
    pub organisation_id: OrganisationId,
    /// Where it stands.
    pub state: AdmissionState,
    /// What was last said of it.
    pub reason: Option<String>,
    /// The name the bidder goes by.
    pub pseudonym: Option<String>,
    /// Whether he may not bid for now.
    pub suspended: bool,
    /// The rank of his right of pre-emption.
    pub preemption_rank: Option<i32>,
}

impl Bidder {
    const COLUMNS: [admission::Column; 8] = [
        admission::Column::Id,
        admission::Column::LotId,
        admission::Column::OrganisationId,
        admission::Column::State,
        admission::Column::Reason,
        admission::Column::Pseudonym,
        admission::Column::Suspended,
        admission::Column::PreemptionRank,
    ];

    /// Whether he is one, now or for the record.
    pub fn counts(&self) -> bool {
        BIDDERS.contains(&self.state)
    }
}

/// The admission under which an organisation bids for a lot, or bid once it has ended.
pub async fn bidder(db: &impl ConnectionTrait, lot: LotId, organisation: OrganisationId) -> Result<Option<Bidder>, DbErr> {
    admission::Entity::find()
        .select_only()
        .columns(Bidder::COLUMNS)
        .filter(admission::Column::LotId.eq(lot))
        .filter(admission::Column::OrganisationId.eq(organisation))
        .filter(admission::Column::State.is_in(BIDDERS))
        .into_model()
        .one(db)
        .await
}

/// An admission as it is asked about: that of an organisation for a lot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pair {
    /// The lot.
    pub lot: LotId,
    /// The organisation.
    pub organisation: OrganisationId,
}

/// Asks for the admissions of organisations for lots that stand, or stood when the lot ended.
pub fn ask_bidders(questions: &mut Questions, pairs: &BTreeSet<Pair>) -> Question<Bidder> {
    let given = pairs.iter().map(|pair| admission::ActiveModel {
        lot_id: Set(pair.lot),
        organisation_id: Set(pair.organisation),
        ..Default::default()
    });
    // In the very words of the index of those that stand, which a parameter would not be known to mean.
    let stands = Expr::cust("\"admission\".\"state\" <> 'withdrawn'");
    questions.ask_given(&given.collect::<Vec<_>>(), &Bidder::COLUMNS, Some(stands))
}

/// Everybody who has applied for a lot and was not sent away, nor went.
pub async fn registered(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<OrganisationId>, DbErr> {
    admission::Entity::find()
        .select_only()
        .column(admission::Column::OrganisationId)
        .filter(admission::Column::LotId.eq(lot))
        .filter(admission::Column::State.is_not_in([AdmissionState::Refused, AdmissionState::Withdrawn]))
        .into_tuple()
        .all(db)
        .await
}

/// The lots of a listing that buyers were called to, in order.
pub async fn lots_called_to(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<LotId>, DbErr> {
    let calls = admission_call::Entity::find().filter(admission_call::Column::ListingId.eq(listing));
    let calls = calls.order_by_asc(admission_call::Column::OpensAt).order_by_asc(admission_call::Column::LotId);
    calls.select_only().column(admission_call::Column::LotId).into_tuple().all(db).await
}

/// Every admission to a lot of a listing.
pub async fn of_listing(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<admission::Model>, DbErr> {
    let lots = lots_called_to(db, listing).await?;
    admission::Entity::find().filter(admission::Column::LotId.is_in(lots)).all(db).await
}

/// The ids of a lot's admissions.
pub async fn ids(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<AdmissionId>, DbErr> {
    admission::Entity::find()
        .select_only()
        .column(admission::Column::Id)
        .filter(admission::Column::LotId.eq(lot))
        .into_tuple()
        .all(db)
        .await
}

/// Every organisation that bids for a lot, or bid once it has ended.
pub async fn bidders(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<OrganisationId>, DbErr> {
    admission::Entity::find()
        .select_only()
        .column(admission::Column::OrganisationId)
        .filter(admission::Column::LotId.eq(lot))
        .filter(admission::Column::State.is_in(BIDDERS))
        .into_tuple()
        .all(db)
        .await
}

/// The bidders of a lot who hold a right of pre-emption: by rank, of one rank whoever applied earlier first.
pub async fn holders(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<admission::Model>, DbErr> {
    admission::Entity::find()
        .filter(admission::Column::LotId.eq(lot))
        .filter(admission::Column::State.eq(AdmissionState::Admitted))
        .filter(admission::Column::PreemptionRank.is_not_null())
        .order_by_asc(admission::Column::PreemptionRank)
        .order_by_asc(admission::Column::CreatedAt)
        .order_by_asc(admission::Column::Id)
        .all(db)
        .await
}

/// The pseudonyms a lot has given out.
pub async fn pseudonyms(db: &impl ConnectionTrait, lot: LotId) -> Result<BTreeSet<String>, DbErr> {
    let names: Vec<String> = admission::Entity::find()
        .select_only()
        .column(admission::Column::Pseudonym)
        .filter(admission::Column::LotId.eq(lot))
        .filter(admission::Column::Pseudonym.is_not_null())
        .into_tuple()
        .all(db)
        .await?;
    Ok(names.into_iter().collect())
}

/// The admissions whose deposits are paid under one of these references.
pub async fn by_references(db: &impl ConnectionTrait, references: Vec<String>) -> Result<Vec<admission::Model>, DbErr> {
    admission::Entity::find().filter(admission::Column::DepositReference.is_in(references)).all(db).await
}

/// The credits recorded for an admission, the first of them first.
pub async fn credits(db: &impl ConnectionTrait, admission: AdmissionId) -> Result<Vec<bank_credit::Model>, DbErr> {
    bank_credit::Entity::find()
        .filter(bank_credit::Column::AdmissionId.eq(admission))
        .order_by_asc(bank_credit::Column::RecordedAt)
        .order_by_asc(bank_credit::Column::Id)
        .all(db)
        .await
}

/// Whose admissions are asked for.
#[derive(Clone, Copy, Debug)]
pub enum Whose {
    /// All of a lot.
    Lot(LotId),
    /// All of an organisation.
    Organisation(OrganisationId),
}

/// A page of admissions, newest first, and one more.
pub async fn admissions(
    db: &impl ConnectionTrait,
    whose: Whose,
    state: Option<AdmissionState>,
    page: &PageQuery,
) -> Result<Vec<admission::Model>, Problem> {
    let found = page.restrict(admission::Entity::find(), admission::Column::CreatedAt, admission::Column::Id)?;
    let mut found = found.filter(match whose {
        Whose::Lot(lot) => admission::Column::LotId.eq(lot),
        Whose::Organisation(organisation) => admission::Column::OrganisationId.eq(organisation),
    });
    if let Some(state) = state {
        found = found.filter(admission::Column::State.eq(state));
    }
    Ok(found.all(db).await?)
}
