//! Notices over HTTP: for everybody to read.

mod corrections;

use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{ListingId, NegotiationId, NoticeId, OpenLicenceId, OrganisationId, RightsGrantId};
use entity::notices::{NoticeKind, NoticeState, notice, notice_proposal};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::feeds::{self, NoticeFeed};
use super::flows;
use super::store::{self, Wanted};
use super::views::{NoticeSummary, NoticeView};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Context, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page, PageQuery};
use crate::platform::problem::{Code, Faults, Problem};

operations! {
    /// List notices.
    ListNotices = Operation::question("list_notices", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
    /// Read the newest notices as Atom.
    ReadNoticesAtom = Operation::question("read_notices_atom", &[Allow::ANYONE]).for_keys(KeyScope::ListingsRead).with_query();
    /// Read the newest notices as JSON Feed.
    ReadNoticesFeed = Operation::question("read_notices_feed", &[Allow::ANYONE]).for_keys(KeyScope::ListingsRead).with_query();
    /// Read a notice.
    ReadNotice = Operation::question("read_notice", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .refuses(&[Code::TakenDown]);
    /// Take the page of a notice away.
    TakeDownNotice = Operation::deed("take_down_notice", &[Allow::staff(KEEPERS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Put the page of a notice back.
    RestoreNotice = Operation::deed("restore_notice", &[Allow::staff(KEEPERS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// List the versions of a notice.
    ReadNoticeVersions =
        Operation::question("list_notice_versions", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::ListingsRead)
            .refuses(&[Code::TakenDown]);
    /// Read a version of a notice.
    ReadNoticeVersion =
        Operation::question("read_notice_version", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::ListingsRead)
            .refuses(&[Code::TakenDown]);
    /// Compare two versions of a notice.
    CompareNoticeVersions =
        Operation::question("compare_notice_versions", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
            .for_keys(KeyScope::ListingsRead)
            .with_query()
            .refuses(&[Code::TakenDown]);
    /// Propose to set a slip in a notice right.
    ProposeErratum = Operation::deed("propose_erratum", &[Allow::own(AUTHORS), Allow::staff(PROPOSERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ProposalOpen, Code::MaterialChange, Code::LateChange]);
    /// Propose to withdraw a notice.
    ProposeNoticeWithdrawal = Operation::deed("propose_notice_withdrawal", &[Allow::staff(PROPOSERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ProposalOpen]);
    /// List what was proposed about a notice.
    ListNoticeProposals = Operation::question("list_notice_proposals", &[Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)]).with_query();
    /// Do what was proposed about a notice.
    PublishNoticeProposal = Operation::deed("publish_notice_proposal", &[Allow::staff(KEEPERS)])
        .on_version_if_sent()
        .second_person("neither who proposes it nor who decided the case")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest, Code::LateChange]);
    /// Refuse what was proposed about a notice, or take it back.
    RefuseNoticeProposal = Operation::deed("refuse_notice_proposal", &[Allow::own(AUTHORS), Allow::staff(PROPOSERS)])
        .on_version_if_sent()
        .second_person("nobody who decided the case, but whoever proposes it takes it back")
        .refuses(&[Code::WrongState, Code::SamePerson, Code::ConflictOfInterest]);
}

/// Who proposes something about a notice of his organisation.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
/// Which officers do about any.
const PROPOSERS: &[StaffRole] = &[StaffRole::Reviewer, StaffRole::Publisher];

/// Who looks after what is public.
const KEEPERS: &[StaffRole] = &[StaffRole::Publisher];

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_notices)
        .service(read_notices_atom)
        .service(read_notices_feed)
        .service(read_notice)
        .service(take_down_notice)
        .service(restore_notice);
    corrections::routes(config);
}

impl Thing for notice_proposal::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

impl Thing for notice::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }

    fn is_public(&self) -> bool {
        self.state != NoticeState::Drafted
    }
}

paged! {
    /// Which notices.
    pub struct NoticeQuery {
        /// Only of this kind.
        pub kind: Option<NoticeKind>,
        /// Only in this state; published and ended ones unless given. Drafts are shown to staff and to
        /// their own organisation.
        pub state: Option<NoticeState>,
        /// Only of this organisation.
        pub organisation_id: Option<OrganisationId>,
        /// Only about this listing.
        pub listing_id: Option<ListingId>,
        /// Only about this sale at a negotiated price.
        pub negotiation_id: Option<NegotiationId>,
        /// Only about this grant of rights.
        pub rights_grant_id: Option<RightsGrantId>,
        /// Only about this open licence.
        pub open_licence_id: Option<OpenLicenceId>,
        /// Only of organisations registered in this city, by its division code (GB/T 2260); `100000` are those registered nationally.
        #[param(pattern = "^[0-9]{6}$", example = "330100")]
        pub city: Option<String>,
        /// Only about something of this technical field.
        #[param(max_length = 20, example = "07")]
        pub field: Option<String>,
        /// Only published at this instant or later.
        pub from: Option<DateTime<Utc>>,
        /// Only published before this instant.
        pub to: Option<DateTime<Utc>>,
    }
}

impl NoticeQuery {
    fn parts(self) -> Result<(Wanted, PageQuery), Problem> {
        checked(self.city.as_ref(), self.field.as_ref())?;
        let public = || store::PUBLIC.to_vec();
        let wanted = Wanted {
            kind: self.kind,
            organisation_id: self.organisation_id,
            listing_id: self.listing_id,
            negotiation_id: self.negotiation_id,
            rights_grant_id: self.rights_grant_id,
            open_licence_id: self.open_licence_id,
            city: self.city.clone(),
            field: self.field.clone(),
            from: self.from,
            to: self.to,
            states: self.state.map_or_else(public, |state| vec![state]),
        };
        Ok((wanted, self.page()))
    }
}

/// Refuses a city that is no division code, and a field that can be none.
pub fn checked(city: Option<&String>, field: Option<&String>) -> Result<(), Problem> {
    let is_code = |text: &String| text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    Faults::new()
        .require(city.is_none_or(is_code), "#query/city", "pattern", "须为六位行政区划代码", "must be a division code of six digits")
        .optional_text("#query/field", field, 20)
        .done()
}

/// List notices
///
/// The public notices of the market (公告、公示), newest first. Staff and the organisation concerned may ask for drafts.
#[utoipa::path(tag = "notices", params(NoticeQuery), responses((status = 200, description = "A page", body = Page<NoticeSummary>)))]
#[get("/v1/notices")]
pub async fn list_notices(house: Data<House>, call: Call<ListNotices>, query: Query<NoticeQuery>) -> Answer {
    let (wanted, page) = query.into_inner().parts()?;
    Ok(answer::page(&house, flows::list(&house, &call.context, wanted, &page).await?))
}

/// Which notices a feed tells of.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NoticeFeedQuery {
    /// Only of this kind.
    pub kind: Option<NoticeKind>,
    /// Only of this organisation.
    pub organisation_id: Option<OrganisationId>,
    /// Only about this listing.
    pub listing_id: Option<ListingId>,
    /// Only of organisations registered in this city, by its division code (GB/T 2260); `100000` are those registered nationally.
    #[param(pattern = "^[0-9]{6}$", example = "330100")]
    pub city: Option<String>,
    /// Only about something of this technical field.
    #[param(max_length = 20, example = "07")]
    pub field: Option<String>,
    /// Only published at this instant or later.
    pub from: Option<DateTime<Utc>>,
    /// Only published before this instant.
    pub to: Option<DateTime<Utc>>,
    /// How many at most; 50 unless given.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u64>,
}

impl NoticeFeedQuery {
    async fn newest(self, house: &House) -> Result<Vec<flows::Fed>, Problem> {
        let Self { kind, organisation_id, listing_id, city, field, from, to, limit } = self;
        checked(city.as_ref(), field.as_ref())?;
        let wanted = Wanted { kind, organisation_id, listing_id, city, field, from, to, ..Wanted::default() };
        flows::fed(house, wanted, limit.unwrap_or(50)).await
    }
}

/// Read the newest notices as Atom
///
/// The public notices (公告、公示), newest first, each with its exact text, for readers of feeds (RFC 4287).
#[utoipa::path(tag = "notices", params(NoticeFeedQuery), responses((status = 200, description = "The feed", content(("application/atom+xml")))))]
#[get("/v1/notices/feed.atom")]
pub async fn read_notices_atom(house: Data<House>, _call: Call<ReadNoticesAtom>, query: Query<NoticeFeedQuery>) -> Answer {
    let notices = query.into_inner().newest(&house).await?;
    let text = feeds::atom(&notices, house.config.public_base().ok().flatten().as_deref());
    Ok(HttpResponse::Ok().content_type("application/atom+xml; charset=utf-8").body(text))
}

/// Read the newest notices as JSON Feed
///
/// The same by JSON Feed 1.1. `_zhepai` has the hash of each text.
#[utoipa::path(tag = "notices", params(NoticeFeedQuery), responses((status = 200, description = "The feed", body = NoticeFeed, content_type = "application/feed+json")))]
#[get("/v1/notices/feed.json")]
pub async fn read_notices_feed(house: Data<House>, _call: Call<ReadNoticesFeed>, query: Query<NoticeFeedQuery>) -> Answer {
    let notices = query.into_inner().newest(&house).await?;
    let feed = feeds::json(&notices, house.config.public_base().ok().flatten().as_deref());
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/feed+json; charset=utf-8")).json(feed))
}

/// Read a notice
///
/// What it says, the exact text that was frozen, its SHA-256, so that anyone can recompute the hash, and its period with the rule
/// and the days that did not count. While its page is away (下架) everybody but officers and its own organisation is told why.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice")), responses((status = 200, description = "The notice", body = NoticeView)))]
#[get("/v1/notices/{id}")]
pub async fn read_notice(house: Data<House>, call: Call<ReadNotice>, id: Path<NoticeId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Take the page of a notice away
///
/// For a reason that everybody can read (下架), such as a secret found in it. The days on which it is away do not count for its
/// period, which does not end meanwhile; its text never changes.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice")), request_body = Reason, responses((status = 200, description = "Taken away", body = NoticeView)))]
#[post("/v1/notices/{id}/take-down")]
pub async fn take_down_notice(house: Data<House>, call: Call<TakeDownNotice, Json<Reason>>, id: Path<NoticeId>) -> Answer {
    let done = flows::take_down(&house, &call.context, call.permit, *id, call.body.0.reason).await?;
    moved(&house, &call.context, done).await
}

/// Put the page of a notice back
///
/// It can be read again (恢复公示); its end is reckoned anew, past the days on which it was away.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice")), responses((status = 200, description = "Put back", body = NoticeView)))]
#[post("/v1/notices/{id}/restore")]
pub async fn restore_notice(house: Data<House>, call: Call<RestoreNotice>, id: Path<NoticeId>) -> Answer {
    let done = flows::restore(&house, &call.context, call.permit, *id).await?;
    moved(&house, &call.context, done).await
}

async fn moved(house: &House, by: &Context, done: Done<notice::Model>) -> Answer {
    let view = flows::told_after(house, by, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
