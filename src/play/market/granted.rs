//! A grant of rights to who made an achievement, whose notice runs.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Failure, PASSWORD, Played, SeedAsset, registered};
use crate::client::Client;
use crate::play::parties::{NewMember, join};
use crate::play::{paper, publish_drafted, text};

/// A grant of rights of the seed market.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Key of the unit.
    pub unit: String,
    /// Who decides for it, since nobody decides what he proposed.
    pub decider: SeedDecider,
    /// Body of the achievement.
    pub achievement: Value,
    /// The rights.
    pub assets: Vec<SeedAsset>,
    /// Body of the grant, without ids.
    pub body: Value,
}

/// Who decides for a unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedDecider {
    /// What the seeds call him.
    pub key: String,
    /// Name.
    pub name: String,
    /// Title of the document by which he decides.
    pub document: String,
}

impl Played {
    /// A grant up to its notice; none where nobody else can be taken into the unit.
    pub(super) async fn granted(&mut self, base: &Client, grant: &Grant) -> Result<(), Failure> {
        let unit = self.party(&grant.unit)?;
        let Some(decider) = join(base, unit, &member(&grant.decider)).await? else { return Ok(()) };
        let (achievement, assets) = registered(unit, &grant.achievement, &grant.assets).await?;
        let mut new = grant.body.clone();
        new["achievement_id"] = achievement.into();
        new["asset_ids"] = assets.into();
        let proposed = unit.client.create("/v1/rights-grants", new).await?;
        let place = format!("/v1/rights-grants/{}", text(&proposed["id"]));
        let document = paper(unit, &grant.decider.document).await?;
        decider.client.create(&format!("{place}/decide"), json!({"decision_document_id": document})).await?;
        publish_drafted(&self.staff.publisher, &place).await?;
        self.parties.insert(grant.decider.key.clone(), decider);
        Ok(())
    }
}

fn member(decider: &SeedDecider) -> NewMember {
    NewMember {
        email: format!("{}@demo.example", decider.key),
        password: PASSWORD.into(),
        name: decider.name.clone(),
        roles: vec!["signatory".into()],
    }
}
