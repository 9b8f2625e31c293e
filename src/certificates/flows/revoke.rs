//! Taking back a certificate that was issued wrongly.

use entity::certificates::licence_certificate;

use super::officer;
use crate::certificates::events::CertificateEvent;
use crate::certificates::http::RevokeCertificate;
use crate::certificates::rules::issue;
use crate::certificates::store;
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// An officer takes it back, with a reason.
pub async fn revoke(
    house: &House,
    by: &Context,
    permit: Permit<RevokeCertificate>,
    number: String,
    reason: String,
) -> Result<Done<licence_certificate::Model>, Problem> {
    house
        .write(by, (permit, number, reason), |tx, (permit, number, reason)| async move {
            Box::pin(revoke_within(&tx, &permit, &number, &reason)).await
        })
        .await
}

async fn revoke_within(
    tx: &Tx,
    permit: &Permit<RevokeCertificate>,
    number: &str,
    reason: &str,
) -> Result<licence_certificate::Model, Problem> {
    let found = store::find(tx.conn(), number).await?.ok_or(Code::NotFound)?;
    // Its licence is held, as whoever issues the next one holds it, and only then is it looked at.
    let grant = licences::store::hold(tx.conn(), found.licence_grant_id).await?.ok_or(Code::Internal)?;
    permit.over(&grant)?;
    let held = store::find(tx.conn(), number).await?.ok_or(Code::Internal)?;
    tx.by.expects(held.version)?;
    let next = issue::revoked(&held, officer(tx.conn(), tx.by.actor()?, &grant).await?, reason, tx.now)?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("certificate", next.id, Some(&held), Some(&next));
    tx.publish(&CertificateEvent::of(&next, &grant))?;
    Ok(next)
}
