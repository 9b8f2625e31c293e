//! The market stood still: noticed by the first beat after it, or by whoever looks at a lot whose time seems over.

use entity::auctions::lot;
use entity::ids::LotId;
use entity::platform::outage;

use super::record;
use crate::auctions::rules::outage::{self as rules, Outage};
use crate::auctions::store;
use crate::house::{House, Tx};
use crate::platform::access::Context;
use crate::platform::heartbeat;
use crate::platform::problem::{Code, Problem};

/// Writes down that the market runs, and gives more time to the lots that an outage came too close to.
pub async fn beat(house: &House) -> Result<(), Problem> {
    let by = Context::system("note_outage", "heartbeat".into());
    let noted = house
        .write(&by, (), |tx: Tx, ()| async move {
            tx.nothing_changed();
            note(&tx).await
        })
        .await?;
    let Some(outage) = noted.value else { return Ok(()) };
    tracing::warn!(began_at = %outage.began_at, ended_at = %outage.ended_at, "the market had stood still");
    for lot in store::open_lots(house.db.read()).await? {
        house
            .write(&by, lot, |tx: Tx, lot: LotId| async move {
                tx.nothing_changed();
                let held = store::hold(tx.conn(), lot).await?.ok_or(Code::NotFound)?;
                after_outages(&tx, held).await
            })
            .await?;
    }
    Ok(())
}

/// A held lot after the outages that came too close to its end, the one just over too.
pub(super) async fn after_outages(tx: &Tx, held: lot::Model) -> Result<lot::Model, Problem> {
    let Some(window) = rules::window(&held) else { return Ok(held) };
    let real = tx.house.world.real_now();
    let silent = heartbeat::last(tx.conn()).await?.is_some_and(|last| least(tx).is_ok_and(|least| real - last >= least));
    if silent {
        note(tx).await?;
    }
    let outages = heartbeat::outages_after(tx.conn(), held.closes_at - window).await?;
    let outages: Vec<_> = outages.iter().map(|row| Outage { began_at: row.began_at, ended_at: row.ended_at }).collect();
    let (events, next) = rules::extended(&held, &outages, window);
    if events.is_empty() {
        return Ok(held);
    }
    record(tx, &held, events, &next).await?;
    Ok(next)
}

/// One more beat, and the outage before it.
async fn note(tx: &Tx) -> Result<Option<outage::Model>, Problem> {
    let noted = heartbeat::beat(tx.conn(), tx.id(), tx.house.world.real_now(), tx.now, least(tx)?).await?;
    if let Some(outage) = &noted {
        tx.created("outage", outage.id, outage).await?;
    }
    Ok(noted)
}

/// How long the market must have been silent.
fn least(tx: &Tx) -> Result<chrono::TimeDelta, Problem> {
    tx.house.span("outage_least", tx.now)
}
