//! Every figure of the text, in both languages, against the terms the lot runs on and what the engine makes of them.

use chrono::TimeDelta;
use entity::auctions::{ClosingMode, Direction, Format, LotTerms, Preemption, Reserve, lot};
use entity::money::Money;
use proptest::prelude::*;

use super::super::{Promises, amount, digits, length, promised_step};
use super::SALT;
use crate::auctions::rules::dutch::clock_price;
use crate::auctions::rules::jump;
use crate::auctions::rules::log::OpenedReserve;
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::reserve::commitment;
use crate::auctions::rules::sealed::units;
use crate::auctions::rules::session;
use crate::auctions::rules::step::step_at;
use crate::auctions::rules::{announce, close};
use crate::listings::rules::pricing::Bidding;
use crate::listings::rules::rule_text::RuleText;
use crate::platform::problem::Code;
use crate::rulebook::rules::shipped::RULEBOOK;
use crate::rulebook::rules::{Snapshot, Span};

/// How holders are asked.
const ASKED: &str = "are asked rank by rank, all of one rank at once";
/// What several of one rank do who take the lot.
const ONCE_MORE: &str = "they seal one more bid each within ";

/// The number at the start of the words after a beginning.
fn number(promises: &Promises, beginning: &str) -> i64 {
    promises.after(beginning).unwrap().split_whitespace().next().unwrap().parse().unwrap()
}

fn seconds(words: &str) -> i64 {
    length(words).num_seconds()
}

/// A percentage at the start of some words, in ten-thousandths.
fn share(words: &str) -> i64 {
    amount(words.split_once('%').unwrap().0)
}

/// Whether the text says of a lot that waits for its opening what is so. `secret` is its secret reserve, if it has one.
pub(super) fn holds(
    text: &RuleText,
    bidding: &Bidding,
    secret: Option<&OpenedReserve>,
    lot: &lot::Model,
    rules: &Snapshot,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(text.zh.len(), text.en.len());
    for (zh, en) in text.zh.iter().zip(&text.en) {
        prop_assert_eq!(digits(zh), digits(en), "{} / {}", zh, en);
    }
    let promises = Promises(text.en.clone());
    prices(&promises, bidding, secret, lot)?;
    bidders(&promises, lot)?;
    if matches!(lot.terms.format, Format::English {}) {
        steps(&promises, &lot.terms)?;
        closing(&promises, &lot.terms)?;
    }
    format(&promises, &lot.terms, lot)?;
    slips(&promises, lot)?;
    sessions(&promises, lot)?;
    interruptions(&promises, lot, rules)
}

fn prices(promises: &Promises, bidding: &Bidding, secret: Option<&OpenedReserve>, lot: &lot::Model) -> Result<(), TestCaseError> {
    let terms = &lot.terms;
    prop_assert_eq!(amount(promises.after("The start price is ").unwrap()), terms.start_price.minor);
    prop_assert_eq!(amount(promises.after("The deposit is ").unwrap()), bidding.deposit.minor);
    let reserve = promises.after("The reserve price is ").map(amount);
    prop_assert_eq!(reserve.is_some(), matches!(terms.reserve, Reserve::Open { .. }));
    prop_assert_eq!(reserve.is_none() && secret.is_none(), promises.say("There is no reserve"));
    // Of a secret one nothing is told but what it can be checked against once it is opened.
    let hash = promises.after("Its salted hash (SHA-256) is ").map(|words| words.trim_end_matches('.').to_owned());
    prop_assert_eq!(hash, secret.map(|opened| commitment(&SALT, opened.amount)));
    let none = if terms.direction == Direction::Ascending { 0 } else { i64::MAX };
    let least = reserve.or(secret.map(|opened| opened.amount.minor)).unwrap_or(none);
    prop_assert_eq!(close::floor(terms, secret), least);
    let at_once = promises.after("a bidder may buy the lot at once for ").map(amount);
    prop_assert_eq!(at_once, terms.buy_now.map(|price| price.minor));
    Ok(())
}

/// How many there must be, who may be asked after them, and who goes before them.
fn bidders(promises: &Promises, lot: &lot::Model) -> Result<(), TestCaseError> {
    let least = u32::try_from(number(promises, "If fewer than ")).unwrap();
    for (admitted, enough) in [(least - 1, false), (least, true)] {
        let (_, lot) = announce::registered(lot, admitted, lot.created_at);
        prop_assert_eq!(lot.enough_admitted, Some(enough));
    }
    prop_assert_eq!(promises.say("the runner-up is asked once"), lot.terms.next_bidder_rule);
    prop_assert_eq!(promises.say("the runner-up is not asked"), !lot.terms.next_bidder_rule);
    let parity = lot.terms.preemption == Some(Preemption::Parity {});
    prop_assert_eq!(promises.say("A holder may bid the highest price itself"), parity);
    let asked = promises.after(ASKED).map(|words| seconds(words.split_once("each with ").unwrap().1));
    prop_assert_eq!(asked, lot.terms.preemption.as_ref().and_then(Preemption::answer_seconds));
    let once_more = promises.after(ONCE_MORE).map(seconds);
    prop_assert_eq!(once_more, lot.terms.preemption.as_ref().and_then(Preemption::round_seconds));
    Ok(())
}

fn steps(promises: &Promises, terms: &LotTerms) -> Result<(), TestCaseError> {
    let start = terms.start_price.minor;
    let said = promises.after("The step is ").map(|words| promised_step(words, start));
    let counts = terms.enforce_step || terms.proxy;
    prop_assert_eq!(said, counts.then(|| step_at(terms, Some(start))));
    prop_assert_eq!(promises.say("a whole number of steps"), terms.multiples_only);
    prop_assert_eq!(promises.say("Bids are maxima"), terms.proxy);
    if !terms.proxy {
        let may = promises.say("The highest bidder may raise his own bid") || promises.say("The lowest bidder may lower his own bid");
        prop_assert_eq!(may, terms.allow_self_raise);
    }
    Ok(())
}

fn closing(promises: &Promises, terms: &LotTerms) -> Result<(), TestCaseError> {
    let (free, cycle) = match terms.closing_mode {
        ClosingMode::HardClose => (promises.after("Bidding lasts ").map(seconds), None),
        ClosingMode::SoftClose => (promises.after("Bidding lasts ").map(seconds), promises.after("a valid bid in the last ").map(seconds)),
        ClosingMode::TimedCycle => {
            (promises.after("After a free period of ").map(seconds), promises.after("each valid bid starts a new cycle of ").map(seconds))
        }
    };
    prop_assert_eq!(free, Some(terms.free_period_seconds));
    prop_assert_eq!(cycle, (terms.closing_mode != ClosingMode::HardClose).then_some(terms.timed_cycle_seconds));
    prop_assert_eq!(promises.after("By itself it ends ").map(seconds), terms.max_duration_seconds);
    Ok(())
}

/// The numbers of the format itself.
fn format(promises: &Promises, terms: &LotTerms, lot: &lot::Model) -> Result<(), TestCaseError> {
    let sealed = promises.after("Bids may be sealed for ").map(seconds);
    prop_assert_eq!(sealed, terms.format.is_sealed().then_some(terms.free_period_seconds));
    prop_assert_eq!(promises.after("may seal one more within ").map(seconds), terms.format.tie_round_seconds());
    match &terms.format {
        Format::Dutch { floor, decrement, tick_seconds } => {
            let (by, every) = promises.after("it falls by ").unwrap().split_once(" every ").unwrap();
            prop_assert_eq!((amount(by), seconds(every)), (decrement.minor, *tick_seconds));
            prop_assert_eq!(amount(promises.after("below the lowest price, ").unwrap()), floor.minor);
            prop_assert_eq!(seconds(promises.after("Without one it ends ").unwrap()), terms.free_period_seconds);
            prop_assert_eq!(clock_price(lot, lot.opens_at), Some(terms.start_price));
        }
        Format::Rounds { rounds, first_pause_seconds, pause_seconds, turn_seconds, result_seconds } => {
            prop_assert_eq!(number(promises, "There are "), i64::from(*rounds));
            for (words, due) in [
                ("The first begins ", first_pause_seconds),
                ("each later one ", pause_seconds),
                ("every bidder has one turn of ", turn_seconds),
                ("The result comes ", result_seconds),
            ] {
                prop_assert_eq!(seconds(promises.after(words).unwrap()), *due, "{}", words);
            }
            let start = terms.start_price.minor;
            prop_assert_eq!(promised_step(promises.after("The step is ").unwrap(), start), step_at(terms, Some(start)));
        }
        Format::Weighted { price_weight_bp, criteria } => {
            let weights = promises.after("the price weighs ").unwrap();
            prop_assert_eq!(share(weights), i64::from(*price_weight_bp));
            for criterion in criteria {
                let after = weights.split_once(&format!("'{}' ", criterion.name)).unwrap().1;
                prop_assert_eq!(share(after), i64::from(criterion.weight_bp));
            }
        }
        Format::UniformPrice { units, .. } | Format::PayAsBid { units, .. } => {
            prop_assert_eq!(number(promises, "licences are granted: "), i64::from(*units));
            let first = format!("the first {units} that have effect win");
            prop_assert!(promises.say(&first), "no {}", first);
            let cap = usize::try_from(number(promises, "One bidder may bid for ")).unwrap();
            let start = terms.start_price;
            let fits = |more: usize| units::may_bid_for(lot, start, &vec![start; more]).is_ok();
            prop_assert!(fits(cap - 1) && !fits(cap));
        }
        Format::English {} | Format::FirstPrice { .. } | Format::Vickrey {} | Format::OneShot { .. } => {}
    }
    Ok(())
}

/// Which bids must be confirmed, of a lot at whose start price everything stands.
fn slips(promises: &Promises, lot: &lot::Model) -> Result<(), TestCaseError> {
    let (start, direction) = (lot.terms.start_price.minor, lot.terms.direction);
    let told = match direction {
        Direction::Ascending => number(promises, "A bid of more than "),
        Direction::Descending => number(promises, " divided by "),
    };
    prop_assert_eq!(Some(told), lot.terms.jump_factor.map(i64::from));
    let (near, far) = match direction {
        Direction::Ascending => (start * told, start * told + 1),
        Direction::Descending => ((start + told - 1) / told, (start + told - 1) / told - 1),
    };
    let meant = |fen: i64, confirmed: bool| jump::meant(lot, Money::fen(fen), lot.opens_at, confirmed).map_err(|p| p.code);
    prop_assert_eq!((meant(near, false), meant(far, true)), (Ok(()), Ok(())));
    prop_assert_eq!(meant(far, false), Err(Code::UnconfirmedJump));
    Ok(())
}

/// What the host may do, and what an outage does.
fn interruptions(promises: &Promises, lot: &lot::Model, rules: &Snapshot) -> Result<(), TestCaseError> {
    let most = length(promises.after("by at most ").unwrap());
    prop_assert_eq!(pause::extend_limit(lot, &RULEBOOK, rules.on).ok(), Some(most));
    let order = Order { reason: "故障".into(), ..Order::default() };
    let extend = |more: i64| pause::extend(lot, more, most, &order, lot.created_at).map(|(_, lot)| lot.closes_at).map_err(|p| p.code);
    prop_assert_eq!(extend(most.num_seconds()), Ok(lot.closes_at + most));
    prop_assert_eq!(extend(most.num_seconds() + 1), Err(Code::OutsideRule));

    let least = promises.after("If the market stands still for ").map(length);
    prop_assert_eq!(least, rules.span("outage_least").ok().and_then(Span::elapsed));
    let counts = |length: TimeDelta| outage::counts(lot, &Outage { began_at: lot.opens_at, ended_at: lot.opens_at + length });
    prop_assert!(least.is_some_and(|least| counts(least) && !counts(least - TimeDelta::seconds(1))));
    if matches!(lot.terms.format, Format::Rounds { .. }) {
        prop_assert!(promises.say("the turn lasts one whole turn after the market runs again"));
    } else {
        prop_assert_eq!(promises.after("overlaps the last ").map(length), outage::window(lot));
        let after = promises.after("does not end as before but ").map(length);
        prop_assert_eq!(after, outage::window(lot));
    }
    let grace = format!("{} ms are kept only to decide", lot.terms.close_grace_ms);
    prop_assert!(promises.say(&grace), "no {}", grace);
    Ok(())
}

/// What a place in a session does to the times of a lot that may still be given one.
fn sessions(promises: &Promises, lot: &lot::Model) -> Result<(), TestCaseError> {
    prop_assert_eq!(ends_after_another(promises), session::may_be_staggered(lot).is_ok());
    let lateness = time_of_the_host(promises);
    prop_assert_eq!(lateness, lot.terms.host_lateness_seconds.map(TimeDelta::seconds));
    // What is said of a latest end is said where there is one.
    let is_bounded = promises.say("nor past the latest end announced");
    prop_assert_eq!(is_bounded, ends_after_another(promises) && lot.terms.max_duration_seconds.is_some());
    Ok(())
}

/// Whether the text says that a lot may end after another.
pub(super) fn ends_after_another(promises: &Promises) -> bool {
    promises.say("whose lots end one after another")
}

/// How long the text says a host has to open a lot.
pub(super) fn time_of_the_host(promises: &Promises) -> Option<TimeDelta> {
    promises.after("if he has not within ").map(length)
}

/// Whether a price has effect, as the text says, be the reserve in it or opened at the close.
pub(super) fn reaches(text: &RuleText, secret: Option<&OpenedReserve>, direction: Direction, price: Money) -> bool {
    let promises = Promises(text.en.clone());
    let opened = secret.filter(|_| promises.say("There is a secret reserve price"));
    let reserve = promises.after("The reserve price is ").map(amount).or(opened.map(|opened| opened.amount.minor));
    reserve.is_none_or(|reserve| match direction {
        Direction::Ascending => price.minor >= reserve,
        Direction::Descending => price.minor <= reserve,
    })
}

/// How long the text says a holder who is asked after the bidding has to answer.
pub(super) fn time_to_answer(text: &RuleText) -> Option<TimeDelta> {
    let promises = Promises(text.en.clone());
    promises.after(ASKED).map(|words| length(words.split_once("each with ").unwrap().1))
}

/// How long the text says several holders who take the lot have for one more bid.
pub(super) fn time_to_seal(text: &RuleText) -> Option<TimeDelta> {
    Promises(text.en.clone()).after(ONCE_MORE).map(length)
}

/// Whether the text lets a holder bid the price that stands, saying his rank.
pub(super) fn lets_in_at_par(text: &RuleText) -> bool {
    let promises = Promises(text.en.clone());
    promises.say("A holder may bid the highest price itself") && promises.say("Every bid of a holder says its rank")
}

/// How long the text says an outage leaves at least.
pub(super) fn left_after_outage(text: &RuleText) -> Option<TimeDelta> {
    Promises(text.en.clone()).after("does not end as before but ").map(length)
}
