//! Prices and parameters: every gap of the offer filled from the rules, every choice held to them.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::auctions::{AuctionLicence, ClosingMode, Direction, Format, LotTerms, Preemption, RULES_VERSION, Reserve, Step, StepBase};
use entity::identity::SellerClass;
use entity::money::{Money, MoneyError};

use super::dutch;
use super::findings::{Findings, outside_rule, unruled};
use super::limits::Limits;
use super::offer::{Offer, OfferedFormat, settled_preemption};
use super::{rounds, sealed_formats, units, weighted};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Snapshot, Span, Value};

/// How the lot will be bid for: what the seller chose, and for the rest what the rules say.
#[expect(clippy::struct_excessive_bools, reason = "each is announced by itself, as in the terms of a lot")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bidding {
    /// How it ends.
    pub closing_mode: ClosingMode,
    /// Lowest first bid.
    pub start_price: Money,
    /// Lowest price with effect, a secret one as its commitment.
    pub reserve: Reserve,
    /// What must be paid in to be admitted.
    pub deposit: Money,
    /// How much a bid must add.
    pub step: Step,
    /// What the step is reckoned from.
    pub step_base: StepBase,
    /// Whether a bid must lie a whole number of steps above the price.
    pub multiples_only: bool,
    /// Whether the step is demanded at all.
    pub enforce_step: bool,
    /// Whether the leader may raise his own bid.
    pub allow_self_raise: bool,
    /// Free bidding period, seconds.
    pub free_period_seconds: i64,
    /// Timed cycle or soft-close window, seconds.
    pub timed_cycle_seconds: i64,
    /// Latest end after opening, seconds.
    pub max_duration_seconds: Option<i64>,
    /// Fewer admitted bidders mean the lot failed.
    pub min_bidders: u32,
    /// Whether the runner-up may be asked.
    pub next_bidder_rule: bool,
    /// The auction enterprise.
    pub auction_licence: Option<AuctionLicence>,
    /// Grace in which what arrived in time is still decided, milliseconds.
    pub close_grace_ms: i64,
    /// How the price is found.
    pub format: Format,
    /// Which way prices go.
    pub direction: Direction,
    /// The price at which the lot can be bought at once.
    pub buy_now: Option<Money>,
    /// Whether bids are maxima.
    pub proxy: bool,
    /// How holders of a right of pre-emption use it.
    pub preemption: Option<Preemption>,
    /// How far its host and outages may move its times, and a bid may jump.
    pub limits: Limits,
}

impl Bidding {
    /// The terms of the lot, once it is known when it opens.
    pub fn lot_terms(&self, opens_at: Timestamp, edition: i64) -> LotTerms {
        LotTerms {
            closing_mode: self.closing_mode,
            start_price: self.start_price,
            reserve: self.reserve.clone(),
            step: self.step.clone(),
            step_base: self.step_base,
            multiples_only: self.multiples_only,
            enforce_step: self.enforce_step,
            allow_self_raise: self.allow_self_raise,
            opens_at,
            free_period_seconds: self.free_period_seconds,
            timed_cycle_seconds: self.timed_cycle_seconds,
            max_duration_seconds: self.max_duration_seconds,
            min_bidders: self.min_bidders,
            next_bidder_rule: self.next_bidder_rule,
            auction_licence: self.auction_licence.clone(),
            close_grace_ms: self.close_grace_ms,
            rulebook_version: edition,
            format: self.format.clone(),
            direction: self.direction,
            buy_now: self.buy_now,
            proxy: self.proxy,
            preemption: self.preemption.clone(),
            extend_limit_seconds: self.limits.extend_limit,
            outage_least_seconds: self.limits.outage_least,
            outage_window_seconds: self.limits.outage_window,
            host_lateness_seconds: self.limits.host_lateness,
            jump_factor: self.limits.jump_factor,
            rules_version: Some(RULES_VERSION),
            rehearsal: false,
        }
    }
}

/// Fills the gaps of an offer from the rules and holds its choices to them, naming all that is outside.
///
/// `commitment` is the public hash of a secret reserve; without one yet, it stays empty.
pub fn settle(offer: &Offer, rules: &Snapshot, commitment: Option<&str>) -> Result<Bidding, Problem> {
    let mut findings = Findings::new();
    let start = offer.starts_at();
    findings.hear(start_price_allowed(offer, rules));
    let deposit = findings.hear(deposit(offer, rules));
    let auction = &offer.auction;
    let free = findings.hear(seconds(rules, "free_period", "/auction/free_period_seconds", auction.free_period_seconds));
    let cycle = findings.hear(seconds(rules, "timed_cycle", "/auction/timed_cycle_seconds", auction.timed_cycle_seconds));
    let bidders = findings.hear(min_bidders(offer, rules));
    let multiples = findings.hear(flag(rules, "bid_multiples_only", "/auction/multiples_only", auction.multiples_only));
    let self_raise = findings.hear(flag(rules, "self_raise_allowed", "/auction/allow_self_raise", auction.allow_self_raise));
    let next_bidder = findings.hear(flag(rules, "next_bidder_rule", "/auction/next_bidder_rule", auction.next_bidder_rule));
    let grace = findings.hear(length(rules, "close_grace"));
    let step = findings.hear(step(offer, rules));
    findings.hear(sealed_formats::allowed(offer, rules));
    let format = findings.hear(format(offer, rules));
    findings.hear(direction_allowed(offer, rules));
    findings.hear(buy_now_allowed(offer, rules));
    let proxy = findings.hear(proxy(offer, rules)).unwrap_or_default();
    if let Some(most) = auction.max_duration_seconds {
        findings.hear(seconds(rules, "max_duration", "/auction/max_duration_seconds", Some(most)));
    }
    let preemption = auction.preemption.as_ref().and_then(|offered| findings.hear(settled_preemption(offered, rules)));
    findings.require(
        auction.preemption.is_none() || next_bidder != Some(true),
        Code::Invalid,
        "/auction/next_bidder_rule",
        "contradiction",
        "有优先购买权的，不得递补：权利人未就次高价被征询",
        "no next bidder beside a right of pre-emption, whose holder was not asked at the runner-up's price",
    );
    findings.require(
        auction.max_duration_seconds.is_none_or(|most| free.is_none_or(|free| most >= free)),
        Code::Invalid,
        "/auction/max_duration_seconds",
        "range",
        "最长时长不得短于自由报价期",
        "the longest duration cannot be shorter than the free period",
    );
    findings.done()?;
    let (Some(deposit), Some(step), Some(free), Some(cycle), Some(bidders)) = (deposit, step, free, cycle, bidders) else {
        return Err(Code::Internal.into());
    };
    let (Some(multiples), Some(self_raise), Some(next_bidder), Some(grace)) = (multiples, self_raise, next_bidder, grace) else {
        return Err(Code::Internal.into());
    };
    let Some(format) = format else { return Err(Code::Internal.into()) };
    let enforce_step = auction.enforce_step.unwrap_or(true);
    Ok(rounds::fitted(dutch::on_its_clock(Bidding {
        closing_mode: auction.closing_mode,
        start_price: start,
        reserve: offer.announced_reserve(commitment),
        deposit,
        step,
        step_base: auction.step_base.unwrap_or(StepBase::StartPrice),
        multiples_only: multiples && enforce_step && !proxy,
        enforce_step,
        // Whoever raises his own maximum bids against nobody.
        allow_self_raise: self_raise || proxy,
        free_period_seconds: free,
        timed_cycle_seconds: cycle,
        max_duration_seconds: auction.max_duration_seconds,
        min_bidders: bidders,
        next_bidder_rule: next_bidder && format.units().is_none(),
        auction_licence: auction.auction_licence.clone(),
        close_grace_ms: grace.num_milliseconds(),
        format,
        direction: offer.direction(),
        buy_now: auction.buy_now,
        proxy,
        preemption,
        limits: Limits::of(rules),
    })))
}

/// The format chosen, if the rules allow it, its numbers from the rules.
fn format(offer: &Offer, rules: &Snapshot) -> Result<Format, Problem> {
    let tie_round = || length(rules, "tie_round").map(|length| length.num_seconds());
    match offer.auction.format {
        OfferedFormat::English {} => Ok(Format::English {}),
        OfferedFormat::Dutch { floor, decrement, tick_seconds } => dutch::settled(offer, rules, floor, decrement, tick_seconds),
        OfferedFormat::FirstPrice {} => Ok(Format::FirstPrice { tie_round_seconds: tie_round()? }),
        OfferedFormat::Vickrey {} => Ok(Format::Vickrey {}),
        OfferedFormat::OneShot {} => Ok(Format::OneShot { tie_round_seconds: tie_round()? }),
        OfferedFormat::Rounds {} => rounds::format(rules),
        OfferedFormat::Weighted { price_weight_bp, ref criteria } => Ok(weighted::format(price_weight_bp, criteria)),
        OfferedFormat::UniformPrice { .. } | OfferedFormat::PayAsBid { .. } => {
            units::asked_for(&offer.auction.format).ok_or_else(|| Code::Internal.into())
        }
    }
}

/// Descending bids are for what somebody looks for, not for what he sells.
fn direction_allowed(offer: &Offer, rules: &Snapshot) -> Result<(), Problem> {
    if offer.direction().is_ascending() { Ok(()) } else { allowed(rules, "descending_allowed", "/auction/direction") }
}

/// Public sellers let the price be found by bids.
fn buy_now_allowed(offer: &Offer, rules: &Snapshot) -> Result<(), Problem> {
    if offer.auction.buy_now.is_none() { Ok(()) } else { allowed(rules, "buy_now_allowed", "/auction/buy_now") }
}

/// Whether bids are maxima: only ascending ones, where the seller says so and the rules allow it.
fn proxy(offer: &Offer, rules: &Snapshot) -> Result<bool, Problem> {
    if offer.auction.proxy != Some(true) {
        return Ok(false);
    }
    if offer.auction.format != (OfferedFormat::English {}) {
        let (zh, en) = ("代理出价仅用于增价竞价", "maxima are bid only in an ascending format");
        return Err(Code::Invalid.at("/auction/proxy", "contradiction", zh, en));
    }
    allowed(rules, "proxy_allowed", "/auction/proxy").map(|()| true)
}

/// Refuses what a rule does not let be chosen at all; rules from before there was such a choice let nobody.
fn allowed(rules: &Snapshot, name: &'static str, pointer: &str) -> Result<(), Problem> {
    if rules.flag(name) == Ok(true) { Ok(()) } else { Err(outside_rule(name, pointer, None::<Value>, None::<Value>)) }
}

/// Public sellers do not start below the base price they had decided on.
fn start_price_allowed(offer: &Offer, rules: &Snapshot) -> Result<(), Problem> {
    let public = matches!(rules.class, SellerClass::State | SellerClass::Soe);
    if public && offer.starts_at().minor < offer.base_price.minor {
        return Err(outside_rule("start_price", "/start_price", Some(offer.base_price), None::<Money>));
    }
    Ok(())
}

/// The deposit given, held to the rule's shares of the start price, or the rule's own share.
fn deposit(offer: &Offer, rules: &Snapshot) -> Result<Money, Problem> {
    let entry = rules.find("deposit_rate").map_err(|error| unruled(&error))?;
    let start = offer.starts_at();
    let share = |rate: u32| start.share_ceil(rate.into()).map_err(|error| overflow("/start_price", error));
    let bound = |value: Option<&Value>| match value {
        Some(Value::BasisPoints(rate)) => share(*rate).map(Some),
        _ => Ok(None),
    };
    let Some(given) = offer.deposit else {
        return share(rules.basis_points("deposit_rate").map_err(|error| unruled(&error))?);
    };
    let (min, max) = (bound(entry.min.as_ref())?, bound(entry.max.as_ref())?);
    let allowed = given.minor >= min.map_or(0, |m| m.minor) && max.is_none_or(|m| given.minor <= m.minor);
    if allowed { Ok(given) } else { Err(outside_rule("deposit_rate", "/deposit", min, max)) }
}

fn overflow(pointer: &str, error: MoneyError) -> Problem {
    Code::Invalid.at(pointer, "range", "金额超出范围", error.to_string())
}

/// A rule's span as plain elapsed time.
pub(super) fn length(rules: &Snapshot, name: &str) -> Result<TimeDelta, Problem> {
    let span = rules.span(name).map_err(|error| unruled(&error))?;
    span.elapsed().ok_or_else(|| Code::Internal.with("reason", format!("{name} has no plain length")))
}

/// The length given, held to a rule, or the rule's own, in seconds.
pub(super) fn seconds(rules: &Snapshot, name: &'static str, pointer: &str, given: Option<i64>) -> Result<i64, Problem> {
    let Some(given) = given else {
        return length(rules, name).map(|length| length.num_seconds());
    };
    let span = u32::try_from(given).map(|seconds| Value::Span(Span::Seconds(seconds)));
    let span = span.map_err(|_| outside_rule(name, pointer, None::<Value>, None::<Value>))?;
    bounded(rules, name, pointer, &span).map(|()| given)
}

fn min_bidders(offer: &Offer, rules: &Snapshot) -> Result<u32, Problem> {
    match offer.auction.min_bidders {
        None => rules.count("min_bidders").map_err(|error| unruled(&error)),
        Some(given) => bounded(rules, "min_bidders", "/auction/min_bidders", &Value::Count(given)).map(|()| given),
    }
}

fn flag(rules: &Snapshot, name: &'static str, pointer: &str, given: Option<bool>) -> Result<bool, Problem> {
    match given {
        None => rules.flag(name).map_err(|error| unruled(&error)),
        Some(given) => bounded(rules, name, pointer, &Value::Flag(given)).map(|()| given),
    }
}

fn bounded(rules: &Snapshot, name: &'static str, pointer: &str, value: &Value) -> Result<(), Problem> {
    rules.within_bounds(name, value).map_err(|bounds| outside_rule(name, pointer, bounds.min, bounds.max))
}

fn step(offer: &Offer, rules: &Snapshot) -> Result<Step, Problem> {
    if let Some(step) = &offer.auction.step {
        return Ok(step.clone());
    }
    let rate = rules.basis_points("bid_step_rate").map_err(|error| unruled(&error))?;
    let start = offer.starts_at();
    Ok(Step::Fixed { amount: Money { minor: round_step(start.minor, rate), ..start } })
}

/// The step of 1, 2 or 5 times a power of ten fen that lies nearest to a share of the start price;
/// of two equally near the smaller, and never less than one fen.
pub fn round_step(start_minor: i64, rate_bp: u32) -> i64 {
    let exact = i128::from(start_minor) * i128::from(rate_bp);
    let rounds = (0..18_u32).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_i64.pow(power)));
    rounds.min_by_key(|round| ((exact - i128::from(*round) * 10_000).abs(), *round)).unwrap_or(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::tests::{offer, rules};
    use super::*;
    use proptest::prelude::*;

    fn names(problem: &Problem) -> Vec<&str> {
        problem.errors.iter().map(|fault| fault.pointer.as_str()).collect()
    }

    #[test]
    fn the_rules_fill_what_the_seller_left_open() {
        let settled = settle(&offer(), &rules(SellerClass::State), None).unwrap();
        assert_eq!(settled.start_price, Money::fen(20_000_000));
        assert_eq!(settled.deposit, Money::fen(2_000_000));
        assert_eq!(settled.step, Step::Fixed { amount: Money::fen(200_000) });
        assert_eq!((settled.free_period_seconds, settled.timed_cycle_seconds), (86_400, 300));
        assert_eq!((settled.min_bidders, settled.close_grace_ms), (2, 300));
        assert!(settled.multiples_only && settled.enforce_step && !settled.allow_self_raise && !settled.next_bidder_rule);
        assert_eq!(settled.reserve, Reserve::None {});
    }

    #[test]
    fn everything_outside_the_rules_is_named_at_once() {
        let mut bold = offer();
        bold.start_price = Some(Money::fen(19_999_999));
        bold.deposit = Some(Money::fen(1));
        bold.auction.free_period_seconds = Some(60);
        bold.auction.timed_cycle_seconds = Some(601);
        bold.auction.min_bidders = Some(3);
        let problem = settle(&bold, &rules(SellerClass::State), None).unwrap_err();
        assert_eq!(problem.code, Code::OutsideRule);
        assert_eq!(problem.facts["name"], "start_price");
        assert_eq!(
            names(&problem),
            ["/start_price", "/deposit", "/auction/free_period_seconds", "/auction/timed_cycle_seconds", "/auction/min_bidders"]
        );
        bold.start_price = None;
        let problem = settle(&bold, &rules(SellerClass::State), None).unwrap_err();
        assert_eq!(problem.facts["name"], "deposit_rate");
        assert_eq!(problem.facts["min"]["amount"], "10000.00");
        assert_eq!(problem.facts["max"]["amount"], "40000.00");
    }

    #[test]
    fn a_private_seller_may_start_below_his_base_price() {
        let mut low = offer();
        low.start_price = Some(Money::fen(1));
        assert!(settle(&low, &rules(SellerClass::Private), None).is_ok());
    }

    #[test]
    fn where_no_step_is_demanded_whole_steps_are_not_either() {
        let mut free = offer();
        free.auction.enforce_step = Some(false);
        assert!(!settle(&free, &rules(SellerClass::State), None).unwrap().multiples_only);
    }

    #[test]
    fn maxima_are_bid_where_the_seller_says_so_and_the_rules_allow_it() {
        let mut chosen = offer();
        assert!(!settle(&chosen, &rules(SellerClass::State), None).unwrap().proxy);
        chosen.auction.proxy = Some(true);
        let settled = settle(&chosen, &rules(SellerClass::State), None).unwrap();
        assert!(settled.proxy && settled.allow_self_raise && !settled.multiples_only);
        let mut without = rules(SellerClass::State);
        without.parameters.retain(|entry| entry.name != "proxy_allowed");
        assert!(settle(&chosen, &without, None).is_err());
        chosen.auction.proxy = None;
        assert!(settle(&chosen, &without, None).is_ok(), "what was announced before goes on");
    }

    #[test]
    fn an_end_before_the_free_period_is_over_is_refused() {
        let mut short = offer();
        short.auction.max_duration_seconds = Some(86_399);
        let problem = settle(&short, &rules(SellerClass::State), None).unwrap_err();
        assert_eq!((problem.code, names(&problem)), (Code::Invalid, vec!["/auction/max_duration_seconds"]));
    }

    #[test]
    fn only_some_sellers_let_a_lot_be_bought_at_once_and_only_a_rehearsal_descends() {
        use SellerClass::{Person, Private, Rehearsal, Soe, State};

        let (mut quick, mut falling) = (offer(), offer());
        quick.auction.buy_now = Some(Money::fen(30_000_000));
        falling.auction.direction = Some(Direction::Descending);
        for (class, buys, falls) in
            [(State, false, false), (Soe, false, false), (Private, true, false), (Person, true, false), (Rehearsal, true, true)]
        {
            for (offer, pointer, lets) in [(&quick, "/auction/buy_now", buys), (&falling, "/auction/direction", falls)] {
                let refusal = settle(offer, &rules(class), None).err();
                let named = refusal.as_ref().map(|problem| (problem.code, names(problem)));
                assert_eq!(named, (!lets).then(|| (Code::OutsideRule, vec![pointer])), "{class:?}");
            }
        }
        // Rules from before there was such a choice let nobody.
        let mut older = rules(Rehearsal);
        older.parameters.retain(|entry| !["buy_now_allowed", "descending_allowed"].contains(&entry.name.as_str()));
        assert!(settle(&quick, &older, None).is_err() && settle(&falling, &older, None).is_err());
        assert!(settle(&offer(), &older, None).is_ok());
    }

    #[test]
    fn steps_are_round_sums_near_one_per_cent() {
        for (start, step) in
            [(1, 1), (99, 1), (160_000_000, 2_000_000), (100_000, 1_000), (895_000_000, 10_000_000), (150_000, 1_000), (350_000, 2_000)]
        {
            assert_eq!(round_step(start, 100), step, "{start}");
        }
    }

    proptest! {
        #[test]
        fn a_default_step_is_one_two_or_five_and_near(start in 10_000..=entity::money::MAX_MINOR) {
            let step = round_step(start, 100);
            let mut digit = step;
            while digit % 10 == 0 {
                digit /= 10;
            }
            prop_assert!([1, 2, 5].contains(&digit));
            let exact = i128::from(start);
            prop_assert!(i128::from(step) * 100 * 2 >= exact && i128::from(step) * 100 <= exact * 2);
        }

        #[test]
        fn the_default_deposit_lies_within_the_bounds(start in 1..=entity::money::MAX_MINOR) {
            let mut cheap = offer();
            cheap.base_price = Money::fen(start);
            let settled = settle(&cheap, &rules(SellerClass::State), None).unwrap();
            cheap.deposit = Some(settled.deposit);
            prop_assert_eq!(settle(&cheap, &rules(SellerClass::State), None).unwrap().deposit, settled.deposit);
        }
    }
}
