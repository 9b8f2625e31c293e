//! What one person proposes about a public notice, and a second one does or refuses.

use entity::Timestamp;
use entity::ids::{NoticeProposalId, PersonId};
use entity::notices::{NoticeKind, NoticeProposalKind, NoticeProposalState, NoticeState, notice, notice_proposal};
use serde_json::Value;

use super::second_person;
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Calendar, Span, days_before};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// What can be proposed about a notice, as operations. A listing, or a sale at a negotiated price, ends with its notice, so whoever
/// withdraws it ends that; and by the notice others have decided once it has ended.
pub fn open_to(held: &notice::Model) -> Vec<&'static str> {
    use NoticeKind::{DealResult, Listing, NegotiatedPrice};
    match (held.state, held.kind) {
        (NoticeState::Drafted | NoticeState::Withdrawn, _) | (NoticeState::Ended, Listing | NegotiatedPrice) => Vec::new(),
        (_, Listing | NegotiatedPrice) => vec!["propose_erratum"],
        (_, DealResult) => vec!["propose_notice_withdrawal", "propose_erratum"],
    }
}

/// What is to be proposed.
pub struct NewProposal<'a> {
    /// Its id.
    pub id: NoticeProposalId,
    /// What it is.
    pub kind: NoticeProposalKind,
    /// What it sets right; nothing of a withdrawal.
    pub changes: Value,
    /// Why, for everybody to read.
    pub reason: &'a str,
    /// By whom.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Whether an erratum that waits gives way to this: a notice that is to stand no more needs none.
pub fn gives_way(open: &notice_proposal::Model, to: NoticeProposalKind) -> bool {
    open.kind == NoticeProposalKind::Erratum && to == NoticeProposalKind::Withdrawal
}

/// A proposal about a public notice, of which there is one at a time.
pub fn proposed(held: &notice::Model, open: Option<&notice_proposal::Model>, new: NewProposal) -> Result<notice_proposal::Model, Problem> {
    let operation = match new.kind {
        NoticeProposalKind::Erratum => "propose_erratum",
        NoticeProposalKind::Withdrawal => "propose_notice_withdrawal",
        // Nobody proposes it: it follows from what was agreed.
        NoticeProposalKind::Revision => return Err(Code::Internal.into()),
    };
    let possible = open_to(held);
    if !possible.contains(&operation) {
        return Err(Code::WrongState.with("state", held.state).with("allowed", possible));
    }
    if let Some(open) = open.filter(|open| !gives_way(open, new.kind)) {
        return Err(Code::ProposalOpen.with("proposal_id", open.id));
    }
    Faults::new().text("/reason", new.reason, LONGEST_REASON).done()?;
    Ok(notice_proposal::Model {
        id: new.id,
        notice_id: held.id,
        organisation_id: held.organisation_id,
        kind: new.kind,
        state: NoticeProposalState::Open,
        base_version: held.current_version,
        changes: new.changes,
        made_version: None,
        reason: new.reason.to_owned(),
        proposed_by: new.by,
        proposed_at: new.at,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        version: 1,
    })
}

/// What made a further version of a notice whose matter was agreed anew: who decided it and when, and who published it and when.
pub fn revision(
    held: &notice::Model,
    next: &notice::Model,
    id: NoticeProposalId,
    reason: &str,
    (proposed_by, proposed_at): (PersonId, Timestamp),
    (decided_by, decided_at): (PersonId, Timestamp),
) -> notice_proposal::Model {
    notice_proposal::Model {
        id,
        notice_id: held.id,
        organisation_id: held.organisation_id,
        kind: NoticeProposalKind::Revision,
        state: NoticeProposalState::Published,
        base_version: held.current_version,
        changes: Value::Array(Vec::new()),
        made_version: Some(next.current_version),
        reason: reason.to_owned(),
        proposed_by,
        proposed_at,
        decided_by: Some(decided_by),
        decided_at: Some(decided_at),
        decision_reason: None,
        version: 1,
    }
}

/// Refuses to change a notice by which others decide in its last days (`lead`): they must have time to read what was changed. By a result
/// nobody decides.
pub fn not_late(held: &notice::Model, ends_at: Option<Timestamp>, lead: Span, calendar: &Calendar, now: Timestamp) -> Result<(), Problem> {
    let since = ends_at.filter(|_| held.kind != NoticeKind::DealResult).map(|ends_at| days_before(ends_at, lead, calendar));
    match since {
        Some(since) if since <= now => Err(Code::LateChange.with("since", since)),
        _ => Ok(()),
    }
}

/// Who decides about a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decider {
    /// Who.
    pub person: PersonId,
    /// Whether he is an officer.
    pub is_officer: bool,
    /// Whether he has a place with the organisation whose notice it is, be it a suspended one.
    pub sits_with_owner: bool,
}

/// What can be done to a proposal by somebody, as operations; whether he has the right to is asked elsewhere.
pub fn decisions_open_to(proposal: &notice_proposal::Model, notice: &notice::Model, by: Decider) -> Vec<&'static str> {
    let mut open = Vec::new();
    if may_publish(proposal, notice, by).is_ok() {
        open.push("publish_notice_proposal");
    }
    if may_refuse(proposal, notice, by).is_ok() {
        open.push("refuse_notice_proposal");
    }
    open
}

fn is_open(proposal: &notice_proposal::Model) -> Result<(), Problem> {
    if proposal.state == NoticeProposalState::Open {
        return Ok(());
    }
    Err(Code::WrongState.with("state", proposal.state).with("allowed", Vec::<&str>::new()))
}

/// Whether somebody may do what another proposed: nobody who decided the case the notice tells of, or sits with whose it is.
pub fn may_publish(proposal: &notice_proposal::Model, notice: &notice::Model, by: Decider) -> Result<(), Problem> {
    is_open(proposal)?;
    if proposal.proposed_by == by.person {
        return Err(Code::SamePerson.into());
    }
    disinterested(notice, by)
}

fn disinterested(notice: &notice::Model, by: Decider) -> Result<(), Problem> {
    if by.is_officer && by.sits_with_owner {
        return Err(Code::ConflictOfInterest.into());
    }
    second_person(&notice.barred_persons, by.person)
}

/// Whether somebody may refuse it: an officer who may do it, he who made it, who takes it back, and of an erratum a colleague of his.
pub fn may_refuse(proposal: &notice_proposal::Model, notice: &notice::Model, by: Decider) -> Result<(), Problem> {
    is_open(proposal)?;
    if proposal.proposed_by == by.person {
        return Ok(());
    }
    if !by.is_officer && proposal.kind == NoticeProposalKind::Withdrawal {
        return Err(Code::Forbidden.into());
    }
    disinterested(notice, by)
}

/// The proposal once it is done; an erratum made a version.
pub fn published(held: &notice_proposal::Model, by: PersonId, made: Option<i64>, at: Timestamp) -> notice_proposal::Model {
    notice_proposal::Model {
        state: NoticeProposalState::Published,
        made_version: made,
        decided_by: Some(by),
        decided_at: Some(at),
        version: held.version + 1,
        ..held.clone()
    }
}

/// The proposal once it is refused, with a reason.
pub fn refused(held: &notice_proposal::Model, by: PersonId, reason: &str, at: Timestamp) -> Result<notice_proposal::Model, Problem> {
    is_open(held)?;
    Faults::new().text("/reason", reason, LONGEST_REASON).done()?;
    Ok(notice_proposal::Model {
        state: NoticeProposalState::Refused,
        decided_by: Some(by),
        decided_at: Some(at),
        decision_reason: Some(reason.to_owned()),
        version: held.version + 1,
        ..held.clone()
    })
}

/// The notice with its next text.
pub fn corrected(held: &notice::Model, at: Timestamp) -> notice::Model {
    let current_version = held.current_version + 1;
    notice::Model { current_version, corrected_at: Some(at), version: held.version + 1, ..held.clone() }
}

/// The notice once it stands no more; nothing if it stood not, or not any more.
pub fn withdrawn(held: &notice::Model, reason: &str, at: Timestamp) -> Option<notice::Model> {
    matches!(held.state, NoticeState::Published | NoticeState::Ended).then(|| notice::Model {
        state: NoticeState::Withdrawn,
        withdrawn_at: Some(at),
        withdrawal_reason: Some(reason.to_owned()),
        version: held.version + 1,
        ..held.clone()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::super::examples::{at, draft, person};
    use super::super::publish;
    use super::*;
    use crate::rulebook::rules::shipped::CALENDAR;

    fn public(kind: NoticeKind) -> notice::Model {
        publish(&notice::Model { kind, ..draft() }, person(1), Some(at(60)), at(5)).unwrap()
    }

    fn new(kind: NoticeProposalKind) -> NewProposal<'static> {
        NewProposal { id: NoticeProposalId(Uuid::from_u128(9)), kind, changes: json!([]), reason: "笔误", by: person(2), at: at(10) }
    }

    fn officer(number: u128) -> Decider {
        Decider { person: person(number), is_officer: true, sits_with_owner: false }
    }

    fn erratum(held: &notice::Model) -> notice_proposal::Model {
        proposed(held, None, new(NoticeProposalKind::Erratum)).unwrap()
    }

    #[test]
    fn there_is_one_proposal_at_a_time_and_none_about_a_draft() {
        let held = public(NoticeKind::DealResult);
        let open = erratum(&held);
        let second = proposed(&held, Some(&open), new(NoticeProposalKind::Erratum)).unwrap_err();
        assert_eq!((second.code, &second.facts["proposal_id"]), (Code::ProposalOpen, &json!(open.id)));
        for held in [draft(), withdrawn(&held, "错误", at(20)).unwrap()] {
            assert_eq!(proposed(&held, None, new(NoticeProposalKind::Erratum)).unwrap_err().code, Code::WrongState);
        }
        assert!(open_to(&notice::Model { state: NoticeState::Ended, ..held }).contains(&"propose_erratum"), "a result stays readable");
    }

    #[test]
    fn the_notice_of_a_listing_is_withdrawn_with_the_listing_only() {
        let problem = proposed(&public(NoticeKind::Listing), None, new(NoticeProposalKind::Withdrawal)).unwrap_err();
        assert_eq!((problem.code, &problem.facts["allowed"]), (Code::WrongState, &json!(["propose_erratum"])));
    }

    #[test]
    fn a_second_person_does_it_and_whoever_made_it_may_take_it_back() {
        let held = public(NoticeKind::DealResult);
        let open = erratum(&held);
        let may = |number| decisions_open_to(&open, &held, officer(number));
        assert_eq!(may(2), ["refuse_notice_proposal"], "who made it");
        assert_eq!(may(7), Vec::<&str>::new(), "who decided the case");
        assert_eq!(may(1), ["publish_notice_proposal", "refuse_notice_proposal"]);
        let done = published(&open, person(1), Some(2), at(20));
        assert_eq!((done.state, done.made_version, done.decided_by), (NoticeProposalState::Published, Some(2), Some(person(1))));
        assert!(decisions_open_to(&done, &held, officer(1)).is_empty());
        let back = refused(&open, person(2), "无须勘误", at(20)).unwrap();
        assert_eq!(refused(&back, person(2), "x", at(21)).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn whose_notice_it_is_does_not_keep_it_from_being_withdrawn() {
        let held = public(NoticeKind::DealResult);
        let owner = Decider { is_officer: false, sits_with_owner: true, ..officer(3) };
        let slip = erratum(&held);
        assert_eq!(
            decisions_open_to(&slip, &held, owner),
            ["publish_notice_proposal", "refuse_notice_proposal"],
            "as far as this rule goes"
        );
        let withdrawal = proposed(&held, Some(&slip), new(NoticeProposalKind::Withdrawal)).unwrap();
        assert!(gives_way(&slip, NoticeProposalKind::Withdrawal) && !gives_way(&withdrawal, NoticeProposalKind::Withdrawal));
        assert_eq!(may_refuse(&withdrawal, &held, owner).unwrap_err().code, Code::Forbidden);
        let insider = Decider { sits_with_owner: true, ..officer(3) };
        for refused in [may_publish(&slip, &held, insider), may_refuse(&slip, &held, insider)] {
            assert_eq!(refused.unwrap_err().code, Code::ConflictOfInterest);
        }
    }

    #[test]
    fn setting_it_right_moves_no_end() {
        let held = public(NoticeKind::Listing);
        let next = corrected(&held, at(30));
        assert_eq!((next.current_version, next.corrected_at, next.ends_at, next.state), (2, Some(at(30)), held.ends_at, held.state));
    }

    #[test]
    fn in_its_last_days_the_notice_of_a_listing_is_left_alone() {
        let day = |text: &str| chrono::DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M %z").unwrap().to_utc();
        let held = public(NoticeKind::Listing);
        // Ends on Tuesday the 10th of March 2026 at 17:00: two whole working days before it are Friday and Monday.
        let ends_at = Some(day("2026-03-10 17:00"));
        let late = |held: &notice::Model, now: &str| not_late(held, ends_at, "2wd".parse().unwrap(), &CALENDAR, day(now)).is_err();
        assert_eq!([late(&held, "2026-03-05 23:59"), late(&held, "2026-03-06 00:00")], [false, true]);
        assert!(late(&notice::Model { state: NoticeState::Ended, ..held.clone() }, "2026-03-11 09:00"), "nor once it has ended");
        assert!(!late(&public(NoticeKind::DealResult), "2026-03-10 16:00"), "nobody decides by a result");
    }
}
