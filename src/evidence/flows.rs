//! Gathering evidence.

use std::collections::HashMap;

use entity::ids::{ListingId, LotId, NegotiationId, NoticeId, OrganisationId};
use entity::listings::listing;
use entity::negotiations::negotiation;
use entity::notices::{notice, notice_proposal};
use uuid::Uuid;

use super::http::{ReadListingEvidence, ReadNegotiationEvidence};
use super::rules::{FORMAT, signed, stated};
use super::views::{
    Evidence, EvidenceDeed, EvidenceFile, EvidenceListing, EvidenceLot, EvidenceNegotiation, EvidenceNotice, EvidenceProposal,
    EvidenceTrail, EvidenceVersion, Sides,
};
use crate::auctions;
use crate::audit;
use crate::deals;
use crate::house::House;
use crate::listings;
use crate::negotiations;
use crate::notices;
use crate::notices::rules::Matter;
use crate::objections;
use crate::objections::views::ObjectionView;
use crate::platform;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};
use crate::questions;

/// The evidence about a listing that was published, signed.
pub async fn file(house: &House, by: &Context, permit: &Permit<ReadListingEvidence>, id: ListingId) -> Result<EvidenceFile, Problem> {
    let found = listings::store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    if found.published_at.is_none() {
        return Err(listings::rules::machine::wrong_state(&found));
    }
    let evidence = of_listing(house, by, permit, &found).await?;
    sealed(house, Matter::Listing(id), evidence)
}

/// The evidence about a sale at a negotiated price that was announced, signed.
pub async fn negotiation_file(
    house: &House,
    by: &Context,
    permit: &Permit<ReadNegotiationEvidence>,
    id: NegotiationId,
) -> Result<EvidenceFile, Problem> {
    let found = negotiations::store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    if found.notice_id.is_none() {
        let allowed = negotiations::rules::machine::allowed(found.state);
        return Err(Code::WrongState.with("state", found.state).with("allowed", allowed));
    }
    let evidence = of_negotiation(house, by, permit, &found).await?;
    sealed(house, Matter::Negotiation(id), evidence)
}

fn sealed(house: &House, about: Matter, evidence: Evidence) -> Result<EvidenceFile, Problem> {
    let made_at = evidence.made_at;
    let content = serde_json::to_value(evidence).map_err(|_| Code::Internal)?;
    let statement = stated(about, made_at, &content);
    let jws = signed(&statement, house.keys.receipts());
    Ok(EvidenceFile { content, statement, jws })
}

async fn of_listing(
    house: &House,
    by: &Context,
    permit: &Permit<ReadListingEvidence>,
    about: &listing::Model,
) -> Result<Evidence, Problem> {
    let db = house.db.read_long();
    let mut found = Gathered::about(house, Matter::Listing(about.id)).await?;
    let questions = questions::store::published_about(db, about.id).await?;
    let deals = deals::store::of_listing(db, about.id).await?;
    found.things.push(about.id.into());
    found.things.extend(questions.iter().map(|row| Uuid::from(row.id)).chain(deals.iter().map(|row| row.id.into())));
    found.outsiders.extend(questions.iter().map(|row| (row.id.into(), row.asker)));
    let lot = match about.lot_id {
        Some(lot) => auctions::store::lot(db, lot).await?,
        None => None,
    };
    let steps = listings::flows::timeline(house, by, permit, about.id).await?.steps;
    let now = house.world.now();
    let evidence = found.told(house, by, permit, about.organisation_id, about.lot_id).await?;
    Ok(Evidence {
        listing: Some(EvidenceListing::from(about)),
        steps,
        questions: questions.iter().map(|row| questions::flows::public(row, now)).collect::<Result<_, _>>()?,
        lot: lot.map(|lot| EvidenceLot { id: lot.id, entries: lot.seq, head_sha256: hex(&lot.head_hash) }),
        deals: deals.iter().map(Into::into).collect(),
        ..evidence
    })
}

async fn of_negotiation(
    house: &House,
    by: &Context,
    permit: &Permit<ReadNegotiationEvidence>,
    about: &negotiation::Model,
) -> Result<Evidence, Problem> {
    let mut found = Gathered::about(house, Matter::Negotiation(about.id)).await?;
    found.things.push(about.id.into());
    let offers = negotiations::store::offers(house.db.read_long(), about.id).await?;
    let evidence = found.told(house, by, permit, about.organisation_id, None).await?;
    Ok(Evidence { negotiation: Some(EvidenceNegotiation::of(about, &offers)?), ..evidence })
}

/// What there is about everything that is announced, whatever it is.
struct Gathered {
    /// Where the trail ended before anything was read, so that no row in the file comes after it.
    trail: (i64, Vec<u8>),
    notices: Vec<notice::Model>,
    proposals: Vec<notice_proposal::Model>,
    objections: Vec<entity::objections::objection::Model>,
    /// What rows of the trail are looked for about.
    things: Vec<Uuid>,
    /// Who asked or objected, with what.
    outsiders: Vec<(Uuid, entity::ids::PersonId)>,
}

impl Gathered {
    async fn about(house: &House, matter: Matter) -> Result<Self, Problem> {
        let db = house.db.read_long();
        let (position, hash) = platform::audit::head(db).await?;
        let notices = notices::store::published_of(db, matter).await?;
        let proposals = notices::store::proposals_about(db, notices.iter().map(|row| row.id).collect()).await?;
        let objections = objections::store::all_about(db, matter).await?;
        let things = notices.iter().map(|row| Uuid::from(row.id)).chain(proposals.iter().map(|row| row.id.into()));
        let things = things.chain(objections.iter().map(|row| row.id.into())).collect();
        let outsiders = objections.iter().map(|row| (row.id.into(), row.objector)).collect();
        Ok(Self { trail: (position, hash), notices, proposals, objections, things, outsiders })
    }

    /// The evidence, without what belongs to one kind of matter only.
    async fn told<P: Permission>(
        self,
        house: &House,
        by: &Context,
        permit: &Permit<P>,
        seller: OrganisationId,
        lot: Option<LotId>,
    ) -> Result<Evidence, Problem> {
        let now = house.world.now();
        let deeds = audit::store::changes_of(house.db.read_long(), &self.things, lot).await?;
        let sides = Sides { seller, outsiders: self.outsiders.into_iter().collect() };
        let (position, hash) = self.trail;
        Ok(Evidence {
            format: FORMAT.to_owned(),
            made_at: now,
            listing: None,
            negotiation: None,
            steps: Vec::new(),
            notices: told(house, by, permit, self.notices, &self.proposals).await?,
            objections: self.objections.iter().map(|row| ObjectionView::of(row, now)).collect(),
            questions: Vec::new(),
            lot: None,
            deals: Vec::new(),
            deeds: deeds.iter().filter(|row| row.position <= Some(position)).map(|row| EvidenceDeed::of(row, &sides)).collect(),
            trail: EvidenceTrail { position, sha256: hex(&hash) },
        })
    }
}

/// The notices with all their texts and what was proposed about each.
async fn told<P: Permission>(
    house: &House,
    by: &Context,
    permit: &Permit<P>,
    rows: Vec<notice::Model>,
    proposals: &[notice_proposal::Model],
) -> Result<Vec<EvidenceNotice>, Problem> {
    let mut of_each: HashMap<NoticeId, Vec<EvidenceProposal>> = HashMap::new();
    for proposal in proposals {
        of_each.entry(proposal.notice_id).or_default().push(proposal.into());
    }
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        // As many versions as it has now: what is published meanwhile is in the next file.
        let notice = notices::flows::read(house, by, permit, row.id).await?.notice;
        let mut versions = Vec::new();
        for version in 1..=notice.version {
            let text = notices::flows::version(house, by, permit, row.id, version).await?;
            versions.push(EvidenceVersion { summary: text.summary, content_text: text.content_text });
        }
        found.push(EvidenceNotice { notice, versions, proposals: of_each.remove(&row.id).unwrap_or_default() });
    }
    Ok(found)
}
