//! What burdens forbid, what cures it, and what may be entered.

pub mod agreement;
pub mod entered;
pub mod judge;
pub mod owners;
pub mod table;

pub use agreement::{NewOwnersAgreement, OwnersClause, SignedBy};
pub use entered::{NewBurden, NewConsent, NewLifting};
pub use judge::{
    Agreement, Burden, Consent, Finding, Intended, Standing, allows, is_cured, pledged, refusal, since, stale, stands, verdicts,
};
pub use table::{Facts, Said, Verdict, forbids};

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests;
