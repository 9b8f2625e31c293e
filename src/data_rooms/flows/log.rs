//! Reading the log of a room, for its owner and officers.

use entity::ids::DataRoomId;

use crate::data_rooms::http::{AccessQuery, ExportDataRoomLog, ListDataRoomLog};
use crate::data_rooms::rules::log;
use crate::data_rooms::store;
use crate::data_rooms::views::AccessView;
use crate::house::House;
use crate::platform::access::{Permission, Permit};
use crate::platform::http::Page;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest code of a watermark that is asked for, characters.
const LONGEST_CODE: usize = 64;

/// A page of the log, newest first.
pub async fn log(
    house: &House,
    permit: &Permit<ListDataRoomLog>,
    id: DataRoomId,
    query: &AccessQuery,
) -> Result<Page<AccessView>, Problem> {
    Faults::new().optional_text("#query/watermark", query.watermark.as_ref(), LONGEST_CODE).done()?;
    let room = owned(house, permit, id).await?;
    let page = query.page();
    let rows = store::log(house.db.read(), room, query.watermark.as_deref(), &page).await?;
    page.page_by_position(rows, |row| row.seq, AccessView::from)
}

/// The log as a table.
pub async fn table(house: &House, permit: &Permit<ExportDataRoomLog>, id: DataRoomId) -> Result<Vec<u8>, Problem> {
    let room = owned(house, permit, id).await?;
    log::table(&store::whole_log(house.db.read_long(), room).await?)
}

/// The room, if the caller may do this to it.
async fn owned<P: Permission>(house: &House, permit: &Permit<P>, id: DataRoomId) -> Result<DataRoomId, Problem> {
    let room = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&room)?;
    Ok(room.id)
}
