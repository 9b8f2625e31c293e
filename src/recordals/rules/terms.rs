//! What somebody says of what is to be filed, and of what the registry does with it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::ids::{AssetId, DealId, DocumentId, LicenceGrantId, NegotiationId, OrganisationId};
use entity::money::Money;
use entity::recordals::{RecordalKind, recordal};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::licences::rules::consent::NewOwnerConsent;
use crate::platform::problem::{Code, Faults, Problem};

/// The most rights of one recordal.
const MOST: usize = 100;
/// The longest reason and the longest number, characters.
const LONGEST: usize = 500;
const LONGEST_NUMBER: usize = 100;

/// Who gets the right, or the pledge.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCounterparty {
    /// His organisation, where it is one of this market.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
    /// What he is called, where it is not; a pledgee only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, example = "某银行股份有限公司杭州分行")]
    pub name: Option<String>,
}

/// What a pledge secures.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSecured {
    /// How much.
    pub amount: Money,
    /// The day until which the debt is to be paid.
    #[schema(example = "2028-03-01")]
    pub until: NaiveDate,
}

/// What is declared of the rights: what is not in a register here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RightsDeclared {
    /// Nobody disputes whose they are (无权属纠纷).
    pub no_ownership_dispute: bool,
    /// No court has them preserved, and no proceedings are suspended (未被保全、未中止).
    pub no_preservation: bool,
    /// They are pledged (已质押).
    pub pledged: bool,
}

/// Something to be filed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRecordal {
    /// What: `transfer`, `licence` or `pledge`.
    pub kind: RecordalKind,
    /// Which rights; of a licence none, for they are the licence's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub asset_ids: Vec<AssetId>,
    /// The confirmed deal that a transfer follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<DealId>,
    /// The same of a confirmed sale at a negotiated price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negotiation_id: Option<NegotiationId>,
    /// The licence in the register that is filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence_id: Option<LicenceGrantId>,
    /// To whom, where it follows from nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counterparty: Option<NewCounterparty>,
    /// On which day the contract took effect, where it follows from nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-03-02")]
    pub effective_on: Option<NaiveDate>,
    /// What a pledge secures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secured: Option<NewSecured>,
    /// The contract.
    pub document_id: DocumentId,
    /// What shows that an open licence was accepted (PLIR art. 87).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance_document_id: Option<DocumentId>,
    /// What shows that the pledgee agrees (CC art. 444).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pledgee_consent_document_id: Option<DocumentId>,
    /// Owners beside who files it that agreed: all of them (PL art. 14).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub co_owner_consents: Vec<NewOwnerConsent>,
    /// What is declared of the rights.
    pub declarations: RightsDeclared,
}

/// Checks what can be checked without looking: what belongs to the kind is there, and nothing else.
pub fn said_well(new: &NewRecordal) -> Result<(), Problem> {
    let mut faults = Faults::new();
    let is = |kind| new.kind == kind;
    let (by_deal, by_contract) = (new.deal_id.is_some() || new.negotiation_id.is_some(), new.counterparty.is_some());
    sources(&mut faults, new);
    let count = if is(RecordalKind::Licence) { 0..=0 } else { 1..=MOST };
    let different = new.asset_ids.iter().collect::<BTreeSet<_>>().len() == new.asset_ids.len();
    faults
        .require(
            count.contains(&new.asset_ids.len()),
            "/asset_ids",
            "count",
            "转让、质押须列明 1 至 100 项标的，许可备案不列",
            "1 to 100 of a transfer or a pledge, none of a licence",
        )
        .require(different, "/asset_ids", "repeated", "不得重复", "nothing twice")
        .require(
            new.effective_on.is_some() == (by_contract && !by_deal),
            "/effective_on",
            "kind",
            "凭平台外合同办理的须填写合同生效日，否则不得填写",
            "belongs to a contract made elsewhere, and to nothing else",
        )
        .require(
            new.secured.is_some() == is(RecordalKind::Pledge),
            "/secured",
            "kind",
            "质押登记须填写担保的债权，否则不得填写",
            "belongs to a pledge, and to nothing else",
        )
        .require(
            new.secured.as_ref().is_none_or(|secured| secured.amount.minor > 0),
            "/secured/amount",
            "range",
            "须大于零",
            "must be more than nothing",
        )
        .require(
            new.acceptance_document_id.is_none() || is(RecordalKind::Licence),
            "/acceptance_document_id",
            "kind",
            "仅开放许可备案附此证明",
            "belongs to an open licence, and to nothing else",
        )
        .require(new.co_owner_consents.len() <= MOST, "/co_owner_consents", "range", "不得超过 100 项", "at most 100 entries");
    counterparty(&mut faults, new);
    faults.done()
}

/// Checks that it follows from what its kind follows from, and from that alone.
fn sources(faults: &mut Faults, new: &NewRecordal) {
    let named = [new.deal_id.is_some(), new.negotiation_id.is_some(), new.licence_id.is_some(), new.counterparty.is_some()];
    let follows = match new.kind {
        RecordalKind::Transfer => named[..2].iter().chain(&named[3..]).filter(|is| **is).count() == 1 && !named[2],
        RecordalKind::Licence => named == [false, false, true, false],
        RecordalKind::Pledge => named == [false, false, false, true],
    };
    faults.require(
        follows,
        "/kind",
        "source",
        "转让须指明 deal_id、negotiation_id、counterparty 之一，许可备案须指明 licence_id，质押须指明 counterparty",
        "a transfer names one of deal_id, negotiation_id, counterparty; a licence its licence_id; a pledge its counterparty",
    );
}

/// Checks who gets it: an organisation here, or for a pledge a name.
fn counterparty(faults: &mut Faults, new: &NewRecordal) {
    let Some(other) = &new.counterparty else { return };
    let is_one = other.organisation_id.is_some() != other.name.is_some();
    let (zh, en) = ("organisation_id 与 name 须且仅须填一项", "give organisation_id or name, and not both");
    let (of_transfer_zh, of_transfer_en) = ("受让人须为本平台的组织", "who gets a right here is an organisation here");
    faults
        .require(is_one, "/counterparty", "one_of", zh, en)
        .require(
            other.name.is_none() || new.kind == RecordalKind::Pledge,
            "/counterparty/name",
            "organisation",
            of_transfer_zh,
            of_transfer_en,
        )
        .optional_text("/counterparty/name", other.name.as_ref(), 200);
}

/// Refuses a contract that takes effect later than today.
pub fn took_effect(effective_on: NaiveDate, today: NaiveDate) -> Result<(), Problem> {
    let (zh, en) = ("不得晚于今日", "must not be later than today");
    Faults::new().require(effective_on <= today, "/effective_on", "range", zh, en).done()
}

/// That it was handed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFiling {
    /// On which day, in Shanghai.
    #[schema(example = "2026-03-20")]
    pub submitted_on: NaiveDate,
    /// Under which number the registry has it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, example = "2026032000012340")]
    pub registry_reference: Option<String>,
}

impl NewFiling {
    /// Refuses a filing before the contract, or later than today.
    pub fn said_well(&self, held: &recordal::Model, today: NaiveDate) -> Result<(), Problem> {
        let days = held.effective_on..=today;
        let (zh, en) = ("须在合同生效日至今日之间", "must be between the day of the contract and today");
        Faults::new()
            .require(days.contains(&self.submitted_on), "/submitted_on", "range", zh, en)
            .optional_text("/registry_reference", self.registry_reference.as_ref(), LONGEST_NUMBER)
            .done()
    }
}

/// What the registry wants mended (补正通知).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDefect {
    /// What, in words.
    #[schema(min_length = 1, max_length = 500, example = "转让人签章与登记簿不一致")]
    pub defect: String,
    /// The last day for an answer, in Shanghai.
    #[schema(example = "2026-05-20")]
    pub reply_by: NaiveDate,
    /// The paper in which the registry says so.
    pub document_id: DocumentId,
}

impl NewDefect {
    /// Refuses what says nothing, or leaves no time.
    pub fn said_well(&self, today: NaiveDate) -> Result<(), Problem> {
        let (zh, en) = ("不得早于今日", "must not be before today");
        let mut faults = Faults::new();
        faults.text("/defect", &self.defect, LONGEST).require(today <= self.reply_by, "/reply_by", "past", zh, en).done()
    }
}

/// That it was mended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewResubmission {
    /// On which day, in Shanghai.
    #[schema(example = "2026-05-06")]
    pub resubmitted_on: NaiveDate,
}

impl NewResubmission {
    /// Refuses an answer before it was handed in, later than today, or later than the registry waits for it.
    pub fn said_well(&self, held: &recordal::Model, today: NaiveDate) -> Result<(), Problem> {
        let from = held.submitted_on.unwrap_or(today);
        let until = held.reply_by.map_or(today, |by| by.min(today));
        let (zh, en) = ("须在提交之日之后、答复期限之内且不晚于今日", "must be after it was handed in, in time, and no later than today");
        Faults::new().require((from..=until).contains(&self.resubmitted_on), "/resubmitted_on", "range", zh, en).done()
    }
}

/// What the register shows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRegistration {
    /// As of which day, in Shanghai: from then on a right is its buyer's, and a pledge exists.
    #[schema(example = "2026-06-10")]
    pub registration_date: NaiveDate,
    /// Under which number.
    #[schema(min_length = 1, max_length = 100, example = "2026061000123450")]
    pub registry_number: String,
    /// The paper in which the registry says so (手续合格通知书、备案证明、登记通知书).
    pub document_id: DocumentId,
}

impl NewRegistration {
    /// Refuses an entry before it was handed in, or later than today.
    pub fn said_well(&self, held: &recordal::Model, today: NaiveDate) -> Result<(), Problem> {
        let from = held.submitted_on.unwrap_or(held.effective_on);
        let (zh, en) = ("须在提交之日至今日之间", "must be between the day it was handed in and today");
        Faults::new()
            .require((from..=today).contains(&self.registration_date), "/registration_date", "range", zh, en)
            .text("/registry_number", &self.registry_number, LONGEST_NUMBER)
            .done()
    }
}

/// Why it ends, and what shows that.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEnd {
    /// Why.
    #[schema(min_length = 1, max_length = 500, example = "登记机关决定不予登记")]
    pub reason: String,
    /// What shows it.
    pub document_id: DocumentId,
}

/// Checks a reason.
pub fn reasoned(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, LONGEST).done()
}

/// What is declared, as it was kept.
pub fn declared(held: &recordal::Model) -> Result<RightsDeclared, Problem> {
    serde_json::from_value(held.declarations.clone()).map_err(|_| Code::Internal.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::super::examples::{day, drafted};
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn pointers(change: impl FnOnce(&mut Value), new: Value) -> Vec<String> {
        let mut new = new;
        change(&mut new);
        let judged = said_well(&serde_json::from_value(new).unwrap());
        judged.map_or_else(|problem| problem.errors.into_iter().map(|fault| fault.pointer).collect(), |()| Vec::new())
    }

    fn transfer() -> Value {
        json!({
            "kind": "transfer", "asset_ids": [id(1)], "deal_id": id(2), "document_id": id(3),
            "declarations": {"no_ownership_dispute": true, "no_preservation": true, "pledged": false}
        })
    }

    fn licence() -> Value {
        let mut new = transfer();
        new.as_object_mut().unwrap().retain(|name, _| !matches!(name.as_str(), "deal_id" | "asset_ids"));
        (new["kind"], new["licence_id"]) = (json!("licence"), json!(id(4)));
        new
    }

    fn pledge() -> Value {
        let mut new = transfer();
        new.as_object_mut().unwrap().remove("deal_id");
        new["kind"] = json!("pledge");
        new["counterparty"] = json!({"name": "某银行"});
        new["effective_on"] = json!("2026-03-02");
        new["secured"] = json!({"amount": {"amount": "1000000.00", "currency": "CNY"}, "until": "2028-03-02"});
        new
    }

    #[test]
    fn each_kind_names_what_it_follows_from() {
        assert!([transfer(), licence(), pledge()].into_iter().all(|new| pointers(|_| (), new).is_empty()));
        assert_eq!(pointers(|new| new["negotiation_id"] = json!(id(5)), transfer()), ["/kind"]);
        assert_eq!(pointers(|new| new["licence_id"] = json!(id(5)), transfer()), ["/kind"]);
        assert_eq!(pointers(|new| new["deal_id"] = json!(id(5)), licence()), ["/kind"]);
        assert_eq!(pointers(|new| new["asset_ids"] = json!([id(1)]), licence()), ["/asset_ids"]);
        assert_eq!(pointers(|new| new["asset_ids"] = json!([]), pledge()), ["/asset_ids"]);
        assert_eq!(pointers(|new| new["asset_ids"] = json!([id(1), id(1)]), transfer()), ["/asset_ids"]);
    }

    #[test]
    fn a_contract_made_elsewhere_says_with_whom_and_since_when() {
        let by_contract = |new: &mut Value| {
            new.as_object_mut().unwrap().remove("deal_id");
            new["counterparty"] = json!({"organisation_id": id(6)});
            new["effective_on"] = json!("2026-03-02");
        };
        assert!(pointers(by_contract, transfer()).is_empty());
        assert_eq!(pointers(|new| new["effective_on"] = json!("2026-03-02"), transfer()), ["/effective_on"]);
        assert_eq!(pointers(|new| new["counterparty"] = json!({}), pledge()), ["/counterparty"]);
        let stranger = |new: &mut Value| {
            by_contract(new);
            new["counterparty"] = json!({"name": "某企业"});
        };
        assert_eq!(pointers(stranger, transfer()), ["/counterparty/name"], "a right passes to who is here");
        assert!(took_effect(day("2026-03-02"), day("2026-03-02")).is_ok());
        assert!(took_effect(day("2026-03-03"), day("2026-03-02")).is_err());
    }

    #[test]
    fn a_pledge_says_what_it_secures_and_nothing_else_does() {
        assert_eq!(pointers(|new| new["secured"]["amount"]["amount"] = json!("0.00"), pledge()), ["/secured/amount"]);
        let secured = pledge()["secured"].clone();
        assert_eq!(pointers(|new| new["secured"] = secured, transfer()), ["/secured"]);
        assert_eq!(pointers(|new| new["acceptance_document_id"] = json!(id(7)), pledge()), ["/acceptance_document_id"]);
    }

    #[test]
    fn what_the_registry_did_lies_between_the_contract_and_today() {
        let today = day("2026-06-20");
        let held = recordal::Model { submitted_on: Some(day("2026-04-01")), reply_by: Some(day("2026-05-20")), ..drafted() };
        let filed = |on: &str| NewFiling { submitted_on: day(on), registry_reference: None }.said_well(&held, today).is_ok();
        assert_eq!(["2026-03-01", "2026-03-02", "2026-06-20", "2026-06-21"].map(filed), [false, true, true, false]);
        let mended = |on: &str| NewResubmission { resubmitted_on: day(on) }.said_well(&held, today).is_ok();
        assert_eq!(["2026-03-31", "2026-04-01", "2026-05-20", "2026-05-21"].map(mended), [false, true, true, false]);
        let entered = |on: &str| {
            let document_id = DocumentId(id(8));
            NewRegistration { registration_date: day(on), registry_number: "1".into(), document_id }.said_well(&held, today).is_ok()
        };
        assert_eq!(["2026-03-31", "2026-04-01", "2026-06-20", "2026-06-21"].map(entered), [false, true, true, false]);
        let defect =
            |by: &str| NewDefect { defect: "x".into(), reply_by: day(by), document_id: DocumentId(id(8)) }.said_well(today).is_ok();
        assert_eq!(["2026-06-19", "2026-06-20"].map(defect), [false, true]);
    }
}
