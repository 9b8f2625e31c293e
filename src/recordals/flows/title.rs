//! A right passes: to whom it was sold, with the licences on it, and back where that came to nothing.

use chrono::NaiveDate;
use entity::identity::organisation;
use entity::ids::{AchievementId, AssetId, OrganisationId, PersonId};
use entity::recordals::{TitleBasis, asset_title};

use crate::achievements::events::AchievementCreated;
use crate::achievements::rules::same_achievement;
use crate::achievements::store::AssetFacts;
use crate::house::Tx;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::recordals::events::TitlePassed;
use crate::recordals::rules::title::{self, Basis};
use crate::recordals::store;
use crate::{achievements, identity, licences, open_licences};

/// Rights that pass.
pub struct Passage<'a> {
    /// Which.
    pub assets: &'a [AssetId],
    /// From whom, to whom.
    pub parties: (OrganisationId, OrganisationId),
    /// By what.
    pub basis: Basis,
    /// Since which day.
    pub since: NaiveDate,
    /// By whose deed.
    pub by: PersonId,
}

/// Rights pass to another organisation, with the licences on them; what others hold of them is let go, and what their owner declared to
/// everybody lapses. What has passed already does not pass again.
pub async fn pass_within(tx: &Tx, passage: &Passage<'_>) -> Result<(), Problem> {
    let (from, to) = passage.parties;
    // A declaration is held before its patent.
    open_licences::flows::lapse_within(tx, passage.assets, passage.by).await?;
    let mut passing = licences::store::hold_assets(tx.conn(), passage.assets).await?;
    passing.retain(|asset| asset.organisation_id == from);
    let ids: Vec<AssetId> = passing.iter().map(|asset| asset.id).collect();
    let new = identity::store::organisation(tx.conn(), to).await?.ok_or(Code::Internal)?;
    for right in achievements::store::facts(tx.conn(), passing).await? {
        pass_one(tx, &right, &new, passage).await?;
    }
    achievements::store::let_go(tx.conn(), &ids).await?;
    hand_over_within(tx, &ids, to).await
}

/// The licences on rights that have all passed follow them.
async fn hand_over_within(tx: &Tx, passed: &[AssetId], to: OrganisationId) -> Result<(), Problem> {
    for right in passed {
        licences::flows::hand_over(tx, *right, to).await?;
    }
    Ok(())
}

async fn pass_one(tx: &Tx, right: &AssetFacts, new: &organisation::Model, passage: &Passage<'_>) -> Result<(), Problem> {
    let within = received_within(tx, right.asset.achievement_id, passage).await?;
    let asset = title::passed(&right.asset, new.id, within);
    let next = AssetFacts { owners: title::sole_owner(asset.id, new), asset, status: right.status.clone() };
    let last = last_title(tx, right).await?;
    let row = title::next(&last, &next.asset, &next.owners, (passage.basis, passage.since), tx.now)?;
    moved_within(tx, right, &next, row).await
}

/// What the buyer has to offer with the right: what he has already that says the same, or a copy of what it was in.
async fn received_within(tx: &Tx, id: AchievementId, passage: &Passage<'_>) -> Result<AchievementId, Problem> {
    let of = achievements::store::achievement(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let row = title::successor(&of, tx.id(), passage.parties.1, passage.by, tx.now);
    let standing = achievements::store::achievements_titled(tx.conn(), row.organisation_id, &row.title).await?;
    if let Some(same) = standing.into_iter().find(|held| same_achievement(held, &row)) {
        return Ok(same.id);
    }
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("achievement", row.id, &row);
    tx.publish(&AchievementCreated { achievement_id: row.id, organisation_id: row.organisation_id })?;
    Ok(row.id)
}

/// Whose a right is by the last of its titles; before it first passes that is written down too.
async fn last_title(tx: &Tx, right: &AssetFacts) -> Result<asset_title::Model, Problem> {
    if let Some(last) = store::titles(tx.conn(), right.asset.id).await?.pop() {
        return Ok(last);
    }
    let first = title::original(&right.asset, &right.owners, tx.now)?;
    db::insert(tx.conn(), first.clone()).await?;
    Ok(first)
}

/// Writes that a right is another's now.
async fn moved_within(tx: &Tx, before: &AssetFacts, after: &AssetFacts, row: asset_title::Model) -> Result<(), Problem> {
    achievements::store::change_asset(tx.conn(), &after.asset, &after.owners).await?;
    let since = row.since.ok_or(Code::Internal)?;
    db::insert(tx.conn(), row).await?;
    tx.changed("asset", after.asset.id, Some(before), Some(after));
    tx.publish(&TitlePassed {
        asset_id: after.asset.id,
        organisation_id: after.asset.organisation_id,
        counterparty_id: before.asset.organisation_id,
        since,
    })
}

/// What passed by this is again whose it was, unless it has passed on since: that came to nothing.
pub async fn give_back_within(tx: &Tx, by: Basis, since: NaiveDate) -> Result<(), Problem> {
    for id in store::passed_by(tx.conn(), by).await? {
        let Some(held) = achievements::store::hold_asset(tx.conn(), id).await? else { continue };
        let titles = store::titles(tx.conn(), id).await?;
        let [.., before, last] = titles.as_slice() else { continue };
        if last.basis == TitleBasis::Returned || !title::is_by(last, by) {
            continue;
        }
        let row = title::returned(last, before, since, tx.now);
        let right = achievements::store::facts_of(tx.conn(), held).await?;
        let asset = title::passed(&right.asset, row.organisation_id, row.achievement_id);
        let next = AssetFacts { owners: title::owners_of(&row)?, asset, status: right.status.clone() };
        let to = row.organisation_id;
        moved_within(tx, &right, &next, row).await?;
        achievements::store::let_go(tx.conn(), &[id]).await?;
        licences::flows::hand_over(tx, id, to).await?;
    }
    Ok(())
}
