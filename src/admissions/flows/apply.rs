//! Applying for a lot.

use entity::ids::LotId;

use crate::admissions::events::AdmissionEvent;
use crate::admissions::rules::{self, Applicant, Paper, Standing};
use crate::admissions::store;
use crate::admissions::views::NewAdmission;
use crate::documents;
use crate::gates::flows::may_take_part_within;
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// An organisation applies to be admitted to a lot.
pub async fn apply(house: &House, by: &Context, lot: LotId, new: NewAdmission) -> Result<Done<Standing>, Problem> {
    rules::check_documents(&new.documents)?;
    house.write(by, (lot, new), |tx, (lot, new)| async move { apply_within(&tx, lot, &new).await }).await
}

async fn apply_within(tx: &Tx, lot: LotId, new: &NewAdmission) -> Result<Standing, Problem> {
    store::touch_lot(tx.conn(), lot).await?;
    let call = store::hold_call(tx.conn(), lot).await?.ok_or(Code::NotFound)?;
    let applicant = applicant(tx).await?;
    let standing = store::standing(tx.conn(), lot, applicant.organisation).await?;
    rules::may_apply(&call, &applicant, standing.as_ref(), tx.now)?;
    may_take_part_within(tx, call.listing_id, call.seller_organisation_id, applicant.organisation).await?;
    let mut handed_in = Vec::with_capacity(new.documents.len());
    for id in &new.documents {
        handed_in.push(documents::flows::usable_within(tx, *id, applicant.organisation).await?);
    }
    let paper = Paper {
        id: tx.id(),
        deposit_reference: free_reference(tx).await?,
        documents: serde_json::to_value(handed_in).map_err(|_| Problem::from(Code::Internal))?,
        party_confidential: new.party_confidential,
    };
    let row = rules::application(&call, &applicant, paper, tx.now);
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("admission", row.id, &row);
    tx.publish(&AdmissionEvent::of(&row))?;
    Ok(Standing::of(row, &call))
}

async fn applicant(tx: &Tx) -> Result<Applicant, Problem> {
    let person = tx.by.actor()?.person;
    let seat = tx.by.seat()?;
    let memberships = identity::store::active_memberships(tx.conn(), person).await?;
    Ok(Applicant {
        organisation: seat.organisation,
        verified: seat.verified,
        person,
        belongs_to: memberships.into_iter().map(|membership| membership.organisation_id).collect(),
    })
}

/// A deposit reference nobody has.
async fn free_reference(tx: &Tx) -> Result<String, Problem> {
    loop {
        let drawn = rules::deposit_reference(tx.house.world.random());
        if store::by_reference(tx.conn(), &drawn).await?.is_none() {
            return Ok(drawn);
        }
    }
}
