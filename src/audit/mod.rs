//! The audit trail as officers read it. It is written by `platform/audit`, in the transaction of each deed.

pub mod http;
pub mod store;
pub mod views;
