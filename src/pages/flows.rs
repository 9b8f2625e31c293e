//! What a page shows, gathered from the rooms it is about.

use entity::Timestamp;
use entity::ids::{ListingId, NoticeId};
use serde_json::Value;

use crate::house::House;
use crate::listings;
use crate::listings::rules::machine::asks_until;
use crate::notices::flows as notices;
use crate::notices::rules::objecting;
use crate::notices::views::NoticeView;
use crate::objections;
use crate::objections::store::Wanted;
use crate::objections::views::ObjectionView;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;
use crate::questions;
use crate::questions::views::QuestionView;
use crate::rulebook::rules::shanghai_date;

/// How many objections and how many questions stand on the page of a notice.
const MOST: u64 = 100;

/// A notice with what belongs to it.
pub struct Sheet {
    /// The notice and its text.
    pub notice: NoticeView,
    /// The versions of its text with what they differ in, the first first.
    pub versions: Vec<notices::Told>,
    /// How to object by the rules of today, where the text itself does not say by when each step is done.
    pub objecting: Option<Value>,
    /// The newest objections to it, as the public sees them.
    pub objections: Vec<ObjectionView>,
    /// The newest questions about the listing that were answered.
    pub questions: Vec<QuestionView>,
    /// The listing about which questions are taken now, and until when.
    pub asks: Option<(ListingId, Timestamp)>,
}

/// Everything that stands on the page of a notice.
pub async fn sheet(house: &House, by: &Context, permit: &Permit<impl Permission>, id: NoticeId) -> Result<Sheet, Problem> {
    let notice = notices::read(house, by, permit, id).await?;
    let versions = notices::course(house, by, permit, id).await?;
    let wanted = Wanted { notice_id: Some(id), ..Wanted::default() };
    let objections = objections::flows::list(house, &wanted, &PageQuery::onward(MOST, None)).await?.items;
    let (questions, asks) = match notice.notice.listing_id {
        Some(listing) => (questions::flows::published_about(house, by, listing, MOST).await?, asks(house, listing).await?),
        None => (Vec::new(), None),
    };
    Ok(Sheet { objecting: objecting_today(house, &notice.content), notice, versions, objections, questions, asks })
}

/// A listing with until when anybody may ask about it, while he may.
async fn asks(house: &House, id: ListingId) -> Result<Option<(ListingId, Timestamp)>, Problem> {
    let until = listings::store::find(house.db.read(), id).await?.as_ref().and_then(asks_until);
    Ok(until.filter(|until| *until > house.world.now()).map(|until| (id, until)))
}

/// How to object by the rules of today; nothing where the text says it itself.
fn objecting_today(house: &House, content: &Value) -> Option<Value> {
    let is_said = content.pointer("/objections/deadlines").is_some();
    (!is_said).then(|| objecting::told_on(&house.rulebook.current().rulebook, shanghai_date(house.world.now())))
}
