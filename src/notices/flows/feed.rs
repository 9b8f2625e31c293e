//! The newest public notices, for feeds.

use entity::Timestamp;
use entity::notices::{notice, notice_version};

use super::super::store::{self, Wanted};
use super::reckoning::Reckoned;
use crate::house::House;
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};

/// A notice in a feed, with the text that stands.
pub struct Fed {
    /// The notice.
    pub notice: notice::Model,
    /// Its text; none while its page is away.
    pub text: Option<notice_version::Model>,
    /// When it ends, as far as is known now.
    pub ends_at: Option<Timestamp>,
    /// When it was last put out, given another text, taken away, put back or withdrawn.
    pub updated_at: Timestamp,
}

/// The newest public notices, newest first.
pub async fn fed(house: &House, wanted: Wanted, most: u64) -> Result<Vec<Fed>, Problem> {
    let wanted = Wanted { states: store::PUBLIC.to_vec(), ..wanted };
    let mut rows = store::list(house.db.read(), &wanted, &PageQuery::onward(most, None)).await?;
    // A page is read with one more, which says whether there is another.
    rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let mut texts = store::versions(house.db.read(), rows.iter().map(|row| row.id).collect()).await?;
    let reckoned = Reckoned::of(house.db.read(), &rows).await?;
    let mut found = Vec::with_capacity(rows.len());
    for notice in rows {
        let stands = texts.iter().position(|text| text.notice_id == notice.id && text.version == notice.current_version);
        let text = texts.swap_remove(stands.ok_or(Code::Internal)?);
        let standing = reckoned.standing(house, &notice, house.world.now())?;
        let ends_at = standing.map(|standing| standing.deadline.ends_at).or(notice.ends_at);
        let moved = reckoned.away(notice.id).last().map(|away| away.restored_at.unwrap_or(away.taken_down_at));
        let instants = [moved, Some(text.created_at), notice.withdrawn_at, notice.published_at];
        let updated_at = instants.into_iter().flatten().max().unwrap_or(notice.created_at);
        found.push(Fed { text: notice.taken_down_at.is_none().then_some(text), ends_at, updated_at, notice });
    }
    Ok(found)
}
