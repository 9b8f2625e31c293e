//! What owners of one right may do without each other: each may let somebody use it beside others, alone; all else needs all of them
//! (PL art. 14; SPC-TC art. 20).

use std::collections::BTreeSet;

use entity::achievements::asset_owner;
use entity::ids::{DocumentId, OrganisationId};
use entity::licences::LicenceMode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::problem::{Code, Fault, Problem};

/// An owner beside the licensor agreed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOwnerConsent {
    /// The owner, as he is named with the right.
    #[schema(min_length = 1, max_length = 200)]
    pub owner: String,
    /// The paper that shows it.
    pub document_id: DocumentId,
}

/// Refuses a licence for one alone to which not every owner beside the licensor agreed; names each of them.
pub fn of_every_owner(
    mode: LicenceMode,
    owners: &[asset_owner::Model],
    licensor: (OrganisationId, &str),
    consents: &[NewOwnerConsent],
) -> Result<(), Problem> {
    if !mode.is_alone() {
        return Ok(());
    }
    let agreed: BTreeSet<_> = consents.iter().map(|consent| consent.owner.trim()).collect();
    let others = owners.iter().filter(|owner| owner.organisation_id != Some(licensor.0) && owner.name.trim() != licensor.1.trim());
    let missing: BTreeSet<_> = others.map(|owner| owner.name.trim()).filter(|name| !agreed.contains(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let faults = missing.into_iter().map(|owner| {
        Fault::new(
            "/co_owner_consents",
            "consent_missing",
            format!("缺少共有人“{owner}”的书面同意"),
            format!("the written consent of the co-owner {owner} is missing"),
        )
    });
    Err(Problem { errors: faults.collect(), ..Code::DeclarationMissing.into() })
}
