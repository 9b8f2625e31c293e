//! How a notice's text is shown to people.

pub mod shown;
pub mod words;

pub use shown::{Part, Shown, parts};
