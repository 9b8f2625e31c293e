//! What a certificate says, which one is issued, whether it stands, and what is wrong with one. All of it is pure.

pub mod issue;
pub mod number;
pub mod said;
pub mod standing;
pub mod verify;
pub mod words;

#[cfg(test)]
pub mod examples;
