//! How an auction is described: how it is bid for, who may bid, and what happens when.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, TimeDelta};
use entity::auctions::{ClosingMode, Format, LotTerms, Preemption, Reserve};
use entity::money::Money;
use entity::scores::GivenScore;
use entity::{Timestamp, micros};
use serde::{Deserialize, Serialize};

use crate::auctions::rules::log::OpenedReserve;
use crate::auctions::rules::preemption::finds_one_price;
use crate::auctions::rules::reserve;
use crate::auctions::rules::rounds::can_be_reckoned;
use crate::auctions::rules::sealed::scores::{Scores, are_complete, criteria};
use crate::listings::rules::offer::{
    PreemptionVariant, buy_now_makes_sense, lengths_make_sense, maxima_make_sense, may_descend, preemption_makes_sense, step_makes_sense,
};
use crate::listings::rules::weighted::criteria_make_sense;
use crate::listings::rules::{dutch, units};
use crate::platform::http::body;
use crate::platform::keys::unhex;
use crate::platform::problem::{Fault, Faults, Problem, YEARS};

/// The file as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    terms: LotTerms,
    secret_reserve: Option<Secret>,
    bidders: Vec<String>,
    #[serde(default)]
    holders: BTreeMap<String, i32>,
    #[serde(default)]
    scores: BTreeMap<String, Vec<GivenScore>>,
    events: Vec<Entry>,
    /// For whoever reads the file.
    note: Option<String>,
}

/// A secret reserve as it will be opened.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Secret {
    amount: Money,
    salt: String,
}

/// One event. All kinds are read by one form, so that what is wrong is pointed at by its own name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    at: When,
    kind: Kind,
    bidder: Option<String>,
    price: Option<Money>,
    seconds: Option<i64>,
    reason: Option<String>,
    takes: Option<bool>,
    /// Where several units are sold: what is bid for those beside the first.
    further_units: Option<Vec<Money>>,
    /// Whether a price far from the one that stands is meant.
    confirmed: Option<bool>,
    /// For whoever reads the file.
    note: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected whole seconds after the opening, or a time in RFC 3339")]
enum When {
    After(i64),
    At(Timestamp),
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Bid,
    Pause,
    Resume,
    Extend,
    Suspend,
    Reinstate,
    BuyNow,
    FirstOffer,
    Answer,
    Outage,
    Abort,
}

/// A described auction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// What is sold.
    pub title: String,
    /// How it is bid for.
    pub terms: LotTerms,
    /// The secret reserve as it is opened at the close, where the terms have one.
    pub reserve: Option<OpenedReserve>,
    /// Who may bid, by pseudonym.
    pub bidders: Vec<String>,
    /// Who of them holds a right of pre-emption, and of which rank.
    pub holders: BTreeMap<String, i32>,
    /// What the bidders are given, where the price is one indicator among others.
    pub scores: Scores,
    /// What happens, in order of time.
    pub events: Vec<Event>,
}

/// Something that somebody does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    pub deed: Deed,
}

/// What somebody does; bidders are told by their place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A bid.
    Bid {
        /// By whom.
        bidder: usize,
        /// How much; where several units are sold, for the first.
        price: Money,
        /// How much for the others.
        further_units: Vec<Money>,
        /// Whether a price far from the one that stands is meant.
        confirmed: bool,
    },
    /// The host pauses the lot.
    Pause {
        /// Why.
        reason: String,
    },
    /// The host lets it go on.
    Resume {
        /// Why.
        reason: String,
    },
    /// The host gives more time.
    Extend {
        /// How much.
        seconds: i64,
        /// Why.
        reason: String,
    },
    /// The host keeps a bidder from bidding.
    Suspend {
        /// Whom.
        bidder: usize,
        /// Why.
        reason: String,
    },
    /// The host lets a bidder bid again.
    Reinstate {
        /// Whom.
        bidder: usize,
        /// Why.
        reason: String,
    },
    /// A bidder buys the lot at once.
    BuyNow {
        /// Which.
        bidder: usize,
    },
    /// A bidder seals his first offer, where it is bid by rounds.
    FirstOffer {
        /// By whom.
        bidder: usize,
        /// How much.
        price: Money,
        /// Whether a price far from the start price is meant.
        confirmed: bool,
    },
    /// A holder of a right of pre-emption who is asked answers.
    Answer {
        /// Who.
        bidder: usize,
        /// Whether he takes the lot.
        takes: bool,
    },
    /// The market stands still: nothing arrives, and no timer is served.
    Outage {
        /// How long.
        seconds: i64,
    },
    /// The host ends the lot, which is paused, since its fault cannot be cured.
    Abort {
        /// What cannot be cured.
        reason: String,
    },
}

impl Event {
    /// From when on something else can happen.
    pub fn is_over_at(&self) -> Timestamp {
        let Deed::Outage { seconds } = self.deed else { return self.at };
        TimeDelta::try_seconds(seconds).and_then(|length| self.at.checked_add_signed(length)).unwrap_or(self.at)
    }
}

/// The longest grace of the closer a description may ask for, milliseconds.
const LONGEST_GRACE_MS: i64 = 60_000;
/// The longest time holders of a right of pre-emption may have to answer, or to bid once more, seconds.
const LONGEST_ANSWER: i64 = 86_400;

/// The longest round among equals a description may ask for, seconds.
const LONGEST_TIE_ROUND: i64 = 86_400;

/// Reads a description strictly. What is wrong is named by the path of its field, all of it at once.
pub fn read(bytes: &[u8]) -> Result<Description, Problem> {
    let file: File = body::parse(bytes)?;
    let mut faults = Faults::new();
    faults.text("/title", &file.title, 200);
    check_terms(&mut faults, &file.terms);
    check_names(&mut faults, &file.bidders);
    check_holders(&mut faults, &file);
    check_scores(&mut faults, &file);
    let reserve = opened(&mut faults, &file);
    for (index, entry) in file.events.iter().enumerate() {
        faults.require(
            entry.further_units.is_none() || (matches!(entry.kind, Kind::Bid) && file.terms.format.units().is_some()),
            &format!("/events/{index}/further_units"),
            "unknown_field",
            "仅多份竞价的出价有该项",
            "only a bid for one of several units has it",
        );
        faults.require(
            entry.confirmed.is_none() || matches!(entry.kind, Kind::Bid | Kind::FirstOffer),
            &format!("/events/{index}/confirmed"),
            "unknown_field",
            "仅出价有该项",
            "only a bid has it",
        );
    }
    let terms = LotTerms { opens_at: micros(file.terms.opens_at), ..file.terms };
    let events = events(&mut faults, file.events, terms.opens_at, &file.bidders);
    faults.done()?;
    Ok(Description { title: file.title, terms, reserve, bidders: file.bidders, holders: file.holders, scores: file.scores, events })
}

/// What an offer is held to as well, and no instant that could not be reckoned with.
fn check_terms(faults: &mut Faults, terms: &LotTerms) {
    let lengths = [
        ("free_period_seconds", Some(terms.free_period_seconds)),
        ("timed_cycle_seconds", Some(terms.timed_cycle_seconds)),
        ("max_duration_seconds", terms.max_duration_seconds),
        ("outage_least_seconds", terms.outage_least_seconds),
        ("outage_window_seconds", terms.outage_window_seconds),
    ];
    lengths_make_sense(faults, "/terms", lengths);
    let is_alone = terms.direction.is_ascending() && terms.buy_now.is_none();
    let (is_plain, has_one_price) = (terms.format.is_english() && !terms.proxy, finds_one_price(&terms.format));
    if let Some(preemption) = &terms.preemption {
        let variant = if *preemption == (Preemption::Parity {}) { PreemptionVariant::Parity } else { PreemptionVariant::AskAfter };
        preemption_makes_sense(faults, "/terms/preemption", variant, is_alone && is_plain, is_alone && has_one_price);
    }
    let preemption = terms.preemption.as_ref();
    let (answer, round) = (preemption.and_then(Preemption::answer_seconds), preemption.and_then(Preemption::round_seconds));
    for (name, length) in [("answer_seconds", answer), ("round_seconds", round)] {
        faults.require(
            length.is_none_or(|seconds| (1..=LONGEST_ANSWER).contains(&seconds)),
            &format!("/terms/preemption/{name}"),
            "range",
            "须在 1 至 86400 秒之间",
            "must be between 1 and 86400 seconds",
        );
    }
    step_makes_sense(faults, "/terms/step", &terms.step, terms.start_price);
    match terms.format {
        Format::English {} => {}
        Format::Weighted { price_weight_bp, ref criteria } => {
            criteria_make_sense(faults, "/terms/format", price_weight_bp, criteria);
            sealed_terms_agree(faults, terms);
        }
        Format::FirstPrice { .. } | Format::Vickrey {} | Format::OneShot { .. } => sealed_terms_agree(faults, terms),
        Format::UniformPrice { .. } | Format::PayAsBid { .. } => {
            sealed_terms_agree(faults, terms);
            units::make_sense(faults, "/terms", &terms.format, terms.next_bidder_rule);
        }
        Format::Dutch { floor, decrement, .. } => {
            dutch::clock_makes_sense(faults, "/terms/format", terms.start_price, floor, decrement);
            dutch::terms_agree(faults, terms);
        }
        Format::Rounds { .. } => {
            may_descend(faults, "/terms/direction", terms.direction.is_ascending());
            faults
                .require(
                    can_be_reckoned(&terms.format),
                    "/terms/format",
                    "range",
                    "轮数或时长超出范围",
                    "rounds or lengths are out of range",
                )
                .require(
                    terms.closing_mode == ClosingMode::HardClose,
                    "/terms/closing_mode",
                    "contradiction",
                    "分轮报价没有可延时的时段",
                    "rounds have no periods that could be extended: hard_close",
                )
                .require(
                    !terms.proxy,
                    "/terms/proxy",
                    "contradiction",
                    "代理出价仅用于增价竞价",
                    "maxima are bid only in an ascending format",
                );
        }
    }
    if let Some(price) = terms.buy_now {
        let rises = terms.format.is_english() && terms.direction.is_ascending();
        buy_now_makes_sense(faults, "/terms/buy_now", price, terms.start_price, &terms.reserve, rises);
    }
    if terms.proxy {
        maxima_make_sense(faults, "/terms", terms.multiples_only, Some(&terms.step));
    }
    faults.instant("/terms/opens_at", Some(terms.opens_at)).require(
        (0..=LONGEST_GRACE_MS).contains(&terms.close_grace_ms),
        "/terms/close_grace_ms",
        "range",
        "须在 0 至 60000 毫秒之间",
        "must be between 0 and 60000 milliseconds",
    );
}

/// Whether terms of sealed bids ask for nothing that there is for open bids alone.
fn sealed_terms_agree(faults: &mut Faults, terms: &LotTerms) {
    let descends = matches!(terms.format, Format::FirstPrice { .. } | Format::OneShot { .. });
    may_descend(faults, "/terms/direction", terms.direction.is_ascending() || descends);
    let tie_round = terms.format.tie_round_seconds();
    faults
        .require(
            terms.closing_mode == ClosingMode::HardClose,
            "/terms/closing_mode",
            "contradiction",
            "密封报价须到时结束",
            "sealed bids end at the announced time: hard_close",
        )
        .require(
            tie_round.is_none_or(|seconds| (1..=LONGEST_TIE_ROUND).contains(&seconds)),
            "/terms/format/tie_round_seconds",
            "range",
            "须在 1 至 86400 秒之间",
            "must be between 1 and 86400 seconds",
        )
        .require(!terms.proxy, "/terms/proxy", "contradiction", "代理出价仅用于增价竞价", "maxima are bid only in an ascending format");
}

fn check_names(faults: &mut Faults, bidders: &[String]) {
    let mut known = BTreeSet::new();
    for (index, name) in bidders.iter().enumerate() {
        let place = format!("/bidders/{index}");
        faults.name(&place, name, 100).require(known.insert(name), &place, "repeated", "不得重复", "nobody twice");
    }
}

/// Rights of pre-emption are held by those who may bid, where the terms know of such rights.
fn check_holders(faults: &mut Faults, file: &File) {
    let announced = file.holders.is_empty() || file.terms.preemption.is_some();
    faults.require(announced, "/holders", "unknown_field", "条件中没有优先购买权", "the terms know of no right of pre-emption");
    for (name, rank) in &file.holders {
        faults
            .require(file.bidders.contains(name), "/holders", "unknown", &format!("没有竞买人 {name}"), &format!("{name} is no bidder"))
            .require(*rank >= 1, "/holders", "range", "顺位须至少为 1", "a rank is at least 1");
    }
}

/// Where the price is one indicator among others, every bidder is scored for those, and nobody else.
fn check_scores(faults: &mut Faults, file: &File) {
    let wanted = criteria(&file.terms.format);
    for name in &file.bidders {
        let given = file.scores.get(name).map(Vec::as_slice).unwrap_or_default();
        faults.require(
            are_complete(wanted, given),
            "/scores",
            "criterion",
            &format!("{name} 的评分须与各项指标逐一对应"),
            &format!("the scores of {name} must be those of the indicators, one for each in their order"),
        );
    }
    for name in file.scores.keys().filter(|name| !file.bidders.contains(name)) {
        faults.require(false, "/scores", "unknown", &format!("没有竞买人 {name}"), &format!("{name} is no bidder"));
    }
}

/// The secret reserve, which must be the one the terms are committed to.
fn opened(faults: &mut Faults, file: &File) -> Option<OpenedReserve> {
    let is_secret = matches!(file.terms.reserve, Reserve::Secret { .. });
    faults
        .require(
            !is_secret || file.secret_reserve.is_some(),
            "/secret_reserve",
            "missing_field",
            "保留价保密时须填写",
            "missing: the terms have a secret reserve",
        )
        .require(
            is_secret || file.secret_reserve.is_none(),
            "/secret_reserve",
            "unknown_field",
            "条件中没有保密的保留价",
            "the terms have no secret reserve",
        );
    let (Reserve::Secret { commitment }, Some(secret)) = (&file.terms.reserve, &file.secret_reserve) else { return None };
    let salt: Option<[u8; 16]> = unhex(&secret.salt).and_then(|bytes| bytes.try_into().ok());
    faults.require(salt.is_some(), "/secret_reserve/salt", "salt", "须为 16 字节的十六进制", "must be 16 bytes in hexadecimal");
    let salt = salt?;
    let made = reserve::commitment(&salt, secret.amount);
    faults.require(
        *commitment == made,
        "/terms/reserve/commitment",
        "commitment",
        &format!("与 secret_reserve 不符，应为 {made}"),
        &format!("does not follow from secret_reserve, which makes {made}"),
    );
    reserve::unpack(&reserve::pack(&salt, secret.amount), secret.amount.currency)
}

/// The events, of which none lies before the one above it is over.
fn events(faults: &mut Faults, entries: Vec<Entry>, opens_at: Timestamp, bidders: &[String]) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for (index, entry) in entries.into_iter().enumerate() {
        let place = format!("/events/{index}");
        let at = instant(entry.at, opens_at);
        let deed = deed(faults, &place, entry, bidders);
        let place = format!("{place}/at");
        faults.require(at.is_some(), &place, "range", "时间超出范围", "the time is out of range");
        let Some(at) = at else { continue };
        let in_order = events.last().is_none_or(|before| before.is_over_at() <= at);
        let (zh, en) = ("不得早于前一事件，也不得在系统中断期间", "must not lie before the event above it, nor within an outage");
        faults.require(in_order, &place, "order", zh, en);
        events.extend(deed.map(|deed| Event { at, deed }));
    }
    events
}

fn instant(when: When, opens_at: Timestamp) -> Option<Timestamp> {
    let at = match when {
        When::At(at) => Some(micros(at)),
        When::After(seconds) => TimeDelta::try_seconds(seconds).and_then(|after| opens_at.checked_add_signed(after)),
    };
    at.filter(|at| YEARS.contains(&at.year()))
}

/// What an entry says is done, where it says all that its kind needs and nothing else.
fn deed(faults: &mut Faults, place: &str, entry: Entry, bidders: &[String]) -> Option<Deed> {
    let wanted: &[&str] = match entry.kind {
        Kind::Bid | Kind::FirstOffer => &["bidder", "price"],
        Kind::Pause | Kind::Resume | Kind::Abort => &["reason"],
        Kind::Extend => &["seconds", "reason"],
        Kind::Suspend | Kind::Reinstate => &["bidder", "reason"],
        Kind::BuyNow => &["bidder"],
        Kind::Answer => &["bidder", "takes"],
        Kind::Outage => &["seconds"],
    };
    let given = [
        ("bidder", entry.bidder.is_some()),
        ("price", entry.price.is_some()),
        ("seconds", entry.seconds.is_some()),
        ("reason", entry.reason.is_some()),
        ("takes", entry.takes.is_some()),
    ];
    for (name, given) in given {
        let (place, wanted) = (format!("{place}/{name}"), wanted.contains(&name));
        faults.require(given || !wanted, &place, "missing_field", "此类事件须填写", "missing: an event of this kind has it").require(
            wanted || !given,
            &place,
            "unknown_field",
            "此类事件没有该项",
            "an event of this kind does not have it",
        );
    }
    let bidder = entry.bidder.as_ref().and_then(|name| bidders.iter().position(|known| known == name));
    if entry.bidder.is_some() && bidder.is_none() {
        faults.push(Fault::new(&format!("{place}/bidder"), "unknown_bidder", "不在竞买人之列", "is not one of the bidders"));
    }
    if matches!(entry.kind, Kind::Outage) {
        lengths_make_sense(faults, place, [("seconds", entry.seconds)]);
    }
    let reason = entry.reason;
    Some(match entry.kind {
        Kind::Bid => {
            let further_units = entry.further_units.unwrap_or_default();
            Deed::Bid { bidder: bidder?, price: entry.price?, further_units, confirmed: entry.confirmed.unwrap_or_default() }
        }
        Kind::Pause => Deed::Pause { reason: reason? },
        Kind::Resume => Deed::Resume { reason: reason? },
        Kind::Extend => Deed::Extend { seconds: entry.seconds?, reason: reason? },
        Kind::Suspend => Deed::Suspend { bidder: bidder?, reason: reason? },
        Kind::Reinstate => Deed::Reinstate { bidder: bidder?, reason: reason? },
        Kind::BuyNow => Deed::BuyNow { bidder: bidder? },
        Kind::FirstOffer => Deed::FirstOffer { bidder: bidder?, price: entry.price?, confirmed: entry.confirmed.unwrap_or_default() },
        Kind::Answer => Deed::Answer { bidder: bidder?, takes: entry.takes? },
        Kind::Outage => Deed::Outage { seconds: entry.seconds? },
        Kind::Abort => Deed::Abort { reason: reason? },
    })
}
