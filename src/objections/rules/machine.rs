//! The procedure of an objection. Source: Zhejiang regulation on the conversion of achievements art. 17 (there must be a procedure for
//! objections, and it must be public); its steps and deadlines are rules of the platform (`objection_..`).

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::ids::{DocumentId, ObjectionId, OrganisationId, PersonId};
use entity::notices::{NoticeState, notice};
use entity::objections::{ObjectionGround, ObjectionOutcome, ObjectionState, objection};
use entity::sealed::Sealed;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::notices::rules::second_person;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest text of a step, characters.
const LONGEST: usize = 5_000;
/// The most documents that show what is objected to.
const MOST_DOCUMENTS: usize = 20;
/// The longest reason not to accept one, characters.
const LONGEST_REASON: usize = 500;

/// What whoever objects has written; kept sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// What is wrong, and what shows it.
    pub statement: String,
    /// Why it is to be looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_statement: Option<String>,
}

/// What is done to an objection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Accept it.
    Accept,
    /// Not accept it.
    Refuse,
    /// Take more time to look into it.
    Extend,
    /// Decide it.
    Decide,
    /// Ask for a review.
    RequestReview,
    /// Decide the review.
    DecideReview,
    /// Say that what it was right about was put right.
    Settle,
    /// Withdraw it.
    Withdraw,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 8] =
        [Self::Accept, Self::Refuse, Self::Extend, Self::Decide, Self::RequestReview, Self::DecideReview, Self::Settle, Self::Withdraw];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Accept => "accept_objection",
            Self::Refuse => "refuse_objection",
            Self::Extend => "extend_objection",
            Self::Decide => "decide_objection",
            Self::RequestReview => "request_objection_review",
            Self::DecideReview => "decide_objection_review",
            Self::Settle => "settle_objection",
            Self::Withdraw => "withdraw_objection",
        }
    }

    /// Whether it can be done to an objection that stands so.
    pub fn is_allowed(self, held: &objection::Model, now: Timestamp) -> bool {
        use ObjectionState::{Decided, Investigating, ReviewRequested, Submitted};
        match self {
            Self::Accept | Self::Refuse => held.state == Submitted,
            Self::Extend => held.state == Investigating && !held.extended && held.due_at.is_some_and(|due_at| now < due_at),
            Self::Decide => held.state == Investigating,
            Self::RequestReview => held.state == Decided && held.due_at.is_some_and(|due_at| now < due_at),
            Self::DecideReview => held.state == ReviewRequested,
            Self::Settle => super::holds_up(held) && held.closed_at.is_some(),
            Self::Withdraw => matches!(held.state, Submitted | Investigating | ReviewRequested),
        }
    }
}

/// What can be done to it now, as operations.
fn allowed(held: &objection::Model, now: Timestamp) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed(held, now)).map(Deed::operation).collect()
}

/// An officer who handles an objection, or who would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// Who.
    pub person: PersonId,
    /// Whether he has a place with somebody whom it concerns.
    pub is_party: bool,
}

impl Handler {
    /// Somebody who has places with organisations, be it suspended ones; `parties` are those whom the objection concerns.
    pub fn of(person: PersonId, places: &[OrganisationId], parties: &[OrganisationId]) -> Self {
        Self { person, is_party: places.iter().any(|place| parties.contains(place)) }
    }
}

/// What a person may do to it now, as operations; whether he has the right to is asked elsewhere.
pub fn open_to(held: &objection::Model, notice: &notice::Model, by: Handler, now: Timestamp) -> Vec<&'static str> {
    let may = |deed: &Deed| match deed {
        Deed::RequestReview | Deed::Withdraw => by.person == held.objector,
        Deed::DecideReview => handles(held, notice, by).is_ok() && held.handler != Some(by.person),
        _ => handles(held, notice, by).is_ok(),
    };
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed(held, now) && may(deed)).map(Deed::operation).collect()
}

fn require(held: &objection::Model, deed: Deed, now: Timestamp) -> Result<(), Problem> {
    if deed.is_allowed(held, now) { Ok(()) } else { Err(Code::WrongState.with("state", held.state).with("allowed", allowed(held, now))) }
}

/// Refuses a handler who decided the matter or published the notice, who objects himself, or who has a place with either side.
fn handles(held: &objection::Model, notice: &notice::Model, by: Handler) -> Result<(), Problem> {
    second_person(&notice.barred_persons, by.person)?;
    if notice.published_by == Some(by.person) || held.objector == by.person {
        return Err(Code::SamePerson.into());
    }
    if by.is_party { Err(Code::ConflictOfInterest.into()) } else { Ok(()) }
}

/// Refuses an objection to a notice that does not run, whose end is then. There is nothing else that could be done to it.
pub fn may_object(notice: &notice::Model, ends_at: Option<Timestamp>, now: Timestamp) -> Result<(), Problem> {
    let runs = notice.state == NoticeState::Published && ends_at.is_none_or(|ends_at| now < ends_at);
    if runs { Ok(()) } else { Err(Code::ObjectionsClosed.with("ends_at", ends_at).with("allowed", Vec::<&str>::new())) }
}

/// Refuses another objection to the same version of a notice by somebody of whom one is known: whoever might come again and again could
/// hold up what he likes. What he may do is done to that one.
pub fn objects_once(known: Option<&objection::Model>, notice: &notice::Model, now: Timestamp) -> Result<(), Problem> {
    let Some(known) = known else { return Ok(()) };
    let himself = Handler { person: known.objector, is_party: false };
    Err(Code::AlreadyObjected.with("objection_id", known.id).with("allowed", open_to(known, notice, himself, now)))
}

/// What a new objection is made of.
pub struct NewObjection {
    /// Its id.
    pub id: ObjectionId,
    /// Who objects.
    pub objector: PersonId,
    /// For which organisation, if for one.
    pub organisation: Option<OrganisationId>,
    /// On what ground.
    pub ground: ObjectionGround,
    /// What he wrote, sealed.
    pub words: Sealed,
    /// What shows it.
    pub evidence: Value,
    /// When.
    pub at: Timestamp,
    /// By when it is decided whether it is accepted.
    pub due_at: Timestamp,
}

/// Checks what somebody writes.
fn written(pointer: &str, text: &str) -> Result<(), Problem> {
    Faults::new().text(pointer, text, LONGEST).done()
}

/// Refuses more documents than anybody reads, and one twice.
pub fn few_documents(evidence: &[DocumentId]) -> Result<(), Problem> {
    let different: BTreeSet<_> = evidence.iter().collect();
    Faults::new()
        .require(evidence.len() <= MOST_DOCUMENTS, "/evidence", "too_many", "不得超过 20 份文件", "must be at most 20 documents")
        .require(different.len() == evidence.len(), "/evidence", "repeated", "文件不得重复", "must not name a document twice")
        .done()
}

/// What shows it, without the titles that whoever is forgotten gave his documents.
pub fn untitled(evidence: &Value) -> Value {
    let mut evidence = evidence.clone();
    for document in evidence.as_array_mut().into_iter().flatten() {
        document["title"] = "".into();
    }
    evidence
}

/// A new objection.
pub fn submitted(
    notice: &notice::Model,
    ends_at: Option<Timestamp>,
    statement: &str,
    new: NewObjection,
) -> Result<objection::Model, Problem> {
    may_object(notice, ends_at, new.at)?;
    written("/statement", statement)?;
    Ok(objection::Model {
        id: new.id,
        notice_id: notice.id,
        notice_version: notice.current_version,
        listing_id: notice.listing_id,
        negotiation_id: notice.negotiation_id,
        rights_grant_id: notice.rights_grant_id,
        open_licence_id: notice.open_licence_id,
        deal_id: notice.deal_id,
        organisation_id: notice.organisation_id,
        objector: new.objector,
        objector_organisation_id: new.organisation,
        ground: new.ground,
        words: new.words,
        evidence: new.evidence,
        state: ObjectionState::Submitted,
        due_at: Some(new.due_at),
        handler: None,
        extended: false,
        outcome: None,
        reasons: None,
        review_outcome: None,
        review_reasons: None,
        submitted_at: new.at,
        accepted_at: None,
        decided_at: None,
        closed_at: None,
        settled_at: None,
        settlement: None,
        ends: false,
        version: 1,
    })
}

/// Accepted: it is looked into until `due_at`.
pub fn accepted(
    held: &objection::Model,
    notice: &notice::Model,
    by: Handler,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<objection::Model, Problem> {
    step(held, notice, Deed::Accept, by, now)?;
    Ok(objection::Model { accepted_at: Some(now), handler: Some(by.person), ..moved(held, ObjectionState::Investigating, Some(due_at)) })
}

/// Not accepted, with a reason.
pub fn refused(
    held: &objection::Model,
    notice: &notice::Model,
    by: Handler,
    reason: &str,
    now: Timestamp,
) -> Result<objection::Model, Problem> {
    step(held, notice, Deed::Refuse, by, now)?;
    Faults::new().text("/reason", reason, LONGEST_REASON).done()?;
    let next = moved(held, ObjectionState::NotAccepted, None);
    Ok(objection::Model { reasons: Some(reason.into()), handler: Some(by.person), closed_at: Some(now), ..next })
}

/// More time to look into it, once.
pub fn extended(
    held: &objection::Model,
    notice: &notice::Model,
    by: Handler,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<objection::Model, Problem> {
    step(held, notice, Deed::Extend, by, now)?;
    Ok(objection::Model { extended: true, handler: Some(by.person), ..moved(held, held.state, Some(due_at)) })
}

/// Decided, with reasons; a review may be asked for until `review_by`.
pub fn decided(
    held: &objection::Model,
    notice: &notice::Model,
    by: Handler,
    outcome: ObjectionOutcome,
    reasons: &str,
    review_by: Timestamp,
    now: Timestamp,
) -> Result<objection::Model, Problem> {
    step(held, notice, Deed::Decide, by, now)?;
    written("/reasons", reasons)?;
    let next = moved(held, ObjectionState::Decided, Some(review_by));
    Ok(objection::Model { outcome: Some(outcome), reasons: Some(reasons.into()), handler: Some(by.person), decided_at: Some(now), ..next })
}

/// To be looked at again, since who objected asks for it.
pub fn to_review(
    held: &objection::Model,
    words: Sealed,
    statement: &str,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<objection::Model, Problem> {
    require(held, Deed::RequestReview, now)?;
    written("/statement", statement)?;
    Ok(objection::Model { words, ..moved(held, ObjectionState::ReviewRequested, Some(due_at)) })
}

/// Decided again, for good, by another than before.
pub fn reviewed(
    held: &objection::Model,
    notice: &notice::Model,
    by: Handler,
    outcome: ObjectionOutcome,
    reasons: &str,
    now: Timestamp,
) -> Result<objection::Model, Problem> {
    step(held, notice, Deed::DecideReview, by, now)?;
    if held.handler == Some(by.person) {
        return Err(Code::SamePerson.into());
    }
    written("/reasons", reasons)?;
    let next = moved(held, ObjectionState::Final, None);
    Ok(objection::Model {
        review_outcome: Some(outcome),
        review_reasons: Some(reasons.into()),
        handler: Some(by.person),
        closed_at: Some(now),
        ..next
    })
}

/// What it was right about was put right, as said; or what it is about `ends` for it.
pub fn settled(
    held: &objection::Model,
    notice: &notice::Model,
    by: Handler,
    how: &str,
    ends: bool,
    now: Timestamp,
) -> Result<objection::Model, Problem> {
    step(held, notice, Deed::Settle, by, now)?;
    written("/settlement", how)?;
    Ok(objection::Model { settled_at: Some(now), settlement: Some(how.into()), ends, ..moved(held, held.state, None) })
}

/// Withdrawn by who objected. What had been decided before a review was asked for stands.
pub fn withdrawn(held: &objection::Model, now: Timestamp) -> Result<objection::Model, Problem> {
    require(held, Deed::Withdraw, now)?;
    let state = if held.state == ObjectionState::ReviewRequested { ObjectionState::Final } else { ObjectionState::Withdrawn };
    Ok(objection::Model { closed_at: Some(now), ..moved(held, state, None) })
}

/// Final once nobody asked for a review in time; nothing before, and nothing where somebody did.
pub fn closed_in_time(held: &objection::Model, now: Timestamp) -> Option<objection::Model> {
    let over = held.state == ObjectionState::Decided && held.due_at.is_some_and(|due_at| due_at <= now);
    over.then(|| objection::Model { closed_at: Some(now), ..moved(held, ObjectionState::Final, None) })
}

fn step(held: &objection::Model, notice: &notice::Model, deed: Deed, by: Handler, now: Timestamp) -> Result<(), Problem> {
    handles(held, notice, by)?;
    require(held, deed, now)
}

fn moved(held: &objection::Model, state: ObjectionState, due_at: Option<Timestamp>) -> objection::Model {
    objection::Model { state, due_at, version: held.version + 1, ..held.clone() }
}
