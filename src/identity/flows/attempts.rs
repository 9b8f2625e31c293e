//! Counting tries to sign in. A try counts as failed from the moment it is made until it succeeds, so
//! that many at once are not more than many.

use entity::Timestamp;
use entity::identity::{person, sign_in_attempt};
use entity::ids::AttemptId;

use super::device_letters;
use crate::house::{House, Tx};
use crate::identity::rules::attempts::{Attempt, AttemptRules, Failure, keep_out, may_try};
use crate::identity::{devices, personal, store};
use crate::platform::access::Context;
use crate::platform::db::{self, Ending};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// Where a try comes from.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Keyed hash of the address.
    pub account: [u8; 32],
    /// Network, known device or letter.
    pub name: String,
    /// Whether it is a known device, or brings a letter that makes it one.
    pub known_device: bool,
    /// The letter, by its hash.
    pub letter: Option<Vec<u8>>,
}

/// Finds out where a try for an account comes from.
pub async fn origin(house: &House, by: &Context, email: &str, device_token: Option<&str>) -> Result<Origin, Problem> {
    let account = personal::blind(&house.keys, email);
    let token = device_token.unwrap_or_default();
    if let Some(device) = devices::known(&house.keys, &account, token) {
        return Ok(Origin { account, name: format!("device:{device}"), known_device: true, letter: None });
    }
    if let Some(letter) = device_letters::standing(house, &account, token).await? {
        return Ok(Origin { account, name: format!("letter:{}", hex(&letter)), known_device: true, letter: Some(letter) });
    }
    Ok(Origin { account, name: network_of(by), known_device: false, letter: None })
}

/// The network a call comes from, as it is counted.
pub fn network_of(by: &Context) -> String {
    by.network().unwrap_or_else(|| "here".into())
}

/// Where a try of somebody who is signed in comes from: his session, which strangers cannot make wait.
pub fn origin_of_session(by: &Context, person: &person::Model) -> Result<Origin, Problem> {
    let account = person.email_blind.as_deref().and_then(|blind| blind.try_into().ok()).ok_or(Code::Internal)?;
    Ok(Origin { account, name: format!("session:{}", by.actor()?.session()?), known_device: true, letter: None })
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
    let rules = house.rules_at(now, AttemptRules::of)?;
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

/// Whether somebody is kept from an account now by tries that failed.
pub async fn somebody_is_kept_out(tx: &Tx, account: &[u8], now: Timestamp) -> Result<bool, Problem> {
    let rules = tx.house.rules_at(now, AttemptRules::of)?;
    let since = now - rules.window.max(rules.window_everywhere);
    let noted = store::attempts(tx.conn(), account, None, since, rules.everywhere).await?;
    let failures: Vec<_> = noted.into_iter().map(|one| Failure { origin: one.origin, at: one.made_at }).collect();
    Ok(keep_out(&failures, &rules, now))
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
    let rules = house.rules_at(now, AttemptRules::of)?;
    let limit = now - rules.window.max(rules.window_everywhere);
    house
        .db
        .transact(move |tx| async move {
            store::remove_attempts_before(&*tx, limit).await?;
            Ok(Ending::Commit(()))
        })
        .await
}
