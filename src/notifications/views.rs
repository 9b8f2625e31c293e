//! What notifications take and show over HTTP.

use chrono::{DateTime, Utc};
use entity::ids::{EventId, InboxItemId, OrganisationId, WebhookAttemptId, WebhookId};
use entity::notifications::{
    DeliveryOutcome, MailChoice, SigningScheme, WebhookScope, WebhookState, inbox_item, mail_preference, webhook, webhook_attempt,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::catalogue::{self, Kind, Party};
use super::flows::Shown;
use super::rules;
use crate::paged;
use crate::platform::http::answer::Tagged;
use crate::platform::http::pages;
use crate::platform::problem::Language;

/// A kind of event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventKindView {
    /// Its name.
    #[schema(example = "lot.closed")]
    pub kind: String,
    /// What kind of thing it is about; events of one thing arrive in order.
    #[schema(example = "lot")]
    pub subject: String,
    /// What it says in Chinese; `{name}` stands for a member of the body.
    pub zh: String,
    /// What it says in English.
    pub en: String,
    /// Whom it concerns: `organisation`, `seller`, `buyer`, `applicant`, `bidders`.
    pub told_to: Vec<String>,
    /// Whether the feed of the market tells it and every webhook of the scope `market` gets it.
    pub public: bool,
    /// Members of the body only those concerned are told.
    pub not_public: Vec<String>,
    /// Whether members get it by letter unless they choose otherwise.
    pub by_letter: bool,
    /// The schema of its body, a reference into `components`.
    #[schema(value_type = Object)]
    pub schema: Value,
    /// A body as it might be.
    #[schema(value_type = Object)]
    pub example: Value,
}

impl From<&Kind> for EventKindView {
    fn from(kind: &Kind) -> Self {
        Self {
            kind: kind.name.into(),
            subject: kind.subject.into(),
            zh: kind.zh.into(),
            en: kind.en.into(),
            told_to: kind.told.iter().map(|party| Party::code(*party).to_owned()).collect(),
            public: kind.public,
            not_public: kind.hidden.iter().map(|name| (*name).to_owned()).collect(),
            by_letter: kind.by_letter,
            schema: catalogue::reference(kind),
            example: kind.example(),
        }
    }
}

/// The schemas the kinds refer to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventSchemas {
    /// By name.
    #[schema(value_type = Object)]
    pub schemas: Map<String, Value>,
}

/// The catalogue of events.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventCatalogueView {
    /// Every kind that somebody is told of.
    pub kinds: Vec<EventKindView>,
    /// The schemas they refer to.
    pub components: EventSchemas,
}

impl EventCatalogueView {
    /// As it is.
    pub fn whole() -> Self {
        let kinds = catalogue::told().map(EventKindView::from).collect();
        Self { kinds, components: EventSchemas { schemas: catalogue::schemas() } }
    }
}

/// Which events of the market.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MarketQuery {
    /// Public kinds of the catalogue, joined by commas; all where left out.
    #[param(min_length = 1, max_length = 2000, example = "lot.opened,lot.closed")]
    pub types: Option<String>,
}

paged! {
    /// Which items of the inbox.
    pub struct InboxQuery {
        /// Only those not read yet, or only those read.
        pub unread: Option<bool>,
    }
}

/// What an event is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SubjectView {
    /// What kind of thing.
    #[schema(example = "listing")]
    pub kind: String,
    /// Which.
    pub id: Uuid,
}

/// Something the organisation was told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InboxItemView {
    /// Id.
    pub id: InboxItemId,
    /// The event; webhooks send it under this id.
    pub event_id: EventId,
    /// Its kind.
    #[schema(example = "listing.approved")]
    pub kind: String,
    /// What it is about.
    pub subject: SubjectView,
    /// What it says, in the language asked for.
    #[schema(example = "项目已通过审核")]
    pub text: String,
    /// Its body.
    #[schema(value_type = Object)]
    pub data: Value,
    /// It was triggered in sandbox and did not happen.
    pub test: bool,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// When somebody of the organisation had read it.
    pub read_at: Option<DateTime<Utc>>,
    /// What the caller may do to it now, as operation ids; told where the inbox is listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["read_inbox_item"]))]
    pub allowed_deeds: Option<Vec<String>>,
}

impl InboxItemView {
    /// In a language.
    pub fn of(row: inbox_item::Model, language: Language) -> Self {
        let data: Value = serde_json::from_str(&row.body).unwrap_or_default();
        let text = catalogue::find(&row.kind).map(|kind| kind.sentence(language == Language::English, &data));
        Self {
            id: row.id,
            event_id: row.event_id,
            text: text.unwrap_or_else(|| row.kind.clone()),
            kind: row.kind,
            subject: SubjectView { kind: row.subject_kind, id: row.subject_id },
            data,
            test: row.test,
            at: row.created_at,
            read_at: row.read_at,
            allowed_deeds: None,
        }
    }
}

impl Tagged for InboxItemView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// How far the inbox was read.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadUpTo {
    /// The event of the last item read.
    pub up_to: EventId,
}

/// How many items were marked as read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MarkedRead {
    /// How many.
    pub marked: u64,
}

impl Tagged for MarkedRead {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A webhook to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where events are sent: HTTPS, port 443 or 8443, a public host.
    #[schema(min_length = 1, max_length = 2048, example = "https://hooks.example.com/zhepai")]
    pub url: String,
    /// Kinds of the catalogue; all where left out.
    #[schema(min_items = 1, max_items = 100, example = json!(["listing.approved", "refund.paid"]))]
    pub kinds: Option<Vec<String>>,
    /// `own`, unless said otherwise: what the organisation is told; `market`: that and every public event.
    pub scope: Option<WebhookScope>,
    /// How deliveries are signed.
    pub signing: SigningScheme,
}

/// A webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookView {
    /// Id.
    pub id: WebhookId,
    /// Where events are sent.
    pub url: String,
    /// Which kinds; all if none is named.
    pub kinds: Option<Vec<String>>,
    /// Which events.
    pub scope: WebhookScope,
    /// How deliveries are signed.
    pub signing: SigningScheme,
    /// The secret both sides know (`whsec_…`), with the answer that made it and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
    /// The public key deliveries verify with (`whpk_…`), where they are signed by a key pair.
    pub public_key: Option<String>,
    /// Until when deliveries carry the signature of the key before, too; real time.
    pub previous_key_until: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: WebhookState,
    /// Why it was disabled, `gone` or `retries_exhausted`, or laid to rest with whoever made it: `creator_left`, `creator_suspended`
    /// or `creator_recovered`.
    pub state_reason: Option<String>,
    /// When something is next sent, if anything waits; real time.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What the caller may do to it now, as operation ids; told where a single webhook is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["pause_webhook", "test_webhook"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl From<webhook::Model> for WebhookView {
    fn from(row: webhook::Model) -> Self {
        Self {
            id: row.id,
            url: row.url,
            kinds: row.kinds.and_then(|kinds| serde_json::from_value(kinds).ok()),
            scope: row.scope,
            signing: row.signing,
            secret: None,
            public_key: row.public_key,
            previous_key_until: row.previous_until,
            state: row.state,
            state_reason: row.state_reason,
            next_attempt_at: row.next_at,
            allowed_deeds: None,
            version: row.version,
            created_at: row.created_at,
        }
    }
}

impl From<Shown> for WebhookView {
    fn from(shown: Shown) -> Self {
        Self { secret: shown.secret, ..Self::from(shown.webhook) }
    }
}

impl Tagged for WebhookView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// One attempt to deliver an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Id of the attempt.
    pub id: WebhookAttemptId,
    /// The event, the `webhook-id` of every attempt.
    pub event_id: EventId,
    /// Its kind.
    pub kind: String,
    /// Which attempt it was, from one on.
    pub attempt: i32,
    /// When, real time.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub outcome: DeliveryOutcome,
    /// The HTTP status, if an answer came.
    pub status: Option<i32>,
    /// How long it took, milliseconds.
    pub duration_ms: i64,
}

impl From<webhook_attempt::Model> for DeliveryView {
    fn from(row: webhook_attempt::Model) -> Self {
        Self {
            id: row.id,
            event_id: row.event_id,
            kind: row.kind,
            attempt: row.attempt,
            at: row.at,
            outcome: row.outcome,
            status: row.status,
            duration_ms: row.duration_ms,
        }
    }
}

/// From where to send again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The first event to send again, by the `webhook-id` it came under; everything where it is left out.
    pub from_event: Option<EventId>,
}

/// What to trigger.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// A kind of the catalogue.
    #[schema(min_length = 1, max_length = 100, example = "lot.closed")]
    pub kind: String,
    /// The organisation to tell, as if it were concerned; a public kind is told to the public where it is left out.
    pub organisation_id: Option<OrganisationId>,
}

/// The event that stands for what was triggered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TriggeredView {
    /// Its id; webhooks send the example under it, marked as a test.
    pub event_id: EventId,
}

impl From<Uuid> for TriggeredView {
    fn from(id: Uuid) -> Self {
        Self { event_id: id.into() }
    }
}

impl Tagged for TriggeredView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// What somebody wants to get by letter.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMailPreferences {
    /// `usual`: what calls for a deed or bears a deadline, as the catalogue says; `everything`; `nothing`; `chosen`: the kinds named.
    pub choice: MailChoice,
    /// Kinds of the catalogue that come into inboxes, where some are chosen.
    #[schema(min_items = 1, max_items = 100, example = json!(["deal.opened", "refund.paid"]))]
    pub kinds: Option<Vec<String>>,
}

/// What somebody gets by letter of an organisation's news (邮件通知设置).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MailPreferencesView {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// What he chose.
    pub choice: MailChoice,
    /// The kinds that come by letter by that.
    #[schema(example = json!(["deal.opened", "refund.paid"]))]
    pub kinds: Vec<String>,
    /// Whether news goes by letter to the caller at all: the platform sends letters, and his address is known to be his.
    pub letters_go_out: bool,
    /// Version.
    pub version: i64,
}

impl MailPreferencesView {
    /// Of what stands.
    pub fn of(row: &mail_preference::Model, letters_go_out: bool) -> Self {
        let kinds = catalogue::for_inboxes().filter(|kind| rules::by_letter(Some(row), kind)).map(|kind| kind.name.to_owned()).collect();
        Self { organisation_id: row.organisation_id, choice: row.choice, kinds, letters_go_out, version: row.version }
    }
}

impl Tagged for MailPreferencesView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}

/// The page a letter's address leads to: looking at it stops nothing, for programs look at every address.
pub fn stop_page() -> String {
    pages::page(
        "zh-CN",
        "停止接收邮件 Stop letters",
        "<h1>停止接收邮件 Stop letters</h1><p>停止后，您将不再收到该机构的通知邮件；收件箱不受影响。<br>\
         <span lang=\"en\">You will get no more letters about the organisation; its inbox stays as it is.</span></p>\
         <form method=\"post\"><button name=\"List-Unsubscribe\" value=\"One-Click\">停止 Stop</button></form>",
    )
}

/// What is said when letters were stopped.
pub fn stopped_page() -> String {
    pages::page(
        "zh-CN",
        "已停止接收邮件 Letters stopped",
        "<h1>已停止接收邮件 Letters stopped</h1><p>登录后可重新选择接收哪些通知。<br>\
         <span lang=\"en\">Signed in, you can choose anew which news comes by letter.</span></p>",
    )
}
