//! Scopes against the points they cover, counted one by one; and the laws they keep.

use std::collections::BTreeSet;

use entity::licences::LicenceMode::{Exclusive, NonExclusive};
use proptest::prelude::*;

use super::super::extent::{Extent, Part};
use super::super::matrix::{Beside, Wish, beside};
use super::super::scope::{Scope, ScopeTerms};
use super::{codes, day, proposed, scope, standing, terms};

/// Small trees of codes that are known: each with what lies under it.
const FIELDS: [&str; 8] = ["04", "04.01", "04.02", "06", "06.01", "06.01.01", "06.01.02", "06.02"];
const REGIONS: [&str; 8] = ["320000", "320100", "330000", "330100", "330102", "330106", "330200", "310000"];
const ACTS: [&str; 5] = ["make", "use", "offer", "sell", "import"];

/// The points of one dimension that codes cover: every code, and what of it has none.
fn points(chosen: &[String], all: &[&str], is_under: fn(&str, &str) -> bool) -> BTreeSet<String> {
    let mut found: BTreeSet<_> =
        all.iter().filter(|code| chosen.iter().any(|one| one == "all" || is_under(code, one))).map(|code| (*code).to_owned()).collect();
    if chosen.iter().any(|one| one == "all") {
        found.insert("whatever has no code".into());
    }
    found
}

fn field_under(code: &str, above: &str) -> bool {
    code == above || code.starts_with(&format!("{above}."))
}

fn region_under(code: &str, above: &str) -> bool {
    let stem = if above.ends_with("0000") { &above[..2] } else { above.trim_end_matches("00") };
    code.starts_with(stem)
}

/// The same scope as the points it covers.
struct Points([BTreeSet<String>; 4]);

impl Points {
    fn of(terms: &ScopeTerms) -> Self {
        let days = (2020..2040).filter(|year| terms.from <= day(*year) && terms.until.is_none_or(|until| day(*year) < until));
        Self([
            points(&terms.acts, &ACTS, |code, above| code == above),
            points(&terms.fields, &FIELDS, field_under),
            points(&terms.territory, &REGIONS, region_under),
            days.map(|year| year.to_string()).collect(),
        ])
    }

    fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(one, another)| !one.is_disjoint(another))
    }

    fn holds(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(one, another)| one.is_superset(another))
    }
}

/// Numbers that look drawn, the same each time (xorshift).
struct Dice(u64);

impl Dice {
    /// One of the numbers below this.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }

    fn year(&mut self, (from, until): (i32, i32)) -> i32 {
        from + i32::try_from(self.below(usize::try_from(until - from).unwrap())).unwrap()
    }

    /// Some of the codes, or all that there is.
    fn some(&mut self, of: &[&str]) -> Vec<String> {
        if self.below(5) == 0 {
            return codes(&["all"]);
        }
        let chosen: BTreeSet<_> = (0..=self.below(3)).map(|_| of[self.below(of.len())].to_owned()).collect();
        chosen.into_iter().collect()
    }

    fn terms(&mut self) -> ScopeTerms {
        let from = self.year((2020, 2036));
        let until = (self.below(4) > 0).then(|| day(self.year((from + 1, 2040))));
        ScopeTerms { acts: self.some(&ACTS), fields: self.some(&FIELDS), territory: self.some(&REGIONS), from: day(from), until }
    }
}

#[test]
fn a_hundred_thousand_pairs_meet_where_their_points_do() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut met, mut held) = (0, 0);
    for _ in 0..100_000 {
        let (one, other) = (dice.terms(), dice.terms());
        let [first, second] = [&one, &other].map(|terms| Scope::read("/scope", terms).unwrap());
        let [first_points, second_points] = [&one, &other].map(Points::of);
        assert_eq!(first.meets(&second), first_points.meets(&second_points), "{one:?} {other:?}");
        assert_eq!(first.meets(&second), second.meets(&first), "{one:?} {other:?}");
        assert_eq!(first.holds(&second), first_points.holds(&second_points), "{one:?} {other:?}");
        let claimed = first.claims().iter().any(|one| second.claims().iter().any(|other| one.iter().zip(other).all(|(a, b)| a.meets(*b))));
        assert_eq!(first.meets(&second), claimed, "{one:?} {other:?}");
        met += usize::from(first.meets(&second));
        held += usize::from(first.holds(&second));
    }
    assert!((5_000..95_000).contains(&met) && held > 500, "{met} {held}");
}

/// Any parts of a short line.
fn parts() -> impl Strategy<Value = Vec<Part>> {
    prop::collection::vec((0..40, 1..10).prop_map(|(from, length)| Part { from, to: from + length }), 1..6)
}

proptest! {
    #[test]
    fn parts_cover_the_same_points_in_whatever_order_they_are_said(mut said in parts()) {
        let extent = Extent::of(said.clone()).unwrap();
        said.reverse();
        prop_assert_eq!(&Extent::of(said.clone()).unwrap(), &extent);
        let is_in = |parts: &[Part], point: i32| parts.iter().any(|part| part.from <= point && point < part.to);
        for point in -1..60 {
            prop_assert_eq!(is_in(&said, point), is_in(extent.parts(), point));
        }
    }

    #[test]
    fn what_is_narrower_is_never_in_the_way_where_the_wider_was_not(one in parts(), other in parts(), fewer in 0_usize..5) {
        let [wide, other] = [one.clone(), other].map(|parts| Extent::of(parts).unwrap());
        let kept = one.len() - fewer.min(one.len() - 1);
        let narrow = Extent::of(one.into_iter().take(kept)).unwrap();
        prop_assert!(wide.holds(&narrow));
        prop_assert!(wide.meets(&other) || !narrow.meets(&other));
    }

    #[test]
    fn the_order_of_codes_makes_no_difference(mut fields in prop::sample::subsequence(FIELDS.to_vec(), 1..=FIELDS.len())) {
        let said = scope(&fields, &["all"], (2026, None));
        fields.reverse();
        prop_assert_eq!(scope(&fields, &["all"], (2026, None)), said);
    }
}

#[test]
fn a_narrower_wish_is_never_refused_where_the_wider_is_not() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for _ in 0..20_000 {
        let [wide, narrow, other] = std::array::from_fn(|_| Scope::read("/scope", &dice.terms()).unwrap());
        if !wide.holds(&narrow) {
            continue;
        }
        for (mode, earlier) in [(Exclusive, NonExclusive), (NonExclusive, Exclusive), (Exclusive, Exclusive)] {
            let judged = |scope: &Scope| beside(&proposed(Wish::Licence(mode), scope.clone()), &standing(earlier, other.clone()));
            if judged(&wide) == Beside::Free {
                assert_eq!(judged(&narrow), Beside::Free);
            }
        }
    }
}

#[test]
fn nothing_is_covered_by_silence() {
    for (pointer, empty) in [
        ("/scope/acts", ScopeTerms { acts: Vec::new(), ..terms(&["all"], &["all"], (2026, None)) }),
        ("/scope/fields", terms(&[], &["all"], (2026, None))),
        ("/scope/territory", terms(&["all"], &[], (2026, None))),
    ] {
        let refusal = Scope::read("/scope", &empty).unwrap_err();
        assert_eq!((refusal.errors[0].pointer.as_str(), refusal.errors[0].code.as_str()), (pointer, "range"));
    }
}

#[test]
fn what_is_unknown_elsewhere_said_twice_or_beside_all_is_refused() {
    for (fields, territory, code) in [
        (&["06.99"][..], &["all"][..], "unknown"),
        (&["batteries"], &["all"], "unknown"),
        (&["all"], &["810000"], "unknown"),
        (&["all"], &["100000"], "unknown"),
        (&["06", "06"], &["all"], "repeated"),
        (&["all", "06"], &["all"], "contradiction"),
    ] {
        let refusal = Scope::read("/scope", &terms(fields, territory, (2026, None))).unwrap_err();
        assert!(refusal.errors.iter().any(|fault| fault.code == code), "{fields:?} {territory:?}: {refusal}");
    }
    let backwards = Scope::read("/scope", &terms(&["all"], &["all"], (2026, Some(2026)))).unwrap_err();
    assert_eq!(backwards.errors[0].pointer, "/scope/until");
}
