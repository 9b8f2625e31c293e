//! The catalogue, the inbox, webhooks and letters over HTTP.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use entity::identity::OrgRole;
use entity::ids::{InboxItemId, MailStopId, OrganisationId, WebhookId};
use entity::notifications::{inbox_item, webhook};
use utoipa_actix_web::service_config::ServiceConfig;

use super::rules::{Wanted, WebhookStep};
use super::views::{
    DeliveryView, EventCatalogueView, InboxItemView, InboxQuery, MailPreferencesView, MarkedRead, MarketQuery, NewMailPreferences,
    NewWebhook, ReadUpTo, Replay, WebhookView, stop_page, stopped_page,
};
use super::{flows, stream};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::feed::last_seen;
use crate::platform::http::{AnyForm, Call, Json, Page, PageQuery};
use crate::platform::problem::Code;

const EVERY_ROLE: &[OrgRole] = OrgRole::ALL;
const KEEPERS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];

operations! {
    /// Read the catalogue of events.
    ReadEventCatalogue = Operation::question("read_event_catalogue", &[Allow::ANYONE]);
    /// Watch the market.
    WatchMarket = Operation::question("watch_market", &[Allow::ANYONE]).with_query().refuses(&[Code::Busy]);
    /// List the inbox.
    ListInbox = Operation::question("list_inbox", &[Allow::own(EVERY_ROLE)]).with_query();
    /// Mark an item as read.
    ReadInboxItem = Operation::deed("read_inbox_item", &[Allow::own(EVERY_ROLE)]);
    /// Mark all items as read.
    ReadInbox = Operation::deed("read_inbox", &[Allow::own(EVERY_ROLE)]);
    /// Make a webhook.
    CreateWebhook = Operation::deed("create_webhook", &[Allow::own(KEEPERS)])
        .with_step_up()
        .refuses(&[Code::OrganisationNotVerified, Code::SecretAlreadyShown, Code::OutsideRule]);
    /// List the webhooks.
    ListWebhooks = Operation::question("list_webhooks", &[Allow::own(KEEPERS)]).with_query();
    /// Read a webhook.
    ReadWebhook = Operation::question("read_webhook", &[Allow::own(KEEPERS)]);
    /// Let a webhook rest.
    PauseWebhook = Operation::deed("pause_webhook", &[Allow::own(KEEPERS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Let a webhook go on.
    ResumeWebhook = Operation::deed("resume_webhook", &[Allow::own(KEEPERS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Give a webhook a new secret.
    RotateWebhookSecret = Operation::deed("rotate_webhook_secret", &[Allow::own(KEEPERS)])
        .with_step_up()
        .on_version_if_sent()
        .refuses(&[Code::SecretAlreadyShown]);
    /// Remove a webhook.
    RemoveWebhook = Operation::deed("remove_webhook", &[Allow::own(KEEPERS)]).on_version_if_sent();
    /// List what was sent to a webhook.
    ListWebhookDeliveries = Operation::question("list_webhook_deliveries", &[Allow::own(KEEPERS)]).with_query();
    /// Send again.
    ReplayWebhook = Operation::deed("replay_webhook", &[Allow::own(KEEPERS)]).on_version_if_sent();
    /// Send a test event.
    TestWebhook = Operation::deed("test_webhook", &[Allow::own(KEEPERS)]).on_version_if_sent().refuses(&[Code::WrongState]);
    /// Read which news comes by letter.
    ReadMailPreferences = Operation::question("read_mail_preferences", &[Allow::own_self(EVERY_ROLE)]);
    /// Choose which news comes by letter.
    SetMailPreferences = Operation::deed("set_mail_preferences", &[Allow::own_self(EVERY_ROLE)]).on_version();
    /// Look at what stops letters.
    ReadMailStop = Operation::question("read_mail_stop", &[Allow::ANYONE]);
    /// Stop letters.
    StopMail = Operation::plain_deed("stop_mail", &[Allow::ANYONE]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(read_event_catalogue)
        .service(watch_market)
        .service(list_inbox)
        .service(read_inbox_item)
        .service(read_inbox)
        .service(create_webhook)
        .service(list_webhooks)
        .service(read_webhook)
        .service(pause_webhook)
        .service(resume_webhook)
        .service(rotate_webhook_secret)
        .service(remove_webhook)
        .service(list_webhook_deliveries)
        .service(replay_webhook)
        .service(test_webhook)
        .service(read_mail_preferences)
        .service(set_mail_preferences)
        .service(read_mail_stop)
        .service(stop_mail);
}

impl Thing for inbox_item::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

impl Thing for webhook::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        vec![self.organisation_id]
    }
}

/// A secret is told once, and no cache keeps it.
fn uncached(mut answer: HttpResponse) -> HttpResponse {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// Read the catalogue of events
///
/// Every kind of event (事件目录): what it says, whom it concerns, the schema of its body, and an example. The
/// same as an AsyncAPI document is at `/v1/asyncapi.json`.
#[utoipa::path(tag = "notifications", responses((status = 200, description = "The catalogue", body = EventCatalogueView)))]
#[get("/v1/events/catalogue")]
pub async fn read_event_catalogue(_call: Call<ReadEventCatalogue>) -> Answer {
    Ok(HttpResponse::Ok().json(EventCatalogueView::whole()))
}

/// Watch the market
///
/// Server-sent events: every public event of the whole market as it happens (市场实时事件), in the order in which they were committed; `types`
/// names those that are wanted. Each is an `event` with the same `type`, `timestamp`, `subject` and `data` a webhook of the scope `market` is
/// sent, its `id`, its `position` and `server_time`. Before them comes `begin`, which says `server_time` and where the feed begins: now.
///
/// The id is the position. Sent back as `Last-Event-ID` the feed goes on after it without gap or double, without a `begin`, at any server; with
/// 0 it tells every event there was. Positions that are left out belong to events that are not public, or were not asked for. A reader who
/// falls 256 events behind is cut, with a `retry`, and goes on the same way.
#[utoipa::path(tag = "notifications", params(
    MarketQuery,
    ("Last-Event-ID" = Option<i64>, Header, description = "Position of the last event seen")
), responses((status = 200, description = "Events as they happen", content_type = "text/event-stream", body = String)))]
#[get("/v1/events/stream")]
pub async fn watch_market(house: Data<House>, call: Call<WatchMarket>, query: Query<MarketQuery>, request: HttpRequest) -> Answer {
    let wanted = Wanted::of(query.types.as_deref())?;
    let seen = last_seen(&request, 1)?.and_then(|seen| seen.first().copied());
    stream::answer(&house, &call.context, wanted, seen).await
}

/// List the inbox
///
/// What the organisation acted for was told (收件箱), newest first, with what the caller may do to each item now.
#[utoipa::path(tag = "notifications", params(InboxQuery), responses((status = 200, description = "A page", body = Page<InboxItemView>)))]
#[get("/v1/inbox")]
pub async fn list_inbox(house: Data<House>, call: Call<ListInbox>, query: Query<InboxQuery>) -> Answer {
    Ok(answer::page(&house, flows::list(&house, &call.context, query.unread, &query.page()).await?))
}

/// Mark an item as read
///
/// For the whole organisation (已读); the first reading counts.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The item")),
    responses((status = 200, description = "The item", body = InboxItemView))
)]
#[post("/v1/inbox/{id}/read")]
pub async fn read_inbox_item(house: Data<House>, call: Call<ReadInboxItem>, id: Path<InboxItemId>) -> Answer {
    let done = flows::mark_read(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done, |row| InboxItemView::of(row, call.context.language)))
}

/// Mark all items as read
///
/// Up to an event (全部已读), so that nothing is passed over that came meanwhile.
#[utoipa::path(tag = "notifications", request_body = ReadUpTo, responses((status = 200, description = "How many were marked", body = MarkedRead)))]
#[post("/v1/inbox/read-all")]
pub async fn read_inbox(house: Data<House>, call: Call<ReadInbox, Json<ReadUpTo>>) -> Answer {
    let done = flows::mark_all_read(&house, &call.context, call.body.0.up_to).await?;
    Ok(answer::done(done, |marked| MarkedRead { marked }))
}

/// Make a webhook
///
/// Events are sent there by Standard Webhooks (事件推送): signed, in order for each subject, again until they
/// arrive, always under the same `webhook-id`. A shared secret is in this answer and never shown again.
#[utoipa::path(tag = "notifications", request_body = NewWebhook, responses((status = 201, description = "Made", body = WebhookView)))]
#[post("/v1/webhooks")]
pub async fn create_webhook(house: Data<House>, call: Call<CreateWebhook, Json<NewWebhook>>) -> Answer {
    let done = flows::create(&house, &call.context, call.body.0).await?;
    Ok(uncached(answer::created(done, false, |shown| format!("/v1/webhooks/{}", shown.webhook.id), WebhookView::from)))
}

/// List the webhooks
///
/// Those of the organisation acted for, newest first.
#[utoipa::path(tag = "notifications", params(PageQuery), responses((status = 200, description = "A page", body = Page<WebhookView>)))]
#[get("/v1/webhooks")]
pub async fn list_webhooks(house: Data<House>, call: Call<ListWebhooks>, page: Query<PageQuery>) -> Answer {
    let rows = flows::list_webhooks(&house, &call.context, &page).await?;
    Ok(answer::page(&house, page.page(rows, |row| (row.created_at, row.id.into()), WebhookView::from)?))
}

/// Read a webhook
///
/// Where it stands, how far it was served, and when something is sent next.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The webhook")),
    responses((status = 200, description = "The webhook", body = WebhookView))
)]
#[get("/v1/webhooks/{id}")]
pub async fn read_webhook(house: Data<House>, call: Call<ReadWebhook>, id: Path<WebhookId>) -> Answer {
    Ok(answer::found(&flows::read(&house, &call.context, &call.permit, *id).await?))
}

/// Let a webhook rest
///
/// Events wait until it is resumed (暂停推送).
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The webhook")),
    responses((status = 200, description = "Paused", body = WebhookView))
)]
#[post("/v1/webhooks/{id}/pause")]
pub async fn pause_webhook(house: Data<House>, call: Call<PauseWebhook>, id: Path<WebhookId>) -> Answer {
    let done = flows::step(&house, &call.context, call.permit, *id, WebhookStep::Pause).await?;
    Ok(answer::done(done, WebhookView::from))
}

/// Let a webhook go on
///
/// Also one the platform had disabled (恢复推送); everything that waits is sent.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The webhook")),
    responses((status = 200, description = "Active", body = WebhookView))
)]
#[post("/v1/webhooks/{id}/resume")]
pub async fn resume_webhook(house: Data<House>, call: Call<ResumeWebhook>, id: Path<WebhookId>) -> Answer {
    let done = flows::step(&house, &call.context, call.permit, *id, WebhookStep::Resume).await?;
    Ok(answer::done(done, WebhookView::from))
}

/// Give a webhook a new secret
///
/// A shared secret is in this answer and never shown again. For a day deliveries carry the signatures of both
/// keys (密钥轮换).
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The webhook")),
    responses((status = 200, description = "Rotated", body = WebhookView))
)]
#[post("/v1/webhooks/{id}/rotate-secret")]
pub async fn rotate_webhook_secret(house: Data<House>, call: Call<RotateWebhookSecret>, id: Path<WebhookId>) -> Answer {
    let done = flows::rotate_secret(&house, &call.context, call.permit, *id).await?;
    Ok(uncached(answer::done(done, WebhookView::from)))
}

/// Remove a webhook
///
/// For good, with its secret and what waited for it.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The webhook")),
    responses((status = 200, description = "Removed", body = WebhookView))
)]
#[delete("/v1/webhooks/{id}")]
pub async fn remove_webhook(house: Data<House>, call: Call<RemoveWebhook>, id: Path<WebhookId>) -> Answer {
    let done = flows::step(&house, &call.context, call.permit, *id, WebhookStep::Remove).await?;
    Ok(answer::done(done, WebhookView::from))
}

/// List what was sent to a webhook
///
/// Every attempt with its outcome (投递记录), newest first.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The webhook"), PageQuery),
    responses((status = 200, description = "A page", body = Page<DeliveryView>))
)]
#[get("/v1/webhooks/{id}/deliveries")]
pub async fn list_webhook_deliveries(
    house: Data<House>,
    call: Call<ListWebhookDeliveries>,
    id: Path<WebhookId>,
    page: Query<PageQuery>,
) -> Answer {
    let rows = flows::list_attempts(&house, &call.permit, *id, &page).await?;
    Ok(answer::page(&house, page.page(rows, |row| (row.at, row.id.into()), DeliveryView::from)?))
}

/// Send again
///
/// Everything the webhook is for, from an event on or from the beginning (重放), under the same ids.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The webhook")),
    request_body = Replay,
    responses((status = 200, description = "It is sent again", body = WebhookView))
)]
#[post("/v1/webhooks/{id}/replay")]
pub async fn replay_webhook(house: Data<House>, call: Call<ReplayWebhook, Json<Replay>>, id: Path<WebhookId>) -> Answer {
    let done = flows::replay(&house, &call.context, call.permit, *id, call.body.0.from_event).await?;
    Ok(answer::done(done, WebhookView::from))
}

/// Send a test event
///
/// An event `webhook.test` to this webhook, whichever kinds it chose.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "The webhook")),
    responses((status = 200, description = "It is on its way", body = WebhookView))
)]
#[post("/v1/webhooks/{id}/test")]
pub async fn test_webhook(house: Data<House>, call: Call<TestWebhook>, id: Path<WebhookId>) -> Answer {
    let done = flows::test(&house, &call.context, call.permit, *id).await?;
    Ok(answer::done(done, WebhookView::from))
}

/// Read which news comes by letter
///
/// What the caller gets by letter (邮件通知设置) of the news of the organisation he acts for. Where he chose nothing yet, it is
/// what calls for a deed or bears a deadline. News goes only to an address he has shown to be his, by registering or setting
/// his password anew by letter.
#[utoipa::path(tag = "notifications", responses((status = 200, description = "What he gets", body = MailPreferencesView)))]
#[get("/v1/me/mail-preferences")]
pub async fn read_mail_preferences(house: Data<House>, call: Call<ReadMailPreferences>) -> Answer {
    let found = flows::read_preferences(&house, &call.context).await?;
    let go_to = flows::letters::go_to(&house, found.person_id).await?;
    Ok(answer::found(&MailPreferencesView::of(&found, go_to)))
}

/// Choose which news comes by letter
///
/// For the caller alone, and the organisation he acts for: what is usual, everything, nothing, or some kinds (设置邮件通知).
#[utoipa::path(tag = "notifications", request_body = NewMailPreferences, responses((status = 200, description = "Chosen", body = MailPreferencesView)))]
#[put("/v1/me/mail-preferences")]
pub async fn set_mail_preferences(house: Data<House>, call: Call<SetMailPreferences, Json<NewMailPreferences>>) -> Answer {
    let done = flows::set_preferences(&house, &call.context, call.body.0).await?;
    let go_to = flows::letters::go_to(&house, done.value.person_id).await?;
    Ok(answer::done(done, |row| MailPreferencesView::of(&row, go_to)))
}

/// A page for who follows an address in a letter.
fn page(text: String) -> HttpResponse {
    uncached(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text))
}

/// Look at what stops letters
///
/// The page that a letter's address leads to (退订页面), with a button; to look at it stops nothing.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "From a letter")),
    responses((status = 200, description = "The page", content_type = "text/html", body = String))
)]
#[get("/v1/mail-stops/{id}")]
pub async fn read_mail_stop(house: Data<House>, _call: Call<ReadMailStop>, id: Path<MailStopId>) -> Answer {
    flows::may_stop(&house, *id).await?;
    Ok(page(stop_page()))
}

/// Stop letters
///
/// With one click and without signing in (一键退订, RFC 8058): somebody gets no more letters about the organisation his
/// letter was about. The id can do this and nothing else. The form that programs which read mail send along is not looked at.
#[utoipa::path(
    tag = "notifications",
    params(("id" = Uuid, Path, description = "From a letter")),
    responses((status = 200, description = "Stopped", content_type = "text/html", body = String))
)]
#[post("/v1/mail-stops/{id}")]
pub async fn stop_mail(house: Data<House>, call: Call<StopMail, AnyForm>, id: Path<MailStopId>) -> Answer {
    flows::stop(&house, &call.context, *id).await?;
    Ok(page(stopped_page()))
}
