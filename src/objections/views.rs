//! What is said about objections, and what is asked for.

use chrono::{DateTime, Utc};
use entity::ids::{DocumentId, ListingId, NegotiationId, NoticeId, ObjectionId, OpenLicenceId, OrganisationId, PersonId, RightsGrantId};
use entity::objections::{ObjectionGround, ObjectionOutcome, ObjectionState, objection};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{Words, holds_up};
use crate::documents::views::DocumentRef;
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Problem};

/// An objection to hand in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewObjection {
    /// What is objected to.
    pub ground: ObjectionGround,
    /// What is wrong, and what shows it. The organisation concerned and officers read it; the public does not.
    #[schema(min_length = 1, max_length = 5000, example = "本人为该成果完成人之一，公示的完成人名单有遗漏。")]
    pub statement: String,
    /// Documents that show it: of the organisation acted for, or where somebody acts for none his own.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub evidence: Vec<DocumentId>,
}

/// A decision about an objection.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectionDecision {
    /// What is decided.
    pub outcome: ObjectionOutcome,
    /// Why; published.
    #[schema(min_length = 1, max_length = 5000, example = "经查，完成人名单与登记材料一致。")]
    pub reasons: String,
}

/// Why an objection is to be looked at again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewRequest {
    /// What was not seen.
    #[schema(min_length = 1, max_length = 5000, example = "登记材料在提交之后有变更，见附件。")]
    pub statement: String,
}

/// How an objection was put right.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// What was done; published.
    #[schema(min_length = 1, max_length = 5000, example = "已补正完成人名单并重新公示。")]
    pub settlement: String,
    /// Whether what it is about ends for it, so that unsigned deals lapse and signed ones are rescinded by nobody's fault.
    #[serde(default)]
    pub ends: bool,
}

/// An objection (异议). Who objects, what he wrote and what shows it are told to himself, the organisation concerned and officers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObjectionView {
    /// Id.
    pub id: ObjectionId,
    /// The notice it is to.
    pub notice_id: NoticeId,
    /// The version of the notice that was objected to.
    #[schema(minimum = 1)]
    pub notice_version: i64,
    /// The listing it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listing_id: Option<ListingId>,
    /// The sale at a negotiated price it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// The grant of rights it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rights_grant_id: Option<RightsGrantId>,
    /// The open licence it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_licence_id: Option<OpenLicenceId>,
    /// The organisation whose notice it is.
    pub organisation_id: OrganisationId,
    /// What is objected to.
    pub ground: ObjectionGround,
    /// Where it stands.
    pub state: ObjectionState,
    /// Whether the procedure it is about waits for it.
    pub holds_up: bool,
    /// By when the next step is due: to accept it, to decide it, to ask for a review, or to decide that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// Whether the next step is late.
    pub overdue: bool,
    /// What was decided first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<ObjectionOutcome>,
    /// Why it was decided so, or not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasons: Option<String>,
    /// What was decided in the review; that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_outcome: Option<ObjectionOutcome>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_reasons: Option<String>,
    /// Whether what it was about ended for it.
    pub ends: bool,
    /// How what it was right about was put right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settlement: Option<String>,
    /// When it was handed in.
    pub submitted_at: DateTime<Utc>,
    /// When it was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it was decided first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// When nothing more was to be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was put right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_at: Option<DateTime<Utc>>,
    /// Who objects, what he wrote and what shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inside: Option<ObjectionInside>,
    /// What the caller may do to it now, as operation ids; told where a single objection is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["accept_objection"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// What of an objection is not public.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ObjectionInside {
    /// Who objects.
    pub objector: PersonId,
    /// His name.
    pub objector_name: String,
    /// For which organisation, if for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub objector_organisation_id: Option<OrganisationId>,
    /// What he wrote.
    pub statement: String,
    /// Why he asks for a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_statement: Option<String>,
    /// The documents that show it, with the hashes they had.
    pub evidence: Vec<DocumentRef>,
    /// The officer who last decided about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<PersonId>,
}

/// An objection as whoever handed it in is told of it with his data.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnObjection {
    /// The objection.
    pub objection_id: ObjectionId,
    /// The notice it is to.
    pub notice_id: NoticeId,
    /// When it was handed in.
    pub submitted_at: DateTime<Utc>,
    /// What he wrote.
    pub statement: String,
    /// Why he asked for a review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_statement: Option<String>,
    /// The documents he handed in with it.
    pub evidence: Vec<DocumentRef>,
}

impl ObjectionInside {
    /// Of an objection, opened.
    pub fn of(row: &objection::Model, words: Words, objector_name: String) -> Result<Self, Problem> {
        Ok(Self {
            objector: row.objector,
            objector_name,
            objector_organisation_id: row.objector_organisation_id,
            statement: words.statement,
            review_statement: words.review_statement,
            evidence: serde_json::from_value(row.evidence.clone()).map_err(|_| Code::Internal)?,
            handler: row.handler,
        })
    }
}

impl ObjectionView {
    /// As the public sees it.
    pub fn of(row: &objection::Model, now: DateTime<Utc>) -> Self {
        Self {
            id: row.id,
            notice_id: row.notice_id,
            notice_version: row.notice_version,
            listing_id: row.listing_id,
            negotiation_id: row.negotiation_id,
            rights_grant_id: row.rights_grant_id,
            open_licence_id: row.open_licence_id,
            organisation_id: row.organisation_id,
            ground: row.ground,
            state: row.state,
            holds_up: holds_up(row),
            due_at: row.due_at,
            overdue: row.state != ObjectionState::Decided && row.due_at.is_some_and(|due_at| due_at <= now),
            outcome: row.outcome,
            reasons: row.reasons.clone(),
            review_outcome: row.review_outcome,
            review_reasons: row.review_reasons.clone(),
            ends: row.ends,
            settlement: row.settlement.clone(),
            submitted_at: row.submitted_at,
            accepted_at: row.accepted_at,
            decided_at: row.decided_at,
            closed_at: row.closed_at,
            settled_at: row.settled_at,
            inside: None,
            allowed_deeds: None,
            version: row.version,
        }
    }
}

impl Tagged for ObjectionView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
