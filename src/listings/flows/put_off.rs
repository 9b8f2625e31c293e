//! Registration runs longer than was announced, or bidding opens later: a notice could not be read on some days, or was corrected in its
//! last ones.

use entity::ids::ListingId;
use entity::listings::listing;
use entity::notices::NoticeKind;
use serde::Deserialize;
use serde_json::Value;

use super::super::rules::{self, machine, schedule};
use super::super::store;
use super::auction_notice::follow_opening;
use super::{REGISTRATION_CLOSE, STATUS_WARNING};
use crate::admissions::flows::put_off_call_within;
use crate::auctions::flows::{announced_in_full_within, postpone_within};
use crate::house::Tx;
use crate::notices;
use crate::notices::rules::period::Period;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Why a lot opens later; public.
const REASON: &str = "公示期顺延，报名截止与开始时间相应顺延 The notice runs longer, so registration and bidding are put off with it";

/// What an event of a notice says.
#[derive(Deserialize)]
struct NoticeNews {
    kind: NoticeKind,
    #[serde(default)]
    listing_id: Option<ListingId>,
}

/// The end of a notice may have moved, or its page is there again: so may what waits for it.
pub async fn hear_notice_moved(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Ok(news) = NoticeNews::deserialize(body) else {
        tracing::error!(%body, "an event of a notice cannot be read");
        return Ok(());
    };
    match (news.kind, news.listing_id) {
        (NoticeKind::Listing, Some(id)) => registration_may_have_moved(tx, id).await,
        (NoticeKind::Auction, Some(id)) => match store::find(tx.conn(), id).await?.and_then(|listing| listing.lot_id) {
            Some(lot) => Box::pin(announced_in_full_within(tx, lot)).await,
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

async fn registration_may_have_moved(tx: &Tx, id: ListingId) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), id).await? else { return Ok(()) };
    if let Runs::ToItsEnd = put_off_within(tx, &held).await?
        && held.registration_closes_at.is_some_and(|closes_at| closes_at <= tx.now)
    {
        // It was not closed while nobody could read the notice.
        tx.arm(REGISTRATION_CLOSE, id, tx.now);
    }
    Ok(())
}

/// Whether registration runs by the day, so that days may turn out not to count.
pub(super) async fn counts_days(tx: &Tx, held: &listing::Model) -> Result<bool, Problem> {
    let Some(notice) = held.notice_id else { return Ok(false) };
    let notice = notices::store::find(tx.conn(), notice).await?.ok_or(Code::Internal)?;
    Ok(Period::kept(&notice)?.is_some_and(|period| period.span.is_by_the_day()))
}

/// How long the registration of a listing runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// To the end that was told.
    ToItsEnd,
    /// To a later one, which is told now.
    Longer,
    /// Nobody knows yet: the page of its notice is away.
    Unknown,
}

/// Moves the dates of a held listing to where its notice ends, as far as is known now, if that is later. The lot is held before its
/// call, and both before the notice of its auction.
pub(super) async fn put_off_within(tx: &Tx, held: &listing::Model) -> Result<Runs, Problem> {
    let (Some(from), Some(notice_id), Some(lot_id)) = (machine::dates(held), held.notice_id, held.lot_id) else {
        return Ok(Runs::ToItsEnd);
    };
    let notice = notices::store::find(tx.conn(), notice_id).await?.ok_or(Code::Internal)?;
    if notice.taken_down_at.is_some() {
        return Ok(Runs::Unknown);
    }
    let edition = tx.house.rulebook.current();
    let ends_at = notices::flows::ends_at(&tx.house, tx.conn(), &notice, tx.now).await?;
    let Some(timing) = ends_at.and_then(|ends_at| schedule::put_off(from, ends_at, &edition.calendar)) else { return Ok(Runs::ToItsEnd) };
    let lot = postpone_within(tx, lot_id, timing.auction_opens_at, REASON).await?;
    put_off_call_within(tx, lot_id, timing.registration_closes_at).await?;
    let timing = schedule::Timing { auction_opens_at: lot.map_or(timing.auction_opens_at, |lot| lot.opens_at), ..timing };
    let next = machine::put_off(held, timing);
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("listing", next.id, Some(held), Some(&next));
    tx.arm(REGISTRATION_CLOSE, held.id, timing.registration_closes_at);
    opening_moved(tx, &next).await?;
    Ok(Runs::Longer)
}

/// Bidding about a listing opens later than was told: the notice of its auction ends later, and the seller is warned before the new opening.
pub(super) async fn opening_moved(tx: &Tx, listing: &listing::Model) -> Result<(), Problem> {
    let Some(opens_at) = listing.auction_opens_at else { return Ok(()) };
    follow_opening(tx, listing).await?;
    let edition = tx.house.rulebook.current();
    tx.arm(STATUS_WARNING, listing.id, schedule::warned_at(tx.now, opens_at, &rules::rules_of(listing)?, &edition.calendar)?);
    Ok(())
}
