//! Whether the rights sold still stand when a deal is confirmed.

use entity::Timestamp;
use entity::achievements::asset;
use entity::ids::AssetId;
use entity::listings::TransferMode;

use super::{SoldAsset, unruled};
use crate::achievements::rules::{Permitted, permitted, unexpired};
use crate::achievements::store::AssetFacts;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Calendar, Snapshot, deadline, shanghai_date};

/// Refuses the confirmation unless the legal status of every right has been read lately, permits the
/// way it passes, and its term is not over.
pub fn rights_stand(
    rights: &[AssetFacts],
    mode: TransferMode,
    rules: &Snapshot,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<(), Problem> {
    let stale = stale(rights, rules, calendar, now)?;
    if !stale.is_empty() {
        return Err(Code::ListingNotReady.with("reason", "legal_status_stale").with("asset_ids", stale));
    }
    for right in rights {
        unexpired(&right.asset, shanghai_date(now))?;
        if let Some(read) = &right.status
            && let Permitted::No(reason) = permitted(read.status, right.asset.kind, mode)
        {
            let problem = Code::StatusForbids.with("asset_id", right.asset.id).with("legal_status", read.status);
            return Err(problem.with("mode", mode).with("reason", reason.code));
        }
    }
    Ok(())
}

/// Refuses a right that has become another since it was sold: whoever bought the right in an application did not buy the patent.
pub fn still_what_was_sold(sold: &[SoldAsset], assets: &[asset::Model]) -> Result<(), Problem> {
    let is_another = |asset: &&asset::Model| sold.iter().any(|sold| sold.id == asset.id && sold.kind != asset.kind);
    match assets.iter().find(is_another) {
        Some(asset) => Err(Code::StatusForbids.with("asset_id", asset.id).with("reason", "already_granted")),
        None => Ok(()),
    }
}

/// The rights whose legal status was never read, or too long ago.
fn stale(rights: &[AssetFacts], rules: &Snapshot, calendar: &Calendar, now: Timestamp) -> Result<Vec<AssetId>, Problem> {
    let freshness = rules.span("legal_status_freshness").map_err(|error| unruled(&error))?;
    let is_fresh = |as_of: Timestamp| match freshness.elapsed() {
        Some(length) => as_of.checked_add_signed(length).is_none_or(|until| now <= until),
        None => now <= deadline(as_of, freshness, calendar).ends_at,
    };
    let stale = rights.iter().filter(|right| right.status.as_ref().is_none_or(|read| !is_fresh(read.as_of)));
    Ok(stale.map(|right| right.asset.id).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::TimeDelta;
    use entity::achievements::{AssetKind, LegalStatus, StatusSource, legal_status};
    use entity::ids::{AchievementId, LegalStatusId};
    use serde_json::json;
    use uuid::Uuid;

    use super::super::examples::{self, SELLER, at, person};
    use super::*;

    fn right(status: LegalStatus, as_of: Timestamp) -> AssetFacts {
        let asset = asset::Model {
            id: AssetId(Uuid::from_u128(31)),
            achievement_id: AchievementId(Uuid::from_u128(30)),
            organisation_id: SELLER,
            kind: AssetKind::Invention,
            title: "一种化工或农药废水生化末端的处理方法".into(),
            title_en: None,
            identifier_scheme: None,
            identifier: None,
            identifier_raw: None,
            publication_number: None,
            filed_on: None,
            granted_on: None,
            details: json!({}),
            expires_on: None,
            version: 1,
            created_at: at(0),
        };
        let read = legal_status::Model {
            id: LegalStatusId(Uuid::from_u128(32)),
            asset_id: asset.id,
            status,
            as_of,
            source: StatusSource::Registry,
            evidence_document_id: None,
            recorded_by: person(9),
            recorded_at: as_of,
        };
        AssetFacts { asset, owners: Vec::new(), status: Some(read) }
    }

    fn judge(right: AssetFacts, mode: TransferMode) -> Result<(), Problem> {
        rights_stand(&[right], mode, &examples::facts().deal.rules, &Calendar::default(), at(0))
    }

    #[test]
    fn a_granted_right_read_within_seven_days_stands() {
        for days in [0, 7] {
            assert_eq!(judge(right(LegalStatus::Granted, at(0) - TimeDelta::days(days)), TransferMode::Assignment), Ok(()));
        }
    }

    #[test]
    fn a_status_not_read_or_read_too_long_ago_stops_the_confirmation() {
        let old = right(LegalStatus::Granted, at(0) - TimeDelta::days(7) - TimeDelta::microseconds(1));
        let unread = AssetFacts { status: None, ..old.clone() };
        for right in [old, unread] {
            let id = right.asset.id;
            let refused = judge(right, TransferMode::Assignment).unwrap_err();
            assert_eq!((refused.code, refused.facts["asset_ids"].clone()), (Code::ListingNotReady, json!([id])));
            assert_eq!(refused.facts["reason"], "legal_status_stale");
        }
    }

    #[test]
    fn a_status_that_forbids_the_mode_stops_the_confirmation() {
        for status in [LegalStatus::CeasedNonpayment, LegalStatus::Invalidated, LegalStatus::Suspended] {
            assert_eq!(judge(right(status, at(0)), TransferMode::Assignment).unwrap_err().code, Code::StatusForbids, "{status:?}");
        }
    }

    #[test]
    fn an_application_that_was_granted_is_not_what_was_sold() {
        let patent = right(LegalStatus::Granted, at(0)).asset;
        let sold = |kind| SoldAsset { id: patent.id, kind, title: patent.title.clone(), identifier: None };
        assert_eq!(still_what_was_sold(&[sold(AssetKind::Invention)], std::slice::from_ref(&patent)), Ok(()));
        let refused = still_what_was_sold(&[sold(AssetKind::PatentApplication)], std::slice::from_ref(&patent)).unwrap_err();
        assert_eq!((refused.code, refused.facts["reason"].clone()), (Code::StatusForbids, json!("already_granted")));
    }

    #[test]
    fn a_right_whose_term_is_over_stops_the_confirmation() {
        let fresh = right(LegalStatus::Granted, at(0));
        let asset = asset::Model { expires_on: Some(shanghai_date(at(0)) - TimeDelta::days(1)), ..fresh.asset.clone() };
        assert_eq!(judge(AssetFacts { asset, ..fresh }, TransferMode::Assignment).unwrap_err().code, Code::StatusForbids);
    }
}
