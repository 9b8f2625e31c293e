//! What a listing notice says (挂牌公告), and what of the assets is public.

mod auction;

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
use crate::notices::rules::objecting;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

pub use auction::auction_notice;

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

/// Who may object to a listing, and what waits for it.
const TO_OBJECT: objecting::Said = (
    "挂牌公告期内任何人可实名向本平台提出异议；异议受理后竞价中止，办结前不签署成交确认书",
    "While this runs anybody may object on the platform, giving his name; bidding stands still for what is accepted, and until it is settled nobody signs a confirmation",
);

/// When it is too late to.
const UNTIL: objecting::Said = ("挂牌公告期届满、报名截止之时", "the end of the listing period, as registration closes");

/// Everything the notices about an offer are made from.
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
    let mut said = offered(of)?;
    and(
        &mut said,
        json!({
            "notice": {"zh": "挂牌公告", "en": "Listing"},
            "achievement": public_achievement(of.achievement),
            "encumbrances": encumbrances(offer),
            "preemption_holders": preemption_holders(offer),
            "defects": offer.defects.as_ref().map_or_else(
                || json!({"zh": "转让方未申报瑕疵", "en": "The seller has declared none."}),
                |text| json!(text),
            ),
            "payment": payment(of)?,
            "taxes": offer.taxes.as_ref().map_or_else(
                || json!({"zh": "双方各自依法承担", "en": "Each party bears its own as the law says."}),
                |text| json!(text),
            ),
            "conditions": offer.conditions,
            "bidding": bidding_parameters(bidding),
            "preemption": announced_preemption(offer),
            "rule_text": text,
            "objections": objecting::told(TO_OBJECT, UNTIL, of.rules),
            "rules": rules_announced(of)?,
            "secrecy": {"secret_level": "none", "zh": "经本单位保密审查，不涉及国家秘密", "en": "Reviewed by the seller: no state secret."},
        }),
    );
    let aside = &offer.declarations.standing_aside;
    if !aside.is_empty() {
        said.insert("standing_aside".into(), json!(aside));
    }
    Ok(Value::Object(said))
}

/// What every notice about an offer says of it.
fn offered(of: &Announcement) -> Result<Map<String, Value>, Problem> {
    let (offer, bidding) = (of.offer, of.bidding);
    let mut said = Map::new();
    and(
        &mut said,
        json!({
            "listing_id": of.id,
            "title": offer.title,
            "title_en": offer.title_en,
            "summary": offer.summary,
            "summary_en": offer.summary_en,
            "rehearsal": rehearsal(offer.rehearsal),
            "seller": public_seller(of.seller, of.rules),
            "assets": of.assets.iter().map(|facts| announced_asset(facts, offer.terms.mode())).collect::<Vec<_>>(),
            "mode": wording::mode(offer.terms.mode()),
            "terms": offer.terms,
            "price": {
                "base_price": offer.base_price,
                "basis": offer.base_price_basis,
                "start_price": bidding.start_price,
                "reserve": reserve(&bidding.reserve),
            },
            "deposit": {"amount": bidding.deposit},
            "schedule": schedule(of)?,
            "attachments": attachment::told(of.attachments),
            "places": attachment::places(false),
            // The office only: who answers there may change, and may ask to be forgotten; what is frozen stays.
            "contact": {"office": offer.contact.office},
        }),
    );
    if let Some(shown) = &offer.auction.exhibition {
        and(&mut said, json!({"exhibition": {"from": shown.from, "to": shown.to, "place": shown.place}, "media": shown.media}));
    }
    Ok(said)
}

/// Says more.
fn and(said: &mut Map<String, Value>, more: Value) {
    if let Value::Object(members) = more {
        said.extend(members);
    }
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
    let is_announced = |name: &str| ANNOUNCED.contains(&name) || objecting::RULES.contains(&name);
    let wanted = |name: &str| name == period || is_announced(name) || (is_falling && name == "dutch_tick");
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
mod tests;
