//! Pages over HTTP.

use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get};
use askama::Template;
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{NoticeId, OrganisationId};
use entity::notices::NoticeKind;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::certificate;
use super::flows;
use super::rules::instant;
use super::views::{Asked, NoticeListPage, NoticePage};
use crate::certificates;
use crate::house::House;
use crate::notices::http::checked;
use crate::notices::store::{self, Wanted};
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Class, Context, Operation};
use crate::platform::http::Call;
use crate::platform::http::answer::Answer;
use crate::platform::problem::{Code, Faults, Language, Problem};
use crate::rulebook::rules::{end_of, start_of};

operations! {
    /// Show notices on a page.
    ShowNotices = Operation::question("show_notices", &[Allow::ANYONE]).with_query();
    /// Show a notice on a page.
    ShowNotice = Operation::question("show_notice", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .with_query()
        .refuses(&[Code::TakenDown]);
    /// Print a notice.
    PrintNotice = Operation::question("print_notice", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .counted_as(Class::Long)
        .with_query()
        .refuses(&[Code::TakenDown]);
    /// Print a certificate of a licence.
    PrintCertificate = Operation::question("print_certificate", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .counted_as(Class::Long)
        .with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(show_notices).service(show_notice).service(print_notice).service(print_certificate);
}

/// In which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PageLanguage {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// The language of a page: as asked for by its address, else as the reader prefers.
fn language(asked: Option<PageLanguage>, by: &Context) -> Language {
    match asked {
        Some(PageLanguage::Zh) => Language::Chinese,
        Some(PageLanguage::En) => Language::English,
        None => by.language,
    }
}

fn page(template: &impl Template) -> Answer {
    let text = template.render().map_err(|error| {
        tracing::error!(%error, "a page cannot be made");
        Problem::from(Code::Internal)
    })?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text))
}

paged! {
    /// Which notices are shown. What is left blank, as forms send it, is not asked for.
    pub struct NoticePageQuery {
        /// Only of this kind: `listing`, `auction`, `negotiated_price`, `rights_grant`, `open_licence` or `deal_result`.
        #[param(max_length = 20, example = "listing")]
        pub kind: Option<String>,
        /// Only of organisations registered in this city, by its division code.
        #[param(max_length = 6, example = "330100")]
        pub city: Option<String>,
        /// Only about something of this technical field.
        #[param(max_length = 20, example = "07")]
        pub field: Option<String>,
        /// Only of this organisation.
        #[param(max_length = 36, example = "01930a5e-8c4b-7d10-9a3e-2f6b1c0d4e5f")]
        pub organisation_id: Option<String>,
        /// Only published at this instant or later, or on this day in Shanghai or later.
        #[param(max_length = 40, example = "2026-03-01")]
        pub from: Option<String>,
        /// Only published before this instant, or no later than on this day in Shanghai.
        #[param(max_length = 40, example = "2026-03-31")]
        pub to: Option<String>,
        /// In which language.
        #[param(inline)]
        pub lang: Option<PageLanguage>,
    }
}

/// What is not blank.
fn filled(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

/// Show notices on a page
///
/// The public notices (公告、公示), newest first, for people: a page in Chinese or English that needs no script and can be printed.
#[utoipa::path(tag = "pages", params(NoticePageQuery), responses((status = 200, description = "The page", content_type = "text/html", body = String)))]
#[get("/notices")]
pub async fn show_notices(house: Data<House>, call: Call<ShowNotices>, query: Query<NoticePageQuery>) -> Answer {
    let query = query.into_inner();
    let asked = asked(&query)?;
    let language = language(query.lang, &call.context);
    let found = crate::notices::flows::list(&house, &call.context, wanted(&asked)?, &query.page()).await?.signed(&house.keys);
    page(&NoticeListPage::of(found, &asked, language))
}

/// What was asked for, but for what is blank.
fn asked(query: &NoticePageQuery) -> Result<Asked, Problem> {
    let id = |text: String| text.parse::<OrganisationId>().map_err(|_| unknown("#query/organisation_id"));
    Ok(Asked {
        kind: filled(query.kind.as_ref()),
        city: filled(query.city.as_ref()),
        field: filled(query.field.as_ref()),
        organisation_id: filled(query.organisation_id.as_ref()).map(id).transpose()?,
        from: filled(query.from.as_ref()),
        to: filled(query.to.as_ref()),
    })
}

/// Which notices these are.
fn wanted(asked: &Asked) -> Result<Wanted, Problem> {
    checked(asked.city.as_ref(), asked.field.as_ref())?;
    let kind = |kind: &String| serde_json::from_value::<NoticeKind>(kind.as_str().into()).map_err(|_| unknown("#query/kind"));
    let from = asked.from.as_ref().map(|text| instant(text, "#query/from", start_of)).transpose()?;
    let to = asked.to.as_ref().map(|text| instant(text, "#query/to", end_of)).transpose()?;
    Faults::new().instant("#query/from", from).instant("#query/to", to).done()?;
    Ok(Wanted {
        kind: asked.kind.as_ref().map(kind).transpose()?,
        city: asked.city.clone(),
        field: asked.field.clone(),
        organisation_id: asked.organisation_id,
        from,
        to,
        states: store::PUBLIC.to_vec(),
        ..Wanted::default()
    })
}

fn unknown(pointer: &str) -> Problem {
    Code::Invalid.at(pointer, "unknown", "没有此项", "there is no such thing")
}

/// In which language a page is shown.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LanguageQuery {
    /// In which language; as the reader prefers unless given.
    #[param(inline)]
    pub lang: Option<PageLanguage>,
}

/// Show a notice on a page
///
/// Everything its text says, how its period stands, its versions and the objections to it, for people: a page in Chinese or English that
/// needs no script and can be printed.
#[utoipa::path(tag = "pages", params(("id" = Uuid, Path, description = "The notice"), LanguageQuery), responses((status = 200, description = "The page", content_type = "text/html", body = String)))]
#[get("/notices/{id}")]
pub async fn show_notice(house: Data<House>, call: Call<ShowNotice>, id: Path<NoticeId>, query: Query<LanguageQuery>) -> Answer {
    let sheet = flows::sheet(&house, &call.context, &call.permit, *id).await?;
    page(&NoticePage::of(&sheet, language(query.lang, &call.context)))
}

/// Print a notice
///
/// The same text with its period, its versions and its hash as a file to print and keep (PDF/A-2b), in Chinese or English. As long as
/// nothing of that changes the file is the same to the byte.
#[utoipa::path(tag = "pages", params(("id" = Uuid, Path, description = "The notice"), LanguageQuery), responses((status = 200, description = "The file", content(("application/pdf")))))]
#[get("/notices/{id}/pdf")]
pub async fn print_notice(house: Data<House>, call: Call<PrintNotice>, id: Path<NoticeId>, query: Query<LanguageQuery>) -> Answer {
    let sheet = flows::sheet(&house, &call.context, &call.permit, *id).await?;
    let page = NoticePage::of(&sheet, language(query.lang, &call.context));
    printed(&format!("notice-{id}"), move || page.printed()).await
}

/// A file to print, made beside those who answer others.
async fn printed(name: &str, make: impl FnOnce() -> Result<Vec<u8>, Problem> + Send + 'static) -> Answer {
    let file = tokio::task::spawn_blocking(make).await.map_err(|_| Problem::from(Code::Internal))??;
    let name = format!("inline; filename=\"{name}.pdf\"");
    Ok(HttpResponse::Ok().content_type("application/pdf").insert_header((header::CONTENT_DISPOSITION, name)).body(file))
}

/// Print a certificate of a licence
///
/// What it says in words, its number, and where whether it stands is asked, as a file to print and keep (PDF/A-2b), in Chinese or English. It
/// is as it was issued, whatever became of it since, and the same to the byte.
#[utoipa::path(tag = "certificates", params(("number" = String, Path, description = "Its number", max_length = 40), LanguageQuery), responses((status = 200, description = "The file", content(("application/pdf")))))]
#[get("/v1/certificates/{number}/pdf")]
pub async fn print_certificate(
    house: Data<House>,
    call: Call<PrintCertificate>,
    number: Path<String>,
    query: Query<LanguageQuery>,
) -> Answer {
    let shown = certificates::flows::shown(&house, &call.permit, &number).await?;
    let language = language(query.lang, &call.context);
    let name = format!("certificate-{}", shown.claims.number);
    printed(&name, move || certificate::printed(&shown, language)).await
}
