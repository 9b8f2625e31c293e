//! What happens to a notice: drafted and frozen, published, ended; and how it is read.

mod feed;
mod opening;
mod proposals;
mod reckoning;
mod takedown;
mod unit_notice;
mod versions;

use std::collections::HashMap;

use entity::Timestamp;
use entity::ids::{DealId, NoticeId, OrganisationId, PersonId};
use entity::notices::{NoticeKind, NoticeProposalKind, NoticeState, notice, notice_version};
use serde_json::Value;

pub use feed::{Fed, fed};
pub use opening::{arm_opening, open_within, standing_within};
pub use proposals::{NewErratum, propose_erratum, propose_withdrawal, publish_proposal, refuse_proposal, still_right, withdraw_within};
pub use reckoning::{AuctionNotices, SOON, end_within, ends_at, is_unsettled, on_end, opens_later, put_off_within};
pub use takedown::{restore, take_down};
pub use unit_notice::unit_notice_within;
pub use versions::{Told, course, difference, proposal_told, proposals, version, versions, with_hands};

use reckoning::Reckoned;

use super::events::NoticeEvent;
use super::http::OPERATIONS;
use super::rules::Matter;
use super::rules::period::Period;
use super::rules::proposal;
use super::rules::takedown as page;
use super::store::Wanted;
use super::views::{NoticeSummary, NoticeView};
use super::{rules, store};
use crate::house::{House, Tx};
use crate::identity;
use crate::platform::access::{self, Caller, Context, Permission, Permit, Unpublished};
use crate::platform::db;
use crate::platform::http::{Page, PageQuery};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Stops;

/// Timer: the period of a notice may be over.
const END: &str = "notices.end";

/// A notice to draft.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What it announces.
    pub kind: NoticeKind,
    /// What it is about.
    pub matter: Matter,
    /// The deal it is about, if one.
    pub deal_id: Option<DealId>,
    /// The organisation whose matter it is: the seller.
    pub organisation_id: OrganisationId,
    /// Who decided the case and may not publish it.
    pub barred_persons: Vec<PersonId>,
    /// The text for the public, redacted already; frozen as it is.
    pub content: Value,
}

/// Drafts a notice and freezes its text.
pub async fn draft_within(tx: &Tx, draft: Draft) -> Result<notice::Model, Problem> {
    let row = notice::Model {
        id: tx.id(),
        kind: draft.kind,
        state: NoticeState::Drafted,
        listing_id: draft.matter.listing(),
        negotiation_id: draft.matter.negotiation(),
        rights_grant_id: draft.matter.rights_grant(),
        open_licence_id: draft.matter.open_licence(),
        deal_id: draft.deal_id,
        organisation_id: draft.organisation_id,
        barred_persons: serde_json::to_value(&draft.barred_persons).map_err(|_| Code::Internal)?,
        current_version: 1,
        published_by: None,
        published_at: None,
        ends_at: None,
        period: None,
        taken_down_at: None,
        city: city_of(tx, &draft).await?,
        field: field_of(tx, &draft).await?,
        corrected_at: None,
        revised_at: None,
        final_at: None,
        withdrawn_at: None,
        withdrawal_reason: None,
        version: 1,
        created_at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("notice", row.id, &row);
    freeze(tx, &row, rules::canonical(&draft.content)).await?;
    Ok(row)
}

/// Freezes the text of a notice that stands from now on.
async fn freeze(tx: &Tx, of: &notice::Model, content: String) -> Result<(), Problem> {
    let sha256 = sha256(content.as_bytes()).to_vec();
    let text = notice_version::Model { notice_id: of.id, version: of.current_version, content, sha256, created_at: tx.now };
    db::insert(tx.conn(), text.clone()).await?;
    tx.created("notice_version", of.id, &text);
    Ok(())
}

/// What a frozen text says.
fn parsed(text: &notice_version::Model) -> Result<Value, Problem> {
    serde_json::from_str(&text.content).map_err(|_| Code::Internal.into())
}

/// The city of the organisation a notice is of: the first four of six digits of its division code.
async fn city_of(tx: &Tx, draft: &Draft) -> Result<Option<String>, Problem> {
    let organisation = identity::store::organisation(tx.conn(), draft.organisation_id).await?;
    Ok(organisation.and_then(|organisation| organisation.division_code.get(..4).map(|digits| format!("{digits}00"))))
}

/// The technical field of what a notice is about: as it says, or as an earlier one about the listing did.
async fn field_of(tx: &Tx, draft: &Draft) -> Result<Option<String>, Problem> {
    match draft.content.pointer("/achievement/field").and_then(Value::as_str) {
        Some(field) => Ok(Some(field.to_owned())),
        None => Ok(store::field_of(tx.conn(), draft.matter).await?),
    }
}

/// Puts a draft out, by somebody who did not decide the case; it runs for a period, or where it has none until it is withdrawn.
pub async fn publish_within(tx: &Tx, id: NoticeId, publisher: PersonId, period: Option<Period>) -> Result<notice::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let edition = tx.house.rulebook.current();
    let ends_at = period.as_ref().map(|period| period.ends(tx.now, &edition.calendar, &Stops::default()).ends_at);
    let period = period.map(serde_json::to_value).transpose().map_err(|_| Code::Internal)?;
    let next = notice::Model { period, ..rules::publish(&held, publisher, ends_at, tx.now)? };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", id, Some(&held), Some(&next));
    if let Some(ends_at) = ends_at {
        tx.arm(END, id, ends_at);
    }
    tx.publish(&NoticeEvent::published(&next))?;
    Ok(next)
}

/// What takes the place of a public text once what it tells of was agreed anew.
#[derive(Clone, Debug)]
pub struct Revision {
    /// The text for the public, as it was frozen for whoever publishes it.
    pub text: String,
    /// Why it takes the place of the one before, for everybody to read.
    pub reason: String,
    /// Who decided it, and when.
    pub proposed: (PersonId, Timestamp),
    /// Who publishes it.
    pub publisher: PersonId,
    /// How long it runs.
    pub period: Period,
    /// Who had a hand in what was agreed anew, and may not publish it.
    pub barred_persons: Vec<PersonId>,
}

/// Puts a further version of a public notice out, whose period begins anew.
pub async fn revise_within(tx: &Tx, id: NoticeId, new: Revision) -> Result<notice::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    let barred_persons = rules::also_barred(&held.barred_persons, &new.barred_persons)?;
    rules::second_person(&barred_persons, new.publisher)?;
    let ends_at = new.period.ends(tx.now, &tx.house.rulebook.current().calendar, &Stops::default()).ends_at;
    let period = Some(serde_json::to_value(&new.period).map_err(|_| Code::Internal)?);
    let next = notice::Model { period, barred_persons, ..rules::revised(&held, ends_at, tx.now)? };
    proposals::refuse_open_within(tx, id, new.publisher, proposals::REVISED).await?;
    let of = proposal::AtOnce {
        id: tx.id(),
        kind: NoticeProposalKind::Revision,
        reason: &new.reason,
        proposed: new.proposed,
        decided: (Some(new.publisher), tx.now),
    };
    replace(tx, &held, &next, new.text, &of).await?;
    tx.arm(END, id, ends_at);
    tx.publish(&NoticeEvent::revised(&next))?;
    Ok(next)
}

/// Puts a further text in the place of the one that stands, and writes down what made it.
async fn replace(tx: &Tx, held: &notice::Model, next: &notice::Model, text: String, of: &proposal::AtOnce<'_>) -> Result<(), Problem> {
    freeze(tx, next, text).await?;
    let made = proposal::made(held, next, of);
    db::insert(tx.conn(), made.clone()).await?;
    tx.created("notice_proposal", made.id, &made);
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", held.id, Some(held), Some(next));
    Ok(())
}

/// A notice about which nothing is open any more is final, once its period is over.
pub async fn make_final_within(tx: &Tx, id: NoticeId) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let Some(next) = rules::made_final(&held, tx.now) else { return Ok(()) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", id, Some(&held), Some(&next));
    tx.publish(&NoticeEvent::made_final(&next))
}

/// Reads a notice as its frozen text says it.
pub async fn read<P: Permission>(house: &House, by: &Context, permit: &Permit<P>, id: NoticeId) -> Result<NoticeView, Problem> {
    let found = store::find(house.db.read(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&found)?;
    let reckoned = Reckoned::of(house.db.read(), std::slice::from_ref(&found)).await?;
    if let Some(away) = reckoned.away(id).last().filter(|_| found.taken_down_at.is_some() && !is_insider(by, &found)) {
        return Err(Code::TakenDown.with("taken_down_at", away.taken_down_at).with("reason", &away.reason));
    }
    told(house, by, &reckoned, &found).await
}

/// A notice with its text as the caller is told of it.
async fn told(house: &House, by: &Context, reckoned: &Reckoned, found: &notice::Model) -> Result<NoticeView, Problem> {
    let text = store::version(house.db.read(), found.id, found.current_version).await?.ok_or(Code::Internal)?;
    let standing = reckoned.standing(house, found, house.world.now())?;
    let open: Vec<_> = page::open_to(found).into_iter().chain(proposal::open_to(found)).collect();
    let deeds = access::allowed(OPERATIONS, &by.caller, found, &open);
    let unit_notice = unit_notice::told(house, found).await?;
    let mut view = NoticeView::of(found, text, standing, reckoned.away(found.id), unit_notice, deeds);
    if is_insider(by, found) {
        view.open_changes = proposals::open_changes(house, found, &view.content, view.notice.ends_at, house.world.now())?;
    }
    Ok(view)
}

/// A notice after a deed, as the caller is told of it.
pub async fn told_after(house: &House, by: &Context, found: &notice::Model) -> Result<NoticeView, Problem> {
    let reckoned = Reckoned::of(house.db.read(), std::slice::from_ref(found)).await?;
    told(house, by, &reckoned, found).await
}

/// Whether a caller reads what the public does not: staff, and the organisation whose matter it is.
fn is_insider(by: &Context, notice: &notice::Model) -> bool {
    match &by.caller {
        Caller::System => true,
        Caller::Stranger => false,
        Caller::Person(actor) => actor.staff.is_some() || actor.organisation() == Some(notice.organisation_id),
    }
}

/// Lists notices. Drafts are listed only when asked for, and only to staff and to their organisation.
pub async fn list(house: &House, by: &Context, wanted: Wanted, page: &PageQuery) -> Result<Page<NoticeSummary>, Problem> {
    let wanted = if wanted.states.contains(&NoticeState::Drafted) { drafts_open_to(by, wanted) } else { wanted };
    let rows = store::list(house.db.read(), &wanted, page).await?;
    let versions = store::versions(house.db.read(), rows.iter().map(|row| row.id).collect()).await?;
    let mut texts: HashMap<_, _> = versions.into_iter().map(|text| ((text.notice_id, text.version), text)).collect();
    let reckoned = Reckoned::of(house.db.read(), &rows).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let text = texts.remove(&(row.id, row.current_version)).ok_or(Code::Internal)?;
        let standing = reckoned.standing(house, &row, house.world.now())?;
        found.push((row, text, standing));
    }
    let place = |(row, ..): &(notice::Model, _, _)| (row.published_at.unwrap_or(row.created_at), row.id.into());
    page.page(found, place, |(row, text, standing)| {
        let told = NoticeSummary::of(&row, &text, standing, reckoned.away(row.id));
        if row.taken_down_at.is_some() && !is_insider(by, &row) { told.without_text() } else { told }
    })
}

/// What of the drafts asked for a caller may see.
fn drafts_open_to(by: &Context, wanted: Wanted) -> Wanted {
    match by.lists_unpublished(wanted.organisation_id) {
        Unpublished::OfAll => wanted,
        Unpublished::Of(own) => Wanted { organisation_id: Some(own), ..wanted },
        Unpublished::OfNobody => Wanted { states: Vec::new(), ..wanted },
    }
}
