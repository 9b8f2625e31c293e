//! Reading certificates, and what is to be thought of one that was shown.

use entity::certificates::licence_certificate;
use entity::licences::licence_grant;

use super::{licence_of, officer, stands};
use crate::auctions;
use crate::auctions::rules::receipt::{ReceiptKeys, sign_as};
use crate::certificates::http::OPERATIONS;
use crate::certificates::rules::issue;
use crate::certificates::rules::said::CertificateClaims;
use crate::certificates::rules::standing::{self, CertificateStanding};
use crate::certificates::rules::verify;
use crate::certificates::store;
use crate::certificates::views::{CertificateFault, CertificateStatus, CertificateVerdict, CertificateView, claims_of};
use crate::house::House;
use crate::licences;
use crate::platform::access::{self, Caller, Context, Permission, Permit};
use crate::platform::problem::{Code, Faults, Problem};

/// How a certificate stands, for anybody who has its number; what it says, for the parties of the licence and officers.
pub async fn read(house: &House, by: &Context, number: &str) -> Result<CertificateStatus, Problem> {
    let row = store::find(house.db.read(), number).await?.ok_or(Code::NotFound)?;
    let grant = licence_of(house.db.read(), &row).await?;
    let standing = stands(house.db.read(), &row, &grant, house.world.now()).await?;
    let jws = sign_as(house.keys.receipts(), standing::TYPE, &standing);
    let certificate = if is_insider(by, &grant) { Some(viewed(house, by, (&row, &grant), standing.clone()).await?) } else { None };
    Ok(CertificateStatus { standing, jws, certificate })
}

/// Whether a caller reads what a certificate says: a party of the licence, and officers.
fn is_insider(by: &Context, grant: &licence_grant::Model) -> bool {
    match &by.caller {
        Caller::System => true,
        Caller::Stranger => false,
        Caller::Person(actor) => actor.staff.is_some() || licences::store::is_party(grant, actor.organisation()),
    }
}

/// One as a party or an officer is told of it.
pub async fn told(house: &House, by: &Context, row: &licence_certificate::Model) -> Result<CertificateView, Problem> {
    let grant = licence_of(house.db.read(), row).await?;
    let standing = stands(house.db.read(), row, &grant, house.world.now()).await?;
    viewed(house, by, (row, &grant), standing).await
}

async fn viewed(
    house: &House,
    by: &Context,
    (row, grant): (&licence_certificate::Model, &licence_grant::Model),
    standing: CertificateStanding,
) -> Result<CertificateView, Problem> {
    let may_revoke = match &by.caller {
        Caller::Person(actor) => issue::may_revoke(row, officer(house.db.read(), actor, grant).await?).is_ok(),
        Caller::Stranger | Caller::System => false,
    };
    let open: &[&str] = if may_revoke { &["revoke_certificate"] } else { &[] };
    CertificateView::of(row, standing, access::allowed(OPERATIONS, &by.caller, grant, open))
}

/// What a certificate that somebody was shown says, and how it stands now. Whoever has it knows what it says.
pub async fn verify(house: &House, jws: &str) -> Result<CertificateVerdict, Problem> {
    Faults::new().require(!jws.is_empty(), "/jws", "text", "不得为空", "must not be empty").at_most("/jws", jws, verify::LONGEST).done()?;
    let keys: ReceiptKeys = auctions::store::receipts::keys(house.db.read()).await?.into();
    let claims = match verify::read(jws, &keys.keys) {
        Ok((claims, _)) => claims,
        Err(why) => return Ok(CertificateVerdict::unsound(why.into())),
    };
    let issued = store::find(house.db.read(), &claims.number).await?.filter(|row| row.jws == jws.trim());
    let Some(row) = issued else { return Ok(CertificateVerdict::unsound(CertificateFault::NotIssued)) };
    let grant = licence_of(house.db.read(), &row).await?;
    Ok(CertificateVerdict::sound(claims, stands(house.db.read(), &row, &grant, house.world.now()).await?))
}

/// A certificate to be shown to people.
pub struct Shown {
    /// What it says.
    pub claims: CertificateClaims,
    /// The hash of what it says of the licence.
    pub said_sha256: Vec<u8>,
}

/// A certificate for people who are parties of the licence, or officers: as it was issued, whatever became of it.
pub async fn shown(house: &House, permit: &Permit<impl Permission>, number: &str) -> Result<Shown, Problem> {
    let row = store::find(house.db.read(), number).await?.ok_or(Code::NotFound)?;
    permit.over(&licence_of(house.db.read(), &row).await?)?;
    Ok(Shown { claims: claims_of(&row)?, said_sha256: row.said_sha256 })
}
