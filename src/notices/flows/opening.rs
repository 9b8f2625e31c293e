//! What a public notice withholds until a date: when that comes it is told, in a further version that nobody has to publish.

use entity::Timestamp;
use entity::ids::NoticeId;
use entity::notices::NoticeProposalKind;
use serde_json::Value;
use uuid::Uuid;

use super::{parsed, replace};
use crate::house::Tx;
use crate::notices::events::NoticeEvent;
use crate::notices::rules::proposal::AtOnce;
use crate::notices::rules::redaction::next_opening;
use crate::notices::{rules, store};
use crate::platform::problem::{Code, Problem};

/// Why a further version takes the place of the one before.
const AT_ITS_DATE: &str = "依规则到期公开 Opened by rule at its date";

/// What a notice says, which is held; nothing where it is not public, or stands no more.
pub async fn standing_within(tx: &Tx, id: NoticeId) -> Result<Option<Value>, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    if rules::opened(&held).is_none() {
        return Ok(None);
    }
    let text = store::version(tx.conn(), id, held.current_version).await?.ok_or(Code::Internal)?;
    parsed(&text).map(Some)
}

/// Looks again when the next of what a notice withholds opens, by the timer of the room that knows what it is: at the first of all its
/// dates, or of those after an instant.
pub async fn arm_opening(tx: &Tx, id: NoticeId, (timer, subject): (&'static str, Uuid), after: Option<Timestamp>) -> Result<(), Problem> {
    let Some(content) = standing_within(tx, id).await? else { return Ok(()) };
    if let Some(at) = next_opening(&content, after) {
        tx.arm(timer, subject, at.max(tx.now));
    }
    Ok(())
}

/// Freezes the text of a public notice of which something has opened. Its period does not begin anew.
pub async fn open_within(tx: &Tx, id: NoticeId, text: String) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let next = rules::opened(&held).ok_or(Code::Internal)?;
    // Whoever published the notice published when this would come; he does nothing now, nor does anybody else.
    let proposed = held.published_by.zip(held.published_at).ok_or(Code::Internal)?;
    let of = AtOnce { id: tx.id(), kind: NoticeProposalKind::Opening, reason: AT_ITS_DATE, proposed, decided: (None, tx.now) };
    replace(tx, &held, &next, text, &of).await?;
    tx.publish(&NoticeEvent::opened(&next))
}
