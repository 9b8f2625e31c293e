//! One function builds the application and its OpenAPI document, for the binary and the tests alike.

use std::time::Duration;

use actix_http::HttpService;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, Server, ServerHandle};
use actix_web::http::KeepAlive;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, web};
use tokio::net::TcpStream;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use super::admit::Lanes;
use super::body::without_value;
use super::heads::Lines;
use super::limits::LimitConfig;
use super::pages::Pages;
use super::refine::refined;
use super::spec::{self, Base};
use super::wire::Wire;
use super::{connection, infra, observe};
use crate::house::House;
use crate::platform::config::Config;
use crate::platform::problem::{Code, Fault, Problem};

/// Every endpoint, room by room. One is looked for after the other, so what is called most stands first.
fn routes(config: &mut ServiceConfig) {
    crate::auctions::http::routes(config);
    infra::routes(config);
    crate::identity::http::routes(config);
    crate::identity::http::accounts::routes(config);
    crate::identity::keys::http::routes(config);
    crate::rulebook::http::routes(config);
    crate::documents::http::routes(config);
    crate::ledger::http::routes(config);
    crate::notices::http::routes(config);
    crate::achievements::http::routes(config);
    crate::encumbrances::http::routes(config);
    crate::licences::http::routes(config);
    crate::objections::http::routes(config);
    crate::tips::http::routes(config);
    crate::negotiations::http::routes(config);
    crate::rights_grants::http::routes(config);
    crate::open_licences::http::routes(config);
    crate::recordals::http::routes(config);
    crate::open_implementation::http::routes(config);
    crate::data_rooms::http::routes(config);
    crate::certificates::http::routes(config);
    crate::questions::http::routes(config);
    crate::evidence::http::routes(config);
    crate::gates::http::routes(config);
    crate::deals::http::routes(config);
    crate::admissions::http::routes(config);
    crate::banking::http::routes(config);
    crate::auctions::http::sealed::routes(config);
    crate::auctions::http::rounds::routes(config);
    crate::auctions::http::scores::routes(config);
    crate::lot_sessions::http::routes(config);
    crate::integrity::http::routes(config);
    crate::listings::http::routes(config);
    crate::imports::http::routes(config);
    crate::audit::http::routes(config);
    crate::notifications::http::routes(config);
    crate::pages::http::routes(config);
    crate::privacy::http::routes(config);
    crate::sandbox::http::routes(config);
}

/// The OpenAPI document, made from the code.
pub fn document() -> Document {
    let (_, api) = App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes).split_for_parts();
    spec::complete(api)
}

/// The document as text: members in one fixed order, so that it can be compared.
pub fn document_text() -> Result<String, serde_json::Error> {
    // The document's own maps of extensions have no order; a JSON value's have.
    Ok(format!("{}\n", serde_json::to_string_pretty(&refined(serde_json::to_value(document())?))?))
}

/// A running server.
pub struct Running {
    /// Where it listens.
    pub address: std::net::SocketAddr,
    /// To stop it.
    pub handle: ServerHandle,
    /// Ends when it has stopped.
    pub server: Server,
    /// Its connections, to be watched, where they are.
    pub lines: Option<Lines>,
}

/// Endpoints beside those of every server.
pub type Routes = fn(&mut ServiceConfig);

/// Where a server listens, and with how many threads.
#[derive(Clone, Copy, Debug)]
pub struct Face<'a> {
    /// The address.
    pub address: &'a str,
    /// So many threads.
    pub threads: usize,
}

impl<'a> Face<'a> {
    /// Where everything is served. Unless set, by a thread for every two processors: the others are for the database and for who commits,
    /// and two who read at once also read bids in another order than they were sent in.
    pub fn main(config: &'a Config) -> Self {
        let threads = if config.workers > 0 { config.workers } else { (processors() / 2).max(1) };
        Self { address: &config.listen, threads }
    }

    /// Where those who watch are served apart, if they are: by a thread for every processor, so that an event is soon with all of them.
    pub fn feeds(config: &'a Config) -> Option<Self> {
        config.listen_feeds.as_deref().map(|address| Self { address, threads: processors() })
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Binds and starts serving, with endpoints of its own where there are some; the document does not know of them.
pub fn serve(house: &House, face: Face<'_>, own: Option<Routes>) -> std::io::Result<Running> {
    let listener = std::net::TcpListener::bind(face.address)?;
    let address = listener.local_addr()?;
    let document = document();
    let methods = web::Data::new(spec::Methods::of(&document));
    let addresses = web::Data::new(spec::Addresses::of(&document));
    let lanes = web::Data::new(Lanes::of(&document));
    let pages = web::Data::new(Pages::of(&document));
    let recorder = web::Data::new(infra::Metrics::installed());
    let data = web::Data::new(house.clone());
    let limits = *house.limits.config();
    let unread = LimitConfig::patience(limits.unread_seconds);
    let idle = LimitConfig::patience(limits.idle_seconds);
    let connected = Lines::watched(&limits);
    let watched = connected.clone();
    let app = move || {
        let (app, _) = App::new()
            .into_utoipa_app()
            .openapi(Base::openapi())
            .app_data(data.clone())
            .app_data(methods.clone())
            .app_data(addresses.clone())
            .app_data(lanes.clone())
            .app_data(pages.clone())
            .app_data(recorder.clone())
            .app_data(web::QueryConfig::default().error_handler(|error, _| query_problem(&error).into()))
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::from(Code::NotFound).into()))
            .map(|app| {
                app.wrap(from_fn(crate::identity::authenticate::authenticate)).wrap(Compress::default()).wrap(from_fn(observe::observe))
            })
            .configure(|config| {
                if let Some(own) = own {
                    own(config);
                }
            })
            .configure(routes)
            .split_for_parts();
        app.configure(infra::beside).default_service(web::to(spec::no_such_route))
    };
    let builder = Server::build().workers(face.threads).shutdown_timeout(10).disable_signals();
    let closing = builder.graceful_shutdown_signal();
    // What the web library does itself for connections of its own kind; ours let feeds write beside it.
    let connections = move || {
        let (closing, watched) = (closing.clone(), watched.clone());
        let app = app().into_factory().map_err(|error| error.error_response());
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let closing = closing.clone();
                async move { closing.notified().await }
            })
            .client_request_timeout(Duration::from_secs(limits.head_seconds.into()))
            .client_disconnect_timeout(Duration::from_secs(2))
            .keep_alive(idle.map_or(KeepAlive::Os, KeepAlive::Timeout))
            .local_addr(address)
            .on_connect_ext(move |wire: &Wire, kept| connection::taken_in(wire, kept, unread, watched.as_ref()))
            .h1(map_config(app, |()| AppConfig::default()));
        let wired = fn_service(async |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            Ok((Wire::of(stream), peer))
        });
        wired.and_then(http)
    };
    let server = builder.listen("http", listener, connections)?.run();
    Ok(Running { address, handle: server.handle(), server, lines: connected })
}

fn query_problem(error: &actix_web::error::QueryPayloadError) -> Problem {
    let said = error.to_string();
    let reason = without_value(said.strip_prefix("Query deserialize error: ").unwrap_or(&said));
    if reason.contains("duplicate field") {
        return Code::Malformed.with("reason", reason);
    }
    let code = if reason.contains("unknown field") { "unknown_field" } else { "wrong_type" };
    Problem { errors: vec![Fault::new("#query", code, format!("查询参数不符：{reason}"), reason)], ..Code::Invalid.into() }
}
