//! The steps that follow the bidding: the deals, their publication, the deposits. Where several units were sold each buyer has a
//! deal of his own, and those that stand decide: whoever falls out leaves the others theirs.

use entity::Timestamp;
use entity::auctions::LotState;
use entity::deals::{DealState, deal};
use entity::ledger::RefundState;

use super::Deposits;
use super::standing::Course;
use crate::deals::rules::{confirm_by, publish_by};
use crate::platform::problem::Problem;
use crate::rulebook::rules::{By, Calendar, Step, StepNote};

/// A date that hangs on a sale.
const IF_SOLD: StepNote = StepNote::of("if_sold", "以最早结束并成交为准推算", "reckoned as if it were sold at the earliest end");
/// A date that hangs on losing.
const IF_NOT_WON: StepNote =
    StepNote::of("if_not_won", "以最早结束且未竞得为准推算", "reckoned as if somebody else had it at the earliest end");
/// A deposit that stays for the time being.
const WAITS_FOR_DEAL: StepNote =
    StepNote::of("waits_for_deal", "递补期间保证金留存至成交确认", "kept until the deal is decided, as the runner-up's");

/// A deal a lot led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The deal.
    pub deal: deal::Model,
    /// When its result was made public.
    pub result_published_at: Option<Timestamp>,
}

/// Those that have not come to nothing.
fn standing<'a>(sales: &[&'a Sale]) -> Vec<&'a Sale> {
    sales.iter().copied().filter(|sale| !sale.deal.state.fell_through()).collect()
}

/// Those whose past counts: what stands, or where nothing does, what was rescinded after all had signed.
fn lasting<'a>(sales: &[&'a Sale]) -> Vec<&'a Sale> {
    let standing = standing(sales);
    if standing.is_empty() { sales.iter().copied().filter(|sale| sale.deal.state == DealState::Rescinded).collect() } else { standing }
}

/// The last of some instants, once all are there.
fn last(instants: impl Iterator<Item = Option<Timestamp>>) -> Option<Timestamp> {
    instants.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// When the results of all sales that stand were public; nothing while one is not, or where none stands nor was rescinded.
pub fn published_at(sales: &[&Sale]) -> Option<Timestamp> {
    last(lasting(sales).into_iter().map(|sale| sale.result_published_at))
}

/// The confirmation of the deals; more of each is told by its own timeline.
pub(super) fn confirmation(of: &Course, sales: &[&Sale], calendar: &Calendar) -> Result<Option<Step>, Problem> {
    let step = Step::coming("confirmed", "成交确认", "The deal is confirmed", By::BothSides).under(of.rules, "confirm_deadline");
    let Some(until) = sales.iter().map(|sale| sale.deal.confirm_by).max() else {
        if of.is_over() {
            return Ok(None);
        }
        let period = confirm_by(of.rules, of.decided_at(), calendar)?;
        return Ok(Some(step.within(period).may_come().note(IF_SOLD)));
    };
    let step = step.before(until);
    let lasting = lasting(sales);
    Ok(Some(match last(lasting.iter().map(|sale| sale.deal.confirmed_at)) {
        Some(confirmed_at) => step.done(confirmed_at),
        None if lasting.is_empty() => step.skipped(),
        None => step,
    }))
}

/// The publication of the results. Whoever may not know of a deal is told only that it may come, and when it came.
pub fn result(of: &Course, sales: &[&Sale], published_at: Option<Timestamp>, calendar: &Calendar) -> Result<Option<Step>, Problem> {
    let step = Step::coming("result_published", "发布成交公示", "The result is published", By::Publisher).under(of.rules, "publish_result");
    if matches!(of.state, LotState::ClosedUnsold | LotState::Aborted) {
        return Ok(None);
    }
    if let Some(published_at) = published_at {
        return Ok(Some(step.done(published_at)));
    }
    let standing = standing(sales);
    Ok(Some(match last(standing.iter().map(|sale| sale.deal.confirmed_at)) {
        Some(confirmed_at) => step.within(publish_by(of.rules, confirmed_at, calendar)?),
        None if sales.is_empty() => step.may_come(),
        None if standing.is_empty() => step.skipped(),
        None => step,
    }))
}

/// The deposits of those who did not win.
pub(super) fn refunds(of: &Course, deposits: &Deposits, calendar: &Calendar) -> Option<Step> {
    let step = Step::coming("deposit_refunded", "退还保证金", "Deposits are refunded", By::Finance).under(of.rules, "refund_losers");
    let refunds = deposits.refunds;
    if let Some(due_at) = refunds.iter().map(|refund| refund.due_at).max() {
        let step = step.before(due_at);
        let all_paid = refunds.iter().all(|refund| refund.state == RefundState::Paid);
        return Some(match refunds.iter().filter_map(|refund| refund.paid_at).max() {
            Some(paid_at) if all_paid => step.done(paid_at),
            _ => step,
        });
    }
    if !of.is_over() {
        return Some(step.before(deposits.rule.due_at(of.decided_at(), calendar)).reckoned(calendar).may_come().note(IF_NOT_WON));
    }
    deposits.waits_for_deal.then(|| step.may_come().note(WAITS_FOR_DEAL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auctions::rules::tests::at;
    use crate::deals::rules::examples;

    fn sale(state: DealState, result_published_at: Option<i64>) -> Sale {
        Sale { deal: deal::Model { state, ..examples::deal() }, result_published_at: result_published_at.map(at) }
    }

    #[test]
    fn the_result_is_public_once_those_of_all_sales_that_stand_are() {
        let (early, late) = (sale(DealState::ResultPublished, Some(1)), sale(DealState::ResultPublished, Some(2)));
        let (open, fallen) = (sale(DealState::Confirmed, None), sale(DealState::DefaultBuyer, None));
        assert_eq!(published_at(&[&late, &early]), Some(at(2)));
        assert_eq!(published_at(&[&early, &open]), None);
        assert_eq!(published_at(&[&fallen, &early]), Some(at(1)), "whoever falls out holds up nobody");
        assert_eq!(published_at(&[&fallen]), None);
        let rescinded = sale(DealState::Rescinded, Some(3));
        assert_eq!(published_at(&[&fallen, &rescinded]), Some(at(3)), "it was public, and is told of as withdrawn");
        assert_eq!(published_at(&[&rescinded, &early]), Some(at(1)), "whoever falls out holds up nobody");
        assert_eq!(published_at(&[]), None);
    }
}
