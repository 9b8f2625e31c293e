//! Reading grants: the unit and officers do.

use entity::ids::RightsGrantId;
use entity::rights_grants::rights_grant;
use uuid::Uuid;

use super::announce::{rules_of, second};
use super::conclude::awaited;
use super::hand;
use crate::house::House;
use crate::platform::access::{self, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use crate::rights_grants::http::{OPERATIONS, ReadRightsGrant};
use crate::rights_grants::rules::machine::{self, Deed};
use crate::rights_grants::store::{self, Wanted};
use crate::rights_grants::views::{RightsGrantDetail, RightsGrantView};

/// Lists grants: officers see all, everybody else those of his organisation.
pub async fn list(house: &House, by: &Context, wanted: Wanted, page: &PageQuery) -> Result<Page<RightsGrantView>, Problem> {
    let is_officer = matches!(&by.caller, Caller::Person(actor) if actor.staff.is_some());
    let organisation = if is_officer { None } else { Some(by.seat()?.organisation) };
    let rows = store::list(house.db.read(), &Wanted { organisation, ..wanted }, page).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        told.push((row.created_at, Uuid::from(row.id), RightsGrantView::of(&row)?));
    }
    page.page(told, |(at, id, _)| (*at, *id), |(.., view)| view)
}

/// Reads one, with what the caller may do.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadRightsGrant>, id: RightsGrantId) -> Result<RightsGrantDetail, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    told(house, by, &found).await
}

/// One as the caller is told of it.
pub async fn told(house: &House, by: &Context, row: &rights_grant::Model) -> Result<RightsGrantDetail, Problem> {
    let (db, now) = (house.db.read(), house.world.now());
    let waits_for = awaited(house, db, row, now).await?;
    let open = match &by.caller {
        Caller::Person(actor) => {
            let hand = hand(db, actor, row).await?;
            machine::open_to(row, &hand, !waits_for.is_empty(), second(&rules_of(house, now))?)
        }
        Caller::Stranger | Caller::System => Vec::new(),
    };
    let awaits_publication = Deed::Publish.is_allowed_in(row.state);
    Ok(RightsGrantDetail {
        grant: RightsGrantView::of(row)?,
        asset_ids: store::assets(db, row.id).await?,
        drafted_text: row.drafted.clone().filter(|_| awaits_publication),
        drafted_sha256: row.drafted_sha256.as_deref().map(hex).filter(|_| awaits_publication),
        waits_for,
        allowed_deeds: access::allowed(OPERATIONS, &by.caller, row, &open),
    })
}
