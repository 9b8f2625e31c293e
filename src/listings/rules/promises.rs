//! What the text promises is what the engine does: random parameters, the promises read back out of the words bidders
//! are told, and each held against a lot that runs on the same parameters.

mod sealed;
mod units;
mod ways;
mod weighted;
mod whole;

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::TimeDelta;
use entity::auctions::{ClosingMode, Format, LotState, PreemptionHolder, Rung, Step, StepBase, lot};
use entity::identity::SellerClass;
use entity::ids::{AdmissionId, OrganisationId};
use entity::money::Money;
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use uuid::Uuid;

use super::offer::{Offer, OfferedFormat, OfferedHolder, OfferedPreemption, PreemptionVariant};
use super::pricing::{Bidding, settle};
use super::rule_text::rule_text;
use super::tests::{offer, rules};
use crate::auctions::rules::rounds::{self, Envelopes, OpenedOffer};
pub(super) use crate::auctions::rules::tests::attempt;
use crate::auctions::rules::tests::{at, lot};
use crate::auctions::rules::{Attempt, clock, judge, preemption};
use crate::platform::problem::Code;

pub(super) const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// What the English text says, sentence by sentence.
pub(super) struct Promises(Vec<String>);

impl Promises {
    /// The words after a beginning, in the sentence that has it.
    pub(super) fn after(&self, beginning: &str) -> Option<&str> {
        self.0.iter().find_map(|sentence| sentence.split_once(beginning).map(|(_, rest)| rest))
    }

    pub(super) fn say(&self, words: &str) -> bool {
        self.0.iter().any(|sentence| sentence.contains(words))
    }
}

/// An amount at the start of some words, in fen.
pub(super) fn amount(words: &str) -> i64 {
    let digits: String = words.trim_start_matches("CNY ").chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    (Decimal::from_str(digits.trim_end_matches('.')).unwrap() * Decimal::ONE_HUNDRED).to_i64().unwrap()
}

/// A length at the start of some words.
pub(super) fn length(words: &str) -> TimeDelta {
    let mut words = words.split_whitespace();
    let (count, unit) = (words.next().unwrap().parse().unwrap(), words.next().unwrap());
    match unit.trim_end_matches([',', ';', '.']).trim_end_matches('s') {
        "hour" => TimeDelta::hours(count),
        "minute" => TimeDelta::minutes(count),
        "second" => TimeDelta::seconds(count),
        other => panic!("{other} is no unit"),
    }
}

/// The least that is added to the start price, as the words about the step say: a sum, a share, or a ladder.
fn promised_step(words: &str, start: i64) -> i64 {
    if let Some((percent, _)) = words.split_once('%') {
        let share = Decimal::from_str(percent).unwrap() * Decimal::from(start) / Decimal::ONE_HUNDRED;
        return share.ceil().to_i64().unwrap();
    }
    let Some((_, ladder)) = ["price: ", "bid: ", "offer: "].iter().find_map(|base| words.split_once(*base)) else { return amount(words) };
    let ladder = ladder.split(';').next().unwrap();
    let rungs: BTreeMap<i64, i64> =
        ladder.split(", ").map(|rung| rung.split_once(" from ").map(|(step, from)| (amount(from), amount(step))).unwrap()).collect();
    *rungs.range(..=start).next_back().or(rungs.first_key_value()).unwrap().1
}

/// The refusal of the last of some bids, and the lot after them.
pub(super) fn fate(of: &lot::Model, bids: &[Attempt]) -> (Option<Code>, lot::Model) {
    let judged = judge(of, bids);
    (judged.outcomes.last().unwrap().as_ref().err().map(|problem| problem.code), judged.lot)
}

/// A random choice of everything a seller chooses about the bidding.
fn chosen() -> impl Strategy<Value = Offer> {
    let step = prop_oneof![
        (1_i64..5_000_000).prop_map(|fen| Step::Fixed { amount: Money::fen(fen) }),
        (1_u32..=10_000).prop_map(|rate_bp| Step::Percent { rate_bp }),
        prop::collection::btree_map(0_i64..40_000_000, 1_i64..1_000_000, 1..5).prop_map(|rungs| Step::Ladder {
            rungs: rungs.into_iter().map(|(from, step)| Rung { from: Money::fen(from), step: Money::fen(step) }).collect(),
        }),
    ];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let lengths = (3_600_i64..=864_000, 60_i64..=600, prop::option::of(0_i64..=100_000));
    (prop::sample::select(ClosingMode::ALL.to_vec()), step, flags, lengths).prop_map(
        |(mode, step, (best, enforce, multiples, raise), (free, cycle, more))| {
            let mut chosen = offer();
            let auction = &mut chosen.auction;
            auction.closing_mode = mode;
            auction.step = Some(step);
            auction.step_base = Some(if best { StepBase::BestBid } else { StepBase::StartPrice });
            (auction.enforce_step, auction.multiples_only, auction.allow_self_raise) = (Some(enforce), Some(multiples), Some(raise));
            (auction.free_period_seconds, auction.timed_cycle_seconds) = (Some(free), Some(cycle));
            auction.max_duration_seconds = more.map(|more| free + more);
            chosen
        },
    )
}

/// The promises of an offer, and the lot that runs on it.
pub(super) fn announced(offer: &Offer) -> (Promises, lot::Model) {
    let rules = rules(SellerClass::Private);
    let bidding = settle(offer, &rules, None).unwrap();
    let text = rule_text(offer, &bidding, &rules).unwrap();
    (Promises(text.en), lot(bidding.lot_terms(at(0), 1)))
}

proptest! {
    #[test]
    fn prices_are_judged_as_they_are_promised(offer in chosen()) {
        let (promises, lot) = announced(&offer);
        let start = amount(promises.after("The start price is ").unwrap());
        let first = attempt(1, start, at(1));
        prop_assert_eq!(fate(&lot, &[attempt(1, start - 1, at(1))]).0, Some(Code::TooLow));
        let (refused, lot) = fate(&lot, std::slice::from_ref(&first));
        prop_assert_eq!(refused, None);

        let least = promises.after("The step is ").map_or(1, |words| promised_step(words, start));
        prop_assert_eq!(promises.after("The step is ").is_none(), promises.say("No step is demanded"));
        prop_assert_eq!(fate(&lot, &[attempt(2, start + least - 1, at(2))]).0, Some(Code::TooLow));
        prop_assert_eq!(fate(&lot, &[attempt(2, start + least, at(2))]).0, None);
        let odd = fate(&lot, &[attempt(2, start + 2 * least + 1, at(2))]).0;
        let whole_steps = promises.say("a whole number of steps");
        prop_assert_eq!(odd, (whole_steps && least > 1).then_some(Code::NotAStep));

        let raise = fate(&lot, &[attempt(1, start + least, at(2))]).0;
        prop_assert_eq!(raise.is_none(), promises.say("The highest bidder may raise his own bid"));
    }

    #[test]
    fn a_holder_is_let_in_at_the_highest_bid_exactly_where_it_is_promised(offer in chosen(), named in any::<bool>()) {
        let mut offer = offer;
        if named {
            let holder = OfferedHolder { organisation_id: OrganisationId(Uuid::from_u128(2)), basis: "约定".into(), rank: 1 };
            offer.auction.preemption = Some(OfferedPreemption { variant: PreemptionVariant::Parity, holders: vec![holder] });
        }
        let (promises, lot) = announced(&offer);
        let start = lot.terms.start_price.minor;
        let holder = Attempt { priority: Some(1), ..attempt(2, start, at(2)) };
        let (refused, after) = fate(&lot, &[attempt(1, start, at(1)), holder]);
        prop_assert_eq!(refused.is_none(), promises.say("A holder may bid the highest price itself"));
        prop_assert_eq!(named, refused.is_none());
        prop_assert_eq!(fate(&after, &[attempt(3, start, at(3))]).0, Some(Code::TooLow));
    }

    #[test]
    fn holders_are_asked_for_as_long_as_it_is_promised(offer in chosen(), named in any::<bool>()) {
        let mut offer = offer;
        if named {
            let holder = OfferedHolder { organisation_id: OrganisationId(Uuid::from_u128(2)), basis: "约定".into(), rank: 1 };
            offer.auction.preemption = Some(OfferedPreemption { variant: PreemptionVariant::AskAfter, holders: vec![holder] });
        }
        let (promises, lot) = announced(&offer);
        let start = lot.terms.start_price.minor;
        let (refused, bid_for) = fate(&lot, &[attempt(1, start, at(1)), Attempt { priority: Some(1), ..attempt(2, start, at(2)) }]);
        prop_assert_eq!(refused, Some(Code::TooLow));
        let over = bid_for.closes_at + TimeDelta::days(1);
        let holder = PreemptionHolder { bidder: "竞买人 2".into(), rank: 1 };
        let asked = preemption::ask(&bid_for, None, &[holder], over).map(|(_, lot)| lot);
        let promised = promises.after("each with ").map(length);
        prop_assert_eq!(asked.as_ref().map(|lot| lot.closes_at - over), promised);
        prop_assert_eq!(named, promises.say("the highest bidder has it"));
    }

    #[test]
    fn ends_are_kept_as_they_are_promised(offer in chosen(), into in 0_i64..1_000) {
        let (promises, lot) = announced(&offer);
        let start = lot.terms.start_price.minor;
        let latest = promises.after("By itself it ends ").map(|words| at(0) + length(words));
        let within = |end: entity::Timestamp, old: entity::Timestamp| old.max(latest.map_or(end, |latest| end.min(latest)));
        if let Some(words) = promises.after("Bidding lasts ") {
            let end = at(0) + length(words);
            prop_assert_eq!(fate(&lot, &[attempt(1, start, end)]).0, Some(Code::Closed));
            let last = end - MICROSECOND;
            let (refused, after) = fate(&lot, &[attempt(1, start, last)]);
            prop_assert_eq!(refused, None);
            match promises.after("a valid bid in the last ") {
                None => prop_assert!(promises.say("bids do not extend it") && after.closes_at == end),
                Some(words) => {
                    let window = length(words);
                    prop_assert_eq!(after.closes_at, within(last + window, end));
                    // A bid before the last window moves nothing, one within it to a whole window after itself.
                    let early = fate(&lot, &[attempt(1, start, end - window - MICROSECOND)]).1;
                    prop_assert_eq!(early.closes_at, end);
                    let late = end - window + TimeDelta::seconds(into % window.num_seconds());
                    prop_assert_eq!(fate(&lot, &[attempt(1, start, late)]).1.closes_at, within(late + window, end));
                }
            }
        } else {
            let free = at(0) + length(promises.after("After a free period of ").unwrap());
            let cycle = length(promises.after("each valid bid starts a new cycle of ").unwrap());
            prop_assert_eq!(fate(&lot, &[attempt(1, start, free - MICROSECOND)]).1.closes_at, free);
            let (_, timed) = clock::advance(&lot, free);
            prop_assert_eq!((timed.state, timed.closes_at), (LotState::OpenTimed, within(free + cycle, free)));
            let bid_at = free + TimeDelta::seconds(into % cycle.num_seconds());
            if bid_at < timed.closes_at {
                prop_assert_eq!(fate(&timed, &[attempt(1, start, bid_at)]).1.closes_at, within(bid_at + cycle, timed.closes_at));
            }
            prop_assert_eq!(fate(&timed, &[attempt(1, start, timed.closes_at)]).0, Some(Code::Closed));
        }
    }
    /// Bidding by rounds: its numbers, its order and its step, read back out of the words.
    #[test]
    fn rounds_are_as_they_are_promised(
        rounds in 1_u32..6,
        lengths in (1_i64..4_000, 1_i64..4_000, 1_i64..4_000, 1_i64..4_000),
        step in 1_i64..5_000_000,
    ) {
        let (first_pause_seconds, pause_seconds, turn_seconds, result_seconds) = lengths;
        let mut chosen = offer();
        chosen.auction.format = OfferedFormat::Rounds {};
        chosen.auction.closing_mode = ClosingMode::HardClose;
        chosen.auction.step = Some(Step::Fixed { amount: Money::fen(step) });
        let rules = rules(SellerClass::Private);
        let settled = settle(&chosen, &rules, None).unwrap();
        let format = Format::Rounds { rounds, first_pause_seconds, pause_seconds, turn_seconds, result_seconds };
        let bidding = super::rounds::fitted(Bidding { format, ..settled });
        let text = rule_text(&chosen, &bidding, &rules).unwrap();
        for (zh, en) in text.zh.iter().zip(&text.en) {
            prop_assert_eq!(digits(zh), digits(en), "{} / {}", zh, en);
        }
        let promises = Promises(text.en);
        let start = amount(promises.after("The start price is ").unwrap());
        let sealed = |who: u128, fen: i64, second: i64| {
            let offer = OpenedOffer { bidder: format!("竞买人 {who}"), price: Money::fen(fen), at: at(second), salt: String::new() };
            (AdmissionId(Uuid::from_u128(who)), offer)
        };
        let envelopes = Envelopes { first_offers: vec![sealed(1, start, -2), sealed(2, start, -1)], turn_bid: None };
        let lot = lot(bidding.lot_terms(at(0), 1));
        let opened = rounds::advance(&lot, &envelopes, at(0)).1;
        let begins = at(0) + length(promises.after("The first begins ").unwrap());
        let turn_length = length(promises.after("every bidder has one turn of ").unwrap());
        let first = rounds::book(&opened).unwrap().turn.clone().unwrap();
        prop_assert_eq!((first.starts_at, first.ends_at), (begins, begins + turn_length));
        prop_assert!(promises.say("of equal offers the one made later comes first") && first.bidder == "竞买人 2");

        let bid = |fen: i64, arrival: entity::Timestamp| rounds::judge(&opened, &envelopes, &attempt(2, fen, arrival)).map_err(|p| p.code);
        let least = amount(promises.after("The step is ").unwrap());
        prop_assert_eq!(bid(start + least - 1, begins).err(), (least > 1).then_some(Code::TooLow));
        prop_assert!(bid(start + least, begins).is_ok() && bid(start, begins).is_ok());
        prop_assert_eq!(bid(start + least, begins - MICROSECOND).err(), Some(Code::NotYourTurn));
        prop_assert_eq!(bid(start + least, begins + turn_length).err(), Some(Code::NotYourTurn));

        let pause = length(promises.after("each later one ").unwrap());
        let count: i32 = promises.after("There are ").unwrap().split(' ').next().unwrap().parse().unwrap();
        let last = begins + turn_length * 2 * count + pause * (count - 1);
        let over = rounds::advance(&opened, &envelopes, last).1;
        prop_assert!(rounds::book(&over).unwrap().turn.is_none());
        let before = rounds::advance(&opened, &envelopes, last - MICROSECOND).1;
        prop_assert!(rounds::book(&before).unwrap().turn.is_some());
        prop_assert_eq!(over.closes_at, last + length(promises.after("The result comes ").unwrap()));
    }
}

/// The numbers in a sentence, in order of their digits.
fn digits(text: &str) -> Vec<String> {
    let pieces = text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|piece| piece.trim_matches('.').to_owned());
    let mut found: Vec<String> = pieces.filter(|piece| !piece.is_empty()).collect();
    found.sort();
    found.dedup();
    found
}

/// Offers of maxima: the steps of a ladder do not fall, and nobody asks for whole steps.
fn of_maxima() -> impl Strategy<Value = Offer> {
    chosen().prop_map(|mut chosen| {
        let auction = &mut chosen.auction;
        (auction.proxy, auction.multiples_only) = (Some(true), None);
        if let Some(Step::Ladder { rungs }) = &mut auction.step {
            let mut steps: Vec<_> = rungs.iter().map(|rung| rung.step).collect();
            steps.sort_unstable_by_key(|step| step.minor);
            for (rung, step) in rungs.iter_mut().zip(steps) {
                rung.step = step;
            }
        }
        chosen
    })
}

/// Leader and price after some maxima of a lot that is bid for by such, and the refusal of the last.
fn after(of: &lot::Model, bids: &[(u128, i64)]) -> (Option<Code>, Option<AdmissionId>, Option<i64>) {
    let attempts: Vec<_> = bids.iter().map(|(who, fen)| attempt(*who, *fen, at(1))).collect();
    let (refused, lot) = fate(of, &attempts);
    (refused, lot.leader_admission_id, lot.price_minor)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn maxima_come_to_what_is_promised(offer in of_maxima(), beyond in 0_i64..3_000_000, more in 0_i64..20_000_000) {
        let (promises, lot) = announced(&offer);
        let (one, two) = (Some(AdmissionId(Uuid::from_u128(1))), Some(AdmissionId(Uuid::from_u128(2))));
        let start = amount(promises.after("The start price is ").unwrap());
        let words = promises.after("The step is ").unwrap();
        let step = |base: i64| promised_step(words, if words.contains("the highest bid") { base } else { start });
        prop_assert!(promises.say("With one bidder the price is the start price"));
        prop_assert_eq!(after(&lot, &[(1, start + more)]), (None, one, Some(start)));

        let least = if promises.say("lies at least one step above the price") { start + step(start) } else { start + 1 };
        prop_assert_eq!(promises.say("any bid above the price will do"), !offer.auction.enforce_step.unwrap());
        prop_assert_eq!(after(&lot, &[(1, start + more), (2, least - 1)]).0, Some(Code::TooLow));
        // The best of the others and a step on it, at most the leader's own; of equals the earlier leads.
        let (top, other) = (start + more, least + beyond);
        let (leader, best, second) = if other > top { (two, other, top) } else { (one, top, other) };
        let price = best.min(second + step(second));
        prop_assert_eq!(after(&lot, &[(1, top), (2, other)]), (None, leader, Some(price)));

        prop_assert!(promises.say("The leader may raise his own maximum"));
        let who = if other > top { 2 } else { 1 };
        let raised = after(&lot, &[(1, top), (2, other), (who, best + 5_000_000)]);
        prop_assert_eq!(raised, (None, leader, Some((best + 5_000_000).min(second + step(second)))));
        prop_assert_eq!(after(&lot, &[(1, top), (2, other), (who, best)]).0, Some(Code::TooLow));
        let words = promises.after("The leader may raise his own maximum, ").unwrap();
        let often: i64 = words.split(' ').next().unwrap().parse().unwrap();
        let raised = |often: i64| after(&lot, &(0..=often).map(|more| (1, top + more)).collect::<Vec<_>>()).0;
        prop_assert_eq!((raised(often), raised(often + 1)), (None, Some(Code::TooManyRaises)));
    }
}
