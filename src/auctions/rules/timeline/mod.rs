//! What happens to a lot and when: as it stands, or as it would be if it were announced now.

mod bidding;
mod following;
mod scoring;
mod standing;

use entity::Timestamp;
use entity::ledger::refund;

pub use bidding::{CHOSEN, course};
pub use following::{Sale, published_at, result};
pub use scoring::while_scored;
pub use standing::{Course, Dates, End, GivenUp};

use crate::admissions::rules::RefundRule;
use crate::platform::problem::Problem;
use crate::rulebook::rules::{By, Calendar, Step, arranged};
use following::{confirmation, refunds};

/// What follows the bidding, as far as a caller may know of it.
#[derive(Clone, Copy, Default)]
pub struct Beyond<'a> {
    /// Whether the steps inside the house are told: to the seller, to bidders and to officers.
    pub is_insider: bool,
    /// The deals, each told to its parties and to officers.
    pub sales: &'a [&'a Sale],
    /// When the result was made public.
    pub result_published_at: Option<Timestamp>,
    /// How deposits go back, where that is told.
    pub deposits: Option<Deposits<'a>>,
}

/// How deposits go back: a bidder's own, or for officers everybody's.
#[derive(Clone, Copy)]
pub struct Deposits<'a> {
    /// By when.
    pub rule: &'a RefundRule,
    /// The refunds owed and paid so far.
    pub refunds: &'a [refund::Model],
    /// Whether one is kept until the deal is decided.
    pub waits_for_deal: bool,
}

/// The steps of a lot for a caller.
pub fn steps(announced_at: Timestamp, of: &Course, beyond: &Beyond, calendar: &Calendar, now: Timestamp) -> Result<Vec<Step>, Problem> {
    let mut steps = vec![announcement().done(announced_at)];
    steps.extend(course(of));
    if beyond.is_insider {
        steps.extend(confirmation(of, beyond.sales, calendar)?);
    }
    steps.extend(result(of, beyond.sales, beyond.result_published_at, calendar)?);
    steps.extend(beyond.deposits.and_then(|deposits| refunds(of, &deposits, calendar)));
    Ok(arranged(while_scored(of, steps, now), now))
}

/// The publication of the listing, which announces the lot.
pub fn announcement() -> Step {
    Step::coming("published", "公告", "Published", By::Publisher)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
