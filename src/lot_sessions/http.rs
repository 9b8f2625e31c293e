//! Sessions of lots over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, get, post, put};
use entity::identity::StaffRole;
use entity::ids::LotSessionId;
use entity::lot_sessions::{LotSessionState, lot_session};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::rules::NewLotSession;
use super::views::{LotOrder, LotSessionSnapshot, LotSessionSummary, LotSessionView};
use crate::auctions::http::OTHER_HANDS;
use crate::auctions::stream::{self, Known};
use crate::auctions::views::Extension;
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::operations;
use crate::platform::access::{Allow, KeyScope, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::feed::last_seen;
use crate::platform::http::wire::Outlet;
use crate::platform::http::{Call, Json, Page, PageQuery};
use crate::platform::problem::Code;

const HOST: &[StaffRole] = &[StaffRole::AuctionHost];
const MAKERS: &[StaffRole] = &[StaffRole::AuctionHost, StaffRole::Publisher];

operations! {
    /// Begin a session of lots.
    CreateLotSession = Operation::deed("create_lot_session", &[Allow::staff(MAKERS)]).refuses(&[Code::OutsideRule]);
    /// Say which lots are in a session.
    ArrangeLotSession = Operation::deed("arrange_lot_session", &[Allow::staff(MAKERS)])
        .on_version()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::LotTaken, Code::SamePerson]);
    /// Publish a session of lots.
    PublishLotSession = Operation::deed("publish_lot_session", &[Allow::staff(MAKERS)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::OutsideRule, Code::SamePerson]);
    /// List sessions of lots.
    ListLotSessions = Operation::question("list_lot_sessions", &[Allow::PUBLIC, Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::BidsRead)
        .with_query();
    /// Read a session of lots.
    ReadLotSession = Operation::question("read_lot_session", &[Allow::PUBLIC, Allow::staff(StaffRole::ALL)]).for_keys(KeyScope::BidsRead);
    /// Watch a session of lots.
    WatchLotSession = Operation::question("watch_lot_session", &[Allow::PUBLIC, Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::BidsRead)
        .refuses(&[Code::Busy]);
    /// Open the next lot of a session.
    AdvanceLotSession = Operation::deed("advance_lot_session", &[Allow::staff(HOST)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::NotOpen, Code::SamePerson]);
    /// Pause a session of lots.
    PauseLotSession = Operation::deed("pause_lot_session", &[Allow::staff(HOST)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson]);
    /// Resume a session of lots.
    ResumeLotSession = Operation::deed("resume_lot_session", &[Allow::staff(HOST)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ObjectionOpen]);
    /// Extend a session of lots.
    ExtendLotSession = Operation::deed("extend_lot_session", &[Allow::staff(HOST)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::OutsideRule, Code::SamePerson]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_lot_session)
        .service(list_lot_sessions)
        .service(read_lot_session)
        .service(arrange_lot_session)
        .service(publish_lot_session)
        .service(watch_lot_session)
        .service(advance_lot_session)
        .service(pause_lot_session)
        .service(resume_lot_session)
        .service(extend_lot_session);
}

/// A session after a deed, with its lots as they stand now.
async fn shown(house: &House, done: Done<lot_session::Model>) -> Answer {
    let lots = flows::lots(house, done.value.id).await?;
    Ok(answer::done(done, |row| LotSessionView::at(row, lots, house.world.now())))
}

/// Begin a session of lots
///
/// A draft (专场) without lots, which nobody outside knows of. Its lots will close one after another (`staggered`,
/// 错时结束), or be opened one after another by the auction host (`hosted`, 主持推进).
#[utoipa::path(tag = "lot sessions", request_body = NewLotSession, responses((status = 201, description = "The draft", body = LotSessionView)))]
#[post("/v1/lot-sessions")]
pub async fn create_lot_session(house: Data<House>, call: Call<CreateLotSession, Json<NewLotSession>>) -> Answer {
    let done = flows::create(&house, &call.context, &call.permit, call.body.0).await?;
    let place = |row: &lot_session::Model| format!("/v1/lot-sessions/{}", row.id);
    Ok(answer::created(done, call.context.dry_run, place, |row| LotSessionView::at(row, Vec::new(), house.world.now())))
}

/// Which sessions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LotSessionsQuery {
    /// Where they stand.
    pub state: Option<LotSessionState>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Where the last page ended.
    #[param(max_length = 200)]
    pub cursor: Option<String>,
}

/// List sessions of lots
///
/// Newest first (专场列表). Officers see drafts too.
#[utoipa::path(tag = "lot sessions", params(LotSessionsQuery), responses((status = 200, description = "A page", body = Page<LotSessionSummary>)))]
#[get("/v1/lot-sessions")]
pub async fn list_lot_sessions(house: Data<House>, call: Call<ListLotSessions>, query: Query<LotSessionsQuery>) -> Answer {
    let query = query.into_inner();
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    Ok(answer::page(&house, flows::list(&house, &call.context, query.state, &page).await?))
}

/// Read a session of lots
///
/// Everything its page shows (专场页面): the lots in order, each with state, price, closing time and, where it is
/// paused, the reason; and what the caller may do to it now. A draft is shown to officers only.
#[utoipa::path(tag = "lot sessions", params(("id" = Uuid, Path, description = "The session")), responses((status = 200, description = "The session", body = LotSessionView)))]
#[get("/v1/lot-sessions/{id}")]
pub async fn read_lot_session(house: Data<House>, call: Call<ReadLotSession>, id: Path<LotSessionId>) -> Answer {
    Ok(answer::found(&flows::page(&house, &call.context, &call.permit, *id).await?))
}

/// Say which lots are in a session
///
/// The lots of a draft in their order (编排标的), in place of those it had. Each waits for its opening and has a place in
/// no other session, and whoever arranges them decided nothing about their listings.
#[utoipa::path(tag = "lot sessions", params(("id" = Uuid, Path, description = "The session")), request_body = LotOrder, responses((status = 200, description = "The draft", body = LotSessionView)))]
#[put("/v1/lot-sessions/{id}/lots")]
pub async fn arrange_lot_session(house: Data<House>, call: Call<ArrangeLotSession, Json<LotOrder>>, id: Path<LotSessionId>) -> Answer {
    let done = flows::arrange(&house, &call.context, call.permit, *id, call.body.0.lots).await?;
    shown(&house, done).await
}

/// Publish a session of lots
///
/// From now on the session is public and its order frozen (发布专场). Every lot's log says its place. In a staggered
/// session each lot closes a step after the one before it or at its own time, whichever is later; in a hosted one
/// lots wait for the host. Nothing closes earlier than was announced. Lots that are bid for by rounds (分轮报价) have no place in a
/// staggered one (`outside_rule`, with `lot_id`): when such a lot ends depends on how many bidders have turns.
#[utoipa::path(tag = "lot sessions", params(("id" = Uuid, Path, description = "The session")), responses((status = 200, description = "Published", body = LotSessionView)))]
#[post("/v1/lot-sessions/{id}/publish")]
pub async fn publish_lot_session(house: Data<House>, call: Call<PublishLotSession>, id: Path<LotSessionId>) -> Answer {
    let done = flows::publish(&house, &call.context, call.permit, *id).await?;
    shown(&house, done).await
}

/// Watch a session of lots
///
/// Server-sent events of all its lots. The first is a `snapshot`: `session` as it is read, and in `lots` the `state` of each with its
/// `state_hash`. Then come the `delta`s of the lots, as in `GET /v1/lots/{id}/stream`, each with its `lot_id`. The id is opaque and says how
/// far every lot is told: sent back as `Last-Event-ID` the feed goes on without gap or double, and without a snapshot. It ends when every
/// lot has ended.
#[utoipa::path(tag = "lot sessions", params(
    ("id" = Uuid, Path, description = "The session"),
    ("Last-Event-ID" = Option<String>, Header, description = "Id of the last event seen")
), responses((status = 200, description = "Events as they happen", content_type = "text/event-stream", body = String)))]
#[get("/v1/lot-sessions/{id}/stream")]
pub async fn watch_lot_session(house: Data<House>, call: Call<WatchLotSession>, id: Path<LotSessionId>, request: HttpRequest) -> Answer {
    let (row, lots) = flows::read(&house, &call.permit, *id).await?;
    let seen = last_seen(&request, lots.len())?;
    let is_new = seen.is_none();
    let told = seen.unwrap_or_else(|| lots.iter().map(|lot| lot.seq).collect());
    let known: Vec<_> = lots.iter().zip(told).map(|(lot, after)| Known { lot: lot.id, after }).collect();
    let first = is_new.then(|| stream::snapshot(&known, &LotSessionSnapshot::at(row, lots, house.world.now())));
    stream::answer(&house, &call.context, Outlet::of(&request), &known, first)
}

/// Open the next lot of a session
///
/// The auction host opens the first lot that has not ended (主持人推进), once its opening time has come and every lot before
/// it has ended. A host who is later than the rule `host_lateness` allows finds the lot open already.
#[utoipa::path(tag = "lot sessions", params(("id" = Uuid, Path, description = "The session")), responses((status = 200, description = "Opened", body = LotSessionView)))]
#[post("/v1/lot-sessions/{id}/advance")]
pub async fn advance_lot_session(house: Data<House>, call: Call<AdvanceLotSession>, id: Path<LotSessionId>) -> Answer {
    let done = flows::advance(&house, &call.context, call.permit, *id).await?;
    shown(&house, done).await
}

/// Pause a session of lots
///
/// The auction host interrupts every lot that waits or is being bid for (暂停专场), at one instant and with one public
/// reason in all their logs. Registration of those that wait is not paused: it closes when it was announced.
#[utoipa::path(tag = "lot sessions", params(("id" = Uuid, Path, description = "The session")), request_body = Reason, responses((status = 200, description = "Paused", body = LotSessionView)))]
#[post("/v1/lot-sessions/{id}/pause")]
pub async fn pause_lot_session(house: Data<House>, call: Call<PauseLotSession, Json<Reason>>, id: Path<LotSessionId>) -> Answer {
    let done = flows::pause(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    shown(&house, done).await
}

/// Resume a session of lots
///
/// Every lot that was paused with the session goes on (恢复专场), all of them moved by the same length, with one public
/// reason in all their logs. A lot the host had paused by itself stays paused.
#[utoipa::path(tag = "lot sessions", params(("id" = Uuid, Path, description = "The session")), request_body = Reason, responses((status = 200, description = "Resumed", body = LotSessionView)))]
#[post("/v1/lot-sessions/{id}/resume")]
pub async fn resume_lot_session(house: Data<House>, call: Call<ResumeLotSession, Json<Reason>>, id: Path<LotSessionId>) -> Answer {
    let done = flows::resume(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    shown(&house, done).await
}

/// Extend a session of lots
///
/// Every lot that is not over gets as much more time (延长专场), with one public reason in all their logs.
#[utoipa::path(tag = "lot sessions", params(("id" = Uuid, Path, description = "The session")), request_body = Extension, responses((status = 200, description = "Extended", body = LotSessionView)))]
#[post("/v1/lot-sessions/{id}/extend")]
pub async fn extend_lot_session(house: Data<House>, call: Call<ExtendLotSession, Json<Extension>>, id: Path<LotSessionId>) -> Answer {
    let Extension { seconds, reason } = call.body.0;
    let done = flows::extend(&house, &call.context, call.permit, *id, seconds, reason).await?;
    shown(&house, done).await
}
