//! What is odd about an asset and yet no ground to refuse it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::codes::CodeWarning;

/// Something odd that a reviewer should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// Stable code.
    #[schema(example = "short_serial")]
    pub code: String,
    /// What it says in Chinese.
    pub zh: String,
    /// What it says in English.
    pub en: String,
}

impl Warning {
    /// A warning in both languages.
    pub fn new(code: &str, zh: &str, en: &str) -> Self {
        Self { code: code.into(), zh: zh.into(), en: en.into() }
    }
}

impl From<&CodeWarning> for Warning {
    fn from(warning: &CodeWarning) -> Self {
        let (zh, en) = warning.says();
        Self { code: warning.code().into(), zh, en }
    }
}
