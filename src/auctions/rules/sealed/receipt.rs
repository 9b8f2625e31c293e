//! The receipt of a sealed bid: what the platform says of it to its bidder alone, signed. It has no number, which would tell
//! how many have bid; the log it names is the one everybody sees.

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use entity::Timestamp;
use entity::ids::LotId;
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auctions::rules::receipt::{Proof, ReceiptKey, Unsound, leaf, prove, read_as, sign_leaf};

/// What the platform says of a sealed bid. Its members stand in the order of their names, so that it is canonical JSON
/// (RFC 8785) as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SealedBidStatement {
    /// When the bid counts as arrived.
    pub arrived_at: DateTime<Utc>,
    /// The bidder's pseudonym in the lot.
    pub bidder: String,
    /// SHA-256 of `zhepai/sealed-bid/1`, the lot's id, the salt, and the amount in fen (eight bytes, big-endian), followed by
    /// those of further units.
    pub commitment: String,
    /// Where several units are sold: the prices of those beside the first, from the best on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_units: Vec<Money>,
    /// Hash of the lot's log as everybody saw it then.
    pub log_hash: String,
    /// The lot.
    pub lot_id: LotId,
    /// The price.
    pub price: Money,
    /// The round: 1, 2 for the one among equals, or 3 for the one among holders of a right of pre-emption.
    pub round: i32,
    /// The salt, hexadecimal.
    pub salt: String,
}

/// A statement about a sealed bid with what shows that the platform made it: of the form every receipt has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SealedReceipt {
    /// What is said. The leaf is its canonical JSON (RFC 8785).
    pub statement: SealedBidStatement,
    /// The place of its leaf in the tree, from 0.
    pub leaf_index: u64,
    /// How many leaves the tree has.
    pub tree_size: u64,
    /// The hashes from the leaf to the root (RFC 6962), hexadecimal.
    pub path: Vec<String>,
    /// What is signed (JWS, compact) over the tree's `root`, its `size`, and when it was `signed_at`.
    pub jws: String,
}

/// What is signed of a statement, which is a tree by itself.
pub fn sign(statement: &SealedBidStatement, key: &SigningKey, now: Timestamp) -> String {
    sign_leaf(key, &leaf(statement), now)
}

impl SealedReceipt {
    /// The receipt that a statement makes with what was signed of it.
    pub fn of(statement: SealedBidStatement, jws: String) -> Self {
        Self { statement, leaf_index: 0, tree_size: 1, path: Vec::new(), jws }
    }
}

/// Reads a receipt: by itself, or in the answer to the bid.
pub fn read(text: &str) -> Option<SealedReceipt> {
    read_as(text)
}

/// Whether one of the keys signed the root a statement leads to; the id of that key.
pub fn check(receipt: &SealedReceipt, keys: &[ReceiptKey]) -> Result<String, Unsound> {
    let SealedReceipt { statement, leaf_index, tree_size, path, jws } = receipt;
    prove(&Proof { leaf: leaf(statement), leaf_index: *leaf_index, tree_size: *tree_size, path, jws }, keys)
}
