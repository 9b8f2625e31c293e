//! What a security administrator does to an account.

use entity::identity::person;
use entity::ids::PersonId;

use super::{second_factor, sessions};
use crate::house::{Done, House, Tx};
use crate::identity::{rules, store};
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Keeps an account from everything, at once: its sessions end, and none begins.
pub async fn suspend(house: &House, by: &Context, id: PersonId, reason: String) -> Result<Done<person::Model>, Problem> {
    house
        .write(by, (id, reason), |tx, (id, reason)| async move {
            let held = store::hold_person(tx.conn(), id).await?.ok_or(Code::NotFound)?;
            let next = rules::suspended(&held, tx.by.actor()?.person, &reason, tx.house.world.real_now())?;
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
            if tx.by.actor()?.person == id {
                return Err(Code::SamePerson.into());
            }
            second_factor::remove_within(&tx, id).await?;
            sessions::end_all_within(&tx, id, None, "second factor reset").await
        })
        .await
}

async fn record(tx: &Tx, held: &person::Model, next: person::Model) -> Result<person::Model, Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("person", next.id, Some(&held.suspended_at), Some(&next.suspended_at)).await?;
    if next.suspended_at.is_some() {
        sessions::end_all_within(tx, next.id, None, "account suspended").await?;
    }
    Ok(next)
}
