//! What happens to a lot and when: as it stands, or as it would be if it were announced now.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::admissions::admission_call;
use entity::auctions::{ClosingMode, LotState, LotTerms, lot, lot_event};
use entity::deals::{DealState, deal};
use entity::ledger::{RefundState, refund};
use serde::{Deserialize, Serialize};

use super::clock::{announced_end, decided_at, earliest_end, free_end, latest_end, underlying};
use super::log::{Body, TERMINATED};
use crate::admissions::rules::RefundRule;
use crate::deals::rules::{confirm_by, publish_by};
use crate::platform::problem::Problem;
use crate::rulebook::rules::{By, Calendar, Progress, Snapshot, Span, Step, StepNote, arranged};

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
/// A date that may move on.
const MAY_BE_EXTENDED: StepNote = StepNote::of("may_be_extended", "最早于此时结束，有新的出价时延长", "at the earliest; bids extend it");
/// Why a lot failed.
const FAILED_TOO_FEW: StepNote = StepNote::of("too_few_bidders", "取得资格的竞买人不足", "too few bidders were admitted");
/// Why a lot failed.
const FAILED_UNSOLD: StepNote = StepNote::of("unsold", "无人出价或未达保留价", "nobody bid, or not as much as the reserve price");
/// Who may end a lot before bidding.
const ENDED_BEFORE: StepNote = StepNote::of(
    "before_bidding_only",
    "竞价开始前，转让方可撤回，平台可终结",
    "before bidding opens its seller may withdraw it, or the platform end it",
);
/// A date that hangs on a sale.
const IF_SOLD: StepNote = StepNote::of("if_sold", "以最早结束并成交为准推算", "reckoned as if it were sold at the earliest end");
/// A date that hangs on losing.
const IF_NOT_WON: StepNote =
    StepNote::of("if_not_won", "以最早结束且未竞得为准推算", "reckoned as if somebody else had it at the earliest end");
/// A deposit that stays for the time being.
const WAITS_FOR_DEAL: StepNote =
    StepNote::of("waits_for_deal", "递补期间保证金留存至成交确认", "kept until the deal is decided, as the runner-up's");

/// How the dates of a lot came about when it was announced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// The rule that says how long registration is open; not known of lots from before it was kept.
    pub registration_rule: Option<String>,
    /// Whether the seller chose when registration closes.
    pub registration_chosen: bool,
    /// Whether the seller chose when bidding opens.
    pub opening_chosen: bool,
}

/// How a lot ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// Whether its listing was terminated.
    pub terminated: bool,
}

impl End {
    /// Read off the last event of a lot's log; none while the lot goes on.
    pub fn of(last: &lot_event::Model) -> Option<Self> {
        let terminated = match serde_json::from_str::<Body>(&last.body).ok()? {
            Body::Sold { .. } | Body::Unsold { .. } => false,
            Body::Aborted { reason } => reason == TERMINATED,
            _ => return None,
        };
        Some(Self { at: last.at, terminated })
    }
}

/// The course of a lot.
#[derive(Clone, Copy)]
pub struct Course<'a> {
    /// Where it stands.
    pub state: LotState,
    /// How it is bid for.
    pub terms: &'a LotTerms,
    /// When it opens.
    pub opens_at: Timestamp,
    /// Whether it opens at the word of its host.
    pub hosted: bool,
    /// When it opens by itself if the host says nothing, once its turn has come.
    pub opens_by: Option<Timestamp>,
    /// When it closes unless extended.
    pub closes_at: Timestamp,
    /// The rule that end follows.
    pub closing_rule: &'static str,
    /// When registration closes.
    pub registration_closes_at: Timestamp,
    /// When registration was closed.
    pub registration_closed_at: Option<Timestamp>,
    /// The latest end, where one was announced.
    pub latest: Option<Timestamp>,
    /// Whether its clocks stand for now.
    pub paused: bool,
    /// How it ended.
    pub end: Option<End>,
    /// How its dates came about.
    pub dates: &'a Dates,
    /// The rules it follows.
    pub rules: &'a Snapshot,
}

impl<'a> Course<'a> {
    /// The course of a lot that was announced.
    pub fn of(
        lot: &'a lot::Model,
        call: &admission_call::Model,
        last: Option<&lot_event::Model>,
        dates: &'a Dates,
        rules: &'a Snapshot,
    ) -> Self {
        Self {
            state: underlying(lot),
            latest: latest_end(lot),
            paused: lot.pause.is_some(),
            terms: &lot.terms,
            opens_at: lot.opens_at,
            hosted: lot.hosted,
            opens_by: lot.opens_by,
            closes_at: lot.closes_at,
            closing_rule: closing_rule(lot),
            registration_closes_at: call.closes_at,
            registration_closed_at: call.closed_at,
            end: last.and_then(End::of),
            dates,
            rules,
        }
    }

    /// The course of a lot that was not announced yet.
    pub fn planned(terms: &'a LotTerms, registration_closes_at: Timestamp, dates: &'a Dates, rules: &'a Snapshot) -> Self {
        Self {
            state: LotState::Scheduled,
            latest: announced_end(terms, terms.opens_at),
            paused: false,
            terms,
            opens_at: terms.opens_at,
            hosted: false,
            opens_by: None,
            closes_at: free_end(terms, terms.opens_at),
            closing_rule: "free_period",
            registration_closes_at,
            registration_closed_at: None,
            end: None,
            dates,
            rules,
        }
    }

    /// When it is decided who has it, if nobody bids any more.
    pub fn decided_at(&self) -> Timestamp {
        decided_at(self.terms, self.ends_at())
    }

    fn ends_at(&self) -> Timestamp {
        earliest_end(self.terms, self.state, self.closes_at, self.latest)
    }

    fn is_over(&self) -> bool {
        matches!(self.state, LotState::ClosedSold | LotState::ClosedUnsold | LotState::Aborted)
    }

    /// By when it opens, where that is known, and the rule that date follows.
    fn opening(&self) -> (Option<Timestamp>, &'static str) {
        if self.hosted { (self.opens_by, "host_lateness") } else { (Some(self.opens_at), "auction_lead") }
    }
}

/// The rule the end of a lot follows: that of late bids, of its place in a session, or of its own length.
fn closing_rule(lot: &lot::Model) -> &'static str {
    let window = TimeDelta::seconds(lot.terms.timed_cycle_seconds);
    let is_late = |bid: Timestamp| lot.closes_at - bid <= window;
    let own_end = free_end(&lot.terms, lot.opens_at) + TimeDelta::microseconds(lot.shifted_us);
    if lot.terms.closing_mode == ClosingMode::SoftClose && lot.bid_count > 0 && lot.last_arrival.is_some_and(is_late) {
        "timed_cycle"
    } else if lot.session_id.is_some() && !lot.hosted && lot.closes_at > own_end {
        "session_stagger"
    } else {
        "free_period"
    }
}

/// A step whose date follows a rule of the bidding, which may have been announced with another length.
fn lasting(step: Step, of: &Course, rule: &str) -> Step {
    let step = step.under(of.rules, rule);
    let announced = match rule {
        "free_period" => of.terms.free_period_seconds,
        "timed_cycle" => of.terms.timed_cycle_seconds,
        _ => return step,
    };
    let usual = of.rules.span(rule).ok().and_then(Span::elapsed);
    let is_chosen = usual.is_some_and(|usual| usual.num_seconds() != announced);
    if is_chosen { step.note(CHOSEN) } else { step }
}

/// The steps everybody may know of, in the order of the procedure.
pub fn course(of: &Course) -> Vec<Step> {
    let timed = (of.terms.closing_mode == ClosingMode::TimedCycle).then(|| timed_phase(of));
    let open = [registration(of), opening(of)].into_iter().chain(timed).chain([ending(of)]);
    let steps = open.chain(outcome(of));
    // A pause moves every date of the bidding; registration closes when it was announced to.
    let moves = |step: &Step| of.paused && step.state != Progress::Done && step.code != REGISTRATION_CLOSES;
    steps.map(|step| if moves(&step) { step.note(PAUSED) } else { step }).collect()
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
        LotState::Aborted => step.skipped(),
        _ => step.done(of.opens_at),
    }
}

fn timed_phase(of: &Course) -> Step {
    let (begins, rule) = match of.state {
        LotState::Scheduled | LotState::OpenFree => (of.closes_at, of.closing_rule),
        _ => (free_end(of.terms, of.opens_at), "free_period"),
    };
    let step = Step::coming("timed_phase_begins", "限时报价开始", "The timed phase begins", By::System).exactly(begins);
    let step = lasting(step, of, rule);
    match of.state {
        LotState::Scheduled | LotState::OpenFree => step,
        LotState::Aborted => step.skipped(),
        _ => step.done(begins),
    }
}

fn ending(of: &Course) -> Step {
    let rule = if of.terms.closing_mode == ClosingMode::TimedCycle { "timed_cycle" } else { of.closing_rule };
    let step = Step::coming("bidding_ends", "竞价结束", "Bidding ends", By::System).exactly(of.ends_at());
    let step = match of.state {
        LotState::ClosedSold | LotState::ClosedUnsold => step.done(of.closes_at),
        LotState::Aborted => step.skipped(),
        _ if of.terms.closing_mode == ClosingMode::HardClose => step,
        _ => step.note(MAY_BE_EXTENDED),
    };
    lasting(step, of, rule)
}

/// Sold, failed or terminated: what it came to, or what it may come to.
fn outcome(of: &Course) -> Vec<Step> {
    let sold = Step::coming("sold", "成交", "Sold", By::System);
    let failed = Step::coming("failed", "流拍或项目失败", "Failed", By::System);
    let terminated = Step::coming("terminated", "终结", "Terminated", By::Seller).note(ENDED_BEFORE);
    let decided = |step: Step| step.under(of.rules, "close_grace");
    let Some(end) = of.end else {
        let or_not = [sold, failed].map(|step| decided(step).exactly(of.decided_at()).may_come());
        let (opens_by, rule) = of.opening();
        let terminated = terminated.under(of.rules, rule).may_come();
        let terminated = match opens_by {
            Some(opens_by) => terminated.before(opens_by),
            None => terminated,
        };
        return (of.state == LotState::Scheduled).then_some(terminated).into_iter().chain(or_not).collect();
    };
    let what = match of.state {
        LotState::ClosedSold => decided(sold),
        LotState::Aborted if end.terminated => terminated,
        LotState::Aborted => failed.note(FAILED_TOO_FEW),
        _ => decided(failed).note(FAILED_UNSOLD),
    };
    vec![what.done(end.at)]
}

/// What follows the bidding, as far as a caller may know of it.
#[derive(Clone, Copy, Default)]
pub struct Beyond<'a> {
    /// Whether the steps inside the house are told: to the seller, to bidders and to officers.
    pub is_insider: bool,
    /// The deal, told to its parties and to officers.
    pub deal: Option<&'a deal::Model>,
    /// When the result was made public.
    pub result_published_at: Option<Timestamp>,
    /// How deposits go back, where that is told.
    pub deposits: Option<Deposits<'a>>,
}

/// How deposits go back: a bidder's own, or for officers everybody's.
#[derive(Clone, Copy)]
pub struct Deposits<'a> {
    /// By when.
    pub rule: &'a RefundRule,
    /// The refunds owed and paid so far.
    pub refunds: &'a [refund::Model],
    /// Whether one is kept until the deal is decided.
    pub waits_for_deal: bool,
}

/// The steps of a lot for a caller.
pub fn steps(announced_at: Timestamp, of: &Course, beyond: &Beyond, calendar: &Calendar, now: Timestamp) -> Result<Vec<Step>, Problem> {
    let mut steps = vec![announcement().done(announced_at)];
    steps.extend(course(of));
    if beyond.is_insider {
        steps.extend(confirmation(of, beyond.deal, calendar)?);
    }
    steps.extend(result(of, beyond.deal, beyond.result_published_at, calendar)?);
    steps.extend(beyond.deposits.and_then(|deposits| refunds(of, &deposits, calendar)));
    Ok(arranged(steps, now))
}

/// The publication of the listing, which announces the lot.
pub fn announcement() -> Step {
    Step::coming("published", "公告", "Published", By::Publisher)
}

fn fell_through(deal: &deal::Model) -> bool {
    matches!(deal.state, DealState::DefaultBuyer | DealState::DefaultSeller | DealState::Lapsed)
}

/// The confirmation of the deal; more of it is told by the deal's own timeline.
fn confirmation(of: &Course, deal: Option<&deal::Model>, calendar: &Calendar) -> Result<Option<Step>, Problem> {
    let step = Step::coming("confirmed", "成交确认", "The deal is confirmed", By::BothSides).under(of.rules, "confirm_deadline");
    let Some(deal) = deal else {
        if of.is_over() {
            return Ok(None);
        }
        let period = confirm_by(of.rules, of.decided_at(), calendar)?;
        return Ok(Some(step.within(period).may_come().note(IF_SOLD)));
    };
    let step = step.before(deal.confirm_by);
    Ok(Some(match deal.confirmed_at {
        Some(confirmed_at) => step.done(confirmed_at),
        None if fell_through(deal) => step.skipped(),
        None => step,
    }))
}

/// The publication of the result. Whoever may not know of the deal is told only that it may come, and when it came.
pub fn result(
    of: &Course,
    deal: Option<&deal::Model>,
    published_at: Option<Timestamp>,
    calendar: &Calendar,
) -> Result<Option<Step>, Problem> {
    let step = Step::coming("result_published", "发布成交公示", "The result is published", By::Publisher).under(of.rules, "publish_result");
    if matches!(of.state, LotState::ClosedUnsold | LotState::Aborted) {
        return Ok(None);
    }
    Ok(Some(match (published_at, deal) {
        (Some(published_at), _) => step.done(published_at),
        (None, None) => step.may_come(),
        (None, Some(deal)) if fell_through(deal) => step.skipped(),
        (None, Some(deal)) => match deal.confirmed_at {
            Some(confirmed_at) => step.within(publish_by(of.rules, confirmed_at, calendar)?),
            None => step,
        },
    }))
}

/// The deposits of those who did not win.
fn refunds(of: &Course, deposits: &Deposits, calendar: &Calendar) -> Option<Step> {
    let step = Step::coming("deposit_refunded", "退还保证金", "Deposits are refunded", By::Finance).under(of.rules, "refund_losers");
    let refunds = deposits.refunds;
    if let Some(due_at) = refunds.iter().map(|refund| refund.due_at).max() {
        let step = step.before(due_at);
        let all_paid = refunds.iter().all(|refund| refund.state == RefundState::Paid);
        return Some(match refunds.iter().filter_map(|refund| refund.paid_at).max() {
            Some(paid_at) if all_paid => step.done(paid_at),
            _ => step,
        });
    }
    if !of.is_over() {
        return Some(step.before(deposits.rule.due_at(of.decided_at(), calendar)).reckoned(calendar).may_come().note(IF_NOT_WON));
    }
    deposits.waits_for_deal.then(|| step.may_come().note(WAITS_FOR_DEAL))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::LazyLock;

    use chrono::{TimeZone, Utc};
    use entity::auctions::{Reserve, Step as BidStep, StepBase};
    use entity::identity::SellerClass;
    use entity::money::Money;
    use proptest::prelude::*;

    use super::*;
    use crate::rulebook::rules::Progress;
    use crate::rulebook::rules::shipped::{CALENDAR, RULEBOOK};
    use crate::rulebook::rules::timeline::proof::is_a_timeline;

    const REGISTRATION: i64 = 1_000;
    const OPENING: i64 = 2_000;
    static DATES: LazyLock<Dates> =
        LazyLock::new(|| Dates { registration_rule: Some("listing_period".into()), registration_chosen: true, opening_chosen: false });

    fn at(second: i64) -> Timestamp {
        Utc.timestamp_opt(1_772_000_000 + second, 0).unwrap()
    }

    fn rules() -> Snapshot {
        RULEBOOK.snapshot(SellerClass::State, "2026-02-25".parse().unwrap())
    }

    fn terms(closing_mode: ClosingMode) -> LotTerms {
        LotTerms {
            closing_mode,
            start_price: Money::fen(10_000),
            reserve: Reserve::None {},
            step: BidStep::Fixed { amount: Money::fen(1_000) },
            step_base: StepBase::StartPrice,
            multiples_only: true,
            enforce_step: true,
            allow_self_raise: false,
            opens_at: at(OPENING),
            free_period_seconds: 3_600,
            timed_cycle_seconds: 300,
            max_duration_seconds: None,
            min_bidders: 2,
            next_bidder_rule: false,
            auction_licence: None,
            close_grace_ms: 300,
            rulebook_version: 1,
        }
    }

    fn find<'a>(steps: &'a [Step], code: &str) -> &'a Step {
        steps.iter().find(|step| step.code == code).unwrap_or_else(|| panic!("no {code} in {steps:?}"))
    }

    #[test]
    fn a_timed_lot_ends_a_cycle_after_its_free_period_at_the_earliest() {
        let (terms, rules) = (terms(ClosingMode::TimedCycle), rules());
        let steps = course(&Course::planned(&terms, at(REGISTRATION), &DATES, &rules));
        assert_eq!(find(&steps, "timed_phase_begins").due_at, Some(at(OPENING + 3_600)));
        assert_eq!(find(&steps, "bidding_ends").due_at, Some(at(OPENING + 3_900)));
        assert_eq!(find(&steps, "sold").due_at, Some(at(OPENING + 3_900) + TimeDelta::milliseconds(300)));
    }

    /// The rule a step names.
    fn rule<'a>(steps: &'a [Step], code: &str) -> Option<&'a str> {
        find(steps, code).rule.as_ref().map(|rule| rule.name.as_str())
    }

    #[test]
    fn dates_name_the_rule_they_follow() {
        let (timed, soft, rules) = (terms(ClosingMode::TimedCycle), terms(ClosingMode::SoftClose), rules());
        let own = course(&Course::planned(&timed, at(REGISTRATION), &DATES, &rules));
        for (code, expected) in [
            ("registration_closes", "listing_period"),
            ("bidding_opens", "auction_lead"),
            ("terminated", "auction_lead"),
            ("timed_phase_begins", "free_period"),
            ("bidding_ends", "timed_cycle"),
            ("sold", "close_grace"),
            ("failed", "close_grace"),
        ] {
            assert_eq!(rule(&own, code), Some(expected), "{code}");
        }
        let alone = Course::planned(&soft, at(REGISTRATION), &DATES, &rules);
        let hosted = course(&Course { hosted: true, opens_by: Some(at(OPENING + 1_800)), ..alone });
        assert_eq!(
            (rule(&hosted, "bidding_opens"), find(&hosted, "bidding_opens").due_at),
            (Some("host_lateness"), Some(at(OPENING + 1_800)))
        );
        assert_eq!(find(&hosted, "terminated").due_at, Some(at(OPENING + 1_800)), "as long as it may stay shut");
        let few = Course { state: LotState::Aborted, end: Some(End { at: at(REGISTRATION), terminated: false }), ..alone };
        assert_eq!(rule(&course(&few), "failed"), None, "it was not decided by bids");
    }

    #[test]
    fn the_end_names_what_moved_it_last() {
        let lot = crate::auctions::rules::tests::lot(terms(ClosingMode::SoftClose));
        assert_eq!(closing_rule(&lot), "free_period");
        let more = lot::Model { closes_at: lot.closes_at + TimeDelta::seconds(60), shifted_us: 60_000_000, ..lot };
        let session_id = Some(entity::ids::LotSessionId(uuid::Uuid::from_u128(1)));
        assert_eq!(closing_rule(&lot::Model { session_id, ..more.clone() }), "free_period", "the host moved it, not the session");
        let staggered = lot::Model { session_id, shifted_us: 0, ..more };
        assert_eq!(closing_rule(&staggered), "session_stagger");
        let bid = |seconds: i64| Some(staggered.closes_at - TimeDelta::seconds(seconds));
        assert_eq!(closing_rule(&lot::Model { bid_count: 1, last_arrival: bid(301), ..staggered.clone() }), "session_stagger");
        assert_eq!(closing_rule(&lot::Model { bid_count: 1, last_arrival: bid(300), ..staggered.clone() }), "timed_cycle");
    }

    #[test]
    fn what_the_seller_chose_is_said_to_be() {
        let rules = rules();
        let is_chosen = |terms: &LotTerms, code: &str| {
            find(&course(&Course::planned(terms, at(REGISTRATION), &DATES, &rules)), code).notes.contains(&CHOSEN)
        };
        // An hour of free bidding is chosen, a cycle of five minutes is the rule.
        let short = terms(ClosingMode::TimedCycle);
        let usual = LotTerms { free_period_seconds: 86_400, timed_cycle_seconds: 600, ..terms(ClosingMode::TimedCycle) };
        for (code, of_short, of_usual) in [
            ("registration_closes", true, true),
            ("bidding_opens", false, false),
            ("timed_phase_begins", true, false),
            ("bidding_ends", false, true),
            ("sold", false, false),
        ] {
            assert_eq!((is_chosen(&short, code), is_chosen(&usual, code)), (of_short, of_usual), "{code}");
        }
    }

    #[test]
    fn only_what_bids_extend_may_be_extended() {
        let rules = rules();
        for (mode, may) in [(ClosingMode::HardClose, false), (ClosingMode::SoftClose, true), (ClosingMode::TimedCycle, true)] {
            let terms = terms(mode);
            let steps = course(&Course::planned(&terms, at(REGISTRATION), &DATES, &rules));
            assert_eq!(find(&steps, "bidding_ends").notes.contains(&MAY_BE_EXTENDED), may, "{mode:?}");
        }
    }

    #[test]
    fn what_the_public_may_not_know_it_is_not_told() {
        let (terms, rules) = (terms(ClosingMode::SoftClose), rules());
        let planned = Course::planned(&terms, at(REGISTRATION), &DATES, &rules);
        let end = Some(End { at: planned.decided_at(), terminated: false });
        let sold = Course { state: LotState::ClosedSold, registration_closed_at: Some(at(REGISTRATION)), end, ..planned };
        let public = steps(at(0), &sold, &Beyond::default(), &CALENDAR, at(9_000)).unwrap();
        let codes: Vec<_> = public.iter().map(|step| step.code).collect();
        assert_eq!(codes, ["published", "registration_closes", "bidding_opens", "bidding_ends", "sold", "result_published"]);
        assert_eq!((find(&public, "result_published").state, find(&public, "result_published").due_at), (Progress::MayCome, None));
    }

    /// A lot at a stage of its course, and an instant of that stage.
    fn staged<'a>(stage: u8, later: i64, terms: &'a LotTerms, rules: &'a Snapshot) -> (Course<'a>, Timestamp) {
        let planned = Course::planned(terms, at(REGISTRATION), &DATES, rules);
        let registered = Course { registration_closed_at: Some(at(REGISTRATION)), ..planned };
        let timed = terms.closing_mode == ClosingMode::TimedCycle;
        let open = Course { state: LotState::OpenFree, ..registered };
        let last = if timed {
            Course { state: LotState::OpenTimed, closes_at: open.closes_at + TimeDelta::seconds(terms.timed_cycle_seconds), ..open }
        } else {
            open
        };
        let ended = |state, course: Course<'a>, at: Timestamp, terminated| Course { state, end: Some(End { at, terminated }), ..course };
        let end = last.decided_at();
        match stage {
            0 => (planned, at(1 + later)),
            1 => (registered, at(REGISTRATION + 1 + later)),
            2 => (open, at(OPENING + later)),
            3 => (last, last.closes_at - TimeDelta::seconds(1 + later.min(200))),
            4 => (ended(LotState::ClosedSold, last, end, false), end + TimeDelta::seconds(later)),
            5 => (ended(LotState::ClosedUnsold, last, end, false), end + TimeDelta::seconds(later)),
            6 => (ended(LotState::Aborted, registered, at(REGISTRATION), false), at(REGISTRATION + later)),
            _ => {
                let early = Course { registration_closed_at: Some(at(300)), ..planned };
                (ended(LotState::Aborted, early, at(300), true), at(300 + later))
            }
        }
    }

    proptest! {
        #[test]
        fn every_lot_at_every_stage_has_a_timeline(mode in 0..3_usize, stage in 0..8_u8, later in 0..990_i64, insider in any::<bool>()) {
            let (terms, rules) = (terms(ClosingMode::ALL[mode]), rules());
            let (course, now) = staged(stage, later, &terms, &rules);
            let rule = RefundRule { span: "3wd".parse().unwrap(), source: "practice".into() };
            let deposits = insider.then_some(Deposits { rule: &rule, refunds: &[], waits_for_deal: stage == 4 });
            let beyond = Beyond { is_insider: insider, deposits, ..Beyond::default() };
            let told = steps(at(0), &course, &beyond, &CALENDAR, now).unwrap();
            is_a_timeline(&told, now)?;
            prop_assert!(told.iter().all(|step| step.due_at.is_none() || step.rule.is_some()), "{:?}", told);
            let public = steps(at(0), &course, &Beyond::default(), &CALENDAR, now).unwrap();
            prop_assert!(public.iter().all(|step| told.iter().any(|known| known.code == step.code)));
            // A lot comes to one thing.
            let outcomes = ["sold", "failed", "terminated"];
            let done: Vec<_> = told.iter().filter(|step| step.state == Progress::Done && outcomes.contains(&step.code)).collect();
            prop_assert_eq!(done.len(), usize::from(stage >= 4));
        }
    }
}
