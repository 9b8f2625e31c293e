//! Reading the list: everybody does.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::ids::AssetId;
use entity::open_implementation::open_implementation;
use uuid::Uuid;

use super::{AFTER, Sight, sight, span};
use crate::achievements;
use crate::house::House;
use crate::identity;
use crate::open_implementation::http::{OPERATIONS, ReadOpenImplementation};
use crate::open_implementation::rules::due;
use crate::open_implementation::rules::machine;
use crate::open_implementation::store::{self, Wanted};
use crate::open_implementation::views::{OpenImplementationDetail, OpenImplementationView, Told};
use crate::platform::access::{self, Actor, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// A page of the list, as everybody reads it; of those that came onto it before a day, where one is named.
pub async fn list(
    house: &House,
    wanted: &Wanted,
    due_before: Option<NaiveDate>,
    page: &PageQuery,
) -> Result<Page<OpenImplementationView>, Problem> {
    let db = house.db.read();
    let today = shanghai_date(house.world.now());
    let after = span(house, AFTER, today)?;
    // The last of the days from which on they are on the list.
    let day = due_before.and_then(|day| day.pred_opt()).map_or(today, |day| day.min(today));
    let granted_by = due::granted_by(day, after).ok_or(Code::Internal)?;
    let patents = store::list(db, wanted, granted_by, page).await?;
    let ids: Vec<_> = patents.iter().map(|patent| patent.id).collect();
    let achievements = achievements::store::achievements_of(db, patents.iter().map(|patent| patent.achievement_id)).await?;
    let owners: Vec<_> = patents.iter().map(|patent| patent.organisation_id).collect();
    let owners: BTreeMap<_, _> =
        identity::store::organisations_among(db, &owners).await?.into_iter().map(|owner| (owner.id, owner)).collect();
    let said: BTreeMap<AssetId, open_implementation::Model> =
        store::said_of(db, &ids).await?.into_iter().map(|said| (said.asset_id, said)).collect();
    let mut told = Vec::with_capacity(patents.len());
    for patent in &patents {
        let around = achievements.get(&patent.achievement_id).zip(owners.get(&patent.organisation_id));
        let (achievement, owner) = around.ok_or(Code::Internal)?;
        let due_on = due::due(patent, achievement, owner, after).ok_or(Code::Internal)?;
        let view = OpenImplementationView::of(&Told { patent, achievement, owner, due_on, said: said.get(&patent.id) })?;
        told.push((patent.created_at, Uuid::from(patent.id), view));
    }
    page.page(told, |(at, id, _)| (*at, *id), |(.., view)| view)
}

/// Reads one, with what the caller may do.
pub async fn read(
    house: &House,
    by: &Context,
    permit: &Permit<ReadOpenImplementation>,
    id: AssetId,
) -> Result<OpenImplementationDetail, Problem> {
    let seen = seen(house, id).await?;
    permit.over(&seen.thing())?;
    detail(house, by, &seen).await
}

/// One as the caller is told of it, once something was said or decided.
pub async fn told(house: &House, by: &Context, row: open_implementation::Model) -> Result<OpenImplementationDetail, Problem> {
    let seen = seen(house, row.asset_id).await?;
    detail(house, by, &Sight { said: Some(row), ..seen }).await
}

async fn seen(house: &House, id: AssetId) -> Result<Sight, Problem> {
    let patent = achievements::store::asset(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    sight(house, house.db.read(), patent, house.world.now()).await?.ok_or_else(|| Code::NotFound.into())
}

async fn detail(house: &House, by: &Context, seen: &Sight) -> Result<OpenImplementationDetail, Problem> {
    let kept = seen.kept(house.world.now());
    let mut open = machine::allowed(kept.state);
    if let Caller::Person(actor) = &by.caller
        && machine::may_decide(&kept, hand(house, actor, seen).await?).is_err()
    {
        open.retain(|deed| *deed != machine::Deed::Decide.operation());
    }
    let deeds = access::allowed(OPERATIONS, &by.caller, &seen.thing(), &open);
    OpenImplementationDetail::of(&seen.told(), seen.is_listed, is_insider(by, seen), deeds)
}

/// Who reads, and whether he has a place with the owner.
async fn hand(house: &House, actor: &Actor, seen: &Sight) -> Result<(entity::ids::PersonId, bool), Problem> {
    let ties = identity::store::ties(house.db.read(), actor.person).await?;
    Ok((actor.person, ties.iter().any(|tie| tie.organisation_id == seen.owner.id)))
}

/// Whether a caller reads what the public does not: the owner, and officers.
fn is_insider(by: &Context, seen: &Sight) -> bool {
    match &by.caller {
        Caller::System => true,
        Caller::Stranger => false,
        Caller::Person(actor) => actor.staff.is_some() || actor.organisation() == Some(seen.owner.id),
    }
}
