//! Imports and exports over HTTP.

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::ImportId;
use entity::imports::{ImportFormat, ImportKind};
use futures_util::Stream;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::views::{ExportQuery, ImportRowView, ImportView, NewImport, RowsQuery};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Class, KeyScope, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::body::content_type;
use crate::platform::http::{Call, Page, PageQuery, Upload, at_least};
use crate::platform::problem::{Code, Problem};

/// Who may register rights and write offers one by one may do so by the file.
const OPERATOR: &[OrgRole] = &[OrgRole::Operator];
const READERS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator, OrgRole::Viewer];
const OVERSEER: &[StaffRole] = &[StaffRole::Supervisor];

operations! {
    /// Import a file.
    CreateImport = Operation::deed("create_import", &[Allow::members(OPERATOR)])
        .with_query()
        .refuses(&[Code::OrganisationNotVerified, Code::ImportRunning]);
    /// List imports.
    ListImports = Operation::question("list_imports", &[Allow::own(READERS), Allow::staff(OVERSEER)]).with_query();
    /// Read an import.
    ReadImport = Operation::question("read_import", &[Allow::own(READERS), Allow::staff(OVERSEER)]);
    /// Read what became of the rows of an import.
    ListImportRows = Operation::question("list_import_rows", &[Allow::own(READERS), Allow::staff(OVERSEER)]).with_query();
    /// Download the report of an import.
    ReadImportReport = Operation::question("read_import_report", &[Allow::own(READERS), Allow::staff(OVERSEER)])
        .counted_as(Class::Export);
    /// Cancel an import.
    CancelImport = Operation::deed("cancel_import", &[Allow::own(OPERATOR)]).refuses(&[Code::WrongState]);
    /// Resume an import.
    ResumeImport = Operation::deed("resume_import", &[Allow::own(OPERATOR)]).refuses(&[Code::WrongState, Code::ImportRunning]);
    /// Export rights.
    ExportAssets = Operation::question("export_assets", &[Allow::own(READERS)])
        .for_keys(KeyScope::ListingsRead)
        .counted_as(Class::Export)
        .with_query();
    /// Export listings.
    ExportListings = Operation::question("export_listings", &[Allow::own(READERS)])
        .for_keys(KeyScope::ListingsRead)
        .counted_as(Class::Export)
        .with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_import)
        .service(list_imports)
        .service(read_import)
        .service(list_import_rows)
        .service(read_import_report)
        .service(cancel_import)
        .service(resume_import)
        .service(export_assets)
        .service(export_listings);
}

/// Import a file
///
/// The body is the file itself (批量导入), CSV with a header or JSON Lines, told apart by its content type.
/// A header that is wrong is refused before anything is done; then rows are taken in a few at a time, each
/// judged as a call for it alone would be. Rights are known by their numbers: one that says what stands
/// is unchanged, one that says otherwise is refused. With `rehearse=true` nothing is taken in. The columns
/// are in the conventions.
#[utoipa::path(
    tag = "imports",
    params(NewImport),
    request_body(description = "The file", content(("text/csv"), ("application/x-ndjson"), ("application/jsonl"))),
    responses((status = 201, description = "Started", body = ImportView))
)]
#[post("/v1/imports")]
pub async fn create_import(house: Data<House>, call: Call<CreateImport, Upload>, about: Query<NewImport>, request: HttpRequest) -> Answer {
    let (declared, content) = (content_type(&request), call.body.pieces());
    let done = flows::create(&house, call.context, &call.permit, about.into_inner(), declared, content).await?;
    Ok(answer::created(done, false, |job| format!("/v1/imports/{}", job.id), ImportView::from))
}

/// List imports
///
/// Those of the organisation acted for, for supervisors all; newest first.
#[utoipa::path(tag = "imports", params(PageQuery), responses((status = 200, description = "A page", body = Page<ImportView>)))]
#[get("/v1/imports")]
pub async fn list_imports(house: Data<House>, call: Call<ListImports>, page: Query<PageQuery>) -> Answer {
    let rows = flows::list(&house, &call.context, &call.permit, &page).await?;
    Ok(answer::page(&house, page.page(rows, |job| (job.created_at, job.id.into()), ImportView::from)?))
}

/// Read an import
///
/// How far it has come, and what became of its rows so far, in numbers.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "The import")), responses((status = 200, description = "The import", body = ImportView)))]
#[get("/v1/imports/{id}")]
pub async fn read_import(house: Data<House>, call: Call<ReadImport>, id: Path<ImportId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Read what became of the rows of an import
///
/// In the order of the file, from the beginning or after a number; all, or those refused (`state=refused`)
/// with every fault at its place.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "The import"), RowsQuery), responses((status = 200, description = "Rows in order", body = Vec<ImportRowView>)))]
#[get("/v1/imports/{id}/rows")]
pub async fn list_import_rows(house: Data<House>, call: Call<ListImportRows>, id: Path<ImportId>, query: Query<RowsQuery>) -> Answer {
    let size = PageQuery { limit: query.limit, cursor: None }.size()?;
    let rows = flows::rows(&house, &call.permit, *id, query.state, at_least(0, "after", query.after)?.unwrap_or(0), size).await?;
    let views: Vec<_> = rows.into_iter().map(|row| ImportRowView::said(row, call.context.language)).collect();
    Ok(answer::listed(&views))
}

/// Download the report of an import
///
/// What became of every row so far, as a table (CSV). No cell of it is a formula.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "The import")), responses((status = 200, description = "The report", content(("text/csv")))))]
#[get("/v1/imports/{id}/report")]
pub async fn read_import_report(house: Data<House>, call: Call<ReadImportReport>, id: Path<ImportId>) -> Answer {
    let report = flows::report(&house, &call.permit, *id, call.context.language, call.context.place).await?;
    Ok(file("report", ImportFormat::Csv, report.pieces()))
}

/// Cancel an import
///
/// No further row is taken in; what was taken in stays.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "The import")), responses((status = 200, description = "Cancelled", body = ImportView)))]
#[post("/v1/imports/{id}/cancel")]
pub async fn cancel_import(house: Data<House>, call: Call<CancelImport>, id: Path<ImportId>) -> Answer {
    let outcome = flows::cancel(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(outcome, ImportView::from))
}

/// Resume an import
///
/// One that failed goes on where it stood, in the name of whoever resumes it. A server that was stopped
/// in the middle goes on by itself.
#[utoipa::path(tag = "imports", params(("id" = Uuid, Path, description = "The import")), responses((status = 200, description = "Going on", body = ImportView)))]
#[post("/v1/imports/{id}/resume")]
pub async fn resume_import(house: Data<House>, call: Call<ResumeImport>, id: Path<ImportId>) -> Answer {
    let outcome = flows::resume(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(outcome, ImportView::from))
}

/// Export rights
///
/// All rights of the organisation acted for (标的资产导出), each with its achievement, owners and latest
/// legal status, in the form in which they are imported.
#[utoipa::path(tag = "imports", params(ExportQuery), responses((status = 200, description = "The file", content(("text/csv"), ("application/x-ndjson")))))]
#[get("/v1/exports/assets")]
pub async fn export_assets(house: Data<House>, call: Call<ExportAssets>, query: Query<ExportQuery>) -> Answer {
    let organisation = call.context.seat()?.organisation;
    let pieces = flows::export(House::clone(&house), organisation, ImportKind::Assets, query.format, call.context.place);
    Ok(file("assets", query.format, pieces))
}

/// Export listings
///
/// The offers of the organisation acted for that are not over (挂牌项目导出), in the form in which they are
/// imported: rights by their numbers, a secret reserve left out.
#[utoipa::path(tag = "imports", params(ExportQuery), responses((status = 200, description = "The file", content(("text/csv"), ("application/x-ndjson")))))]
#[get("/v1/exports/listings")]
pub async fn export_listings(house: Data<House>, call: Call<ExportListings>, query: Query<ExportQuery>) -> Answer {
    let organisation = call.context.seat()?.organisation;
    let pieces = flows::export(House::clone(&house), organisation, ImportKind::Listings, query.format, call.context.place);
    Ok(file("listings", query.format, pieces))
}

/// A file that is made while it is sent.
fn file(name: &str, format: ImportFormat, pieces: impl Stream<Item = Result<Bytes, Problem>> + 'static) -> HttpResponse {
    let (kind, ending) = match format {
        ImportFormat::Csv => ("text/csv; charset=utf-8", "csv"),
        ImportFormat::Jsonl => ("application/x-ndjson", "jsonl"),
    };
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .streaming(pieces)
}
