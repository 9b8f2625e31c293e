//! What is told of personal data, and of how long records are kept.

use chrono::{DateTime, Utc};
use entity::auctions::{first_offer, lot_event, sealed_bid, turn_bid};
use entity::deals::{SignatureSide, deal_signature};
use entity::identity::{DataWish, StaffRole, person};
use entity::ids::{DataRequestId, DealId, LotId, OrganisationId, PersonId};
use entity::money::Money;
use entity::platform::{AuditOutcome, audit, data_key};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::flows::Kept;
use super::rules::Going;
use crate::auctions::views::BidView;
use crate::data_rooms::views::AccessView;
use crate::identity::keys::views::ApiKeyView;
use crate::identity::views::{MemberView, PersonView, SessionView};
use crate::notifications::views::MailPreferencesView;
use crate::objections::views::OwnObjection;
use crate::paged;
use crate::platform::http::PageQuery;
use crate::platform::http::answer::Tagged;
use crate::platform::keys::hex;
use crate::questions::views::OwnQuestion;

/// All that is held of a person as such (个人信息副本). Things made for an organisation are the organisation's, and
/// are told there; here they are named in `deeds`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonalData {
    /// The person.
    pub person: PersonView,
    /// When the password was last changed.
    pub password_changed_at: Option<DateTime<Utc>>,
    /// Since when an authenticator is in force.
    pub second_factor_since: Option<DateTime<Utc>>,
    /// Since when the account is suspended.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Why.
    pub suspended_why: Option<String>,
    /// Since when the account is closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// When name and address go.
    pub forget_at: Option<DateTime<Utc>>,
    /// Staff role.
    pub staff_role: Option<StaffRole>,
    /// Memberships and open invitations.
    pub memberships: Vec<MemberView>,
    /// When somebody asked by letter for an account under the address, as far as it is still kept.
    pub registrations: Vec<DateTime<Utc>>,
    /// The sessions, those that are over included.
    pub sessions: Vec<SessionView>,
    /// The keys.
    pub api_keys: Vec<ApiKeyView>,
    /// What he gets by letter of the news of his organisations, where he chose or got any.
    pub mail_preferences: Vec<MailPreferencesView>,
    /// What officers did with them at his request.
    pub requests: Vec<DataRequestView>,
    /// The bids he placed, for whichever organisation: they outlast the audit trail.
    pub bids: Vec<OwnBidView>,
    /// The bids he sealed; what they say is told to the bidder alone, with each lot.
    pub sealed_bids: Vec<OwnSealedBidView>,
    /// The signatures he gave under deal confirmations.
    pub signatures: Vec<OwnSignatureView>,
    /// The deeds in the audit trail.
    pub deeds: Vec<DeedView>,
    /// Whether there are earlier ones; an auditor reads them.
    pub deeds_left_out: bool,
    /// The kinds of which only the last ten thousand are told and earlier ones are left out.
    #[schema(example = json!(["deeds"]))]
    pub left_out: Vec<String>,
    /// The first offers he sealed, by rounds; what they say is told to the bidder alone, with each lot.
    pub first_offers: Vec<OwnFirstOfferView>,
    /// The bids he placed in turns; what stands of them the log of each lot tells.
    pub turn_bids: Vec<OwnTurnBidView>,
    /// The objections he handed in, with what he wrote.
    pub objections: Vec<OwnObjection>,
    /// The questions he asked about listings.
    pub questions: Vec<OwnQuestion>,
    /// What he did in data rooms, with the network it was done from.
    pub data_room_accesses: Vec<AccessView>,
}

impl Tagged for PersonalData {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A bid, as whoever placed it is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnBidView {
    /// The lot.
    pub lot_id: LotId,
    /// Number in the lot's log.
    pub seq: i64,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// Price.
    pub price: Money,
}

impl OwnBidView {
    /// Reads a bid off its event.
    pub fn of(event: &lot_event::Model) -> Option<Self> {
        let bid = BidView::of(event)?;
        Some(Self { lot_id: event.lot_id, seq: bid.seq, at: bid.at, price: bid.price })
    }
}

/// A sealed bid, as whoever sealed it is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnSealedBidView {
    /// The lot.
    pub lot_id: LotId,
    /// The round: 1, 2 for the one among equals, or 3 for the one among holders of a right of pre-emption.
    pub round: i32,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// What it was committed to, hexadecimal.
    pub commitment: String,
}

impl From<sealed_bid::Model> for OwnSealedBidView {
    fn from(row: sealed_bid::Model) -> Self {
        Self { lot_id: row.lot_id, round: row.round, at: row.at, commitment: hex(&row.commitment) }
    }
}

/// A first offer, as whoever sealed it is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnFirstOfferView {
    /// The lot.
    pub lot_id: LotId,
    /// When it arrived.
    pub at: DateTime<Utc>,
    /// What it was committed to, hexadecimal.
    pub commitment: String,
}

impl From<first_offer::Model> for OwnFirstOfferView {
    fn from(row: first_offer::Model) -> Self {
        Self { lot_id: row.lot_id, at: row.arrived_at, commitment: row.commitment }
    }
}

/// A bid of a turn, as whoever placed it is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnTurnBidView {
    /// The lot.
    pub lot_id: LotId,
    /// The round, from 1.
    pub round: i32,
    /// The turn in it, from 1.
    pub turn: i32,
    /// When it arrived.
    pub at: DateTime<Utc>,
}

impl From<turn_bid::Model> for OwnTurnBidView {
    fn from(row: turn_bid::Model) -> Self {
        Self { lot_id: row.lot_id, round: row.round, turn: row.turn, at: row.arrived_at }
    }
}

/// A signature under a deal confirmation, as whoever gave it is told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnSignatureView {
    /// The deal.
    pub deal_id: DealId,
    /// For which side.
    pub side: SignatureSide,
    /// For which organisation; none for the auction host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// When.
    pub signed_at: DateTime<Utc>,
}

impl From<deal_signature::Model> for OwnSignatureView {
    fn from(row: deal_signature::Model) -> Self {
        Self { deal_id: row.deal_id, side: row.side, organisation_id: row.organisation_id, signed_at: row.signed_at }
    }
}

/// What an officer did at somebody's request with his personal data (个人信息权利请求).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataRequestView {
    /// Its id.
    pub id: DataRequestId,
    /// Whose request.
    pub person_id: PersonId,
    /// What was wanted.
    pub wish: DataWish,
    /// Which request it was; empty once the person is forgotten.
    pub reason: String,
    /// The officer.
    pub done_by: PersonId,
    /// When.
    pub done_at: DateTime<Utc>,
}

paged! {
    /// Which requests are listed.
    pub struct DataRequestQuery {
        /// Of this person.
        pub person_id: Option<PersonId>,
    }
}

impl DataRequestQuery {
    /// Whose, and which page.
    pub fn parts(self) -> (Option<PersonId>, PageQuery) {
        (self.person_id, self.page())
    }
}

/// A deed in the audit trail, as its doer may know it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DeedView {
    /// When.
    pub at: DateTime<Utc>,
    /// For whom.
    pub organisation_id: Option<OrganisationId>,
    /// What was done.
    pub operation: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which, where it was done.
    pub object_id: Option<Uuid>,
    /// Changed, or denied.
    pub outcome: AuditOutcome,
    /// The network it was done from.
    pub network: Option<String>,
}

impl From<audit::Model> for DeedView {
    fn from(row: audit::Model) -> Self {
        Self {
            at: row.at,
            organisation_id: row.organisation_id,
            operation: row.operation,
            object_kind: row.object_kind,
            // What was refused him, he did not do: it may not even be there.
            object_id: row.object_id.filter(|_| row.outcome == AuditOutcome::Changed),
            outcome: row.outcome,
            network: row.network,
        }
    }
}

/// A closed account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClosedAccount {
    /// The person.
    pub id: PersonId,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// When name and address go: at once, or when the law no longer asks for the records they belong to.
    pub forget_at: Option<DateTime<Utc>>,
    /// When they went.
    pub forgotten_at: Option<DateTime<Utc>>,
}

impl From<person::Model> for ClosedAccount {
    fn from(row: person::Model) -> Self {
        Self { id: row.id, closed_at: row.closed_at, forget_at: row.forget_at, forgotten_at: row.forgotten_at }
    }
}

impl Tagged for ClosedAccount {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// A key personal data is sealed under.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataKeyView {
    /// Its number.
    pub generation: i64,
    /// From when it seals.
    pub seals_from: DateTime<Utc>,
    /// Who made it; nobody for the first.
    pub made_by: Option<PersonId>,
    /// When it was destroyed, nothing being sealed under it any more.
    pub destroyed_at: Option<DateTime<Utc>>,
}

impl From<data_key::Model> for DataKeyView {
    fn from(row: data_key::Model) -> Self {
        Self { generation: row.generation, seals_from: row.seals_from, made_by: row.made_by, destroyed_at: row.destroyed_at }
    }
}

impl Tagged for DataKeyView {
    fn version(&self) -> Option<i64> {
        None
    }
}

/// The keys personal data is or was sealed under.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataKeys {
    /// The keys, oldest first.
    pub keys: Vec<DataKeyView>,
    /// How many rows are not sealed under the newest yet.
    pub waiting: u64,
}

/// How records go when their time is over.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetentionEnd {
    /// By themselves.
    ByThemselves,
    /// When an officer purges them.
    ByPurge,
    /// Never: they name people by id only.
    Never,
}

impl From<Going> for RetentionEnd {
    fn from(going: Going) -> Self {
        match going {
            Going::ByThemselves => Self::ByThemselves,
            Going::ByPurge(_) => Self::ByPurge,
            Going::Never => Self::Never,
        }
    }
}

/// A kind of records and how long it is kept (保存期).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RetentionView {
    /// Its name.
    #[schema(example = "audit")]
    pub class: String,
    /// What it is, in Chinese.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
    /// How long, at least.
    #[schema(example = "184d")]
    pub period: String,
    /// The rule, by its name in the rulebook.
    pub parameter: String,
    /// Where the rule is from.
    pub source: String,
    /// How the records go.
    pub end: RetentionEnd,
    /// What the caller may do to it now, as operation ids; told where kinds are read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["purge_records"]))]
    pub allowed_deeds: Option<Vec<String>>,
}

impl From<Kept> for RetentionView {
    fn from(kept: Kept) -> Self {
        let (zh, en) = kept.class.says;
        Self {
            class: kept.class.code.into(),
            zh: zh.into(),
            en: en.into(),
            period: kept.rule.value.to_string(),
            parameter: kept.rule.name,
            source: kept.rule.source,
            end: kept.class.going.into(),
            allowed_deeds: None,
        }
    }
}

/// Every kind of records that has a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Retention {
    /// The kinds.
    pub classes: Vec<RetentionView>,
}

/// What to purge.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Purge {
    /// Only what is from before this instant.
    #[schema(example = "2026-05-01T00:00:00Z")]
    pub before: DateTime<Utc>,
}

/// What was purged.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Purged {
    /// How many rows went.
    pub rows: u64,
}

impl Tagged for Purged {
    fn version(&self) -> Option<i64> {
        None
    }
}
