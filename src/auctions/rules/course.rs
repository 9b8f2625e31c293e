//! The published course of a lot (竞价过程): all that anybody needs to recompute it without a database.

use chrono::{DateTime, Utc};
use entity::auctions::{LotState, LotTerms, UnitAward, lot, lot_event};
use entity::ids::{ListingId, LotId};
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::published::PublishedBuyer;
use super::receipt::ReceiptKeys;
use crate::platform::keys::{hex, sha256};

/// What a course is called.
pub const SCHEMA: &str = "zhepai-lot-course";
/// The version of its form.
pub const SCHEMA_VERSION: u32 = 1;

/// The course of a lot that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LotCourse {
    /// `zhepai-lot-course`.
    pub schema: String,
    /// The version of this form.
    pub schema_version: u32,
    /// The lot.
    pub lot: CourseHead,
    /// How it was bid for, exactly as hashed at the announcement.
    pub terms_text: String,
    /// SHA-256 of `terms_text`; the log's first event says it too.
    pub terms_sha256: String,
    /// The whole log, from the announcement on, under pseudonyms.
    pub events: Vec<CourseEvent>,
    /// How it ended.
    pub outcome: CourseOutcome,
    /// What its receipts verify with.
    pub receipt_keys: ReceiptKeys,
}

/// Which lot a course is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CourseHead {
    /// Id.
    pub id: LotId,
    /// Of which listing.
    pub listing_id: ListingId,
    /// Title.
    pub title: String,
    /// Sandbox rehearsal without legal effect.
    pub rehearsal: bool,
}

/// An event of a course.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CourseEvent {
    /// Number, from 1 without gaps.
    pub seq: i64,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The public body exactly as hashed.
    pub body_text: String,
    /// Hash of the event before.
    pub prev_hash: String,
    /// SHA-256 over the previous hash, the lot's id, number, time (microseconds) and body.
    pub hash: String,
}

/// How a lot ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CourseOutcome {
    /// Where it stands.
    pub state: LotState,
    /// Who has it, under the pseudonym; of several units whoever bid best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<String>,
    /// For how much. Of several units: what one costs where all pay one price, and where each pays his own the best of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// Where several units are sold: who has how many, and what he pays for all of his, whoever bid best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awards: Vec<UnitAward>,
    /// Who the buyers are, as the published notices of the result tell it, the first published first; absent before one is. It follows
    /// from nothing in the log. Where the winner was in default it may be the next bidder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub published: Vec<PublishedBuyer>,
}

/// The text of terms whose hash the announcement says.
pub fn terms_text(terms: &LotTerms) -> String {
    serde_json::to_string(terms).unwrap_or_default()
}

impl LotCourse {
    /// The course of a lot with its whole log.
    pub fn of(lot: &lot::Model, events: Vec<lot_event::Model>, receipt_keys: ReceiptKeys) -> Self {
        let terms_text = terms_text(&lot.terms);
        Self {
            schema: SCHEMA.into(),
            schema_version: SCHEMA_VERSION,
            lot: CourseHead { id: lot.id, listing_id: lot.listing_id, title: lot.title.clone(), rehearsal: lot.rehearsal },
            terms_sha256: hex(&sha256(terms_text.as_bytes())),
            terms_text,
            events: events.into_iter().map(CourseEvent::from).collect(),
            outcome: CourseOutcome::of(lot),
            receipt_keys,
        }
    }
}

impl From<lot_event::Model> for CourseEvent {
    fn from(event: lot_event::Model) -> Self {
        let (prev_hash, hash) = (hex(&event.prev_hash), hex(&event.hash));
        Self { seq: event.seq, at: event.at, body_text: event.body, prev_hash, hash }
    }
}

impl CourseOutcome {
    /// How a lot stands that has ended, before a result is published.
    pub fn of(lot: &lot::Model) -> Self {
        let sold = lot.state == LotState::ClosedSold;
        let price = lot.price_minor.map(|minor| Money { minor, currency: lot.currency });
        let awards = lot.opened.as_ref().map(|opened| opened.awards.clone()).unwrap_or_default();
        let winner = lot.leader_pseudonym.clone().filter(|_| sold);
        Self { state: lot.state, winner, price: price.filter(|_| sold), awards, published: Vec::new() }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use entity::auctions::Direction;

    use crate::auctions::rules::tests::terms;

    #[test]
    fn terms_that_were_announced_are_told_for_ever_as_they_were_hashed() {
        let announced = r#"{"closing_mode":"soft_close","start_price":{"amount":"100.00","currency":"CNY"},"reserve":{"kind":"none"},"#
            .to_owned()
            + r#""step":{"kind":"fixed","amount":{"amount":"10.00","currency":"CNY"}},"step_base":"start_price","#
            + r#""multiples_only":true,"enforce_step":true,"allow_self_raise":false,"opens_at":"2023-11-14T22:13:20Z","#
            + r#""free_period_seconds":3600,"timed_cycle_seconds":300,"max_duration_seconds":null,"min_bidders":1,"#
            + r#""next_bidder_rule":false,"auction_licence":null,"close_grace_ms":300,"rulebook_version":1}"#;
        assert_eq!(terms_text(&terms()), announced);
        let falling = LotTerms { direction: Direction::Descending, ..terms() };
        assert!(terms_text(&falling).ends_with(r#""rulebook_version":1,"direction":"descending"}"#));
        // A parameter that comes later is not told of lots from before it.
        let kept: LotTerms = serde_json::from_value(serde_json::from_str(&announced).unwrap()).unwrap();
        assert_eq!(terms_text(&kept), announced);
    }
}
