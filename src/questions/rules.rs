//! The procedure of a question: asked, answered by the seller, and read by everybody once an officer has looked at both. That what one
//! buyer is told all are told is a rule of the platform, as are its deadlines (`question_..`).

use entity::Timestamp;
use entity::ids::{OrganisationId, PersonId, QuestionId};
use entity::listings::listing;
use entity::questions::{QuestionState, question};
use entity::sealed::Sealed;

use crate::listings::rules::machine::asks_until;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest question, characters.
const LONGEST_QUESTION: usize = 2_000;
/// The longest answer, characters.
const LONGEST_ANSWER: usize = 5_000;
/// The longest reason, characters.
const LONGEST_REASON: usize = 500;

/// What is done to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Answer it.
    Answer,
    /// Let everybody read it with its answer.
    Publish,
    /// Send the answer back.
    Return,
    /// Refuse it.
    Refuse,
    /// Withdraw it.
    Withdraw,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Answer, Self::Publish, Self::Return, Self::Refuse, Self::Withdraw];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Answer => "answer_question",
            Self::Publish => "publish_question",
            Self::Return => "return_answer",
            Self::Refuse => "refuse_question",
            Self::Withdraw => "withdraw_question",
        }
    }

    /// Whether it can be done in a state.
    pub fn is_allowed_in(self, state: QuestionState) -> bool {
        match self {
            Self::Answer => state == QuestionState::Asked,
            Self::Publish | Self::Return => state == QuestionState::Answered,
            Self::Refuse | Self::Withdraw => is_open(state),
        }
    }
}

/// Whether something is still to be done about a question.
pub fn is_open(state: QuestionState) -> bool {
    matches!(state, QuestionState::Asked | QuestionState::Answered)
}

/// An officer who decides about a question, or who would.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moderator {
    /// Who.
    pub person: PersonId,
    /// Whether he has a place with the seller or with who asks.
    pub is_party: bool,
}

impl Moderator {
    /// Somebody who has a place with these organisations, be it a suspended one.
    pub fn of(held: &question::Model, person: PersonId, places: &[OrganisationId]) -> Self {
        let is_party = |place: &OrganisationId| *place == held.organisation_id || Some(*place) == held.asker_organisation_id;
        Self { person, is_party: places.iter().any(is_party) }
    }
}

/// What a person may do to it now, as operations; whether he has the right to is asked elsewhere.
pub fn open_to(held: &question::Model, by: Moderator) -> Vec<&'static str> {
    let may = |deed: &Deed| match deed {
        Deed::Answer => by.person != held.asker,
        Deed::Withdraw => by.person == held.asker,
        Deed::Publish | Deed::Return | Deed::Refuse => moderates(held, by).is_ok(),
    };
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(held.state) && may(deed)).map(Deed::operation).collect()
}

fn require(held: &question::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed_in(held.state) {
        return Ok(());
    }
    let allowed: Vec<_> = Deed::ALL.into_iter().filter(|deed| deed.is_allowed_in(held.state)).map(Deed::operation).collect();
    Err(Code::WrongState.with("state", held.state).with("allowed", allowed))
}

/// Refuses a moderator who asked himself, or has a place with either side.
fn moderates(held: &question::Model, by: Moderator) -> Result<(), Problem> {
    if by.person == held.asker {
        return Err(Code::SamePerson.into());
    }
    if by.is_party { Err(Code::ConflictOfInterest.into()) } else { Ok(()) }
}

/// Who asks.
pub struct Asker<'a> {
    /// He.
    pub person: PersonId,
    /// For which organisation, if for one.
    pub organisation: Option<OrganisationId>,
    /// Where he has a place, be it a suspended one.
    pub places: &'a [OrganisationId],
    /// How many of his questions about the listing are open.
    pub open: u64,
    /// How many may be.
    pub most: u32,
}

/// Refuses a question outside the time for it, by somebody of the seller, and one too many.
pub fn may_ask(listing: &listing::Model, by: &Asker<'_>, now: Timestamp) -> Result<(), Problem> {
    let until = asks_until(listing);
    if until.is_none_or(|until| until <= now) {
        return Err(Code::QuestionsClosed.with("closed_at", listing.registration_closes_at));
    }
    if by.places.contains(&listing.organisation_id) {
        return Err(Code::ConflictOfInterest.into());
    }
    if by.open >= u64::from(by.most) { Err(Code::TooManyQuestions.with("limit", by.most)) } else { Ok(()) }
}

/// Checks what somebody asks.
pub fn asked_well(text: &str) -> Result<(), Problem> {
    Faults::new().text("/question", text, LONGEST_QUESTION).done()
}

/// By when an answer is due: as the rule says, and before bidding opens.
pub fn answer_due(by_rule: Timestamp, opens_at: Option<Timestamp>) -> Timestamp {
    opens_at.map_or(by_rule, |opens_at| opens_at.min(by_rule))
}

/// A new question.
pub fn asked(
    listing: &listing::Model,
    id: QuestionId,
    by: &Asker<'_>,
    words: Sealed,
    due_at: Timestamp,
    now: Timestamp,
) -> Result<question::Model, Problem> {
    may_ask(listing, by, now)?;
    Ok(question::Model {
        id,
        listing_id: listing.id,
        organisation_id: listing.organisation_id,
        asker: by.person,
        asker_organisation_id: by.organisation,
        words,
        published_words: None,
        answer: None,
        answered_by: None,
        state: QuestionState::Asked,
        due_at: Some(due_at),
        reason: None,
        moderator: None,
        asked_at: now,
        answered_at: None,
        closed_at: None,
        version: 1,
    })
}

/// Answered by the seller; an officer is to look at it until `due_at`.
pub fn answered(held: &question::Model, by: PersonId, answer: &str, due_at: Timestamp, now: Timestamp) -> Result<question::Model, Problem> {
    if by == held.asker {
        return Err(Code::SamePerson.into());
    }
    require(held, Deed::Answer)?;
    Faults::new().text("/answer", answer, LONGEST_ANSWER).done()?;
    let next = moved(held, QuestionState::Answered, Some(due_at));
    Ok(question::Model { answer: Some(answer.into()), answered_by: Some(by), answered_at: Some(now), reason: None, ..next })
}

/// Everybody reads it with its answer from now on.
pub fn published(held: &question::Model, by: Moderator, words: &str, now: Timestamp) -> Result<question::Model, Problem> {
    decides(held, by, Deed::Publish)?;
    let next = moved(held, QuestionState::Published, None);
    Ok(question::Model { published_words: Some(words.into()), moderator: Some(by.person), closed_at: Some(now), ..next })
}

/// The answer is sent back, with a reason; another is due by `due_at`.
pub fn returned(held: &question::Model, by: Moderator, reason: &str, due_at: Timestamp) -> Result<question::Model, Problem> {
    decides(held, by, Deed::Return)?;
    reasoned(reason)?;
    let next = moved(held, QuestionState::Asked, Some(due_at));
    Ok(question::Model { reason: Some(reason.into()), moderator: Some(by.person), ..next })
}

/// Refused, with a reason.
pub fn refused(held: &question::Model, by: Moderator, reason: &str, now: Timestamp) -> Result<question::Model, Problem> {
    decides(held, by, Deed::Refuse)?;
    reasoned(reason)?;
    let next = moved(held, QuestionState::Refused, None);
    Ok(question::Model { reason: Some(reason.into()), moderator: Some(by.person), closed_at: Some(now), ..next })
}

/// Withdrawn by who asked.
pub fn withdrawn(held: &question::Model, now: Timestamp) -> Result<question::Model, Problem> {
    require(held, Deed::Withdraw)?;
    Ok(question::Model { closed_at: Some(now), ..moved(held, QuestionState::Withdrawn, None) })
}

/// As it stands once who asked is forgotten: his words are gone, and nothing more is done about a question nobody can read. What
/// everybody reads stays.
pub fn forgotten(held: &question::Model, words: Sealed, now: Timestamp) -> question::Model {
    let next = withdrawn(held, now).unwrap_or_else(|_| held.clone());
    question::Model { words, ..next }
}

fn decides(held: &question::Model, by: Moderator, deed: Deed) -> Result<(), Problem> {
    moderates(held, by)?;
    require(held, deed)
}

fn reasoned(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, LONGEST_REASON).done()
}

fn moved(held: &question::Model, state: QuestionState, due_at: Option<Timestamp>) -> question::Model {
    question::Model { state, due_at, version: held.version + 1, ..held.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
