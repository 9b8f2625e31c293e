//! In which way a lot is bid for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::money::Money;
use crate::scores::Criterion;

codes! {
    /// How an ascending auction ends.
    ClosingMode {
        /// At the announced time.
        HardClose,
        /// A bid in the last window moves the end to one window after the bid.
        SoftClose,
        /// After the free period each bid starts a full cycle; a cycle without a bid ends it.
        TimedCycle,
    }
}

/// How the price is found (竞价方式).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Format {
    /// Ascending, bid after bid (多次报价).
    English {},
    /// Descending (降价式): the price on a clock falls from the start price to the floor, and the first to accept it has it.
    Dutch {
        /// The lowest price; the clock stands there for its last tick.
        floor: Money,
        /// By how much the price falls with each tick, down to the floor at the last.
        decrement: Money,
        /// How long a price stands, seconds.
        #[schema(minimum = 1, example = 60)]
        tick_seconds: i64,
    },
    /// Sealed: the highest bid, descending the lowest, wins at its own price (一次密封报价); a tie of the best is bid out in one more round.
    FirstPrice {
        /// Length of the round among equals, seconds.
        #[schema(minimum = 1, example = 300)]
        tie_round_seconds: i64,
    },
    /// Sealed: the highest bid wins and pays the second-best (次高价报价); of equals the earliest.
    Vickrey {},
    /// One quote each (一次报价), which is judged as sealed bids at their own price are.
    OneShot {
        /// Length of the round among equals, seconds.
        #[schema(minimum = 1, example = 300)]
        tie_round_seconds: i64,
    },
    /// Ascending, by rounds in which each bidder has one turn, from the worst offer to the best (分轮报价).
    Rounds {
        /// How many rounds.
        rounds: u32,
        /// From the opening of the first offers to the first round, seconds.
        first_pause_seconds: i64,
        /// Between two rounds, seconds.
        pause_seconds: i64,
        /// Length of a turn, seconds.
        turn_seconds: i64,
        /// From the end of the last round to the result, seconds.
        result_seconds: i64,
    },
    /// Sealed: announced indicators are scored, the price among them, and the highest total wins at its own price (权重报价).
    Weighted {
        /// How much the price weighs, ten-thousandths; with the weights of the others 10000.
        #[schema(minimum = 1, maximum = 9_999, example = 6_000)]
        price_weight_bp: u32,
        /// The indicators beside the price.
        #[schema(min_items = 1, max_items = 10)]
        criteria: Vec<Criterion>,
    },
    /// Sealed: so many identical non-exclusive licences for the best bids, all at one price (统一价).
    UniformPrice {
        /// How many licences there are.
        #[schema(minimum = 2, maximum = 1_000, example = 3)]
        units: u32,
        /// How many of them one bidder may bid for.
        #[schema(minimum = 1, maximum = 1_000, example = 1)]
        cap: u32,
        /// Which price that is.
        pays: UniformPays,
    },
    /// Sealed: so many identical non-exclusive licences for the best bids, each at its own price (按各自报价).
    PayAsBid {
        /// How many licences there are.
        #[schema(minimum = 2, maximum = 1_000, example = 3)]
        units: u32,
        /// How many of them one bidder may bid for.
        #[schema(minimum = 1, maximum = 1_000, example = 1)]
        cap: u32,
    },
}

codes! {
    /// Which one price all pay for identical licences.
    UniformPays {
        /// The best bid that goes empty, if it reaches the reserve; without one the reserve, or the start price where there is none.
        HighestRejected,
        /// The lowest bid that wins.
        LowestAccepted,
    }
}

impl Default for Format {
    fn default() -> Self {
        Self::English {}
    }
}

impl Format {
    /// Whether it is the format of lots that name none.
    pub fn is_english(&self) -> bool {
        matches!(self, Self::English {})
    }

    /// Its name in notices and exports.
    pub fn code(&self) -> &'static str {
        match self {
            Self::English {} => "english",
            Self::Dutch { .. } => "dutch",
            Self::FirstPrice { .. } => "first_price",
            Self::Vickrey {} => "vickrey",
            Self::OneShot { .. } => "one_shot",
            Self::Rounds { .. } => "rounds",
            Self::Weighted { .. } => "weighted",
            Self::UniformPrice { .. } => "uniform_price",
            Self::PayAsBid { .. } => "pay_as_bid",
        }
    }

    /// The same, which tells descending bids apart.
    pub fn code_towards(&self, direction: Direction) -> &'static str {
        let [first_price, one_shot] = DESCENDING_SEALED_FORMATS;
        match (direction, self) {
            (Direction::Ascending, format) => format.code(),
            (Direction::Descending, Self::FirstPrice { .. }) => first_price,
            (Direction::Descending, Self::OneShot { .. }) => one_shot,
            // No other format descends.
            (Direction::Descending, _) => DESCENDING_FORMAT,
        }
    }

    /// Whether bids stay sealed until all are opened at once.
    pub fn is_sealed(&self) -> bool {
        let of_one = matches!(self, Self::FirstPrice { .. } | Self::Vickrey {} | Self::OneShot { .. } | Self::Weighted { .. });
        of_one || self.units().is_some()
    }

    /// How many identical units are sold; nothing where the lot is one thing.
    pub fn units(&self) -> Option<u32> {
        match self {
            Self::UniformPrice { units, .. } | Self::PayAsBid { units, .. } => Some(*units),
            _ => None,
        }
    }

    /// How many units one bidder may bid for: one, where the lot is one thing.
    pub fn cap(&self) -> u32 {
        match self {
            Self::UniformPrice { cap, .. } | Self::PayAsBid { cap, .. } => *cap,
            _ => 1,
        }
    }

    /// How long those tied at the top bid once more, seconds; nothing where they do not.
    pub fn tie_round_seconds(&self) -> Option<i64> {
        match self {
            Self::FirstPrice { tie_round_seconds } | Self::OneShot { tie_round_seconds } => Some(*tie_round_seconds),
            _ => None,
        }
    }
}

codes! {
    /// Which way the prices of a lot go.
    #[derive(Default)]
    Direction {
        /// Each bid is higher than the one before, and the highest wins.
        #[default]
        Ascending,
        /// The lowest bid wins, and where bids are open each is lower than the one before (反向竞价).
        Descending,
    }
}

impl Direction {
    /// Whether it is the direction of lots that name none.
    pub fn is_ascending(&self) -> bool {
        *self == Self::Ascending
    }
}

/// The name of descending bids, bid after bid, in notices and exports.
pub const DESCENDING_FORMAT: &str = "english_descending";
/// The names of sealed bids of which the lowest wins, in notices and exports.
pub const DESCENDING_SEALED_FORMATS: [&str; 2] = ["first_price_descending", "one_shot_descending"];

/// Whether what has such a name goes to the lowest bid.
pub fn is_descending_format(code: &str) -> bool {
    code == DESCENDING_FORMAT || DESCENDING_SEALED_FORMATS.contains(&code)
}
