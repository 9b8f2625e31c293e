//! Reading objections.

use entity::ids::ObjectionId;
use entity::objections::objection;
use uuid::Uuid;

use super::{handler, words};
use crate::house::House;
use crate::identity::{self, personal};
use crate::notices;
use crate::objections::http::{OPERATIONS, ReadObjection};
use crate::objections::rules;
use crate::objections::store::{self, Wanted};
use crate::objections::views::{ObjectionInside, ObjectionView};
use crate::platform::access::{self, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// Reads an objection, as far as the caller may know of it.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadObjection>, id: ObjectionId) -> Result<ObjectionView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    told(house, by, &found).await
}

/// A page of objections, as the public sees them.
pub async fn list(house: &House, wanted: &Wanted, page: &PageQuery) -> Result<Page<ObjectionView>, Problem> {
    let rows = store::list(house.db.read(), wanted, page).await?;
    let now = house.world.now();
    page.page(rows, |row| (row.submitted_at, Uuid::from(row.id)), |row| ObjectionView::of(&row, now))
}

/// An objection as the caller is told of it, with what he may do. What its record holds may be sealed under a key that is gone by
/// now, so it is read as it stands.
pub async fn told(house: &House, by: &Context, row: &objection::Model) -> Result<ObjectionView, Problem> {
    let now = house.world.now();
    let open = match &by.caller {
        Caller::Person(actor) => {
            let notice = notices::flows::with_hands(house.db.read(), row.notice_id, row.notice_version).await?;
            rules::open_to(row, &notice, handler(house.db.read(), row, actor.person).await?, now)
        }
        Caller::Stranger | Caller::System => Vec::new(),
    };
    let deeds = access::allowed(OPERATIONS, &by.caller, row, &open);
    let inside = if is_insider(by, row) { Some(inside(house, row).await?) } else { None };
    Ok(ObjectionView { inside, allowed_deeds: Some(deeds), ..ObjectionView::of(row, now) })
}

async fn inside(house: &House, row: &objection::Model) -> Result<ObjectionInside, Problem> {
    let kept = store::find(house.db.read(), row.id).await?.ok_or(Code::Internal)?;
    let objector = identity::store::person(house.db.read(), row.objector).await?.ok_or(Code::Internal)?;
    ObjectionInside::of(row, words(house, &kept)?, personal::name(house, &objector)?)
}

/// Whether a caller is told who objects and what he wrote.
fn is_insider(by: &Context, row: &objection::Model) -> bool {
    match &by.caller {
        Caller::System => true,
        Caller::Stranger => false,
        Caller::Person(actor) => actor.staff.is_some() || actor.person == row.objector || actor.organisation() == Some(row.organisation_id),
    }
}
