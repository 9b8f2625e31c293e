//! Taking an open licence: who may, and whether he pays by the announced standard.
//!
//! Source: Patent Law art. 51 (whoever tells the patentee in writing, and pays as announced, has a licence); Civil Code art. 469 (what a message
//! of data says is in writing).

use chrono::NaiveDate;
use entity::achievements::LegalStatus;
use entity::ids::{DocumentId, OrganisationId};
use entity::money::Money;
use entity::open_licences::{FeeStandard, OpenLicenceState, open_licence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::terms::in_range;
use crate::achievements::store::AssetFacts;
use crate::documents::views::DocumentRef;
use crate::platform::problem::{Code, Fault, Faults, Problem};

/// The longest reference of a bank, characters.
const LONGEST: usize = 200;

/// What somebody paid to the patentee.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// How much: exactly what the announced standard asks for at once.
    pub amount: Money,
    /// The bank's reference of the payment.
    #[schema(min_length = 1, max_length = 200, example = "ICBC-20260420-000042")]
    pub reference: String,
    /// The day on which it was paid, in Shanghai.
    #[schema(example = "2026-04-20")]
    pub paid_on: NaiveDate,
    /// The paper of the bank that shows it.
    pub document_id: DocumentId,
}

/// The notice to the patentee, in writing, that a licence is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAcceptance {
    /// What was paid, with which the licence arises at once. Without it the notice is sent, and the payment follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<NewPayment>,
    /// That the announced royalty will be paid, where there is one.
    #[serde(default)]
    pub undertakes_royalty: bool,
}

/// What was paid, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Payment {
    /// How much.
    pub amount: Money,
    /// The bank's reference.
    pub reference: String,
    /// The day, in Shanghai.
    pub paid_on: NaiveDate,
    /// The paper that shows it, with the hash it had.
    pub document: DocumentRef,
}

/// The patent office put a licence on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecordal {
    /// The number.
    #[schema(min_length = 1, max_length = 200, example = "X2026330000456")]
    pub number: String,
    /// The day, in Shanghai.
    #[schema(example = "2026-04-28")]
    pub recorded_on: NaiveDate,
}

/// What the standard asks for before there is a licence: the one amount, that of the first year, or the entry fee.
pub fn due_at_once(fee: &FeeStandard) -> Option<Money> {
    match fee {
        FeeStandard::OneOff { amount } | FeeStandard::PerYear { amount } => Some(*amount),
        FeeStandard::Royalty { entry_fee, .. } => *entry_fee,
    }
}

/// Refuses who cannot take it: the patentee himself, and anybody once it stands no more.
pub fn may_take(declared: &open_licence::Model, taker: OrganisationId, today: NaiveDate) -> Result<(), Problem> {
    if declared.organisation_id == taker {
        return Err(Code::ConflictOfInterest.into());
    }
    if declared.state == OpenLicenceState::Announced && today < declared.term_until {
        return Ok(());
    }
    Err(Code::WrongState.with("state", declared.state).with("allowed", Vec::<&str>::new()))
}

/// Refuses what is not by the announced standard. Whoever wants to pay otherwise negotiates a licence of his own (PL art. 51).
pub fn by_the_standard(fee: &FeeStandard, new: &NewAcceptance, today: NaiveDate) -> Result<(), Problem> {
    let mut faults = Faults::new();
    if matches!(fee, FeeStandard::Royalty { .. }) {
        let (zh, en) = ("须承诺按公告标准支付提成", "must undertake to pay the announced royalty");
        faults.require(new.undertakes_royalty, "/undertakes_royalty", "missing_field", zh, en);
    } else {
        let (zh, en) = ("公告标准不含提成", "the announced standard has no royalty");
        faults.require(!new.undertakes_royalty, "/undertakes_royalty", "contradiction", zh, en);
    }
    if let Some(payment) = &new.payment {
        paid_well(&mut faults, due_at_once(fee), payment, today);
    }
    faults.done()
}

fn paid_well(faults: &mut Faults, due: Option<Money>, payment: &NewPayment, today: NaiveDate) {
    in_range(faults, "/payment/paid_on", payment.paid_on);
    faults.name("/payment/reference", &payment.reference, LONGEST).require(
        payment.paid_on <= today,
        "/payment/paid_on",
        "future",
        "不得晚于今日",
        "must not be after today",
    );
    match due {
        None => {
            let (zh, en) = ("公告标准无须先行付款", "the announced standard asks for nothing at once");
            faults.require(false, "/payment", "contradiction", zh, en);
        }
        Some(due) if due == payment.amount => {}
        Some(due) => {
            let (zh, en) = (format!("须恰为公告标准的 {} 元", due.decimal()), format!("must be exactly {}, as announced", due.decimal()));
            faults.push(Fault::new("/payment/amount", "not_the_standard", zh, en));
        }
    }
}

/// Refuses a licence of a patent that stands no more, or is suspended, as was read last.
pub fn still_stands(patent: &AssetFacts) -> Result<(), Problem> {
    use LegalStatus::{AnnuityGrace, Granted, InvalidationPending, PartiallyInvalid};
    let status = patent.status.as_ref().map(|read| read.status);
    if matches!(status, Some(Granted | AnnuityGrace | InvalidationPending | PartiallyInvalid)) {
        return Ok(());
    }
    Err(Code::StatusForbids.with("asset_id", patent.asset.id).with("legal_status", status))
}

/// From which day to which a licence stands that is taken on a day: the announced term, or what is left of it.
pub fn term(declared: &open_licence::Model, today: NaiveDate) -> (NaiveDate, NaiveDate) {
    (declared.term_from.max(today), declared.term_until)
}
