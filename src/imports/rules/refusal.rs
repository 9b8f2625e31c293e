//! The refusal of a row as it is kept, and said again in any language.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::platform::problem::{Code, Fault, Problem};

/// Why a row was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    code: String,
    facts: Map<String, Value>,
    faults: Vec<Kept>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    pointer: String,
    code: String,
    zh: String,
    en: String,
}

impl From<&Problem> for Refusal {
    fn from(problem: &Problem) -> Self {
        let kept =
            |fault: &Fault| Kept { pointer: fault.pointer.clone(), code: fault.code.clone(), zh: fault.zh.clone(), en: fault.en.clone() };
        Self { code: problem.code.code().into(), facts: problem.facts.clone(), faults: problem.errors.iter().map(kept).collect() }
    }
}

impl From<Refusal> for Problem {
    fn from(kept: Refusal) -> Self {
        // A code that a later version does not know any more is still a refusal.
        let code = Code::ALL.iter().find(|code| code.code() == kept.code).copied().unwrap_or(Code::Invalid);
        let errors = kept.faults.into_iter().map(|fault| Fault::new(&fault.pointer, &fault.code, fault.zh, fault.en)).collect();
        Self { facts: kept.facts, errors, ..Self::from(code) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_kept_whole() {
        let problem = Code::IdentifierInvalid.at("/identifier", "bad_check_digit", "校验位", "check digit").with("expected", "9");
        let kept = serde_json::to_value(Refusal::from(&problem)).unwrap();
        let read: Refusal = serde_json::from_value(kept).unwrap();
        assert_eq!(Problem::from(read), problem);
    }
}
