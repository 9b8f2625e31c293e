//! Sealed bids, run and told.

use super::*;

const SECOND_PRICE: &str = include_str!("../../../seeds/lots/vickrey.json");
const OWN_PRICE: &str = include_str!("../../../seeds/lots/first_price.json");

fn described(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// What happened or was refused once the lot had opened, and at how many yuan.
pub(super) fn told(course: &Course) -> Vec<(&str, Option<i64>)> {
    let lines = course.lines.iter().skip(3);
    lines
        .map(|line| (line.refused.as_ref().map_or(line.what.as_str(), |refused| refused.code), line.price.map(|price| price.minor / 100)))
        .collect()
}

/// The outcome in words.
pub(super) fn outcome(described: &Value) -> String {
    let told = text(&of(described).unwrap());
    told.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn the_highest_bid_pays_the_second_best() {
    let mut lot = described(SECOND_PRICE);
    let course = of(&lot).unwrap();
    let due = [
        ("bid_sealed", Some(900_000)),
        ("bid_sealed", Some(800_000)),
        ("bid_sealed", Some(750_000)),
        ("bids_opened", Some(900_000)),
        ("sold", Some(800_000)),
    ];
    assert_eq!(told(&course), due);
    assert_eq!(outcome(&lot), "sold to 竞买人 0417 for 800000.00 CNY, 3 bids");
    well_formed(&svg(&Drawing::of(&course)));
    // Of equals the earlier wins, and pays what both bid.
    lot["events"][1]["price"]["amount"] = "900000.00".into();
    assert_eq!(outcome(&lot), "sold to 竞买人 0417 for 900000.00 CNY, 3 bids");
    // Alone it pays the reserve.
    lot["events"].as_array_mut().unwrap().truncate(1);
    assert_eq!(outcome(&lot), "sold to 竞买人 0417 for 600000.00 CNY, 1 bids");
}

#[test]
fn equals_bid_once_more_and_the_highest_pays_its_own_price() {
    let mut lot = described(OWN_PRICE);
    let course = of(&lot).unwrap();
    let due = [
        ("bid_sealed", Some(900_000)),
        ("bid_sealed", Some(900_000)),
        ("bid_sealed", Some(800_000)),
        ("bids_opened", Some(900_000)),
        ("tie_round", Some(900_000)),
        ("not_in_tie_round", Some(950_000)),
        ("too_low", Some(890_000)),
        ("bid_sealed", Some(910_000)),
        ("bids_opened", Some(910_000)),
        ("sold", Some(910_000)),
    ];
    assert_eq!(told(&course), due);
    assert_eq!(outcome(&lot), "sold to 竞买人 1733 for 910000.00 CNY, 4 bids");
    // One quote each is judged no otherwise.
    lot["terms"]["format"]["kind"] = "one_shot".into();
    assert_eq!(told(&of(&lot).unwrap()), due);
    // Where none of the equals bids again, the one who sealed first has it.
    lot["events"].as_array_mut().unwrap().truncate(3);
    assert_eq!(outcome(&lot), "sold to 竞买人 0417 for 900000.00 CNY, 3 bids");
}
