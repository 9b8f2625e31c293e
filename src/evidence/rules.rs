//! What is signed of a file of evidence, and what is wrong with one.

use chrono::{DateTime, Utc};
use ed25519_dalek::SigningKey;
use entity::ids::{ListingId, NegotiationId, OpenLicenceId, RightsGrantId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auctions::rules::receipt::{self, Proof, ReceiptKey, Unsound};
use crate::notices::rules::{Matter, canonical};
use crate::platform::keys::{hex, sha256};

/// The form of a file, by its name and number.
pub const FORMAT: &str = "zhepai-evidence/1";

/// What the platform says of a file of evidence. Its members stand in the order of their names, so that it is canonical JSON (RFC 8785) as
/// it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceStatement {
    /// The listing it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<ListingId>,
    /// When the file was made.
    pub made_at: DateTime<Utc>,
    /// The sale at a negotiated price it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// The open licence it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_licence_id: Option<OpenLicenceId>,
    /// The grant of rights it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights_grant_id: Option<RightsGrantId>,
    /// SHA-256 of its content as canonical JSON (RFC 8785), hexadecimal.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub sha256: String,
}

/// What is signed of a content.
pub fn stated(about: Matter, made_at: DateTime<Utc>, content: &Value) -> EvidenceStatement {
    EvidenceStatement {
        listing_id: about.listing(),
        made_at,
        negotiation_id: about.negotiation(),
        open_licence_id: about.open_licence(),
        rights_grant_id: about.rights_grant(),
        sha256: hash_of(content),
    }
}

/// The signature over a statement, by the key that signs receipts.
pub fn signed(statement: &EvidenceStatement, key: &SigningKey) -> String {
    receipt::sign_leaf(key, &receipt::leaf(statement), statement.made_at)
}

fn hash_of(content: &Value) -> String {
    hex(&sha256(canonical(content).as_bytes()))
}

/// What a file of evidence must have to be checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What it says.
    pub content: Value,
    /// What is signed of it.
    pub statement: EvidenceStatement,
    /// The signature.
    pub jws: String,
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is of a form this program does not know.
    Format,
    /// It does not have the hash that was signed, or is about something else.
    Content,
    /// The signature does not hold.
    Signature(Unsound),
    /// A text does not have the hash that stands beside it.
    Text {
        /// Of which notice.
        notice: String,
        /// Which version.
        version: i64,
    },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Format => write!(f, "this is no file of the form {FORMAT}"),
            Self::Content => f.write_str("the content is not what was signed"),
            Self::Signature(why) => write!(f, "the signature does not hold: {why:?}"),
            Self::Text { notice, version } => write!(f, "version {version} of notice {notice} does not have the hash beside it"),
        }
    }
}

/// What was found right about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many texts have the hash beside them.
    pub texts: usize,
    /// How many rows of the trail stand in it.
    pub deeds: usize,
    /// The key that signed it.
    pub key: String,
}

/// Checks a file: that it is what was signed, by one of the keys, and that each text has its hash.
pub fn verified(file: &File, keys: &[ReceiptKey]) -> Result<Verified, Fault> {
    if file.content["format"] != FORMAT {
        return Err(Fault::Format);
    }
    let is_signed = hash_of(&file.content) == file.statement.sha256;
    if !is_signed || !is_named(file) {
        return Err(Fault::Content);
    }
    let proof = Proof { leaf: receipt::leaf(&file.statement), leaf_index: 0, tree_size: 1, path: &[], jws: &file.jws };
    let key = receipt::prove(&proof, keys).map_err(Fault::Signature)?;
    let mut texts = 0;
    for notice in members(&file.content["notices"]) {
        for version in members(&notice["versions"]) {
            let hash = version["content_text"].as_str().map(|text| hex(&sha256(text.as_bytes())));
            if hash.is_none() || hash.as_deref() != version["sha256"].as_str() {
                let notice = notice["id"].as_str().unwrap_or_default().to_owned();
                return Err(Fault::Text { notice, version: version["version"].as_i64().unwrap_or_default() });
            }
            texts += 1;
        }
    }
    Ok(Verified { texts, deeds: members(&file.content["deeds"]).len(), key })
}

/// Whether the content is about the one thing the statement names, and about nothing else.
fn is_named(file: &File) -> bool {
    let of = &file.statement;
    let things = [
        ("listing", json!(of.listing_id)),
        ("negotiation", json!(of.negotiation_id)),
        ("open_licence", json!(of.open_licence_id)),
        ("rights_grant", json!(of.rights_grant_id)),
    ];
    things.into_iter().all(|(thing, id)| file.content[thing]["id"] == id)
}

fn members(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(number: u8) -> SigningKey {
        SigningKey::from_bytes(&[number; 32])
    }

    fn public(number: u8) -> ReceiptKey {
        ReceiptKey::of(key(number).verifying_key().as_bytes())
    }

    fn listing() -> ListingId {
        ListingId(Uuid::from_u128(7))
    }

    fn content() -> Value {
        let text = r#"{"title":"一种检测装置"}"#;
        let version = json!({"version": 1, "content_text": text, "sha256": hex(&sha256(text.as_bytes()))});
        json!({"format": FORMAT, "listing": {"id": listing()}, "notices": [{"id": "n", "versions": [version]}], "deeds": [{"position": 1}]})
    }

    fn file(content: Value) -> File {
        let statement = stated(Matter::Listing(listing()), DateTime::UNIX_EPOCH, &content);
        File { jws: signed(&statement, &key(1)), statement, content }
    }

    #[test]
    fn what_was_signed_is_found_right_by_whoever_has_the_key() {
        let verified = verified(&file(content()), &[public(2), public(1)]).unwrap();
        assert_eq!((verified.texts, verified.deeds, verified.key), (1, 1, public(1).kid));
    }

    #[test]
    fn a_file_is_about_what_its_statement_names() {
        let (grant, licence) = (RightsGrantId(Uuid::from_u128(8)), OpenLicenceId(Uuid::from_u128(9)));
        let of = |about: Matter, content: Value| {
            let statement = stated(about, DateTime::UNIX_EPOCH, &content);
            verified(&File { jws: signed(&statement, &key(1)), statement, content }, &[public(1)])
        };
        let granted = json!({"format": FORMAT, "rights_grant": {"id": grant}, "notices": [], "deeds": []});
        let declared = json!({"format": FORMAT, "open_licence": {"id": licence}, "notices": [], "deeds": []});
        assert!(of(Matter::RightsGrant(grant), granted.clone()).is_ok());
        assert!(of(Matter::OpenLicence(licence), declared.clone()).is_ok());
        assert_eq!(of(Matter::OpenLicence(licence), granted.clone()).unwrap_err(), Fault::Content);
        assert_eq!(of(Matter::RightsGrant(grant), declared).unwrap_err(), Fault::Content);
        let mut both = granted;
        both["listing"] = json!({"id": listing()});
        assert_eq!(of(Matter::RightsGrant(grant), both).unwrap_err(), Fault::Content);
    }

    #[test]
    fn the_order_of_members_is_no_matter() {
        let written = serde_json::to_string(&content()).unwrap();
        let file = File { content: serde_json::from_str(&written).unwrap(), ..file(content()) };
        assert!(verified(&file, &[public(1)]).is_ok());
    }

    #[test]
    fn whatever_is_changed_is_found() {
        let fault = |file: &File, number| verified(file, &[public(number)]).unwrap_err();
        assert_eq!(fault(&file(content()), 2), Fault::Signature(Unsound::UnknownKey));
        for place in ["/deeds/0/position", "/notices/0/versions/0/content_text", "/listing/id"] {
            let mut changed = file(content());
            *changed.content.pointer_mut(place).unwrap() = json!("another");
            assert_eq!(fault(&changed, 1), Fault::Content, "{place}");
        }
        let mut another = file(content());
        another.statement.made_at += chrono::TimeDelta::days(1);
        assert_eq!(fault(&another, 1), Fault::Signature(Unsound::Path));
        let mut other_form = content();
        other_form["format"] = json!("zhepai-evidence/2");
        assert_eq!(fault(&file(other_form), 1), Fault::Format);
        // Also the platform itself cannot sign a text under a hash that is not its own.
        let mut forged = content();
        forged["notices"][0]["versions"][0]["content_text"] = json!("{}");
        assert_eq!(fault(&file(forged), 1), Fault::Text { notice: "n".into(), version: 1 });
    }
}
