//! What follows from sales: what no registry has to enter passes as they are confirmed, and what is under way ends where they come to nothing.

use chrono::NaiveDate;
use entity::achievements::{AssetKind, asset};
use entity::deals::{DealState, SignatureSide};
use entity::ids::{AssetId, DealId, NegotiationId};
use entity::listings::TransferTerms;
use entity::negotiations::{NegotiationState, negotiation};
use serde_json::Value;

use super::record;
use super::title::{Passage, give_back_within, pass_within};
use crate::house::Tx;
use crate::platform::problem::{Code, Problem};
use crate::recordals::rules::effect::{Effect, effect, passes_title};
use crate::recordals::rules::machine;
use crate::recordals::rules::title::Basis;
use crate::recordals::store;
use crate::rulebook::rules::shanghai_date;
use crate::{achievements, deals, negotiations};

/// Why what is under way ends with the sale it follows from.
const FELL_THROUGH: &str = "所依据的成交已终止 The sale it follows from came to nothing";

/// Everybody has signed a deal: of what was sold by it, that passes which no registry has to enter.
pub async fn hear_deal_confirmed(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["deal_id"].as_str().and_then(|id| id.parse::<DealId>().ok()) else { return Ok(()) };
    let stands = |state| matches!(state, DealState::Confirmed | DealState::ResultPublished);
    let Some(deal) = deals::store::find(tx.conn(), id).await?.filter(|deal| stands(deal.state)) else { return Ok(()) };
    let facts = deals::rules::facts(&deal)?;
    if facts.deal.rehearsal || !passes_title(&deals::rules::transfer_terms(&facts.deal)?) {
        return Ok(());
    }
    let ids: Vec<_> = deals::rules::sold_assets(&facts.deal)?.into_iter().map(|sold| sold.id).collect();
    let signatures = deals::store::signatures(tx.conn(), id).await?;
    let by = signatures.iter().find(|signature| signature.side == SignatureSide::Buyer).ok_or(Code::Internal)?.person_id;
    let assets = on_contract(tx, &ids).await?;
    let passage = Passage {
        assets: &assets,
        parties: (deal.seller_organisation_id, deal.buyer_organisation_id),
        basis: Basis::Deal(id),
        since: shanghai_date(deal.confirmed_at.ok_or(Code::Internal)?),
        by,
    };
    pass_within(tx, &passage).await
}

/// A party has confirmed a sale at a negotiated price: the same, once both have.
pub async fn hear_negotiation_confirmed(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = negotiation_of(body) else { return Ok(()) };
    let Some(held) = negotiations::store::find(tx.conn(), id).await?.filter(is_concluded) else { return Ok(()) };
    let (terms, since) = sold_at_a_negotiated_price(tx, &held).await?;
    if !passes_title(&terms) {
        return Ok(());
    }
    let assets = on_contract(tx, &negotiations::store::assets(tx.conn(), id).await?).await?;
    let passage = Passage {
        assets: &assets,
        parties: (held.organisation_id, held.buyer_organisation_id),
        basis: Basis::Negotiation(id),
        since,
        by: held.buyer_confirmed_by.ok_or(Code::Internal)?,
    };
    pass_within(tx, &passage).await
}

/// A deal was rescinded.
pub async fn hear_deal_rescinded(tx: &Tx, body: &Value) -> Result<(), Problem> {
    match body["deal_id"].as_str().and_then(|id| id.parse::<DealId>().ok()) {
        Some(id) => fell_through(tx, Basis::Deal(id)).await,
        None => Ok(()),
    }
}

/// A sale at a negotiated price came to nothing.
pub async fn hear_negotiation_ended(tx: &Tx, body: &Value) -> Result<(), Problem> {
    match negotiation_of(body) {
        Some(id) => fell_through(tx, Basis::Negotiation(id)).await,
        None => Ok(()),
    }
}

/// What follows from it and is under way ends, and what has passed by it without a registry goes back. What a registry has entered stays:
/// the register shows it until a further transfer is entered.
async fn fell_through(tx: &Tx, from: Basis) -> Result<(), Problem> {
    for held in store::hold_following(tx.conn(), from).await? {
        if let Some(next) = machine::fell_through(&held, FELL_THROUGH, tx.now) {
            record(tx, &held, &next).await?;
        }
    }
    give_back_within(tx, from, shanghai_date(tx.now)).await
}

fn negotiation_of(body: &Value) -> Option<NegotiationId> {
    body["negotiation_id"].as_str()?.parse().ok()
}

/// Whether both have confirmed a sale at a negotiated price that is no rehearsal.
pub(super) fn is_concluded(held: &negotiation::Model) -> bool {
    matches!(held.state, NegotiationState::Confirmed | NegotiationState::ResultPublished) && !held.rehearsal
}

/// How the rights were sold at a negotiated price, and on which day both had confirmed that.
pub(super) async fn sold_at_a_negotiated_price(tx: &Tx, held: &negotiation::Model) -> Result<(TransferTerms, NaiveDate), Problem> {
    let number = held.agreed_offer.ok_or(Code::Internal)?;
    let agreed = negotiations::store::offer(tx.conn(), held.id, number).await?.ok_or(Code::Internal)?;
    let confirmed_at = held.seller_confirmed_at.max(held.buyer_confirmed_at).ok_or(Code::Internal)?;
    Ok((negotiations::rules::offers::terms_of(&agreed)?.transfer, shanghai_date(confirmed_at)))
}

/// Those of these rights that pass by contract.
async fn on_contract(tx: &Tx, ids: &[AssetId]) -> Result<Vec<AssetId>, Problem> {
    let passes = |kind: AssetKind| effect(kind) == Effect::OnContract;
    let assets: Vec<asset::Model> = achievements::store::assets_in_order(tx.conn(), ids).await?;
    Ok(assets.into_iter().filter(|asset| passes(asset.kind)).map(|asset| asset.id).collect())
}
