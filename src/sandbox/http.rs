//! The sandbox over HTTP.

use actix_web::web::Data;
use actix_web::{get, post};
use chrono::{DateTime, Datelike, Utc};
use entity::identity::{OrgRole, StaffRole};
use entity::money::Money;
use entity::platform::sandbox_clock;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows::{self, Setting};
use crate::admissions::flows::{NewCredit, credit_within_admission};
use crate::admissions::http::AdmissionView;
use crate::admissions::rules::canonical_reference;
use crate::house::House;
use crate::notifications;
use crate::notifications::views::{Trigger, TriggeredView};
use crate::operations;
use crate::platform::access::{Allow, Class, KeyScope, Operation};
use crate::platform::http::answer::{self, Answer, Tagged};
use crate::platform::http::{Call, Json};
use crate::platform::problem::{Code, Problem};

operations! {
    /// Read the sandbox clock.
    ReadSandboxClock = Operation::question("read_sandbox_clock", &[Allow::ANYONE]).refuses(&[Code::SandboxOnly]);
    /// Set the sandbox clock.
    SetSandboxClock = Operation::plain_deed("set_sandbox_clock", &[Allow::staff(&[StaffRole::SecurityAdmin])]).counted_as(Class::Long)
        .refuses(&[Code::SandboxOnly, Code::ClockBackwards, Code::InFlight]);
    /// Let the simulated bank pay a deposit.
    SimulateBankCredit = Operation::deed("simulate_bank_credit", &[Allow::members(OrgRole::ALL)])
        .for_keys(KeyScope::AdmissionsWrite)
        .refuses(&[
            Code::SandboxOnly,
            Code::WrongState,
            Code::RegistrationClosed,
            Code::PayerMismatch,
            Code::AmountMismatch,
            Code::BankReferenceTaken,
            Code::NotFound,
        ]);
    /// Trigger an event.
    TriggerEvent = Operation::deed("trigger_event", &[Allow::staff(&[StaffRole::SecurityAdmin])]).refuses(&[Code::SandboxOnly]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_sandbox_clock).service(set_sandbox_clock).service(simulate_bank_credit).service(trigger_event);
}

/// The sandbox clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// The market's time now.
    pub now: DateTime<Utc>,
    /// How many times as fast as real time; 0 stands still.
    pub factor: i64,
}

impl Tagged for ClockView {
    fn version(&self) -> Option<i64> {
        None
    }
}

fn view(house: &House, clock: &sandbox_clock::Model) -> ClockView {
    ClockView { now: crate::platform::world::sandbox_time(clock, house.world.real_now()), factor: clock.factor }
}

/// How to set the clock: exactly one of the two.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClockSetting {
    /// Move on to this instant; everything due on the way is done first.
    pub to: Option<DateTime<Utc>>,
    /// Run so many times as fast as real time; 0 stands still.
    #[schema(minimum = 0, maximum = 100_000)]
    pub factor: Option<i64>,
}

impl ClockSetting {
    fn read(&self) -> Result<Setting, Problem> {
        match (self.to, self.factor) {
            (Some(to), None) if to.year() < 2100 => Ok(Setting::To(entity::micros(to))),
            (None, Some(factor @ 0..=100_000)) => Ok(Setting::Factor(factor)),
            _ => Err(Code::Invalid.at(
                "",
                "one_of",
                "须且只须给出 to（2100 年前）或 factor（0 至 100000）",
                "give exactly one of to (before 2100) and factor (0 to 100000)",
            )),
        }
    }
}

/// Read the sandbox clock
///
/// Time in sandbox lives in the database, stands or runs at a factor, and moves on command.
#[utoipa::path(tag = "sandbox", responses((status = 200, description = "The clock", body = ClockView)))]
#[get("/v1/sandbox/clock")]
pub async fn read_sandbox_clock(house: Data<House>, _call: Call<ReadSandboxClock>) -> Answer {
    let clock = super::store::clock(house.db.read()).await?.ok_or(Code::SandboxOnly)?;
    Ok(answer::found(&view(&house, &clock)))
}

/// Set the sandbox clock
///
/// Moving fires every due timer in order, each seeing the time it was due, and answers when all they caused is done.
#[utoipa::path(tag = "sandbox", request_body = ClockSetting, responses((status = 200, description = "The clock", body = ClockView)))]
#[post("/v1/sandbox/clock")]
pub async fn set_sandbox_clock(house: Data<House>, call: Call<SetSandboxClock, Json<ClockSetting>>) -> Answer {
    let clock = flows::set_clock(&house, &call.context, call.body.0.read()?).await?;
    Ok(answer::found(&view(&house, &clock)))
}

/// A payment the simulated bank shall make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulatedCredit {
    /// The reference the admission told.
    #[schema(min_length = 1, max_length = 64, example = "D-7K2M9Q4X")]
    pub deposit_reference: String,
    /// The amount paid.
    pub amount: Money,
    /// The payer's name at the bank; the caller's organisation if left out.
    #[schema(min_length = 1, max_length = 200)]
    pub payer_name: Option<String>,
}

/// Let the simulated bank pay a deposit
///
/// As if the money had arrived at the custodian bank now. For the caller's own admissions.
#[utoipa::path(tag = "sandbox", request_body = SimulatedCredit, responses((status = 201, description = "Paid; the admission after it", body = AdmissionView)))]
#[post("/v1/sandbox/bank-credits")]
pub async fn simulate_bank_credit(house: Data<House>, call: Call<SimulateBankCredit, Json<SimulatedCredit>>) -> Answer {
    if !house.config.sandbox {
        return Err(Code::SandboxOnly.into());
    }
    let done = house
        .write(&call.context, call.body.0.clone(), |tx, sent| async move {
            let own = tx.by.seat()?.organisation;
            let organisation = crate::identity::store::organisation(tx.conn(), own).await?.ok_or(Code::Internal)?;
            let known = match canonical_reference(&sent.deposit_reference) {
                Some(reference) => crate::admissions::store::by_reference(tx.conn(), &reference).await?,
                None => None,
            };
            if known.is_none_or(|admission| admission.organisation_id != own) {
                return Err(Problem { denied: true, ..Code::NotFound.into() });
            }
            let credit = NewCredit {
                bank_reference: format!("SIM-{}", tx.id::<uuid::Uuid>()),
                deposit_reference: sent.deposit_reference,
                amount: sent.amount,
                payer_name: sent.payer_name.unwrap_or(organisation.name),
            };
            credit_within_admission(&tx, credit, None).await
        })
        .await?;
    Ok(answer::created(done, false, |row| format!("/v1/admissions/{}", row.id), AdmissionView::from))
}

/// Trigger an event
///
/// The example of a kind of the catalogue is told as if it had happened, marked as a test: to an organisation
/// and its webhooks, or to the webhooks that follow the market. Nothing else follows from it.
#[utoipa::path(tag = "sandbox", request_body = Trigger, responses((status = 200, description = "It is told", body = TriggeredView)))]
#[post("/v1/sandbox/events")]
pub async fn trigger_event(house: Data<House>, call: Call<TriggerEvent, Json<Trigger>>) -> Answer {
    let done = notifications::flows::trigger(&house, &call.context, call.body.0).await?;
    Ok(answer::done(done, TriggeredView::from))
}
