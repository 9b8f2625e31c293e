//! Ending an open licence: its notice stands no more. Whoever has a licence keeps it.

use entity::ids::{AssetId, OpenLicenceId, PersonId};
use entity::open_licences::{OpenLicenceState, open_licence};
use serde_json::Value;
use uuid::Uuid;

use super::take::lapse_unpaid;
use super::{hand, held, record};
use crate::achievements;
use crate::house::{Done, House, Tx};
use crate::notices;
use crate::objections;
use crate::open_licences::http::WithdrawOpenLicence;
use crate::open_licences::rules::machine;
use crate::open_licences::store;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::Problem;
use crate::rulebook::rules::shanghai_date;

/// Timer: the last day of the licences is over.
pub const EXPIRE: &str = "open_licences.expire";
/// Why it ends then.
const EXPIRED: &str = "许可期限届满 The term of its licences is over";
/// Why a notice lapses that was not paid by the end.
const NO_MORE: &str = "开放许可已终止或者撤回，此前未支付许可使用费 The open licence came to its end before it was paid";
/// Why it ends where an objection was right.
const ENDED: &str = "异议成立，开放许可终止 An objection was right, and the open licence ends for it";

/// Why it lapses where the patent is another's now.
const LAPSED: &str = "专利权已转让，开放许可声明失效 The patent is another's now, and what was declared of it lapses";

/// The patentee, or an officer, withdraws it.
pub async fn withdraw(
    house: &House,
    by: &Context,
    permit: Permit<WithdrawOpenLicence>,
    id: OpenLicenceId,
    reason: String,
) -> Result<Done<open_licence::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
            let next = machine::withdrawn(&held, &hand, &reason, tx.now)?;
            end_within(&tx, &held, &next, hand.person, &reason).await?;
            Ok(next)
        })
        .await
}

/// An objection was settled so that the open licence it was about ends for it.
pub async fn hear_objection(tx: &Tx, body: &Value) -> Result<(), Problem> {
    let Some(id) = body["open_licence_id"].as_str().and_then(|id| id.parse::<OpenLicenceId>().ok()) else { return Ok(()) };
    let Some(by) = objections::flows::ended_by(tx, body).await? else { return Ok(()) };
    let Some(held) = store::hold(tx.conn(), id).await? else { return Ok(()) };
    let Some(next) = machine::ended(&held, ENDED, tx.now) else { return Ok(()) };
    end_within(tx, &held, &next, by, ENDED).await
}

/// The patent is another's now: what was declared of it lapses.
pub async fn lapse_within(tx: &Tx, patents: &[AssetId], by: PersonId) -> Result<(), Problem> {
    for (_, id) in achievements::store::declared_open(tx.conn(), patents, &OpenLicenceState::OPEN).await? {
        let Some(held) = store::hold(tx.conn(), id).await? else { continue };
        let Some(next) = machine::lapsed(&held, LAPSED, tx.now) else { continue };
        end_within(tx, &held, &next, by, LAPSED).await?;
    }
    Ok(())
}

/// The timer [`EXPIRE`]: it ends with the term of its licences, and its notice with it.
pub async fn on_expire(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else { return Ok(()) };
    let Some(next) = machine::expired(&held, EXPIRED, shanghai_date(tx.now), tx.now) else { return Ok(()) };
    if let Some(notice) = held.notice_id {
        notices::flows::end_within(tx, notice).await?;
    }
    lapse_unpaid(tx, held.id, NO_MORE).await?;
    record(tx, &held, &next).await
}

/// Records the end of an open licence, held. Who has a licence keeps it; who told the patentee and has not paid has none.
pub(super) async fn end_within(
    tx: &Tx,
    held: &open_licence::Model,
    next: &open_licence::Model,
    by: PersonId,
    reason: &str,
) -> Result<(), Problem> {
    if let Some(notice) = held.notice_id {
        notices::flows::withdraw_within(tx, notice, by, reason).await?;
    }
    lapse_unpaid(tx, held.id, NO_MORE).await?;
    record(tx, held, next).await
}
