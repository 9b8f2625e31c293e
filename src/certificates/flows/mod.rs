//! What happens to certificates: one file for each part of it.

mod issue;
mod read;
mod revoke;

use chrono::{DateTime, Utc};
use entity::certificates::licence_certificate;
use entity::licences::{LicenceGrantState, licence_grant};
use sea_orm::ConnectionTrait;

pub use issue::issue;
pub use read::{Shown, read, shown, told, verify};
pub use revoke::revoke;

use super::rules::issue::Officer;
use super::rules::said::CertifiedLicence;
use super::rules::standing::{CertificateStanding, Known, standing};
use super::store;
use crate::achievements;
use crate::identity;
use crate::licences;
use crate::platform::access::Actor;
use crate::platform::problem::{Code, Problem};

/// A licence as a certificate says it, by the register as it is.
async fn certified(db: &impl ConnectionTrait, grant: &licence_grant::Model) -> Result<CertifiedLicence, Problem> {
    let ids = licences::store::assets_of(db, [grant.id]).await?.remove(&grant.id).unwrap_or_default();
    let assets = achievements::store::assets_named(db, ids).await?;
    let licensor = identity::store::organisation(db, grant.licensor_id).await?.ok_or(Code::Internal)?;
    let licensee = match grant.grantee_id {
        Some(id) => Some(identity::store::organisation(db, id).await?.ok_or(Code::Internal)?),
        None => None,
    };
    CertifiedLicence::of(grant, (&licensor, licensee.as_ref()), assets.into_values())
}

/// The licence of a certificate.
async fn licence_of(db: &impl ConnectionTrait, row: &licence_certificate::Model) -> Result<licence_grant::Model, Problem> {
    licences::store::find(db, row.licence_grant_id).await?.ok_or_else(|| Code::Internal.into())
}

/// How a certificate of a licence stands.
async fn stands(
    db: &impl ConnectionTrait,
    row: &licence_certificate::Model,
    grant: &licence_grant::Model,
    now: DateTime<Utc>,
) -> Result<CertificateStanding, Problem> {
    let says_the_same = certified(db, grant).await?.sha256()? == row.said_sha256;
    let next = match (grant.state, grant.superseded_by) {
        // Of what took the place of the licence there may be one too.
        (LicenceGrantState::Superseded, Some(other)) => store::last_of(db, other).await?,
        _ => store::edition(db, grant.id, row.edition + 1).await?,
    };
    Ok(standing(row, Known { grant, says_the_same, next: next.map(|next| next.number) }, now))
}

/// An officer, with what binds him to the parties of a licence.
async fn officer(db: &impl ConnectionTrait, actor: &Actor, grant: &licence_grant::Model) -> Result<Officer, Problem> {
    let ties = identity::store::ties(db, actor.person).await?;
    let sits_with_party = ties.iter().any(|tie| licences::store::is_party(grant, Some(tie.organisation_id)));
    Ok(Officer { person: actor.person, sits_with_party })
}
