//! Rights of pre-emption that are used while it is bid, run and told.

use super::sealed::{outcome, told};
use super::*;

const PARITY: &str = include_str!("../../../seeds/lots/preemption_parity.json");

#[test]
fn a_holder_leads_at_the_price_that_stands_unless_a_better_one_does() {
    let mut lot: Value = serde_json::from_str(PARITY).unwrap();
    let (placed, refused, sold) = ("bid_placed", "too_low", "sold");
    let due = [
        (placed, Some(100_000)),
        (placed, Some(100_000)),
        (placed, Some(100_000)),
        (refused, Some(100_000)),
        (placed, Some(101_000)),
        (placed, Some(101_000)),
        (sold, Some(101_000)),
    ];
    assert_eq!(told(&of(&lot).unwrap()), due);
    assert_eq!(outcome(&lot), "sold to 竞买人 1733 for 101000.00 CNY, 5 bids");
    // For whoever holds no right the price that stands is too little.
    lot["terms"].as_object_mut().unwrap().remove("preemption");
    lot["holders"] = json!({});
    lot["events"].as_array_mut().unwrap().truncate(3);
    let due = [(placed, Some(100_000)), (refused, Some(100_000)), (refused, Some(100_000)), (sold, Some(100_000))];
    assert_eq!(told(&of(&lot).unwrap()), due);
    assert_eq!(outcome(&lot), "sold to 竞买人 0417 for 100000.00 CNY, 1 bids");
}
