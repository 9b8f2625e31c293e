//! Who may apply for a lot.

use entity::Timestamp;
use entity::admissions::{AdmissionState, admission, admission_call};
use entity::ids::{AdmissionId, DocumentId, OrganisationId, PersonId};

use super::call::{is_barred, is_shut};
use crate::platform::problem::{Code, Faults, Problem};

/// How many documents an application may carry.
pub const MOST_DOCUMENTS: usize = 20;

/// Who applies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// The organisation that would buy.
    pub organisation: OrganisationId,
    /// Whether an officer has verified it.
    pub verified: bool,
    /// The person who acts for it.
    pub person: PersonId,
    /// Every organisation the person is an active member of.
    pub belongs_to: Vec<OrganisationId>,
}

impl Applicant {
    /// Whether the person is barred from a lot, the organisation it would be for, or another of the person's.
    pub fn is_barred(&self, call: &admission_call::Model) -> Result<bool, Problem> {
        let mut organisations = self.belongs_to.clone();
        organisations.push(self.organisation);
        is_barred(call, &organisations, self.person)
    }
}

/// The documents of an application: not too many, none twice.
pub fn check_documents(documents: &[DocumentId]) -> Result<(), Problem> {
    let mut seen = documents.to_vec();
    seen.sort_unstable();
    seen.dedup();
    Faults::new()
        .require(
            documents.len() <= MOST_DOCUMENTS && seen.len() == documents.len(),
            "/documents",
            "documents",
            "至多 20 份文件，且不得重复",
            "at most 20 documents, and none twice",
        )
        .done()
}

/// Whether an applicant may apply: verified, not of the seller (AL art. 30), not barred, in time, and
/// not there already.
pub fn may_apply(
    call: &admission_call::Model,
    applicant: &Applicant,
    standing: Option<&admission::Model>,
    at: Timestamp,
) -> Result<(), Problem> {
    let seller = call.seller_organisation_id;
    if applicant.organisation == seller || applicant.belongs_to.contains(&seller) {
        return Err(Code::OwnLot.into());
    }
    if !applicant.verified {
        return Err(Code::OrganisationNotVerified.into());
    }
    if applicant.is_barred(call)? {
        return Err(Code::ConflictOfInterest.into());
    }
    if at < call.opens_at || is_shut(call, at) {
        return Err(Code::RegistrationClosed.with("opens_at", call.opens_at).with("closes_at", call.closes_at));
    }
    match standing {
        Some(earlier) => Err(Code::AlreadyApplied.with("admission_id", earlier.id)),
        None => Ok(()),
    }
}

/// What is new about an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The admission's id.
    pub id: AdmissionId,
    /// The reference its deposit is paid under.
    pub deposit_reference: String,
    /// The documents, as they were when they were handed in.
    pub documents: serde_json::Value,
    /// Whether its name is to be kept secret.
    pub party_confidential: bool,
}

/// The application as it is kept.
pub fn application(call: &admission_call::Model, applicant: &Applicant, paper: Paper, at: Timestamp) -> admission::Model {
    admission::Model {
        id: paper.id,
        lot_id: call.lot_id,
        organisation_id: applicant.organisation,
        state: AdmissionState::Applied,
        reason: None,
        deposit_reference: paper.deposit_reference,
        pseudonym: None,
        suspended: false,
        documents: paper.documents,
        party_confidential: paper.party_confidential,
        hold_transfer_id: None,
        applied_by: applicant.person,
        decided_by: None,
        version: 1,
        created_at: at,
        preemption_rank: None,
        offered_minor: None,
        offered_until: None,
        carried_over_at: None,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::super::samples::{BARRED, INVENTOR, SELLER, admission, at, call};
    use super::*;

    fn applicant() -> Applicant {
        let organisation = OrganisationId(Uuid::from_u128(7));
        Applicant { organisation, verified: true, person: PersonId(Uuid::from_u128(8)), belongs_to: vec![organisation] }
    }

    fn refusal(applicant: &Applicant, second: i64) -> Code {
        may_apply(&call(), applicant, None, at(second)).unwrap_err().code
    }

    #[test]
    fn a_verified_stranger_to_the_lot_may_apply_while_the_call_is_open() {
        assert_eq!(may_apply(&call(), &applicant(), None, at(100)), Ok(()));
        assert_eq!(may_apply(&call(), &applicant(), None, at(199)), Ok(()));
        assert_eq!(refusal(&applicant(), 99), Code::RegistrationClosed);
        assert_eq!(refusal(&applicant(), 200), Code::RegistrationClosed);
    }

    #[test]
    fn the_seller_its_people_and_those_barred_stand_aside() {
        assert_eq!(refusal(&Applicant { organisation: SELLER, ..applicant() }, 150), Code::OwnLot);
        assert_eq!(refusal(&Applicant { belongs_to: vec![SELLER], ..applicant() }, 150), Code::OwnLot);
        assert_eq!(refusal(&Applicant { organisation: BARRED, ..applicant() }, 150), Code::ConflictOfInterest);
        let of_both = Applicant { belongs_to: vec![applicant().organisation, BARRED], ..applicant() };
        assert_eq!(refusal(&of_both, 150), Code::ConflictOfInterest);
        assert_eq!(refusal(&Applicant { person: INVENTOR, ..applicant() }, 150), Code::ConflictOfInterest);
        assert_eq!(refusal(&Applicant { verified: false, ..applicant() }, 150), Code::OrganisationNotVerified);
    }

    #[test]
    fn nobody_applies_twice() {
        let earlier = admission(9, AdmissionState::Refused);
        let refused = may_apply(&call(), &applicant(), Some(&earlier), at(150)).unwrap_err();
        assert_eq!((refused.code, &refused.facts["admission_id"]), (Code::AlreadyApplied, &earlier.id.to_string().into()));
    }

    #[test]
    fn documents_are_few_and_different() {
        let ids: Vec<_> = (0..21).map(|n| DocumentId(Uuid::from_u128(n))).collect();
        assert_eq!(check_documents(&ids[..20]), Ok(()));
        assert!(check_documents(&ids).is_err());
        assert!(check_documents(&[ids[0], ids[1], ids[0]]).is_err());
    }
}
