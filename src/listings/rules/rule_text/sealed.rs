//! What bidders are told where bids are sealed.

use entity::auctions::{Direction, Format};

use super::super::pricing::Bidding;
use super::super::{descending_text, units};
use super::{RuleText, cny, duration, yuan};

/// What may be sealed, until when, and what comes of it.
pub(super) fn bidding(text: &mut RuleText, bidding: &Bidding) {
    if let Some(several) = bidding.format.units() {
        units::say_prices(text, bidding, several);
    } else {
        match bidding.direction {
            Direction::Ascending => prices(text, bidding),
            Direction::Descending => descending_text::sealed_prices(text, bidding),
        }
    }
    let (zh, en) = duration(bidding.free_period_seconds);
    text.say(
        format!("密封报价期{zh}，到时结束，届时同时开启全部报价。"),
        format!("Bids may be sealed for {en}; at the end of that all are opened at once."),
    );
    secrecy(text);
    outcome(text, &bidding.format, bidding.direction);
}

/// What may be bid.
pub(super) fn prices(text: &mut RuleText, bidding: &Bidding) {
    let start = bidding.start_price;
    text.say(format!("起拍价{}，报价不得低于起拍价。", yuan(start)), format!("The start price is {}; no bid may be lower.", cny(start)));
    super::reserve(text, bidding);
}

/// Who learns of a bid when, and which counts.
pub(super) fn secrecy(text: &mut RuleText) {
    text.say(
        "开启前，报价金额、报价数量和报价人均不向他人显示；开启后以代号公布每位竞买人的最后报价，任何人均可核对其承诺值。",
        "Until they are opened nobody else is shown what was bid, how many bids there are, or who has bid; then the last bid of each bidder is published under his pseudonym, and anybody can check it against its commitment.",
    );
    text.say(
        "截止前可以重新报价，以最后一次报价及其时间为准；被暂停竞价的竞买人不得报价，其暂停前已密封的报价仍然有效。",
        "Until the end a bidder may bid again, and his last bid counts with its own time; a suspended bidder cannot bid, but what he had sealed before counts.",
    );
}

fn outcome(text: &mut RuleText, format: &Format, direction: Direction) {
    if let Some(several) = format.units() {
        units::say_outcome(text, format, several);
    } else if let Some(seconds) = format.tie_round_seconds().filter(|_| !direction.is_ascending()) {
        descending_text::sealed_outcome(text, seconds);
    } else if let Some(seconds) = format.tie_round_seconds() {
        let (zh, en) = duration(seconds);
        text.say("最高报价者以其报价成交。", "The highest bid wins at its own price.");
        text.say(
            format!(
                "最高报价并列且达到保留价的，由并列者再密封报价一轮，时长{zh}，不得低于并列价，最高者成交；再次并列的，其中首轮报价在先者以该并列价成交；无人报价的，首轮报价在先者以首轮并列价成交。"
            ),
            format!(
                "If the highest bids are equal and reach the reserve, those who made them may seal one more within {en}, at least at the price they are tied at, and the highest wins; if these are equal again, of them the one who was the earlier in the round before wins at that price, and if nobody bids, the earliest of the round before wins at the price they are tied at."
            ),
        );
    } else {
        text.say(
            "最高报价者成交，成交价为次高报价，但不低于保留价和起拍价；最高报价并列的，报价在先者成交，成交价即该并列价。",
            "The highest bid wins and pays the second-highest, but never less than the reserve or the start price; of equal highest bids the earlier wins, at that price.",
        );
    }
}

/// What is in time, what comes first, and what a bid binds to.
pub(super) fn order(text: &mut RuleText, bidding: &Bidding) {
    let grace = bidding.close_grace_ms;
    text.say(
        format!(
            "报价是否及时、孰先孰后，以整个请求到达服务器的时间为准；同一时刻的，以密封顺序为准。结束后系统留有{grace}毫秒，仅用于裁定已及时到达的报价。"
        ),
        format!(
            "Whether a bid is in time, and which is the earlier, is decided by when its whole request reached the server; of the same instant, by the order in which they were sealed. After the end {grace} ms are kept only to decide what arrived in time."
        ),
    );
    text.say(
        "报价不可撤回，仅可在截止前以新的报价取代。竞价期间竞买人以代号显示。",
        "A bid cannot be withdrawn, only replaced by another before the end. During the bidding bidders appear under pseudonyms.",
    );
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::ClosingMode;
    use entity::identity::SellerClass;

    use super::super::super::offer::OfferedFormat;
    use super::super::super::pricing::settle;
    use super::super::super::tests::{offer, rules};
    use super::super::rule_text;

    #[test]
    fn nothing_is_said_that_only_holds_of_open_bids() {
        for format in [OfferedFormat::FirstPrice {}, OfferedFormat::Vickrey {}, OfferedFormat::OneShot {}] {
            let mut sealed = offer();
            (sealed.auction.format, sealed.auction.closing_mode) = (format, ClosingMode::HardClose);
            let rules = rules(SellerClass::Private);
            let text = rule_text(&sealed, &settle(&sealed, &rules, None).unwrap(), &rules).unwrap();
            assert_eq!(text.zh.len(), text.en.len());
            let (zh, en) = (text.zh.join(""), text.en.join(" "));
            for words in ["step", "raise his own", "lapses when", "sequence number", "may equal", "not extended", "bids do not extend"] {
                assert!(!en.contains(words), "{words} in {en}");
            }
            for words in ["加价", "自行加价", "失效。竞价期间", "序号"] {
                assert!(!zh.contains(words), "{words} in {zh}");
            }
            assert!(en.contains("Bids may be sealed for 24 hours") && en.contains("300 ms") && zh.contains("密封报价期24小时"));
            assert!(text.zh.iter().skip(1).all(|sentence| !sentence.contains("拍卖")), "{zh}");
        }
    }
}
