//! Reading deals: what parties and officers may see.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::deals::{DealState, deal};
use entity::ids::{DealId, LotId};
use entity::notices::notice;
use sea_orm::ConnectionTrait;

use crate::deals::events::DealEvent;
use crate::deals::http::{OPERATIONS, ReadConfirmation, ReadDeal, ReadDealTimeline, SignDeal};
use crate::deals::rules::{self, PublishedResult};
use crate::deals::store::{self, Wanted};
use crate::deals::views::{ConfirmationView, DealView};
use crate::house::House;
use crate::notices;
use crate::notices::rules::Matter;
use crate::objections;
use crate::platform::access::{self, Caller, Context, Permission, Permit};
use crate::platform::http::{Page, PageQuery};
use crate::platform::outbox;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Timeline;

/// Lists deals: officers see all, everybody else those his organisation is a party to.
pub async fn list(house: &House, by: &Context, wanted: Wanted, page: &PageQuery) -> Result<Page<DealView>, Problem> {
    let officer = matches!(&by.caller, Caller::Person(actor) if actor.staff.is_some());
    let party = if officer { None } else { Some(by.seat()?.organisation) };
    let rows = store::list(house.db.read(), &Wanted { party, ..wanted }, page).await?;
    page.page(rows, |row| (row.created_at, row.id.into()), DealView::from)
}

/// Reads a deal, with what the caller may do to it.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadDeal>, id: DealId) -> Result<DealView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let waits = waits(house.db.read(), &found, house.world.now()).await?;
    let deeds = deeds(house, by, &found, waits).await?;
    Ok(DealView { waits_for_objection: Some(waits), allowed_deeds: Some(deeds), ..DealView::from(found) })
}

/// Whether the next step of a deal waits for an objection: the signatures for one about its listing, what follows the result for one to that.
async fn waits(db: &impl ConnectionTrait, deal: &deal::Model, now: Timestamp) -> Result<bool, Problem> {
    match deal.state {
        DealState::ConfirmationGenerated => objections::flows::is_held_up(db, Matter::Listing(deal.listing_id)).await,
        DealState::Confirmed | DealState::ResultPublished => Ok(result_time_lost(db, deal, now).await?.is_none()),
        DealState::DefaultBuyer | DealState::DefaultSeller | DealState::Lapsed | DealState::Rescinded => Ok(false),
    }
}

/// How long objections to the result of a deal took since it was confirmed; nothing while one still does.
async fn result_time_lost(db: &impl ConnectionTrait, deal: &deal::Model, now: Timestamp) -> Result<Option<TimeDelta>, Problem> {
    match deal.result_notice_id.zip(deal.confirmed_at) {
        Some((notice, confirmed_at)) => objections::flows::time_lost_to(db, notice, confirmed_at, now).await,
        None => Ok(Some(TimeDelta::zero())),
    }
}

/// What the caller may do to a deal now.
async fn deeds(house: &House, by: &Context, deal: &deal::Model, waits: bool) -> Result<Vec<String>, Problem> {
    let Caller::Person(actor) = &by.caller else { return Ok(Vec::new()) };
    let signatures = store::signatures(house.db.read(), deal.id).await?;
    let notice = notice_of(house, deal).await?;
    let mut open = rules::open_to(deal, &signatures, notice.as_ref(), actor, house.world.now());
    if waits {
        open.retain(|deed| *deed != SignDeal::OPERATION.id);
    }
    Ok(access::allowed(OPERATIONS, &by.caller, deal, &open))
}

/// The result notice of a deal, once it is drafted.
async fn notice_of(house: &House, deal: &deal::Model) -> Result<Option<notice::Model>, Problem> {
    match deal.result_notice_id {
        Some(id) => Ok(notices::store::find(house.db.read(), id).await?),
        None => Ok(None),
    }
}

/// Reads what happened to a deal and what comes next.
pub async fn timeline(house: &House, permit: &Permit<ReadDealTimeline>, id: DealId) -> Result<Timeline, Problem> {
    let db = house.db.read();
    let found = store::find(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let signatures = store::signatures(db, id).await?;
    let notice = notice_of(house, &found).await?;
    let past = outbox::of_subject(db, "deal", id).await?;
    let announced = rules::facts(&found)?.deal.rules;
    let now = house.world.now();
    let rights_stand = super::sign::rights_stand(house, db, &found, found.confirm_by).await?;
    let steps = rules::timeline::steps(&rules::timeline::Sight {
        deal: &found,
        rules: &announced,
        signatures: &signatures,
        notice: notice.as_ref(),
        held_up: objections::flows::is_held_up(db, Matter::Listing(found.listing_id)).await?,
        rights_stand,
        result_time_lost: result_time_lost(db, &found, now).await?,
        ended_at: past.into_iter().find(|(kind, _)| kind == DealEvent::DEFAULTED || kind == DealEvent::RESCINDED).map(|(_, at)| at),
        calendar: &house.rulebook.current().calendar,
        now,
    })?;
    Ok(Timeline {
        now,
        state: found.state.code(),
        listing_id: Some(found.listing_id),
        negotiation_id: None,
        lot_id: Some(found.lot_id),
        deal_id: Some(id),
        deal_ids: vec![id],
        steps,
    })
}

/// Reads a confirmation with the signatures under it.
pub async fn read_confirmation(house: &House, permit: &Permit<ReadConfirmation>, id: DealId) -> Result<ConfirmationView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let signatures = store::signatures(house.db.read(), id).await?;
    Ok(ConfirmationView::of(found, signatures))
}

/// The results of a lot that are public, as their notices tell them.
pub async fn published_results(db: &impl ConnectionTrait, lot: LotId) -> Result<Vec<PublishedResult>, Problem> {
    let deals = store::of_lot(db, lot).await?;
    let public = notices::store::public(db, deals.iter().filter_map(|deal| deal.result_notice_id).collect()).await?;
    let texts = notices::store::versions(db, public.iter().map(|notice| notice.id).collect()).await?;
    let mut results = Vec::with_capacity(public.len());
    for notice in &public {
        let deal = deals.iter().find(|deal| deal.result_notice_id == Some(notice.id)).ok_or(Code::Internal)?;
        let stands = texts.iter().find(|text| text.notice_id == notice.id && text.version == notice.current_version);
        results.push(rules::published_result(deal, notice, stands.ok_or(Code::Internal)?)?);
    }
    Ok(results)
}
