//! Whether described terms make sense.

use entity::auctions::{ClosingMode, Format, LotTerms, Preemption, RULES_VERSION};

use crate::auctions::rules::preemption::finds_one_price;
use crate::auctions::rules::rounds::can_be_reckoned;
use crate::listings::rules::offer::{
    PreemptionVariant, buy_now_makes_sense, lengths_make_sense, maxima_make_sense, may_descend, preemption_makes_sense, step_makes_sense,
};
use crate::listings::rules::weighted::criteria_make_sense;
use crate::listings::rules::{dutch, units};
use crate::platform::problem::Faults;

/// The longest grace of the closer a description may ask for, milliseconds.
const LONGEST_GRACE_MS: i64 = 60_000;
/// The longest time holders of a right of pre-emption may have to answer, or to bid once more, seconds.
const LONGEST_ANSWER: i64 = 86_400;

/// The longest round among equals a description may ask for, seconds.
const LONGEST_TIE_ROUND: i64 = 86_400;

/// The version of the rules it is run under: the newest, as a lot announced now is bound to, unless an earlier one is named.
pub(super) fn rules_version(faults: &mut Faults, named: Option<u32>) -> u32 {
    let is_known = named.is_none_or(|version| (1..=RULES_VERSION).contains(&version));
    faults.require(is_known, "/terms/rules_version", "range", "没有这一版规则", "there are no rules of this version");
    named.unwrap_or(RULES_VERSION)
}

/// What an offer is held to as well, and no instant that could not be reckoned with.
pub(super) fn check(faults: &mut Faults, terms: &LotTerms) {
    let lengths = [
        ("free_period_seconds", Some(terms.free_period_seconds)),
        ("timed_cycle_seconds", Some(terms.timed_cycle_seconds)),
        ("max_duration_seconds", terms.max_duration_seconds),
        ("outage_least_seconds", terms.outage_least_seconds),
        ("outage_window_seconds", terms.outage_window_seconds),
    ];
    lengths_make_sense(faults, "/terms", lengths);
    let is_alone = terms.direction.is_ascending() && terms.buy_now.is_none();
    let (is_plain, has_one_price) = (terms.format.is_english() && !terms.proxy, finds_one_price(&terms.format));
    if let Some(preemption) = &terms.preemption {
        let variant = if *preemption == (Preemption::Parity {}) { PreemptionVariant::Parity } else { PreemptionVariant::AskAfter };
        preemption_makes_sense(faults, "/terms/preemption", variant, is_alone && is_plain, is_alone && has_one_price);
    }
    let preemption = terms.preemption.as_ref();
    let (answer, round) = (preemption.and_then(Preemption::answer_seconds), preemption.and_then(Preemption::round_seconds));
    for (name, length) in [("answer_seconds", answer), ("round_seconds", round)] {
        faults.require(
            length.is_none_or(|seconds| (1..=LONGEST_ANSWER).contains(&seconds)),
            &format!("/terms/preemption/{name}"),
            "range",
            "须在 1 至 86400 秒之间",
            "must be between 1 and 86400 seconds",
        );
    }
    step_makes_sense(faults, "/terms/step", &terms.step, terms.start_price);
    match terms.format {
        Format::English {} => {}
        Format::Weighted { price_weight_bp, ref criteria } => {
            criteria_make_sense(faults, "/terms/format", price_weight_bp, criteria);
            sealed_terms_agree(faults, terms);
        }
        Format::FirstPrice { .. } | Format::Vickrey {} | Format::OneShot { .. } => sealed_terms_agree(faults, terms),
        Format::UniformPrice { .. } | Format::PayAsBid { .. } => {
            sealed_terms_agree(faults, terms);
            units::make_sense(faults, "/terms", &terms.format, terms.next_bidder_rule);
        }
        Format::Dutch { floor, decrement, .. } => {
            dutch::clock_makes_sense(faults, "/terms/format", terms.start_price, floor, decrement);
            dutch::terms_agree(faults, terms);
        }
        Format::Rounds { .. } => {
            may_descend(faults, "/terms/direction", terms.direction.is_ascending());
            faults
                .require(
                    can_be_reckoned(&terms.format),
                    "/terms/format",
                    "range",
                    "轮数或时长超出范围",
                    "rounds or lengths are out of range",
                )
                .require(
                    terms.closing_mode == ClosingMode::HardClose,
                    "/terms/closing_mode",
                    "contradiction",
                    "分轮报价没有可延时的时段",
                    "rounds have no periods that could be extended: hard_close",
                )
                .require(
                    !terms.proxy,
                    "/terms/proxy",
                    "contradiction",
                    "代理出价仅用于增价竞价",
                    "maxima are bid only in an ascending format",
                );
        }
    }
    if let Some(price) = terms.buy_now {
        let rises = terms.format.is_english() && terms.direction.is_ascending();
        buy_now_makes_sense(faults, "/terms/buy_now", price, terms.start_price, &terms.reserve, rises);
    }
    if terms.proxy {
        maxima_make_sense(faults, "/terms", terms.multiples_only, Some(&terms.step));
    }
    faults.instant("/terms/opens_at", Some(terms.opens_at)).require(
        (0..=LONGEST_GRACE_MS).contains(&terms.close_grace_ms),
        "/terms/close_grace_ms",
        "range",
        "须在 0 至 60000 毫秒之间",
        "must be between 0 and 60000 milliseconds",
    );
}

/// Whether terms of sealed bids ask for nothing that there is for open bids alone.
fn sealed_terms_agree(faults: &mut Faults, terms: &LotTerms) {
    let descends = matches!(terms.format, Format::FirstPrice { .. } | Format::OneShot { .. });
    may_descend(faults, "/terms/direction", terms.direction.is_ascending() || descends);
    let tie_round = terms.format.tie_round_seconds();
    faults
        .require(
            terms.closing_mode == ClosingMode::HardClose,
            "/terms/closing_mode",
            "contradiction",
            "密封报价须到时结束",
            "sealed bids end at the announced time: hard_close",
        )
        .require(
            tie_round.is_none_or(|seconds| (1..=LONGEST_TIE_ROUND).contains(&seconds)),
            "/terms/format/tie_round_seconds",
            "range",
            "须在 1 至 86400 秒之间",
            "must be between 1 and 86400 seconds",
        )
        .require(!terms.proxy, "/terms/proxy", "contradiction", "代理出价仅用于增价竞价", "maxima are bid only in an ascending format");
}
