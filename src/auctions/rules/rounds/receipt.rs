//! The receipt of a bid of a turn: what the platform says of it to its bidder alone, signed. It has no number in the log, which
//! shows what the turn came to when it ends; the log it names is the one everybody sees.

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use entity::Timestamp;
use entity::ids::LotId;
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auctions::rules::receipt::{Proof, ReceiptKey, Unsound, leaf, prove, read_as, sign_leaf};

/// What the platform says of a bid of a turn. Its members stand in the order of their names, so that it is canonical JSON
/// (RFC 8785) as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnBidStatement {
    /// When the bid counts as arrived.
    pub arrived_at: DateTime<Utc>,
    /// The bidder's pseudonym in the lot.
    pub bidder: String,
    /// Hash of the lot's log as everybody saw it then.
    pub log_hash: String,
    /// The lot.
    pub lot_id: LotId,
    /// The price.
    pub price: Money,
    /// The round, from 1.
    pub round: u32,
    /// The turn in that round, from 1.
    pub turn: u32,
}

/// A statement about a bid of a turn with what shows that the platform made it: of the form every receipt has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TurnReceipt {
    /// What is said. The leaf is its canonical JSON (RFC 8785).
    pub statement: TurnBidStatement,
    /// The place of its leaf in the tree, from 0.
    pub leaf_index: u64,
    /// How many leaves the tree has.
    pub tree_size: u64,
    /// The hashes from the leaf to the root (RFC 6962), hexadecimal.
    pub path: Vec<String>,
    /// What is signed (JWS, compact) over the tree's `root`, its `size`, and when it was `signed_at`.
    pub jws: String,
}

/// The receipt that a statement makes, which is a tree by itself. Nothing in it is drawn: the same statement, signed at the same
/// instant, gives the same receipt.
pub fn issue(statement: TurnBidStatement, key: &SigningKey, at: Timestamp) -> TurnReceipt {
    let jws = sign_leaf(key, &leaf(&statement), at);
    TurnReceipt { statement, leaf_index: 0, tree_size: 1, path: Vec::new(), jws }
}

/// Reads a receipt: by itself, or in the answer to the bid.
pub fn read(text: &str) -> Option<TurnReceipt> {
    read_as(text)
}

/// Whether one of the keys signed the root a statement leads to; the id of that key.
pub fn check(receipt: &TurnReceipt, keys: &[ReceiptKey]) -> Result<String, Unsound> {
    let TurnReceipt { statement, leaf_index, tree_size, path, jws } = receipt;
    prove(&Proof { leaf: leaf(statement), leaf_index: *leaf_index, tree_size: *tree_size, path, jws }, keys)
}
