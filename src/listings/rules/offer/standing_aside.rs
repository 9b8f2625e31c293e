//! Organisations that must stand aside as the seller declares them (回避): who appraised what is sold, and who brokers for the seller
//! (AL art. 22 and 30, SPC-NA 34).

use std::collections::BTreeSet;

use super::Offer;
use super::preemption::called;
use crate::platform::problem::Faults;

/// How many may be named.
const MOST: usize = 20;

/// Whether they are named as they must be, and none of them is to use a right of pre-emption.
pub fn well_named(faults: &mut Faults, offer: &Offer) {
    let (place, named) = ("/declarations/standing_aside", &offer.declarations.standing_aside);
    let different: BTreeSet<_> = named.iter().collect();
    faults
        .require(
            named.len() <= MOST && different.len() == named.len(),
            place,
            "range",
            "至多 20 家机构，且不得重复",
            "at most 20 organisations, and none twice",
        )
        .require(
            called(offer).iter().all(|holder| !different.contains(&holder.organisation_id)),
            place,
            "contradiction",
            "优先购买权人不得同时列为回避机构",
            "a holder of a right of pre-emption cannot be one that stands aside",
        );
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::ids::OrganisationId;
    use serde_json::json;
    use uuid::Uuid;

    use super::super::{Encumbrance, EncumbranceKind, OfferedHolder, OfferedPreemption, PreemptionVariant, well_formed};
    use super::*;
    use crate::listings::rules::tests::offer;

    fn standing_aside(numbers: impl IntoIterator<Item = u128>) -> Offer {
        let mut named = offer();
        named.declarations.standing_aside = numbers.into_iter().map(|number| OrganisationId(Uuid::from_u128(number))).collect();
        named
    }

    fn places(offer: &Offer) -> Vec<String> {
        let refused = well_formed(offer, false).err();
        refused.into_iter().flat_map(|problem| problem.errors).map(|fault| fault.pointer).collect()
    }

    #[test]
    fn they_are_few_and_different() {
        for fit in [standing_aside([]), standing_aside([1]), standing_aside(1..=20)] {
            assert!(places(&fit).is_empty());
        }
        for unfit in [standing_aside([1, 2, 1]), standing_aside(1..=21)] {
            assert_eq!(places(&unfit), ["/declarations/standing_aside"]);
        }
    }

    #[test]
    fn a_holder_who_is_to_be_asked_does_not_stand_aside() {
        let mut both = standing_aside([1, 2]);
        let holder =
            |number| OfferedHolder { organisation_id: OrganisationId(Uuid::from_u128(number)), basis: "合作开发者".into(), rank: 1 };
        let description = "合作开发者享有优先受让权".into();
        both.declarations.encumbrances = vec![Encumbrance { kind: EncumbranceKind::Preemption, description, cure_document_id: None }];
        both.auction.preemption = Some(OfferedPreemption { variant: PreemptionVariant::Parity, holders: vec![holder(3)] });
        assert!(places(&both).is_empty());
        both.auction.preemption = Some(OfferedPreemption { variant: PreemptionVariant::Parity, holders: vec![holder(3), holder(2)] });
        assert_eq!(places(&both), ["/declarations/standing_aside"]);
    }

    #[test]
    fn an_offer_in_which_nobody_stands_aside_is_kept_as_before() {
        let kept = json!(offer());
        assert!(kept["declarations"].get("standing_aside").is_none(), "{kept}");
        assert_eq!(serde_json::from_value::<Offer>(kept).unwrap(), offer());
        let named = standing_aside([1]);
        assert_eq!(serde_json::from_value::<Offer>(json!(named)).unwrap(), named);
    }
}
