//! Whether whoever owns a right uses it himself (SPC-TC art. 25): beside everybody but an exclusive licensee.

use entity::licences::LicenceMode;

use super::matrix::Standing;
use super::scope::Scope;

/// Whether the owner may use his right so, beside the licences that stand. If he does it all the same, he breaks the exclusive licence,
/// which its holder may report.
pub fn may_use<'a>(standing: impl IntoIterator<Item = &'a Standing>, used: &Scope) -> bool {
    standing.into_iter().all(|licence| licence.mode != LicenceMode::Exclusive || !licence.scope.meets(used))
}
