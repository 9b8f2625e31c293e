//! Notices over HTTP: for everybody to read.

use actix_web::get;
use actix_web::web::{Data, Path, Query};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::{ListingId, NoticeId, OrganisationId};
use entity::notices::{NoticeKind, NoticeState, notice};
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::store::Wanted;
use super::views::{NoticeSummary, NoticeView};
use crate::house::House;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, KeyScope, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Page, PageQuery};

operations! {
    /// List notices.
    ListNotices = Operation::question("list_notices", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead)
        .with_query();
    /// Read a notice.
    ReadNotice = Operation::question("read_notice", &[Allow::PUBLIC, Allow::own(OrgRole::ALL), Allow::staff(StaffRole::ALL)])
        .for_keys(KeyScope::ListingsRead);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_notices).service(read_notice);
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
    }
}

impl NoticeQuery {
    fn parts(self) -> (Wanted, PageQuery) {
        let public = || vec![NoticeState::Published, NoticeState::Ended];
        let wanted = Wanted {
            kind: self.kind,
            organisation_id: self.organisation_id,
            listing_id: self.listing_id,
            states: self.state.map_or_else(public, |state| vec![state]),
        };
        (wanted, self.page())
    }
}

/// List notices
///
/// The public notices of the market (公告、公示), newest first. Staff and the organisation concerned may ask for drafts.
#[utoipa::path(tag = "notices", params(NoticeQuery), responses((status = 200, description = "A page", body = Page<NoticeSummary>)))]
#[get("/v1/notices")]
pub async fn list_notices(house: Data<House>, call: Call<ListNotices>, query: Query<NoticeQuery>) -> Answer {
    let (wanted, page) = query.into_inner().parts();
    Ok(answer::page(&house, flows::list(&house, &call.context, wanted, &page).await?))
}

/// Read a notice
///
/// What it says, the exact text that was frozen, and its SHA-256, so that anyone can recompute the hash.
#[utoipa::path(tag = "notices", params(("id" = Uuid, Path, description = "The notice")), responses((status = 200, description = "The notice", body = NoticeView)))]
#[get("/v1/notices/{id}")]
pub async fn read_notice(house: Data<House>, call: Call<ReadNotice>, id: Path<NoticeId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.permit, *id).await?))
}
