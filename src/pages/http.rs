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

use super::flows;
use super::views::{Asked, NoticeListPage, NoticePage};
use crate::house::House;
use crate::notices::http::checked;
use crate::notices::store::{self, Wanted};
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Class, Context, Operation};
use crate::platform::http::Call;
use crate::platform::http::answer::Answer;
use crate::platform::problem::{Code, Language, Problem};

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
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(show_notices).service(show_notice).service(print_notice);
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
        /// Only of this kind: `listing`, `negotiated_price` or `deal_result`.
        #[param(max_length = 20, example = "listing")]
        pub kind: Option<String>,
        /// Only of organisations registered in this city, by its division code.
        #[param(max_length = 6, example = "330100")]
        pub city: Option<String>,
        /// Only about something of this technical field.
        #[param(max_length = 20, example = "07")]
        pub field: Option<String>,
        /// Only of this organisation.
        pub organisation_id: Option<OrganisationId>,
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
    let (kind, city, field) = (filled(query.kind.as_ref()), filled(query.city.as_ref()), filled(query.field.as_ref()));
    checked(city.as_ref(), field.as_ref())?;
    let known = |kind: &String| serde_json::from_value::<NoticeKind>(kind.as_str().into()).map_err(|_| unknown_kind());
    let wanted = Wanted {
        kind: kind.as_ref().map(known).transpose()?,
        city: city.clone(),
        field: field.clone(),
        organisation_id: query.organisation_id,
        states: store::PUBLIC.to_vec(),
        ..Wanted::default()
    };
    let language = language(query.lang, &call.context);
    let found = crate::notices::flows::list(&house, &call.context, wanted, &query.page()).await?.signed(&house.keys);
    page(&NoticeListPage::of(found, &Asked { kind, city, field, organisation_id: query.organisation_id }, language))
}

fn unknown_kind() -> Problem {
    Code::Invalid.at("#query/kind", "unknown", "没有此种公告", "there is no such kind of notice")
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
    // Beside those who answer others.
    let file = tokio::task::spawn_blocking(move || page.printed()).await.map_err(|_| Problem::from(Code::Internal))??;
    let name = format!("inline; filename=\"notice-{id}.pdf\"");
    Ok(HttpResponse::Ok().content_type("application/pdf").insert_header((header::CONTENT_DISPOSITION, name)).body(file))
}
