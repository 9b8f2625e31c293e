//! What receipts are checked by: the keys they are signed with, and what those of one transaction share.

use entity::Timestamp;
use entity::auctions::{receipt_key, receipt_tree};
use entity::ids::ReceiptTreeId;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use crate::platform::db::{self, Writes};

/// Every key receipts were ever signed with, oldest first.
pub async fn keys(db: &impl ConnectionTrait) -> Result<Vec<receipt_key::Model>, DbErr> {
    let all = receipt_key::Entity::find().order_by_asc(receipt_key::Column::FirstUsedAt).order_by_asc(receipt_key::Column::Kid);
    all.all(db).await
}

/// Whether a key of this id is written down.
pub async fn has_key(db: &impl ConnectionTrait, kid: &str) -> Result<bool, DbErr> {
    Ok(receipt_key::Entity::find_by_id(kid).one(db).await?.is_some())
}

/// Writes a key down, unless it stands already.
pub async fn insert_key(db: &impl ConnectionTrait, row: receipt_key::Model) -> Result<bool, DbErr> {
    db::insert_if_absent(db, row).await
}

/// What stores a tree.
pub fn insertion_of_tree(db: &impl ConnectionTrait, row: receipt_tree::Model) -> Writes {
    let mut writes = Writes::to(db);
    writes.insert(vec![row]);
    writes
}

/// A tree, while it is kept.
pub async fn tree(db: &impl ConnectionTrait, id: ReceiptTreeId) -> Result<Option<receipt_tree::Model>, DbErr> {
    receipt_tree::Entity::find_by_id(id).one(db).await
}

/// Deletes the trees that were made before an instant.
pub async fn delete_trees(db: &impl ConnectionTrait, before: Timestamp) -> Result<(), DbErr> {
    receipt_tree::Entity::delete_many().filter(receipt_tree::Column::MadeAt.lt(before)).exec(db).await.map(|_| ())
}
