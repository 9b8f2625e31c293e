//! The winner defaulted, and the lot is offered to the runner-up at his own last bid (递补).

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission};
use entity::auctions::{LotState, lot};
use entity::money::Money;

use super::turned;
use crate::platform::problem::{Code, Problem};

/// The runner-up's admission once the lot is offered to it; none where it has not waited for that.
pub fn offer(held: &admission::Model, price: Money, until: Timestamp) -> Option<admission::Model> {
    let waited = held.state == AdmissionState::Admitted && held.offered_until.is_none();
    waited.then(|| admission::Model {
        offered_minor: Some(price.minor),
        offered_until: Some(until),
        ..turned(held, AdmissionState::Admitted)
    })
}

/// The price at which the lot is offered at an instant, in minor units, and until when; nothing where it is not, nor to who is
/// suspended.
pub fn open_offer(held: &admission::Model, at: Timestamp) -> Option<(i64, Timestamp)> {
    let open = held.offered_minor.zip(held.offered_until).filter(|(_, until)| at < *until);
    open.filter(|_| held.state == AdmissionState::Admitted && !held.suspended)
}

/// The price that is taken or declined at an instant, in minor units; refused where nothing is offered.
pub fn answered(held: &admission::Model, at: Timestamp) -> Result<i64, Problem> {
    let refusal = || Code::WrongState.with("state", held.state).with("allowed", Vec::<&str>::new());
    open_offer(held, at).map(|(price, _)| price).ok_or_else(refusal)
}

/// Whether the runner-up waits for what becomes of the deal and was not asked yet: he may say beforehand that he will not take the
/// lot. Nobody else is still admitted once a lot was sold.
pub fn waits(held: &admission::Model, lot: &lot::Model) -> bool {
    lot.state == LotState::ClosedSold && held.state == AdmissionState::Admitted && held.offered_until.is_none()
}

/// Whether an offer has run out without an answer.
pub fn ran_out(held: &admission::Model, at: Timestamp) -> bool {
    held.state == AdmissionState::Admitted && held.offered_until.is_some_and(|until| until <= at)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::samples::{admission, at};
    use super::*;

    #[test]
    fn an_offer_stands_until_its_time_and_once() {
        let waits = admission(1, AdmissionState::Admitted);
        assert!(open_offer(&waits, at(0)).is_none() && !ran_out(&waits, at(9_999)));
        let asked = offer(&waits, Money::fen(1_000), at(100)).unwrap();
        assert_eq!((open_offer(&asked, at(99)), answered(&asked, at(99))), (Some((1_000, at(100))), Ok(1_000)));
        assert_eq!(answered(&asked, at(100)).unwrap_err().code, Code::WrongState);
        assert!(!ran_out(&asked, at(99)) && ran_out(&asked, at(100)));
        let suspended = admission::Model { suspended: true, ..asked.clone() };
        assert_eq!(answered(&suspended, at(99)).unwrap_err().code, Code::WrongState);
        assert!(ran_out(&suspended, at(100)), "his time passes");
        assert_eq!(offer(&asked, Money::fen(1_000), at(200)), None, "it is offered once");
    }

    #[test]
    fn only_who_has_waited_is_asked() {
        for state in AdmissionState::ALL.iter().filter(|state| **state != AdmissionState::Admitted) {
            assert_eq!(offer(&admission(1, *state), Money::fen(1_000), at(100)), None);
        }
        let asked = offer(&admission(1, AdmissionState::Admitted), Money::fen(1_000), at(100)).unwrap();
        let gone = admission::Model { state: AdmissionState::Lost, ..asked };
        assert!(answered(&gone, at(50)).is_err() && !ran_out(&gone, at(100)));
    }
}
