//! Offers and counter-offers, until one is accepted.

use entity::ids::{AssetId, NegotiationId};
use entity::negotiations::negotiation;
use sea_orm::DbErr;

use super::{hand, held, look, record};
use crate::achievements;
use crate::house::{Done, House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::negotiations::events::NegotiationEvent;
use crate::negotiations::http::{AcceptOffer, MakeOffer};
use crate::negotiations::rules::machine::{self, Deed, Said};
use crate::negotiations::rules::offers::{self, terms_of};
use crate::negotiations::store;
use crate::negotiations::views::{Acceptance, NewOffer};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// A party makes an offer.
pub async fn make_offer(
    house: &House,
    by: &Context,
    permit: Permit<MakeOffer>,
    id: NegotiationId,
    new: NewOffer,
) -> Result<Done<negotiation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { make_offer_within(&tx, &permit, id, new).await }).await
}

async fn make_offer_within(tx: &Tx, permit: &Permit<MakeOffer>, id: NegotiationId, new: NewOffer) -> Result<negotiation::Model, Problem> {
    let held = held(tx, permit, id).await?;
    let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
    let words = Said { relation: new.relation.clone(), name_confidential: new.name_confidential };
    let (next, side) = machine::offered(&held, &hand, &words)?;
    offers::terms_are_sound("/terms", &new.terms)?;
    if new.terms.price.currency != held.currency {
        let (zh, en) = ("须与基准价格币种一致", "must be the currency of the base price");
        return Err(Code::Invalid.at("/terms/price/currency", "currency", zh, en));
    }
    let (edition, rules) = look::rules_of(tx, held.seller_class);
    let last = store::last_offer(tx.conn(), id).await?.ok_or(Code::Internal)?;
    offers::few(last.number, &rules).map_err(|refusal| machine::instead(&held, Deed::Offer, refusal))?;
    let offer = offers::made(&offers::NewOffer {
        negotiation: id,
        number: last.number + 1,
        side,
        expires_at: offers::expiry(new.expires_at, &look::validity(&rules, &edition)?, tx.now)?,
        terms: new.terms,
        said: words,
        by: hand.person,
        at: tx.now,
    })?;
    db::insert(tx.conn(), offer.clone()).await?;
    tx.created("negotiation_offer", id, &offer);
    record(tx, &held, &next, NegotiationEvent::offered).await?;
    Ok(next)
}

/// A party accepts the other's last offer. From now on rights that pass alone are held for it.
pub async fn accept(
    house: &House,
    by: &Context,
    permit: Permit<AcceptOffer>,
    id: NegotiationId,
    new: Acceptance,
) -> Result<Done<negotiation::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { accept_within(&tx, &permit, id, &new).await }).await
}

async fn accept_within(tx: &Tx, permit: &Permit<AcceptOffer>, id: NegotiationId, new: &Acceptance) -> Result<negotiation::Model, Problem> {
    let held = held(tx, permit, id).await?;
    Box::pin(accept_held(tx, &held, new)).await.map_err(|refusal| machine::instead(&held, Deed::Accept, refusal))
}

async fn accept_held(tx: &Tx, held: &negotiation::Model, new: &Acceptance) -> Result<negotiation::Model, Problem> {
    let id = held.id;
    let hand = hand(tx.conn(), tx.by.actor()?, held).await?;
    let last = store::last_offer(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let words = Said { relation: new.relation.clone(), name_confidential: new.name_confidential };
    let next = machine::accepted(held, &last, &hand, &words, tx.now)?;
    new.terms_sha256.means(&last.sha256, "/terms_sha256")?;
    verified_within(tx, held.organisation_id).await?;
    verified_within(tx, held.buyer_organisation_id).await?;

    let terms = terms_of(&last)?;
    // Held, so that whoever lists one of them meanwhile comes before or after this.
    let ids = store::assets(tx.conn(), id).await?;
    for asset in &ids {
        achievements::store::hold_asset(tx.conn(), *asset).await?;
    }
    let (_, assets) = look::rights(tx, held).await?;
    look::may_pass(tx, held, &assets, &terms).await?;
    let alone = terms.transfer.mode().is_exclusive();
    store::set_held(tx.conn(), id, alone).await.map_err(|error| refusal(error, &ids))?;
    record(tx, held, &next, NegotiationEvent::agreed).await?;
    Ok(next)
}

/// The wall behind the rule: of two that agree at once, the index lets one through.
fn refusal(error: DbErr, assets: &[AssetId]) -> Problem {
    if db::is_duplicate(&error) { Code::AssetHeld.with("asset_ids", assets) } else { error.into() }
}
