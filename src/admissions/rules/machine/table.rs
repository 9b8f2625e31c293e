//! What becomes of admissions and their deposits, written down from the transition table and from nothing that decides it in
//! earnest.

use entity::admissions::AdmissionState;
use entity::deals::DealState;

use super::Deed;

/// Where a deposit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Deposit {
    Elsewhere,
    Held,
    GivenBack,
}

/// An admission as the table has it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) state: AdmissionState,
    pub(super) suspended: bool,
    pub(super) deposit: Deposit,
}

/// The admissions as the table has them, reckoned apart from the rules.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) places: [Option<Place>; 3],
    shut: bool,
}

impl Table {
    pub(super) fn blank() -> Self {
        Self { places: [None; 3], shut: false }
    }

    /// What a deed leads one of them to, if the table lets it.
    pub(super) fn after(&self, who: usize, deed: &Deed, second: i64) -> Option<Place> {
        use AdmissionState::{Admitted, Applied, Qualified, Refused, Withdrawn};
        let open = (100..200).contains(&second) && !self.shut;
        let fresh = Place { state: Applied, suspended: false, deposit: Deposit::Elsewhere };
        let Some(from) = self.places[who] else {
            return (open && matches!(deed, Deed::Apply)).then_some(fresh);
        };
        match (from.state, deed) {
            (Applied, Deed::Qualify) if open => Some(Place { state: Qualified, ..from }),
            (Applied, Deed::Refuse) if open => Some(Place { state: Refused, ..from }),
            (Applied | Qualified, Deed::Withdraw) => Some(Place { state: Withdrawn, ..from }),
            // D1: the amount, in the own name, before the cut-off.
            (Qualified, Deed::Pay(0, true)) if open => Some(Place { state: Admitted, deposit: Deposit::Held, ..from }),
            (Admitted, Deed::Suspend) if !from.suspended => Some(Place { suspended: true, ..from }),
            (Admitted, Deed::Reinstate) if from.suspended => Some(Place { suspended: false, ..from }),
            _ => None,
        }
    }

    /// D2: at the cut-off, who has not paid is not admitted.
    pub(super) fn shut(&mut self) {
        self.shut = true;
        for place in self.places.iter_mut().flatten() {
            if matches!(place.state, AdmissionState::Applied | AdmissionState::Qualified) {
                place.state = AdmissionState::NotAdmitted;
            }
        }
    }

    /// D3: all but the winner have their deposits back, the runner-up perhaps later.
    pub(super) fn settle(&mut self, winner: Option<usize>, next: Option<usize>) {
        for (who, place) in self.places.iter_mut().enumerate() {
            let Some(place) = place.as_mut().filter(|place| place.state == AdmissionState::Admitted) else { continue };
            if Some(who) == winner {
                place.state = AdmissionState::Won;
            } else if Some(who) != next {
                place.loses();
            }
        }
    }

    /// D4 and D5 begin here: the buyer's deposit stays for the price or for the forfeiture, unless he is not at fault.
    pub(super) fn hear(&mut self, deal: DealState) {
        if deal == DealState::ConfirmationGenerated {
            return;
        }
        for place in self.places.iter_mut().flatten() {
            match (place.state, deal) {
                (AdmissionState::Admitted, _) => place.loses(),
                (AdmissionState::Won, DealState::DefaultBuyer) => place.state = AdmissionState::Defaulted,
                (AdmissionState::Won, DealState::DefaultSeller | DealState::Lapsed | DealState::Rescinded) => {
                    place.deposit = Deposit::GivenBack;
                }
                _ => {}
            }
        }
    }
}

impl Place {
    fn loses(&mut self) {
        (self.state, self.deposit) = (AdmissionState::Lost, Deposit::GivenBack);
    }
}
