use chrono::TimeDelta;
use entity::auctions::{ClosingMode, Format, LotTerms, Preemption, PreemptionHolder};
use entity::ids::LotSessionId;
use entity::money::Money;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::effects::{self, Effect};
use crate::auctions::rules::log::Cause;
use crate::auctions::rules::tests::{at, bid, lot, terms};
use crate::auctions::rules::{buy_now, clock, judge, pause, preemption};

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

/// What somebody orders.
fn by(number: u128) -> Order {
    let cause = Cause { person: Some(person(number)), ..Cause::default() };
    Order { reason: "机房失火".into(), session: None, cause }
}

fn paused(lot: &lot::Model) -> lot::Model {
    pause::pause(lot, &by(1), at(200)).unwrap().1
}

/// A lot that is bid for, and was bid for once.
fn bid_for() -> lot::Model {
    judge(&clock::advance(&lot(terms()), at(0)).1, &[bid(1, 10_000, 100)]).lot
}

/// One whose bidding is over, and a holder is asked.
fn asking() -> lot::Model {
    let preemption = Some(Preemption::AskAfter { answer_seconds: 300, round_seconds: None });
    let open =
        clock::advance(&lot(LotTerms { preemption, free_period_seconds: 150, closing_mode: ClosingMode::HardClose, ..terms() }), at(0)).1;
    let over = judge(&open, &[bid(1, 10_000, 100)]).lot;
    let holders = [PreemptionHolder { bidder: "竞买人 2".into(), rank: 1 }];
    preemption::ask(&over, None, &holders, at(151)).unwrap().1
}

#[test]
fn whatever_is_paused_is_ended_and_tells_why() {
    let sealed = clock::advance(&lot(LotTerms { format: Format::Vickrey {}, ..terms() }), at(0)).1;
    for before in [lot(terms()), bid_for(), asking(), sealed] {
        let still = paused(&before);
        let (event, over) = abort(&still, &by(2), Some(person(1)), at(300)).unwrap();
        assert_eq!((over.state, &over.pause, event.at, event.person_id), (LotState::Aborted, &None, at(300), Some(person(2))));
        assert!(event.body.contains(NOT_CURABLE) && event.body.contains("机房失火"), "{}", event.body);
        assert!(clock::has_ended(&over) && clock::next_look(&over).is_none(), "nobody looks at it any more");
        assert_eq!(effects::of(event.kind, &still, &over), [Effect::Reveal], "what is sealed never will be opened");
    }
}

#[test]
fn nobody_ends_what_he_paused_himself_nor_what_is_not_paused_nor_without_a_reason() {
    let code = |lot: &lot::Model, order: &Order| abort(lot, order, Some(person(1)), at(300)).map_err(|problem| problem.code).err();
    let still = paused(&bid_for());
    assert_eq!(code(&still, &by(1)), Some(Code::SamePerson));
    assert_eq!(code(&still, &by(2)), None);
    assert_eq!(code(&still, &Order { reason: " ".into(), ..by(2) }), Some(Code::Invalid));
    let resumed = pause::resume(&still, &by(1), at(250)).unwrap().1;
    let over = abort(&still, &by(2), None, at(300)).unwrap().1;
    for other in [lot(terms()), bid_for(), asking(), resumed, over] {
        assert_eq!(code(&other, &by(2)), Some(Code::WrongState), "{:?}", other.state);
    }
    // Also one that was paused with its session, by itself.
    let session = Some(LotSessionId(Uuid::from_u128(9)));
    let whole = pause::pause(&bid_for(), &Order { session, ..by(1) }, at(200)).unwrap().1;
    assert_eq!((code(&whole, &by(1)), code(&whole, &by(2))), (Some(Code::SamePerson), None));
}

/// The end is at 3 600 s, and has a grace of 300 ms.
#[test]
fn what_cannot_be_closed_is_paused_a_minute_after_its_end_and_ended_by_another() {
    let bound =
        |rules_version| LotTerms { rules_version, buy_now: Some(Money::fen(90_000)), closing_mode: ClosingMode::HardClose, ..terms() };
    let open = |rules_version| clock::advance(&lot(bound(rules_version)), at(0)).1;
    let stuck = judge(&open(Some(2)), &[bid(1, 10_000, 100)]).lot;
    let due = at(3_660) + TimeDelta::milliseconds(300);
    let refusal = |lot: &lot::Model, now| pause::pause(lot, &by(1), now).map_err(|problem| problem.code).err();
    assert_eq!([at(3_600), due].map(|now| refusal(&stuck, now)), [Some(Code::Closed); 2]);
    let late = due + TimeDelta::microseconds(1);
    let still = pause::pause(&stuck, &by(1), late).unwrap().1;
    assert_eq!(abort(&still, &by(2), Some(person(1)), at(3_700)).unwrap().1.state, LotState::Aborted);
    assert_eq!(abort(&still, &by(1), Some(person(1)), at(3_700)).unwrap_err().code, Code::SamePerson);

    let resumed = pause::resume(&still, &by(1), at(9_000)).unwrap().1;
    assert!(clock::is_over(&resumed, at(9_000)), "it has no more time than before");
    assert_eq!(judge(&resumed, &[bid(2, 20_000, 9_000)]).outcomes.remove(0).unwrap_err().code, Code::Closed);
    // Nor is it given any, paused or not.
    for lot in [&still, &resumed] {
        let more = pause::extend(lot, 600, TimeDelta::hours(1), &by(1), at(9_000));
        assert_eq!(more.map_err(|problem| problem.code).err(), Some(Code::Closed));
    }
    for earlier in [None, Some(1)] {
        assert_eq!(refusal(&judge(&open(earlier), &[bid(1, 10_000, 100)]).lot, late), Some(Code::Closed), "as it was announced");
    }
    let bought = buy_now::buy(&open(Some(2)), &bid(1, 90_000, 100)).lot;
    assert_eq!(refusal(&bought, late), Some(Code::Closed));
}

/// The price on the clock was accepted, two holders take the lot, and what one of them sealed cannot be opened.
#[test]
fn a_clock_whose_holders_bid_once_more_can_be_given_up_too() {
    let format = Format::Dutch { floor: Money::fen(6_000), decrement: Money::fen(500), tick_seconds: 60 };
    let preemption = Some(Preemption::AskAfter { answer_seconds: 300, round_seconds: Some(120) });
    let falls =
        LotTerms { format, preemption, rules_version: Some(2), closing_mode: ClosingMode::HardClose, free_period_seconds: 540, ..terms() };
    let taken = judge(&clock::advance(&lot(falls), at(0)).1, &[bid(9, 10_000, 1)]).lot;
    let refusal = |lot: &lot::Model, second| pause::pause(lot, &by(1), at(second)).map_err(|problem| problem.code).err();
    assert_eq!(refusal(&taken, 100), Some(Code::Closed), "nothing hinders its close");
    let holders = [1, 2].map(|who| PreemptionHolder { bidder: format!("竞买人 {who}"), rank: 1 });
    let mut asked = preemption::ask(&taken, None, &holders, at(2)).unwrap().1;
    for holder in &holders {
        asked = preemption::answer(&asked, &holder.bidder, false, true, at(10), Cause::default()).unwrap().1;
    }
    let sealing = preemption::round(&asked, at(11)).unwrap().1;
    assert_eq!((sealing.closes_at, refusal(&sealing, 140), refusal(&sealing, 192)), (at(131), Some(Code::Closed), None));
}

#[test]
fn an_end_does_not_come_before_the_pause() {
    let still = paused(&bid_for());
    assert_eq!(abort(&still, &by(2), None, at(200) - TimeDelta::seconds(1)).unwrap().0.at, at(200));
}
