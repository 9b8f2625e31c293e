//! A lot's row, rebuilt from the log that is kept of it.

use entity::auctions::{LotState, lot};
use entity::ids::LotId;
use zhepai::auctions::rules::{announce, log};
use zhepai::auctions::store;

use super::Market;

/// Sees that the kept log alone makes the row as it is kept. Only what was announced once is taken from the row, and what is hidden
/// and sealed beside the log; all else begins empty or wrong.
pub async fn row_follows_from_log(market: &Market, lot: &str) {
    let (db, id) = (market.house().db.read(), lot.parse::<LotId>().unwrap());
    let row = store::lot(db, id).await.unwrap().unwrap();
    let events = store::events_after(db, id, 0, 1_000_000).await.unwrap();
    let blank = lot::Model {
        seller_organisation_id: row.seller_organisation_id,
        rehearsal: row.rehearsal,
        reserve_sealed: row.reserve_sealed.clone(),
        hidden_sealed: row.hidden_sealed.clone(),
        barred_persons: row.barred_persons.clone(),
        rules: row.rules.clone(),
        facts: row.facts.clone(),
        created_at: row.created_at,
        state: LotState::Aborted,
        opens_at: chrono::DateTime::UNIX_EPOCH,
        closes_at: chrono::DateTime::UNIX_EPOCH,
        ..announce::blank(id, row.listing_id, row.title.clone(), row.terms.clone())
    };
    assert_eq!(log::replay(blank, &events), Ok(row));
}
