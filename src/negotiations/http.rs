//! Sales at a negotiated price over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{NegotiationId, OrganisationId};
use entity::negotiations::{NegotiationState, negotiation};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::store::{self, Wanted};
use super::views::{Acceptance, NegotiationDetail, NegotiationView, NewConfirmation, NewNegotiation, NewOffer, SellerDecision};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::notices::rules::both_places::NewUnitNotice;
use crate::notices::views::NewPublication;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};
use crate::platform::problem::Code;
use crate::rulebook::dates::calendar_file;
use crate::rulebook::rules::Timeline;

/// Who negotiates for a party.
const NEGOTIATORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
/// Who decides for the seller.
const DECIDERS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Signatory];
/// Who confirms for a party.
const SIGNATORY: &[OrgRole] = &[OrgRole::Signatory];
const PUBLISHER: &[StaffRole] = &[StaffRole::Publisher];
/// Which officers end one.
const KEEPERS: &[StaffRole] = &[StaffRole::Reviewer, StaffRole::Publisher];

operations! {
    /// Begin a sale at a negotiated price.
    StartNegotiation = Operation::deed("start_negotiation", &[Allow::own(NEGOTIATORS)]).refuses(&[
        Code::OrganisationNotVerified,
        Code::DeclarationMissing,
        Code::SandboxOnly,
        Code::MechanismNotAllowed,
        Code::DocumentUnusable,
        Code::OutsideRule,
        Code::ListingNotReady,
        Code::StatusForbids,
        Code::AssetHeld,
        Code::LicenceConflict,
    ]);
    /// List sales at a negotiated price.
    ListNegotiations = Operation::question("list_negotiations", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::DealsRead)
        .with_query();
    /// Read a sale at a negotiated price.
    ReadNegotiation = Operation::question("read_negotiation", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::DealsRead);
    /// Read the timeline of a sale at a negotiated price.
    ReadNegotiationTimeline =
        Operation::question("read_negotiation_timeline", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::DealsRead);
    /// Read the coming dates of a sale at a negotiated price.
    ReadNegotiationCalendar =
        Operation::question("read_negotiation_calendar", &[Allow::party(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::DealsRead);
    /// Make an offer.
    MakeOffer = Operation::deed("make_offer", &[Allow::party(NEGOTIATORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::OutsideRule, Code::TooManyOffers]);
    /// Accept an offer.
    AcceptOffer = Operation::deed("accept_offer", &[Allow::party(NEGOTIATORS)]).on_version_if_sent().refuses(&[
        Code::WrongState,
        Code::OfferNotOpen,
        Code::SamePerson,
        Code::OrganisationNotVerified,
        Code::ListingNotReady,
        Code::StatusForbids,
        Code::AssetHeld,
        Code::LicenceConflict,
    ]);
    /// Decide for the seller on what was agreed.
    DecideNegotiation = Operation::deed("decide_negotiation", &[Allow::own(DECIDERS)])
        .on_version_if_sent()
        .second_person("nobody who made or accepted the offer, where the rules want so")
        .refuses(&[
            Code::WrongState,
            Code::SamePerson,
            Code::OrganisationNotVerified,
            Code::DeclarationMissing,
            Code::DocumentUnusable,
            Code::ListingNotReady,
            Code::StatusForbids,
            Code::AssetHeld,
            Code::LicenceConflict,
        ]);
    /// Publish the notice of a negotiated price.
    PublishNegotiation = Operation::deed("publish_negotiation", &[Allow::staff(PUBLISHER)])
        .on_version_if_sent()
        .second_person("nobody who has a place with a party")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest, Code::OrganisationNotVerified]);
    /// Show that the seller's own notice stands.
    ShowUnitNotice = Operation::deed("show_unit_notice", &[Allow::own(NEGOTIATORS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::DocumentUnusable]);
    /// Confirm a sale at a negotiated price.
    ConfirmNegotiation = Operation::deed("confirm_negotiation", &[Allow::party(SIGNATORY)]).with_step_up().on_version_if_sent().refuses(&[
        Code::WrongState,
        Code::AlreadySigned,
        Code::SamePerson,
        Code::NoticeNotOver,
        Code::OrganisationNotVerified,
        Code::ListingNotReady,
        Code::StatusForbids,
        Code::AssetHeld,
        Code::LicenceConflict,
    ]);
    /// Publish the result of a sale at a negotiated price.
    PublishNegotiationResult = Operation::deed("publish_negotiation_result", &[Allow::staff(PUBLISHER)])
        .on_version_if_sent()
        .second_person("nobody who confirmed it or has a place with a party")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
    /// Withdraw from a sale at a negotiated price.
    WithdrawNegotiation = Operation::deed("withdraw_negotiation", &[Allow::party(NEGOTIATORS), Allow::staff(KEEPERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ConflictOfInterest]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(start_negotiation)
        .service(list_negotiations)
        .service(read_negotiation)
        .service(read_negotiation_timeline)
        .service(read_negotiation_calendar)
        .service(make_offer)
        .service(accept_offer)
        .service(decide_negotiation)
        .service(publish_negotiation)
        .service(show_unit_notice)
        .service(confirm_negotiation)
        .service(publish_negotiation_result)
        .service(withdraw_negotiation);
}

impl Thing for negotiation::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn parties(&self) -> Vec<OrganisationId> {
        vec![self.buyer_organisation_id]
    }
}

paged! {
    /// Which sales at a negotiated price.
    pub struct NegotiationQuery {
        /// Only in this state.
        pub state: Option<NegotiationState>,
    }
}

/// Begin a sale at a negotiated price
///
/// By the seller, with one buyer and a first offer (协议定价). What is agreed on binds nobody before its notice has stood for the period
/// of the rule `negotiated_notice_period` (ZJ-TTR art. 17). A price may be negotiated by those classes of sellers that the rule
/// `negotiated_pricing_allowed` names.
#[utoipa::path(tag = "negotiations", request_body = NewNegotiation, responses((status = 201, description = "Begun", body = NegotiationDetail)))]
#[post("/v1/negotiations")]
pub async fn start_negotiation(house: Data<House>, call: Call<StartNegotiation, Json<NewNegotiation>>) -> Answer {
    let done = flows::start(&house, &call.context, call.permit, call.body.0).await?;
    let id = done.value.id;
    let view = flows::told(&house, &call.context, &done.value).await?;
    let done = Done { value: (), replayed: done.replayed };
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/negotiations/{id}"), |()| view))
}

/// List sales at a negotiated price
///
/// Those the caller's organisation is a party to, newest first; all of them for officers.
#[utoipa::path(tag = "negotiations", params(NegotiationQuery), responses((status = 200, description = "A page", body = Page<NegotiationView>)))]
#[get("/v1/negotiations")]
pub async fn list_negotiations(house: Data<House>, call: Call<ListNegotiations>, query: Query<NegotiationQuery>) -> Answer {
    let query = query.into_inner();
    let wanted = Wanted { party: None, state: query.state };
    Ok(answer::page(&house, flows::list(&house, &call.context, wanted, &query.page()).await?))
}

/// Read a sale at a negotiated price
///
/// For its parties and for officers: every offer beside the one before, what is waited for, and what the caller may do. The public reads
/// its notices.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), responses((status = 200, description = "The negotiation", body = NegotiationDetail)))]
#[get("/v1/negotiations/{id}")]
pub async fn read_negotiation(house: Data<House>, call: Call<ReadNegotiation>, id: Path<NegotiationId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Read the timeline of a sale at a negotiated price
///
/// What happened, what comes next and by when (时间线), each step with the rule its date follows: until when the last offer stands, when the
/// notice is over in both places, by when each objection is decided, from when on the parties may confirm, and the result. Before the notice
/// is published its dates are reckoned as if it were now.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), responses((status = 200, description = "The timeline", body = Timeline)))]
#[get("/v1/negotiations/{id}/timeline")]
pub async fn read_negotiation_timeline(house: Data<House>, call: Call<ReadNegotiationTimeline>, id: Path<NegotiationId>) -> Answer {
    Ok(answer::listed(&flows::timeline(&house, &call.permit, *id).await?))
}

/// Read the coming dates of a sale at a negotiated price
///
/// The steps of its timeline that come at a known time, as a file for calendars (iCalendar, RFC 5545).
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), responses((status = 200, description = "The file", content(("text/calendar")))))]
#[get("/v1/negotiations/{id}/timeline.ics")]
pub async fn read_negotiation_calendar(house: Data<House>, call: Call<ReadNegotiationCalendar>, id: Path<NegotiationId>) -> Answer {
    let told = flows::timeline(&house, &call.permit, *id).await?;
    let title = store::find(house.db.read(), *id).await?.ok_or(Code::NotFound)?.title;
    Ok(answer::calendar(&calendar_file(&told, &title, &id.to_string())))
}

/// Make an offer
///
/// By either party (要约、反要约); it takes the place of the last one. What was agreed on stands until another offer is accepted.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), request_body = NewOffer, responses((status = 200, description = "Made", body = NegotiationDetail)))]
#[post("/v1/negotiations/{id}/offers")]
pub async fn make_offer(house: Data<House>, call: Call<MakeOffer, Json<NewOffer>>, id: Path<NegotiationId>) -> Answer {
    let done = flows::make_offer(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Accept an offer
///
/// The other party's last one, by the hash of its text (承诺). Rights that pass alone are held from now on. Once a notice was published,
/// it is a material correction: the seller decides anew, the notice gets a further version, its period begins again, and what
/// was confirmed is void.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), request_body = Acceptance, responses((status = 200, description = "Accepted", body = NegotiationDetail)))]
#[post("/v1/negotiations/{id}/accept")]
pub async fn accept_offer(house: Data<House>, call: Call<AcceptOffer, Json<Acceptance>>, id: Path<NegotiationId>) -> Answer {
    let done = flows::accept(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Decide for the seller on what was agreed
///
/// By an owner or signatory of the seller (单位决策). The text of the notice is drawn up from the facts and frozen for whoever publishes it.
/// A price below the base price needs a document by the rule `negotiated_decision_below`.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), request_body = SellerDecision, responses((status = 200, description = "Decided", body = NegotiationDetail)))]
#[post("/v1/negotiations/{id}/decide")]
pub async fn decide_negotiation(
    house: Data<House>,
    call: Call<DecideNegotiation, Json<SellerDecision>>,
    id: Path<NegotiationId>,
) -> Answer {
    let done = flows::decide(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Publish the notice of a negotiated price
///
/// By an officer who read its text, and names its hash (协议定价公示). It runs for the period of the rule `negotiated_notice_period`; anybody may object.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), request_body = NewPublication, responses((status = 200, description = "Published", body = NegotiationDetail)))]
#[post("/v1/negotiations/{id}/publish")]
pub async fn publish_negotiation(
    house: Data<House>,
    call: Call<PublishNegotiation, Json<NewPublication>>,
    id: Path<NegotiationId>,
) -> Answer {
    let done = flows::publish(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Show that the seller's own notice stands
///
/// Where and since when, with a file that shows it (本单位公示). It has to stand for as long as the platform's own, by the rule
/// `negotiated_unit_notice`. What is shown again takes the place of what was.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), request_body = NewUnitNotice, responses((status = 200, description = "Shown", body = NegotiationDetail)))]
#[post("/v1/negotiations/{id}/unit-notice")]
pub async fn show_unit_notice(house: Data<House>, call: Call<ShowUnitNotice, Json<NewUnitNotice>>, id: Path<NegotiationId>) -> Answer {
    let done = flows::show_unit_notice(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Confirm a sale at a negotiated price
///
/// By a signatory of each party, once the notice is over in both places and no objection is open (确认成交). With the second
/// confirmation the notice of the result drafts itself.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), request_body = NewConfirmation, responses((status = 200, description = "Confirmed", body = NegotiationDetail)))]
#[post("/v1/negotiations/{id}/confirm")]
pub async fn confirm_negotiation(
    house: Data<House>,
    call: Call<ConfirmNegotiation, Json<NewConfirmation>>,
    id: Path<NegotiationId>,
) -> Answer {
    let done = flows::confirm(&house, &call.context, call.permit, *id, call.body.0).await?;
    moved(&house, &call.context, done).await
}

/// Publish the result of a sale at a negotiated price
///
/// Puts the drafted notice of the result (成交公示) out for the period of the rules.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), responses((status = 200, description = "Published", body = NegotiationDetail)))]
#[post("/v1/negotiations/{id}/publish-result")]
pub async fn publish_negotiation_result(house: Data<House>, call: Call<PublishNegotiationResult>, id: Path<NegotiationId>) -> Answer {
    let done = flows::publish_result(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

/// Withdraw from a sale at a negotiated price
///
/// By either party before both have confirmed, or by an officer, with a reason (终止). Its rights are free again; a public notice is
/// withdrawn with it, and says why.
#[utoipa::path(tag = "negotiations", params(("id" = Uuid, Path, description = "The negotiation")), request_body = Reason, responses((status = 200, description = "Ended", body = NegotiationDetail)))]
#[post("/v1/negotiations/{id}/withdraw")]
pub async fn withdraw_negotiation(house: Data<House>, call: Call<WithdrawNegotiation, Json<Reason>>, id: Path<NegotiationId>) -> Answer {
    let done = flows::withdraw(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<negotiation::Model>) -> Answer {
    let view = flows::told(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
