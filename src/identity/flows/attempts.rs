//! Counting tries to sign in. A try counts as failed from the moment it is made until it succeeds, so
//! that many at once are not more than many.

use entity::Timestamp;
use entity::identity::sign_in_attempt;
use entity::ids::AttemptId;

use crate::house::House;
use crate::identity::rules::attempts::{Attempt, AttemptRules, Failure, may_try};
use crate::identity::{devices, store};
use crate::platform::access::Context;
use crate::platform::db::{self, Ending};
use crate::platform::http::address::network;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// Where a try comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Keyed hash of the address.
    pub account: [u8; 32],
    /// Network or known device.
    pub name: String,
    /// Whether it is a known device.
    pub known_device: bool,
}

/// Finds out where a try for an account comes from.
pub fn origin(house: &House, by: &Context, email: &str, device_token: Option<&str>) -> Origin {
    let account = house.keys.blind("account", email.as_bytes());
    match device_token.and_then(|token| devices::known(&house.keys, &account, token)) {
        Some(device) => Origin { account, name: format!("device:{device}"), known_device: true },
        None => Origin { account, name: by.address.map_or_else(|| "here".into(), |a| network(a).to_string()), known_device: false },
    }
}

/// Where a try of somebody who is signed in comes from: his session, which strangers cannot make wait.
pub fn origin_of_session(house: &House, by: &Context, email: &str) -> Result<Origin, Problem> {
    let account = house.keys.blind("account", email.as_bytes());
    Ok(Origin { account, name: format!("session:{}", by.actor()?.session()?), known_device: true })
}

/// A try that was noted.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// Its id.
    pub id: AttemptId,
    /// What the try is refused with unless the second factor is proved before the password is looked at.
    pub closed: Option<Problem>,
}

/// Admits a try and notes it, or refuses it before anything about the account is looked at.
pub async fn admit(house: &House, origin: &Origin) -> Result<Admitted, Problem> {
    let now = house.world.real_now();
    let rules = rules(house, now)?;
    let row = sign_in_attempt::Model { id: house.world.id(), account: origin.account.to_vec(), origin: origin.name.clone(), made_at: now };
    let known_device = origin.known_device;
    house
        .db
        .transact(move |tx| {
            let row = row.clone();
            async move {
                store::hold_account(&*tx, &row.account).await?;
                let since = now - rules.window.max(rules.window_everywhere);
                // The newest that either limit counts: however many there are, no more are read.
                let mut noted = store::attempts(&*tx, &row.account, None, since, rules.everywhere).await?;
                let here = store::attempts(&*tx, &row.account, Some(&row.origin), since, rules.here).await?;
                noted.retain(|one| here.iter().all(|own| own.id != one.id));
                let failures: Vec<_> = noted.into_iter().chain(here).map(|one| Failure { origin: one.origin, at: one.made_at }).collect();
                let closed = may_try(&Attempt { origin: &row.origin, known_device, at: now }, &failures, &rules)?;
                let id = row.id;
                db::insert(&*tx, row).await?;
                Ok(Ending::Commit(Admitted { id, closed }))
            }
        })
        .await
}

/// A try that did not fail after all.
pub async fn forgive(house: &House, id: AttemptId) -> Result<(), Problem> {
    house
        .db
        .transact(move |tx| async move {
            store::remove_attempt(&*tx, id).await?;
            Ok(Ending::Commit(()))
        })
        .await
}

/// Forgets tries that no rule counts any more.
pub async fn forget_old(house: &House) -> Result<(), Problem> {
    let now = house.world.real_now();
    let rules = rules(house, now)?;
    let limit = now - rules.window.max(rules.window_everywhere);
    house
        .db
        .transact(move |tx| async move {
            store::remove_attempts_before(&*tx, limit).await?;
            Ok(Ending::Commit(()))
        })
        .await
}

fn rules(house: &House, now: Timestamp) -> Result<AttemptRules, Problem> {
    AttemptRules::of(&house.rulebook.current().rulebook, shanghai_date(now)).map_err(|_| Code::Internal.into())
}
