//! What is proposed about a published listing, and who does it.

use entity::ids::{ListingAmendmentId, ListingId};
use entity::listings::ListingState;
use serde_json::json;
use uuid::Uuid;

use super::super::tests::{at, draft, offer, person};
use super::*;

const CLOSES: &str = "2026-03-18T16:00:00Z";

fn published_listing() -> listing::Model {
    listing::Model {
        state: ListingState::Published,
        submitted_by: Some(person(2)),
        reviewer: Some(person(3)),
        registration_closes_at: Some(at(CLOSES)),
        auction_opens_at: Some(at("2026-03-20T02:00:00Z")),
        ..draft()
    }
}

fn proposed() -> listing_amendment::Model {
    listing_amendment::Model {
        id: ListingAmendmentId(Uuid::from_u128(5)),
        listing_id: ListingId(Uuid::from_u128(6)),
        organisation_id: draft().organisation_id,
        state: AmendmentState::Open,
        offer: json!({}),
        reserve_sealed: None,
        decision_document: None,
        rules: json!({}),
        drafted: "{}".into(),
        drafted_sha256: vec![0; 32],
        base_version: 1,
        reason: "重新评估".into(),
        proposed_by: person(6),
        proposed_at: at("2026-03-10T02:00:00Z"),
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        lot_id: None,
        version: 1,
    }
}

fn officer(number: u128) -> Officer {
    Officer { person: person(number), sits_with_seller: false }
}

#[test]
fn one_thing_is_proposed_at_a_time_while_anybody_may_register() {
    let held = published_listing();
    let code = |held: &listing::Model, open: Option<&listing_amendment::Model>| may_be_proposed(held, open).map_err(|problem| problem.code);
    assert_eq!(code(&held, None), Ok(()));
    assert_eq!(code(&held, Some(&proposed())), Err(Code::ProposalOpen));
    for state in ListingState::ALL.iter().copied().filter(|state| *state != ListingState::Published) {
        let held = listing::Model { state, ..held.clone() };
        assert_eq!(code(&held, None), Err(Code::WrongState), "{state:?}");
    }
}

#[test]
fn a_second_person_without_a_hand_in_it_publishes() {
    let held = published_listing();
    let code = |by: Officer| may_publish(&proposed(), &held, by).map_err(|problem| problem.code);
    assert_eq!(code(officer(4)), Ok(()));
    for hand in [1, 2, 3, 6] {
        assert_eq!(code(officer(hand)), Err(Code::SamePerson), "author, submitter, reviewer, proposer: {hand}");
    }
    assert_eq!(code(Officer { sits_with_seller: true, ..officer(4) }), Err(Code::ConflictOfInterest));
    let closed = listing::Model { state: ListingState::RegistrationClosed, ..held.clone() };
    assert_eq!(may_publish(&proposed(), &closed, officer(4)).unwrap_err().code, Code::WrongState);
}

#[test]
fn what_was_drafted_from_another_text_is_drafted_again() {
    assert_eq!(stands_on(&proposed(), 1), Ok(()));
    let outdated = stands_on(&proposed(), 2).unwrap_err();
    assert_eq!((outdated.code, &outdated.facts["state"]), (Code::WrongState, &json!("outdated")));
}

#[test]
fn a_decision_alone_is_nothing_new() {
    let text = json!({"title": "甲", "attachments": [{"kind": "basis", "sha256": "a"}]});
    let decided = json!({"title": "甲", "attachments": [{"kind": "basis", "sha256": "a"}, {"kind": "decision", "sha256": "b"}]});
    let appraised = json!({"title": "甲", "attachments": [{"kind": "basis", "sha256": "c"}]});
    assert!(says_the_same(&text, &decided) && says_the_same(&decided, &text));
    assert!(!says_the_same(&text, &appraised) && !says_the_same(&text, &json!({"title": "乙", "attachments": []})));
}

#[test]
fn it_is_decided_once() {
    let now = at("2026-03-11T02:00:00Z");
    let lot = LotId(Uuid::from_u128(9));
    let done = published(&proposed(), person(4), lot, now);
    assert_eq!((done.state, done.lot_id, done.decided_by), (AmendmentState::Published, Some(lot), Some(person(4))));
    let back = refused(&proposed(), person(6), "撤回", now).unwrap();
    assert_eq!((back.state, back.decision_reason.as_deref()), (AmendmentState::Refused, Some("撤回")));
    let overtaken = overtaken(&proposed(), "报名已截止", now);
    assert_eq!((overtaken.state, overtaken.decided_by, overtaken.decided_at), (AmendmentState::Refused, None, Some(now)));
    assert_eq!(hands(std::slice::from_ref(&done)), [person(6), person(4)]);
    for over in [done, back, overtaken] {
        assert_eq!(may_publish(&over, &published_listing(), officer(4)).unwrap_err().code, Code::WrongState);
        assert_eq!(may_refuse(&over, officer(4), true).unwrap_err().code, Code::WrongState);
        assert!(open_to(&over, &published_listing(), officer(4), true).is_empty());
    }
    assert_eq!(refused(&proposed(), person(6), " ", now).unwrap_err().code, Code::Invalid);
}

#[test]
fn its_seller_takes_it_back_and_no_officer_of_the_sellers_refuses_it() {
    let insider = Officer { sits_with_seller: true, ..officer(4) };
    assert!(may_refuse(&proposed(), insider, false).is_ok());
    assert_eq!(may_refuse(&proposed(), insider, true).unwrap_err().code, Code::ConflictOfInterest);
    assert_eq!(open_to(&proposed(), &published_listing(), officer(4), true), ["publish_listing_amendment", "refuse_listing_amendment"]);
}

#[test]
fn another_matter_is_another_listing() {
    let pointers = |change: fn(&mut Offer)| {
        let mut after = offer();
        change(&mut after);
        same_matter(&offer(), &after).map_err(|problem| problem.errors[0].pointer.clone())
    };
    assert_eq!(pointers(|after| after.title = "另一名称".into()), Ok(()));
    assert_eq!(pointers(|after| after.achievement_id = Uuid::from_u128(99).into()), Err("/offer/achievement_id".into()));
    assert_eq!(pointers(|after| after.rehearsal = !after.rehearsal), Err("/offer/rehearsal".into()));
    assert_eq!(pointers(|after| after.contact.office = "别处".into()), Err("/offer/contact".into()));
}

#[test]
fn dates_that_were_told_come_no_nearer() {
    let held = published_listing();
    let timing = |closes: &str| Timing { registration_closes_at: at(closes), auction_opens_at: at("2026-04-20T02:00:00Z") };
    assert_eq!(comes_no_nearer(&held, timing(CLOSES)), Ok(()));
    let nearer = comes_no_nearer(&held, timing("2026-03-17T16:00:00Z")).unwrap_err();
    assert_eq!((nearer.code, &nearer.facts["min"]), (Code::OutsideRule, &json!(at(CLOSES))));
}
