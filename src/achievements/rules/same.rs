//! Whether what is registered anew says anything that does not stand already.

use entity::achievements::{achievement, asset, asset_owner};

/// Whether two achievements say the same, whoever registered them when.
pub fn same_achievement(one: &achievement::Model, other: &achievement::Model) -> bool {
    let said = |row: &achievement::Model| {
        let row = row.clone();
        (row.title, row.title_en, row.summary, row.summary_en, row.field, row.trl, row.completers, row.state_funded)
    };
    said(one) == said(other)
}

/// The parts in which two rights say different things.
pub fn differences(
    (one, owners): (&asset::Model, &[asset_owner::Model]),
    (other, other_owners): (&asset::Model, &[asset_owner::Model]),
) -> Vec<&'static str> {
    // Warnings and the end of the term follow from the rest.
    let details = |row: &asset::Model| row.details.get("details").cloned();
    let holders = |owners: &[asset_owner::Model]| -> Vec<(String, Option<_>, i32)> {
        owners.iter().map(|owner| (owner.name.clone(), owner.organisation_id, owner.share_bp)).collect()
    };
    let number = |row: &asset::Model| (row.identifier_scheme.clone(), row.identifier.clone());
    [
        ("title", one.title != other.title),
        ("title_en", one.title_en != other.title_en),
        ("identifier", number(one) != number(other)),
        ("details", details(one) != details(other)),
        ("owners", holders(owners) != holders(other_owners)),
    ]
    .into_iter()
    .filter_map(|(part, differs)| differs.then_some(part))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};
    use entity::achievements::AssetKind;
    use serde_json::json;
    use uuid::Uuid;

    fn right() -> (asset::Model, Vec<asset_owner::Model>) {
        let id = Uuid::from_u128(1);
        let asset = asset::Model {
            id: id.into(),
            achievement_id: id.into(),
            organisation_id: id.into(),
            kind: AssetKind::Invention,
            title: "一种方法".into(),
            title_en: None,
            identifier_scheme: Some("cn_application".into()),
            identifier: Some("202010566088.9".into()),
            identifier_raw: Some("ZL202010566088.9".into()),
            publication_number: None,
            filed_on: None,
            granted_on: None,
            details: json!({"details": {"ipc": ["G06N 3/08"]}, "warnings": []}),
            expires_on: None,
            version: 1,
            created_at: DateTime::UNIX_EPOCH,
        };
        let owner = asset_owner::Model { asset_id: id.into(), position: 0, name: "甲".into(), organisation_id: None, share_bp: 10_000 };
        (asset, vec![owner])
    }

    fn compared(other: &asset::Model, owners: &[asset_owner::Model]) -> Vec<&'static str> {
        let (asset, held) = right();
        differences((&asset, held.as_slice()), (other, owners))
    }

    #[test]
    fn how_and_when_it_was_written_makes_no_difference() {
        let (asset, owners) = right();
        let later = asset::Model {
            id: Uuid::from_u128(2).into(),
            identifier_raw: Some("2020 1 0566088.9".into()),
            details: json!({"details": {"ipc": ["G06N 3/08"]}, "warnings": ["x"]}),
            version: 7,
            created_at: DateTime::UNIX_EPOCH + TimeDelta::days(1),
            ..asset
        };
        assert!(compared(&later, &owners).is_empty());
    }

    #[test]
    fn every_part_that_differs_is_named() {
        let (asset, owners) = right();
        let renamed =
            asset::Model { title: "另一种方法".into(), details: json!({"details": {"ipc": ["G06N 3/04"]}}), ..asset.clone() };
        let shared = [asset_owner::Model { name: "乙".into(), ..owners[0].clone() }];
        assert_eq!(compared(&renamed, &shared), ["title", "details", "owners"]);
        let other = asset::Model { identifier: None, title_en: Some("A method".into()), ..asset };
        assert_eq!(compared(&other, &owners), ["title_en", "identifier"]);
    }
}
