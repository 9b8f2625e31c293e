//! The steps that follow the bidding: the deal, its publication, the deposits.

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

fn fell_through(deal: &deal::Model) -> bool {
    matches!(deal.state, DealState::DefaultBuyer | DealState::DefaultSeller | DealState::Lapsed)
}

/// The confirmation of the deal; more of it is told by the deal's own timeline.
pub(super) fn confirmation(of: &Course, deal: Option<&deal::Model>, calendar: &Calendar) -> Result<Option<Step>, Problem> {
    let step = Step::coming("confirmed", "成交确认", "The deal is confirmed", By::BothSides).under(of.rules, "confirm_deadline");
    let Some(deal) = deal else {
        if of.is_over() {
            return Ok(None);
        }
        let period = confirm_by(of.rules, of.decided_at(), calendar)?;
        return Ok(Some(step.within(period).may_come().note(IF_SOLD)));
    };
    let step = step.before(deal.confirm_by);
    Ok(Some(match deal.confirmed_at {
        Some(confirmed_at) => step.done(confirmed_at),
        None if fell_through(deal) => step.skipped(),
        None => step,
    }))
}

/// The publication of the result. Whoever may not know of the deal is told only that it may come, and when it came.
pub fn result(
    of: &Course,
    deal: Option<&deal::Model>,
    published_at: Option<Timestamp>,
    calendar: &Calendar,
) -> Result<Option<Step>, Problem> {
    let step = Step::coming("result_published", "发布成交公示", "The result is published", By::Publisher).under(of.rules, "publish_result");
    if matches!(of.state, LotState::ClosedUnsold | LotState::Aborted) {
        return Ok(None);
    }
    Ok(Some(match (published_at, deal) {
        (Some(published_at), _) => step.done(published_at),
        (None, None) => step.may_come(),
        (None, Some(deal)) if fell_through(deal) => step.skipped(),
        (None, Some(deal)) => match deal.confirmed_at {
            Some(confirmed_at) => step.within(publish_by(of.rules, confirmed_at, calendar)?),
            None => step,
        },
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
