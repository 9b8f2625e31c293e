//! By when what is objected to is decided.

use entity::objections::{ObjectionState, objection};

use crate::objections::rules::holds_up;
use crate::rulebook::rules::{By, Snapshot, Step};

/// The next step of each objection that holds the sale up.
pub(super) fn steps(all: &[objection::Model], rules: &Snapshot) -> Vec<Step> {
    all.iter().filter(|held| holds_up(held)).filter_map(|held| next(held, rules)).collect()
}

fn next(held: &objection::Model, rules: &Snapshot) -> Option<Step> {
    let step = match held.state {
        ObjectionState::Submitted => {
            Step::coming("objection_accepted", "决定是否受理异议", "It is decided whether an objection is accepted", By::Reviewer)
                .under(rules, "objection_acceptance")
        }
        ObjectionState::Investigating => {
            let rule = if held.extended { "objection_extension" } else { "objection_investigation" };
            Step::coming("objection_decided", "作出异议处理决定", "An objection is decided", By::Reviewer).under(rules, rule)
        }
        ObjectionState::Decided => {
            let closes = Step::coming("objection_review_closes", "申请复核期满", "The time to ask for a review is over", By::System);
            return held.due_at.map(|due_at| closes.under(rules, "objection_review").exactly(due_at));
        }
        ObjectionState::ReviewRequested => {
            Step::coming("objection_reviewed", "作出复核决定", "An objection is decided for good", By::Reviewer)
                .under(rules, "objection_investigation")
        }
        ObjectionState::Final => {
            Step::coming("objection_settled", "异议办结", "What an objection was right about is put right", By::Reviewer)
        }
        ObjectionState::NotAccepted | ObjectionState::Withdrawn => return None,
    };
    Some(match held.due_at {
        Some(due_at) => step.before(due_at),
        None => step,
    })
}
