//! Writing a new listing.

use entity::ids::{AssetId, ListingId, OrganisationId};
use entity::listings::{ListingState, listing};

use super::super::http::CreateListing;
use super::super::rules::machine::{self, NewListing, Text};
use super::super::rules::offer::{class_of, declares_no_secret, may_rehearse, well_formed};
use super::super::rules::{self, Offer};
use super::super::store;
use super::{contact, reserve, seller};
use crate::achievements::flows::offered_by_within;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Writes a draft.
pub async fn create(house: &House, by: &Context, _: Permit<CreateListing>, offer: Offer) -> Result<Done<listing::Model>, Problem> {
    house
        .write(by, offer, |tx, offer| async move {
            let draft = drafted_within(&tx, offer).await?;
            write_within(&tx, &draft).await?;
            Ok(draft.row)
        })
        .await
}

/// A draft that was found good and is not written yet.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The listing.
    pub row: listing::Model,
    assets: Vec<AssetId>,
}

/// Judges a draft and writes nothing.
pub async fn drafted_within(tx: &Tx, offer: Offer) -> Result<Draft, Problem> {
    let (author, organisation_id) = seller(tx)?;
    let id = tx.id();
    let assets = offer.asset_ids.clone();
    let text = text(tx, id, organisation_id, offer, None).await?;
    let row = machine::drafted(NewListing { id, organisation_id, author, at: tx.now, text });
    Ok(Draft { row, assets })
}

/// Writes a draft.
pub async fn write_within(tx: &Tx, draft: &Draft) -> Result<(), Problem> {
    db::insert(tx.conn(), draft.row.clone()).await?;
    store::set_assets(tx.conn(), draft.row.id, &draft.assets).await?;
    tx.created("listing", draft.row.id, &draft.row);
    Ok(())
}

/// The listing of the organisation that makes this very offer and is not over, if there is one.
pub async fn standing_within(tx: &Tx, offer: &Offer) -> Result<Option<listing::Model>, Problem> {
    let (_, organisation) = seller(tx)?;
    let (kept, secret) = offer.clone().without_secret();
    // Only what is alike in all that the database can compare is opened: there may be thousands of others.
    let standing: Vec<_> = ListingState::ALL.iter().copied().filter(|state| !machine::is_over(*state)).collect();
    let alike = (kept.title.as_str(), kept.terms.mode());
    for row in store::alike(tx.conn(), organisation, kept.achievement_id, alike, &standing).await? {
        let same = contact::offer_of(&tx.house, &row)? == kept;
        if same && reserve::is_sealed_in(tx, &row, kept.starts_at().currency, secret)? {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// An offer that was checked, and its secret reserve sealed apart from it: the one given, or the one from before.
pub async fn checked(tx: &Tx, id: ListingId, offer: Offer, sealed: Option<Vec<u8>>) -> Result<(Offer, Option<Vec<u8>>), Problem> {
    declares_no_secret(&offer)?;
    well_formed(&offer, sealed.is_some())?;
    may_rehearse(&offer, tx.house.config.sandbox)?;
    let (offer, secret) = offer.without_secret();
    let own = tx.by.seat()?.organisation;
    let seller = identity::store::organisation(tx.conn(), own).await?.ok_or(Code::Internal)?;
    // An ordinary licence is given by any of several owners.
    let one_owner_suffices = !offer.terms.mode().is_exclusive();
    offered_by_within(tx, offer.achievement_id, &offer.asset_ids, (&seller, one_owner_suffices)).await?;
    let sealed = reserve::sealed(tx, id, &offer, secret, sealed)?;
    Ok((offer, sealed))
}

/// What a listing will say: the offer checked, its secret and its contact sealed apart from it.
pub async fn text(tx: &Tx, id: ListingId, organisation: OrganisationId, offer: Offer, sealed: Option<Vec<u8>>) -> Result<Text, Problem> {
    let (offer, reserve_sealed) = checked(tx, id, offer, sealed).await?;
    let seller = identity::store::organisation(tx.conn(), organisation).await?.ok_or(Code::Internal)?;
    Ok(Text {
        achievement_id: offer.achievement_id,
        seller_class: class_of(&offer, &seller),
        rehearsal: offer.rehearsal,
        mode: offer.terms.mode(),
        title: offer.title.clone(),
        reserve_sealed,
        offer: rules::kept_offer(&offer)?,
        contact: contact::sealed(tx, id, &offer.contact).await?,
    })
}
