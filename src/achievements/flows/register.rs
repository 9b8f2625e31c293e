//! Registering an achievement with a right in it and its legal status in one go, as imports do: first
//! everything is judged, and only what is found good is written.

use entity::achievements::{achievement, asset, legal_status};
use entity::ids::{AchievementId, OrganisationId};

use super::assets::{evidence_within, published_once_within};
use super::verified;
use crate::achievements::events::{AchievementCreated, AssetAdded, StatusRecorded};
use crate::achievements::rules::{self, NewAchievement, NewAsset, NewLegalStatus};
use crate::achievements::store::{self, AssetFacts};
use crate::documents;
use crate::house::Tx;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// What is to be registered.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The achievement the right is in.
    pub achievement: Within,
    /// The right.
    pub asset: NewAsset,
    /// A reading of its legal status.
    pub status: Option<NewLegalStatus>,
}

/// The achievement a right is in.
#[derive(Clone, Debug)]
pub enum Within {
    /// One that is registered.
    Known(AchievementId),
    /// One that says this: it is registered too, unless one of the organisation's says so already.
    Described(NewAchievement),
}

/// A registration that was found good, and what of it is new.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The achievement.
    pub achievement: achievement::Model,
    /// The right with its owners; its status is the reading given, whether that is new or not.
    pub right: AssetFacts,
    new_achievement: bool,
    new_asset: bool,
    new_status: bool,
}

impl Judged {
    /// Whether anything of it does not stand already.
    pub fn is_new(&self) -> bool {
        self.new_asset || self.new_status
    }
}

/// Judges a registration and writes nothing. A right that stands and says the same is found again; one
/// that says something else is never written over.
pub async fn judged_within(tx: &Tx, asked: Registration) -> Result<Judged, Problem> {
    let organisation = verified(&tx.by)?;
    let (achievement, new_achievement) = achievement_within(tx, organisation, asked.achievement).await?;
    let judged = rules::new_asset(tx.id(), &achievement, asked.asset, &tx.house.rulebook.current().rulebook, tx.now);
    let (asset, owners) = judged.map_err(|problem| problem.under("/asset"))?;
    evidence_within(tx, &asset, organisation).await?;
    let drawn = AssetFacts { asset, owners, status: None };
    let standing = standing_within(tx, organisation, &achievement, &drawn).await?;
    if standing.is_none() {
        published_once_within(tx, &drawn.asset).await?;
    }
    let (achievement, new_achievement, new_asset, mut right) = match standing {
        Some((achievement, held)) => (achievement, false, false, AssetFacts { status: None, ..held }),
        None => (achievement, new_achievement, true, drawn),
    };
    let mut new_status = false;
    if let Some(asked) = &asked.status {
        let reading = status_within(tx, &right.asset, asked).await?;
        new_status = new_asset || !store::is_recorded(tx.conn(), &reading).await?;
        right.status = Some(reading);
    }
    Ok(Judged { achievement, right, new_achievement, new_asset, new_status })
}

/// Writes what of a registration is new.
pub async fn register_within(tx: &Tx, judged: Judged) -> Result<(), Problem> {
    let Judged { achievement, right, new_achievement, new_asset, new_status } = judged;
    let (achievement_id, organisation_id) = (achievement.id, achievement.organisation_id);
    if new_achievement {
        db::insert(tx.conn(), achievement.clone()).await?;
        tx.created("achievement", achievement_id, &achievement);
        tx.publish(&AchievementCreated { achievement_id, organisation_id })?;
    }
    let AssetFacts { asset, owners, status } = right;
    let (asset_id, kind) = (asset.id, asset.kind);
    if new_asset {
        store::add_asset(tx.conn(), &asset, &owners).await?;
        tx.created("asset", asset_id, &AssetFacts { asset, owners, status: None });
        tx.publish(&AssetAdded { asset_id, achievement_id, organisation_id, kind })?;
    }
    if let Some(reading) = status.filter(|_| new_status) {
        db::insert(tx.conn(), reading.clone()).await?;
        tx.created("legal_status", reading.id, &reading);
        tx.publish(&StatusRecorded { asset_id, achievement_id, organisation_id, status: reading.status, as_of: reading.as_of })?;
    }
    Ok(())
}

/// The achievement, and whether it is a new one.
async fn achievement_within(tx: &Tx, organisation: OrganisationId, within: Within) -> Result<(achievement::Model, bool), Problem> {
    match within {
        Within::Known(id) => {
            let found = store::achievement(tx.conn(), id).await?.filter(|found| found.organisation_id == organisation);
            let unknown = || Code::Invalid.at("/achievement_id", "unknown", "该成果不存在", "there is no such achievement");
            found.map(|found| (found, false)).ok_or_else(unknown)
        }
        Within::Described(new) => {
            let row = rules::new_achievement(tx.id(), organisation, tx.by.actor()?.person, new, tx.now);
            let row = row.map_err(|problem| problem.under("/achievement"))?;
            let standing = store::achievements_titled(tx.conn(), organisation, &row.title).await?;
            let same = standing.into_iter().find(|held| rules::same_achievement(held, &row));
            Ok(same.map_or((row, true), |held| (held, false)))
        }
    }
}

/// The right that stands already, if there is one. It is known by its number, which stands once in the
/// whole market, or where it has none by all that it says.
async fn standing_within(
    tx: &Tx,
    organisation: OrganisationId,
    of: &achievement::Model,
    drawn: &AssetFacts,
) -> Result<Option<(achievement::Model, AssetFacts)>, Problem> {
    let (Some(scheme), Some(number)) = (&drawn.asset.identifier_scheme, &drawn.asset.identifier) else {
        for held in store::unnumbered(tx.conn(), organisation, &drawn.asset.title).await? {
            let (achievement, held, differs) = compared_within(tx, of, drawn, held).await?;
            if differs.is_empty() {
                return Ok(Some((achievement, held)));
            }
        }
        return Ok(None);
    };
    let Some(held) = store::asset_with_number(tx.conn(), scheme, number).await? else { return Ok(None) };
    if held.organisation_id != organisation {
        return Err(Code::IdentifierTaken.into());
    }
    let id = held.id;
    let (achievement, held, differs) = compared_within(tx, of, drawn, held).await?;
    if differs.is_empty() {
        Ok(Some((achievement, held)))
    } else {
        Err(Code::IdentifierTaken.with("asset_id", id).with("differs", differs))
    }
}

/// A right that stands, its achievement, and in what they differ from those that were drawn up.
async fn compared_within(
    tx: &Tx,
    of: &achievement::Model,
    drawn: &AssetFacts,
    held: asset::Model,
) -> Result<(achievement::Model, AssetFacts, Vec<&'static str>), Problem> {
    let achievement = store::achievement(tx.conn(), held.achievement_id).await?.ok_or(Code::Internal)?;
    let owners = store::owners(tx.conn(), held.id).await?;
    let mut differs = rules::differences((&held, owners.as_slice()), (&drawn.asset, drawn.owners.as_slice()));
    if achievement.id != of.id && !rules::same_achievement(&achievement, of) {
        differs.push("achievement");
    }
    Ok((achievement, AssetFacts { asset: held, owners, status: None }, differs))
}

/// The reading as it will be kept, on evidence that can be used.
async fn status_within(tx: &Tx, asset: &asset::Model, asked: &NewLegalStatus) -> Result<legal_status::Model, Problem> {
    let reading = rules::record_status(asset, asked, tx.id(), tx.by.actor()?.person, tx.now);
    let reading = reading.map_err(|problem| problem.under("/legal_status"))?;
    if let Some(document) = reading.evidence_document_id {
        documents::flows::usable_within(tx, document, asset.organisation_id).await?;
    }
    Ok(reading)
}
