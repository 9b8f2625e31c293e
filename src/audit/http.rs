//! The trail over HTTP: to read, never to change.

use actix_web::get;
use actix_web::web::{Data, Query};
use entity::identity::StaffRole;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store;
use super::views::{AuditHead, AuditQuery, AuditRow};
use crate::house::House;
use crate::operations;
use crate::platform::access::{Allow, Operation};
use crate::platform::audit;
use crate::platform::http::answer::{self, Answer};
use crate::platform::http::{Call, Page};
use crate::platform::keys::hex;

/// Those who look at what others do; who administers accounts sees what is tried with them.
const READERS: &[StaffRole] = &[StaffRole::Auditor, StaffRole::Supervisor, StaffRole::SecurityAdmin];

operations! {
    /// Read the audit trail.
    ListAuditRows = Operation::question("list_audit_rows", &[Allow::staff(READERS)]).with_query();
    /// Read the end of the audit trail.
    ReadAuditHead = Operation::question("read_audit_head", &[Allow::staff(READERS)]);
}

/// The endpoints.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_audit_rows).service(read_audit_head);
}

/// Read the audit trail
///
/// Every change and every denial, last first (审计记录). A row shows once it has its place in the chain, within a
/// second; that something was sealed shows once it is opened, and until then nothing tells of it, nor do the numbers.
#[utoipa::path(tag = "audit", params(AuditQuery), responses((status = 200, description = "A page", body = Page<AuditRow>)))]
#[get("/v1/audit")]
pub async fn list_audit_rows(house: Data<House>, _call: Call<ListAuditRows>, query: Query<AuditQuery>) -> Answer {
    let (wanted, page) = query.into_inner().parts()?;
    // Whoever looks for little in much may look long.
    let found = store::rows(house.db.read_long(), wanted, &page).await?;
    Ok(answer::page(&house, page.page_by_position(found, |row| row.position.unwrap_or_default(), AuditRow::from)?))
}

/// Read the end of the audit trail
///
/// Note it, and compare later: the row at that position still has that hash if nothing before it was changed.
#[utoipa::path(tag = "audit", responses((status = 200, description = "The last position and its hash", body = AuditHead)))]
#[get("/v1/audit/head")]
pub async fn read_audit_head(house: Data<House>, _call: Call<ReadAuditHead>) -> Answer {
    let (position, hash) = audit::head(house.db.read()).await?;
    Ok(answer::listed(&AuditHead { position, hash: hex(&hash) }))
}
