//! Who is a foreign party, and whether it may register for a listing.
//!
//! Source: TIER art. 2 (from inside the mainland to outside), 31-36; STPL art. 34. Control alone makes no foreign party (a foreign-invested
//! enterprise is a Chinese one): it is told to whoever checks the applicant.

use entity::gates::{Establishment, ExportClass, organisation_facts};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::problem::{Code, Problem};

/// Why somebody is a foreign party, or should be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ForeignSign {
    /// It is established elsewhere.
    Established,
    /// A foreign beneficial owner has as large a share as the rules name.
    BeneficialOwner,
    /// Technical data would go outside the mainland.
    DataLeaves,
    /// Foreigners control it; by itself this makes no foreign party.
    Control,
}

/// What speaks for a foreign party in what an organisation declares of itself; nothing where it declares nothing.
pub fn signs(facts: Option<&organisation_facts::Model>, share_that_counts: u32) -> Vec<ForeignSign> {
    let Some(facts) = facts else { return Vec::new() };
    let owner_counts = u32::try_from(facts.foreign_beneficial_bp).is_ok_and(|share| share >= share_that_counts);
    let signs = [
        (facts.established != Establishment::Mainland, ForeignSign::Established),
        (owner_counts, ForeignSign::BeneficialOwner),
        (facts.data_leaves, ForeignSign::DataLeaves),
        (facts.foreign_control, ForeignSign::Control),
    ];
    signs.into_iter().filter(|(holds, _)| *holds).map(|(_, sign)| sign).collect()
}

/// Whether that makes a foreign party.
pub fn is_foreign(signs: &[ForeignSign]) -> bool {
    signs.iter().any(|sign| *sign != ForeignSign::Control)
}

/// What a listing lets foreign parties do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abroad {
    /// Whether they may buy.
    pub admits_foreign: bool,
    /// How the technology may leave; not known of what was approved before anybody asked.
    pub class: Option<ExportClass>,
}

/// Whether a party may register for a listing, enter its data room, and bid.
pub fn may_take_part(abroad: Abroad, is_foreign: bool, has_letter: bool) -> Result<(), Problem> {
    if !is_foreign {
        return Ok(());
    }
    match abroad.class.filter(|_| abroad.admits_foreign) {
        Some(ExportClass::Free) => Ok(()),
        // Negotiations begin with the letter (TIER art. 32).
        Some(ExportClass::Restricted) if has_letter => Ok(()),
        Some(ExportClass::Restricted) => Err(Code::ExportLetterMissing.into()),
        Some(ExportClass::Prohibited) | None => Err(Code::ForeignNotAdmitted.into()),
    }
}

/// Whether what a foreign party bought may be paid out and registered: a restricted technology has its licence, a free one its contract
/// registered (TIER art. 33-38).
pub fn may_settle(abroad: Abroad, is_foreign: bool, has_licence: bool, is_registered: bool) -> Result<(), Problem> {
    let done = match abroad.class {
        _ if !is_foreign => true,
        Some(ExportClass::Free) => is_registered,
        Some(ExportClass::Restricted) => has_licence,
        Some(ExportClass::Prohibited) | None => false,
    };
    if done { Ok(()) } else { Err(Code::ExportPaperMissing.into()) }
}
