//! Whether a bid far from the price that stands is meant.

use entity::Timestamp;
use entity::auctions::lot;
use entity::identity::SellerClass;
use serde::Deserialize;

use crate::auctions::rules::{Attempt, jump};
use crate::house::Tx;
use crate::platform::problem::Problem;
use crate::rulebook::rules::{Value, shanghai_date};

/// Refuses a bid whose price must be confirmed by the rule in force when it arrives, and is not.
pub(super) fn meant(tx: &Tx, lot: &lot::Model, attempt: &Attempt, confirmed: bool) -> Result<(), Problem> {
    match factor(tx, lot, attempt.arrival) {
        Some(factor) if !confirmed => jump::near_enough(lot, attempt.price, factor, attempt.arrival),
        _ => Ok(()),
    }
}

/// How many times the price that stands a bid may be for a seller of the lot's class; nothing where no rule in force says so.
fn factor(tx: &Tx, lot: &lot::Model, on: Timestamp) -> Option<i64> {
    let class = lot.rules.get("class").and_then(|class| SellerClass::deserialize(class).ok());
    let edition = tx.house.rulebook.current();
    let found = edition.rulebook.find("bid_jump_factor", class, shanghai_date(on)).ok().filter(|found| !found.not_in_force)?;
    if let Value::Count(factor) = found.parameter.value { Some(i64::from(factor)) } else { None }
}
