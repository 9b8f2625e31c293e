//! G4 and G5: burdens that are not cured, and licences that stand against the deal. What they are the rooms of encumbrances and licences
//! know; here it is said as a gate says it.
//!
//! Source: CC art. 444; PLIR art. 104-105; PL art. 51; SPC-TC art. 24-27.

use entity::gates::Gate;
use entity::ids::{AssetId, BurdenId};

use super::finding::{GateFinding, Rule};

const BURDEN: Rule = Rule {
    gate: Gate::Encumbrances,
    name: "G4.standing",
    source: "CC art.444; PLIR art.104-105",
    cure: ("办理解除，或上传权利人的书面同意", "have it lifted, or file the written consent of whoever holds it"),
};

const CONFLICT: Rule = Rule {
    gate: Gate::LicenceConflict,
    name: "G5.standing",
    source: "PL art.51; SPC-TC art.24-27",
    cure: (
        "待在先的许可、赋权或者开放许可终止，或缩小许可范围",
        "wait until the earlier licence, grant or open licence has ended, or narrow the scope",
    ),
};

/// A burden that forbids the deal.
pub fn uncured(burden: BurdenId, code: &str, said: (String, String)) -> GateFinding {
    BURDEN.blocks(code, burden.to_string(), said)
}

/// A burden that the buyer takes with the right, and somebody has to look at: what he decides is about this one.
pub fn disclosed(burden: BurdenId, code: &str, said: (String, String)) -> GateFinding {
    BURDEN.warns(code, burden.to_string(), said)
}

/// What was granted of a right and stands against the deal.
pub fn conflict(asset: AssetId, code: &str, said: (String, String)) -> GateFinding {
    CONFLICT.blocks(code, asset.to_string(), said)
}
