//! A market that stands still, run and drawn.

use entity::auctions::RULES_VERSION;

use super::sealed::{outcome, told};
use super::*;

const OUTAGE: &str = include_str!("../../../seeds/lots/outage.json");

fn stands_still() -> Value {
    serde_json::from_str(OUTAGE).unwrap()
}

fn outage(at: i64, seconds: i64) -> Value {
    json!({"at": at, "kind": "outage", "seconds": seconds})
}

/// How many seconds after the announced opening a lot closes.
fn closes_after(course: &Course) -> i64 {
    (course.lot.closes_at - course.lot.terms.opens_at).num_seconds()
}

#[test]
fn a_lot_whose_end_an_outage_came_too_close_to_goes_on_after_it() {
    let course = of(&stands_still()).unwrap();
    let due = [
        ("bid_placed", Some(100_000)),
        ("outage", None),
        ("outage", None),
        ("extended_for_outage", None),
        ("bid_placed", Some(101_000)),
        ("sold", Some(101_000)),
    ];
    assert_eq!((told(&course), closes_after(&course)), (due.to_vec(), 4_040));
    assert!(text(&course).contains("the market stands still for 240 seconds"), "{}", text(&course));
    let drawn = svg(&Drawing::of(&course));
    well_formed(&drawn);
    let stretches = |drawn: &str| drawn.matches("<rect class=\"outage\"").count();
    // One in the legend.
    assert_eq!((stretches(&drawn), stretches(&svg(&Drawing::of(&SEEDED)))), (3, 0));
}

#[test]
fn an_outage_counts_as_the_terms_say_and_where_they_do_not_as_the_rules() {
    let closes = |change: fn(&mut Value), seconds: i64| {
        let mut described = stands_still();
        change(&mut described["terms"]);
        described["events"] = json!([outage(3_550, seconds)]);
        closes_after(&of(&described).unwrap())
    };
    let silent = |terms: &mut Value| {
        let terms = terms.as_object_mut().unwrap();
        terms.retain(|name, _| !name.starts_with("outage"));
    };
    let own = |terms: &mut Value| (terms["outage_least_seconds"], terms["outage_window_seconds"]) = (json!(20), json!(60));
    assert_eq!([29, 30].map(|seconds| closes(silent, seconds)), [3_600, 3_880]);
    assert_eq!([19, 20].map(|seconds| closes(own, seconds)), [3_600, 3_630]);
}

/// Before a cycle shorter than the time given, an outage is told of at once; by the first version of the rules, when the end comes near.
#[test]
fn a_description_is_run_under_the_newest_rules_unless_it_names_others() {
    let mut described = stands_still();
    described["terms"]["closing_mode"] = "timed_cycle".into();
    described["terms"]["timed_cycle_seconds"] = 60.into();
    let (given, phase) = ("extended_for_outage", "timed_phase_started");
    for (version, [first, second]) in [(Value::Null, [given, phase]), (RULES_VERSION.into(), [given, phase]), (1.into(), [phase, given])] {
        described["terms"]["rules_version"] = version;
        described["events"] = json!([outage(3_400, 100)]);
        let course = of(&described).unwrap();
        let kinds: Vec<_> = told(&course).into_iter().map(|(what, _)| what).collect();
        assert_eq!((kinds, closes_after(&course)), (vec!["outage", first, second, "unsold"], 3_800));
        // What fell into a pause cost nobody any time.
        let host = |at: i64, kind: &str| json!({"at": at, "kind": kind, "reason": "网络中断"});
        described["events"] = json!([host(3_390, "pause"), outage(3_400, 100), host(3_510, "resume")]);
        assert_eq!(closes_after(&of(&described).unwrap()), 3_780);
    }
    for unknown in [0, RULES_VERSION + 1] {
        described["terms"]["rules_version"] = unknown.into();
        assert_eq!(faults(&described), [("/terms/rules_version".to_owned(), "range".to_owned())]);
    }
}

#[test]
fn nothing_closes_while_the_market_stands_still() {
    let mut described = stands_still();
    described["events"] = json!([outage(3_600, 600)]);
    let course = of(&described).unwrap();
    let closed = course.lines.last().unwrap();
    assert_eq!(
        (closed.what.as_str(), closed.at, closes_after(&course)),
        ("unsold", course.lot.opens_at + TimeDelta::seconds(4_200), 3_600)
    );
    assert_eq!(outcome(&described), "not sold: nobody bid");
}

#[test]
fn by_rounds_an_outage_before_the_opening_moves_it() {
    let mut described: Value = serde_json::from_str(include_str!("../../../seeds/lots/rounds.json")).unwrap();
    let offer = |at: i64, bidder: &str| {
        let price = json!({"amount": "110000.00", "currency": "CNY"});
        json!({"at": at, "kind": "first_offer", "bidder": bidder, "price": price})
    };
    described["events"] = json!([offer(-300, "竞买人 0417"), outage(-100, 60), offer(100, "竞买人 1733")]);
    let course = of(&described).unwrap();
    assert!(course.lines.iter().all(|line| line.refused.is_none()));
    let opened = course.lines.iter().find(|line| line.what == "first_offers_opened").unwrap();
    assert_eq!(opened.at, course.lot.terms.opens_at + TimeDelta::seconds(260));
}

#[test]
fn an_outage_lasts_and_nothing_happens_meanwhile() {
    let refused = |events: Value| {
        let mut described = stands_still();
        described["events"] = events;
        faults(&described)
    };
    let at = |place: &str, code: &str| vec![(place.to_owned(), code.to_owned())];
    let early = bid(159, "竞买人 0417", "100000.00");
    assert_eq!(refused(json!([outage(100, 60), early])), at("/events/1/at", "order"));
    assert_eq!(refused(json!([outage(100, 0)])), at("/events/0/seconds", "range"));
    assert_eq!(refused(json!([outage(100, i64::MAX)])), at("/events/0/seconds", "range"));
    assert_eq!(refused(json!([{"at": 100, "kind": "outage"}])), at("/events/0/seconds", "missing_field"));
}
