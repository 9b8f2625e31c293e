//! Which events somebody wants to be told of as they happen.

use std::collections::BTreeSet;

use crate::notifications::catalogue;
use crate::platform::problem::{Code, Problem};

/// The kinds somebody wants; all that are public, unless he named some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted(Option<BTreeSet<&'static str>>);

impl Wanted {
    /// Those that are named, joined by commas: public kinds of the catalogue.
    pub fn of(types: Option<&str>) -> Result<Self, Problem> {
        let Some(types) = types else { return Ok(Self::default()) };
        let known = |name: &str| {
            catalogue::find(name).filter(|kind| kind.public).map(|kind| kind.name).ok_or_else(|| {
                Code::Invalid.at(
                    "#query/types",
                    "unknown_kind",
                    "事件目录中没有此种公开事件",
                    "the catalogue has no such kind of public event",
                )
            })
        };
        types.split(',').map(|name| known(name.trim())).collect::<Result<_, _>>().map(|kinds| Self(Some(kinds)))
    }

    /// Whether a kind is among them.
    pub fn has(&self, kind: &str) -> bool {
        self.0.as_ref().is_none_or(|kinds| kinds.contains(kind))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn who_names_no_kind_wants_all() {
        let all = Wanted::of(None).unwrap();
        assert!(catalogue::KINDS.iter().all(|kind| all.has(kind.name)));
    }

    #[test]
    fn who_names_kinds_wants_these() {
        let wanted = Wanted::of(Some("lot.closed, lot.opened,lot.closed")).unwrap();
        let had: Vec<_> = catalogue::KINDS.iter().map(|kind| kind.name).filter(|name| wanted.has(name)).collect();
        assert_eq!(had, ["lot.opened", "lot.closed"]);
    }

    #[test]
    fn a_kind_that_is_unknown_or_not_public_is_refused() {
        for odd in ["", ",", "lot.closed,", "painting.hung", "lot.opened,refund.paid", "sandbox.triggered"] {
            let problem = Wanted::of(Some(odd)).unwrap_err();
            assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::Invalid, "#query/types"), "{odd}");
        }
    }
}
