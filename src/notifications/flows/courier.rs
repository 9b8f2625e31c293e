//! The courier: brings events to webhooks, in real time and outside every transaction.
//!
//! A webhook is spoken to by one server at a time, about one event at a time: whoever takes it writes a
//! lease with a token of its own, and what comes of an attempt counts only under that token. So a server
//! that dies in the middle can double one event at most, and the next one goes on when the lease has run out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::{OrganisationId, WebhookId};
use entity::notifications::{DeliveryOutcome, DeliveryState, WebhookScope, WebhookState, webhook, webhook_attempt, webhook_delivery};
use entity::platform::event;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{CONSUMER, belongs_to, tell};
use crate::house::{House, Tx};
use crate::notifications::events::{TEST, WebhookEvent};
use crate::notifications::rules::{self, News, Queued, RETRIES, Step, signature};
use crate::notifications::store::{self, Beyond, Due};
use crate::platform::access::Context;
use crate::platform::problem::{Code, Problem};
use crate::platform::{db, outbox};

/// How many webhooks are spoken to at once. One that says nothing takes a place for seconds.
const AT_ONCE: usize = 128;
/// How many of them may be one organisation's, so that its dead receivers hold up nobody else.
const OF_ONE: usize = 2;
/// How many of them may be such as failed the last time, so that many dead receivers hold up nobody who is well.
const FAILING: usize = 32;
/// How many write down what came of an attempt at once: the connections for writing are the market's.
const WRITING: usize = 2;
/// How many webhooks that have something due are looked at in one go.
const CANDIDATES: usize = 64;
/// How many events a webhook is sent before others have their turn.
const TURN: usize = 20;
/// How long a server may be silent about a webhook it took; longer than an attempt can last.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Longest sleep, so that retries and what other servers leave to do are found.
const POLL: Duration = Duration::from_millis(250);
/// How many events are looked at in one go.
const PAGE: usize = 200;
/// No more is queued while so many wait.
const MOST_WAITING: u64 = 1_000;

/// Tells organisations and serves webhooks until the house closes.
pub async fn run(house: House) {
    let places = Places::default();
    let mut errands = JoinSet::new();
    while !house.stop.is_cancelled() {
        if let Err(problem) = tell::tell_a_while(&house).await {
            tracing::warn!(%problem, "organisations are told later");
        }
        if house.readiness().is_ok()
            && let Err(problem) = send_out(&house, &places, &mut errands).await
        {
            tracing::warn!(%problem, "webhooks are served later");
        }
        while errands.try_join_next().is_some() {}
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = house.news.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    // What is on its way may arrive; the server waits a little before it ends everything.
    while errands.join_next().await.is_some() {}
}

/// A webhook that is being spoken to.
#[derive(Clone, Copy)]
struct Spoken {
    organisation: OrganisationId,
    failing: bool,
}

/// Who is being spoken to, and who may write.
#[derive(Clone)]
struct Places {
    taken: Arc<Mutex<HashMap<WebhookId, Spoken>>>,
    writing: Arc<Semaphore>,
}

impl Default for Places {
    fn default() -> Self {
        Self { taken: Arc::default(), writing: Arc::new(Semaphore::new(WRITING)) }
    }
}

/// A place, given back when it is dropped.
struct Place {
    of: WebhookId,
    all: Places,
}

impl Places {
    /// A place for one more webhook, if there is one.
    fn take(&self, due: &Due) -> Option<Place> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let own = taken.values().filter(|spoken| spoken.organisation == due.organisation_id).count();
        let failing = taken.values().filter(|spoken| spoken.failing).count();
        if taken.len() >= AT_ONCE || own >= OF_ONE || (due.failing && failing >= FAILING) || taken.contains_key(&due.id) {
            return None;
        }
        taken.insert(due.id, Spoken { organisation: due.organisation_id, failing: due.failing });
        Some(Place { of: due.id, all: self.clone() })
    }

    /// For whom there is no place now.
    fn full(&self) -> Beyond {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own: HashMap<OrganisationId, usize> = HashMap::new();
        for spoken in taken.values() {
            *own.entry(spoken.organisation).or_default() += 1;
        }
        Beyond {
            webhooks: taken.keys().copied().collect(),
            organisations: own.into_iter().filter(|(_, own)| *own >= OF_ONE).map(|(id, _)| id).collect(),
            failing: taken.values().filter(|spoken| spoken.failing).count() >= FAILING,
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.taken.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.of);
    }
}

/// Sends somebody to every webhook that has something due, as long as there are hands.
async fn send_out(house: &House, places: &Places, errands: &mut JoinSet<()>) -> Result<(), Problem> {
    loop {
        let due = store::due(house.db.read(), house.world.real_now(), &places.full(), CANDIDATES as u64).await?;
        let are_all = due.len() < CANDIDATES;
        let sent: Vec<_> = due.into_iter().filter_map(|due| Some((places.take(&due)?, due.id))).collect();
        let is_full = sent.is_empty();
        for (place, id) in sent {
            let (house, writing) = (house.clone(), places.writing.clone());
            errands.spawn(async move {
                let served = serve(&house, &writing, id).await;
                drop(place);
                match served {
                    Ok(()) => house.news.notify_one(),
                    // Looked at again at the next round: at once would be again and again.
                    Err(problem) => tracing::warn!(%problem, webhook = %id, "a webhook is served later"),
                }
            });
        }
        // Those of one organisation may have filled the page; others come after them.
        if are_all || is_full {
            return Ok(());
        }
    }
}

/// Serves one webhook until nothing is due for it, or its turn is over.
async fn serve(house: &House, writing: &Semaphore, id: WebhookId) -> Result<(), Problem> {
    let lease: Uuid = house.world.secret_id();
    let mut sent: Option<Sent> = None;
    for turn in 0.. {
        // A receiver that fails once is left alone until others had their turn.
        let is_well = sent.as_ref().is_none_or(|sent| sent.outcome == DeliveryOutcome::Delivered);
        let goes_on = is_well && turn < TURN && !house.stop.is_cancelled();
        let errand = {
            let _turn = writing.acquire().await;
            take(house, id, lease, sent.take(), goes_on).await?
        };
        let Some(errand) = errand else { break };
        sent = Some(deliver(house, errand).await);
    }
    Ok(())
}

/// What is to be delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Errand {
    webhook: webhook::Model,
    /// Its signing keys as sealed, which the row does not say aloud.
    sealed: Vec<Vec<u8>>,
    delivery: webhook_delivery::Model,
    kind: String,
    body: String,
}

/// What came of it.
#[derive(Clone, Debug)]
struct Sent {
    delivery: webhook_delivery::Model,
    kind: String,
    at: Timestamp,
    outcome: DeliveryOutcome,
    status: Option<u16>,
    took: Duration,
}

/// Writes down what came of the last attempt and takes the next, in one transaction; or lets the webhook go.
async fn take(house: &House, id: WebhookId, lease: Uuid, sent: Option<Sent>, goes_on: bool) -> Result<Option<Errand>, Problem> {
    let by = Context::system("serve_webhook", format!("webhook-{id}"));
    let done = house
        .write(&by, (lease, sent), move |tx: Tx, (lease, sent)| async move {
            tx.nothing_changed();
            let real = tx.house.world.real_now();
            let Some(held) = store::hold(tx.conn(), id).await? else { return Ok(None) };
            if !is_ours(&held, lease, sent.is_some(), real) {
                return Ok(None);
            }
            let mut next = held;
            if let Some(sent) = sent {
                next.failing = sent.outcome != DeliveryOutcome::Delivered;
                next = record(&tx, next, sent, real).await?;
            }
            let errand = if next.state == WebhookState::Active { choose(&tx, &mut next, real, goes_on).await? } else { None };
            let held_on = errand.as_ref().map(|_| lease);
            next.lease_id = held_on;
            next.lease_until = held_on.map(|_| real + LEASE);
            db::update(tx.conn(), next).await?;
            Ok(errand)
        })
        .await?;
    Ok(done.value)
}

/// Whether this server may speak to it: it holds the lease, or nobody does and it asks for the first time.
fn is_ours(held: &webhook::Model, lease: Uuid, has_spoken: bool, real: Timestamp) -> bool {
    held.lease_id == Some(lease) || (!has_spoken && held.lease_until.is_none_or(|until| until <= real))
}

/// Writes an attempt into the log, and what follows from it.
async fn record(tx: &Tx, held: webhook::Model, sent: Sent, real: Timestamp) -> Result<webhook::Model, Problem> {
    let attempt = webhook_attempt::Model {
        id: tx.id(),
        webhook_id: held.id,
        event_id: sent.delivery.event_id,
        position: sent.delivery.position,
        kind: sent.kind,
        attempt: sent.delivery.attempts + 1,
        at: sent.at,
        outcome: sent.outcome,
        status: sent.status.map(i32::from),
        duration_ms: i64::try_from(sent.took.as_millis()).unwrap_or(i64::MAX),
    };
    db::insert(tx.conn(), attempt).await?;
    let waiting = store::delivery(tx.conn(), held.id, sent.delivery.position).await?;
    // A replay may have taken it away meanwhile; it comes again then.
    let Some(waiting) = waiting.filter(|row| row.state == DeliveryState::Pending) else { return Ok(held) };
    let mut retries = Vec::with_capacity(RETRIES.len());
    for name in RETRIES {
        retries.push(tx.house.span(name, real)?);
    }
    let fate = rules::after_attempt(&waiting, sent.outcome, &retries, tx.house.world.random(), real);
    db::update(tx.conn(), fate.delivery).await?;
    let Some(why) = fate.disables.filter(|_| held.state == WebhookState::Active) else { return Ok(held) };
    let next = webhook::Model {
        state: WebhookState::Disabled,
        state_reason: Some(why.into()),
        next_at: None,
        version: held.version + 1,
        ..held.clone()
    };
    tx.changed("webhook", next.id, Some(&held), Some(&next));
    tx.publish(&WebhookEvent::disabled(&next))?;
    Ok(next)
}

/// Queues what is new and chooses what goes out now; notes when there is next something to do.
async fn choose(tx: &Tx, next: &mut webhook::Model, real: Timestamp, goes_on: bool) -> Result<Option<Errand>, Problem> {
    let has_more = store::count_waiting(tx.conn(), next.id).await? < MOST_WAITING && fill(tx, next, real).await?;
    let (at, chosen) = match rules::next_step(store::heads(tx.conn(), next.id, real).await?, real) {
        Step::Send(delivery) => (Some(real), Some(delivery)),
        _ if has_more => (Some(real), None),
        Step::Wait(until) => (Some(until), None),
        Step::Rest => (None, None),
    };
    next.next_at = at;
    let Some(delivery) = chosen.filter(|_| goes_on) else { return Ok(None) };
    let event = store::event(tx.conn(), delivery.event_id).await?.ok_or(Code::Internal)?;
    let (Some(news), Some(body)) = (News::of(&event), rules::payload(&event, delivery.is_public)) else {
        // A later program may know less; what it cannot say does not hold up the rest.
        let given_up = webhook_delivery::Model { state: DeliveryState::GivenUp, ended_at: Some(real), ..delivery };
        db::update(tx.conn(), given_up).await?;
        return Ok(None);
    };
    let old = next.previous_sealed.clone().filter(|_| next.previous_until.is_some_and(|until| until > real));
    let sealed = next.secret_sealed.clone().into_iter().chain(old).collect();
    Ok(Some(Errand { webhook: next.clone(), sealed, delivery, kind: news.kind.name.into(), body }))
}

/// Queues events the webhook has not been asked about yet; tells whether there may be more.
async fn fill(tx: &Tx, next: &mut webhook::Model, real: Timestamp) -> Result<bool, Problem> {
    // First how far was told: everything up to there is in the inboxes.
    let told = outbox::heard(tx.conn(), CONSUMER).await?;
    let (after, page) = (next.queued_to, PAGE as u64);
    if after >= told {
        return Ok(false);
    }
    let own = store::items_between(tx.conn(), next.organisation_id, after, told, page).await?;
    let own = own.into_iter().map(|item| {
        // A real test is for the webhook it names; a triggered one is like any other event.
        let names_one = item.kind == TEST && !item.test;
        let body = names_one.then(|| serde_json::from_str::<serde_json::Value>(&item.body).ok()).flatten();
        Queued {
            position: item.position,
            event_id: item.event_id,
            subject_id: item.subject_id,
            only_for: body.and_then(|body| body["webhook_id"].as_str()?.parse().ok()),
            kind: Some(item.kind),
            is_public: false,
        }
    });
    let open = match next.scope {
        WebhookScope::Own => Vec::new(),
        WebhookScope::Market => store::open_between(tx.conn(), after, told, page).await?,
    };
    let batch = rules::merge(own.collect(), open.iter().map(open_news).collect(), PAGE, told);
    for one in batch.news.iter().filter(|one| rules::wants(next, one)) {
        let row = webhook_delivery::Model {
            webhook_id: next.id,
            position: one.position,
            event_id: one.event_id,
            subject_id: one.subject_id,
            is_public: one.is_public,
            state: DeliveryState::Pending,
            attempts: 0,
            next_attempt_at: real,
            ended_at: None,
        };
        db::insert_if_absent(tx.conn(), row).await?;
    }
    next.queued_to = batch.up_to;
    Ok(batch.up_to < told)
}

/// A public event, as it may be queued. One that was triggered for one organisation only keeps its place in
/// the order and is queued for nobody.
fn open_news(event: &event::Model) -> Queued {
    let kind = News::of(event).filter(News::is_public).map(|news| news.kind.name.to_owned());
    Queued {
        position: event.position.unwrap_or_default(),
        event_id: event.id,
        subject_id: event.subject_id,
        kind,
        is_public: true,
        only_for: None,
    }
}

/// Signs and sends.
async fn deliver(house: &House, errand: Errand) -> Sent {
    let Errand { webhook, sealed, delivery, kind, body } = errand;
    let (begun, at) = (Instant::now(), house.world.real_now());
    let id = delivery.event_id.to_string();
    let seconds = at.timestamp();
    let signed: Option<Vec<String>> = sealed
        .iter()
        .map(|sealed| {
            let key = house.keys.open(&belongs_to(webhook.id), sealed).ok()?;
            signature::sign(webhook.signing, &key, &id, seconds, &body)
        })
        .collect();
    let (outcome, status) = match signed.filter(|signatures| !signatures.is_empty()) {
        None => (DeliveryOutcome::Unsigned, None),
        Some(signatures) => {
            let headers = [("webhook-id", id), ("webhook-timestamp", seconds.to_string()), ("webhook-signature", signatures.join(" "))];
            house.post.bring(&webhook.url, &headers, body).await
        }
    };
    let took = begun.elapsed();
    metrics::counter!("zhepai_webhook_attempts_total", "outcome" => outcome.code()).increment(1);
    tracing::debug!(webhook = %webhook.id, event = %delivery.event_id, ?outcome, status, "an event was sent");
    Sent { delivery, kind, at, outcome, status, took }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn due(webhook: u128, organisation: u128, failing: bool) -> Due {
        Due { id: WebhookId(Uuid::from_u128(webhook)), organisation_id: OrganisationId(Uuid::from_u128(organisation)), failing }
    }

    #[test]
    fn an_organisation_has_two_places_and_a_webhook_one() {
        let places = Places::default();
        let first = places.take(&due(1, 1, false)).unwrap();
        assert!(places.take(&due(1, 1, false)).is_none());
        let _second = places.take(&due(2, 1, false)).unwrap();
        assert!(places.take(&due(3, 1, false)).is_none() && places.take(&due(4, 2, false)).is_some());
        assert_eq!(places.full().organisations, [due(1, 1, false).organisation_id]);
        drop(first);
        assert!(places.full().organisations.is_empty() && places.take(&due(3, 1, false)).is_some());
    }

    #[test]
    fn however_many_fail_there_is_room_for_those_that_are_well() {
        let places = Places::default();
        let failing: Vec<_> = (0..100).filter_map(|number| places.take(&due(number, number, true))).collect();
        assert_eq!(failing.len(), FAILING);
        assert!(places.full().failing);
        let well: Vec<_> = (200..400).filter_map(|number| places.take(&due(number, number, false))).collect();
        assert_eq!(well.len(), AT_ONCE - FAILING);
    }
}
