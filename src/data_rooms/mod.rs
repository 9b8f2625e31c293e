//! Data rooms (资料室): the documents of an offer, by levels of confidentiality.
//!
//! Its owner lays documents out, each for everybody, for members of organisations, for those whose organisation accepted the confidentiality
//! agreement, or for the people he let in one by one. Whatever is not for everybody's eyes is handed out with a watermark that names who reads
//! it, and every look and every refusal is written into a log that cannot be changed. The room opens with its listing or sale and closes with
//! it: from then on nobody enters but its owner and officers.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod stamps;
pub mod store;
pub mod views;
