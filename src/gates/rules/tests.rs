//! Every gate: what passes it, what it warns of, and what it blocks, said in both languages.

use entity::gates::{
    ClauseKind, Establishment, ExportClass, ExportPaperKind, ExportPaperState, FindingDecision, Gate, GateStage, GateVerdict, RelationKind,
    RestrictionScope,
};
use entity::ids::{ExportPaperId, ListingId, RestrictionId};
use entity::listings::TransferMode;
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::burdens;
use super::case::{Buyer, Decided, Related, Restricted, ReviewOpinion, SecurityReview};
use super::declared::{NewExportPaper, NewRelation, NewRestriction, relation_said_well};
use super::examples::{ASSET, BURDEN, BUYER, SELLER, Scene, at, facts, person, relation, right, scene, today};
use super::finding::said;
use super::machine::{self, PaperOf};
use super::party::{self, Abroad, ForeignSign};
use super::report::{Settled, gates_at};
use super::restrictions;
use super::{clauses, related, title};
use crate::platform::problem::{Code, Problem};

/// The only thing a scene's gates find, which must be at this gate, with this verdict, and say something in both languages.
fn only(scene: &Scene, gate: Gate, verdict: GateVerdict) -> Settled {
    let report = scene.report();
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    let found = report.findings[0].clone();
    assert_eq!((found.finding.gate, found.finding.verdict), (gate, verdict));
    for words in [&found.finding.zh, &found.finding.en, &found.finding.cure_zh, &found.finding.cure_en] {
        assert!(!words.is_empty(), "{found:?}");
    }
    assert!(!found.finding.zh.is_ascii() && found.finding.cure_en.is_ascii(), "{found:?}");
    assert_eq!(report.verdict(gate), verdict);
    assert_eq!(report.passed().is_ok(), !found.is_in_the_way());
    found
}

fn blocked_by_its_own_rules(gate: Gate, code: Code) {
    let mut scene = scene();
    scene.heard = vec![(gate, code.at("/place", "fault", "有误", "is wrong"))];
    let found = only(&scene, gate, GateVerdict::Block);
    assert_eq!((found.finding.code.as_str(), found.finding.subject.as_str()), ("fault", "/place"));
    let refused = scene.report().passed().unwrap_err();
    // Who knew the code before there were gates knows it still, and hears nothing twice.
    assert_eq!((refused.code, refused.errors.len()), (code, 1));
    assert_eq!(refused.facts["gates"][0]["gate"], json!(gate));
}

fn decided(scene: &mut Scene, found: &Settled, decision: FindingDecision) {
    scene.decisions.push(Decided { digest: found.finding.digest().to_vec(), decision });
}

#[test]
fn a_sound_offer_passes_all_twelve_gates() {
    let report = scene().report();
    assert_eq!((report.findings.len(), report.export_class), (0, None));
    assert_eq!(report.passed(), Ok(()));
    assert!(Gate::ALL.iter().all(|gate| report.verdict(*gate) == GateVerdict::Pass));
    assert_eq!((gates_at(GateStage::Approval).len(), gates_at(GateStage::Confirmation).len()), (12, 8));
}

#[test]
fn g1_secret_declaration() {
    blocked_by_its_own_rules(Gate::SecretDeclaration, Code::DeclarationMissing);
}

#[test]
fn g2_legal_status() {
    blocked_by_its_own_rules(Gate::LegalStatus, Code::StatusForbids);
}

#[test]
fn g3_title() {
    blocked_by_its_own_rules(Gate::Title, Code::DeclarationMissing);
    let mut strange = scene();
    strange.assets = vec![right("一种河岸带减污方法", &[], "某公司")];
    assert_eq!(only(&strange, Gate::Title, GateVerdict::Block).finding.code, "not_holder");
    assert_eq!(strange.report().passed().unwrap_err().code, Code::GateBlocked);
    let mut pending = scene();
    pending.brought = vec![title::pending_recordal(ASSET)];
    assert_eq!(only(&pending, Gate::Title, GateVerdict::Block).finding.code, "recordal_pending");
}

#[test]
fn g4_encumbrances() {
    blocked_by_its_own_rules(Gate::Encumbrances, Code::DeclarationMissing);
    let mut pledged = scene();
    pledged.brought = vec![burdens::uncured(BURDEN, "pledge", said("已质押", "is pledged"))];
    only(&pledged, Gate::Encumbrances, GateVerdict::Block);
    let mut disclosed = scene();
    disclosed.brought = vec![burdens::disclosed(BURDEN, "granted_use_right", said("已赋予长期使用权", "a use right was granted"))];
    only(&disclosed, Gate::Encumbrances, GateVerdict::Warn);
}

#[test]
fn g5_licence_conflict() {
    blocked_by_its_own_rules(Gate::LicenceConflict, Code::AssetHeld);
    let mut licensed = scene();
    licensed.brought = vec![burdens::conflict(ASSET, "exclusive_licence", said("已有独占许可", "somebody has an exclusive licence"))];
    only(&licensed, Gate::LicenceConflict, GateVerdict::Block);
}

/// A cathode material, open to foreign parties.
fn cathode() -> Scene {
    let mut scene = scene();
    scene.assets = vec![right("一种磷酸铁锂正极材料的制备方法", &["H01M 4/58"], "浙江大学")];
    scene.declared.admits_foreign = true;
    scene
}

fn permitted() -> SecurityReview {
    SecurityReview { authority: "浙江省知识产权局".into(), opinion: ReviewOpinion::Permitted, given_on: today() }
}

#[test]
fn g6_export_passes_what_stays_here_and_what_is_free() {
    let mut stays = cathode();
    stays.declared.admits_foreign = false;
    assert_eq!((stays.report().findings.len(), stays.report().export_class), (0, None));
    let mut free = scene();
    free.declared.admits_foreign = true;
    assert_eq!((free.report().passed(), free.report().export_class), (Ok(()), Some(ExportClass::Free)));
}

#[test]
fn g6_export_warns_of_what_may_be_in_the_catalogue_until_a_person_decides() {
    let mut scene = cathode();
    let found = only(&scene, Gate::Export, GateVerdict::Warn);
    assert_eq!((found.finding.code.as_str(), found.finding.subject.as_str()), ("export_possible", "2025-28/252604X"));
    decided(&mut scene, &found, FindingDecision::Accepted);
    assert_eq!((scene.report().passed(), scene.report().export_class), (Ok(()), Some(ExportClass::Free)));
    // With another version of the catalogue somebody decides anew.
    scene.decisions[0].digest = b"of another version".to_vec();
    assert_eq!(scene.report().passed().unwrap_err().code, Code::GateBlocked);
}

#[test]
fn g6_export_of_what_is_restricted_waits_for_the_review() {
    let mut scene = cathode();
    let found = only(&scene, Gate::Export, GateVerdict::Warn);
    decided(&mut scene, &found, FindingDecision::Confirmed);
    let open = only(&scene, Gate::Export, GateVerdict::Warn);
    assert_eq!((open.finding.code.as_str(), scene.report().export_class), ("review_open", Some(ExportClass::Restricted)));
    scene.declared.review = Some(permitted());
    assert_eq!(scene.report().passed(), Ok(()));
    scene.declared.review = Some(SecurityReview { opinion: ReviewOpinion::NotPermitted, ..permitted() });
    assert_eq!(only(&scene, Gate::Export, GateVerdict::Block).finding.code, "review_negative");
}

#[test]
fn g6_export_blocks_what_is_prohibited() {
    let mut scene = scene();
    scene.assets = vec![right("一种稀土萃取分离工艺", &["C22B 59/00"], "浙江大学")];
    scene.declared.admits_foreign = true;
    scene.declared.export_entries = vec!["rare_earth_refining".into()];
    assert_eq!(only(&scene, Gate::Export, GateVerdict::Block).finding.code, "export_prohibited");
}

fn buyer(is_foreign: bool, has_letter: bool) -> Buyer {
    Buyer { organisation_id: BUYER, is_foreign, has_letter }
}

#[test]
fn g6_export_blocks_a_foreign_buyer_who_is_not_admitted_or_has_no_letter() {
    let mut scene = scene();
    (scene.stage, scene.buyer) = (GateStage::Confirmation, Some(buyer(true, true)));
    assert_eq!(only(&scene, Gate::Export, GateVerdict::Block).finding.code, "foreign_not_admitted");
    let mut restricted = cathode();
    restricted.declared.export_entries = vec!["252604X".into()];
    restricted.declared.review = Some(permitted());
    (restricted.stage, restricted.buyer) = (GateStage::Confirmation, Some(buyer(true, false)));
    assert_eq!(only(&restricted, Gate::Export, GateVerdict::Block).finding.code, "export_letter_missing");
    restricted.buyer = Some(buyer(true, true));
    assert_eq!(restricted.report().passed(), Ok(()));
    restricted.buyer = Some(buyer(false, false));
    assert_eq!(restricted.report().passed(), Ok(()));
}

#[test]
fn g7_state_funding() {
    let mut scene = scene();
    (scene.state_funded, scene.declared.admits_foreign) = (true, true);
    for mode in [TransferMode::Assignment, TransferMode::Equity, TransferMode::ExclusiveLicence] {
        scene.mode = mode;
        assert_eq!(only(&scene, Gate::StateFunding, GateVerdict::Block).finding.code, "funding_approval_missing");
    }
    scene.mode = TransferMode::NonExclusiveLicence;
    assert_eq!(scene.report().passed(), Ok(()));
    (scene.mode, scene.declared.funding_approved) = (TransferMode::Assignment, true);
    assert_eq!(scene.report().passed(), Ok(()));
    (scene.declared.funding_approved, scene.declared.admits_foreign) = (false, false);
    assert_eq!(scene.report().passed(), Ok(()), "it stays here");
}

#[test]
fn g8_price_basis() {
    blocked_by_its_own_rules(Gate::PriceBasis, Code::Invalid);
}

#[test]
fn g9_related_party() {
    let mut scene = scene();
    scene.related = vec![Related { organisation_id: BUYER, kind: RelationKind::SameController }];
    let found = only(&scene, Gate::RelatedParty, GateVerdict::Warn);
    decided(&mut scene, &found, FindingDecision::Accepted);
    assert_eq!(scene.report().passed(), Ok(()));
    // What was accepted of a holder does not let him buy.
    (scene.stage, scene.buyer) = (GateStage::Confirmation, Some(buyer(false, false)));
    assert_eq!(only(&scene, Gate::RelatedParty, GateVerdict::Block).finding.code, "related_buyer");
}

#[test]
fn g10_publicity() {
    blocked_by_its_own_rules(Gate::Publicity, Code::OutsideRule);
}

fn restricted_from(scope: RestrictionScope, is_seller: bool) -> Scene {
    let mut scene = scene();
    let organisation_id = if is_seller { SELLER } else { BUYER };
    scene.restrictions = vec![Restricted { organisation_id, scope, source_number: "3号".into() }];
    scene
}

#[test]
fn g11_integrity() {
    for is_seller in [true, false] {
        only(&restricted_from(RestrictionScope::Trading, is_seller), Gate::Integrity, GateVerdict::Block);
    }
    let mut flagged = restricted_from(RestrictionScope::Project, true);
    let found = only(&flagged, Gate::Integrity, GateVerdict::Warn);
    decided(&mut flagged, &found, FindingDecision::Accepted);
    assert_eq!(flagged.report().passed(), Ok(()));
    assert_eq!(restricted_from(RestrictionScope::Project, false).report().passed(), Ok(()), "he may buy");
}

#[test]
fn g12_clauses() {
    let mut scene = scene();
    scene.texts = vec!["中国境内依法设立的企业。受让方不得对专利的有效性提出异议"];
    let found = only(&scene, Gate::Clauses, GateVerdict::Warn);
    assert!(found.finding.subject.starts_with("/conditions/0#no_challenge/"), "{found:?}");
    decided(&mut scene, &found, FindingDecision::Accepted);
    assert_eq!(scene.report().passed(), Ok(()));
    // It goes for these words alone.
    scene.texts = vec!["受让方不得对专利的有效性提出任何异议"];
    assert_eq!(scene.report().passed().unwrap_err().code, Code::GateBlocked);
    let found = only(&scene, Gate::Clauses, GateVerdict::Warn);
    decided(&mut scene, &found, FindingDecision::Confirmed);
    only(&scene, Gate::Clauses, GateVerdict::Block);
}

#[test]
fn the_lint_knows_the_six_patterns_in_both_languages() {
    use ClauseKind::{GrantBack, NoChallenge, NoCompetition, SalesLimits, SourcingLimits, TieIn};
    for (text, kind) in [
        ("受让方作出的改进无偿归转让方所有", GrantBack),
        ("Improvements are licensed back free of charge", GrantBack),
        ("不得从其他来源获得同类技术", NoCompetition),
        ("The buyer shall not use competing technologies", NoCompetition),
        ("产品不得出口", SalesLimits),
        ("The buyer may not export the product", SalesLimits),
        ("须一并购买本公司生产线", TieIn),
        ("The buyer must also purchase the line", TieIn),
        ("原料只能向转让方采购", SourcingLimits),
        ("Only suppliers named by the seller", SourcingLimits),
        ("受让方不得质疑本专利", NoChallenge),
        ("The buyer shall not challenge the patent", NoChallenge),
    ] {
        let found = clauses::in_text("/clauses", text);
        let kinds: Vec<_> = found.iter().map(|one| one.subject.clone()).collect();
        assert!(kinds.iter().any(|subject| subject.starts_with(&format!("/clauses#{}/", kind.code()))), "{text}: {kinds:?}");
    }
    for text in ["中国境内依法设立的企业", "转让方提供三个月的技术指导", "合同生效后30日内一次性付清", "一年内实施"]
    {
        assert!(clauses::in_text("/conditions/0", text).is_empty(), "{text}");
    }
    let mut ticked = scene();
    ticked.declared.clause_kinds = vec![ClauseKind::TieIn];
    assert_eq!(only(&ticked, Gate::Clauses, GateVerdict::Warn).finding.subject, "/clause_kinds/tie_in");
}

#[test]
fn all_gates_are_told_and_the_offers_own_code_leads() {
    let mut scene = cathode();
    scene.state_funded = true;
    scene.heard = vec![
        (Gate::LegalStatus, Code::StatusForbids.at("/asset_ids/0", "suspended", "中止", "suspended")),
        (Gate::PriceBasis, Code::Invalid.at("/base_price_basis", "basis", "依据", "basis")),
    ];
    let refused = scene.report().passed().unwrap_err();
    assert_eq!(refused.code, Code::StatusForbids);
    let faults: Vec<_> = refused.errors.iter().map(|fault| fault.code.as_str()).collect();
    assert_eq!(faults, ["suspended", "basis", "export_possible", "funding_approval_missing"]);
    let gates: Vec<_> = refused.facts["gates"].as_array().unwrap().iter().map(|one| one["gate"].clone()).collect();
    assert_eq!(json!(gates), json!(["legal_status", "export", "state_funding", "price_basis"]));
}

#[test]
fn a_fault_of_ours_is_no_finding() {
    let mut scene = scene();
    scene.heard = vec![(Gate::Publicity, Problem::from(Code::Internal))];
    assert_eq!(scene.report().passed().unwrap_err().code, Code::Internal);
}

#[test]
fn a_confirmation_asks_what_may_have_changed_and_nothing_else() {
    let mut scene = scene();
    scene.stage = GateStage::Confirmation;
    scene.heard = vec![(Gate::Publicity, Code::OutsideRule.into())];
    scene.texts = vec!["受让方不得质疑本专利"];
    assert_eq!(scene.report().passed(), Ok(()));
}

#[test]
fn who_is_a_foreign_party() {
    let domestic = facts(BUYER, Establishment::Mainland);
    let signs = |facts: &entity::gates::organisation_facts::Model| party::signs(Some(facts), 2_500);
    assert!(party::signs(None, 2_500).is_empty() && signs(&domestic).is_empty());
    for established in [Establishment::Region, Establishment::Foreign] {
        assert!(party::is_foreign(&signs(&facts(BUYER, established))));
    }
    let owned = |bp| entity::gates::organisation_facts::Model { foreign_beneficial_bp: bp, ..domestic.clone() };
    assert!(party::is_foreign(&signs(&owned(2_500))) && !party::is_foreign(&signs(&owned(2_499))));
    let leaving = entity::gates::organisation_facts::Model { data_leaves: true, ..domestic.clone() };
    assert!(party::is_foreign(&signs(&leaving)));
    let controlled = entity::gates::organisation_facts::Model { foreign_control: true, ..domestic.clone() };
    assert_eq!((signs(&controlled), party::is_foreign(&signs(&controlled))), (vec![ForeignSign::Control], false));
}

#[test]
fn a_foreign_party_takes_part_where_it_is_admitted_and_with_its_letter() {
    let code = |admits_foreign, class, foreign, letter| {
        party::may_take_part(Abroad { admits_foreign, class }, foreign, letter).err().map(|refusal| refusal.code)
    };
    assert_eq!(code(false, None, false, false), None);
    assert_eq!(code(false, Some(ExportClass::Free), true, true), Some(Code::ForeignNotAdmitted));
    assert_eq!(code(true, None, true, true), Some(Code::ForeignNotAdmitted), "nobody has asked what it is");
    assert_eq!(code(true, Some(ExportClass::Free), true, false), None);
    assert_eq!(code(true, Some(ExportClass::Restricted), true, false), Some(Code::ExportLetterMissing));
    assert_eq!(code(true, Some(ExportClass::Restricted), true, true), None);
    assert_eq!(code(true, Some(ExportClass::Prohibited), true, true), Some(Code::ForeignNotAdmitted));
}

#[test]
fn what_goes_abroad_is_settled_with_its_papers() {
    let settles = |class, foreign, licence, registered| {
        party::may_settle(Abroad { admits_foreign: true, class }, foreign, licence, registered).is_ok()
    };
    assert!(settles(None, false, false, false));
    assert!(settles(Some(ExportClass::Free), true, false, true) && !settles(Some(ExportClass::Free), true, true, false));
    assert!(settles(Some(ExportClass::Restricted), true, true, false) && !settles(Some(ExportClass::Restricted), true, false, true));
    assert!(!settles(None, true, true, true));
}

#[test]
fn a_relation_counts_both_ways_from_its_share_on_and_until_it_ends() {
    let share = |bp| relation(RelationKind::Shareholding, Some(bp));
    assert_eq!(related::declared(SELLER, &[share(2_500)], 2_500).len(), 1);
    assert_eq!(related::declared(BUYER, &[share(2_500)], 2_500)[0].organisation_id, SELLER);
    assert!(related::declared(SELLER, &[share(2_499)], 2_500).is_empty());
    let kin = relation(RelationKind::Kin, None);
    let ended = machine::unrelated(&kin, person(2), "误报", at()).unwrap();
    assert!(related::declared(SELLER, std::slice::from_ref(&ended), 2_500).is_empty());
    assert_eq!(machine::unrelated(&ended, person(2), "误报", at()).unwrap_err().code, Code::WrongState);
    assert_eq!(machine::unrelated(&kin, person(2), " ", at()).unwrap_err().code, Code::Invalid);
}

#[test]
fn facts_that_are_alike_show_a_relation_and_empty_ones_none() {
    let (mut one, mut other) = (facts(SELLER, Establishment::Mainland), facts(BUYER, Establishment::Mainland));
    assert_eq!(related::shown(&one, &other), None);
    (one.phone, other.phone) = (Some(vec![1]), Some(vec![1]));
    assert_eq!(related::shown(&one, &other), Some(RelationKind::SameContact));
    (one.representative, other.representative) = (Some(vec![2]), Some(vec![2]));
    assert_eq!(related::shown(&one, &other), Some(RelationKind::SameRepresentative));
    let all = related::all(SELLER, &[relation(RelationKind::Kin, None)], Some(&one), std::slice::from_ref(&other), 2_500);
    assert_eq!(all, [Related { organisation_id: BUYER, kind: RelationKind::Kin }], "each once");
    assert!(related::all(SELLER, &[], None, &[other], 2_500).is_empty());
}

#[test]
fn a_shareholding_has_a_share_and_nothing_else_has_one() {
    let new = |kind, share_bp| NewRelation { organisation_id: BUYER, kind, share_bp };
    assert!(relation_said_well(SELLER, &new(RelationKind::Shareholding, Some(1))).is_ok());
    assert!(relation_said_well(SELLER, &new(RelationKind::Kin, None)).is_ok());
    for wrong in [new(RelationKind::Shareholding, None), new(RelationKind::Shareholding, Some(10_001)), new(RelationKind::Kin, Some(1))] {
        assert_eq!(relation_said_well(SELLER, &wrong).unwrap_err().errors[0].pointer, "/share_bp");
    }
    assert_eq!(relation_said_well(BUYER, &new(RelationKind::Kin, None)).unwrap_err().errors[0].pointer, "/organisation_id");
}

#[test]
fn a_restriction_is_in_force_from_its_first_day_to_its_last() {
    let new =
        NewRestriction { scope: RestrictionScope::Trading, source_number: "3号".into(), from_day: today(), until_day: Some(today()) };
    let row = machine::restricted(RestrictionId(Uuid::from_u128(1)), BUYER, new, person(1), at());
    let day = |offset: i64| today() + chrono::TimeDelta::days(offset);
    assert_eq!([-1, 0, 1].map(|offset| restrictions::in_force(&row, day(offset))), [false, true, false]);
    let lifted = machine::lifted(&row, person(2), "已解除", at()).unwrap();
    assert!(restrictions::live(std::slice::from_ref(&lifted), today()).is_empty());
    assert_eq!(machine::lifted(&lifted, person(2), "已解除", at()).unwrap_err().code, Code::WrongState);
}

#[test]
fn a_paper_counts_once_another_has_verified_it_and_while_it_is_valid() {
    let new = NewExportPaper {
        kind: ExportPaperKind::LetterOfIntent,
        number: "12号".into(),
        valid_until: today(),
        document_id: entity::ids::DocumentId(Uuid::from_u128(3)),
    };
    let of = PaperOf { listing: ListingId(Uuid::from_u128(2)), organisation: BUYER, by: person(1) };
    let paper = machine::handed_in(ExportPaperId(Uuid::from_u128(1)), of, new, json!({}), at());
    let has = |paper: &entity::gates::export_paper::Model, on| {
        machine::has_paper(std::slice::from_ref(paper), ExportPaperKind::LetterOfIntent, on)
    };
    assert!(!has(&paper, today()));
    assert_eq!(machine::decided(&paper, person(1), true, "一致", at()).unwrap_err().code, Code::SamePerson);
    let verified = machine::decided(&paper, person(2), true, "一致", at()).unwrap();
    assert!(has(&verified, today()) && !has(&verified, today() + chrono::TimeDelta::days(1)));
    let refused = machine::decided(&paper, person(2), false, "不一致", at()).unwrap();
    assert_eq!((refused.state, has(&refused, today())), (ExportPaperState::Refused, false));
    assert_eq!(machine::decided(&verified, person(2), true, "一致", at()).unwrap_err().code, Code::WrongState);
}

proptest! {
    /// Deciding never adds a finding of a gate, and accepting everything that warns leaves nothing in the way but what blocks.
    #[test]
    fn accepting_lets_through_what_warns_and_nothing_that_blocks(flagged: bool, trading: bool, clause: bool, holder: bool) {
        let mut scene = scene();
        let restricted = |scope| Restricted { organisation_id: SELLER, scope, source_number: format!("{scope:?}") };
        scene.restrictions.extend(flagged.then(|| restricted(RestrictionScope::Award)));
        scene.restrictions.extend(trading.then(|| restricted(RestrictionScope::Trading)));
        if clause {
            scene.texts.push("不得质疑本专利");
        }
        scene.related.extend(holder.then_some(Related { organisation_id: BUYER, kind: RelationKind::Kin }));
        let before = scene.report();
        for found in &before.findings {
            decided(&mut scene, found, FindingDecision::Accepted);
        }
        let after = scene.report();
        prop_assert_eq!(before.findings.len(), after.findings.len());
        prop_assert_eq!(after.passed().is_ok(), !trading);
        prop_assert_eq!(before.passed().is_ok(), !(flagged || trading || clause || holder));
    }
}
