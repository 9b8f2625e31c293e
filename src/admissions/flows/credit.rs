//! A deposit arrives: credited, held, and the buyer admitted, in one transaction.

use entity::ids::PersonId;
use entity::ledger::bank_credit;

use super::record;
use crate::admissions::events::AdmissionEvent;
use crate::admissions::rules::{self, Payment, Standing};
use crate::admissions::store;
use crate::admissions::views::NewCredit;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::ledger::flows::{credit_within, hold_within};
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

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
    if store::credit(tx.conn(), &new.bank_reference).await?.is_some() {
        return Err(Code::BankReferenceTaken.into());
    }
    let organisation = identity::store::organisation(tx.conn(), held.organisation_id).await?.ok_or(Code::Internal)?;
    let payment = Payment { payer_name: &new.payer_name, amount: new.amount };
    rules::credited(&held, &call, &organisation.name, payment, tx.now)?;

    let credited = credit_within(tx, held.organisation_id, new.amount).await?;
    let reserved = hold_within(tx, held.organisation_id, held.lot_id, new.amount).await?;
    let taken = store::pseudonyms(tx.conn(), held.lot_id).await?;
    let pseudonym = rules::pseudonym(&taken, || tx.house.world.random());
    let next = rules::admit(&held, pseudonym, reserved);
    let row = bank_credit::Model {
        id: tx.id(),
        bank_reference: new.bank_reference,
        admission_id: held.id,
        organisation_id: held.organisation_id,
        payer_name: new.payer_name,
        amount_minor: new.amount.minor,
        currency: new.amount.currency,
        transfer_id: credited,
        recorded_by,
        recorded_at: tx.now,
    };
    // Another lot's deposit may be recorded under the same reference at this moment.
    db::insert(tx.conn(), row.clone())
        .await
        .map_err(|error| if db::is_duplicate(&error) { Code::BankReferenceTaken.into() } else { Problem::from(error) })?;
    tx.created("bank_credit", row.id, &row).await?;
    record(tx, &held, &next, &AdmissionEvent::of(&next)).await?;
    Ok(Standing::of(next, &call))
}

fn unknown_reference() -> Problem {
    Code::Invalid.at("/deposit_reference", "unknown", "没有此保证金编号", "no admission has this deposit reference")
}
