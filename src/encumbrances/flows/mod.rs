//! What happens to burdens, consents and agreements of owners.

mod agreement;
mod consents;
mod read;
mod record;
mod steps;

use entity::Timestamp;
use entity::achievements::asset;
use entity::encumbrances::BurdenKind;
use entity::ids::{AssetId, OrganisationId};

pub use agreement::{put_agreement, read_agreement};
pub use consents::{record_consent, withdraw_consent};
pub use read::{findings, list_burdens, list_consents};
pub use record::{Pledge, pledged_within, record};
pub use steps::{lift, see};

use super::rules::{Intended, allows, verdicts};
use super::store;
use crate::achievements;
use crate::house::{House, Tx};
use crate::identity::flows::organisations::verified_within;
use crate::platform::access::{Permission, Permit};
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::shanghai_date;

/// A right, held so that what is entered of it is entered in turn, if the caller may do this to it.
async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: AssetId) -> Result<asset::Model, Problem> {
    let held = achievements::store::hold_asset(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    Ok(held)
}

/// A right, if the caller may read this of it.
async fn seen<P: Permission>(house: &House, permit: &Permit<P>, id: AssetId) -> Result<asset::Model, Problem> {
    let found = achievements::store::asset(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    Ok(found)
}

/// As of when somebody asks: now unless he names an instant.
fn asked_at(house: &House, as_of: Option<Timestamp>) -> Result<Timestamp, Problem> {
    Faults::new().instant("#query/as_of", as_of).done()?;
    Ok(as_of.unwrap_or_else(|| house.world.now()))
}

/// Refuses a deed that anything entered of these rights stops, with each, its rule and its cure. Kinds that a paper at hand cures are passed
/// over.
pub async fn allowed_within(tx: &Tx, assets: &[AssetId], intended: &Intended<'_>, papers: &[BurdenKind]) -> Result<(), Problem> {
    let standing = store::standing(tx.conn(), assets, tx.now).await?;
    allows(&verdicts(&standing, intended, shanghai_date(tx.now)), "/asset_ids", papers)
}

/// Refuses a member of an organisation that is not verified; officers need none.
async fn verified(tx: &Tx, organisation: OrganisationId) -> Result<(), Problem> {
    if tx.by.actor()?.staff.is_some() {
        return Ok(());
    }
    verified_within(tx, organisation).await.map(|_| ())
}
