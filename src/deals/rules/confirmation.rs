//! What a deal confirmation says (成交确认书).

use entity::Timestamp;
use entity::ids::DealId;
use entity::money::chinese_capitals;
use serde_json::{Map, Value, json};

use super::facts::{Facts, sold_assets};
use super::signing::required;
use super::{units, wording};
use crate::platform::problem::Problem;
use crate::rulebook::rules::Deadline;

/// The confirmation of a deal: every particular under its name, labelled in Chinese and English.
///
/// Source: Auction Law art. 52; SPC rules on online judicial auctions art. 22 for what it contains.
pub fn confirmation(id: DealId, facts: &Facts, confirm_by: Deadline, drawn_up_at: Timestamp) -> Result<Value, Problem> {
    let deal = &facts.deal;
    let assets = sold_assets(deal)?;
    let mut text = Text::default();
    text.say("document", "文件", "Document", json!({"zh": "成交确认书", "en": "Deal confirmation", "deal_id": id}));
    text.say("lot", "标的", "Lot", json!({"lot_id": deal.lot_id, "listing_id": deal.listing_id, "title": deal.title}));
    text.say("rights_sold", "成交权利", "Rights sold", json!({"mode": wording::mode(deal.mode), "terms": deal.terms, "assets": assets}));
    text.say("seller", "转让方", "Seller", json!({"name": facts.seller.name, "uscc": facts.seller.uscc}));
    text.say("buyer", "受让方", "Buyer", json!({"name": facts.buyer.name, "uscc": facts.buyer.uscc, "bid_as": deal.pseudonym}));
    text.say("start_price", "起拍价", "Start price", json!(deal.start_price));
    text.say("final_price", "成交价", "Final price", json!(deal.price));
    text.say("final_price_in_capitals", "成交价（大写）", "Final price in Chinese capitals", json!(chinese_capitals(deal.price)));
    text.say("format", "成交方式", "Format", wording::format(&deal.format, &deal.closing_mode, deal.host_required));
    text.say("number_of_bids", "报价次数", "Number of bids", json!(deal.bid_count));
    text.say("number_of_bidders", "竞买人数", "Number of bidders", json!(deal.bidder_count));
    text.say("deposit", "保证金", "Deposit", json!({"amount": deal.deposit, "zh": "抵作价款", "en": "becomes part of the price"}));
    text.say("bidding", "竞价时间", "Time of bidding", json!({"opened_at": deal.opened_at, "closed_at": deal.closed_at}));
    text.say("bid_log", "竞价日志", "Log of the bidding", json!({"sha256": deal.log_hash, "events": deal.log_seq}));
    text.say("deadlines", "期限", "Deadlines", deadlines(facts, confirm_by));
    text.say("signatories", "签署方", "To be signed by", json!(required(deal.host_required)));
    text.say("drawn_up_at", "生成时间", "Drawn up at", json!(drawn_up_at));
    text.say(
        "rules",
        "适用规则",
        "Rules applied",
        json!({"rulebook_version": deal.rules.version, "seller_class": deal.rules.class, "as_of": deal.rules.on}),
    );
    if let Some(count) = deal.units {
        text.say("units", "份数", "Units", units::told(count));
    }
    if let Some(price) = units::unit_price(&deal.format, deal.price, deal.units) {
        text.say("unit_price", "单价", "Price of one unit", json!(price));
    }
    if deal.rehearsal {
        text.say("rehearsal", "演练", "Rehearsal", json!({"zh": "本次为演练，不产生法律效力", "en": "a rehearsal without legal effect"}));
    }
    Ok(Value::Object(text.0))
}

/// What must be done by when.
fn deadlines(facts: &Facts, confirm_by: Deadline) -> Value {
    let rules = &facts.deal.rules;
    let mut said = Map::new();
    said.insert(
        "signature".into(),
        json!({
            "by": confirm_by.ends_at,
            "zh": "逾期未签署的一方构成违约",
            "en": "a party that has not signed by then is in default",
            // The holidays it was reckoned with are not announced yet.
            "provisional": confirm_by.provisional,
        }),
    );
    for (name, rule, zh, en) in [
        ("contract", "contract_deadline", "自成交确认之日起签订交易合同", "to sign the contract, from the confirmation"),
        ("payment", "pay_deadline", "自合同生效之日起支付价款", "to pay the price, from the effect of the contract"),
        ("result_published", "publish_result", "自成交确认之日起发布成交公示", "to publish the result, from the confirmation"),
        ("result_shown", "result_notice_period", "成交公示期", "for which the result is shown"),
    ] {
        if let Some(within) = wording::period(rules, rule) {
            said.insert(name.into(), json!({"within": within, "zh": zh, "en": en}));
        }
    }
    Value::Object(said)
}

/// Particulars by name.
#[derive(Default)]
struct Text(Map<String, Value>);

impl Text {
    fn say(&mut self, name: &str, zh: &str, en: &str, value: Value) {
        let labelled = [("zh", zh.into()), ("en", en.into()), ("value", value)];
        self.0.insert(name.into(), labelled.into_iter().collect());
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::examples;
    use super::super::facts::NewDeal;
    use super::*;

    fn drawn_up(facts: &Facts) -> Value {
        let by = Deadline { ends_at: examples::at(259_200), last_day: None, provisional: false };
        confirmation(examples::deal().id, facts, by, examples::at(1)).unwrap()
    }

    #[test]
    fn it_says_everything_a_confirmation_must() {
        let facts = examples::facts();
        let said = drawn_up(&facts);
        let value = |name: &str| said[name]["value"].clone();
        assert_eq!(value("lot")["lot_id"], json!(facts.deal.lot_id));
        assert_eq!(value("rights_sold")["mode"]["zh"], "转让");
        assert_eq!(value("rights_sold")["assets"][0]["identifier"], "202010566088.9");
        assert_eq!(value("final_price"), json!({"amount": "3200000.00", "currency": "CNY"}));
        assert_eq!(value("final_price_in_capitals"), "人民币叁佰贰拾万元整");
        assert_eq!(value("format")["code"], "english");
        assert_eq!((value("number_of_bids"), value("number_of_bidders")), (json!(9), json!(3)));
        assert_eq!(value("deposit")["amount"]["amount"], "240000.00");
        assert_eq!(value("seller"), json!({"name": "浙江大学", "uscc": "12100000470095016Q"}));
        assert_eq!(value("buyer")["uscc"], "91330000733796106P");
        assert_eq!(value("bid_log"), json!({"sha256": facts.deal.log_hash, "events": 14}));
        assert_eq!(value("deadlines")["signature"]["by"], json!(examples::at(259_200)));
        assert_eq!(value("deadlines")["payment"]["within"]["period"], "5wd");
        assert_eq!(value("signatories"), json!(["buyer", "seller"]));
        assert_eq!(value("drawn_up_at"), json!(examples::at(1)));
    }

    #[test]
    fn every_particular_is_labelled_in_both_languages() {
        for (name, particular) in drawn_up(&examples::facts()).as_object().unwrap() {
            for language in ["zh", "en"] {
                assert!(particular[language].as_str().is_some_and(|label| !label.is_empty()), "{name}");
            }
            assert!(!particular["value"].is_null(), "{name}");
        }
    }

    #[test]
    fn a_rehearsal_says_so_and_a_real_deal_does_not() {
        let example = examples::facts();
        assert!(drawn_up(&example).get("rehearsal").is_none());
        let facts = Facts { deal: NewDeal { rehearsal: true, host_required: true, ..example.deal.clone() }, ..example };
        let said = drawn_up(&facts);
        assert_eq!(said["rehearsal"]["value"]["zh"], "本次为演练，不产生法律效力");
        assert_eq!(said["signatories"]["value"], json!(["buyer", "seller", "host"]));
    }

    #[test]
    fn it_holds_no_id_of_a_person() {
        let facts = examples::facts();
        let text = drawn_up(&facts).to_string();
        for person in &facts.deal.barred_persons {
            assert!(!text.contains(&person.to_string()));
        }
    }
}
