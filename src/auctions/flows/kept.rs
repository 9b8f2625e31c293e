//! A bid's outcome as it is kept with its key: what can be made again of the rest is left out, for every bid leaves one.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use entity::Timestamp;
use entity::ids::{LotId, ReceiptTreeId};
use entity::money::Money;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bid::Receipt;
use super::receipt_tree::Leaf;
use crate::auctions::rules::receipt::{BidStatement, SignedReceipt};
use crate::platform::keys::{hex, unhex};

/// Bytes of a hash.
const HASH: usize = 32;

#[derive(Serialize, Deserialize)]
struct Kept {
    lot_id: LotId,
    seq: i64,
    bidder: String,
    price: Money,
    arrived_at: Timestamp,
    closes_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
    /// Where what was signed is kept with that of others: in which tree, and which leaf of it is the statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tree: Option<ReceiptTreeId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leaf: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    leader: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maximum: Option<Money>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed: Option<Vec<u8>>,
    /// The hash as it was kept before.
    #[serde(default, skip_serializing)]
    log_hash: Vec<u8>,
    /// A receipt that was kept whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signed: Option<SignedReceipt>,
}

/// A signed receipt without its statement.
#[derive(Serialize, Deserialize)]
struct Proof {
    leaf: u64,
    of: u64,
    /// The hashes of the path, one after the other.
    path: String,
    jws: String,
}

impl Proof {
    /// What is kept of a receipt, if the statement is what the rest says and the path is one.
    fn of(signed: &SignedReceipt, statement: &BidStatement) -> Option<Self> {
        let steps = signed.path.iter().map(|step| unhex(step).filter(|hash| hash.len() == HASH));
        let path: Vec<Vec<u8>> = steps.collect::<Option<_>>()?;
        (signed.statement == *statement).then(|| Self {
            leaf: signed.leaf_index,
            of: signed.tree_size,
            path: STANDARD_NO_PAD.encode(path.concat()),
            jws: signed.jws.clone(),
        })
    }

    fn made_whole(self, statement: BidStatement) -> Option<SignedReceipt> {
        let path = STANDARD_NO_PAD.decode(&self.path).ok()?;
        let path = path.chunks(HASH).map(hex).collect();
        Some(SignedReceipt { statement, leaf_index: self.leaf, tree_size: self.of, path, jws: self.jws })
    }
}

/// What is signed of a bid that hides nothing.
pub(super) fn statement(receipt: &Receipt) -> BidStatement {
    BidStatement {
        arrived_at: receipt.arrived_at,
        bidder: receipt.bidder.clone(),
        closes_at: receipt.closes_at,
        commitment: None,
        log_hash: hex(&receipt.log_hash),
        lot_id: receipt.lot_id,
        maximum: None,
        price: receipt.price,
        seq: receipt.seq,
    }
}

impl Serialize for Receipt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let signed = self.signed.as_ref().filter(|_| self.leaf.is_none());
        let proof = signed.and_then(|signed| Proof::of(signed, &statement(self)));
        let kept = Kept {
            lot_id: self.lot_id,
            seq: self.seq,
            bidder: self.bidder.clone(),
            price: self.price,
            arrived_at: self.arrived_at,
            closes_at: self.closes_at,
            hash: Some(hex(&self.log_hash)),
            signed: if proof.is_some() { None } else { signed.cloned() },
            proof,
            tree: self.leaf.map(|leaf| leaf.tree),
            leaf: self.leaf.map(|leaf| leaf.place),
            leader: self.leader.clone(),
            maximum: self.maximum,
            sealed: self.sealed.clone(),
            log_hash: Vec::new(),
        };
        kept.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Receipt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kept = Kept::deserialize(deserializer)?;
        let log_hash = match kept.hash {
            Some(text) => unhex(&text).ok_or_else(|| D::Error::custom("no hash"))?,
            None => kept.log_hash,
        };
        let mut receipt = Self {
            lot_id: kept.lot_id,
            seq: kept.seq,
            bidder: kept.bidder,
            price: kept.price,
            arrived_at: kept.arrived_at,
            closes_at: kept.closes_at,
            log_hash,
            signed: kept.signed,
            leaf: kept.tree.zip(kept.leaf).map(|(tree, place)| Leaf { tree, place }),
            leader: kept.leader,
            maximum: kept.maximum,
            sealed: kept.sealed,
        };
        if let Some(proof) = kept.proof {
            let whole = proof.made_whole(statement(&receipt)).ok_or_else(|| D::Error::custom("no path"))?;
            receipt.signed = Some(whole);
        }
        Ok(receipt)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::DateTime;
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn receipt() -> Receipt {
        let at = |micros: i64| DateTime::from_timestamp_micros(1_772_413_200_000_000 + micros).unwrap();
        let mut receipt = Receipt {
            lot_id: LotId(Uuid::from_u128(1)),
            seq: 7,
            bidder: "竞买人 1".into(),
            price: Money::fen(10_100),
            arrived_at: at(1),
            closes_at: at(2),
            log_hash: vec![171; HASH],
            signed: None,
            leaf: None,
            leader: None,
            maximum: None,
            sealed: None,
        };
        let path = vec![hex(&[1; HASH]), hex(&[2; HASH])];
        receipt.signed = Some(SignedReceipt { statement: statement(&receipt), leaf_index: 2, tree_size: 4, path, jws: "a.b.c".into() });
        receipt
    }

    fn read(kept: &Value) -> Receipt {
        serde_json::from_value(kept.clone()).unwrap()
    }

    fn parts(receipt: &Receipt) -> (Option<SignedReceipt>, Vec<u8>, i64) {
        (receipt.signed.clone(), receipt.log_hash.clone(), receipt.seq)
    }

    #[test]
    fn what_is_kept_is_short_and_makes_the_same_receipt_again() {
        let receipt = receipt();
        let kept = serde_json::to_value(&receipt).unwrap();
        assert!(kept.get("signed").is_none() && kept["proof"].get("statement").is_none(), "{kept}");
        assert_eq!(parts(&read(&kept)), parts(&receipt));
    }

    #[test]
    fn what_is_kept_with_that_of_others_is_not_kept_twice() {
        let leaf = Leaf { tree: ReceiptTreeId(Uuid::from_u128(9)), place: 2 };
        let kept = serde_json::to_value(Receipt { leaf: Some(leaf), ..receipt() }).unwrap();
        assert!(kept.get("proof").is_none() && kept.get("signed").is_none(), "{kept}");
        let read = read(&kept);
        assert_eq!((read.leaf, read.signed), (Some(leaf), None));
    }

    #[test]
    fn a_receipt_that_says_more_than_the_outcome_is_kept_whole() {
        let mut receipt = receipt();
        receipt.signed.as_mut().unwrap().statement.maximum = Some(Money::fen(20_000));
        let kept = serde_json::to_value(&receipt).unwrap();
        assert!(kept.get("proof").is_none(), "{kept}");
        assert_eq!(parts(&read(&kept)), parts(&receipt));
    }

    #[test]
    fn what_was_kept_before_is_read() {
        let receipt = receipt();
        let mut kept = serde_json::to_value(&receipt).unwrap();
        let members = kept.as_object_mut().unwrap();
        members.remove("hash");
        members.remove("proof");
        members.insert("log_hash".into(), json!(receipt.log_hash));
        members.insert("signed".into(), json!(receipt.signed));
        assert_eq!(parts(&read(&kept)), parts(&receipt));
    }
}
