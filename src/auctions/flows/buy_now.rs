//! Buying a lot at once, before anybody has bid for it.

use std::time::Instant;

use entity::ids::LotId;

use super::bid::{Receipt, attempt, counted, held, recorded};
use crate::auctions::http::BuyLotNow;
use crate::auctions::rules::buy_now::buy;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::Problem;

/// Buys a lot at the price that was announced, which ends the bidding; it is closed as soon as its timer looks.
pub async fn buy_lot_now(house: &House, by: &Context, permit: Permit<BuyLotNow>, lot: LotId) -> Result<Done<Receipt>, Problem> {
    let begun = Instant::now();
    let done = house.write(by, (permit, lot), |tx, (permit, lot)| async move { Box::pin(buy_within(&tx, &permit, lot)).await }).await;
    counted(begun, &done);
    done
}

async fn buy_within(tx: &Tx, permit: &Permit<BuyLotNow>, id: LotId) -> Result<Receipt, Problem> {
    let held = held(tx, permit, id).await?;
    // Whether it has such a price the rule says, once it is known who asks.
    let price = held.terms.buy_now.unwrap_or(held.terms.start_price);
    let attempt = attempt(tx, &held, price).await?;
    let judgement = buy(&held, &attempt);
    recorded(tx, &held, attempt, judgement).await
}
