//! What is told to whom, in which order it is sent, when it is sent again, how it is signed, where
//! it may be sent at all, and what goes by letter.

pub mod address;
mod inbox;
mod letters;
mod news;
mod queue;
mod retry;
pub mod signature;
mod wanted;
mod webhook;

pub use inbox::{marked_read, open_on_item};
pub use letters::{Whose, about_item, about_more, after_letter, by_letter, check_choice, chosen, end_of_batch, is_stale, writing};
pub use news::{News, payload, told_to_all};
pub use queue::{Batch, Queued, Step, merge, next_step, wants};
pub use retry::{Fate, RETRIES, after_attempt, delay};
pub use wanted::Wanted;
pub use webhook::{WebhookStep, check_new, may_test, open_on_webhook, replayed, rotate, step};
