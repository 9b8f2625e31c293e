//! Health, figures, time, the document and its page.

use std::sync::OnceLock;
use std::time::Duration;

use actix_web::http::header::{ETag, EntityTag, IfNoneMatch};
use actix_web::web::{self, Bytes, Data};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_swagger_ui::SwaggerUi;

use super::answer::Answer;
use super::call::Call;
use super::pages;
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Operation};
use crate::platform::keys::{hex, sha256};
use crate::platform::problem::{Code, Problem};

operations! {
    /// Ask for the server's time.
    ReadTime = Operation::question("read_time", &[Allow::ANYONE]);
}

/// The endpoints that are part of the API.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_time);
}

/// What is beside it.
pub fn beside(config: &mut web::ServiceConfig) {
    config
        .service(livez)
        .service(readyz)
        .service(figures)
        .service(document)
        .service(event_document)
        .service(pages::docs)
        .service(pages::list_problems)
        .service(pages::read_problem)
        .service(pages::read_guide)
        .service(SwaggerUi::new("/docs/{_:.*}").url("/v1/openapi.json", utoipa::openapi::OpenApi::default()));
}

/// A document that is made once, and sent to whoever does not have it yet.
pub struct Rendered {
    text: Bytes,
    tag: EntityTag,
}

impl Rendered {
    /// Of this text.
    pub fn of(text: String) -> Self {
        // Weak, since the same is sent compressed as well.
        let tag = EntityTag::new_weak(hex(&sha256(text.as_bytes())[..16]));
        Self { text: text.into(), tag }
    }

    /// The document, or that it is the one the caller has.
    pub fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let is_known = match request.get_header::<IfNoneMatch>() {
            Some(IfNoneMatch::Any) => true,
            Some(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&self.tag)),
            None => false,
        };
        if is_known {
            return HttpResponse::NotModified().insert_header(ETag(self.tag.clone())).finish();
        }
        HttpResponse::Ok().content_type("application/json").insert_header(ETag(self.tag.clone())).body(self.text.clone())
    }
}

/// The recorder of figures.
pub struct Metrics(Option<PrometheusHandle>);

impl Metrics {
    /// The process's recorder; a second server in one process shares the first one's.
    pub fn installed() -> Self {
        static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
        Self(HANDLE.get_or_init(|| PrometheusBuilder::new().install_recorder().ok()).clone())
    }
}

/// The server's time.
#[derive(Serialize, ToSchema)]
pub struct ServerTime {
    /// The market's time; in sandbox it may stand or run faster.
    pub now: DateTime<Utc>,
    /// Real time.
    pub real_now: DateTime<Utc>,
    /// Whether this is a sandbox.
    pub sandbox: bool,
    /// By how much `real_now` may differ from the database's clock, which decides, milliseconds, rounded up: as long as the server's
    /// last look at that clock took, at most a second ago where all is well, with the drift since. On the embedded database, whose
    /// clock is the machine's, that is 1 as a rule. The way of the answer to the client comes on top.
    #[schema(minimum = 0, example = 2)]
    pub uncertainty_ms: i64,
}

/// The server's time
///
/// Arrival at the server decides whether a bid was in time; a client's clock is never asked.
#[utoipa::path(tag = "platform", responses((status = 200, description = "The time", body = ServerTime)))]
#[get("/v1/time")]
pub async fn read_time(house: Data<House>, _call: Call<ReadTime>) -> Answer {
    let world = &house.world;
    let (now, real_now) = (world.now(), world.real_now());
    let uncertainty_ms = i64::try_from(world.uncertainty().as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX);
    Ok(HttpResponse::Ok().json(ServerTime { now, real_now, sandbox: house.config.sandbox, uncertainty_ms }))
}

#[get("/livez")]
async fn livez() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

#[get("/readyz")]
async fn readyz(house: Data<House>) -> HttpResponse {
    let state = match house.readiness() {
        Ok(()) => database_answers(&house).await,
        unready => unready,
    };
    match state {
        Ok(()) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ready\n"),
        Err(why) => HttpResponse::ServiceUnavailable().content_type("text/plain; charset=utf-8").body(format!("{why}\n")),
    }
}

/// Whether the database answers within two seconds.
async fn database_answers(house: &House) -> Result<(), &'static str> {
    let asked = house.db.read().execute_unprepared("SELECT 1");
    match tokio::time::timeout(Duration::from_secs(2), asked).await {
        Ok(Ok(_)) => Ok(()),
        _ => Err("database_unreachable"),
    }
}

#[get("/metrics")]
async fn figures(metrics: Data<Metrics>) -> HttpResponse {
    let text = metrics.0.as_ref().map(PrometheusHandle::render).unwrap_or_default();
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text)
}

/// Answers with a document that is the same as long as the program runs; it is made when somebody first asks for it.
fn served(kept: &OnceLock<Rendered>, make: fn() -> serde_json::Result<String>, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    if let Some(rendered) = kept.get() {
        return Ok(rendered.answer(request));
    }
    let text = make().map_err(|error| {
        tracing::error!(%error, "a document of the API cannot be made");
        Problem::from(Code::Internal)
    })?;
    Ok(kept.get_or_init(|| Rendered::of(text)).answer(request))
}

#[get("/v1/openapi.json")]
async fn document(request: HttpRequest) -> Result<HttpResponse, Problem> {
    static KEPT: OnceLock<Rendered> = OnceLock::new();
    served(&KEPT, super::server::document_text, &request)
}

#[get("/v1/asyncapi.json")]
async fn event_document(request: HttpRequest) -> Result<HttpResponse, Problem> {
    static KEPT: OnceLock<Rendered> = OnceLock::new();
    served(&KEPT, crate::notifications::catalogue::asyncapi::text, &request)
}
