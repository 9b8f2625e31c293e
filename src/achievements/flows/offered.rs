//! What a listing offers, looked up and held against change.

use std::collections::BTreeSet;

use entity::achievements::achievement;
use entity::identity::organisation;
use entity::ids::{AchievementId, AssetId};

use crate::achievements::rules::is_owner;
use crate::achievements::store::{self, AssetFacts};
use crate::house::Tx;
use crate::platform::access::{Caller, Context};
use crate::platform::problem::{Code, Fault, Problem};

/// The achievement and the rights in it that are offered, in the order they are named.
///
/// Nobody changes the rights until the deed is done. A member sees his own organisation's only:
/// another's achievement is as unknown to him as one that does not exist.
pub async fn offered_within(tx: &Tx, id: AchievementId, asset_ids: &[AssetId]) -> Result<(achievement::Model, Vec<AssetFacts>), Problem> {
    let found = store::achievement(tx.conn(), id).await?;
    let found = found.filter(|achievement| may_know(&tx.by, achievement)).ok_or_else(unknown)?;
    let facts = held_of(tx, id, asset_ids).await?;
    Ok((found, facts))
}

/// The same of what a seller may offer: what it registered, and, where one owner may do it alone (PL art. 14), what another registered of
/// which it owns every right that is named. Anything else is unknown to it.
pub async fn offered_by_within(
    tx: &Tx,
    id: AchievementId,
    asset_ids: &[AssetId],
    (seller, one_owner_suffices): (&organisation::Model, bool),
) -> Result<(achievement::Model, Vec<AssetFacts>), Problem> {
    let found = store::achievement(tx.conn(), id).await?.ok_or_else(unknown)?;
    let is_own = found.organisation_id == seller.id;
    if !is_own && !one_owner_suffices {
        return Err(unknown());
    }
    let facts = held_of(tx, id, asset_ids).await;
    if is_own {
        return Ok((found, facts?));
    }
    // What is not all its own is told of no further than that it is unknown.
    let facts = facts.map_err(|problem| if problem.code == Code::Invalid { unknown() } else { problem })?;
    let owns = |right: &AssetFacts| right.owners.iter().any(|owner| is_owner(owner, seller));
    if facts.iter().all(owns) { Ok((found, facts)) } else { Err(unknown()) }
}

/// The rights of an achievement that are named, held against change, in the order they are named.
async fn held_of(tx: &Tx, id: AchievementId, asset_ids: &[AssetId]) -> Result<Vec<AssetFacts>, Problem> {
    let named: BTreeSet<_> = asset_ids.iter().collect();
    if named.is_empty() || named.len() < asset_ids.len() {
        return Err(Code::Invalid.at("/asset_ids", "count", "须列明至少一项标的且不得重复", "must name at least one asset, each once"));
    }
    let mut assets = store::share_assets(tx.conn(), id, asset_ids).await?;
    let strangers = asset_ids.iter().enumerate().filter(|(_, id)| !assets.iter().any(|asset| asset.id == **id));
    let faults = strangers.map(|(index, _)| {
        Fault::new(&format!("/asset_ids/{index}"), "not_in_achievement", "不是该成果的标的", "is not an asset of the achievement")
    });
    Problem::from_faults(faults.collect())?;
    assets.sort_by_key(|asset| asset_ids.iter().position(|id| *id == asset.id));
    Ok(store::facts(tx.conn(), assets).await?)
}

/// The same of what the caller's own organisation offers: to whoever offers, another's is unknown, also to an officer with a place.
pub async fn own_offered_within(
    tx: &Tx,
    id: AchievementId,
    asset_ids: &[AssetId],
) -> Result<(achievement::Model, Vec<AssetFacts>), Problem> {
    let (found, assets) = offered_within(tx, id, asset_ids).await?;
    if found.organisation_id == tx.by.seat()?.organisation { Ok((found, assets)) } else { Err(unknown()) }
}

fn unknown() -> Problem {
    Code::Invalid.at("/achievement_id", "unknown", "该成果不存在", "there is no such achievement")
}

/// Officers and the platform itself may know of every achievement, members of their organisation's.
fn may_know(by: &Context, achievement: &achievement::Model) -> bool {
    match &by.caller {
        Caller::System => true,
        Caller::Person(actor) => actor.staff.is_some() || actor.organisation() == Some(achievement.organisation_id),
        Caller::Stranger => false,
    }
}
