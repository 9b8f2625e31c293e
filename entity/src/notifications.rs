//! What organisations are told: their inboxes, their webhooks, what was sent there; and letters that wait for the post.

use crate::Timestamp;
use crate::ids::{EventId, InboxItemId, InboxLetterId, MailId, MailStopId, OrganisationId, PersonId, WebhookAttemptId, WebhookId};

codes! {
    /// Where a webhook stands.
    WebhookState {
        /// Events are sent.
        Active,
        /// Its organisation let it rest; events wait.
        Paused,
        /// The platform gave it up; events wait.
        Disabled,
        /// Gone, with its secret.
        Removed,
    }
}

codes! {
    /// Which events a webhook is for.
    WebhookScope {
        /// Those its organisation is told of.
        Own,
        /// Those and every public event of the market.
        Market,
    }
}

codes! {
    /// How deliveries are signed (Standard Webhooks).
    SigningScheme {
        /// `v1`: a secret that both sides know.
        HmacSha256,
        /// `v1a`: a key pair; the receiver knows the public half.
        Ed25519,
    }
}

codes! {
    /// Where the delivery of an event stands.
    DeliveryState { Pending, Delivered, GivenUp }
}

codes! {
    /// What came of one attempt.
    DeliveryOutcome {
        /// Answered with 2xx.
        Delivered,
        /// Answered with anything else.
        Refused,
        /// Answered with 410: it wants no more.
        Gone,
        /// No answer in time.
        TimedOut,
        /// No connection, or it broke off.
        Unreachable,
        /// Nobody knows the host.
        NameUnknown,
        /// An address of the host is not public.
        AddressRefused,
        /// The host's certificate is not good.
        TlsFailed,
        /// The line was closed without an answer, or what came was no HTTP.
        Garbled,
        /// The secret cannot be opened, so nothing was sent.
        Unsigned,
    }
}

codes! {
    /// Where a letter stands.
    MailState { Pending, Sent, GivenUp }
}

codes! {
    /// Which news of an organisation a member of it gets by letter (邮件通知选择).
    MailChoice {
        /// What calls for a deed or bears a deadline, as the catalogue says.
        Usual,
        /// Every kind.
        Everything,
        /// None.
        Nothing,
        /// The kinds he named.
        Chosen,
    }
}

table! {
    /// Something an organisation was told.
    inbox_item "inbox_item" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: InboxItemId,
        pub organisation_id: OrganisationId,
        pub event_id: EventId,
        pub position: i64,
        pub kind: String,
        pub subject_kind: String,
        pub subject_id: Uuid,
        pub body: String,
        /// It was triggered in sandbox and did not happen.
        pub test: bool,
        pub created_at: Timestamp,
        pub read_at: Option<Timestamp>,
    }
}

table! {
    /// An address of an organisation that events are sent to.
    webhook "webhook" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WebhookId,
        pub organisation_id: OrganisationId,
        pub url: String,
        /// Names of kinds; all where absent.
        pub kinds: Option<sea_orm::JsonValue>,
        pub scope: WebhookScope,
        pub signing: SigningScheme,
        pub state: WebhookState,
        pub state_reason: Option<String>,
        /// The signing key, sealed.
        #[serde(skip)]
        pub secret_sealed: Option<Vec<u8>>,
        /// The public half, where there is one.
        pub public_key: Option<String>,
        /// The key before the last rotation, sealed.
        #[serde(skip)]
        pub previous_sealed: Option<Vec<u8>>,
        /// Until when deliveries carry its signature too, real time.
        pub previous_until: Option<Timestamp>,
        /// Events up to this position are queued or are none of its.
        pub queued_to: i64,
        /// The last attempt failed.
        pub failing: bool,
        /// When there is next something to do for it, real time.
        pub next_at: Option<Timestamp>,
        /// Who speaks to it now: the fencing token of a server.
        pub lease_id: Option<Uuid>,
        /// Until when, real time.
        pub lease_until: Option<Timestamp>,
        pub created_by: PersonId,
        pub version: i64,
        pub created_at: Timestamp,
    }
}

table! {
    /// An event on its way to a webhook; times are real.
    webhook_delivery "webhook_delivery" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub webhook_id: WebhookId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub event_id: EventId,
        /// Events of one subject arrive in order.
        pub subject_id: Uuid,
        /// Only what is public of it is sent.
        pub is_public: bool,
        pub state: DeliveryState,
        pub attempts: i32,
        pub next_attempt_at: Timestamp,
        pub ended_at: Option<Timestamp>,
    }
}

table! {
    /// One attempt to deliver; times are real.
    webhook_attempt "webhook_attempt" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: WebhookAttemptId,
        pub webhook_id: WebhookId,
        pub event_id: EventId,
        pub position: i64,
        pub kind: String,
        pub attempt: i32,
        pub at: Timestamp,
        pub outcome: DeliveryOutcome,
        /// The HTTP status, if an answer came.
        pub status: Option<i32>,
        pub duration_ms: i64,
    }
}

table! {
    /// A letter that waits for the post. To whom and what it says is sealed, and erased once it is sent; times are real.
    mail "mail" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MailId,
        /// Why it is written, in a word.
        pub reason: String,
        #[serde(skip)]
        pub letter_sealed: Option<Vec<u8>>,
        pub state: MailState,
        pub attempts: i32,
        pub next_attempt_at: Timestamp,
        pub created_at: Timestamp,
        pub ended_at: Option<Timestamp>,
    }
}

table! {
    /// What a member chose to get by letter of an organisation's news.
    mail_preference "mail_preference" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: PersonId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub organisation_id: OrganisationId,
        pub choice: MailChoice,
        /// Names of kinds, where he named some.
        pub kinds: Option<sea_orm::JsonValue>,
        /// Stands in the address that stops these letters. Whoever knows it can do that and nothing else.
        pub stop_id: MailStopId,
        pub version: i64,
        pub changed_at: Timestamp,
    }
}

table! {
    /// A letter about the inbox; what it says is made when it goes out. Times are real.
    inbox_letter "inbox_letter" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: InboxLetterId,
        pub person_id: PersonId,
        pub organisation_id: OrganisationId,
        /// What it is about; none in one that only counts what there was no room for.
        pub item_id: Option<InboxItemId>,
        /// How many items it counts.
        pub more: i64,
        pub state: MailState,
        pub attempts: i32,
        pub next_attempt_at: Timestamp,
        pub created_at: Timestamp,
        pub ended_at: Option<Timestamp>,
    }
}
