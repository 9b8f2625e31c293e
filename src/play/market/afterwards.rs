//! What comes after an offer was published: a question that is answered, and an amendment.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Failure, Offer, Played};
use crate::play::{paper, publish_drafted, text};

/// What somebody asks about an offer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedQuestion {
    /// Key of who asks.
    pub asker: String,
    /// What he asks.
    pub question: String,
    /// What the seller answers.
    pub answer: String,
}

/// In what an offer is announced anew.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedAmendment {
    /// Why.
    pub reason: String,
    /// Title of the seller's decision.
    pub decision: String,
    /// The members of the listing that are others.
    pub offer: BTreeMap<String, Value>,
}

impl Played {
    /// Everything that comes after an offer was published as a listing.
    pub(super) async fn afterwards(&self, offer: &Offer, listing: &str) -> Result<(), Failure> {
        if let Some(asked) = &offer.question {
            self.answered(offer, listing, asked).await?;
        }
        if let Some(amended) = &offer.amendment {
            self.amended(offer, listing, amended).await?;
        }
        Ok(())
    }

    /// Somebody asks, the seller answers, and everybody reads both.
    async fn answered(&self, offer: &Offer, listing: &str, asked: &SeedQuestion) -> Result<(), Failure> {
        let (seller, by) = (self.party(&offer.seller)?, self.party(&asked.asker)?);
        let question = json!({"question": asked.question});
        let made = by.client.create(&format!("/v1/listings/{listing}/questions"), question).await?;
        let place = format!("/v1/questions/{}", text(&made["id"]));
        seller.client.create(&format!("{place}/answer"), json!({"answer": asked.answer})).await?;
        self.staff.reviewer.act(&format!("{place}/publish")).await?;
        Ok(())
    }

    /// The seller proposes the whole offer as it is to be, and an officer announces it anew.
    async fn amended(&self, offer: &Offer, listing: &str, amended: &SeedAmendment) -> Result<(), Failure> {
        let seller = self.party(&offer.seller)?;
        let place = format!("/v1/listings/{listing}");
        let mut anew = seller.client.get(&place).await?["offer"].clone();
        for (name, value) in &amended.offer {
            anew[name] = value.clone();
        }
        let decision = paper(seller, &amended.decision).await?;
        let proposal = json!({"offer": anew, "reason": amended.reason, "decision_document_id": decision});
        let proposed = seller.client.create(&format!("{place}/amendments"), proposal).await?;
        publish_drafted(&self.staff.publisher, &format!("/v1/listing-amendments/{}", text(&proposed["id"]))).await?;
        Ok(())
    }
}
