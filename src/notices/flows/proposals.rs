//! Setting a slip in a public notice right, and withdrawing a notice: proposed by one person, done or refused by another.

use entity::Timestamp;
use entity::identity::SellerClass;
use entity::ids::{NoticeId, NoticeProposalId, PersonId};
use entity::notices::{NoticeProposalKind, notice, notice_proposal};
use sea_orm::ConnectionTrait;
use serde_json::Value;

use super::{END, ends_at, freeze, parsed};
use crate::house::{Done, House, Tx};
use crate::identity;
use crate::notices::events::NoticeEvent;
use crate::notices::http::{ProposeErratum, ProposeNoticeWithdrawal, PublishNoticeProposal, RefuseNoticeProposal};
use crate::notices::rules::canonical;
use crate::notices::rules::correction::{Change, NewChange, changes, kept_right, set_right};
use crate::notices::rules::proposal as rules;
use crate::notices::store;
use crate::notices::views::NoticeOpenChanges;
use crate::platform::access::{Actor, Context, Permission, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Rulebook, erratum_fields, may_be_set_right, shanghai_date};

/// Why an erratum gives way.
const TO_BE_WITHDRAWN: &str = "公告拟撤回 The notice is to be withdrawn";

/// Why a proposal is refused whose notice is withdrawn meanwhile.
const WITHDRAWN: &str = "公告已撤回 The notice was withdrawn";

/// Why one is refused whose notice has another text meanwhile.
pub(super) const REVISED: &str = "公告内容已实质性更正并重新公示 What the notice is about was changed and announced anew";

/// A slip to be set right.
#[derive(Clone, Debug)]
pub struct NewErratum {
    /// Why.
    pub reason: String,
    /// What.
    pub changes: Vec<NewChange>,
}

/// Proposes to set a slip right.
pub async fn propose_erratum(
    house: &House,
    by: &Context,
    permit: Permit<ProposeErratum>,
    id: NoticeId,
    new: NewErratum,
) -> Result<Done<notice_proposal::Model>, Problem> {
    house
        .write(by, (permit, id, new), |tx, (permit, id, new)| async move {
            let held = held(&tx, &permit, id).await?;
            let changes = judged(&tx, &held, &new.changes).await.map_err(|refusal| rules::instead_of_erratum(&held, refusal))?;
            let changes = serde_json::to_value(changes).map_err(|_| Code::Internal)?;
            proposed(&tx, &held, NoticeProposalKind::Erratum, changes, &new.reason).await
        })
        .await
}

/// Proposes to withdraw a notice.
pub async fn propose_withdrawal(
    house: &House,
    by: &Context,
    permit: Permit<ProposeNoticeWithdrawal>,
    id: NoticeId,
    reason: String,
) -> Result<Done<notice_proposal::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let held = held(&tx, &permit, id).await?;
            proposed(&tx, &held, NoticeProposalKind::Withdrawal, Value::Array(Vec::new()), &reason).await
        })
        .await
}

async fn held<P: Permission>(tx: &Tx, permit: &Permit<P>, id: NoticeId) -> Result<notice::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    Ok(held)
}

/// What is set right in the text that stands, by the rules of today.
async fn judged(tx: &Tx, held: &notice::Model, wanted: &[NewChange]) -> Result<Vec<Change>, Problem> {
    let text = store::version(tx.conn(), held.id, held.current_version).await?.ok_or(Code::Internal)?;
    let edition = tx.house.rulebook.current();
    let (errata, today) = (&edition.rulebook.errata, shanghai_date(tx.now));
    let permitted = |pointer: &str| may_be_set_right(errata, held.kind, pointer, today);
    let content = parsed(&text)?;
    let found = changes(&content, wanted, permitted).map_err(|problem| match problem.code {
        Code::MaterialChange => problem.with("fields", erratum_fields(errata, held.kind, today)),
        _ => problem,
    })?;
    end_put_off(tx, held, &content).await?;
    Ok(found)
}

/// The end a notice has once it is changed now, where that is another; the class of its seller decides what comes late.
async fn end_put_off(tx: &Tx, held: &notice::Model, content: &Value) -> Result<Option<Timestamp>, Problem> {
    let edition = tx.house.rulebook.current();
    let late = late_change(&edition.rulebook, content, tx.now)?;
    rules::put_off(held, ends_at(&tx.house, tx.conn(), held, tx.now).await?, late, &edition.calendar, tx.now)
}

/// What comes late in a notice, by the rules of now.
fn late_change<'a>(rulebook: &'a Rulebook, content: &Value, now: Timestamp) -> Result<rules::LateChange<'a>, Problem> {
    let class = content.pointer("/rules/class").and_then(|class| serde_json::from_value::<SellerClass>(class.clone()).ok());
    let today = shanghai_date(now);
    let unruled = |_| Problem::from(Code::Internal);
    let source = &rulebook.find(rules::LATE, class, today).map_err(unruled)?.parameter.source;
    let span = |name| rulebook.span(name, class, today).map_err(unruled);
    Ok(rules::LateChange { window: span(rules::LATE)?, source, extension: span("late_change_extension")? })
}

/// What of a notice may be changed now, and how; nothing where nothing may.
pub(super) fn open_changes(
    house: &House,
    held: &notice::Model,
    content: &Value,
    ends_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<NoticeOpenChanges>, Problem> {
    let edition = house.rulebook.current();
    let late = late_change(&edition.rulebook, content, now)?;
    let (until, late_from) = rules::changed_until(held, ends_at, late, &edition.calendar);
    if !rules::open_to(held).contains(&"propose_erratum") || until.is_some_and(|until| until <= now) {
        return Ok(None);
    }
    let errata = erratum_fields(&edition.rulebook.errata, held.kind, shanghai_date(now)).into_iter().map(ToOwned::to_owned).collect();
    let announces_anew = rules::announces_anew(held.kind).map(ToOwned::to_owned);
    Ok(Some(NoticeOpenChanges { errata, announces_anew, until, late_from }))
}

async fn proposed(
    tx: &Tx,
    held: &notice::Model,
    kind: NoticeProposalKind,
    changes: Value,
    reason: &str,
) -> Result<notice_proposal::Model, Problem> {
    let open = store::open_proposal(tx.conn(), held.id).await?;
    let new = rules::NewProposal { id: tx.id(), kind, changes, reason, by: tx.by.actor()?.person, at: tx.now };
    let (at, by) = (new.at, new.by);
    let row = rules::proposed(held, open.as_ref(), new)?;
    if let Some(open) = open {
        let open = store::hold_proposal(tx.conn(), open.id).await?.ok_or(Code::Internal)?;
        changed(tx, &open, &rules::refused(&open, by, TO_BE_WITHDRAWN, at)?).await?;
    }
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("notice_proposal", row.id, &row);
    Ok(row)
}

/// The notice and what is proposed about it, held in this order.
async fn both<P: Permission>(
    tx: &Tx,
    permit: &Permit<P>,
    id: NoticeProposalId,
) -> Result<(notice::Model, notice_proposal::Model), Problem> {
    let known = store::proposal(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&known)?;
    let notice = store::hold(tx.conn(), known.notice_id).await?.ok_or(Code::Internal)?;
    let held = store::hold_proposal(tx.conn(), id).await?.ok_or(Code::Internal)?;
    tx.by.expects(held.version)?;
    Ok((notice, held))
}

/// Who decides about what was proposed about a notice.
async fn decider(tx: &Tx, notice: &notice::Model) -> Result<rules::Decider, Problem> {
    let actor = tx.by.actor()?;
    decider_of(tx.conn(), actor, notice).await
}

/// The same of somebody who only looks.
pub(super) async fn decider_of(db: &impl ConnectionTrait, actor: &Actor, notice: &notice::Model) -> Result<rules::Decider, Problem> {
    let ties = identity::store::ties(db, actor.person).await?;
    let sits_with_owner = ties.iter().any(|tie| tie.organisation_id == notice.organisation_id);
    Ok(rules::Decider { person: actor.person, is_officer: actor.staff.is_some(), sits_with_owner })
}

/// A second person does what was proposed.
pub async fn publish_proposal(
    house: &House,
    by: &Context,
    permit: Permit<PublishNoticeProposal>,
    id: NoticeProposalId,
) -> Result<Done<notice_proposal::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(publish_within(&tx, &permit, id)).await }).await
}

async fn publish_within(tx: &Tx, permit: &Permit<PublishNoticeProposal>, id: NoticeProposalId) -> Result<notice_proposal::Model, Problem> {
    let (notice, held) = both(tx, permit, id).await?;
    let by = decider(tx, &notice).await?;
    rules::may_publish(&held, &notice, by)?;
    let made = match held.kind {
        NoticeProposalKind::Erratum => {
            let made = correct(tx, &notice, &held).await;
            Some(made.map_err(|refusal| refusal.instead(&["refuse_notice_proposal"]))?)
        }
        NoticeProposalKind::Withdrawal => {
            let next = rules::withdrawn(&notice, &held.reason, tx.now)?.ok_or(Code::Internal)?;
            withdraw(tx, &notice, &next).await?;
            None
        }
        // Whoever agrees anew publishes at once, and what opens is opened by nobody: they never wait here.
        NoticeProposalKind::Revision | NoticeProposalKind::Opening => return Err(Code::Internal.into()),
    };
    let next = rules::published(&held, by.person, made, tx.now);
    changed(tx, &held, &next).await?;
    Ok(next)
}

/// Freezes the next version of a text; its number. Something may have opened since it was proposed, which stays.
async fn correct(tx: &Tx, notice: &notice::Model, proposal: &notice_proposal::Model) -> Result<i64, Problem> {
    let changes: Vec<Change> = serde_json::from_value(proposal.changes.clone()).map_err(|_| Code::Internal)?;
    let standing = store::version(tx.conn(), notice.id, notice.current_version).await?.ok_or(Code::Internal)?;
    let standing = parsed(&standing)?;
    let put_off = end_put_off(tx, notice, &standing).await?;
    let content = canonical(&set_right(&standing, &changes)?);
    let next = rules::corrected(notice, put_off, tx.now)?;
    freeze(tx, &next, content).await?;
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", notice.id, Some(notice), Some(&next));
    if let Some(ends_at) = put_off {
        tx.arm(END, notice.id, ends_at);
    }
    tx.publish(&NoticeEvent::corrected(&next))?;
    Ok(next.current_version)
}

/// A new text of a public notice, in which what errata set right stays right.
pub async fn still_right(tx: &Tx, id: NoticeId, content: Value) -> Result<Value, Problem> {
    let mut errata = store::proposals_that_made(tx.conn(), id).await?;
    errata.retain(|proposal| proposal.kind == NoticeProposalKind::Erratum);
    errata.sort_unstable_by_key(|proposal| proposal.made_version);
    let mut content = content;
    for erratum in errata {
        let changes: Vec<Change> = serde_json::from_value(erratum.changes).map_err(|_| Code::Internal)?;
        content = kept_right(&content, &changes);
    }
    Ok(content)
}

async fn withdraw(tx: &Tx, held: &notice::Model, next: &notice::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", held.id, Some(held), Some(next));
    tx.publish(&NoticeEvent::withdrawn(next))
}

async fn changed(tx: &Tx, held: &notice_proposal::Model, next: &notice_proposal::Model) -> Result<(), Problem> {
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice_proposal", held.id, Some(held), Some(next));
    Ok(())
}

/// What was proposed is not done.
pub async fn refuse_proposal(
    house: &House,
    by: &Context,
    permit: Permit<RefuseNoticeProposal>,
    id: NoticeProposalId,
    reason: String,
) -> Result<Done<notice_proposal::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let (notice, held) = both(&tx, &permit, id).await?;
            let by = decider(&tx, &notice).await?;
            rules::may_refuse(&held, &notice, by)?;
            let next = rules::refused(&held, by.person, &reason, tx.now)?;
            changed(&tx, &held, &next).await?;
            Ok(next)
        })
        .await
}

/// Withdraws a public notice with what it is about, in the same transaction; a draft stays one, and what is withdrawn is.
pub async fn withdraw_within(tx: &Tx, id: NoticeId, by: PersonId, reason: &str) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let Some(next) = rules::withdrawn(&held, reason, tx.now)? else { return Ok(()) };
    refuse_open_within(tx, id, by, WITHDRAWN).await?;
    withdraw(tx, &held, &next).await
}

/// Refuses what is proposed about a notice, held, and not decided yet.
pub(super) async fn refuse_open_within(tx: &Tx, id: NoticeId, by: PersonId, why: &str) -> Result<(), Problem> {
    let Some(open) = store::open_proposal(tx.conn(), id).await? else { return Ok(()) };
    let open = store::hold_proposal(tx.conn(), open.id).await?.ok_or(Code::Internal)?;
    changed(tx, &open, &rules::refused(&open, by, why, tx.now)?).await
}
