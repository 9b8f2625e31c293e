//! Qualifying, refusing, withdrawing, suspending, reinstating.

use entity::admissions::{admission, admission_call};
use entity::ids::AdmissionId;

use super::{meet, record};
use crate::admissions::events::AdmissionEvent;
use crate::admissions::http::{QualifyAdmission, RefuseAdmission, ReinstateBidder, SuspendBidder, WithdrawAdmission};
use crate::admissions::rules::{self, Standing};
use crate::admissions::store;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::problem::{Code, Problem};

/// A reviewer qualifies an applicant.
pub async fn qualify(house: &House, by: &Context, permit: Permit<QualifyAdmission>, id: AdmissionId) -> Result<Done<Standing>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let (call, held) = hold(&tx, &permit, id).await?;
            let next = rules::qualify(&held, &call, tx.by.actor()?.person, tx.now)?;
            record(&tx, &held, &next, &AdmissionEvent::of(&next)).await?;
            Ok(Standing::of(next, &call))
        })
        .await
}

/// A reviewer refuses an applicant.
pub async fn refuse(
    house: &House,
    by: &Context,
    permit: Permit<RefuseAdmission>,
    id: AdmissionId,
    reason: String,
) -> Result<Done<Standing>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let (call, held) = hold(&tx, &permit, id).await?;
            let next = rules::refuse(&held, &call, tx.by.actor()?.person, &reason, tx.now)?;
            record(&tx, &held, &next, &AdmissionEvent::of(&next)).await?;
            Ok(Standing::of(next, &call))
        })
        .await
}

/// An applicant withdraws.
pub async fn withdraw(house: &House, by: &Context, permit: Permit<WithdrawAdmission>, id: AdmissionId) -> Result<Done<Standing>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let (call, held) = hold(&tx, &permit, id).await?;
            let fate = rules::withdraw(&held, &call, tx.now)?;
            Ok(Standing::of(meet(&tx, &call, &held, fate).await?, &call))
        })
        .await
}

/// The auction host suspends a bidder.
pub async fn suspend(
    house: &House,
    by: &Context,
    permit: Permit<SuspendBidder>,
    id: AdmissionId,
    reason: String,
) -> Result<Done<Standing>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let (call, held) = hold(&tx, &permit, id).await?;
            let next = rules::suspend(&held, &call, &reason, tx.now)?;
            record(&tx, &held, &next, &AdmissionEvent::suspension(&next)).await?;
            Ok(Standing::of(next, &call))
        })
        .await
}

/// The auction host reinstates a bidder.
pub async fn reinstate(
    house: &House,
    by: &Context,
    permit: Permit<ReinstateBidder>,
    id: AdmissionId,
    reason: String,
) -> Result<Done<Standing>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let (call, held) = hold(&tx, &permit, id).await?;
            let next = rules::reinstate(&held, &call, &reason, tx.now)?;
            record(&tx, &held, &next, &AdmissionEvent::suspension(&next)).await?;
            Ok(Standing::of(next, &call))
        })
        .await
}

/// The admission and its call, held, where the caller may do this to it and has seen how it stands.
async fn hold<P: Permission>(tx: &Tx, permit: &Permit<P>, id: AdmissionId) -> Result<(admission_call::Model, admission::Model), Problem> {
    let (call, held) = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    if held.lot_id != call.lot_id {
        // It went over to another lot while this waited for the call: it is looked at again.
        return Err(Problem { transient: true, ..Code::Busy.into() });
    }
    Ok((call, held))
}
