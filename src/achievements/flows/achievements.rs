//! Registering, changing and reading achievements.

use entity::achievements::achievement;
use entity::ids::AchievementId;

use super::verified;
use crate::achievements::events::AchievementCreated;
use crate::achievements::http::{AmendAchievement as Amend, CreateAchievement, ListAchievements, OPERATIONS, ReadAchievement};
use crate::achievements::rules::{self, AmendAchievement, NewAchievement};
use crate::achievements::store;
use crate::achievements::views::AchievementWithAssetsView;
use crate::house::{Done, House, Tx};
use crate::platform::access::{self, Context, Permit};
use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};

/// Registers an achievement of the organisation acted for.
pub async fn create_achievement(
    house: &House,
    by: &Context,
    _: &Permit<CreateAchievement>,
    new: NewAchievement,
) -> Result<Done<achievement::Model>, Problem> {
    house.write(by, new, |tx, new| async move { create_within(&tx, new).await }).await
}

async fn create_within(tx: &Tx, new: NewAchievement) -> Result<achievement::Model, Problem> {
    let organisation = verified(&tx.by)?;
    let person = tx.by.actor()?.person;
    let row = rules::new_achievement(tx.id(), organisation, person, new, tx.now)?;
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("achievement", row.id, &row);
    tx.publish(&AchievementCreated { achievement_id: row.id, organisation_id: row.organisation_id })?;
    Ok(row)
}

/// Changes an achievement.
pub async fn amend_achievement(
    house: &House,
    by: &Context,
    permit: Permit<Amend>,
    id: AchievementId,
    change: AmendAchievement,
) -> Result<Done<achievement::Model>, Problem> {
    house.write(by, (permit, id, change), |tx, (permit, id, change)| async move { amend_within(&tx, &permit, id, change).await }).await
}

async fn amend_within(tx: &Tx, permit: &Permit<Amend>, id: AchievementId, change: AmendAchievement) -> Result<achievement::Model, Problem> {
    let held = store::hold_achievement(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    verified(&tx.by)?;
    tx.by.expects(held.version)?;
    let next = rules::amend_achievement(&held, change)?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("achievement", id, Some(&held), Some(&next));
    Ok(next)
}

/// An achievement with its rights and what the caller may do to it, if he may see it.
pub async fn read_achievement(
    house: &House,
    by: &Context,
    permit: &Permit<ReadAchievement>,
    id: AchievementId,
) -> Result<AchievementWithAssetsView, Problem> {
    let db = house.db.read();
    let found = store::achievement(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let deeds = access::allowed(OPERATIONS, &by.caller, &found, &rules::open_on_achievement(by.actor()?));
    let assets = store::assets_of(db, id).await?;
    let mut view = AchievementWithAssetsView::from((found, store::facts(db, assets).await?));
    view.achievement.allowed_deeds = Some(deeds);
    Ok(view)
}

/// A page of achievements: the organisation's own, or for officers everybody's.
pub async fn list_achievements(
    house: &House,
    by: &Context,
    _: &Permit<ListAchievements>,
    page: &PageQuery,
) -> Result<Vec<achievement::Model>, Problem> {
    let actor = by.actor()?;
    let organisation = match actor.staff {
        Some(_) => None,
        None => Some(by.seat()?.organisation),
    };
    store::achievements(house.db.read(), organisation, page).await
}
