//! A published listing is to be offered otherwise: proposed by its seller.

use entity::identity::SellerClass;
use entity::ids::{DocumentId, ListingAmendmentId, ListingId, OrganisationId, PersonId};
use entity::listings::{AmendmentState, listing, listing_amendment};
use serde_json::Value;

use super::super::http::{ProposeListingAmendment, RefuseListingAmendment};
use super::super::rules::machine::{self, Deed};
use super::super::rules::{self, Offer, amendment, schedule};
use super::super::store;
use super::super::views::NewListingAmendment;
use super::create::checked;
use super::draw::{Drawn, redrawn};
use super::{contact, officer, seller};
use crate::documents::flows::usable_within;
use crate::documents::views::DocumentRef;
use crate::house::{Done, House, Tx};
use crate::notices;
use crate::notices::rules::canonical;
use crate::platform::access::{Context, Permission, Permit};
use crate::platform::db;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// Proposes to offer a published listing otherwise.
pub async fn propose_amendment(
    house: &House,
    by: &Context,
    permit: Permit<ProposeListingAmendment>,
    id: ListingId,
    new: NewListingAmendment,
) -> Result<Done<listing_amendment::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(propose_within(&tx, &permit, id, new)).await }).await
}

async fn propose_within(
    tx: &Tx,
    permit: &Permit<ProposeListingAmendment>,
    id: ListingId,
    new: NewListingAmendment,
) -> Result<listing_amendment::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    let (proposed_by, organisation_id) = seller(tx)?;
    tx.by.expects(held.version)?;
    let row = Box::pin(drafted(tx, &held, (proposed_by, organisation_id), new)).await;
    let row = row.map_err(|refusal| machine::instead(&held, Deed::Amend, refusal))?;
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("listing_amendment", row.id, &row);
    Ok(row)
}

/// What is proposed about a held listing, with the text that is to take the place of its notice's.
async fn drafted(
    tx: &Tx,
    held: &listing::Model,
    (proposed_by, organisation_id): (PersonId, OrganisationId),
    new: NewListingAmendment,
) -> Result<listing_amendment::Model, Problem> {
    let id = held.id;
    amendment::may_be_proposed(held, store::open_amendment(tx.conn(), id).await?.as_ref())?;
    amendment::reason(&new.reason)?;
    amendment::same_matter(&contact::offer_of(&tx.house, held)?, &new.offer)?;
    let new_offer = set_right(tx, held, new.offer).await?;
    let (offer, reserve_sealed) = checked(tx, id, new_offer, held.reserve_sealed.clone()).await?;
    let next = machine::amended(held, &offer, rules::kept_offer(&offer)?, reserve_sealed);
    let Drawn { sight, content, .. } = redrawn(tx, &next).await?;
    let timing = schedule::plan(&sight.offer, &sight.rules, &sight.edition.calendar, tx.now)?;
    amendment::comes_no_nearer(held, timing)?;
    let decision = decision(tx, new.decision_document_id, organisation_id, &sight.rules).await?;
    let base_version = differs(tx, held, &content).await?;
    let drafted = canonical(&amendment::resting_on(content, decision.clone()));
    Ok(listing_amendment::Model {
        id: tx.id(),
        listing_id: id,
        organisation_id,
        state: AmendmentState::Open,
        offer: next.offer,
        reserve_sealed: next.reserve_sealed,
        decision_document: decision.as_ref().map(rules::kept).transpose()?,
        rules: rules::kept(&sight.rules)?,
        drafted_sha256: sha256(drafted.as_bytes()).to_vec(),
        drafted,
        base_version,
        reason: new.reason,
        proposed_by,
        proposed_at: tx.now,
        decided_by: None,
        decided_at: None,
        decision_reason: None,
        lot_id: None,
        version: 1,
    })
}

/// The offer in which what errata of the notice set right stays right: its lot bears the same title.
async fn set_right(tx: &Tx, held: &listing::Model, offer: Offer) -> Result<Offer, Problem> {
    let notice = held.notice_id.ok_or(Code::Internal)?;
    rules::read_offer(notices::flows::still_right(tx, notice, rules::kept(&offer)?).await?)
}

/// What is proposed about a held listing, and waits, is not done any more.
pub(super) async fn end_open_within(tx: &Tx, listing: ListingId, why: &str) -> Result<(), Problem> {
    let Some(open) = store::open_amendment(tx.conn(), listing).await? else { return Ok(()) };
    let open = store::hold_amendment(tx.conn(), open.id).await?.ok_or(Code::Internal)?;
    let next = amendment::overtaken(&open, why, tx.now);
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("listing_amendment", next.id, Some(&open), Some(&next));
    Ok(())
}

/// The decision it rests on, as it is now; the rules say whether there must be one.
async fn decision(tx: &Tx, given: Option<DocumentId>, seller: OrganisationId, rules: &Snapshot) -> Result<Option<DocumentRef>, Problem> {
    let Some(id) = given else {
        let wanted = rules.class != SellerClass::Rehearsal && rules.flag("amendment_decision").map_err(|_| Code::Internal)?;
        let missing =
            || Code::Invalid.at("/decision_document_id", "missing_field", "须附单位的决策文件", "the seller's decision must go with it");
        return if wanted { Err(missing()) } else { Ok(None) };
    };
    usable_within(tx, id, seller).await.map(Some)
}

/// The version of the notice a new text is to take the place of; refused where it says nothing else.
async fn differs(tx: &Tx, held: &listing::Model, content: &Value) -> Result<i64, Problem> {
    let notice = held.notice_id.ok_or(Code::Internal)?;
    let notice = notices::store::find(tx.conn(), notice).await?.ok_or(Code::Internal)?;
    let text = notices::store::version(tx.conn(), notice.id, notice.current_version).await?.ok_or(Code::Internal)?;
    let stands = serde_json::from_str(&text.content).map_err(|_| Code::Internal)?;
    if amendment::says_the_same(&stands, content) {
        return Err(Code::Invalid.at("/offer", "same", "与现行公告相同", "is what the notice says already"));
    }
    Ok(notice.current_version)
}

/// A listing and what is proposed about it, held in this order, where the caller may do this and has seen how it stands.
pub(super) async fn both<P: Permission>(
    tx: &Tx,
    permit: &Permit<P>,
    id: ListingAmendmentId,
) -> Result<(listing::Model, listing_amendment::Model), Problem> {
    let known = store::amendment(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&known)?;
    let listing = store::hold(tx.conn(), known.listing_id).await?.ok_or(Code::Internal)?;
    let held = store::hold_amendment(tx.conn(), id).await?.ok_or(Code::Internal)?;
    tx.by.expects(held.version)?;
    Ok((listing, held))
}

/// What was proposed is not done.
pub async fn refuse_amendment(
    house: &House,
    by: &Context,
    permit: Permit<RefuseListingAmendment>,
    id: ListingAmendmentId,
    reason: String,
) -> Result<Done<listing_amendment::Model>, Problem> {
    house
        .write(by, (permit, id, reason), |tx, (permit, id, reason)| async move {
            let (listing, held) = both(&tx, &permit, id).await?;
            let by = officer(&tx, &listing).await?;
            amendment::may_refuse(&held, by, tx.by.actor()?.staff.is_some())?;
            let next = amendment::refused(&held, by.person, &reason, tx.now)?;
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("listing_amendment", id, Some(&held), Some(&next));
            Ok(next)
        })
        .await
}
