//! What is said about open licences that somebody takes.

use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{LicenceGrantId, OpenLicenceAcceptanceId, OpenLicenceId, OrganisationId};
use entity::open_licences::{AcceptanceState, FeeStandard, open_licence_acceptance};
use serde::Serialize;
use utoipa::ToSchema;

use crate::open_licences::rules::acceptance::Payment;
use crate::platform::http::answer::Tagged;
use crate::platform::problem::{Code, Problem};

/// Under which number and on which day the patent office put a licence on record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Recordal {
    /// The number.
    pub number: String,
    /// The day, in Shanghai.
    pub recorded_on: NaiveDate,
}

/// An open licence that somebody takes, as the patentee, he and officers read it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenLicenceAcceptanceView {
    /// Id.
    pub id: OpenLicenceAcceptanceId,
    /// What is taken.
    pub open_licence_id: OpenLicenceId,
    /// The patentee.
    pub patentee_id: OrganisationId,
    /// Who takes it.
    pub organisation_id: OrganisationId,
    /// Where it stands.
    pub state: AcceptanceState,
    /// The standard it was taken by.
    pub fee: FeeStandard,
    /// Whether he undertook to pay the royalty.
    pub undertakes_royalty: bool,
    /// What he paid, where he showed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// Until when it is to be paid.
    pub pay_by: DateTime<Utc>,
    /// The licence in the register, from when it arose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence_id: Option<LicenceGrantId>,
    /// When it arose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licensed_at: Option<DateTime<Utc>>,
    /// When the patentee said that the money came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_at: Option<DateTime<Utc>>,
    /// The record of the patent office, once that was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recordal: Option<Recordal>,
    /// When it lapsed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapsed_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapse_reason: Option<String>,
    /// When the patentee was told.
    pub created_at: DateTime<Utc>,
    /// Version, for `If-Match`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// An open licence that somebody takes, where a single one is read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenLicenceAcceptanceDetail {
    /// What is taken, and how far that is.
    #[serde(flatten)]
    pub acceptance: OpenLicenceAcceptanceView,
    /// What the caller may do to it now, as operation ids.
    #[schema(example = json!(["confirm_open_licence_payment", "record_open_licence_recordal"]))]
    pub allowed_deeds: Vec<String>,
}

impl OpenLicenceAcceptanceView {
    /// Of an acceptance.
    pub fn of(row: &open_licence_acceptance::Model) -> Result<Self, Problem> {
        let payment = row.payment.clone().map(serde_json::from_value).transpose().map_err(|_| Code::Internal)?;
        let recordal = row.recordal_number.clone().zip(row.recorded_on);
        Ok(Self {
            id: row.id,
            open_licence_id: row.open_licence_id,
            patentee_id: row.patentee_id,
            organisation_id: row.organisation_id,
            state: row.state,
            fee: serde_json::from_value(row.fee.clone()).map_err(|_| Code::Internal)?,
            undertakes_royalty: row.undertakes_royalty,
            payment,
            pay_by: row.pay_by,
            licence_id: row.licence_grant_id,
            licensed_at: row.licensed_at,
            received_at: row.received_at,
            recordal: recordal.map(|(number, recorded_on)| Recordal { number, recorded_on }),
            lapsed_at: row.lapsed_at,
            lapse_reason: row.lapse_reason.clone(),
            created_at: row.created_at,
            version: row.version,
        })
    }
}

impl Tagged for OpenLicenceAcceptanceDetail {
    fn version(&self) -> Option<i64> {
        Some(self.acceptance.version)
    }
}
