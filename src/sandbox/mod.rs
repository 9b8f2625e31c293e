//! Sandbox: time that can be moved and a bank that pays on request. It exists only where the server
//! was started with it; its databases open nowhere else, and no production database opens here.

pub mod flows;
pub mod http;
pub mod store;
