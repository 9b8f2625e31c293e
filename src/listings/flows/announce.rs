//! Announcing the lot of an offer and calling for buyers.

use entity::auctions::LotTerms;
use entity::ids::PersonId;
use entity::listings::listing;

use super::super::rules::content::{sold_assets, sold_terms};
use super::super::rules::offer::called_holders;
use super::super::rules::pricing::Bidding;
use super::super::rules::schedule::{self, Timing};
use super::super::rules::{self, Offer};
use super::{REGISTRATION_CLOSE, STATUS_WARNING};
use crate::achievements::store::AssetFacts;
use crate::admissions::flows::{NewCall, open_call_within};
use crate::auctions::flows::{LotFacts, NewLot, schedule_within};
use crate::gates::flows::related_to;
use crate::house::Tx;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// What is announced.
pub struct Announced<'a> {
    /// The listing as it is published, with the id of its lot.
    pub listing: &'a listing::Model,
    /// Its offer.
    pub offer: &'a Offer,
    /// The rules it is announced under.
    pub rules: &'a Snapshot,
    /// The rights, in the order of the offer.
    pub assets: &'a [AssetFacts],
    /// How it is bid for.
    pub bidding: &'a Bidding,
    /// Who decided about it, and may not publish its result.
    pub decided: Vec<PersonId>,
    /// Who had a hand in it, and may act for no buyer.
    pub hands: Vec<PersonId>,
}

/// Announces a lot and opens the call for its buyers.
pub async fn announce_within(tx: &Tx, of: Announced<'_>, timing: Timing) -> Result<(), Problem> {
    let Announced { listing, offer, rules, assets, bidding, decided, hands } = of;
    let lot_id = listing.lot_id.ok_or(Code::Internal)?;
    let refund = rules.find("refund_losers").map_err(|_| Code::Internal)?;
    let refund_rule = serde_json::json!({"span": refund.value, "source": refund.source});
    // Armed first: where registration closes just before bidding opens, it is served first.
    tx.arm(REGISTRATION_CLOSE, listing.id, timing.registration_closes_at);
    let warned_at = schedule::warned_at(tx.now, timing.auction_opens_at, rules, &tx.house.rulebook.current().calendar)?;
    tx.arm(STATUS_WARNING, listing.id, warned_at);
    let related = related_to(&tx.house, tx.conn(), listing.organisation_id, tx.now).await?;
    let facts = LotFacts {
        title_en: offer.title_en.clone(),
        mode: listing.mode,
        terms: sold_terms(offer)?,
        assets: sold_assets(assets),
        deposit: bidding.deposit,
        base_price: Some(offer.base_price),
        start_price: bidding.start_price,
        host_required: bidding.auction_licence.is_some(),
        dates: schedule::dates(offer, rules)?,
    };
    schedule_within(
        tx,
        NewLot {
            id: lot_id,
            listing_id: listing.id,
            seller_organisation_id: listing.organisation_id,
            title: listing.title.clone(),
            rehearsal: listing.rehearsal,
            terms: LotTerms { rehearsal: listing.rehearsal, ..bidding.lot_terms(timing.auction_opens_at, rules.version) },
            reserve_sealed: listing.reserve_sealed.clone(),
            barred_persons: decided,
            rules: rules.clone(),
            facts,
        },
    )
    .await?;
    open_call_within(
        tx,
        NewCall {
            lot_id,
            listing_id: listing.id,
            seller_organisation_id: listing.organisation_id,
            opens_at: tx.now,
            closes_at: timing.registration_closes_at,
            deposit: bidding.deposit,
            conditions: rules::kept(&offer.conditions)?,
            barred_organisations: std::iter::once(listing.organisation_id)
                .chain(offer.declarations.standing_aside.iter().copied())
                .chain(related.into_iter().map(|one| one.organisation_id))
                .collect(),
            barred_persons: hands,
            refund_rule,
            holders: called_holders(offer),
        },
    )
    .await
    .map(|_| ())
}
