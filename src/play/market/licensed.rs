//! An open licence whose notice runs until it is withdrawn.

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Failure, Played, SeedAsset, registered};
use crate::play::{publish_drafted, text};

/// An open licence of the seed market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenLicence {
    /// Key of the patentee.
    pub patentee: String,
    /// Body of the achievement.
    pub achievement: Value,
    /// The patent.
    pub assets: Vec<SeedAsset>,
    /// Body of the declaration, without its patent and its dates.
    pub declaration: Value,
}

impl Played {
    /// A declaration of licences for five years from the next month on, announced.
    pub(super) async fn licensed(&self, licence: &OpenLicence) -> Result<(), Failure> {
        let patentee = self.party(&licence.patentee)?;
        let (_, assets) = registered(patentee, &licence.achievement, &licence.assets).await?;
        let from = self.staff.now().await?.date_naive() + TimeDelta::days(30);
        let mut new = licence.declaration.clone();
        new["asset_id"] = assets.first().cloned().into();
        new["term_from"] = json!(from);
        new["term_until"] = json!(from + TimeDelta::days(5 * 365));
        let drafted = patentee.client.create("/v1/open-licences", new).await?;
        let place = format!("/v1/open-licences/{}", text(&drafted["id"]));
        patentee.client.act(&format!("{place}/submit")).await?;
        publish_drafted(&self.staff.publisher, &place).await?;
        Ok(())
    }
}
