//! Lots, their event log and awards.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;
use crate::ids::{AdmissionId, AwardId, ListingId, LotId, LotSessionId, OrganisationId, PersonId, SealedBidId};
use crate::money::{Currency, Money};
use crate::scores::Criterion;

codes! {
    /// Where a lot stands.
    LotState {
        /// Announced; not yet open.
        Scheduled,
        /// Free bidding period.
        OpenFree,
        /// Timed bidding period, only where the closing mode is `timed_cycle`.
        OpenTimed,
        /// Interrupted by the auction host (暂停): every clock of the bidding stands until it is resumed.
        Paused,
        /// Sold.
        ClosedSold,
        /// No bid, or none at the reserve price.
        ClosedUnsold,
        /// Ended without bidding: too few admitted, or the listing was terminated.
        Aborted,
        /// Bidding has ended, and a holder of a right of pre-emption is asked whether he takes it at that price.
        PreemptionAsk,
    }
}

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

codes! {
    /// What happened in a lot.
    LotEventKind {
        Scheduled, RegistrationClosed, Opened, BidPlaced, TimedPhaseStarted, BidderSuspended, BidderReinstated,
        Sold, Unsold, Aborted, Paused, Resumed, Extended, SessionJoined, TurnCame, ExtendedForOutage, BoughtNow, MaximumPlaced,
        MaximaOpened, BidsOpened, TieRound, FirstOffersOpened, TurnEnded, PreemptionAsked, PreemptionAnswered,
    }
}

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
    /// Sealed: the highest bid, in a descending lot the lowest, wins at its own price (一次密封报价); a tie of the best is bid out in
    /// one more round.
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
        /// Each bid is lower than the one before, and the lowest wins (反向竞价).
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

/// How holders of a right of pre-emption use it (优先购买权行使方式).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "variant", rename_all = "snake_case", deny_unknown_fields)]
pub enum Preemption {
    /// A holder may bid the price that stands, and leads with it (SPC-NA art. 21).
    Parity {},
    /// When bidding has ended, holders are asked one after another whether they take the lot at its price.
    AskAfter {
        /// How long each has to answer, seconds.
        #[schema(minimum = 1, example = 300)]
        answer_seconds: i64,
    },
}

impl Preemption {
    /// How long a holder who is asked has to answer, seconds; nothing where nobody is asked.
    pub fn answer_seconds(&self) -> Option<i64> {
        match self {
            Self::Parity {} => None,
            Self::AskAfter { answer_seconds } => Some(*answer_seconds),
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
    /// The version of the rules' behaviour it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules_version: Option<u32>,
}

/// The version of the rules' behaviour that a lot announced now is bound to: what the engine makes of the same terms and the same
/// deeds. A change of that is a new version, and lots announced under an earlier one keep theirs.
pub const RULES_VERSION: u32 = 1;

// What serde asks has its argument by reference.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl LotTerms {
    /// The name of its format in notices and exports, which tells descending bids apart.
    pub fn format_code(&self) -> &'static str {
        let [first_price, one_shot] = DESCENDING_SEALED_FORMATS;
        match (self.direction, &self.format) {
            (Direction::Ascending, format) => format.code(),
            (Direction::Descending, Format::FirstPrice { .. }) => first_price,
            (Direction::Descending, Format::OneShot { .. }) => one_shot,
            // No other format descends.
            (Direction::Descending, _) => DESCENDING_FORMAT,
        }
    }
}

/// An interruption of a lot by the auction host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Where the lot stood, and stands again once it is resumed.
    pub before: LotState,
    /// Since when.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
    /// Why; public.
    pub reason: String,
    /// The session it was paused with, which must be resumed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<LotSessionId>,
}

/// The offers of bidding by rounds, from their opening on, and whose turn it is. Everybody may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult)]
pub struct RoundsBook {
    /// The offer of each bidder, in the order they were made.
    pub offers: Vec<RoundsOffer>,
    /// The bidders in the order of their turns in this round, from the worst offer to the best.
    pub order: Vec<String>,
    /// When the first round begins or began.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub begins_at: Timestamp,
    /// The turn that runs, or comes next; absent after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<Turn>,
    /// When the last turn ended, which ended the bidding; without a first offer, when that was found. Absent in lots from before
    /// it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    pub ended_at: Option<Timestamp>,
}

/// An offer that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoundsOffer {
    /// The bidder's pseudonym in the lot.
    pub bidder: String,
    /// How much.
    pub price: Money,
    /// When it arrived.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
}

/// A turn: the time in which one bidder may raise his own offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Turn {
    /// Which round, from 1.
    pub round: u32,
    /// Its place in the round, from 1.
    pub number: u32,
    /// Whose, by pseudonym.
    pub bidder: String,
    /// When it begins.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub starts_at: Timestamp,
    /// When it ends.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub ends_at: Timestamp,
}

/// A bidder with a right of pre-emption.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreemptionHolder {
    /// Its pseudonym in the lot.
    pub bidder: String,
    /// Its rank, 1 before 2.
    #[schema(minimum = 1)]
    pub rank: i32,
}

/// Holders of a right of pre-emption being asked whether they take a lot at its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// Who is asked now, and after him the others in their order.
    pub holders: Vec<PreemptionHolder>,
    /// Since when he is asked.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub asked_at: Timestamp,
    /// Whether he has answered.
    pub answered: bool,
    /// When bidding had ended.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub bidding_ended_at: Timestamp,
    /// Who has been suspended since, by pseudonym: he is passed over when his turn comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspended: Vec<String>,
}

/// What the sealed bids of a lot came to when they were opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(deny_unknown_fields)]
pub struct OpenedRound {
    /// The round: 1, or 2 for the one among equals.
    pub round: i32,
    /// When it was opened.
    pub at: Timestamp,
    /// Its bids, best first; of several units those for each single one that can decide: as many as there are units, and the
    /// first that goes empty.
    pub ranking: Vec<RankedBid>,
    /// The round among equals, once there is one.
    pub tie: Option<TieRound>,
    /// Who has how many of several units, once they are sold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<UnitAward>,
}

/// What one bidder has of several identical units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitAward {
    /// The bidder's pseudonym in the lot.
    pub bidder: String,
    /// How many units.
    pub units: u32,
    /// What he pays for all of them.
    pub price: Money,
}

/// An opened bid in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankedBid {
    /// The bidder's pseudonym.
    pub bidder: String,
    /// The price.
    pub price: Money,
}

/// One more round of sealed bids, among those tied at the top.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TieRound {
    /// Who may bid in it, by pseudonym; who sealed his bid earlier stands before.
    pub bidders: Vec<String>,
    /// The price they are tied at, and the least to be bid; in a descending lot the most.
    pub at_least: Money,
}

table! {
    /// A lot: the projection of its event log.
    lot "lot" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: LotId,
        pub listing_id: ListingId,
        pub seller_organisation_id: OrganisationId,
        pub title: String,
        pub rehearsal: bool,
        pub state: LotState,
        pub terms: LotTerms,
        #[serde(skip)]
        pub reserve_sealed: Option<Vec<u8>>,
        pub currency: Currency,
        /// Sequence number of the last event; the lot's version.
        pub seq: i64,
        pub head_hash: Vec<u8>,
        pub price_minor: Option<i64>,
        pub leader_admission_id: Option<AdmissionId>,
        pub leader_pseudonym: Option<String>,
        /// The rank of the leader's right of pre-emption, where his bid bore one.
        pub leader_priority: Option<i32>,
        pub bid_count: i64,
        pub opens_at: Timestamp,
        pub closes_at: Timestamp,
        pub last_arrival: Option<Timestamp>,
        pub enough_admitted: Option<bool>,
        /// The interruption it is in.
        pub pause: Option<Pause>,
        /// How far pauses since the opening, and extensions, have moved its latest end, microseconds. A falling clock is
        /// moved by pauses alone.
        pub shifted_us: i64,
        /// The session of lots it belongs to.
        pub session_id: Option<LotSessionId>,
        /// Whether the host of its session opens it.
        pub hosted: bool,
        /// In a hosted session, once its turn has come: when it opens by itself if the host is late.
        pub opens_by: Option<Timestamp>,
        /// Where bidding by rounds stands.
        pub book: Option<RoundsBook>,
        /// The holders of a right of pre-emption who are or were asked after the bidding.
        pub asking: Option<Asking>,
        pub barred_persons: sea_orm::JsonValue,
        pub rules: sea_orm::JsonValue,
        /// What is sold and how, by value, for the deal that follows.
        pub facts: sea_orm::JsonValue,
        pub created_at: Timestamp,
        /// What its sealed bids came to, once they are opened. Not in records of deeds from before there were any.
        #[serde(default)]
        pub opened: Option<OpenedRound>,
        /// What is hidden of the maxima that stand, sealed; nothing after the close.
        #[serde(skip)]
        pub hidden_sealed: Option<Vec<u8>>,
    }
}

table! {
    /// What happened in a lot, chained by hash; the only truth about it.
    lot_event "lot_event" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub at: Timestamp,
        pub kind: LotEventKind,
        pub body: String,
        /// Who caused it; not part of the public body.
        pub person_id: Option<PersonId>,
        pub admission_id: Option<AdmissionId>,
        pub request_id: Option<String>,
        pub prev_hash: Vec<u8>,
        pub hash: Vec<u8>,
        /// What the public body hides behind a commitment, sealed.
        #[serde(skip)]
        pub sealed: Option<Vec<u8>>,
    }
}

table! {
    /// The public half of a key receipts are or were signed with: what it signed can be checked for ever.
    receipt_key "receipt_key" {
        /// Its thumbprint (RFC 7638).
        #[sea_orm(primary_key, auto_increment = false)]
        pub kid: String,
        pub public_key: Vec<u8>,
        pub first_used_at: Timestamp,
    }
}

table! {
    award "award" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AwardId,
        pub lot_id: LotId,
        /// Which of several identical units, the first of his; 1 for a single lot.
        pub unit: i32,
        /// 1 for the winner, higher where a next bidder was asked.
        pub turn: i32,
        pub admission_id: AdmissionId,
        /// What he pays for all of his units.
        pub price_minor: i64,
        pub currency: Currency,
        pub created_at: Timestamp,
        /// How many units are his; 1 for a single lot.
        pub units: i32,
    }
}

table! {
    /// A first offer of bidding by rounds, sealed until bidding opens. A bidder's last one counts; earlier ones stay.
    first_offer "first_offer" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        /// Its place among all that were sealed for the lot, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i64,
        pub admission_id: AdmissionId,
        /// Salt and amount.
        #[serde(skip)]
        pub sealed: Vec<u8>,
        /// SHA-256 of salt and amount, which the bidder is told, hexadecimal.
        pub commitment: String,
        pub arrived_at: Timestamp,
        /// Who sealed it; unknown of those from before it was kept.
        pub person_id: Option<PersonId>,
    }
}

table! {
    /// A bid of a turn, sealed until the turn ends. The last one counts; earlier ones stay.
    turn_bid "turn_bid" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub lot_id: LotId,
        /// Its place among all bids of turns of the lot, from 1.
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i64,
        pub round: i32,
        pub turn: i32,
        pub admission_id: AdmissionId,
        /// Salt and amount.
        #[serde(skip)]
        pub sealed: Vec<u8>,
        pub arrived_at: Timestamp,
        /// Who bid; unknown of those from before it was kept.
        pub person_id: Option<PersonId>,
    }
}

table! {
    /// A sealed bid, which neither the lot nor its log tells of before all are opened. The last of a bidder in a round counts.
    sealed_bid "sealed_bid" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SealedBidId,
        pub lot_id: LotId,
        /// 1, or 2 for the round among equals.
        pub round: i32,
        /// In which order it was sealed, in its lot.
        pub seq: i64,
        pub admission_id: AdmissionId,
        pub person_id: PersonId,
        pub request_id: String,
        /// When it counts as arrived.
        pub at: Timestamp,
        /// The hash of what is in the envelope.
        pub commitment: Vec<u8>,
        /// Price and salt, sealed.
        pub envelope: Vec<u8>,
    }
}
