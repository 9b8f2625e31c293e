//! What the bank said of somebody: kept sealed, opened where it is compared or told.

use entity::banking::{bank_line, payment_item};
use entity::ids::{BankLineId, PaymentItemId};

use crate::banking::rules::Earlier;
use crate::house::House;
use crate::platform::data_keys::Cell;
use crate::platform::problem::Problem;

/// What the bank said with a line.
#[derive(Clone, Debug)]
pub struct Words {
    /// Who paid, or was paid.
    pub name: String,
    /// From or to which account.
    pub account: Option<String>,
    /// The remark.
    pub remark: String,
}

/// The cell of the name a line says.
pub fn name_of(line: BankLineId) -> Cell {
    Cell::of("bank_line.counterparty_name", line)
}

/// The cell of the account a line names.
pub fn account_of(line: BankLineId) -> Cell {
    Cell::of("bank_line.counterparty_account", line)
}

/// The cell of a line's remark.
pub fn remark_of(line: BankLineId) -> Cell {
    Cell::of("bank_line.remark", line)
}

/// The cell of the name a payment goes to.
pub fn payee_of(item: PaymentItemId) -> Cell {
    Cell::of("payment_item.payee_name", item)
}

/// Who paid, or was paid, by a line.
pub(super) fn name(house: &House, line: &bank_line::Model) -> Result<String, Problem> {
    house.opened(name_of(line.id), &line.counterparty_name)
}

/// The account a line names, if it names one.
pub(super) fn account(house: &House, line: &bank_line::Model) -> Result<Option<String>, Problem> {
    line.counterparty_account.as_ref().map(|account| house.opened(account_of(line.id), account)).transpose()
}

/// All that the bank said with a line.
pub(super) fn words(house: &House, line: &bank_line::Model) -> Result<Words, Problem> {
    let remark = house.opened(remark_of(line.id), &line.remark)?;
    Ok(Words { name: name(house, line)?, account: account(house, line)?, remark })
}

/// To whom a payment goes.
pub(super) fn payee(house: &House, item: &payment_item::Model) -> Result<String, Problem> {
    house.opened(payee_of(item.id), &item.payee_name)
}

/// A line of an earlier statement, to hold a new one against.
pub(super) fn earlier(house: &House, line: bank_line::Model) -> Result<Earlier, Problem> {
    Ok(Earlier { name: name(house, &line)?, line })
}
