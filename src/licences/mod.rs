//! The register of licences (许可登记簿): who may use which rights, how far, until when.
//!
//! A licensor enters a licence with its contract. It is held against everything granted before, while the rights are held in the order of
//! their ids, so that of two that cannot stand together one is refused; of licences for one alone the database refuses it once more.
//! Nothing is forgotten: the register answers for any instant.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
