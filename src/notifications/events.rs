//! What notifications tell of themselves.

use entity::ids::{OrganisationId, WebhookId};
use entity::notifications::webhook;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::catalogue::Kind;
use crate::platform::outbox::Event;

/// The kind that is told to one webhook only.
pub const TEST: &str = "webhook.test";
/// The kind that stands for another.
pub const TRIGGERED: &str = "sandbox.triggered";

/// Something happened to a webhook.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WebhookEvent {
    #[serde(skip)]
    kind: &'static str,
    /// The webhook.
    webhook_id: WebhookId,
    /// Whose it is.
    organisation_id: OrganisationId,
    /// Why it was disabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl WebhookEvent {
    /// Its organisation wants to see whether events arrive.
    pub fn test(row: &webhook::Model) -> Self {
        Self { kind: TEST, webhook_id: row.id, organisation_id: row.organisation_id, reason: None }
    }

    /// It was given up.
    pub fn disabled(row: &webhook::Model) -> Self {
        Self { kind: "webhook.disabled", reason: row.state_reason.clone(), ..Self::test(row) }
    }
}

impl Event for WebhookEvent {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn subject(&self) -> (&'static str, Uuid) {
        ("webhook", self.webhook_id.into())
    }
}

/// The example of a kind, triggered in sandbox. It is told as that kind and marked as a test; the rooms
/// do not hear it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Triggered {
    /// As which kind it is told.
    pub kind: String,
    /// To whom, as if it concerned it; absent: to the public.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// The example.
    #[schema(value_type = Object)]
    pub data: Value,
    #[serde(skip)]
    subject: (&'static str, Uuid),
}

impl Triggered {
    /// The example of a kind, about a thing of its own.
    pub fn new(kind: &Kind, organisation_id: Option<OrganisationId>, thing: Uuid) -> Self {
        Self { kind: kind.name.to_owned(), organisation_id, data: kind.example(), subject: (kind.subject, thing) }
    }
}

impl Event for Triggered {
    fn kind(&self) -> &'static str {
        TRIGGERED
    }

    fn subject(&self) -> (&'static str, Uuid) {
        self.subject
    }
}
