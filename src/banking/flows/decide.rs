//! An officer decides about a line that waits.

use std::collections::BTreeSet;

use entity::banking::{LineDecision, bank_case, bank_line};
use entity::ids::{AdmissionId, BankLineId};

use super::read::{Known, known};
use super::settle::settle;
use super::{hold_claim, hold_lots, money_of, record, words};
use crate::admissions;
use crate::admissions::flows::{Paid, deposit_within};
use crate::admissions::rules::RefundRule;
use crate::banking::events::LineEvent;
use crate::banking::rules::{self, Movement};
use crate::banking::store;
use crate::banking::views::NewDecision;
use crate::house::{Done, House, Tx};
use crate::ledger;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// The rule by which what is nobody's goes back.
const RETURN_RULE: &str = "unmatched_return";

/// Decides about a line.
pub async fn decide(house: &House, by: &Context, id: BankLineId, new: NewDecision) -> Result<Done<Known>, Problem> {
    rules::check_decision(&new.verdict())?;
    let done = house.write(by, (id, new), |tx, (id, new)| async move { decide_within(&tx, id, &new).await }).await?;
    // What the line itself says is not kept with the outcome: it names somebody and his account.
    let line = store::line(house.db.read(), id).await?.ok_or(Code::Internal)?;
    let value = known(house, line, done.value).await?;
    Ok(Done { value, replayed: done.replayed })
}

async fn decide_within(tx: &Tx, id: BankLineId, new: &NewDecision) -> Result<bank_case::Model, Problem> {
    let line = store::line(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    ledger::flows::hold_suspense_within(tx, line.currency).await?;
    let held = store::hold_case(tx.conn(), id).await?.ok_or(Code::Internal)?;
    tx.by.expects(held.version)?;
    rules::may_decide(&line, &held, new.decision)?;
    let officer = tx.by.actor()?.person;
    let verdict = new.verdict();
    match verdict.decision {
        LineDecision::Apply => apply(tx, &line, verdict.admission.ok_or(Code::Internal)?).await?,
        LineDecision::Return => owe_back(tx, &line).await?,
        LineDecision::Explain => {
            ledger::flows::explain_within(tx, line.direction, money_of(&line)).await?;
        }
        LineDecision::Pays => settle(tx, &line, verdict.payee().ok_or(Code::Internal)?).await?,
        // It moves nothing: the line was never booked.
        LineDecision::Same => {}
    }
    let next = rules::decided(&held, &verdict, officer, tx.now);
    record(tx, &line, &held, &next).await?;
    tx.publish(&LineEvent::of(&next))?;
    Ok(next)
}

/// The line is found to be the deposit of an admission; whether it can be is judged as if it had named it.
async fn apply(tx: &Tx, line: &bank_line::Model, admission: AdmissionId) -> Result<(), Problem> {
    let unknown = || Code::Invalid.at("/admission_id", "unknown", "没有此报名", "there is no such admission");
    let named = admissions::store::admission(tx.conn(), admission).await?.ok_or_else(unknown)?;
    hold_lots(tx, BTreeSet::from([named.lot_id])).await?;
    let claim = hold_claim(tx, admission).await?.ok_or_else(unknown)?;
    let (money, payer_name) = (money_of(line), words::name(&tx.house, line)?);
    let movement = Movement {
        direction: line.direction,
        bank_reference: &line.bank_reference,
        money,
        counterparty_name: &payer_name,
        booked_at: line.booked_at,
    };
    rules::judge(&movement, &claim).map_err(|reason| rules::no_deposit(reason, &claim))?;
    let transfer = ledger::flows::apply_suspense_within(tx, claim.admission.organisation_id, money).await?;
    let paid =
        Paid { bank_reference: line.bank_reference.clone(), payer_name, amount: money, transfer, recorded_by: Some(tx.by.actor()?.person) };
    deposit_within(tx, &claim.call, &claim.admission, vec![paid]).await.map(|_| ())
}

/// The money of a line is owed back, by the rule's date.
async fn owe_back(tx: &Tx, line: &bank_line::Model) -> Result<(), Problem> {
    let (edition, on) = (tx.house.rulebook.current(), shanghai_date(tx.now));
    let span = edition.rulebook.span(RETURN_RULE, None, on).map_err(|_| Code::Internal)?;
    let found = edition.rulebook.find(RETURN_RULE, None, on).map_err(|_| Code::Internal)?;
    let rule = RefundRule { span, source: found.parameter.source.clone() };
    let due_at = rule.due_at(tx.now, &edition.calendar);
    let row = rules::owe(line, tx.id(), due_at, rule.words(), tx.now);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("bank_return", row.id, &row);
    Ok(())
}
