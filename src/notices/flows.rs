//! What happens to a notice: drafted and frozen, published, ended; and how it is read.

use std::collections::HashMap;

use entity::Timestamp;
use entity::ids::{DealId, ListingId, NoticeId, OrganisationId, PersonId};
use entity::notices::{NoticeKind, NoticeState, notice, notice_version};
use serde_json::Value;
use uuid::Uuid;

use super::events::NoticeEvent;
use super::http::ReadNotice;
use super::store::Wanted;
use super::views::{NoticeSummary, NoticeView};
use super::{rules, store};
use crate::house::{House, Tx};
use crate::platform::access::{Caller, Context, Permit};
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// A notice to draft.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it announces.
    pub kind: NoticeKind,
    /// The listing it is about.
    pub listing_id: ListingId,
    /// The deal it is about, if one.
    pub deal_id: Option<DealId>,
    /// The organisation whose matter it is: the seller.
    pub organisation_id: OrganisationId,
    /// Who decided the case and may not publish it.
    pub barred_persons: Vec<PersonId>,
    /// The text for the public, redacted already; frozen as it is.
    pub content: Value,
}

/// Drafts a notice and freezes its text.
pub async fn draft_within(tx: &Tx, draft: Draft) -> Result<notice::Model, Problem> {
    let row = notice::Model {
        id: tx.id(),
        kind: draft.kind,
        state: NoticeState::Drafted,
        listing_id: draft.listing_id,
        deal_id: draft.deal_id,
        organisation_id: draft.organisation_id,
        barred_persons: serde_json::to_value(&draft.barred_persons).map_err(|_| Code::Internal)?,
        current_version: 1,
        published_by: None,
        published_at: None,
        ends_at: None,
        version: 1,
        created_at: tx.now,
    };
    let content = rules::canonical(&draft.content);
    let sha256 = sha256(content.as_bytes()).to_vec();
    db::insert(tx.conn(), row.clone()).await?;
    let text = notice_version::Model { notice_id: row.id, version: row.current_version, content, sha256, created_at: tx.now };
    db::insert(tx.conn(), text.clone()).await?;
    tx.created("notice", row.id, &row);
    tx.created("notice_version", row.id, &text);
    Ok(row)
}

/// Puts a draft out, by somebody who did not decide the case; with `ends_at`, its period is over then.
pub async fn publish_within(tx: &Tx, id: NoticeId, publisher: PersonId, ends_at: Option<Timestamp>) -> Result<notice::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let next = rules::publish(&held, publisher, ends_at, tx.now)?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", id, Some(&held), Some(&next));
    if let Some(ends_at) = next.ends_at {
        tx.arm("notices.end", id, ends_at);
    }
    tx.publish(&NoticeEvent::published(&next))?;
    Ok(next)
}

/// The timer `notices.end`: the period of a notice is over.
pub async fn on_end(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else {
        return Ok(());
    };
    let Some(next) = rules::end(&held, tx.now) else { return Ok(()) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", next.id, Some(&held), Some(&next));
    tx.publish(&NoticeEvent::ended(&next))
}

/// Reads a notice as its frozen text says it.
pub async fn read(house: &House, permit: &Permit<ReadNotice>, id: NoticeId) -> Result<NoticeView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let text = store::version(house.db.read(), id, found.current_version).await?.ok_or(Code::Internal)?;
    Ok(NoticeView::of(&found, text))
}

/// Lists notices. Drafts are listed only when asked for, and only to staff and to their organisation.
pub async fn list(house: &House, by: &Context, wanted: Wanted, page: &PageQuery) -> Result<Page<NoticeSummary>, Problem> {
    let wanted = if wanted.states.contains(&NoticeState::Drafted) { drafts_open_to(by, wanted) } else { wanted };
    let rows = store::list(house.db.read(), &wanted, page).await?;
    let versions = store::versions(house.db.read(), rows.iter().map(|row| row.id).collect()).await?;
    let mut texts: HashMap<_, _> = versions.into_iter().map(|text| ((text.notice_id, text.version), text)).collect();
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let text = texts.remove(&(row.id, row.current_version)).ok_or(Code::Internal)?;
        found.push((row, text));
    }
    page.page(found, |(row, _)| (row.published_at.unwrap_or(row.created_at), row.id.into()), |(row, text)| NoticeSummary::of(&row, &text))
}

/// What of the drafts asked for a caller may see. Whoever may see none finds none: the same answer
/// as if there were none.
fn drafts_open_to(by: &Context, wanted: Wanted) -> Wanted {
    let own = match &by.caller {
        Caller::System => return wanted,
        Caller::Person(actor) if actor.staff.is_some() => return wanted,
        Caller::Person(actor) => actor.organisation(),
        Caller::Stranger => None,
    };
    match own {
        Some(own) if wanted.organisation_id.is_none_or(|asked| asked == own) => Wanted { organisation_id: Some(own), ..wanted },
        _ => Wanted { states: Vec::new(), ..wanted },
    }
}
