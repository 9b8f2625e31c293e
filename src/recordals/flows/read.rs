//! Reading what is filed, and whose a right was.

use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{AssetId, RecordalId};
use entity::recordals::{RecordalKind, RecordalState, recordal};
use uuid::Uuid;

use super::end::loss;
use super::hand;
use crate::achievements;
use crate::house::House;
use crate::platform::access::{self, Caller, Context, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};
use crate::recordals::http::{BoughtRight, ListAssetTitles, OPERATIONS, ReadRecordal, Titled};
use crate::recordals::rules::machine::{self, Deed};
use crate::recordals::rules::rescission::may_rescind;
use crate::recordals::rules::title;
use crate::recordals::store::{self, Wanted};
use crate::recordals::views::{AssetTitles, RecordalDetail, RecordalView};
use crate::rulebook::rules::shanghai_date;

/// A page of what the caller's organisation is a party to; of everything for officers.
pub async fn list(house: &House, wanted: &Wanted, page: &PageQuery) -> Result<Page<RecordalView>, Problem> {
    let rows = store::list(house.db.read(), wanted, page).await?;
    let mut of = store::assets_of(house.db.read(), rows.iter().map(|row| row.id)).await?;
    let mut told = Vec::with_capacity(rows.len());
    for row in rows {
        let assets = of.remove(&row.id).unwrap_or_default();
        told.push((row.created_at, Uuid::from(row.id), RecordalView::of(&row, assets)));
    }
    page.page(told, |(at, id, _)| (*at, *id), |(.., view)| view)
}

/// Reads one, with what the caller may do.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadRecordal>, id: RecordalId) -> Result<RecordalDetail, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    told(house, by, &found).await
}

/// One as a party or an officer is told of it.
pub async fn told(house: &House, by: &Context, row: &recordal::Model) -> Result<RecordalDetail, Problem> {
    let db = house.db.read();
    let open = match &by.caller {
        Caller::Person(actor) => machine::open_to(row, &hand(db, actor, row).await?),
        Caller::Stranger | Caller::System => Vec::new(),
    };
    // Only its buyer rescinds a transfer, and only where it was lost in time.
    let (rescinding, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|deed| *deed == Deed::Rescind.operation());
    let loss = if row.kind == RecordalKind::Transfer { loss(db, row).await? } else { None };
    let registration_date = row.registered_on.filter(|_| row.state == RecordalState::Registered);
    let mut deeds = access::allowed(OPERATIONS, &by.caller, row, &open);
    if may_rescind(loss, registration_date).is_ok() {
        deeds.extend(access::allowed(OPERATIONS, &by.caller, &BoughtRight(row), &rescinding));
    }
    RecordalDetail::of(row, store::assets(db, row.id).await?, loss, deeds)
}

/// Whose a right was on a day, as it was known at an instant, with everything that is known of that.
pub async fn titles(
    house: &House,
    permit: &Permit<ListAssetTitles>,
    id: AssetId,
    (on, at): (Option<NaiveDate>, Option<DateTime<Utc>>),
) -> Result<AssetTitles, Problem> {
    let db = house.db.read();
    let asset = achievements::store::asset(db, id).await?.ok_or(Code::NotFound)?;
    let history = store::titles(db, id).await?;
    let former = history.iter().map(|title| title.organisation_id).filter(|former| *former != asset.organisation_id).collect();
    permit.over(&Titled { owner: asset.organisation_id, former })?;
    let now = house.world.now();
    let at = at.map_or(now, |at| at.min(now));
    let on = on.unwrap_or_else(|| shanghai_date(at));
    let (owner, owners) = match title::on(&history, on, at) {
        Some(title) => (title.organisation_id, title::owners_of(title)?),
        // It never passed by then.
        None => match history.first() {
            Some(first) => (first.organisation_id, title::owners_of(first)?),
            None => (asset.organisation_id, achievements::store::owners(db, id).await?),
        },
    };
    let grant = store::patent_grant(db, id).await?;
    AssetTitles::of(id, (on, at), (owner, owners), &history, grant.as_ref())
}
