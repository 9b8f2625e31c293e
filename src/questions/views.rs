//! What is said about questions, and what is asked for.

use chrono::{DateTime, Utc};
use entity::ids::{ListingId, OrganisationId, PersonId, QuestionId};
use entity::questions::{QuestionState, question};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::http::answer::Tagged;

/// A question to ask.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuestion {
    /// What is asked. The seller reads it at once, and everybody once it is published with its answer: nothing in it should tell who asks.
    #[schema(min_length = 1, max_length = 2000, example = "该专利许可后，受让方能否再许可给关联企业？")]
    pub question: String,
}

/// An answer to a question.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAnswer {
    /// The answer; published with the question.
    #[schema(min_length = 1, max_length = 5000, example = "可以，须事先书面通知许可方。")]
    pub answer: String,
}

/// A question (提问) about a listing, as far as whoever reads it may know of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuestionView {
    /// Id.
    pub id: QuestionId,
    /// The listing it is about.
    pub listing_id: ListingId,
    /// Whose listing it is.
    pub organisation_id: OrganisationId,
    /// Where it stands.
    pub state: QuestionState,
    /// What is asked.
    pub question: String,
    /// The answer; until everybody reads it, for the seller and officers only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// By when the next step is due: to answer, or to look at the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// Whether the next step is late.
    pub overdue: bool,
    /// Why it was refused, or its answer sent back; nobody else reads the latter than the seller and officers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// When everybody could read it, or it was refused or withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// Who asks: told to himself, and to officers who have no place with the seller, where a single question is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asker: Option<QuestionAsker>,
    /// What the caller may do to it now, as operation ids; told where a single question is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["answer_question"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// Who asks a question.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuestionAsker {
    /// He.
    pub person_id: PersonId,
    /// His name.
    pub name: String,
    /// For which organisation, if for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
}

/// A question as whoever asked it is told of it with his data.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnQuestion {
    /// The question.
    pub question_id: QuestionId,
    /// The listing it is about.
    pub listing_id: ListingId,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// What he asked.
    pub question: String,
}

/// Who reads of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// An officer, or somebody of the seller: he is told the answer before everybody is.
    Insider,
    /// Who asked.
    Asker,
    /// Everybody else; of what is not published he is told nothing.
    Public,
}

impl QuestionView {
    /// Of a question, opened.
    pub fn of(row: &question::Model, question: String, reader: Reader, now: DateTime<Utc>) -> Self {
        let (is_insider, is_over) = (reader == Reader::Insider, row.state == QuestionState::Refused);
        let knows_answer = is_insider || row.state == QuestionState::Published;
        Self {
            id: row.id,
            listing_id: row.listing_id,
            organisation_id: row.organisation_id,
            state: row.state,
            question,
            answer: row.answer.clone().filter(|_| knows_answer),
            due_at: row.due_at,
            overdue: row.due_at.is_some_and(|due_at| due_at <= now),
            reason: row.reason.clone().filter(|_| is_insider || (is_over && reader == Reader::Asker)),
            asked_at: row.asked_at,
            answered_at: row.answered_at.filter(|_| knows_answer),
            closed_at: row.closed_at,
            asker: None,
            allowed_deeds: None,
            version: row.version,
        }
    }
}

impl Tagged for QuestionView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
