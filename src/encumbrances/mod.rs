//! Encumbrances (权利负担): what burdens a right, what cures that, and what its owners agreed on.
//!
//! The owner enters a burden with its source, an officer sees it, and a paper lifts it. Consents say for which deeds and how long; owners of
//! one right may agree who signs what. Nothing is written over, so that what stood is told as of any instant. The rules say of every deed
//! what forbids it, by which rule, and what cures it; whoever offers a right asks them.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
