//! Achievements: what an organisation has to offer (科技成果), and the rights in it (标的资产).
//!
//! An achievement is described on its public level only: what it does, never how; anything deeper is
//! a document with its level. Each right has the fields of its kind, a number checked by its
//! registry's rule, owners whose shares make a whole, and readings of its legal status over time.
//! Nothing here is public: a listing shows what it offers when it is published.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
