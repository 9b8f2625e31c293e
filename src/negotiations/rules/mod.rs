//! What may be agreed, by whom, in what order; and what the public is told of it.

pub mod machine;
pub mod notice;
pub mod offers;
pub mod pricing;
pub mod timeline;

#[cfg(test)]
pub mod examples;
#[cfg(test)]
mod tests;
