//! Lots and bids over HTTP.

pub mod rounds;
pub mod scores;
pub mod sealed;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use entity::auctions::{LotState, lot};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{LotId, OrganisationId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows::Receipt;
use super::rules::course::LotCourse;
use super::rules::receipt::ReceiptKeys;
use super::rules::suggest::suggested;
use super::stream::{self, Known};
use super::views::live::{LotSnapshot, LotStood};
use super::views::{Answered, BidPage, BidReceipt, BidView, Extension, FirstOffer, LotEventView, LotSummary, LotView, NEWEST_BIDS, NewBid};
use super::{flows, store};
use crate::admissions::views::AdmissionView;
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::operations;
use crate::platform::access::{Allow, Class, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::feed::last_seen;
use crate::platform::http::infra::Rendered;
use crate::platform::http::wire::Outlet;
use crate::platform::http::{Call, Json, Page, PageQuery, at_least};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::dates::calendar_file;
use crate::rulebook::rules::Timeline;

const HOST: &[StaffRole] = &[StaffRole::AuctionHost];
/// Who may move a lot's clocks, beside being an auction host.
pub const OTHER_HANDS: &str = "nobody who submitted or reviewed the listing";

operations! {
    /// List lots.
    ListLots = Operation::question("list_lots", &[Allow::PUBLIC]).for_keys(KeyScope::BidsRead).with_query();
    /// Read a lot.
    ReadLot = Operation::question("read_lot", &[Allow::PUBLIC]).for_keys(KeyScope::BidsRead);
    /// Read the timeline of a lot.
    ReadLotTimeline = Operation::question("read_lot_timeline", &[Allow::PUBLIC]).for_keys(KeyScope::BidsRead);
    /// Read the coming dates of a lot.
    ReadLotCalendar = Operation::question("read_lot_calendar", &[Allow::PUBLIC]).for_keys(KeyScope::BidsRead);
    /// List the bids of a lot.
    ListBids = Operation::question("list_bids", &[Allow::PUBLIC]).for_keys(KeyScope::BidsRead).with_query();
    /// Read the log of a lot.
    ListLotEvents = Operation::question("list_lot_events", &[Allow::PUBLIC]).for_keys(KeyScope::BidsRead).with_query();
    /// Read the course of a lot.
    ReadLotCourse = Operation::question("read_lot_course", &[Allow::PUBLIC]).for_keys(KeyScope::BidsRead).refuses(&[Code::WrongState]);
    /// Read the keys receipts verify with.
    ReadReceiptKeys = Operation::question("read_receipt_keys", &[Allow::ANYONE]);
    /// Watch a lot.
    WatchLot = Operation::question("watch_lot", &[Allow::PUBLIC]).for_keys(KeyScope::BidsRead).refuses(&[Code::Busy]);
    /// Place a bid.
    PlaceBid = Operation::deed("place_bid", &[Allow::members(&[OrgRole::Bidder])])
        .for_keys(KeyScope::BidsPlace)
        .counted_as(Class::Bid)
        .on_version_if_sent()
        .rehearsable()
        .refuses(&[
            Code::TooLow, Code::NotAStep, Code::OwnLot, Code::AlreadyLeading, Code::NotOpen, Code::Closed, Code::BidderSuspended,
            Code::NotAdmitted, Code::Paused, Code::TooHigh, Code::WrongFormat, Code::TooManyRaises, Code::ConflictOfInterest,
            Code::UnconfirmedJump,
        ]);
    /// Answer whether a right of pre-emption is used.
    AnswerPreemption = Operation::deed("answer_preemption", &[Allow::members(&[OrgRole::Bidder])])
        .on_version_if_sent()
        .refuses(&[
            Code::NotAdmitted, Code::OwnLot, Code::WrongState, Code::Closed, Code::BidderSuspended, Code::ConflictOfInterest,
        ]);
    /// Answer the offer to the next bidder.
    AnswerNextBidderOffer = Operation::deed("answer_next_bidder_offer", &[Allow::members(&[OrgRole::Bidder])])
        .refuses(&[Code::NotAdmitted, Code::OwnLot, Code::WrongState, Code::ConflictOfInterest]);
    /// Pause a lot.
    PauseLot = Operation::deed("pause_lot", &[Allow::staff(HOST)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::Closed, Code::SamePerson]);
    /// Resume a lot.
    ResumeLot = Operation::deed("resume_lot", &[Allow::staff(HOST)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ObjectionOpen]);
    /// Extend a lot.
    ExtendLot = Operation::deed("extend_lot", &[Allow::staff(HOST)])
        .on_version_if_sent()
        .second_person(OTHER_HANDS)
        .refuses(&[Code::WrongState, Code::Closed, Code::OutsideRule, Code::SamePerson]);
    /// Buy a lot at once.
    BuyLotNow = Operation::deed("buy_lot_now", &[Allow::members(&[OrgRole::Bidder])])
        .for_keys(KeyScope::BidsPlace)
        .counted_as(Class::Bid)
        .on_version_if_sent()
        .rehearsable()
        .refuses(&[
            Code::BuyNowOver, Code::OwnLot, Code::NotOpen, Code::Closed, Code::BidderSuspended, Code::NotAdmitted, Code::Paused,
            Code::ConflictOfInterest,
        ]);
    /// Seal a first offer.
    SealFirstOffer = Operation::deed("seal_first_offer", &[Allow::members(&[OrgRole::Bidder])])
        .for_keys(KeyScope::BidsPlace)
        .counted_as(Class::Bid)
        .discreetly()
        .rehearsable()
        .refuses(&[
            Code::TooLow, Code::OwnLot, Code::NotAdmitted, Code::BidderSuspended, Code::WrongState, Code::ConflictOfInterest,
            Code::UnconfirmedJump,
        ]);
    /// Read one's first offer.
    ReadFirstOffer = Operation::question("read_first_offer", &[Allow::members(&[OrgRole::Bidder])])
        .for_keys(KeyScope::BidsRead)
        .discreetly()
        .refuses(&[Code::WrongState]);
    /// Abort a lot.
    AbortLot = Operation::deed("abort_lot", &[Allow::staff(HOST)])
        .on_version_if_sent()
        .second_person("nobody who paused the lot, or submitted or reviewed the listing")
        .refuses(&[Code::WrongState, Code::SamePerson]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(place_bid)
        .service(read_lot)
        .service(watch_lot)
        .service(list_lots)
        .service(read_lot_timeline)
        .service(read_lot_calendar)
        .service(list_bids)
        .service(list_lot_events)
        .service(read_lot_course)
        .service(read_receipt_keys)
        .service(answer_preemption)
        .service(answer_next_bidder_offer)
        .service(pause_lot)
        .service(resume_lot)
        .service(extend_lot)
        .service(buy_lot_now)
        .service(seal_first_offer)
        .service(read_first_offer)
        .service(abort_lot);
}

impl Thing for lot::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.seller_organisation_id]
    }
    /// A lot exists only once its listing is published.
    fn is_public(&self) -> bool {
        true
    }
}

/// Which lots.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LotsQuery {
    /// Where they stand.
    pub state: Option<LotState>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
    /// Where the last page ended.
    #[param(max_length = 200)]
    pub cursor: Option<String>,
}

/// List lots
///
/// Newest first.
#[utoipa::path(tag = "lots", params(LotsQuery), responses((status = 200, description = "A page", body = Page<LotSummary>)))]
#[get("/v1/lots")]
pub async fn list_lots(house: Data<House>, _call: Call<ListLots>, query: Query<LotsQuery>) -> Answer {
    use lot::{Column, Entity};
    let query = query.into_inner();
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let mut find = Entity::find();
    if let Some(state) = query.state {
        find = find.filter(Column::State.eq(state));
    }
    let rows = page.restrict(find, Column::CreatedAt, Column::Id)?.all(house.db.read()).await.map_err(Problem::from)?;
    Ok(answer::page(&house, page.page(rows, |r| (r.created_at, r.id.into()), LotSummary::from)?))
}

/// Read a lot
///
/// Price, next acceptable price and those after it, closing time, server time, the newest bids and what the caller may do in one read.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), responses((status = 200, description = "The lot", body = LotView)))]
#[get("/v1/lots/{id}")]
pub async fn read_lot(house: Data<House>, call: Call<ReadLot>, id: Path<LotId>) -> Answer {
    let row = store::lot(house.db.read(), *id).await?.ok_or(Code::NotFound)?;
    call.permit.over(&row)?;
    let bids = store::bids_before(house.db.read(), *id, Some(row.seq + 1), NEWEST_BIDS as u64).await?;
    let bids = bids.iter().filter_map(BidView::of).collect();
    let deeds = flows::deeds(&house, &call.context, &row).await?;
    let now = house.world.now();
    let suggested_prices = suggested(&row, now);
    Ok(answer::found(&LotView { allowed_deeds: Some(deeds), suggested_prices, ..LotView::at(row, bids, now) }))
}

/// Read the timeline of a lot
///
/// What happened, what comes next and by when (时间线), each step with the rule its date follows. Everybody sees the
/// public steps; the seller, bidders and officers also what follows a sale; a bidder and officers when deposits go back;
/// the parties and officers which deal it led to.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), responses((status = 200, description = "The timeline", body = Timeline)))]
#[get("/v1/lots/{id}/timeline")]
pub async fn read_lot_timeline(house: Data<House>, call: Call<ReadLotTimeline>, id: Path<LotId>) -> Answer {
    Ok(answer::listed(&flows::timeline(&house, &call.context, &call.permit, *id).await?))
}

/// Read the coming dates of a lot
///
/// The steps of its timeline that come at a known time, as a file for calendars (iCalendar, RFC 5545).
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), responses((status = 200, description = "The file", content(("text/calendar")))))]
#[get("/v1/lots/{id}/timeline.ics")]
pub async fn read_lot_calendar(house: Data<House>, call: Call<ReadLotCalendar>, id: Path<LotId>) -> Answer {
    let told = flows::timeline(&house, &call.context, &call.permit, *id).await?;
    let title = store::lot(house.db.read(), *id).await?.ok_or(Code::NotFound)?.title;
    Ok(answer::calendar(&calendar_file(&told, &title, &id.to_string())))
}

/// Which bids.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BidsQuery {
    /// Bids before this number.
    #[param(minimum = 1)]
    pub before: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// List the bids of a lot
///
/// Newest first, under pseudonyms that mean nothing in other lots. Sealed bids are not among them: the log tells them at their
/// opening.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot"), BidsQuery), responses((status = 200, description = "A page", body = BidPage)))]
#[get("/v1/lots/{id}/bids")]
pub async fn list_bids(house: Data<House>, call: Call<ListBids>, id: Path<LotId>, query: Query<BidsQuery>) -> Answer {
    let row = store::lot(house.db.read(), *id).await?.ok_or(Code::NotFound)?;
    call.permit.over(&row)?;
    let size = PageQuery { limit: query.limit, cursor: None }.size()?;
    let rows = store::bids_before(house.db.read(), *id, at_least(1, "before", query.before)?, size + 1).await?;
    let more = rows.len() as u64 > size;
    let items: Vec<_> = rows.iter().filter_map(BidView::of).take(usize::try_from(size).unwrap_or(usize::MAX)).collect();
    let next_before = if more { items.last().map(|bid| bid.seq) } else { None };
    Ok(answer::listed(&BidPage { items, next_before }))
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Events after this number.
    #[param(minimum = 0)]
    pub after: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

/// Read the log of a lot
///
/// From the beginning, chained by hash: whoever reads it can recompute price, leader and every hash.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot"), EventsQuery), responses((status = 200, description = "Events in order", body = Vec<LotEventView>)))]
#[get("/v1/lots/{id}/events")]
pub async fn list_lot_events(house: Data<House>, call: Call<ListLotEvents>, id: Path<LotId>, query: Query<EventsQuery>) -> Answer {
    let row = store::lot(house.db.read(), *id).await?.ok_or(Code::NotFound)?;
    call.permit.over(&row)?;
    let size = PageQuery { limit: query.limit, cursor: None }.size()?;
    let events = store::events_after(house.db.read(), *id, at_least(0, "after", query.after)?.unwrap_or(0), size).await?;
    let views: Vec<_> = events.into_iter().map(|event| LotEventView::at(event, None)).collect();
    Ok(answer::listed(&views))
}

/// Read the course of a lot
///
/// All that anybody needs to recompute winner and price once a lot has ended (竞价过程): the terms as they were hashed at the
/// announcement, the whole log under pseudonyms, the outcome, and the keys its receipts verify with. `zhepai verify lot`
/// does it without a database. Once a result notice is public, `outcome.published` tells who bought, with the name as that notice gives it.
/// It has an entity tag, and is sent again only to whoever has another.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), responses((status = 200, description = "The course", body = LotCourse)))]
#[get("/v1/lots/{id}/course")]
pub async fn read_lot_course(house: Data<House>, call: Call<ReadLotCourse>, id: Path<LotId>, request: HttpRequest) -> Answer {
    let course = flows::course(&house, &call.permit, *id).await?;
    let text = serde_json::to_string(&course).map_err(|_| Problem::from(Code::Internal))?;
    Ok(kept(Rendered::of(text).answer(&request), "public, no-cache"))
}

/// Read the keys receipts verify with
///
/// A JSON Web Key Set (RFC 7517) of every key this platform ever signed receipts with, oldest first: a receipt can be checked
/// for ever.
#[utoipa::path(tag = "lots", responses((status = 200, description = "The keys", body = ReceiptKeys)))]
#[get("/v1/receipt-keys")]
pub async fn read_receipt_keys(house: Data<House>, _call: Call<ReadReceiptKeys>) -> Answer {
    let keys: ReceiptKeys = store::receipts::keys(house.db.read()).await?.into();
    Ok(kept(answer::listed(&keys), "public, max-age=300"))
}

/// What caches may keep, and how.
fn kept(mut answer: HttpResponse, how: &'static str) -> HttpResponse {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(how));
    answer
}

/// Watch a lot
///
/// Server-sent events. The first is a `snapshot`: `lot` as it is read, with `state` and `state_hash`. Then come `delta`s: the first change at
/// once, and then what happened since in one, ten a second at most (as the server is set). Each tells the events `from_seq` to `seq` of the
/// log, of which `entries` has the first 32 (`GET …/events?after=` the last of them has the rest), where the lot stands after `seq`
/// (`state`), `next_price` and `server_time`. No gap means that `from_seq` follows the `seq` before. `state_hash` is the SHA-256 of `state` as
/// JSON with members in the order of their names and no spaces (RFC 8785): whoever keeps a state of his own can hold it against that.
///
/// The id is `seq`. Sent back as `Last-Event-ID` the feed goes on after it without gap or double, without a snapshot, at any server; with 0 it
/// begins with the whole log. A reader who falls 256 deltas behind is cut, with a `retry`, and goes on the same way. The stream ends when
/// the lot has ended.
#[utoipa::path(tag = "lots", params(
    ("id" = Uuid, Path, description = "The lot"),
    ("Last-Event-ID" = Option<i64>, Header, description = "Number of the last event seen")
), responses((status = 200, description = "Events as they happen", content_type = "text/event-stream", body = String)))]
#[get("/v1/lots/{id}/stream")]
pub async fn watch_lot(house: Data<House>, call: Call<WatchLot>, id: Path<LotId>, request: HttpRequest) -> Answer {
    let row = store::lot(house.db.read(), *id).await?.ok_or(Code::NotFound)?;
    call.permit.over(&row)?;
    let seen = last_seen(&request, 1)?.and_then(|seen| seen.first().copied());
    let known = [Known { lot: *id, after: seen.unwrap_or(row.seq) }];
    let first = match seen {
        Some(_) => None,
        None => Some(stream::snapshot(&known, &snapshot(&house, row).await?)),
    };
    stream::answer(&house, &call.context, Outlet::of(&request), &known, first)
}

/// A lot as a feed of it begins.
async fn snapshot(house: &House, row: lot::Model) -> Result<LotSnapshot, Problem> {
    let LotStood { state, state_hash, .. } = LotStood::of(&row);
    let bids = store::bids_before(house.db.read(), row.id, Some(row.seq + 1), NEWEST_BIDS as u64).await?;
    let bids = bids.iter().filter_map(BidView::of).collect();
    let server_time = house.world.now();
    Ok(LotSnapshot { lot: LotView::at(row, bids, server_time), state, state_hash, server_time })
}

/// Place a bid
///
/// Answered after the bid is stored for good: a bid acknowledged is a bid counted. With `If-Match` the bid counts
/// only if nothing has happened in the lot since; with `dry_run=true` nothing is changed. Where the price falls on a clock
/// (降价式), a bid at the clock's price or above accepts that price, as it stood when the bid arrived, and ends the bidding.
///
/// Where bids are maxima (代理出价, `terms.proxy`), `price` is the most the bidder will pay: the platform bids for him no more
/// than is needed, and tells nobody else how far he would go. Of equals the earlier leads; the leader may raise his own.
/// Of a rehearsed one (`dry_run=true`) it is only told whether it would be taken, with the price that stands.
///
/// A price far from the one that stands is refused with `unconfirmed_jump` unless it is `confirmed`: no bid is withdrawn.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = NewBid, responses((status = 201, description = "The receipt", body = BidReceipt)))]
#[post("/v1/lots/{id}/bids")]
pub async fn place_bid(house: Data<House>, call: Call<PlaceBid, Json<NewBid>>, id: Path<LotId>) -> Answer {
    let done = flows::place_bid(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(acknowledged(done, call.context.dry_run))
}

/// The receipt of what a bidder did, with where the log says it.
fn acknowledged(done: Done<Receipt>, dry_run: bool) -> HttpResponse {
    answer::created(done, dry_run, |r| format!("/v1/lots/{}/events?after={}&limit=1", r.lot_id, r.seq - 1), BidReceipt::from)
}

/// Buy a lot at once
///
/// Until the first bid a bidder may take the lot (一口价) at the price its terms announce as `buy_now`: that ends the bidding,
/// and the lot is closed as sold. Answered with a receipt as a bid is; it counts as the one bid there was. Once a bid stands
/// it is refused with `buy_now_over`.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), responses((status = 201, description = "The receipt", body = BidReceipt)))]
#[post("/v1/lots/{id}/buy-now")]
pub async fn buy_lot_now(house: Data<House>, call: Call<BuyLotNow>, id: Path<LotId>) -> Answer {
    let done = flows::buy_lot_now(&house, &call.context, call.permit, *id).await?;
    Ok(acknowledged(done, call.context.dry_run))
}

/// Answer whether a right of pre-emption is used
///
/// Bidding has ended, and a holder who is asked (`asking` of the lot) says whether he takes the lot at its price (优先购买权征询), which is
/// what would be paid for it. All of one rank are asked at once, until the last of them has answered or `closes_at`: whoever alone takes it
/// has it, and several seal one more bid (`place_sealed_bid`, `asking.round`), of which the best has it. Where nobody of a rank takes it
/// the next is asked, and where nobody does whoever has it by the bidding has it. In lots whose `terms.preemption` has no `round_seconds`
/// those of one rank are asked one after another, and the first who takes it has it.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = Answered, responses((status = 200, description = "Answered; the lot", body = LotView)))]
#[post("/v1/lots/{id}/preemption-answer")]
pub async fn answer_preemption(house: Data<House>, call: Call<AnswerPreemption, Json<Answered>>, id: Path<LotId>) -> Answer {
    let done = flows::answer_preemption(&house, &call.context, call.permit, *id, call.body.0.takes).await?;
    moved(&house, done).await
}

/// Answer the offer to the next bidder
///
/// The winner defaulted, and the runner-up is asked whether it takes the lot at its own last bid, where bids are maxima at its
/// own maximum (递补); its admission tells the price and until when. Who takes it has won, and its deal is opened; who declines, or lets the time pass, has its
/// deposit back. Before it is asked a runner-up that waits may only decline: its deposit is released at once, and should the winner
/// default nobody is asked.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = Answered, responses((status = 200, description = "Answered; the admission", body = AdmissionView)))]
#[post("/v1/lots/{id}/next-bidder-answer")]
pub async fn answer_next_bidder_offer(house: Data<House>, call: Call<AnswerNextBidderOffer, Json<Answered>>, id: Path<LotId>) -> Answer {
    let done = flows::answer_next_bidder_offer(&house, &call.context, call.permit, *id, call.body.0.takes).await?;
    Ok(answer::done(done, AdmissionView::from))
}

/// The lot after a deed, as everybody reads it.
async fn moved(house: &House, done: Done<lot::Model>) -> Answer {
    let bids = store::bids_before(house.db.read(), done.value.id, Some(done.value.seq + 1), 50).await?;
    let bids = bids.iter().filter_map(BidView::of).collect();
    Ok(answer::done(done, |row| LotView::at(row, bids, house.world.now())))
}

/// Pause a lot
///
/// The auction host interrupts a lot (暂停竞价) that waits or is being bid for, with a public reason in its log. Every
/// clock of the bidding stands; bids are refused with `paused`, also those that arrived before and come to be judged after
/// it. Registration is not paused: it closes, and deposits are due, when it was announced, and a lot with too few admitted
/// fails then. A lot that is still open a minute after its end and its grace, because something sealed in it cannot be opened, can
/// be paused too, so that another host can abort it; nobody bids in it any more, also if it is resumed.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = Reason, responses((status = 200, description = "Paused", body = LotView)))]
#[post("/v1/lots/{id}/pause")]
pub async fn pause_lot(house: Data<House>, call: Call<PauseLot, Json<Reason>>, id: Path<LotId>) -> Answer {
    let done = flows::pause(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, done).await
}

/// Resume a lot
///
/// The lot goes on (恢复竞价) with the time it had left: its opening if it had not opened, its end and its latest end are
/// moved by exactly the length of the pause, with a public reason in its log. The close of registration is not moved. A lot
/// that was paused with its session is resumed with it.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = Reason, responses((status = 200, description = "Resumed", body = LotView)))]
#[post("/v1/lots/{id}/resume")]
pub async fn resume_lot(house: Data<House>, call: Call<ResumeLot, Json<Reason>>, id: Path<LotId>) -> Answer {
    let done = flows::resume(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, done).await
}

/// Extend a lot
///
/// The auction host gives more time (延长竞价), with a public reason in the lot's log, by as much as the rule
/// `extend_limit` allows at once. The end only ever moves to later; the latest end moves as far.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = Extension, responses((status = 200, description = "Extended", body = LotView)))]
#[post("/v1/lots/{id}/extend")]
pub async fn extend_lot(house: Data<House>, call: Call<ExtendLot, Json<Extension>>, id: Path<LotId>) -> Answer {
    let Extension { seconds, reason } = call.body.0;
    let done = flows::extend(&house, &call.context, call.permit, *id, seconds, reason).await?;
    moved(&house, done).await
}

/// Seal a first offer
///
/// Where a lot is bid for by rounds (分轮报价), each bidder names a first offer before bidding opens: at the start price or
/// above, sealed, and in the place of an earlier one of his. Nobody is told that there is one, nor how much, until all are
/// opened together; whoever has none then takes no part. Keep the receipt, and hold it against the published course
/// (`zhepai verify lot`).
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = NewBid, responses((status = 200, description = "Sealed", body = FirstOffer)))]
#[put("/v1/lots/{id}/first-offer")]
pub async fn seal_first_offer(house: Data<House>, call: Call<SealFirstOffer, Json<NewBid>>, id: Path<LotId>) -> Answer {
    let done = flows::seal_first_offer(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(kept(answer::done(done, |sealed| sealed), "no-store"))
}

/// Read one's first offer
///
/// The last one the caller's organisation sealed for a lot that is bid for by rounds.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), responses((status = 200, description = "The first offer", body = FirstOffer)))]
#[get("/v1/lots/{id}/first-offer")]
pub async fn read_first_offer(house: Data<House>, call: Call<ReadFirstOffer>, id: Path<LotId>) -> Answer {
    let own = flows::first_offer(&house, &call.context, &call.permit, *id).await?;
    Ok(kept(answer::listed(&own), "no-store"))
}

/// Abort a lot
///
/// A lot that is paused because of a fault that cannot be cured is ended (终止竞价) by another auction host than the one who paused
/// it, or its session, with a public reason in its log: whatever was bid, nobody has it. What is sealed in it is never opened, every
/// deposit goes back, and its listing has failed and may be offered anew.
#[utoipa::path(tag = "lots", params(("id" = Uuid, Path, description = "The lot")), request_body = Reason, responses((status = 200, description = "Aborted", body = LotView)))]
#[post("/v1/lots/{id}/abort")]
pub async fn abort_lot(house: Data<House>, call: Call<AbortLot, Json<Reason>>, id: Path<LotId>) -> Answer {
    let done = flows::abort(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, done).await
}
