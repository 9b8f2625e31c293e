//! The notice of an auction in the sense of the law (拍卖公告), beside that of its listing: it runs until bidding opens.

use entity::ids::{NoticeId, PersonId};
use entity::listings::listing;
use entity::notices::NoticeKind;
use serde_json::Value;

use crate::house::Tx;
use crate::notices::flows::{Draft, Revision, draft_within, end_within, publish_within, put_off_within, revise_within, withdraw_within};
use crate::notices::rules::{Matter, canonical};
use crate::platform::problem::Problem;

/// Drafts a notice about a listing, which nobody publishes who decided about it.
pub(super) async fn drafted(
    tx: &Tx,
    about: &listing::Model,
    kind: NoticeKind,
    barred_persons: Vec<PersonId>,
    content: Value,
) -> Result<NoticeId, Problem> {
    let draft =
        Draft { kind, matter: Matter::Listing(about.id), deal_id: None, organisation_id: about.organisation_id, barred_persons, content };
    Ok(draft_within(tx, draft).await?.id)
}

/// What becomes of the notice of an auction when its listing is announced anew: it has a further version, a first one where the offer is an
/// auction only now, and is withdrawn where it is none any more. The one that stands afterwards.
pub(super) async fn announced_anew(
    tx: &Tx,
    held: &listing::Model,
    content: Option<Value>,
    with: Revision,
) -> Result<Option<NoticeId>, Problem> {
    match (held.auction_notice_id, content) {
        (Some(id), Some(content)) => {
            revise_within(tx, id, Revision { text: canonical(&content), ..with }).await?;
            Ok(Some(id))
        }
        (None, Some(content)) => {
            let id = drafted(tx, held, NoticeKind::Auction, with.barred_persons, content).await?;
            publish_within(tx, id, with.publisher, Some(with.period)).await?;
            Ok(Some(id))
        }
        (Some(id), None) => {
            withdraw_within(tx, id, with.publisher, &with.reason).await?;
            Ok(None)
        }
        (None, None) => Ok(None),
    }
}

/// Bidding opens, or never will: the notice of the auction is over.
pub(super) async fn end(tx: &Tx, listing: &listing::Model) -> Result<(), Problem> {
    match listing.auction_notice_id {
        Some(notice) => end_within(tx, notice).await,
        None => Ok(()),
    }
}

/// Bidding opens later than was told, and so the notice of the auction ends later.
pub(super) async fn follow_opening(tx: &Tx, listing: &listing::Model) -> Result<(), Problem> {
    match (listing.auction_notice_id, listing.auction_opens_at) {
        (Some(notice), Some(opens_at)) => put_off_within(tx, notice, opens_at).await,
        _ => Ok(()),
    }
}
