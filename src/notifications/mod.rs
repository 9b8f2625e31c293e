//! Notifications: every organisation is told what concerns it.
//!
//! The catalogue says for every kind of event whom it concerns and what the public may know of it. The
//! room hears all events in order of position and puts them into the inboxes of those concerned; from
//! there, and from the public events, webhooks are served: signed, in order per subject, tried again,
//! and only to public addresses. Members get by letter what they chose of it. Whoever wants to watches the
//! public events live. It hears every room and none calls it.

pub mod catalogue;
pub mod events;
pub mod feed;
pub mod flows;
pub mod http;
pub mod post;
pub mod rules;
pub mod store;
pub mod stream;
pub mod views;
