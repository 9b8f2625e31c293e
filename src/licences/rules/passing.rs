//! What becomes of a licence as one of its rights passes: it stands, and follows the right (SPC-TC art. 24). A licence of whoever gets the
//! right ends in that.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::ids::{AssetId, LicenceGrantId, OrganisationId};
use entity::licences::{LicenceGrantState, LicenceMode, licence_grant};

use super::grant::terminated;

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// It stands as it stood: who grants it has other rights of it still, or grants it under a licence of his own.
    Stays,
    /// Whoever got the right has all of them, and grants it from now on.
    Passes,
    /// Its holder got this right, and has others of it by the licence still.
    MergesInPart,
    /// Its holder got this right, which was all that it covered still.
    Merges,
}

/// What becomes of a licence as a right passes to somebody. `owners` are those of all its rights that its holder has not got himself, by
/// right.
pub fn passing(held: &licence_grant::Model, owners: &BTreeMap<AssetId, OrganisationId>, (right, to): (AssetId, OrganisationId)) -> Passing {
    let others = || owners.iter().filter(move |(asset, _)| **asset != right);
    if held.grantee_id == Some(to) {
        return if others().next().is_none() { Passing::Merges } else { Passing::MergesInPart };
    }
    let is_all_his = others().all(|(_, owner)| *owner == to);
    if held.mode != LicenceMode::SubLicence && held.licensor_id != to && is_all_his { Passing::Passes } else { Passing::Stays }
}

/// The licence once its rights are another's, who steps into the duties of who granted it.
pub fn passed(held: &licence_grant::Model, to: OrganisationId) -> licence_grant::Model {
    licence_grant::Model { licensor_id: to, version: held.version + 1, ..held.clone() }
}

/// The licence once its holder has one of its rights himself, which is kept with that right.
pub fn narrowed(held: &licence_grant::Model) -> licence_grant::Model {
    licence_grant::Model { version: held.version + 1, ..held.clone() }
}

/// The licence once its holder has all of its rights himself.
pub fn merged(held: &licence_grant::Model, at: Timestamp) -> licence_grant::Model {
    licence_grant::Model {
        state: LicenceGrantState::Superseded,
        ..terminated(held, "被许可人已取得该权利 Its holder got the right itself", None, at)
    }
}

/// A licence under one that merged: who granted it has the right himself now, and it stands by that, beside others as before (SPC-TC
/// art. 25).
pub fn raised(under: &licence_grant::Model) -> licence_grant::Model {
    licence_grant::Model { mode: LicenceMode::NonExclusive, parent_id: None, version: under.version + 1, ..under.clone() }
}

/// A licence under one whose place another took, of the same holder and no narrower: it is under that from now on.
pub fn moved(under: &licence_grant::Model, to: LicenceGrantId) -> licence_grant::Model {
    licence_grant::Model { parent_id: Some(to), version: under.version + 1, ..under.clone() }
}
