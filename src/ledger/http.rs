//! The books, an organisation's funds and refunds over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{OrganisationId, RefundId};
use entity::ledger::refund;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows::{self, BookedTransfer};
use super::store::TransferFilter;
use super::views::{FundsView, RefundPayment, RefundQuery, RefundView, TransferQuery, TransferView, TrialBalanceView};
use crate::house::House;
use crate::identity;
use crate::operations;
use crate::platform::access::{Allow, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

const EVERY_ROLE: &[OrgRole] = OrgRole::ALL;
const FINANCE: &[StaffRole] = &[StaffRole::Finance];
const BOOKKEEPERS: &[StaffRole] = &[StaffRole::Finance, StaffRole::Auditor, StaffRole::Supervisor];
const FUNDS_READERS: &[StaffRole] = &[StaffRole::Finance, StaffRole::Supervisor];

operations! {
    /// List transfers.
    ListTransfers = Operation::question("list_transfers", &[Allow::staff(BOOKKEEPERS)]).with_query();
    /// Read the trial balance.
    ReadTrialBalance = Operation::question("read_trial_balance", &[Allow::staff(BOOKKEEPERS)]);
    /// List refunds.
    ListRefunds = Operation::question("list_refunds", &[Allow::staff(BOOKKEEPERS), Allow::own(EVERY_ROLE)])
        .for_keys(KeyScope::BidsRead)
        .with_query();
    /// Record that a refund was paid.
    PayRefund = Operation::deed("pay_refund", &[Allow::staff(FINANCE)])
        .with_step_up()
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::BankReferenceTaken]);
    /// Read an organisation's funds.
    ReadFunds = Operation::question("read_funds", &[Allow::own(EVERY_ROLE), Allow::staff(FUNDS_READERS)]).for_keys(KeyScope::BidsRead);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_transfers).service(read_trial_balance).service(list_refunds).service(pay_refund).service(read_funds);
}

impl Thing for refund::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

/// List transfers
///
/// The journal of the ledger (总账流水), newest first. Rows are never changed: a pending transfer is
/// resolved by a later one that points to it.
#[utoipa::path(tag = "ledger", params(TransferQuery), responses((status = 200, description = "A page", body = Page<TransferView>)))]
#[get("/v1/ledger/transfers")]
pub async fn list_transfers(house: Data<House>, _call: Call<ListTransfers>, query: Query<TransferQuery>) -> Answer {
    let filter = TransferFilter { organisation: query.organisation_id, lot: query.lot_id, phase: query.phase, reason: query.reason };
    let page = query.page();
    let rows = flows::transfers(&house, filter, &page).await?;
    let place = |row: &BookedTransfer| (row.transfer.created_at, row.transfer.id.into());
    Ok(answer::page(&house, page.page(rows, place, TransferView::from)?))
}

/// Read the trial balance
///
/// What each kind of account adds up to (试算平衡表); the sums over all accounts are nothing at every instant.
#[utoipa::path(tag = "ledger", responses((status = 200, description = "The trial balance", body = TrialBalanceView)))]
#[get("/v1/ledger/trial-balance")]
pub async fn read_trial_balance(house: Data<House>, _call: Call<ReadTrialBalance>) -> Answer {
    let lines = flows::trial_balance(&house).await?;
    Ok(answer::listed(&TrialBalanceView::of(house.world.now(), &lines)?))
}

/// List refunds
///
/// Deposits to be paid back (保证金退还), newest first: finance and the overseers see all, an organisation its own.
/// Each says what the caller may do to it now.
#[utoipa::path(tag = "ledger", params(RefundQuery), responses((status = 200, description = "A page", body = Page<RefundView>)))]
#[get("/v1/refunds")]
pub async fn list_refunds(house: Data<House>, call: Call<ListRefunds>, query: Query<RefundQuery>) -> Answer {
    Ok(answer::page(&house, flows::refunds(&house, &call.context, query.state, &query.page()).await?))
}

/// Record that a refund was paid
///
/// Finance paid it at the bank and says under which reference; a refund is paid once, and not by hand
/// while it is on its way in a payment file. In sandbox the simulated bank pays refunds by itself when
/// they fall due.
#[utoipa::path(
    tag = "ledger",
    params(("id" = uuid::Uuid, Path, description = "The refund")),
    request_body = RefundPayment,
    responses((status = 200, description = "Paid", body = RefundView))
)]
#[post("/v1/refunds/{id}/pay")]
pub async fn pay_refund(house: Data<House>, call: Call<PayRefund, Json<RefundPayment>>, id: Path<RefundId>) -> Answer {
    let done = flows::pay_refund(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done, RefundView::from))
}

/// Read an organisation's funds
///
/// What the platform holds for it (资金余额): what came, what left, what is reserved for deposits, and the rest.
#[utoipa::path(
    tag = "ledger",
    params(("id" = uuid::Uuid, Path, description = "The organisation")),
    responses((status = 200, description = "The funds", body = FundsView))
)]
#[get("/v1/organisations/{id}/funds")]
pub async fn read_funds(house: Data<House>, call: Call<ReadFunds>, id: Path<OrganisationId>) -> Answer {
    let owner = identity::store::organisation(house.db.read(), *id).await?.ok_or(Code::NotFound)?;
    call.permit.over(&owner)?;
    let balances = flows::funds(&house, owner.id).await?;
    Ok(answer::listed(&FundsView::of(owner.id, &balances)?))
}
