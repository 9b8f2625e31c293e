//! Weighted quotes, run and drawn.

use super::*;

const QUOTES: &str = include_str!("../../../seeds/lots/weighted_quotes.json");

fn quotes() -> Value {
    serde_json::from_str(QUOTES).unwrap()
}

#[test]
fn the_highest_total_wins_and_not_the_highest_price() {
    let course = of(&quotes()).unwrap();
    let told: Vec<_> = course.lines.iter().map(|line| line.what.as_str()).skip(3).collect();
    assert_eq!(told, ["bid_sealed", "bid_sealed", "bid_sealed", "bids_opened", "sold"]);
    assert!(text(&course).ends_with("sold to 竞买人 1733 for 900000.00 CNY, 3 bids\n"), "{}", text(&course));
    well_formed(&svg(&Drawing::of(&course)));
}

#[test]
fn every_bidder_is_scored_by_every_indicator() {
    let refused = |change: fn(&mut Value)| {
        let mut described = quotes();
        change(&mut described);
        faults(&described)
    };
    let missing = ("/scores".to_owned(), "criterion".to_owned());
    assert_eq!(refused(|described| described["scores"]["竞买人 0417"] = json!([])), std::slice::from_ref(&missing));
    assert_eq!(refused(|described| described["scores"]["竞买人 1733"][0]["level"] = "最优".into()), [missing]);
    let stranger = refused(|described| described["scores"]["路人"] = described["scores"]["竞买人 0417"].clone());
    assert_eq!(stranger, [("/scores".to_owned(), "unknown".to_owned())]);
    let light = refused(|described| described["terms"]["format"]["price_weight_bp"] = 5_999.into());
    assert_eq!(light, [("/terms/format/price_weight_bp".to_owned(), "sum".to_owned())]);
}
