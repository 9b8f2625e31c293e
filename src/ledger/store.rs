//! Where accounts, transfers and refunds are kept, and how they are summed.

use std::collections::{BTreeSet, HashMap};

use entity::Timestamp;
use entity::banking::{PaymentState, payment_item};
use entity::ids::{AccountId, AdmissionId, LotId, OrganisationId, RefundId, TransferId};
use entity::ledger::{
    AccountKind, BankDirection, RefundState, TransferPhase, TransferReason, bank_entry, ledger_account, ledger_transfer, refund,
};
use entity::money::Currency;
use sea_orm::sea_query::{OnConflict, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Statement,
};

use super::rules::{KindSum, Purpose, Side};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// Each transfer seen from both of its accounts. One statement sees one snapshot, so what is summed
/// from it agrees with itself however busy the books are.
const LEGS: &str = "(SELECT 'debit' AS side, debit_account_id AS account_id, phase, currency, amount_minor FROM ledger_transfer \
     UNION ALL SELECT 'credit' AS side, credit_account_id AS account_id, phase, currency, amount_minor FROM ledger_transfer) AS leg";

/// The account of a purpose, if it was ever used.
pub async fn account(db: &impl ConnectionTrait, purpose: Purpose, currency: Currency) -> Result<Option<ledger_account::Model>, DbErr> {
    let found = ledger_account::Entity::find()
        .filter(ledger_account::Column::Kind.eq(purpose.kind()))
        .filter(ledger_account::Column::Currency.eq(currency));
    let found = match purpose {
        Purpose::Bank | Purpose::Suspense | Purpose::Fees => found,
        Purpose::ClientFunds(organisation) => found.filter(ledger_account::Column::OrganisationId.eq(organisation)),
        Purpose::Deposits(lot) => found.filter(ledger_account::Column::LotId.eq(lot)),
    };
    found.one(db).await
}

/// An account, held.
pub async fn hold_account(db: &impl ConnectionTrait, id: AccountId) -> Result<Option<ledger_account::Model>, DbErr> {
    ledger_account::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// Keeps a new account unless one of its purpose stands already; tells whether it did.
pub async fn open_account(db: &impl ConnectionTrait, row: ledger_account::Model) -> Result<bool, DbErr> {
    // The walls are partial unique indexes, one for each kind, so no column is named as the target.
    let row: ledger_account::ActiveModel = row.into_active_model();
    let made = ledger_account::Entity::insert(row.reset_all())
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(made > 0)
}

/// These accounts, by id.
pub async fn accounts(db: &impl ConnectionTrait, ids: Vec<AccountId>) -> Result<HashMap<AccountId, ledger_account::Model>, DbErr> {
    let found = ledger_account::Entity::find().filter(ledger_account::Column::Id.is_in(ids)).all(db).await?;
    Ok(found.into_iter().map(|account| (account.id, account)).collect())
}

#[derive(Debug, FromQueryResult)]
struct LegSum {
    side: String,
    phase: TransferPhase,
    minor: i64,
}

/// What was moved on each side of an account, by phase.
pub async fn sums(db: &impl ConnectionTrait, account: AccountId) -> Result<Vec<(Side, TransferPhase, i64)>, DbErr> {
    // A sum of bigint is numeric on PostgreSQL.
    let sql =
        format!("SELECT side, phase, CAST(SUM(amount_minor) AS bigint) AS minor FROM {LEGS} WHERE account_id = $1 GROUP BY side, phase");
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, [account.into()]);
    let found = LegSum::find_by_statement(asked).all(db).await?;
    Ok(found.into_iter().map(|sum| (side(&sum.side), sum.phase, sum.minor)).collect())
}

#[derive(Debug, FromQueryResult)]
struct KindLegSum {
    kind: AccountKind,
    currency: Currency,
    side: String,
    phase: TransferPhase,
    minor: i64,
}

/// What was moved on each side of all accounts, by kind, currency and phase.
pub async fn sums_by_kind(db: &impl ConnectionTrait) -> Result<Vec<KindSum>, DbErr> {
    let sql = format!(
        "SELECT account.kind AS kind, leg.currency AS currency, leg.side AS side, leg.phase AS phase, \
         CAST(SUM(leg.amount_minor) AS bigint) AS minor FROM {LEGS} JOIN ledger_account AS account ON account.id = leg.account_id \
         GROUP BY account.kind, leg.currency, leg.side, leg.phase"
    );
    let found = KindLegSum::find_by_statement(Statement::from_string(db.get_database_backend(), sql)).all(db).await?;
    let sums = found.into_iter().map(|sum| KindSum {
        kind: sum.kind,
        currency: sum.currency,
        side: side(&sum.side),
        phase: sum.phase,
        minor: sum.minor,
    });
    Ok(sums.collect())
}

fn side(word: &str) -> Side {
    if word == "debit" { Side::Debit } else { Side::Credit }
}

/// A transfer, held, so that two resolutions of it wait for each other.
pub async fn hold_transfer(db: &impl ConnectionTrait, id: TransferId) -> Result<Option<ledger_transfer::Model>, DbErr> {
    ledger_transfer::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// How a pending transfer was resolved, if it was.
pub async fn resolution(db: &impl ConnectionTrait, pending: TransferId) -> Result<Option<ledger_transfer::Model>, DbErr> {
    ledger_transfer::Entity::find().filter(ledger_transfer::Column::PendingId.eq(pending)).one(db).await
}

/// Which transfers are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransferFilter {
    /// That touch the funds of this organisation.
    pub organisation: Option<OrganisationId>,
    /// That touch the deposits of this lot.
    pub lot: Option<LotId>,
    /// Of this phase.
    pub phase: Option<TransferPhase>,
    /// For this reason.
    pub reason: Option<TransferReason>,
}

/// A page of transfers, newest first, and one more.
pub async fn transfers(
    db: &impl ConnectionTrait,
    filter: TransferFilter,
    page: &PageQuery,
) -> Result<Vec<ledger_transfer::Model>, Problem> {
    let all = page.restrict(ledger_transfer::Entity::find(), ledger_transfer::Column::CreatedAt, ledger_transfer::Column::Id)?;
    let of_organisation = filter.organisation.map(|id| touching(&own_accounts().filter(ledger_account::Column::OrganisationId.eq(id))));
    let of_lot = filter.lot.map(|id| touching(&own_accounts().filter(ledger_account::Column::LotId.eq(id))));
    let asked = Condition::all()
        .add_option(of_organisation)
        .add_option(of_lot)
        .add_option(filter.phase.map(|phase| ledger_transfer::Column::Phase.eq(phase)))
        .add_option(filter.reason.map(|reason| ledger_transfer::Column::Reason.eq(reason)));
    Ok(all.filter(asked).all(db).await?)
}

fn own_accounts() -> Select<ledger_account::Entity> {
    ledger_account::Entity::find().select_only().column(ledger_account::Column::Id)
}

fn touching(accounts: &Select<ledger_account::Entity>) -> Condition {
    Condition::any()
        .add(ledger_transfer::Column::DebitAccountId.in_subquery(accounts.clone().into_query()))
        .add(ledger_transfer::Column::CreditAccountId.in_subquery(accounts.clone().into_query()))
}

/// A refund, held.
pub async fn hold_refund(db: &impl ConnectionTrait, id: RefundId) -> Result<Option<refund::Model>, DbErr> {
    refund::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The refund of an admission's deposit, if one is or was owed.
pub async fn refund_of(db: &impl ConnectionTrait, admission: AdmissionId) -> Result<Option<refund::Model>, DbErr> {
    refund::Entity::find().filter(refund::Column::AdmissionId.eq(admission)).one(db).await
}

/// The refunds of these admissions' deposits.
pub async fn refunds_of(db: &impl ConnectionTrait, admissions: Vec<AdmissionId>) -> Result<Vec<refund::Model>, DbErr> {
    refund::Entity::find().filter(refund::Column::AdmissionId.is_in(admissions)).all(db).await
}

/// What was booked under a reference of the bank.
pub async fn entry(db: &impl ConnectionTrait, direction: BankDirection, bank_reference: &str) -> Result<Option<bank_entry::Model>, DbErr> {
    bank_entry::Entity::find()
        .filter(bank_entry::Column::Direction.eq(direction))
        .filter(bank_entry::Column::BankReference.eq(bank_reference))
        .one(db)
        .await
}

/// Whether a refund is on its way in a payment file. Only the file's row is looked at; the files
/// themselves are kept by a later room.
pub async fn is_in_file(db: &impl ConnectionTrait, id: RefundId) -> Result<bool, DbErr> {
    let found = payment_item::Entity::find()
        .filter(payment_item::Column::RefundId.eq(id))
        .filter(payment_item::Column::State.eq(PaymentState::Open));
    Ok(found.one(db).await?.is_some())
}

/// Which of these refunds are on their way in a payment file.
pub async fn in_files(db: &impl ConnectionTrait, ids: Vec<RefundId>) -> Result<BTreeSet<RefundId>, DbErr> {
    let found = payment_item::Entity::find()
        .filter(payment_item::Column::RefundId.is_in(ids))
        .filter(payment_item::Column::State.eq(PaymentState::Open));
    Ok(found.all(db).await?.into_iter().filter_map(|item| item.refund_id).collect())
}

/// Refunds that are owed and due by an instant, held in the order of their ids.
pub async fn hold_owed(
    db: &impl ConnectionTrait,
    currency: Currency,
    due_by: Option<Timestamp>,
    most: u64,
) -> Result<Vec<refund::Model>, DbErr> {
    let asked = Condition::all()
        .add(refund::Column::State.eq(RefundState::Due))
        .add(refund::Column::Currency.eq(currency))
        .add_option(due_by.map(|due| refund::Column::DueAt.lte(due)))
        .add(refund::Column::Id.not_in_subquery(refunds_in_files()));
    refund::Entity::find().filter(asked).order_by_asc(refund::Column::Id).limit(most).lock_exclusive().all(db).await
}

fn refunds_in_files() -> SelectStatement {
    payment_item::Entity::find()
        .select_only()
        .column(payment_item::Column::RefundId)
        .filter(payment_item::Column::RefundId.is_not_null())
        .filter(payment_item::Column::State.eq(PaymentState::Open))
        .into_query()
}

/// A page of refunds, newest first, and one more.
pub async fn refunds(
    db: &impl ConnectionTrait,
    organisation: Option<OrganisationId>,
    state: Option<RefundState>,
    page: &PageQuery,
) -> Result<Vec<refund::Model>, Problem> {
    let asked = Condition::all()
        .add_option(organisation.map(|id| refund::Column::OrganisationId.eq(id)))
        .add_option(state.map(|state| refund::Column::State.eq(state)));
    let all = page.restrict(refund::Entity::find(), refund::Column::CreatedAt, refund::Column::Id)?;
    Ok(all.filter(asked).all(db).await?)
}
