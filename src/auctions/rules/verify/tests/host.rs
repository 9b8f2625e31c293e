//! The host's deeds, held against courses.

use super::*;
use crate::auctions::rules::postpone;

#[test]
fn the_hosts_deeds_move_the_clocks_as_they_say() {
    let mut story = Story::open(terms());
    story.does(3_000, |lot| pause::pause(lot, &order(), at(3_000)));
    story.does(4_000, |lot| pause::resume(lot, &order(), at(4_000)));
    story.does(4_100, |lot| pause::extend(lot, 600, TimeDelta::hours(24), &order(), at(4_100)));
    story.says(4_150, &Body::BidderSuspended { bidder: name(2) });
    story.bids(1, 10_000, 4_200);
    story.ends(None);
    let course = story.course();
    assert_eq!((course.events.len(), verify(&course, &story.receipts(), |_| {})), (9, Ok(())));
    let named = |change: fn(&mut Vec<CourseEvent>)| {
        let (wrong, seq, _) = forged(&course, change);
        (wrong, seq)
    };
    assert_eq!(named(|events| says(&mut events[4], "1000000000", "900000000")), (Wrong::NotWhatFollows, Some(5)));
    assert_eq!(named(|events| says(&mut events[4], "23:30:00", "23:20:00")), (Wrong::NotWhatFollows, Some(5)));
    assert_eq!(named(|events| says(&mut events[5], "23:40:00", "23:50:00")), (Wrong::NotWhatFollows, Some(6)));
    assert_eq!(named(|events| says(&mut events[5], "\"seconds\":600", "\"seconds\":0")), (Wrong::AgainstTheRules, Some(6)));
    assert_eq!(named(|events| drop(events.remove(3))), (Wrong::AgainstTheRules, Some(4)));
    let (wrong, seq, why) = forged(&course, |events| events[4] = events[7].clone());
    assert_eq!((wrong, seq, why.as_str()), (Wrong::AgainstTheRules, Some(5), "paused"));
}

#[test]
fn a_lot_of_a_session_opens_at_the_hosts_word_or_by_itself() {
    let place = Place { session: LotSessionId(Uuid::from_u128(8)), ordinal: 1, closes_at: at(3_600), hosted: true, opens_by: None };
    let waiting = || {
        let mut story = Story::announced(terms());
        story.does(-500, |lot| session::join(lot, &place, Cause::default(), at(-500)));
        story.does(-400, |lot| Ok(session::turn(lot, TimeDelta::minutes(30), at(-400)).unwrap()));
        story.says(-1, &Body::RegistrationClosed { enough_admitted: true });
        story
    };
    let mut late = waiting();
    late.does(60, |lot| session::open(lot, Cause::default(), at(60)));
    let mut alone = waiting();
    alone.passes(1_900);
    for story in [&mut late, &mut alone] {
        story.ends(None);
        assert_eq!(verify(&story.course(), &[], |_| {}), Ok(()));
    }
    let (wrong, seq, _) = forged(&late.course(), |events| events[4].at = at(61));
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(5)));
    // Nor does it open at the host's word once it has opened by itself.
    let (wrong, seq, _) = forged(&alone.course(), |events| events[4].at = at(1_801));
    assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(5)));
}

/// Postponed by half an hour, registration closed, opened, one bid, sold: six events.
#[test]
fn a_lot_opens_later_only_as_long_as_it_waits() {
    let mut story = Story::announced(terms());
    story.does(-600, |lot| Ok(postpone::postponed(lot, at(1_800), "公告网页中断", at(-600)).unwrap()));
    story.says(-1, &Body::RegistrationClosed { enough_admitted: true });
    story.passes(1_800);
    story.bids(1, 10_000, 1_900);
    story.ends(None);
    let course = story.course();
    assert_eq!((course.events.len(), verify(&course, &story.receipts(), |_| {})), (6, Ok(())));
    let named = |change: fn(&mut Vec<CourseEvent>)| {
        let (wrong, seq, _) = forged(&course, change);
        (wrong, seq)
    };
    // Its bidding is as long as was announced, it opens no sooner, and not later for those who are admitted already.
    assert_eq!(named(|events| says(&mut events[1], "23:43:20", "23:50:00")), (Wrong::NotWhatFollows, Some(2)));
    assert_eq!(named(|events| says(&mut events[1], "22:43:20", "22:13:20")), (Wrong::AgainstTheRules, Some(2)));
    assert_eq!(named(|events| says(&mut events[1], "2023-11-14T22:43:20Z", "+12000-01-01T00:00:00Z")), (Wrong::OutOfRange, Some(2)));
    // Nor once it is known that it never opens.
    let too_few = |events: &mut Vec<CourseEvent>| {
        events.swap(1, 2);
        says(&mut events[1], "true", "false");
        events[2].at = at(-1);
    };
    assert_eq!(named(too_few), (Wrong::AgainstTheRules, Some(3)));
    // It is not dated back, nor left out.
    assert_eq!(named(|events| events[1].at = at(-2_000)), (Wrong::AgainstTheRules, Some(2)));
    assert_eq!(named(|events| drop(events.remove(1))), (Wrong::NotWhatFollows, Some(3)));
}

/// The same where registration had closed before.
#[test]
fn a_lot_whose_notice_was_not_read_for_long_enough_opens_later() {
    let mut story = Story::announced(terms());
    story.says(-700, &Body::RegistrationClosed { enough_admitted: true });
    story.does(-600, |lot| Ok(postpone::postponed(lot, at(1_800), "公告网页中断", at(-600)).unwrap()));
    story.passes(1_800);
    story.bids(1, 10_000, 1_900);
    story.ends(None);
    let course = story.course();
    assert_eq!((course.events.len(), verify(&course, &story.receipts(), |_| {})), (6, Ok(())));
    let (wrong, seq, _) = forged(&course, |events| says(&mut events[2], "22:43:20", "22:13:20"));
    assert_eq!((wrong, seq), (Wrong::AgainstTheRules, Some(3)));
}

/// It has it again where nobody else is to come first; in older logs it kept it, as much later as it opens.
#[test]
fn a_lot_that_is_put_off_gives_its_turn_back() {
    let opens_by = Some(at(1_800));
    let place = Place { session: LotSessionId(Uuid::from_u128(8)), ordinal: 1, closes_at: at(3_600), hosted: true, opens_by };
    for kept in [None, Some(at(2_400))] {
        let mut story = Story::announced(terms());
        story.does(-600, |lot| session::join(lot, &place, Cause::default(), at(-600)));
        let reason = "公告网页中断".into();
        story.says(-550, &Body::Postponed { reason, opens_at: at(600), opens_by: kept, closes_at: at(4_200) });
        if kept.is_none() {
            story.does(-500, |lot| Ok(session::turn(lot, TimeDelta::minutes(30), at(-500)).unwrap()));
        }
        story.says(-1, &Body::RegistrationClosed { enough_admitted: true });
        story.passes(2_400);
        story.ends(None);
        let course = story.course();
        assert_eq!(verify(&course, &[], |_| {}), Ok(()));
        if kept.is_some() {
            let (wrong, seq, _) = forged(&course, |events| says(&mut events[2], "22:53:20", "22:58:20"));
            assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(3)));
        }
    }
}

/// From 100.00 by 5.00 to 60.00, a minute each: paused for a while, and taken at 80.00.
#[test]
fn a_falling_clock_is_recomputed_with_its_pauses() {
    let format = Format::Dutch { floor: Money::fen(6_000), decrement: Money::fen(500), tick_seconds: 60 };
    let mut story = Story::open(LotTerms { closing_mode: ClosingMode::HardClose, free_period_seconds: 540, format, ..terms() });
    story.does(100, |lot| pause::pause(lot, &order(), at(100)));
    story.does(1_100, |lot| pause::resume(lot, &order(), at(1_100)));
    story.bids(1, 8_100, 1_240);
    story.ends(None);
    let course = story.course();
    assert_eq!(verify(&course, &story.receipts(), |_| {}), Ok(()));
    assert_eq!((course.outcome.price, course.events.len()), (Some(Money::fen(8_000)), 7));
    for (said, wrong) in [("75.00", Wrong::AgainstTheRules), ("85.00", Wrong::NotWhatFollows)] {
        let (found, seq, _) = forged(&course, |events| says(&mut events[5], "80.00", said));
        assert_eq!((found, seq), (wrong, Some(6)));
    }
}
