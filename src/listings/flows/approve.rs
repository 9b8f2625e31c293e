//! Approval: the gates again, the rules frozen, the notice drawn up.

use entity::ids::ListingId;
use entity::listings::listing;
use entity::notices::NoticeKind;

use super::super::http::ApproveListing;
use super::super::rules::content::{Announcement, listing_notice};
use super::super::rules::{self, gates, machine, pricing};
use super::super::store;
use super::{look, officer, record, reserve};
use crate::house::{Done, House, Tx};
use crate::notices::flows::{Draft, draft_within};
use crate::notices::rules::Matter;
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Finds a listing fit for publication.
pub async fn approve(house: &House, by: &Context, permit: Permit<ApproveListing>, id: ListingId) -> Result<Done<listing::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { approve_within(&tx, &permit, id).await }).await
}

async fn approve_within(tx: &Tx, permit: &Permit<ApproveListing>, id: ListingId) -> Result<listing::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let reviewer = officer(tx, &held).await?;
    machine::may_approve(&held, reviewer)?;
    let sight = look::look(tx, &held).await?;
    gates::approval(&sight.case(tx.now))?;
    let commitment = reserve::commitment(tx, &held, &sight.offer)?;
    let bidding = pricing::settle(&sight.offer, &sight.rules, commitment.as_deref())?;
    let content = listing_notice(&Announcement {
        id,
        offer: &sight.offer,
        seller: &sight.seller,
        achievement: &sight.achievement,
        assets: &sight.assets,
        bidding: &bidding,
        attachments: &sight.attachments,
        rules: &sight.rules,
    })?;
    let notice = draft_within(
        tx,
        Draft {
            kind: NoticeKind::Listing,
            matter: Matter::Listing(id),
            deal_id: None,
            organisation_id: held.organisation_id,
            barred_persons: machine::hands(&held, reviewer.person),
            content,
        },
    )
    .await?;
    let next = machine::approved(&held, reviewer, rules::kept(&sight.rules)?, sight.rules.version, notice.id)?;
    record(tx, &held, &next).await?;
    Ok(next)
}
