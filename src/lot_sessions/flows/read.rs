//! Reading sessions.

use entity::auctions::lot;
use entity::ids::LotSessionId;
use entity::lot_sessions::{LotSessionState, lot_session};
use sea_orm::ConnectionTrait;

use super::{rules, store};
use crate::auctions;
use crate::house::House;
use crate::lot_sessions::http::{OPERATIONS, ReadLotSession};
use crate::lot_sessions::views::{LotSessionSummary, LotSessionView};
use crate::platform::access::{self, Caller, Context, Permission, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// A session, if the caller may see it, with its lots in order.
pub async fn read<P: Permission>(
    house: &House,
    permit: &Permit<P>,
    id: LotSessionId,
) -> Result<(lot_session::Model, Vec<lot::Model>), Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    Ok((found, lots(house, id).await?))
}

/// A session as its page shows it, with what the caller may do to it.
pub async fn page(house: &House, by: &Context, permit: &Permit<ReadLotSession>, id: LotSessionId) -> Result<LotSessionView, Problem> {
    let (found, lots) = read(house, permit, id).await?;
    let now = house.world.now();
    let open = match &by.caller {
        Caller::Person(actor) => rules::open_to(&found, &lots, actor.person, now),
        Caller::Stranger | Caller::System => Vec::new(),
    };
    let deeds = access::allowed(OPERATIONS, &by.caller, &found, &open);
    Ok(LotSessionView { allowed_deeds: Some(deeds), ..LotSessionView::at(found, lots, now) })
}

/// The lots of a session as they stand now, in its order.
pub async fn lots(house: &House, id: LotSessionId) -> Result<Vec<lot::Model>, Problem> {
    lots_of(house.db.read(), id).await
}

/// The same, on a connection.
pub(super) async fn lots_of(db: &impl ConnectionTrait, id: LotSessionId) -> Result<Vec<lot::Model>, Problem> {
    let order = store::order(db, id).await?;
    rules::in_order(&order, auctions::store::lots(db, &order).await?)
}

/// Lists sessions; officers see drafts too.
pub async fn list(
    house: &House,
    by: &Context,
    state: Option<LotSessionState>,
    page: &PageQuery,
) -> Result<Page<LotSessionSummary>, Problem> {
    let officer = matches!(&by.caller, Caller::Person(actor) if actor.staff.is_some());
    let rows = store::list(house.db.read(), state, officer, page).await?;
    page.page(rows, |row| (row.created_at, row.id.into()), LotSessionSummary::from)
}
