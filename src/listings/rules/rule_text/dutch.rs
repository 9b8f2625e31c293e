//! A falling clock (降价式) in words.

use entity::money::Money;

use super::{Bidding, RuleText, cny, length, yuan};

/// How the price falls, who has it, and what moves the clock.
pub(super) fn clock(text: &mut RuleText, bidding: &Bidding, floor: Money, decrement: Money, tick_seconds: i64) {
    let (tick_zh, tick_en) = length(tick_seconds);
    let (most_zh, most_en) = length(bidding.free_period_seconds);
    let start = bidding.start_price;
    text.say(
        format!(
            "起拍价{}，每{tick_zh}降价{}，最后一次降价不足一档的降至底价为止；底价{}，价格在底价保持{tick_zh}。",
            yuan(start),
            yuan(decrement),
            yuan(floor)
        ),
        format!(
            "The start price is {}; it falls by {} every {tick_en}, by less where it would go below the lowest price, {}, at which it stands for {tick_en}.",
            cny(start),
            cny(decrement),
            cny(floor)
        ),
    );
    text.say(
        "出价不低于其到达时的时钟价格的，即按该时钟价格成交，不因所报较高而多付；低于时钟价格的，不予接受。底价以外不另设保留价。",
        "A bid at the price on the clock when it arrives, or above, has it at that price and for no more; a lower one is refused. There is no reserve beside the lowest price.",
    );
    text.say(
        format!("首个有效出价到达时，竞价即时结束。竞价最长{most_zh}，期满无人出价的，不成交。"),
        format!("The first valid bid ends the bidding at once. Without one it ends {most_en} after it opened, and nothing is sold."),
    );
    text.say(
        "只有暂停使时钟停住，恢复后按原价格和该档剩余时间继续；延长竞价和系统中断后的顺延只延长底价一档，价格不因此回升。",
        "Only a pause stops the clock, which then goes on at the same price for the rest of its time. More time, given by the host or after an outage, lengthens how long it stands at the lowest price, and raises no price.",
    );
}

/// Whose bid it is, where there are several.
pub(super) fn order(text: &mut RuleText) {
    text.say(
        "出价不可撤回；有多个出价的，以序号在先者成交，其后的出价不予接受。竞价期间竞买人以代号显示。",
        "A bid cannot be withdrawn; of several, the one with the first sequence number has it, and the others are refused. During the bidding bidders appear under pseudonyms.",
    );
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeDelta;
    use entity::identity::SellerClass;
    use proptest::prelude::*;

    use crate::auctions::rules::tests::at;
    use crate::listings::rules::pricing::settle;
    use crate::listings::rules::promises::{MICROSECOND, amount, announced, attempt, fate, length};
    use crate::listings::rules::rule_text::{RuleText, rule_text};
    use crate::listings::rules::tests::{falling, rules};
    use crate::platform::problem::Code;

    fn said() -> RuleText {
        let (clock, rules) = (falling(12_000_000, 1_000_000, Some(90)), rules(SellerClass::Private));
        rule_text(&clock, &settle(&clock, &rules, None).unwrap(), &rules).unwrap()
    }

    /// The figures in a sentence.
    fn figures(text: &str) -> Vec<String> {
        let pieces = text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|piece| piece.trim_matches('.'));
        let mut found: Vec<_> = pieces.filter(|piece| !piece.is_empty()).map(ToOwned::to_owned).collect();
        found.sort();
        found.dedup();
        found
    }

    #[test]
    fn both_languages_say_the_same_figures() {
        let text = said();
        assert_eq!(text.zh.len(), text.en.len());
        for (zh, en) in text.zh.iter().zip(&text.en) {
            assert_eq!(figures(zh), figures(en), "{zh} / {en}");
        }
    }

    #[test]
    fn nothing_is_said_of_rising_prices() {
        let text = said();
        let (zh, en) = (text.zh.join(""), text.en.join(" "));
        for words in ["加价", "最高出价", "最高价", "有更高出价", "自由报价"] {
            assert!(!zh.contains(words), "{words} in {zh}");
        }
        for words in ["step", "highest", "higher one", "free period", "first bid may"] {
            assert!(!en.contains(words), "{words} in {en}");
        }
        for words in ["CNY 200000.00", "CNY 10000.00", "CNY 120000.00", "90 seconds", "810 seconds"] {
            assert!(en.contains(words), "{words} in {en}");
        }
        assert!(text.zh.iter().skip(1).all(|sentence| !sentence.contains("拍卖")));
    }

    proptest! {
        #[test]
        fn a_clock_falls_as_it_is_promised(
            floor in 1_i64..=20_000_000,
            decrement in 10_000_i64..5_000_000,
            tick in 10_i64..=3_600,
            later in 0_i64..10_000_000,
        ) {
            let (promises, lot) = announced(&falling(floor, decrement, Some(tick)));
            let start = amount(promises.after("The start price is ").unwrap());
            let (by, every) = promises.after("it falls by ").unwrap().split_once(" every ").unwrap();
            let (by, every) = (amount(by), length(every));
            let lowest = amount(promises.after("below the lowest price, ").unwrap());
            let whole = length(promises.after("Without one it ends ").unwrap());
            let second = later % whole.num_seconds();
            let price = (start - by * (second / every.num_seconds())).max(lowest);

            let offers = |fen: i64| fate(&lot, &[attempt(1, fen, at(second))]);
            prop_assert_eq!(offers(price - 1).0, Some(Code::TooLow));
            let (refused, taken) = offers(price);
            prop_assert_eq!((refused, taken.price_minor, taken.closes_at), (None, Some(price), at(second)));
            prop_assert_eq!(offers(price + 1_000).1.price_minor, Some(price));
            prop_assert_eq!(fate(&taken, &[attempt(2, start, at(second))]).0, Some(Code::Closed));

            let end = at(0) + whole;
            prop_assert_eq!(fate(&lot, &[attempt(1, start, end)]).0, Some(Code::Closed));
            prop_assert_eq!(fate(&lot, &[attempt(1, start, end - MICROSECOND)]).1.price_minor, Some(lowest));
            // It stands at the lowest price for one tick, no longer.
            prop_assert_eq!(fate(&lot, &[attempt(1, start, end - every)]).1.price_minor, Some(lowest));
            let before = end - every - TimeDelta::seconds(1);
            let still = fate(&lot, &[attempt(1, start, before)]).1.price_minor;
            prop_assert!(start == lowest || still > Some(lowest), "{:?}", still);
        }
    }
}
