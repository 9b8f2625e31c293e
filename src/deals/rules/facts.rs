//! What a deal is opened with, by value: nothing in it changes when a listing or a name does.

use entity::Timestamp;
use entity::achievements::AssetKind;
use entity::deals::deal;
use entity::ids::{AdmissionId, AssetId, AwardId, ListingId, LotId, OrganisationId, PersonId, TransferId};
use entity::listings::{TransferMode, TransferTerms};
use entity::money::Money;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// A deal to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDeal {
    /// The award it follows from; one deal for each.
    pub award_id: AwardId,
    /// The lot that was sold.
    pub lot_id: LotId,
    /// The listing that offered it.
    pub listing_id: ListingId,
    /// Who sells.
    pub seller_organisation_id: OrganisationId,
    /// Who buys.
    pub buyer_organisation_id: OrganisationId,
    /// The buyer's admission to the lot.
    pub buyer_admission_id: AdmissionId,
    /// The price found (成交价).
    pub price: Money,
    /// What the seller valued it at (基准价); none of a lot announced before this was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_price: Option<Money>,
    /// The lowest first bid (起拍价).
    pub start_price: Money,
    /// How the rights pass (转化方式).
    pub mode: TransferMode,
    /// The terms of that. They carry `party_confidential` and `amount_confidential` where the seller of a lot announced while
    /// listings could still ask for secrecy did.
    pub terms: Value,
    /// Title of the lot.
    pub title: String,
    /// The same in English, where its listing gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// The rights sold: a list of `{id, kind, title, identifier}`.
    pub assets: Value,
    /// The buyer asked that its name be kept secret.
    #[serde(default)]
    pub buyer_confidential: bool,
    /// The name under which the winner bid.
    pub pseudonym: String,
    /// How many bids there were.
    pub bid_count: i64,
    /// How many bidders there were.
    pub bidder_count: i64,
    /// How the price was found: `english`, `english_descending`, `first_price_descending` and so on.
    pub format: String,
    /// How the bidding ended.
    pub closing_mode: String,
    /// When bidding opened.
    pub opened_at: Timestamp,
    /// When it closed.
    pub closed_at: Timestamp,
    /// Hash of the last event of the lot's log, hexadecimal: it stands for the whole log.
    pub log_hash: String,
    /// Sequence number of that event.
    pub log_seq: i64,
    /// The winner's deposit (保证金).
    pub deposit: Money,
    /// The hold that keeps it.
    pub deposit_transfer_id: Option<TransferId>,
    /// Whether the auction host signs too.
    pub host_required: bool,
    /// A rehearsal (演练) without legal effect.
    pub rehearsal: bool,
    /// Who decided the case and may neither sign as host nor publish.
    pub barred_persons: Vec<PersonId>,
    /// The rules as they stood when the lot was announced.
    pub rules: Snapshot,
    /// How many of several identical units the price is for; none where the lot is one thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<u32>,
}

/// A party as it was when the deal was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Its name.
    pub name: String,
    /// Its unified social credit code.
    pub uscc: String,
    /// The city it is registered in, where that is known.
    pub city: Option<String>,
}

/// Everything a deal rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// What it was opened with.
    #[serde(flatten)]
    pub deal: NewDeal,
    /// The seller.
    pub seller: Party,
    /// The buyer.
    pub buyer: Party,
    /// The seller asked that the parties' names be kept secret, as a listing could before that was refused.
    #[serde(default)]
    pub party_confidential: bool,
    /// The seller asked that the amount be kept secret, as a listing could before that was refused.
    #[serde(default)]
    pub amount_confidential: bool,
}

impl Facts {
    /// The facts of a deal between these parties.
    pub fn new(deal: NewDeal, seller: Party, buyer: Party) -> Self {
        let asked = |flag: &str| deal.terms.get(flag).and_then(Value::as_bool).unwrap_or(false);
        let (party_confidential, amount_confidential) = (asked("party_confidential"), asked("amount_confidential"));
        Self { deal, seller, buyer, party_confidential, amount_confidential }
    }
}

/// A right that is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldAsset {
    /// The asset.
    pub id: AssetId,
    /// What kind of right it is.
    pub kind: AssetKind,
    /// Its title.
    pub title: String,
    /// Its official number, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifier: Option<String>,
}

/// The facts of a deal as they were stored.
pub fn facts(deal: &deal::Model) -> Result<Facts, Problem> {
    serde_json::from_value(deal.facts.clone()).map_err(|error| unreadable(&error))
}

/// How the rights pass, of the terms that a deal was opened with; they may carry what a listing once could ask for beside.
pub fn transfer_terms(deal: &NewDeal) -> Result<TransferTerms, Problem> {
    let mut terms = deal.terms.clone();
    if let Some(members) = terms.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "party_confidential" | "amount_confidential"));
    }
    serde_json::from_value(terms).map_err(|error| unreadable(&error))
}

/// The rights sold, one by one.
pub fn sold_assets(deal: &NewDeal) -> Result<Vec<SoldAsset>, Problem> {
    serde_json::from_value(deal.assets.clone()).map_err(|error| unreadable(&error))
}

fn unreadable(error: &serde_json::Error) -> Problem {
    Code::Internal.with("reason", error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::super::examples;
    use super::*;

    #[test]
    fn facts_survive_storage() {
        let facts = examples::facts();
        let stored = serde_json::to_value(&facts).unwrap();
        assert_eq!(stored["title"], json!(facts.deal.title), "the deal's own facts lie at the top");
        assert_eq!(stored["price"], json!({"amount": "3200000.00", "currency": "CNY"}));
        assert_eq!(serde_json::from_value::<Facts>(stored).unwrap(), facts);
    }

    #[test]
    fn facts_without_word_of_secrecy_are_open() {
        let mut stored = serde_json::to_value(examples::facts()).unwrap();
        stored.as_object_mut().unwrap().remove("party_confidential");
        stored.as_object_mut().unwrap().remove("amount_confidential");
        let read: Facts = serde_json::from_value(stored).unwrap();
        assert!(!read.party_confidential && !read.amount_confidential);
    }

    #[test]
    fn facts_from_before_titles_in_english_were_kept_have_none() {
        let mut stored = serde_json::to_value(examples::facts()).unwrap();
        assert!(stored.as_object_mut().unwrap().remove("title_en").is_some());
        let read: Facts = serde_json::from_value(stored).unwrap();
        assert_eq!((read.deal.title_en, read.deal.title), (None, examples::facts().deal.title));
    }

    #[test]
    fn secrecy_asked_for_in_the_terms_is_kept() {
        let example = examples::facts();
        let terms = json!({"mode": "assignment", "party_confidential": true});
        let facts = Facts::new(NewDeal { terms, ..example.deal }, example.seller, example.buyer);
        assert!(facts.party_confidential && !facts.amount_confidential);
    }

    #[test]
    fn what_cannot_be_read_is_a_fault_of_ours() {
        let example = examples::facts().deal;
        let odd = NewDeal { assets: json!([{"id": 1}]), ..example };
        assert_eq!(sold_assets(&odd).unwrap_err().code, Code::Internal);
    }
}
