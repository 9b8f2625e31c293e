//! What the owner of a patent says of it, and what an officer decides on that.

use entity::ids::AssetId;
use entity::open_implementation::open_implementation;

use super::{held, record};
use crate::documents::flows::kept_within;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::identity::flows::organisations::verified_within;
use crate::open_implementation::events::OpenImplementationEvent;
use crate::open_implementation::http::{ClaimImplementation, DecideImplementationClaim, SetImplementationTerms};
use crate::open_implementation::rules::machine::{self, Deed, NewImplementationClaim, NewImplementationDecision, NewImplementationTerms};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// The owner says how others may use it, and what that costs.
pub async fn set_terms(
    house: &House,
    by: &Context,
    permit: Permit<SetImplementationTerms>,
    id: AssetId,
    new: NewImplementationTerms,
) -> Result<Done<open_implementation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(set_within(&tx, &permit, id, &new)).await }).await
}

async fn set_within(
    tx: &Tx,
    permit: &Permit<SetImplementationTerms>,
    id: AssetId,
    new: &NewImplementationTerms,
) -> Result<open_implementation::Model, Problem> {
    let (sight, held) = held(tx, permit, id).await?;
    machine::require(&held, Deed::SetTerms)?;
    verified_within(tx, sight.owner.id).await?;
    machine::said_well(new)?;
    let fee = new.fee.as_ref().map(serde_json::to_value).transpose().map_err(|_| Code::Internal)?;
    let next = machine::with_terms(&held, new.method, fee, (tx.by.actor()?.person, tx.now))?;
    record(tx, &held, &next).await?;
    Ok(next)
}

/// The owner says why it should not be on the list, with the paper that shows it.
pub async fn claim(
    house: &House,
    by: &Context,
    permit: Permit<ClaimImplementation>,
    id: AssetId,
    new: NewImplementationClaim,
) -> Result<Done<open_implementation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(claim_within(&tx, &permit, id, new)).await }).await
}

async fn claim_within(
    tx: &Tx,
    permit: &Permit<ClaimImplementation>,
    id: AssetId,
    new: NewImplementationClaim,
) -> Result<open_implementation::Model, Problem> {
    let (sight, held) = held(tx, permit, id).await?;
    machine::require(&held, Deed::Claim)?;
    verified_within(tx, sight.owner.id).await?;
    let document = kept_within(tx, new.document_id, sight.owner.id).await?;
    let next = machine::claimed(&held, (new.claim, new.statement), document, (tx.by.actor()?.person, tx.now))?;
    record(tx, &held, &next).await?;
    Ok(next)
}

/// An officer decides on it.
pub async fn decide(
    house: &House,
    by: &Context,
    permit: Permit<DecideImplementationClaim>,
    id: AssetId,
    new: NewImplementationDecision,
) -> Result<Done<open_implementation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(decide_within(&tx, &permit, id, new)).await }).await
}

async fn decide_within(
    tx: &Tx,
    permit: &Permit<DecideImplementationClaim>,
    id: AssetId,
    new: NewImplementationDecision,
) -> Result<open_implementation::Model, Problem> {
    let (sight, held) = held(tx, permit, id).await?;
    let person = tx.by.actor()?.person;
    let ties = identity::store::ties(tx.conn(), person).await?;
    let sits_with_owner = ties.iter().any(|tie| tie.organisation_id == sight.owner.id);
    let next = machine::decided(&held, (person, sits_with_owner), new, tx.now)?;
    record(tx, &held, &next).await?;
    tx.publish(&OpenImplementationEvent::decided(id, sight.owner.id, sight.due_on))?;
    Ok(next)
}
