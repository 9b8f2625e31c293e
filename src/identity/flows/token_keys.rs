//! The first token key, and the next.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::identity::token_key;
use entity::ids::PersonId;

use crate::house::{Done, House, Tx};
use crate::identity::store;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::keys::LEAD;
use crate::platform::problem::{Code, Problem};

/// Sees to it that there is a key, and reads what there is.
pub async fn first(house: &House) -> Result<(), Problem> {
    let by = Context::system("make_token_key", "start".into());
    let now = house.world.real_now();
    house
        .write(&by, now, |tx, now| async move {
            let first = key(1, now, None, now);
            if store::insert_token_key(tx.conn(), first.clone()).await? {
                tx.created("token_key", uuid::Uuid::nil(), &first);
            } else {
                tx.nothing_changed();
            }
            Ok(())
        })
        .await?;
    read(house).await
}

/// Reads what keys there are.
pub async fn read(house: &House) -> Result<(), Problem> {
    house.token_keys.put(&house.keys, store::token_keys(house.db.read()).await?);
    Ok(())
}

/// Makes the next key. The one before verifies until what it signed has run out; at once, it verifies
/// nothing any more, and everybody renews his access token.
pub async fn rotate(house: &House, by: &Context, at_once: bool) -> Result<Done<token_key::Model>, Problem> {
    let now = house.world.real_now();
    let done = house.write(by, (at_once, now), |tx, (at_once, now)| async move { rotate_within(&tx, at_once, now).await }).await?;
    read(house).await?;
    Ok(done)
}

async fn rotate_within(tx: &Tx, at_once: bool, now: Timestamp) -> Result<token_key::Model, Problem> {
    let standing = store::hold_token_keys(tx.conn()).await?;
    let newest = standing.last().ok_or(Code::Internal)?;
    let lead = if at_once { TimeDelta::zero() } else { LEAD };
    let next = key(newest.generation + 1, now + lead, Some(tx.by.actor()?.person), now);
    let overlap = if at_once { TimeDelta::zero() } else { LEAD + tx.house.span("token_key_overlap", now)? };
    for held in standing.iter().filter(|held| held.retired_at.is_none_or(|retired| retired > now + overlap)) {
        let retired = token_key::Model { retired_at: Some(now + overlap), ..held.clone() };
        db::update(tx.conn(), retired).await?;
    }
    if !store::insert_token_key(tx.conn(), next.clone()).await? {
        // Another rotation came first.
        return Err(Problem::transient());
    }
    tx.changed("token_key", tx.by.actor()?.person, Some(newest), Some(&next));
    Ok(next)
}

fn key(generation: i64, signs_from: Timestamp, made_by: Option<PersonId>, now: Timestamp) -> token_key::Model {
    token_key::Model { generation, signs_from, retired_at: None, made_by, created_at: now }
}
