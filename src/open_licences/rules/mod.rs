//! What may be declared, of which patents, in what order; and what the public is told of it.

pub mod acceptance;
pub mod gates;
pub mod machine;
pub mod notice;
pub mod taken;
pub mod terms;

#[cfg(test)]
pub mod examples;
#[cfg(test)]
mod taking;
#[cfg(test)]
mod tests;
