//! The histories: how a lot is announced, and what is done in it.

use entity::auctions::LotEventKind;
use serde_json::{Value, json};
use zhepai::play::Party;

use crate::common::fixtures::by_rounds;
use crate::common::play::cny;

/// What is done; bidders go by their number, amounts are in fen.
#[derive(Clone, Copy, Debug)]
pub enum Deed {
    /// A bid that all see, a maximum, or the acceptance of the price on the clock.
    Bid(usize, i64),
    /// A sealed bid, with a price for each unit.
    Seal(usize, &'static [i64]),
    /// A first offer, before the opening.
    Offer(usize, i64),
    /// A bid in one's turn.
    Turn(usize, i64),
    /// A bidder is given this level, and points by experts.
    Score(usize, &'static str),
    /// Whether a holder who is asked takes the lot.
    Answer(usize, bool),
    /// The lot is bought at the price that was announced for that.
    Buy(usize),
    Pause,
    Resume,
    Extend(i64),
    Suspend(usize),
    Reinstate(usize),
    /// The market has stood still for so many seconds until now.
    Outage(i64),
}

/// A history of a lot from 1000.00 on, with a step of 100.00, that opens a minute after its announcement; three are admitted.
pub struct History {
    /// What is sold.
    pub title: &'static str,
    /// What its offer says beside that.
    pub offer: fn(&mut Value, &[Party; 3]),
    /// Each so many seconds after the one before.
    pub deeds: &'static [(i64, Deed)],
    /// After so many more it is over.
    pub rest: i64,
    /// What its log must tell for it to have been worth playing.
    pub tells: &'static [LotEventKind],
}

/// One for each way to find a price, and one for whatever else may come of a lot.
pub const HISTORIES: [History; 21] = [
    // Its hour ends an hour late for the pause, and ten minutes later for the extension, so that the last two bids are late ones.
    History {
        title: "一种逐次报价的技术",
        offer: |offer, _| lasts_an_hour(offer, "soft_close"),
        deeds: &[
            (120, Deed::Bid(0, 100_000)),
            (600, Deed::Bid(1, 110_000)),
            (300, Deed::Pause),
            (3_600, Deed::Resume),
            (60, Deed::Suspend(0)),
            (60, Deed::Reinstate(0)),
            (60, Deed::Extend(600)),
            (2_880, Deed::Bid(0, 130_000)),
            (180, Deed::Bid(1, 150_000)),
        ],
        rest: 600,
        tells: &[
            LotEventKind::Paused,
            LotEventKind::Resumed,
            LotEventKind::BidderSuspended,
            LotEventKind::BidderReinstated,
            LotEventKind::Extended,
            LotEventKind::Sold,
        ],
    },
    // The best two come to 1400.00; the winner's maximum reaches the secret reserve, and he pays that.
    History {
        title: "一种代理出价的技术",
        offer: |offer, _| {
            lasts_an_hour(offer, "soft_close");
            offer["auction"]["proxy"] = true.into();
            offer["reserve"] = json!({"kind": "secret", "amount": cny("1500.00")});
        },
        deeds: &[(120, Deed::Bid(0, 130_000)), (60, Deed::Bid(1, 120_000)), (60, Deed::Bid(2, 200_000)), (60, Deed::Bid(2, 250_000))],
        rest: 3_600,
        tells: &[LotEventKind::MaximumPlaced, LotEventKind::MaximaOpened, LotEventKind::Sold],
    },
    // Two are equal when the hour is over, and one of them goes higher in the round among them.
    History {
        title: "一种密封报价的技术",
        offer: |offer, _| format(offer, json!({"kind": "first_price"})),
        deeds: &[
            (120, Deed::Seal(0, &[200_000])),
            (10, Deed::Seal(0, &[180_000])),
            (10, Deed::Seal(1, &[180_000])),
            (10, Deed::Seal(2, &[150_000])),
            (3_530, Deed::Seal(1, &[190_000])),
        ],
        rest: 600,
        tells: &[LotEventKind::BidsOpened, LotEventKind::TieRound, LotEventKind::Sold],
    },
    History {
        title: "一种权重报价的技术",
        offer: |offer, _| format(offer, weighted()),
        deeds: &[
            (120, Deed::Seal(0, &[200_000])),
            (10, Deed::Seal(1, &[180_000])),
            (10, Deed::Score(0, "中")),
            (10, Deed::Score(1, "优")),
            (10, Deed::Score(2, "良")),
        ],
        rest: 3_600,
        tells: &[LotEventKind::BidsOpened, LotEventKind::Sold],
    },
    History {
        title: "一种多份许可的技术",
        offer: |offer, _| licences(offer, json!({"kind": "uniform_price", "units": 2, "cap": 2, "pays": "highest_rejected"})),
        deeds: &[(120, Deed::Seal(0, &[600_000, 550_000])), (10, Deed::Seal(1, &[580_000])), (10, Deed::Seal(2, &[400_000, 300_000]))],
        rest: 3_600,
        tells: &[LotEventKind::BidsOpened, LotEventKind::Sold],
    },
    // A pause stops the clock, and more time does not turn it back.
    History {
        title: "一种降价拍卖的技术",
        offer: |offer, _| {
            offer["auction"] = json!({
                "closing_mode": "hard_close",
                "min_bidders": 1,
                "format": {"kind": "dutch", "floor": cny("600.00"), "decrement": cny("50.00")}
            });
        },
        deeds: &[(130, Deed::Pause), (300, Deed::Resume), (10, Deed::Extend(60)), (130, Deed::Bid(1, 100_000))],
        rest: 60,
        tells: &[LotEventKind::Paused, LotEventKind::Resumed, LotEventKind::Extended, LotEventKind::BidPlaced, LotEventKind::Sold],
    },
    // Of equal first offers the later has the first turn; what is changed in a turn is told to nobody.
    History {
        title: "一种分轮报价的技术",
        offer: |offer, _| offer["auction"] = by_rounds(),
        deeds: &[
            (5, Deed::Offer(0, 150_000)),
            (5, Deed::Offer(0, 123_456)),
            (5, Deed::Offer(1, 123_456)),
            (355, Deed::Turn(1, 177_777)),
            (5, Deed::Turn(1, 140_000)),
            (115, Deed::Turn(0, 200_000)),
        ],
        rest: 1_000,
        tells: &[LotEventKind::FirstOffersOpened, LotEventKind::TurnEnded, LotEventKind::Sold],
    },
    // The first holder lets his time pass, the second takes the lot.
    History {
        title: "一种优先受让的技术",
        offer: |offer, parties| {
            lasts_an_hour(offer, "soft_close");
            with_holders(offer, parties, "ask_after", [1, 2]);
        },
        deeds: &[(120, Deed::Bid(2, 100_000)), (3_880, Deed::Answer(1, true))],
        rest: 60,
        tells: &[LotEventKind::PreemptionAsked, LotEventKind::PreemptionAnswered, LotEventKind::Sold],
    },
    // Two holders of one rank take the lot, and seal one more bid: one changes his, and the other has it.
    History {
        title: "一种同顺位优先受让的技术",
        offer: |offer, parties| {
            lasts_an_hour(offer, "soft_close");
            with_holders(offer, parties, "ask_after", [1, 1]);
        },
        deeds: &[
            (120, Deed::Bid(2, 100_000)),
            (3_580, Deed::Answer(1, true)),
            (5, Deed::Answer(0, true)),
            (10, Deed::Seal(1, &[130_000])),
            (10, Deed::Seal(0, &[120_000])),
            (10, Deed::Seal(1, &[110_000])),
        ],
        rest: 600,
        tells: &[LotEventKind::PreemptionAsked, LotEventKind::PreemptionRound, LotEventKind::BidsOpened, LotEventKind::Sold],
    },
    // The second price is paid.
    History {
        title: "一种次价报价的技术",
        offer: |offer, _| format(offer, json!({"kind": "vickrey"})),
        deeds: &[(120, Deed::Seal(0, &[200_000])), (10, Deed::Seal(1, &[180_000]))],
        rest: 3_600,
        tells: &[LotEventKind::BidsOpened, LotEventKind::Sold],
    },
    // Nobody uses the round among equals, so that the earlier has it.
    History {
        title: "一种一次报价的技术",
        offer: |offer, _| format(offer, json!({"kind": "one_shot"})),
        deeds: &[(120, Deed::Seal(0, &[200_000])), (10, Deed::Seal(1, &[200_000]))],
        rest: 7_200,
        tells: &[LotEventKind::BidsOpened, LotEventKind::TieRound, LotEventKind::Sold],
    },
    History {
        title: "一种各付其价的技术",
        offer: |offer, _| licences(offer, json!({"kind": "pay_as_bid", "units": 2, "cap": 1})),
        deeds: &[(120, Deed::Seal(0, &[600_000])), (10, Deed::Seal(1, &[580_000])), (10, Deed::Seal(2, &[400_000]))],
        rest: 3_600,
        tells: &[LotEventKind::BidsOpened, LotEventKind::Sold],
    },
    History {
        title: "一种同付末价的技术",
        offer: |offer, _| licences(offer, json!({"kind": "uniform_price", "units": 2, "cap": 2, "pays": "lowest_accepted"})),
        deeds: &[(120, Deed::Seal(0, &[600_000, 550_000])), (10, Deed::Seal(1, &[580_000]))],
        rest: 3_600,
        tells: &[LotEventKind::BidsOpened, LotEventKind::Sold],
    },
    // A bid ten seconds before the end does not move it.
    History {
        title: "一种定时截止的技术",
        offer: |offer, _| lasts(offer, "hard_close", 600),
        deeds: &[(120, Deed::Bid(0, 100_000)), (530, Deed::Bid(1, 110_000))],
        rest: 60,
        tells: &[LotEventKind::BidPlaced, LotEventKind::Sold],
    },
    // The last bid begins the cycle anew.
    History {
        title: "一种限时报价的技术",
        offer: |offer, _| lasts(offer, "timed_cycle", 600),
        deeds: &[(120, Deed::Bid(0, 100_000)), (640, Deed::Bid(1, 110_000))],
        rest: 600,
        tells: &[LotEventKind::TimedPhaseStarted, LotEventKind::BidPlaced, LotEventKind::Sold],
    },
    History {
        title: "一种反向报价的技术",
        offer: |offer, _| {
            lasts(offer, "soft_close", 600);
            offer["auction"]["direction"] = "descending".into();
        },
        deeds: &[(120, Deed::Bid(0, 100_000)), (10, Deed::Bid(1, 80_000))],
        rest: 900,
        tells: &[LotEventKind::BidPlaced, LotEventKind::Sold],
    },
    History {
        title: "一种反向密封的技术",
        offer: |offer, _| {
            format(offer, json!({"kind": "first_price"}));
            offer["auction"]["direction"] = "descending".into();
        },
        deeds: &[(120, Deed::Seal(0, &[90_000])), (10, Deed::Seal(1, &[80_000]))],
        rest: 3_600,
        tells: &[LotEventKind::BidsOpened, LotEventKind::Sold],
    },
    // At one price the holder goes before whoever bid it, and before him the holder of the better rank.
    History {
        title: "一种同价优先的技术",
        offer: |offer, parties| {
            lasts(offer, "soft_close", 600);
            with_holders(offer, parties, "parity", [1, 2]);
        },
        deeds: &[(120, Deed::Bid(2, 100_000)), (10, Deed::Bid(1, 100_000)), (10, Deed::Bid(0, 100_000))],
        rest: 900,
        tells: &[LotEventKind::BidPlaced, LotEventKind::Sold],
    },
    History {
        title: "一种一口价的技术",
        offer: |offer, _| {
            lasts(offer, "timed_cycle", 600);
            offer["auction"]["buy_now"] = cny("1500.00");
        },
        deeds: &[(120, Deed::Buy(1))],
        rest: 60,
        tells: &[LotEventKind::BoughtNow, LotEventKind::Sold],
    },
    // Forty seconds before its end the market runs again.
    History {
        title: "一种系统中断的技术",
        offer: |offer, _| lasts(offer, "hard_close", 600),
        deeds: &[(120, Deed::Bid(0, 100_000)), (500, Deed::Outage(60)), (120, Deed::Bid(1, 110_000))],
        rest: 300,
        tells: &[LotEventKind::ExtendedForOutage, LotEventKind::BidPlaced, LotEventKind::Sold],
    },
    History {
        title: "一种流拍的技术",
        offer: |offer, _| {
            lasts(offer, "hard_close", 600);
            offer["reserve"] = json!({"kind": "secret", "amount": cny("1500.00")});
        },
        deeds: &[(120, Deed::Bid(0, 100_000))],
        rest: 600,
        tells: &[LotEventKind::BidPlaced, LotEventKind::Unsold],
    },
];

fn lasts_an_hour(offer: &mut Value, closing_mode: &str) {
    lasts(offer, closing_mode, 3_600);
}

fn lasts(offer: &mut Value, closing_mode: &str, seconds: i64) {
    offer["auction"]["closing_mode"] = closing_mode.into();
    offer["auction"]["free_period_seconds"] = seconds.into();
}

fn format(offer: &mut Value, format: Value) {
    lasts_an_hour(offer, "hard_close");
    offer["auction"]["format"] = format;
}

/// Several units are sold.
fn licences(offer: &mut Value, of: Value) {
    offer["terms"] = json!({"mode": "non_exclusive_licence", "fields": ["all"], "territory": ["all"], "months": 12, "sublicence": false});
    format(offer, of);
}

/// The first two bidders hold rights of pre-emption, of these ranks.
fn with_holders(offer: &mut Value, parties: &[Party; 3], variant: &str, ranks: [i32; 2]) {
    let holder = |who: usize| json!({"organisation_id": parties[who].organisation, "basis": "合作开发者", "rank": ranks[who]});
    offer["auction"]["preemption"] = json!({"variant": variant, "holders": [holder(0), holder(1)]});
    offer["declarations"]["encumbrances"] = json!([{"kind": "preemption", "description": "合作开发者享有优先受让权"}]);
}

/// By the price, a table, and five experts.
fn weighted() -> Value {
    let level = |name: &str, points: &str| json!({"name": name, "points": points});
    let table = json!({"kind": "table", "levels": [level("优", "100.00"), level("良", "80.00"), level("中", "50.00")]});
    json!({
        "kind": "weighted",
        "price_weight_bp": 6_000,
        "criteria": [
            {"name": "转化方案", "weight_bp": 2_500, "scored": table},
            {"name": "转化能力", "weight_bp": 1_500, "scored": {"kind": "experts", "count": 5}},
        ]
    })
}
