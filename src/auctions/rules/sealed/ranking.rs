//! In which order opened bids stand.

use std::cmp::Ordering;

use entity::Timestamp;
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A bid after the opening: anybody can recompute its commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenedBid {
    /// The bidder's pseudonym in this lot.
    pub bidder: String,
    /// The price.
    pub price: Money,
    /// When it counts as arrived.
    #[schema(value_type = chrono::DateTime<chrono::Utc>)]
    pub at: Timestamp,
    /// In which order it was sealed: of two sealed at one instant the lower was first.
    pub order: i64,
    /// The salt, hexadecimal.
    pub salt: String,
    /// The commitment that was made when it was sealed, hexadecimal.
    pub commitment: String,
    /// Where several units are sold: the prices of those beside the first, from the best on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_units: Vec<Money>,
}

/// The better of two bids comes first: the higher; of equals, where they are tied a second time, the one whose bidder was
/// ahead before (`tied`, best first); then the one sealed earlier.
pub fn better(tied: &[String], one: &OpenedBid, other: &OpenedBid) -> Ordering {
    let place = |bid: &OpenedBid| tied.iter().position(|bidder| *bidder == bid.bidder);
    let higher = other.price.minor.cmp(&one.price.minor);
    higher.then_with(|| place(one).cmp(&place(other))).then_with(|| (one.at, one.order).cmp(&(other.at, other.order)))
}
