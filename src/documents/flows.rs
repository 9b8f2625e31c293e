//! Uploading, adding versions, reading, and handing content out.

use entity::Timestamp;
use entity::documents::{document, document_version};
use entity::identity::StaffRole;
use entity::ids::{DocumentId, OrganisationId, PersonId};
use futures_util::{Stream, StreamExt};
use serde_json::Value;
use uuid::Uuid;

use super::files::{Content, Files};
use super::http::{AddDocumentVersion, DownloadDocument, ListDocuments, OPERATIONS, ReadDocument, UploadDocument};
use super::rules::{self, Met, Sniffer};
use super::store::{self, Filed, Shelf};
use super::views::{DocumentHistoryView, DocumentRef, NewDocument, NewVersion};
use crate::house::{Done, House, Tx};
use crate::platform::access::{self, Context, Permission, Permit};
use crate::platform::db;
use crate::platform::http::PageQuery;
use crate::platform::keys::{hex, sha256};
use crate::platform::problem::{Code, Problem};

/// Content that lies in the store and is not named by any row yet.
#[derive(Clone, Debug)]
struct Blob {
    stored_as: String,
    size: i64,
    sha256: [u8; 32],
    media_type: &'static str,
}

impl Blob {
    fn version(&self, document: DocumentId, version: i64, by: PersonId, at: Timestamp) -> document_version::Model {
        document_version::Model {
            document_id: document,
            version,
            sha256: self.sha256.to_vec(),
            size: self.size,
            media_type: self.media_type.into(),
            stored_as: self.stored_as.clone(),
            uploaded_by: by,
            uploaded_at: at,
        }
    }
}

/// Uploads a document: of the organisation acted for, of the platform where an officer uploads it, or of somebody's own.
pub async fn upload<S, B>(
    house: &House,
    mut by: Context,
    _: &Permit<UploadDocument>,
    new: NewDocument,
    declared: &str,
    content: S,
) -> Result<Done<Filed>, Problem>
where
    S: Stream<Item = Result<B, Problem>> + Unpin,
    B: AsRef<[u8]>,
{
    rules::not_secret(new.secret_level.unwrap_or_default(), "#query/secret_level")?;
    rules::new_document(&new.title, &new.file_name)?;
    let blob = receive(house, declared, content).await?;
    cover(&mut by, &[&new.title, &new.file_name, &new.confidentiality.code(), blob.media_type, &hex(&blob.sha256)]);
    let (files, stored_as, house) = (house.files.clone(), blob.stored_as.clone(), house.clone());
    let deed = async move { house.write(&by, (new, blob), |tx, (new, blob)| async move { upload_within(&tx, new, &blob).await }).await };
    settle(files, stored_as, blob_of, deed).await
}

async fn upload_within(tx: &Tx, new: NewDocument, blob: &Blob) -> Result<Filed, Problem> {
    let (person, organisation, is_own) = {
        let actor = tx.by.actor()?;
        (actor.person, actor.organisation(), actor.is_alone())
    };
    if is_own {
        rules::own_document(new.confidentiality, store::waiting(tx.conn(), person, tx.now - rules::WAITS_FOR).await?)?;
    }
    let document = document::Model {
        id: tx.id(),
        organisation_id: organisation,
        person_id: is_own.then_some(person),
        handed_in_at: None,
        created_by: person,
        title: new.title,
        file_name: new.file_name,
        confidentiality: new.confidentiality,
        version: 1,
        created_at: tx.now,
    };
    let version = blob.version(document.id, 1, person, tx.now);
    db::insert(tx.conn(), document.clone()).await?;
    db::insert(tx.conn(), version.clone()).await?;
    tx.created("document", document.id, &document);
    tx.created("document_version", document.id, &version);
    Ok(Filed { document, version })
}

/// Adds a version to a document of the organisation acted for.
pub async fn add_version<S, B>(
    house: &House,
    mut by: Context,
    permit: Permit<AddDocumentVersion>,
    id: DocumentId,
    new: NewVersion,
    declared: &str,
    content: S,
) -> Result<Done<Filed>, Problem>
where
    S: Stream<Item = Result<B, Problem>> + Unpin,
    B: AsRef<[u8]>,
{
    rules::new_version(&new.file_name)?;
    // Who may not add a version need not send it.
    seen(house, &by, &permit, id).await?;
    let blob = receive(house, declared, content).await?;
    cover(&mut by, &[&new.file_name, blob.media_type, &hex(&blob.sha256)]);
    let (files, stored_as, house) = (house.files.clone(), blob.stored_as.clone(), house.clone());
    let deed = async move {
        house
            .write(&by, (permit, id, new, blob), |tx, (permit, id, new, blob)| async move {
                add_version_within(&tx, &permit, id, &new, &blob).await
            })
            .await
    };
    settle(files, stored_as, blob_of, deed).await
}

async fn add_version_within(
    tx: &Tx,
    permit: &Permit<AddDocumentVersion>,
    id: DocumentId,
    new: &NewVersion,
    blob: &Blob,
) -> Result<Filed, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&Met::by(&tx.by.caller, &held))?;
    tx.by.expects(held.version)?;
    let person = tx.by.actor()?.person;
    let document = document::Model { version: held.version + 1, file_name: new.file_name.clone(), ..held.clone() };
    let version = blob.version(id, document.version, person, tx.now);
    db::insert(tx.conn(), version.clone()).await?;
    db::update(tx.conn(), document.clone()).await?;
    tx.changed("document", id, Some(&held), Some(&document));
    tx.created("document_version", id, &version);
    Ok(Filed { document, version })
}

/// A document with its versions and what the caller may do to it, if he may see it.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadDocument>, id: DocumentId) -> Result<DocumentHistoryView, Problem> {
    let document = seen(house, by, permit, id).await?;
    let deeds = access::allowed(OPERATIONS, &by.caller, &Met::by(&by.caller, &document), rules::OPEN_ON_DOCUMENT);
    let versions = store::versions(house.db.read(), id).await?;
    Ok(DocumentHistoryView { allowed_deeds: Some(deeds), ..(document, versions).into() })
}

/// Content to be handed out.
pub struct Handed {
    /// The document.
    pub document: document::Model,
    /// Which version of it.
    pub version: document_version::Model,
    /// The content.
    pub content: Content,
}

/// The content of a version, the newest unless one is named.
pub async fn download(
    house: &House,
    by: &Context,
    permit: &Permit<DownloadDocument>,
    id: DocumentId,
    which: Option<i64>,
) -> Result<Handed, Problem> {
    let document = seen(house, by, permit, id).await?;
    let version = store::version(house.db.read(), id, which.unwrap_or(document.version)).await?.ok_or(Code::NotFound)?;
    let content = house.files.get(&version.stored_as).await?;
    Ok(Handed { document, version, content })
}

/// A page of the caller's own documents: the organisation's, or what an officer uploaded. A supervisor's are all but what is somebody's own.
pub async fn list(house: &House, by: &Context, _: &Permit<ListDocuments>, page: &PageQuery) -> Result<Vec<Filed>, Problem> {
    let actor = by.actor()?;
    let shelf = match (actor.organisation(), actor.staff) {
        (Some(own), _) => Shelf::Organisation(own),
        (None, Some(StaffRole::Supervisor)) => Shelf::All,
        _ => Shelf::Officer(actor.person),
    };
    store::page(house.db.read(), shelf, page).await
}

/// The document as it stands, if an organisation may rest something on it. An officer may also use
/// what the platform's staff uploaded.
pub async fn usable_within(tx: &Tx, id: DocumentId, organisation: OrganisationId) -> Result<DocumentRef, Problem> {
    let unusable = || Code::DocumentUnusable.with("document_id", id);
    let by_staff = tx.by.actor().is_ok_and(|actor| actor.staff.is_some());
    let document = store::document(tx.conn(), id).await?.ok_or_else(unusable)?;
    if !rules::usable(&document, organisation, by_staff) {
        return Err(unusable());
    }
    let version = store::version(tx.conn(), id, document.version).await?.ok_or_else(unusable)?;
    Ok(DocumentRef::from(&Filed { document, version }))
}

/// The same, as it is kept beside what rests on it.
pub async fn kept_within(tx: &Tx, id: DocumentId, organisation: OrganisationId) -> Result<Value, Problem> {
    let found = usable_within(tx, id, organisation).await?;
    serde_json::to_value(found).map_err(|_| Code::Internal.into())
}

/// The same of one that need not be named.
pub async fn kept_if_named_within(tx: &Tx, id: Option<DocumentId>, organisation: OrganisationId) -> Result<Option<Value>, Problem> {
    match id {
        Some(id) => kept_within(tx, id, organisation).await.map(Some),
        None => Ok(None),
    }
}

/// The document as it stands, if it is this person's own: from now on whoever handles what it shows reads it too.
pub async fn hand_in_within(tx: &Tx, id: DocumentId, person: PersonId) -> Result<DocumentRef, Problem> {
    let unusable = || Code::DocumentUnusable.with("document_id", id);
    let held = store::hold(tx.conn(), id).await?.filter(|held| held.person_id == Some(person)).ok_or_else(unusable)?;
    let document = rules::handed_in(&held, tx.now);
    if document != held {
        db::update(tx.conn(), document.clone()).await?;
        tx.changed("document", id, Some(&held), Some(&document));
    }
    let version = store::version(tx.conn(), id, document.version).await?.ok_or_else(unusable)?;
    Ok(DocumentRef::from(&Filed { document, version }))
}

async fn seen<P: Permission>(house: &House, by: &Context, permit: &Permit<P>, id: DocumentId) -> Result<document::Model, Problem> {
    let document = store::document(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&Met::by(&by.caller, &document))?;
    if rules::is_withheld(&document, &by.caller) {
        return Err(Problem { denied: true, ..Problem::from(Code::NotFound) });
    }
    Ok(document)
}

/// Streams content into the store under a random name, if it is of a kind that may be uploaded.
async fn receive<S, B>(house: &House, declared: &str, content: S) -> Result<Blob, Problem>
where
    S: Stream<Item = Result<B, Problem>> + Unpin,
    B: AsRef<[u8]>,
{
    let media = rules::media(declared)?;
    let stored_as = house.world.secret_id::<Uuid>().simple().to_string();
    let mut sniffer = Sniffer::of(media);
    let checked = content.map(|chunk| {
        let chunk = chunk?;
        sniffer.feed(chunk.as_ref())?;
        Ok::<B, Problem>(chunk)
    });
    let stored = house.files.put(&stored_as, checked, house.config.document_limit).await?;
    if let Err(problem) = sniffer.finish() {
        discard(&house.files, &stored_as).await;
        return Err(problem);
    }
    let size = i64::try_from(stored.size).map_err(|_| Code::TooLarge)?;
    Ok(Blob { stored_as, size, sha256: stored.sha256, media_type: media.name })
}

/// The blob that a filed version names.
fn blob_of(filed: &Filed) -> &str {
    &filed.version.stored_as
}

/// Extends what the idempotency key stands for: a stream is not in the fingerprint of its call.
pub fn cover(by: &mut Context, parts: &[&str]) {
    if let Some(key) = &mut by.idempotency {
        let mut told = key.fingerprint.to_vec();
        for part in parts {
            // No part has a NUL in it, so no two lists of parts look alike.
            told.push(0);
            told.extend_from_slice(part.as_bytes());
        }
        key.fingerprint = sha256(&told);
    }
}

/// Does the deed and takes the blob away unless a row names it: the deed was refused, or the call
/// had been made before with another blob. It runs as a task of its own, so that a caller who hangs
/// up leaves nothing behind.
pub async fn settle<T: Send + 'static>(
    files: Files,
    stored_as: String,
    named_by: fn(&T) -> &str,
    deed: impl Future<Output = Result<Done<T>, Problem>> + Send + 'static,
) -> Result<Done<T>, Problem> {
    let task = tokio::spawn(async move {
        let outcome = deed.await;
        let named = match &outcome {
            Ok(done) => named_by(&done.value) == stored_as,
            // Whether a commit whose answer was lost took effect is not known here: a blob too many is
            // better than a row without content.
            Err(problem) => problem.code.status() >= 500,
        };
        if !named {
            discard(&files, &stored_as).await;
        }
        outcome
    });
    task.await.unwrap_or_else(|error| {
        tracing::error!(%error, "an upload broke off");
        Err(Code::Internal.into())
    })
}

/// Takes content away that no row names.
pub async fn discard(files: &Files, stored_as: &str) {
    if let Err(problem) = files.delete(stored_as).await {
        tracing::warn!(%problem, stored_as, "content that nothing names could not be taken away");
    }
}
