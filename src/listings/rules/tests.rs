//! A seller, an asset and an offer to test with, and the rules as they are shipped.

use entity::Timestamp;
use entity::achievements::{AssetKind, LegalStatus, StatusSource, achievement, asset, asset_owner, legal_status};
use entity::auctions::{AuctionLicence, ClosingMode};
use entity::identity::{OrganisationKind, OrganisationState, Ownership, SellerClass, UsccStanding, organisation};
use entity::ids::{AchievementId, AssetId, DocumentId, LegalStatusId, ListingId, OrganisationId, PersonId};
use entity::listings::{LicenceTerms, PriceBasis, TransferTerms, listing};
use entity::money::Money;
use serde_json::json;
use uuid::Uuid;

use super::machine::{self, NewListing, Text};
use super::offer::{
    Contact, Declarations, Exhibition, Offer, OfferedAuction, OfferedFormat, OfferedReserve, OfferedSchedule, asks_no_secrecy,
    declares_no_secret, well_formed,
};
use crate::achievements::store::AssetFacts;
use crate::platform::problem::Code;
use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};
use crate::rulebook::rules::{Calendar, Snapshot};

/// An instant.
pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The rules for a class of seller in 2026.
pub fn rules(class: SellerClass) -> Snapshot {
    RULEBOOK.snapshot(class, "2026-03-03".parse().unwrap())
}

/// Working days.
pub fn calendar() -> Calendar {
    CALENDAR.clone()
}

/// A person.
pub fn person(number: u128) -> PersonId {
    PersonId(Uuid::from_u128(number))
}

/// A document.
pub fn document(number: u128) -> DocumentId {
    DocumentId(Uuid::from_u128(0xd0c0 + number))
}

pub fn organisation_id() -> OrganisationId {
    OrganisationId(Uuid::from_u128(20))
}

/// The seller.
pub fn seller() -> organisation::Model {
    organisation::Model {
        id: organisation_id(),
        kind: OrganisationKind::University,
        ownership: Ownership::State,
        name: "浙江大学".into(),
        name_en: Some("Zhejiang University".into()),
        uscc: "12100000470095016Q".into(),
        uscc_raw: "12100000470095016Q".into(),
        uscc_standing: UsccStanding::Valid,
        uscc_document_id: None,
        division_code: "330000".into(),
        warnings: json!([]),
        state: OrganisationState::Verified,
        state_reason: None,
        created_by: person(1),
        decided_by: None,
        version: 1,
        created_at: at("2026-01-01T00:00:00Z"),
    }
}

/// The achievement on offer.
pub fn achievement() -> achievement::Model {
    achievement::Model {
        id: AchievementId(Uuid::from_u128(30)),
        organisation_id: organisation_id(),
        title: "一种废水处理方法".into(),
        title_en: None,
        summary: "处理化工废水".into(),
        summary_en: None,
        field: "05".into(),
        trl: Some(7),
        completers: json!([]),
        state_funded: true,
        created_by: person(1),
        version: 1,
        created_at: at("2026-01-01T00:00:00Z"),
    }
}

/// An owner of asset 1.
pub fn owner(position: i32, name: &str, share_bp: i32) -> asset_owner::Model {
    asset_owner::Model { asset_id: AssetId(Uuid::from_u128(41)), position, name: name.into(), organisation_id: None, share_bp }
}

/// A granted invention whose status was read on 1 March 2026.
pub fn asset(number: u128) -> AssetFacts {
    let id = AssetId(Uuid::from_u128(40 + number));
    AssetFacts {
        asset: asset::Model {
            id,
            achievement_id: AchievementId(Uuid::from_u128(30)),
            organisation_id: organisation_id(),
            kind: AssetKind::Invention,
            title: "一种化工或农药废水生化末端的处理方法".into(),
            title_en: None,
            identifier_scheme: Some("cn_application".into()),
            identifier: Some("202010566088.9".into()),
            identifier_raw: Some("ZL202010566088.9".into()),
            publication_number: None,
            filed_on: Some("2020-06-19".parse().unwrap()),
            granted_on: Some("2022-05-06".parse().unwrap()),
            details: json!({}),
            expires_on: Some("2040-06-19".parse().unwrap()),
            version: 1,
            created_at: at("2026-01-01T00:00:00Z"),
        },
        owners: vec![owner(1, "浙江大学", 10_000)],
        status: Some(legal_status::Model {
            id: LegalStatusId(Uuid::from_u128(50 + number)),
            asset_id: id,
            status: LegalStatus::Granted,
            as_of: at("2026-03-01T02:00:00Z"),
            source: StatusSource::Registry,
            evidence_document_id: None,
            recorded_by: person(1),
            recorded_at: at("2026-03-01T02:00:00Z"),
        }),
    }
}

/// A plain offer of asset 1 for 200 000 yuan.
pub fn offer() -> Offer {
    Offer {
        achievement_id: AchievementId(Uuid::from_u128(30)),
        asset_ids: vec![AssetId(Uuid::from_u128(41))],
        title: "一种废水处理方法".into(),
        title_en: Some("A method of treating waste water".into()),
        summary: "处理化工废水，去除率高。".into(),
        summary_en: None,
        terms: TransferTerms::Assignment {},
        rehearsal: false,
        base_price: Money::fen(20_000_000),
        base_price_basis: PriceBasis::CollectiveDecision,
        basis_document_id: Some(document(5)),
        start_price: None,
        reserve: OfferedReserve::None {},
        deposit: None,
        auction: OfferedAuction {
            closing_mode: ClosingMode::SoftClose,
            step: None,
            step_base: None,
            multiples_only: None,
            enforce_step: None,
            allow_self_raise: None,
            free_period_seconds: None,
            timed_cycle_seconds: None,
            max_duration_seconds: None,
            min_bidders: None,
            next_bidder_rule: None,
            auction_licence: None,
            exhibition: None,
            format: OfferedFormat::default(),
            direction: None,
            buy_now: None,
            proxy: None,
            preemption: None,
        },
        schedule: OfferedSchedule::default(),
        payment: None,
        taxes: None,
        defects: None,
        party_confidential: false,
        amount_confidential: false,
        conditions: vec!["中国境内依法设立的企业".into()],
        declarations: Declarations {
            secret_level_none: true,
            confidentiality_review_number: Some("BM-2026-017".into()),
            encumbrances: Vec::new(),
            no_other_encumbrances: true,
            co_owner_consents: Vec::new(),
            standing_aside: Vec::new(),
        },
        contact: Contact { office: "技术转移中心".into(), phone: Some("0571-88000000".into()), email: None },
    }
}

/// The same as an auction in the sense of the law on Thursday the 12th of March 2026, exhibited on the two days before.
pub fn auction() -> Offer {
    let mut auction = offer();
    auction.auction.auction_licence = Some(AuctionLicence { enterprise: "某拍卖公司".into(), auctioneer_licence: "A-1".into() });
    auction.auction.exhibition = Some(Exhibition {
        from: at("2026-03-10T01:00:00Z"),
        to: at("2026-03-11T09:00:00Z"),
        place: "资料室".into(),
        media: "某日报".into(),
    });
    auction.schedule.registration_closes_at = Some(at("2026-03-10T16:00:00Z"));
    auction.schedule.auction_opens_at = Some(at("2026-03-12T02:00:00Z"));
    auction
}

#[test]
fn how_far_a_licence_goes_is_said_in_codes() {
    let faults = |acts: &[&str], fields: &[&str], territory: &[&str]| {
        let said = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        let licence = LicenceTerms { acts: said(acts), fields: said(fields), territory: said(territory), months: 12, sublicence: false };
        let refused = well_formed(&Offer { terms: TransferTerms::SoleLicence(licence), ..offer() }, false).err();
        let errors = refused.map(|problem| problem.errors).unwrap_or_default();
        errors.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect::<Vec<_>>()
    };
    assert_eq!(faults(&["make", "sell"], &["06.01", "04"], &["330000", "320100"]), Vec::<String>::new());
    assert_eq!(faults(&["all"], &["all"], &["all"]), Vec::<String>::new());
    assert_eq!(faults(&["copy"], &["all"], &["all"]), ["/terms/acts/0 unknown"]);
    assert_eq!(faults(&[], &["all"], &["all"]), ["/terms/acts range"]);
    assert_eq!(faults(&["all"], &["废水处理", "06.99"], &["all"]), ["/terms/fields/0 unknown", "/terms/fields/1 unknown"]);
    assert_eq!(faults(&["all"], &["06", "06"], &["all", "330000"]), ["/terms/fields repeated", "/terms/territory contradiction"]);
    assert_eq!(faults(&["all"], &[], &["all"]), ["/terms/fields range"]);
    // A right that is granted here stands on the mainland.
    assert_eq!(faults(&["all"], &["all"], &["810000"]), ["/terms/territory/0 unknown"]);
}

#[test]
fn an_offer_that_names_no_acts_means_all_of_them() {
    let said = serde_json::json!({"fields": ["all"], "territory": ["all"], "months": 12, "sublicence": false});
    let licence: LicenceTerms = serde_json::from_value(said.clone()).unwrap();
    assert_eq!((licence.acts.as_slice(), serde_json::to_value(&licence).unwrap()), (["all".to_owned()].as_slice(), said));
}

/// The same by a falling clock, from 200 000 yuan down.
pub fn falling(floor: i64, decrement: i64, tick_seconds: Option<i64>) -> Offer {
    let mut clock = offer();
    clock.auction.closing_mode = ClosingMode::HardClose;
    clock.auction.format = OfferedFormat::Dutch { floor: Money::fen(floor), decrement: Money::fen(decrement), tick_seconds };
    clock
}

/// An offer of several non-exclusive licences.
pub fn licences(format: OfferedFormat) -> Offer {
    let licence = LicenceTerms {
        acts: LicenceTerms::every_act(),
        fields: vec!["all".into()],
        territory: vec!["all".into()],
        months: 12,
        sublicence: false,
    };
    let mut licences = Offer { terms: TransferTerms::NonExclusiveLicence(licence), ..offer() };
    (licences.auction.format, licences.auction.closing_mode) = (format, ClosingMode::HardClose);
    licences
}

/// A draft by person 1.
pub fn draft() -> listing::Model {
    let offer = offer();
    machine::drafted(NewListing {
        id: ListingId(Uuid::from_u128(60)),
        organisation_id: organisation_id(),
        author: person(1),
        at: at("2026-03-02T02:00:00Z"),
        text: Text {
            achievement_id: offer.achievement_id,
            seller_class: SellerClass::State,
            rehearsal: offer.rehearsal,
            mode: offer.terms.mode(),
            title: offer.title.clone(),
            offer: super::kept_offer(&offer).unwrap(),
            contact: serde_json::to_string(&offer.contact).unwrap().into(),
            reserve_sealed: None,
        },
    })
}

#[test]
fn an_offer_reads_back_as_it_was_kept() {
    let written = super::written(&draft(), &offer().contact).unwrap();
    assert_eq!(written, super::kept(&offer()).unwrap());
    assert_eq!(super::read_offer(written).unwrap(), offer());
    assert!(!draft().offer.to_string().contains("0571"), "whom to call is kept with the offer");
    assert!(super::rules_of(&draft()).is_err(), "a draft has no rules yet");
}

#[test]
fn the_smallest_offer_needs_no_word_more_than_this() {
    let text = json!({
        "achievement_id": Uuid::from_u128(30), "asset_ids": [Uuid::from_u128(41)], "title": "题", "summary": "述",
        "terms": {"mode": "assignment"}, "base_price": {"amount": "1.00", "currency": "CNY"},
        "base_price_basis": "market_comparison", "auction": {"closing_mode": "soft_close"},
        "declarations": {"secret_level_none": true, "confidentiality_review_number": "1", "no_other_encumbrances": true},
        "contact": {"office": "办公室", "phone": "0571-1"},
    });
    let read: Offer = serde_json::from_value(text).unwrap();
    assert_eq!(well_formed(&read, false), Ok(()));
    assert_eq!(read.starts_at(), Money::fen(100));
}

#[test]
fn unknown_members_are_refused_wherever_they_stand() {
    for (place, member) in
        [("", "price"), ("/auction", "mode"), ("/declarations", "x"), ("/contact", "name"), ("/reserve", "amount"), ("/terms", "months")]
    {
        let mut text = serde_json::to_value(offer()).unwrap();
        text.pointer_mut(place).unwrap().as_object_mut().unwrap().insert(member.into(), json!(1));
        assert!(serde_json::from_value::<Offer>(text).is_err(), "{place}/{member}");
    }
}

#[test]
fn secrets_never_come_in() {
    let mut secret = offer();
    secret.declarations.secret_level_none = false;
    assert_eq!(declares_no_secret(&secret).unwrap_err().code, Code::DeclarationMissing);
    let mut unreviewed = offer();
    unreviewed.declarations.confidentiality_review_number = Some("  ".into());
    assert_eq!(declares_no_secret(&unreviewed).unwrap_err().code, Code::DeclarationMissing);
    assert_eq!(declares_no_secret(&offer()), Ok(()));
}

#[test]
fn no_secrecy_is_asked_for_that_cannot_be_kept() {
    assert_eq!(asks_no_secrecy(&offer()), Ok(()));
    for (name, asked) in [
        ("/party_confidential", Offer { party_confidential: true, ..offer() }),
        ("/amount_confidential", Offer { amount_confidential: true, ..auction() }),
    ] {
        for refused in [asks_no_secrecy(&asked), well_formed(&asked, false)] {
            let problem = refused.unwrap_err();
            let fault = &problem.errors[0];
            assert_eq!((problem.code, fault.pointer.as_str(), fault.code.as_str()), (Code::Invalid, name, "cannot_be_kept"));
        }
    }
}

#[test]
fn everything_ill_said_is_named_at_once() {
    let mut bad = offer();
    bad.title = " ".into();
    bad.asset_ids = vec![bad.asset_ids[0], bad.asset_ids[0]];
    bad.base_price = Money::fen(0);
    bad.reserve = OfferedReserve::Secret { amount: None };
    bad.auction.enforce_step = Some(false);
    bad.auction.multiples_only = Some(true);
    bad.contact.phone = Some("call me".into());
    let problem = well_formed(&bad, false).unwrap_err();
    let places: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(
        places,
        ["/title", "/asset_ids", "/base_price", "/start_price", "/reserve/amount", "/auction/multiples_only", "/contact/phone"]
    );
    bad = offer();
    bad.reserve = OfferedReserve::Secret { amount: None };
    assert_eq!(well_formed(&bad, true), Ok(()), "a sealed reserve need not be given again");
    bad.reserve = OfferedReserve::Secret { amount: Some(Money::fen(19_999_999)) };
    assert!(well_formed(&bad, true).is_err(), "a reserve below the start price");
}
