//! Evidence (公示证据): what shows that the procedure of a listing, a sale at a negotiated price, a grant of rights or an open licence was
//! followed, as one signed file.
//!
//! A head of an institution answers for a price only if the procedure was followed and that can be shown. So every text that was published
//! stands in the file as it was frozen, beside its hash, its period and its versions; what was objected to and asked, and what became of
//! it; and the rows of the audit trail that say who did what when. Whoever has the file checks it without a server (`zhepai verify evidence`).

pub mod flows;
pub mod http;
pub mod rules;
pub mod views;
