//! Admission of buyers to a lot: who may bid, and under which name.
//!
//! A listing opens a call when it is published. A verified organisation that does not belong to the
//! seller applies; a reviewer qualifies or refuses it; its deposit arrives in its own name before the
//! call closes, is held in the ledger, and it is admitted under a pseudonym drawn for this lot alone.
//! When the lot ends, the winner's deposit stays for the deal and the others' go back by the rule's date.

pub mod events;
pub mod flows;
pub mod http;
pub mod rules;
pub mod store;
pub mod views;
