//! What admissions take and show over HTTP.

use chrono::{DateTime, Utc};
use entity::admissions::AdmissionState;
use entity::ids::{AdmissionId, DocumentId, LotId, OrganisationId};
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::Standing;
use crate::documents::views::DocumentRef;
use crate::paged;
use crate::platform::http::answer::Tagged;

/// An application for a lot (意向受让登记).
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAdmission {
    /// Documents of the own organisation that show it meets the conditions.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub documents: Vec<DocumentId>,
    /// Asks that its name be kept secret if it buys (AL art. 21). The result then shows it masked, unless the
    /// rules for the seller's class have every buyer shown.
    #[serde(default)]
    pub party_confidential: bool,
}

/// A credit on the custodian account, as the bank states it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCredit {
    /// The bank's reference of the credit (银行流水号); each is recorded once.
    #[schema(min_length = 1, max_length = 64, pattern = "^[!-~]{1,64}$", example = "ICBC-20261123-000042")]
    pub bank_reference: String,
    /// The deposit reference the payer quoted.
    #[schema(min_length = 1, max_length = 64, example = "D-7K2M9QXP")]
    pub deposit_reference: String,
    /// How much came.
    pub amount: Money,
    /// The name of the account it came from; it must be the organisation's registered name.
    #[schema(min_length = 1, max_length = 200, example = "杭州某新材料有限公司")]
    pub payer_name: String,
}

paged! {
    /// Which admissions.
    pub struct AdmissionQuery {
        /// Only in this state.
        #[param(inline)]
        pub state: Option<AdmissionState>,
    }
}

/// The deposit of an admission (保证金).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AdmissionDeposit {
    /// How much, exactly.
    pub amount: Money,
    /// Quote it when paying.
    #[schema(example = "D-7K2M9QXP")]
    pub reference: String,
    /// It must have arrived before this instant.
    pub pay_by: DateTime<Utc>,
    /// Whether it arrived and was held for the lot.
    pub received: bool,
}

/// The lot is offered to the runner-up at its own last bid, since the winner defaulted (递补).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NextBidderOffer {
    /// The price.
    pub price: Money,
    /// It must be answered before this instant.
    pub answer_by: DateTime<Utc>,
}

/// An admission to a lot, as its own organisation and the officers see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AdmissionView {
    /// Id.
    pub id: AdmissionId,
    /// The lot.
    pub lot_id: LotId,
    /// Who wants to buy.
    pub organisation_id: OrganisationId,
    /// Where it stands.
    pub state: AdmissionState,
    /// Why it was refused, or the bidder suspended or reinstated.
    pub reason: Option<String>,
    /// The deposit.
    pub deposit: AdmissionDeposit,
    /// The name the bidder goes by in this lot and in no other.
    #[schema(example = "竞买人 4821")]
    pub pseudonym: Option<String>,
    /// When it came over from the lot in whose place this one was announced; until registration closes it may be withdrawn with its deposit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carried_over_at: Option<DateTime<Utc>>,
    /// The rank of the bidder's right of pre-emption, if the seller named it as a holder; known once it is admitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub preemption_rank: Option<i32>,
    /// Whether the bidder may not bid for the time being.
    pub suspended: bool,
    /// The documents handed in, in the version they had then.
    pub documents: Vec<DocumentRef>,
    /// Whether it asked that its name be kept secret if it buys.
    pub party_confidential: bool,
    /// What it was offered as the runner-up; whether it took it, its state tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_bidder_offer: Option<NextBidderOffer>,
    /// When applied for.
    pub created_at: DateTime<Utc>,
    /// What the caller may do to it now, as operation ids; told where a single admission is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["withdraw_admission"]))]
    pub allowed_deeds: Option<Vec<String>>,
    /// Version.
    pub version: i64,
}

impl From<Standing> for AdmissionView {
    fn from(standing: Standing) -> Self {
        let Standing { admission: row, deposit, pay_by } = standing;
        let offer = row.offered_minor.zip(row.offered_until);
        let offer = offer.map(|(minor, answer_by)| NextBidderOffer { price: Money { minor, currency: deposit.currency }, answer_by });
        Self {
            next_bidder_offer: offer,
            deposit: AdmissionDeposit {
                amount: deposit,
                reference: row.deposit_reference,
                pay_by,
                received: row.hold_transfer_id.is_some(),
            },
            id: row.id,
            lot_id: row.lot_id,
            organisation_id: row.organisation_id,
            state: row.state,
            reason: row.reason,
            pseudonym: row.pseudonym,
            carried_over_at: row.carried_over_at,
            preemption_rank: row.preemption_rank,
            suspended: row.suspended,
            documents: serde_json::from_value(row.documents).unwrap_or_default(),
            party_confidential: row.party_confidential,
            created_at: row.created_at,
            allowed_deeds: None,
            version: row.version,
        }
    }
}

impl Tagged for AdmissionView {
    fn version(&self) -> Option<i64> {
        Some(self.version)
    }
}
