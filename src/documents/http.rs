//! Documents over HTTP.

use std::fmt::Write;

use actix_web::http::header::{self, ContentEncoding};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get, post};
use entity::documents::Confidentiality;
use entity::identity::{OrgRole, StaffRole};
use entity::ids::DocumentId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows::{self, Handed};
use super::rules;
use super::views::{DocumentHistoryView, DocumentView, NewDocument, NewVersion, WhichVersion};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, KeyScope, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::body::content_type;
use crate::platform::http::{Call, Page, PageQuery, Upload, at_least};
use crate::platform::keys::hex;
use crate::platform::problem::Code;

const EVERY_ROLE: &[OrgRole] = OrgRole::ALL;
const WRITERS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator, OrgRole::Signatory];
const OPERATOR: &[OrgRole] = &[OrgRole::Operator];
/// Auditors and supervisors read; they put nothing in.
const OFFICERS: &[StaffRole] =
    &[StaffRole::Reviewer, StaffRole::AuctionHost, StaffRole::Finance, StaffRole::Publisher, StaffRole::SecurityAdmin];
/// The officers who must check what is confidential.
const CHECKERS: &[StaffRole] = &[StaffRole::Reviewer, StaffRole::AuctionHost, StaffRole::Publisher, StaffRole::Supervisor];

operations! {
    /// Upload a document.
    UploadDocument = Operation::deed("upload_document", &[Allow::members(WRITERS), Allow::staff(OFFICERS), Allow::ALONE])
        .for_keys(KeyScope::ListingsWrite)
        .refuses(&[Code::TooManyDocuments, Code::DeclarationMissing])
        .with_query();
    /// Add a version to a document.
    AddDocumentVersion = Operation::deed("add_document_version", &[Allow::own(OPERATOR)])
        .for_keys(KeyScope::ListingsWrite)
        .on_version_if_sent()
        .with_query();
    /// Read a document's data.
    ReadDocument = Operation::question("read_document", &[Allow::PUBLIC, Allow::SELF, Allow::own(EVERY_ROLE), Allow::staff(CHECKERS)])
        .for_keys(KeyScope::ListingsRead)
        .refuses(&[Code::Forbidden]);
    /// Download a document's content.
    DownloadDocument = Operation::question("download_document", &[Allow::PUBLIC, Allow::SELF, Allow::own(EVERY_ROLE), Allow::staff(CHECKERS)])
        .for_keys(KeyScope::ListingsRead)
        .refuses(&[Code::Forbidden])
        .with_query();
    /// List the caller's own documents.
    ListDocuments = Operation::question("list_documents", &[Allow::own(EVERY_ROLE), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(upload_document).service(add_document_version).service(list_documents).service(download_document).service(read_document);
}

/// Upload a document
///
/// The body is the file itself (文件上传). Its content must be of the declared type. The document
/// belongs to the organisation acted for, or to the platform where an officer uploads it. Who acts for
/// nobody uploads documents of his own, which are `private`, for what he objects to: he alone reads them,
/// and, once they show something, the officers who handle that. Of those that show nothing yet he uploads at most twenty a day; older
/// ones do not count.
#[utoipa::path(
    tag = "documents",
    params(NewDocument),
    request_body(description = "The file", content(
        ("application/pdf"),
        ("image/png"),
        ("image/jpeg"),
        ("text/plain"),
        ("text/csv"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("application/ofd")
    )),
    responses((status = 201, description = "Uploaded", body = DocumentView))
)]
#[post("/v1/documents")]
pub async fn upload_document(
    house: Data<House>,
    call: Call<UploadDocument, Upload>,
    about: Query<NewDocument>,
    request: HttpRequest,
) -> Answer {
    let done = flows::upload(&house, call.context, &call.permit, about.into_inner(), content_type(&request), call.body.pieces()).await?;
    Ok(answer::created(done, false, |filed| format!("/v1/documents/{}", filed.document.id), DocumentView::from))
}

/// Add a version to a document
///
/// Earlier versions stay readable; what refers to the document by a version keeps that version.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path, description = "The document"), NewVersion),
    request_body(description = "The file", content(
        ("application/pdf"),
        ("image/png"),
        ("image/jpeg"),
        ("text/plain"),
        ("text/csv"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("application/ofd")
    )),
    responses((status = 201, description = "Added", body = DocumentView))
)]
#[post("/v1/documents/{id}/versions")]
pub async fn add_document_version(
    house: Data<House>,
    call: Call<AddDocumentVersion, Upload>,
    id: Path<DocumentId>,
    about: Query<NewVersion>,
    request: HttpRequest,
) -> Answer {
    let (declared, content) = (content_type(&request), call.body.pieces());
    let done = flows::add_version(&house, call.context, call.permit, *id, about.into_inner(), declared, content).await?;
    Ok(answer::created(done, false, |filed| format!("/v1/documents/{}", filed.document.id), DocumentView::from))
}

/// List own documents
///
/// Those of the organisation acted for; an officer sees what he uploaded. Newest first.
#[utoipa::path(tag = "documents", params(PageQuery), responses((status = 200, description = "A page", body = Page<DocumentView>)))]
#[get("/v1/documents")]
pub async fn list_documents(house: Data<House>, call: Call<ListDocuments>, page: Query<PageQuery>) -> Answer {
    let rows = flows::list(&house, &call.context, &call.permit, &page).await?;
    Ok(answer::page(&house, page.page(rows, |filed| (filed.document.created_at, filed.document.id.into()), DocumentView::from)?))
}

/// Read a document's data
///
/// Title, versions and hashes, for whoever may read the content.
#[utoipa::path(tag = "documents", params(("id" = Uuid, Path, description = "The document")), responses((status = 200, description = "The document", body = DocumentHistoryView)))]
#[get("/v1/documents/{id}")]
pub async fn read_document(house: Data<House>, call: Call<ReadDocument>, id: Path<DocumentId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Download a document's content
///
/// Public documents are for everybody, registered ones for whoever is signed in, all others for
/// members of their organisation and the officers who must check them. The entity tag is the
/// content's SHA-256.
#[utoipa::path(
    tag = "documents",
    params(("id" = Uuid, Path, description = "The document"), WhichVersion),
    responses((status = 200, description = "The file", content(
        ("application/pdf"),
        ("image/png"),
        ("image/jpeg"),
        ("text/plain"),
        ("text/csv"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("application/ofd")
    )))
)]
#[get("/v1/documents/{id}/content")]
pub async fn download_document(
    house: Data<House>,
    call: Call<DownloadDocument>,
    id: Path<DocumentId>,
    which: Query<WhichVersion>,
) -> Answer {
    let handed = flows::download(&house, &call.context, &call.permit, *id, at_least(1, "version", which.version)?).await?;
    Ok(attachment(handed))
}

/// Hands content out so that no browser runs it in our name.
fn attachment(handed: Handed) -> HttpResponse {
    let Handed { document, version, content } = handed;
    let kept = if document.confidentiality == Confidentiality::Public { "public, no-cache" } else { "private, no-store" };
    set_apart(&version.media_type, &document.file_name)
        .insert_header((header::CONTENT_LENGTH, version.size))
        .insert_header((header::CACHE_CONTROL, kept))
        .insert_header((header::ETAG, format!("\"{}\"", hex(&version.sha256))))
        .streaming(content)
}

/// The beginning of an answer with somebody's file, so that no browser runs it in our name.
pub fn set_apart(media_type: &str, file_name: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, rules::content_type(media_type)))
        .insert_header((header::CONTENT_DISPOSITION, disposition(file_name)))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        // Entity tags are of these very bytes, so they are not compressed on the way.
        .insert_header(ContentEncoding::Identity);
    answer
}

/// The file's name as RFC 6266 says it: plain for old clients, exact (RFC 8187) for the others.
pub fn disposition(file_name: &str) -> String {
    let plain: String = file_name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-() ".contains(c) { c } else { '_' }).collect();
    let mut exact = String::new();
    for byte in file_name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            exact.push(char::from(byte));
        } else {
            let _ = write!(exact, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_name_is_said_twice() {
        assert_eq!(disposition("a (1).pdf"), "attachment; filename=\"a (1).pdf\"; filename*=UTF-8''a%20%281%29.pdf");
        assert_eq!(disposition("同意.pdf"), "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E5%90%8C%E6%84%8F.pdf");
    }

    proptest! {
        #[test]
        fn no_name_breaks_out_of_the_header(name in "\\PC{1,40}") {
            let said = disposition(&name);
            prop_assert!(said.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' '));
            prop_assert_eq!(said.matches('"').count(), 2);
        }
    }
}
