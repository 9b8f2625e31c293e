//! What there is about everything that is announced, whatever it is: its notices, what was objected to, the rows of the trail.

use std::collections::HashMap;

use entity::ids::{LotId, NoticeId, OrganisationId, PersonId};
use entity::notices::{notice, notice_proposal, unit_notice};
use entity::objections::objection;
use uuid::Uuid;

use crate::audit;
use crate::evidence::rules::FORMAT;
use crate::evidence::views::{
    Evidence, EvidenceDeed, EvidenceNotice, EvidenceProposal, EvidenceTrail, EvidenceUnitNotice, EvidenceVersion, Sides,
};
use crate::house::House;
use crate::notices;
use crate::notices::rules::Matter;
use crate::objections;
use crate::objections::views::ObjectionView;
use crate::platform;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::keys::hex;
use crate::platform::problem::Problem;

/// It, as it was found.
pub(super) struct Gathered {
    /// Where the trail ended before anything was read, so that no row in the file comes after it.
    trail: (i64, Vec<u8>),
    notices: Vec<notice::Model>,
    proposals: Vec<notice_proposal::Model>,
    unit_notices: Vec<unit_notice::Model>,
    objections: Vec<objection::Model>,
    /// What rows of the trail are looked for about.
    pub things: Vec<Uuid>,
    /// Who asked or objected, with what.
    pub outsiders: Vec<(Uuid, PersonId)>,
}

impl Gathered {
    /// Of something.
    pub async fn about(house: &House, matter: Matter) -> Result<Self, Problem> {
        let db = house.db.read_long();
        let (position, hash) = platform::audit::head(db).await?;
        let notices = notices::store::published_of(db, matter).await?;
        let proposals = notices::store::proposals_about(db, notices.iter().map(|row| row.id).collect()).await?;
        let unit_notices = notices::store::unit_notices(db, notices.iter().map(|row| row.id).collect()).await?;
        let objections = objections::store::all_about(db, matter).await?;
        let things = notices.iter().map(|row| Uuid::from(row.id)).chain(proposals.iter().map(|row| row.id.into()));
        let things = things.chain(objections.iter().map(|row| row.id.into())).collect();
        let outsiders = objections.iter().map(|row| (row.id.into(), row.objector)).collect();
        Ok(Self { trail: (position, hash), notices, proposals, unit_notices, objections, things, outsiders })
    }

    /// The evidence, without what belongs to one kind of matter only.
    pub async fn told<P: Permission>(
        self,
        house: &House,
        by: &Context,
        permit: &Permit<P>,
        seller: OrganisationId,
        lots: &[LotId],
    ) -> Result<Evidence, Problem> {
        let now = house.world.now();
        let deeds = audit::store::changes_of(house.db.read_long(), &self.things, lots).await?;
        let sides = Sides { seller, outsiders: self.outsiders.into_iter().collect() };
        let (position, hash) = self.trail;
        Ok(Evidence {
            format: FORMAT.to_owned(),
            made_at: now,
            listing: None,
            negotiation: None,
            rights_grant: None,
            open_licence: None,
            steps: Vec::new(),
            notices: told(house, by, permit, self.notices, (&self.proposals, &self.unit_notices)).await?,
            objections: self.objections.iter().map(|row| ObjectionView::of(row, now)).collect(),
            questions: Vec::new(),
            amendments: Vec::new(),
            lots: Vec::new(),
            deals: Vec::new(),
            deeds: deeds.iter().filter(|row| row.position <= Some(position)).map(|row| EvidenceDeed::of(row, &sides)).collect(),
            trail: EvidenceTrail { position, sha256: hex(&hash) },
        })
    }
}

/// The notices with all their texts, what was proposed about each, and what of it stood in the unit's own place.
async fn told<P: Permission>(
    house: &House,
    by: &Context,
    permit: &Permit<P>,
    rows: Vec<notice::Model>,
    (proposals, unit_notices): (&[notice_proposal::Model], &[unit_notice::Model]),
) -> Result<Vec<EvidenceNotice>, Problem> {
    let mut of_each: HashMap<NoticeId, Vec<EvidenceProposal>> = HashMap::new();
    for proposal in proposals {
        of_each.entry(proposal.notice_id).or_default().push(proposal.into());
    }
    let mut beside: HashMap<NoticeId, Vec<EvidenceUnitNotice>> = HashMap::new();
    for shown in unit_notices {
        beside.entry(shown.notice_id).or_default().push(EvidenceUnitNotice::of(shown)?);
    }
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        // As many versions as it has now: what is published meanwhile is in the next file.
        let notice = notices::flows::read(house, by, permit, row.id).await?.notice;
        let mut versions = Vec::new();
        for version in 1..=notice.version {
            let text = notices::flows::version(house, by, permit, row.id, version).await?;
            let published_by = publisher_of(&row, version, proposals);
            versions.push(EvidenceVersion { summary: text.summary, published_by, content_text: text.content_text });
        }
        let proposals = of_each.remove(&row.id).unwrap_or_default();
        found.push(EvidenceNotice { notice, versions, proposals, unit_notices: beside.remove(&row.id).unwrap_or_default() });
    }
    Ok(found)
}

/// Who published a version of a notice: the first with the notice, a later one by what made it.
fn publisher_of(of: &notice::Model, version: i64, proposals: &[notice_proposal::Model]) -> Option<PersonId> {
    if version == 1 {
        return of.published_by;
    }
    let made_it = |made: &&notice_proposal::Model| made.notice_id == of.id && made.made_version == Some(version);
    proposals.iter().find(made_it).and_then(|made| made.decided_by)
}
