//! What the terms say of the host, of outages and of the version of the rules, held against courses.

use entity::Timestamp;
use entity::auctions::RULES_VERSION;

use super::*;
use crate::auctions::rules::log::TERMINATED;
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::sealed;
use crate::auctions::rules::sealed::tests::{FIRST_PRICE, sealed_terms};

/// What every lot is announced with now.
fn limited(terms: LotTerms) -> LotTerms {
    LotTerms {
        extend_limit_seconds: Some(600),
        outage_least_seconds: Some(30),
        outage_window_seconds: Some(300),
        host_lateness_seconds: Some(1_800),
        rules_version: Some(RULES_VERSION),
        ..terms
    }
}

/// Says something else in an event.
fn edit(event: &mut CourseEvent, change: impl FnOnce(&mut Body)) {
    let mut body: Body = serde_json::from_str(&event.body_text).unwrap();
    change(&mut body);
    event.body_text = serde_json::to_string(&body).unwrap();
}

/// The market stands still in a sealed lot.
fn stands_still(story: &mut sealed::tests::Story, began: i64, ended: i64) {
    let outages = [Outage { began_at: at(began), ended_at: at(ended) }];
    let last = story.log.last().unwrap().at;
    let (events, next) = outage::extended(&story.lot, &outages, TimeDelta::minutes(5), at(ended), last);
    assert_eq!(events.len(), 1);
    story.log.extend(events);
    story.lot = next;
}

/// Once before the bids are opened, once in the round among equals: events 4 and 7.
#[test]
fn an_outage_is_as_long_as_it_must_be_and_gives_the_time_announced() {
    let mut story = sealed::tests::Story::open(limited(sealed_terms(FIRST_PRICE)));
    story.seals(1, 10_000, 1).unwrap();
    story.seals(2, 10_000, 2).unwrap();
    stands_still(&mut story, 3_400, 3_500);
    story.seals(3, 9_000, 3_700).unwrap();
    story.ends();
    stands_still(&mut story, 4_000, 4_090);
    story.seals(2, 11_000, 4_300).unwrap();
    story.ends();
    let course = story.course();
    assert_eq!((verify(&course, &[], |_| {}), course.events.len()), (Ok(()), 9));
    for (place, seq) in [(3, 4), (6, 7)] {
        let named = |change: fn(&mut Timestamp, &mut Timestamp, &mut Timestamp)| {
            let (wrong, at, why) = forged(&course, |events| {
                edit(&mut events[place], |body| {
                    let Body::ExtendedForOutage { began_at, ended_at, closes_at, .. } = body else { panic!("no outage") };
                    change(began_at, ended_at, closes_at);
                });
            });
            assert_eq!(at, Some(seq), "{why}");
            (wrong, why)
        };
        let too_short = named(|began_at, ended_at, _| *began_at = *ended_at - TimeDelta::seconds(29));
        assert_eq!(too_short, (Wrong::AgainstTheRules, "an outage so short does not count".to_owned()));
        assert_eq!(named(|_, ended_at, _| *ended_at += TimeDelta::seconds(1)).0, Wrong::NotWhatFollows);
        let (wrong, why) = named(|_, _, closes_at| *closes_at += TimeDelta::seconds(60));
        assert!(wrong == Wrong::NotWhatFollows && why.starts_with("closes_at"), "{why}");
    }
}

/// A bidder was suspended between the end of an outage and its discovery. Lots announced before keep the instants they had.
#[test]
fn an_outage_that_is_told_before_what_it_follows_is_named() {
    let told = |rules_version: u32, last: i64| {
        let mut story = Story::open(LotTerms { rules_version: Some(rules_version), ..limited(terms()) });
        story.says(3_598, &Body::BidderSuspended { bidder: name(1) });
        let outages = [Outage { began_at: at(3_400), ended_at: at(3_595) }];
        let (events, next) = outage::extended(&story.lot, &outages, TimeDelta::minutes(5), at(3_599), at(last));
        story.takes(events, next);
        story.ends(None);
        verify(&story.course(), &[], |_| {}).map_err(|fault| (fault.wrong, fault.seq()))
    };
    assert_eq!((told(2, 3_598), told(1, 3_598)), (Ok(()), Ok(())));
    assert_eq!(told(2, 0), Err((Wrong::NotWhatFollows, Some(5))));
}

#[test]
fn a_host_extends_and_is_late_no_more_than_was_announced() {
    let extended = |terms: LotTerms, seconds: i64| {
        let mut story = Story::open(terms);
        story.does(100, |lot| pause::extend(lot, seconds, TimeDelta::hours(24), &order(), at(100)));
        story.ends(None);
        verify(&story.course(), &[], |_| {}).map_err(|fault| (fault.wrong, fault.seq()))
    };
    let beyond = Err((Wrong::AgainstTheRules, Some(4)));
    assert_eq!([600, 601].map(|seconds| extended(limited(terms()), seconds)), [Ok(()), beyond]);
    assert_eq!(extended(terms(), 601), Ok(()), "announced before there was such a limit in the terms");

    // The first lot of a session is told with its place when it opens by itself, every other when its turn has come.
    let opens = |seconds: i64, at_once: bool| {
        let mut story = Story::announced(limited(terms()));
        let opens_by = at_once.then(|| at(seconds));
        let place = Place { session: LotSessionId(Uuid::from_u128(8)), ordinal: 1, closes_at: at(3_600), hosted: true, opens_by };
        story.does(-500, |lot| session::join(lot, &place, Cause::default(), at(-500)));
        if !at_once {
            story.says(-400, &Body::TurnCame { opens_by: at(seconds) });
        }
        story.says(-1, &Body::RegistrationClosed { enough_admitted: true });
        story.passes(seconds);
        story.ends(None);
        verify(&story.course(), &[], |_| {}).map_err(|fault| (fault.wrong, fault.seq(), fault.why))
    };
    for (at_once, seq) in [(true, 2), (false, 3)] {
        let late = (Wrong::AgainstTheRules, Some(seq), "later than its host may be".to_owned());
        assert_eq!([1_800, 1_801].map(|seconds| opens(seconds, at_once)), [Ok(()), Err(late)]);
    }
}

#[test]
fn whoever_the_log_says_is_suspended_does_not_bid() {
    let bids = |terms: LotTerms, reinstated: bool| {
        let mut story = Story::open(terms);
        story.says(50, &Body::BidderSuspended { bidder: name(1) });
        if reinstated {
            story.says(60, &Body::BidderReinstated { bidder: name(1) });
        }
        story.bids(1, 10_000, 100);
        story.ends(None);
        verify(&story.course(), &story.receipts(), |_| {}).map_err(|fault| (fault.seq(), fault.why))
    };
    assert_eq!(bids(limited(terms()), false), Err((Some(5), "bidder_suspended".to_owned())));
    assert_eq!(bids(limited(terms()), true), Ok(()));
    assert_eq!(bids(terms(), false), Ok(()), "the log of a lot from before may say late that he was reinstated");
}

#[test]
fn what_was_decided_is_not_dated_back() {
    let dated = |terms: LotTerms, second: i64| {
        let mut story = Story::open(terms);
        story.bids(1, 10_000, 100);
        story.says(second, &Body::BidderSuspended { bidder: name(2) });
        story.ends(None);
        verify(&story.course(), &story.receipts(), |_| {}).map_err(|fault| (fault.seq(), fault.why))
    };
    assert_eq!(dated(limited(terms()), 100), Ok(()));
    assert_eq!(dated(limited(terms()), 99), Err((Some(5), "before the event it follows".to_owned())));
    assert_eq!(dated(terms(), 99), Ok(()), "the log of a lot from before may say so");
}

#[test]
fn rules_this_program_does_not_know_are_named() {
    let of_version = |version: u32| {
        let mut story = Story::open(LotTerms { rules_version: Some(version), ..limited(terms()) });
        story.ends(None);
        story.course()
    };
    assert_eq!(verify(&of_version(RULES_VERSION), &[], |_| {}), Ok(()));
    assert_eq!(found(&of_version(RULES_VERSION + 1), &[]), (Wrong::UnknownRulesVersion, None));
    assert_eq!(found(&of_version(0), &[]), (Wrong::UnknownRulesVersion, None));
}

/// A log that says a lot was never bid for, or begins its bidding again, leaves out its opening.
#[test]
fn what_was_due_before_an_order_or_an_abortion_is_not_left_out() {
    let says = |second: i64, body: &Body| {
        let mut story = Story::announced(limited(terms()));
        story.says(-2, &Body::RegistrationClosed { enough_admitted: true });
        story.says(second, body);
        verify(&story.course(), &[], |_| {}).map_err(|fault| (fault.wrong, fault.seq()))
    };
    let aborted = Body::aborted(TERMINATED);
    let paused = Body::Paused { reason: "网络故障".into(), session_id: None };
    let extended = Body::Extended { reason: "网络故障".into(), session_id: None, seconds: 60, closes_at: at(3_660) };
    assert_eq!(says(-1, &aborted), Ok(()));
    for body in [&aborted, &paused, &extended] {
        assert_eq!(says(500, body), Err((Wrong::NotWhatFollows, Some(3))), "{body:?}");
    }
    for body in [&paused, &extended] {
        assert_eq!(says(-1, body), Err((Wrong::NotEnded, Some(3))), "{body:?}");
    }
}

#[test]
fn a_rehearsal_is_not_told_as_a_sale_nor_a_sale_as_a_rehearsal() {
    for rehearsal in [false, true] {
        let mut story = Story::open(LotTerms { rehearsal, ..limited(terms()) });
        story.lot.rehearsal = rehearsal;
        story.ends(None);
        let mut course = story.course();
        assert_eq!(verify(&course, &[], |_| {}), Ok(()));
        course.lot.rehearsal = !rehearsal;
        assert_eq!(found(&course, &[]), (Wrong::HeadDiffers, None));
    }
}

#[test]
fn a_right_of_preemption_is_of_one_rank_and_is_asked_about_once() {
    let bids = |terms: LotTerms, ranks: [Option<i32>; 2]| {
        let mut story = Story::open(LotTerms { preemption: Some(Preemption::Parity {}), ..terms });
        story.bids_as(1, ranks[0], 10_000, 100);
        story.bids(2, 11_000, 200);
        story.bids_as(1, ranks[1], 12_000, 300);
        story.ends(None);
        verify(&story.course(), &[], |_| {}).map_err(|fault| (fault.seq(), fault.why))
    };
    assert_eq!(bids(limited(terms()), [Some(1), Some(1)]), Ok(()));
    for ranks in [[None, Some(1)], [Some(2), Some(1)]] {
        assert_eq!(bids(limited(terms()), ranks), Err((Some(6), "his right is of another rank".to_owned())));
        assert_eq!(bids(terms(), ranks), Ok(()), "announced before lots were bound to a version");
    }
    let asked = |holders: &[u128]| {
        let mut story = Story::open(LotTerms {
            preemption: Some(Preemption::AskAfter { answer_seconds: 300, round_seconds: None }),
            ..limited(terms())
        });
        story.bids(9, 10_000, 100);
        let holders: Vec<_> = holders.iter().map(|who| PreemptionHolder { bidder: name(*who), rank: 1 }).collect();
        story.does(4_000, |lot| Ok(preemption::ask(lot, None, &holders, at(4_000)).unwrap()));
        story.says(4_100, &Body::PreemptionAnswered { bidder: name(1), takes: true });
        let closing = close::close(&story.lot, None, at(4_401));
        story.takes(vec![closing.event], closing.lot);
        verify(&story.course(), &[], |_| {}).map_err(|fault| (fault.seq(), fault.why))
    };
    assert_eq!(asked(&[1, 2]), Ok(()));
    assert_eq!(asked(&[1, 1]), Err((Some(5), "nobody is asked twice".to_owned())));
}
