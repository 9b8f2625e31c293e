//! A deposit arrives: credited, held, and the buyer admitted, in one transaction.

use entity::admissions::{admission, admission_call};
use entity::ids::{BankCreditId, PersonId, TransferId};
use entity::ledger::{BankDirection, bank_credit};
use entity::money::Money;

use super::record;
use crate::admissions::events::AdmissionEvent;
use crate::admissions::rules::{self, Payment, Standing};
use crate::admissions::store;
use crate::admissions::views::NewCredit;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::ledger;
use crate::ledger::flows::{NewEntry, credit_within, enter_within, hold_within};
use crate::platform::access::Context;
use crate::platform::data_keys::Cell;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// The cell of the name a deposit was paid in.
pub fn payer_of(credit: BankCreditId) -> Cell {
    Cell::of("bank_credit.payer_name", credit)
}

/// The name a deposit was paid in.
pub fn payer(house: &House, credit: &bank_credit::Model) -> Result<String, Problem> {
    house.opened(payer_of(credit.id), &credit.payer_name)
}

/// Finance records a credit of the custodian bank.
pub async fn record_credit(house: &House, by: &Context, new: NewCredit) -> Result<Done<Standing>, Problem> {
    house
        .write(by, new, |tx, new| async move {
            let officer = tx.by.actor()?.person;
            credit_within_admission(&tx, new, Some(officer)).await
        })
        .await
}

/// Money came for an admission; `recorded_by` is nobody where the simulated bank says so itself.
pub async fn credit_within_admission(tx: &Tx, new: NewCredit, recorded_by: Option<PersonId>) -> Result<Standing, Problem> {
    rules::check_payment(&new.bank_reference, &new.deposit_reference, &new.payer_name)?;
    let known = match rules::canonical_reference(&new.deposit_reference) {
        Some(reference) => store::by_reference(tx.conn(), &reference).await?,
        None => None,
    };
    let known = known.ok_or_else(unknown_reference)?;
    store::touch_lot(tx.conn(), known.lot_id).await?;
    let (call, held) = store::hold(tx.conn(), known.id).await?.ok_or_else(unknown_reference)?;
    if ledger::store::entry(tx.conn(), BankDirection::Credit, &new.bank_reference).await?.is_some() {
        return Err(Code::BankReferenceTaken.into());
    }
    let organisation = identity::store::organisation(tx.conn(), held.organisation_id).await?.ok_or(Code::Internal)?;
    let payment = Payment { payer_name: &new.payer_name, amount: new.amount };
    rules::credited(&held, &call, &organisation.name, payment, tx.now)?;

    let transfer = credit_within(tx, held.organisation_id, new.amount).await?;
    // Another lot's deposit may be recorded under the same reference at this moment.
    let entry = NewEntry {
        direction: BankDirection::Credit,
        bank_reference: &new.bank_reference,
        counterparty_name: &new.payer_name,
        money: new.amount,
        transfer,
    };
    enter_within(tx, entry).await?;
    let paid = Paid { bank_reference: new.bank_reference, payer_name: new.payer_name, amount: new.amount, transfer, recorded_by };
    deposit_within(tx, &call, &held, vec![paid]).await
}

/// A payment of a deposit, or of a part of it, that is in the organisation's funds.
#[derive(Clone, Debug)]
pub struct Paid {
    /// The bank's reference.
    pub bank_reference: String,
    /// The name of the account it came from.
    pub payer_name: String,
    /// How much.
    pub amount: Money,
    /// The transfer that brought it into the organisation's funds.
    pub transfer: TransferId,
    /// Who recorded it, if anybody.
    pub recorded_by: Option<PersonId>,
}

/// The deposit of a held admission is there, in one payment or in several that were found to make it up:
/// it is reserved and the buyer admitted.
pub async fn deposit_within(
    tx: &Tx,
    call: &admission_call::Model,
    held: &admission::Model,
    payments: Vec<Paid>,
) -> Result<Standing, Problem> {
    let reserved = hold_within(tx, held.organisation_id, held.lot_id, rules::deposit(call)).await?;
    let taken = store::pseudonyms(tx.conn(), held.lot_id).await?;
    let pseudonym = rules::pseudonym(&taken, || tx.house.world.random());
    let next = rules::admit(held, pseudonym, reserved, rules::rank_of(call, held.organisation_id)?);
    for paid in payments {
        let id = tx.id();
        let row = bank_credit::Model {
            id,
            bank_reference: paid.bank_reference,
            admission_id: held.id,
            organisation_id: held.organisation_id,
            payer_name: tx.sealed(payer_of(id), &paid.payer_name).await?,
            amount_minor: paid.amount.minor,
            currency: paid.amount.currency,
            transfer_id: paid.transfer,
            recorded_by: paid.recorded_by,
            recorded_at: tx.now,
        };
        db::insert(tx.conn(), row.clone()).await?;
        tx.created("bank_credit", row.id, &row);
    }
    record(tx, held, &next, &AdmissionEvent::of(&next)).await?;
    Ok(Standing::of(next, call))
}

fn unknown_reference() -> Problem {
    Code::Invalid.at("/deposit_reference", "unknown", "没有此保证金编号", "no admission has this deposit reference")
}
