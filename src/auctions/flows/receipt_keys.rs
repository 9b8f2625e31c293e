//! The keys receipts are signed with.

use entity::auctions::receipt_key;
use uuid::Uuid;

use crate::auctions::rules::receipt::ReceiptKey;
use crate::auctions::store;
use crate::house::House;
use crate::platform::access::Context;
use crate::platform::problem::Problem;

/// Writes down the public half of the key this house signs with, if it is new, so that its receipts can be checked after
/// another has taken its place.
pub async fn note_receipt_key(house: &House) -> Result<(), Problem> {
    let public = house.keys.receipts().verifying_key().to_bytes();
    let kid = ReceiptKey::of(&public).kid;
    if store::receipts::has_key(house.db.read(), &kid).await? {
        return Ok(());
    }
    let by = Context::system("note_receipt_key", "start".into());
    house
        .write(&by, (kid, public), |tx, (kid, public)| async move {
            let row = receipt_key::Model { kid, public_key: public.to_vec(), first_used_at: tx.now };
            // Another server of this house may have come first.
            if store::receipts::insert_key(tx.conn(), row.clone()).await? {
                tx.created("receipt_key", Uuid::nil(), &row);
            } else {
                tx.nothing_changed();
            }
            Ok(())
        })
        .await?;
    Ok(())
}
