//! Reading what happened to a negotiation and what comes next.

use entity::Timestamp;
use entity::ids::{NegotiationId, NoticeId};

use super::conclude::awaited;
use super::look;
use crate::house::House;
use crate::negotiations::events::NegotiationEvent;
use crate::negotiations::rules::timeline::{Shown, Sight, steps};
use crate::negotiations::store;
use crate::notices;
use crate::notices::rules::Matter;
use crate::notices::rules::both_places::UnitNotice;
use crate::objections;
use crate::platform::access::{Permission, Permit};
use crate::platform::outbox;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Timeline;

/// The timeline of a negotiation, for its parties and for officers.
pub async fn timeline<P: Permission>(house: &House, permit: &Permit<P>, id: NegotiationId) -> Result<Timeline, Problem> {
    let (db, now) = (house.db.read(), house.world.now());
    let found = store::find(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let last = store::last_offer(db, id).await?.ok_or(Code::Internal)?;
    let price = shown(house, found.notice_id, now).await?;
    let result = shown(house, found.result_notice_id, now).await?;
    let unit_notice = UnitNotice::kept(found.unit_notice.as_ref())?;
    let past = outbox::of_subject(db, "negotiation", id).await?;
    let shown_at = past.into_iter().rfind(|(kind, _)| kind == NegotiationEvent::UNIT_NOTICE_SHOWN).map(|(_, at)| at);
    let steps = steps(&Sight {
        held: &found,
        last: &last,
        price: price.as_ref(),
        result: result.as_ref(),
        unit_notice: unit_notice.as_ref().zip(shown_at),
        waits_for: &awaited(house, db, &found, now).await?,
        objections: &objections::store::of(db, Matter::Negotiation(id)).await?,
        rules: &look::followed(house, &found, now)?,
        calendar: &house.rulebook.current().calendar,
        now,
    })?;
    Ok(Timeline {
        now,
        state: found.state.code(),
        listing_id: None,
        negotiation_id: Some(id),
        lot_id: None,
        deal_id: None,
        steps,
        deal_ids: Vec::new(),
    })
}

/// A notice of the negotiation, where there is one.
async fn shown(house: &House, id: Option<NoticeId>, now: Timestamp) -> Result<Option<Shown>, Problem> {
    let Some(id) = id else { return Ok(None) };
    let notice = notices::store::find(house.db.read(), id).await?.ok_or(Code::Internal)?;
    let ends_at = notices::flows::ends_at(house, house.db.read(), &notice, now).await?;
    Ok(Some(Shown { notice, ends_at }))
}
