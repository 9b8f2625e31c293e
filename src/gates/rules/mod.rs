//! The law of the gates: what each looks at, what it says, and what follows.

pub mod burdens;
pub mod case;
pub mod catalogue;
pub mod clauses;
pub mod declared;
pub mod export;
pub mod finding;
pub mod machine;
pub mod party;
pub mod related;
pub mod report;
pub mod restrictions;
pub mod title;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod examples;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
