//! Letters about the inbox: written once its items are there, handed in at the post afterwards.
//!
//! They are written by a reader of the events of its own, always behind the one who tells them, in short transactions that
//! nobody who bids has to wait for. What is written is to whom a letter goes and about which item. Whether he still is a
//! member and still wants it is asked when it goes out, and only then its text is made. A letter on its way is not taken a
//! second time for some minutes, so a server that dies in the middle can double one letter at most; both bear the same
//! Message-ID.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::{InboxItemId, MailStopId, OrganisationId, PersonId};
use entity::notifications::{MailState, inbox_letter, mail_preference};
use sea_orm::DatabaseTransaction;

use super::preferences::usual;
use super::{CONSUMER, LETTERS};
use crate::house::House;
use crate::identity;
use crate::identity::personal;
use crate::identity::rules::may_enter;
use crate::notifications::catalogue;
use crate::notifications::rules::{self, Whose};
use crate::notifications::store::{self, Fresh};
use crate::platform::db::{self, Ending};
use crate::platform::mail::{Failure, Letter, Mailer};
use crate::platform::outbox;
use crate::platform::problem::{Code, Problem};
use crate::platform::world::made_at;
use crate::rulebook::rules::shanghai_date;

/// How many items letters are written about in one go.
const BATCH: usize = 50;
/// How often it is looked whether a letter is due.
const POLL: Duration = Duration::from_secs(1);
/// How long a letter that was taken out is left alone.
const TAKEN: TimeDelta = TimeDelta::minutes(5);

/// Where the stop addresses of letters begin, if news goes by letter here at all: without a way to stop them, none does.
fn base(house: &House) -> Option<&str> {
    house.mailer.as_ref().and_then(Mailer::public)
}

/// Whether news goes by letter here.
pub fn go_out(house: &House) -> bool {
    base(house).is_some()
}

/// Whether news goes by letter to somebody: his address must be known to be his, or strangers would get letters at the wish
/// of whoever registers with it.
pub async fn go_to(house: &House, person: PersonId) -> Result<bool, Problem> {
    let found = identity::store::person(house.db.read(), person).await?;
    Ok(go_out(house) && found.is_some_and(|person| person.address_proved_at.is_some()))
}

/// Writes and hands in letters, until the house closes.
pub async fn run(house: House) {
    if go_out(&house) {
        // A post office that says nothing for long keeps none from being written.
        tokio::join!(write_on(&house), send_on(&house));
    }
}

/// Writes what is to be written, until the house closes.
async fn write_on(house: &House) {
    while !house.stop.is_cancelled() {
        match write_some(house).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(problem) => tracing::warn!(%problem, "letters about inboxes are written later"),
        }
        rest(house).await;
    }
}

/// Hands in what waits, until the house closes.
async fn send_on(house: &House) {
    while !house.stop.is_cancelled() {
        match send_one(house).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(problem) => tracing::warn!(%problem, "letters about inboxes wait"),
        }
        rest(house).await;
    }
}

/// Waits until it is looked again, or the house closes.
async fn rest(house: &House) {
    tokio::select! {
        () = house.stop.cancelled() => {}
        () = tokio::time::sleep(POLL) => {}
    }
}

/// Writes the letters about all that was told, until there is nothing left to write.
pub async fn write_all(house: &House) -> Result<(), Problem> {
    while write_some(house).await? {}
    Ok(())
}

/// Writes the letters about the next items that were told, in a transaction with how far they are written; tells whether
/// there was anything to look at.
async fn write_some(house: &House) -> Result<bool, Problem> {
    let read = house.db.read();
    if !go_out(house) || outbox::heard(read, LETTERS).await? >= outbox::heard(read, CONSUMER).await? {
        return Ok(false);
    }
    let here = house.clone();
    house
        .db
        .transact(move |tx| {
            let house = here.clone();
            async move {
                let written = outbox::hold_heard(&*tx, LETTERS).await?;
                // No item of a later event is there yet, or not all of them are.
                let told = outbox::heard(&*tx, CONSUMER).await?;
                if written >= told {
                    return Ok(Ending::Rollback(false));
                }
                let positions = store::positions_between(&*tx, written, told, BATCH as u64 + 1).await?;
                let end = rules::end_of_batch(&positions, BATCH, told);
                for items in store::fresh_between(&*tx, written, end).await?.chunks(BATCH) {
                    write(&house, &tx, items).await?;
                }
                outbox::set_heard(&*tx, LETTERS, end).await?;
                Ok(Ending::Commit(true))
            }
        })
        .await
}

/// Writes the letters about items, all with the same few questions.
async fn write(house: &House, tx: &DatabaseTransaction, items: &[Fresh]) -> Result<(), Problem> {
    let real = house.world.real_now();
    let (window, life) = (house.span("inbox_letter_window", real)?, house.span("inbox_letter_life", real)?);
    let edition = house.rulebook.current();
    let most = edition.rulebook.count("inbox_letters", None, shanghai_date(real)).map_err(|_| Code::Internal)?;
    let news: Vec<_> = items
        .iter()
        // By real time, which the market's need not be: an event's id tells it.
        .filter(|item| made_at(item.event_id.into()).is_none_or(|made| !rules::is_stale(made, life, real)))
        // A later program may know less.
        .filter_map(|item| Some((item.id, item.organisation_id, catalogue::find(&item.kind)?)))
        .collect();
    let organisations: BTreeSet<_> = news.iter().map(|(_, organisation, _)| *organisation).collect();
    if organisations.is_empty() {
        return Ok(());
    }
    let members = identity::store::reachable_members(tx, &organisations).await?;
    let chosen = store::preferences(tx, &organisations).await?;
    let persons: BTreeSet<_> = members.values().flatten().copied().collect();
    let had = store::count_letters(tx, &persons, real - window).await?;
    let due = rules::writing(&news, &members, &chosen, had, i64::from(most));
    let mut letters: Vec<_> =
        due.letters.into_iter().map(|((person, organisation), item)| new_letter(house, person, organisation, Some(item), real)).collect();
    for ((person, organisation), more) in not_counted(tx, due.more).await? {
        let count = new_letter(house, person, organisation, None, real);
        letters.push(inbox_letter::Model { more, next_attempt_at: real + window, ..count });
    }
    store::add_letters(tx, &letters).await.map_err(Into::into)
}

/// Adds to the letters that count already; whose count is still to be begun.
async fn not_counted(tx: &DatabaseTransaction, mut more: BTreeMap<Whose, i64>) -> Result<BTreeMap<Whose, i64>, Problem> {
    let persons: BTreeSet<_> = more.keys().map(|(person, _)| *person).collect();
    let mut alike: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for held in store::hold_counts(tx, &persons).await? {
        if let Some(items) = more.remove(&(held.person_id, held.organisation_id)) {
            alike.entry(items).or_default().push(held.id);
        }
    }
    for (items, counts) in alike {
        store::count_on(tx, &counts, items).await?;
    }
    Ok(more)
}

/// A letter about an item, or one that counts items, of which this is the first.
fn new_letter(
    house: &House,
    person: PersonId,
    organisation: OrganisationId,
    item: Option<InboxItemId>,
    real: Timestamp,
) -> inbox_letter::Model {
    inbox_letter::Model {
        // It is in the letter's head, where it need not tell when it was written.
        id: house.world.secret_id(),
        person_id: person,
        organisation_id: organisation,
        item_id: item,
        more: i64::from(item.is_none()),
        state: MailState::Pending,
        attempts: 0,
        next_attempt_at: real,
        created_at: real,
        ended_at: None,
    }
}

/// Hands in the first letter that is due; tells whether there was one.
async fn send_one(house: &House) -> Result<bool, Problem> {
    let life = house.span("inbox_letter_life", house.world.real_now())?;
    let (Some(mailer), Some(taken)) = (&house.mailer, take(house).await?) else { return Ok(false) };
    let outcome = if rules::is_stale(taken.created_at, life, house.world.real_now()) {
        Some(Err(Failure::ForGood))
    } else {
        match made(house, &taken).await {
            Ok(Some((letter, stop))) => Some(mailer.send(taken.id.into(), &letter, Some(&stop)).await),
            Ok(None) => None,
            Err(problem) => {
                tracing::warn!(%problem, letter = %taken.id, "a letter cannot be made now");
                Some(Err(Failure::ForNow))
            }
        }
    };
    let next = outcome.map(|outcome| rules::after_letter(&taken, outcome, life, house.world.real_now()));
    let came = match next.as_ref().map(|next| next.state) {
        None => "unwanted",
        Some(MailState::Sent) => "sent",
        Some(MailState::Pending) => "put_off",
        Some(MailState::GivenUp) => "given_up",
    };
    metrics::counter!("zhepai_inbox_letters_total", "outcome" => came).increment(1);
    tracing::info!(letter = %taken.id, attempt = taken.attempts, came, "a letter about an inbox was handed in");
    record(house, taken, next).await?;
    Ok(true)
}

/// Takes the first letter that is due, so that nobody else does for a while.
async fn take(house: &House) -> Result<Option<inbox_letter::Model>, Problem> {
    let real = house.world.real_now();
    if !store::is_letter_due(house.db.read(), real).await? {
        return Ok(None);
    }
    house
        .db
        .transact(move |tx| async move {
            let Some(found) = store::hold_due_letter(&*tx, real).await? else { return Ok(Ending::Rollback(None)) };
            let taken = inbox_letter::Model { attempts: found.attempts + 1, next_attempt_at: real + TAKEN, ..found };
            db::update(&*tx, taken.clone()).await?;
            Ok(Ending::Commit(Some(taken)))
        })
        .await
}

/// What a letter says and what stops letters like it, if it still goes to anybody: to whoever is a member as of now, has
/// an account that is open, and still wants it.
async fn made(house: &House, taken: &inbox_letter::Model) -> Result<Option<(Letter, String)>, Problem> {
    let (db, Some(base)) = (house.db.read(), base(house)) else { return Ok(None) };
    let Some(person) =
        identity::store::person(db, taken.person_id).await?.filter(may_enter).filter(|person| person.address_proved_at.is_some())
    else {
        return Ok(None);
    };
    let places = identity::store::active_memberships(db, person.id).await?;
    if !places.iter().any(|place| place.organisation_id == taken.organisation_id) {
        return Ok(None);
    }
    let chosen = store::preference(db, person.id, taken.organisation_id).await?;
    let news = match taken.item_id {
        None => None,
        Some(id) => {
            let item = store::item(db, id).await?.ok_or(Code::Internal)?;
            // A later program may know less.
            let Some(kind) = catalogue::find(&item.kind) else { return Ok(None) };
            Some((kind, item))
        }
    };
    let is_wanted = match &news {
        Some((kind, _)) => rules::by_letter(chosen.as_ref(), kind),
        None => catalogue::for_inboxes().any(|kind| rules::by_letter(chosen.as_ref(), kind)),
    };
    if !is_wanted {
        return Ok(None);
    }
    let organisation = identity::store::organisation(db, taken.organisation_id).await?.ok_or(Code::Internal)?.name;
    let stop = format!("{base}/v1/mail-stops/{}", stop_of(house, chosen.as_ref(), taken).await?);
    let to = personal::email(house, &person)?;
    let letter = match &news {
        Some((kind, item)) => rules::about_item(&to, &organisation, kind, item, &stop),
        None => rules::about_more(&to, &organisation, taken.more, &stop),
    };
    Ok(Some((letter, stop)))
}

/// What stands in the stop address of these letters: the same for each of them, from the first on.
async fn stop_of(house: &House, chosen: Option<&mail_preference::Model>, taken: &inbox_letter::Model) -> Result<MailStopId, Problem> {
    if let Some(chosen) = chosen {
        return Ok(chosen.stop_id);
    }
    let new = usual(house, taken.person_id, taken.organisation_id);
    house
        .db
        .transact(move |tx| {
            let new = new.clone();
            async move {
                db::insert_if_absent(&*tx, new.clone()).await?;
                let standing = store::preference(&*tx, new.person_id, new.organisation_id).await?.ok_or(Code::Internal)?;
                Ok(Ending::Commit(standing.stop_id))
            }
        })
        .await
}

/// Writes down what came of a letter; one that nobody wants any more goes.
async fn record(house: &House, taken: inbox_letter::Model, next: Option<inbox_letter::Model>) -> Result<(), Problem> {
    house
        .db
        .transact(move |tx| {
            let (taken, next) = (taken.clone(), next.clone());
            async move {
                let standing = store::hold_letter(&*tx, taken.id).await?;
                // Whoever has taken it meanwhile answers for it.
                if standing.is_some_and(|row| row.state == MailState::Pending && row.attempts == taken.attempts) {
                    match next {
                        Some(next) => db::update(&*tx, next).await?,
                        None => store::remove_letter(&*tx, taken.id).await?,
                    }
                }
                Ok(Ending::Commit(()))
            }
        })
        .await
}
