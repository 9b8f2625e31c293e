//! Reading admissions.

use std::collections::BTreeSet;

use entity::admissions::AdmissionState;
use entity::ids::{AdmissionId, LotId, OrganisationId};
use sea_orm::ConnectionTrait;

use crate::admissions::http::{OPERATIONS, ReadAdmission};
use crate::admissions::rules::{self, Standing};
use crate::admissions::store::{self, Whose};
use crate::admissions::views::AdmissionView;
use crate::house::House;
use crate::platform::access::{self, Context, Permit};
use crate::platform::http::PageQuery;
use crate::platform::problem::{Code, Problem};

/// The admission under which an organisation bids for a lot, or bid once the lot has ended. Whoever was
/// not admitted has none; whether the bidder is suspended is said by the admission.
pub async fn bidder_within(
    conn: &impl ConnectionTrait,
    lot: LotId,
    organisation: OrganisationId,
) -> Result<Option<store::Bidder>, Problem> {
    Ok(store::bidder(conn, lot, organisation).await?)
}

/// Reads an admission, with what the caller may do to it.
pub async fn read(house: &House, by: &Context, permit: &Permit<ReadAdmission>, id: AdmissionId) -> Result<AdmissionView, Problem> {
    let row = store::admission(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&row)?;
    let call = store::call(house.db.read(), row.lot_id).await?.ok_or(Code::NotFound)?;
    let open = rules::allowed(&row, &call, house.world.now());
    let deeds = access::allowed(OPERATIONS, &by.caller, &row, &open);
    Ok(AdmissionView { allowed_deeds: Some(deeds), ..Standing::of(row, &call).into() })
}

/// A page of a lot's admissions, newest first, and one more.
pub async fn of_lot(house: &House, lot: LotId, state: Option<AdmissionState>, page: &PageQuery) -> Result<Vec<Standing>, Problem> {
    let call = store::call(house.db.read(), lot).await?.ok_or(Code::NotFound)?;
    let rows = store::admissions(house.db.read(), Whose::Lot(lot), state, page).await?;
    Ok(rows.into_iter().map(|row| Standing::of(row, &call)).collect())
}

/// A page of the admissions of the caller's organisation, newest first, and one more.
pub async fn of_organisation(
    house: &House,
    by: &Context,
    state: Option<AdmissionState>,
    page: &PageQuery,
) -> Result<Vec<Standing>, Problem> {
    let own = by.seat()?.organisation;
    let rows = store::admissions(house.db.read(), Whose::Organisation(own), state, page).await?;
    let lots: BTreeSet<LotId> = rows.iter().map(|row| row.lot_id).collect();
    let calls = store::calls(house.db.read(), lots).await?;
    let standings = rows.into_iter().map(|row| {
        let call = calls.get(&row.lot_id).ok_or(Code::Internal)?;
        Ok::<_, Problem>(Standing::of(row, call))
    });
    standings.collect()
}
