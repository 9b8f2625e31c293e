//! Where documents and their versions are kept.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::documents::{document, document_version};
use entity::ids::{DocumentId, OrganisationId, PersonId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// A document with one of its versions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Filed {
    /// The document.
    pub document: document::Model,
    /// The version.
    pub version: document_version::Model,
}

/// Whose documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// An organisation's.
    Organisation(OrganisationId),
    /// What an officer uploaded for the platform.
    Officer(PersonId),
    /// Every organisation's, and the platform's.
    All,
}

/// A document.
pub async fn document(db: &impl ConnectionTrait, id: DocumentId) -> Result<Option<document::Model>, DbErr> {
    document::Entity::find_by_id(id).one(db).await
}

/// Those documents that are named.
pub async fn documents_named(db: &impl ConnectionTrait, ids: impl IntoIterator<Item = DocumentId>) -> Result<Vec<document::Model>, DbErr> {
    document::Entity::find().filter(document::Column::Id.is_in(ids)).all(db).await
}

/// A document, held.
pub async fn hold(db: &impl ConnectionTrait, id: DocumentId) -> Result<Option<document::Model>, DbErr> {
    document::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// How many documents of a person's own that were uploaded after an instant show nothing yet.
pub async fn waiting(db: &impl ConnectionTrait, person: PersonId, since: Timestamp) -> Result<u64, DbErr> {
    let own = document::Entity::find().filter(document::Column::PersonId.eq(person)).filter(document::Column::CreatedAt.gt(since));
    own.filter(document::Column::HandedInAt.is_null()).count(db).await
}

/// One version of a document.
pub async fn version(db: &impl ConnectionTrait, id: DocumentId, version: i64) -> Result<Option<document_version::Model>, DbErr> {
    document_version::Entity::find_by_id((id, version)).one(db).await
}

/// Every version of a document, newest first.
pub async fn versions(db: &impl ConnectionTrait, id: DocumentId) -> Result<Vec<document_version::Model>, DbErr> {
    document_version::Entity::find()
        .filter(document_version::Column::DocumentId.eq(id))
        .order_by_desc(document_version::Column::Version)
        .all(db)
        .await
}

/// A page of a shelf with one document more, newest first, each with its newest version.
pub async fn page(db: &impl ConnectionTrait, shelf: Shelf, page: &PageQuery) -> Result<Vec<Filed>, Problem> {
    let select = document::Entity::find();
    let select = match shelf {
        Shelf::Organisation(id) => select.filter(document::Column::OrganisationId.eq(id)),
        Shelf::All => select.filter(document::Column::PersonId.is_null()),
        Shelf::Officer(id) => select.filter(document::Column::OrganisationId.is_null()).filter(document::Column::CreatedBy.eq(id)),
    };
    let documents = page.restrict(select, document::Column::CreatedAt, document::Column::Id)?.all(db).await?;
    let mut newest: BTreeMap<DocumentId, document_version::Model> = document_version::Entity::find()
        .filter(document_version::Column::DocumentId.is_in(documents.iter().map(|document| document.id)))
        .order_by_asc(document_version::Column::Version)
        .all(db)
        .await?
        .into_iter()
        .map(|version| (version.document_id, version))
        .collect();
    // A document and its first version are written together, so none lacks a version.
    let filed = documents.into_iter().filter_map(|document| {
        let version = newest.remove(&document.id)?;
        Some(Filed { document, version })
    });
    Ok(filed.collect())
}
