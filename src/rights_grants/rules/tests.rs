//! The rules of grants, one by one.

#![allow(clippy::unwrap_used)]

use chrono::NaiveDate;
use entity::achievements::achievement;
use entity::identity::SellerClass;
use entity::ids::{AssetId, DocumentId, NoticeId, RightsGrantId};
use entity::rights_grants::{RightsGrantState, rights_grant};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::examples::{at, member, officer, open, person, share, use_right};
use super::machine::{self, Decision, Deed, Hand};
use super::notice::{Announcement, grant_notice};
use super::terms::{
    GrantDeclarations, Granted, NewRegisterEntry, TeamMember, declared, entered_well, granted_well, leaves_a_share, long_enough, may_grant,
    team_is_whole, team_of,
};
use crate::documents::views::DocumentRef;
use crate::listings::rules::tests as listings;
use crate::notices::rules::attachment::{Attachment, AttachmentKind};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;
use crate::rulebook::rules::shipped::RULEBOOK;

const NOTICE: NoticeId = NoticeId(Uuid::from_u128(9));

fn rules() -> Snapshot {
    RULEBOOK.snapshot(SellerClass::State, "2026-03-03".parse().unwrap())
}

fn decision() -> Decision {
    Decision { document: json!({}), rules: json!({}), text: "{}".into(), by_second: true }
}

fn decided(granted: Granted) -> rights_grant::Model {
    machine::decided(&open(granted), &member(11), decision(), at(20)).unwrap()
}

fn noticed(granted: Granted) -> rights_grant::Model {
    machine::published(&decided(granted), &officer(30), NOTICE).unwrap()
}

fn entry(on: NaiveDate) -> NewRegisterEntry {
    NewRegisterEntry { registry_date: on, registry_document: "2026042000123450".into() }
}

fn today() -> NaiveDate {
    at(60).date_naive()
}

fn code<T: std::fmt::Debug>(tried: Result<T, Problem>) -> Code {
    tried.unwrap_err().code
}

#[test]
fn a_right_to_use_is_theirs_with_the_agreement() {
    let shown = machine::notice_shown(&noticed(use_right(120)), json!({})).unwrap();
    let done = machine::agreed(&shown, person(10), json!({}), at(50)).unwrap();
    assert_eq!((done.state, done.agreed_by, done.agreed_at), (RightsGrantState::Effective, Some(person(10)), Some(at(50))));
    assert!(machine::allowed(done.state).is_empty(), "what they have is not withdrawn");
}

#[test]
fn a_share_is_theirs_once_the_register_shows_it() {
    let waits = machine::agreed(&noticed(share(3_000)), person(10), json!({}), at(50)).unwrap();
    assert_eq!(waits.state, RightsGrantState::Agreed);
    let done = machine::registered(&waits, person(10), entry(today()), at(60)).unwrap();
    assert_eq!((done.state, done.registry_date, done.registered_by), (RightsGrantState::Effective, Some(today()), Some(person(10))));
}

#[test]
fn whoever_proposes_does_not_decide_where_the_rules_want_another() {
    assert_eq!(code(machine::may_decide(&open(share(1)), &member(10), true)), Code::SamePerson);
    assert!(machine::may_decide(&open(share(1)), &member(10), false).is_ok());
    assert!(machine::may_decide(&open(share(1)), &member(11), true).is_ok());
    assert_eq!(rules().flag("rights_grant_second_decider"), Ok(true));
}

#[test]
fn nobody_publishes_who_sits_with_the_unit_or_had_a_hand_in_it() {
    let held = decided(share(1));
    let tied = Hand { sits_with_unit: true, ..officer(30) };
    assert_eq!(code(machine::published(&held, &tied, NOTICE)), Code::ConflictOfInterest);
    for hand in [10, 11] {
        assert_eq!(code(machine::published(&held, &officer(hand), NOTICE)), Code::SamePerson);
    }
    assert_eq!(machine::hands(&held), [10, 11].map(person));
    assert_eq!(code(machine::withdrawn(&held, &tied, "x", at(30))), Code::ConflictOfInterest);
}

#[test]
fn what_somebody_may_do_is_what_the_rules_let_him() {
    let may = |held: &rights_grant::Model, by: &Hand, awaits| machine::open_to(held, by, awaits, true);
    assert_eq!(may(&open(share(1)), &member(10), false), ["withdraw_rights_grant"]);
    assert_eq!(may(&open(share(1)), &member(11), false), ["decide_rights_grant", "withdraw_rights_grant"]);
    assert_eq!(may(&decided(share(1)), &officer(30), false), ["publish_rights_grant", "withdraw_rights_grant"]);
    assert_eq!(may(&noticed(share(1)), &member(10), true), ["show_rights_grant_notice", "withdraw_rights_grant"]);
    let all = ["show_rights_grant_notice", "agree_rights_grant", "withdraw_rights_grant"];
    assert_eq!(may(&noticed(share(1)), &member(10), false), all);
}

#[test]
fn a_deed_in_the_wrong_state_names_those_that_are_right() {
    let problem = machine::require(&decided(share(1)), Deed::Agree).unwrap_err();
    assert_eq!(problem.code, Code::WrongState);
    assert_eq!(problem.facts["allowed"], json!(["publish_rights_grant", "withdraw_rights_grant"]));
    let over = machine::withdrawn(&noticed(share(1)), &member(10), "团队放弃", at(60)).unwrap();
    assert_eq!((over.state, over.end_reason.as_deref()), (RightsGrantState::Ended, Some("团队放弃")));
    assert_eq!(code(machine::withdrawn(&noticed(share(1)), &member(10), " ", at(60))), Code::Invalid);
}

#[test]
fn only_state_bodies_grant_rights_so() {
    assert!(may_grant(SellerClass::State).is_ok());
    for class in [SellerClass::Soe, SellerClass::Private, SellerClass::Person, SellerClass::Rehearsal] {
        let problem = may_grant(class).unwrap_err();
        assert_eq!((problem.code, &problem.facts["mechanism"]), (Code::MechanismNotAllowed, &json!("rights_grant")), "{class:?}");
    }
}

#[test]
fn everything_that_is_not_declared_is_named() {
    let all = GrantDeclarations { secret_level_none: true, no_dispute: true, no_third_party_rights: true };
    assert!(declared(all).is_ok());
    let problem = declared(GrantDeclarations { secret_level_none: false, no_dispute: false, ..all }).unwrap_err();
    let pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!((problem.code, pointers), (Code::DeclarationMissing, vec!["/declarations/secret_level_none", "/declarations/no_dispute"]));
}

#[test]
fn a_share_has_a_size_and_a_right_to_use_a_length() {
    let fault = |granted: Granted| granted_well(&granted).unwrap_err().errors[0].pointer.clone();
    assert!(granted_well(&share(1)).is_ok() && granted_well(&share(9_999)).is_ok() && granted_well(&use_right(120)).is_ok());
    for share_bp in [0, 10_000, -1] {
        assert_eq!(fault(share(share_bp)), "/share_bp", "all of it would be no share");
    }
    for months in [0, 1_201] {
        assert_eq!(fault(use_right(months)), "/use_months");
    }
    assert_eq!(fault(Granted { share_bp: Some(1), ..use_right(120) }), "/share_bp");
    assert_eq!(fault(Granted { use_months: Some(120), ..share(1) }), "/use_months");
    assert_eq!(fault(Granted { share_bp: None, ..share(1) }), "/share_bp");
    assert_eq!(fault(Granted { use_months: None, ..use_right(1) }), "/use_months");
}

#[test]
fn a_right_to_use_is_granted_for_ten_years_at_least() {
    assert!(long_enough(&use_right(120), &rules()).is_ok() && long_enough(&share(1), &rules()).is_ok());
    let problem = long_enough(&use_right(108), &rules()).unwrap_err();
    assert_eq!((problem.code, &problem.facts["name"]), (Code::OutsideRule, &json!("rights_grant_least_use")));
    assert_eq!((&problem.facts["min"], problem.errors[0].pointer.as_str()), (&json!("120mo"), "/use_months"));
}

fn team(parts: &[i32]) -> Vec<TeamMember> {
    parts.iter().enumerate().map(|(index, share_bp)| TeamMember { name: format!("完成人{index}"), share_bp: *share_bp }).collect()
}

fn completers(number: usize) -> Value {
    (0..number).map(|index| format!("完成人{index}")).collect()
}

#[test]
fn a_team_is_of_the_completers_each_once() {
    assert!(team_is_whole(&team(&[6_000, 4_000]), &completers(3)).is_ok(), "a completer may want none of it");
    let fault = |team: &[TeamMember], known| team_is_whole(team, &completers(known)).unwrap_err().errors[0].pointer.clone();
    assert_eq!(fault(&team(&[6_000, 4_000]), 1), "/team/1/name");
    assert_eq!(fault(&[], 1), "/team");
    let twice = [team(&[5_000]), team(&[5_000])].concat();
    assert_eq!(fault(&twice, 1), "/team");
    assert_eq!(team_of(&open(share(1))).unwrap(), [TeamMember { name: "王某".into(), share_bp: 10_000 }]);
}

#[test]
fn the_register_shows_a_share_between_the_agreement_and_today() {
    let judge = |on: NaiveDate| entered_well(&entry(on), at(0), at(2 * 86_400));
    let first = crate::rulebook::rules::shanghai_date(at(0));
    assert!(first.iter_days().take(3).all(|on| judge(on).is_ok()));
    for on in [first.pred_opt().unwrap(), first.iter_days().nth(3).unwrap()] {
        assert_eq!(judge(on).unwrap_err().errors[0].pointer, "/registry_date");
    }
    let unnamed = NewRegisterEntry { registry_document: " ".into(), ..entry(first) };
    assert_eq!(entered_well(&unnamed, at(0), at(0)).unwrap_err().errors[0].pointer, "/registry_document");
}

fn do_it(held: &rights_grant::Model, deed: Deed) -> Result<rights_grant::Model, Problem> {
    match deed {
        Deed::Decide => machine::decided(held, &member(11), decision(), at(20)),
        Deed::Publish => machine::published(held, &officer(30), NOTICE),
        Deed::ShowNotice => machine::notice_shown(held, json!({})),
        Deed::Agree => machine::agreed(held, person(10), json!({}), at(50)),
        Deed::Register => machine::registered(held, person(10), entry(today()), at(60)),
        Deed::Withdraw => machine::withdrawn(held, &member(10), "团队放弃", at(70)),
    }
}

proptest! {
    /// Whatever is tried in whatever order: what the state does not allow is refused with what it does, and nothing is agreed on that was
    /// not announced, nor announced that was not decided.
    #[test]
    fn an_illegal_deed_is_refused_in_every_state(deeds in prop::collection::vec(0..Deed::ALL.len(), 1..40), is_share in any::<bool>()) {
        let mut held = open(if is_share { share(3_000) } else { use_right(120) });
        for deed in deeds.into_iter().map(|index| Deed::ALL[index]) {
            let is_legal = machine::allowed(held.state).contains(&deed.operation());
            match do_it(&held, deed) {
                Ok(next) => {
                    prop_assert!(is_legal);
                    prop_assert_eq!(next.version, held.version + 1);
                    held = next;
                }
                Err(problem) => {
                    prop_assert!(!is_legal);
                    prop_assert_eq!(problem.code, Code::WrongState);
                    prop_assert_eq!(&problem.facts["allowed"], &json!(machine::allowed(held.state)));
                }
            }
            let is = |states: &[RightsGrantState]| states.contains(&held.state);
            prop_assert!(!is(&[RightsGrantState::Agreed, RightsGrantState::Effective]) || held.agreed_by.is_some());
            prop_assert!(held.agreed_by.is_none() || (held.notice_id.is_some() && held.published_by.is_some()));
            prop_assert!(held.notice_id.is_none() || held.decided_by.is_some());
            prop_assert!(!is_share || held.state != RightsGrantState::Effective || held.registry_date.is_some());
        }
    }

    /// A team is taken exactly if each has a part and all parts make the whole.
    #[test]
    fn the_parts_of_a_team_make_the_whole(mut parts in prop::collection::vec(-1_000..10_000_i32, 1..8), mend in any::<bool>()) {
        if mend {
            let others: i32 = parts[1..].iter().sum();
            parts[0] = 10_000 - others;
        }
        let is_whole = parts.iter().sum::<i32>() == 10_000 && parts.iter().all(|part| (1..=10_000).contains(part));
        prop_assert_eq!(team_is_whole(&team(&parts), &completers(parts.len())).is_ok(), is_whole);
    }
}

#[test]
fn shares_granted_before_leave_the_unit_a_share() {
    let asset = |number: u128| AssetId(Uuid::from_u128(number));
    let grant = RightsGrantId(Uuid::from_u128(77));
    let of = |parts: i32| open(share(parts));
    let granted = [(asset(1), grant, 3_000), (asset(1), grant, 2_000), (asset(2), grant, 4_000)];
    assert_eq!(leaves_a_share(&of(4_999), &granted), Ok(()));
    let refused = leaves_a_share(&of(5_000), &granted).unwrap_err();
    assert_eq!((refused.code, &refused.facts["rights_grant_id"]), (Code::AssetHeld, &json!(grant)));
    assert_eq!(leaves_a_share(&of(9_999), &[]), Ok(()));
}

/// What is announced of a grant.
fn told(held: &rights_grant::Model, achievement: &achievement::Model) -> Value {
    let (unit, assets, team) = (listings::seller(), [listings::asset(1)], team_of(held).unwrap());
    let document = DocumentRef { id: DocumentId(Uuid::from_u128(9)), version: 1, sha256: "ab".repeat(32), title: "纪要".into() };
    let decision = Attachment { kind: AttachmentKind::Decision, document };
    grant_notice(&Announcement { held, team: &team, unit: &unit, achievement, assets: &assets, decision, rules: &rules() })
}

#[test]
fn the_title_in_english_is_that_of_the_achievement_unless_another_is_given() {
    let known = achievement::Model { title_en: Some("A method".into()), ..listings::achievement() };
    let said = told(&open(share(1)), &known);
    assert_eq!((&said["title"], &said["title_en"]), (&json!(known.title), &json!("A method")));
    assert_eq!((&said["summary"], &said["summary_en"]), (&json!("降低能耗"), &json!("Saves energy")));
    let given = rights_grant::Model { title_en: Some("A better title".into()), ..open(share(1)) };
    assert_eq!(told(&given, &known)["title_en"], "A better title");
    let unsaid = rights_grant::Model { summary_en: None, ..open(share(1)) };
    let said = told(&unsaid, &listings::achievement());
    assert_eq!([said.get("title_en"), said.get("summary_en")], [Some(&Value::Null); 2], "an erratum may set them");
}
