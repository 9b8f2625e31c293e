//! Handing a lot out: to each buyer his award, and the deal that follows from it.

use entity::admissions::admission;
use entity::auctions::{award, lot};
use entity::ids::DealId;
use serde::Deserialize;

use super::LotFacts;
use crate::auctions::rules::clock;
use crate::auctions::rules::close::Award;
use crate::deals::flows::{NewDeal, open_within};
use crate::house::Tx;
use crate::platform::db;
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// A lot goes to its buyers, in turn 1 to whoever won and in turn 2 to the runner-up. Units are numbered in the order of awards, so
/// that none is handed out twice. `settled` are the admissions as they stand now.
pub(super) async fn hand_out(
    tx: &Tx,
    lot: &lot::Model,
    bidders: usize,
    awards: &[Award],
    turn: i32,
    settled: &[admission::Model],
) -> Result<Vec<DealId>, Problem> {
    let mut deals = Vec::with_capacity(awards.len());
    let mut unit = 1;
    for award in awards {
        let row = award::Model {
            id: tx.id(),
            lot_id: lot.id,
            unit,
            turn,
            admission_id: award.admission,
            price_minor: award.price.minor,
            currency: award.price.currency,
            created_at: tx.now,
            units: i32::try_from(award.units).map_err(|_| Code::Internal)?,
        };
        db::insert(tx.conn(), row.clone()).await?;
        tx.created("award", row.id, &row);
        let buyer = settled.iter().find(|admission| admission.id == award.admission).ok_or(Code::Internal)?;
        deals.push(open(tx, lot, bidders, award, &row, buyer).await?);
        unit += row.units;
    }
    Ok(deals)
}

/// Opens the deal of an award.
async fn open(
    tx: &Tx,
    lot: &lot::Model,
    bidders: usize,
    award: &Award,
    row: &award::Model,
    buyer: &admission::Model,
) -> Result<DealId, Problem> {
    let facts = LotFacts::deserialize(&*lot.facts).map_err(|_| Problem::from(Code::Internal))?;
    let new = NewDeal {
        award_id: row.id,
        lot_id: lot.id,
        listing_id: lot.listing_id,
        seller_organisation_id: lot.seller_organisation_id,
        buyer_organisation_id: buyer.organisation_id,
        buyer_admission_id: buyer.id,
        price: award.price,
        base_price: facts.base_price,
        start_price: facts.start_price,
        mode: facts.mode,
        terms: facts.terms,
        title: lot.title.clone(),
        title_en: facts.title_en,
        assets: facts.assets,
        buyer_confidential: buyer.party_confidential,
        pseudonym: award.bidder.clone(),
        bid_count: lot.bid_count,
        bidder_count: i64::try_from(bidders).unwrap_or(i64::MAX),
        format: lot.terms.format_code().into(),
        closing_mode: lot.terms.closing_mode.code(),
        opened_at: lot.opens_at,
        closed_at: clock::bidding_end(lot),
        log_hash: hex(&lot.head_hash),
        log_seq: lot.seq,
        deposit: facts.deposit,
        deposit_transfer_id: buyer.hold_transfer_id,
        host_required: facts.host_required,
        rehearsal: lot.rehearsal,
        barred_persons: serde_json::from_value(lot.barred_persons.clone()).unwrap_or_default(),
        rules: Snapshot::deserialize(&*lot.rules).map_err(|_| Problem::from(Code::Internal))?,
        units: lot.terms.format.units().map(|_| award.units),
    };
    open_within(tx, new).await.map(|deal| deal.id)
}
