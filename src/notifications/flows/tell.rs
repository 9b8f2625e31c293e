//! Telling organisations what concerns them: the events in order of position, each once.

use std::collections::BTreeSet;

use entity::ids::OrganisationId;
use entity::notifications::inbox_item;
use entity::platform::event;
use uuid::Uuid;

use super::{CONSUMER, LETTERS, letters};
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::notifications::catalogue::{self, Kind, Party};
use crate::notifications::events::Triggered;
use crate::notifications::rules::News;
use crate::notifications::store;
use crate::notifications::views::Trigger;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::outbox;
use crate::platform::problem::{Code, Problem};

/// How many events are told in one transaction.
const BATCH: u64 = 100;

/// How many batches are told before webhooks have their turn.
const ROUND: usize = 10;

/// Tells what has a position, for a while: what waits to be sent has its turn too.
pub async fn tell_a_while(house: &House) -> Result<(), Problem> {
    for _ in 0..ROUND {
        if !tell_some(house).await? {
            return Ok(());
        }
    }
    house.news.notify_one();
    Ok(())
}

/// Tells everything that has a position, until there is nothing left to tell.
pub async fn tell_all(house: &House) -> Result<(), Problem> {
    while tell_some(house).await? {}
    Ok(())
}

/// Tells the next events, in a transaction with how far was told.
async fn tell_some(house: &House) -> Result<bool, Problem> {
    let told = outbox::heard(house.db.read(), CONSUMER).await?;
    if outbox::after(house.db.read(), told, 1).await?.is_empty() {
        return Ok(false);
    }
    let by = Context::system("tell_events", format!("events-after-{told}"));
    let done = house
        .write(&by, (), |tx: Tx, ()| async move {
            tx.nothing_changed();
            let told = outbox::hold_heard(tx.conn(), CONSUMER).await?;
            let events = outbox::after(tx.conn(), told, BATCH).await?;
            let Some(last) = events.last().and_then(|event| event.position) else { return Ok(false) };
            let (mut concerned, mut is_public) = (BTreeSet::new(), false);
            for event in &events {
                let Some(news) = News::of(event) else {
                    tracing::warn!(kind = event.kind, event = %event.id, "the catalogue does not know this event");
                    continue;
                };
                is_public |= news.is_public();
                concerned.extend(tell(&tx, event, &news).await?);
            }
            store::wake(tx.conn(), concerned, is_public, tx.house.world.real_now()).await?;
            outbox::set_heard(tx.conn(), CONSUMER, last).await?;
            if !letters::go_out(&tx.house) {
                // No letter is ever written about this, also not once news goes by letter.
                outbox::hold_heard(tx.conn(), LETTERS).await?;
                outbox::set_heard(tx.conn(), LETTERS, last).await?;
            }
            Ok(true)
        })
        .await?;
    Ok(done.value)
}

/// Puts an event into the inboxes of those it concerns; tells whom.
async fn tell(tx: &Tx, event: &event::Model, news: &News) -> Result<BTreeSet<OrganisationId>, Problem> {
    let concerned = match news.only_to {
        Some(one) => BTreeSet::from([one]),
        // What is triggered for the public concerns nobody in particular.
        None if news.test => BTreeSet::new(),
        None => audience(tx, news).await?,
    };
    for organisation in &concerned {
        let item = inbox_item::Model {
            id: tx.id(),
            organisation_id: *organisation,
            event_id: event.id,
            position: event.position.unwrap_or_default(),
            kind: news.kind.name.into(),
            subject_kind: event.subject_kind.clone(),
            subject_id: event.subject_id,
            body: news.body.to_string(),
            test: news.test,
            created_at: event.occurred_at,
            read_at: None,
        };
        db::insert(tx.conn(), item).await?;
    }
    Ok(concerned)
}

/// The organisations an event concerns, each once.
async fn audience(tx: &Tx, news: &News) -> Result<BTreeSet<OrganisationId>, Problem> {
    let mut found = BTreeSet::new();
    for party in news.kind.told {
        let one = match party {
            Party::Organisation => news.id("organisation_id"),
            Party::Seller => seller(tx, news).await?,
            Party::Negotiators => {
                if let Some(negotiation) = news.id("negotiation_id") {
                    found.extend(store::negotiators(tx.conn(), negotiation).await?.into_iter().flatten());
                }
                None
            }
            Party::Recording => {
                found.extend(news.id::<OrganisationId>("counterparty_id"));
                news.id("organisation_id")
            }
            Party::Licensing => {
                found.extend(news.id::<OrganisationId>("grantee_id"));
                news.id("licensor_id")
            }
            Party::Buyer => match news.id("deal_id") {
                Some(deal) => store::buyer(tx.conn(), deal).await?,
                None => None,
            },
            Party::Applicant => match news.id("admission_id") {
                Some(admission) => store::applicant(tx.conn(), admission).await?,
                None => None,
            },
            Party::Bidders => {
                if let Some(lot) = news.id("lot_id") {
                    found.extend(store::bidders(tx.conn(), lot).await?);
                }
                None
            }
            Party::Registered => {
                if let Some(listing) = news.id("listing_id") {
                    found.extend(store::registered(tx.conn(), listing).await?);
                }
                match news.id("negotiation_id") {
                    Some(negotiation) => store::negotiators(tx.conn(), negotiation).await?.map(|[_, buyer]| buyer),
                    None => None,
                }
            }
        };
        found.extend(one);
    }
    Ok(found)
}

/// Whose listing it is, who sells at a negotiated price, who grants rights, or whose open licence it is.
async fn seller(tx: &Tx, news: &News) -> Result<Option<OrganisationId>, Problem> {
    if let Some(listing) = news.id("listing_id") {
        return Ok(store::seller(tx.conn(), listing).await?);
    }
    if let Some(negotiation) = news.id("negotiation_id") {
        return Ok(store::negotiators(tx.conn(), negotiation).await?.map(|[seller, _]| seller));
    }
    if let Some(grant) = news.id("rights_grant_id") {
        return Ok(store::granting_unit(tx.conn(), grant).await?);
    }
    match news.id("open_licence_id") {
        Some(licence) => Ok(store::patentee(tx.conn(), licence).await?),
        None => Ok(None),
    }
}

/// Triggers the example of a kind in sandbox; the id of the event that stands for it.
pub async fn trigger(house: &House, by: &Context, trigger: Trigger) -> Result<Done<Uuid>, Problem> {
    if !house.config.sandbox {
        return Err(Code::SandboxOnly.into());
    }
    let kind = kind_to_trigger(&trigger)?;
    house
        .write(by, trigger, move |tx, trigger| async move {
            if let Some(id) = trigger.organisation_id {
                identity::store::organisation(tx.conn(), id).await?.ok_or_else(|| {
                    Code::Invalid.at("/organisation_id", "unknown_organisation", "没有此机构", "there is no such organisation")
                })?;
            }
            let id: Uuid = tx.id();
            let event = Triggered::new(kind, trigger.organisation_id, tx.house.world.secret_id());
            tx.publish_as(id, &event)?;
            tx.created("event", id, &event);
            Ok(id)
        })
        .await
}

/// The kind, if somebody would be told of it.
fn kind_to_trigger(trigger: &Trigger) -> Result<&'static Kind, Problem> {
    let kind = catalogue::find(&trigger.kind).filter(|kind| kind.is_told());
    let kind = kind.ok_or_else(|| Code::Invalid.at("/kind", "unknown_kind", "事件目录中没有此种事件", "the catalogue has no such kind"))?;
    if trigger.organisation_id.is_none() && !kind.public {
        return Err(Code::Invalid.at(
            "/organisation_id",
            "needed",
            "此种事件不公开，须指明机构",
            "this kind is not public; name an organisation",
        ));
    }
    Ok(kind)
}
