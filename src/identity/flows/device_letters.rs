//! Letters that let a new device in while an account is closed to strangers: whoever reads its letters is none.

use entity::Timestamp;
use entity::identity::{device_letter, device_request};
use uuid::Uuid;

use super::attempts;
use crate::house::{House, Tx};
use crate::identity::rules::{self, letters};
use crate::identity::{devices, personal, store};
use crate::platform::access::Context;
use crate::platform::db::{self, Ending};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// Timer: somebody asked for a letter that lets a new device in.
pub const LETTER: &str = "identity.device_letter";

/// Notes that somebody asked for a letter. Whether the address has an account, and whether anybody is kept from it, is
/// looked up later, so that neither the answer nor its time tells.
pub async fn ask(house: &House, by: &Context, email: &str) -> Result<(), Problem> {
    if house.mailer.is_none() {
        return Err(Code::NoMail.into());
    }
    let account = personal::blind(&house.keys, &rules::normal_email(email));
    house
        .write(by, (account, house.world.real_now()), |tx, (account, now)| async move {
            let row = device_request::Model { account: account.to_vec(), id: tx.house.world.secret_id(), created_at: now };
            // While one waits, another is the same.
            if store::insert_device_request(tx.conn(), row.clone()).await? {
                tx.arm(LETTER, row.id, tx.now);
            }
            tx.created("device_request", row.id, &now);
            Ok(())
        })
        .await
        .map(|_| ())
}

/// Writes the letter that was asked for, if the address has an account that failed tries keep somebody from, and unless
/// a fresh one stands already: then its owner has what he asks for.
pub async fn on_letter(tx: &Tx, id: Uuid) -> Result<(), Problem> {
    tx.nothing_changed();
    let Some(asked) = store::take_device_request(tx.conn(), id).await? else { return Ok(()) };
    let found = store::person_by_email(tx.conn(), &asked.account).await?.filter(rules::may_enter);
    let Some(person) = found else { return Ok(()) };
    let now = tx.house.world.real_now();
    let fresh = now - tx.house.span("device_letter_interval", now)?;
    let has_one = store::has_device_letter(tx.conn(), person.id, fresh).await?;
    if has_one || !attempts::somebody_is_kept_out(tx, &asked.account, now).await? {
        return Ok(());
    }
    let (text, life) = (devices::letter_token(tx.house.world.random()), tx.house.span("device_letter_life", now)?);
    let row = device_letter::Model {
        hash: sha256(text.as_bytes()).to_vec(),
        person_id: person.id,
        expires_at: now + life,
        used_at: None,
        created_at: now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("device_letter", person.id, &row);
    tx.write_to("device_letter", &letters::new_device(&personal::email(&tx.house, &person)?, &text, life)).await
}

/// The letter that brought a token, if it was written for this account and stands.
pub async fn standing(house: &House, account: &[u8; 32], token: &str) -> Result<Option<Vec<u8>>, Problem> {
    if !devices::came_by_letter(token) {
        return Ok(None);
    }
    let (db, now) = (house.db.read(), house.world.real_now());
    let found = store::device_letter(db, &sha256(token.as_bytes())).await?.filter(|row| stands(row, now));
    let Some(letter) = found else { return Ok(None) };
    let owner = store::person(db, letter.person_id).await?;
    let is_his = owner.is_some_and(|owner| owner.email_blind.as_deref() == Some(account.as_slice()));
    Ok(is_his.then_some(letter.hash))
}

/// Uses a letter: it lets one device in, once.
pub async fn use_within(tx: &Tx, hash: &[u8], now: Timestamp) -> Result<(), Problem> {
    let held = store::hold_device_letter(tx.conn(), hash).await?.filter(|row| stands(row, now)).ok_or(Code::CredentialsWrong)?;
    let next = device_letter::Model { used_at: Some(now), ..held.clone() };
    db::update(tx.conn(), next.clone()).await?;
    store::prove_address(tx.conn(), held.person_id, now).await?;
    tx.changed("device_letter", held.person_id, Some(&held), Some(&next));
    Ok(())
}

/// Forgets letters that let nobody in any more and that no rule counts.
pub async fn forget_old(house: &House) -> Result<(), Problem> {
    let now = house.world.real_now();
    let limit = now - house.span("device_letter_interval", now)?;
    house
        .db
        .transact(move |tx| async move {
            store::remove_device_letters_before(&*tx, limit).await?;
            Ok(Ending::Commit(()))
        })
        .await
}

fn stands(row: &device_letter::Model, now: Timestamp) -> bool {
    row.used_at.is_none() && now < row.expires_at
}
