//! What officers do with a declaration that was handed in, and what the patent office did.

use entity::ids::OpenLicenceId;
use entity::notices::NoticeKind;
use entity::open_licences::open_licence;
use serde_json::Value;

use super::look::look;
use super::withdraw::{EXPIRE, end_within};
use super::{hand, held, record};
use crate::house::{Done, House, Tx};
use crate::notices;
use crate::notices::flows::Draft;
use crate::notices::rules::Matter;
use crate::notices::views::NewPublication;
use crate::open_licences::http::{PublishOpenLicence, RecordCnipaAnnouncement, RecordCnipaDecision, ReturnOpenLicence};
use crate::open_licences::rules::gates;
use crate::open_licences::rules::machine::{self, Deed};
use crate::open_licences::rules::terms::{NewCnipaAnnouncement, NewCnipaDecision, announced_well, decided_well};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{shanghai_date, start_of};

/// Sends a declaration back to its author, with a reason.
pub async fn send_back(
    house: &House,
    by: &Context,
    permit: Permit<ReturnOpenLicence>,
    id: OpenLicenceId,
    reason: String,
) -> Result<Done<open_licence::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
            let next = machine::returned(&held, &hand, &reason)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// Publishes the notice, by somebody who had no hand in the matter. It stands until it is withdrawn.
pub async fn publish(
    house: &House,
    by: &Context,
    permit: Permit<PublishOpenLicence>,
    id: OpenLicenceId,
    new: NewPublication,
) -> Result<Done<open_licence::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(publish_within(&tx, &permit, id, &new)).await }).await
}

async fn publish_within(
    tx: &Tx,
    permit: &Permit<PublishOpenLicence>,
    id: OpenLicenceId,
    new: &NewPublication,
) -> Result<open_licence::Model, Problem> {
    let held = held(tx, permit, id).await?;
    let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
    machine::may_publish(&held, &hand)?;
    new.drafted_sha256.means(held.drafted_sha256.as_deref().unwrap_or_default(), "/drafted_sha256")?;
    gates::publication(&look(tx, &held).await?.case(&held, tx.now))?;
    let text = held.drafted.as_deref().ok_or(Code::Internal)?;
    let content: Value = serde_json::from_str(text).map_err(|_| Code::Internal)?;
    let draft = Draft {
        kind: NoticeKind::OpenLicence,
        matter: Matter::OpenLicence(id),
        deal_id: None,
        organisation_id: held.organisation_id,
        barred_persons: machine::hands(&held),
        content,
    };
    let notice = notices::flows::draft_within(tx, draft).await?.id;
    notices::flows::publish_within(tx, notice, hand.person, None).await?;
    let next = machine::published(&held, &hand, notice)?;
    record(tx, &held, &next).await?;
    tx.arm(EXPIRE, id, start_of(held.term_until));
    Ok(next)
}

/// Enters that the patent office announced it.
pub async fn record_cnipa(
    house: &House,
    by: &Context,
    permit: Permit<RecordCnipaAnnouncement>,
    id: OpenLicenceId,
    new: NewCnipaAnnouncement,
) -> Result<Done<open_licence::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            machine::require(&held, Deed::RecordCnipa)?;
            announced_well(&new, shanghai_date(tx.now))?;
            let next = machine::recorded(&held, new)?;
            record(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// Enters that the patent office did not accept it, or ended it.
pub async fn record_decision(
    house: &House,
    by: &Context,
    permit: Permit<RecordCnipaDecision>,
    id: OpenLicenceId,
    new: NewCnipaDecision,
) -> Result<Done<open_licence::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(decide_within(&tx, &permit, id, new)).await }).await
}

async fn decide_within(
    tx: &Tx,
    permit: &Permit<RecordCnipaDecision>,
    id: OpenLicenceId,
    new: NewCnipaDecision,
) -> Result<open_licence::Model, Problem> {
    let held = held(tx, permit, id).await?;
    let hand = hand(tx.conn(), tx.by.actor()?, &held).await?;
    machine::require(&held, Deed::RecordDecision)?;
    decided_well(&new, shanghai_date(tx.now))?;
    let reason = new.reason.clone();
    let next = machine::decided(&held, &hand, new, tx.now)?;
    end_within(tx, &held, &next, hand.person, &reason).await?;
    Ok(next)
}
