//! What the world hears of questions: never who asks, nor what.

use entity::ids::{ListingId, QuestionId};
use entity::questions::{QuestionState, question};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::platform::outbox::Event;

/// Something happened to a question.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuestionEvent {
    #[serde(skip)]
    name: &'static str,
    /// The question.
    question_id: QuestionId,
    /// The listing it is about.
    listing_id: ListingId,
    /// Where it stands.
    state: QuestionState,
}

impl QuestionEvent {
    /// It was asked.
    pub fn asked(row: &question::Model) -> Self {
        Self::of("question.asked", row)
    }

    /// The seller answered.
    pub fn answered(row: &question::Model) -> Self {
        Self::of("question.answered", row)
    }

    /// The answer was sent back to the seller.
    pub fn returned(row: &question::Model) -> Self {
        Self::of("question.returned", row)
    }

    /// Everybody reads it with its answer.
    pub fn published(row: &question::Model) -> Self {
        Self::of("question.published", row)
    }

    /// An officer refused it.
    pub fn refused(row: &question::Model) -> Self {
        Self::of("question.refused", row)
    }

    /// Who asked withdrew it.
    pub fn withdrawn(row: &question::Model) -> Self {
        Self::of("question.withdrawn", row)
    }

    fn of(name: &'static str, row: &question::Model) -> Self {
        Self { name, question_id: row.id, listing_id: row.listing_id, state: row.state }
    }
}

impl Event for QuestionEvent {
    fn kind(&self) -> &'static str {
        self.name
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("question", self.question_id.into())
    }
}
