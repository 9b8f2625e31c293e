//! Reading what is entered of a right, as of any instant, and what it says to a deed.

use entity::Timestamp;
use entity::encumbrances::{IntendedDeed, burden_consent, consent_withdrawal};
use entity::ids::AssetId;

use super::{asked_at, seen};
use crate::encumbrances::http::{ListEncumbranceConsents, ListEncumbrances, ReadDeedFindings};
use crate::encumbrances::rules::{Burden, Intended, stale, verdicts};
use crate::encumbrances::store;
use crate::encumbrances::views::DeedFindings;
use crate::house::House;
use crate::identity;
use crate::platform::access::Permit;
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// A page of the burdens of a right as they stood at an instant, and that instant: now unless one is named.
pub async fn list_burdens(
    house: &House,
    permit: &Permit<ListEncumbrances>,
    id: AssetId,
    as_of: Option<Timestamp>,
    page: &PageQuery,
) -> Result<(Timestamp, Vec<Burden>), Problem> {
    seen(house, permit, id).await?;
    let at = asked_at(house, as_of)?;
    Ok((at, store::burdens(house.db.read(), id, at, page).await?))
}

/// A page of the consents of a right.
pub async fn list_consents(
    house: &House,
    permit: &Permit<ListEncumbranceConsents>,
    id: AssetId,
    page: &PageQuery,
) -> Result<Vec<(burden_consent::Model, Option<consent_withdrawal::Model>)>, Problem> {
    seen(house, permit, id).await?;
    store::consents(house.db.read(), id, page).await
}

/// What stands in the way of a deed of whoever registered a right, or is to be disclosed, as of an instant: now unless one is named.
pub async fn findings(
    house: &House,
    permit: &Permit<ReadDeedFindings>,
    id: AssetId,
    (deed, abroad): (IntendedDeed, bool),
    as_of: Option<Timestamp>,
) -> Result<DeedFindings, Problem> {
    let asset = seen(house, permit, id).await?;
    let db = house.db.read();
    let at = asked_at(house, as_of)?;
    let today = shanghai_date(at);
    let standing = store::standing(db, &[id], at).await?;
    let owner = identity::store::organisation(db, asset.organisation_id).await?.ok_or(Code::Internal)?;
    let found = verdicts(&standing, &Intended { deed, abroad, by: &owner }, today);
    // How long a source is good for is the rule of today, whenever is asked about.
    let freshness = house.rulebook.current().rulebook.span("encumbrance_freshness", None, shanghai_date(house.world.now()));
    let freshness = freshness.map_err(|error| Problem::from(Code::Internal).with("reason", error.to_string()))?;
    Ok(DeedFindings::of(deed, &found, stale(&standing, today, freshness)))
}
