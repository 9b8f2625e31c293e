//! Issuing a certificate, once for what the register says.

use entity::certificates::licence_certificate;
use entity::ids::LicenceGrantId;
use entity::licences::licence_grant;

use super::certified;
use crate::auctions::rules::receipt::sign_as;
use crate::certificates::events::CertificateEvent;
use crate::certificates::http::IssueCertificate;
use crate::certificates::rules::issue::{self, Made, Next};
use crate::certificates::rules::number::number;
use crate::certificates::rules::said::{self, CertificateClaims, CertifiedLicence};
use crate::certificates::store;
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::shanghai_date;

/// The certificate of a licence as the register says it now, and whether it is a new one.
pub async fn issue(
    house: &House,
    by: &Context,
    permit: Permit<IssueCertificate>,
    id: LicenceGrantId,
) -> Result<Done<(licence_certificate::Model, bool)>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(issue_within(&tx, &permit, id)).await }).await
}

async fn issue_within(
    tx: &Tx,
    permit: &Permit<IssueCertificate>,
    id: LicenceGrantId,
) -> Result<(licence_certificate::Model, bool), Problem> {
    // Whoever has the licence issued once more, or ends it, comes before or after this.
    let grant = licences::store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&grant)?;
    let last = store::last_of(tx.conn(), id).await?;
    let licence = certified(tx.conn(), &grant).await?;
    let said_sha256 = licence.sha256()?;
    match issue::next(last.as_ref(), &grant, &said_sha256, shanghai_date(tx.now))? {
        Next::Same(row) => {
            tx.nothing_changed();
            Ok((row.clone(), false))
        }
        Next::Anew { edition, replaces } => {
            if let Some(held) = replaces {
                let next = issue::superseded(held, tx.now);
                db::update(tx.conn(), next.clone()).await?;
                tx.changed("certificate", next.id, Some(held), Some(&next));
            }
            let row = made(tx, &grant, (licence, said_sha256), edition)?;
            db::insert(tx.conn(), row.clone()).await?;
            tx.created("certificate", row.id, &row);
            tx.publish(&CertificateEvent::of(&row, &grant))?;
            Ok((row, true))
        }
    }
}

/// A certificate, signed.
fn made(
    tx: &Tx,
    grant: &licence_grant::Model,
    (licence, said_sha256): (CertifiedLicence, Vec<u8>),
    edition: i32,
) -> Result<licence_certificate::Model, Problem> {
    let number = number(grant.id, edition);
    let base = tx.house.config.public_base().ok().flatten();
    let claims = CertificateClaims::of(licence, number.clone(), base.as_deref(), tx.now);
    let jws = sign_as(tx.house.keys.receipts(), said::TYPE, &claims);
    Ok(issue::issued(grant, Made { id: tx.id(), edition, number, said_sha256, jws, by: (tx.by.actor()?.person, tx.now) }))
}
