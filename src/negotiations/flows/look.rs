//! Reading what a decision rests on.

use std::sync::Arc;

use entity::Timestamp;
use entity::achievements::achievement;
use entity::identity::{SellerClass, organisation};
use entity::negotiations::{negotiation, negotiation_offer};
use entity::open_licences::OpenLicenceState;

use crate::achievements::rules::{being_granted, licensed_openly, still_his};
use crate::achievements::store::AssetFacts;
use crate::achievements::{self, flows::own_offered_within};
use crate::deals::rules::{rights_stand, unruled};
use crate::documents::views::DocumentRef;
use crate::encumbrances::flows::allowed_within;
use crate::encumbrances::rules::Intended;
use crate::gates::flows::is_abroad;
use crate::house::{House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::licences;
use crate::negotiations::rules::notice::Announcement;
use crate::negotiations::rules::offers::{NegotiatedTerms, Validity, terms_of};
use crate::negotiations::store;
use crate::notices::rules::attachment::{Attachment, AttachmentKind};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, RedactionRule, Snapshot, shanghai_date};
use crate::rulebook::shelf::Edition;

/// The rules for a class of sellers today.
pub fn rules_of(tx: &Tx, class: SellerClass) -> (Arc<Edition>, Snapshot) {
    let edition = tx.house.rulebook.current();
    let rules = edition.rulebook.snapshot(class, shanghai_date(tx.now));
    (edition, rules)
}

/// How long offers may stand.
pub fn validity<'a>(rules: &Snapshot, edition: &'a Edition) -> Result<Validity<'a>, Problem> {
    let span = |name: &str| rules.span(name).map_err(|error| unruled(&error));
    Ok(Validity { usual: span("negotiated_offer_validity")?, longest: span("negotiated_offer_longest")?, calendar: &edition.calendar })
}

/// The rights of a negotiation, held against change, and what they belong to.
pub async fn rights(tx: &Tx, held: &negotiation::Model) -> Result<(achievement::Model, Vec<AssetFacts>), Problem> {
    let ids = store::assets(tx.conn(), held.id).await?;
    let achievement = achievements::store::achievement(tx.conn(), held.achievement_id).await?.ok_or(Code::Internal)?;
    let assets = achievements::store::share_named(tx.conn(), &ids).await?;
    Ok((achievement, achievements::store::facts(tx.conn(), assets).await?))
}

/// The rights somebody offers, which must be his own organisation's.
pub async fn offered(tx: &Tx, of: &crate::negotiations::views::NewNegotiation) -> Result<Vec<AssetFacts>, Problem> {
    own_offered_within(tx, of.achievement_id, &of.asset_ids).await.map(|(_, assets)| assets)
}

/// Refuses unless the rights can pass so, and nobody else holds them alone.
pub async fn may_pass(tx: &Tx, held: &negotiation::Model, assets: &[AssetFacts], terms: &NegotiatedTerms) -> Result<(), Problem> {
    let ((edition, rules), mode) = (rules_of(tx, held.seller_class), terms.transfer.mode());
    still_his(assets.iter().map(|facts| &facts.asset), held.organisation_id)?;
    rights_stand(assets, mode, &rules, &edition.calendar, tx.now)?;
    let ids: Vec<_> = assets.iter().map(|facts| facts.asset.id).collect();
    let seller = verified_within(tx, held.organisation_id).await?;
    let abroad = is_abroad(tx, held.buyer_organisation_id).await?;
    allowed_within(tx, &ids, &Intended { deed: mode.into(), abroad, by: &seller }, &[]).await?;
    let elsewhere = achievements::store::held_alone(tx.conn(), (None, Some(held.id)), &ids).await?;
    if !elsewhere.is_empty() {
        return Err(Code::AssetHeld.with("asset_ids", elsewhere));
    }
    let licensed = licences::flows::on_terms(tx, &terms.transfer, &ids, true).await?;
    if !licensed.in_the_way.is_empty() {
        return Err(Code::LicenceConflict.with("conflicts", licensed.in_the_way));
    }
    if mode.is_exclusive() {
        being_granted(&achievements::store::held_by_grants(tx.conn(), &ids).await?)?;
    }
    if mode.shuts_out_licensees() {
        licensed_openly(&achievements::store::declared_open(tx.conn(), &ids, &[OpenLicenceState::Announced]).await?)?;
    }
    Ok(())
}

/// Everything a public text of a negotiation is made from.
pub struct Sight {
    seller: organisation::Model,
    /// Who buys.
    pub buyer: organisation::Model,
    achievement: achievement::Model,
    /// The rights.
    pub assets: Vec<AssetFacts>,
    /// What is agreed on.
    pub terms: NegotiatedTerms,
    attachments: Vec<Attachment>,
}

impl Sight {
    /// Of what is agreed on.
    pub async fn of(tx: &Tx, held: &negotiation::Model, agreed: &negotiation_offer::Model) -> Result<Self, Problem> {
        let seller = verified_within(tx, held.organisation_id).await?;
        let buyer = verified_within(tx, held.buyer_organisation_id).await?;
        let (achievement, assets) = rights(tx, held).await?;
        let kept = [(AttachmentKind::Basis, &held.basis_document), (AttachmentKind::Decision, &held.decision_document)];
        let mut attachments = Vec::new();
        for (kind, document) in kept {
            if let Some(document) = document {
                let document: DocumentRef = serde_json::from_value(document.clone()).map_err(|_| Code::Internal)?;
                attachments.push(Attachment { kind, document });
            }
        }
        Ok(Self { seller, buyer, achievement, assets, terms: terms_of(agreed)?, attachments })
    }

    /// What is announced under these rules.
    pub fn announcement<'a>(
        &'a self,
        held: &'a negotiation::Model,
        rules: &'a Snapshot,
        policy: &'a [RedactionRule],
        calendar: &'a Calendar,
    ) -> Announcement<'a> {
        Announcement {
            held,
            terms: &self.terms,
            seller: &self.seller,
            buyer: &self.buyer,
            achievement: &self.achievement,
            assets: &self.assets,
            attachments: &self.attachments,
            rules,
            policy,
            calendar,
        }
    }
}

/// The offer that is agreed on.
pub async fn agreed(tx: &Tx, held: &negotiation::Model) -> Result<negotiation_offer::Model, Problem> {
    numbered(tx, held, held.agreed_offer).await
}

/// The offer that the notice tells of, whatever was agreed on since.
pub async fn noticed(tx: &Tx, held: &negotiation::Model) -> Result<negotiation_offer::Model, Problem> {
    numbered(tx, held, held.noticed_offer).await
}

async fn numbered(tx: &Tx, held: &negotiation::Model, number: Option<i64>) -> Result<negotiation_offer::Model, Problem> {
    store::offer(tx.conn(), held.id, number.ok_or(Code::Internal)?).await?.ok_or_else(|| Code::Internal.into())
}

/// The rules a negotiation was announced under.
pub fn announced(held: &negotiation::Model) -> Result<Snapshot, Problem> {
    let kept = held.rules.clone().ok_or(Code::Internal)?;
    serde_json::from_value(kept).map_err(|_| Code::Internal.into())
}

/// The rules a negotiation follows: those it was decided under, or before that those of today.
pub fn followed(house: &House, held: &negotiation::Model, now: Timestamp) -> Result<Snapshot, Problem> {
    if held.rules.is_some() {
        return announced(held);
    }
    Ok(house.rulebook.current().rulebook.snapshot(held.seller_class, shanghai_date(now)))
}
