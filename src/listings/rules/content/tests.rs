//! What the notices about an offer say.

use super::super::pricing;
use super::super::tests::{achievement, asset, auction, document, offer, organisation_id, owner, rules, seller};
use super::*;
use crate::documents::views::DocumentRef;
use crate::listings::rules::offer::{CoOwnerConsent, Encumbrance, OfferedReserve};
use crate::notices::rules::attachment::AttachmentKind;
use entity::identity::SellerClass;
use entity::ids::DocumentId;
use entity::money::Money;

fn drawn_up(offer: &Offer, assets: &[AssetFacts]) -> Value {
    told_by(listing_notice, SellerClass::State, offer, assets)
}

/// What a notice says of an offer by the rules of a class.
fn told_by<T>(notice: fn(&Announcement) -> Result<T, Problem>, class: SellerClass, offer: &Offer, assets: &[AssetFacts]) -> T {
    let rules = rules(class);
    let announcement = Announcement {
        id: ListingId(uuid::Uuid::from_u128(77)),
        offer,
        seller: &seller(),
        achievement: &achievement(),
        assets,
        bidding: &pricing::settle(offer, &rules, Some("c0ffee")).unwrap(),
        attachments: &attached(),
        rules: &rules,
    };
    notice(&announcement).unwrap()
}

/// The notice of the auction that an offer is.
fn auctioned(class: SellerClass, offer: &Offer) -> Value {
    told_by(auction_notice, class, offer, &[asset(1)]).unwrap()
}

fn attached() -> [Attachment; 1] {
    let document =
        DocumentRef { id: DocumentId(uuid::Uuid::from_u128(9)), version: 1, sha256: "ab".repeat(32), title: "内部名称".into() };
    [Attachment { kind: AttachmentKind::Basis, document }]
}

#[test]
fn what_goes_with_it_is_known_by_its_hash_alone() {
    let content = drawn_up(&offer(), &[asset(1)]);
    let basis = json!([{"kind": "basis", "zh": "定价依据", "en": "what the price rests on", "sha256": "ab".repeat(32)}]);
    assert_eq!(content["attachments"], basis);
    assert!(!content.to_string().contains("内部名称"));
    assert_eq!(content["places"].as_array().unwrap().len(), 1);
}

#[test]
fn the_notice_says_what_the_law_asks_for() {
    let content = drawn_up(&offer(), &[asset(1)]);
    for member in [
        "assets",
        "seller",
        "mode",
        "terms",
        "price",
        "payment",
        "conditions",
        "deposit",
        "bidding",
        "schedule",
        "encumbrances",
        "preemption_holders",
        "taxes",
        "defects",
        "contact",
        "rule_text",
        "rules",
    ] {
        assert!(!content[member].is_null(), "{member}");
    }
    assert_eq!(content["assets"][0]["legal_status"]["status"], "granted");
    assert_eq!(content["price"]["reserve"]["kind"], "none");
    let sources = content["rules"]["parameters"].as_array().unwrap();
    assert!(sources.iter().any(|p| p["name"] == "listing_period" && p["source"].is_string() && p["not_in_force"] == false));
}

/// What the notice of a listing must contain, by value.
#[test]
fn the_notice_says_what_is_offered_by_whom_and_how() {
    let content = drawn_up(&offer(), &[asset(1)]);
    let said = |place: &str| content.pointer(place).cloned().unwrap_or_default();
    for (place, expected) in [
        ("/title", json!("一种废水处理方法")),
        ("/assets/0/kind", json!("invention")),
        ("/assets/0/title", json!("一种化工或农药废水生化末端的处理方法")),
        ("/assets/0/identifier", json!("202010566088.9")),
        ("/assets/0/legal_status/status", json!("granted")),
        ("/assets/0/legal_status/as_of", json!("2026-03-01T02:00:00Z")),
        ("/encumbrances", json!({"listed": [], "no_others": true})),
        ("/seller/name", json!("浙江大学")),
        ("/seller/uscc", json!("12100000470095016Q")),
        ("/mode", json!({"code": "assignment", "zh": "转让", "en": "assignment"})),
        ("/terms", json!({"mode": "assignment"})),
        ("/price/base_price", json!({"amount": "200000.00", "currency": "CNY"})),
        ("/price/basis", json!("collective_decision")),
        ("/payment/zh", json!("合同生效后5个工作日内一次性付清")),
        ("/conditions", json!(["中国境内依法设立的企业"])),
        ("/deposit/amount", json!({"amount": "20000.00", "currency": "CNY"})),
        ("/bidding/closing_mode", json!("soft_close")),
        ("/bidding/direction", json!("ascending")),
        ("/preemption_holders", json!([])),
        ("/taxes/zh", json!("双方各自依法承担")),
        ("/defects/zh", json!("转让方未申报瑕疵")),
        ("/contact", json!({"office": "技术转移中心"})),
    ] {
        assert_eq!(said(place), expected, "{place}");
    }
    // What becomes of the deposit is a rule that is told with its source.
    let parameters = content["rules"]["parameters"].as_array().unwrap();
    let rule = |name: &str| parameters.iter().find(|one| one["name"] == name).map(|one| one["value"].clone());
    assert_eq!(rule("refund_losers"), Some(json!("3wd")));
    let ours = ["objection_acceptance", "objection_investigation", "objection_extension", "objection_review"];
    assert_eq!(ours.map(rule), ["3wd", "10wd", "10wd", "5wd"].map(|value| Some(json!(value))));
}

#[test]
fn the_notice_says_how_to_object() {
    let objections = drawn_up(&offer(), &[asset(1)])["objections"].clone();
    assert!(objections["zh"].as_str().unwrap().starts_with("挂牌公告期内任何人可实名向本平台提出异议"));
    assert_eq!(objections["until"]["en"], "the end of the listing period, as registration closes");
    assert_eq!(objections["grounds"][1], json!({"code": "price_unfair", "zh": "价格不公", "en": "unfair price"}));
    let first = json!({
        "rule": "objection_acceptance",
        "period": "3wd",
        "zh": "提出后3个工作日内决定是否受理",
        "en": "whether it is accepted is decided within 3 working days of its being handed in",
        "source": "platform rule (design)",
    });
    assert_eq!((objections["deadlines"].as_array().unwrap().len(), &objections["deadlines"][0]), (5, &first));
}

#[test]
fn the_notice_names_those_that_stand_aside_where_there_are_some() {
    let mut aside = offer();
    assert_eq!(drawn_up(&aside, &[asset(1)]).get("standing_aside"), None);
    let broker = entity::ids::OrganisationId(uuid::Uuid::from_u128(9));
    aside.declarations.standing_aside = vec![broker];
    assert_eq!(drawn_up(&aside, &[asset(1)])["standing_aside"], json!([broker]));
    assert_eq!(public_offer(json!(aside))["declarations"]["standing_aside"], json!([broker]));
}

#[test]
fn the_frozen_text_names_no_owner_who_may_be_a_person() {
    let holder = asset_owner::Model { organisation_id: Some(organisation_id()), ..owner(1, "浙江大学", 6_000) };
    let shared = AssetFacts { owners: vec![holder, owner(2, "张三", 4_000)], ..asset(1) };
    let content = drawn_up(&offer(), &[shared]);
    assert_eq!(content["assets"][0]["owners"][0]["name"], "浙江大学");
    assert_eq!(content["assets"][0]["owners"][1], json!({"position": 2, "share_bp": 4_000}));
    assert!(!content.to_string().contains("张三"));
}

#[test]
fn a_secret_reserve_appears_only_as_its_commitment() {
    let mut secret = offer();
    secret.reserve = OfferedReserve::Secret { amount: Some(Money::fen(98_765_432)) };
    let (kept, amount) = secret.without_secret();
    assert_eq!(amount, Some(Money::fen(98_765_432)));
    let stored = serde_json::to_value(&kept).unwrap();
    assert_eq!(stored["reserve"], json!({"kind": "secret"}));
    let content = drawn_up(&kept, &[asset(1)]);
    assert_eq!(content["price"]["reserve"]["commitment"], "c0ffee");
    for text in [stored.to_string(), content.to_string()] {
        assert!(!text.contains("987654.32") && !text.contains("98765432"));
    }
}

#[test]
fn an_unpublished_application_keeps_its_title_and_number() {
    let mut hidden = asset(1);
    hidden.asset.title = "一种尚未公布的方法".into();
    if let Some(status) = &mut hidden.status {
        status.status = LegalStatus::FiledUnpublished;
    }
    for said in [drawn_up(&offer(), &[hidden.clone()]).to_string(), sold_assets(&[hidden.clone()]).to_string()] {
        assert!(!said.contains("尚未公布的方法") && !said.contains(hidden.asset.identifier.as_deref().unwrap()));
    }
}

#[test]
fn what_the_legal_status_makes_necessary_is_disclosed() {
    let mut late = asset(1);
    assert!(drawn_up(&offer(), &[late.clone()])["assets"][0]["disclosure"].is_null());
    if let Some(status) = &mut late.status {
        status.status = LegalStatus::AnnuityGrace;
    }
    assert_eq!(drawn_up(&offer(), &[late])["assets"][0]["disclosure"]["code"], "annuity_grace");
}

#[test]
fn the_public_offer_names_no_papers() {
    let mut full = offer();
    full.basis_document_id = Some(document(1));
    full.declarations.co_owner_consents = vec![CoOwnerConsent { owner: "甲".into(), document_id: document(2) }];
    full.declarations.encumbrances =
        vec![Encumbrance { kind: EncumbranceKind::Pledge, description: "质押给银行".into(), cure_document_id: Some(document(3)) }];
    let shown = public_offer(serde_json::to_value(&full).unwrap()).to_string();
    for id in [document(1), document(2), document(3)] {
        assert!(!shown.contains(&id.to_string()));
    }
    assert!(!shown.contains("BM-2026") && shown.contains("质押给银行"));
}

#[test]
fn the_deal_is_told_what_is_sold() {
    let sold = sold_assets(&[asset(1)]);
    let mut names: Vec<_> = sold[0].as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["id", "identifier", "kind", "title"]);
    let mut quiet = offer();
    quiet.party_confidential = true;
    assert_eq!(sold_terms(&quiet).unwrap(), json!({"mode": "assignment", "party_confidential": true, "amount_confidential": false}));
}

#[test]
fn the_notice_of_an_auction_says_what_the_law_asks_for() {
    let content = auctioned(SellerClass::State, &auction());
    for member in [
        "listing_id",
        "title",
        "title_en",
        "summary",
        "seller",
        "assets",
        "mode",
        "terms",
        "price",
        "deposit",
        "attachments",
        "places",
        "contact",
    ] {
        assert_eq!(content[member], drawn_up(&auction(), &[asset(1)])[member], "as its listing says: {member}");
        assert!(!content[member].is_null(), "{member}");
    }
    assert_eq!(content["notice"], json!({"zh": "拍卖公告", "en": "Auction"}));
    assert_eq!(content["auction_licence"], json!({"enterprise": "某拍卖公司", "auctioneer_licence": "A-1"}));
    assert_eq!(content["schedule"]["auction_opens_at"], "2026-03-12T02:00:00Z");
    assert_eq!((&content["format"]["en"], &content["format"]["closing_mode"]), (&json!("auction, ascending bids"), &json!("soft_close")));
    assert_eq!(content["venue"]["en"], "online on this platform");
    let shown = json!({"from": "2026-03-10T01:00:00Z", "to": "2026-03-11T09:00:00Z", "place": "资料室"});
    assert_eq!((&content["exhibition"], &content["media"]), (&shown, &json!("某日报")));
    let parameters = content["rules"]["parameters"].as_array().unwrap();
    let sources: Vec<_> = parameters.iter().map(|one| (one["name"].as_str().unwrap(), one["source"].as_str().unwrap())).collect();
    assert!(sources.contains(&("auction_notice", "AL art.45")) && sources.contains(&("exhibition_period", "AL art.48")), "{sources:?}");
    assert_eq!(sources.len(), 6, "its own, and how objections are handled");
    let objections = &content["objections"];
    assert_eq!(objections["until"], json!({"zh": "竞价开始之时", "en": "the opening of the bidding"}));
    assert_eq!(objections["deadlines"], drawn_up(&auction(), &[asset(1)])["objections"]["deadlines"]);
}

#[test]
fn how_to_join_names_the_deposit_and_a_date_that_was_chosen() {
    let chosen = auctioned(SellerClass::State, &auction())["how_to_join"].clone();
    for said in [&chosen["zh"], &chosen["en"]] {
        let said = said.as_str().unwrap();
        assert!(said.contains("2026-03-11 00:00") && said.contains("20000.00"), "{said}");
    }
    let mut open = auction();
    open.schedule.registration_closes_at = None;
    let by_rule = auctioned(SellerClass::State, &open)["how_to_join"].clone();
    assert!(by_rule["zh"].as_str().unwrap().contains("公告期满前") && by_rule["en"].as_str().unwrap().contains("listing period"));
}

#[test]
fn what_is_no_auction_has_no_such_notice_and_the_listing_of_one_tells_its_exhibition() {
    assert_eq!(told_by(auction_notice, SellerClass::State, &offer(), &[asset(1)]), None);
    let of_listing = drawn_up(&auction(), &[asset(1)]);
    let of_auction = auctioned(SellerClass::State, &auction());
    assert_eq!((&of_listing["exhibition"], &of_listing["media"]), (&of_auction["exhibition"], &of_auction["media"]));
    assert_eq!(drawn_up(&offer(), &[asset(1)]).get("exhibition"), None);
}

#[test]
fn a_rehearsed_auction_may_say_nothing_of_an_exhibition() {
    let mut rehearsed = Offer { rehearsal: true, ..auction() };
    (rehearsed.auction.exhibition, rehearsed.schedule.auction_opens_at) = (None, None);
    let content = auctioned(SellerClass::Rehearsal, &rehearsed);
    assert_eq!((content.get("exhibition"), content.get("media")), (None, None));
    assert!(content["schedule"]["auction_opens_at"].is_null() && !content["rehearsal"].is_null());
}
