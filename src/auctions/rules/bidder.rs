//! Who may bid for a lot at all, whatever the price.

use entity::admissions::{AdmissionState, admission};
use entity::ids::OrganisationId;

use crate::admissions::rules::Applicant;
use crate::platform::problem::{Code, Problem};

/// The admission somebody bids under: nobody of the seller's does (AL art. 30), nor an organisation that was
/// never admitted, or is not verified any more.
pub fn admitted(by: &Applicant, seller: OrganisationId, admission: Option<admission::Model>) -> Result<admission::Model, Problem> {
    if by.organisation == seller || by.belongs_to.contains(&seller) {
        return Err(Code::OwnLot.into());
    }
    let counts = |held: &admission::Model| matches!(held.state, AdmissionState::Admitted | AdmissionState::Won | AdmissionState::Lost);
    admission.filter(|held| by.verified && counts(held)).ok_or_else(|| Code::NotAdmitted.into())
}
