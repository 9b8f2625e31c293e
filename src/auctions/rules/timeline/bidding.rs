//! The steps of the bidding, from the registration to what it comes to: everybody may know of them.

use chrono::TimeDelta;
use entity::auctions::{ClosingMode, Direction, Format, LotState};

use super::super::buy_now::Standing;
use super::super::clock::free_end;
use super::scoring::scoring;
use super::standing::{Course, GivenUp, TIE_ROUND};
use crate::rulebook::rules::{By, Progress, Span, Step, StepNote};

/// A date the seller chose, or a length.
pub const CHOSEN: StepNote =
    StepNote::of("chosen_by_seller", "由转让方在规则允许的范围内选定", "chosen by the seller within what the rule allows");
/// What an announced number of bidders means.
const NEEDS_BIDDERS: StepNote = StepNote::of(
    "needs_bidders",
    "取得资格的竞买人不足公告人数的，项目终止，保证金退还",
    "with fewer admitted than announced the lot fails and deposits go back",
);
/// A date that stands while a lot is paused.
const PAUSED: StepNote =
    StepNote::of("paused", "竞价中止，恢复后各时限顺延相同时长", "the lot is paused: on resumption every date moves by as much");
/// A date that hangs on when a host opens the lot.
const OPENED_BY_ITS_HOST: StepNote = StepNote::of(
    "opened_by_host",
    "以主持人最迟开启竞价推算，较早开启的相应提前",
    "reckoned with the latest opening by its host; as much earlier as he opens it earlier",
);
/// A date that may move on.
pub(super) const MAY_BE_EXTENDED: StepNote =
    StepNote::of("may_be_extended", "最早于此时结束，有新的出价时延长", "at the earliest; bids extend it");
/// When a falling clock ends.
pub(super) const AT_THE_LATEST: StepNote = StepNote::of(
    "at_the_latest",
    "最迟于此时结束；有人应价的，竞价即时结束",
    "at the latest: the first to accept the price on the clock ends it at once",
);
/// An end of which nobody knows before the opening how many turns come before it.
const MORE_WITH_BIDDERS: StepNote =
    StepNote::of("one_bidder", "以一名竞买人推算，每增加一名相应推迟", "reckoned with one bidder; every further one adds his turns");
/// In which order holders are asked.
const ASKED_IN_TURN: StepNote = StepNote::of(
    "asked_in_turn",
    "形成的价格达到保留价的，按顺位逐一征询，每人限时答复",
    "if the price found reaches the reserve, one after another by rank, each with his time to answer",
);
/// The same where all of one rank are asked at once.
const ASKED_BY_RANK: StepNote = StepNote::of(
    "asked_by_rank",
    "形成的价格达到保留价的，按顺位征询，同一顺位同时征询，限时答复",
    "if the price found reaches the reserve, rank by rank, all of one rank at once, with a time to answer",
);
/// When holders bid once more.
const SEVERAL_TAKE_IT: StepNote = StepNote::of(
    "several_holders_take_it",
    "同一顺位有数人答应受让时，由其密封再报价一轮",
    "if several of one rank take the lot, those seal one more bid",
);
/// A date that may be followed by one more round.
pub(super) const TIE_MAY_FOLLOW: StepNote = StepNote::of(
    "tie_round_may_follow",
    "最高报价并列时，由并列者再报价一轮",
    "if the highest bids are equal, one more round among them follows",
);
/// The same where the lowest bid wins.
pub(super) const LOW_TIE_MAY_FOLLOW: StepNote = StepNote::of(
    "tie_round_may_follow",
    "最低报价并列时，由并列者再报价一轮",
    "if the lowest bids are equal, one more round among them follows",
);
/// What a sale of several units is.
pub(super) const SEVERAL_UNITS: StepNote = StepNote::of(
    "several_units",
    "多份相同的普通许可：报价在前且达到保留价的各份分别成交",
    "several identical licences: the best bids that reach the reserve each win one",
);
/// Why a lot failed.
const FAILED_TOO_FEW: StepNote = StepNote::of("too_few_bidders", "取得资格的竞买人不足", "too few bidders were admitted");
/// Why a lot failed that had been paused.
const FAILED_NOT_CURABLE: StepNote = StepNote::of(
    "not_curable",
    "竞价因故障暂停，故障无法排除而终止",
    "it was ended while it was paused, for a fault that could not be cured",
);
/// Why a lot failed.
const FAILED_UNSOLD: StepNote = StepNote::of("unsold", "无人出价或未达保留价", "nobody bid, or not as much as the reserve price");
/// Why a descending lot failed.
const FAILED_NOT_LOW_ENOUGH: StepNote =
    StepNote::of("unsold", "无人出价或最低出价高于保留价", "nobody bid, or not as little as the reserve price");
/// A date that a purchase would bring forward.
pub(super) const UNLESS_BOUGHT: StepNote = StepNote::of(
    "unless_bought",
    "首次出价前有人以一口价购买的，即时结束",
    "ends at once if somebody buys at the announced price before the first bid",
);
/// What ended the bidding.
const BOUGHT: StepNote = StepNote::of("bought_now", "以一口价购买，竞价即时结束", "bought at the announced price, which ended the bidding");
/// Who may end a lot before bidding.
const ENDED_BEFORE: StepNote = StepNote::of(
    "before_bidding_only",
    "竞价开始前，转让方可撤回，平台可终结",
    "before bidding opens its seller may withdraw it, or the platform end it",
);

/// A step whose date follows a rule of the bidding, which may have been announced with another length.
fn lasting(step: Step, of: &Course, rule: &str) -> Step {
    let step = step.under(of.rules, rule);
    let announced = match rule {
        "free_period" => of.terms.free_period_seconds,
        "timed_cycle" => of.terms.timed_cycle_seconds,
        "dutch_tick" => tick(&of.terms.format),
        _ => return step,
    };
    let usual = of.rules.span(rule).ok().and_then(Span::elapsed);
    let is_chosen = usual.is_some_and(|usual| usual.num_seconds() != announced);
    if is_chosen { step.note(CHOSEN) } else { step }
}

/// How long a price on the clock stands, seconds.
fn tick(format: &Format) -> i64 {
    match format {
        Format::Dutch { tick_seconds, .. } => *tick_seconds,
        Format::English {}
        | Format::FirstPrice { .. }
        | Format::Vickrey {}
        | Format::OneShot { .. }
        | Format::Rounds { .. }
        | Format::Weighted { .. }
        | Format::UniformPrice { .. }
        | Format::PayAsBid { .. } => 0,
    }
}

/// The steps everybody may know of, in the order of the procedure.
pub fn course(of: &Course) -> Vec<Step> {
    let timed = (of.terms.closing_mode == ClosingMode::TimedCycle).then(|| timed_phase(of));
    let open =
        [registration(of), opening(of)].into_iter().chain(timed).chain(rounds(of)).chain([ending(of)]).chain(asking(of)).chain(scoring(of));
    let steps = open.chain(outcome(of)).map(|step| if hangs_on_the_host(&step, of) { with_the_latest_opening(step, of) } else { step });
    // A pause moves every date of the bidding; registration closes when it was announced to.
    let moves = |step: &Step| of.paused && step.state != Progress::Done && step.code != REGISTRATION_CLOSES;
    steps.map(|step| if moves(&step) { step.note(PAUSED) } else { step }).collect()
}

/// Whether a step comes so long after an opening that its host decides about.
fn hangs_on_the_host(step: &Step, of: &Course) -> bool {
    of.hosted && of.state == LotState::Scheduled && step.exact && step.code != REGISTRATION_CLOSES
}

/// The step with its latest date; until the turn of the lot has come nobody knows of any.
fn with_the_latest_opening(step: Step, of: &Course) -> Step {
    let due_at = step.due_at.filter(|_| of.opens_by.is_some());
    Step { due_at, exact: false, ..step }.note(OPENED_BY_ITS_HOST)
}

const REGISTRATION_CLOSES: &str = "registration_closes";

fn registration(of: &Course) -> Step {
    let step = Step::coming(REGISTRATION_CLOSES, "报名截止", "Registration closes", By::System)
        .exactly(of.registration_closes_at)
        .note(NEEDS_BIDDERS);
    let step = match &of.dates.registration_rule {
        Some(rule) => step.under(of.rules, rule),
        None => step,
    };
    let step = if of.dates.registration_chosen { step.note(CHOSEN) } else { step };
    match of.registration_closed_at {
        Some(at) if at >= of.registration_closes_at => step.done(at),
        // The lot ended before, and its call with it.
        Some(_) => step.skipped(),
        None => step,
    }
}

fn opening(of: &Course) -> Step {
    let by = if of.hosted { By::Host } else { By::System };
    let (opens_by, rule) = of.opening();
    let step = Step::coming("bidding_opens", "竞价开始", "Bidding opens", by).under(of.rules, rule);
    let step = match opens_by {
        Some(latest) if of.hosted => step.before(latest),
        Some(opens_at) => step.exactly(opens_at),
        None => step,
    };
    let step = if of.dates.opening_chosen && !of.hosted { step.note(CHOSEN) } else { step };
    match of.state {
        LotState::Scheduled => step,
        LotState::Aborted if of.given_up != Some(GivenUp::Opened) => step.skipped(),
        _ => step.done(of.opens_at),
    }
}

fn timed_phase(of: &Course) -> Step {
    let (begins, rule) = match of.state {
        LotState::Scheduled | LotState::OpenFree => (of.closes_at, of.closing_rule),
        _ => (of.timed_since.unwrap_or_else(|| free_end(of.terms, of.opens_at)), "free_period"),
    };
    let step = Step::coming("timed_phase_begins", "限时报价开始", "The timed phase begins", By::System).exactly(begins);
    let step = lasting(step, of, rule);
    match of.state {
        // It was bought before that.
        LotState::OpenFree if of.is_bought() => step.skipped(),
        LotState::Scheduled | LotState::OpenFree => step,
        LotState::Aborted if of.timed_since.is_none() => step.skipped(),
        _ if of.is_bought() && of.timed_since.is_none() => step.skipped(),
        _ => step.done(begins),
    }
}

/// The beginning of the first round, and the end of the turn that runs or comes next.
fn rounds(of: &Course) -> Vec<Step> {
    let Format::Rounds { first_pause_seconds, .. } = of.terms.format else { return Vec::new() };
    let begins = Step::coming("first_round_begins", "首轮开始", "The first round begins", By::System).under(of.rules, "rounds_first_pause");
    let Some(book) = of.book else {
        // What the host gave before the opening lengthens the first pause.
        let more_time = of.closes_at - free_end(of.terms, of.opens_at);
        let begins = begins.exactly(of.opens_at + TimeDelta::seconds(first_pause_seconds) + more_time);
        return vec![if of.is_over() { begins.skipped() } else { begins }];
    };
    let is_first = book.turn.as_ref().is_some_and(|turn| (turn.round, turn.number) == (1, 1));
    let begun = (!is_first && !book.offers.is_empty()).then(|| begins.done(book.begins_at));
    let turn = book.turn.as_ref().map(|turn| {
        let ends = Step::coming("turn_ends", "本时段结束", "The turn ends", By::System);
        let ends = ends.exactly(turn.ends_at).under(of.rules, "rounds_turn");
        // It was broken off.
        if of.is_over() { ends.skipped() } else { ends }
    });
    begun.into_iter().chain(turn).collect()
}

fn ending(of: &Course) -> Step {
    let in_cycles = of.terms.closing_mode == ClosingMode::TimedCycle && !of.is_bought();
    let rule = if in_cycles { "timed_cycle" } else { of.closing_rule };
    let step = Step::coming("bidding_ends", "竞价结束", "Bidding ends", By::System).exactly(of.ends_at());
    let step = match of.state {
        LotState::ClosedSold | LotState::ClosedUnsold | LotState::PreemptionAsk => step.done(of.ends_at()),
        LotState::Aborted if of.asked => step.done(of.ends_at()),
        LotState::Aborted => step.skipped(),
        // After the last turn only the result is waited for.
        _ if of.book.is_some_and(|book| book.turn.is_none()) => step.done(of.ends_at()),
        _ if matches!(of.terms.format, Format::Dutch { .. }) => step.note(AT_THE_LATEST),
        _ if matches!(of.terms.format, Format::Rounds { .. }) && of.book.is_none() => step.note(MORE_WITH_BIDDERS),
        _ if of.terms.format.tie_round_seconds().is_some() && of.closing_rule != TIE_ROUND => step.note(match of.terms.direction {
            Direction::Ascending => TIE_MAY_FOLLOW,
            Direction::Descending => LOW_TIE_MAY_FOLLOW,
        }),
        _ if of.terms.closing_mode == ClosingMode::HardClose => step,
        _ => step.note(MAY_BE_EXTENDED),
    };
    let step = match of.buy_now {
        Standing::OnOffer => step.note(UNLESS_BOUGHT),
        Standing::Bought => step.note(BOUGHT),
        Standing::Absent | Standing::Over => step,
    };
    lasting(step, of, rule)
}

/// Holders of a right of pre-emption are asked, where that is how they use it, and several who take the lot may bid once more.
fn asking(of: &Course) -> Vec<Step> {
    let Some(announced) = of.terms.preemption.as_ref().filter(|announced| announced.answer_seconds().is_some()) else {
        return Vec::new();
    };
    let may_seal = announced.round_seconds().is_some();
    let step = Step::coming("preemption_asked", "征询优先购买权人", "Holders of a right of pre-emption are asked", By::System)
        .under(of.rules, "preemption_answer")
        .note(if may_seal { ASKED_BY_RANK } else { ASKED_IN_TURN });
    let asked = match (of.state, of.answers_by, of.holders_seal_since) {
        (_, _, Some(since)) => step.done(since),
        (LotState::PreemptionAsk, Some(answers_by), None) => step.before(answers_by),
        (LotState::ClosedSold, ..) if of.asked => step.done(of.closes_at),
        (LotState::Aborted, ..) if of.asked => step.done(of.end.as_ref().map_or(of.closes_at, |end| end.at)),
        (LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted, ..) => step.skipped(),
        _ => step.may_come(),
    };
    std::iter::once(asked).chain(may_seal.then(|| among_holders(of))).collect()
}

/// Several holders of one rank take the lot, and bid once more.
fn among_holders(of: &Course) -> Step {
    let step = Step::coming("preemption_round", "优先购买权人再报价", "Holders who take the lot seal one more bid", By::System)
        .under(of.rules, "preemption_round")
        .note(SEVERAL_TAKE_IT);
    match (of.holders_seal_since, of.answers_by, of.end) {
        (Some(_), Some(closes_at), _) => step.exactly(closes_at),
        (Some(_), None, Some(end)) if of.state == LotState::ClosedSold => step.done(end.at),
        _ if of.is_over() => step.skipped(),
        _ => step.may_come(),
    }
}

/// Sold, failed or terminated: what it came to, or what it may come to.
fn outcome(of: &Course) -> Vec<Step> {
    let sold = Step::coming("sold", "成交", "Sold", By::System);
    let sold = if of.terms.format.units().is_some() { sold.note(SEVERAL_UNITS) } else { sold };
    let failed = Step::coming("failed", "流拍或项目失败", "Failed", By::System);
    let terminated = Step::coming("terminated", "终结", "Terminated", By::Seller).note(ENDED_BEFORE);
    let by_rounds = matches!(of.terms.format, Format::Rounds { .. });
    // Whoever was asked is heard out, whatever the format.
    let rule = if by_rounds && !of.asked { "rounds_result_delay" } else { "close_grace" };
    let decided = |step: Step| step.under(of.rules, rule);
    let Some(end) = of.end else {
        let or_not = [sold, failed].map(|step| decided(step).exactly(of.decided_at()).may_come());
        let or_not = or_not.map(|step| if by_rounds && of.book.is_none() { step.note(MORE_WITH_BIDDERS) } else { step });
        // Holders are asked only about a price that has effect.
        let or_not = or_not.into_iter().filter(|step| of.state != LotState::PreemptionAsk || step.code == "sold");
        let (opens_by, opening_rule) = of.opening();
        let terminated = terminated.under(of.rules, opening_rule).may_come();
        let terminated = match opens_by {
            Some(opens_by) => terminated.before(opens_by),
            None => terminated,
        };
        return (of.state == LotState::Scheduled).then_some(terminated).into_iter().chain(or_not).collect();
    };
    let what = match of.state {
        LotState::ClosedSold => decided(sold),
        LotState::Aborted if end.terminated => terminated,
        LotState::Aborted if of.given_up.is_some() => failed.note(FAILED_NOT_CURABLE),
        LotState::Aborted => failed.note(FAILED_TOO_FEW),
        _ if of.terms.direction == Direction::Descending => decided(failed).note(FAILED_NOT_LOW_ENOUGH),
        _ => decided(failed).note(FAILED_UNSOLD),
    };
    vec![what.done(end.at)]
}
