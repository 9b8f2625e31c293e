//! Consents of the owners beside the licensor, where what they agreed on, or the law, leaves a deed to all of them (`encumbrances/rules/owners.rs`).

use std::collections::BTreeSet;

use entity::encumbrances::IntendedDeed;
use entity::ids::DocumentId;
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

/// Refuses a deed to which not every owner agreed whose consent it takes; names each that is missing.
pub fn of_every_owner(needed: impl IntoIterator<Item = String>, consents: &[NewOwnerConsent]) -> Result<(), Problem> {
    let agreed: BTreeSet<_> = consents.iter().map(|consent| consent.owner.trim()).collect();
    let missing: BTreeSet<_> = needed.into_iter().filter(|name| !agreed.contains(name.trim())).collect();
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

/// The deed that a licence of a kind is to whatever burdens the right; none of what no owner gives.
pub fn deed_of(mode: LicenceMode) -> Option<IntendedDeed> {
    match mode {
        LicenceMode::Exclusive => Some(IntendedDeed::ExclusiveLicence),
        LicenceMode::Sole => Some(IntendedDeed::SoleLicence),
        LicenceMode::NonExclusive | LicenceMode::Trial | LicenceMode::Open => Some(IntendedDeed::NonExclusiveLicence),
        LicenceMode::Compulsory | LicenceMode::SubLicence | LicenceMode::GrantedUseRight => None,
    }
}
