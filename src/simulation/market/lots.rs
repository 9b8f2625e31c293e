//! The lots of a market, drawn: English auctions of every kind, and the described ones of other formats. All of them are short,
//! so that a run sees their ends.

use chrono::TimeDelta;
use entity::auctions::{ClosingMode, Direction, Format, LotTerms, RULES_VERSION, Reserve, Rung, Step, StepBase, UniformPays};
use entity::money::Money;

use super::setting::REGISTRATION;
use super::{Dice, Failure};
use crate::auctions::rules::dutch::Fall;
use crate::auctions::rules::reserve;
use crate::auctions::rules::rounds::{is_by_rounds, shortest_seconds};
use crate::house::House;
use crate::simulation::description;

/// Described lots, of every format that is not English and needs no experts. A quote of one shot is drawn in the place of some
/// that are at first price.
const DESCRIBED: [&str; 6] = [
    include_str!("../../../seeds/lots/falling_clock.json"),
    include_str!("../../../seeds/lots/first_price.json"),
    include_str!("../../../seeds/lots/vickrey.json"),
    include_str!("../../../seeds/lots/uniform_price.json"),
    include_str!("../../../seeds/lots/pay_as_bid.json"),
    include_str!("../../../seeds/lots/rounds.json"),
];

/// Where English bidding starts, and its step at first, fen.
const START: i64 = 100_000;
const STEP: i64 = 1_000;

/// How long first offers can be sealed at least, seconds.
const FIRST_OFFERS: i64 = 40;

/// A lot as it was drawn.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    pub terms: LotTerms,
    /// Salt and amount of its reserve, where that is secret.
    pub secret: Option<([u8; 16], Money)>,
}

/// Draws lots, the first an English one.
pub(super) fn drawn(house: &House, dice: &Dice) -> Result<Vec<Drawn>, Failure> {
    let mut lots = vec![english(house, dice)];
    for _ in 0..=dice.index(4) {
        lots.push(if dice.once_in(3) { english(house, dice) } else { described(house, dice)? });
    }
    Ok(lots)
}

fn english(house: &House, dice: &Dice) -> Drawn {
    let modes = [ClosingMode::SoftClose, ClosingMode::HardClose, ClosingMode::TimedCycle];
    let (proxy, on_ladder) = (dice.once_in(4), dice.once_in(4));
    let amount = Money::fen(START + dice.up_to(8) * STEP);
    let (reserve, secret) = match dice.below(6) {
        0 => (Reserve::Open { amount }, None),
        1 => {
            let salt = dice.0.random();
            (Reserve::Secret { commitment: reserve::commitment(&salt, amount) }, Some((salt, amount)))
        }
        _ => (Reserve::None {}, None),
    };
    let rung = |from, step| Rung { from: Money::fen(from), step: Money::fen(step) };
    let terms = LotTerms {
        closing_mode: modes[dice.index(modes.len())],
        start_price: Money::fen(START),
        reserve,
        step: if on_ladder {
            Step::Ladder { rungs: vec![rung(START, STEP), rung(START + 10 * STEP, 2 * STEP)] }
        } else {
            Step::Fixed { amount: Money::fen(STEP) }
        },
        step_base: if on_ladder { StepBase::BestBid } else { StepBase::StartPrice },
        // The prices that maxima make are no whole steps.
        multiples_only: !proxy && dice.once_in(2),
        enforce_step: true,
        allow_self_raise: dice.once_in(2),
        opens_at: house.world.now(),
        free_period_seconds: 30 + dice.up_to(120),
        timed_cycle_seconds: 10 + dice.up_to(20),
        max_duration_seconds: dice.once_in(3).then_some(200),
        min_bidders: 1,
        next_bidder_rule: false,
        auction_licence: None,
        close_grace_ms: 300,
        rulebook_version: 1,
        format: Format::English {},
        direction: Direction::Ascending,
        buy_now: (secret.is_none() && dice.once_in(4)).then_some(Money::fen(START + 20 * STEP)),
        proxy,
        preemption: None,
        extend_limit_seconds: None,
        outage_least_seconds: None,
        outage_window_seconds: None,
        host_lateness_seconds: None,
        jump_factor: None,
        rules_version: None,
        rehearsal: false,
    };
    Drawn { terms: soon(house, dice, terms), secret }
}

/// One of the described lots, shortened.
fn described(house: &House, dice: &Dice) -> Result<Drawn, Failure> {
    let read = description::read(DESCRIBED[dice.index(DESCRIBED.len())].as_bytes());
    let terms = read.map_err(|problem| format!("a described lot cannot be read: {problem}"))?.terms;
    let format = shortened(dice, terms.format);
    let fixed = Fall::of(&format, terms.start_price).and_then(Fall::seconds).or_else(|| shortest_seconds(&format));
    let free_period_seconds = fixed.unwrap_or_else(|| 30 + dice.up_to(120));
    let terms = LotTerms { format, free_period_seconds, ..terms };
    Ok(Drawn { terms: soon(house, dice, terms), secret: None })
}

/// The same format with lengths of seconds.
fn shortened(dice: &Dice, format: Format) -> Format {
    match format {
        Format::Dutch { floor, decrement, .. } => Format::Dutch { floor, decrement, tick_seconds: 4 + dice.up_to(6) },
        Format::FirstPrice { .. } => {
            let tie_round_seconds = 10 + dice.up_to(20);
            if dice.once_in(2) { Format::OneShot { tie_round_seconds } } else { Format::FirstPrice { tie_round_seconds } }
        }
        Format::UniformPrice { units, cap, .. } => {
            let pays = if dice.once_in(2) { UniformPays::HighestRejected } else { UniformPays::LowestAccepted };
            Format::UniformPrice { units, cap, pays }
        }
        Format::Rounds { rounds, .. } => Format::Rounds {
            rounds,
            first_pause_seconds: dice.up_to(10),
            pause_seconds: dice.up_to(10),
            turn_seconds: 6 + dice.up_to(10),
            result_seconds: dice.up_to(10),
        },
        other => other,
    }
}

/// The terms of a lot that opens soon after registration, under the rules of today.
fn soon(house: &House, dice: &Dice, terms: LotTerms) -> LotTerms {
    let first = if is_by_rounds(&terms) { FIRST_OFFERS } else { 0 };
    LotTerms {
        opens_at: house.world.now() + REGISTRATION + TimeDelta::seconds(first + dice.up_to(10)),
        min_bidders: 1,
        close_grace_ms: 300,
        rulebook_version: house.rulebook.current().rulebook.version,
        outage_least_seconds: Some(30),
        outage_window_seconds: Some(60),
        rules_version: Some(RULES_VERSION),
        ..terms
    }
}
