//! Reading open licences: everybody does, once they are announced.

use entity::ids::OpenLicenceId;
use entity::open_licences::open_licence;
use uuid::Uuid;

use super::hand;
use crate::house::House;
use crate::open_licences::http::{OPERATIONS, ReadOpenLicence, taken};
use crate::open_licences::rules::taken::Deed;
use crate::open_licences::rules::{acceptance, machine};
use crate::open_licences::store::{self, Wanted};
use crate::open_licences::views::{OpenLicenceDetail, OpenLicenceView};
use crate::platform::access::{self, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// A page of open licences, as everybody reads them.
pub async fn list(house: &House, wanted: &Wanted, page: &PageQuery) -> Result<Page<OpenLicenceView>, Problem> {
    let rows = store::list(house.db.read(), wanted, page).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        told.push((row.created_at, Uuid::from(row.id), OpenLicenceView::of(&row)?));
    }
    page.page(told, |(at, id, _)| (*at, *id), |(.., view)| view)
}

/// Reads one, with what the caller may do.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadOpenLicence>, id: OpenLicenceId) -> Result<OpenLicenceDetail, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    told(house, by, &found).await
}

/// One as the caller is told of it.
pub async fn told(house: &House, by: &Context, row: &open_licence::Model) -> Result<OpenLicenceDetail, Problem> {
    let open = match &by.caller {
        Caller::Person(actor) => machine::open_to(row, &hand(house.db.read(), actor, row).await?),
        Caller::Stranger | Caller::System => Vec::new(),
    };
    let mut deeds = access::allowed(OPERATIONS, &by.caller, row, &open);
    if is_taken_by(house, by, row) {
        deeds.extend(access::allowed(taken::OPERATIONS, &by.caller, row, &[Deed::Pay.operation()]));
    }
    OpenLicenceDetail::of(row, is_insider(by, row), deeds)
}

/// Whether a caller's organisation may have a licence of it now.
fn is_taken_by(house: &House, by: &Context, row: &open_licence::Model) -> bool {
    let Caller::Person(actor) = &by.caller else { return false };
    let today = shanghai_date(house.world.now());
    actor.organisation().is_some_and(|own| acceptance::may_take(row, own, today).is_ok())
}

/// Whether a caller reads what the public does not: the patentee, and officers.
fn is_insider(by: &Context, row: &open_licence::Model) -> bool {
    match &by.caller {
        Caller::System => true,
        Caller::Stranger => false,
        Caller::Person(actor) => actor.staff.is_some() || actor.organisation() == Some(row.organisation_id),
    }
}
