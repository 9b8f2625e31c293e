//! Rights and offers as rows say them, so that what is exported can be imported here and elsewhere.

use std::collections::BTreeMap;

use entity::achievements::{achievement, asset};
use entity::ids::AssetId;
use serde_json::{Value, json};

use super::columns::pruned;
use crate::achievements::rules::kept;
use crate::achievements::store::AssetFacts;
use crate::platform::problem::Problem;

/// A right as a row says it: its number in canonical form, nothing that only this market knows.
pub fn asset_row(achievement: &achievement::Model, right: &AssetFacts) -> Result<Value, Problem> {
    let asset = &right.asset;
    let owners = right
        .owners
        .iter()
        .map(|owner| json!({"name": owner.name, "share_bp": owner.share_bp, "is_holder": owner.organisation_id.is_some()}));
    let status = right.status.as_ref().map(|reading| {
        json!({
            "status": reading.status,
            "as_of": reading.as_of,
            "source": reading.source,
            "evidence_document_id": reading.evidence_document_id,
        })
    });
    Ok(pruned(json!({
        "achievement": {
            "title": achievement.title,
            "title_en": achievement.title_en,
            "summary": achievement.summary,
            "summary_en": achievement.summary_en,
            "field": achievement.field,
            "trl": achievement.trl,
            "completers": achievement.completers,
            "state_funded": achievement.state_funded,
        },
        "asset": {
            "title": asset.title,
            "title_en": asset.title_en,
            "identifier": asset.identifier,
            "details": kept(asset)?.details,
            "owners": owners.collect::<Vec<_>>(),
        },
        "legal_status": status,
    })))
}

/// An offer as a row says it: its rights by their numbers, and its secret left out.
pub fn listing_row(mut offer: Value, assets: &BTreeMap<AssetId, asset::Model>) -> Value {
    let named = offer.as_object_mut().map(|members| {
        members.remove("achievement_id");
        members.remove("asset_ids").unwrap_or_default()
    });
    let ids: Vec<AssetId> = named.and_then(|named| serde_json::from_value(named).ok()).unwrap_or_default();
    let references: Vec<String> = ids.iter().map(|id| assets.get(id).map_or_else(|| id.to_string(), reference)).collect();
    pruned(json!({"assets": references, "offer": offer}))
}

/// How a row names a right: by its number, or by its id where it has none.
pub fn reference(asset: &asset::Model) -> String {
    match (&asset.identifier_scheme, &asset.identifier) {
        (Some(scheme), Some(number)) => format!("{scheme}:{number}"),
        _ => asset.id.to_string(),
    }
}
