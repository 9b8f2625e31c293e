//! What is said about people, organisations, memberships and staff, and what is asked for.

mod accounts;
mod members;
mod organisations;
mod staff;

pub use accounts::*;
pub use members::*;
pub use organisations::*;
pub use staff::*;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A reason.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// In words.
    #[schema(min_length = 1, max_length = 500, example = "缺少共有人的书面同意")]
    pub reason: String,
}
