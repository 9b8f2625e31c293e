//! Identity: who people are, which organisations they act for, and what staff may do.
//!
//! A person registers, founds an organisation or is invited into one; an officer verifies the
//! organisation before it may list or bid. Access tokens are short-lived and signed; what their
//! bearer may do is read from the database and remembered for half a second, or until this server changes
//! anything of it: a change takes effect with the next call here, and within a second elsewhere.

pub mod authenticate;
pub mod credentials;
pub mod devices;
pub mod flows;
pub mod http;
pub mod keys;
pub mod passwords;
pub mod personal;
pub mod remembered;
mod renewal;
pub mod rules;
pub mod second_factor;
pub mod store;
pub mod token_keys;
pub mod tokens;
pub mod verified;
pub mod views;
