//! Refusals gathered before refusing, so that a seller hears everything at once.

use serde::Serialize;

use crate::platform::problem::{Code, Fault, Problem};

/// What was found wrong, in the order of the gates.
#[derive(Debug, Default)]
pub struct Findings(Vec<Problem>);

impl Findings {
    /// Nothing found yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a refusal at a place of the offer unless the condition holds.
    pub fn require(&mut self, holds: bool, code: Code, pointer: &str, fault: &'static str, zh: &str, en: &str) -> &mut Self {
        if !holds {
            self.add(code.at(pointer, fault, zh, en));
        }
        self
    }

    /// Notes a refusal.
    pub fn add(&mut self, problem: Problem) -> &mut Self {
        self.0.push(problem);
        self
    }

    /// Notes what another rule refuses, and hands on what it allows.
    pub fn hear<T>(&mut self, outcome: Result<T, Problem>) -> Option<T> {
        outcome.map_err(|problem| self.0.push(problem)).ok()
    }

    /// Everything found, in order.
    pub fn all(self) -> Vec<Problem> {
        self.0
    }

    /// Refuses with the first thing found, naming every fault.
    pub fn done(self) -> Result<(), Problem> {
        let mut found = self.0.into_iter();
        let Some(mut first) = found.next() else { return Ok(()) };
        for other in found {
            first.errors.extend(other.errors);
        }
        Err(first)
    }
}

/// The refusal of a value that a rule does not allow, with the bounds it has.
pub fn outside_rule(name: &'static str, pointer: &str, min: Option<impl Serialize>, max: Option<impl Serialize>) -> Problem {
    let fault =
        Fault::new(pointer, "outside_rule", format!("不在规则 {name} 允许的范围内"), format!("not within what the rule {name} allows"));
    let problem = Code::OutsideRule.with("name", name).with("min", min).with("max", max);
    Problem { errors: vec![fault], ..problem }
}

/// Refuses unless everything is declared that has to be: of each whether it is, its name among the declarations, and what is wanted.
pub fn declared<const N: usize>(needed: [(bool, &str, &str, &str); N]) -> Result<(), Problem> {
    let missing = needed.into_iter().filter(|(is_declared, ..)| !is_declared);
    let errors: Vec<_> =
        missing.map(|(_, name, zh, en)| Fault::new(&format!("/declarations/{name}"), "declaration_missing", zh, en)).collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem { errors, ..Code::DeclarationMissing.into() }) }
}

/// A rule parameter that every edition must have is missing: the edition is at fault, not the caller.
pub fn unruled(error: &crate::rulebook::rules::RulebookError) -> Problem {
    Code::Internal.with("reason", error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_first_finding_gives_the_code_and_all_give_their_faults() {
        let mut findings = Findings::new();
        findings.require(true, Code::Invalid, "/a", "x", "甲", "a");
        findings.require(false, Code::StatusForbids, "/b", "y", "乙", "b");
        findings.require(false, Code::Invalid, "/c", "z", "丙", "c");
        let problem = findings.done().unwrap_err();
        assert_eq!(problem.code, Code::StatusForbids);
        let pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/b", "/c"]);
        assert!(Findings::new().done().is_ok());
    }

    #[test]
    fn a_value_outside_a_rule_is_told_its_bounds() {
        let problem = outside_rule("min_bidders", "/auction/min_bidders", Some(1), Some(2));
        assert_eq!(problem.facts["name"], "min_bidders");
        assert_eq!((problem.facts["min"].as_i64(), problem.facts["max"].as_i64()), (Some(1), Some(2)));
    }
}
