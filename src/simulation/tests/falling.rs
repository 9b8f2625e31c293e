//! Sealed bids of which the lowest wins.

use super::*;

#[test]
fn of_sealed_bids_the_lowest_wins_and_equals_bid_once_more() {
    let mut described = with("/terms/reserve", json!({"kind": "open", "amount": {"amount": "95000.00", "currency": "CNY"}}));
    described["secret_reserve"] = json!(null);
    described["terms"]["closing_mode"] = "hard_close".into();
    described["terms"]["format"] = json!({"kind": "first_price", "tie_round_seconds": 300});
    described["terms"]["direction"] = "descending".into();
    let [a, b] = ["竞买人 0417", "竞买人 1733"];
    described["events"] = json!([
        bid(10, a, "100000.01"),
        bid(20, a, "95000.00"),
        bid(30, b, "95000.00"),
        bid(3_700, b, "95000.01"),
        bid(3_800, b, "94000.00"),
    ]);
    let course = of(&described).unwrap();
    let refused: Vec<_> = course.lines.iter().filter_map(|line| line.refused.as_ref()).collect();
    let told: Vec<_> = refused.iter().map(|refusal| (refusal.code, refusal.facts["at_most"]["amount"].as_str())).collect();
    assert_eq!(told, [("too_high", Some("100000.00")), ("too_high", Some("95000.00"))]);
    assert!(text(&course).ends_with("sold to 竞买人 1733 for 94000.00 CNY, 3 bids\n"), "{}", text(&course));
    described["terms"]["reserve"]["amount"]["amount"] = json!("94999.99");
    let dear = of(&described).unwrap();
    assert!(text(&dear).ends_with("not sold: 95000.00 CNY by 竞买人 0417 is above the reserve\n"), "{}", text(&dear));
    described["terms"]["format"] = json!({"kind": "vickrey"});
    assert_eq!(faults(&described), [("/terms/direction".to_owned(), "contradiction".to_owned())]);
}
