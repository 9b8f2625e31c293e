//! One's own account over HTTP: sessions, password, second factor; and what a security administrator does to accounts.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, delete, get, post, put};
use entity::identity::session;
use entity::ids::{OrganisationId, PersonId, SessionId};
use utoipa_actix_web::service_config::ServiceConfig;

use super::SECURITY;
use crate::house::House;
use crate::identity::flows::{accounts, device_letters, passwords, registrations, second_factor, sessions, token_keys};
use crate::identity::views::{
    AccountView, DeviceRequest, Enrolment, FactorCode, KeyRotation, PasswordChange, PasswordProof, PasswordReset, PersonView, Reason,
    RecoveryCodes, RegistrationRequest, RegistrationToken, ResetRequest, ResetToken, SessionView, TokenKeyView,
};
use crate::operations;
use crate::platform::access::{Allow, Class, Operation, Thing};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Json, Page, PageQuery};
use crate::platform::problem::Code;

operations! {
    /// Ask for a letter to register.
    RequestRegistration = Operation::plain_deed("request_registration", &[Allow::ANYONE]).counted_as(Class::Long)
        .refuses(&[Code::NoMail, Code::Invalid, Code::TooManyAttempts]);
    /// Complete a registration.
    CompleteRegistration = Operation::deed("complete_registration", &[Allow::ANYONE])
        .counted_as(Class::Long)
        .refuses(&[Code::RegistrationInvalid, Code::Busy]);
    /// List one's sessions.
    ListSessions = Operation::question("list_sessions", &[Allow::SELF]).with_query().unconditionally();
    /// End one of one's sessions.
    EndSession = Operation::deed("end_session", &[Allow::SELF]).unconditionally();
    /// End all of one's sessions but this.
    EndOtherSessions = Operation::deed("end_other_sessions", &[Allow::SELF]).unconditionally();
    /// Change one's password.
    ChangePassword = Operation::deed("change_password", &[Allow::SELF]).counted_as(Class::Long)
        .unconditionally()
        .refuses(&[Code::CredentialsWrong, Code::Invalid, Code::TooManyAttempts]);
    /// Ask for a letter with a password reset.
    RequestPasswordReset = Operation::plain_deed("request_password_reset", &[Allow::ANYONE]).refuses(&[Code::NoMail]);
    /// Set a new password on a reset.
    ResetPassword = Operation::plain_deed("reset_password", &[Allow::ANYONE]).counted_as(Class::Long).refuses(&[Code::ResetInvalid, Code::Invalid]);
    /// Ask for a letter that lets a new device in.
    RequestDeviceLetter = Operation::plain_deed("request_device_letter", &[Allow::ANYONE]).refuses(&[Code::NoMail]);
    /// Enrol an authenticator.
    EnrolSecondFactor = Operation::plain_deed("enrol_second_factor", &[Allow::SELF]).counted_as(Class::Long)
        .refuses(&[Code::CredentialsWrong, Code::WrongState, Code::TooManyAttempts]);
    /// Confirm an authenticator.
    ConfirmSecondFactor = Operation::plain_deed("confirm_second_factor", &[Allow::SELF])
        .refuses(&[Code::SecondFactorWrong, Code::WrongState, Code::TooManyAttempts]);
    /// Take one's authenticator away.
    RemoveSecondFactor = Operation::plain_deed("remove_second_factor", &[Allow::SELF])
        .with_step_up()
        .refuses(&[Code::StaffConflict]);
    /// Prove the second factor again.
    StepUp = Operation::plain_deed("step_up", &[Allow::SELF])
        .unconditionally()
        .refuses(&[Code::SecondFactorWrong, Code::TooManyAttempts]);
    /// Suspend an account.
    SuspendPerson = Operation::deed("suspend_person", &[Allow::staff(SECURITY)])
        .with_step_up()
        .refuses(&[Code::SamePerson, Code::WrongState]);
    /// Let an account in again.
    ReinstatePerson = Operation::deed("reinstate_person", &[Allow::staff(SECURITY)]).with_step_up().refuses(&[Code::WrongState]);
    /// Issue a password reset.
    IssuePasswordReset = Operation::plain_deed("issue_password_reset", &[Allow::staff(SECURITY)])
        .with_step_up()
        .refuses(&[Code::SamePerson]);
    /// Take away the authenticator somebody has lost.
    ResetSecondFactor = Operation::deed("reset_second_factor", &[Allow::staff(SECURITY)])
        .with_step_up()
        .refuses(&[Code::SamePerson, Code::WrongState]);
    /// Rotate the keys of access tokens.
    RotateTokenKey = Operation::deed("rotate_token_key", &[Allow::staff(SECURITY)]).with_step_up();
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(request_registration)
        .service(complete_registration)
        .service(list_sessions)
        .service(end_other_sessions)
        .service(end_session)
        .service(change_password)
        .service(request_password_reset)
        .service(reset_password)
        .service(request_device_letter)
        .service(enrol_second_factor)
        .service(confirm_second_factor)
        .service(remove_second_factor)
        .service(step_up)
        .service(suspend_person)
        .service(reinstate_person)
        .service(issue_password_reset)
        .service(reset_second_factor)
        .service(rotate_token_key);
}

impl Thing for session::Model {
    fn owners(&self) -> Vec<OrganisationId> {
        Vec::new()
    }
    fn person(&self) -> Option<PersonId> {
        Some(self.person_id)
    }
}

/// Ask for a letter to register
///
/// A letter to the address has a token that opens an account, or says that the address has one already; the answer is the
/// same whoever has it, and is given in the same time. An address that had several letters within a day gets no more of them
/// for now: each token it was sent is good for a day (凭邮件注册).
#[utoipa::path(tag = "accounts", request_body = RegistrationRequest, responses((status = 202, description = "Noted")))]
#[post("/v1/registrations")]
pub async fn request_registration(house: Data<House>, call: Call<RequestRegistration, Json<RegistrationRequest>>) -> Answer {
    registrations::ask(&house, &call.context, &call.body.0.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Complete a registration
///
/// By the token of a letter, once: opens the account with this name and this password (完成注册).
#[utoipa::path(tag = "accounts", request_body = RegistrationToken, responses((status = 201, description = "Registered", body = PersonView)))]
#[post("/v1/registrations/use")]
pub async fn complete_registration(house: Data<House>, call: Call<CompleteRegistration, Json<RegistrationToken>>) -> Answer {
    let done = registrations::complete(&house, &call.context, call.body.0).await?;
    Ok(answer::created(done, false, |_| "/v1/me".into(), |person| person))
}

/// List one's sessions
///
/// Those that live, newest first, with the network each was opened from and what the caller may do to each now.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, description = "A page", body = Page<SessionView>)))]
#[get("/v1/sessions")]
pub async fn list_sessions(house: Data<House>, call: Call<ListSessions>, page: Query<PageQuery>) -> Answer {
    Ok(answer::page(&house, sessions::list(&house, &call.context, &page).await?))
}

/// End one of one's sessions
///
/// It and everything issued in it end at once, at every server within a second.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The session")), responses((status = 204, description = "Ended")))]
#[post("/v1/sessions/{id}/end")]
pub async fn end_session(house: Data<House>, call: Call<EndSession>, id: Path<SessionId>) -> Answer {
    sessions::end(&house, &call.context, call.permit, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// End all of one's sessions but this
///
/// After a device was lost.
#[utoipa::path(tag = "accounts", responses((status = 204, description = "Ended")))]
#[delete("/v1/sessions")]
pub async fn end_other_sessions(house: Data<House>, call: Call<EndOtherSessions>) -> Answer {
    sessions::end_others(&house, &call.context).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Change one's password
///
/// Every other session ends. What a password must be depends on the profile the platform is run under.
#[utoipa::path(tag = "accounts", request_body = PasswordChange, responses((status = 204, description = "Changed")))]
#[put("/v1/me/password")]
pub async fn change_password(house: Data<House>, call: Call<ChangePassword, Json<PasswordChange>>) -> Answer {
    passwords::change(&house, &call.context, call.body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask for a letter with a password reset
///
/// If the address has an account, a letter with a reset goes to it; the answer is the same if not (忘记口令).
#[utoipa::path(tag = "accounts", request_body = ResetRequest, responses((status = 202, description = "Noted")))]
#[post("/v1/password-resets")]
pub async fn request_password_reset(house: Data<House>, call: Call<RequestPasswordReset, Json<ResetRequest>>) -> Answer {
    passwords::ask_for_reset(&house, &call.context, &call.body.0.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Set a new password on a reset
///
/// Every session ends. The second factor stays.
#[utoipa::path(tag = "accounts", request_body = PasswordReset, responses((status = 204, description = "Set")))]
#[post("/v1/password-resets/use")]
pub async fn reset_password(house: Data<House>, call: Call<ResetPassword, Json<PasswordReset>>) -> Answer {
    passwords::reset(&house, &call.context, call.body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Ask for a letter that lets a new device in
///
/// While failed tries of others keep the owner of an account out (429 `too_many_attempts`), a letter to its address brings what is
/// sent once as `device_token` when signing in, along with the password (新设备登录邮件). The answer is the same if the address has
/// no account, or if nobody is kept from it; while a fresh letter stands, no other is written.
#[utoipa::path(tag = "accounts", request_body = DeviceRequest, responses((status = 202, description = "Noted")))]
#[post("/v1/device-letters")]
pub async fn request_device_letter(house: Data<House>, call: Call<RequestDeviceLetter, Json<DeviceRequest>>) -> Answer {
    device_letters::ask(&house, &call.context, &call.body.0.email).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Enrol an authenticator
///
/// Gives the secret for an authenticator (动态口令, RFC 6238: six digits, thirty seconds); it is in force once
/// a code of it was confirmed. Officers and signatories need one.
#[utoipa::path(tag = "accounts", request_body = PasswordProof, responses((status = 201, description = "The secret", body = Enrolment)))]
#[post("/v1/me/second-factor")]
pub async fn enrol_second_factor(house: Data<House>, call: Call<EnrolSecondFactor, Json<PasswordProof>>) -> Answer {
    let enrolment = second_factor::enrol(&house, &call.context, &call.body.0.password).await?;
    Ok(answer::told_once("/v1/me", &enrolment))
}

/// Confirm an authenticator
///
/// By its first code. Gives recovery codes, each of which stands in for it once. This session counts as proved.
#[utoipa::path(tag = "accounts", request_body = FactorCode, responses((status = 201, description = "Recovery codes", body = RecoveryCodes)))]
#[post("/v1/me/second-factor/confirm")]
pub async fn confirm_second_factor(house: Data<House>, call: Call<ConfirmSecondFactor, Json<FactorCode>>) -> Answer {
    let codes = second_factor::confirm(&house, &call.context, &call.body.0.code).await?;
    Ok(answer::told_once("/v1/me", &codes))
}

/// Take one's authenticator away
///
/// Officers keep theirs.
#[utoipa::path(tag = "accounts", responses((status = 204, description = "Taken away")))]
#[delete("/v1/me/second-factor")]
pub async fn remove_second_factor(house: Data<House>, call: Call<RemoveSecondFactor>) -> Answer {
    second_factor::remove(&house, &call.context).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Prove the second factor again
///
/// Before a sensitive deed (再次验证); each code counts once.
#[utoipa::path(tag = "accounts", request_body = FactorCode, responses((status = 204, description = "Proved")))]
#[post("/v1/me/step-up")]
pub async fn step_up(house: Data<House>, call: Call<StepUp, Json<FactorCode>>) -> Answer {
    second_factor::step_up(&house, &call.context, &call.body.0.code).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Suspend an account
///
/// Its sessions end at once, and none begins (账号停用).
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The person")), request_body = Reason, responses((status = 200, description = "Suspended", body = AccountView)))]
#[post("/v1/persons/{id}/suspend")]
pub async fn suspend_person(house: Data<House>, call: Call<SuspendPerson, Json<Reason>>, id: Path<PersonId>) -> Answer {
    let reason = call.body.0.reason;
    let done = accounts::suspend(&house, &call.context, *id, reason.clone()).await?;
    Ok(answer::done(done, |row| AccountView::of(&row, Some(reason))))
}

/// Let an account in again
///
/// Ends a suspension.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The person")), responses((status = 200, description = "Reinstated", body = AccountView)))]
#[post("/v1/persons/{id}/reinstate")]
pub async fn reinstate_person(house: Data<House>, call: Call<ReinstatePerson>, id: Path<PersonId>) -> Answer {
    let done = accounts::reinstate(&house, &call.context, *id).await?;
    Ok(answer::done(done, |row| AccountView::of(&row, None)))
}

/// Issue a password reset
///
/// For somebody who cannot sign in, once it is sure that it is he. The text is told once.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The person")), responses((status = 201, description = "The reset", body = ResetToken)))]
#[post("/v1/persons/{id}/password-reset")]
pub async fn issue_password_reset(house: Data<House>, call: Call<IssuePasswordReset>, id: Path<PersonId>) -> Answer {
    let reset = passwords::issue_reset(&house, &call.context, *id).await?;
    Ok(answer::told_once("/v1/password-resets/use", &reset))
}

/// Take away the authenticator somebody has lost
///
/// His sessions end; he enrols another when he has signed in.
#[utoipa::path(tag = "accounts", params(("id" = Uuid, Path, description = "The person")), responses((status = 204, description = "Taken away")))]
#[post("/v1/persons/{id}/reset-second-factor")]
pub async fn reset_second_factor(house: Data<House>, call: Call<ResetSecondFactor>, id: Path<PersonId>) -> Answer {
    accounts::reset_second_factor(&house, &call.context, *id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Rotate the keys of access tokens
///
/// The next key signs in a few seconds; the one before verifies until what it signed has run out.
#[utoipa::path(tag = "accounts", request_body = KeyRotation, responses((status = 201, description = "The next key", body = TokenKeyView)))]
#[post("/v1/token-keys/rotate")]
pub async fn rotate_token_key(house: Data<House>, call: Call<RotateTokenKey, Json<KeyRotation>>) -> Answer {
    let done = token_keys::rotate(&house, &call.context, call.body.0.at_once).await?;
    Ok(answer::created(done, false, |_| "/.well-known/jwks.json".into(), TokenKeyView::from))
}
