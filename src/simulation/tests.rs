//! Described auctions, run and drawn.

use std::sync::LazyLock;

use chrono::TimeDelta;
use entity::auctions::LotState;
use serde_json::{Value, json};

use super::chart::{Drawing, svg};
use super::course::{Course, run};
use super::description::read;
use super::table::text;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shipped::RULEBOOK;

const SEED: &str = include_str!("../../seeds/lots/timed_cycle.json");

static SEEDED: LazyLock<Course> = LazyLock::new(|| of(&seed()).unwrap());

fn seed() -> Value {
    serde_json::from_str(SEED).unwrap()
}

fn of(described: &Value) -> Result<Course, Problem> {
    run(&read(described.to_string().as_bytes())?, &RULEBOOK)
}

/// The seed, of which one place is another.
fn with(pointer: &str, value: Value) -> Value {
    let mut described = seed();
    *described.pointer_mut(pointer).unwrap() = value;
    described
}

fn bid(at: i64, bidder: &str, amount: &str) -> Value {
    json!({"at": at, "kind": "bid", "bidder": bidder, "price": {"amount": amount, "currency": "CNY"}})
}

const EXPECTED: &str = "\
一种锂电池正极材料的制备方法（模拟）

no  time (Asia/Shanghai)     what                       price  closes
 1  2026-03-02 09:59:00      scheduled                         2026-03-02 11:00:00
 2  2026-03-02 09:59:00      registration_closed               2026-03-02 11:00:00
 -  2026-03-02 09:59:00      bid: not_open          100000.00  2026-03-02 11:00:00  竞买人 0417: Bidding has not opened yet
 3  2026-03-02 10:00:00      opened                            2026-03-02 11:00:00
 4  2026-03-02 10:00:30      bid_placed             100000.00  2026-03-02 11:00:00  竞买人 0417
 -  2026-03-02 10:05:00      bid: too_low           100500.00  2026-03-02 11:00:00  竞买人 1733: The bid is too low; at least 101000.00
 5  2026-03-02 10:05:20      bid_placed             101000.00  2026-03-02 11:00:00  竞买人 1733
 6  2026-03-02 10:15:00      paused                            2026-03-02 11:00:00  部分竞买人网络中断
 -  2026-03-02 10:16:40      bid: paused            102000.00  2026-03-02 11:00:00  竞买人 0417: Bidding is paused: 部分竞买人网络中断
 7  2026-03-02 10:25:00      resumed                           2026-03-02 11:10:00  网络恢复
 8  2026-03-02 10:30:00      bid_placed             105000.00  2026-03-02 11:10:00  竞买人 2058
 -  2026-03-02 10:31:40      bid: already_leading   106000.00  2026-03-02 11:10:00  竞买人 2058: Your bid is already the best
 9  2026-03-02 11:05:00      bidder_suspended                  2026-03-02 11:10:00  竞买人 1733
 -  2026-03-02 11:06:00      bid: bidder_suspended  110000.00  2026-03-02 11:10:00  竞买人 1733: This bidder is suspended
10  2026-03-02 11:06:40      bidder_reinstated                 2026-03-02 11:10:00  竞买人 1733
11  2026-03-02 11:10:00      timed_phase_started               2026-03-02 11:15:00
12  2026-03-02 11:12:00      bid_placed             120000.00  2026-03-02 11:17:00  竞买人 0417
13  2026-03-02 11:16:00      extended                          2026-03-02 11:19:00  页面响应缓慢
14  2026-03-02 11:18:20      bid_placed             125000.00  2026-03-02 11:23:20  竞买人 1733
 -  2026-03-02 11:23:20      bid: closed            126000.00  2026-03-02 11:23:20  竞买人 2058: Bidding has closed
15  2026-03-02 11:23:20.300  sold                   125000.00  2026-03-02 11:23:20  竞买人 1733

sold to 竞买人 1733 for 125000.00 CNY, 5 bids
";

#[test]
fn the_seed_takes_exactly_this_course() {
    assert_eq!(text(&SEEDED), EXPECTED);
}

#[test]
fn both_guides_show_the_course_as_it_is() {
    for guide in [include_str!("../../README.md"), include_str!("../../README.zh-CN.md")] {
        assert!(guide.contains(EXPECTED), "the course in the guide is another");
    }
}

#[test]
fn a_refusal_changes_nothing() {
    let mut accepted = seed();
    let numbers: Vec<_> = SEEDED.lines.iter().filter(|line| line.refused.is_some()).map(|line| line.at).collect();
    let opens_at = SEEDED.lot.opens_at;
    let kept = |event: &Value| event["at"].as_i64().is_none_or(|at| !numbers.contains(&(opens_at + TimeDelta::seconds(at))));
    accepted["events"].as_array_mut().unwrap().retain(kept);
    // The announcement is dated by the first event, so let it be dated as it was.
    let early = json!({"at": -60, "kind": "pause", "reason": " "});
    accepted["events"].as_array_mut().unwrap().insert(0, early);
    let course = of(&accepted).unwrap();
    assert_eq!(course.lines.iter().filter(|line| line.refused.is_some()).count(), 1);
    assert_eq!(course.lot, SEEDED.lot, "the log has another hash without what was refused");
}

#[test]
fn a_refusal_tells_what_a_program_needs() {
    let told = SEEDED.json();
    let refused: Vec<_> = told["course"].as_array().unwrap().iter().filter(|line| line["refused"].is_object()).collect();
    let codes: Vec<_> = refused.iter().map(|line| line["refused"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["not_open", "too_low", "paused", "already_leading", "bidder_suspended", "closed"]);
    assert_eq!(refused[1]["refused"]["at_least"], json!({"amount": "101000.00", "currency": "CNY"}));
    assert!(refused.iter().all(|line| line.get("seq").is_none()));
    assert_eq!(told["outcome"]["reserve"]["amount"], "120000.00");
    assert_eq!(told["outcome"]["leader"], "竞买人 1733");
}

#[test]
fn deeds_of_the_host_are_refused_by_their_rules() {
    let mut described = with("/events", json!([]));
    let deeds = [
        (json!({"at": 0, "kind": "resume", "reason": "x"}), Code::WrongState),
        (json!({"at": 1, "kind": "pause", "reason": ""}), Code::Invalid),
        (json!({"at": 2, "kind": "extend", "seconds": 86_401, "reason": "x"}), Code::OutsideRule),
        (json!({"at": 3, "kind": "reinstate", "bidder": "竞买人 0417", "reason": "x"}), Code::WrongState),
        (json!({"at": 9_000, "kind": "suspend", "bidder": "竞买人 0417", "reason": "x"}), Code::WrongState),
    ];
    described["events"] = deeds.iter().map(|(deed, _)| deed.clone()).collect();
    let course = of(&described).unwrap();
    let codes: Vec<_> = course.lines.iter().filter_map(|line| Some(line.refused.as_ref()?.code)).collect();
    assert_eq!(codes, deeds.map(|(_, code)| code.code()));
    assert_eq!(course.lot.state, LotState::ClosedUnsold);
}

#[test]
fn holders_of_a_right_of_pre_emption_are_asked_after_the_bidding() {
    let described = |takes: bool| {
        let answer = json!({"at": 3_950, "kind": "answer", "bidder": "竞买人 1733", "takes": takes});
        let mut described = with("/events", json!([bid(1, "竞买人 0417", "120000.00"), answer]));
        described["holders"] = json!({"竞买人 1733": 1});
        described["terms"]["preemption"] = json!({"variant": "ask_after", "answer_seconds": 300});
        described
    };
    for (takes, leader) in [(true, "竞买人 1733"), (false, "竞买人 0417")] {
        let course = of(&described(takes)).unwrap();
        assert!(course.lines.iter().any(|line| line.what == "preemption_asked" && line.state == LotState::PreemptionAsk));
        assert_eq!((course.lot.state, course.lot.leader_pseudonym.as_deref()), (LotState::ClosedSold, Some(leader)));
    }
    let mut unknown = described(true);
    unknown["terms"].as_object_mut().unwrap().remove("preemption");
    assert_eq!(of(&unknown).unwrap_err().errors[0].pointer, "/holders");
}

#[test]
fn holders_of_one_rank_who_take_the_lot_seal_one_more_bid() {
    let answer = |at: i64, bidder: &str| json!({"at": at, "kind": "answer", "bidder": bidder, "takes": true});
    let said = json!([
        bid(1, "竞买人 0417", "120000.00"),
        answer(3_950, "竞买人 1733"),
        answer(3_951, "竞买人 2058"),
        bid(3_960, "竞买人 2058", "119000.00"),
        bid(3_970, "竞买人 2058", "121000.00"),
        bid(3_980, "竞买人 0417", "130000.00"),
    ]);
    let mut described = with("/events", said);
    described["holders"] = json!({"竞买人 1733": 1, "竞买人 2058": 1});
    described["terms"]["preemption"] = json!({"variant": "ask_after", "answer_seconds": 300, "round_seconds": 120});
    let course = of(&described).unwrap();
    let told: Vec<_> = course.lines.iter().map(|line| line.what.as_str()).skip_while(|what| *what != "preemption_asked").collect();
    let (answered, sealed) = ("preemption_answered", "bid_sealed");
    assert_eq!(told, ["preemption_asked", answered, answered, "preemption_round", "bid", sealed, "bid", "bids_opened", "sold"]);
    let both = Some("竞买人 1733、竞买人 2058");
    for what in ["preemption_asked", "preemption_round"] {
        assert_eq!(course.lines.iter().find(|line| line.what == what).unwrap().bidder.as_deref(), both);
    }
    let refused: Vec<_> = course.lines.iter().filter_map(|line| line.refused.as_ref()).map(|refused| refused.code).collect();
    assert_eq!(refused, ["too_low", "not_in_tie_round"]);
    let sold = course.lines.last().unwrap();
    let price = sold.price.map(entity::money::Money::decimal);
    assert_eq!((sold.bidder.as_deref(), price.as_deref()), (Some("竞买人 2058"), Some("121000.00")));
    described["terms"]["preemption"]["round_seconds"] = 0.into();
    let pointers = |refused: Problem| refused.errors.into_iter().map(|fault| fault.pointer).collect::<Vec<_>>();
    assert_eq!(pointers(of(&described).unwrap_err()), ["/terms/preemption/round_seconds"]);
}

#[test]
fn a_holder_is_asked_about_the_second_price_once_sealed_bids_are_opened() {
    let answer = json!({"at": 3_650, "kind": "answer", "bidder": "竞买人 1733", "takes": true});
    let bids = json!([bid(1, "竞买人 0417", "150000.00"), bid(2, "竞买人 2058", "140000.00"), answer]);
    let mut described = with("/events", bids);
    described["holders"] = json!({"竞买人 1733": 1});
    described["terms"]["preemption"] = json!({"variant": "ask_after", "answer_seconds": 300});
    described["terms"]["closing_mode"] = "hard_close".into();
    described["terms"]["format"] = json!({"kind": "vickrey"});
    let course = of(&described).unwrap();
    let told: Vec<_> = course.lines[course.lines.len() - 4..].iter().map(|line| line.what.as_str()).collect();
    assert_eq!(told, ["bids_opened", "preemption_asked", "preemption_answered", "sold"]);
    let sold = course.lines.last().unwrap();
    let price = sold.price.map(entity::money::Money::decimal);
    assert_eq!((sold.bidder.as_deref(), price.as_deref()), (Some("竞买人 1733"), Some("140000.00")));
    described["terms"]["format"] = json!({"kind": "pay_as_bid", "units": 2, "cap": 1});
    let refused = of(&described).unwrap_err();
    assert!(refused.errors.iter().any(|fault| fault.pointer == "/terms/preemption"), "{refused:?}");
}

#[test]
fn a_course_ends_as_its_lot_does() {
    let mut lone = with("/bidders", json!(["竞买人 0417"]));
    lone["events"] = json!([]);
    let too_few = of(&lone).unwrap();
    assert_eq!((too_few.lot.state, too_few.lines.len()), (LotState::Aborted, 2));
    let below = of(&with("/events", json!([bid(1, "竞买人 0417", "119000.00")]))).unwrap();
    assert_eq!((below.lot.state, below.lines.last().unwrap().reason.as_deref()), (LotState::ClosedUnsold, Some("below_reserve")));
    let still = of(&with("/events", json!([{"at": 60, "kind": "pause", "reason": "x"}]))).unwrap();
    assert_eq!((still.lot.state, still.reserve), (LotState::Paused, None), "a secret reserve is secret until the close");
    assert!(text(&still).ends_with("not over: paused at the end of the description\n"));
    let fault = json!([{"at": 60, "kind": "pause", "reason": "x"}, {"at": 120, "kind": "abort", "reason": "y"}]);
    let given_up = of(&with("/events", fault)).unwrap();
    assert_eq!((given_up.lot.state, given_up.lines.last().unwrap().reason.as_deref()), (LotState::Aborted, Some("not_curable: y")));
    assert!(text(&given_up).ends_with("aborted: it was paused for a fault that could not be cured\n"));
}

/// The seed with bids that are maxima.
fn maxima(events: Value) -> Value {
    let mut described = with("/terms/multiples_only", json!(false));
    described["terms"]["proxy"] = json!(true);
    described["events"] = events;
    described
}

#[test]
fn maxima_are_bid_for_no_more_than_is_needed() {
    let bids = [bid(1, "竞买人 0417", "130000.00"), bid(2, "竞买人 1733", "110000.00"), bid(3, "竞买人 0417", "140000.00")];
    let course = of(&maxima(json!(bids))).unwrap();
    let told: Vec<_> = course.bids().map(|line| line.price.unwrap().decimal()).collect();
    assert_eq!(told, ["100000.00", "111000.00", "111000.00"]);
    // The winner's maximum reaches the reserve, and so the reserve is the price.
    assert!(text(&course).ends_with("sold to 竞买人 0417 for 120000.00 CNY, 3 bids\n"), "{}", text(&course));
    let kinds: Vec<_> = course.lines.iter().rev().take(2).map(|line| line.what.as_str()).collect();
    assert_eq!(kinds, ["sold", "maxima_opened"]);
    assert_eq!(of(&maxima(json!(bids))).unwrap().lot, course.lot, "the same file gives the same bytes");
}

#[test]
fn maxima_ask_for_no_whole_steps_and_for_steps_that_do_not_fall() {
    let mut whole = maxima(json!([]));
    whole["terms"]["multiples_only"] = json!(true);
    assert_eq!(faults(&whole), [("/terms/multiples_only".to_owned(), "contradiction".to_owned())]);
    let rung = |from: &str, step: &str| json!({"from": {"amount": from, "currency": "CNY"}, "step": {"amount": step, "currency": "CNY"}});
    let mut falling = maxima(json!([]));
    falling["terms"]["step"] = json!({"kind": "ladder", "rungs": [rung("0.00", "2.00"), rung("200000.00", "1.00")]});
    assert_eq!(faults(&falling), [("/terms/step/rungs".to_owned(), "order".to_owned())]);
}

/// Every fault, as its path and code.
fn faults(described: &Value) -> Vec<(String, String)> {
    let problem = read(described.to_string().as_bytes()).unwrap_err();
    problem.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn a_broken_description_is_refused_by_the_path_of_the_field() {
    let cases = [
        ("/events/1/price/amount", json!("1.001"), "/events/1/price", "wrong_type"),
        ("/events/1/at", json!("noon"), "/events/1/at", "wrong_type"),
        ("/events/1/at", json!(1.5), "/events/1/at", "wrong_type"),
        ("/events/1/at", json!(i64::MAX), "/events/1/at", "range"),
        ("/events/2/at", json!(29), "/events/2/at", "order"),
        ("/events/1/kind", json!("steal"), "/events/1/kind", "wrong_type"),
        ("/events/1/bidder", json!("竞买人 9999"), "/events/1/bidder", "unknown_bidder"),
        ("/events/1/bidder", json!(null), "/events/1/bidder", "missing_field"),
        ("/events/4/reason", json!(null), "/events/4/reason", "missing_field"),
        ("/bidders/1", json!("竞买人 0417"), "/bidders/1", "repeated"),
        ("/bidders/0", json!(" x"), "/bidders/0", "blank_ends"),
        ("/terms/free_period_seconds", json!(i64::MAX), "/terms/free_period_seconds", "range"),
        ("/terms/close_grace_ms", json!(-1), "/terms/close_grace_ms", "range"),
        ("/terms/step/amount/amount", json!("0.00"), "/terms/step/amount", "range"),
        ("/terms/reserve/commitment", json!("00"), "/terms/reserve/commitment", "commitment"),
        ("/terms/reserve", json!({"kind": "none"}), "/secret_reserve", "unknown_field"),
        ("/secret_reserve", json!(null), "/secret_reserve", "missing_field"),
        ("/secret_reserve/salt", json!("00"), "/secret_reserve/salt", "salt"),
        ("/title", json!(""), "/title", "text"),
    ];
    for (place, value, path, code) in cases {
        let found = faults(&with(place, value));
        assert!(found.contains(&(path.into(), code.into())), "{place}: {found:?}");
    }
    let mut more = seed();
    more["events"][1]["seconds"] = json!(5);
    assert_eq!(faults(&more), [("/events/1/seconds".to_owned(), "unknown_field".to_owned())]);
    for place in ["", "/terms", "/events/1", "/secret_reserve"] {
        let mut more = seed();
        more.pointer_mut(place).unwrap()["colour"] = json!("red");
        let found = faults(&more);
        assert!(found[0].0.starts_with(place) && found[0].1 == "unknown_field", "{place}: {found:?}");
    }
}

#[test]
fn the_same_description_gives_the_same_bytes() {
    let again = of(&seed()).unwrap();
    assert_eq!(text(&again), text(&SEEDED));
    assert_eq!(again.json().to_string(), SEEDED.json().to_string());
    assert_eq!(svg(&Drawing::of(&again)), svg(&Drawing::of(&SEEDED)));
}

/// Where a path goes up and down: what follows M, and every V.
fn heights(drawn: &str) -> Vec<i64> {
    let path = drawn.split("class=\"price\" d=\"M").nth(1).unwrap().split('"').next().unwrap();
    let (start, rest) = path.split_once('H').unwrap();
    let first = start.split(' ').nth(1).unwrap();
    let later = rest.split('V').skip(1).map(|part| part.split('H').next().unwrap());
    std::iter::once(first).chain(later).map(|height| height.parse().unwrap()).collect()
}

#[test]
fn the_line_rises_with_every_bid_and_each_has_its_dot() {
    let drawn = svg(&Drawing::of(&SEEDED));
    let heights = heights(&drawn);
    assert_eq!(heights.len(), 5);
    // Up is less on paper.
    assert!(heights.windows(2).all(|pair| pair[1] < pair[0]), "{heights:?}");
    for height in heights {
        assert_eq!(drawn.matches(&format!(" cy=\"{height}\"")).count(), 1);
    }
    assert!(drawn.contains("保留价 120,000") && drawn.contains("起拍价 100,000") && drawn.contains("成交价 125,000 元"));
    for phase in ["open_free", "open_timed", "paused"] {
        // One in the legend; the free phase is cut in two by the pause.
        let stretches = if phase == "open_free" { 2 } else { 1 };
        assert_eq!(drawn.matches(&format!("<rect class=\"{phase}\"")).count(), 1 + stretches, "{phase}");
    }
}

/// The seed with an open reserve, bid for downwards.
fn falling(reserve: &str, events: &Value) -> Course {
    let mut described = with("/terms/reserve", json!({"kind": "open", "amount": {"amount": reserve, "currency": "CNY"}}));
    described["secret_reserve"] = json!(null);
    described["terms"]["direction"] = json!("descending");
    described["events"] = events.clone();
    of(&described).unwrap()
}

#[test]
fn a_descending_lot_goes_to_the_lowest_bid_and_its_line_falls() {
    let events = json!([
        bid(1, "竞买人 0417", "100000.00"),
        bid(2, "竞买人 1733", "99500.00"),
        bid(3, "竞买人 1733", "98000.00"),
        bid(4, "竞买人 0417", "90000.00"),
    ]);
    let course = falling("95000.00", &events);
    assert!(text(&course).ends_with("sold to 竞买人 0417 for 90000.00 CNY, 3 bids\n"));
    let refused: Vec<_> = course.lines.iter().filter_map(|line| line.refused.as_ref()).collect();
    assert_eq!((refused.len(), refused[0].code, &refused[0].facts["at_most"]["amount"]), (1, "too_high", &json!("99000.00")));
    let heights = heights(&svg(&Drawing::of(&course)));
    assert!(heights.len() == 3 && heights.windows(2).all(|pair| pair[1] > pair[0]), "{heights:?}");
    let dear = falling("80000.00", &events);
    assert!(text(&dear).ends_with("not sold: 90000.00 CNY by 竞买人 0417 is above the reserve\n"));
}

#[test]
fn a_purchase_ends_the_course() {
    let buys = |at: i64, bidder: &str| json!({"at": at, "kind": "buy_now", "bidder": bidder});
    let mut described = with("/terms/reserve", json!({"kind": "none"}));
    described["secret_reserve"] = json!(null);
    described["terms"]["buy_now"] = json!({"amount": "150000.00", "currency": "CNY"});
    described["events"] =
        json!([buys(-1, "竞买人 0417"), buys(5, "竞买人 0417"), buys(6, "竞买人 1733"), bid(7, "竞买人 1733", "160000.00")]);
    let course = of(&described).unwrap();
    assert!(text(&course).ends_with("sold to 竞买人 0417 for 150000.00 CNY, 1 bids\n"));
    let refused: Vec<_> = course.lines.iter().filter_map(|line| Some(line.refused.as_ref()?.code)).collect();
    assert_eq!((refused, course.bids().count()), (vec!["not_open", "closed", "closed"], 1));
    described["terms"]["buy_now"]["amount"] = json!("100000.00");
    assert_eq!(faults(&described), [("/terms/buy_now".to_owned(), "range".to_owned())]);
}

#[test]
fn a_secret_reserve_is_not_drawn_before_the_close() {
    let still = of(&with("/events", json!([bid(1, "竞买人 0417", "100000.00"), {"at": 60, "kind": "pause", "reason": "x"}]))).unwrap();
    assert!(!svg(&Drawing::of(&still)).contains("保留价"));
}

/// The text between tags, after looking that every tag is closed in its turn and nothing stands bare.
fn well_formed(xml: &str) -> String {
    let (mut open, mut between) = (Vec::new(), String::new());
    let mut rest = xml;
    while let Some((text, tail)) = rest.split_once('<') {
        between.push_str(text);
        let (tag, after) = tail.split_once('>').unwrap();
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        let name = tag.trim_matches('/').split(' ').next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
    for piece in xml.split('&').skip(1) {
        assert!(["lt;", "gt;", "amp;", "quot;", "apos;"].iter().any(|entity| piece.starts_with(entity)), "a bare & before {piece}");
    }
    between
}

#[test]
fn a_chart_is_xml_whatever_names_are_given() {
    let hostile = "</title><script>alert('1')</script>&nbsp;\"]]>\u{fffe}";
    let mut described = with("/bidders", json!([hostile, "b"]));
    described["title"] = hostile.into();
    described["events"] = json!([bid(1, hostile, "100000.00"), bid(2, "b", "130000.00")]);
    let theirs = of(&described).unwrap();
    let ours: &Course = &SEEDED;
    for course in [&theirs, ours] {
        let drawn = svg(&Drawing::of(course));
        let between = well_formed(&drawn);
        assert!(!drawn.contains("<script") && !drawn.contains('\u{fffe}') && !drawn.contains("href"));
        assert_eq!(between.contains("&lt;script&gt;alert(&apos;1&apos;)"), course.title == hostile);
    }
}

#[test]
fn a_course_without_a_bid_is_drawn_too() {
    let drawn = svg(&Drawing::of(&of(&with("/events", json!([]))).unwrap()));
    well_formed(&drawn);
    assert!(!drawn.contains("class=\"price\" d") && drawn.contains("未成交，出价 0 次"));
}

/// Sealed bids, of which the best two are equal; bidder 1733 has it in the round among them.
#[test]
fn sealed_bids_are_opened_and_tied_ones_bid_out() {
    let mut described = seed();
    described["terms"]["closing_mode"] = "hard_close".into();
    described["terms"]["format"] = json!({"kind": "one_shot", "tie_round_seconds": 300});
    let [a, b, c] = ["竞买人 0417", "竞买人 1733", "竞买人 2058"];
    described["events"] = json!([
        bid(10, a, "99999.00"),
        bid(20, a, "110000.00"),
        bid(30, b, "130000.00"),
        bid(40, a, "130000.00"),
        bid(50, c, "120000.00"),
        bid(3_700, c, "200000.00"),
        bid(3_800, b, "131000.00"),
    ]);
    let course = of(&described).unwrap();
    let told: Vec<_> =
        course.lines.iter().map(|line| (line.seq, line.what.as_str(), line.refused.as_ref().map(|refused| refused.code))).collect();
    let due = [
        (Some(1), "scheduled", None),
        (Some(2), "registration_closed", None),
        (Some(3), "opened", None),
        (None, "bid", Some("too_low")),
        (None, "bid_sealed", None),
        (None, "bid_sealed", None),
        (None, "bid_sealed", None),
        (None, "bid_sealed", None),
        (Some(4), "bids_opened", None),
        (Some(5), "tie_round", None),
        (None, "bid", Some("not_in_tie_round")),
        (None, "bid_sealed", None),
        (Some(6), "bids_opened", None),
        (Some(7), "sold", None),
    ];
    assert_eq!(told, due);
    assert!(text(&course).ends_with("sold to 竞买人 1733 for 131000.00 CNY, 4 bids\n"), "{}", text(&course));
    assert!(svg(&Drawing::of(&course)).contains("成交价 131,000 元，出价 4 次"));
    described["terms"]["closing_mode"] = "soft_close".into();
    assert_eq!(faults(&described), [("/terms/closing_mode".to_owned(), "contradiction".to_owned())]);
}

mod dutch;
mod falling;
mod outage;
mod preemption;
mod published;
mod rounds;
mod sealed;
mod units;
mod weighted;
