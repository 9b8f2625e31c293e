//! The bodies of events: their schemas, from the very types that are written, and an example of each.

use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;

use crate::achievements::events::{AchievementCreated, AssetAdded, StatusRecorded};
use crate::admissions::events::AdmissionEvent;
use crate::auctions::events::LotEvent;
use crate::banking::events::{LineEvent, PaymentFileEvent, StatementEvent};
use crate::certificates::events::CertificateEvent;
use crate::data_rooms::events::DataRoomEvent;
use crate::deals::events::DealEvent;
use crate::encumbrances::events::EncumbranceEvent;
use crate::identity::flows::IdentityEvent;
use crate::imports::events::ImportEnded;
use crate::ledger::events::RefundEvent;
use crate::licences::events::LicenceEvent;
use crate::listings::events::{ListingMoved, StatusStaleSoon};
use crate::lot_sessions::events::LotSessionEvent;
use crate::negotiations::events::NegotiationEvent;
use crate::notices::events::NoticeEvent;
use crate::notifications::events::{Triggered, WebhookEvent};
use crate::objections::events::ObjectionEvent;
use crate::open_implementation::events::OpenImplementationEvent;
use crate::open_licences::events::{AcceptanceEvent, OpenLicenceEvent};
use crate::questions::events::QuestionEvent;
use crate::recordals::events::{LicenceDue, PatentGranted, RecordalEvent, TitlePassed};
use crate::rights_grants::events::RightsGrantEvent;

/// What the body of an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// [`AchievementCreated`].
    Achievement,
    /// [`AssetAdded`].
    Asset,
    /// [`StatusRecorded`].
    Status,
    /// [`EncumbranceEvent`].
    Encumbrance,
    /// [`AdmissionEvent`].
    Admission,
    /// [`AdmissionEvent`] under the name of the lot's log.
    Bidder,
    /// [`LotEvent`].
    Lot,
    /// [`LotEvent`] of a lot that led to a deal.
    SoldLot,
    /// [`LotEvent`] of a lot whose clocks were moved.
    MovedLot,
    /// [`LotSessionEvent`].
    LotSession,
    /// [`DealEvent`].
    Deal,
    /// [`RefundEvent`].
    Refund,
    /// [`RefundEvent`] with the bank's reference.
    PaidRefund,
    /// [`StatementEvent`].
    Statement,
    /// [`LineEvent`].
    Line,
    /// [`PaymentFileEvent`].
    PaymentFile,
    /// [`ListingMoved`] before publication.
    Draft,
    /// [`ListingMoved`] with its lot and dates.
    Listing,
    /// [`StatusStaleSoon`].
    StaleStatus,
    /// [`ImportEnded`].
    Import,
    /// [`NegotiationEvent`].
    Negotiation,
    /// [`RightsGrantEvent`].
    RightsGrant,
    /// [`LicenceEvent`].
    Licence,
    /// [`LicenceDue`].
    LicenceDue,
    /// [`RecordalEvent`].
    Recordal,
    /// [`RecordalEvent`] with the last day for an answer.
    Defect,
    /// [`TitlePassed`].
    Title,
    /// [`PatentGranted`].
    PatentGrant,
    /// [`CertificateEvent`].
    Certificate,
    /// [`OpenLicenceEvent`].
    OpenLicence,
    /// [`AcceptanceEvent`].
    Acceptance,
    /// [`AcceptanceEvent`] with the licence.
    TakenLicence,
    /// [`OpenImplementationEvent`].
    OpenImplementation,
    /// [`DataRoomEvent`].
    DataRoom,
    /// [`NoticeEvent`].
    Notice,
    /// [`ObjectionEvent`].
    Objection,
    /// [`QuestionEvent`].
    Question,
    /// [`IdentityEvent`] about an organisation.
    Organisation,
    /// [`IdentityEvent`] about a membership.
    Membership,
    /// [`IdentityEvent`] about a key.
    Key,
    /// [`IdentityEvent`] about a staff place.
    Staff,
    /// [`IdentityEvent`] about an account.
    Account,
    /// [`WebhookEvent`].
    Webhook,
    /// [`WebhookEvent`] with the reason.
    DisabledWebhook,
    /// [`Triggered`].
    Triggered,
}

type Schemas = Vec<(String, RefOr<Schema>)>;

fn of<T: ToSchema>() -> Schemas {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    found
}

const ID: &str = "019ab1c2-7d3e-7f40-8a51-6b2c3d4e5f60";
const OTHER: &str = "019ab1c2-7d3e-7f40-8a51-6b2c3d4e5f61";
const THIRD: &str = "019ab1c2-7d3e-7f40-8a51-6b2c3d4e5f62";
const FOURTH: &str = "019ab1c2-7d3e-7f40-8a51-6b2c3d4e5f63";
const FIFTH: &str = "019ab1c2-7d3e-7f40-8a51-6b2c3d4e5f64";
const AT: &str = "2026-11-23T01:00:00Z";
const LATER: &str = "2026-11-24T01:00:00Z";

impl Body {
    /// Its schema and those it refers to.
    pub fn schemas(self) -> Schemas {
        match self {
            Self::Achievement => of::<AchievementCreated>(),
            Self::Asset => of::<AssetAdded>(),
            Self::Status => of::<StatusRecorded>(),
            Self::Encumbrance => of::<EncumbranceEvent>(),
            Self::Admission | Self::Bidder => of::<AdmissionEvent>(),
            Self::Lot | Self::SoldLot | Self::MovedLot => of::<LotEvent>(),
            Self::LotSession => of::<LotSessionEvent>(),
            Self::Deal => of::<DealEvent>(),
            Self::Refund | Self::PaidRefund => of::<RefundEvent>(),
            Self::Statement => of::<StatementEvent>(),
            Self::Line => of::<LineEvent>(),
            Self::PaymentFile => of::<PaymentFileEvent>(),
            Self::Draft | Self::Listing => of::<ListingMoved>(),
            Self::StaleStatus => of::<StatusStaleSoon>(),
            Self::Import => of::<ImportEnded>(),
            Self::Negotiation => of::<NegotiationEvent>(),
            Self::RightsGrant => of::<RightsGrantEvent>(),
            Self::Licence => of::<LicenceEvent>(),
            Self::LicenceDue => of::<LicenceDue>(),
            Self::Recordal | Self::Defect => of::<RecordalEvent>(),
            Self::Title => of::<TitlePassed>(),
            Self::PatentGrant => of::<PatentGranted>(),
            Self::Certificate => of::<CertificateEvent>(),
            Self::OpenLicence => of::<OpenLicenceEvent>(),
            Self::Acceptance | Self::TakenLicence => of::<AcceptanceEvent>(),
            Self::OpenImplementation => of::<OpenImplementationEvent>(),
            Self::DataRoom => of::<DataRoomEvent>(),
            Self::Notice => of::<NoticeEvent>(),
            Self::Objection => of::<ObjectionEvent>(),
            Self::Question => of::<QuestionEvent>(),
            Self::Organisation | Self::Membership | Self::Key | Self::Staff | Self::Account => of::<IdentityEvent>(),
            Self::Webhook | Self::DisabledWebhook => of::<WebhookEvent>(),
            Self::Triggered => of::<Triggered>(),
        }
    }

    /// The name of its schema.
    pub fn name(self) -> String {
        self.schemas().into_iter().next().map(|(name, _)| name).unwrap_or_default()
    }

    /// A body as it might be.
    pub fn example(self) -> Value {
        match self {
            Self::Achievement => json!({"achievement_id": ID, "organisation_id": OTHER}),
            Self::Asset => json!({"asset_id": ID, "achievement_id": OTHER, "organisation_id": THIRD, "kind": "invention"}),
            Self::Status => {
                json!({"asset_id": ID, "achievement_id": OTHER, "organisation_id": THIRD, "status": "granted", "as_of": AT})
            }
            Self::Encumbrance => json!({"asset_id": ID, "organisation_id": OTHER, "entry_id": THIRD}),
            Self::Admission => json!({"admission_id": ID, "lot_id": OTHER, "state": "applied"}),
            Self::Bidder => json!({"admission_id": ID, "lot_id": OTHER, "state": "admitted", "pseudonym": "竞买人 4821"}),
            Self::Lot => json!({"lot_id": ID, "listing_id": OTHER, "state": "open_free"}),
            Self::SoldLot => json!({"lot_id": ID, "listing_id": OTHER, "state": "closed_sold", "deal_id": THIRD, "deal_ids": [THIRD]}),
            Self::MovedLot => json!({"lot_id": ID, "listing_id": OTHER, "state": "paused", "opens_at": AT, "closes_at": LATER}),
            Self::LotSession => json!({"lot_session_id": ID, "mode": "staggered", "state": "published"}),
            Self::Deal => json!({
                "deal_id": ID, "lot_id": OTHER, "listing_id": THIRD, "buyer_admission_id": FOURTH, "state": "confirmation_generated"
            }),
            Self::Refund => refund(),
            Self::PaidRefund => {
                let mut paid = refund();
                paid["bank_reference"] = "ICBC-20261123-000042".into();
                paid
            }
            Self::Statement => json!({"statement_id": ID, "lines": 12, "joins": true}),
            Self::Line => json!({"line_id": ID, "state": "resolved", "decision": "apply", "admission_id": OTHER}),
            Self::PaymentFile => {
                json!({"payment_file_id": ID, "state": "open", "total": {"amount": "20000.00", "currency": "CNY"}})
            }
            Self::Draft => json!({"listing_id": ID, "organisation_id": OTHER, "state": "draft", "rehearsal": false}),
            Self::Listing => json!({
                "listing_id": ID, "organisation_id": OTHER, "state": "published", "rehearsal": false, "lot_id": THIRD, "notice_id": FOURTH,
                "registration_closes_at": AT, "auction_opens_at": AT
            }),
            Self::StaleStatus => json!({"listing_id": ID, "organisation_id": OTHER, "asset_ids": [THIRD], "auction_opens_at": AT}),
            Self::Import => json!({
                "import_id": ID, "organisation_id": OTHER, "content": "assets", "state": "done", "rehearsal": false, "accepted": 240,
                "unchanged": 8, "refused": 2
            }),
            Self::Objection => {
                json!({"objection_id": ID, "notice_id": OTHER, "listing_id": THIRD, "ground": "procedure", "state": "submitted", "holds_up": true, "ends": false})
            }
            Self::Negotiation => json!({"negotiation_id": ID, "state": "open"}),
            Self::RightsGrant => json!({"rights_grant_id": ID, "organisation_id": OTHER, "state": "decided"}),
            Self::Licence => json!({
                "licence_id": ID, "licensor_id": OTHER, "grantee_id": THIRD, "mode": "non_exclusive", "state": "effective"
            }),
            Self::LicenceDue => json!({"licence_id": ID, "licensor_id": OTHER, "grantee_id": THIRD, "due_on": "2026-06-02"}),
            Self::Recordal => json!({
                "recordal_id": ID, "organisation_id": OTHER, "counterparty_id": THIRD, "kind": "transfer", "state": "registered"
            }),
            Self::Defect => json!({
                "recordal_id": ID, "organisation_id": OTHER, "counterparty_id": THIRD, "kind": "transfer", "state": "defect_notice",
                "reply_by": "2026-05-20"
            }),
            Self::Title => json!({"asset_id": ID, "organisation_id": OTHER, "counterparty_id": THIRD, "since": "2026-06-10"}),
            Self::PatentGrant => json!({"asset_id": ID, "organisation_id": OTHER, "kind": "invention", "granted_on": "2026-05-12"}),
            Self::Certificate => json!({
                "number": "XK-7QK2-0G4D-ZZ31-9MXA", "licence_id": ID, "licensor_id": OTHER, "grantee_id": THIRD
            }),
            Self::OpenLicence => json!({"open_licence_id": ID, "organisation_id": OTHER, "state": "announced"}),
            Self::Acceptance => json!({
                "acceptance_id": ID, "open_licence_id": OTHER, "licensor_id": THIRD, "grantee_id": FOURTH, "state": "notice_sent"
            }),
            Self::TakenLicence => json!({
                "acceptance_id": ID, "open_licence_id": OTHER, "licensor_id": THIRD, "grantee_id": FOURTH, "state": "licensed",
                "licence_id": FIFTH
            }),
            Self::OpenImplementation => json!({"asset_id": ID, "organisation_id": OTHER, "due_on": "2026-11-23"}),
            Self::DataRoom => json!({"data_room_id": ID, "organisation_id": OTHER, "state": "open"}),
            Self::Question => json!({"question_id": ID, "listing_id": OTHER, "state": "asked"}),
            Self::Notice => {
                json!({"notice_id": ID, "kind": "deal_result", "listing_id": OTHER, "deal_id": THIRD, "version": 1, "ends_at": AT})
            }
            Self::Organisation => json!({"organisation_id": ID}),
            Self::Membership => json!({"organisation_id": ID, "membership_id": OTHER}),
            Self::Key => json!({"organisation_id": ID, "person_id": OTHER}),
            Self::Staff | Self::Account => json!({"person_id": ID}),
            Self::Webhook => json!({"webhook_id": ID, "organisation_id": OTHER}),
            Self::DisabledWebhook => json!({"webhook_id": ID, "organisation_id": OTHER, "reason": "retries_exhausted"}),
            Self::Triggered => json!({"kind": "lot.opened", "organisation_id": ID, "data": {}}),
        }
    }
}

fn refund() -> Value {
    json!({
        "refund_id": ID, "admission_id": OTHER, "organisation_id": THIRD, "amount": {"amount": "20000.00", "currency": "CNY"}, "due_at": AT
    })
}
