//! The course of a lot that has ended, for anybody to recompute.

use entity::ids::LotId;

use crate::auctions::http::ReadLotCourse;
use crate::auctions::rules::clock::has_ended;
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::pause::wrong_state;
use crate::auctions::store;
use crate::deals;
use crate::house::House;
use crate::platform::access::Permit;
use crate::platform::problem::{Code, Problem};

/// How many events are read at once.
const AT_A_TIME: u64 = 500;

/// The course of a lot, with its buyers once their results are public. Before its end there is none: what is told of a running lot
/// is its log.
pub async fn course(house: &House, permit: &Permit<ReadLotCourse>, id: LotId) -> Result<LotCourse, Problem> {
    let db = house.db.read();
    let lot = store::lot(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&lot)?;
    if !has_ended(&lot) {
        return Err(wrong_state(&lot));
    }
    let mut events = Vec::new();
    loop {
        let after = i64::try_from(events.len()).map_err(|_| Problem::from(Code::Internal))?;
        let page = store::events_after(db, id, after, AT_A_TIME).await?;
        if page.is_empty() {
            break;
        }
        events.extend(page);
    }
    let course = LotCourse::of(&lot, events, store::receipts::keys(db).await?.into());
    let results = deals::flows::published_results(db, id).await?;
    Ok(LotCourse { outcome: course.outcome.with_buyers(results), ..course })
}
