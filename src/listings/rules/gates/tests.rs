//! What passes the gates, and what does not.

use entity::encumbrances::{BurdenKind, ConsentKind, IntendedDeed};
use entity::identity::SellerClass;

use super::super::tests::{asset, at, auction, calendar, document, offer, owner, rules, seller};
use super::*;
use crate::encumbrances::rules::tests::{burden, consent, stands_of};
use crate::encumbrances::rules::{Agreement, Burden, Consent, OwnersClause, SignedBy};
use crate::licences::rules::matrix::Cure;
use crate::licences::views::InTheWay;
use crate::listings::rules::offer::{CoOwnerConsent, Encumbrance, EncumbranceKind};
use entity::achievements::LegalStatus;
use entity::ids::LicenceGrantId;
use entity::listings::LicenceTerms;
use entity::money::Money;

struct Scene {
    offer: Offer,
    assets: Vec<AssetFacts>,
    class: SellerClass,
    burdens: Vec<Burden>,
    consents: Vec<Consent>,
    agreement: Option<Agreement>,
    held: Vec<AssetId>,
    granted: Vec<(AssetId, RightsGrantId)>,
    declared_open: Vec<(AssetId, OpenLicenceId)>,
    licensed: Beside,
    now: &'static str,
}

fn scene() -> Scene {
    Scene {
        offer: offer(),
        assets: vec![asset(1)],
        class: SellerClass::State,
        burdens: Vec::new(),
        consents: Vec::new(),
        agreement: None,
        held: Vec::new(),
        granted: Vec::new(),
        declared_open: Vec::new(),
        licensed: Beside::default(),
        now: "2026-03-03T02:00:00Z",
    }
}

impl Scene {
    fn judge(&self, gate: fn(&Case) -> Result<(), Problem>) -> Result<(), Problem> {
        let mut standing: Vec<_> = self.assets.iter().map(Standing::unburdened).collect();
        let first = standing.first_mut().unwrap();
        (first.burdens, first.consents, first.agreement) = (self.burdens.clone(), self.consents.clone(), self.agreement.clone());
        gate(&Case {
            offer: &self.offer,
            seller: &seller(),
            assets: &self.assets,
            standing: &standing,
            held_elsewhere: &self.held,
            granted: &self.granted,
            declared_open: &self.declared_open,
            licensed: &self.licensed,
            rules: &rules(self.class),
            calendar: &calendar(),
            now: at(self.now),
        })
    }

    fn refused(&self) -> (Code, Vec<String>) {
        let problem = self.judge(submission).unwrap_err();
        (problem.code, problem.errors.into_iter().map(|fault| fault.code).collect())
    }
}

#[test]
fn what_asks_for_secrecy_that_cannot_be_kept_goes_no_further() {
    let mut scene = scene();
    (scene.offer.party_confidential, scene.offer.amount_confidential) = (true, true);
    assert_eq!(scene.refused(), (Code::Invalid, vec!["cannot_be_kept".into(), "cannot_be_kept".into()]));
    assert_eq!(scene.judge(approval).unwrap_err().code, Code::Invalid);
}

#[test]
fn a_sound_offer_passes_both_times() {
    assert_eq!(scene().judge(submission), Ok(()));
    assert_eq!(scene().judge(approval), Ok(()));
}

#[test]
fn every_fault_of_every_gate_is_named_under_the_code_of_the_first() {
    let mut scene = scene();
    scene.assets[0].status = None;
    scene.assets[0].asset.expires_on = None;
    scene.offer.declarations.no_other_encumbrances = false;
    scene.held = vec![scene.offer.asset_ids[0]];
    scene.offer.basis_document_id = None;
    scene.offer.deposit = Some(Money::fen(1));
    let (code, faults) = scene.refused();
    assert_eq!(code, Code::StatusForbids);
    assert_eq!(faults, ["status_missing", "declaration_missing", "asset_held", "basis_missing", "outside_rule"]);
}

#[test]
fn what_is_being_granted_to_who_made_it_goes_to_nobody_alone() {
    let mut scene = scene();
    let grant = RightsGrantId(uuid::Uuid::from_u128(9));
    scene.granted = vec![(scene.offer.asset_ids[0], grant)];
    assert_eq!(scene.refused(), (Code::AssetHeld, vec!["asset_held".into()]));
    assert_eq!(scene.judge(submission).unwrap_err().facts["rights_grant_id"], serde_json::json!(grant));
    let ordinary = LicenceTerms {
        acts: LicenceTerms::every_act(),
        fields: vec!["all".into()],
        territory: vec!["all".into()],
        months: 12,
        sublicence: false,
    };
    scene.offer.terms = TransferTerms::NonExclusiveLicence(ordinary);
    assert!(scene.judge(submission).is_ok());
}

#[test]
fn what_anybody_may_have_a_licence_of_is_licensed_to_nobody_alone() {
    let mut scene = scene();
    let licence = OpenLicenceId(uuid::Uuid::from_u128(9));
    scene.declared_open = vec![(scene.offer.asset_ids[0], licence)];
    assert!(scene.judge(submission).is_ok(), "it may be sold");
    let terms = || LicenceTerms {
        acts: LicenceTerms::every_act(),
        fields: vec!["all".into()],
        territory: vec!["all".into()],
        months: 12,
        sublicence: false,
    };
    for closed in [TransferTerms::ExclusiveLicence(terms()), TransferTerms::SoleLicence(terms())] {
        scene.offer.terms = closed;
        assert_eq!(scene.refused(), (Code::AssetHeld, vec!["asset_held".into()]));
        assert_eq!(scene.judge(submission).unwrap_err().facts["open_licence_id"], serde_json::json!(licence));
    }
    scene.offer.terms = TransferTerms::NonExclusiveLicence(terms());
    assert!(scene.judge(submission).is_ok());
}

#[test]
fn what_is_licensed_already_is_said_and_not_granted_otherwise() {
    let id = LicenceGrantId(uuid::Uuid::from_u128(9));
    let mut scene = scene();
    scene.licensed.standing = vec![id];
    assert_eq!(scene.refused(), (Code::DeclarationMissing, vec!["licence_undeclared".into()]), "who buys it buys the licence with it");
    let ordinary = LicenceTerms {
        acts: LicenceTerms::every_act(),
        fields: vec!["all".into()],
        territory: vec!["all".into()],
        months: 12,
        sublicence: false,
    };
    let licensed = Encumbrance { kind: EncumbranceKind::ExistingLicence, description: "已有普通许可".into(), cure_document_id: None };
    scene.offer.declarations.encumbrances = vec![licensed];
    assert!(scene.judge(submission).is_ok());
    scene.licensed.in_the_way = vec![InTheWay { licence_id: id, cure: Cure::OtherScope }];
    scene.offer.terms = TransferTerms::NonExclusiveLicence(ordinary);
    let problem = scene.judge(submission).unwrap_err();
    assert_eq!((problem.code, problem.errors[0].pointer.as_str()), (Code::LicenceConflict, "/terms"));
    assert_eq!(problem.facts["conflicts"], serde_json::json!(scene.licensed.in_the_way));
}

#[test]
fn a_right_that_ended_cannot_be_listed() {
    for status in [LegalStatus::CeasedNonpayment, LegalStatus::Invalidated, LegalStatus::Expired, LegalStatus::SecretPatent] {
        let mut scene = scene();
        if let Some(held) = &mut scene.assets[0].status {
            held.status = status;
        }
        assert_eq!(scene.refused().0, Code::StatusForbids, "{status:?}");
    }
    let mut scene = scene();
    // A patent stands until the day its term ends, not through it.
    scene.assets[0].asset.expires_on = Some("2026-03-03".parse().unwrap());
    assert_eq!(scene.refused(), (Code::StatusForbids, vec!["expired".into()]));
    scene.assets[0].asset.expires_on = Some("2026-03-04".parse().unwrap());
    assert!(scene.judge(submission).is_ok());
}

#[test]
fn a_licence_ends_within_the_life_of_every_right() {
    let mut scene = scene();
    let terms = |months| LicenceTerms {
        acts: LicenceTerms::every_act(),
        fields: vec!["all".into()],
        territory: vec!["330000".into()],
        months,
        sublicence: false,
    };
    scene.assets[0].asset.expires_on = Some("2027-03-03".parse().unwrap());
    scene.offer.terms = TransferTerms::NonExclusiveLicence(terms(12));
    assert!(scene.judge(submission).is_ok());
    scene.offer.terms = TransferTerms::NonExclusiveLicence(terms(13));
    assert_eq!(scene.refused(), (Code::Invalid, vec!["beyond_term".into()]));
}

#[test]
fn co_owners_consent_to_all_but_an_ordinary_licence() {
    let mut scene = scene();
    scene.assets[0].owners = vec![owner(1, "浙江大学", 6_000), owner(2, "杭州某公司", 4_000)];
    assert_eq!(scene.refused(), (Code::DeclarationMissing, vec!["consent_missing".into()]));
    scene.offer.declarations.co_owner_consents = vec![CoOwnerConsent { owner: "杭州某公司".into(), document_id: document(9) }];
    assert!(scene.judge(submission).is_ok());
    scene.offer.declarations.co_owner_consents.clear();
    let ordinary = LicenceTerms {
        acts: LicenceTerms::every_act(),
        fields: vec!["all".into()],
        territory: vec!["all".into()],
        months: 12,
        sublicence: false,
    };
    scene.offer.terms = TransferTerms::NonExclusiveLicence(ordinary);
    assert!(scene.judge(submission).is_ok());
}

#[test]
fn burdens_that_forbid_the_deal_need_their_cure() {
    for (kind, refused) in [
        (EncumbranceKind::Pledge, true),
        (EncumbranceKind::Preservation, true),
        (EncumbranceKind::Dispute, true),
        (EncumbranceKind::ExistingLicence, false),
        (EncumbranceKind::OpenLicence, false),
    ] {
        let mut scene = scene();
        scene.offer.declarations.encumbrances = vec![Encumbrance { kind, description: "见附件".into(), cure_document_id: None }];
        assert_eq!(scene.judge(submission).is_err(), refused, "{kind:?}");
        scene.offer.declarations.encumbrances[0].cure_document_id = Some(document(9));
        assert!(scene.judge(submission).is_ok());
    }
}

#[test]
fn a_burden_that_is_entered_is_declared_and_a_consent_that_is_entered_cures_it() {
    let mut scene = scene();
    let pledged = burden(1, BurdenKind::Pledge);
    scene.burdens = vec![stands_of(pledged.clone())];
    assert_eq!(scene.refused(), (Code::Invalid, vec!["contradiction".into(), "pledged".into()]));
    let declared = Encumbrance { kind: EncumbranceKind::Pledge, description: "质押给杭州某银行".into(), cure_document_id: None };
    scene.offer.declarations.encumbrances = vec![declared];
    assert_eq!(scene.refused(), (Code::DeclarationMissing, vec!["cure_missing".into(), "pledged".into()]));
    scene.consents = vec![consent(Some(&pledged), ConsentKind::Pledgee, "杭州某银行", &[IntendedDeed::Assignment])];
    assert_eq!([scene.judge(submission), scene.judge(approval)], [Ok(()), Ok(())], "no second paper is asked for");
    scene.consents = vec![consent(Some(&pledged), ConsentKind::Pledgee, "杭州某银行", &[IntendedDeed::NonExclusiveLicence])];
    assert!(scene.judge(submission).is_err(), "it is for another deed");
    scene.consents.clear();
    scene.offer.declarations.encumbrances[0].cure_document_id = Some(document(9));
    assert!(scene.judge(submission).is_ok(), "a paper of the offer cures it too");
}

#[test]
fn what_has_to_be_lifted_is_lifted_where_it_is_entered() {
    for (kind, declared, code) in [
        (BurdenKind::Preservation, EncumbranceKind::Preservation, "preserved"),
        (BurdenKind::StateSecret, EncumbranceKind::StateFunded, "state_secret"),
    ] {
        let mut scene = scene();
        scene.burdens = vec![stands_of(burden(1, kind))];
        let description = "见附件".into();
        scene.offer.declarations.encumbrances = vec![Encumbrance { kind: declared, description, cure_document_id: Some(document(9)) }];
        assert_eq!(scene.refused(), (Code::StatusForbids, vec![code.into()]), "{kind:?}");
    }
}

#[test]
fn a_consent_of_a_co_owner_or_an_agreement_that_is_entered_suffices() {
    let mut scene = scene();
    scene.assets[0].owners = vec![owner(1, "浙江大学", 6_000), owner(2, "杭州某公司", 4_000)];
    scene.consents = vec![consent(None, ConsentKind::CoOwner, "杭州某公司", &[IntendedDeed::Assignment])];
    assert!(scene.judge(submission).is_ok());
    scene.consents.clear();
    let signed = |by| vec![OwnersClause { deeds: vec![IntendedDeed::Assignment], signed_by: by }];
    let agreed = |by| Some(Agreement { clauses: signed(by), in_force_from: "2026-01-01".parse().unwrap() });
    scene.agreement = agreed(SignedBy::These { owners: vec!["浙江大学".into()] });
    assert!(scene.judge(submission).is_ok());
    scene.agreement = agreed(SignedBy::AllOwners {});
    assert_eq!(scene.refused(), (Code::DeclarationMissing, vec!["consent_missing".into()]));
}

#[test]
fn a_stale_status_stops_approval_but_not_submission() {
    let mut scene = scene();
    scene.now = "2026-03-20T02:00:00Z";
    assert!(scene.judge(submission).is_ok());
    let problem = scene.judge(approval).unwrap_err();
    assert_eq!(problem.code, Code::ListingNotReady);
    assert_eq!(problem.facts["asset_ids"], serde_json::json!([scene.offer.asset_ids[0]]));
}

#[test]
fn an_auction_is_exhibited_or_goes_through_neither_gate() {
    let mut scene = Scene { offer: auction(), ..scene() };
    assert_eq!([scene.judge(submission), scene.judge(approval)], [Ok(()), Ok(())]);
    scene.offer.auction.exhibition = None;
    assert_eq!(scene.refused(), (Code::Invalid, vec!["missing_field".into()]));
    assert!(scene.judge(approval).is_err());
}

#[test]
fn the_base_price_of_a_state_enterprise_is_appraised() {
    let mut scene = scene();
    scene.class = SellerClass::Soe;
    scene.offer.base_price_basis = PriceBasis::CollectiveDecision;
    assert_eq!(scene.refused().1, ["basis"]);
    scene.offer.base_price_basis = PriceBasis::Appraisal;
    assert!(scene.judge(submission).is_ok());
    scene.class = SellerClass::Private;
    scene.offer.base_price_basis = PriceBasis::OwnDecision;
    scene.offer.basis_document_id = None;
    assert!(scene.judge(submission).is_ok());
}
