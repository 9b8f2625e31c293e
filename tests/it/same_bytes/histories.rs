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
    Pause,
    Resume,
    Extend(i64),
    Suspend(usize),
    Reinstate(usize),
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

/// One for each way to find a price.
pub const HISTORIES: [History; 8] = [
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
        offer: |offer, _| {
            offer["terms"] =
                json!({"mode": "non_exclusive_licence", "fields": ["all"], "territory": ["all"], "months": 12, "sublicence": false});
            format(offer, json!({"kind": "uniform_price", "units": 2, "cap": 2, "pays": "highest_rejected"}));
        },
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
            let holder = |who: usize| json!({"organisation_id": parties[who].organisation, "basis": "合作开发者", "rank": who + 1});
            offer["auction"]["preemption"] = json!({"variant": "ask_after", "holders": [holder(0), holder(1)]});
            offer["declarations"]["encumbrances"] = json!([{"kind": "preemption", "description": "合作开发者享有优先受让权"}]);
        },
        deeds: &[(120, Deed::Bid(2, 100_000)), (3_880, Deed::Answer(1, true))],
        rest: 60,
        tells: &[LotEventKind::PreemptionAsked, LotEventKind::PreemptionAnswered, LotEventKind::Sold],
    },
];

fn lasts_an_hour(offer: &mut Value, closing_mode: &str) {
    offer["auction"]["closing_mode"] = closing_mode.into();
    offer["auction"]["free_period_seconds"] = 3_600.into();
}

fn format(offer: &mut Value, format: Value) {
    lasts_an_hour(offer, "hard_close");
    offer["auction"]["format"] = format;
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
