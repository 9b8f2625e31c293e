//! The course of a lot, step by step and at every stage.

use std::sync::LazyLock;

use chrono::{TimeDelta, TimeZone, Utc};
use entity::auctions::{
    ClosingMode, Direction, Format, LotState, LotTerms, OpenedRound, Preemption, Reserve, RoundsBook, Step as BidStep, StepBase, TieRound,
    lot,
};
use entity::identity::SellerClass;
use entity::money::Money;
use proptest::prelude::*;

use super::bidding::{AT_THE_LATEST, LOW_TIE_MAY_FOLLOW, MAY_BE_EXTENDED, SEVERAL_UNITS, TIE_MAY_FOLLOW, UNLESS_BOUGHT};
use super::standing::closing_rule;
use super::*;
use crate::auctions::rules::buy_now::standing;
use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};
use crate::rulebook::rules::timeline::proof::is_a_timeline;
use crate::rulebook::rules::{Progress, Snapshot};

const REGISTRATION: i64 = 1_000;
const OPENING: i64 = 2_000;
static DATES: LazyLock<Dates> =
    LazyLock::new(|| Dates { registration_rule: Some("listing_period".into()), registration_chosen: true, opening_chosen: false });

fn at(second: i64) -> Timestamp {
    Utc.timestamp_opt(1_772_000_000 + second, 0).unwrap()
}

fn rules() -> Snapshot {
    RULEBOOK.snapshot(SellerClass::State, "2026-02-25".parse().unwrap())
}

fn terms(closing_mode: ClosingMode) -> LotTerms {
    LotTerms {
        closing_mode,
        start_price: Money::fen(10_000),
        reserve: Reserve::None {},
        step: BidStep::Fixed { amount: Money::fen(1_000) },
        step_base: StepBase::StartPrice,
        multiples_only: true,
        enforce_step: true,
        allow_self_raise: false,
        opens_at: at(OPENING),
        free_period_seconds: 3_600,
        timed_cycle_seconds: 300,
        max_duration_seconds: None,
        min_bidders: 2,
        next_bidder_rule: false,
        auction_licence: None,
        close_grace_ms: 300,
        rulebook_version: 1,
        format: Format::English {},
        direction: Direction::Ascending,
        buy_now: None,
        proxy: false,
        preemption: None,
        extend_limit_seconds: None,
        outage_least_seconds: None,
        outage_window_seconds: None,
        host_lateness_seconds: None,
        jump_factor: None,
        rules_version: None,
        rehearsal: false,
    }
}

fn find<'a>(steps: &'a [Step], code: &str) -> &'a Step {
    steps.iter().find(|step| step.code == code).unwrap_or_else(|| panic!("no {code} in {steps:?}"))
}

#[test]
fn a_timed_lot_ends_a_cycle_after_its_free_period_at_the_earliest() {
    let (terms, rules) = (terms(ClosingMode::TimedCycle), rules());
    let steps = course(&Course::planned(&terms, at(REGISTRATION), &DATES, &rules));
    assert_eq!(find(&steps, "timed_phase_begins").due_at, Some(at(OPENING + 3_600)));
    assert_eq!(find(&steps, "bidding_ends").due_at, Some(at(OPENING + 3_900)));
    assert_eq!(find(&steps, "sold").due_at, Some(at(OPENING + 3_900) + TimeDelta::milliseconds(300)));
}

/// The rule a step names.
fn rule<'a>(steps: &'a [Step], code: &str) -> Option<&'a str> {
    find(steps, code).rule.as_ref().map(|rule| rule.name.as_str())
}

#[test]
fn dates_name_the_rule_they_follow() {
    let (timed, soft, rules) = (terms(ClosingMode::TimedCycle), terms(ClosingMode::SoftClose), rules());
    let own = course(&Course::planned(&timed, at(REGISTRATION), &DATES, &rules));
    for (code, expected) in [
        ("registration_closes", "listing_period"),
        ("bidding_opens", "auction_lead"),
        ("terminated", "auction_lead"),
        ("timed_phase_begins", "free_period"),
        ("bidding_ends", "timed_cycle"),
        ("sold", "close_grace"),
        ("failed", "close_grace"),
    ] {
        assert_eq!(rule(&own, code), Some(expected), "{code}");
    }
    let alone = Course::planned(&soft, at(REGISTRATION), &DATES, &rules);
    let hosted = course(&Course { hosted: true, opens_by: Some(at(OPENING + 1_800)), ..alone });
    assert_eq!((rule(&hosted, "bidding_opens"), find(&hosted, "bidding_opens").due_at), (Some("host_lateness"), Some(at(OPENING + 1_800))));
    assert_eq!(find(&hosted, "terminated").due_at, Some(at(OPENING + 1_800)), "as long as it may stay shut");
    let few = Course { state: LotState::Aborted, end: Some(End { at: at(REGISTRATION), terminated: false }), ..alone };
    assert_eq!(rule(&course(&few), "failed"), None, "it was not decided by bids");
}

#[test]
fn what_follows_an_opening_by_a_host_is_not_exact_and_has_no_date_before_its_turn() {
    let (soft, rules) = (terms(ClosingMode::SoftClose), rules());
    let alone = Course::planned(&soft, at(REGISTRATION), &DATES, &rules);
    for opens_by in [None, Some(at(OPENING + 1_800))] {
        let steps = course(&Course { hosted: true, opens_by, ..alone });
        for code in ["bidding_ends", "sold", "failed"] {
            let step = find(&steps, code);
            assert_eq!((step.exact, step.due_at.is_some()), (false, opens_by.is_some()), "{code}");
            assert!(step.notes.iter().any(|note| note.code == "opened_by_host"), "{code}");
        }
        assert!(find(&steps, "registration_closes").exact);
    }
}

#[test]
fn the_end_names_what_moved_it_last() {
    let lot = crate::auctions::rules::tests::lot(terms(ClosingMode::SoftClose));
    assert_eq!(closing_rule(&lot), "free_period");
    let more = lot::Model { closes_at: lot.closes_at + TimeDelta::seconds(60), shifted_us: 60_000_000, ..lot };
    let session_id = Some(entity::ids::LotSessionId(uuid::Uuid::from_u128(1)));
    assert_eq!(closing_rule(&lot::Model { session_id, ..more.clone() }), "free_period", "the host moved it, not the session");
    let staggered = lot::Model { session_id, shifted_us: 0, ..more };
    assert_eq!(closing_rule(&staggered), "session_stagger");
    let bid = |seconds: i64| Some(staggered.closes_at - TimeDelta::seconds(seconds));
    assert_eq!(closing_rule(&lot::Model { bid_count: 1, last_arrival: bid(301), ..staggered.clone() }), "session_stagger");
    assert_eq!(closing_rule(&lot::Model { bid_count: 1, last_arrival: bid(300), ..staggered.clone() }), "timed_cycle");
}

#[test]
fn sealed_bids_end_with_their_period_or_with_the_round_among_equals() {
    let rules = rules();
    let units = Format::PayAsBid { units: 3, cap: 1 };
    for (format, may_follow) in [(Format::OneShot { tie_round_seconds: 300 }, true), (Format::Vickrey {}, false), (units, false)] {
        let several = format.units().is_some();
        let sealed = LotTerms { format, ..terms(ClosingMode::HardClose) };
        let steps = course(&Course::planned(&sealed, at(REGISTRATION), &DATES, &rules));
        let end = find(&steps, "bidding_ends");
        assert_eq!((end.due_at, rule(&steps, "bidding_ends")), (Some(at(OPENING + 3_600)), Some("free_period")));
        assert_eq!(end.notes.contains(&TIE_MAY_FOLLOW), may_follow);
        assert_eq!(find(&steps, "sold").notes.contains(&SEVERAL_UNITS), several);
    }
    let lot = crate::auctions::rules::tests::lot(LotTerms {
        format: Format::OneShot { tie_round_seconds: 300 },
        ..terms(ClosingMode::HardClose)
    });
    let tie = TieRound { bidders: vec!["竞买人 1".into(), "竞买人 2".into()], at_least: Money::fen(10_000) };
    let opened = OpenedRound { round: 1, at: lot.closes_at, ranking: Vec::new(), tie: Some(tie), awards: Vec::new() };
    let falling = LotTerms { direction: Direction::Descending, ..lot.terms.clone() };
    let steps = course(&Course::planned(&falling, at(REGISTRATION), &DATES, &rules));
    let notes = &find(&steps, "bidding_ends").notes;
    assert!(notes.contains(&LOW_TIE_MAY_FOLLOW) && !notes.contains(&TIE_MAY_FOLLOW), "{notes:?}");
    assert_eq!(closing_rule(&lot::Model { opened: Some(opened), ..lot.clone() }), "tie_round");
    assert_eq!(closing_rule(&lot), "free_period");
    let planned = Course::planned(&lot.terms, at(REGISTRATION), &DATES, &rules);
    let steps = course(&Course { state: LotState::OpenFree, closing_rule: "tie_round", ..planned });
    assert_eq!((rule(&steps, "bidding_ends"), find(&steps, "bidding_ends").notes.contains(&TIE_MAY_FOLLOW)), (Some("tie_round"), false));
}

#[test]
fn what_the_seller_chose_is_said_to_be() {
    let rules = rules();
    let is_chosen = |terms: &LotTerms, code: &str| {
        find(&course(&Course::planned(terms, at(REGISTRATION), &DATES, &rules)), code).notes.contains(&CHOSEN)
    };
    // An hour of free bidding is chosen, a cycle of five minutes is the rule.
    let short = terms(ClosingMode::TimedCycle);
    let usual = LotTerms { free_period_seconds: 86_400, timed_cycle_seconds: 600, ..terms(ClosingMode::TimedCycle) };
    for (code, of_short, of_usual) in [
        ("registration_closes", true, true),
        ("bidding_opens", false, false),
        ("timed_phase_begins", true, false),
        ("bidding_ends", false, true),
        ("sold", false, false),
    ] {
        assert_eq!((is_chosen(&short, code), is_chosen(&usual, code)), (of_short, of_usual), "{code}");
    }
}

#[test]
fn only_what_bids_extend_may_be_extended() {
    let rules = rules();
    for (mode, may) in [(ClosingMode::HardClose, false), (ClosingMode::SoftClose, true), (ClosingMode::TimedCycle, true)] {
        let terms = terms(mode);
        let steps = course(&Course::planned(&terms, at(REGISTRATION), &DATES, &rules));
        assert_eq!(find(&steps, "bidding_ends").notes.contains(&MAY_BE_EXTENDED), may, "{mode:?}");
    }
}

#[test]
fn a_purchase_may_end_it_at_once_and_is_what_ended_it() {
    let rules = rules();
    let quick = LotTerms { buy_now: Some(Money::fen(20_000)), ..terms(ClosingMode::TimedCycle) };
    let planned = Course::planned(&quick, at(REGISTRATION), &DATES, &rules);
    assert!(find(&course(&planned), "bidding_ends").notes.contains(&UNLESS_BOUGHT));
    let bought = lot::Model {
        state: LotState::ClosedSold,
        price_minor: Some(20_000),
        bid_count: 1,
        closes_at: at(OPENING + 100),
        last_arrival: Some(at(OPENING + 100)),
        ..crate::auctions::rules::tests::lot(quick.clone())
    };
    assert_eq!(closing_rule(&bought), "buy_now_allowed");
    let ended = Course {
        state: bought.state,
        closes_at: bought.closes_at,
        closing_rule: closing_rule(&bought),
        buy_now: standing(&bought),
        end: Some(End { at: at(OPENING + 101), terminated: false }),
        ..planned
    };
    let steps = course(&ended);
    assert_eq!((rule(&steps, "bidding_ends"), find(&steps, "bidding_ends").at), (Some("buy_now_allowed"), Some(at(OPENING + 100))));
    assert_eq!(find(&steps, "timed_phase_begins").state, Progress::Skipped);
}

#[test]
fn who_is_asked_after_the_bidding_is_a_step_of_its_own() {
    let (plain, rules) = (terms(ClosingMode::SoftClose), rules());
    let asked = LotTerms { preemption: Some(Preemption::AskAfter { answer_seconds: 300, round_seconds: None }), ..plain.clone() };
    let planned = Course::planned(&asked, at(REGISTRATION), &DATES, &rules);
    assert_eq!(find(&course(&planned), "preemption_asked").state, Progress::MayCome);
    let none = course(&Course::planned(&plain, at(REGISTRATION), &DATES, &rules));
    assert!(none.iter().all(|step| step.code != "preemption_asked"));

    let answers_by = planned.closes_at + TimeDelta::seconds(301);
    let open = Course { registration_closed_at: Some(at(REGISTRATION)), ..planned };
    let asking = Course { state: LotState::PreemptionAsk, asked: true, answers_by: Some(answers_by), ..open };
    let now = planned.closes_at + TimeDelta::seconds(60);
    let told = steps(at(0), &asking, &Beyond::default(), &CALENDAR, now).unwrap();
    is_a_timeline(&told, now).unwrap();
    assert_eq!((find(&told, "bidding_ends").at, find(&told, "preemption_asked").due_at), (Some(planned.closes_at), Some(answers_by)));
    assert_eq!(find(&told, "sold").due_at, Some(answers_by + TimeDelta::milliseconds(300)));
    assert!(told.iter().all(|step| step.code != "failed"), "the price has effect");

    let end = Some(End { at: answers_by, terminated: false });
    let sold = Course { state: LotState::ClosedSold, answers_by: None, end, ..asking };
    let told = steps(at(0), &sold, &Beyond::default(), &CALENDAR, at(9_000)).unwrap();
    assert_eq!(find(&told, "preemption_asked").at, Some(planned.closes_at));
}

#[test]
fn the_round_among_holders_of_one_rank_is_a_step_of_its_own() {
    let rules = rules();
    let preemption = Some(Preemption::AskAfter { answer_seconds: 300, round_seconds: Some(120) });
    let asked = LotTerms { preemption, ..terms(ClosingMode::SoftClose) };
    let planned = Course::planned(&asked, at(REGISTRATION), &DATES, &rules);
    assert_eq!(find(&course(&planned), "preemption_round").state, Progress::MayCome);

    let since = planned.closes_at + TimeDelta::seconds(301);
    let closes_at = since + TimeDelta::seconds(120);
    let open = Course { registration_closed_at: Some(at(REGISTRATION)), ..planned };
    let sealing =
        Course { state: LotState::PreemptionAsk, asked: true, answers_by: Some(closes_at), holders_seal_since: Some(since), ..open };
    let told = steps(at(0), &sealing, &Beyond::default(), &CALENDAR, since).unwrap();
    is_a_timeline(&told, since).unwrap();
    assert_eq!((find(&told, "preemption_asked").at, find(&told, "preemption_round").due_at), (Some(since), Some(closes_at)));

    let end = Some(End { at: closes_at, terminated: false });
    let sold = Course { state: LotState::ClosedSold, answers_by: None, end, ..sealing };
    let told = steps(at(0), &sold, &Beyond::default(), &CALENDAR, at(9_000)).unwrap();
    assert_eq!(find(&told, "preemption_round").at, Some(closes_at));
    // Where one alone took it there is none.
    let alone = steps(at(0), &Course { holders_seal_since: None, ..sold }, &Beyond::default(), &CALENDAR, at(9_000)).unwrap();
    assert_eq!(find(&alone, "preemption_round").state, Progress::Skipped);
}

#[test]
fn a_lot_that_was_given_up_tells_how_far_it_had_come() {
    let (terms, rules) = (terms(ClosingMode::SoftClose), rules());
    let planned = Course::planned(&terms, at(REGISTRATION), &DATES, &rules);
    let end = Some(End { at: at(OPENING + 900), terminated: false });
    let over = Course { state: LotState::Aborted, registration_closed_at: Some(at(REGISTRATION)), end, ..planned };
    for (how_far, opening) in [(GivenUp::Waiting, Progress::Skipped), (GivenUp::Opened, Progress::Done)] {
        let given_up = Course { given_up: Some(how_far), ..over };
        let told = steps(at(0), &given_up, &Beyond::default(), &CALENDAR, at(9_000)).unwrap();
        is_a_timeline(&told, at(9_000)).unwrap();
        assert_eq!((find(&told, "bidding_opens").state, find(&told, "bidding_ends").state), (opening, Progress::Skipped));
        let failed = find(&told, "failed");
        assert_eq!((failed.at, failed.notes[0].code), (Some(at(OPENING + 900)), "not_curable"));
    }
}

#[test]
fn what_the_public_may_not_know_it_is_not_told() {
    let (terms, rules) = (terms(ClosingMode::SoftClose), rules());
    let planned = Course::planned(&terms, at(REGISTRATION), &DATES, &rules);
    let end = Some(End { at: planned.decided_at(), terminated: false });
    let sold = Course { state: LotState::ClosedSold, registration_closed_at: Some(at(REGISTRATION)), end, ..planned };
    let public = steps(at(0), &sold, &Beyond::default(), &CALENDAR, at(9_000)).unwrap();
    let codes: Vec<_> = public.iter().map(|step| step.code).collect();
    assert_eq!(codes, ["published", "registration_closes", "bidding_opens", "bidding_ends", "sold", "result_published"]);
    assert_eq!((find(&public, "result_published").state, find(&public, "result_published").due_at), (Progress::MayCome, None));
}

#[test]
fn a_falling_clock_ends_at_the_floor_at_the_latest() {
    // The class of rules that knows such lots; the tick is chosen.
    let rules = RULEBOOK.snapshot(SellerClass::Private, "2026-02-25".parse().unwrap());
    let format = Format::Dutch { floor: Money::fen(6_000), decrement: Money::fen(500), tick_seconds: 90 };
    let falling = LotTerms { free_period_seconds: 810, format, ..terms(ClosingMode::HardClose) };
    let steps = course(&Course::planned(&falling, at(REGISTRATION), &DATES, &rules));
    let end = find(&steps, "bidding_ends");
    assert_eq!((end.due_at, rule(&steps, "bidding_ends")), (Some(at(OPENING + 810)), Some("dutch_tick")));
    assert!(end.notes.contains(&AT_THE_LATEST) && end.notes.contains(&CHOSEN), "{end:?}");
}

#[test]
fn bidding_by_rounds_ends_with_its_last_turn_and_the_result_comes_later() {
    let rules = rules();
    let format = Format::Rounds { rounds: 1, first_pause_seconds: 300, pause_seconds: 120, turn_seconds: 60, result_seconds: 120 };
    let by_rounds = LotTerms { free_period_seconds: 480, format, ..terms(ClosingMode::HardClose) };
    let planned = Course::planned(&by_rounds, at(REGISTRATION), &DATES, &rules);
    let (steps, last) = (course(&planned), at(OPENING + 360));
    assert_eq!((find(&steps, "bidding_ends").due_at, rule(&steps, "bidding_ends")), (Some(last), Some("rounds_turn")));
    assert_eq!((find(&steps, "sold").due_at, rule(&steps, "sold")), (Some(at(OPENING + 480)), Some("rounds_result_delay")));
    // More time before the opening lengthens the first pause.
    let later = course(&Course { closes_at: planned.closes_at + TimeDelta::seconds(50), ..planned });
    assert_eq!(find(&later, "first_round_begins").due_at, Some(at(OPENING + 350)));

    // A pause while the result is waited for moves the result alone.
    let book = RoundsBook { offers: Vec::new(), order: Vec::new(), begins_at: at(OPENING + 300), turn: None, ended_at: Some(last) };
    let result = at(OPENING + 500);
    let over = course(&Course { state: LotState::OpenFree, closes_at: result, book: Some(&book), ..planned });
    assert_eq!((find(&over, "bidding_ends").at, find(&over, "sold").due_at), (Some(last), Some(result)));
    let kept_before = RoundsBook { ended_at: None, ..book.clone() };
    let over = course(&Course { state: LotState::OpenFree, book: Some(&kept_before), ..planned });
    assert_eq!(find(&over, "bidding_ends").at, Some(last), "reckoned from the result");
}

/// A lot at a stage of its course, and an instant of that stage.
fn staged<'a>(stage: u8, later: i64, terms: &'a LotTerms, rules: &'a Snapshot) -> (Course<'a>, Timestamp) {
    let planned = Course::planned(terms, at(REGISTRATION), &DATES, rules);
    let registered = Course { registration_closed_at: Some(at(REGISTRATION)), ..planned };
    let timed = terms.closing_mode == ClosingMode::TimedCycle;
    let open = Course { state: LotState::OpenFree, ..registered };
    let last = if timed {
        Course { state: LotState::OpenTimed, closes_at: open.closes_at + TimeDelta::seconds(terms.timed_cycle_seconds), ..open }
    } else {
        open
    };
    let ended = |state, course: Course<'a>, at: Timestamp, terminated| Course { state, end: Some(End { at, terminated }), ..course };
    let end = last.decided_at();
    match stage {
        0 => (planned, at(1 + later)),
        1 => (registered, at(REGISTRATION + 1 + later)),
        2 => (open, at(OPENING + later)),
        3 => (last, last.closes_at - TimeDelta::seconds(1 + later.min(200))),
        4 => (ended(LotState::ClosedSold, last, end, false), end + TimeDelta::seconds(later)),
        5 => (ended(LotState::ClosedUnsold, last, end, false), end + TimeDelta::seconds(later)),
        6 => (ended(LotState::Aborted, registered, at(REGISTRATION), false), at(REGISTRATION + later)),
        _ => {
            let early = Course { registration_closed_at: Some(at(300)), ..planned };
            (ended(LotState::Aborted, early, at(300), true), at(300 + later))
        }
    }
}

proptest! {
    #[test]
    fn every_lot_at_every_stage_has_a_timeline(mode in 0..3_usize, stage in 0..8_u8, later in 0..990_i64, insider in any::<bool>()) {
        let (terms, rules) = (terms(ClosingMode::ALL[mode]), rules());
        let (course, now) = staged(stage, later, &terms, &rules);
        let rule = RefundRule { span: "3wd".parse().unwrap(), source: "practice".into() };
        let deposits = insider.then_some(Deposits { rule: &rule, refunds: &[], waits_for_deal: stage == 4 });
        let beyond = Beyond { is_insider: insider, deposits, ..Beyond::default() };
        let told = steps(at(0), &course, &beyond, &CALENDAR, now).unwrap();
        is_a_timeline(&told, now)?;
        prop_assert!(told.iter().all(|step| step.due_at.is_none() || step.rule.is_some()), "{:?}", told);
        let public = steps(at(0), &course, &Beyond::default(), &CALENDAR, now).unwrap();
        prop_assert!(public.iter().all(|step| told.iter().any(|known| known.code == step.code)));
        // A lot comes to one thing.
        let outcomes = ["sold", "failed", "terminated"];
        let done: Vec<_> = told.iter().filter(|step| step.state == Progress::Done && outcomes.contains(&step.code)).collect();
        prop_assert_eq!(done.len(), usize::from(stage >= 4));
    }
}
