//! What owners of one right agree on (共有人约定): who signs which deeds. Source: PL art. 14.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use entity::achievements::asset_owner;
use entity::encumbrances::IntendedDeed;
use entity::ids::DocumentId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::problem::{Faults, Problem, YEARS};

/// Most clauses of one agreement.
const MOST_CLAUSES: usize = 20;
/// Most owners of one right, as where they are entered.
const MOST_OWNERS: usize = 20;

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SignedBy {
    /// Any owner alone.
    AnyOwner {},
    /// All of them.
    AllOwners {},
    /// Any of these alone.
    These {
        /// Their names, exactly as among the owners of the right.
        #[schema(min_items = 1, max_items = 20, example = json!(["浙江大学"]))]
        owners: Vec<String>,
    },
}

/// Who signs which deeds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnersClause {
    /// The deeds.
    #[schema(min_items = 1, max_items = 9)]
    pub deeds: Vec<IntendedDeed>,
    /// Who signs them.
    pub signed_by: SignedBy,
}

/// What the owners of a right agree on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOwnersAgreement {
    /// Who signs which deeds; what no clause names is as the law says.
    #[schema(min_items = 1, max_items = 20)]
    pub clauses: Vec<OwnersClause>,
    /// The first day it is in force.
    #[schema(example = "2026-03-01")]
    pub in_force_from: NaiveDate,
    /// The agreement, signed by all.
    pub document_id: DocumentId,
}

/// Refuses what owners cannot have agreed on so.
pub fn agreed_well(new: &NewOwnersAgreement, owners: &[asset_owner::Model]) -> Result<(), Problem> {
    let known: BTreeSet<_> = owners.iter().map(|owner| owner.name.trim()).collect();
    let mut faults = Faults::new();
    faults
        .require(known.len() > 1, "/clauses", "one_owner", "该标的只有一名权利人", "one owner alone has this right")
        .require(YEARS.contains(&new.in_force_from.year()), "/in_force_from", "range", "日期超出范围", "the day is out of range")
        .require((1..=MOST_CLAUSES).contains(&new.clauses.len()), "/clauses", "count", "须有 1 至 20 条", "must have 1 to 20 clauses");
    let mut named = BTreeSet::new();
    for (index, clause) in new.clauses.iter().enumerate().take(MOST_CLAUSES) {
        let place = format!("/clauses/{index}/deeds");
        faults.require(
            !clause.deeds.is_empty() && clause.deeds.iter().all(|deed| named.insert(*deed)),
            &place,
            "once",
            "每项行为须且只能列入一条",
            "must name deeds, each of them in one clause only",
        );
        if let SignedBy::These { owners } = &clause.signed_by {
            let place = format!("/clauses/{index}/signed_by/owners");
            faults.require(
                (1..=MOST_OWNERS).contains(&owners.len()) && owners.iter().all(|name| known.contains(name.trim())),
                &place,
                "not_an_owner",
                "须为该标的的权利人",
                "must name owners of the right",
            );
        }
    }
    faults.done()
}
