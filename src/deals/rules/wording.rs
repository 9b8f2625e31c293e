//! Words of confirmations and notices, in Chinese and English.

use entity::auctions::DESCENDING_FORMAT;
use entity::listings::TransferMode;
use serde_json::{Value, json};

use crate::rulebook::rules::{Snapshot, Value as RuleValue};

/// A mode of transfer with its names.
pub fn mode(mode: TransferMode) -> Value {
    let (zh, en) = match mode {
        TransferMode::Assignment => ("转让", "assignment"),
        TransferMode::ExclusiveLicence => ("独占许可", "exclusive licence"),
        TransferMode::SoleLicence => ("排他许可", "sole licence"),
        TransferMode::NonExclusiveLicence => ("普通许可", "non-exclusive licence"),
        TransferMode::Equity => ("作价投资", "investment for equity"),
    };
    json!({"code": mode, "zh": zh, "en": en})
}

/// How the price was found. Only what a licensed auction enterprise conducts, with its host, may be
/// called an auction (AL art. 10, 11, 14); all else is online bidding within a listing.
pub fn format(code: &str, closing_mode: &str, host_required: bool) -> Value {
    let (zh, en) = match (code, host_required) {
        ("english", true) => ("增价拍卖", "auction, ascending bids"),
        ("english", false) => ("网络竞价（多次报价）", "online competitive bidding, ascending bids"),
        ("dutch", true) => ("降价拍卖", "auction, falling price"),
        ("dutch", false) => ("网络竞价（降价式）", "online competitive bidding, falling price"),
        (DESCENDING_FORMAT, true) => ("反向拍卖（逐次降价）", "auction, descending bids"),
        (DESCENDING_FORMAT, false) => ("网络反向竞价（多次报价，逐次降价）", "online competitive bidding, descending bids"),
        ("first_price", true) => ("密封报价拍卖（一次密封）", "auction, sealed bids at their own price"),
        ("first_price", false) => ("网络竞价（一次密封报价）", "online competitive bidding, sealed bids at their own price"),
        ("first_price_descending", true) => ("密封报价反向拍卖（一次密封，低价者得）", "auction, sealed bids, the lowest at its own price"),
        ("first_price_descending", false) => {
            ("网络反向竞价（一次密封报价，低价者得）", "online competitive bidding, sealed bids, the lowest at its own price")
        }
        ("vickrey", true) => ("密封报价拍卖（次高价）", "auction, sealed bids at the second price"),
        ("vickrey", false) => ("网络竞价（次高价报价）", "online competitive bidding, sealed bids at the second price"),
        ("one_shot", true) => ("一次报价拍卖", "auction, one quote each"),
        ("one_shot", false) => ("网络竞价（一次报价）", "online competitive bidding, one quote each"),
        ("one_shot_descending", true) => ("反向一次报价拍卖（低价者得）", "auction, one quote each, the lowest wins"),
        ("one_shot_descending", false) => {
            ("网络反向竞价（一次报价，低价者得）", "online competitive bidding, one quote each, the lowest wins")
        }
        ("rounds", true) => ("分轮轮流报价拍卖", "auction, ascending by rounds with turns"),
        ("rounds", false) => ("网络竞价（分轮轮流报价）", "online competitive bidding, ascending by rounds with turns"),
        ("weighted", true) => ("权重报价拍卖", "auction, weighted quotes"),
        ("weighted", false) => ("网络竞价（权重报价）", "online competitive bidding, weighted quotes"),
        ("uniform_price", true) => ("密封报价拍卖（多份统一价）", "auction, sealed bids for several units at one price"),
        ("uniform_price", false) => {
            ("网络竞价（多份统一价报价）", "online competitive bidding, sealed bids for several units at one price")
        }
        ("pay_as_bid", true) => ("密封报价拍卖（多份按各自报价）", "auction, sealed bids for several units at their own prices"),
        ("pay_as_bid", false) => {
            ("网络竞价（多份按各自报价）", "online competitive bidding, sealed bids for several units at their own prices")
        }
        (other, _) => (other, other),
    };
    json!({"code": code, "closing_mode": closing_mode, "zh": zh, "en": en})
}

/// A period that the rules name, with its source; nothing where the snapshot has none.
pub fn period(rules: &Snapshot, name: &str) -> Option<Value> {
    let entry = rules.find(name).ok()?;
    let RuleValue::Span(span) = &entry.value else { return None };
    let (zh, en) = span.spoken();
    Some(json!({"period": span, "zh": zh, "en": en, "source": entry.source}))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::DESCENDING_SEALED_FORMATS;

    use super::super::examples;
    use super::*;

    #[test]
    fn only_a_hosted_sale_is_called_an_auction() {
        assert_eq!(format("english", "soft_close", true)["zh"], "增价拍卖");
        assert_eq!(format("dutch", "hard_close", true)["zh"], "降价拍卖");
        assert_eq!(format("rounds", "hard_close", true)["zh"], "分轮轮流报价拍卖");
        for code in ["english", "dutch", "rounds", DESCENDING_FORMAT] {
            assert!(!format(code, "hard_close", false)["zh"].as_str().unwrap().contains("拍卖"));
        }
        assert_eq!(format(DESCENDING_FORMAT, "hard_close", false)["en"], "online competitive bidding, descending bids");
        let sealed = ["first_price", "vickrey", "one_shot", "weighted", "uniform_price", "pay_as_bid"];
        for code in sealed.into_iter().chain(DESCENDING_SEALED_FORMATS) {
            let named = |hosted| format(code, "hard_close", hosted)["zh"].as_str().unwrap().contains("拍卖");
            assert!(named(true) && !named(false), "{code}");
        }
        assert_eq!(format("other", "hard_close", false)["en"], "other");
    }

    #[test]
    fn periods_are_spoken_with_their_source() {
        let rules = examples::facts().deal.rules;
        let said = period(&rules, "confirm_deadline").unwrap();
        assert_eq!((said["period"].as_str(), said["zh"].as_str()), (Some("3wd"), Some("3个工作日")));
        assert_eq!(said["en"], "3 working days");
        assert!(said["source"].is_string());
        assert_eq!(period(&rules, "no_such_rule"), None);
    }
}
