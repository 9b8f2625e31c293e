//! In which order opened bids stand.

use entity::Timestamp;
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auctions::rules::precedence::Claim;

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

impl OpenedBid {
    /// What decides where it stands: its price; of equals, where they are tied a second time, whether its bidder was ahead before
    /// (`tied`, best first); then when it was sealed.
    pub fn claim(&self, tied: &[String]) -> Claim<(Timestamp, i64)> {
        let place = tied.iter().position(|bidder| *bidder == self.bidder);
        Claim { place, ..Claim::at(self.price.minor, (self.at, self.order)) }
    }
}
