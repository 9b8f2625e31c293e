//! Drawing up what the public is told of an offer, through the gates.

use entity::ids::{ListingId, NoticeId};
use entity::listings::listing;
use serde_json::Value;

use super::super::rules::content::{Announcement, auction_notice, listing_notice};
use super::super::rules::gates;
use super::super::rules::pricing::{self, Bidding};
use super::look::{Sight, look};
use super::reserve;
use crate::house::Tx;
use crate::notices::flows::still_right;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// An offer that passed the gates, and what the public is told of it.
pub struct Drawn {
    /// What it was made from.
    pub sight: Sight,
    /// The text of the notice.
    pub content: Value,
    /// The text of the notice of its auction, where it is one in the sense of the law.
    pub auction: Option<Value>,
}

/// Lets an offer through the gates and draws up its notices.
pub async fn drawn(tx: &Tx, listing: &listing::Model) -> Result<Drawn, Problem> {
    let sight = look(tx, listing).await?;
    gates::approval(&sight.case(tx.now))?;
    drawn_up(tx, listing, sight).await
}

/// Draws up the notices of an offer that passed the gates.
pub async fn drawn_up(tx: &Tx, listing: &listing::Model, sight: Sight) -> Result<Drawn, Problem> {
    let commitment = reserve::commitment(tx, listing, &sight.offer)?;
    let bidding = pricing::settle(&sight.offer, &sight.rules, commitment.as_deref())?;
    let (content, auction) = texts(listing.id, &sight, &bidding, &sight.rules)?;
    Ok(Drawn { sight, content, auction })
}

/// The text of the notice of an offer under rules, and of its auction's, where it is one in the sense of the law.
pub fn texts(id: ListingId, sight: &Sight, bidding: &Bidding, rules: &Snapshot) -> Result<(Value, Option<Value>), Problem> {
    let announcement = Announcement {
        id,
        offer: &sight.offer,
        seller: &sight.seller,
        achievement: &sight.achievement,
        assets: &sight.assets,
        bidding,
        attachments: &sight.attachments,
        rules,
    };
    Ok((listing_notice(&announcement)?, auction_notice(&announcement)?))
}

/// What is drawn up anew of a listing that is public, whose errata stay.
pub async fn redrawn(tx: &Tx, listing: &listing::Model) -> Result<Drawn, Problem> {
    let drawn = drawn(tx, listing).await?;
    let notice = listing.notice_id.ok_or(Code::Internal)?;
    Ok(Drawn { content: still_right(tx, notice, drawn.content).await?, ..drawn })
}

/// A text that is drawn up anew, in which what errata of the notice before it set right stays right.
pub async fn still_right_if(tx: &Tx, notice: Option<NoticeId>, text: Option<Value>) -> Result<Option<Value>, Problem> {
    match (notice, text) {
        (Some(notice), Some(text)) => still_right(tx, notice, text).await.map(Some),
        (_, text) => Ok(text),
    }
}
