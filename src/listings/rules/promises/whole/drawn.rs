//! Whole offers of every format: whatever a seller may choose, drawn so that nearly all that is drawn may be offered.

use entity::auctions::{ClosingMode, Direction, Rung, Step, StepBase, UniformPays};
use entity::ids::OrganisationId;
use entity::money::Money;
use proptest::prelude::*;
use uuid::Uuid;

use crate::listings::rules::offer::{
    Encumbrance, EncumbranceKind, Offer, OfferedFormat, OfferedHolder, OfferedPreemption, OfferedReserve, PreemptionVariant,
};
use crate::listings::rules::tests::{licences, offer};
use crate::listings::rules::weighted::tests::{experts, table};

/// The formats, by the names they have in an offer.
pub(super) const FORMATS: [&str; 9] =
    ["english", "dutch", "first_price", "vickrey", "one_shot", "rounds", "weighted", "uniform_price", "pay_as_bid"];

/// What prices are drawn for.
#[derive(Clone, Debug)]
struct Prices {
    start: i64,
    /// How far from the start price the reserve lies.
    reserve: Option<i64>,
    /// Whether that is kept secret.
    secret: bool,
    deposit_bp: Option<i64>,
    buy_now: i64,
    min_bidders: Option<u32>,
    next_bidder: Option<bool>,
}

/// How much a bid adds.
#[derive(Clone, Debug)]
struct Steps {
    step: Option<Step>,
    base: Option<StepBase>,
    multiples: Option<bool>,
    enforce: Option<bool>,
    self_raise: Option<bool>,
}

/// How long bidding lasts.
#[derive(Clone, Debug)]
struct Lengths {
    mode: ClosingMode,
    free: i64,
    cycle: i64,
    more: Option<i64>,
}

/// What goes with open ascending bids alone, or turns bids round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Plain,
    Descending,
    Maxima,
    BuyNow,
    BuyNowBesideMaxima,
    Holders(PreemptionVariant),
    HoldersBesideMaxima,
}

/// Numbers of the formats that have some of their own, and the ranks of those who hold a right of pre-emption.
#[derive(Clone, Debug)]
struct Numbers {
    below: i64,
    ticks: i64,
    tick: Option<i64>,
    price_bp: u32,
    units: u32,
    cap: u32,
    pays: UniformPays,
    ranks: Vec<i32>,
}

fn prices() -> impl Strategy<Value = Prices> {
    let reserve = prop::option::of(0_i64..10_000_000);
    let parts = (1_i64..=50_000_000, reserve, prop::option::of(500_i64..=2_000), 0_i64..50_000_000);
    (parts, any::<bool>(), prop::option::of(1_u32..=2), any::<Option<bool>>()).prop_map(
        |((start, reserve, deposit_bp, buy_now), secret, min_bidders, next_bidder)| Prices {
            start,
            reserve,
            secret,
            deposit_bp,
            buy_now,
            min_bidders,
            next_bidder,
        },
    )
}

fn steps() -> impl Strategy<Value = Steps> {
    let step = prop_oneof![
        (1_i64..5_000_000).prop_map(|fen| Step::Fixed { amount: Money::fen(fen) }),
        (1_u32..=10_000).prop_map(|rate_bp| Step::Percent { rate_bp }),
        prop::collection::btree_map(1_i64..60_000_000, 1_i64..1_000_000, 1..5).prop_map(|rungs| {
            let mut rungs: Vec<_> = rungs.into_iter().map(|(from, step)| Rung { from: Money::fen(from), step: Money::fen(step) }).collect();
            // The first covers every start price.
            rungs[0].from = Money::fen(0);
            Step::Ladder { rungs }
        }),
    ];
    let base = prop::option::of(prop::sample::select(vec![StepBase::StartPrice, StepBase::BestBid]));
    let flags = (any::<Option<bool>>(), any::<Option<bool>>(), any::<Option<bool>>());
    (prop::option::of(step), base, flags).prop_map(|(step, base, (multiples, enforce, self_raise))| {
        // Whole steps cannot be asked for where none is demanded.
        let multiples = if enforce == Some(false) { multiples.filter(|asked| !asked) } else { multiples };
        Steps { step, base, multiples, enforce, self_raise }
    })
}

fn lengths(mode: ClosingMode) -> impl Strategy<Value = Lengths> {
    let lengths = (60_i64..=864_000, 60_i64..=600, prop::option::of(0_i64..=100_000));
    lengths.prop_map(move |(free, cycle, more)| Lengths { mode, free, cycle, more })
}

/// What is drawn of a format in every run: each way beside each closing mode it goes with.
pub(super) fn kinds(format: &str) -> Vec<(Way, ClosingMode)> {
    let ask_after = Way::Holders(PreemptionVariant::AskAfter);
    let ways = match format {
        "english" => vec![
            Way::Plain,
            Way::Descending,
            Way::Maxima,
            Way::BuyNow,
            Way::BuyNowBesideMaxima,
            Way::Holders(PreemptionVariant::Parity),
            ask_after,
            Way::HoldersBesideMaxima,
        ],
        "first_price" | "one_shot" => vec![Way::Plain, Way::Descending, ask_after],
        "dutch" | "vickrey" | "rounds" => vec![Way::Plain, ask_after],
        _ => vec![Way::Plain],
    };
    let modes = if format == "english" { ClosingMode::ALL.to_vec() } else { vec![ClosingMode::HardClose] };
    ways.into_iter().flat_map(|way| modes.iter().map(move |mode| (way, *mode))).collect()
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let clock = (0_i64..50_000_000, 1_i64..=100, prop::option::of(10_i64..=3_600));
    let units = (2_u32..6).prop_flat_map(|units| (Just(units), 1..=units));
    let pays = prop::sample::select(vec![UniformPays::HighestRejected, UniformPays::LowestAccepted]);
    let ranks = prop::sample::select(vec![vec![1], vec![1, 2], vec![2, 1], vec![1, 1], vec![1, 2, 1]]);
    (clock, 1_u32..9_999, units, pays, ranks).prop_map(|((below, ticks, tick), price_bp, (units, cap), pays, ranks)| Numbers {
        below,
        ticks,
        tick,
        price_bp,
        units,
        cap,
        pays,
        ranks,
    })
}

/// A whole offer of a format, of a kind it has.
pub(super) fn whole(format: &'static str, way: Way, mode: ClosingMode) -> impl Strategy<Value = Offer> {
    (prices(), steps(), lengths(mode), numbers())
        .prop_map(move |(prices, steps, lengths, numbers)| put_together(format, &prices, steps, &lengths, way, &numbers))
}

fn put_together(format: &str, prices: &Prices, steps: Steps, lengths: &Lengths, way: Way, numbers: &Numbers) -> Offer {
    let offered = offered(format, prices.start, numbers);
    let mut whole = match format {
        "uniform_price" | "pay_as_bid" => licences(offered),
        _ => {
            let mut whole = offer();
            whole.auction.format = offered;
            whole
        }
    };
    whole.rehearsal = true;
    whole.start_price = Some(Money::fen(prices.start));
    whole.deposit = prices.deposit_bp.map(|rate| Money::fen((prices.start * rate + 9_999) / 10_000));
    whole.auction.min_bidders = prices.min_bidders;
    if format == "dutch" {
        whole.auction.closing_mode = ClosingMode::HardClose;
        whole.auction.next_bidder_rule = prices.next_bidder.filter(|asked| !asked);
        asks_after(&mut whole, way, numbers);
        return whole;
    }
    if let Some(more) = prices.reserve {
        whole.reserve = reserve(prices, prices.start + more);
    }
    let auction = &mut whole.auction;
    (auction.step, auction.step_base, auction.enforce_step) = (steps.step, steps.base, steps.enforce);
    (auction.multiples_only, auction.allow_self_raise) = (steps.multiples, steps.self_raise);
    auction.next_bidder_rule = prices.next_bidder;
    auction.closing_mode = ClosingMode::HardClose;
    match format {
        "english" => english(&mut whole, prices, lengths, way, numbers),
        "rounds" => {
            auction.multiples_only = auction.multiples_only.filter(|asked| !asked);
            auction.enforce_step = auction.enforce_step.filter(|asked| *asked);
            auction.allow_self_raise = auction.allow_self_raise.filter(|asked| *asked);
        }
        _ => {
            auction.free_period_seconds = Some(lengths.free);
            if matches!(format, "uniform_price" | "pay_as_bid") {
                auction.next_bidder_rule = prices.next_bidder.filter(|asked| !asked);
            }
        }
    }
    if matches!(format, "rounds" | "first_price" | "vickrey" | "one_shot") {
        asks_after(&mut whole, way, numbers);
    }
    if matches!(format, "first_price" | "one_shot") && way == Way::Descending {
        falls(&mut whole, prices);
    }
    whole
}

/// The lowest bid wins, and the reserve lies at the start price or below.
fn falls(whole: &mut Offer, prices: &Prices) {
    whole.auction.direction = Some(Direction::Descending);
    if let Some(less) = prices.reserve {
        whole.reserve = reserve(prices, (prices.start - less).max(1));
    }
}

fn reserve(prices: &Prices, fen: i64) -> OfferedReserve {
    let amount = Money::fen(fen);
    if prices.secret { OfferedReserve::Secret { amount: Some(amount) } } else { OfferedReserve::Open { amount } }
}

/// Holders are asked after the bidding, where it is drawn.
fn asks_after(whole: &mut Offer, way: Way, numbers: &Numbers) {
    if way == Way::Holders(PreemptionVariant::AskAfter) {
        with_holders(whole, PreemptionVariant::AskAfter, &numbers.ranks);
    }
}

/// Some hold rights of pre-emption, of these ranks.
fn with_holders(whole: &mut Offer, variant: PreemptionVariant, ranks: &[i32]) {
    let auction = &mut whole.auction;
    let holder = |(number, rank): (u128, &i32)| OfferedHolder {
        organisation_id: OrganisationId(Uuid::from_u128(number)),
        basis: "约定".into(),
        rank: *rank,
    };
    auction.preemption = Some(OfferedPreemption { variant, holders: (2..).zip(ranks).map(holder).collect() });
    auction.next_bidder_rule = auction.next_bidder_rule.filter(|asked| !asked);
    let description = "合作开发者享有优先受让权".into();
    let burden = Encumbrance { kind: EncumbranceKind::Preemption, description, cure_document_id: None };
    whole.declarations.encumbrances.push(burden);
}

fn offered(format: &str, start: i64, numbers: &Numbers) -> OfferedFormat {
    let Numbers { units, cap, pays, .. } = *numbers;
    match format {
        "english" => OfferedFormat::English {},
        "dutch" => {
            let floor = 1 + numbers.below % start;
            let decrement = ((start - floor) / numbers.ticks).max(1);
            OfferedFormat::Dutch { floor: Money::fen(floor), decrement: Money::fen(decrement), tick_seconds: numbers.tick }
        }
        "first_price" => OfferedFormat::FirstPrice {},
        "vickrey" => OfferedFormat::Vickrey {},
        "one_shot" => OfferedFormat::OneShot {},
        "rounds" => OfferedFormat::Rounds {},
        "weighted" => {
            let one = (10_000 - numbers.price_bp).div_ceil(2);
            let criteria = vec![table("方案", one), experts("团队", 10_000 - numbers.price_bp - one, 5)];
            OfferedFormat::Weighted { price_weight_bp: numbers.price_bp, criteria }
        }
        "uniform_price" => OfferedFormat::UniformPrice { units, cap, pays },
        "pay_as_bid" => OfferedFormat::PayAsBid { units, cap },
        other => panic!("{other} is no format"),
    }
}

/// What an English lot may have beside its prices.
fn english(whole: &mut Offer, prices: &Prices, lengths: &Lengths, way: Way, numbers: &Numbers) {
    let auction = &mut whole.auction;
    auction.closing_mode = lengths.mode;
    (auction.free_period_seconds, auction.timed_cycle_seconds) = (Some(lengths.free), Some(lengths.cycle));
    auction.max_duration_seconds = lengths.more.map(|more| lengths.free + more);
    if matches!(way, Way::Maxima | Way::BuyNowBesideMaxima | Way::HoldersBesideMaxima) {
        auction.proxy = Some(true);
        auction.multiples_only = auction.multiples_only.filter(|asked| !asked);
        if let Some(Step::Ladder { rungs }) = &mut auction.step {
            let mut rising: Vec<_> = rungs.iter().map(|rung| rung.step).collect();
            rising.sort_unstable_by_key(|step| step.minor);
            for (rung, step) in rungs.iter_mut().zip(rising) {
                rung.step = step;
            }
        }
    }
    match way {
        Way::Plain | Way::Maxima => {}
        Way::Descending => falls(whole, prices),
        Way::BuyNow | Way::BuyNowBesideMaxima => {
            let least = prices.start + prices.reserve.unwrap_or_default();
            auction.buy_now = Some(Money::fen(least + 1 + prices.buy_now));
            // Beside a secret reserve nothing is bought at once.
            if prices.reserve.is_some() {
                whole.reserve = OfferedReserve::Open { amount: Money::fen(least) };
            }
        }
        Way::Holders(variant) => with_holders(whole, variant, &numbers.ranks),
        Way::HoldersBesideMaxima => with_holders(whole, PreemptionVariant::AskAfter, &numbers.ranks),
    }
}
