//! What is filed and how, what a registry would refuse, when a right passes, and what an application becomes.

pub mod deadline;
pub mod effect;
pub mod granted;
pub mod machine;
pub mod precheck;
pub mod rescission;
pub mod terms;
pub mod title;

#[cfg(test)]
pub mod examples;
