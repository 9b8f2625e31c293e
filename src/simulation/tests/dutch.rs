//! A falling clock, run and drawn.

use entity::money::Money;

use super::*;

const CLOCK: &str = include_str!("../../../seeds/lots/falling_clock.json");

fn clock() -> Value {
    serde_json::from_str(CLOCK).unwrap()
}

/// The price that an event or a refusal tells.
fn told(course: &Course) -> Vec<(&str, Option<String>)> {
    let lines = course.lines.iter().skip(3);
    lines.map(|line| (line.refused.as_ref().map_or(line.what.as_str(), |refused| refused.code), line.price.map(Money::decimal))).collect()
}

#[test]
fn it_is_sold_at_the_price_it_shows() {
    let course = of(&clock()).unwrap();
    let price = |amount: &str| Some(amount.to_owned());
    assert_eq!(
        told(&course),
        [
            ("too_low", price("900000.00")),
            ("paused", None),
            ("paused", price("900000.00")),
            ("resumed", None),
            ("extended", None),
            ("bid_placed", price("750000.00")),
            ("closed", price("800000.00")),
            ("sold", price("750000.00")),
        ]
    );
    assert_eq!(course.lot.closes_at, course.lot.opens_at + TimeDelta::seconds(900));
    let early = course.lines[3].refused.as_ref().unwrap();
    assert_eq!(early.facts["at_least"]["amount"], "950000.00");
    assert!(text(&course).ends_with("sold to 竞买人 1733 for 750000.00 CNY, 1 bids\n"));
}

#[test]
fn the_line_falls_with_the_clock_until_it_is_sold() {
    let drawn = svg(&Drawing::of(&of(&clock()).unwrap()));
    well_formed(&drawn);
    let heights = heights(&drawn);
    assert_eq!(heights.len(), 6, "1000000, 950000, .. 750000");
    // Down is more on paper.
    assert!(heights.windows(2).all(|pair| pair[1] > pair[0]), "{heights:?}");
    assert!(drawn.contains("降价竞价") && !drawn.contains("自由报价"));
    let mut nobody = clock();
    nobody["events"] = json!([]);
    let drawn = svg(&Drawing::of(&of(&nobody).unwrap()));
    assert_eq!(super::heights(&drawn).len(), 9);
    assert!(drawn.contains("未成交"));
}

#[test]
fn terms_that_do_not_agree_are_refused_by_the_path_of_the_field() {
    for (place, value) in [
        ("/terms/free_period_seconds", json!(541)),
        ("/terms/closing_mode", json!("soft_close")),
        ("/terms/reserve", json!({"kind": "open", "amount": {"amount": "600000.00", "currency": "CNY"}})),
    ] {
        let mut odd = clock();
        *odd.pointer_mut(place).unwrap() = value;
        assert_eq!(faults(&odd), [(place.to_owned(), "contradiction".to_owned())]);
    }
    for (place, amount) in [("/terms/format/floor", "1000000.01"), ("/terms/format/decrement", "0.00")] {
        let mut odd = clock();
        odd.pointer_mut(place).unwrap()["amount"] = json!(amount);
        assert!(faults(&odd).contains(&(place.to_owned(), "range".to_owned())), "{place}");
    }
}
