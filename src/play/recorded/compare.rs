//! What came out, held against the record.

use serde_json::Value;

use super::Auction;
use crate::play::{instant, text};

/// How one auction came out.
pub struct Outcome {
    /// Which.
    pub auction: String,
    /// What differed from the record; empty if nothing did.
    pub differences: Vec<String>,
    /// A line about it.
    pub line: String,
}

/// Compares a lot that has ended with its auction, whose winner has this pseudonym; `differences` were found on the way.
pub(super) fn compare(auction: &Auction, lot: &Value, winner: Option<&str>, mut differences: Vec<String>) -> Outcome {
    let mut differ = |what: &str, ours: String, recorded: &str| {
        if ours != recorded {
            differences.push(format!("{what} is {ours}, recorded {recorded}"));
        }
    };
    differ("the state", text(&lot["state"]), "closed_sold");
    differ("the final price", text(&lot["price"]["amount"]), &auction.price.decimal());
    differ("the winner", text(&lot["leader"]), winner.unwrap_or("nobody who bid"));
    // How long a round among equals lasts is not on record.
    if !auction.tied {
        differ("the end", instant(&lot["closes_at"]).to_rfc3339(), &auction.end.to_rfc3339());
    }
    let verdict = if differences.is_empty() { "passed" } else { "FAILED" };
    let line = format!(
        "{verdict} auction {:>4}: {} bids, price {}, ended {}",
        auction.id,
        lot["bid_count"],
        text(&lot["price"]["amount"]),
        text(&lot["closes_at"])
    );
    Outcome { auction: auction.id.clone(), differences, line }
}
