//! Announcing a lot, putting its opening off, and ending it before bidding.

use entity::Timestamp;
use entity::auctions::{LotState, LotTerms, lot};
use entity::ids::{ListingId, LotId, OrganisationId, PersonId};
use entity::money::Money;
use serde::{Deserialize, Serialize};

use super::{OPEN, caught_up, record, written_at};
use crate::auctions::events::LotEvent;
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::rules::pause::wrong_state;
use crate::auctions::rules::timeline::Dates;
use crate::auctions::rules::{announce, clock, postpone};
use crate::auctions::store;
use crate::house::Tx;
use crate::notices::flows::opens_later;
use crate::platform::access::Caller;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// A lot to announce.
#[derive(Clone, Debug)]
pub struct NewLot {
    /// Its id.
    pub id: LotId,
    /// The listing it is of.
    pub listing_id: ListingId,
    /// The seller.
    pub seller_organisation_id: OrganisationId,
    /// Title.
    pub title: String,
    /// Sandbox rehearsal without legal effect.
    pub rehearsal: bool,
    /// How it is bid for.
    pub terms: LotTerms,
    /// The sealed secret reserve.
    pub reserve_sealed: Option<Vec<u8>>,
    /// Persons who decided about the listing.
    pub barred_persons: Vec<PersonId>,
    /// The rules announced.
    pub rules: Snapshot,
    /// What the deal will need to know.
    pub facts: LotFacts,
}

/// What is sold and how, by value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LotFacts {
    /// Its title in English, where its listing gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// Mode of transfer.
    pub mode: entity::listings::TransferMode,
    /// Terms of transfer.
    pub terms: serde_json::Value,
    /// The rights sold.
    pub assets: serde_json::Value,
    /// Deposit.
    pub deposit: Money,
    /// What the seller valued it at.
    #[serde(default)]
    pub base_price: Option<Money>,
    /// Start price.
    pub start_price: Money,
    /// Whether an auctioneer signs the confirmation.
    pub host_required: bool,
    /// How its dates came about; unknown of lots from before it was kept.
    #[serde(default)]
    pub dates: Dates,
}

/// Why a lot opens later whose notice could not be read for as long as it must be; public.
const UNREAD: &str = "拍卖公告的公示天数因页面下线或停机不足，开始时间顺延 The notice of the auction could not be read for all the days \
                      before that it must be, so bidding is put off";

/// Announces a lot.
pub async fn schedule_within(tx: &Tx, new: NewLot) -> Result<lot::Model, Problem> {
    let json = |value: Result<serde_json::Value, serde_json::Error>| value.map_err(|_| Problem::from(Code::Internal));
    let blank = lot::Model {
        seller_organisation_id: new.seller_organisation_id,
        rehearsal: new.rehearsal,
        reserve_sealed: new.reserve_sealed,
        barred_persons: json(serde_json::to_value(&new.barred_persons))?,
        rules: json(serde_json::to_value(&new.rules))?.into(),
        facts: json(serde_json::to_value(&new.facts))?.into(),
        created_at: tx.now,
        ..announce::blank(new.id, new.listing_id, new.title, new.terms)
    };
    let (event, lot) = announce::announced(&blank, tx.now);
    db::insert(tx.conn(), blank.clone()).await?;
    record(tx, &blank, vec![event], &lot).await?;
    tx.arm(OPEN, lot.id, clock::next_look(&lot).unwrap_or(lot.opens_at));
    Ok(lot)
}

/// Registration has closed with so many admitted; a lot whose time has come opens at once.
pub async fn registered_within(tx: &Tx, id: LotId, admitted: u32) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    // One that was paused may have been aborted, and its listing hears of it later.
    if clock::has_ended(&held) {
        return Ok(());
    }
    let (closed, lot) = announce::registered(&held, admitted, written_at(tx, id).await?);
    record(tx, &held, vec![closed], &lot).await?;
    Box::pin(caught_up(tx, lot)).await
}

/// A lot that waits opens once the notice of its auction could be read for all the days that it must be before, and not while it is away:
/// it is put off where it was to open sooner. Its listing and its session hear of it.
pub async fn announced_in_full_within(tx: &Tx, id: LotId) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    announced_in_full(tx, held).await.map(|_| ())
}

/// The same of a held lot: as it stands then.
pub(super) async fn announced_in_full(tx: &Tx, held: lot::Model) -> Result<lot::Model, Problem> {
    if !clock::awaits_opening(&held) {
        return Ok(held);
    }
    let later = opens_later(&tx.house, tx.conn(), held.listing_id, held.opens_at, tx.now).await?;
    let Some(opens_at) = later else { return Ok(held) };
    let Some((event, lot)) = postpone::postponed(&held, opens_at, UNREAD, written_at(tx, held.id).await?) else { return Ok(held) };
    // It is the market's doing, whoever finds it first.
    record(&tx.in_the_name_of(Caller::System, OPEN), &held, vec![event], &lot).await?;
    Ok(lot)
}

/// The same of held lots of which some may open now.
pub async fn all_announced_in_full_within(tx: &Tx, lots: Vec<lot::Model>) -> Result<Vec<lot::Model>, Problem> {
    let mut found = Vec::with_capacity(lots.len());
    for lot in lots {
        found.push(if clock::may_open(&lot, tx.now) { announced_in_full(tx, lot).await? } else { lot });
    }
    Ok(found)
}

/// A lot opens later than was announced, since registration for it runs longer: the lot after it, if anything changed.
/// What its listing says of the opening is for whoever asks for it to change.
pub async fn postpone_within(tx: &Tx, id: LotId, opens_at: Timestamp, reason: &str) -> Result<Option<lot::Model>, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let Some((event, lot)) = postpone::postponed(&held, opens_at, reason, written_at(tx, id).await?) else { return Ok(None) };
    record(tx, &held, vec![event], &lot).await?;
    Ok(Some(lot))
}

/// Ends a lot before bidding. Harmless on a lot that has ended.
pub async fn abort_within(tx: &Tx, id: LotId, reason: &str) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    if held.state == LotState::Aborted {
        return Ok(());
    }
    if !clock::awaits_opening(&held) {
        return Err(wrong_state(&held));
    }
    let (event, lot) = append(&held, written_at(tx, id).await?, &Body::aborted(reason), Cause::default());
    record(tx, &held, vec![event], &lot).await?;
    tx.publish(&LotEvent::aborted(&lot))
}
