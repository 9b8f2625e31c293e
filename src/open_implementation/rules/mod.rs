//! Which patents come onto the list, when; and what is done to one that is on it.

pub mod due;
pub mod machine;

#[cfg(test)]
mod tests;
