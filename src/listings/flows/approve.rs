//! Approval: the gates again, the rules frozen, the notices drawn up.

use entity::gates::GateStage;
use entity::ids::ListingId;
use entity::listings::listing;
use entity::notices::NoticeKind;

use super::super::http::ApproveListing;
use super::super::rules::machine::{self, Deed};
use super::super::store;
use super::auction_notice::drafted;
use super::draw::{Drawn, drawn_up};
use super::gates::examined;
use super::look::look;
use super::{officer, record};
use crate::gates::flows::record_within;
use crate::house::{Done, House, Tx};
use crate::platform::access::{Context, Permit};
use crate::platform::problem::{Code, Problem};

/// Finds a listing fit for publication.
pub async fn approve(house: &House, by: &Context, permit: Permit<ApproveListing>, id: ListingId) -> Result<Done<listing::Model>, Problem> {
    house.write(by, (permit, id), |tx, (permit, id)| async move { Box::pin(approve_within(&tx, &permit, id)).await }).await
}

async fn approve_within(tx: &Tx, permit: &Permit<ApproveListing>, id: ListingId) -> Result<listing::Model, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.version)?;
    let reviewer = officer(tx, &held).await?;
    machine::may_approve(&held, reviewer)?;
    let drawn = Box::pin(through_the_gates(tx, &held)).await.map_err(|refusal| machine::instead(&held, Deed::Approve, refusal))?;
    let Drawn { sight, content, auction } = drawn;
    let hands = machine::hands(&held, reviewer.person);
    let notice = drafted(tx, &held, NoticeKind::Listing, hands.clone(), content).await?;
    let of_auction = match auction {
        Some(content) => Some(drafted(tx, &held, NoticeKind::Auction, hands, content).await?),
        None => None,
    };
    let next = machine::approved(&held, reviewer, &sight.rules, notice, of_auction)?;
    record(tx, &held, &next).await?;
    Ok(next)
}

/// Lets an offer through all the gates, keeps what they found, and draws up its notices.
async fn through_the_gates(tx: &Tx, held: &listing::Model) -> Result<Drawn, Problem> {
    let sight = look(tx, held).await?;
    let report = examined(tx, held, &sight, GateStage::Approval).await?;
    report.passed()?;
    record_within(tx, held.id, None, &report).await?;
    drawn_up(tx, held, sight).await
}
