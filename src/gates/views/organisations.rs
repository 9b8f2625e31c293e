//! What is said of organisations.

use chrono::{DateTime, NaiveDate, Utc};
use entity::gates::{
    Establishment, ExportPaperKind, ExportPaperState, RelationKind, RestrictionScope, export_paper, organisation_facts,
    organisation_relation, restriction,
};
use entity::ids::{ExportPaperId, ListingId, OrganisationId, OrganisationRelationId, RestrictionId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::documents::views::DocumentRef;
use crate::gates::rules::party::{ForeignSign, is_foreign};
use crate::platform::http::answer::Tagged;

/// What an organisation declares of itself.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganisationFactsView {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Where it is established.
    pub established: Establishment,
    /// Whether foreigners control it.
    pub foreign_control: bool,
    /// The largest share a foreign beneficial owner has, in ten-thousandths.
    #[schema(minimum = 0, maximum = 10_000)]
    pub foreign_beneficial_bp: i32,
    /// Whether technical data would go outside the mainland.
    pub data_leaves: bool,
    /// Which of those that are kept as keyed hashes were given.
    #[schema(max_items = 5, example = json!(["legal_representative", "phone"]))]
    pub compared: Vec<&'static str>,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// Which declaration it is; the last counts.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl From<&organisation_facts::Model> for OrganisationFactsView {
    fn from(row: &organisation_facts::Model) -> Self {
        let given = [
            ("legal_representative", &row.representative),
            ("controller", &row.controller),
            ("address", &row.address),
            ("phone", &row.phone),
            ("bank_account", &row.bank_account),
        ];
        Self {
            organisation_id: row.organisation_id,
            established: row.established,
            foreign_control: row.foreign_control,
            foreign_beneficial_bp: row.foreign_beneficial_bp,
            data_leaves: row.data_leaves,
            compared: given.into_iter().filter(|(_, kept)| kept.is_some()).map(|(name, _)| name).collect(),
            declared_at: row.declared_at,
            version: row.number,
        }
    }
}

impl Tagged for OrganisationFactsView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// A relation of two organisations.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RelationView {
    /// Id.
    pub id: OrganisationRelationId,
    /// The one it was declared of.
    pub organisation_id: OrganisationId,
    /// The other one.
    pub other_organisation_id: OrganisationId,
    /// How they are related.
    pub kind: RelationKind,
    /// The share held, in ten-thousandths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share_bp: Option<i32>,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// When an officer ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl From<organisation_relation::Model> for RelationView {
    fn from(row: organisation_relation::Model) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            other_organisation_id: row.other_organisation_id,
            kind: row.kind,
            share_bp: row.share_bp,
            declared_at: row.declared_at,
            ended_at: row.ended_at,
            end_reason: row.end_reason,
            version: row.version,
        }
    }
}

impl Tagged for RelationView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// From what an organisation is kept for a breach of trust.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RestrictionView {
    /// Id.
    pub id: RestrictionId,
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// From what.
    pub scope: RestrictionScope,
    /// The number of the decision it rests on.
    pub source_number: String,
    /// Its first day, in Shanghai.
    pub from_day: NaiveDate,
    /// Its last day; absent where it is for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until_day: Option<NaiveDate>,
    /// When it was entered.
    pub entered_at: DateTime<Utc>,
    /// When it was lifted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lift_reason: Option<String>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl From<restriction::Model> for RestrictionView {
    fn from(row: restriction::Model) -> Self {
        Self {
            id: row.id,
            organisation_id: row.organisation_id,
            scope: row.scope,
            source_number: row.source_number,
            from_day: row.from_day,
            until_day: row.until_day,
            entered_at: row.entered_at,
            lifted_at: row.lifted_at,
            lift_reason: row.lift_reason,
            version: row.version,
        }
    }
}

impl Tagged for RestrictionView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// What is known of an organisation.
pub struct StandingOf {
    /// Which.
    pub organisation: OrganisationId,
    /// What it last declared of itself.
    pub facts: Option<organisation_facts::Model>,
    /// What of that speaks for a foreign party.
    pub signs: Vec<ForeignSign>,
    /// Its relations.
    pub relations: Vec<organisation_relation::Model>,
    /// From what it is kept.
    pub restrictions: Vec<restriction::Model>,
}

/// All that is known of an organisation for the gates.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrganisationStandingView {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What it last declared of itself; absent where it declared nothing, and counts as domestic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<OrganisationFactsView>,
    /// Whether it is a foreign party (境外主体).
    pub foreign: bool,
    /// What speaks for that; control by foreigners alone does not make one.
    #[schema(max_items = 4)]
    pub foreign_signs: Vec<ForeignSign>,
    /// Its relations, those that ended too.
    #[schema(max_items = 1000)]
    pub relations: Vec<RelationView>,
    /// From what it is or was kept.
    #[schema(max_items = 1000)]
    pub restrictions: Vec<RestrictionView>,
}

impl From<StandingOf> for OrganisationStandingView {
    fn from(of: StandingOf) -> Self {
        Self {
            organisation_id: of.organisation,
            facts: of.facts.as_ref().map(OrganisationFactsView::from),
            foreign: is_foreign(&of.signs),
            foreign_signs: of.signs,
            relations: of.relations.into_iter().map(RelationView::from).collect(),
            restrictions: of.restrictions.into_iter().map(RestrictionView::from).collect(),
        }
    }
}

/// A paper of a technology export.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExportPaperView {
    /// Id.
    pub id: ExportPaperId,
    /// The listing it is for.
    pub listing_id: ListingId,
    /// Who handed it in.
    pub organisation_id: OrganisationId,
    /// Which paper.
    pub kind: ExportPaperKind,
    /// Its number.
    pub number: String,
    /// The last day it is valid.
    pub valid_until: NaiveDate,
    /// The document, as it was then.
    pub document: Option<DocumentRef>,
    /// Where it stands.
    pub state: ExportPaperState,
    /// What the officer found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When it was handed in.
    pub handed_in_at: DateTime<Utc>,
    /// When an officer decided about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["decide_export_paper"]))]
    pub allowed_deeds: Vec<String>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

impl ExportPaperView {
    /// A paper with what the caller may do to it.
    pub fn of(row: export_paper::Model, allowed_deeds: Vec<String>) -> Self {
        Self {
            id: row.id,
            listing_id: row.listing_id,
            organisation_id: row.organisation_id,
            kind: row.kind,
            number: row.number,
            valid_until: row.valid_until,
            document: serde_json::from_value(row.document).ok(),
            state: row.state,
            reason: row.reason,
            handed_in_at: row.handed_in_at,
            decided_at: row.decided_at,
            allowed_deeds,
            version: row.version,
        }
    }
}

impl Tagged for ExportPaperView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
