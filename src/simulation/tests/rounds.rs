//! Bidding by rounds, run and drawn.

use super::*;

const ROUNDS: &str = include_str!("../../../seeds/lots/rounds.json");

fn rounds() -> Value {
    serde_json::from_str(ROUNDS).unwrap()
}

#[test]
fn each_bids_in_its_turn_and_the_best_offer_has_it() {
    let course = of(&rounds()).unwrap();
    let told: Vec<_> = course
        .lines
        .iter()
        .skip(3)
        .map(|line| (line.refused.as_ref().map_or(line.what.as_str(), |refused| refused.code), line.price.map(|price| price.minor / 100)))
        .collect();
    assert_eq!(
        told,
        [
            ("first_offers_opened", Some(110_000)),
            ("not_your_turn", Some(120_000)),
            ("turn_ended", Some(115_000)),
            ("turn_ended", Some(118_000)),
            ("turn_ended", None),
            ("too_low", Some(110_500)),
            ("turn_ended", Some(125_000)),
            ("turn_ended", Some(125_000)),
            ("turn_ended", Some(126_000)),
            ("sold", Some(126_000)),
        ]
    );
    assert!(text(&course).ends_with("sold to 竞买人 0417 for 126000.00 CNY, 8 bids\n"), "{}", text(&course));
    let drawn = svg(&Drawing::of(&course));
    well_formed(&drawn);
    // Who only draws level does not raise the price.
    let heights = heights(&drawn);
    assert!(heights.len() == 5 && heights.windows(2).all(|pair| pair[1] < pair[0]), "{heights:?}");
}

#[test]
fn they_have_no_periods_that_could_be_extended() {
    for mode in ["soft_close", "timed_cycle"] {
        let mut odd = rounds();
        odd["terms"]["closing_mode"] = mode.into();
        assert_eq!(faults(&odd), [("/terms/closing_mode".to_owned(), "contradiction".to_owned())], "{mode}");
    }
}
