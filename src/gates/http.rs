//! What organisations and officers declare for the gates, over HTTP. The gates of a listing are its own room's.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::gates::{export_paper, organisation_relation, restriction};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{ExportPaperId, ListingId, OrganisationId, OrganisationRelationId, RestrictionId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::rules::declared::{ExportPaperDecision, NewExportPaper, NewOrganisationFacts, NewRelation, NewRestriction};
use super::views::{ExportPaperView, OrganisationFactsView, OrganisationStandingView, RelationView, RestrictionView};
use crate::house::House;
use crate::identity::views::Reason;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;

/// Who declares for an organisation.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
const BUYERS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator, OrgRole::Bidder];
const REVIEWER: &[StaffRole] = &[StaffRole::Reviewer];

operations! {
    /// Declare facts of an organisation.
    DeclareOrganisationFacts = Operation::deed("declare_organisation_facts", &[Allow::own(AUTHORS)]);
    /// Read what is known of an organisation for the gates.
    ReadOrganisationStanding =
        Operation::question("read_organisation_standing", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]);
    /// Declare a relation of two organisations.
    DeclareRelation =
        Operation::deed("declare_relation", &[Allow::own(AUTHORS), Allow::staff(REVIEWER)]).refuses(&[Code::AlreadyDeclared]);
    /// End a relation.
    EndRelation = Operation::deed("end_relation", &[Allow::staff(REVIEWER)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Enter a restriction of an organisation.
    RestrictOrganisation = Operation::deed("restrict_organisation", &[Allow::staff(REVIEWER)]).refuses(&[Code::AlreadyDeclared]);
    /// Lift a restriction.
    LiftRestriction = Operation::deed("lift_restriction", &[Allow::staff(REVIEWER)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Hand in a paper of a technology export.
    HandInExportPaper = Operation::deed("hand_in_export_paper", &[Allow::members(BUYERS)]).refuses(&[Code::DocumentUnusable]);
    /// List papers of technology exports.
    ListExportPapers =
        Operation::question("list_export_papers", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).with_query();
    /// Decide about a paper of a technology export.
    DecideExportPaper =
        Operation::deed("decide_export_paper", &[Allow::staff(REVIEWER)]).on_version_if_sent().refuses(&[Code::WrongState]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(declare_organisation_facts)
        .service(read_organisation_standing)
        .service(declare_relation)
        .service(end_relation)
        .service(restrict_organisation)
        .service(lift_restriction)
        .service(hand_in_export_paper)
        .service(list_export_papers)
        .service(decide_export_paper);
}

impl Thing for organisation_relation::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn parties(&self) -> Vec<OrganisationId> {
        vec![self.other_organisation_id]
    }
}

impl Thing for restriction::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

impl Thing for export_paper::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

paged! {
    /// Which papers.
    pub struct ExportPaperQuery {
        /// Only for this listing.
        pub listing_id: Option<ListingId>,
    }
}

fn standing(of: OrganisationId) -> String {
    format!("/v1/organisations/{of}/standing")
}

/// Declare facts of an organisation
///
/// Where it is established, who owns and controls it, where technical data would go (境外主体声明). The last declaration counts; earlier
/// ones stay. Who represents and controls it and where it is reached is kept as keyed hashes, so that it can be compared with what others
/// declare and read by nobody. A foreign party buys only what is open to foreign parties.
#[utoipa::path(tag = "gates", params(("id" = Uuid, Path, description = "The organisation")), request_body = NewOrganisationFacts, responses((status = 201, description = "Declared", body = OrganisationFactsView)))]
#[post("/v1/organisations/{id}/facts")]
pub async fn declare_organisation_facts(
    house: Data<House>,
    call: Call<DeclareOrganisationFacts, Json<NewOrganisationFacts>>,
    id: Path<OrganisationId>,
) -> Answer {
    let done = flows::declare_facts(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::created(done, call.context.dry_run, |row| standing(row.organisation_id), |row| OrganisationFactsView::from(&row)))
}

/// Read what is known of an organisation for the gates
///
/// What it declares of itself, whether that makes it a foreign party, its relations (关联关系), and from what it is kept for a breach of
/// trust (失信惩戒). For the organisation and officers.
#[utoipa::path(tag = "gates", params(("id" = Uuid, Path, description = "The organisation")), responses((status = 200, description = "What is known", body = OrganisationStandingView)))]
#[get("/v1/organisations/{id}/standing")]
pub async fn read_organisation_standing(house: Data<House>, call: Call<ReadOrganisationStanding>, id: Path<OrganisationId>) -> Answer {
    Ok(answer::listed(&flows::standing(&house, &call.permit, *id).await?))
}

/// Declare a relation of two organisations
///
/// By one of them, or by an officer (关联关系申报): whoever is related to a seller does not register for its lots, nor bid. It counts both ways;
/// a shareholding from the share on that the rules name (`related_share`).
#[utoipa::path(tag = "gates", params(("id" = Uuid, Path, description = "The organisation")), request_body = NewRelation, responses((status = 201, description = "Declared", body = RelationView)))]
#[post("/v1/organisations/{id}/relations")]
pub async fn declare_relation(house: Data<House>, call: Call<DeclareRelation, Json<NewRelation>>, id: Path<OrganisationId>) -> Answer {
    let done = flows::declare_relation(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::created(done, call.context.dry_run, |row| standing(row.organisation_id), RelationView::from))
}

/// End a relation
///
/// By an officer, with the reason: whoever declared it does not take it back alone. Who was kept from a lot by it stays so.
#[utoipa::path(tag = "gates", params(("id" = Uuid, Path, description = "The relation")), request_body = Reason, responses((status = 200, description = "Ended", body = RelationView)))]
#[post("/v1/relations/{id}/end")]
pub async fn end_relation(house: Data<House>, call: Call<EndRelation, Json<Reason>>, id: Path<OrganisationRelationId>) -> Answer {
    let done = flows::end_relation(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(done, RelationView::from))
}

/// Enter a restriction of an organisation
///
/// With the number of the decision it rests on (失信惩戒). Who may not trade neither sells nor buys; other restrictions of a seller are shown to
/// whoever approves its listings, and a person decides.
#[utoipa::path(tag = "gates", params(("id" = Uuid, Path, description = "The organisation")), request_body = NewRestriction, responses((status = 201, description = "Entered", body = RestrictionView)))]
#[post("/v1/organisations/{id}/restrictions")]
pub async fn restrict_organisation(
    house: Data<House>,
    call: Call<RestrictOrganisation, Json<NewRestriction>>,
    id: Path<OrganisationId>,
) -> Answer {
    let done = flows::restrict(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::created(done, call.context.dry_run, |row| standing(row.organisation_id), RestrictionView::from))
}

/// Lift a restriction
///
/// Before its last day, with the reason (解除惩戒).
#[utoipa::path(tag = "gates", params(("id" = Uuid, Path, description = "The restriction")), request_body = Reason, responses((status = 200, description = "Lifted", body = RestrictionView)))]
#[post("/v1/restrictions/{id}/lift")]
pub async fn lift_restriction(house: Data<House>, call: Call<LiftRestriction, Json<Reason>>, id: Path<RestrictionId>) -> Answer {
    let done = flows::lift_restriction(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    Ok(answer::done(done, RestrictionView::from))
}

/// Hand in a paper of a technology export
///
/// By who would buy or has bought (技术出口许可意向书、许可证、合同登记证书). Once an officer has verified the letter of intent a foreign party registers
/// for a listing of restricted technology.
#[utoipa::path(tag = "gates", params(("id" = Uuid, Path, description = "The listing")), request_body = NewExportPaper, responses((status = 201, description = "Handed in", body = ExportPaperView)))]
#[post("/v1/listings/{id}/export-papers")]
pub async fn hand_in_export_paper(house: Data<House>, call: Call<HandInExportPaper, Json<NewExportPaper>>, id: Path<ListingId>) -> Answer {
    let done = flows::hand_in_paper(&house, &call.context, call.permit, *id, call.body.0).await?;
    let place = |_: &export_paper::Model| "/v1/export-papers".to_owned();
    Ok(answer::created(done, call.context.dry_run, place, |row| flows::told(&call.context, row)))
}

/// List papers of technology exports
///
/// Those of the caller's own organisation, newest first; officers read everybody's. Nobody else is told who handed one in.
#[utoipa::path(tag = "gates", params(ExportPaperQuery), responses((status = 200, description = "A page", body = Page<ExportPaperView>)))]
#[get("/v1/export-papers")]
pub async fn list_export_papers(house: Data<House>, call: Call<ListExportPapers>, query: Query<ExportPaperQuery>) -> Answer {
    let query = query.into_inner();
    Ok(answer::page(&house, flows::list_papers(&house, &call.context, &call.permit, query.listing_id, &query.page()).await?))
}

/// Decide about a paper of a technology export
///
/// An officer says whether it is what it claims to be, of this technology and this buyer (核验), with his reason.
#[utoipa::path(tag = "gates", params(("id" = Uuid, Path, description = "The paper")), request_body = ExportPaperDecision, responses((status = 200, description = "Decided", body = ExportPaperView)))]
#[post("/v1/export-papers/{id}/decide")]
pub async fn decide_export_paper(
    house: Data<House>,
    call: Call<DecideExportPaper, Json<ExportPaperDecision>>,
    id: Path<ExportPaperId>,
) -> Answer {
    let done = flows::decide_paper(&house, &call.context, call.permit, *id, call.body.0).await?;
    Ok(answer::done(done, |row| flows::told(&call.context, row)))
}
