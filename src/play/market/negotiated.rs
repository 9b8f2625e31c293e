//! A sale at a negotiated price whose notice runs: the buyer's name is kept secret, a slip was set right, and an objection was decided.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Failure, Played, SeedAsset, registered};
use crate::play::{Party, publish_drafted, text};

/// A sale at a negotiated price of the seed market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Negotiation {
    /// Key of the seller.
    pub seller: String,
    /// Key of the buyer, who asks that his name be kept secret.
    pub buyer: String,
    /// Body of the achievement.
    pub achievement: Value,
    /// The rights.
    pub assets: Vec<SeedAsset>,
    /// Body of the negotiation, without ids.
    pub body: Value,
    /// Body of the erratum to its notice.
    pub erratum: Value,
    /// What somebody objects to.
    pub objection: SeedObjection,
}

/// An objection of the seed market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedObjection {
    /// Key of who objects.
    pub objector: String,
    /// Body of the objection.
    pub objection: Value,
    /// Body of the decision about it.
    pub decision: Value,
}

impl Played {
    /// A sale up to its notice, and what comes of that.
    pub(super) async fn negotiated(&self, sale: &Negotiation) -> Result<(), Failure> {
        let seller = self.party(&sale.seller)?;
        let place = self.agreed(sale, seller).await?;
        let published = publish_drafted(&self.staff.publisher, &place).await?;
        let notice = format!("/v1/notices/{}", text(&published["notice_id"]));
        let slip = seller.client.create(&format!("{notice}/errata"), sale.erratum.clone()).await?;
        self.staff.publisher.act(&format!("/v1/notice-proposals/{}/publish", text(&slip["id"]))).await?;
        self.objected(&notice, &sale.objection).await
    }

    /// What the seller offers is accepted, and he decides to sell; the address of the negotiation.
    async fn agreed(&self, sale: &Negotiation, seller: &Party) -> Result<String, Failure> {
        let buyer = self.party(&sale.buyer)?;
        let (achievement, assets) = registered(seller, &sale.achievement, &sale.assets).await?;
        let mut new = sale.body.clone();
        new["achievement_id"] = achievement.into();
        new["asset_ids"] = assets.into();
        new["buyer_organisation_id"] = buyer.organisation.as_str().into();
        let begun = seller.client.create("/v1/negotiations", new).await?;
        let place = format!("/v1/negotiations/{}", text(&begun["id"]));
        let terms = &begun["offers"][0]["terms_sha256"];
        let acceptance = json!({"terms_sha256": terms, "name_confidential": true});
        buyer.client.create(&format!("{place}/accept"), acceptance).await?;
        seller.client.create(&format!("{place}/decide"), json!({"terms_sha256": terms})).await?;
        Ok(place)
    }

    /// Somebody objects to a notice; an officer looks into it and decides. Nobody does where his address has to be proved by letter first.
    async fn objected(&self, notice: &str, against: &SeedObjection) -> Result<(), Failure> {
        let objector = self.party(&against.objector)?;
        let answered = objector.client.post(&format!("{notice}/objections"), against.objection.clone()).send().await?;
        if answered.code() == "address_unproved" {
            return Ok(());
        }
        let made = answered.ok()?;
        let place = format!("/v1/objections/{}", text(&made["id"]));
        self.staff.reviewer.act(&format!("{place}/accept")).await?;
        self.staff.reviewer.create(&format!("{place}/decide"), against.decision.clone()).await?;
        Ok(())
    }
}
