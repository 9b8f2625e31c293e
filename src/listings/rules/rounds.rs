//! Bidding by rounds as it is offered: its numbers from the rules, and its rules in words.

use entity::auctions::Format;

use super::findings::{outside_rule, unruled};
use super::pricing::{Bidding, length};
use super::rule_text::{RuleText, cny, duration, pauses, reserve, step_in_words, yuan};
use crate::auctions::rules::rounds::shortest_seconds;
use crate::platform::problem::Problem;
use crate::rulebook::rules::{Snapshot, Value};

/// Bidding by rounds under these rules, where they allow it.
pub fn format(rules: &Snapshot) -> Result<Format, Problem> {
    if !rules.flag("rounds_allowed").map_err(|error| unruled(&error))? {
        return Err(outside_rule("rounds_allowed", "/auction/format", None::<Value>, None::<Value>));
    }
    let seconds = |name: &str| length(rules, name).map(|length| length.num_seconds());
    Ok(Format::Rounds {
        rounds: rules.count("rounds_count").map_err(|error| unruled(&error))?,
        first_pause_seconds: seconds("rounds_first_pause")?,
        pause_seconds: seconds("rounds_pause")?,
        turn_seconds: seconds("rounds_turn")?,
        result_seconds: seconds("rounds_result_delay")?,
    })
}

/// How a lot is bid for, with what its format leaves no choice of. The end announced is that with a single bidder.
pub fn fitted(bidding: Bidding) -> Bidding {
    let Format::Rounds { turn_seconds, .. } = bidding.format else { return bidding };
    let free_period_seconds = shortest_seconds(&bidding.format).unwrap_or(bidding.free_period_seconds);
    Bidding { free_period_seconds, timed_cycle_seconds: turn_seconds, multiples_only: false, allow_self_raise: true, ..bidding }
}

/// What bidders are told of the bidding, where it is by rounds.
pub fn say(text: &mut RuleText, bidding: &Bidding, rules: &Snapshot) -> Result<(), Problem> {
    let Format::Rounds { rounds, first_pause_seconds, pause_seconds, turn_seconds, result_seconds } = bidding.format else { return Ok(()) };
    first_offers(text, bidding);
    reserve(text, bidding);
    let (turn_zh, turn_en) = duration(turn_seconds);
    let ((first_zh, first_en), (pause_zh, pause_en)) = (duration(first_pause_seconds), duration(pause_seconds));
    text.say(
        format!("竞价分{rounds}轮。首轮在首次报价开启后{first_zh}开始，以后各轮在上一轮结束后{pause_zh}开始。每轮中每名竞买人有{turn_zh}的报价时段，依其当前报价由低到高轮流；报价相同的，后作出者先行。每轮开始前重新排序。"),
        format!("There are {rounds} rounds. The first begins {first_en} after the first offers are opened, each later one {pause_en} after the one before. In each round every bidder has one turn of {turn_en}, from the lowest offer to the highest; of equal offers the one made later comes first. The order is made anew for each round."),
    );
    step(text, bidding);
    text.say(
        "时段内的报价在时段结束前可以更改，以最后一次为准，时段结束时公开；不在本人时段内的报价不予接受。",
        "A bid of a turn may be changed until the turn ends; the last one counts, and it is shown when the turn ends. A bid outside one's own turn is refused.",
    );
    let (result_zh, result_en) = duration(result_seconds);
    text.say(
        format!("末轮结束后{result_zh}公布结果：报价最高者成交，报价相同的，先作出者成交。"),
        format!("The result comes {result_en} after the last round: the highest offer has it; of equal offers the one made earlier."),
    );
    interruptions(text, rules)?;
    order(text, bidding);
    Ok(())
}

fn first_offers(text: &mut RuleText, bidding: &Bidding) {
    let start = bidding.start_price;
    text.say(
        format!("起拍价{}，首次报价可以等于起拍价。", yuan(start)),
        format!("The start price is {}; a first offer may equal it.", cny(start)),
    );
    text.say(
        "取得资格的竞买人在竞价开始前密封提交首次报价，开始前可以更改，以最后一次为准；竞价开始时一并开启。竞价开始时没有首次报价的，不参加竞价；无人报价的，本项目流标。",
        "Each admitted bidder seals a first offer before bidding opens and may change it until then; the last one counts. All are opened together when bidding opens. Who has none then takes no part; if nobody has one, the listing fails.",
    );
}

fn step(text: &mut RuleText, bidding: &Bidding) {
    let (zh, en) = step_in_words(bidding);
    text.say(
        format!("加价幅度：{zh}；竞买人在其时段内将本人报价至少提高一个幅度，或者保持不变，不必高于他人报价。"),
        format!("The step is {en}; in his turn a bidder raises his own offer by at least one step, or leaves it. It need not be above anybody else's."),
    );
}

fn interruptions(text: &mut RuleText, rules: &Snapshot) -> Result<(), Problem> {
    let (zh, en) = rules.span("extend_limit").map_err(|error| unruled(&error))?.spoken();
    pauses(text);
    text.say(
        format!("主持人可以公开理由延长竞价，每次不超过{zh}：进行中的时段延长，未在时段中的，下一时段顺延。"),
        format!("The host may extend the bidding with a public reason, by at most {en} at a time: a turn that runs is longer by it, and between turns the next begins as much later."),
    );
    // Rules announced before there was this one go without it.
    if let (Ok(least), Ok(window)) = (rules.span("outage_least"), rules.span("outage_window")) {
        let ((least_zh, least_en), (window_zh, window_en)) = (least.spoken(), window.spoken());
        text.say(
            format!("系统中断{least_zh}以上且与某一时段重叠的，该时段延至恢复后一个完整时段，并公开说明。"),
            format!("If the market stands still for {least_en} or more and that overlaps a turn, the turn lasts one whole turn after the market runs again, and the log says so."),
        );
        text.say(
            format!("系统中断{least_zh}以上且与竞价开始前最后{window_zh}重叠的，除由主持人开启的外，竞价于恢复后{window_zh}开始，结束时间相应顺延，并公开说明。"),
            format!("If the market stands still for {least_en} or more and that overlaps the last {window_en} before bidding opens, it opens {window_en} after the market runs again, unless a host opens it; the end is as much later, and the log says so."),
        );
    }
    Ok(())
}

fn order(text: &mut RuleText, bidding: &Bidding) {
    let grace = bidding.close_grace_ms;
    text.say(
        format!("出价是否及时，以整个请求到达服务器的时间为准。首次报价开启前和每个时段结束后系统留有{grace}毫秒，仅用于裁定已及时到达的出价；其间到达的下一时段的出价，须重新提交。"),
        format!("Whether a bid is in time is decided by when its whole request reached the server. Before the first offers are opened and after each turn {grace} ms are kept only to decide what arrived in time; a bid of the next turn that arrives meanwhile is to be made again."),
    );
    text.say(
        "报价不可撤回，每名竞买人的最高报价保持有效。竞价期间竞买人以代号显示。",
        "An offer cannot be withdrawn; that of each bidder stands. During the bidding bidders appear under pseudonyms.",
    );
    text.say("被暂停资格的竞买人，其时段照常经过，不接受其出价。", "The turn of a bidder who is suspended passes without a bid.");
}
