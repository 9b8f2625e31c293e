//! Where runs of the gates are kept, what was decided about findings, and what they look at.

use entity::gates::{
    GateStage, RestrictionScope, export_paper, gate_acknowledgement, gate_declaration, gate_finding, gate_run, organisation_facts,
    organisation_relation, restriction,
};
use entity::ids::{ExportPaperId, GateRunId, ListingId, OrganisationId, OrganisationRelationId, RestrictionId};
use entity::listings::listing;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::platform::http::PageQuery;
use crate::platform::problem::Problem;

/// How many runs of a listing are told.
const RUNS: u64 = 50;

/// Whether a listing is or was public.
pub async fn is_public(db: &impl ConnectionTrait, id: ListingId) -> Result<bool, DbErr> {
    let published = listing::Entity::find_by_id(id).filter(listing::Column::PublishedAt.is_not_null());
    Ok(published.one(db).await?.is_some())
}

/// What a seller last declared for the gates of a listing.
pub async fn declaration(db: &impl ConnectionTrait, listing: ListingId) -> Result<Option<gate_declaration::Model>, DbErr> {
    gate_declaration::Entity::find()
        .filter(gate_declaration::Column::ListingId.eq(listing))
        .order_by_desc(gate_declaration::Column::Number)
        .limit(1)
        .one(db)
        .await
}

/// The last run for a listing that said how the technology may leave.
pub async fn last_run(db: &impl ConnectionTrait, listing: ListingId) -> Result<Option<gate_run::Model>, DbErr> {
    gate_run::Entity::find()
        .filter(gate_run::Column::ListingId.eq(listing))
        .filter(gate_run::Column::Stage.ne(GateStage::Confirmation))
        .order_by_desc(gate_run::Column::RunAt)
        .order_by_desc(gate_run::Column::Id)
        .limit(1)
        .one(db)
        .await
}

/// The runs for a listing, newest first.
pub async fn runs(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<gate_run::Model>, DbErr> {
    gate_run::Entity::find()
        .filter(gate_run::Column::ListingId.eq(listing))
        .order_by_desc(gate_run::Column::RunAt)
        .order_by_desc(gate_run::Column::Id)
        .limit(RUNS)
        .all(db)
        .await
}

/// What these runs found, in order.
pub async fn findings(db: &impl ConnectionTrait, runs: &[GateRunId]) -> Result<Vec<gate_finding::Model>, DbErr> {
    gate_finding::Entity::find()
        .filter(gate_finding::Column::RunId.is_in(runs.iter().copied()))
        .order_by_asc(gate_finding::Column::RunId)
        .order_by_asc(gate_finding::Column::Number)
        .all(db)
        .await
}

/// What was decided about findings of a listing, in order.
pub async fn acknowledgements(db: &impl ConnectionTrait, listing: ListingId) -> Result<Vec<gate_acknowledgement::Model>, DbErr> {
    gate_acknowledgement::Entity::find()
        .filter(gate_acknowledgement::Column::ListingId.eq(listing))
        .order_by_asc(gate_acknowledgement::Column::DecidedAt)
        .order_by_asc(gate_acknowledgement::Column::Id)
        .all(db)
        .await
}

/// What an organisation last declared of itself.
pub async fn facts(db: &impl ConnectionTrait, organisation: OrganisationId) -> Result<Option<organisation_facts::Model>, DbErr> {
    organisation_facts::Entity::find()
        .filter(organisation_facts::Column::OrganisationId.eq(organisation))
        .order_by_desc(organisation_facts::Column::Number)
        .limit(1)
        .one(db)
        .await
}

/// What others once declared of themselves that is alike what one declares of itself in anything that shows a relation.
pub async fn alike(db: &impl ConnectionTrait, own: &organisation_facts::Model) -> Result<Vec<organisation_facts::Model>, DbErr> {
    use organisation_facts::Column::{Address, BankAccount, Controller, OrganisationId, Phone, Representative};
    let mut alike = Condition::any();
    for (column, value) in [
        (Representative, &own.representative),
        (Controller, &own.controller),
        (Address, &own.address),
        (Phone, &own.phone),
        (BankAccount, &own.bank_account),
    ] {
        if let Some(value) = value {
            alike = alike.add(column.eq(value.clone()));
        }
    }
    if alike.is_empty() {
        return Ok(Vec::new());
    }
    organisation_facts::Entity::find().filter(OrganisationId.ne(own.organisation_id)).filter(alike).all(db).await
}

/// The relations of an organisation, by either side, in order; those that ended too.
pub async fn relations(db: &impl ConnectionTrait, of: OrganisationId) -> Result<Vec<organisation_relation::Model>, DbErr> {
    let either = Condition::any()
        .add(organisation_relation::Column::OrganisationId.eq(of))
        .add(organisation_relation::Column::OtherOrganisationId.eq(of));
    organisation_relation::Entity::find()
        .filter(either)
        .order_by_asc(organisation_relation::Column::DeclaredAt)
        .order_by_asc(organisation_relation::Column::Id)
        .all(db)
        .await
}

/// A relation, held.
pub async fn hold_relation(db: &impl ConnectionTrait, id: OrganisationRelationId) -> Result<Option<organisation_relation::Model>, DbErr> {
    organisation_relation::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The restrictions of organisations, in order; those that ended too.
pub async fn restrictions(db: &impl ConnectionTrait, of: &[OrganisationId]) -> Result<Vec<restriction::Model>, DbErr> {
    restriction::Entity::find()
        .filter(restriction::Column::OrganisationId.is_in(of.iter().copied()))
        .order_by_asc(restriction::Column::EnteredAt)
        .order_by_asc(restriction::Column::Id)
        .all(db)
        .await
}

/// The restrictions of an organisation that keep it from trading and were not lifted.
pub async fn kept_from_trading(db: &impl ConnectionTrait, of: OrganisationId) -> Result<Vec<restriction::Model>, DbErr> {
    restriction::Entity::find()
        .filter(restriction::Column::OrganisationId.eq(of))
        .filter(restriction::Column::Scope.eq(RestrictionScope::Trading))
        .filter(restriction::Column::LiftedAt.is_null())
        .all(db)
        .await
}

/// A restriction, held.
pub async fn hold_restriction(db: &impl ConnectionTrait, id: RestrictionId) -> Result<Option<restriction::Model>, DbErr> {
    restriction::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// A paper, held.
pub async fn hold_paper(db: &impl ConnectionTrait, id: ExportPaperId) -> Result<Option<export_paper::Model>, DbErr> {
    export_paper::Entity::find_by_id(id).lock_exclusive().one(db).await
}

/// The papers an organisation handed in for a listing.
pub async fn papers_for(
    db: &impl ConnectionTrait,
    listing: ListingId,
    organisation: OrganisationId,
) -> Result<Vec<export_paper::Model>, DbErr> {
    export_paper::Entity::find()
        .filter(export_paper::Column::ListingId.eq(listing))
        .filter(export_paper::Column::OrganisationId.eq(organisation))
        .all(db)
        .await
}

/// A page of papers, newest first: an organisation's, or everybody's; for a listing, or for any.
pub async fn papers(
    db: &impl ConnectionTrait,
    organisation: Option<OrganisationId>,
    listing: Option<ListingId>,
    page: &PageQuery,
) -> Result<Vec<export_paper::Model>, Problem> {
    let select = export_paper::Entity::find()
        .apply_if(organisation, |select, id| select.filter(export_paper::Column::OrganisationId.eq(id)))
        .apply_if(listing, |select, id| select.filter(export_paper::Column::ListingId.eq(id)));
    Ok(page.restrict(select, export_paper::Column::HandedInAt, export_paper::Column::Id)?.all(db).await?)
}
