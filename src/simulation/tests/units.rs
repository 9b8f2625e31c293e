//! Several identical licences, run and told.

use super::*;

/// What a described auction of this name comes to: every line, its outcome in words, and the awards for programs.
fn sold(described: &str) -> (Vec<(String, Option<&'static str>)>, String, Value) {
    let course = of(&serde_json::from_str(described).unwrap()).unwrap();
    let lines = course.lines.iter().skip(3).map(|line| (line.what.clone(), line.refused.as_ref().map(|refused| refused.code)));
    let told = text(&course);
    let outcome = told.lines().last().unwrap_or_default().to_owned();
    assert!(svg(&Drawing::of(&course)).contains("出价 4 次"));
    (lines.collect(), outcome, course.json()["outcome"]["awards"].clone())
}

#[test]
fn the_best_bids_for_single_units_win_at_one_price_or_their_own() {
    let (lines, outcome, awards) = sold(include_str!("../../../seeds/lots/uniform_price.json"));
    let line = |what: &str, refused| (what.to_owned(), refused);
    let due = [
        line("bid_sealed", None),
        line("bid_sealed", None),
        line("bid", Some("invalid")),
        line("bid", Some("invalid")),
        line("bid_sealed", None),
        line("bid_sealed", None),
        line("bids_opened", None),
        line("sold", None),
    ];
    assert_eq!(lines, due);
    // 50000, 48000, 48000 and 40000 win, and 39000 is the first that goes empty.
    assert_eq!(
        outcome,
        "sold: 2 units to 竞买人 0417 for 78000.00 CNY, 1 units to 竞买人 1733 for 39000.00 CNY, 1 units to 竞买人 2058 for 39000.00 CNY; 4 bids"
    );
    assert_eq!(awards[0], json!({"bidder": "竞买人 0417", "units": 2, "price": {"amount": "78000.00", "currency": "CNY"}}));
    let (_, outcome, awards) = sold(include_str!("../../../seeds/lots/pay_as_bid.json"));
    assert!(outcome.starts_with("sold: 2 units to 竞买人 0417 for 90000.00 CNY, 1 units to 竞买人 1733 for 48000.00 CNY"), "{outcome}");
    assert_eq!(awards.as_array().map(Vec::len), Some(3));
}

#[test]
fn only_bids_for_several_units_say_further_ones_and_only_sound_numbers_are_taken() {
    let mut described: Value = serde_json::from_str(include_str!("../../../seeds/lots/pay_as_bid.json")).unwrap();
    described["terms"]["format"]["cap"] = 5.into();
    described["terms"]["next_bidder_rule"] = true.into();
    let at = |place: &str, code: &str| (place.to_owned(), code.to_owned());
    assert_eq!(faults(&described), [at("/terms/format", "range"), at("/terms/next_bidder_rule", "contradiction")]);
    let mut open = with("/events", json!([bid(1, "竞买人 0417", "100000.00")]));
    open["events"][0]["further_units"] = json!([]);
    assert_eq!(faults(&open), [at("/events/0/further_units", "unknown_field")]);
}
