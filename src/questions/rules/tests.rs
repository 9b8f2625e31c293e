//! The procedure of a question: a table of what is allowed, and random courses against it.

use chrono::TimeDelta;
use entity::listings::ListingState;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::listings::rules::tests::{at, draft, person};

/// Asks; answers for the seller; moderates.
const ASKER: u128 = 1;
const SELLER: u128 = 2;
const MODERATOR: u128 = 3;

fn public() -> listing::Model {
    listing::Model {
        state: ListingState::Published,
        registration_closes_at: Some(at("2026-03-18T16:00:00Z")),
        auction_opens_at: Some(at("2026-03-20T02:00:00Z")),
        ..draft()
    }
}

fn now() -> Timestamp {
    at("2026-03-03T02:00:00Z")
}

fn later() -> Timestamp {
    now() + TimeDelta::hours(1)
}

fn asker(places: &[OrganisationId]) -> Asker<'_> {
    Asker { person: person(ASKER), organisation: None, places, open: 0, most: 5 }
}

fn handed_in() -> question::Model {
    asked(&public(), Uuid::from_u128(9).into(), &asker(&[]), Sealed::default(), later(), now()).unwrap()
}

fn by(number: u128) -> Moderator {
    Moderator { person: person(number), is_party: false }
}

fn done(held: &question::Model, deed: Deed, by: Moderator) -> Result<question::Model, Problem> {
    match deed {
        Deed::Answer => answered(held, person(SELLER), "可以", later(), now()),
        Deed::Publish => published(held, by, "能否再许可？", now()),
        Deed::Return => returned(held, by, "答非所问", later()),
        Deed::Refuse => refused(held, by, "泄露提问人身份", now()),
        Deed::Withdraw => withdrawn(held, now()),
    }
}

#[test]
fn what_is_allowed_in_each_state() {
    use Deed::{Answer, Publish, Refuse, Return, Withdraw};
    let answered = done(&handed_in(), Answer, by(MODERATOR)).unwrap();
    let table: [(question::Model, &[Deed]); 6] = [
        (handed_in(), &[Answer, Refuse, Withdraw]),
        (answered.clone(), &[Publish, Return, Refuse, Withdraw]),
        (done(&answered, Return, by(MODERATOR)).unwrap(), &[Answer, Refuse, Withdraw]),
        (done(&answered, Publish, by(MODERATOR)).unwrap(), &[]),
        (done(&answered, Refuse, by(MODERATOR)).unwrap(), &[]),
        (done(&answered, Withdraw, by(MODERATOR)).unwrap(), &[]),
    ];
    for (held, expected) in table {
        for deed in Deed::ALL {
            let found = done(&held, deed, by(MODERATOR));
            assert_eq!(found.is_ok(), expected.contains(&deed), "{:?} {deed:?}", held.state);
            if let Err(refusal) = found {
                let allowed: Vec<_> = expected.iter().map(|deed| deed.operation()).collect();
                assert_eq!((refusal.code, &refusal.facts["allowed"]), (Code::WrongState, &json!(allowed)), "{:?} {deed:?}", held.state);
            }
        }
    }
}

#[test]
fn one_asks_while_registration_is_open() {
    let closes = public().registration_closes_at.unwrap();
    assert!(may_ask(&public(), &asker(&[]), closes - TimeDelta::microseconds(1)).is_ok());
    let late = may_ask(&public(), &asker(&[]), closes).unwrap_err();
    assert_eq!((late.code, &late.facts["closed_at"]), (Code::QuestionsClosed, &json!(closes)));
    let over = listing::Model { state: ListingState::RegistrationClosed, ..public() };
    assert_eq!(may_ask(&over, &asker(&[]), now()).unwrap_err().code, Code::QuestionsClosed);
    assert_eq!(may_ask(&draft(), &asker(&[]), now()).unwrap_err().code, Code::QuestionsClosed);
}

#[test]
fn nobody_asks_himself_nor_without_end() {
    let own = [public().organisation_id];
    assert_eq!(may_ask(&public(), &asker(&own), now()).unwrap_err().code, Code::ConflictOfInterest);
    let other = [OrganisationId(Uuid::from_u128(77))];
    assert!(may_ask(&public(), &Asker { open: 4, ..asker(&other) }, now()).is_ok());
    let many = may_ask(&public(), &Asker { open: 5, ..asker(&other) }, now()).unwrap_err();
    assert_eq!((many.code, &many.facts["limit"]), (Code::TooManyQuestions, &json!(5)));
}

#[test]
fn an_answer_is_due_before_bidding_opens() {
    let opens = at("2026-03-20T02:00:00Z");
    assert_eq!(answer_due(at("2026-03-23T16:00:00Z"), Some(opens)), opens);
    assert_eq!(answer_due(at("2026-03-05T16:00:00Z"), Some(opens)), at("2026-03-05T16:00:00Z"));
    assert_eq!(answer_due(at("2026-03-23T16:00:00Z"), None), at("2026-03-23T16:00:00Z"));
}

#[test]
fn no_party_moderates() {
    let with_the_asker = OrganisationId(Uuid::from_u128(77));
    let held = question::Model { asker_organisation_id: Some(with_the_asker), ..done(&handed_in(), Deed::Answer, by(MODERATOR)).unwrap() };
    for deed in [Deed::Publish, Deed::Return, Deed::Refuse] {
        assert_eq!(done(&held, deed, by(ASKER)).unwrap_err().code, Code::SamePerson);
        for organisation in [held.organisation_id, with_the_asker] {
            let party = Moderator::of(&held, person(MODERATOR), &[organisation]);
            assert_eq!(done(&held, deed, party).unwrap_err().code, Code::ConflictOfInterest);
            assert!(!open_to(&held, party).contains(&deed.operation()));
        }
        let neither = Moderator::of(&held, person(MODERATOR), &[OrganisationId(Uuid::from_u128(78))]);
        assert!(done(&held, deed, neither).is_ok() && open_to(&held, neither).contains(&deed.operation()));
    }
    assert!(!open_to(&held, by(MODERATOR)).contains(&"withdraw_question"), "it is not his");
}

#[test]
fn what_is_written_is_not_blank() {
    assert_eq!(asked_well(" ").unwrap_err().code, Code::Invalid);
    assert_eq!(answered(&handed_in(), person(SELLER), "\n", later(), now()).unwrap_err().code, Code::Invalid);
    assert_eq!(refused(&handed_in(), by(MODERATOR), " ", now()).unwrap_err().code, Code::Invalid);
}

#[test]
fn who_is_forgotten_asks_nothing_any_more_and_what_everybody_reads_stays() {
    let open = forgotten(&handed_in(), Sealed::default(), later());
    assert_eq!((open.state, open.closed_at), (QuestionState::Withdrawn, Some(later())));
    let answered = done(&handed_in(), Deed::Answer, by(MODERATOR)).unwrap();
    let public = done(&answered, Deed::Publish, by(MODERATOR)).unwrap();
    let left = forgotten(&public, Sealed::default(), later());
    assert_eq!((left.state, left.published_words.as_deref()), (QuestionState::Published, Some("能否再许可？")));
}

proptest! {
    /// Whatever is tried in whatever order: what is refused changes nothing, what everybody reads was answered and looked at by somebody
    /// else than who asked, and what is closed stays so.
    #[test]
    fn no_course_leads_astray(tried in prop::collection::vec((0..Deed::ALL.len(), 1..5_u128), 0..20)) {
        let mut held = handed_in();
        for (which, who) in tried {
            let before = held.clone();
            match done(&held, Deed::ALL[which], by(who)) {
                Ok(next) => {
                    prop_assert!(is_open(before.state), "{:?} was over", before.state);
                    prop_assert_eq!(next.version, before.version + 1);
                    held = next;
                }
                Err(refusal) => prop_assert!(matches!(refusal.code, Code::WrongState | Code::SamePerson)),
            }
            prop_assert_eq!(is_open(held.state), held.closed_at.is_none());
            prop_assert_eq!(is_open(held.state), held.due_at.is_some());
            prop_assert_eq!(held.published_words.is_some(), held.state == QuestionState::Published);
            prop_assert!(held.published_words.is_none() || (held.answer.is_some() && held.moderator.is_some()));
            prop_assert!(held.moderator != Some(person(ASKER)));
        }
    }
}
