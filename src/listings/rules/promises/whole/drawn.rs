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
enum Way {
    Plain,
    Descending,
    Maxima,
    BuyNow,
    BuyNowBesideMaxima,
    Holders(PreemptionVariant),
    HoldersBesideMaxima,
}

/// Numbers of the formats that have some of their own.
#[derive(Clone, Debug)]
struct Numbers {
    below: i64,
    ticks: i64,
    tick: Option<i64>,
    price_bp: u32,
    units: u32,
    cap: u32,
    pays: UniformPays,
}

fn prices() -> impl Strategy<Value = Prices> {
    let reserve = prop::option::of(0_i64..10_000_000);
    let parts = (1_i64..=50_000_000, reserve, prop::option::of(500_i64..=2_000), 0_i64..50_000_000);
    (parts, prop::option::of(1_u32..=2), any::<Option<bool>>()).prop_map(
        |((start, reserve, deposit_bp, buy_now), min_bidders, next_bidder)| Prices {
            start,
            reserve,
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

fn lengths() -> impl Strategy<Value = Lengths> {
    let mode = prop::sample::select(ClosingMode::ALL.to_vec());
    (mode, 60_i64..=864_000, 60_i64..=600, prop::option::of(0_i64..=100_000)).prop_map(|(mode, free, cycle, more)| Lengths {
        mode,
        free,
        cycle,
        more,
    })
}

fn ways() -> impl Strategy<Value = Way> {
    prop::sample::select(vec![
        Way::Plain,
        Way::Descending,
        Way::Maxima,
        Way::BuyNow,
        Way::BuyNowBesideMaxima,
        Way::Holders(PreemptionVariant::Parity),
        Way::Holders(PreemptionVariant::AskAfter),
        Way::HoldersBesideMaxima,
    ])
}

fn numbers() -> impl Strategy<Value = Numbers> {
    let clock = (0_i64..50_000_000, 1_i64..=100, prop::option::of(10_i64..=3_600));
    let units = (2_u32..6).prop_flat_map(|units| (Just(units), 1..=units));
    let pays = prop::sample::select(vec![UniformPays::HighestRejected, UniformPays::LowestAccepted]);
    (clock, 1_u32..9_999, units, pays).prop_map(|((below, ticks, tick), price_bp, (units, cap), pays)| Numbers {
        below,
        ticks,
        tick,
        price_bp,
        units,
        cap,
        pays,
    })
}

/// A whole offer of a format.
pub(super) fn whole(format: &'static str) -> impl Strategy<Value = Offer> {
    (prices(), steps(), lengths(), ways(), numbers())
        .prop_map(move |(prices, steps, lengths, way, numbers)| put_together(format, &prices, steps, &lengths, way, &numbers))
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
        asks_after(&mut whole, way);
        return whole;
    }
    if let Some(more) = prices.reserve {
        whole.reserve = OfferedReserve::Open { amount: Money::fen(prices.start + more) };
    }
    let auction = &mut whole.auction;
    (auction.step, auction.step_base, auction.enforce_step) = (steps.step, steps.base, steps.enforce);
    (auction.multiples_only, auction.allow_self_raise) = (steps.multiples, steps.self_raise);
    auction.next_bidder_rule = prices.next_bidder;
    auction.closing_mode = ClosingMode::HardClose;
    match format {
        "english" => english(&mut whole, prices, lengths, way),
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
        asks_after(&mut whole, way);
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
        whole.reserve = OfferedReserve::Open { amount: Money::fen((prices.start - less).max(1)) };
    }
}

/// Holders are asked after the bidding, where it is drawn.
fn asks_after(whole: &mut Offer, way: Way) {
    if way == Way::Holders(PreemptionVariant::AskAfter) {
        with_holder(whole, PreemptionVariant::AskAfter);
    }
}

/// Somebody holds a right of pre-emption.
fn with_holder(whole: &mut Offer, variant: PreemptionVariant) {
    let auction = &mut whole.auction;
    let holder = OfferedHolder { organisation_id: OrganisationId(Uuid::from_u128(2)), basis: "约定".into(), rank: 1 };
    auction.preemption = Some(OfferedPreemption { variant, holders: vec![holder] });
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
fn english(whole: &mut Offer, prices: &Prices, lengths: &Lengths, way: Way) {
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
            auction.buy_now = Some(Money::fen(prices.start + prices.reserve.unwrap_or_default() + 1 + prices.buy_now));
        }
        Way::Holders(variant) => with_holder(whole, variant),
        Way::HoldersBesideMaxima => with_holder(whole, PreemptionVariant::AskAfter),
    }
}
