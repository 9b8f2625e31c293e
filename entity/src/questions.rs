//! Questions about listings, and their answers.

use crate::Timestamp;
use crate::ids::{ListingId, OrganisationId, PersonId, QuestionId};
use crate::sealed::Sealed;

codes! {
    /// Where a question stands (提问状态).
    QuestionState {
        /// Asked; the seller has not answered, or has to answer again.
        Asked,
        /// Answered; an officer has not looked at it.
        Answered,
        /// Everybody reads it, with its answer.
        Published,
        /// Refused by an officer, with a reason.
        Refused,
        /// Withdrawn by who asked.
        Withdrawn,
    }
}

table! {
    /// A question (提问) about a listing; of who asks neither the seller nor the public is told.
    question "question" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: QuestionId,
        pub listing_id: ListingId,
        /// Whose listing it is.
        pub organisation_id: OrganisationId,
        pub asker: PersonId,
        pub asker_organisation_id: Option<OrganisationId>,
        /// What was asked.
        pub words: Sealed,
        /// What was asked, once everybody may read it.
        pub published_words: Option<String>,
        pub answer: Option<String>,
        pub answered_by: Option<PersonId>,
        pub state: QuestionState,
        /// By when the next step is due.
        pub due_at: Option<Timestamp>,
        /// Why it was refused, or its answer sent back.
        pub reason: Option<String>,
        /// The officer who last decided about it.
        pub moderator: Option<PersonId>,
        pub asked_at: Timestamp,
        pub answered_at: Option<Timestamp>,
        /// When nothing more was to be done about it.
        pub closed_at: Option<Timestamp>,
        pub version: i64,
    }
}
