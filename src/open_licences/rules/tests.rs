//! The rules of open licences, one by one.

#![allow(clippy::unwrap_used)]

use entity::achievements::{AssetKind, LegalStatus};
use entity::encumbrances::{BurdenKind, IntendedDeed};
use entity::identity::SellerClass;
use entity::ids::{AssetId, LicenceGrantId, NoticeId, OpenLicenceId, RightsGrantId};
use entity::money::Money;
use entity::open_licences::{FeeStandard, OpenLicenceState, open_licence};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::examples::{DRAFTED, day, member, new, officer, open, said};
use super::gates::{self, Case};
use super::machine::{self, Deed, Hand, Submission};
use super::notice::{Announcement, licence_notice};
use super::terms::{
    CnipaOutcome, NewCnipaAnnouncement, NewCnipaDecision, NewOpenLicence, OpenLicenceDeclarations, announced_well, decided_well, declared,
    fee_of, of_a_patent, said_well,
};
use crate::achievements::store::AssetFacts;
use crate::encumbrances::rules::tests::{burden, stands_of};
use crate::encumbrances::rules::{Finding, Intended, Standing, verdicts};
use crate::licences::rules::matrix::Cure;
use crate::licences::views::InTheWay;
use crate::listings::rules::tests::{achievement, asset, at, calendar, owner, person, rules, seller};
use crate::platform::problem::{Code, Problem};

const NOTICE: NoticeId = NoticeId(Uuid::from_u128(9));

fn submission() -> Submission {
    Submission { rules: json!({}), text: "{}".into() }
}

fn submitted() -> open_licence::Model {
    machine::submitted(&open(person(10)), person(11), submission(), at(DRAFTED)).unwrap()
}

fn announced() -> open_licence::Model {
    machine::published(&submitted(), &officer(30), NOTICE).unwrap()
}

fn entry() -> NewCnipaAnnouncement {
    NewCnipaAnnouncement { number: "KF2026330000123".into(), announced_on: day("2026-03-02") }
}

/// What the patent office decides against one.
fn decision(outcome: CnipaOutcome) -> NewCnipaDecision {
    NewCnipaDecision { outcome, number: "1".into(), decided_on: day("2026-03-02"), reason: "不符合规定".into() }
}

fn code<T: std::fmt::Debug>(tried: Result<T, Problem>) -> Code {
    tried.unwrap_err().code
}

fn pointers(tried: Result<(), Problem>) -> Vec<String> {
    tried.unwrap_err().errors.into_iter().map(|fault| fault.pointer).collect()
}

// ---- What is said ----

fn tried(change: impl FnOnce(&mut NewOpenLicence)) -> Result<(), Problem> {
    let mut new = new();
    change(&mut new);
    said_well(&new, day("2026-03-03"))
}

#[test]
fn everything_that_is_not_declared_is_named() {
    let all = new().declarations;
    assert!(declared(all).is_ok());
    let none =
        OpenLicenceDeclarations { no_exclusive_licence: false, not_suspended: false, annuities_paid: false, no_other_obstacle: false };
    assert_eq!(code(declared(none)), Code::DeclarationMissing);
    let named =
        ["no_exclusive_licence", "not_suspended", "annuities_paid", "no_other_obstacle"].map(|name| format!("/declarations/{name}"));
    assert_eq!(pointers(declared(none)), named);
}

#[test]
fn a_licence_costs_something() {
    assert!(tried(|_| {}).is_ok());
    let royalty =
        |rate_bp, entry_fee: Option<i64>| FeeStandard::Royalty {
            rate_bp, entry_fee: entry_fee.map(Money::fen), base: "净销售额".into()
        };
    for fee in [royalty(1, None), royalty(10_000, Some(1)), FeeStandard::OneOff { amount: Money::fen(1) }] {
        assert!(tried(|new| new.fee = fee).is_ok());
    }
    for (fee, pointer) in [
        (FeeStandard::OneOff { amount: Money::fen(0) }, "/fee/amount"),
        (FeeStandard::PerYear { amount: Money::fen(0) }, "/fee/amount"),
        (royalty(0, None), "/fee/rate_bp"),
        (royalty(10_001, None), "/fee/rate_bp"),
        (royalty(1, Some(0)), "/fee/entry_fee"),
        (FeeStandard::Royalty { rate_bp: 1, entry_fee: None, base: " ".into() }, "/fee/base"),
    ] {
        assert_eq!(pointers(tried(|new| new.fee = fee)), [pointer]);
    }
}

#[test]
fn praise_is_refused_where_it_stands() {
    assert_eq!(pointers(tried(|new| new.payment = "本技术国际领先，许可费面议".into())), ["/payment"]);
    assert_eq!(pointers(tried(|new| new.other = Some("填补空白".into()))), ["/other"]);
    let fee = FeeStandard::Royalty { rate_bp: 1, entry_fee: None, base: "首创产品的销售额".into() };
    let problem = tried(|new| new.fee = fee).unwrap_err();
    assert_eq!(
        (problem.code, problem.errors[0].pointer.as_str(), problem.errors[0].code.as_str()),
        (Code::Invalid, "/fee/base", "promotional")
    );
}

#[test]
fn licences_end_after_they_begin_and_not_before_today() {
    assert_eq!(pointers(tried(|new| new.term_until = new.term_from)), ["/term_until"]);
    let past = tried(|new| (new.term_from, new.term_until) = (day("2025-01-01"), day("2026-03-03")));
    assert_eq!(pointers(past), ["/term_until"]);
    assert!(tried(|new| (new.term_from, new.term_until) = (day("2025-01-01"), day("2026-03-04"))).is_ok());
    assert_eq!(pointers(tried(|new| new.term_from = day("1969-12-31"))), ["/term_from"]);
}

#[test]
fn only_a_patent_is_licensed_so_and_no_longer_than_it_lasts() {
    let patent = asset(1).asset;
    assert!(of_a_patent(&patent, day("2040-06-19")).is_ok());
    assert_eq!(pointers(of_a_patent(&patent, day("2040-06-20"))), ["/term_until"]);
    for kind in [AssetKind::PatentApplication, AssetKind::Software, AssetKind::TradeSecret] {
        let other = entity::achievements::asset::Model { kind, ..patent.clone() };
        assert_eq!(pointers(of_a_patent(&other, day("2031-04-01"))), ["/asset_id"], "{kind:?}");
    }
}

#[test]
fn the_office_announced_it_by_today() {
    let judge = |on: &str| announced_well(&NewCnipaAnnouncement { announced_on: day(on), ..entry() }, day("2026-03-03"));
    assert!(judge("2026-03-03").is_ok());
    assert_eq!(pointers(judge("2026-03-04")), ["/announced_on"]);
    let later = NewCnipaDecision { decided_on: day("2026-03-04"), ..decision(CnipaOutcome::NotAccepted) };
    assert_eq!(pointers(decided_well(&later, day("2026-03-03"))), ["/decided_on"]);
    let unnamed = NewCnipaAnnouncement { number: " ".into(), ..entry() };
    assert_eq!(pointers(announced_well(&unnamed, day("2026-03-03"))), ["/number"]);
}

// ---- The gates ----

struct Scene {
    held: open_licence::Model,
    patent: AssetFacts,
    held_alone: Vec<AssetId>,
    granted: Vec<(AssetId, RightsGrantId)>,
    declared_open: Vec<(AssetId, OpenLicenceId)>,
    burdens: Vec<Finding>,
    in_the_way: Vec<InTheWay>,
    now: &'static str,
}

fn scene() -> Scene {
    Scene {
        held: open(person(10)),
        patent: asset(1),
        held_alone: Vec::new(),
        granted: Vec::new(),
        declared_open: Vec::new(),
        burdens: Vec::new(),
        in_the_way: Vec::new(),
        now: DRAFTED,
    }
}

impl Scene {
    fn judge(&self, gate: fn(&Case) -> Result<(), Problem>) -> Result<(), Problem> {
        gate(&Case {
            held: &self.held,
            patentee: &seller(),
            patent: &self.patent,
            held_alone: &self.held_alone,
            granted: &self.granted,
            shared: false,
            declared_open: &self.declared_open,
            burdens: &self.burdens,
            in_the_way: &self.in_the_way,
            rules: &rules(SellerClass::State),
            calendar: &calendar(),
            now: at(self.now),
        })
    }

    fn refused(&self) -> Code {
        code(self.judge(gates::submission))
    }

    fn with_status(status: LegalStatus) -> Self {
        let mut scene = scene();
        scene.patent.status.as_mut().unwrap().status = status;
        scene
    }
}

#[test]
fn a_burden_that_is_entered_is_in_the_way_unless_its_pledgee_consents() {
    let by = seller();
    let burdened = |kind| {
        let standing = [Standing { burdens: vec![stands_of(burden(1, kind))], ..Standing::unburdened(&asset(1)) }];
        let intended = Intended { deed: IntendedDeed::OpenDeclaration, abroad: false, by: &by };
        verdicts(&standing, &intended, day("2026-03-03")).into_iter().filter(|found| found.burden.is_some()).collect()
    };
    let mut scene = Scene { burdens: burdened(BurdenKind::Pledge), ..scene() };
    assert_eq!([gates::submission, gates::publication].map(|gate| code(scene.judge(gate))), [Code::StatusForbids; 2]);
    scene.held.pledgee_consent_document = Some(json!({}));
    assert_eq!([scene.judge(gates::submission), scene.judge(gates::publication)], [Ok(()), Ok(())]);
    scene.burdens = burdened(BurdenKind::Preservation);
    assert_eq!(scene.refused(), Code::StatusForbids, "a court lifts it, and no paper of a pledgee");
}

#[test]
fn a_sound_declaration_passes_both_times() {
    assert_eq!(scene().judge(gates::submission), Ok(()));
    assert_eq!(scene().judge(gates::publication), Ok(()));
    for status in [LegalStatus::InvalidationPending, LegalStatus::PartiallyInvalid] {
        assert_eq!(Scene::with_status(status).judge(gates::submission), Ok(()), "{status:?}");
    }
}

#[test]
fn what_is_not_granted_suspended_or_not_paid_for_is_not_licensed_so() {
    use LegalStatus::{
        Abandoned, AnnuityGrace, CeasedNonpayment, Expired, FiledUnpublished, InExam, Invalidated, Published, SecretPatent, Suspended,
    };
    for status in
        [Abandoned, AnnuityGrace, CeasedNonpayment, Expired, FiledUnpublished, InExam, Invalidated, Published, SecretPatent, Suspended]
    {
        for gate in [gates::submission, gates::publication] {
            let problem = Scene::with_status(status).judge(gate).unwrap_err();
            assert_eq!((problem.code, &problem.facts["legal_status"]), (Code::StatusForbids, &json!(status)), "{status:?}");
        }
    }
}

#[test]
fn a_status_is_read_lately() {
    let stale = Scene { now: "2026-03-09T02:00:00Z", ..scene() };
    for gate in [gates::submission, gates::publication] {
        assert_eq!(code(stale.judge(gate)), Code::ListingNotReady);
    }
}

#[test]
fn a_patent_whose_term_is_over_is_not_licensed() {
    let mut scene = scene();
    scene.patent.asset.expires_on = Some(day("2026-03-03"));
    let problem = scene.judge(gates::submission).unwrap_err();
    assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::StatusForbids, "/term_until"));
}

#[test]
fn who_owns_it_with_others_does_not_declare_alone() {
    let mut scene = scene();
    scene.patent.owners = vec![owner(1, "浙江大学", 6_000), owner(2, "某企业", 4_000)];
    let problem = scene.judge(gates::submission).unwrap_err();
    assert_eq!((problem.code, problem.errors[0].code.as_str()), (Code::DeclarationMissing, "co_owned"));
}

#[test]
fn a_utility_model_and_a_design_need_their_report() {
    for kind in [AssetKind::UtilityModel, AssetKind::Design] {
        let mut scene = scene();
        scene.patent.asset.kind = kind;
        let problem = scene.judge(gates::submission).unwrap_err();
        assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::DeclarationMissing, "/evaluation_document_id"));
        scene.held.evaluation_document = Some(json!({}));
        assert_eq!(scene.judge(gates::submission), Ok(()), "{kind:?}");
    }
}

#[test]
fn what_is_pledged_needs_the_consent_of_the_pledgee() {
    let mut scene = scene();
    scene.held.pledged = true;
    let problem = scene.judge(gates::submission).unwrap_err();
    assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::DeclarationMissing, "/pledgee_consent_document_id"));
    scene.held.pledgee_consent_document = Some(json!({}));
    assert_eq!(scene.judge(gates::submission), Ok(()));
}

#[test]
fn every_word_of_praise_is_named() {
    let problem = tried(|new| new.payment = "独家技术，国际先进，首创".into()).unwrap_err();
    assert_eq!(problem.errors.len(), 1);
    for word in ["独家", "国际先进", "首创"] {
        assert!(problem.errors[0].zh.contains(word), "{word}");
    }
}

#[test]
fn what_somebody_has_alone_or_is_declared_already_is_not_free() {
    let id = asset(1).asset.id;
    let (grant, licence) = (RightsGrantId(Uuid::from_u128(8)), OpenLicenceId(Uuid::from_u128(8)));
    for (taken, fact, by) in [
        (Scene { held_alone: vec![id], ..scene() }, "asset_ids", json!([id])),
        (Scene { granted: vec![(id, grant)], ..scene() }, "rights_grant_id", json!(grant)),
        (Scene { declared_open: vec![(id, licence)], ..scene() }, "open_licence_id", json!(licence)),
    ] {
        for gate in [gates::submission, gates::publication] {
            let problem = taken.judge(gate).unwrap_err();
            assert_eq!((problem.code, &problem.facts[fact]), (Code::AssetHeld, &by));
        }
    }
}

#[test]
fn what_somebody_is_licensed_alone_is_not_declared_to_all() {
    let in_the_way = vec![InTheWay { licence_id: LicenceGrantId(Uuid::from_u128(7)), cure: Cure::OtherScope }];
    let scene = Scene { in_the_way: in_the_way.clone(), ..scene() };
    for gate in [gates::submission, gates::publication] {
        let problem = scene.judge(gate).unwrap_err();
        assert_eq!((problem.code, &problem.facts["conflicts"]), (Code::LicenceConflict, &json!(in_the_way)));
    }
}

#[test]
fn every_fault_is_named_under_the_code_of_the_first() {
    let mut scene = Scene::with_status(LegalStatus::AnnuityGrace);
    scene.patent.asset.kind = AssetKind::Design;
    scene.patent.owners = vec![owner(1, "某企业", 10_000)];
    assert_eq!(scene.refused(), Code::StatusForbids);
    assert_eq!(pointers(scene.judge(gates::submission)), ["/asset_id", "/evaluation_document_id"]);
}

// ---- What is announced ----

#[test]
fn a_notice_says_what_the_law_asks_for_and_how_a_licence_is_had() {
    let held = open(person(10));
    let content = licence_notice(&Announcement {
        held: &held,
        fee: &fee_of(&held).unwrap(),
        patentee: &seller(),
        achievement: &achievement(),
        patent: &asset(1),
        attachments: &[],
        rules: &rules(SellerClass::State),
    });
    assert_eq!((&content["patentee"]["name"], &content["patent"]["identifier"]), (&json!("浙江大学"), &json!("202010566088.9")));
    assert_eq!((&content["fee"]["zh"], &content["fee"]["amount"]["amount"]), (&json!("按年支付"), &json!("10000.00")));
    assert_eq!((&content["term"]["from"], &content["term"]["to"]), (&json!("2026-04-01"), &json!("2031-04-01")));
    for said in ["acceptance", "withdrawal", "annuity", "false_papers", "disputes", "runs", "objections"] {
        assert!(content[said]["zh"].is_string() && content[said]["en"].is_string(), "{said}");
    }
    assert_eq!(content["objections"]["until"], json!({"zh": "本公告撤回之时", "en": "its withdrawal"}));
    assert_eq!(content["objections"]["deadlines"].as_array().unwrap().len(), 5);
    assert_eq!(content["rules"]["parameters"].as_array().unwrap().len(), 5);
}

// ---- The procedure ----

#[test]
fn a_declaration_goes_from_its_draft_to_the_public() {
    let held = announced();
    assert_eq!((held.state, held.notice_id, held.published_by), (OpenLicenceState::Announced, Some(NOTICE), Some(person(30))));
    let done = machine::recorded(&held, entry()).unwrap();
    assert_eq!((done.state, done.cnipa_announced_on), (OpenLicenceState::Announced, Some(day("2026-03-02"))));
    let over = machine::withdrawn(&done, &member(10), "不再许可", at(DRAFTED)).unwrap();
    assert_eq!((over.state, over.withdrawal_reason.as_deref()), (OpenLicenceState::Withdrawn, Some("不再许可")));
    assert!(machine::allowed(over.state).is_empty() && over.notice_id == Some(NOTICE));
}

#[test]
fn what_is_sent_back_is_frozen_no_more_and_is_written_anew() {
    let back = machine::returned(&submitted(), &officer(30), "许可费标准不明确").unwrap();
    assert_eq!((back.state, &back.drafted, &back.rules), (OpenLicenceState::Returned, &None, &None));
    let again = machine::replaced(&back, said()).unwrap();
    assert_eq!((again.state, again.return_reason.as_deref(), again.version), (OpenLicenceState::Drafted, None, back.version + 1));
    assert_eq!((again.id, again.created_by, again.created_at), (back.id, back.created_by, back.created_at));
    assert_eq!(code(machine::returned(&submitted(), &officer(30), " ")), Code::Invalid);
}

#[test]
fn nobody_looks_at_it_who_sits_with_the_patentee_or_had_a_hand_in_it() {
    let tied = Hand { sits_with_patentee: true, ..officer(30) };
    assert_eq!(code(machine::published(&submitted(), &tied, NOTICE)), Code::ConflictOfInterest);
    assert_eq!(code(machine::returned(&submitted(), &tied, "x")), Code::ConflictOfInterest);
    assert_eq!(code(machine::withdrawn(&submitted(), &tied, "x", at(DRAFTED))), Code::ConflictOfInterest);
    for hand in [10, 11] {
        assert_eq!(code(machine::published(&submitted(), &officer(hand), NOTICE)), Code::SamePerson);
        assert_eq!(code(machine::returned(&submitted(), &officer(hand), "x")), Code::SamePerson);
    }
    assert_eq!(machine::hands(&submitted()), [10, 11].map(person));
}

#[test]
fn what_somebody_may_do_is_what_the_rules_let_him() {
    let author = ["replace_open_licence", "submit_open_licence", "withdraw_open_licence"];
    assert_eq!(machine::open_to(&open(person(10)), &member(10)), author);
    let looked_at = ["return_open_licence", "publish_open_licence", "withdraw_open_licence"];
    assert_eq!(machine::open_to(&submitted(), &officer(30)), looked_at);
    assert_eq!(machine::open_to(&submitted(), &member(10)), ["withdraw_open_licence"]);
    let announced_deeds = ["record_cnipa_announcement", "record_cnipa_decision", "withdraw_open_licence"];
    assert_eq!(machine::open_to(&announced(), &member(10)), announced_deeds);
}

#[test]
fn an_objection_ends_what_is_announced_and_nothing_else() {
    let over = machine::ended(&announced(), "异议成立", at(DRAFTED)).unwrap();
    assert_eq!((over.state, over.end_reason.as_deref()), (OpenLicenceState::Ended, Some("异议成立")));
    assert_eq!(machine::ended(&submitted(), "异议成立", at(DRAFTED)), None);
    assert_eq!(machine::ended(&over, "异议成立", at(DRAFTED)), None);
}

#[test]
fn the_office_refuses_what_it_did_not_announce_and_ends_what_it_did() {
    let decide = |held: &open_licence::Model, outcome| machine::decided(held, &member(10), decision(outcome), at(DRAFTED));
    let refused = decide(&announced(), CnipaOutcome::NotAccepted).unwrap();
    assert_eq!((refused.state, refused.end_reason.as_deref()), (OpenLicenceState::NotAccepted, Some("不符合规定")));
    assert_eq!(refused.cnipa_decided_on, Some(day("2026-03-02")));
    let recorded = machine::recorded(&announced(), entry()).unwrap();
    assert_eq!(decide(&recorded, CnipaOutcome::Terminated).unwrap().state, OpenLicenceState::TerminatedByRegistry);
    assert_eq!(code(decide(&recorded, CnipaOutcome::NotAccepted)), Code::Invalid);
    assert_eq!(code(decide(&announced(), CnipaOutcome::Terminated)), Code::Invalid);
    assert_eq!(code(decide(&submitted(), CnipaOutcome::NotAccepted)), Code::WrongState);
    let tied = Hand { sits_with_patentee: true, ..officer(30) };
    let problem = machine::decided(&announced(), &tied, decision(CnipaOutcome::NotAccepted), at(DRAFTED));
    assert_eq!(code(problem), Code::ConflictOfInterest);
}

#[test]
fn it_ends_with_the_term_of_its_licences() {
    let on = |today: &str| machine::expired(&announced(), "期限届满", day(today), at(DRAFTED));
    assert_eq!(on("2031-03-31"), None);
    assert_eq!(on("2031-04-01").unwrap().state, OpenLicenceState::Expired);
    assert_eq!(machine::expired(&submitted(), "期限届满", day("2031-04-01"), at(DRAFTED)), None);
}

fn do_it(held: &open_licence::Model, deed: Deed) -> Result<open_licence::Model, Problem> {
    match deed {
        Deed::Replace => machine::replaced(held, said()),
        Deed::Submit => machine::submitted(held, person(11), submission(), at(DRAFTED)),
        Deed::Return => machine::returned(held, &officer(30), "不明确"),
        Deed::Publish => machine::published(held, &officer(30), NOTICE),
        Deed::RecordCnipa => machine::recorded(held, entry()),
        Deed::RecordDecision => {
            let outcome = if held.cnipa_number.is_some() { CnipaOutcome::Terminated } else { CnipaOutcome::NotAccepted };
            machine::decided(held, &member(10), decision(outcome), at(DRAFTED))
        }
        Deed::Withdraw => machine::withdrawn(held, &member(10), "不再许可", at(DRAFTED)),
    }
}

proptest! {
    /// Whatever is tried in whatever order: what the state does not allow is refused with what it does, and nothing is announced that was
    /// not frozen for whoever publishes it, nor by who had a hand in it.
    #[test]
    fn an_illegal_deed_is_refused_in_every_state(deeds in prop::collection::vec(0..Deed::ALL.len(), 1..40)) {
        let mut held = open(person(10));
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
            let is_open = OpenLicenceState::OPEN.contains(&held.state);
            prop_assert!(!is_open || (held.drafted_sha256.is_some() && held.rules.is_some() && held.submitted_by.is_some()));
            prop_assert!(held.state != OpenLicenceState::Announced || held.published_by.is_some());
            prop_assert!(held.notice_id.is_none() || held.published_by.is_some_and(|by| !machine::hands(&held).contains(&by)));
            prop_assert!(held.cnipa_number.is_none() || held.notice_id.is_some());
            prop_assert_eq!(held.withdrawn_at.is_some(), held.state == OpenLicenceState::Withdrawn);
            let by_the_office = matches!(held.state, OpenLicenceState::NotAccepted | OpenLicenceState::TerminatedByRegistry);
            prop_assert_eq!(held.cnipa_decided_on.is_some(), by_the_office);
            prop_assert_eq!(held.ended_at.is_some(), by_the_office);
        }
    }
}

#[test]
fn what_is_declared_lapses_as_the_patent_passes() {
    let over = machine::lapsed(&announced(), "专利权已转让", at(DRAFTED)).unwrap();
    assert_eq!((over.state, over.end_reason.as_deref()), (OpenLicenceState::Ended, Some("专利权已转让")));
    let taken_back = machine::lapsed(&submitted(), "专利权已转让", at(DRAFTED)).unwrap();
    assert_eq!((taken_back.state, taken_back.withdrawn_at), (OpenLicenceState::Withdrawn, Some(at(DRAFTED))));
    assert_eq!(machine::lapsed(&open(person(10)), "x", at(DRAFTED)), None, "a draft fails by itself");
    assert_eq!(machine::lapsed(&over, "x", at(DRAFTED)), None);
}
