//! From the notice to the right: the unit's own notice, the agreement with the team, what the register shows.

use entity::Timestamp;
use entity::ids::RightsGrantId;
use entity::rights_grants::{RightsGrantState, rights_grant};
use sea_orm::ConnectionTrait;

use super::announce::{PERIOD, announced};
use super::{held, record};
use crate::documents::flows::kept_within;
use crate::house::{Done, House, Tx};
use crate::licences;
use crate::licences::flows::Granted;
use crate::licences::rules::grant::Source;
use crate::notices;
use crate::notices::rules::Matter;
use crate::notices::rules::both_places::{Awaited, NewUnitNotice, nothing_awaited};
use crate::notices::rules::period::Period;
use crate::objections;
use crate::objections::flows::Announced;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::rights_grants::http::{AgreeRightsGrant, RegisterRightsGrant, ShowRightsGrantNotice};
use crate::rights_grants::rules::machine::{self, Deed};
use crate::rights_grants::rules::terms::{NewRegisterEntry, entered_well};
use crate::rights_grants::store;
use crate::rights_grants::views::GrantAgreement;

/// The unit shows that its own notice stands.
pub async fn show_notice(
    house: &House,
    by: &Context,
    permit: Permit<ShowRightsGrantNotice>,
    id: RightsGrantId,
    new: NewUnitNotice,
) -> Result<Done<rights_grant::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::ShowNotice)?;
            let decided_at = held.decided_at.ok_or(Code::Internal)?;
            let notice = held.notice_id.ok_or(Code::Internal)?;
            let kept = notices::flows::unit_notice_within(&tx, notice, &new, held.organisation_id, decided_at).await?;
            let next = machine::notice_shown(&held, kept)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// What is waited for before the agreement can be filed; nothing where there is no notice.
pub(super) async fn awaited(
    house: &House,
    db: &impl ConnectionTrait,
    held: &rights_grant::Model,
    now: Timestamp,
) -> Result<Vec<Awaited>, Problem> {
    let Some(notice) = held.notice_id.filter(|_| held.state == RightsGrantState::Noticed) else { return Ok(Vec::new()) };
    let of = Announced {
        matter: Matter::RightsGrant(held.id),
        notice,
        in_unit: true,
        unit_notice: held.unit_notice.as_ref(),
        period: Period::of(&announced(held)?, PERIOD)?,
    };
    objections::flows::awaited(house, db, &of, now).await
}

/// Files the agreement with the team.
pub async fn agree(
    house: &House,
    by: &Context,
    permit: Permit<AgreeRightsGrant>,
    id: RightsGrantId,
    new: GrantAgreement,
) -> Result<Done<rights_grant::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::Agree)?;
            // Whoever objects meanwhile comes before or after this: he touches the grant, which is held.
            nothing_awaited(awaited(&tx.house, tx.conn(), &held, tx.now).await?)?;
            let document = kept_within(&tx, new.agreement_document_id, held.organisation_id).await?;
            let next = machine::agreed(&held, tx.by.actor()?.person, document, tx.now)?;
            record(&tx, &held, &next).await?;
            enter_licence(&tx, &next).await?;
            Ok(next)
        })
        .await
}

/// Enters a right to use it in the register of licences: it is effective as it is agreed.
async fn enter_licence(tx: &Tx, next: &rights_grant::Model) -> Result<(), Problem> {
    let months = next.use_months.filter(|_| next.state == RightsGrantState::Effective).and_then(|months| u32::try_from(months).ok());
    let Some(months) = months else { return Ok(()) };
    let assets = store::assets(tx.conn(), next.id).await?;
    let source = Source::RightsGrant(next.id);
    let granted = Granted { source, licensor: next.organisation_id, grantee: (None, TEAM), assets: &assets };
    licences::flows::to_who_made_it(tx, granted, months).await
}

/// What the team is called in the register of licences: its members are named in the notice.
const TEAM: &str = "成果完成人团队";

/// Enters what the register shows of a share.
pub async fn register(
    house: &House,
    by: &Context,
    permit: Permit<RegisterRightsGrant>,
    id: RightsGrantId,
    new: NewRegisterEntry,
) -> Result<Done<rights_grant::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::Register)?;
            entered_well(&new, held.agreed_at.ok_or(Code::Internal)?, tx.now)?;
            let next = machine::registered(&held, tx.by.actor()?.person, new, tx.now)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}
