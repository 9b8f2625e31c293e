//! What one transaction accepted is signed for as one tree. That is kept once; each outcome says only which leaf of it is its own.

use entity::auctions::receipt_tree;
use entity::ids::ReceiptTreeId;

use super::bid::Receipt;
use super::kept::statement;
use crate::auctions::rules::merkle::Hash;
use crate::auctions::rules::receipt::{Issued, SignedReceipt, issued_again};
use crate::auctions::store;
use crate::house::{House, Tx};
use crate::platform::db::Ending;
use crate::platform::problem::{Code, Problem};

/// A leaf of a tree that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The tree.
    pub tree: ReceiptTreeId,
    /// Its place in it, from 0.
    pub place: u64,
}

/// Keeps the tree of what was issued with the rest of the deed. One that is a single leaf is kept with its outcome.
pub(super) fn keep(tx: &Tx, issued: &Issued) -> Option<ReceiptTreeId> {
    let jws = issued.receipts.get(1)?.jws.clone();
    let id = tx.id();
    let row = receipt_tree::Model { id, leaves: issued.leaves.concat(), jws, made_at: tx.house.world.real_now() };
    tx.write_with_the_rest(store::receipts::insertion_of_tree(tx.conn(), row));
    Some(id)
}

/// A receipt with what was signed, where that was kept elsewhere.
pub(super) async fn proved(house: &House, receipt: Receipt) -> Result<Receipt, Problem> {
    match receipt.leaf {
        Some(leaf) if receipt.signed.is_none() => {
            let tree = store::receipts::tree(house.db.read(), leaf.tree).await?;
            let Some(signed) = tree.and_then(|tree| signed_again(&receipt, leaf, &tree)) else {
                tracing::error!(tree = %leaf.tree, lot = %receipt.lot_id, seq = receipt.seq, "what was signed of a bid cannot be made again");
                return Err(Code::Internal.into());
            };
            Ok(Receipt { signed: Some(signed), ..receipt })
        }
        _ => Ok(receipt),
    }
}

fn signed_again(receipt: &Receipt, leaf: Leaf, tree: &receipt_tree::Model) -> Option<SignedReceipt> {
    let (leaves, rest) = tree.leaves.as_chunks::<{ size_of::<Hash>() }>();
    rest.is_empty().then(|| issued_again(statement(receipt), leaf.place, leaves, &tree.jws))?
}

/// Forgets trees whose outcomes are forgotten, which were made after them in the same transaction.
pub async fn forget_old_receipt_trees(house: &House) -> Result<(), Problem> {
    let now = house.world.real_now();
    let limit = now - house.span("idempotency_retention", now)? - AFTER;
    house
        .db
        .transact(move |tx| async move {
            store::receipts::delete_trees(&*tx, limit).await?;
            Ok(Ending::Commit(()))
        })
        .await
}

/// How much longer a tree is kept than the outcomes: longer than any transaction takes.
const AFTER: chrono::TimeDelta = chrono::TimeDelta::hours(1);
