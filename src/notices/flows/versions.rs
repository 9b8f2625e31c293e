//! The versions of a notice's text, what they differ in, and what is proposed about a notice.

use std::collections::HashMap;

use entity::ids::{NoticeId, NoticeProposalId};
use entity::notices::{notice, notice_proposal, notice_version};
use serde_json::Value;
use uuid::Uuid;

use super::is_insider;
use crate::house::House;
use crate::notices::http::{ListNoticeProposals, OPERATIONS, ReadNoticeVersions};
use crate::notices::rules::difference::differences;
use crate::notices::rules::proposal::decisions_open_to;
use crate::notices::store;
use crate::notices::views::{NoticeDifference, NoticeProposalView, NoticeVersionSummary, NoticeVersionView};
use crate::platform::access::{self, Caller, Context, Permission, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::problem::{Code, Problem};

/// The notice, where the caller may read its text.
async fn readable<P: Permission>(house: &House, by: &Context, permit: &Permit<P>, id: NoticeId) -> Result<notice::Model, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    if found.taken_down_at.is_some() && !is_insider(by, &found) {
        let away = store::away_now(house.db.read(), id).await?.ok_or(Code::Internal)?;
        return Err(Code::TakenDown.with("taken_down_at", away.taken_down_at).with("reason", &away.reason));
    }
    Ok(found)
}

/// Every version, the first first.
pub async fn versions(
    house: &House,
    by: &Context,
    permit: &Permit<ReadNoticeVersions>,
    id: NoticeId,
) -> Result<Vec<NoticeVersionSummary>, Problem> {
    let found = readable(house, by, permit, id).await?;
    let made = made_by(house, id).await?;
    let mut texts = store::versions(house.db.read(), vec![id]).await?;
    texts.sort_by_key(|text| text.version);
    texts.iter().map(|text| NoticeVersionSummary::of(&found, text, made.get(&text.version))).collect()
}

/// The errata of a notice by the versions that they made.
async fn made_by(house: &House, id: NoticeId) -> Result<HashMap<i64, notice_proposal::Model>, Problem> {
    let all = store::proposals_that_made(house.db.read(), id).await?;
    Ok(all.into_iter().filter_map(|proposal| Some((proposal.made_version?, proposal))).collect())
}

/// One version.
pub async fn version<P: Permission>(
    house: &House,
    by: &Context,
    permit: &Permit<P>,
    id: NoticeId,
    version: i64,
) -> Result<NoticeVersionView, Problem> {
    let found = readable(house, by, permit, id).await?;
    let text = text_of(house, id, version).await?;
    let made = made_by(house, id).await?;
    let summary = NoticeVersionSummary::of(&found, &text, made.get(&version))?;
    Ok(NoticeVersionView { summary, content: parsed(&text)?, content_text: text.content })
}

async fn text_of(house: &House, id: NoticeId, version: i64) -> Result<notice_version::Model, Problem> {
    store::version(house.db.read(), id, version).await?.ok_or_else(|| Code::NotFound.into())
}

fn parsed(text: &notice_version::Model) -> Result<Value, Problem> {
    serde_json::from_str(&text.content).map_err(|_| Code::Internal.into())
}

/// What two versions differ in; without `from` the one before `to`, without `to` the one that stands.
pub async fn difference<P: Permission>(
    house: &House,
    by: &Context,
    permit: &Permit<P>,
    id: NoticeId,
    from: Option<i64>,
    to: Option<i64>,
) -> Result<NoticeDifference, Problem> {
    let found = readable(house, by, permit, id).await?;
    let to = to.unwrap_or(found.current_version);
    let from = from.unwrap_or_else(|| to.saturating_sub(1).max(1));
    let (before, after) = (text_of(house, id, from).await?, text_of(house, id, to).await?);
    Ok(NoticeDifference { from, to, changes: differences(&parsed(&before)?, &parsed(&after)?) })
}

/// What was proposed about a notice, the newest first.
pub async fn proposals(
    house: &House,
    by: &Context,
    permit: &Permit<ListNoticeProposals>,
    id: NoticeId,
    page: &PageQuery,
) -> Result<Page<NoticeProposalView>, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let rows = store::proposals(house.db.read(), id, page).await?;
    page.page(rows, |row| (row.proposed_at, Uuid::from(row.id)), |row| told(by, &found, &row))
}

/// A proposal after a deed, as the caller is told of it.
pub async fn proposal_told(house: &House, by: &Context, id: NoticeProposalId) -> Result<NoticeProposalView, Problem> {
    let row = store::proposal(house.db.read(), id).await?.ok_or(Code::Internal)?;
    let found = store::find(house.db.read(), row.notice_id).await?.ok_or(Code::Internal)?;
    Ok(told(by, &found, &row))
}

fn told(by: &Context, notice: &notice::Model, row: &notice_proposal::Model) -> NoticeProposalView {
    let open = match &by.caller {
        Caller::Person(actor) => decisions_open_to(row, notice, actor.person),
        Caller::Stranger | Caller::System => Vec::new(),
    };
    NoticeProposalView::of(row, access::allowed(OPERATIONS, &by.caller, row, &open))
}
