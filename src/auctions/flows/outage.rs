//! The market stood still: noticed by the first beat after it, or by whoever looks at a lot whose time seems to have come.

use chrono::TimeDelta;
use entity::auctions::{LotEventKind, lot};
use entity::ids::LotId;
use entity::platform::outage;

use super::record;
use super::rounds::envelopes;
use super::schedule::{announced_in_full, announced_in_full_within};
use crate::auctions::rules::outage::{self as rules, Outage};
use crate::auctions::rules::{clock, rounds};
use crate::auctions::store;
use crate::house::{House, Tx};
use crate::notices::flows::AuctionNotices;
use crate::platform::access::{Caller, Context};
use crate::platform::heartbeat;
use crate::platform::problem::{Code, Problem};

/// How long after an outage was noted, by whomever, the lots it came too close to are looked for, real time.
const LATELY: TimeDelta = TimeDelta::minutes(1);
/// What is written down under this name.
const OPERATION: &str = "note_outage";

/// Writes down that the market runs, and gives more time to the lots that an outage came too close to, whoever noted it; what opens after
/// a notice is put off where days of that do not count any more.
pub async fn beat(house: &House) -> Result<(), Problem> {
    let noted = house
        .write_aside(&as_the_market(), (), |tx: Tx, ()| async move {
            tx.nothing_changed();
            note(&tx).await
        })
        .await?;
    if let Some(outage) = &noted.value {
        tracing::warn!(began_at = %outage.began_at, ended_at = %outage.ended_at, "the market had stood still");
    }
    let lately = house.world.real_now() - LATELY;
    let Some(outage) = heartbeat::noted_after(house.db.read(), lately).await? else { return Ok(()) };
    let near = outage.ended_at + house.span("outage_window", outage.ended_at)?;
    for lot in store::lots_near(house.db.read(), near).await? {
        if let Err(problem) = give_time(house, lot).await {
            tracing::warn!(%problem, %lot, "an outage is asked for again when the lot ends");
        }
    }
    for lot in opening_too_early(house).await? {
        if let Err(problem) = put_off(house, lot).await {
            tracing::warn!(%problem, %lot, "whether its notice could be read is asked again when the lot opens");
        }
    }
    Ok(())
}

/// The lots that wait for their opening and must wait longer, now that an outage is known.
async fn opening_too_early(house: &House) -> Result<Vec<LotId>, Problem> {
    let (notices, now) = (AuctionNotices::running(house.db.read()).await?, house.world.now());
    let mut found = Vec::new();
    for lot in store::lots_waiting(house.db.read(), notices.listings()).await? {
        if notices.opens_later(house, lot.listing_id, lot.opens_at, now)?.is_some() {
            found.push(lot.id);
        }
    }
    Ok(found)
}

/// Puts off such a lot; beating on the way, for many lots take long.
async fn put_off(house: &House, lot: LotId) -> Result<(), Problem> {
    house
        .write(&as_the_market(), lot, |tx: Tx, lot: LotId| async move {
            tx.nothing_changed();
            beat_on_the_way(&tx).await?;
            Box::pin(announced_in_full_within(&tx, lot)).await
        })
        .await
        .map(|_| ())
}

fn as_the_market() -> Context {
    Context::system(OPERATION, "heartbeat".into())
}

/// Gives a lot the time an outage took; beating on the way, for many lots take long.
async fn give_time(house: &House, lot: LotId) -> Result<(), Problem> {
    house
        .write(&as_the_market(), lot, |tx: Tx, lot: LotId| async move {
            tx.nothing_changed();
            let held = store::hold(tx.conn(), lot).await?.ok_or(Code::NotFound)?;
            beat_on_the_way(&tx).await?;
            after_outages(&tx, held).await
        })
        .await
        .map(|_| ())
}

/// Beats where half of the shortest silence that is noted is over.
async fn beat_on_the_way(tx: &Tx) -> Result<(), Problem> {
    if silence(tx).await? * 2 >= heartbeat::LEAST_NOTED {
        note(tx).await?;
    }
    Ok(())
}

/// A held lot after the outages that came too close to its end, the one just over too; one that is to open now waits where its notice could
/// not be read for as long as it must be. What this does is the market's doing, whoever finds it first.
pub(super) async fn after_outages(tx: &Tx, held: lot::Model) -> Result<lot::Model, Problem> {
    let tx = &tx.in_the_name_of(Caller::System, OPERATION);
    if silence(tx).await? >= heartbeat::LEAST_NOTED {
        note(tx).await?;
    }
    let held = if clock::may_open(&held, tx.now) { Box::pin(announced_in_full(tx, held)).await? } else { held };
    let Some(window) = rules::window(&held) else { return Ok(held) };
    let since = rounds::look_from(&held, window).unwrap_or(held.closes_at - window);
    let outages = heartbeat::outages_after(tx.conn(), since).await?;
    if outages.is_empty() {
        return Ok(held);
    }
    // A pause had stopped the clocks: what fell into it cost nobody any time.
    let resumed = store::last_at(tx.conn(), held.id, LotEventKind::Resumed).await?;
    let outages: Vec<_> = outages
        .iter()
        .filter(|row| resumed.is_none_or(|resumed| row.ended_at > resumed))
        .map(|row| Outage { began_at: row.began_at, ended_at: row.ended_at })
        .filter(|outage| rules::counts(&held, outage))
        .collect();
    let last = store::head_at(tx.conn(), held.id).await?.unwrap_or(held.created_at);
    let (events, next) = if rules::is_by_turns(&held) {
        rounds::extended(&held, &Box::pin(envelopes(tx, &held)).await?, &outages, window, last)
    } else {
        rules::extended(&held, &outages, window, tx.now, last)
    };
    if events.is_empty() {
        return Ok(held);
    }
    Box::pin(record(tx, &held, events, &next)).await?;
    Ok(next)
}

/// How long nobody has written down that the market runs; nothing before the first time.
async fn silence(tx: &Tx) -> Result<TimeDelta, Problem> {
    let last = heartbeat::last(tx.conn()).await?;
    Ok(last.map_or(TimeDelta::zero(), |last| tx.house.world.real_now() - last))
}

/// One more beat, and the silence before it, whichever lots it was long enough for.
async fn note(tx: &Tx) -> Result<Option<outage::Model>, Problem> {
    let usual = tx.house.span("outage_least", tx.now)?;
    let noted = heartbeat::beat(tx.conn(), tx.id(), tx.house.world.real_now(), tx.now, usual).await?;
    if let Some(outage) = &noted {
        tx.created("outage", outage.id, outage);
    }
    Ok(noted)
}
