//! What the public is told of a result, and what is withheld from it (成交公示).

use entity::Timestamp;
use entity::deals::{DealState, deal};
use entity::ids::DealId;
use serde_json::{Map, Value, json};

use super::facts::{Facts, NewDeal, Party, sold_assets};
use super::premium::beside_price;
use super::signing::wrong_state;
use super::{units, wording};
use crate::notices::rules::attachment;
use crate::notices::rules::objecting;
use crate::notices::rules::redaction::{Field, Policy, banded, opened, redacted};
use crate::platform::problem::Problem;
use crate::rulebook::rules::{Calendar, RedactionRule, masked_name, shanghai_date};

/// The public text of a result. A field that may not be shown is left out and named under
/// `withheld`, with the reason, and with when it opens where it does by itself.
///
/// The policy is that of the day of the announcement: what bidders were told is what is done. Where
/// the price is withheld, so is what it could be reckoned from: premium or saving, the price of one unit, and of how many it is.
pub fn result_content(
    id: DealId,
    facts: &Facts,
    confirmed_at: Timestamp,
    policy: &[RedactionRule],
    calendar: &Calendar,
) -> Result<Value, Problem> {
    let of = &facts.deal;
    let policy = Policy { rules: policy, class: of.rules.class, on: of.rules.on, since: confirmed_at, calendar };
    let (mut content, withheld) = redacted(fields(facts)?, &policy);
    tell_beside_price(&mut content, of);
    let open = [
        ("notice", json!({"zh": "成交公示", "en": "Result of a deal"})),
        ("deal_id", json!(id)),
        ("lot_id", json!(of.lot_id)),
        ("listing_id", json!(of.listing_id)),
        ("title", json!(of.title)),
        ("title_en", json!(of.title_en)),
        ("assets", json!(sold_assets(of)?)),
        ("mode", wording::mode(of.mode)),
        ("terms", open_terms(&of.terms)),
        ("format", wording::format(&of.format, &of.closing_mode, of.host_required)),
        ("base_price", json!(of.base_price)),
        ("start_price", json!(of.start_price)),
        ("date", json!(shanghai_date(of.closed_at))),
        ("closed_at", json!(of.closed_at)),
        ("confirmed_at", json!(confirmed_at)),
        ("bid_log", json!({"sha256": of.log_hash, "events": of.log_seq})),
        ("rehearsal", json!(of.rehearsal)),
        ("seller_class", json!(of.rules.class)),
        ("places", attachment::places(false).into()),
        ("objections", objecting::told_of_result(&of.rules)),
        ("rules", rules_applied(facts)),
        ("withheld", withheld.into()),
    ];
    content.extend(open.map(|(name, value)| (name.to_owned(), value)));
    Ok(Value::Object(content))
}

/// The text of a result in which every field whose date has come is told, and beside the price what goes with it; nothing where there is
/// none.
pub fn opened_result(content: &Value, facts: &Facts, now: Timestamp) -> Result<Option<Value>, Problem> {
    let Some(Value::Object(mut next)) = opened(content, fields(facts)?, now) else { return Ok(None) };
    tell_beside_price(&mut next, &facts.deal);
    Ok(Some(Value::Object(next)))
}

/// Tells beside the price, where that is told, how it came out, what one unit costs and of how many it is.
fn tell_beside_price(content: &mut Map<String, Value>, of: &NewDeal) {
    if !content.contains_key("final_price") {
        return;
    }
    let beside = beside_price(&of.format, units::times(of.start_price.minor, of.units), of.price.minor);
    content.extend(beside.map(|(name, percent)| (name.to_owned(), percent.into())));
    let each = units::unit_price(&of.format, of.price, of.units);
    content.extend(each.map(|price| ("unit_price".to_owned(), json!(price))));
    content.extend(of.units.map(|units| ("units".to_owned(), units.into())));
}

fn fields(facts: &Facts) -> Result<Vec<Field>, Problem> {
    let deal = &facts.deal;
    let party = |name, party: &Party| Field {
        asked: facts.party_confidential,
        mask: Some(masked_name(&party.name, party.city.as_deref()).into()),
        ..Field::plain(name, json!(party.name))
    };
    let from_to = banded(deal.price, &deal.rules)?;
    Ok(vec![
        party("seller_name", &facts.seller),
        Field { asked: facts.party_confidential || deal.buyer_confidential, ..party("buyer_name", &facts.buyer) },
        Field { asked: facts.amount_confidential, band: Some(from_to), ..Field::plain("final_price", json!(deal.price)) },
        Field::plain("number_of_bidders", json!(deal.bidder_count)),
        Field::plain("number_of_bids", json!(deal.bid_count)),
        Field::plain("deposit", json!(deal.deposit)),
    ])
}

/// The terms as announced, without what a party asked the platform to do with them.
fn open_terms(terms: &Value) -> Value {
    let mut terms = terms.clone();
    if let Some(members) = terms.as_object_mut() {
        members.remove("party_confidential");
        members.remove("amount_confidential");
    }
    terms
}

fn rules_applied(facts: &Facts) -> Value {
    let rules = &facts.deal.rules;
    let mut said = Map::new();
    said.insert("rulebook_version".into(), rules.version.into());
    said.insert("as_of".into(), json!(rules.on));
    for name in ["publish_result", "result_notice_period"].into_iter().chain(objecting::RULES) {
        if let Some(period) = wording::period(rules, name) {
            said.insert(name.into(), period);
        }
    }
    Value::Object(said)
}

/// The deal once its result is public.
pub fn publish_result(deal: &deal::Model) -> Result<deal::Model, Problem> {
    if deal.state != DealState::Confirmed {
        return Err(wrong_state(deal));
    }
    Ok(deal::Model { state: DealState::ResultPublished, version: deal.version + 1, ..deal.clone() })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeDelta;
    use entity::identity::SellerClass;
    use entity::ids::NoticeId;

    use super::super::examples;
    use super::super::signing::confirm;
    use super::*;
    use crate::notices::rules::redaction::next_opening;
    use crate::platform::problem::Code;
    use crate::rulebook::rules::shipped::CALENDAR;
    use crate::rulebook::rules::{Rulebook, Span, deadline};

    fn policy() -> Vec<RedactionRule> {
        let parameters = include_str!("../../../seeds/rules/parameters.toml");
        let redaction = include_str!("../../../seeds/rules/redaction.toml");
        Rulebook::parse(7, parameters, redaction).unwrap().redaction
    }

    fn content(facts: &Facts) -> Value {
        under(&policy(), facts)
    }

    fn under(policy: &[RedactionRule], facts: &Facts) -> Value {
        result_content(examples::deal().id, facts, examples::at(120), policy, &CALENDAR).unwrap()
    }

    #[test]
    fn a_buyer_may_ask_for_himself_where_the_rules_let_him() {
        let asks = |class| {
            let facts = sold_by(class, false);
            content(&Facts { deal: NewDeal { buyer_confidential: true, ..facts.deal }, ..facts })
        };
        let private = asks(SellerClass::Private);
        assert_eq!((&private["seller_name"], &private["buyer_name"]), (&json!("浙江大学"), &Value::Null));
        assert_eq!(private["withheld"][0]["field"], "buyer_name");
        assert_eq!(asks(SellerClass::State)["buyer_name"], "杭州华纳新材料科技有限公司");
    }

    /// The example sold by a seller of a class, whose parties asked for secrecy or not.
    fn sold_by(class: SellerClass, secret: bool) -> Facts {
        let example = examples::facts();
        Facts {
            deal: NewDeal { rules: examples::rules(class), ..example.deal.clone() },
            party_confidential: secret,
            amount_confidential: secret,
            ..example
        }
    }

    #[test]
    fn a_university_shows_everything_even_if_a_party_asks_for_secrecy() {
        for secret in [false, true] {
            let said = content(&sold_by(SellerClass::State, secret));
            assert_eq!(said["seller_name"], "浙江大学");
            assert_eq!(said["buyer_name"], "杭州华纳新材料科技有限公司");
            assert_eq!(said["base_price"]["amount"], "2500000.00");
            assert_eq!(said["start_price"]["amount"], "2400000.00");
            assert_eq!(said["final_price"]["amount"], "3200000.00");
            assert_eq!(said["premium_percent"], "33.33");
            assert_eq!(said["number_of_bids"], 9);
            assert_eq!(said["number_of_bidders"], 3);
            assert_eq!(said["deposit"]["amount"], "240000.00");
            assert_eq!(said["withheld"], json!([]));
        }
    }

    #[test]
    fn it_says_what_a_result_notice_must() {
        let facts = examples::facts();
        let said = content(&facts);
        assert_eq!(said["lot_id"], json!(facts.deal.lot_id));
        assert_eq!(said["listing_id"], json!(facts.deal.listing_id));
        assert_eq!((&said["title"], &said["title_en"]), (&json!(facts.deal.title), &json!(facts.deal.title_en)));
        assert_eq!((said["mode"]["code"].as_str(), said["mode"]["zh"].as_str()), (Some("assignment"), Some("转让")));
        assert_eq!(said["format"]["code"], "english");
        assert_eq!(said["bid_log"]["sha256"], json!(facts.deal.log_hash));
        assert_eq!(said["rehearsal"], false);
        assert_eq!(said["rules"]["result_notice_period"]["period"], "5wd");
        assert_eq!(said["rules"]["result_notice_period"]["source"], "source of result_notice_period");
        assert_eq!(said["date"], json!(shanghai_date(facts.deal.closed_at)));
    }

    #[test]
    fn where_there_is_no_english_title_there_is_a_place_for_it() {
        let example = examples::facts();
        let said = content(&Facts { deal: NewDeal { title_en: None, ..example.deal.clone() }, ..example });
        assert_eq!(said.get("title_en"), Some(&Value::Null), "an erratum may set it");
    }

    #[test]
    fn it_says_how_to_object_and_by_when_each_step_is_done() {
        let said = content(&examples::facts());
        let objections = &said["objections"];
        assert_eq!(
            objections["en"],
            "While this runs anybody may object on the platform, giving his name; until that is settled this is not final"
        );
        assert_eq!(objections["until"], json!({"zh": "本公告公示期届满之时", "en": "the end of the period of this notice"}));
        assert_eq!(objections["grounds"].as_array().unwrap().len(), 9);
        assert_eq!(
            objections["deadlines"][3],
            json!({
                "rule": "objection_review",
                "period": "5wd",
                "zh": "决定作出后5个工作日内，异议人可申请复核一次",
                "en": "a review may be asked for, once, within 5 working days of the decision",
                "source": "source of objection_review",
            })
        );
        let told: Vec<_> = objecting::RULES.iter().map(|name| said["rules"][name]["period"].as_str()).collect();
        assert_eq!(told, [Some("3wd"), Some("10wd"), Some("10wd"), Some("5wd")]);
    }

    #[test]
    fn a_sale_from_before_there_were_objections_is_told_all_the_same() {
        let mut facts = examples::facts();
        facts.deal.rules.parameters.retain(|entry| !entry.name.starts_with("objection_"));
        let said = content(&facts);
        assert_eq!((&said["objections"]["deadlines"], said["rules"].get("objection_review")), (&json!([]), None));
    }

    #[test]
    fn what_the_parties_of_a_private_seller_asked_for_shows_as_masks_and_bands() {
        let said = content(&sold_by(SellerClass::Private, true));
        assert_eq!(said["seller_name"], "浙江大学", "who announced it is named whoever asks");
        for hidden in ["buyer_name", "final_price", "premium_percent"] {
            assert!(said.get(hidden).is_none(), "{hidden}");
        }
        let gap = |field: &str| said["withheld"].as_array().unwrap().iter().find(|gap| gap["field"] == field).unwrap().clone();
        assert_eq!(gap("buyer_name")["shown_instead"], "杭州某新材料公司");
        assert_eq!(gap("buyer_name")["source"], "AL art.21");
        assert_eq!(gap("buyer_name")["reason"]["zh"], "当事人要求保密");
        let band = gap("final_price")["shown_instead"].clone();
        assert_eq!((band["from"]["amount"].as_str(), band["below"]["amount"].as_str()), (Some("2000000.00"), Some("5000000.00")));
        assert!(!said.to_string().contains("华纳") && !said.to_string().contains("3200000.00"));
        assert_eq!(said["number_of_bids"], 9);
    }

    #[test]
    fn descending_bids_are_told_with_what_they_saved() {
        let example = examples::facts();
        let price = entity::money::Money::fen(180_000_000);
        let deal = NewDeal { format: entity::auctions::DESCENDING_FORMAT.into(), price, ..example.deal };
        let said = content(&Facts { deal, ..example });
        assert_eq!((said.get("premium_percent"), &said["saving_percent"]), (None, &json!("25.00")));
        assert_eq!(said["format"]["code"], "english_descending");
    }

    #[test]
    fn a_private_seller_who_asks_for_nothing_is_open() {
        let said = content(&sold_by(SellerClass::Private, false));
        assert_eq!(said["final_price"]["amount"], "3200000.00");
        assert_eq!(said["withheld"], json!([]));
    }

    #[test]
    fn a_field_without_a_rule_is_hidden() {
        let facts = examples::facts();
        let said = under(&[], &facts);
        let gaps: Vec<_> = said["withheld"].as_array().unwrap().iter().map(|gap| gap["field"].as_str().unwrap().to_owned()).collect();
        assert_eq!(gaps, ["seller_name", "buyer_name", "final_price", "number_of_bidders", "number_of_bids", "deposit"]);
        assert_eq!(said["withheld"][0]["reason"]["en"], "not public under the rules");
        assert!(said.get("premium_percent").is_none());
    }

    #[test]
    fn a_band_gives_way_to_the_amount_and_what_is_beside_it_at_its_date_and_nothing_else_does() {
        let example = sold_by(SellerClass::Private, true);
        for (format, units) in [("english", None), ("uniform_price", Some(2))] {
            let deal = NewDeal { format: format.into(), units, ..example.deal.clone() };
            let facts = Facts { deal, ..example.clone() };
            let before = content(&facts);
            let opens_at = next_opening(&before, None).unwrap();
            assert_eq!(opens_at, deadline(examples::at(120), Span::Years(2), &CALENDAR).ends_at);
            assert_eq!(next_opening(&before, Some(opens_at)), None, "names stay masked for ever");
            assert_eq!(opened_result(&before, &facts, opens_at - TimeDelta::microseconds(1)).unwrap(), None);
            let after = opened_result(&before, &facts, opens_at).unwrap().unwrap();
            assert_eq!(after, content(&Facts { amount_confidential: false, ..facts.clone() }), "as if nobody had asked for its secrecy");
            assert_eq!((after["final_price"]["amount"].as_str(), after.get("units").is_some()), (Some("3200000.00"), units.is_some()));
            assert_eq!(opened_result(&after, &facts, opens_at + TimeDelta::days(36_500)).unwrap(), None);
        }
    }

    #[test]
    fn another_date_in_the_policy_opens_exactly_the_fields_it_names() {
        let facts = sold_by(SellerClass::Private, true);
        let hidden = ["buyer_name", "final_price"];
        for named in [&["final_price"][..], &["buyer_name"], &hidden, &[]] {
            let mut policy = policy();
            for rule in policy.iter_mut().filter(|rule| rule.class.is_none()) {
                rule.opens_after = named.contains(&rule.field.as_str()).then_some(Span::Months(6));
            }
            let before = under(&policy, &facts);
            let half_a_year_on = deadline(examples::at(120), Span::Months(6), &CALENDAR).ends_at;
            assert_eq!(next_opening(&before, None), (!named.is_empty()).then_some(half_a_year_on));
            let after = opened_result(&before, &facts, half_a_year_on).unwrap().unwrap_or_else(|| before.clone());
            let shown: Vec<_> = hidden.into_iter().filter(|field| after.get(field).is_some()).collect();
            assert_eq!(shown, named);
            assert_eq!(after["withheld"].as_array().unwrap().len(), hidden.len() - named.len());
            assert_eq!(after.get("premium_percent").is_some(), named.contains(&"final_price"));
        }
    }

    #[test]
    fn nothing_secret_or_personal_gets_in() {
        let facts = examples::facts();
        let text = content(&facts).to_string();
        assert!(!text.contains(&facts.seller.uscc) && !text.contains(&facts.buyer.uscc));
        assert!(!text.contains(&examples::BUYER.to_string()) && !text.contains("confidential"));
        for person in &facts.deal.barred_persons {
            assert!(!text.contains(&person.to_string()));
        }
    }

    #[test]
    fn a_result_is_published_once_and_only_when_confirmed() {
        assert_eq!(publish_result(&examples::deal()).unwrap_err().code, Code::WrongState);
        let confirmed = confirm(&examples::deal(), NoticeId(uuid::Uuid::nil()), examples::at(120));
        let published = publish_result(&confirmed).unwrap();
        assert_eq!((published.state, published.version), (DealState::ResultPublished, confirmed.version + 1));
        assert_eq!(publish_result(&published).unwrap_err().code, Code::WrongState);
    }
}
