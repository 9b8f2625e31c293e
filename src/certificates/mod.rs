//! Certificates of licences (许可证书): what the register says of a licence, signed, for whoever is shown it.
//!
//! A party has one issued: it says how far the licence goes, in codes and in words, under the key that signs receipts, so that it is checked
//! without a server (`zhepai verify licence`). While the register says the same, asking again gives the same one; once it says something
//! else, the next takes its place. Whether one stands is never kept: it follows from the register, so it is revoked with its licence.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
