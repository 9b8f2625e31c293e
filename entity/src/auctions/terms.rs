//! Everything that is announced of how a lot is bid for.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::format::{ClosingMode, Direction, Format};
use crate::Timestamp;
use crate::money::Money;

codes! {
    /// What a percentage or ladder step is reckoned from.
    StepBase {
        /// The start price.
        StartPrice,
        /// The best bid so far.
        BestBid,
    }
}

/// How much a bid must add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// A fixed amount.
    Fixed {
        /// The amount.
        amount: Money,
    },
    /// Ten-thousandths of the base.
    Percent {
        /// Ten-thousandths, 100 = one per cent.
        #[schema(minimum = 1, maximum = 10_000, example = 100)]
        rate_bp: u32,
    },
    /// An amount that depends on the base: the last rung at or below it counts.
    Ladder {
        /// Rungs by rising `from`.
        #[schema(min_items = 1, max_items = 50)]
        rungs: Vec<Rung>,
    },
}

/// One rung of a ladder of steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rung {
    /// Lowest base the rung is for.
    pub from: Money,
    /// What a bid must add there.
    pub step: Money,
}

/// The lowest price with effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Reserve {
    /// None beside the start price; announced as such (AL art. 50).
    None {},
    /// Public.
    Open {
        /// The reserve price.
        amount: Money,
    },
    /// Kept secret until the close (AL art. 28); only its salted hash is public.
    Secret {
        /// SHA-256 of the salt and the amount, hexadecimal.
        commitment: String,
    },
}

/// Who conducts a sale that is an auction in the sense of the auction law (AL art. 10, 11, 14).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuctionLicence {
    /// The licensed auction enterprise.
    #[schema(min_length = 1, max_length = 200)]
    pub enterprise: String,
    /// The auctioneer's licence number.
    #[schema(min_length = 1, max_length = 100)]
    pub auctioneer_licence: String,
}

/// How holders of a right of pre-emption use it (优先购买权行使方式).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "variant", rename_all = "snake_case", deny_unknown_fields)]
pub enum Preemption {
    /// A holder may bid the price that stands, and leads with it (SPC-NA art. 21).
    Parity {},
    /// When bidding has ended, holders are asked by rank whether they take the lot at its price.
    AskAfter {
        /// How long each has to answer, seconds.
        #[schema(minimum = 1, example = 300)]
        answer_seconds: i64,
        /// How long those of one rank who take it seal one more bid, seconds: all of one rank are asked at once then. Absent in lots
        /// from before there was such a round, in which those of one rank are asked one after another too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 1, example = 300)]
        round_seconds: Option<i64>,
    },
}

impl Preemption {
    /// How long a holder who is asked has to answer, seconds; nothing where nobody is asked.
    pub fn answer_seconds(&self) -> Option<i64> {
        match self {
            Self::Parity {} => None,
            Self::AskAfter { answer_seconds, .. } => Some(*answer_seconds),
        }
    }

    /// How long several of one rank who take the lot seal one more bid, seconds; nothing where there is no such round.
    pub fn round_seconds(&self) -> Option<i64> {
        match self {
            Self::Parity {} => None,
            Self::AskAfter { round_seconds, .. } => *round_seconds,
        }
    }
}

/// Everything that decides how a lot is bid for; frozen at publication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
// Each flag is a parameter the announcement states on its own.
#[allow(clippy::struct_excessive_bools)]
pub struct LotTerms {
    /// How it ends.
    pub closing_mode: ClosingMode,
    /// Lowest first bid (起拍价); in a descending lot the highest.
    pub start_price: Money,
    /// Lowest price with effect (保留价); in a descending lot the highest.
    pub reserve: Reserve,
    /// How much a bid must add (加价幅度).
    pub step: Step,
    /// What the step is reckoned from.
    pub step_base: StepBase,
    /// Whether a bid must lie a whole number of steps above the price.
    pub multiples_only: bool,
    /// Whether the step is demanded at all; otherwise any higher bid does.
    pub enforce_step: bool,
    /// Whether the leader may raise his own bid.
    pub allow_self_raise: bool,
    /// When bidding opens (inclusive).
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub opens_at: Timestamp,
    /// Length of the free bidding period, seconds.
    pub free_period_seconds: i64,
    /// Length of the timed cycle or soft-close window, seconds.
    pub timed_cycle_seconds: i64,
    /// Latest end after opening, seconds, where announced.
    pub max_duration_seconds: Option<i64>,
    /// Fewer admitted bidders at the start mean the lot failed.
    pub min_bidders: u32,
    /// Whether the runner-up may be asked when the winner defaults (递补).
    pub next_bidder_rule: bool,
    /// The auction enterprise, where this is an auction in the sense of the auction law.
    pub auction_licence: Option<AuctionLicence>,
    /// How long after the end bids that arrived in time are still decided, milliseconds.
    pub close_grace_ms: i64,
    /// Edition of the rulebook these terms were checked against.
    pub rulebook_version: i64,
    /// How the price is found; English where it is not named.
    #[serde(default, skip_serializing_if = "Format::is_english")]
    pub format: Format,
    /// Which way prices go; ascending where it is not named.
    #[serde(default, skip_serializing_if = "Direction::is_ascending")]
    pub direction: Direction,
    /// The price at which the lot can be bought at once until the first bid (一口价).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buy_now: Option<Money>,
    /// Whether a bid is the most its bidder would pay, and the platform bids for him no more than is needed (代理出价).
    #[serde(default, skip_serializing_if = "is_false")]
    pub proxy: bool,
    /// How holders of a right of pre-emption use it, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemption: Option<Preemption>,
    /// By how much the host may extend it at once, seconds; absent in lots from before it was announced, as are those below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend_limit_seconds: Option<i64>,
    /// The shortest outage that counts, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage_least_seconds: Option<i64>,
    /// The last stretch in which an outage counts, and the time given after it, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outage_window_seconds: Option<i64>,
    /// How late the host of a session may open it before it opens by itself, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host_lateness_seconds: Option<i64>,
    /// How many times the price that stands a bid may be without being confirmed, in a descending lot down to which fraction of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, example = 10)]
    pub jump_factor: Option<u32>,
    /// The version of the rules' behaviour it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules_version: Option<u32>,
    /// Whether it is a rehearsal without legal effect; not told of lots from before they were bound to a version of the rules.
    #[serde(default, skip_serializing_if = "is_false")]
    pub rehearsal: bool,
}

/// The version of the rules' behaviour that a lot announced now is bound to: what the engine makes of the same terms and the same
/// deeds. A change of that is a new version, and lots announced under an earlier one keep theirs.
///
/// - 2: an outage is told of no earlier than the event it follows, and before a timed cycle as soon as it is over; a lot that is open a minute after its end can be paused.
pub const RULES_VERSION: u32 = 2;

// What serde asks has its argument by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl LotTerms {
    /// Whether it is bound to a version of the rules' behaviour, or to one after it.
    pub fn is_bound_to(&self, version: u32) -> bool {
        self.rules_version.is_some_and(|bound| bound >= version)
    }

    /// The name of its format in notices and exports, which tells descending bids apart.
    pub fn format_code(&self) -> &'static str {
        self.format.code_towards(self.direction)
    }
}
