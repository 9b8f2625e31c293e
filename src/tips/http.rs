//! Tips over HTTP.

use actix_web::web::{Data, Path, Query};
use actix_web::{get, post};
use entity::identity::StaffRole;
use entity::ids::{ListingId, NoticeId};
use entity::objections::ObjectionGround;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::store::Wanted;
use super::views::{NewTip, TipReceipt, TipView};
use crate::house::House;
use crate::operations;
use crate::paged;
use crate::platform::access::{Allow, Class, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page};

operations! {
    /// Give a tip about a notice.
    GiveTip = Operation::plain_deed("give_tip", &[Allow::ANYONE]).counted_as(Class::Long);
    /// List tips.
    ListTips = Operation::question("list_tips", &[Allow::staff(&[StaffRole::Supervisor])]).with_query();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(give_tip).service(list_tips);
}

paged! {
    /// Which tips.
    pub struct TipQuery {
        /// Only about this notice.
        pub notice_id: Option<NoticeId>,
        /// Only about this listing.
        pub listing_id: Option<ListingId>,
        /// Only on this ground.
        pub ground: Option<ObjectionGround>,
    }
}

/// Give a tip about a notice
///
/// Without a name (匿名线索), by anybody, whether the notice runs or not. Who oversees the market reads it; nothing waits for it, and nobody
/// has to answer. Of who gives it nothing is kept, also if he is signed in: neither his account nor where he calls from. Whoever wants a
/// decision objects under his name.
#[utoipa::path(tag = "tips", params(("id" = Uuid, Path, description = "The notice")), request_body = NewTip, responses((status = 200, description = "It came in", body = TipReceipt)))]
#[post("/v1/notices/{id}/tips")]
pub async fn give_tip(house: Data<House>, call: Call<GiveTip, Json<NewTip>>, id: Path<NoticeId>) -> Answer {
    Ok(answer::done(flows::give(&house, &call.context, *id, call.body.0).await?, |receipt| receipt))
}

/// List tips
///
/// Newest first, with what was written. They are read by who oversees the market, and by nobody else.
#[utoipa::path(tag = "tips", params(TipQuery), responses((status = 200, description = "A page", body = Page<TipView>)))]
#[get("/v1/tips")]
pub async fn list_tips(house: Data<House>, _call: Call<ListTips>, query: Query<TipQuery>) -> Answer {
    let query = query.into_inner();
    let wanted = Wanted { notice_id: query.notice_id, listing_id: query.listing_id, ground: query.ground };
    Ok(answer::page(&house, flows::list(&house, &wanted, &query.page()).await?))
}
