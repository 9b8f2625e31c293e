//! What live feeds say of lots.

use chrono::{DateTime, Utc};
use entity::auctions::{Asking, LotState, Pause, RoundsBook, TieRound, UnitAward, lot};
use entity::ids::LotId;
use entity::money::Money;
use serde::Serialize;

use super::{LotEventView, LotView};
use crate::auctions::rules::buy_now::on_offer;
use crate::auctions::rules::dutch::counts_from;
use crate::platform::keys::{hex, sha256};

/// Where a lot stands after an event of its log: what the log alone makes of it, under the names a lot is read with. What there is none
/// of is null, so that it can be laid over what was known before.
#[derive(Clone, Debug, Serialize)]
pub struct LotStanding {
    /// Number of the event; the version.
    pub version: i64,
    /// Hash of the log up to and with it.
    pub log_hash: String,
    /// Where the lot stands.
    pub state: LotState,
    /// The interruption it is in.
    pub pause: Option<Pause>,
    /// The price that stands.
    pub price: Option<Money>,
    /// Who holds it, under the pseudonym.
    pub leader: Option<String>,
    /// The rank of the leader's right of pre-emption.
    pub leader_priority: Option<i32>,
    /// The holders of a right of pre-emption who are asked.
    pub asking: Option<Asking>,
    /// Where the best sealed bids were equal: who may seal one more.
    pub tie_round: Option<TieRound>,
    /// The price at which it can be bought at once.
    pub buy_now: Option<Money>,
    /// How many bids.
    pub bid_count: i64,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// On a falling clock: from when on its ticks are counted.
    pub counts_from: Option<DateTime<Utc>>,
    /// In a hosted session: when it opens by itself if the host is late.
    pub opens_by: Option<DateTime<Utc>>,
    /// When it closes unless extended.
    pub closes_at: DateTime<Utc>,
    /// By rounds: the offers, and whose turn it is until when.
    pub book: Option<RoundsBook>,
    /// Where several units were sold: who has how many; otherwise empty.
    pub awards: Vec<UnitAward>,
}

impl LotStanding {
    /// Of a lot as its row stands.
    pub fn of(row: &lot::Model) -> Self {
        Self {
            version: row.seq,
            log_hash: hex(&row.head_hash),
            state: row.state,
            pause: row.pause.clone(),
            price: row.price_minor.map(|minor| Money { minor, currency: row.currency }),
            leader: row.leader_pseudonym.clone(),
            leader_priority: row.leader_priority,
            asking: row.asking.clone(),
            tie_round: row.opened.as_ref().and_then(|opened| opened.tie.clone()),
            buy_now: on_offer(row),
            bid_count: row.bid_count,
            opens_at: row.opens_at,
            counts_from: counts_from(row),
            opens_by: row.opens_by,
            closes_at: row.closes_at,
            book: row.book.clone(),
            awards: row.opened.as_ref().map(|opened| opened.awards.clone()).unwrap_or_default(),
        }
    }

    /// SHA-256 of it as JSON with members in the order of their names and no spaces (RFC 8785), hexadecimal.
    pub fn hash(&self) -> String {
        // The members of a JSON value stand in the order of their names.
        serde_json::to_value(self).map(|value| hex(&sha256(value.to_string().as_bytes()))).unwrap_or_default()
    }
}

/// What a feed of a lot begins with, unless it goes on from an event.
#[derive(Clone, Debug, Serialize)]
pub struct LotSnapshot {
    /// The lot as it is read, without `allowed_deeds`.
    pub lot: LotView,
    /// Where it stands, as every later event tells it.
    pub state: LotStanding,
    /// SHA-256 of `state` as JSON with members in the order of their names and no spaces (RFC 8785), hexadecimal.
    pub state_hash: String,
    /// The server's time when this was said.
    pub server_time: DateTime<Utc>,
}

/// How far the log of a lot went on since it was told of last: no gap means that `from_seq` follows the `seq` before.
#[derive(Clone, Debug, Serialize)]
pub struct LotDelta {
    /// The lot.
    pub lot_id: LotId,
    /// Number of the first event told of.
    pub from_seq: i64,
    /// Number of the last.
    pub seq: i64,
    /// The events, the first 32 where there are more: the log after the last of them has the rest.
    pub entries: Vec<LotEventView>,
    /// Where the lot stands after the last event.
    pub state: LotStanding,
    /// SHA-256 of `state` as JSON with members in the order of their names and no spaces (RFC 8785), hexadecimal.
    pub state_hash: String,
    /// The lowest price the next bid may have, in a descending lot the highest, on a falling clock the price now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_price: Option<Money>,
    /// The server's time when this was said.
    pub server_time: DateTime<Utc>,
}

/// Where a lot of a session stands.
#[derive(Clone, Debug, Serialize)]
pub struct LotStood {
    /// The lot.
    pub lot_id: LotId,
    /// Where it stands.
    pub state: LotStanding,
    /// SHA-256 of `state` as JSON with members in the order of their names and no spaces (RFC 8785), hexadecimal.
    pub state_hash: String,
}

impl LotStood {
    /// Of a lot as its row stands.
    pub fn of(row: &lot::Model) -> Self {
        let state = LotStanding::of(row);
        Self { lot_id: row.id, state_hash: state.hash(), state }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::LotTerms;
    use entity::ids::ListingId;
    use serde_json::{Map, Value};
    use uuid::Uuid;

    use super::*;
    use crate::auctions::rules::announce::blank;

    /// The lot of the seed terms, as it is before anything happened in it.
    fn row() -> lot::Model {
        let terms: LotTerms = crate::auctions::rules::tests::terms();
        blank(LotId(Uuid::from_u128(7)), ListingId(Uuid::from_u128(8)), "一种技术".into(), terms)
    }

    #[test]
    fn whoever_reads_a_state_can_compute_its_hash() {
        let state = LotStanding::of(&row());
        let told: Map<String, Value> = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
        let mut names: Vec<_> = told.keys().collect();
        names.sort();
        let written: Vec<_> = names.into_iter().map(|name| format!("\"{name}\":{}", told[name])).collect();
        assert_eq!(state.hash(), hex(&sha256(format!("{{{}}}", written.join(",")).as_bytes())));
    }

    #[test]
    fn whatever_changes_in_a_state_changes_its_hash() {
        let (before, mut after) = (LotStanding::of(&row()), row());
        after.bid_count += 1;
        assert_ne!(before.hash(), LotStanding::of(&after).hash());
    }

    #[test]
    fn what_there_is_none_of_is_null() {
        let told = serde_json::to_value(LotStanding::of(&row())).unwrap();
        for name in ["pause", "price", "leader", "asking", "tie_round", "opens_by", "book"] {
            assert_eq!(told.get(name), Some(&Value::Null), "{name}");
        }
    }
}
