//! Opening a deal: its confirmation is drawn up and the time to sign it begins.

use entity::deals::{DealState, deal};
use entity::identity::organisation;
use entity::ids::{DealId, OrganisationId};

use super::CONFIRM_BY;
use crate::codes::division_name;
use crate::deals::events::DealEvent;
use crate::deals::rules::{self, Facts, NewDeal, Party};
use crate::house::Tx;
use crate::identity;
use crate::notices::rules::canonical;
use crate::platform::db;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};

/// Opens a deal for an award, within the transaction that makes the award.
pub async fn open_within(tx: &Tx, new: NewDeal) -> Result<deal::Model, Problem> {
    let [seller, buyer] = parties(tx, [new.seller_organisation_id, new.buyer_organisation_id]).await?;
    let facts = Facts::new(new, seller, buyer);
    let confirm_by = rules::confirm_by(&facts.deal.rules, tx.now, &tx.house.rulebook.current().calendar)?;
    let id: DealId = tx.id();
    let confirmation = canonical(&rules::confirmation(id, &facts, confirm_by, tx.now)?);
    let new = &facts.deal;
    let row = deal::Model {
        id,
        award_id: new.award_id,
        lot_id: new.lot_id,
        listing_id: new.listing_id,
        seller_organisation_id: new.seller_organisation_id,
        buyer_organisation_id: new.buyer_organisation_id,
        buyer_admission_id: new.buyer_admission_id,
        price_minor: new.price.minor,
        currency: new.price.currency,
        state: DealState::ConfirmationGenerated,
        facts: serde_json::to_value(&facts).map_err(|_| Code::Internal)?,
        confirmation_sha256: sha256(confirmation.as_bytes()).to_vec(),
        confirmation,
        host_required: new.host_required,
        barred_persons: serde_json::to_value(&new.barred_persons).map_err(|_| Code::Internal)?,
        deposit_transfer_id: new.deposit_transfer_id,
        confirm_by: confirm_by.ends_at,
        confirmed_at: None,
        result_notice_id: None,
        version: 1,
        created_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("deal", row.id, &row);
    tx.arm(CONFIRM_BY, row.id, row.confirm_by);
    tx.publish(&DealEvent::opened(&row))?;
    Ok(row)
}

/// The parties as they are now; the deal keeps them so.
async fn parties(tx: &Tx, ids: [OrganisationId; 2]) -> Result<[Party; 2], Problem> {
    let found = identity::store::organisations_among(tx.conn(), &ids).await?;
    let party = |id| found.iter().find(|organisation| organisation.id == id).map(party).ok_or(Problem::from(Code::Internal));
    Ok([party(ids[0])?, party(ids[1])?])
}

fn party(of: &organisation::Model) -> Party {
    // The first four of six digits are those of the city.
    let city = of.division_code.get(..4).and_then(|digits| division_name(&format!("{digits}00")));
    Party { name: of.name.clone(), uscc: of.uscc.clone(), city: city.map(ToOwned::to_owned) }
}
