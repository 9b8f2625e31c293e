//! Which step of an objection is allowed when and by whom, what follows, and what an objection holds up.

mod holds;
mod machine;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub use holds::{held_up, holds_up, stops_bidding};
pub use machine::{
    Deed, Handler, NewObjection, Words, accepted, closed_in_time, decided, extended, few_documents, may_object, objects_once, open_to,
    refused, reviewed, settled, submitted, to_review, untitled, withdrawn,
};
