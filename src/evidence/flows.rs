//! Gathering evidence.

use std::collections::HashMap;

use entity::ids::{ListingId, NoticeId};
use entity::listings::listing;
use entity::notices::{notice, notice_proposal};
use uuid::Uuid;

use super::http::ReadListingEvidence;
use super::rules::{FORMAT, signed, stated};
use super::views::{
    Evidence, EvidenceDeed, EvidenceFile, EvidenceListing, EvidenceLot, EvidenceNotice, EvidenceProposal, EvidenceTrail, EvidenceVersion,
    Sides,
};
use crate::auctions;
use crate::audit;
use crate::deals;
use crate::house::House;
use crate::listings;
use crate::notices;
use crate::objections;
use crate::objections::views::ObjectionView;
use crate::platform;
use crate::platform::access::{Context, Permit};
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
    let evidence = gathered(house, by, permit, &found).await?;
    let made_at = evidence.made_at;
    let content = serde_json::to_value(evidence).map_err(|_| Code::Internal)?;
    let statement = stated(id, made_at, &content);
    let jws = signed(&statement, house.keys.receipts());
    Ok(EvidenceFile { content, statement, jws })
}

async fn gathered(house: &House, by: &Context, permit: &Permit<ReadListingEvidence>, about: &listing::Model) -> Result<Evidence, Problem> {
    let (db, now) = (house.db.read_long(), house.world.now());
    // Where the trail ends is read first, so that no row in the file comes after it.
    let (position, hash) = platform::audit::head(db).await?;
    let rows = notices::store::published_of(db, about.id).await?;
    let proposals = notices::store::proposals_about(db, rows.iter().map(|row| row.id).collect()).await?;
    let objections = objections::store::all_about(db, about.id).await?;
    let questions = questions::store::published_about(db, about.id).await?;
    let deals = deals::store::of_listing(db, about.id).await?;
    let things: Vec<Uuid> = [about.id.into()]
        .into_iter()
        .chain(rows.iter().map(|row| row.id.into()))
        .chain(proposals.iter().map(|row| row.id.into()))
        .chain(objections.iter().map(|row| row.id.into()))
        .chain(questions.iter().map(|row| row.id.into()))
        .chain(deals.iter().map(|row| row.id.into()))
        .collect();
    let deeds = audit::store::changes_of(db, &things, about.lot_id).await?;
    let objected = objections.iter().map(|row| (row.id.into(), row.objector));
    let outsiders = objected.chain(questions.iter().map(|row| (row.id.into(), row.asker))).collect();
    let sides = Sides { seller: about.organisation_id, outsiders };
    let lot = match about.lot_id {
        Some(lot) => auctions::store::lot(db, lot).await?,
        None => None,
    };
    Ok(Evidence {
        format: FORMAT.to_owned(),
        made_at: now,
        listing: EvidenceListing::from(about),
        steps: listings::flows::timeline(house, by, permit, about.id).await?.steps,
        notices: told(house, by, permit, rows, &proposals).await?,
        objections: objections.iter().map(|row| ObjectionView::of(row, now)).collect(),
        questions: questions.iter().map(|row| questions::flows::public(row, now)).collect::<Result<_, _>>()?,
        lot: lot.map(|lot| EvidenceLot { id: lot.id, entries: lot.seq, head_sha256: hex(&lot.head_hash) }),
        deals: deals.iter().map(Into::into).collect(),
        deeds: deeds.iter().filter(|row| row.position <= Some(position)).map(|row| EvidenceDeed::of(row, &sides)).collect(),
        trail: EvidenceTrail { position, sha256: hex(&hash) },
    })
}

/// The notices with all their texts and what was proposed about each.
async fn told(
    house: &House,
    by: &Context,
    permit: &Permit<ReadListingEvidence>,
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
