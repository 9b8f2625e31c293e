//! Holders of a right of pre-emption, asked by rank whether they take a lot at its price.

use entity::auctions::{Preemption, PreemptionHolder, lot};
use entity::ids::LotId;

use super::bid::{admitted, is_suspended};
use super::outage::after_outages;
use super::record;
use crate::admissions;
use crate::auctions::http::AnswerPreemption;
use crate::auctions::rules::log::Cause;
use crate::auctions::rules::preemption as rules;
use crate::auctions::store;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// The holders who may bid for a lot, in the order in which they are named after the bidding; nobody where it is not that
/// way that they use their right. Who leads is among them also where he was suspended since: his bid stands, and his rank with it,
/// so that nobody behind him is asked.
pub(super) async fn holders(tx: &Tx, lot: &lot::Model) -> Result<Vec<PreemptionHolder>, Problem> {
    if !matches!(lot.terms.preemption, Some(Preemption::AskAfter { .. })) {
        return Ok(Vec::new());
    }
    let admitted = admissions::store::holders(tx.conn(), lot.id).await?;
    let named = admitted.into_iter().filter(|held| !held.suspended || held.pseudonym == lot.leader_pseudonym);
    Ok(named.filter_map(|held| Some(PreemptionHolder { bidder: held.pseudonym?, rank: held.preemption_rank? })).collect())
}

/// A holder who is asked takes the lot, or does not.
pub async fn answer_preemption(
    house: &House,
    by: &Context,
    permit: Permit<AnswerPreemption>,
    lot: LotId,
    takes: bool,
) -> Result<Done<lot::Model>, Problem> {
    house.write(by, (permit, lot, takes), |tx, (permit, lot, takes)| async move { answer_within(&tx, &permit, lot, takes).await }).await
}

async fn answer_within(tx: &Tx, permit: &Permit<AnswerPreemption>, id: LotId, takes: bool) -> Result<lot::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.seq)?;
    let person = tx.by.actor()?.person;
    // Whose time seems past may have been given more by an outage that nobody has seen yet.
    let held = if tx.now < held.closes_at { held } else { after_outages(tx, held).await? };
    let arrival = tx.arrived().await?;
    let admission = admitted(tx, &held).await?;
    let suspended = is_suspended(tx, &held, &admission).await?;
    let bidder = admission.pseudonym.ok_or(Code::Internal)?;
    let cause = Cause { person: Some(person), admission: Some(admission.id), request_id: Some(tx.by.request_id.clone()) };
    let (event, next) = rules::answer(&held, &bidder, suspended, takes, arrival, cause)?;
    record(tx, &held, vec![event], &next).await?;
    Ok(next)
}
