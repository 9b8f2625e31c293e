//! What a security administrator does to an account.

use entity::identity::person;
use entity::ids::PersonId;

use super::{IdentityEvent, second_factor, sessions};
use crate::house::{Done, House, Tx};
use crate::identity::http::accounts::IssuePasswordReset;
use crate::identity::{keys, personal, rules, store};
use crate::platform::access::{Context, Permission};
use crate::platform::problem::{Code, Problem};
use crate::platform::{audit, db};

/// Keeps an account from everything, at once: its sessions end, and none begins.
pub async fn suspend(house: &House, by: &Context, id: PersonId, reason: String) -> Result<Done<person::Model>, Problem> {
    house
        .write(by, (id, reason), |tx, (id, reason)| async move {
            let held = store::hold_person(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            let next = rules::suspended(&held, tx.by.actor()?.person, &reason, tx.house.world.real_now())?;
            let why = tx.sealed(personal::suspension_of(id), &reason).await?;
            let next = person::Model { suspended_why: Some(why), ..next };
            record(&tx, &held, next).await
        })
        .await
}

/// Lets an account in again.
pub async fn reinstate(house: &House, by: &Context, id: PersonId) -> Result<Done<person::Model>, Problem> {
    house
        .write(by, id, |tx, id| async move {
            let held = store::hold_person(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            let next = rules::reinstated(&held)?;
            record(&tx, &held, next).await
        })
        .await
}

/// Takes away the authenticator of somebody who has lost it; his sessions end.
pub async fn reset_second_factor(house: &House, by: &Context, id: PersonId) -> Result<Done<()>, Problem> {
    house
        .write(by, id, |tx, id| async move {
            store::hold_person(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            of_another(&tx, id, IssuePasswordReset::OPERATION.id).await?;
            if !second_factor::remove_within(&tx, id).await? {
                return Err(Code::WrongState.with("state", "not_enrolled").with("allowed", ["issue_password_reset"]));
            }
            recovered(&tx, id).await?;
            sessions::end_all_within(&tx, id, None, "second factor reset").await
        })
        .await
}

/// An account has come back to its owner: what somebody else may have made with it meanwhile ends, or rests. The caller holds
/// the person.
pub async fn recovered(tx: &Tx, id: PersonId) -> Result<(), Problem> {
    keys::flows::end_of_account(tx, id).await?;
    tx.publish(&IdentityEvent::person("account.recovered", id))
}

/// Refuses what an officer would do to himself, and what would give him both halves of another's account: who
/// can set the password of somebody does not take away his authenticator too, nor the other way round.
pub async fn of_another(tx: &Tx, id: PersonId, other_half: &str) -> Result<(), Problem> {
    let officer = tx.by.actor()?.person;
    let apart = tx.house.span("recovery_separation", tx.now)?;
    if officer == id || audit::has_done(tx.conn(), officer, other_half, id.0, tx.now - apart).await? {
        return Err(Code::SamePerson.into());
    }
    Ok(())
}

async fn record(tx: &Tx, held: &person::Model, next: person::Model) -> Result<person::Model, Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("person", next.id, Some(held), Some(&next));
    if next.suspended_at.is_some() {
        sessions::end_all_within(tx, next.id, None, "account suspended").await?;
        tx.publish(&IdentityEvent::person("account.suspended", next.id))?;
    }
    Ok(next)
}
