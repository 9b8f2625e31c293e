//! The receipt of a bid that counts (回执): what the platform says of it, signed, so that it can be held against the
//! published course for ever.
//!
//! What one transaction accepted is signed once: each statement is a leaf of a Merkle tree, the signature is over its root.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use entity::Timestamp;
use entity::auctions::receipt_key;
use entity::ids::LotId;
use entity::money::Money;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::merkle::{self, Hash};
use crate::platform::keys::{hex, sha256, unhex};

const TYPE: &str = "zhepai-receipt+jws";
const ALGORITHM: &str = "EdDSA";

/// What the platform says of a bid that counts. Its members stand in the order of their names, so that it is canonical
/// JSON (RFC 8785) as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BidStatement {
    /// When the bid counts as arrived.
    pub arrived_at: DateTime<Utc>,
    /// The bidder's pseudonym in the lot.
    pub bidder: String,
    /// When the lot now closes.
    pub closes_at: DateTime<Utc>,
    /// Where bids are maxima: the commitment to this one, as it stands in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<String>,
    /// Hash of the lot's log up to and with this bid.
    pub log_hash: String,
    /// The lot.
    pub lot_id: LotId,
    /// Where bids are maxima: the most the bidder would pay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Money>,
    /// The price; where bids are maxima, the one that stands after this one.
    pub price: Money,
    /// The bid's number in the lot's log.
    pub seq: i64,
}

/// The leaf of a statement of any kind: its canonical JSON, hashed.
pub fn leaf(statement: &impl Serialize) -> Hash {
    merkle::leaf(&serde_json::to_vec(statement).unwrap_or_default())
}

/// A statement with what shows that the platform made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignedReceipt {
    /// What is said. The leaf is its canonical JSON (RFC 8785).
    pub statement: BidStatement,
    /// The place of its leaf in the tree, from 0.
    pub leaf_index: u64,
    /// How many leaves the tree has.
    pub tree_size: u64,
    /// The hashes from the leaf to the root (RFC 6962), hexadecimal.
    pub path: Vec<String>,
    /// The signature (RFC 7515, compact) over the tree's `root`, its `size`, and when it was `signed_at`.
    pub jws: String,
}

/// A public key receipts verify with (RFC 7517, RFC 8037).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptKey {
    /// `OKP`.
    pub kty: String,
    /// `Ed25519`.
    pub crv: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// `EdDSA`.
    pub alg: String,
    /// Its id: the thumbprint of RFC 7638.
    pub kid: String,
    /// The key.
    pub x: String,
}

/// The public keys receipts verify with, those of earlier secrets too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReceiptKeys {
    /// The keys, oldest first.
    pub keys: Vec<ReceiptKey>,
}

impl ReceiptKey {
    /// The key with this public half.
    pub fn of(public: &[u8]) -> Self {
        let x = URL_SAFE_NO_PAD.encode(public);
        let kid = URL_SAFE_NO_PAD.encode(sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#).as_bytes()));
        Self { kty: "OKP".into(), crv: "Ed25519".into(), usage: "sig".into(), alg: ALGORITHM.into(), kid, x }
    }

    /// What verifies, if this is a key under its own id.
    fn verifying(&self) -> Option<VerifyingKey> {
        let public: [u8; 32] = URL_SAFE_NO_PAD.decode(&self.x).ok()?.try_into().ok()?;
        VerifyingKey::from_bytes(&public).ok().filter(|_| *self == Self::of(&public))
    }
}

impl From<Vec<receipt_key::Model>> for ReceiptKeys {
    fn from(rows: Vec<receipt_key::Model>) -> Self {
        Self { keys: rows.iter().map(|row| ReceiptKey::of(&row.public_key)).collect() }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// What is signed.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedRoot {
    root: String,
    signed_at: Timestamp,
    size: u64,
}

/// What one transaction accepted, signed for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Issued {
    /// A receipt for each statement.
    pub receipts: Vec<SignedReceipt>,
    /// The leaves of the tree they are all in.
    pub leaves: Vec<Hash>,
}

/// Receipts for what one transaction accepted: one signature over all of it.
pub fn issue(statements: &[BidStatement], key: &SigningKey, now: Timestamp) -> Vec<SignedReceipt> {
    issue_tree(statements, key, now).receipts
}

/// The same with the tree they are in.
pub fn issue_tree(statements: &[BidStatement], key: &SigningKey, now: Timestamp) -> Issued {
    let leaves: Vec<Hash> = statements.iter().map(leaf).collect();
    let Some((root, paths)) = merkle::tree(&leaves) else { return Issued::default() };
    let size = leaves.len() as u64;
    let jws = sign(key, &SignedRoot { root: hex(&root), signed_at: now, size });
    let receipt = |(leaf_index, (statement, path)): (u64, (&BidStatement, Vec<Hash>))| SignedReceipt {
        statement: statement.clone(),
        leaf_index,
        tree_size: size,
        path: path.iter().map(|step| hex(step)).collect(),
        jws: jws.clone(),
    };
    Issued { receipts: (0..).zip(statements.iter().zip(paths)).map(receipt).collect(), leaves }
}

/// The receipt for a statement again, from the tree it is in; nothing where the leaf at its place is another's.
pub fn issued_again(statement: BidStatement, leaf_index: u64, leaves: &[Hash], jws: &str) -> Option<SignedReceipt> {
    let place = usize::try_from(leaf_index).ok()?;
    if *leaves.get(place)? != leaf(&statement) {
        return None;
    }
    let (_, mut paths) = merkle::tree(leaves)?;
    let path = paths.swap_remove(place).iter().map(|step| hex(step)).collect();
    Some(SignedReceipt { statement, leaf_index, tree_size: leaves.len() as u64, path, jws: jws.into() })
}

/// What is signed of a leaf that is a tree by itself.
pub fn sign_leaf(key: &SigningKey, leaf: &Hash, now: Timestamp) -> String {
    sign(key, &SignedRoot { root: hex(leaf), signed_at: now, size: 1 })
}

fn sign(key: &SigningKey, root: &SignedRoot) -> String {
    sign_as(key, TYPE, root)
}

/// What is said, signed as a whole under a type of its own (RFC 7515, compact).
pub fn sign_as(key: &SigningKey, typ: &str, said: &impl Serialize) -> String {
    let kid = ReceiptKey::of(key.verifying_key().as_bytes()).kid;
    let whole = format!("{}.{}", encoded(&Header { alg: ALGORITHM.into(), kid, typ: typ.into() }), encoded(said));
    let signature = key.sign(whole.as_bytes()).to_bytes();
    format!("{whole}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// What was signed under a type by one of the keys, with the id of that key.
pub fn opened<T: DeserializeOwned>(jws: &str, typ: &str, keys: &[ReceiptKey]) -> Result<(T, String), Unsound> {
    let parts: Vec<&str> = jws.split('.').collect();
    let [head, payload, signature] = parts.as_slice() else { return Err(Unsound::Unreadable) };
    let header: Header = decoded(head).ok_or(Unsound::Unreadable)?;
    let signed: T = decoded(payload).ok_or(Unsound::Unreadable)?;
    if header.alg != ALGORITHM || header.typ != typ {
        return Err(Unsound::Unreadable);
    }
    let key = keys.iter().find(|key| key.kid == header.kid).and_then(ReceiptKey::verifying).ok_or(Unsound::UnknownKey)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
    let signature = signature.ok_or(Unsound::Signature)?;
    key.verify_strict(format!("{head}.{payload}").as_bytes(), &signature).map_err(|_| Unsound::Signature)?;
    Ok((signed, header.kid))
}

/// What a signature is over, without asking whether it holds: for what was signed here and is read from where it was kept.
pub fn payload<T: DeserializeOwned>(jws: &str) -> Option<T> {
    jws.split('.').nth(1).and_then(decoded)
}

fn encoded(part: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).unwrap_or_default())
}

fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// Reads a receipt: by itself, or in the answer to the bid.
pub fn read(text: &str) -> Option<SignedReceipt> {
    read_as(text)
}

/// The same for a receipt of any kind.
pub(super) fn read_as<R: DeserializeOwned>(text: &str) -> Option<R> {
    #[derive(Deserialize)]
    struct Answer<R> {
        receipt: R,
    }
    let in_answer = || serde_json::from_str::<Answer<R>>(text).map(|answer| answer.receipt);
    serde_json::from_str(text).or_else(|_| in_answer()).ok()
}

/// What is wrong with a receipt by itself, whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsound {
    /// The signature cannot be read, or is not one of a receipt.
    Unreadable,
    /// None of the keys has the id it names.
    UnknownKey,
    /// The key did not sign this.
    Signature,
    /// The path does not lead from the statement to the root that was signed.
    Path,
}

/// What shows that the platform made a statement, whatever it says.
pub struct Proof<'a> {
    /// The hash of the statement.
    pub leaf: Hash,
    /// Its place in the tree.
    pub leaf_index: u64,
    /// How many leaves the tree has.
    pub tree_size: u64,
    /// The hashes from the leaf to the root.
    pub path: &'a [String],
    /// What was signed.
    pub jws: &'a str,
}

/// Whether one of the keys signed the root a statement leads to; the id of that key.
pub fn check(receipt: &SignedReceipt, keys: &[ReceiptKey]) -> Result<String, Unsound> {
    let SignedReceipt { statement, leaf_index, tree_size, path, jws } = receipt;
    prove(&Proof { leaf: leaf(statement), leaf_index: *leaf_index, tree_size: *tree_size, path, jws }, keys)
}

/// Whether one of the keys signed the root a leaf leads to; the id of that key.
pub fn prove(proof: &Proof, keys: &[ReceiptKey]) -> Result<String, Unsound> {
    let (signed, kid): (SignedRoot, String) = opened(proof.jws, TYPE, keys)?;
    if leads(proof, &signed) { Ok(kid) } else { Err(Unsound::Path) }
}

fn leads(proof: &Proof, signed: &SignedRoot) -> bool {
    let hash = |text: &str| unhex(text).and_then(|bytes| Hash::try_from(bytes).ok());
    let path: Option<Vec<Hash>> = proof.path.iter().map(|step| hash(step)).collect();
    let (Some(path), Some(root)) = (path, hash(&signed.root)) else { return false };
    proof.tree_size == signed.size && merkle::leads(&path, proof.leaf, proof.leaf_index, signed.size, &root)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::auctions::rules::tests::at;
    use uuid::Uuid;

    fn statement(seq: i64) -> BidStatement {
        BidStatement {
            arrived_at: at(1),
            bidder: "竞买人 4821".into(),
            closes_at: at(3_600),
            commitment: None,
            log_hash: "ab".repeat(32),
            lot_id: LotId(Uuid::from_u128(1)),
            maximum: None,
            price: Money::fen(10_000 + seq),
            seq,
        }
    }

    fn key(number: u8) -> SigningKey {
        SigningKey::from_bytes(&[number; 32])
    }

    fn public(number: u8) -> ReceiptKey {
        ReceiptKey::of(key(number).verifying_key().as_bytes())
    }

    #[test]
    fn a_statement_is_canonical_as_it_is_written() {
        let written = r#"{"arrived_at":"2023-11-14T22:13:21Z","bidder":"竞买人 4821","closes_at":"2023-11-14T23:13:20Z","#.to_owned()
            + &format!(r#""log_hash":"{}","lot_id":"00000000-0000-0000-0000-000000000001","#, "ab".repeat(32))
            + r#""price":{"amount":"100.07","currency":"CNY"},"seq":7}"#;
        assert_eq!(serde_json::to_string(&statement(7)).unwrap(), written);
        let maximum = BidStatement { commitment: Some("cd".into()), maximum: Some(Money::fen(20_000)), ..statement(7) };
        let text = serde_json::to_string(&maximum).unwrap();
        let places: Vec<_> = ["\"closes_at\"", "\"commitment\"", "\"log_hash\"", "\"lot_id\"", "\"maximum\"", "\"price\""]
            .map(|name| text.find(name))
            .into();
        assert!(places.is_sorted() && places[0].is_some(), "{text}");
    }

    #[test]
    fn a_key_is_named_as_the_example_of_rfc_8037_is() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let key = ReceiptKey::of(&URL_SAFE_NO_PAD.decode(x).unwrap());
        assert_eq!((key.x.as_str(), key.kid.as_str()), (x, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
    }

    #[test]
    fn one_signature_is_over_all_a_transaction_accepted() {
        let statements: Vec<_> = (1..=5).map(statement).collect();
        let receipts = issue(&statements, &key(1), at(2));
        assert_eq!(receipts.len(), 5);
        for (receipt, statement) in receipts.iter().zip(&statements) {
            assert_eq!((&receipt.jws, &receipt.statement), (&receipts[0].jws, statement));
            assert_eq!(check(receipt, &[public(2), public(1)]), Ok(public(1).kid));
        }
        assert_eq!(issue(&statements, &key(1), at(2)), receipts, "nothing in it is drawn");
        assert!(issue(&[], &key(1), at(2)).is_empty());
    }

    #[test]
    fn a_receipt_is_made_again_from_its_tree_and_from_its_place_there_alone() {
        let statements: Vec<_> = (1..=5).map(statement).collect();
        let Issued { receipts, leaves } = issue_tree(&statements, &key(1), at(2));
        for receipt in receipts {
            let again = |place| issued_again(receipt.statement.clone(), place, &leaves, &receipt.jws);
            assert_eq!(again(receipt.leaf_index), Some(receipt.clone()));
            assert_eq!((again((receipt.leaf_index + 1) % 5), again(5)), (None, None));
        }
    }

    #[test]
    fn a_receipt_that_was_touched_is_seen() {
        let sound = issue(&[statement(1), statement(2)], &key(1), at(2)).remove(0);
        let refused = |receipt: &SignedReceipt| check(receipt, &[public(1)]).unwrap_err();
        assert_eq!(check(&sound, &[public(2)]), Err(Unsound::UnknownKey));
        let borrowed = ReceiptKey { kid: public(1).kid, ..public(2) };
        assert_eq!(check(&sound, &[borrowed]), Err(Unsound::UnknownKey), "a key has its own name");
        assert_eq!(refused(&SignedReceipt { statement: statement(3), ..sound.clone() }), Unsound::Path);
        assert_eq!(refused(&SignedReceipt { leaf_index: 1, ..sound.clone() }), Unsound::Path);
        assert_eq!(refused(&SignedReceipt { tree_size: 3, ..sound.clone() }), Unsound::Path);
        assert_eq!(refused(&SignedReceipt { path: vec![], ..sound.clone() }), Unsound::Path);
        assert_eq!(refused(&SignedReceipt { path: vec!["zz".into()], ..sound.clone() }), Unsound::Path);
        let parts: Vec<_> = sound.jws.split('.').collect();
        let later = encoded(&SignedRoot { root: "00".repeat(32), signed_at: at(2), size: 2 });
        assert_eq!(refused(&SignedReceipt { jws: [parts[0], &later, parts[2]].join("."), ..sound.clone() }), Unsound::Signature);
        let other = encoded(&Header { alg: ALGORITHM.into(), kid: public(1).kid, typ: "at+jwt".into() });
        assert_eq!(refused(&SignedReceipt { jws: [&other, parts[1], parts[2]].join("."), ..sound.clone() }), Unsound::Unreadable);
        for jws in ["", "..", "a.b.c", &format!("{}.x", sound.jws)] {
            assert_eq!(refused(&SignedReceipt { jws: jws.into(), ..sound.clone() }), Unsound::Unreadable, "{jws}");
        }
    }

    #[test]
    fn a_receipt_is_read_by_itself_or_in_the_answer_to_the_bid() {
        let sound = issue(&[statement(1)], &key(1), at(2)).remove(0);
        let alone = serde_json::to_string(&sound).unwrap();
        assert_eq!(read(&alone), Some(sound.clone()));
        assert_eq!(read(&format!(r#"{{"seq":1,"receipt":{alone}}}"#)), Some(sound));
        assert_eq!(read(r#"{"seq":1}"#), None);
    }
}
