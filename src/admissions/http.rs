//! Applying, deciding and paying deposits over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::admissions::admission;
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{AdmissionId, LotId, OrganisationId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::rules::Standing;
use super::views::{AdmissionQuery, NewAdmission, NewCredit};
use crate::house::House;
use crate::identity::views::Reason;
use crate::operations;
use crate::platform::access::{Allow, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

pub use super::views::AdmissionView;

const EVERY_ROLE: &[OrgRole] = OrgRole::ALL;
const EVERY_STAFF: &[StaffRole] = StaffRole::ALL;
const APPLICANTS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator, OrgRole::Bidder];
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];
const AUCTION_HOST: &[StaffRole] = &[StaffRole::AuctionHost];
const FINANCE: &[StaffRole] = &[StaffRole::Finance];

operations! {
    /// Apply for a lot.
    ApplyForLot = Operation::deed("apply_for_lot", &[Allow::members(APPLICANTS)]).for_keys(KeyScope::AdmissionsWrite).refuses(&[
        Code::OwnLot, Code::OrganisationNotVerified, Code::ConflictOfInterest, Code::RegistrationClosed, Code::AlreadyApplied,
        Code::DocumentUnusable, Code::TradeRestricted, Code::ForeignNotAdmitted, Code::ExportLetterMissing,
    ]);
    /// Read an admission.
    ReadAdmission = Operation::question("read_admission", &[Allow::own(EVERY_ROLE), Allow::staff(EVERY_STAFF)])
        .for_keys(KeyScope::BidsRead);
    /// List the admissions to a lot.
    ListLotAdmissions = Operation::question("list_lot_admissions", &[Allow::staff(EVERY_STAFF)]).with_query();
    /// List the own admissions.
    ListMyAdmissions = Operation::question("list_my_admissions", &[Allow::own(EVERY_ROLE)]).for_keys(KeyScope::BidsRead).with_query();
    /// Qualify an applicant.
    QualifyAdmission = Operation::deed("qualify_admission", &[Allow::staff(REVIEWER)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Refuse an applicant.
    RefuseAdmission = Operation::deed("refuse_admission", &[Allow::staff(REVIEWER)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Withdraw an application.
    WithdrawAdmission = Operation::deed("withdraw_admission", &[Allow::own(APPLICANTS)])
        .for_keys(KeyScope::AdmissionsWrite)
        .on_version_if_sent()
        .refuses(&[Code::WrongState]);
    /// Suspend a bidder.
    SuspendBidder = Operation::deed("suspend_bidder", &[Allow::staff(AUCTION_HOST)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Reinstate a bidder.
    ReinstateBidder = Operation::deed("reinstate_bidder", &[Allow::staff(AUCTION_HOST)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Record a credit of the bank.
    RecordBankCredit = Operation::deed("record_bank_credit", &[Allow::staff(FINANCE)]).with_step_up().refuses(&[
        Code::WrongState, Code::RegistrationClosed, Code::BankReferenceTaken, Code::PayerMismatch, Code::AmountMismatch,
    ]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(apply_for_lot)
        .service(list_lot_admissions)
        .service(list_my_admissions)
        .service(read_admission)
        .service(qualify_admission)
        .service(refuse_admission)
        .service(withdraw_admission)
        .service(suspend_bidder)
        .service(reinstate_bidder)
        .service(record_bank_credit);
}

impl Thing for admission::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

fn place(row: &Standing) -> String {
    format!("/v1/admissions/{}", row.id)
}

/// Apply for a lot
///
/// A verified organisation that does not belong to the seller, nor is related to it, asks to be admitted (意向受让登记). A foreign party is
/// admitted where the listing is open to such, and for restricted technology with a verified letter of intent. The answer says how much
/// deposit to pay, under which reference and by when.
#[utoipa::path(
    tag = "admissions",
    params(("id" = uuid::Uuid, Path, description = "The lot")),
    request_body = NewAdmission,
    responses((status = 201, description = "Applied", body = AdmissionView))
)]
#[post("/v1/lots/{id}/admissions")]
pub async fn apply_for_lot(house: Data<House>, call: Call<ApplyForLot, Json<NewAdmission>>, id: Path<LotId>) -> Answer {
    let done = flows::apply(&house, &call.context, *id, call.body.0).await?;
    Ok(answer::created(done, false, place, AdmissionView::from))
}

/// List the admissions to a lot
///
/// For officers and the supervisor only: before the close nobody else may know who bids (竞买人名单保密).
#[utoipa::path(
    tag = "admissions",
    params(("id" = uuid::Uuid, Path, description = "The lot"), AdmissionQuery),
    responses((status = 200, description = "A page", body = Page<AdmissionView>))
)]
#[get("/v1/lots/{id}/admissions")]
pub async fn list_lot_admissions(
    house: Data<House>,
    _call: Call<ListLotAdmissions>,
    id: Path<LotId>,
    query: Query<AdmissionQuery>,
) -> Answer {
    let page = query.page();
    let rows = flows::of_lot(&house, *id, query.state, &page).await?;
    Ok(answer::page(&house, page.page(rows, |row| (row.created_at, row.id.into()), AdmissionView::from)?))
}

/// List the own admissions
///
/// Of the caller's organisation, newest first.
#[utoipa::path(
    tag = "admissions",
    params(AdmissionQuery),
    responses((status = 200, description = "A page", body = Page<AdmissionView>))
)]
#[get("/v1/admissions")]
pub async fn list_my_admissions(house: Data<House>, call: Call<ListMyAdmissions>, query: Query<AdmissionQuery>) -> Answer {
    let page = query.page();
    let rows = flows::of_organisation(&house, &call.context, query.state, &page).await?;
    Ok(answer::page(&house, page.page(rows, |row| (row.created_at, row.id.into()), AdmissionView::from)?))
}

/// Read an admission
///
/// For the organisation that applied and for officers, with what the caller may do to it now.
#[utoipa::path(
    tag = "admissions",
    params(("id" = uuid::Uuid, Path, description = "The admission")),
    responses((status = 200, description = "The admission", body = AdmissionView))
)]
#[get("/v1/admissions/{id}")]
pub async fn read_admission(house: Data<House>, call: Call<ReadAdmission>, id: Path<AdmissionId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Qualify an applicant
///
/// A reviewer finds that it meets the announced conditions (资格审查); what is missing now is the deposit.
#[utoipa::path(
    tag = "admissions",
    params(("id" = uuid::Uuid, Path, description = "The admission")),
    responses((status = 200, description = "Qualified", body = AdmissionView))
)]
#[post("/v1/admissions/{id}/qualify")]
pub async fn qualify_admission(house: Data<House>, call: Call<QualifyAdmission>, id: Path<AdmissionId>) -> Answer {
    let done = flows::qualify(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done, AdmissionView::from))
}

/// Refuse an applicant
///
/// With the reason, which the applicant reads.
#[utoipa::path(
    tag = "admissions",
    params(("id" = uuid::Uuid, Path, description = "The admission")),
    request_body = Reason,
    responses((status = 200, description = "Refused", body = AdmissionView))
)]
#[post("/v1/admissions/{id}/refuse")]
pub async fn refuse_admission(house: Data<House>, call: Call<RefuseAdmission, Json<Reason>>, id: Path<AdmissionId>) -> Answer {
    let done = flows::refuse(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(done, AdmissionView::from))
}

/// Withdraw an application
///
/// Until the deposit is there; whoever is admitted is bound.
#[utoipa::path(
    tag = "admissions",
    params(("id" = uuid::Uuid, Path, description = "The admission")),
    responses((status = 200, description = "Withdrawn", body = AdmissionView))
)]
#[post("/v1/admissions/{id}/withdraw")]
pub async fn withdraw_admission(house: Data<House>, call: Call<WithdrawAdmission>, id: Path<AdmissionId>) -> Answer {
    let done = flows::withdraw(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done, AdmissionView::from))
}

/// Suspend a bidder
///
/// The auction host keeps an admitted bidder from bidding (暂停竞买), at once and with the reason.
#[utoipa::path(
    tag = "admissions",
    params(("id" = uuid::Uuid, Path, description = "The admission")),
    request_body = Reason,
    responses((status = 200, description = "Suspended", body = AdmissionView))
)]
#[post("/v1/admissions/{id}/suspend")]
pub async fn suspend_bidder(house: Data<House>, call: Call<SuspendBidder, Json<Reason>>, id: Path<AdmissionId>) -> Answer {
    let done = flows::suspend(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(done, AdmissionView::from))
}

/// Reinstate a bidder
///
/// The auction host lets a suspended bidder bid again (恢复竞买).
#[utoipa::path(
    tag = "admissions",
    params(("id" = uuid::Uuid, Path, description = "The admission")),
    request_body = Reason,
    responses((status = 200, description = "Reinstated", body = AdmissionView))
)]
#[post("/v1/admissions/{id}/reinstate")]
pub async fn reinstate_bidder(house: Data<House>, call: Call<ReinstateBidder, Json<Reason>>, id: Path<AdmissionId>) -> Answer {
    let done = flows::reinstate(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(done, AdmissionView::from))
}

/// Record a credit of the bank
///
/// Finance records what arrived on the custodian account (保证金到账). It must be exactly the deposit of a
/// qualified applicant, from an account in its own name, before the call closes; the applicant is then
/// admitted under a pseudonym drawn for this lot. When the bank booked it only a statement says: what was
/// booked in time and is not recorded by then counts by its statement, until bidding opens.
#[utoipa::path(
    tag = "admissions",
    request_body = NewCredit,
    responses((status = 201, description = "Recorded; the admission after it", body = AdmissionView))
)]
#[post("/v1/bank-credits")]
pub async fn record_bank_credit(house: Data<House>, call: Call<RecordBankCredit, Json<NewCredit>>) -> Answer {
    let done = flows::record_credit(&house, &call.context, call.body.0).await?;
    Ok(answer::created(done, false, place, AdmissionView::from))
}
