//! The law of sessions, proved.

use entity::auctions::LotState;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::pause::{Order, pause as paused};
use crate::auctions::rules::postpone::postponed;
use crate::auctions::rules::session::turn;
use crate::auctions::rules::tests::{at, lot as waiting, terms};
use crate::rulebook::rules::shipped::RULEBOOK;

fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

fn today() -> NaiveDate {
    "2026-03-02".parse().unwrap()
}

fn asked(mode: LotSessionMode, stagger_seconds: Option<i64>) -> NewLotSession {
    NewLotSession { title: "绿色低碳专场".into(), title_en: None, mode, stagger_seconds, organiser_organisation_id: None }
}

fn draft_of(new: NewLotSession) -> Result<lot_session::Model, Problem> {
    drafted(LotSessionId(Uuid::from_u128(9)), new, stagger(&RULEBOOK, today()).unwrap(), person(1), at(-900))
}

fn draft(mode: LotSessionMode) -> lot_session::Model {
    draft_of(asked(mode, None)).unwrap()
}

/// Lots that close so many seconds after their opening.
fn lots(ends: &[i64]) -> Vec<lot::Model> {
    let ids = (100_u128..).map(|number| LotId(Uuid::from_u128(number)));
    ids.zip(ends).map(|(id, end)| lot::Model { id, closes_at: at(*end), ..waiting(terms()) }).collect()
}

fn code<T>(outcome: Result<T, Problem>) -> Code {
    outcome.err().unwrap().code
}

#[test]
fn the_stagger_is_the_rules_or_within_them() {
    assert_eq!(draft(LotSessionMode::Staggered).stagger_seconds, Some(300));
    assert_eq!(draft(LotSessionMode::Hosted).stagger_seconds, None);
    for (seconds, allowed) in [(59, false), (60, true), (3_600, true), (3_601, false)] {
        let outcome = draft_of(asked(LotSessionMode::Staggered, Some(seconds)));
        assert_eq!(outcome.as_ref().err().map(|problem| problem.code), (!allowed).then_some(Code::OutsideRule), "{seconds}");
    }
    assert_eq!(code(draft_of(asked(LotSessionMode::Hosted, Some(60)))), Code::Invalid);
    assert_eq!(code(draft_of(NewLotSession { title: " ".into(), ..asked(LotSessionMode::Hosted, None) })), Code::Invalid);
}

#[test]
fn lots_close_one_after_another_and_none_earlier_than_announced() {
    let ends = closings(&lots(&[3_600, 3_600, 9_000, 3_600]), Some(TimeDelta::minutes(5)));
    assert_eq!(ends, [at(3_600), at(3_900), at(9_000), at(9_300)]);
    assert_eq!(closings(&lots(&[3_600, 3_000]), None), [at(3_600), at(3_000)]);
    assert!(closings(&[], Some(TimeDelta::minutes(5))).is_empty());
}

#[test]
fn a_list_names_each_lot_once_and_only_lots_there_are() {
    let found = lots(&[3_600, 3_600]);
    let ids: Vec<_> = found.iter().map(|lot| lot.id).collect();
    let turned = [ids[1], ids[0]];
    assert!(listed(&turned).is_ok());
    assert_eq!(code(listed(&[ids[0], ids[0]])), Code::Invalid);
    let ordered = in_order(&turned, found.clone()).unwrap();
    assert_eq!(ordered.iter().map(|lot| lot.id).collect::<Vec<_>>(), turned);
    let unknown = in_order(&[ids[0], LotId(Uuid::nil())], found).unwrap_err();
    assert_eq!(unknown.errors[0].pointer, "/lots/1");
}

#[test]
fn only_waiting_lots_and_only_by_those_who_had_no_hand_in_them() {
    let mut one = lots(&[3_600]);
    assert!(may_take(&one, person(1), at(-1)).is_ok());
    assert_eq!(code(may_take(&one, person(1), at(0))), Code::WrongState);
    one[0].barred_persons = serde_json::json!([person(1)]);
    assert_eq!(code(may_take(&one, person(1), at(-1))), Code::SamePerson);
    one[0] = lot::Model { state: LotState::OpenFree, ..waiting(terms()) };
    assert_eq!(code(may_take(&one, person(1), at(-1))), Code::WrongState);
}

#[test]
fn publication_freezes_the_order_and_gives_places() {
    let lateness = TimeDelta::minutes(30);
    let held = draft(LotSessionMode::Staggered);
    assert_eq!(code(published(&held, &[], lateness, at(-500))), Code::WrongState);
    let (next, places) = published(&held, &lots(&[3_600, 3_600]), lateness, at(-500)).unwrap();
    assert_eq!((next.state, next.starts_at, next.lateness_seconds), (LotSessionState::Published, Some(at(0)), None));
    assert_eq!(places.iter().map(|place| (place.ordinal, place.closes_at)).collect::<Vec<_>>(), [(1, at(3_600)), (2, at(3_900))]);
    assert_eq!(code(arranged(&next, &[])), Code::WrongState);
    assert_eq!(code(published(&next, &lots(&[3_600]), lateness, at(-400))), Code::WrongState);

    let (next, places) = published(&draft(LotSessionMode::Hosted), &lots(&[3_600, 3_600]), lateness, at(-500)).unwrap();
    assert_eq!(next.lateness_seconds, Some(1_800));
    assert_eq!(places.iter().map(|place| place.opens_by).collect::<Vec<_>>(), [Some(at(1_800)), None], "one turn after the other");
}

#[test]
fn an_officer_is_told_what_he_may_do_to_a_session() {
    const PUT_TOGETHER: [&str; 2] = ["arrange_lot_session", "publish_lot_session"];
    let mut both = lots(&[3_600, 3_600]);
    let told = |held: &lot_session::Model, lots: &[lot::Model], second| open_to(held, lots, person(1), at(second));
    let held = draft(LotSessionMode::Staggered);
    assert_eq!(told(&held, &[], -500), PUT_TOGETHER[..1], "without lots there is nothing to publish");
    assert_eq!(told(&held, &both, -500), PUT_TOGETHER);
    let mut tight = both.clone();
    tight[1].terms.max_duration_seconds = Some(3_600);
    assert_eq!(told(&held, &tight, -500), PUT_TOGETHER[..1], "the second would end too late");
    let mut decided = both.clone();
    decided[1].barred_persons = serde_json::json!([person(1)]);
    assert_eq!(told(&held, &decided, -500), PUT_TOGETHER[..1], "he decided about one of them");
    assert_eq!(open_to(&held, &decided, person(2), at(-500)), PUT_TOGETHER);

    let (held, _) = published(&draft(LotSessionMode::Hosted), &both, TimeDelta::minutes(30), at(-500)).unwrap();
    both[0].hosted = true;
    assert_eq!(told(&held, &both, -1), ["pause_lot_session", "extend_lot_session"], "its opening time has not come");
    assert_eq!(told(&held, &both, 1), ["advance_lot_session", "pause_lot_session", "extend_lot_session"]);
    let still = moved(&held, LotSessionState::Paused);
    assert_eq!(told(&still, &both, 1), ["resume_lot_session", "extend_lot_session"]);
    assert!(told(&moved(&held, LotSessionState::Ended), &both, 1).is_empty());
}

#[test]
fn a_session_is_over_with_its_last_lot() {
    let lateness = TimeDelta::minutes(30);
    let mut both = lots(&[3_600, 3_600]);
    let (held, _) = published(&draft(LotSessionMode::Hosted), &both, lateness, at(-500)).unwrap();
    assert_eq!(next_up(&held, &both, at(0)).unwrap().id, both[0].id);
    both[0].state = LotState::Aborted;
    assert_eq!(next_up(&held, &both, at(0)).unwrap().id, both[1].id);
    assert!(ended(&held, &both).is_none());
    both[1].state = LotState::ClosedSold;
    assert_eq!(code(next_up(&held, &both, at(0))), Code::WrongState);
    let over = ended(&held, &both).unwrap();
    assert_eq!(over.state, LotSessionState::Ended);
    assert!(ended(&over, &both).is_none());
    let problem = require(&over, Deed::Pause).unwrap_err();
    assert_eq!((&problem.facts["state"], &problem.facts["allowed"]), (&"ended".into(), &serde_json::json!([])));
}

#[test]
fn a_lot_that_was_put_off_holds_up_none_of_the_others() {
    let mut both = lots(&[3_600, 3_600]);
    let (held, _) = published(&draft(LotSessionMode::Hosted), &both, TimeDelta::minutes(30), at(-500)).unwrap();
    let day = 24 * 60 * 60;
    let turn = |lots: &[lot::Model], second| next_up(&held, lots, at(second)).unwrap().id;
    let [first, second] = [both[0].id, both[1].id];
    both[0].opens_at = at(600);
    assert_eq!(turn(&both, 0), first, "what a pause moved by some minutes keeps its turn");
    both[0].opens_at = at(day);
    assert_eq!(turn(&both, 0), second);
    assert_eq!(turn(&both, day), first, "its day has come");
    both[1].state = LotState::OpenFree;
    assert_eq!(turn(&both, day), second, "one after the other");
    both[1].state = LotState::ClosedSold;
    assert_eq!(turn(&both, 4_000), first, "nothing else is left");
    assert!(ended(&held, &both).is_none());
}

#[test]
fn a_session_that_is_moved_as_a_whole_puts_off_nobody() {
    let mut both = lots(&[3_600, 3_600]);
    let (held, _) = published(&draft(LotSessionMode::Hosted), &both, TimeDelta::minutes(30), at(-500)).unwrap();
    let day = 24 * 60 * 60;
    let turn = |lots: &[lot::Model]| next_up(&held, lots, at(0)).unwrap().id;
    let first = both[0].id;
    // Each was announced for a day before; the first was put off before it was arranged.
    both[0].terms.opens_at = at(-day);
    assert_eq!(turn(&both), first);
    for lot in &mut both {
        lot.opens_at = at(2 * day);
    }
    assert_eq!(turn(&both), first);
    both[0].opens_at = at(3 * day);
    assert_eq!(turn(&both), both[1].id);
}

#[test]
fn the_first_turn_is_that_of_the_first_day() {
    let mut both = lots(&[3_600, 3_600]);
    let day = 24 * 60 * 60;
    (both[0].opens_at, both[0].closes_at) = (at(day), at(day + 3_600));
    let (_, places) = published(&draft(LotSessionMode::Hosted), &both, TimeDelta::minutes(30), at(-500)).unwrap();
    assert_eq!(places.iter().map(|place| place.opens_by).collect::<Vec<_>>(), [None, Some(at(1_800))]);
}

/// All lots of a session are put off by a day, and that is heard lot by lot, at once or once all are.
#[test]
fn of_lots_that_are_put_off_one_has_the_turn() {
    for heard_at_once in [true, false] {
        let mut three: Vec<_> = lots(&[3_600; 3]).into_iter().map(|lot| lot::Model { hosted: true, ..lot }).collect();
        three[0].opens_by = Some(at(1_800));
        let day = 24 * 60 * 60;
        let hear = |lots: &mut [lot::Model]| {
            let next = current(lots, at(-500)).unwrap().id;
            let lot = lots.iter_mut().find(|lot| lot.id == next).unwrap();
            if let Some((_, turn)) = turn(lot, TimeDelta::minutes(30), at(-500)) {
                *lot = turn;
            }
        };
        for number in 0..3 {
            three[number] = postponed(&three[number], at(day), "公告网页中断", at(-500)).unwrap().1;
            if heard_at_once {
                hear(&mut three);
                assert_eq!(three.iter().filter(|lot| lot.opens_by.is_some()).count(), 1);
            }
        }
        for _ in 0..3 {
            hear(&mut three);
        }
        let turns: Vec<_> = three.iter().map(|lot| lot.opens_by).collect();
        assert_eq!(turns, [Some(at(day + 1_800)), None, None], "{heard_at_once}");
    }
}

#[test]
fn a_lot_that_was_paused_by_itself_stays_so() {
    let mut both = lots(&[3_600, 3_600]);
    let (held, _) = published(&draft(LotSessionMode::Staggered), &both, TimeDelta::zero(), at(-500)).unwrap();
    let order = Order { reason: "系统维护".into(), ..Order::default() };
    both[0] = paused(&both[0], &order, at(-100)).unwrap().1;
    let running = to_pause(&held, &both, at(-50)).unwrap();
    assert_eq!(running.iter().map(|lot| lot.id).collect::<Vec<_>>(), [both[1].id]);
    both[1] = paused(&both[1], &Order { session: Some(held.id), ..order }, at(-50)).unwrap().1;
    let held = moved(&held, LotSessionState::Paused);
    let going = to_resume(&held, &both).unwrap();
    assert_eq!(going.iter().map(|lot| lot.id).collect::<Vec<_>>(), [both[1].id]);
    assert_eq!(to_extend(&held, &both, at(0)).unwrap().len(), 2);
}

proptest! {
    #[test]
    fn closings_keep_their_distance_and_never_move_back(ends in prop::collection::vec(0_i64..100_000, 0..30), step in 1_i64..3_600) {
        let lots = lots(&ends);
        let closed = closings(&lots, Some(TimeDelta::seconds(step)));
        prop_assert_eq!(closed.len(), lots.len());
        prop_assert!(closed.iter().zip(&lots).all(|(end, lot)| *end >= lot.closes_at));
        prop_assert!(closed.windows(2).all(|pair| pair[1] - pair[0] >= TimeDelta::seconds(step)));
    }
}
