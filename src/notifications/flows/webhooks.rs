//! Webhooks as their organisations keep them.

use entity::ids::{EventId, OrganisationId, PersonId, WebhookId};
use entity::notifications::{SigningScheme, WebhookScope, WebhookState, webhook, webhook_attempt};
use serde_json::Value;

use super::{CONSUMER, belongs_to};
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::notifications::events::WebhookEvent;
use crate::notifications::http::{ListWebhookDeliveries, OPERATIONS, ReadWebhook, ReplayWebhook, RotateWebhookSecret, TestWebhook};
use crate::notifications::rules::{self, News, WebhookStep, signature};
use crate::notifications::store;
use crate::notifications::views::{NewWebhook, WebhookView};
use crate::platform::access::{self, Context, Permission, Permit};
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};
use crate::platform::{db, outbox};
use crate::rulebook::rules::shanghai_date;

/// A webhook, with its secret where it is shown: once.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The webhook.
    pub webhook: webhook::Model,
    /// The secret both sides know.
    pub secret: Option<String>,
}

/// A new signing key with the nonce it is sealed under.
type NewKey = ([u8; 32], [u8; 24]);

/// A secret is shown with the first answer and never kept, so a repetition has none to show.
fn show(done: Done<webhook::Model>, (key, _): &NewKey) -> Result<Done<Shown>, Problem> {
    let shared = done.value.signing == SigningScheme::HmacSha256;
    if shared && done.replayed {
        return Err(Code::SecretAlreadyShown.with("webhook_id", done.value.id));
    }
    let secret = shared.then(|| signature::secret_text(key));
    Ok(Done { value: Shown { webhook: done.value, secret }, replayed: done.replayed })
}

fn seal(tx: &Tx, id: WebhookId, (key, nonce): &NewKey) -> Result<Vec<u8>, Problem> {
    tx.house.keys.seal(&belongs_to(id), *nonce, key).map_err(|error| {
        tracing::error!(%error, "a webhook's key cannot be sealed");
        Code::Internal.into()
    })
}

/// The own organisation gets a webhook; its secret is shown with this answer and never again.
pub async fn create(house: &House, by: &Context, new: NewWebhook) -> Result<Done<Shown>, Problem> {
    let url = rules::check_new(&new.url, new.kinds.as_deref(), house.config.webhooks_allow_private)?;
    let key: NewKey = (house.world.random(), house.world.random());
    let done =
        house.write(by, (NewWebhook { url, ..new }, key), |tx, (new, key)| async move { create_within(&tx, new, &key).await }).await?;
    show(done, &key)
}

async fn create_within(tx: &Tx, new: NewWebhook, key: &NewKey) -> Result<webhook::Model, Problem> {
    let seat = tx.by.seat()?;
    if !seat.verified {
        return Err(Code::OrganisationNotVerified.into());
    }
    let own = seat.organisation;
    // Held, so that two at once are counted one after the other.
    identity::store::hold_organisation(tx.conn(), own).await?.ok_or(Code::NotFound)?;
    let edition = tx.house.rulebook.current();
    let most = edition.rulebook.count("webhook_limit", None, shanghai_date(tx.now)).map_err(|_| Code::Internal)?;
    if store::count(tx.conn(), own).await? >= u64::from(most) {
        return Err(Code::OutsideRule.with("name", "webhook_limit").with("max", most));
    }
    let id: WebhookId = tx.id();
    let row = webhook::Model {
        failing: false,
        id,
        organisation_id: own,
        url: new.url,
        kinds: new.kinds.map(Into::into),
        scope: new.scope.unwrap_or(WebhookScope::Own),
        signing: new.signing,
        state: WebhookState::Active,
        state_reason: None,
        secret_sealed: Some(seal(tx, id, key)?),
        public_key: (new.signing == SigningScheme::Ed25519).then(|| signature::public_text(&key.0)),
        previous_sealed: None,
        previous_until: None,
        // From now on; what was told before can be replayed.
        queued_to: outbox::heard(tx.conn(), CONSUMER).await?,
        next_at: None,
        lease_id: None,
        lease_until: None,
        created_by: tx.by.actor()?.person,
        version: 1,
        created_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("webhook", id, &row);
    Ok(row)
}

/// A page of the own organisation's webhooks and one more, newest first.
pub async fn list_webhooks(house: &House, by: &Context, page: &PageQuery) -> Result<Vec<webhook::Model>, Problem> {
    store::webhooks(house.db.read(), by.seat()?.organisation, page).await
}

/// A webhook with what the caller may do to it.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadWebhook>, id: WebhookId) -> Result<WebhookView, Problem> {
    let found = store::webhook(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let deeds = access::allowed(OPERATIONS, &by.caller, &found, rules::open_on_webhook(found.state));
    Ok(WebhookView { allowed_deeds: Some(deeds), ..found.into() })
}

/// A page of a webhook's attempts and one more, newest first.
pub async fn list_attempts(
    house: &House,
    permit: &Permit<ListWebhookDeliveries>,
    id: WebhookId,
    page: &PageQuery,
) -> Result<Vec<webhook_attempt::Model>, Problem> {
    let found = store::webhook(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    store::attempts(house.db.read(), id, page).await
}

/// The webhook, held, where the caller may do this to it and has seen how it stands.
async fn hold<P: Permission>(tx: &Tx, permit: &Permit<P>, id: WebhookId) -> Result<webhook::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

async fn record(tx: &Tx, held: &webhook::Model, next: webhook::Model) -> Result<webhook::Model, Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("webhook", next.id, Some(held), Some(&next));
    Ok(next)
}

/// A webhook rests, goes on, or goes.
pub async fn step<P: Permission>(
    house: &House,
    by: &Context,
    permit: Permit<P>,
    id: WebhookId,
    step: WebhookStep,
) -> Result<Done<webhook::Model>, Problem> {
    let done = house
        .write(by, (permit, id, step), |tx, (permit, id, step)| async move {
            let held = hold(&tx, &permit, id).await?;
            let next = rules::step(&held, step, tx.house.world.real_now())?;
            match step {
                WebhookStep::Remove => store::forget_from(tx.conn(), id, 0).await?,
                WebhookStep::Resume => store::begin_anew(tx.conn(), id, tx.house.world.real_now()).await?,
                WebhookStep::Pause => {}
            }
            record(&tx, &held, next).await
        })
        .await?;
    house.news.notify_one();
    Ok(done)
}

/// A member is out: what he made for the organisation rests until somebody else has looked at where it leads.
pub async fn hear_member_left(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let id = body["membership_id"].as_str().and_then(|text| text.parse().ok()).ok_or(Code::Internal)?;
    let Some(place) = identity::store::hold_membership(tx.conn(), id).await? else { return Ok(()) };
    let Some(person) = place.person_id else { return Ok(()) };
    rest_made_by(tx, person, Some(place.organisation_id), "creator_left").await
}

/// An account was suspended or came back to its owner: what somebody else may have made with it rests as well.
pub async fn hear_account(tx: &Tx, body: &Value, why: &str) -> Result<(), Problem> {
    let person = body["person_id"].as_str().and_then(|text| text.parse().ok()).ok_or(Code::Internal)?;
    rest_made_by(tx, person, None, why).await
}

async fn rest_made_by(tx: &Tx, person: PersonId, organisation: Option<OrganisationId>, why: &str) -> Result<(), Problem> {
    for held in store::hold_made_by(tx.conn(), person, organisation).await? {
        let next = rules::step(&held, WebhookStep::Pause, tx.house.world.real_now())?;
        record(tx, &held, webhook::Model { state_reason: Some(why.into()), ..next }).await?;
    }
    Ok(())
}

/// A new key; the old one signs too for a while.
pub async fn rotate_secret(
    house: &House,
    by: &Context,
    permit: Permit<RotateWebhookSecret>,
    id: WebhookId,
) -> Result<Done<Shown>, Problem> {
    let key: NewKey = (house.world.random(), house.world.random());
    let done = house
        .write(by, (permit, id, key), |tx, (permit, id, key)| async move {
            let held = hold(&tx, &permit, id).await?;
            let real = tx.house.world.real_now();
            let overlap_ends = real + tx.house.span("webhook_secret_overlap", real)?;
            let next = rules::rotate(&held, seal(&tx, id, &key)?, &key.0, overlap_ends);
            record(&tx, &held, next).await
        })
        .await?;
    show(done, &key)
}

/// Everything from an event on is sent again, or everything there is.
pub async fn replay(
    house: &House,
    by: &Context,
    permit: Permit<ReplayWebhook>,
    id: WebhookId,
    from: Option<EventId>,
) -> Result<Done<webhook::Model>, Problem> {
    let done = house
        .write(by, (permit, id, from), |tx, (permit, id, from)| async move {
            let held = hold(&tx, &permit, id).await?;
            let from = match from {
                None => 1,
                Some(event) => told_at(&tx, &held, event).await?,
            };
            let next = rules::replayed(&held, from, tx.house.world.real_now());
            store::forget_from(tx.conn(), id, from).await?;
            record(&tx, &held, next).await
        })
        .await?;
    house.news.notify_one();
    Ok(done)
}

/// The position of an event the webhook is or may be told.
async fn told_at(tx: &Tx, held: &webhook::Model, id: EventId) -> Result<i64, Problem> {
    let own = store::item_about(tx.conn(), held.organisation_id, id).await?.map(|item| item.position);
    let found = match (own, held.scope) {
        (None, WebhookScope::Market) => {
            let event = store::event(tx.conn(), id).await?.filter(|event| News::of(event).is_some_and(|news| news.is_public()));
            event.and_then(|event| event.position)
        }
        (own, _) => own,
    };
    found.ok_or_else(|| Code::Invalid.at("/from_event", "unknown", "没有向其推送过此事件", "it was told of no such event"))
}

/// Sends a test event.
pub async fn test(house: &House, by: &Context, permit: Permit<TestWebhook>, id: WebhookId) -> Result<Done<webhook::Model>, Problem> {
    house
        .write(by, (permit, id), |tx, (permit, id)| async move {
            let held = hold(&tx, &permit, id).await?;
            rules::may_test(&held)?;
            tx.created("webhook_test", id, &id);
            tx.publish(&WebhookEvent::test(&held))?;
            Ok(held)
        })
        .await
}
