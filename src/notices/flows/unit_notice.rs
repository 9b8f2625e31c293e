//! The notice that a unit puts up in its own place beside the one here.

use entity::Timestamp;
use entity::ids::{NoticeId, OrganisationId};
use entity::notices::{NoticeKind, notice, unit_notice};
use serde_json::Value;

use crate::documents::flows::usable_within;
use crate::house::{House, Tx};
use crate::notices::rules::both_places::{NewUnitNotice, PublicUnitNotice, UnitNotice, stood};
use crate::notices::store;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// Keeps a unit's own notice that it shows beside one here, and put up since its decision, with those it showed before, and says how it was
/// shown. What the notice here is about is held, so that nobody shows another meanwhile.
pub async fn unit_notice_within(
    tx: &Tx,
    beside: NoticeId,
    new: &NewUnitNotice,
    unit: OrganisationId,
    decided_at: Timestamp,
) -> Result<Value, Problem> {
    stood(new, decided_at, tx.now)?;
    let document = usable_within(tx, new.document_id, unit).await?;
    let shown = UnitNotice { document, published_on: new.published_on, place: new.place.clone() };
    let shown = serde_json::to_value(shown).map_err(|_| Code::Internal)?;
    let notice = store::find(tx.conn(), beside).await?.ok_or(Code::Internal)?;
    let earlier = store::unit_notices(tx.conn(), vec![beside]).await?;
    let row = unit_notice::Model {
        notice_id: beside,
        number: earlier.last().map_or(1, |last| last.number + 1),
        notice_version: notice.current_version,
        shown: shown.clone(),
        shown_by: tx.by.actor()?.person,
        shown_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("unit_notice", beside, &row);
    Ok(shown)
}

/// The unit's own notice beside one here, as everybody is told of it.
pub(super) async fn told(house: &House, beside: &notice::Model) -> Result<Option<PublicUnitNotice>, Problem> {
    if !matches!(beside.kind, NoticeKind::NegotiatedPrice | NoticeKind::RightsGrant) {
        return Ok(None);
    }
    let shown = store::unit_notices(house.db.read(), vec![beside.id]).await?;
    if shown.is_empty() {
        return Ok(None);
    }
    let made = store::proposals_that_made(house.db.read(), beside.id).await?;
    PublicUnitNotice::of(beside, &shown, &made, &house.rulebook.current().calendar)
}
