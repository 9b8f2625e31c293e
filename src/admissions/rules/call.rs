//! The call for buyers: its window, deposit, conditions and those barred from it.

use entity::Timestamp;
use entity::admissions::admission_call;
use entity::auctions::{LotState, lot};
use entity::ids::{ListingId, LotId, OrganisationId, PersonId};
use entity::money::Money;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, Span, deadline};

/// A call to open, everything by value as announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCall {
    /// The lot buyers are called to.
    pub lot_id: LotId,
    /// The listing it is of.
    pub listing_id: ListingId,
    /// The seller.
    pub seller_organisation_id: OrganisationId,
    /// When applications are taken from, inclusive.
    pub opens_at: Timestamp,
    /// When the deposit must have arrived, exclusive.
    pub closes_at: Timestamp,
    /// The deposit (保证金).
    pub deposit: Money,
    /// Conditions buyers must meet, as announced.
    pub conditions: serde_json::Value,
    /// Organisations that may not buy.
    pub barred_organisations: Vec<OrganisationId>,
    /// Persons who may not act for a buyer.
    pub barred_persons: Vec<PersonId>,
    /// By when losers have their deposit back, and which text says so; see [`RefundRule`].
    pub refund_rule: serde_json::Value,
    /// Who holds a right of pre-emption.
    pub holders: Vec<Holder>,
}

/// An organisation with a right of pre-emption (优先购买权人).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The organisation.
    pub organisation_id: OrganisationId,
    /// Its rank, 1 before 2.
    pub rank: i32,
}

/// By when losers have their deposit back: `{"span": "3wd", "source": ".."}`. An entry of a rule
/// snapshot reads as one too, its `value` being the span.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRule {
    /// How long after the event that sets the deposit free.
    #[serde(alias = "value")]
    pub span: Span,
    /// The text it comes from.
    pub source: String,
}

impl RefundRule {
    /// The rule of a call.
    pub fn of(call: &admission_call::Model) -> Result<Self, Problem> {
        read(&call.refund_rule)
    }

    /// When a refund owed since `from` is due.
    pub fn due_at(&self, from: Timestamp, calendar: &Calendar) -> Timestamp {
        deadline(from, self.span, calendar).ends_at
    }

    /// The rule in words.
    pub fn words(&self) -> String {
        format!("{} ({})", self.span, self.source)
    }
}

/// The call as it is kept. Broken calls come from our own rooms, so they are our fault.
pub fn open(new: NewCall) -> Result<admission_call::Model, Problem> {
    let refund_rule: RefundRule = read(&new.refund_rule)?;
    if new.opens_at >= new.closes_at || new.deposit.minor <= 0 {
        return Err(Code::Internal.into());
    }
    Ok(admission_call::Model {
        lot_id: new.lot_id,
        listing_id: new.listing_id,
        seller_organisation_id: new.seller_organisation_id,
        opens_at: new.opens_at,
        closes_at: new.closes_at,
        deposit_minor: new.deposit.minor,
        currency: new.deposit.currency,
        conditions: new.conditions,
        barred_organisations: write(&new.barred_organisations)?,
        barred_persons: write(&new.barred_persons)?,
        refund_rule: write(&refund_rule)?,
        closed_at: None,
        holders: if new.holders.is_empty() { None } else { Some(write(&new.holders)?) },
    })
}

/// The call with a later end, while nobody closed it; none where it ends no later.
pub fn put_off(call: &admission_call::Model, closes_at: Timestamp) -> Option<admission_call::Model> {
    (call.closed_at.is_none() && closes_at > call.closes_at).then(|| admission_call::Model { closes_at, ..call.clone() })
}

/// Whether bidding for a lot has not opened by an instant.
pub fn is_before_bidding(lot: &lot::Model, at: Timestamp) -> bool {
    lot.state == LotState::Scheduled && at < lot.opens_at
}

/// Whether applications and deposits come too late.
pub fn is_shut(call: &admission_call::Model, at: Timestamp) -> bool {
    call.closed_at.is_some() || at >= call.closes_at
}

/// Whether a person is barred, or any of these organisations. A list that cannot be read bars everybody.
pub fn is_barred(call: &admission_call::Model, organisations: &[OrganisationId], person: PersonId) -> Result<bool, Problem> {
    let barred: Vec<OrganisationId> = read(&call.barred_organisations)?;
    let persons: Vec<PersonId> = read(&call.barred_persons)?;
    Ok(organisations.iter().any(|organisation| barred.contains(organisation)) || persons.contains(&person))
}

/// The call with more organisations barred from it; nothing where they are already, or none is named.
pub fn also_barred(call: &admission_call::Model, also: &[OrganisationId]) -> Result<Option<admission_call::Model>, Problem> {
    let mut barred: Vec<OrganisationId> = read(&call.barred_organisations)?;
    let before = barred.len();
    for one in also {
        if !barred.contains(one) {
            barred.push(*one);
        }
    }
    if barred.len() == before {
        return Ok(None);
    }
    Ok(Some(admission_call::Model { barred_organisations: write(&barred)?, ..call.clone() }))
}

/// The rank of an organisation's right of pre-emption, if it has one.
pub fn rank_of(call: &admission_call::Model, organisation: OrganisationId) -> Result<Option<i32>, Problem> {
    let Some(holders) = &call.holders else { return Ok(None) };
    let holders: Vec<Holder> = read(holders)?;
    Ok(holders.iter().find(|holder| holder.organisation_id == organisation).map(|holder| holder.rank))
}

fn read<T: DeserializeOwned>(value: &serde_json::Value) -> Result<T, Problem> {
    T::deserialize(value).map_err(|_| Code::Internal.into())
}

fn write(value: &impl Serialize) -> Result<serde_json::Value, Problem> {
    serde_json::to_value(value).map_err(|_| Code::Internal.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeZone, Utc};
    use serde_json::json;

    use super::super::samples::{BARRED, OFFICER, SELLER, at, call};
    use super::*;

    #[test]
    fn a_call_is_shut_from_its_last_instant_or_when_somebody_shut_it() {
        assert!(!is_shut(&call(), at(199)) && is_shut(&call(), at(200)));
        assert!(is_shut(&admission_call::Model { closed_at: Some(at(150)), ..call() }, at(160)));
    }

    #[test]
    fn a_call_that_is_open_can_run_longer_and_never_shorter() {
        let longer = put_off(&call(), at(300)).unwrap();
        assert!(!is_shut(&longer, at(299)) && is_shut(&longer, at(300)));
        assert_eq!([put_off(&call(), at(200)), put_off(&call(), at(150))], [None, None]);
        assert_eq!(put_off(&admission_call::Model { closed_at: Some(at(150)), ..call() }, at(300)), None);
    }

    #[test]
    fn more_are_barred_once_each_and_nobody_is_let_in_again() {
        let one = OrganisationId(uuid::Uuid::from_u128(77));
        let next = also_barred(&call(), &[one, one]).unwrap().unwrap();
        assert!(is_barred(&next, &[one], OFFICER).unwrap() && is_barred(&next, &[BARRED], OFFICER).unwrap());
        assert_eq!((also_barred(&next, &[one]).unwrap(), also_barred(&call(), &[]).unwrap()), (None, None));
    }

    #[test]
    fn the_refund_rule_is_read_from_both_ways_to_write_it() {
        let short: RefundRule = read(&json!({"span": "24h", "source": "SPC-NA art.23"})).unwrap();
        let entry = json!({"name": "refund_losers", "value": "24h", "source": "SPC-NA art.23", "not_in_force": false});
        assert_eq!(read::<RefundRule>(&entry).unwrap(), short);
        assert_eq!(short.words(), "24h (SPC-NA art.23)");
        assert_eq!(read::<RefundRule>(&json!({"span": "soon", "source": ""})).unwrap_err().code, Code::Internal);
    }

    #[test]
    fn three_working_days_end_at_midnight_in_shanghai_without_the_weekend() {
        let friday = Utc.with_ymd_and_hms(2026, 10, 16, 2, 0, 0).unwrap();
        let due = RefundRule::of(&call()).unwrap().due_at(friday, &Calendar::default());
        assert_eq!(due, Utc.with_ymd_and_hms(2026, 10, 21, 16, 0, 0).unwrap());
    }

    #[test]
    fn a_holder_of_a_right_is_known_by_his_organisation() {
        let holders = [Holder { organisation_id: SELLER, rank: 2 }];
        let called = admission_call::Model { holders: Some(json!(holders)), ..call() };
        assert_eq!((rank_of(&called, SELLER), rank_of(&called, super::super::samples::BARRED)), (Ok(Some(2)), Ok(None)));
        assert_eq!(rank_of(&call(), SELLER), Ok(None));
        assert!(rank_of(&admission_call::Model { holders: Some(json!("nobody")), ..call() }, SELLER).is_err());
    }

    #[test]
    fn a_bar_that_cannot_be_read_is_no_open_door() {
        let broken = admission_call::Model { barred_persons: json!("nobody"), ..call() };
        assert!(is_barred(&broken, &[SELLER], OFFICER).is_err());
    }
}
