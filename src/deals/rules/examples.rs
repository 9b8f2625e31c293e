//! A deal to test with.

use entity::deals::{DealState, SignatureSide, deal, deal_signature};
use entity::identity::SellerClass;
use entity::ids::{AdmissionId, AssetId, AwardId, DealId, ListingId, LotId, OrganisationId};
use entity::listings::TransferMode;
use entity::money::Money;
use entity::notices::notice;
use serde_json::json;
use uuid::Uuid;

use super::facts::{Facts, NewDeal, Party};
use crate::notices::rules::examples::draft;
pub use crate::notices::rules::examples::{at, person};
use crate::rulebook::rules::{Snapshot, SnapshotEntry, Value};

/// The seller.
pub const SELLER: OrganisationId = OrganisationId(Uuid::from_u128(21));
/// The buyer.
pub const BUYER: OrganisationId = OrganisationId(Uuid::from_u128(22));

/// The rules a deal needs, for a class of seller.
pub fn rules(class: SellerClass) -> Snapshot {
    let entry = |(name, value): (&str, &str)| SnapshotEntry {
        name: name.into(),
        value: value.parse().unwrap_or(Value::Flag(false)),
        min: None,
        max: None,
        source: format!("source of {name}"),
        not_in_force: false,
    };
    let parameters = [
        ("amount_band_first", "10000.00CNY"),
        ("confirm_deadline", "3wd"),
        ("contract_deadline", "5wd"),
        ("legal_status_freshness", "7d"),
        ("objection_acceptance", "3wd"),
        ("objection_extension", "10wd"),
        ("objection_investigation", "10wd"),
        ("objection_review", "5wd"),
        ("pay_deadline", "5wd"),
        ("publish_result", "3wd"),
        ("result_notice_period", "5wd"),
    ];
    Snapshot { version: 7, class, on: at(0).date_naive(), parameters: parameters.map(entry).into() }
}

/// What the deal rests on.
pub fn facts() -> Facts {
    let deal = NewDeal {
        award_id: AwardId(Uuid::from_u128(11)),
        lot_id: LotId(Uuid::from_u128(12)),
        listing_id: ListingId(Uuid::from_u128(13)),
        seller_organisation_id: SELLER,
        buyer_organisation_id: BUYER,
        buyer_admission_id: AdmissionId(Uuid::from_u128(14)),
        price: Money::fen(320_000_000),
        base_price: Some(Money::fen(250_000_000)),
        start_price: Money::fen(240_000_000),
        mode: TransferMode::Assignment,
        terms: json!({"mode": "assignment"}),
        title: "一种化工或农药废水生化末端的处理方法".into(),
        title_en: Some("Treating chemical or pesticide waste water after its biochemical stage".into()),
        assets: json!([{
            "id": AssetId(Uuid::from_u128(31)),
            "kind": "invention",
            "title": "一种化工或农药废水生化末端的处理方法",
            "identifier": "202010566088.9",
        }]),
        buyer_confidential: false,
        pseudonym: "竞买人 7F3K".into(),
        bid_count: 9,
        bidder_count: 3,
        format: "english".into(),
        closing_mode: "soft_close".into(),
        opened_at: at(-86_400),
        closed_at: at(0),
        log_hash: "ab".repeat(32),
        log_seq: 14,
        deposit: Money::fen(24_000_000),
        deposit_transfer_id: None,
        host_required: false,
        rehearsal: false,
        barred_persons: vec![person(0x00ba_44ed)],
        rules: rules(SellerClass::State),
        units: None,
    };
    let seller = Party { name: "浙江大学".into(), uscc: "12100000470095016Q".into(), city: Some("杭州市".into()) };
    let buyer =
        Party { name: "杭州华纳新材料科技有限公司".into(), uscc: "91330000733796106P".into(), city: Some("杭州市".into()) };
    Facts::new(deal, seller, buyer)
}

/// The deal, waiting for signatures.
pub fn deal() -> deal::Model {
    let facts = facts();
    deal::Model {
        id: DealId(Uuid::from_u128(1)),
        award_id: facts.deal.award_id,
        lot_id: facts.deal.lot_id,
        listing_id: facts.deal.listing_id,
        seller_organisation_id: SELLER,
        buyer_organisation_id: BUYER,
        buyer_admission_id: facts.deal.buyer_admission_id,
        price_minor: facts.deal.price.minor,
        currency: facts.deal.price.currency,
        state: DealState::ConfirmationGenerated,
        facts: json!(facts),
        confirmation: "{}".into(),
        confirmation_sha256: vec![7; 32],
        host_required: false,
        barred_persons: json!(facts.deal.barred_persons),
        deposit_transfer_id: None,
        confirm_by: at(259_200),
        confirmed_at: None,
        result_notice_id: None,
        version: 1,
        created_at: at(0),
    }
}

/// A signature for a side by somebody who may give it.
pub fn signature(side: SignatureSide) -> deal_signature::Model {
    deal_signature::Model {
        deal_id: deal().id,
        side,
        person_id: person(50 + side as u128),
        organisation_id: None,
        confirmation_sha256: vec![7; 32],
        signed_at: at(60),
    }
}

/// The draft of the result notice of a deal.
pub fn notice() -> notice::Model {
    notice::Model { organisation_id: SELLER, barred_persons: json!([]), ..draft() }
}
