//! What may lie in a room, who may read it, in what order things happen, and what the log says of it.

pub mod entry;
pub mod levels;
pub mod log;
pub mod machine;
pub mod nda;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub mod examples;
