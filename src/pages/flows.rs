//! What a page shows, gathered from the rooms it is about.

use entity::ids::NoticeId;

use crate::house::House;
use crate::notices::flows as notices;
use crate::notices::views::{NoticeVersionSummary, NoticeView};
use crate::objections;
use crate::objections::store::Wanted;
use crate::objections::views::ObjectionView;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;
use crate::questions;
use crate::questions::views::QuestionView;

/// How many objections and how many questions stand on the page of a notice.
const MOST: u64 = 100;

/// A notice with what belongs to it.
pub struct Sheet {
    /// The notice and its text.
    pub notice: NoticeView,
    /// The versions of its text, the first first.
    pub versions: Vec<NoticeVersionSummary>,
    /// The newest objections to it, as the public sees them.
    pub objections: Vec<ObjectionView>,
    /// The newest questions about the listing that were answered.
    pub questions: Vec<QuestionView>,
}

/// Everything that stands on the page of a notice.
pub async fn sheet(house: &House, by: &Context, permit: &Permit<impl Permission>, id: NoticeId) -> Result<Sheet, Problem> {
    let notice = notices::read(house, by, permit, id).await?;
    let versions = notices::versions(house, by, permit, id).await?;
    let wanted = Wanted { notice_id: Some(id), ..Wanted::default() };
    let objections = objections::flows::list(house, &wanted, &PageQuery::onward(MOST, None)).await?.items;
    let questions = match notice.notice.listing_id {
        Some(listing) => questions::flows::published_about(house, by, listing, MOST).await?,
        None => Vec::new(),
    };
    Ok(Sheet { notice, versions, objections, questions })
}
