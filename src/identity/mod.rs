//! Identity: who people are, which organisations they act for, and what staff may do.
//!
//! A person registers, founds an organisation or is invited into one; an officer verifies the
//! organisation before it may list or bid. Access tokens are short-lived and signed; what their
//! bearer may do is read from the database on every call, so a change takes effect with the next one.

pub mod authenticate;
pub mod devices;
pub mod flows;
pub mod http;
pub mod keys;
pub mod passwords;
pub mod personal;
pub mod remembered;
pub mod rules;
pub mod second_factor;
pub mod store;
pub mod token_keys;
pub mod tokens;
pub mod views;
