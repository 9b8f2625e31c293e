//! Reading everything the gates look at.

use std::sync::Arc;

use entity::Timestamp;
use entity::achievements::achievement;
use entity::identity::{OrganisationState, organisation};
use entity::ids::{AssetId, OpenLicenceId, RightsGrantId};
use entity::listings::listing;
use entity::open_licences::OpenLicenceState;

use super::super::rules::Offer;
use super::super::rules::gates::{Case, says_licensed};
use super::super::rules::offer::{called_holders, class_of};
use super::contact;
use crate::achievements;
use crate::achievements::flows::offered_by_within;
use crate::achievements::store::AssetFacts;
use crate::documents::flows::usable_within;
use crate::encumbrances;
use crate::encumbrances::rules::Standing;
use crate::house::Tx;
use crate::identity;
use crate::licences;
use crate::licences::flows::Beside;
use crate::notices::rules::attachment::Attachment;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Snapshot, shanghai_date};
use crate::rulebook::shelf::Edition;

/// A listing with everything around it, as it stands now.
pub struct Sight {
    /// The offer as kept.
    pub offer: Offer,
    /// The seller.
    pub seller: organisation::Model,
    /// The achievement.
    pub achievement: achievement::Model,
    /// The assets, in the order of the offer.
    pub assets: Vec<AssetFacts>,
    /// The documents the offer leans on, as they are.
    pub attachments: Vec<Attachment>,
    /// What is entered of their burdens and owners.
    pub standing: Vec<Standing>,
    /// Those of the assets that another one holds alone.
    pub held_elsewhere: Vec<AssetId>,
    /// Those of them that are being granted to who made them, each with the grant.
    pub granted: Vec<(AssetId, RightsGrantId)>,
    /// Those of them of which anybody may have a licence, each with the declaration.
    pub declared_open: Vec<(AssetId, OpenLicenceId)>,
    /// What the register says of them.
    pub licensed: Beside,
    /// The rulebook with its calendar.
    pub edition: Arc<Edition>,
    /// The rules for this seller today.
    pub rules: Snapshot,
}

impl Sight {
    /// What the gates look at.
    pub fn case(&self, now: Timestamp) -> Case<'_> {
        Case {
            offer: &self.offer,
            seller: &self.seller,
            assets: &self.assets,
            standing: &self.standing,
            held_elsewhere: &self.held_elsewhere,
            granted: &self.granted,
            declared_open: &self.declared_open,
            licensed: &self.licensed,
            rules: &self.rules,
            calendar: &self.edition.calendar,
            now,
        }
    }
}

/// The seller, who must be verified at every step to publication, not only when writing.
pub async fn verified_seller(tx: &Tx, held: &listing::Model) -> Result<organisation::Model, Problem> {
    let seller = identity::store::organisation(tx.conn(), held.organisation_id).await?.ok_or(Code::Internal)?;
    if seller.state == OrganisationState::Verified { Ok(seller) } else { Err(Code::OrganisationNotVerified.into()) }
}

/// Looks at a listing, and refuses papers that cannot be relied on.
pub async fn look(tx: &Tx, held: &listing::Model) -> Result<Sight, Problem> {
    let offer = contact::offer_of(&tx.house, held)?;
    let seller = verified_seller(tx, held).await?;
    let one_owner_suffices = !offer.terms.mode().is_exclusive();
    let (achievement, assets) = offered_by_within(tx, offer.achievement_id, &offer.asset_ids, (&seller, one_owner_suffices)).await?;
    let standing = Box::pin(encumbrances::store::standing(tx.conn(), &offer.asset_ids, tx.now)).await?;
    let mut attachments = Vec::new();
    for (kind, document) in offer.documents() {
        attachments.push(Attachment { kind, document: usable_within(tx, document, seller.id).await? });
    }
    known_organisations(tx, &offer, &seller).await?;
    let held_elsewhere = achievements::store::held_alone(tx.conn(), (Some(held.id), None), &offer.asset_ids).await?;
    let granted = achievements::store::held_by_grants(tx.conn(), &offer.asset_ids).await?;
    let declared_open = achievements::store::declared_open(tx.conn(), &offer.asset_ids, &[OpenLicenceState::Announced]).await?;
    let licensed = licences::flows::on_terms(tx, &offer.terms, &offer.asset_ids, says_licensed(&offer)).await?;
    let edition = tx.house.rulebook.current();
    let rules = edition.rulebook.snapshot(class_of(&offer, &seller), shanghai_date(tx.now));
    Ok(Sight {
        offer,
        seller,
        achievement,
        assets,
        attachments,
        standing,
        held_elsewhere,
        granted,
        declared_open,
        licensed,
        edition,
        rules,
    })
}

/// A right of pre-emption is an organisation's that is here, and not the seller's own: a wrong id would cost its holder the
/// right. So it is with those that stand aside, of whom a wrong id would let one bid.
async fn known_organisations(tx: &Tx, offer: &Offer, seller: &organisation::Model) -> Result<(), Problem> {
    let mut named = Vec::new();
    for (index, holder) in called_holders(offer).into_iter().enumerate() {
        named.push((format!("/auction/preemption/holders/{index}/organisation_id"), holder.organisation_id));
    }
    for (index, id) in offer.declarations.standing_aside.iter().enumerate() {
        named.push((format!("/declarations/standing_aside/{index}"), *id));
    }
    for (pointer, id) in named {
        let known = identity::store::organisation(tx.conn(), id).await?.is_some();
        if !known || id == seller.id {
            return Err(Code::Invalid.at(&pointer, "unknown", "没有此机构，或为转让方本身", "no such organisation, or the seller itself"));
        }
    }
    Ok(())
}
