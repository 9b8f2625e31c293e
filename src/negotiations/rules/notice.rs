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
use crate::notices::rules::objecting;
use crate::notices::rules::redaction::{Field, Policy, banded, opened, redacted};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, RedactionRule, Snapshot, masked_name, shanghai_date};

/// The rule a notice of a negotiated price runs by, in both places.
pub const PERIOD: &str = "negotiated_notice_period";
/// The parameters a notice gives with their source, beside those by which objections are handled.
const ANNOUNCED: [&str; 3] = [PERIOD, "negotiated_unit_notice", "legal_status_freshness"];

/// Who may object to a price, and what waits for it.
const TO_OBJECT: objecting::Said = (
    "公示期内任何人可实名向本平台提出异议；异议办结前，双方不得确认成交",
    "While this runs anybody may object on the platform, giving his name; until that is settled the parties cannot confirm",
);

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
    /// The days by which is counted when the rest is.
    pub calendar: &'a Calendar,
}

impl Announcement<'_> {
    /// By what is decided what a text of an instant tells.
    fn decided_by(&self, since: Timestamp) -> Policy<'_> {
        Policy { rules: self.policy, class: self.rules.class, on: self.rules.on, since, calendar: self.calendar }
    }
}

/// What the policy decides about in the notices of a sale, as it is told where nothing is withheld: names and amounts, and the words in
/// which these may stand.
pub fn fields([seller, buyer]: [&organisation::Model; 2], terms: &NegotiatedTerms) -> Vec<Field> {
    let told = [
        ("seller_name", json!(seller.name)),
        ("buyer_name", json!(buyer.name)),
        ("intended_price", json!(terms.price)),
        ("final_price", json!(terms.price)),
    ];
    told.into_iter().chain(words(terms)).map(|(name, value)| Field::plain(name, value)).collect()
}

/// What the parties agreed on in words of their own, in which the amount may stand.
fn words(terms: &NegotiatedTerms) -> [(&'static str, Value); 2] {
    [("payment", json!(terms.payment)), ("conditions", json!(terms.conditions))]
}

/// Tells these words where the price is told. Else they are withheld as it is, for the same reason and until the same date, and no band
/// stands in for them. The result tells them nowhere.
fn tell_words_as_price(content: &mut Map<String, Value>, withheld: &mut Vec<Value>, terms: &NegotiatedTerms) {
    let gap = withheld.iter().find(|gap| gap["field"] == "intended_price").and_then(Value::as_object).cloned();
    for (name, value) in words(terms) {
        let Some(mut gap) = gap.clone() else {
            content.insert(name.into(), value);
            continue;
        };
        gap.remove("shown_instead");
        gap.insert("field".into(), name.into());
        withheld.push(gap.into());
    }
}

/// The text of a notice in which every field whose date has come is told, and beside the price what goes with it; nothing where there is
/// none.
pub fn opened_notice(content: &Value, held: &negotiation::Model, fields: Vec<Field>, now: Timestamp) -> Option<Value> {
    let Some(Value::Object(mut next)) = opened(content, fields, now) else { return None };
    tell_beside_price(&mut next, held);
    Some(Value::Object(next))
}

/// Tells beside the price, where that is told, what the seller valued it at: from the one the other could be guessed.
fn tell_beside_price(content: &mut Map<String, Value>, held: &negotiation::Model) {
    let base_price = json!(Money { minor: held.base_price_minor, currency: held.currency });
    if content.contains_key("final_price") {
        content.insert("base_price".into(), base_price);
    } else if content.contains_key("intended_price")
        && let Some(price) = content.get_mut("price").and_then(Value::as_object_mut)
    {
        price.insert("base_price".into(), base_price);
    }
}

/// The text of the notice, as it is drafted at an instant.
pub fn price_notice(of: &Announcement, drafted_at: Timestamp) -> Result<Value, Problem> {
    let in_unit = of.rules.flag("negotiated_unit_notice").map_err(|error| unruled(&error))?;
    let (mut content, mut withheld) = redacted(vec![buyer_name(of), price(of, "intended_price")?], &of.decided_by(drafted_at));
    tell_words_as_price(&mut content, &mut withheld, of.terms);
    let said = json!({
        "notice": {"zh": "协议定价公示", "en": "Negotiated price"},
        "negotiation_id": of.held.id,
        "title": of.held.title,
        "title_en": of.held.title_en,
        "summary": of.held.summary,
        "summary_en": of.held.summary_en,
        "rehearsal": rehearsal(of.held.rehearsal),
        "seller": public_seller(of.seller, of.rules),
        "buyer_related": related(of.held),
        "achievement": public_achievement(of.achievement),
        "assets": of.assets.iter().map(public_asset).collect::<Vec<_>>(),
        "mode": wording::mode(of.terms.transfer.mode()),
        "terms": of.terms.transfer,
        "price": {"basis": of.held.base_price_basis},
        "attachments": attachment::told(of.attachments),
        "places": attachment::places(in_unit),
        "objections": objecting::told(TO_OBJECT, objecting::PERIOD, of.rules),
        "rules": rules_announced(of.rules),
        "withheld": withheld,
    });
    content.extend(members(said)?);
    tell_beside_price(&mut content, of.held);
    Ok(Value::Object(content))
}

/// The text of the result. `confirmed` is the version of the notice that the parties confirmed.
pub fn result_notice(of: &Announcement, confirmed: &notice_version::Model, confirmed_at: Timestamp) -> Result<Value, Problem> {
    let fields = vec![Field::plain("seller_name", json!(of.seller.name)), buyer_name(of), price(of, "final_price")?];
    let (mut content, withheld) = redacted(fields, &of.decided_by(confirmed_at));
    let said = json!({
        "notice": {"zh": "成交公示", "en": "Result of a deal"},
        "negotiation_id": of.held.id,
        "title": of.held.title,
        "title_en": of.held.title_en,
        "rehearsal": of.held.rehearsal,
        "buyer_related": related(of.held),
        "assets": sold_assets(of.assets),
        "mode": wording::mode(of.terms.transfer.mode()),
        "terms": of.terms.transfer,
        "format": {"code": "negotiated_pricing", "zh": "协议定价", "en": "negotiated pricing"},
        "date": shanghai_date(confirmed_at),
        "confirmed_at": confirmed_at,
        "price_notice": {"id": confirmed.notice_id, "number": confirmed.version, "sha256": hex(&confirmed.sha256)},
        "seller_class": of.rules.class,
        "objections": objecting::told_of_result(of.rules),
        "rules": rules_announced(of.rules),
        "places": attachment::places(false),
        "withheld": withheld,
    });
    content.extend(members(said)?);
    tell_beside_price(&mut content, of.held);
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
    let (held, buyer) = (of.held, of.buyer);
    let city = buyer.division_code.get(..4).and_then(|digits| division_name(&format!("{digits}00")));
    Field {
        asked: held.buyer_confidential && held.relation.is_none(),
        mask: Some(masked_name(&buyer.name, city).into()),
        ..Field::plain("buyer_name", json!(buyer.name))
    }
}

/// The price under the name it has in a notice, which the parties may have agreed to keep secret.
fn price(of: &Announcement, name: &'static str) -> Result<Field, Problem> {
    let band = Some(banded(of.terms.price, of.rules)?);
    Ok(Field { asked: of.terms.amount_confidential, band, ..Field::plain(name, json!(of.terms.price)) })
}

fn related(held: &negotiation::Model) -> Value {
    let Some(kind) = held.relation else {
        return json!({"related": false, "zh": "双方未申报关联关系", "en": "the parties have declared no relation"});
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

fn rules_announced(rules: &Snapshot) -> Value {
    parameters_told(rules, |name| ANNOUNCED.contains(&name) || objecting::RULES.contains(&name))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;
    use entity::ids::NoticeId;
    use uuid::Uuid;

    use super::super::examples::{at, open, terms};
    use super::*;
    use crate::listings::rules::tests::{achievement, asset, seller};
    use crate::notices::rules::redaction::next_opening;
    use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};
    use crate::rulebook::rules::{Span, deadline};

    /// When the example was confirmed, some weeks after its notice was drafted.
    const CONFIRMED: i64 = 2_000_000;

    /// A sale whose base price is 123 456.78, by a seller of a class, whose buyer asked for secrecy or not.
    fn sale(class: SellerClass, secret: bool) -> negotiation::Model {
        negotiation::Model { seller_class: class, base_price_minor: 12_345_678, buyer_confidential: secret, ..open() }
    }

    fn parties() -> [organisation::Model; 2] {
        let buyer =
            organisation::Model { name: "杭州华纳新材料科技有限公司".into(), division_code: "330106".into(), ..seller() };
        [seller(), buyer]
    }

    /// Terms whose words say the price too.
    fn agreed(secret: bool) -> NegotiatedTerms {
        let (payment, conditions) = ("分两期付清98765元".into(), vec!["付清98765元后办理变更".into()]);
        NegotiatedTerms { amount_confidential: secret, payment, conditions, ..terms(98_765) }
    }

    /// With which field one opens.
    fn opens_with(field: &str) -> &str {
        if matches!(field, "payment" | "conditions") { "intended_price" } else { field }
    }

    /// What the notices of its price and of its result say, where it is sold for 98 765.00 and the parties asked for secrecy or not.
    fn told(class: SellerClass, secret: bool, policy: &[RedactionRule]) -> [Value; 2] {
        let held = sale(class, secret);
        let terms = agreed(secret);
        let rules = RULEBOOK.snapshot(class, "2026-03-03".parse().unwrap());
        let (achievement, assets, [seller, buyer]) = (achievement(), [asset(1)], parties());
        let of = Announcement {
            held: &held,
            terms: &terms,
            seller: &seller,
            buyer: &buyer,
            achievement: &achievement,
            assets: &assets,
            attachments: &[],
            rules: &rules,
            policy,
            calendar: &CALENDAR,
        };
        let price = price_notice(&of, at(0)).unwrap();
        let notice_id = NoticeId(Uuid::from_u128(9));
        let content = price.to_string();
        let version = notice_version::Model { notice_id, version: 1, content, sha256: vec![7; 32], created_at: at(0) };
        [price, result_notice(&of, &version, at(CONFIRMED)).unwrap()]
    }

    /// The fields a text withholds, in its order.
    fn withheld(said: &Value) -> Vec<&str> {
        said["withheld"].as_array().unwrap().iter().map(|gap| gap["field"].as_str().unwrap()).collect()
    }

    #[test]
    fn what_the_parties_of_a_private_seller_keep_secret_is_told_by_neither_notice() {
        let [price, result] = told(SellerClass::Private, true, &RULEBOOK.redaction);
        assert_eq!(withheld(&price), ["buyer_name", "intended_price", "payment", "conditions"]);
        assert_eq!(withheld(&result), ["buyer_name", "final_price"]);
        for words in [&price["withheld"][2], &price["withheld"][3]] {
            assert_eq!((words.get("shown_instead"), &words["reason"]), (None, &price["withheld"][1]["reason"]));
        }
        for said in [&price, &result] {
            let band = &said["withheld"][1]["shown_instead"];
            assert_eq!((band["from"]["amount"].as_str(), band["below"]["amount"].as_str()), (Some("50000.00"), Some("100000.00")));
            for secret in ["98765", "123456.78", "华纳"] {
                assert!(!said.to_string().contains(secret), "{secret}");
            }
        }
        assert_eq!((&price["seller"]["name"], &result["seller_name"]), (&json!("浙江大学"), &json!("浙江大学")), "who sells is named");
        assert_eq!(next_opening(&price, None), None, "the older notice does not tell it before the result does");
        assert_eq!(next_opening(&result, None), Some(deadline(at(CONFIRMED), Span::Years(2), &CALENDAR).ends_at));
    }

    #[test]
    fn a_university_tells_every_amount_whatever_is_asked() {
        for secret in [false, true] {
            let [price, result] = told(SellerClass::State, secret, &RULEBOOK.redaction);
            assert_eq!((withheld(&price), withheld(&result)), (Vec::new(), Vec::new()));
            for amount in [&price["intended_price"], &result["final_price"]] {
                assert_eq!(amount["amount"], "98765.00");
            }
            for base_price in [&price["price"]["base_price"], &result["base_price"]] {
                assert_eq!(base_price["amount"], "123456.78");
            }
            assert_eq!((&price["payment"], &price["conditions"][0]), (&json!("分两期付清98765元"), &json!("付清98765元后办理变更")));
        }
    }

    #[test]
    fn another_date_in_the_policy_opens_exactly_the_fields_it_names() {
        let all = ["buyer_name", "intended_price", "final_price"];
        let (held, [seller, buyer]) = (sale(SellerClass::Private, true), parties());
        let opened_by = |said: &Value, now| opened_notice(said, &held, fields([&seller, &buyer], &agreed(true)), at(now));
        for named in [&["final_price"][..], &["intended_price"], &["buyer_name"], &all, &[]] {
            let mut policy = RULEBOOK.redaction.clone();
            for rule in policy.iter_mut().filter(|rule| rule.class.is_none()) {
                rule.opens_after = named.contains(&rule.field.as_str()).then_some(Span::Months(6));
            }
            let open = told(SellerClass::Private, false, &policy);
            for (before, open) in told(SellerClass::Private, true, &policy).into_iter().zip(open) {
                assert_eq!(opened_by(&before, CONFIRMED), None);
                let after = opened_by(&before, 50 * CONFIRMED).unwrap_or_else(|| before.clone());
                let (due, left): (Vec<_>, Vec<_>) = withheld(&before).into_iter().partition(|field| named.contains(&opens_with(field)));
                assert_eq!(withheld(&after), left);
                for field in due {
                    assert_eq!((after.get(field), after.get(field).is_some()), (open.get(field), true), "{field}");
                }
                assert!(left.iter().all(|field| after.get(field).is_none()), "{named:?}");
                assert_eq!(left.is_empty(), after == open, "as if nobody had asked for secrecy");
                assert_eq!(left.iter().any(|field| field.ends_with("_price")), !after.to_string().contains("123456.78"));
            }
        }
    }
}
