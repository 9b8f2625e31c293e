//! Notices: what the market tells the public (公示、公告).
//!
//! Another room drafts a notice with its public text, redacted before it comes here. The text is
//! frozen at once: canonical JSON and its SHA-256, in a version that no one can change. Somebody
//! who did not decide the case publishes it; from then on everybody can read it and recompute the
//! hash. At the end of its period it is marked as ended and stays readable.

pub mod events;
pub mod feeds;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
