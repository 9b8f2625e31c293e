//! Licences as a right passes: they follow it (SPC-TC art. 24), and a licence of whoever gets it ends in it.

use entity::ids::{AssetId, OrganisationId};
use entity::licences::licence_grant;

use super::record;
use crate::house::Tx;
use crate::licences::rules::passing::{self, Passing};
use crate::licences::store;
use crate::platform::problem::Problem;
use crate::rulebook::rules::shanghai_date;

/// A right, which is held, is another's from now on. Whoever has all rights of a licence is its licensor from then on; whoever got the
/// right with a licence of it has the right instead. What is declared of the right to everybody is not looked at here.
pub async fn hand_over(tx: &Tx, right: AssetId, to: OrganisationId) -> Result<(), Problem> {
    let held = store::hold_of(tx.conn(), right, (tx.now, shanghai_date(tx.now))).await?;
    let mut owners = store::owners_of(tx.conn(), held.iter().map(|licence| licence.id), tx.now).await?;
    for licence in &held {
        let owners = owners.remove(&licence.id).unwrap_or_default();
        match passing::passing(licence, &owners, (right, to)) {
            Passing::Stays => {}
            Passing::Passes => record(tx, licence, &passing::passed(licence, to)).await?,
            Passing::MergesInPart => {
                store::merge(tx.conn(), licence.id, right, tx.now).await?;
                record(tx, licence, &passing::narrowed(licence)).await?;
            }
            Passing::Merges => merge(tx, licence).await?,
        }
    }
    Ok(())
}

/// A licence ends in the right itself, and those under it stand by that.
async fn merge(tx: &Tx, licence: &licence_grant::Model) -> Result<(), Problem> {
    for under in store::hold_under(tx.conn(), licence.id).await? {
        record(tx, &under, &passing::raised(&under)).await?;
    }
    store::give_up_claims(tx.conn(), licence.id).await?;
    record(tx, licence, &passing::merged(licence, tx.now)).await
}
