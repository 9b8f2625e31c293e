//! The procedure of an objection: a table of what is allowed, and random courses against it.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::OrganisationId;
use entity::notices::notice;
use entity::objections::{ObjectionGround, ObjectionOutcome, ObjectionState, objection};
use entity::sealed::Sealed;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::notices::rules::examples::{at, draft, person};
use crate::notices::rules::publish;
use crate::platform::problem::{Code, Problem};

/// Objects; publishes the notice; decided the matter (7 and 8 did, by the example); handles; handles too.
const OBJECTOR: u128 = 1;
const PUBLISHER: u128 = 2;
const REVIEWER: u128 = 7;
const HANDLER: u128 = 3;
const ANOTHER: u128 = 4;

fn public() -> notice::Model {
    publish(&draft(), person(PUBLISHER), Some(at(1_000_000)), at(5)).unwrap()
}

fn new(second: i64) -> NewObjection {
    NewObjection {
        id: Uuid::from_u128(9).into(),
        objector: person(OBJECTOR),
        organisation: None,
        ground: ObjectionGround::Procedure,
        words: Sealed::default(),
        evidence: json!([]),
        at: at(second),
        due_at: at(second + 100),
    }
}

fn handed_in() -> objection::Model {
    submitted(&public(), Some(at(1_000_000)), "程序有误", new(10)).unwrap()
}

/// Somebody who has a place with nobody whom it concerns.
fn hand(number: u128) -> Handler {
    Handler { person: person(number), is_party: false }
}

/// Does a deed; deadlines are a hundred seconds away.
fn done(held: &objection::Model, deed: Deed, by: Handler, outcome: ObjectionOutcome, now: Timestamp) -> Result<objection::Model, Problem> {
    let (notice, due_at) = (public(), now + TimeDelta::seconds(100));
    match deed {
        Deed::Accept => accepted(held, &notice, by, due_at, now),
        Deed::Refuse => refused(held, &notice, by, "不属于异议范围", now),
        Deed::Extend => extended(held, &notice, by, due_at, now),
        Deed::Decide => decided(held, &notice, by, outcome, "经查属实", due_at, now),
        Deed::RequestReview => to_review(held, Sealed::default(), "有新证据", due_at, now),
        Deed::DecideReview => reviewed(held, &notice, by, outcome, "复核决定", now),
        Deed::Settle => settled(held, &notice, by, "已重新公示", false, now),
        Deed::Withdraw => withdrawn(held, now),
    }
}

fn by_handler(held: &objection::Model, deed: Deed, second: i64) -> Result<objection::Model, Problem> {
    done(held, deed, hand(HANDLER), ObjectionOutcome::Upheld, at(second))
}

/// One objection in each state, and final ones by what was decided.
fn in_every_state() -> Vec<(&'static str, objection::Model)> {
    let submitted = handed_in();
    let investigating = by_handler(&submitted, Deed::Accept, 20).unwrap();
    let more_time = by_handler(&investigating, Deed::Extend, 30).unwrap();
    let decided = by_handler(&investigating, Deed::Decide, 40).unwrap();
    let dismissed = done(&investigating, Deed::Decide, hand(HANDLER), ObjectionOutcome::Dismissed, at(40)).unwrap();
    let review = done(&decided, Deed::RequestReview, hand(OBJECTOR), ObjectionOutcome::Upheld, at(50)).unwrap();
    let upheld = closed_in_time(&decided, at(140)).unwrap();
    vec![
        ("submitted", submitted.clone()),
        ("not_accepted", by_handler(&submitted, Deed::Refuse, 20).unwrap()),
        ("investigating", investigating.clone()),
        ("extended", more_time),
        ("decided", decided.clone()),
        ("review_requested", review),
        ("final, upheld", upheld.clone()),
        ("final, settled", by_handler(&upheld, Deed::Settle, 150).unwrap()),
        ("final, dismissed", closed_in_time(&dismissed, at(140)).unwrap()),
        ("withdrawn", withdrawn(&investigating, at(30)).unwrap()),
    ]
}

#[test]
fn what_is_allowed_in_each_state() {
    use Deed::{Accept, Decide, DecideReview, Extend, Refuse, RequestReview, Settle, Withdraw};
    let table: [(&str, &[Deed]); 10] = [
        ("submitted", &[Accept, Refuse, Withdraw]),
        ("not_accepted", &[]),
        ("investigating", &[Extend, Decide, Withdraw]),
        ("extended", &[Decide, Withdraw]),
        ("decided", &[RequestReview]),
        ("review_requested", &[DecideReview, Withdraw]),
        ("final, upheld", &[Settle]),
        ("final, settled", &[]),
        ("final, dismissed", &[]),
        ("withdrawn", &[]),
    ];
    for ((name, held), (named, expected)) in in_every_state().into_iter().zip(table) {
        assert_eq!(name, named);
        for deed in Deed::ALL {
            let by = if deed == DecideReview { hand(ANOTHER) } else { hand(HANDLER) };
            let found = done(&held, deed, by, ObjectionOutcome::Upheld, at(60));
            assert_eq!(found.is_ok(), expected.contains(&deed), "{name} {deed:?}");
            if let Err(refusal) = found {
                let allowed: Vec<_> = expected.iter().map(|deed| deed.operation()).collect();
                assert_eq!((refusal.code, &refusal.facts["allowed"]), (Code::WrongState, &json!(allowed)), "{name} {deed:?}");
            }
        }
    }
}

#[test]
fn what_holds_up_the_procedure() {
    let holding: Vec<_> = in_every_state().into_iter().filter(|(_, held)| holds_up(held)).map(|(name, _)| name).collect();
    assert_eq!(holding, ["submitted", "investigating", "extended", "decided", "review_requested", "final, upheld"]);
}

#[test]
fn only_what_runs_is_objected_to() {
    let ends_at = Some(at(1_000));
    assert!(may_object(&public(), ends_at, at(999)).is_ok());
    assert!(may_object(&public(), None, at(999_999)).is_ok(), "what has no end is always open");
    assert_eq!(may_object(&public(), ends_at, at(1_000)).unwrap_err().code, Code::ObjectionsClosed);
    assert_eq!(may_object(&draft(), ends_at, at(10)).unwrap_err().code, Code::ObjectionsClosed);
}

#[test]
fn nobody_handles_what_he_decided_published_or_objects_to() {
    for who in [REVIEWER, PUBLISHER, OBJECTOR] {
        let refusal = done(&handed_in(), Deed::Accept, hand(who), ObjectionOutcome::Upheld, at(20)).unwrap_err();
        assert_eq!(refusal.code, Code::SamePerson, "{who}");
        assert!(!open_to(&handed_in(), &public(), hand(who), at(20)).contains(&"accept_objection"));
    }
    let states = in_every_state();
    let review = &states.iter().find(|(name, _)| *name == "review_requested").unwrap().1;
    assert_eq!(by_handler(review, Deed::DecideReview, 60).unwrap_err().code, Code::SamePerson, "a review is another's");
    assert!(done(review, Deed::DecideReview, hand(ANOTHER), ObjectionOutcome::Dismissed, at(60)).is_ok());
}

#[test]
fn nobody_handles_what_concerns_an_organisation_he_has_a_place_with() {
    let organisations: Vec<OrganisationId> = (20..24).map(|number| OrganisationId(Uuid::from_u128(number))).collect();
    let of = |places: &[OrganisationId]| Handler::of(person(HANDLER), places, &organisations[..2]);
    assert_eq!((of(&[]), of(&organisations[2..])), (hand(HANDLER), hand(HANDLER)), "a place elsewhere is no matter");
    for tied in [of(&organisations[..1]), of(&organisations[1..3])] {
        for (name, held) in in_every_state() {
            assert!(open_to(&held, &public(), tied, at(60)).is_empty(), "{name}");
            for deed in Deed::ALL.into_iter().filter(|deed| !matches!(deed, Deed::RequestReview | Deed::Withdraw)) {
                let refusal = done(&held, deed, tied, ObjectionOutcome::Upheld, at(60)).unwrap_err();
                assert_eq!(refusal.code, Code::ConflictOfInterest, "{name} {deed:?}");
            }
        }
    }
}

#[test]
fn who_objected_already_is_told_what_he_may_do_to_that() {
    assert!(objects_once(None, &public(), at(20)).is_ok());
    for (name, held) in in_every_state() {
        let refusal = objects_once(Some(&held), &public(), at(60)).unwrap_err();
        let own: Vec<_> = [Deed::RequestReview, Deed::Withdraw].into_iter().filter(|deed| deed.is_allowed(&held, at(60))).collect();
        let own: Vec<_> = own.into_iter().map(Deed::operation).collect();
        assert_eq!((refusal.code, &refusal.facts["allowed"]), (Code::AlreadyObjected, &json!(own)), "{name}");
        assert_eq!(refusal.facts["objection_id"], json!(held.id));
    }
    assert_eq!(may_object(&draft(), None, at(10)).unwrap_err().facts["allowed"], json!([]));
}

#[test]
fn who_is_forgotten_leaves_hashes_and_no_titles() {
    let kept = untitled(&json!([{"id": "1", "version": 1, "sha256": "ab", "title": "张某的证明"}]));
    assert_eq!(kept, json!([{"id": "1", "version": 1, "sha256": "ab", "title": ""}]));
    assert_eq!(untitled(&json!([])), json!([]));
}

#[test]
fn a_review_is_asked_for_in_time() {
    let decided = by_handler(&by_handler(&handed_in(), Deed::Accept, 20).unwrap(), Deed::Decide, 40).unwrap();
    let ask = |second| done(&decided, Deed::RequestReview, hand(OBJECTOR), ObjectionOutcome::Upheld, at(second));
    assert!(ask(139).is_ok());
    assert_eq!(ask(140).unwrap_err().code, Code::WrongState);
    assert!(closed_in_time(&decided, at(139)).is_none());
    assert_eq!(closed_in_time(&decided, at(140)).unwrap().state, ObjectionState::Final);
    assert!(closed_in_time(&ask(50).unwrap(), at(140)).is_none(), "somebody asked");
}

#[test]
fn what_a_review_decides_stands() {
    let states = in_every_state();
    let review = &states.iter().find(|(name, _)| *name == "review_requested").unwrap().1;
    let dismissed = done(review, Deed::DecideReview, hand(ANOTHER), ObjectionOutcome::Dismissed, at(60)).unwrap();
    assert!(!holds_up(&dismissed), "it had been upheld before");
    let taken_back = withdrawn(review, at(60)).unwrap();
    assert_eq!((taken_back.state, holds_up(&taken_back)), (ObjectionState::Final, true), "what was decided before stands");
}

#[test]
fn what_is_written_is_not_blank() {
    assert_eq!(submitted(&public(), None, " ", new(10)).unwrap_err().code, Code::Invalid);
    let held = by_handler(&handed_in(), Deed::Accept, 20).unwrap();
    assert_eq!(decided(&held, &public(), hand(HANDLER), ObjectionOutcome::Upheld, "\n", at(200), at(30)).unwrap_err().code, Code::Invalid);
}

/// How long some objections held up, by asking of every second.
fn walked(all: &[objection::Model], since: i64, now: i64) -> i64 {
    let holds = |held: &objection::Model, second: i64| {
        let until = if holds_up(held) { at(now) } else { held.settled_at.or(held.closed_at).unwrap() };
        held.submitted_at <= at(second) && at(second) < until
    };
    (since..now).filter(|second| all.iter().any(|held| holds(held, *second))).count().try_into().unwrap()
}

fn deeds() -> impl Strategy<Value = Vec<(usize, u128, bool, i64)>> {
    prop::collection::vec((0..Deed::ALL.len(), 1..5_u128, any::<bool>(), 1..90_i64), 0..30)
}

proptest! {
    /// Whatever is tried in whatever order: what is refused changes nothing, a review is asked for once, what is closed stays so,
    /// and nobody decides who may not.
    #[test]
    fn no_course_leads_astray(tried in deeds()) {
        let (mut held, mut second, mut reviews) = (handed_in(), 10, 0);
        for (which, who, upheld, passed) in tried {
            second += passed;
            if let Some(next) = closed_in_time(&held, at(second)) {
                held = next;
            }
            let (deed, before) = (Deed::ALL[which], held.clone());
            let may = matches!(deed, Deed::RequestReview | Deed::Withdraw)
                || (who != OBJECTOR && who != PUBLISHER && !(deed == Deed::DecideReview && before.handler == Some(person(who))));
            let outcome = if upheld { ObjectionOutcome::PartlyUpheld } else { ObjectionOutcome::Dismissed };
            match done(&held, deed, hand(who), outcome, at(second)) {
                Ok(next) => {
                    prop_assert!(may && deed.is_allowed(&before, at(second)));
                    prop_assert_eq!(next.version, before.version + 1);
                    reviews += usize::from(deed == Deed::RequestReview);
                    held = next;
                }
                Err(refusal) => prop_assert!(!may || !deed.is_allowed(&before, at(second)), "{:?}: {:?}", deed, refusal.code),
            }
            prop_assert!(reviews <= 1);
            prop_assert!(before.closed_at.is_none() || held.closed_at == before.closed_at);
            let is_over = matches!(held.state, ObjectionState::NotAccepted | ObjectionState::Final | ObjectionState::Withdrawn);
            prop_assert_eq!(is_over, held.closed_at.is_some());
            prop_assert!(is_over || holds_up(&held));
            prop_assert_ne!(held.handler, Some(person(OBJECTOR)));
        }
    }

    /// Of objections that overlap, each second counts once.
    #[test]
    fn the_time_lost_is_the_time_in_which_any_held_up(courses in prop::collection::vec((0..200_i64, 0..150_i64, any::<bool>()), 0..6), since in 0..200_i64) {
        let all: Vec<_> = courses
            .into_iter()
            .map(|(from, length, is_open)| {
                let held = objection::Model { submitted_at: at(from), ..handed_in() };
                if is_open { held } else { withdrawn(&held, at(from + length)).unwrap() }
            })
            .collect();
        let (since, now) = (since, 400);
        prop_assert_eq!(held_up(&all, at(since), at(now)).num_seconds(), walked(&all, since, now));
    }
}

/// Every operation has a name of its own.
#[test]
fn deeds_have_names() {
    let names: BTreeSet<_> = Deed::ALL.into_iter().map(Deed::operation).collect();
    assert_eq!(names.len(), Deed::ALL.len());
}
