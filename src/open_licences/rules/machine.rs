//! The procedure of an open licence: which deed is allowed when and by whom, and how the declaration stands afterwards.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::Timestamp;
use entity::ids::{AchievementId, AssetId, NoticeId, OpenLicenceId, OrganisationId, PersonId};
use entity::open_licences::{OpenLicenceState, open_licence};
use serde_json::Value;

use super::terms::{CnipaOutcome, NewCnipaAnnouncement, NewCnipaDecision};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// What is done to a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Write it anew.
    Replace,
    /// Hand it in.
    Submit,
    /// Send it back to its author.
    Return,
    /// Announce it.
    Publish,
    /// Enter that the patent office announced it.
    RecordCnipa,
    /// Enter that the patent office did not accept it, or ended it.
    RecordDecision,
    /// Withdraw it.
    Withdraw,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 7] =
        [Self::Replace, Self::Submit, Self::Return, Self::Publish, Self::RecordCnipa, Self::RecordDecision, Self::Withdraw];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Replace => "replace_open_licence",
            Self::Submit => "submit_open_licence",
            Self::Return => "return_open_licence",
            Self::Publish => "publish_open_licence",
            Self::RecordCnipa => "record_cnipa_announcement",
            Self::RecordDecision => "record_cnipa_decision",
            Self::Withdraw => "withdraw_open_licence",
        }
    }

    /// Whether it can be done in a state.
    pub fn is_allowed_in(self, state: OpenLicenceState) -> bool {
        use OpenLicenceState::{Announced, Drafted, Returned, Submitted};
        match self {
            Self::Replace | Self::Submit => matches!(state, Drafted | Returned),
            Self::Return | Self::Publish => state == Submitted,
            Self::RecordCnipa | Self::RecordDecision => state == Announced,
            Self::Withdraw => matches!(state, Drafted | Submitted | Returned | Announced),
        }
    }
}

/// Everything that can be done in a state, as operations.
pub fn allowed(state: OpenLicenceState) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(state)).map(Deed::operation).collect()
}

/// Refuses a deed in the wrong state.
pub fn require(held: &open_licence::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed_in(held.state) {
        return Ok(());
    }
    Err(Code::WrongState.with("state", held.state).with("allowed", allowed(held.state)))
}

/// What a declaration says, ready to be kept.
#[derive(Clone, Debug)]
pub struct Said {
    /// The patent, and what it belongs to.
    pub patent: (AchievementId, AssetId),
    /// What a licence costs.
    pub fee: Value,
    /// How that is paid.
    pub payment: String,
    /// The first day of the licences, and the day on which they end.
    pub term: (NaiveDate, NaiveDate),
    /// What else is said.
    pub other: Option<String>,
    /// The evaluation report, as it is now.
    pub evaluation_document: Option<Value>,
    /// The consent of the pledgee, as it is now.
    pub pledgee_consent_document: Option<Value>,
    /// Whether it is pledged.
    pub pledged: bool,
    /// What the patentee declares.
    pub declarations: Value,
}

/// A declaration that is drafted.
pub fn drafted(id: OpenLicenceId, (patentee, by): (OrganisationId, PersonId), said: Said, at: Timestamp) -> open_licence::Model {
    let ((achievement_id, asset_id), (term_from, term_until)) = (said.patent, said.term);
    open_licence::Model {
        id,
        organisation_id: patentee,
        achievement_id,
        asset_id,
        state: OpenLicenceState::Drafted,
        fee: said.fee,
        payment: said.payment,
        term_from,
        term_until,
        other: said.other,
        evaluation_document: said.evaluation_document,
        pledgee_consent_document: said.pledgee_consent_document,
        pledged: said.pledged,
        declarations: said.declarations,
        return_reason: None,
        rules: None,
        drafted: None,
        drafted_sha256: None,
        submitted_by: None,
        submitted_at: None,
        notice_id: None,
        published_by: None,
        cnipa_number: None,
        cnipa_announced_on: None,
        cnipa_decision_number: None,
        cnipa_decided_on: None,
        withdrawn_at: None,
        withdrawal_reason: None,
        ended_at: None,
        end_reason: None,
        created_by: by,
        version: 1,
        created_at: at,
    }
}

/// The draft with another text; a returned one is a draft again.
pub fn replaced(held: &open_licence::Model, said: Said) -> Result<open_licence::Model, Problem> {
    require(held, Deed::Replace)?;
    let anew = drafted(held.id, (held.organisation_id, held.created_by), said, held.created_at);
    Ok(open_licence::Model { version: held.version + 1, ..anew })
}

/// What is handed in.
pub struct Submission {
    /// The rules as they stand.
    pub rules: Value,
    /// The text of the notice.
    pub text: String,
}

/// The declaration once it is handed in: the text of its notice is frozen.
pub fn submitted(held: &open_licence::Model, by: PersonId, new: Submission, now: Timestamp) -> Result<open_licence::Model, Problem> {
    require(held, Deed::Submit)?;
    Ok(open_licence::Model {
        return_reason: None,
        rules: Some(new.rules),
        drafted_sha256: Some(sha256(new.text.as_bytes()).to_vec()),
        drafted: Some(new.text),
        submitted_by: Some(by),
        submitted_at: Some(now),
        ..moved(held, OpenLicenceState::Submitted)
    })
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub person: PersonId,
    /// Whether he is an officer.
    pub is_officer: bool,
    /// Whether he has a place with the patentee, be it a suspended one.
    pub sits_with_patentee: bool,
}

/// Everybody who had a hand in it: none of them publishes it or sends it back.
pub fn hands(held: &open_licence::Model) -> Vec<PersonId> {
    let all: BTreeSet<_> = [Some(held.created_by), held.submitted_by].into_iter().flatten().collect();
    all.into_iter().collect()
}

/// Refuses an officer who may not send it back.
pub fn may_return(held: &open_licence::Model, by: &Hand) -> Result<(), Problem> {
    require(held, Deed::Return)?;
    disinterested(held, by)
}

/// Refuses an officer who may not publish it.
pub fn may_publish(held: &open_licence::Model, by: &Hand) -> Result<(), Problem> {
    require(held, Deed::Publish)?;
    disinterested(held, by)
}

/// Refuses who has a place with the patentee, or had a hand in it.
fn disinterested(held: &open_licence::Model, by: &Hand) -> Result<(), Problem> {
    if by.sits_with_patentee {
        return Err(Code::ConflictOfInterest.into());
    }
    if hands(held).contains(&by.person) { Err(Code::SamePerson.into()) } else { Ok(()) }
}

/// The declaration once it is sent back, with a reason its author reads; nothing is frozen any more.
pub fn returned(held: &open_licence::Model, by: &Hand, reason: &str) -> Result<open_licence::Model, Problem> {
    may_return(held, by)?;
    reasoned(reason)?;
    Ok(open_licence::Model {
        return_reason: Some(reason.to_owned()),
        rules: None,
        drafted: None,
        drafted_sha256: None,
        ..moved(held, OpenLicenceState::Returned)
    })
}

/// The declaration once it is announced.
pub fn published(held: &open_licence::Model, by: &Hand, notice: NoticeId) -> Result<open_licence::Model, Problem> {
    may_publish(held, by)?;
    Ok(open_licence::Model { notice_id: Some(notice), published_by: Some(by.person), ..moved(held, OpenLicenceState::Announced) })
}

/// The declaration with what the patent office announced; that may be entered again, where it was entered wrongly.
pub fn recorded(held: &open_licence::Model, new: NewCnipaAnnouncement) -> Result<open_licence::Model, Problem> {
    require(held, Deed::RecordCnipa)?;
    Ok(open_licence::Model { cnipa_number: Some(new.number), cnipa_announced_on: Some(new.announced_on), ..moved(held, held.state) })
}

/// Refuses an officer who has a place with the patentee.
fn may_end(held: &open_licence::Model, deed: Deed, by: &Hand) -> Result<(), Problem> {
    require(held, deed)?;
    if by.is_officer && by.sits_with_patentee { Err(Code::ConflictOfInterest.into()) } else { Ok(()) }
}

/// The declaration once it is withdrawn, with a reason everybody reads where there was a notice.
pub fn withdrawn(held: &open_licence::Model, by: &Hand, reason: &str, now: Timestamp) -> Result<open_licence::Model, Problem> {
    may_end(held, Deed::Withdraw, by)?;
    reasoned(reason)?;
    let next = moved(held, OpenLicenceState::Withdrawn);
    Ok(open_licence::Model { withdrawn_at: Some(now), withdrawal_reason: Some(reason.to_owned()), ..next })
}

/// The declaration once the patent office decided against it, for a reason everybody reads. What the office announced it can end, and what it
/// did not announce it can refuse.
pub fn decided(held: &open_licence::Model, by: &Hand, new: NewCnipaDecision, now: Timestamp) -> Result<open_licence::Model, Problem> {
    may_end(held, Deed::RecordDecision, by)?;
    reasoned(&new.reason)?;
    let state = match (new.outcome, held.cnipa_number.is_some()) {
        (CnipaOutcome::NotAccepted, false) => OpenLicenceState::NotAccepted,
        (CnipaOutcome::Terminated, true) => OpenLicenceState::TerminatedByRegistry,
        (CnipaOutcome::NotAccepted, true) => {
            return Err(Code::Invalid.at("/outcome", "announced", "该声明已由国家知识产权局公告", "the office announced it"));
        }
        (CnipaOutcome::Terminated, false) => {
            let (zh, en) = ("尚未登记国家知识产权局的公告", "no announcement of the office was entered");
            return Err(Code::Invalid.at("/outcome", "not_announced", zh, en));
        }
    };
    Ok(open_licence::Model {
        cnipa_decision_number: Some(new.number),
        cnipa_decided_on: Some(new.decided_on),
        ended_at: Some(now),
        end_reason: Some(new.reason),
        ..moved(held, state)
    })
}

fn reasoned(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, LONGEST_REASON).done()
}

/// The declaration once it ended for an objection that was right; nothing where it is not announced, or not any more.
pub fn ended(held: &open_licence::Model, reason: &str, now: Timestamp) -> Option<open_licence::Model> {
    (held.state == OpenLicenceState::Announced).then(|| open_licence::Model {
        ended_at: Some(now),
        end_reason: Some(reason.to_owned()),
        ..moved(held, OpenLicenceState::Ended)
    })
}

/// The declaration once its patent is another's (domain: the declaration lapses, earlier licensees keep what they have): ended where it is
/// announced, and taken back where it was handed in; nothing where neither is so.
pub fn lapsed(held: &open_licence::Model, reason: &str, now: Timestamp) -> Option<open_licence::Model> {
    let taken_back = || open_licence::Model {
        withdrawn_at: Some(now),
        withdrawal_reason: Some(reason.to_owned()),
        ..moved(held, OpenLicenceState::Withdrawn)
    };
    ended(held, reason, now).or_else(|| (held.state == OpenLicenceState::Submitted).then(taken_back))
}

/// The declaration once the last day of its licences is over; nothing where it is not announced, or not any more.
pub fn expired(held: &open_licence::Model, reason: &str, today: NaiveDate, now: Timestamp) -> Option<open_licence::Model> {
    let is_over = held.state == OpenLicenceState::Announced && held.term_until <= today;
    is_over.then(|| open_licence::Model {
        ended_at: Some(now),
        end_reason: Some(reason.to_owned()),
        ..moved(held, OpenLicenceState::Expired)
    })
}

/// What somebody may do now, as operations; whether he has the right to is asked elsewhere, and whether it passes the gates when it is tried.
pub fn open_to(held: &open_licence::Model, by: &Hand) -> Vec<&'static str> {
    let may = |deed: &Deed| match deed {
        Deed::Replace | Deed::Submit | Deed::RecordCnipa => require(held, *deed).is_ok(),
        Deed::Return => may_return(held, by).is_ok(),
        Deed::Publish => may_publish(held, by).is_ok(),
        Deed::RecordDecision | Deed::Withdraw => may_end(held, *deed, by).is_ok(),
    };
    Deed::ALL.into_iter().filter(may).map(Deed::operation).collect()
}

fn moved(held: &open_licence::Model, state: OpenLicenceState) -> open_licence::Model {
    open_licence::Model { state, version: held.version + 1, ..held.clone() }
}
