//! Who owns a right.

use entity::achievements::asset_owner;
use entity::identity::organisation;

/// Whether an owner of a right is this organisation: it registered the right, or is named as its owner.
pub fn is_owner(owner: &asset_owner::Model, organisation: &organisation::Model) -> bool {
    owner.organisation_id == Some(organisation.id) || owner.name.trim() == organisation.name.trim()
}
