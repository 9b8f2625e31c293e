//! Certificates of licences over HTTP.

use actix_web::web::{Data, Path};
use actix_web::{get, post};
use entity::identity::{OrgRole, StaffRole};
use entity::ids::LicenceGrantId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::views::{CertificateStatus, CertificateVerdict, CertificateView, ShownCertificate};
use crate::house::{Done, House};
use crate::identity::views::Reason;
use crate::operations;
use crate::platform::access::{Allow, KeyScope, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json};
use crate::platform::problem::Code;

/// Who acts for a party of a licence.
const AUTHORS: &[OrgRole] = &[OrgRole::Owner, OrgRole::Operator];
/// Which officers issue certificates and take them back.
const KEEPERS: &[StaffRole] = &[StaffRole::Reviewer, StaffRole::Publisher];

operations! {
    /// Issue a certificate of a licence.
    IssueCertificate =
        Operation::deed("issue_certificate", &[Allow::party(AUTHORS), Allow::staff(KEEPERS)]).refuses(&[Code::WrongState]);
    /// Read how a certificate stands.
    ReadCertificate = Operation::question("read_certificate", &[Allow::ANYONE]).for_keys(KeyScope::ListingsRead);
    /// Ask about a certificate that was shown.
    VerifyCertificate = Operation::plain_deed("verify_certificate", &[Allow::ANYONE]);
    /// Take back a certificate.
    RevokeCertificate = Operation::deed("revoke_certificate", &[Allow::staff(KEEPERS)])
        .on_version_if_sent()
        .refuses(&[Code::WrongState, Code::ConflictOfInterest]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(issue_certificate).service(verify_certificate).service(read_certificate).service(revoke_certificate);
}

/// Issue a certificate of a licence
///
/// Signed, so that it is checked without a server (许可证书): the parties, the rights, how far the licence goes in codes and in words of two
/// languages, its term, and where whether it stands is asked. While the register says the same, asking again gives the same one, with 200;
/// once it says something else, the next takes its place. What an officer took back is not issued again in the same words.
#[utoipa::path(tag = "certificates", params(("id" = Uuid, Path, description = "The licence")), responses((status = 201, description = "Issued", body = CertificateView), (status = 200, description = "The one that stands", body = CertificateView)))]
#[post("/v1/licences/{id}/certificates")]
pub async fn issue_certificate(house: Data<House>, call: Call<IssueCertificate>, id: Path<LicenceGrantId>) -> Answer {
    let done = flows::issue(&house, &call.context, call.permit, *id).await?;
    let (row, is_new) = done.value;
    let view = flows::told(&house, &call.context, &row).await?;
    let done = Done { value: (), replayed: done.replayed };
    if !is_new {
        return Ok(answer::done(done, |()| view));
    }
    Ok(answer::created(done, call.context.dry_run, |()| format!("/v1/certificates/{}", row.number), |()| view))
}

/// Read how a certificate stands
///
/// Whether it is valid, expired, superseded or revoked, since when and why, for anybody who has its number; signed too, to be shown where
/// nobody can be asked. It follows from the register: a certificate is revoked with its licence. Whose it is and what it says, only the
/// parties of the licence and officers are told.
#[utoipa::path(tag = "certificates", params(("number" = String, Path, description = "Its number", max_length = 40)), responses((status = 200, description = "How it stands", body = CertificateStatus)))]
#[get("/v1/certificates/{number}")]
pub async fn read_certificate(house: Data<House>, call: Call<ReadCertificate>, number: Path<String>) -> Answer {
    Ok(answer::listed(&flows::read(&house, &call.context, &number).await?))
}

/// Ask about a certificate that was shown
///
/// Whoever was shown one learns whether it was issued here as it is, what it says, and how it stands now. Nothing is kept of the question.
#[utoipa::path(tag = "certificates", request_body = ShownCertificate, responses((status = 200, description = "What is to be thought of it", body = CertificateVerdict)))]
#[post("/v1/certificate-checks")]
pub async fn verify_certificate(house: Data<House>, call: Call<VerifyCertificate, Json<ShownCertificate>>) -> Answer {
    Ok(answer::listed(&flows::verify(&house, &call.body.0.jws).await?))
}

/// Take back a certificate
///
/// That was issued wrongly, by an officer who has no place with a party of the licence, with a reason that everybody reads (撤销许可证书).
/// The licence itself is not touched by it.
#[utoipa::path(tag = "certificates", params(("number" = String, Path, description = "Its number", max_length = 40)), request_body = Reason, responses((status = 200, description = "Taken back", body = CertificateView)))]
#[post("/v1/certificates/{number}/revoke")]
pub async fn revoke_certificate(house: Data<House>, call: Call<RevokeCertificate, Json<Reason>>, number: Path<String>) -> Answer {
    let done = flows::revoke(&house, &call.context, call.permit, number.into_inner(), call.body.0.reason).await?;
    let view = flows::told(&house, &call.context, &done.value).await?;
    Ok(answer::done(Done { value: (), replayed: done.replayed }, |()| view))
}
