//! Publication: the notices go out, the lot is announced, registration opens.

use entity::ids::ListingId;
use entity::listings::listing;

use super::super::http::PublishListing;
use super::super::rules::machine::{self, Deed};
use super::super::rules::{self, exhibition, gates, pricing, schedule};
use super::super::store;
use super::announce::{Announced, announce_within};
use super::{contact, officer, record, reserve};
use crate::achievements::flows::offered_within;
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::notices::flows::publish_within as publish_notice_within;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Publishes a listing. Done again by the same publisher it changes nothing.
pub async fn publish(house: &House, by: &Context, permit: Permit<PublishListing>, id: ListingId) -> Result<Done<listing::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(publish_within(&tx, &permit, id)).await }).await
}

async fn publish_within(tx: &Tx, permit: &Permit<PublishListing>, id: ListingId) -> Result<listing::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let publisher = officer(tx, &held).await?;
    if machine::is_published_by(&held, publisher.person) {
        tx.nothing_changed();
        return Ok(held);
    }
    machine::may_publish(&held, publisher)?;
    super::look::verified_seller(tx, &held).await?;
    let (offer, rules) = (contact::offer_of(&tx.house, &held)?, rules::rules_of(&held)?);
    // It may have been approved when secrecy could still be asked for.
    rules::offer::asks_no_secrecy(&offer)?;
    let edition = tx.house.rulebook.current();
    let timing = schedule::plan(&offer, &rules, &edition.calendar, tx.now)?;
    exhibition::keeps_the_rules(&offer, &rules, Some(timing.auction_opens_at), tx.now)?;
    let commitment = reserve::commitment(tx, &held, &offer)?;
    let period = schedule::period(&offer, &rules, timing, tx.now)?;
    let bidding = pricing::settle(&offer, &rules, commitment.as_deref())?;
    let (_, assets) = offered_within(tx, offer.achievement_id, &offer.asset_ids).await?;
    // Somebody may have been licensed alone since it was approved; the rights are held from here on.
    let licensed = licences::flows::on_terms(tx, &offer.terms, &offer.asset_ids, gates::says_licensed(&offer)).await?;
    gates::beside_the_register(&licensed).map_err(|refusal| machine::instead(&held, Deed::Publish, refusal))?;
    let lot_id = tx.id();
    let next = machine::published(&held, publisher, lot_id, timing, tx.now)?;
    let announced = Announced {
        listing: &next,
        offer: &offer,
        rules: &rules,
        assets: &assets,
        bidding: &bidding,
        // Who reviewed or submitted the offer may not publish its result; who published it may.
        decided: held.reviewer.into_iter().chain(held.submitted_by).collect(),
        hands: machine::hands(&held, publisher.person),
    };
    announce_within(tx, announced, timing).await?;
    let notice_id = held.notice_id.ok_or(Code::Internal)?;
    publish_notice_within(tx, notice_id, publisher.person, Some(period)).await?;
    if let Some(notice_id) = held.auction_notice_id {
        publish_notice_within(tx, notice_id, publisher.person, Some(schedule::auction_period(&rules, timing, tx.now)?)).await?;
    }
    record(tx, &held, &next).await?;
    Ok(next)
}
