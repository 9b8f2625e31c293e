//! The owners of a right and their shares.

use std::collections::BTreeSet;

use entity::achievements::asset_owner;
use entity::ids::{AssetId, OrganisationId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::problem::Faults;

/// The whole of a right, in ten-thousandths.
const WHOLE: i64 = 10_000;
/// Most owners of one right.
const MOST_OWNERS: usize = 20;

/// An owner of a right.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOwner {
    /// Name, as in the register.
    #[schema(min_length = 1, max_length = 200, example = "浙江大学")]
    pub name: String,
    /// Share in ten-thousandths; all shares make 10000.
    #[schema(minimum = 1, maximum = 10_000, example = 10_000)]
    pub share_bp: i32,
    /// Whether this owner is the organisation that registers the right here; one at most.
    #[serde(default)]
    pub is_holder: bool,
}

/// The owners as they are stored, in the order they were named.
pub(super) fn owned(asset: AssetId, organisation: OrganisationId, asked: &[NewOwner], faults: &mut Faults) -> Vec<asset_owner::Model> {
    faults.require((1..=MOST_OWNERS).contains(&asked.len()), "/owners", "count", "须有 1 至 20 名权利人", "must have 1 to 20 owners");
    let mut names = BTreeSet::new();
    let mut holders = 0_u32;
    for (index, owner) in asked.iter().enumerate().take(MOST_OWNERS) {
        let at = |field: &str| format!("/owners/{index}/{field}");
        holders += u32::from(owner.is_holder);
        faults
            .name(&at("name"), &owner.name, 200)
            .require(names.insert(owner.name.as_str()), &at("name"), "duplicate", "权利人重复", "this owner is named twice")
            .require(
                (1..=WHOLE).contains(&i64::from(owner.share_bp)),
                &at("share_bp"),
                "range",
                "须在 1 至 10000 之间",
                "must be between 1 and 10000",
            )
            .require(
                !owner.is_holder || holders == 1,
                &at("is_holder"),
                "one_holder",
                "只能有一名权利人是登记机构本身",
                "one owner at most is the organisation itself",
            );
    }
    let sum: i64 = asked.iter().map(|owner| i64::from(owner.share_bp)).sum();
    faults.require(sum == WHOLE, "/owners", "shares", "各份额之和须为 10000", "the shares must make 10000");
    (0_i32..)
        .zip(asked)
        .map(|(position, owner)| asset_owner::Model {
            asset_id: asset,
            position,
            name: owner.name.clone(),
            organisation_id: owner.is_holder.then_some(organisation),
            share_bp: owner.share_bp,
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::platform::problem::Problem;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn judged(asked: &[NewOwner]) -> Result<Vec<asset_owner::Model>, Problem> {
        let mut faults = Faults::new();
        let rows = owned(Uuid::from_u128(2).into(), Uuid::from_u128(1).into(), asked, &mut faults);
        faults.done().map(|()| rows)
    }

    #[test]
    fn owners_are_named_once_and_one_holds() {
        let owners = |list: Value| {
            let asked: Vec<NewOwner> = serde_json::from_value(list).unwrap();
            judged(&asked)
        };
        let rows = owners(json!([{"name": "甲", "share_bp": 3_333}, {"name": "乙", "share_bp": 6_667, "is_holder": true}])).unwrap();
        assert_eq!(rows.iter().map(|row| (row.position, row.organisation_id.is_some())).collect::<Vec<_>>(), [(0, false), (1, true)]);
        for (list, pointer) in [
            (json!([]), "/owners"),
            (json!([{"name": "甲", "share_bp": 9_999}]), "/owners"),
            (json!([{"name": "甲", "share_bp": 5_000}, {"name": " 甲", "share_bp": 5_000}]), "/owners/1/name"),
            (json!([{"name": "甲", "share_bp": 10_001}, {"name": "乙", "share_bp": -1}]), "/owners/0/share_bp"),
            (
                json!([{"name": "甲", "share_bp": 1, "is_holder": true}, {"name": "乙", "share_bp": 9_999, "is_holder": true}]),
                "/owners/1/is_holder",
            ),
        ] {
            let problem = owners(list).unwrap_err();
            assert_eq!(problem.errors[0].pointer, pointer);
        }
    }

    proptest! {
        #[test]
        fn shares_make_a_whole_or_nothing(shares in proptest::collection::vec(1_i32..10_000, 1..6)) {
            let asked: Vec<NewOwner> =
                shares.iter().enumerate().map(|(index, share)| NewOwner { name: format!("权利人{index}"), share_bp: *share, is_holder: false }).collect();
            let rows = judged(&asked);
            prop_assert_eq!(rows.is_ok(), shares.iter().sum::<i32>() == 10_000);
            prop_assert!(rows.is_err() || rows.is_ok_and(|rows| rows.len() == shares.len()));
        }
    }
}
