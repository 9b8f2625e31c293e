//! Relations, restrictions and export papers: how they come to be, and how they end.

use chrono::NaiveDate;
use entity::Timestamp;
use entity::gates::{ExportPaperKind, ExportPaperState, export_paper, organisation_relation, restriction};
use entity::ids::{ExportPaperId, ListingId, OrganisationId, OrganisationRelationId, PersonId, RestrictionId};
use serde_json::Value;

use super::declared::{NewExportPaper, NewRelation, NewRestriction, reason};
use crate::platform::problem::{Code, Problem};

/// A relation as it is declared.
pub fn related(
    id: OrganisationRelationId,
    of: OrganisationId,
    new: &NewRelation,
    by: PersonId,
    at: Timestamp,
) -> organisation_relation::Model {
    organisation_relation::Model {
        id,
        organisation_id: of,
        other_organisation_id: new.organisation_id,
        kind: new.kind,
        share_bp: new.share_bp,
        declared_by: by,
        declared_at: at,
        ended_by: None,
        ended_at: None,
        end_reason: None,
        version: 1,
    }
}

/// A relation that is one no more, as an officer finds: whoever declared it does not take it back alone.
pub fn unrelated(
    held: &organisation_relation::Model,
    by: PersonId,
    why: &str,
    at: Timestamp,
) -> Result<organisation_relation::Model, Problem> {
    if held.ended_at.is_some() {
        return Err(ended());
    }
    reason(why)?;
    let ended = organisation_relation::Model { ended_by: Some(by), ended_at: Some(at), end_reason: Some(why.to_owned()), ..held.clone() };
    Ok(organisation_relation::Model { version: held.version + 1, ..ended })
}

/// A restriction as it is entered.
pub fn restricted(id: RestrictionId, of: OrganisationId, new: NewRestriction, by: PersonId, at: Timestamp) -> restriction::Model {
    restriction::Model {
        id,
        organisation_id: of,
        scope: new.scope,
        source_number: new.source_number,
        from_day: new.from_day,
        until_day: new.until_day,
        entered_by: by,
        entered_at: at,
        lifted_by: None,
        lifted_at: None,
        lift_reason: None,
        version: 1,
    }
}

/// A restriction that was lifted.
pub fn lifted(held: &restriction::Model, by: PersonId, why: &str, at: Timestamp) -> Result<restriction::Model, Problem> {
    if held.lifted_at.is_some() {
        return Err(ended());
    }
    reason(why)?;
    let lifted = restriction::Model { lifted_by: Some(by), lifted_at: Some(at), lift_reason: Some(why.to_owned()), ..held.clone() };
    Ok(restriction::Model { version: held.version + 1, ..lifted })
}

/// Whose a paper is: the listing it is for, and the organisation that hands it in.
#[derive(Clone, Copy, Debug)]
pub struct PaperOf {
    /// The listing.
    pub listing: ListingId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// Who hands it in.
    pub by: PersonId,
}

/// A paper as it is handed in, with the document as it was then.
pub fn handed_in(id: ExportPaperId, of: PaperOf, new: NewExportPaper, document: Value, at: Timestamp) -> export_paper::Model {
    export_paper::Model {
        id,
        listing_id: of.listing,
        organisation_id: of.organisation,
        kind: new.kind,
        number: new.number,
        valid_until: new.valid_until,
        document,
        state: ExportPaperState::HandedIn,
        reason: None,
        handed_in_by: of.by,
        handed_in_at: at,
        decided_by: None,
        decided_at: None,
        version: 1,
    }
}

/// A paper an officer looked at; nobody looks at his own.
pub fn decided(held: &export_paper::Model, by: PersonId, verified: bool, why: &str, at: Timestamp) -> Result<export_paper::Model, Problem> {
    if held.state != ExportPaperState::HandedIn {
        return Err(Code::WrongState.with("state", held.state).with("allowed", Vec::<&str>::new()));
    }
    if held.handed_in_by == by {
        return Err(Code::SamePerson.into());
    }
    reason(why)?;
    let state = if verified { ExportPaperState::Verified } else { ExportPaperState::Refused };
    let decided = export_paper::Model { state, reason: Some(why.to_owned()), decided_by: Some(by), decided_at: Some(at), ..held.clone() };
    Ok(export_paper::Model { version: held.version + 1, ..decided })
}

/// Whether a paper of a kind was verified and is valid on a day.
pub fn has_paper(papers: &[export_paper::Model], kind: ExportPaperKind, on: NaiveDate) -> bool {
    papers.iter().any(|paper| paper.kind == kind && paper.state == ExportPaperState::Verified && on <= paper.valid_until)
}

fn ended() -> Problem {
    Code::WrongState.with("state", "ended").with("allowed", Vec::<&str>::new())
}
