//! What may be licensed beside what was licensed before, and how a licence stands. All of it is pure.

pub mod consent;
pub mod cross;
pub mod extent;
pub mod grant;
pub mod history;
pub mod matrix;
pub mod own_use;
pub mod passing;
pub mod scope;
pub mod sub_licence;

#[cfg(test)]
mod tests;
