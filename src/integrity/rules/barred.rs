//! Who has a lot, and is joined by somebody who is barred from it.

use entity::admissions::admission_call;
use entity::identity::{MembershipState, membership};
use entity::ids::OrganisationId;
use entity::integrity::{SignalFact, SignalKind, SignalReason};

use super::{Finding, WHOLE};
use crate::admissions::rules::is_barred;
use crate::platform::problem::Problem;

/// The signal of an award to an organisation in which somebody barred from the lot has an active place, with every such place.
/// Nothing of it is a guess, so its score is all there is.
pub fn barred_member(
    call: &admission_call::Model,
    buyer: OrganisationId,
    places: &[membership::Model],
) -> Result<Option<Finding>, Problem> {
    let mut reasons = Vec::new();
    for place in places.iter().filter(|place| place.organisation_id == buyer && place.state == MembershipState::Active) {
        let Some(person) = place.person_id else { continue };
        if is_barred(call, &[buyer], person)? {
            reasons.push(SignalReason::of(SignalFact::BarredMember).by(buyer).shown_by("membership", place.id));
        }
    }
    reasons.sort_unstable();
    let finding = Finding { kind: SignalKind::BarredMember, organisation: buyer, other: None, score_bp: WHOLE, reasons };
    Ok((!finding.reasons.is_empty()).then_some(finding))
}
