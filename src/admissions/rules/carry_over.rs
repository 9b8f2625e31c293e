//! A lot is announced anew under other terms: whoever is registered stays so, where nothing that he was judged by has changed.

use entity::admissions::{AdmissionState, admission, admission_call};
use entity::ids::OrganisationId;

use super::{Fate, is_barred, rank_of, turned};
use crate::platform::problem::Problem;

/// Why an admission ended whose lot was announced anew under other terms.
const ANNOUNCED_ANEW: &str = "announced_anew";

/// The admission in the call that takes the place of its own; none where it ends with that. It goes on only under the same deposit and
/// conditions, if nobody doubts it and neither its buyer nor what else its applicant belongs to is barred now.
pub fn carried_over(
    held: &admission::Model,
    from: &admission_call::Model,
    to: &admission_call::Model,
    belongs_to: &[OrganisationId],
) -> Result<Option<admission::Model>, Problem> {
    let stands = matches!(held.state, AdmissionState::Applied | AdmissionState::Qualified | AdmissionState::Admitted);
    let same = (from.deposit_minor, from.currency, &from.conditions) == (to.deposit_minor, to.currency, &to.conditions);
    let organisations: Vec<_> = belongs_to.iter().copied().chain([held.organisation_id]).collect();
    if !stands || held.suspended || !same || is_barred(to, &organisations, held.applied_by)? {
        return Ok(None);
    }
    let preemption_rank = rank_of(to, held.organisation_id)?;
    let carried_over_at = Some(to.opens_at);
    Ok(Some(admission::Model { lot_id: to.lot_id, preemption_rank, carried_over_at, version: held.version + 1, ..held.clone() }))
}

/// What becomes of an admission that stays behind; none where it was over.
pub fn ended_anew(held: &admission::Model) -> Option<Fate> {
    let stands = matches!(held.state, AdmissionState::Applied | AdmissionState::Qualified | AdmissionState::Admitted);
    let ended = || admission::Model { reason: Some(ANNOUNCED_ANEW.into()), ..turned(held, AdmissionState::NotAdmitted) };
    stands.then(|| Fate { next: ended(), release: true })
}

/// Whether an admission ended since its lot was announced anew under other terms.
pub fn is_ended_anew(held: &admission::Model) -> bool {
    held.state == AdmissionState::NotAdmitted && held.reason.as_deref() == Some(ANNOUNCED_ANEW)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::ids::LotId;
    use serde_json::json;
    use uuid::Uuid;

    use super::super::samples::{BARRED, admission, at, call};
    use super::*;

    fn anew() -> admission_call::Model {
        admission_call::Model { lot_id: LotId(Uuid::from_u128(77)), opens_at: at(150), closes_at: at(400), ..call() }
    }

    fn carried(held: &admission::Model, to: &admission_call::Model) -> Option<admission::Model> {
        carried_over(held, &call(), to, &[]).unwrap()
    }

    #[test]
    fn whoever_is_registered_stays_so_in_the_lot_that_is_announced_anew() {
        for state in AdmissionState::ALL {
            let held = admission(1, *state);
            let (lot_id, carried_over_at) = (anew().lot_id, Some(at(150)));
            let expected = admission::Model { lot_id, carried_over_at, version: held.version + 1, ..held.clone() };
            let stands = matches!(state, AdmissionState::Applied | AdmissionState::Qualified | AdmissionState::Admitted);
            assert_eq!(carried(&held, &anew()), stands.then_some(expected), "{state:?}");
        }
    }

    #[test]
    fn who_was_judged_by_other_terms_registers_again() {
        let held = admission(1, AdmissionState::Admitted);
        for to in [
            admission_call::Model { deposit_minor: call().deposit_minor + 1, ..anew() },
            admission_call::Model { conditions: json!(["另一条件"]), ..anew() },
            admission_call::Model { barred_organisations: json!([held.organisation_id]), ..anew() },
            admission_call::Model { barred_persons: json!([held.applied_by]), ..anew() },
        ] {
            assert_eq!(carried(&held, &to), None);
        }
        let aside = admission_call::Model { barred_organisations: json!([BARRED]), ..anew() };
        assert_eq!(carried_over(&held, &call(), &aside, &[BARRED]), Ok(None), "its applicant belongs to who stands aside");
        let ended = ended_anew(&held).unwrap();
        assert!(ended.release && is_ended_anew(&ended.next));
        assert_eq!(ended_anew(&ended.next), None);
        assert_eq!(carried(&admission::Model { suspended: true, ..held }, &anew()), None, "whoever is in doubt is judged again");
    }

    #[test]
    fn a_right_of_preemption_is_that_of_the_new_terms() {
        let held = admission::Model { preemption_rank: Some(1), ..admission(1, AdmissionState::Applied) };
        let holders = json!([{"organisation_id": held.organisation_id, "rank": 2}]);
        assert_eq!(carried(&held, &admission_call::Model { holders: Some(holders), ..anew() }).unwrap().preemption_rank, Some(2));
        assert_eq!(carried(&held, &anew()).unwrap().preemption_rank, None);
    }
}
