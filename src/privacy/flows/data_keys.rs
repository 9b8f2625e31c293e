//! The first data key, the next, and sealing anew what is sealed under those before it.

use std::time::Duration;

use entity::Timestamp;
use entity::banking::bank_line;
use entity::identity::{data_request, membership, person, registration_request};
use entity::ids::PersonId;
use entity::platform::data_key;
use entity::sealed::Sealed;
use sea_orm::ConnectionTrait;

use crate::admissions;
use crate::banking::flows::{account_of, name_of, payee_of, remark_of};
use crate::house::{Done, House, Tx};
use crate::identity::personal;
use crate::ledger;
use crate::listings;
use crate::objections;
use crate::platform::access::Context;
use crate::platform::data_keys::{Cell, kept};
use crate::platform::db::{self, Ending};
use crate::platform::keys::LEAD;
use crate::platform::problem::{Code, Problem};
use crate::privacy::flows::requests;
use crate::privacy::store;
use crate::questions;
use crate::tips;

/// How many rows of a table are sealed anew in one transaction.
const AT_A_TIME: u64 = 100;
/// How often it is looked whether there is something to seal anew.
const POLL: Duration = Duration::from_secs(2);

/// Sees to it that there is a key and that everybody can be found, and reads what there is.
pub async fn first(house: &House) -> Result<(), Problem> {
    let by = Context::system("make_data_key", "start".into());
    let now = house.world.real_now();
    let first = drawn(house, 1, now, None, now)?;
    house
        .write(&by, first, |tx, first| async move {
            if store::insert_data_key(tx.conn(), first.clone()).await? {
                tx.created("data_key", uuid::Uuid::nil(), &first);
            } else {
                tx.nothing_changed();
            }
            Ok(())
        })
        .await?;
    read(house).await?;
    // People are found by keyed hashes only, so those written before there were any get theirs before anybody calls.
    while store::has_unfindable(house.db.read_long()).await? {
        reseal(house).await?;
    }
    Ok(())
}

/// Reads what keys there are.
pub async fn read(house: &House) -> Result<(), Problem> {
    let rows = store::data_keys(house.db.read()).await?;
    house.data_keys.put(&house.keys, rows).map_err(|error| {
        tracing::error!(%error, "the data keys cannot be opened with this master key");
        Code::Internal.into()
    })
}

/// Makes the next key. It seals in a few seconds, then all is sealed anew under it, and the keys before it are destroyed.
pub async fn rotate(house: &House, by: &Context) -> Result<Done<data_key::Model>, Problem> {
    let done = house.write(by, (), |tx, ()| async move { rotate_within(&tx).await }).await?;
    read(house).await?;
    Ok(done)
}

async fn rotate_within(tx: &Tx) -> Result<data_key::Model, Problem> {
    let standing = store::hold_data_keys(tx.conn()).await?;
    let newest = standing.last().ok_or(Code::Internal)?;
    let now = tx.house.world.real_now();
    if standing.iter().filter(|key| key.destroyed_at.is_none()).count() > 1 {
        return Err(Code::WrongState.with("state", "resealing").with("allowed", ["list_data_keys"]));
    }
    let officer = tx.by.actor()?.person;
    let next = drawn(&tx.house, newest.generation + 1, now + LEAD, Some(officer), now)?;
    if !store::insert_data_key(tx.conn(), next.clone()).await? {
        // Another rotation came first.
        return Err(Problem::transient());
    }
    tx.changed("data_key", officer, Some(newest), Some(&next));
    Ok(next)
}

fn drawn(
    house: &House,
    generation: i64,
    seals_from: Timestamp,
    made_by: Option<PersonId>,
    now: Timestamp,
) -> Result<data_key::Model, Problem> {
    let sealed = kept(&house.keys, generation, house.world.random(), house.world.random()).map_err(|_| Code::Internal)?;
    Ok(data_key::Model { generation, key_sealed: Some(sealed), seals_from, made_by, created_at: now, destroyed_at: None })
}

/// The keys with how many cells are not sealed under the newest yet.
pub async fn list(house: &House) -> Result<(Vec<data_key::Model>, u64), Problem> {
    let keys = store::data_keys(house.db.read()).await?;
    let newest = keys.last().map_or(0, |key| key.generation);
    Ok((keys, store::count_elsewhere(house.db.read_long(), newest).await?))
}

/// Seals anew what is sealed under an earlier key, until the house closes.
pub async fn run(house: House) {
    // At the start it is looked once whether a server that was killed left something.
    let mut look = true;
    while !house.stop.is_cancelled() {
        match keep_up(&house, look).await {
            Ok(Turn::More) => continue,
            Ok(Turn::Done) => look = false,
            Ok(Turn::Early) => {}
            Err(problem) => tracing::warn!(%problem, "personal data waits to be sealed anew"),
        }
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// What came of a turn.
enum Turn {
    /// Some were sealed anew; there may be more.
    More,
    /// Everything is sealed under the newest key.
    Done,
    /// Not every server seals under the newest key yet.
    Early,
}

/// Seals some cells anew where a new key seals.
async fn keep_up(house: &House, look: bool) -> Result<Turn, Problem> {
    let keys = store::data_keys(house.db.read()).await?;
    let earlier = look || keys.iter().filter(|key| key.destroyed_at.is_none()).count() > 1;
    let newest = keys.last().map(|key| key.generation);
    // Until every server has read the new key, some still seal under the one before.
    let waited = keys.last().is_some_and(|key| house.world.real_now() >= key.seals_from + LEAD);
    if !earlier {
        return Ok(Turn::Done);
    }
    if !waited || house.data_keys.sealing(house.world.real_now()) != newest {
        return Ok(Turn::Early);
    }
    if reseal(house).await? > 0 {
        return Ok(Turn::More);
    }
    destroy_earlier(house).await?;
    Ok(Turn::Done)
}

/// Seals some cells anew; tells how many rows.
async fn reseal(house: &House) -> Result<usize, Problem> {
    let own = house.clone();
    house
        .db
        .transact(move |tx| {
            let house = own.clone();
            async move {
                let generation = house.hold_sealing_key(&*tx).await?;
                let people = store::hold_people_elsewhere(&*tx, generation, AT_A_TIME).await?;
                for held in &people {
                    store::reseal_person(&*tx, &person_anew(&house, generation, held)?).await?;
                }
                let places = store::hold_memberships_elsewhere(&*tx, generation, AT_A_TIME).await?;
                for held in &places {
                    let (email, blind) = place_anew(&house, generation, held)?;
                    store::reseal_membership(&*tx, held.id, email, blind).await?;
                }
                let offers = store::hold_listings_elsewhere(&*tx, generation, AT_A_TIME).await?;
                for held in &offers {
                    let contact = anew(&house, generation, listings::flows::contact_of(held.id), &held.contact)?;
                    store::reseal_listing(&*tx, held.id, contact).await?;
                }
                let objected = store::hold_objections_elsewhere(&*tx, generation, AT_A_TIME).await?;
                for held in &objected {
                    let words = anew(&house, generation, objections::flows::words_of(held.id), &held.words)?;
                    store::reseal_objection(&*tx, held.id, words).await?;
                }
                let curious = store::hold_questions_elsewhere(&*tx, generation, AT_A_TIME).await?;
                for held in &curious {
                    let words = anew(&house, generation, questions::flows::words_of(held.id), &held.words)?;
                    store::reseal_question(&*tx, held.id, words).await?;
                }
                let tips = store::hold_tips_elsewhere(&*tx, generation, AT_A_TIME).await?;
                for held in &tips {
                    store::reseal_tip(&*tx, held.id, anew(&house, generation, tips::flows::words_of(held.id), &held.words)?).await?;
                }
                let told = of_the_bank_anew(&house, &*tx, generation).await?;
                let asked = store::hold_requests_elsewhere(&*tx, generation, AT_A_TIME).await?;
                for held in &asked {
                    let cell = requests::reason_of(held.id);
                    let reason = house.sealed(generation, cell, &house.opened(cell, &held.reason)?)?;
                    db::update(&*tx, data_request::Model { reason, ..held.clone() }).await?;
                }
                let registrations = store::hold_registrations_elsewhere(&*tx, generation, AT_A_TIME).await?;
                for held in &registrations {
                    registration_anew(&house, &*tx, generation, held).await?;
                }
                let words = offers.len() + objected.len() + curious.len() + tips.len() + asked.len();
                Ok(Ending::Commit(people.len() + places.len() + words + told + registrations.len()))
            }
        })
        .await
}

fn person_anew(house: &House, generation: i64, held: &person::Model) -> Result<person::Model, Problem> {
    let (email, name) = (personal::email(house, held)?, personal::name(house, held)?);
    let why = personal::suspended_why(house, held)?;
    Ok(person::Model {
        email: house.sealed(generation, personal::email_of(held.id), &email)?,
        name: house.sealed(generation, personal::name_of(held.id), &name)?,
        suspended_why: why.map(|why| house.sealed(generation, personal::suspension_of(held.id), &why)).transpose()?,
        email_blind: held.forgotten_at.is_none().then(|| personal::blind(&house.keys, &email).to_vec()),
        ..held.clone()
    })
}

fn place_anew(house: &House, generation: i64, held: &membership::Model) -> Result<(Sealed, Option<Vec<u8>>), Problem> {
    let email = personal::address(house, held)?;
    let blind = (!email.is_empty()).then(|| personal::blind(&house.keys, &email).to_vec());
    Ok((house.sealed(generation, personal::address_of(held.id), &email)?, blind))
}

/// Seals some of what the bank said anew; tells how many rows.
async fn of_the_bank_anew(house: &House, db: &impl ConnectionTrait, generation: i64) -> Result<usize, Problem> {
    let lines = store::hold_lines_elsewhere(db, generation, AT_A_TIME).await?;
    for held in &lines {
        store::reseal_line(db, &line_anew(house, generation, held)?).await?;
    }
    let entries = store::hold_entries_elsewhere(db, generation, AT_A_TIME).await?;
    for held in &entries {
        let name = anew(house, generation, ledger::flows::party_of(held.transfer_id), &held.counterparty_name)?;
        store::reseal_entry(db, held.transfer_id, name).await?;
    }
    let credits = store::hold_credits_elsewhere(db, generation, AT_A_TIME).await?;
    for held in &credits {
        let name = anew(house, generation, admissions::flows::payer_of(held.id), &held.payer_name)?;
        store::reseal_credit(db, held.id, name).await?;
    }
    let payments = store::hold_payments_elsewhere(db, generation, AT_A_TIME).await?;
    for held in &payments {
        store::reseal_payment(db, held.id, anew(house, generation, payee_of(held.id), &held.payee_name)?).await?;
    }
    Ok(lines.len() + entries.len() + credits.len() + payments.len())
}

fn line_anew(house: &House, generation: i64, held: &bank_line::Model) -> Result<bank_line::Model, Problem> {
    let account = held.counterparty_account.as_ref().map(|account| anew(house, generation, account_of(held.id), account));
    Ok(bank_line::Model {
        counterparty_name: anew(house, generation, name_of(held.id), &held.counterparty_name)?,
        counterparty_account: account.transpose()?,
        remark: anew(house, generation, remark_of(held.id), &held.remark)?,
        ..held.clone()
    })
}

/// A cell, sealed under this key. What is so already stays, since rows of the bank may change for another key only, and
/// so does what was taken away.
fn anew(house: &House, generation: i64, cell: Cell, held: &Sealed) -> Result<Sealed, Problem> {
    let is_settled = held.plain().is_some_and(str::is_empty) || held.parts().is_some_and(|(key, _)| key == generation);
    if is_settled { Ok(held.clone()) } else { house.sealed(generation, cell, &house.opened(cell, held)?) }
}

async fn registration_anew(
    house: &House,
    db: &impl ConnectionTrait,
    generation: i64,
    held: &registration_request::Model,
) -> Result<(), Problem> {
    let Some(email) = &held.email else { return Ok(()) };
    let cell = personal::asked_email_of(held.id);
    let anew = house.sealed(generation, cell, &house.opened(cell, email)?)?;
    Ok(store::reseal_registration(db, held.id, anew).await?)
}

/// Destroys the keys nothing is sealed under any more.
async fn destroy_earlier(house: &House) -> Result<(), Problem> {
    let by = Context::system("destroy_data_key", "resealed".into());
    let now = house.world.real_now();
    house
        .write(&by, now, |tx, now| async move {
            tx.nothing_changed();
            let keys = store::hold_data_keys(tx.conn()).await?;
            let Some(newest) = keys.last() else { return Ok(()) };
            // Somebody else may have sealed or destroyed meanwhile.
            if store::count_elsewhere(tx.conn(), newest.generation).await? > 0 {
                return Ok(());
            }
            for held in keys.iter().filter(|key| key.generation != newest.generation && key.destroyed_at.is_none()) {
                let gone = data_key::Model { key_sealed: None, destroyed_at: Some(now), ..held.clone() };
                db::update(tx.conn(), gone.clone()).await?;
                tx.changed("data_key", uuid::Uuid::nil(), Some(held), Some(&gone));
            }
            Ok(())
        })
        .await?;
    read(house).await
}
