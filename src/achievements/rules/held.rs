//! Rights that something else than an offer holds: they are being granted to who made them (赋权), or anybody may have a licence (开放许可).

use entity::achievements::asset;
use entity::ids::{AssetId, OpenLicenceId, OrganisationId, RightsGrantId};
use serde::Serialize;

use crate::platform::problem::{Code, Problem};

/// Refuses what cannot be done with rights alone while these are being granted; nothing where none is.
pub fn being_granted(granted: &[(AssetId, RightsGrantId)]) -> Result<(), Problem> {
    held_by(granted, "rights_grant_id")
}

/// Refuses what cannot be done with patents whose open licence these declare; nothing where none is.
pub fn licensed_openly(declared: &[(AssetId, OpenLicenceId)]) -> Result<(), Problem> {
    held_by(declared, "open_licence_id")
}

/// Refuses what somebody does with rights that have passed to another.
pub fn still_his<'a>(assets: impl IntoIterator<Item = &'a asset::Model>, of: OrganisationId) -> Result<(), Problem> {
    let passed: Vec<_> = assets.into_iter().filter(|asset| asset.organisation_id != of).map(|asset| asset.id).collect();
    if passed.is_empty() { Ok(()) } else { Err(Code::StatusForbids.with("asset_ids", passed).with("reason", "title_passed")) }
}

fn held_by<T: Serialize>(held: &[(AssetId, T)], member: &str) -> Result<(), Problem> {
    let Some((_, by)) = held.first() else { return Ok(()) };
    let assets: Vec<_> = held.iter().map(|(asset, _)| asset).collect();
    Err(Code::AssetHeld.with("asset_ids", assets).with(member, by))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_being_granted_is_told_with_the_grant() {
        let (asset, grant) = (AssetId(Uuid::from_u128(1)), RightsGrantId(Uuid::from_u128(2)));
        let problem = being_granted(&[(asset, grant)]).unwrap_err();
        assert_eq!(problem.code, Code::AssetHeld);
        assert_eq!((&problem.facts["asset_ids"], &problem.facts["rights_grant_id"]), (&json!([asset]), &json!(grant)));
        assert!(being_granted(&[]).is_ok());
    }

    #[test]
    fn what_passed_to_another_is_told() {
        let mine = crate::listings::rules::tests::asset(1).asset;
        let (owner, another) = (mine.organisation_id, OrganisationId(Uuid::from_u128(77)));
        let sold = asset::Model { id: AssetId(Uuid::from_u128(3)), organisation_id: another, ..mine.clone() };
        let problem = still_his([&mine, &sold], owner).unwrap_err();
        assert_eq!((problem.code, &problem.facts["asset_ids"]), (Code::StatusForbids, &json!([sold.id])));
        assert!(still_his([&mine], owner).is_ok());
    }

    #[test]
    fn what_is_licensed_openly_is_told_with_the_declaration() {
        let (asset, licence) = (AssetId(Uuid::from_u128(1)), OpenLicenceId(Uuid::from_u128(2)));
        let problem = licensed_openly(&[(asset, licence)]).unwrap_err();
        assert_eq!((problem.code, &problem.facts["open_licence_id"]), (Code::AssetHeld, &json!(licence)));
        assert!(licensed_openly(&[]).is_ok());
    }
}
