//! What happens in a described auction: how it is written, and what it means.

use chrono::{Datelike, TimeDelta};
use entity::money::Money;
use entity::{Timestamp, micros};
use serde::{Deserialize, Serialize};

use crate::listings::rules::offer::lengths_make_sense;
use crate::platform::problem::{Fault, Faults, YEARS};

/// One event. All kinds are read by one form, so that what is wrong is pointed at by its own name.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
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

/// Members that only some events have, named where another has them.
pub(super) fn check_members(faults: &mut Faults, entries: &[Entry], several_units: bool) {
    for (index, entry) in entries.iter().enumerate() {
        faults.require(
            entry.further_units.is_none() || (matches!(entry.kind, Kind::Bid) && several_units),
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
}

/// The events, of which none lies before the one above it is over.
pub(super) fn in_order(faults: &mut Faults, entries: Vec<Entry>, opens_at: Timestamp, bidders: &[String]) -> Vec<Event> {
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
