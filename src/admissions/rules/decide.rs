//! Decisions about an admission, by officers and by the applicant itself.

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::ids::PersonId;

use super::call::is_shut;
use super::{Fate, turned, wrong_state};
use crate::platform::problem::{Faults, Problem};

/// Longest reason, characters.
pub const LONGEST_REASON: usize = 500;

/// A reviewer finds that the applicant meets the conditions.
pub fn qualify(
    held: &admission::Model,
    call: &admission_call::Model,
    officer: PersonId,
    at: Timestamp,
) -> Result<admission::Model, Problem> {
    if held.state != AdmissionState::Applied || is_shut(call, at) {
        return Err(wrong_state(held, call, at));
    }
    Ok(admission::Model { decided_by: Some(officer), ..turned(held, AdmissionState::Qualified) })
}

/// A reviewer finds that it does not, and says why.
pub fn refuse(
    held: &admission::Model,
    call: &admission_call::Model,
    officer: PersonId,
    reason: &str,
    at: Timestamp,
) -> Result<admission::Model, Problem> {
    check_reason(reason)?;
    if held.state != AdmissionState::Applied || is_shut(call, at) {
        return Err(wrong_state(held, call, at));
    }
    Ok(admission::Model { decided_by: Some(officer), reason: Some(reason.into()), ..turned(held, AdmissionState::Refused) })
}

/// The applicant thinks better of it, which it may until its money is there, and with its money where what it applied for was announced
/// anew under other terms, until registration closes.
pub fn withdraw(held: &admission::Model, call: &admission_call::Model, at: Timestamp) -> Result<Fate, Problem> {
    let withdrawn = |release| Fate { next: turned(held, AdmissionState::Withdrawn), release };
    match held.state {
        AdmissionState::Applied | AdmissionState::Qualified => Ok(withdrawn(false)),
        AdmissionState::Admitted if may_leave(held, call, at) => Ok(withdrawn(true)),
        _ => Err(wrong_state(held, call, at)),
    }
}

/// Whether a bidder who is admitted may leave with its deposit.
pub fn may_leave(held: &admission::Model, call: &admission_call::Model, at: Timestamp) -> bool {
    held.carried_over_at.is_some() && !held.suspended && !is_shut(call, at)
}

/// The auction host keeps a bidder from bidding.
pub fn suspend(held: &admission::Model, call: &admission_call::Model, reason: &str, at: Timestamp) -> Result<admission::Model, Problem> {
    step(held, call, reason, at, true)
}

/// The auction host lets a bidder bid again.
pub fn reinstate(held: &admission::Model, call: &admission_call::Model, reason: &str, at: Timestamp) -> Result<admission::Model, Problem> {
    step(held, call, reason, at, false)
}

fn step(
    held: &admission::Model,
    call: &admission_call::Model,
    reason: &str,
    at: Timestamp,
    suspended: bool,
) -> Result<admission::Model, Problem> {
    check_reason(reason)?;
    if held.state != AdmissionState::Admitted || held.suspended == suspended {
        return Err(wrong_state(held, call, at));
    }
    Ok(admission::Model { suspended, reason: Some(reason.into()), ..turned(held, AdmissionState::Admitted) })
}

fn check_reason(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, LONGEST_REASON).done()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::super::samples::{OFFICER, admission, at, call};
    use super::*;
    use crate::platform::problem::Code;

    #[test]
    fn an_application_is_decided_once_and_in_time() {
        let applied = admission(1, AdmissionState::Applied);
        let qualified = qualify(&applied, &call(), OFFICER, at(150)).unwrap();
        assert_eq!((qualified.state, qualified.decided_by, qualified.version), (AdmissionState::Qualified, Some(OFFICER), 4));
        let refused = refuse(&applied, &call(), OFFICER, "no licence", at(150)).unwrap();
        assert_eq!((refused.state, refused.reason.as_deref()), (AdmissionState::Refused, Some("no licence")));
        for decided in [&qualified, &refused] {
            assert_eq!(qualify(decided, &call(), OFFICER, at(150)).unwrap_err().code, Code::WrongState);
            assert_eq!(refuse(decided, &call(), OFFICER, "x", at(150)).unwrap_err().code, Code::WrongState);
        }
        let late = qualify(&applied, &call(), OFFICER, at(200)).unwrap_err();
        assert_eq!(late.facts["allowed"], json!(["withdraw_admission"]));
    }

    #[test]
    fn nobody_withdraws_once_the_money_is_there() {
        for state in AdmissionState::ALL {
            let may = matches!(state, AdmissionState::Applied | AdmissionState::Qualified);
            assert_eq!(withdraw(&admission(1, *state), &call(), at(150)).is_ok(), may, "{state:?}");
        }
    }

    #[test]
    fn only_the_admitted_are_suspended_and_only_the_suspended_reinstated() {
        for state in AdmissionState::ALL {
            let may = *state == AdmissionState::Admitted;
            assert_eq!(suspend(&admission(1, *state), &call(), "x", at(250)).is_ok(), may, "{state:?}");
        }
        let suspended = suspend(&admission(1, AdmissionState::Admitted), &call(), "collusion suspected", at(250)).unwrap();
        let again = suspend(&suspended, &call(), "x", at(250)).unwrap_err();
        assert_eq!(again.facts["allowed"], json!(["reinstate_bidder"]));
        let back = reinstate(&suspended, &call(), "cleared", at(260)).unwrap();
        assert!(!back.suspended && back.reason.as_deref() == Some("cleared") && back.version == 5);
        assert!(reinstate(&back, &call(), "x", at(260)).is_err());
    }

    #[test]
    fn a_reason_is_given() {
        let applied = admission(1, AdmissionState::Applied);
        for reason in ["", "  ", &"x".repeat(501)] {
            assert_eq!(refuse(&applied, &call(), OFFICER, reason, at(150)).unwrap_err().code, Code::Invalid);
        }
    }
}
