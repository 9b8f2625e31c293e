//! What a listing notice says (挂牌公告), and what of the assets is public.

use entity::achievements::{LegalStatus, achievement, asset_owner};
use entity::auctions::{Format, Reserve};
use entity::identity::organisation;
use entity::ids::ListingId;
use entity::listings::TransferMode;
use serde_json::{Map, Value, json};

use super::findings::unruled;
use super::offer::{EncumbranceKind, Offer, announced_preemption, hide_holders};
use super::pricing::Bidding;
use super::rule_text::rule_text;
use super::schedule::listing_period;
use crate::achievements::rules::{Permitted, permitted};
use crate::achievements::store::AssetFacts;
use crate::deals::rules::wording;
use crate::notices::rules::attachment::{self, Attachment};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// The parameters a listing notice gives with their source.
const ANNOUNCED: [&str; 16] = [
    "listing_period",
    "auction_lead",
    "auction_notice",
    "min_bidders",
    "deposit_rate",
    "bid_step_rate",
    "bid_multiples_only",
    "self_raise_allowed",
    "free_period",
    "timed_cycle",
    "confirm_deadline",
    "contract_deadline",
    "pay_deadline",
    "refund_losers",
    "legal_status_freshness",
    "proxy_allowed",
];

/// Everything a listing notice is made from.
pub struct Announcement<'a> {
    /// The listing.
    pub id: ListingId,
    /// The offer as kept.
    pub offer: &'a Offer,
    /// The seller.
    pub seller: &'a organisation::Model,
    /// The achievement.
    pub achievement: &'a achievement::Model,
    /// The assets, in the order of the offer.
    pub assets: &'a [AssetFacts],
    /// How it will be bid for; a secret reserve as its commitment.
    pub bidding: &'a Bidding,
    /// The documents that go with it.
    pub attachments: &'a [Attachment],
    /// The rules.
    pub rules: &'a Snapshot,
}

/// The text of the notice. Nothing in it depends on when it is published, so that it can be checked,
/// frozen and hashed before.
pub fn listing_notice(of: &Announcement) -> Result<Value, Problem> {
    let (offer, bidding) = (of.offer, of.bidding);
    let text = rule_text(offer, bidding, of.rules)?;
    let mut said = json!({
        "notice": {"zh": "挂牌公告", "en": "Listing"},
        "listing_id": of.id,
        "title": offer.title,
        "title_en": offer.title_en,
        "summary": offer.summary,
        "summary_en": offer.summary_en,
        "rehearsal": rehearsal(offer.rehearsal),
        "seller": public_seller(of.seller, of.rules),
        "achievement": public_achievement(of.achievement),
        "assets": of.assets.iter().map(|facts| announced_asset(facts, offer.terms.mode())).collect::<Vec<_>>(),
        "mode": wording::mode(offer.terms.mode()),
        "terms": offer.terms,
        "encumbrances": encumbrances(offer),
        "preemption_holders": preemption_holders(offer),
        "defects": offer.defects.as_ref().map_or_else(
            || json!({"zh": "转让方未申报瑕疵", "en": "The seller has declared none."}),
            |text| json!(text),
        ),
        "price": {
            "base_price": offer.base_price,
            "basis": offer.base_price_basis,
            "start_price": bidding.start_price,
            "reserve": reserve(&bidding.reserve),
        },
        "payment": payment(of)?,
        "taxes": offer.taxes.as_ref().map_or_else(
            || json!({"zh": "双方各自依法承担", "en": "Each party bears its own as the law says."}),
            |text| json!(text),
        ),
        "conditions": offer.conditions,
        "deposit": {"amount": bidding.deposit},
        "bidding": bidding_parameters(bidding),
        "preemption": announced_preemption(offer),
        "schedule": schedule(of)?,
        "rule_text": text,
        "attachments": attachment::told(of.attachments),
        "places": attachment::places(false),
        "rules": rules_announced(of)?,
        "secrecy": {"secret_level": "none", "zh": "经本单位保密审查，不涉及国家秘密", "en": "Reviewed by the seller: no state secret."},
        // The office only: who answers there may change, and may ask to be forgotten; what is frozen stays.
        "contact": {"office": offer.contact.office},
    });
    let aside = &offer.declarations.standing_aside;
    if let Some(members) = said.as_object_mut()
        && !aside.is_empty()
    {
        members.insert("standing_aside".into(), json!(aside));
    }
    Ok(said)
}

/// What the public is told of a seller.
pub fn public_seller(seller: &organisation::Model, rules: &Snapshot) -> Value {
    json!({
        "organisation_id": seller.id,
        "name": seller.name,
        "name_en": seller.name_en,
        "uscc": seller.uscc,
        "class": rules.class,
    })
}

/// What the public is told of an achievement.
pub fn public_achievement(achievement: &achievement::Model) -> Value {
    json!({
        "id": achievement.id,
        "title": achievement.title,
        "field": achievement.field,
        "trl": achievement.trl,
        "state_funded": achievement.state_funded,
    })
}

/// What a notice says where it is a rehearsal.
pub fn rehearsal(is_one: bool) -> Value {
    if is_one {
        json!({"zh": "本项目为演练，不产生任何法律效力", "en": "A rehearsal without any legal effect."})
    } else {
        Value::Null
    }
}

/// What the public may know of an asset. An application that is not published yet keeps its title
/// and number to itself: both would tell what it is about.
pub fn public_asset(facts: &AssetFacts) -> Value {
    let asset = &facts.asset;
    let mut said = Map::new();
    said.insert("id".into(), json!(asset.id));
    said.insert("kind".into(), json!(asset.kind));
    if is_unpublished(facts) {
        said.insert("title".into(), "未公布的专利申请 (unpublished application)".into());
    } else {
        said.insert("title".into(), json!(asset.title));
        let optional = [
            ("title_en", json!(asset.title_en)),
            ("identifier", json!(asset.identifier)),
            ("publication_number", json!(asset.publication_number)),
            ("filed_on", json!(asset.filed_on)),
            ("granted_on", json!(asset.granted_on)),
            ("expires_on", json!(asset.expires_on)),
        ];
        said.extend(optional.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.to_owned(), value)));
    }
    said.insert("owners".into(), facts.owners.iter().map(owner).collect());
    if let Some(status) = &facts.status {
        let read = json!({"status": status.status, "as_of": status.as_of, "source": status.source});
        said.insert("legal_status".into(), read);
    }
    Value::Object(said)
}

/// An owner as the frozen text has him. Only an organisation here is named: another may be a person, who may ask
/// to be forgotten. He has his place and his share, and his name is read with the listing while it is kept.
fn owner(owner: &asset_owner::Model) -> Value {
    let mut said = json!({"position": owner.position, "share_bp": owner.share_bp});
    if let (Some(_), Some(members)) = (owner.organisation_id, said.as_object_mut()) {
        members.insert("name".into(), json!(owner.name));
    }
    said
}

/// An asset as it is announced, with what its legal status makes it necessary to disclose.
fn announced_asset(facts: &AssetFacts, mode: TransferMode) -> Value {
    let mut asset = public_asset(facts);
    let warning = facts.status.as_ref().map(|status| permitted(status.status, facts.asset.kind, mode));
    if let (Some(Permitted::Warn(reason)), Some(members)) = (warning, asset.as_object_mut()) {
        members.insert("disclosure".into(), json!({"code": reason.code, "zh": reason.zh, "en": reason.en}));
    }
    asset
}

/// Whether an asset is an application whose content the office has not published yet.
pub fn is_unpublished(facts: &AssetFacts) -> bool {
    facts.status.as_ref().is_some_and(|status| status.status == LegalStatus::FiledUnpublished)
}

/// The rights sold as the lot keeps them for the deal: no more than is public.
pub fn sold_assets(assets: &[AssetFacts]) -> Value {
    let sold = assets.iter().map(|facts| {
        let mut asset = public_asset(facts);
        if let Some(members) = asset.as_object_mut() {
            members.retain(|name, _| matches!(name.as_str(), "id" | "kind" | "title" | "identifier"));
        }
        asset
    });
    sold.collect()
}

/// The terms of transfer as the lot keeps them for the deal, with the secrecy a party asked for.
pub fn sold_terms(offer: &Offer) -> Result<Value, Problem> {
    let mut terms = serde_json::to_value(&offer.terms).map_err(|error| Code::Internal.with("reason", error.to_string()))?;
    if let Some(members) = terms.as_object_mut() {
        members.insert("party_confidential".into(), offer.party_confidential.into());
        members.insert("amount_confidential".into(), offer.amount_confidential.into());
    }
    Ok(terms)
}

fn encumbrances(offer: &Offer) -> Value {
    let listed = offer.declarations.encumbrances.iter().map(|encumbrance| {
        let (zh, en) = kind_in_words(encumbrance.kind);
        json!({
            "kind": encumbrance.kind,
            "zh": zh,
            "en": en,
            "description": encumbrance.description,
            "cured": encumbrance.cure_document_id.is_some(),
        })
    });
    json!({"listed": listed.collect::<Vec<_>>(), "no_others": offer.declarations.no_other_encumbrances})
}

fn kind_in_words(kind: EncumbranceKind) -> (&'static str, &'static str) {
    match kind {
        EncumbranceKind::Pledge => ("质押", "pledge"),
        EncumbranceKind::Preservation => ("财产保全", "court preservation"),
        EncumbranceKind::Dispute => ("权属纠纷", "dispute over ownership"),
        EncumbranceKind::ExistingLicence => ("已有许可", "existing licence"),
        EncumbranceKind::OpenLicence => ("开放许可", "open licence"),
        EncumbranceKind::Preemption => ("优先受让权", "right of pre-emption"),
        EncumbranceKind::GrantedUseRight => ("赋权长期使用权", "use right granted to the inventors"),
        EncumbranceKind::StateFunded => ("财政性资金形成", "made with public money"),
        EncumbranceKind::StandardEssential => ("标准必要专利", "standard-essential"),
    }
}

fn preemption_holders(offer: &Offer) -> Vec<&str> {
    let rights = offer.declarations.encumbrances.iter().filter(|e| e.kind == EncumbranceKind::Preemption);
    rights.map(|e| e.description.as_str()).collect()
}

fn reserve(reserve: &Reserve) -> Value {
    match reserve {
        Reserve::None {} => json!({"kind": "none", "zh": "无保留价", "en": "no reserve price"}),
        Reserve::Open { amount } => json!({"kind": "open", "amount": amount}),
        Reserve::Secret { commitment } => json!({
            "kind": "secret",
            "commitment": commitment,
            "zh": "承诺值为16字节随机盐与8字节大端整数（分）连接后的SHA-256",
            "en": "The commitment is the SHA-256 of a random salt of 16 bytes and the amount in fen as 8 bytes, big-endian.",
        }),
    }
}

fn payment(of: &Announcement) -> Result<Value, Problem> {
    if let Some(text) = &of.offer.payment {
        return Ok(json!(text));
    }
    let (zh, en) = of.rules.span("pay_deadline").map_err(|error| unruled(&error))?.spoken();
    Ok(json!({
        "zh": format!("合同生效后{zh}内一次性付清"),
        "en": format!("In one payment within {en} of the effect of the contract."),
    }))
}

fn bidding_parameters(bidding: &Bidding) -> Value {
    let mut said = json!({
        "closing_mode": bidding.closing_mode,
        "step": bidding.step,
        "step_base": bidding.step_base,
        "multiples_only": bidding.multiples_only,
        "enforce_step": bidding.enforce_step,
        "allow_self_raise": bidding.allow_self_raise,
        "free_period_seconds": bidding.free_period_seconds,
        "timed_cycle_seconds": bidding.timed_cycle_seconds,
        "max_duration_seconds": bidding.max_duration_seconds,
        "min_bidders": bidding.min_bidders,
        "next_bidder_rule": bidding.next_bidder_rule,
        "auction_licence": bidding.auction_licence,
        "close_grace_ms": bidding.close_grace_ms,
        "direction": bidding.direction,
        "buy_now": bidding.buy_now,
        "proxy": bidding.proxy,
    });
    if let Some(members) = said.as_object_mut()
        && !bidding.format.is_english()
    {
        members.insert("format".into(), json!(bidding.format));
    }
    said
}

fn schedule(of: &Announcement) -> Result<Value, Problem> {
    let schedule = &of.offer.schedule;
    let period = of.rules.span(listing_period(of.offer, of.rules)?).map_err(|error| unruled(&error))?;
    Ok(json!({
        "registration_closes_at": schedule.registration_closes_at,
        "auction_opens_at": schedule.auction_opens_at,
        // What counts where no date is given.
        "listing_period": period,
    }))
}

/// The parameters that apply with their sources, and which of them are not in force yet.
fn rules_announced(of: &Announcement) -> Result<Value, Problem> {
    let period = listing_period(of.offer, of.rules)?;
    let is_falling = matches!(of.bidding.format, Format::Dutch { .. });
    let wanted = |name: &str| name == period || ANNOUNCED.contains(&name) || (is_falling && name == "dutch_tick");
    Ok(parameters_told(of.rules, wanted))
}

/// Those parameters of the rules that are wanted, with their sources, and the edition they are from.
pub fn parameters_told(rules: &Snapshot, wanted: impl Fn(&str) -> bool) -> Value {
    let parameters = rules
        .parameters
        .iter()
        .filter(|entry| wanted(&entry.name))
        .map(|entry| json!({"name": entry.name, "value": entry.value, "source": entry.source, "not_in_force": entry.not_in_force}));
    json!({
        "rulebook_version": rules.version,
        "class": rules.class,
        "as_of": rules.on,
        "parameters": parameters.collect::<Vec<_>>(),
    })
}

/// The offer as the public may read it: without the numbers of papers only officers see, nor who holds a right of
/// pre-emption.
pub fn public_offer(mut offer: Value) -> Value {
    hide_holders(&mut offer);
    let Some(members) = offer.as_object_mut() else { return Value::Null };
    members.remove("basis_document_id");
    if let Some(declarations) = members.get_mut("declarations").and_then(Value::as_object_mut) {
        declarations.remove("confidentiality_review_number");
        declarations.remove("co_owner_consents");
        let encumbrances = declarations.get_mut("encumbrances").and_then(Value::as_array_mut);
        for encumbrance in encumbrances.into_iter().flatten().filter_map(Value::as_object_mut) {
            encumbrance.remove("cure_document_id");
        }
    }
    offer
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::pricing;
    use super::super::tests::{achievement, asset, document, offer, organisation_id, owner, rules, seller};
    use super::*;
    use crate::documents::views::DocumentRef;
    use crate::listings::rules::offer::{CoOwnerConsent, Encumbrance, OfferedReserve};
    use crate::notices::rules::attachment::AttachmentKind;
    use entity::identity::SellerClass;
    use entity::ids::DocumentId;
    use entity::money::Money;

    fn drawn_up(offer: &Offer, assets: &[AssetFacts]) -> Value {
        let rules = rules(SellerClass::State);
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
        listing_notice(&announcement).unwrap()
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
}
