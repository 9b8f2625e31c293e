//! Announcing a lot, and ending it before bidding.

use entity::auctions::{LotState, LotTerms, lot};
use entity::ids::{ListingId, LotId, OrganisationId, PersonId};
use entity::money::Money;
use serde::{Deserialize, Serialize};

use super::{OPEN, caught_up, record, written_at};
use crate::auctions::events::LotEvent;
use crate::auctions::rules::log::{Body, Cause, append};
use crate::auctions::rules::pause::wrong_state;
use crate::auctions::rules::timeline::Dates;
use crate::auctions::rules::{announce, clock};
use crate::auctions::store;
use crate::house::Tx;
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
