//! Licences under licences (分许可): never more than who grants them has.

use super::scope::Scope;
use crate::platform::problem::{Faults, Problem};

/// Refuses a licence that covers anything which the one it is under does not. One that is said to have no end ends with that.
pub fn may_be_under(parent: &Scope, new: &Scope) -> Result<(), Problem> {
    let mut new = new.clone();
    new.days.to = if new.days.to == i32::MAX { parent.days.to.max(new.days.from + 1) } else { new.days.to };
    Faults::new()
        .require(
            parent.holds(&new),
            "/scope",
            "wider",
            "分许可范围不得超出原许可",
            "a sub-licence covers no more than the licence it is under",
        )
        .done()
}
