//! Publication: the notice goes out, the lot is announced, registration opens.

use entity::auctions::LotTerms;
use entity::ids::ListingId;
use entity::listings::listing;

use super::super::http::PublishListing;
use super::super::rules::content::{sold_assets, sold_terms};
use super::super::rules::offer::called_holders;
use super::super::rules::{self, machine, pricing, schedule};
use super::super::store;
use super::{REGISTRATION_CLOSE, STATUS_WARNING, contact, officer, record, reserve};
use crate::achievements::flows::offered_within;
use crate::admissions::flows::{NewCall, open_call_within};
use crate::auctions::flows::{LotFacts, NewLot, schedule_within};
use crate::house::{Done, House, Tx};
use crate::notices::flows::publish_within as publish_notice_within;
use crate::notices::rules::period::Lasting;
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
    let edition = tx.house.rulebook.current();
    let timing = schedule::plan(&offer, &rules, &edition.calendar, tx.now)?;
    let commitment = reserve::commitment(tx, &held, &offer)?;
    let bidding = pricing::settle(&offer, &rules, commitment.as_deref())?;
    let (_, assets) = offered_within(tx, offer.achievement_id, &offer.asset_ids).await?;
    let refund = rules.find("refund_losers").map_err(|_| Code::Internal)?;
    let refund_rule = serde_json::json!({"span": refund.value, "source": refund.source});
    let lot_id = tx.id();
    let next = machine::published(&held, publisher, lot_id, timing, tx.now)?;
    let hands = machine::hands(&held, publisher.person);

    // Armed first: where registration closes just before bidding opens, it is served first.
    tx.arm(REGISTRATION_CLOSE, id, timing.registration_closes_at);
    let warned_at = schedule::warned_at(tx.now, timing.auction_opens_at, &rules, &edition.calendar)?;
    tx.arm(STATUS_WARNING, id, warned_at);
    let facts = LotFacts {
        mode: held.mode,
        terms: sold_terms(&offer)?,
        assets: sold_assets(&assets),
        deposit: bidding.deposit,
        base_price: Some(offer.base_price),
        start_price: bidding.start_price,
        host_required: bidding.auction_licence.is_some(),
        dates: schedule::dates(&offer, &rules)?,
    };
    schedule_within(
        tx,
        NewLot {
            id: lot_id,
            listing_id: id,
            seller_organisation_id: held.organisation_id,
            title: held.title.clone(),
            rehearsal: held.rehearsal,
            terms: LotTerms { rehearsal: held.rehearsal, ..bidding.lot_terms(timing.auction_opens_at, rules.version) },
            reserve_sealed: held.reserve_sealed.clone(),
            // Who reviewed or submitted the offer may not publish its result; who published it may.
            barred_persons: held.reviewer.into_iter().chain(held.submitted_by).collect(),
            rules,
            facts,
        },
    )
    .await?;
    open_call_within(
        tx,
        NewCall {
            lot_id,
            listing_id: id,
            seller_organisation_id: held.organisation_id,
            opens_at: tx.now,
            closes_at: timing.registration_closes_at,
            deposit: bidding.deposit,
            conditions: rules::kept(&offer.conditions)?,
            barred_organisations: std::iter::once(held.organisation_id).chain(offer.declarations.standing_aside.iter().copied()).collect(),
            barred_persons: hands,
            refund_rule,
            holders: called_holders(&offer),
        },
    )
    .await?;
    let notice_id = held.notice_id.ok_or(Code::Internal)?;
    publish_notice_within(tx, notice_id, publisher.person, Lasting::Until(timing.registration_closes_at)).await?;
    record(tx, &held, &next).await?;
    Ok(next)
}
