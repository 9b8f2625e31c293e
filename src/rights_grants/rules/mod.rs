//! What may be granted, by whom, in what order; and what the public is told of it.

pub mod machine;
pub mod notice;
pub mod terms;

#[cfg(test)]
pub mod examples;
#[cfg(test)]
mod tests;
