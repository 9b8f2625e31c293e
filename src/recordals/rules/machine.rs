//! The procedure of what is filed: which deed is allowed when and by whom, and how it stands afterwards.

use chrono::NaiveDate;
use entity::Timestamp;
use entity::ids::{DealId, LicenceGrantId, NegotiationId, OrganisationId, PersonId, RecordalId};
use entity::money::Money;
use entity::recordals::{RecordalKind, RecordalState, recordal};
use serde_json::Value;

use super::terms::{NewDefect, NewFiling, NewRegistration, NewResubmission};
use crate::platform::problem::{Code, Problem};

/// What is done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Say that it was handed in.
    Submit,
    /// Say that the registry wants something mended.
    RecordDefect,
    /// Say that it was mended.
    Resubmit,
    /// Enter what the register shows.
    EnterRegistration,
    /// Confirm what somebody else entered.
    Confirm,
    /// Say that the registry refused it.
    RecordRefusal,
    /// Take it back.
    Withdraw,
    /// Rescind, for the application was lost.
    Rescind,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Submit,
        Self::RecordDefect,
        Self::Resubmit,
        Self::EnterRegistration,
        Self::Confirm,
        Self::RecordRefusal,
        Self::Withdraw,
        Self::Rescind,
    ];

    /// The operation that does it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Submit => "submit_recordal",
            Self::RecordDefect => "record_recordal_defect",
            Self::Resubmit => "resubmit_recordal",
            Self::EnterRegistration => "enter_registration",
            Self::Confirm => "confirm_registration",
            Self::RecordRefusal => "record_recordal_refusal",
            Self::Withdraw => "withdraw_recordal",
            Self::Rescind => "rescind_transfer",
        }
    }

    /// Whether it can be done to it as it stands.
    pub fn is_allowed_on(self, held: &recordal::Model) -> bool {
        use RecordalState::{DeemedNotFiled, DefectNotice, Draft, Resubmitted, SubmittedToRegistry, Withdrawn};
        let is_examined = matches!(held.state, SubmittedToRegistry | Resubmitted);
        match self {
            Self::Submit => matches!(held.state, Draft | DeemedNotFiled),
            Self::RecordDefect | Self::EnterRegistration => is_examined,
            Self::Resubmit => held.state == DefectNotice,
            Self::Confirm => is_examined && held.entered_by.is_some(),
            Self::RecordRefusal => is_examined || held.state == DefectNotice,
            Self::Withdraw => RecordalState::OPEN.contains(&held.state),
            Self::Rescind => held.kind == RecordalKind::Transfer && held.state != Withdrawn,
        }
    }
}

/// Everything that can be done to it as it stands, as operations.
pub fn allowed(held: &recordal::Model) -> Vec<&'static str> {
    Deed::ALL.into_iter().filter(|deed| deed.is_allowed_on(held)).map(Deed::operation).collect()
}

/// Refuses a deed in the wrong state.
pub fn require(held: &recordal::Model, deed: Deed) -> Result<(), Problem> {
    if deed.is_allowed_on(held) {
        return Ok(());
    }
    Err(Code::WrongState.with("state", held.state).with("allowed", allowed(held)))
}

/// What is to be filed, once it was looked up.
pub struct Drafted {
    /// Its id.
    pub id: RecordalId,
    /// What.
    pub kind: RecordalKind,
    /// Who assigns, licenses or pledges.
    pub holder: OrganisationId,
    /// To whom.
    pub other: (Option<OrganisationId>, String),
    /// What it follows from.
    pub source: Source,
    /// The contract, as it is now.
    pub document: Value,
    /// What shows that an open licence was accepted.
    pub acceptance_document: Option<Value>,
    /// What shows that the pledgee agrees.
    pub pledgee_consent_document: Option<Value>,
    /// Owners that agreed, each with his paper.
    pub consents: Value,
    /// What is declared of the rights.
    pub declarations: Value,
    /// What a pledge secures, until when.
    pub secured: Option<(Money, NaiveDate)>,
    /// When the contract took effect.
    pub effective_on: NaiveDate,
    /// The last day to file it, where there is one.
    pub due_on: Option<NaiveDate>,
    /// Who drafts it, when.
    pub by: (PersonId, Timestamp),
}

/// What it follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A deal.
    Deal(DealId),
    /// A sale at a negotiated price.
    Negotiation(NegotiationId),
    /// A licence in the register.
    Licence(LicenceGrantId),
    /// A contract made elsewhere.
    Contract,
}

/// It once it is drafted.
pub fn drafted(new: Drafted) -> recordal::Model {
    let (deal_id, negotiation_id, licence_grant_id) = match new.source {
        Source::Deal(id) => (Some(id), None, None),
        Source::Negotiation(id) => (None, Some(id), None),
        Source::Licence(id) => (None, None, Some(id)),
        Source::Contract => (None, None, None),
    };
    recordal::Model {
        id: new.id,
        kind: new.kind,
        state: RecordalState::Draft,
        organisation_id: new.holder,
        counterparty_id: new.other.0,
        counterparty_name: new.other.1,
        deal_id,
        negotiation_id,
        licence_grant_id,
        document: new.document,
        acceptance_document: new.acceptance_document,
        pledgee_consent_document: new.pledgee_consent_document,
        consents: new.consents,
        declarations: new.declarations,
        secured_minor: new.secured.map(|(amount, _)| amount.minor),
        currency: new.secured.map(|(amount, _)| amount.currency),
        secured_until: new.secured.map(|(_, until)| until),
        effective_on: new.effective_on,
        due_on: new.due_on,
        submitted_on: None,
        registry_reference: None,
        defect: None,
        defect_document: None,
        reply_by: None,
        resubmitted_on: None,
        registered_on: None,
        registry_number: None,
        certificate: None,
        entered_by: None,
        entered_for: None,
        entered_at: None,
        confirmed_by: None,
        confirmed_at: None,
        ended_at: None,
        end_reason: None,
        end_document: None,
        rescinded_at: None,
        created_by: new.by.0,
        version: 1,
        created_at: new.by.1,
    }
}

/// It once it was handed in; what was wanted of an earlier filing is past.
pub fn submitted(held: &recordal::Model, new: NewFiling) -> Result<recordal::Model, Problem> {
    require(held, Deed::Submit)?;
    Ok(recordal::Model {
        submitted_on: Some(new.submitted_on),
        registry_reference: new.registry_reference,
        defect: None,
        defect_document: None,
        reply_by: None,
        resubmitted_on: None,
        ..moved(held, RecordalState::SubmittedToRegistry)
    })
}

/// It once the registry wants something mended. What was entered and not confirmed is not in the register.
pub fn defective(held: &recordal::Model, new: NewDefect, document: Value) -> Result<recordal::Model, Problem> {
    require(held, Deed::RecordDefect)?;
    Ok(recordal::Model {
        defect: Some(new.defect),
        defect_document: Some(document),
        reply_by: Some(new.reply_by),
        resubmitted_on: None,
        ..not_entered(moved(held, RecordalState::DefectNotice))
    })
}

/// It once it was mended.
pub fn resubmitted(held: &recordal::Model, new: &NewResubmission) -> Result<recordal::Model, Problem> {
    require(held, Deed::Resubmit)?;
    Ok(recordal::Model { resubmitted_on: Some(new.resubmitted_on), ..moved(held, RecordalState::Resubmitted) })
}

/// It once the registry has waited in vain; nothing where it was mended, or the day has not passed.
pub fn deemed_not_filed(held: &recordal::Model, today: NaiveDate) -> Option<recordal::Model> {
    let is_late = held.state == RecordalState::DefectNotice && held.reply_by.is_some_and(|by| by < today);
    is_late.then(|| moved(held, RecordalState::DeemedNotFiled))
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hand {
    /// Who.
    pub person: PersonId,
    /// For which organisation, where he is no officer.
    pub organisation: Option<OrganisationId>,
    /// Whether he is an officer.
    pub is_officer: bool,
    /// Whether he has a place with a party, be it a suspended one.
    pub sits_with_party: bool,
}

impl Hand {
    /// Refuses an officer who has a place with a party.
    fn is_disinterested(&self) -> Result<(), Problem> {
        if self.is_officer && self.sits_with_party { Err(Code::ConflictOfInterest.into()) } else { Ok(()) }
    }
}

/// It once one side entered what the register shows; somebody else has yet to confirm that. What is entered again takes the place of what was.
pub fn entered(
    held: &recordal::Model,
    by: &Hand,
    new: NewRegistration,
    certificate: Value,
    now: Timestamp,
) -> Result<recordal::Model, Problem> {
    require(held, Deed::EnterRegistration)?;
    by.is_disinterested()?;
    Ok(recordal::Model {
        registered_on: Some(new.registration_date),
        registry_number: Some(new.registry_number),
        certificate: Some(certificate),
        entered_by: Some(by.person),
        entered_for: by.organisation.filter(|_| !by.is_officer),
        entered_at: Some(now),
        ..moved(held, held.state)
    })
}

/// Refuses whoever entered it himself, and everybody of his side; another of the other side or an officer confirms it.
pub fn may_confirm(held: &recordal::Model, by: &Hand) -> Result<(), Problem> {
    require(held, Deed::Confirm)?;
    by.is_disinterested()?;
    let is_same_side = !by.is_officer && by.organisation.is_some() && by.organisation == held.entered_for;
    if held.entered_by == Some(by.person) || is_same_side { Err(Code::SamePerson.into()) } else { Ok(()) }
}

/// It once it is in the register.
pub fn registered(held: &recordal::Model, by: &Hand, now: Timestamp) -> Result<recordal::Model, Problem> {
    may_confirm(held, by)?;
    Ok(recordal::Model { confirmed_by: Some(by.person), confirmed_at: Some(now), ..moved(held, RecordalState::Registered) })
}

/// It once the registry refused it.
pub fn refused(held: &recordal::Model, reason: &str, document: Value, now: Timestamp) -> Result<recordal::Model, Problem> {
    require(held, Deed::RecordRefusal)?;
    Ok(recordal::Model { end_document: Some(document), ..ended(not_entered(moved(held, RecordalState::Refused)), reason, now) })
}

/// It once it was taken back.
pub fn withdrawn(held: &recordal::Model, reason: &str, now: Timestamp) -> Result<recordal::Model, Problem> {
    require(held, Deed::Withdraw)?;
    Ok(given_up(held, reason, now))
}

/// The same where what it follows from came to nothing; nothing where it is in the register, or ended before.
pub fn fell_through(held: &recordal::Model, reason: &str, now: Timestamp) -> Option<recordal::Model> {
    RecordalState::OPEN.contains(&held.state).then(|| given_up(held, reason, now))
}

/// A transfer once its buyer rescinded, be it in the register.
pub fn rescinded(held: &recordal::Model, reason: &str, document: Value, now: Timestamp) -> Result<recordal::Model, Problem> {
    require(held, Deed::Rescind)?;
    let next = ended(moved(held, RecordalState::Withdrawn), reason, now);
    Ok(recordal::Model { end_document: Some(document), rescinded_at: Some(now), ..next })
}

fn given_up(held: &recordal::Model, reason: &str, now: Timestamp) -> recordal::Model {
    ended(not_entered(moved(held, RecordalState::Withdrawn)), reason, now)
}

fn ended(next: recordal::Model, reason: &str, now: Timestamp) -> recordal::Model {
    recordal::Model { ended_at: Some(now), end_reason: Some(reason.to_owned()), ..next }
}

/// Without what was entered and nobody confirmed.
fn not_entered(next: recordal::Model) -> recordal::Model {
    recordal::Model {
        registered_on: None,
        registry_number: None,
        certificate: None,
        entered_by: None,
        entered_for: None,
        entered_at: None,
        ..next
    }
}

/// What somebody may do now, as operations; whether he has the right to is asked elsewhere, and whether a buyer may rescind when he tries.
pub fn open_to(held: &recordal::Model, by: &Hand) -> Vec<&'static str> {
    let may = |deed: &Deed| if *deed == Deed::Confirm { may_confirm(held, by) } else { require(held, *deed) }.is_ok();
    Deed::ALL.into_iter().filter(may).map(Deed::operation).collect()
}

fn moved(held: &recordal::Model, state: RecordalState) -> recordal::Model {
    recordal::Model { state, version: held.version + 1, ..held.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::ids::DocumentId;
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::super::examples::{BUYER, SELLER, at, day, drafted, hand, officer, person};
    use super::*;

    fn in_state(state: RecordalState) -> recordal::Model {
        recordal::Model { state, submitted_on: Some(day("2026-04-01")), ..drafted() }
    }

    fn filing() -> NewFiling {
        NewFiling { submitted_on: day("2026-04-01"), registry_reference: Some("2026040100012340".into()) }
    }

    fn registration() -> NewRegistration {
        NewRegistration {
            registration_date: day("2026-05-06"),
            registry_number: "2026050600012340".into(),
            document_id: DocumentId(Uuid::from_u128(1)),
        }
    }

    fn defect() -> NewDefect {
        NewDefect { defect: "签章不一致".into(), reply_by: day("2026-05-20"), document_id: DocumentId(Uuid::from_u128(1)) }
    }

    #[test]
    fn every_state_allows_what_the_procedure_says() {
        use RecordalState::{DeemedNotFiled, DefectNotice, Draft, Refused, Registered, Resubmitted, SubmittedToRegistry, Withdrawn};
        let examined = ["record_recordal_defect", "enter_registration", "record_recordal_refusal", "withdraw_recordal", "rescind_transfer"];
        for (state, deeds) in [
            (Draft, vec!["submit_recordal", "withdraw_recordal", "rescind_transfer"]),
            (SubmittedToRegistry, examined.to_vec()),
            (DefectNotice, vec!["resubmit_recordal", "record_recordal_refusal", "withdraw_recordal", "rescind_transfer"]),
            (Resubmitted, examined.to_vec()),
            (DeemedNotFiled, vec!["submit_recordal", "withdraw_recordal", "rescind_transfer"]),
            (Registered, vec!["rescind_transfer"]),
            (Refused, vec!["rescind_transfer"]),
            (Withdrawn, vec![]),
        ] {
            assert_eq!(allowed(&in_state(state)), deeds, "{state:?}");
            let licence = recordal::Model { kind: RecordalKind::Licence, ..in_state(state) };
            assert!(!allowed(&licence).contains(&"rescind_transfer"), "only a transfer is rescinded");
        }
        let problem = require(&in_state(Draft), Deed::Confirm).unwrap_err();
        assert_eq!((problem.code, &problem.facts["state"]), (Code::WrongState, &json!("draft")));
    }

    #[test]
    fn what_was_not_mended_in_time_is_deemed_not_filed_and_may_be_filed_again() {
        let held = submitted(&drafted(), filing()).unwrap();
        let held = defective(&held, defect(), json!({})).unwrap();
        assert_eq!(deemed_not_filed(&held, day("2026-05-20")), None, "the last day counts");
        let late = deemed_not_filed(&held, day("2026-05-21")).unwrap();
        assert_eq!(late.state, RecordalState::DeemedNotFiled);
        assert_eq!(deemed_not_filed(&late, day("2026-05-22")), None);
        let again = submitted(&late, filing()).unwrap();
        assert_eq!((again.state, again.defect, again.reply_by), (RecordalState::SubmittedToRegistry, None, None));
        let mended = resubmitted(&held, &NewResubmission { resubmitted_on: day("2026-05-06") }).unwrap();
        assert_eq!(deemed_not_filed(&mended, day("2026-05-21")), None);
        assert!(defective(&mended, defect(), json!({})).is_ok(), "the registry may find something else");
    }

    #[test]
    fn one_side_enters_it_and_the_other_or_an_officer_confirms() {
        let held = submitted(&drafted(), filing()).unwrap();
        let seller = hand(person(1), SELLER);
        let next = entered(&held, &seller, registration(), json!({}), at(0)).unwrap();
        assert_eq!((next.state, next.entered_for), (RecordalState::SubmittedToRegistry, Some(SELLER)));
        let refused = |by: &Hand| may_confirm(&next, by).unwrap_err().code;
        assert_eq!(refused(&seller), Code::SamePerson);
        assert_eq!(refused(&hand(person(2), SELLER)), Code::SamePerson, "another of the same side");
        assert_eq!(refused(&Hand { sits_with_party: true, ..officer(person(3)) }), Code::ConflictOfInterest);
        for by in [hand(person(4), BUYER), officer(person(3))] {
            let done = registered(&next, &by, at(1)).unwrap();
            assert_eq!((done.state, done.confirmed_by), (RecordalState::Registered, Some(by.person)));
            assert_eq!(done.registered_on, Some(day("2026-05-06")));
        }
        let by_officer = entered(&held, &officer(person(3)), registration(), json!({}), at(0)).unwrap();
        assert_eq!(by_officer.entered_for, None);
        assert_eq!(may_confirm(&by_officer, &officer(person(3))).unwrap_err().code, Code::SamePerson);
        assert!(may_confirm(&by_officer, &seller).is_ok());
        assert_eq!(may_confirm(&held, &seller).unwrap_err().code, Code::WrongState, "nothing was entered");
    }

    #[test]
    fn what_nobody_confirmed_is_not_in_the_register() {
        let held = submitted(&drafted(), filing()).unwrap();
        let held = entered(&held, &hand(person(1), SELLER), registration(), json!({}), at(0)).unwrap();
        for next in [
            defective(&held, defect(), json!({})).unwrap(),
            refused(&held, "不予登记", json!({}), at(1)).unwrap(),
            withdrawn(&held, "撤回", at(1)).unwrap(),
            fell_through(&held, "成交撤销", at(1)).unwrap(),
        ] {
            assert_eq!((next.registered_on, next.entered_by), (None, None), "{:?}", next.state);
        }
    }

    #[test]
    fn a_transfer_in_the_register_stays_with_its_day_where_it_is_rescinded() {
        let held = recordal::Model { registered_on: Some(day("2026-05-06")), ..in_state(RecordalState::Registered) };
        assert_eq!(fell_through(&held, "x", at(1)), None);
        let next = rescinded(&held, "申请被驳回", json!({}), at(1)).unwrap();
        assert_eq!((next.state, next.registered_on), (RecordalState::Withdrawn, Some(day("2026-05-06"))));
        assert_eq!(next.rescinded_at, Some(at(1)));
        assert_eq!(rescinded(&next, "x", json!({}), at(2)).unwrap_err().code, Code::WrongState);
    }

    /// One deed, where it is allowed.
    fn done(deed: Deed, held: &recordal::Model) -> Option<recordal::Model> {
        match deed {
            Deed::Submit => submitted(held, filing()).ok(),
            Deed::RecordDefect => defective(held, defect(), json!({})).ok(),
            Deed::Resubmit => resubmitted(held, &NewResubmission { resubmitted_on: day("2026-05-06") }).ok(),
            Deed::EnterRegistration => entered(held, &hand(person(1), SELLER), registration(), json!({}), at(0)).ok(),
            Deed::Confirm => registered(held, &hand(person(4), BUYER), at(0)).ok(),
            Deed::RecordRefusal => refused(held, "x", json!({}), at(0)).ok(),
            Deed::Withdraw => withdrawn(held, "x", at(0)).ok(),
            Deed::Rescind => rescinded(held, "x", json!({}), at(0)).ok(),
        }
    }

    proptest! {
        /// Whatever is tried in whatever order: what is done is what was allowed, and the row keeps what the database checks.
        #[test]
        fn no_order_of_deeds_breaks_what_the_database_checks(tries in proptest::collection::vec((0_usize..8, any::<bool>()), 0..30)) {
            let mut held = drafted();
            for (index, is_late) in tries {
                let deed = Deed::ALL[index];
                let next = done(deed, &held);
                prop_assert_eq!(next.is_some(), deed.is_allowed_on(&held), "{:?} in {:?}", deed, held.state);
                let version = held.version;
                if let Some(next) = next {
                    prop_assert_eq!(next.version, version + 1);
                    held = next;
                }
                if is_late && let Some(next) = deemed_not_filed(&held, day("2026-05-21")) {
                    held = next;
                }
                let state = held.state;
                let has_ended = matches!(state, RecordalState::Refused | RecordalState::Withdrawn);
                prop_assert_eq!(held.ended_at.is_some(), has_ended);
                prop_assert_eq!(held.end_reason.is_some(), has_ended);
                prop_assert!(state != RecordalState::Registered || (held.confirmed_by.is_some() && held.confirmed_by != held.entered_by));
                prop_assert!(held.confirmed_by.is_none() || held.registered_on.is_some());
                let wants = matches!(state, RecordalState::DefectNotice | RecordalState::Resubmitted | RecordalState::DeemedNotFiled);
                prop_assert!(!wants || held.defect.is_some());
                prop_assert!(!RecordalState::FILED.contains(&state) || held.submitted_on.is_some());
            }
        }
    }
}
