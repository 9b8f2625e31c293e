//! What a registry would refuse, told before anything is handed in.
//!
//! Source: of licences the grounds for which they are not recorded (专利实施许可合同备案办法, 不予备案): whoever licenses does not have the right; it
//! ended, or its application is deemed withdrawn; its fees are late; its ownership is disputed; the licence would outlast it; the contract is
//! recorded already; proceedings are suspended or a court preserves it; it is pledged and the pledgee does not agree. An open licence is
//! recorded with what shows that it was accepted (PLIR art. 87). Of pledges: measures of 2021 art. 11. Of everything: PLIR art. 105 (what is
//! suspended stands still), CC art. 444 (what is pledged passes with the pledgee's consent alone).

use chrono::NaiveDate;
use entity::achievements::{AssetKind, LegalStatus};
use entity::encumbrances::{BurdenKind, IntendedDeed};
use entity::ids::{AssetId, OrganisationId};
use entity::licences::{LicenceMode, licence_grant};
use entity::recordals::RecordalKind;

use super::terms::RightsDeclared;
use crate::achievements::rules::is_over;
use crate::achievements::store::AssetFacts;
use crate::encumbrances::rules::Finding;
use crate::licences::rules::grant;
use crate::platform::problem::{Code, Fault, Problem};

/// Everything that is looked at.
pub struct Case<'a> {
    /// What is to be filed.
    pub kind: RecordalKind,
    /// Who assigns, licenses or pledges.
    pub holder: OrganisationId,
    /// The rights.
    pub rights: &'a [AssetFacts],
    /// The licence that is filed.
    pub licence: Option<&'a licence_grant::Model>,
    /// The day until which the debt that a pledge secures is to be paid.
    pub secured_until: Option<NaiveDate>,
    /// Whether the same contract is in the register already.
    pub is_recorded: bool,
    /// Those of the rights that are pledged by what is entered of them, whoever agrees.
    pub pledged: &'a [AssetId],
    /// What is entered of the rights and stops it.
    pub entered: &'a [Finding],
    /// What is declared.
    pub declared: RightsDeclared,
    /// Whether a paper shows that the pledgee agrees.
    pub pledgee_agrees: bool,
    /// Whether a paper shows that an open licence was accepted.
    pub is_acceptance_shown: bool,
    /// The day.
    pub today: NaiveDate,
}

/// Why the registry would refuse it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ground {
    /// Stable code.
    pub code: &'static str,
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

macro_rules! grounds {
    ($($name:ident = $code:literal $zh:literal $en:literal;)+) => {
        $(const $name: Ground = Ground { code: $code, zh: $zh, en: $en };)+
    };
}

grounds! {
    NOT_HOLDER = "not_holder" "办理人不是登记簿记载的权利人" "whoever files it is not who the register says has the right";
    UNREAD = "status_missing" "尚未记录法律状态" "its legal status was never read";
    ENDED = "ended" "权利已终止或者已被宣告无效，或者申请已被驳回、撤回、视为撤回" "the right ended or was declared invalid, or the application was rejected, withdrawn or deemed withdrawn";
    SECRET = "secret_patent" "保密专利、国防专利不在本平台办理" "secret and defence patents are not dealt in here";
    ANNUITY = "annuity_grace" "处于年费滞纳期" "it is in the grace period for fees";
    DISPUTED = "ownership_dispute" "存在权属纠纷" "its ownership is disputed";
    SUSPENDED = "suspended" "处于中止程序或者被人民法院保全（专利法实施细则第一百零五条）" "proceedings are suspended, or a court preserves it (PLIR art. 105)";
    OUTLASTS = "beyond_term" "期限超出专利权有效期" "it would outlast the right";
    RECORDED = "recorded_twice" "同一许可合同已备案" "the same contract is recorded already";
    PLEDGED = "pledged" "已质押，未提交质权人同意的证明（民法典第四百四十四条）" "it is pledged, and nothing shows that the pledgee agrees (CC art. 444)";
    NOT_GRANTED = "not_granted" "尚未授予专利权" "it is not granted";
    UNPUBLISHED = "unpublished" "专利申请尚未公布" "the application is not published";
    NOT_ACCEPTED = "acceptance_missing" "开放许可备案须附书面接受的证明（专利法实施细则第八十七条）" "an open licence is recorded with what shows that it was accepted (PLIR art. 87)";
    NOT_STANDING = "licence_ended" "该许可已终止" "the licence does not stand any more";
}

/// Everything for which the registry would refuse it, each with its place.
pub fn grounds(case: &Case) -> Vec<(String, Ground)> {
    let mut found = Vec::new();
    for right in case.rights {
        let place = format!("/assets/{}", right.asset.id);
        found.extend(of_right(case, right).into_iter().map(|ground| (place.clone(), ground)));
    }
    let declared = &case.declared;
    // A transfer of what is disputed is disclosed; it stands still only where proceedings are suspended.
    if !declared.no_ownership_dispute && case.kind != RecordalKind::Transfer {
        found.push(("/declarations/no_ownership_dispute".into(), DISPUTED));
    }
    if !declared.no_preservation {
        found.push(("/declarations/no_preservation".into(), SUSPENDED));
    }
    if declared.pledged && !case.pledgee_agrees {
        found.push(("/pledgee_consent_document_id".into(), PLEDGED));
    }
    found.extend(of_burdens(case));
    found.extend(of_licence(case).into_iter().map(|ground| ("/licence_id".into(), ground)));
    found
}

/// What is entered of the burdens of the rights, but for pledges that a paper at hand cures. A pledge of what is pledged is refused by itself.
fn of_burdens(case: &Case) -> Vec<(String, Ground)> {
    let stops = case.entered.iter().filter(|finding| finding.blocks);
    let of = stops.filter_map(|finding| Some((finding, finding.burden?.1)));
    of.filter(|(_, kind)| *kind != BurdenKind::Pledge || !case.pledgee_agrees)
        .map(|(finding, _)| {
            let said = finding.said;
            (format!("/assets/{}", finding.asset), Ground { code: said.code, zh: said.zh, en: said.en })
        })
        .collect()
}

/// The deed that it is to whatever burdens the rights.
pub fn deed_of(kind: RecordalKind) -> IntendedDeed {
    match kind {
        RecordalKind::Transfer => IntendedDeed::TransferRecordal,
        RecordalKind::Licence => IntendedDeed::LicenceRecordal,
        RecordalKind::Pledge => IntendedDeed::Pledge,
    }
}

/// What of one right is in the way.
fn of_right(case: &Case, right: &AssetFacts) -> Vec<Ground> {
    use LegalStatus::{
        Abandoned, AnnuityGrace, CeasedNonpayment, DeemedWithdrawn, Expired, FiledUnpublished, InExam, Invalidated, Published, Rejected,
        SecretPatent, Suspended, Withdrawn,
    };
    let status = right.status.as_ref().map(|read| read.status);
    let has_ended = matches!(status, Some(Abandoned | CeasedNonpayment | DeemedWithdrawn | Expired | Invalidated | Rejected | Withdrawn));
    let over = right.asset.expires_on.is_some_and(|end| is_over(right.asset.kind, end, case.today));
    let is_granted = !matches!(status, Some(FiledUnpublished | InExam | Published)) && right.asset.kind != AssetKind::PatentApplication;
    // Whoever licenses under a licence has that, and not the right.
    let licenses_under = case.licence.is_some_and(|licence| licence.mode == LicenceMode::SubLicence);
    let is_transfer = case.kind == RecordalKind::Transfer;
    let outlasts = right.asset.expires_on.is_some_and(|end| last_day(case).is_some_and(|last| end < last));
    // It is pledged to one; whoever wants it pledged to another first has that ended.
    let is_pledged = case.kind == RecordalKind::Pledge && case.pledged.contains(&right.asset.id);
    [
        (right.asset.organisation_id != case.holder && !licenses_under, NOT_HOLDER),
        (status.is_none(), UNREAD),
        (has_ended || over, ENDED),
        (status == Some(SecretPatent), SECRET),
        (status == Some(Suspended), SUSPENDED),
        (status == Some(AnnuityGrace) && !is_transfer, ANNUITY),
        (case.kind == RecordalKind::Pledge && !is_granted, NOT_GRANTED),
        (case.kind == RecordalKind::Licence && status == Some(FiledUnpublished), UNPUBLISHED),
        (outlasts, OUTLASTS),
        (is_pledged, PLEDGED),
    ]
    .into_iter()
    .filter(|(is, _)| *is)
    .map(|(_, ground)| ground)
    .collect()
}

/// The first day on which a licence does not stand any more, or the day until which a debt is to be paid.
fn last_day(case: &Case) -> Option<NaiveDate> {
    case.licence.and_then(|licence| licence.ends_on).or(case.secured_until)
}

/// What of the licence is in the way.
fn of_licence(case: &Case) -> Vec<Ground> {
    let Some(licence) = case.licence else { return Vec::new() };
    let stands = grant::stands(licence, case.today);
    let is_accepted = licence.mode != LicenceMode::Open || case.is_acceptance_shown;
    let found = [(!stands, NOT_STANDING), (case.is_recorded, RECORDED), (!is_accepted, NOT_ACCEPTED)];
    found.into_iter().filter(|(is, _)| *is).map(|(_, ground)| ground).collect()
}

/// Refuses what the registry would refuse, with every ground at its place.
pub fn passes(case: &Case) -> Result<(), Problem> {
    let errors: Vec<_> = grounds(case).into_iter().map(|(place, ground)| Fault::new(&place, ground.code, ground.zh, ground.en)).collect();
    if errors.is_empty() { Ok(()) } else { Err(Problem { errors, ..Code::NotRecordable.into() }) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::ids::LicenceGrantId;
    use entity::licences::{LicenceGrantState, LicenceOrigin};
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::super::examples::{SELLER, at, day, person};
    use super::*;
    use crate::encumbrances::rules::tests::{burden, stands_of};
    use crate::encumbrances::rules::{Intended, Standing, pledged, verdicts};
    use crate::listings::rules::tests::asset;
    use crate::listings::rules::tests::seller;

    struct Scene {
        kind: RecordalKind,
        holder: OrganisationId,
        right: AssetFacts,
        licence: Option<licence_grant::Model>,
        secured_until: Option<NaiveDate>,
        is_recorded: bool,
        pledged: Vec<AssetId>,
        entered: Vec<Finding>,
        declared: RightsDeclared,
        pledgee_agrees: bool,
        is_acceptance_shown: bool,
    }

    const CLEAR: RightsDeclared = RightsDeclared { no_ownership_dispute: true, no_preservation: true, pledged: false };

    fn licence() -> licence_grant::Model {
        licence_grant::Model {
            id: LicenceGrantId(Uuid::from_u128(5)),
            licensor_id: SELLER,
            grantee_id: None,
            grantee_name: "某企业".into(),
            mode: LicenceMode::Exclusive,
            origin: LicenceOrigin::Recorded,
            state: LicenceGrantState::Effective,
            scope: json!({}),
            starts_on: day("2026-03-02"),
            ends_on: Some(day("2031-03-02")),
            may_sublicense: false,
            is_proxy: false,
            parent_id: None,
            carve_outs: json!([]),
            waivers: json!([]),
            deal_id: None,
            negotiation_id: None,
            rights_grant_id: None,
            open_licence_id: None,
            document: Some(json!({})),
            effective_at: at(0),
            ended_at: None,
            end_reason: None,
            end_document: None,
            superseded_by: None,
            breach_at: None,
            breach: None,
            created_by: person(1),
            version: 1,
            created_at: at(0),
        }
    }

    fn scene(kind: RecordalKind) -> Scene {
        // A granted invention in force until 2040-06-19.
        let right = asset(1);
        Scene {
            kind,
            holder: right.asset.organisation_id,
            right,
            licence: (kind == RecordalKind::Licence).then(licence),
            secured_until: (kind == RecordalKind::Pledge).then(|| day("2028-03-02")),
            is_recorded: false,
            pledged: Vec::new(),
            entered: Vec::new(),
            declared: CLEAR,
            pledgee_agrees: false,
            is_acceptance_shown: false,
        }
    }

    impl Scene {
        fn codes(&self) -> Vec<&'static str> {
            let case = Case {
                kind: self.kind,
                holder: self.holder,
                rights: std::slice::from_ref(&self.right),
                licence: self.licence.as_ref(),
                secured_until: self.secured_until,
                is_recorded: self.is_recorded,
                pledged: &self.pledged,
                entered: &self.entered,
                declared: self.declared,
                pledgee_agrees: self.pledgee_agrees,
                is_acceptance_shown: self.is_acceptance_shown,
                today: day("2026-04-01"),
            };
            assert_eq!(passes(&case).is_ok(), grounds(&case).is_empty());
            grounds(&case).into_iter().map(|(_, ground)| ground.code).collect()
        }

        /// A burden is entered of the right.
        fn enter(&mut self, kind: BurdenKind) {
            let standing = [Standing { burdens: vec![stands_of(burden(1, kind))], ..Standing::unburdened(&self.right) }];
            let today = day("2026-04-01");
            self.pledged = pledged(&standing, today);
            self.entered = verdicts(&standing, &Intended { deed: deed_of(self.kind), abroad: false, by: &seller() }, today);
        }

        fn read(&mut self, status: LegalStatus) {
            self.right.status.as_mut().unwrap().status = status;
        }
    }

    /// What a change of a sound licence, transfer and pledge is refused for.
    fn refused(change: impl Fn(&mut Scene)) -> [Vec<&'static str>; 3] {
        [RecordalKind::Licence, RecordalKind::Transfer, RecordalKind::Pledge].map(|kind| {
            let mut scene = scene(kind);
            change(&mut scene);
            scene.codes()
        })
    }

    #[test]
    fn what_is_sound_passes() {
        assert!(refused(|_| ()).iter().all(Vec::is_empty));
    }

    #[test]
    fn refused_for_the_licensor_does_not_have_the_right() {
        let [licence, transfer, pledge] = refused(|scene| scene.holder = OrganisationId(Uuid::from_u128(99)));
        assert_eq!((licence, transfer, pledge), (vec!["not_holder"], vec!["not_holder"], vec!["not_holder"]));
        let mut under = scene(RecordalKind::Licence);
        under.holder = OrganisationId(Uuid::from_u128(99));
        under.licence.as_mut().unwrap().mode = LicenceMode::SubLicence;
        assert!(under.codes().is_empty(), "who licenses under a licence has that");
    }

    #[test]
    fn refused_for_the_patent_ended_or_the_application_is_deemed_withdrawn() {
        use LegalStatus::{Abandoned, CeasedNonpayment, DeemedWithdrawn, Expired, Invalidated, Rejected, Withdrawn};
        for status in [Abandoned, CeasedNonpayment, DeemedWithdrawn, Expired, Invalidated, Rejected, Withdrawn] {
            for codes in refused(|scene| scene.read(status)) {
                assert_eq!(codes, ["ended"], "{status:?}");
            }
        }
        let over = |scene: &mut Scene| scene.right.asset.expires_on = Some(day("2026-03-31"));
        assert_eq!(refused(over)[1], ["ended"]);
    }

    #[test]
    fn refused_for_its_fees_are_late() {
        let [licence, transfer, pledge] = refused(|scene| scene.read(LegalStatus::AnnuityGrace));
        assert_eq!((licence, pledge), (vec!["annuity_grace"], vec!["annuity_grace"]));
        assert!(transfer.is_empty(), "it passes with that, which was told");
    }

    #[test]
    fn refused_for_its_ownership_is_disputed() {
        let [licence, transfer, pledge] = refused(|scene| scene.declared.no_ownership_dispute = false);
        assert_eq!((licence, pledge), (vec!["ownership_dispute"], vec!["ownership_dispute"]));
        assert!(transfer.is_empty(), "it is disclosed");
    }

    #[test]
    fn refused_for_it_would_outlast_the_patent() {
        let mut licensed = scene(RecordalKind::Licence);
        licensed.licence.as_mut().unwrap().ends_on = Some(day("2040-06-20"));
        assert_eq!(licensed.codes(), ["beyond_term"]);
        licensed.licence.as_mut().unwrap().ends_on = Some(day("2040-06-19"));
        assert!(licensed.codes().is_empty());
        let mut pledged = scene(RecordalKind::Pledge);
        pledged.secured_until = Some(day("2041-01-01"));
        assert_eq!(pledged.codes(), ["beyond_term"]);
    }

    #[test]
    fn refused_for_the_same_contract_is_recorded() {
        let [licence, ..] = refused(|scene| scene.is_recorded = true);
        assert_eq!(licence, ["recorded_twice"]);
    }

    #[test]
    fn refused_for_it_is_suspended_or_preserved() {
        for codes in refused(|scene| scene.read(LegalStatus::Suspended)) {
            assert_eq!(codes, ["suspended"]);
        }
        for codes in refused(|scene| scene.declared.no_preservation = false) {
            assert_eq!(codes, ["suspended"]);
        }
        for codes in refused(|scene| scene.enter(BurdenKind::Preservation)) {
            assert_eq!(codes, ["preserved"], "whatever is declared");
        }
    }

    #[test]
    fn refused_for_it_is_pledged_and_the_pledgee_does_not_agree() {
        let declared = |scene: &mut Scene| scene.declared.pledged = true;
        let [licence, transfer, _] = refused(declared);
        assert_eq!((licence, transfer), (vec!["pledged"], vec!["pledged"]));
        let registered = |scene: &mut Scene| scene.enter(BurdenKind::Pledge);
        let [licence, transfer, _] = refused(registered);
        assert_eq!((licence, transfer), (vec!["pledged_not_recordable"], vec!["pledged"]));
        let [licence, transfer, pledge] = refused(|scene| {
            registered(scene);
            declared(scene);
            scene.pledgee_agrees = true;
        });
        assert!(licence.is_empty() && transfer.is_empty());
        assert_eq!(pledge, ["pledged"], "what is pledged is not pledged again");
    }

    #[test]
    fn refused_for_nothing_shows_that_an_open_licence_was_accepted() {
        let mut open = scene(RecordalKind::Licence);
        open.licence.as_mut().unwrap().mode = LicenceMode::Open;
        assert_eq!(open.codes(), ["acceptance_missing"]);
        open.is_acceptance_shown = true;
        assert!(open.codes().is_empty());
    }

    #[test]
    fn refused_for_the_application_is_not_published_or_not_granted() {
        let application = |scene: &mut Scene| {
            scene.right.asset.kind = AssetKind::PatentApplication;
            scene.read(LegalStatus::FiledUnpublished);
        };
        let [licence, transfer, pledge] = refused(application);
        assert_eq!((licence, pledge), (vec!["unpublished"], vec!["not_granted"]));
        assert!(transfer.is_empty(), "the right in it passes");
        let published = refused(|scene| {
            application(scene);
            scene.read(LegalStatus::Published);
        });
        assert!(published[0].is_empty(), "a published application is licensed like a patent");
    }

    #[test]
    fn refused_for_the_licence_does_not_stand() {
        let mut ended = scene(RecordalKind::Licence);
        ended.licence.as_mut().unwrap().state = LicenceGrantState::Terminated;
        assert_eq!(ended.codes(), ["licence_ended"]);
    }

    #[test]
    fn secret_patents_and_what_was_never_read_are_not_filed() {
        assert_eq!(refused(|scene| scene.read(LegalStatus::SecretPatent))[1], ["secret_patent"]);
        assert_eq!(refused(|scene| scene.right.status = None)[1], ["status_missing"]);
    }

    proptest! {
        /// Whatever is wrong beside it, nothing that is wrong by itself is forgotten.
        #[test]
        fn a_ground_never_hides_another(wrong in proptest::collection::vec(any::<bool>(), 4)) {
            let mut scene = scene(RecordalKind::Licence);
            let changes: [fn(&mut Scene); 4] = [
                |scene| scene.declared.no_ownership_dispute = false,
                |scene| scene.declared.no_preservation = false,
                |scene| scene.is_recorded = true,
                |scene| scene.declared.pledged = true,
            ];
            for (change, _) in changes.iter().zip(&wrong).filter(|(_, is)| **is) {
                change(&mut scene);
            }
            prop_assert_eq!(scene.codes().len(), wrong.iter().filter(|is| **is).count());
        }
    }
}
