//! What becomes of admissions and deposits when the call closes, the lot ends and the deal is decided.

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::deals::DealState;
use entity::ids::{AdmissionId, LotId};
use serde::Deserialize;

use super::{is_ended_anew, turned};

/// How a lot ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// Who won, several where several units were sold; nobody, where the lot was not sold.
    pub winners: Vec<AdmissionId>,
    /// Whose deposit stays until the deal is decided, where a next-bidder rule was announced (递补).
    pub keep_runner_up: Option<AdmissionId>,
}

/// What an event of a deal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub struct DealNews {
    /// The lot it came of.
    pub lot_id: LotId,
    /// The buyer's admission.
    pub buyer_admission_id: AdmissionId,
    /// Where the deal stands now.
    pub state: DealState,
    /// Whether the lot is offered to the runner-up now; no event says it.
    #[serde(skip)]
    pub next_asked: bool,
}

/// What becomes of an admission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// The admission as it will stand.
    pub next: admission::Model,
    /// Whether its deposit goes back.
    pub release: bool,
}

/// The call once it is closed.
pub fn close(call: &admission_call::Model, at: Timestamp) -> admission_call::Model {
    admission_call::Model { closed_at: Some(at), ..call.clone() }
}

/// When the call closes, whoever is not admitted by then is not.
pub fn at_close(held: &admission::Model) -> Option<Fate> {
    match held.state {
        AdmissionState::Applied | AdmissionState::Qualified => {
            Some(Fate { next: turned(held, AdmissionState::NotAdmitted), release: true })
        }
        _ => None,
    }
}

/// Whether an admission lapsed at the close only because its deposit had not come: it had been qualified.
pub fn lacked_deposit(held: &admission::Model) -> bool {
    let lapsed = held.state == AdmissionState::NotAdmitted && !is_ended_anew(held);
    lapsed && held.decided_by.is_some() && held.hold_transfer_id.is_none()
}

/// When the lot ends, whoever won has won and the others have lost; the runner-up may have to wait.
pub fn at_settlement(held: &admission::Model, settlement: &Settlement) -> Option<Fate> {
    if held.state != AdmissionState::Admitted {
        return None;
    }
    if settlement.winners.contains(&held.id) {
        return Some(Fate { next: turned(held, AdmissionState::Won), release: false });
    }
    if settlement.keep_runner_up == Some(held.id) {
        return None;
    }
    Some(lost(held))
}

/// When the deal is decided, a runner-up who waited is free, unless the lot is offered to him now; another winner, who has a deal
/// of his own, is not concerned. A buyer who defaulted leaves its deposit
/// until the forfeiture is decided; a buyer who is not at fault has it back (SPC-NA art. 24, CC art. 587).
pub fn after_deal(held: &admission::Model, news: DealNews) -> Option<Fate> {
    if news.state == DealState::ConfirmationGenerated {
        return None;
    }
    if held.id != news.buyer_admission_id {
        return (held.state == AdmissionState::Admitted && !news.next_asked).then(|| lost(held));
    }
    match (held.state, news.state) {
        (AdmissionState::Won, DealState::DefaultBuyer) => Some(Fate { next: turned(held, AdmissionState::Defaulted), release: false }),
        (AdmissionState::Won, DealState::DefaultSeller | DealState::Lapsed | DealState::Rescinded) => {
            Some(Fate { next: held.clone(), release: true })
        }
        _ => None,
    }
}

fn lost(held: &admission::Model) -> Fate {
    Fate { next: turned(held, AdmissionState::Lost), release: true }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples::{OFFICER, admission, at, call};
    use super::*;

    fn any_state() -> impl Strategy<Value = AdmissionState> {
        prop::sample::select(AdmissionState::ALL)
    }

    fn state_after(held: &admission::Model, settlement: &Settlement) -> AdmissionState {
        at_settlement(held, settlement).map_or(held.state, |fate| fate.next.state)
    }

    fn news(buyer: &admission::Model, state: DealState) -> DealNews {
        DealNews { lot_id: buyer.lot_id, buyer_admission_id: buyer.id, state, next_asked: false }
    }

    proptest! {
        #[test]
        fn at_the_end_the_winners_win_and_nobody_else_keeps_waiting_but_the_runner_up(
            states in prop::collection::vec(any_state(), 1..12), winners in prop::collection::vec(0..12_usize, 1..4),
            next in prop::option::of(0..12_usize),
        ) {
            let all: Vec<_> = (1..).zip(&states).map(|(number, state)| admission(number, *state)).collect();
            let id = |index: usize| all.get(index).map(|held| held.id);
            let settlement = Settlement { winners: winners.into_iter().filter_map(id).collect(), keep_runner_up: next.and_then(id) };
            for held in &all {
                let after = state_after(held, &settlement);
                if held.state == AdmissionState::Admitted {
                    let expected = if settlement.winners.contains(&held.id) {
                        AdmissionState::Won
                    } else if settlement.keep_runner_up == Some(held.id) {
                        AdmissionState::Admitted
                    } else {
                        AdmissionState::Lost
                    };
                    prop_assert_eq!(after, expected);
                } else {
                    prop_assert_eq!(after, held.state);
                }
                // Settling again changes nothing.
                if let Some(fate) = at_settlement(held, &settlement) {
                    prop_assert!(at_settlement(&fate.next, &settlement).is_none());
                    prop_assert_eq!(fate.release, fate.next.state == AdmissionState::Lost);
                }
            }
        }

        #[test]
        fn closing_leaves_nobody_undecided(state in any_state()) {
            let held = admission(1, state);
            let after = at_close(&held).map_or(held.state, |fate| fate.next.state);
            prop_assert!(!matches!(after, AdmissionState::Applied | AdmissionState::Qualified));
            prop_assert!(at_close(&admission(1, after)).is_none());
        }
    }

    #[test]
    fn only_who_had_been_qualified_lapses_for_want_of_the_deposit() {
        let qualified = admission::Model { decided_by: Some(OFFICER), ..admission(1, AdmissionState::Qualified) };
        assert!(!lacked_deposit(&qualified));
        assert!(lacked_deposit(&at_close(&qualified).unwrap().next));
        assert!(!lacked_deposit(&at_close(&admission(2, AdmissionState::Applied)).unwrap().next));
        assert!(!lacked_deposit(&admission::Model { decided_by: Some(OFFICER), ..admission(3, AdmissionState::Refused) }));
    }

    #[test]
    fn a_call_is_closed_at_an_instant() {
        assert_eq!(close(&call(), at(201)).closed_at, Some(at(201)));
    }

    #[test]
    fn a_kept_runner_up_waits_for_the_deal_and_no_longer() {
        let (buyer, next) = (admission(1, AdmissionState::Won), admission(2, AdmissionState::Admitted));
        assert_eq!(after_deal(&next, news(&buyer, DealState::ConfirmationGenerated)), None);
        for state in DealState::ALL.iter().copied().filter(|state| *state != DealState::ConfirmationGenerated) {
            let fate = after_deal(&next, news(&buyer, state)).unwrap();
            assert!(fate.release && fate.next.state == AdmissionState::Lost);
            assert_eq!(after_deal(&fate.next, news(&buyer, state)), None);
        }
    }

    #[test]
    fn whatever_becomes_of_a_deal_another_winner_is_not_concerned() {
        let (buyer, other) = (admission(1, AdmissionState::Won), admission(2, AdmissionState::Won));
        for state in DealState::ALL {
            assert_eq!(after_deal(&other, news(&buyer, *state)), None, "{state:?}");
        }
    }

    #[test]
    fn a_runner_up_to_whom_the_lot_is_offered_goes_on_waiting() {
        let (buyer, next) = (admission(1, AdmissionState::Won), admission(2, AdmissionState::Admitted));
        let asked = DealNews { next_asked: true, ..news(&buyer, DealState::DefaultBuyer) };
        assert_eq!(after_deal(&next, asked), None);
        assert_eq!(after_deal(&buyer, asked).unwrap().next.state, AdmissionState::Defaulted);
    }

    #[test]
    fn the_buyers_deposit_follows_who_is_at_fault() {
        let buyer = admission(1, AdmissionState::Won);
        assert_eq!(after_deal(&buyer, news(&buyer, DealState::Confirmed)), None);
        let defaulted = after_deal(&buyer, news(&buyer, DealState::DefaultBuyer)).unwrap();
        assert!(!defaulted.release && defaulted.next.state == AdmissionState::Defaulted);
        assert_eq!(after_deal(&defaulted.next, news(&buyer, DealState::DefaultBuyer)), None);
        for state in [DealState::DefaultSeller, DealState::Lapsed, DealState::Rescinded] {
            let fate = after_deal(&buyer, news(&buyer, state)).unwrap();
            assert!(fate.release && fate.next == buyer);
        }
    }

    #[test]
    fn an_event_of_a_deal_is_read_with_whatever_else_it_says() {
        let buyer = admission(1, AdmissionState::Won);
        let body = serde_json::json!({
            "deal_id": buyer.id, "lot_id": buyer.lot_id, "listing_id": buyer.id,
            "buyer_admission_id": buyer.id, "state": "default_buyer",
        });
        assert_eq!(DealNews::deserialize(&body).unwrap(), news(&buyer, DealState::DefaultBuyer));
    }
}
