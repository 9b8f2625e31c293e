//! What the public is told: of the price before anybody is bound (协议定价公示), and of the result (成交公示).
//!
//! Source: Zhejiang regulation on the conversion of achievements art. 17: name, abstract, way, intended price; a related buyer is
//! marked, and how to object is said.

use entity::Timestamp;
use entity::achievements::achievement;
use entity::identity::organisation;
use entity::money::Money;
use entity::negotiations::{BuyerRelation, negotiation};
use entity::notices::notice_version;
use serde_json::{Map, Value, json};

use super::offers::NegotiatedTerms;
use crate::achievements::store::AssetFacts;
use crate::codes::division_name;
use crate::deals::rules::{unruled, wording};
use crate::listings::rules::content::{parameters_told, public_achievement, public_asset, public_seller, rehearsal, sold_assets};
use crate::notices::rules::attachment::{self, Attachment};
use crate::notices::rules::redaction::{Field, redacted};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{RedactionRule, Snapshot, masked_name, shanghai_date};

/// The parameters a notice gives with their source.
const ANNOUNCED: [&str; 7] = [
    "negotiated_notice_period",
    "negotiated_unit_notice",
    "objection_acceptance",
    "objection_investigation",
    "objection_extension",
    "objection_review",
    "legal_status_freshness",
];

/// Everything a text is made from.
pub struct Announcement<'a> {
    /// What was agreed on.
    pub held: &'a negotiation::Model,
    /// The terms.
    pub terms: &'a NegotiatedTerms,
    /// The seller.
    pub seller: &'a organisation::Model,
    /// The buyer.
    pub buyer: &'a organisation::Model,
    /// The achievement.
    pub achievement: &'a achievement::Model,
    /// The rights.
    pub assets: &'a [AssetFacts],
    /// The documents that go with it.
    pub attachments: &'a [Attachment],
    /// The rules.
    pub rules: &'a Snapshot,
    /// What of it is public.
    pub policy: &'a [RedactionRule],
}

/// The text of the notice.
pub fn price_notice(of: &Announcement) -> Result<Value, Problem> {
    let in_unit = of.rules.flag("negotiated_unit_notice").map_err(|error| unruled(&error))?;
    let (mut content, withheld) = redacted(vec![buyer_name(of)], of.policy, of.rules.class, of.rules.on);
    let said = json!({
        "notice": {"zh": "协议定价公示", "en": "Negotiated price"},
        "negotiation_id": of.held.id,
        "title": of.held.title,
        "summary": of.held.summary,
        "rehearsal": rehearsal(of.held.rehearsal),
        "seller": public_seller(of.seller, of.rules),
        "buyer_related": related(of.held),
        "achievement": public_achievement(of.achievement),
        "assets": of.assets.iter().map(public_asset).collect::<Vec<_>>(),
        "mode": wording::mode(of.terms.transfer.mode()),
        "terms": of.terms.transfer,
        "intended_price": of.terms.price,
        "price": {"valuation": valuation(of.held), "basis": of.held.price_basis},
        "payment": of.terms.payment,
        "conditions": of.terms.conditions,
        "attachments": attachment::told(of.attachments),
        "places": attachment::places(in_unit),
        "objections": {
            "zh": "公示期内任何人可实名向本平台提出异议；受理的异议办结前，双方不得确认成交",
            "en": "While this runs anybody may object on the platform, giving his name; until that is settled the parties cannot confirm",
        },
        "rules": rules_announced(of.rules),
        "withheld": withheld,
    });
    content.extend(members(said)?);
    Ok(Value::Object(content))
}

/// The text of the result. `price` is the version of the notice that the parties confirmed.
pub fn result_notice(of: &Announcement, price: &notice_version::Model, confirmed_at: Timestamp) -> Result<Value, Problem> {
    let parties =
        vec![Field::plain("seller_name", json!(of.seller.name)), buyer_name(of), Field::plain("final_price", json!(of.terms.price))];
    let (mut content, withheld) = redacted(parties, of.policy, of.rules.class, of.rules.on);
    let said = json!({
        "notice": {"zh": "成交公示", "en": "Result of a deal"},
        "negotiation_id": of.held.id,
        "title": of.held.title,
        "rehearsal": of.held.rehearsal,
        "buyer_related": related(of.held),
        "assets": sold_assets(of.assets),
        "mode": wording::mode(of.terms.transfer.mode()),
        "terms": of.terms.transfer,
        "format": {"code": "negotiated_price", "zh": "协议定价", "en": "negotiated price"},
        "valuation": valuation(of.held),
        "date": shanghai_date(confirmed_at),
        "confirmed_at": confirmed_at,
        "price_notice": {"id": price.notice_id, "number": price.version, "sha256": hex(&price.sha256)},
        "seller_class": of.rules.class,
        "rules": rules_announced(of.rules),
        "places": attachment::places(false),
        "withheld": withheld,
    });
    content.extend(members(said)?);
    Ok(Value::Object(content))
}

fn members(said: Value) -> Result<Map<String, Value>, Problem> {
    match said {
        Value::Object(members) => Ok(members),
        _ => Err(Code::Internal.into()),
    }
}

/// The buyer's name, which a related buyer cannot have kept secret.
fn buyer_name(of: &Announcement) -> Field {
    let city = of.buyer.division_code.get(..4).and_then(|digits| division_name(&format!("{digits}00")));
    Field {
        asked: of.held.buyer_confidential && of.held.relation.is_none(),
        mask: Some(masked_name(&of.buyer.name, city).into()),
        ..Field::plain("buyer_name", json!(of.buyer.name))
    }
}

fn related(held: &negotiation::Model) -> Value {
    let Some(kind) = held.relation else {
        return json!({"related": false, "zh": "双方申明无关联关系", "en": "the parties declare that they are not related"});
    };
    let (zh, en) = match kind {
        BuyerRelation::Completer => ("受让方为成果完成人或由其设立", "the buyer is who made the technology, or theirs"),
        BuyerRelation::SameController => ("双方法定代表人或实际控制人相同", "the parties have the same representative or controller"),
        BuyerRelation::Shareholding => ("双方或成果完成人与受让方有持股关系", "by shareholding"),
        BuyerRelation::Office => ("成果完成人在受让方任职", "who made it holds an office with the buyer"),
        BuyerRelation::Kin => ("亲属关系", "by kinship"),
        BuyerRelation::Other => ("其他关联关系", "in another way"),
    };
    json!({"related": true, "kind": kind, "zh": zh, "en": en, "note": held.relation_note})
}

fn valuation(held: &negotiation::Model) -> Money {
    Money { minor: held.valuation_minor, currency: held.currency }
}

fn rules_announced(rules: &Snapshot) -> Value {
    parameters_told(rules, |name| ANNOUNCED.contains(&name))
}
