//! Signals over HTTP: to read, for those who oversee.

use actix_web::get;
use actix_web::web::{Data, Path, Query};
use entity::identity::StaffRole;
use entity::ids::IntegritySignalId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::flows;
use super::views::{IntegritySignalQuery, IntegritySignalView};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Operation};
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Page};

/// Those who look at what others do. Whoever decides about bidders is not told: a signal is no ground to refuse one.
const OVERSEERS: &[StaffRole] = &[StaffRole::Auditor, StaffRole::Supervisor];

operations! {
    /// List signals of collusion.
    ListIntegritySignals = Operation::question("list_integrity_signals", &[Allow::staff(OVERSEERS)]).with_query();
    /// Read a signal of collusion.
    ReadIntegritySignal = Operation::question("read_integrity_signal", &[Allow::staff(OVERSEERS)]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_integrity_signals).service(read_integrity_signal);
}

/// List signals of collusion
///
/// What stood out when lots had closed (围标串标线索), newest first: bidders who share a payer, a person, a network or a
/// device, bids in turn at the least raise, bidders who never win or by rounds only leave their offers, rivals who fell
/// silent, habits of a shill, sealed bids that are the same, apart by the same in lot after lot, always just worse than
/// the winner's, or sealed within seconds in one place; and at an award, members of the buyer who are barred from the lot. A signal
/// says what to look at; nothing follows from it by itself.
#[utoipa::path(tag = "integrity", params(IntegritySignalQuery), responses((status = 200, description = "A page", body = Page<IntegritySignalView>)))]
#[get("/v1/integrity-signals")]
pub async fn list_integrity_signals(house: Data<House>, _call: Call<ListIntegritySignals>, query: Query<IntegritySignalQuery>) -> Answer {
    let (wanted, page) = query.into_inner().parts();
    Ok(answer::page(&house, flows::list(&house, wanted, &page).await?))
}

/// Read a signal of collusion
///
/// With what shows it, so that it can be checked: lines of the bank, places of members, lots with what was bid there and
/// when. Accounts, networks and devices are told as marks; the line and the audit trail have accounts and networks for
/// whoever may see them, as long as they are kept. What a device is nobody is told: of it a hash alone is kept.
#[utoipa::path(tag = "integrity", params(("id" = Uuid, Path, description = "The signal")), responses((status = 200, description = "The signal", body = IntegritySignalView)))]
#[get("/v1/integrity-signals/{id}")]
pub async fn read_integrity_signal(house: Data<House>, _call: Call<ReadIntegritySignal>, id: Path<IntegritySignalId>) -> Answer {
    Ok(answer::listed(&flows::read(&house, *id).await?))
}
