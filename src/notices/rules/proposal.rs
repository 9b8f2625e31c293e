//! What one person proposes about a public notice, and a second one does or refuses.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::{NoticeProposalId, PersonId};
use entity::notices::{NoticeKind, NoticeProposalKind, NoticeProposalState, NoticeState, notice, notice_proposal};
use serde_json::Value;

use super::period::{EndReason, ending, over};
use super::second_person;
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Calendar, Span, days_before, deadline};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// What can be proposed about a notice, as operations. A listing with its auction, a sale at a negotiated price, a grant of rights, or an
/// open licence ends with its notice, so whoever withdraws it ends that; and by the notice others have decided once it has ended.
pub fn open_to(held: &notice::Model) -> Vec<&'static str> {
    use NoticeKind::{Auction, DealResult, Listing, NegotiatedPrice, OpenLicence, RightsGrant};
    match (held.state, held.kind) {
        (NoticeState::Drafted | NoticeState::Withdrawn, _)
        | (NoticeState::Ended, Listing | NegotiatedPrice | Auction | RightsGrant | OpenLicence) => Vec::new(),
        (_, Listing | NegotiatedPrice | Auction | RightsGrant | OpenLicence) => vec!["propose_erratum"],
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

/// Whether something, as an operation, can be proposed beside what waits.
fn leaves_room(open: &notice_proposal::Model, operation: &str) -> bool {
    operation == "propose_notice_withdrawal" && gives_way(open, NoticeProposalKind::Withdrawal)
}

/// A refusal of an erratum with what can be proposed instead: of what is material a slip elsewhere, after the end no slip at all.
pub fn instead_of_erratum(held: &notice::Model, refusal: Problem) -> Problem {
    let is_late = refusal.code == Code::LateChange;
    let others: Vec<_> = open_to(held).into_iter().filter(|other| !(is_late && *other == "propose_erratum")).collect();
    refusal.instead(&others)
}

/// A proposal about a public notice, of which there is one at a time.
pub fn proposed(held: &notice::Model, open: Option<&notice_proposal::Model>, new: NewProposal) -> Result<notice_proposal::Model, Problem> {
    let operation = match new.kind {
        NoticeProposalKind::Erratum => "propose_erratum",
        NoticeProposalKind::Withdrawal => "propose_notice_withdrawal",
        // Nobody proposes it: it follows from what was agreed, or from its date.
        NoticeProposalKind::Revision | NoticeProposalKind::Opening => return Err(Code::Internal.into()),
    };
    let possible = open_to(held);
    if !possible.contains(&operation) {
        return Err(Code::WrongState.with("state", held.state).with("allowed", possible));
    }
    if let Some(open) = open.filter(|open| !gives_way(open, new.kind)) {
        let others: Vec<_> = possible.into_iter().filter(|other| leaves_room(open, other)).collect();
        return Err(Code::ProposalOpen.with("proposal_id", open.id).with("allowed", others));
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

/// What makes a further version of a notice at once, without waiting for a second person.
pub struct AtOnce<'a> {
    /// Its id.
    pub id: NoticeProposalId,
    /// What it is.
    pub kind: NoticeProposalKind,
    /// Why, for everybody to read.
    pub reason: &'a str,
    /// Whose it is, and since when.
    pub proposed: (PersonId, Timestamp),
    /// Who published it, if anybody did, and when.
    pub decided: (Option<PersonId>, Timestamp),
}

/// What made the next version of a notice.
pub fn made(held: &notice::Model, next: &notice::Model, of: &AtOnce) -> notice_proposal::Model {
    let ((proposed_by, proposed_at), (decided_by, decided_at)) = (of.proposed, of.decided);
    notice_proposal::Model {
        id: of.id,
        notice_id: held.id,
        organisation_id: held.organisation_id,
        kind: of.kind,
        state: NoticeProposalState::Published,
        base_version: held.current_version,
        changes: Value::Array(Vec::new()),
        made_version: Some(next.current_version),
        reason: of.reason.to_owned(),
        proposed_by,
        proposed_at,
        decided_by,
        decided_at: Some(decided_at),
        decision_reason: None,
        version: 1,
    }
}

/// By which operation what others decide by is changed while a notice of a kind runs: it is announced anew. None where that cannot be.
pub fn announces_anew(kind: NoticeKind) -> Option<&'static str> {
    match kind {
        NoticeKind::Listing | NoticeKind::Auction => Some("propose_listing_amendment"),
        NoticeKind::NegotiatedPrice => Some("make_offer"),
        NoticeKind::DealResult | NoticeKind::RightsGrant | NoticeKind::OpenLicence => None,
    }
}

/// The rule by which the last days of a notice are late.
pub const LATE: &str = "late_change_window";

/// What a late change does to the end of a notice.
#[derive(Clone, Copy, Debug)]
pub struct LateChange<'a> {
    /// How many of its last days are late (`late_change_window`).
    pub window: Span,
    /// The document and article that is from.
    pub source: &'a str,
    /// By how much its end is put off then (`late_change_extension`).
    pub extension: Span,
}

/// Until when a notice is changed, and from when on that puts its end off: neither of a result, by which nobody decides, the first alone of
/// an auction.
pub fn changed_until(
    held: &notice::Model,
    ends_at: Option<Timestamp>,
    by: LateChange,
    calendar: &Calendar,
) -> (Option<Timestamp>, Option<Timestamp>) {
    let until = ends_at.filter(|_| held.kind != NoticeKind::DealResult);
    let late = until.filter(|_| held.kind != NoticeKind::Auction && !by.extension.is_zero());
    (until, late.map(|until| days_before(until, by.window, calendar)))
}

/// The end of a notice by which others decide, once it is changed: put off where that is in its last days, for they must have time to read
/// what was changed; none where it stays. After its end nothing is changed. By a result nobody decides, and that of an auction ends as
/// bidding opens, whatever is set right in it.
pub fn put_off(
    held: &notice::Model,
    ends_at: Option<Timestamp>,
    by: LateChange,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let Some(ends_at) = ends_at.filter(|_| held.kind != NoticeKind::DealResult) else { return Ok(None) };
    if ends_at <= now {
        let late_from = days_before(ends_at, by.window, calendar);
        let told = Code::LateChange.with("ends_at", ends_at).with("rule", LATE).with("source", by.source);
        return Err(told.with("window", by.window).with("late_from", late_from));
    }
    if held.kind == NoticeKind::Auction || now < days_before(ends_at, by.window, calendar) {
        return Ok(None);
    }
    // 24:00 belongs to the day that it ends.
    let last_instant = ends_at.checked_sub_signed(TimeDelta::microseconds(1)).unwrap_or(ends_at);
    let later = deadline(last_instant, by.extension, calendar).ends_at;
    Ok((later > ends_at).then_some(later))
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

/// The notice with its next text; its end is another where the change came late.
pub fn corrected(held: &notice::Model, put_off: Option<Timestamp>, at: Timestamp) -> Result<notice::Model, Problem> {
    let current_version = held.current_version + 1;
    let next = notice::Model { current_version, corrected_at: Some(at), version: held.version + 1, ..held.clone() };
    match put_off {
        Some(ends_at) => ending(notice::Model { ends_at: Some(ends_at), ..next }, ends_at, at, EndReason::LateChange),
        None => Ok(next),
    }
}

/// The notice once it stands no more; nothing if it stood not, or not any more. What was to end with an opening has ended with that.
pub fn withdrawn(held: &notice::Model, reason: &str, at: Timestamp) -> Result<Option<notice::Model>, Problem> {
    if !matches!(held.state, NoticeState::Published | NoticeState::Ended) {
        return Ok(None);
    }
    let next = notice::Model {
        state: NoticeState::Withdrawn,
        withdrawn_at: Some(at),
        withdrawal_reason: Some(reason.to_owned()),
        version: held.version + 1,
        ..held.clone()
    };
    let ends_with_it = held.state == NoticeState::Published && held.kind == NoticeKind::Auction;
    if ends_with_it { over(next, at).map(Some) } else { Ok(Some(next)) }
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
        assert_eq!(second.facts["allowed"], json!(["propose_notice_withdrawal"]), "an erratum gives way to it");
        let withdrawal = proposed(&held, Some(&open), new(NoticeProposalKind::Withdrawal)).unwrap();
        let third = proposed(&held, Some(&withdrawal), new(NoticeProposalKind::Erratum)).unwrap_err();
        assert_eq!((third.code, &third.facts["allowed"]), (Code::ProposalOpen, &json!([])));
        for held in [draft(), withdrawn(&held, "错误", at(20)).unwrap().unwrap()] {
            assert_eq!(proposed(&held, None, new(NoticeProposalKind::Erratum)).unwrap_err().code, Code::WrongState);
        }
        assert!(open_to(&notice::Model { state: NoticeState::Ended, ..held }).contains(&"propose_erratum"), "a result stays readable");
    }

    #[test]
    fn who_may_not_set_something_right_is_told_what_he_may_propose() {
        let refused = |kind, code: Code| instead_of_erratum(&public(kind), code.into()).facts["allowed"].clone();
        assert_eq!(refused(NoticeKind::Listing, Code::LateChange), json!([]));
        assert_eq!(refused(NoticeKind::Listing, Code::MaterialChange), json!(["propose_erratum"]), "a slip elsewhere");
        assert_eq!(refused(NoticeKind::DealResult, Code::LateChange), json!(["propose_notice_withdrawal"]));
    }

    #[test]
    fn the_notice_of_a_listing_is_withdrawn_with_the_listing_only() {
        for kind in [NoticeKind::Listing, NoticeKind::Auction, NoticeKind::OpenLicence] {
            let problem = proposed(&public(kind), None, new(NoticeProposalKind::Withdrawal)).unwrap_err();
            assert_eq!((problem.code, &problem.facts["allowed"]), (Code::WrongState, &json!(["propose_erratum"])));
        }
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
        let next = corrected(&held, None, at(30)).unwrap();
        assert_eq!((next.current_version, next.corrected_at, next.ends_at, next.state), (2, Some(at(30)), held.ends_at, held.state));
    }

    #[test]
    fn what_is_changed_in_the_last_days_of_a_notice_puts_its_end_off() {
        let day = |text: &str| chrono::DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M %z").unwrap().to_utc();
        let held = public(NoticeKind::Listing);
        let by = LateChange { window: "2wd".parse().unwrap(), source: "a test", extension: "2wd".parse().unwrap() };
        let ends =
            |held: &notice::Model, ends: &str, now: &str| put_off(held, Some(day(ends)), by, &CALENDAR, day(now)).map_err(|p| p.code);
        // Ends on Tuesday the 10th of March 2026 at 17:00: two whole working days before it are Friday and Monday.
        assert_eq!(ends(&held, "2026-03-10 17:00", "2026-03-05 23:59"), Ok(None));
        assert_eq!(ends(&held, "2026-03-10 17:00", "2026-03-06 00:00"), Ok(Some(day("2026-03-13 00:00"))));
        assert_eq!(ends(&held, "2026-03-11 00:00", "2026-03-10 09:00"), Ok(Some(day("2026-03-13 00:00"))), "24:00 is of the day it ends");
        assert_eq!(ends(&held, "2026-03-14 00:00", "2026-03-13 09:00"), Ok(Some(day("2026-03-18 00:00"))), "over the weekend");
        assert_eq!(ends(&held, "2026-03-10 17:00", "2026-03-10 17:00"), Err(Code::LateChange), "nor once it has ended");
        assert_eq!(ends(&public(NoticeKind::DealResult), "2026-03-10 17:00", "2026-03-10 18:00"), Ok(None), "nobody decides by a result");
        let auction = public(NoticeKind::Auction);
        assert_eq!(ends(&auction, "2026-03-10 17:00", "2026-03-10 16:59"), Ok(None), "bidding opens as it was told");
        assert_eq!(ends(&auction, "2026-03-10 17:00", "2026-03-10 17:00"), Err(Code::LateChange));
        let late = put_off(&held, Some(day("2026-03-10 17:00")), by, &CALENDAR, day("2026-03-10 17:00")).unwrap_err();
        let named = ["rule", "source", "window", "late_from"].map(|fact| late.facts[fact].clone());
        assert_eq!(named, [json!("late_change_window"), json!("a test"), json!("2wd"), json!(day("2026-03-06 00:00"))]);
        let none = LateChange { window: "0wd".parse().unwrap(), source: "a test", extension: "0wd".parse().unwrap() };
        assert_eq!(
            put_off(&held, Some(day("2026-03-10 17:00")), none, &CALENDAR, day("2026-03-10 16:59")),
            Ok(None),
            "a rehearsal has no such days"
        );
    }

    #[test]
    fn until_when_something_is_changed_and_how_follows_from_the_kind() {
        let day = |text: &str| chrono::DateTime::parse_from_str(&format!("{text} +0800"), "%Y-%m-%d %H:%M %z").unwrap().to_utc();
        let by = LateChange { window: "2wd".parse().unwrap(), source: "a test", extension: "2wd".parse().unwrap() };
        let (ends, late) = (Some(day("2026-03-10 17:00")), Some(day("2026-03-06 00:00")));
        for (kind, expected, anew) in [
            (NoticeKind::Listing, (ends, late), Some("propose_listing_amendment")),
            (NoticeKind::Auction, (ends, None), Some("propose_listing_amendment")),
            (NoticeKind::NegotiatedPrice, (ends, late), Some("make_offer")),
            (NoticeKind::RightsGrant, (ends, late), None),
            (NoticeKind::DealResult, (None, None), None),
        ] {
            assert_eq!(changed_until(&public(kind), ends, by, &CALENDAR), expected, "{kind:?}");
            assert_eq!(announces_anew(kind), anew, "{kind:?}");
        }
        assert_eq!(changed_until(&public(NoticeKind::OpenLicence), None, by, &CALENDAR), (None, None), "it has no end");
    }
}
