//! Who was let in before, looked up together: one bidder after another would cost the database more than their bids.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Instant;

use entity::ids::{PersonId, SessionId, TokenId};

use super::remembered::{Found, Known, Name, Ticket};
use super::store::{self, SessionLife};
use crate::house::House;
use crate::platform::access::{Actor, Credential};
use crate::platform::db::Questions;
use crate::platform::problem::Problem;

/// Whom a text stands for that did a moment ago, if all stands that he was let in with. Whoever asks first asks for all; the others wait.
pub async fn renewed(house: &House, shown: &Name) -> Result<Option<Box<Known>>, Problem> {
    let _turn = house.remembered.turn().await;
    match house.remembered.find(shown, house.db.changes()) {
        Found::Known(known) | Found::Aging(known) => return Ok(Some(known)),
        Found::Stale => {}
        Found::Nothing => return Ok(None),
    }
    let changes = look_again(house).await?;
    Ok(match house.remembered.find(shown, changes) {
        Found::Known(known) | Found::Aging(known) => Some(known),
        Found::Stale | Found::Nothing => None,
    })
}

/// Looks those up again who call all the time, before any of them has to wait for it.
pub fn renew_ahead(house: &House) {
    if house.remembered.free_turn().is_none() {
        return;
    }
    let renewing = house.clone();
    house.db.spawn(async move {
        let Some(_turn) = renewing.remembered.free_turn() else { return };
        if let Err(problem) = look_again(&renewing).await {
            tracing::warn!(%problem, "those who were let in are looked up when they call");
        }
    });
}

/// Looks up together those who are due; how many changes there had been before.
async fn look_again(house: &House) -> Result<u64, Problem> {
    // Asked before they are looked up: what changes meanwhile is not remembered.
    let (changes, asked) = (house.db.changes(), Instant::now());
    let stale = house.remembered.stale(changes);
    if stale.is_empty() {
        return Ok(changes);
    }
    match standing(house, &stale).await {
        Ok(stands) => house.remembered.renew(&stale, &stands, changes, asked),
        Err(problem) => {
            // Where the database does not say, nobody else waits for his turn to ask it.
            house.remembered.give_up(&stale, changes);
            return Err(problem);
        }
    }
    Ok(changes)
}

/// Those of some callers for whom everything stands: session, token and its key, account, the place they act from and its roles, and that
/// they are no officers.
async fn standing(house: &House, stale: &[(Name, Actor, Ticket)]) -> Result<HashSet<Name>, Problem> {
    let (db, now) = (house.db.read(), house.world.real_now());
    let sessions = stale.iter().filter_map(|(_, actor, _)| session_of(actor)).collect();
    let people: BTreeSet<PersonId> = stale.iter().map(|(_, actor, _)| actor.person).collect();
    let tokens = stale.iter().map(|(_, _, ticket)| ticket.token).collect();
    let mut questions = Questions::to(db);
    let sessions = store::ask_sessions(&mut questions, sessions);
    let tokens = store::ask_current_tokens(&mut questions, tokens);
    let officers = store::ask_officers(&mut questions, people.iter().copied());
    let places = store::ask_places(&mut questions, people);
    let (mut answers, _) = questions.answered(db).await?;
    let sessions: HashMap<SessionId, SessionLife> = answers.take(sessions)?.into_iter().map(|row| (row.id, row)).collect();
    let tokens: HashSet<TokenId> = answers.take(tokens)?.into_iter().map(|row| row.id).collect();
    let officers: HashSet<PersonId> = answers.take(officers)?.into_iter().map(|row| row.person_id).collect();
    let places = store::places_of(answers.take(places)?);
    let stands = |actor: &Actor, ticket: &Ticket| {
        let session = sessions.get(&session_of(actor)?)?;
        let (seat, held) = (actor.seat.as_ref()?, places.get(&actor.person)?);
        let place = held.get(&seat.organisation)?;
        let is_in_session = session.is_live(now) && is_as_it_was(session, actor, held.len());
        let has_token =
            tokens.contains(&ticket.token) && now.timestamp() < ticket.until && house.token_keys.verifying(&ticket.key, now).is_some();
        let has_place = place.verified == seat.verified && same(&place.roles, &seat.roles) && !officers.contains(&actor.person);
        (is_in_session && has_token && has_place).then_some(())
    };
    Ok(stale.iter().filter(|(_, actor, ticket)| stands(actor, ticket).is_some()).map(|(name, _, _)| *name).collect())
}

fn session_of(actor: &Actor) -> Option<SessionId> {
    match &actor.credential {
        Credential::Session(id) => Some(*id),
        Credential::Key(_) => None,
    }
}

/// Whether a session says of an actor who has so many places what it said of him.
fn is_as_it_was(session: &SessionLife, actor: &Actor, places: usize) -> bool {
    let acts_from = actor.organisation();
    let is_chosen = if session.organisation_id.is_some() { session.organisation_id == acts_from } else { places == 1 };
    session.person_id == actor.person && session.proved_at == actor.proved_at && is_chosen
}

/// Whether two lists name the same, in whatever order.
fn same<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.len() == other.len() && one.iter().all(|role| other.contains(role))
}
