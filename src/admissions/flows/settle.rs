//! The lot has ended, and later the deal is decided: deposits stay or go back.

use entity::admissions::admission;
use entity::ids::LotId;
use serde::Deserialize;
use serde_json::Value;

use super::call::shut;
use super::{hold_lot, meet};
use crate::admissions::rules::{self, DealNews, Settlement};
use crate::house::Tx;
use crate::platform::problem::{Code, Problem};

/// Settles the admissions of a lot that has ended, in the transaction that ends it; they are returned as they stand after it. A call
/// that is still open is closed first. Settling again changes nothing.
pub async fn settle_within(tx: &Tx, lot: LotId, settlement: &Settlement) -> Result<Vec<admission::Model>, Problem> {
    let (call, admissions) = hold_lot(tx, lot).await?;
    let mut settled = Vec::with_capacity(admissions.len());
    for held in shut(tx, &call, admissions).await? {
        settled.push(match rules::at_settlement(&held, settlement) {
            Some(fate) => meet(tx, &call, &held, fate).await?,
            None => held,
        });
    }
    Ok(settled)
}

/// A deal was decided: a runner-up who waited is free, unless the lot is offered to him next, and the buyer's deposit follows
/// who is at fault.
pub async fn hear_deal(tx: &Tx, body: &Value, next_asked: bool) -> Result<(), Problem> {
    let news = DealNews::deserialize(body).map_err(|error| {
        tracing::error!(%error, "an event of a deal cannot be read");
        Problem::from(Code::Internal)
    })?;
    let news = DealNews { next_asked, ..news };
    let (call, admissions) = hold_lot(tx, news.lot_id).await?;
    for held in &admissions {
        if let Some(fate) = rules::after_deal(held, news) {
            meet(tx, &call, held, fate).await?;
        }
    }
    Ok(())
}
