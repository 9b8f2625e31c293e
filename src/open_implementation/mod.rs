//! Open implementation (专利公开实施): patents that public money paid for and nobody uses.
//!
//! Some years after the grant of such a patent of a university or a research institute it stands on a public list, unless somebody is licensed
//! or bought it, or an officer found that its owner uses it himself or has a good reason that nobody does. Its owner says how others may use it,
//! and what that costs. Whether it is on the list follows from the patent and from what became of it; nobody puts it there. Its owner is
//! reminded before.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
