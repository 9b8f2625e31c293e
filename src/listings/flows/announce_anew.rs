//! What a seller proposed is published by a second person: the notice has a further version whose period begins again, another lot is
//! announced in the place of the one before, and whoever is registered goes on to it, or away with his deposit.

use entity::auctions::Pause;
use entity::gates::GateStage;
use entity::ids::{ListingAmendmentId, LotId, PersonId};
use entity::listings::{AmendmentState, listing, listing_amendment};

use super::super::http::PublishListingAmendment;
use super::super::rules::pricing::{self, Bidding};
use super::super::rules::{self, amendment, machine, schedule};
use super::super::store;
use super::super::views::NewAmendmentPublication;
use super::amend::both;
use super::announce::{Announced, announce_within};
use super::draw::{still_right_if, texts};
use super::gates::examined;
use super::look::{Sight, look};
use super::submit::refusal;
use super::{auction_notice, officer, reserve};
use crate::admissions::flows::carry_over_within;
use crate::auctions::flows::{abort_within, pause_for_objection, pause_within};
use crate::auctions::rules::pause::Order;
use crate::gates::flows::record_within;
use crate::house::{Done, House, Tx};
use crate::notices::flows::{Revision, revise_within};
use crate::notices::rules::{Matter, barred};
use crate::platform::access::{Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;
use crate::{notices, objections};

/// Publishes what was proposed.
pub async fn publish_amendment(
    house: &House,
    by: &Context,
    permit: Permit<PublishListingAmendment>,
    id: ListingAmendmentId,
    new: NewAmendmentPublication,
) -> Result<Done<listing_amendment::Model>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(publish_within(&tx, &permit, id, &new)).await }).await
}

async fn publish_within(
    tx: &Tx,
    permit: &Permit<PublishListingAmendment>,
    id: ListingAmendmentId,
    new: &NewAmendmentPublication,
) -> Result<listing_amendment::Model, Problem> {
    let (held, proposed) = both(tx, permit, id).await?;
    let done = Box::pin(publish_held(tx, (&held, &proposed), new)).await;
    done.map_err(|refusal| refusal.instead(&["refuse_listing_amendment"]))
}

async fn publish_held(
    tx: &Tx,
    (held, proposed): (&listing::Model, &listing_amendment::Model),
    new: &NewAmendmentPublication,
) -> Result<listing_amendment::Model, Problem> {
    let publisher = officer(tx, held).await?;
    amendment::may_publish(proposed, held, publisher)?;
    objections::flows::may_be_put_right(tx.conn(), Matter::Listing(held.id)).await?;
    new.drafted_sha256.means(&proposed.drafted_sha256, "/drafted_sha256")?;
    let notice = notices::store::find(tx.conn(), held.notice_id.ok_or(Code::Internal)?).await?.ok_or(Code::Internal)?;
    amendment::stands_on(proposed, notice.current_version)?;
    let amended = listing::Model { offer: proposed.offer.clone(), reserve_sealed: proposed.reserve_sealed.clone(), ..held.clone() };
    let sight = look(tx, &amended).await?;
    let report = Box::pin(examined(tx, &amended, &sight, GateStage::Amendment)).await?;
    report.passed()?;
    record_within(tx, held.id, None, &report).await?;
    // As it was drafted and read, like a listing that was approved.
    let rules = rules::read_rules(proposed.rules.clone())?;
    let (next, bidding) = announced(tx, held, &sight, &rules, proposed, publisher.person).await?;
    let timing = machine::dates(&next).ok_or(Code::Internal)?;
    let revision = Revision {
        text: proposed.drafted.clone(),
        reason: proposed.reason.clone(),
        proposed: (proposed.proposed_by, proposed.proposed_at),
        publisher: publisher.person,
        period: schedule::period(&sight.offer, &rules, timing, tx.now)?,
        barred_persons: vec![proposed.proposed_by],
    };
    let revised = revise_within(tx, notice.id, revision.clone()).await?;
    let of_auction = Revision {
        period: schedule::auction_period(&rules, timing, tx.now)?,
        barred_persons: barred(&revised.barred_persons)?,
        ..revision
    };
    let auction = still_right_if(tx, held.auction_notice_id, texts(held.id, &sight, &bidding, &rules)?.1).await?;
    let auction_notice_id = auction_notice::announced_anew(tx, held, auction, of_auction).await?;
    let next = listing::Model { auction_notice_id, ..next };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("listing", next.id, Some(held), Some(&next));
    let done = amendment::published(proposed, publisher.person, next.lot_id.ok_or(Code::Internal)?, tx.now);
    db::update(tx.conn(), done.clone()).await?;
    tx.changed("listing_amendment", done.id, Some(proposed), Some(&done));
    Ok(done)
}

/// Announces another lot in the place of a listing's, to which whoever is registered goes on; the listing after it, and how it is bid for. The lot is held
/// before its call.
async fn announced(
    tx: &Tx,
    held: &listing::Model,
    sight: &Sight,
    rules: &Snapshot,
    proposed: &listing_amendment::Model,
    publisher: PersonId,
) -> Result<(listing::Model, Bidding), Problem> {
    let timing = schedule::plan(&sight.offer, rules, &sight.edition.calendar, tx.now)?;
    amendment::comes_no_nearer(held, timing)?;
    let (before, lot_id) = (held.lot_id.ok_or(Code::Internal)?, tx.id());
    let amended = machine::amended(held, &sight.offer, proposed.offer.clone(), proposed.reserve_sealed.clone());
    let next = machine::announced_anew(&amended, lot_id, timing, rules)?;
    let commitment = reserve::commitment(tx, &next, &sight.offer)?;
    let bidding = pricing::settle(&sight.offer, rules, commitment.as_deref())?;
    let pause = store::hold_lot(tx.conn(), before).await?.and_then(|lot| lot.pause);
    abort_within(tx, before, machine::ANNOUNCED_ANEW).await?;
    store::set_assets(tx.conn(), held.id, &sight.offer.asset_ids).await?;
    if next.mode.is_exclusive() {
        store::set_held(tx.conn(), held.id, true).await.map_err(|error| refusal(&sight.offer, error))?;
    }
    let earlier = store::amendments_of(tx.conn(), held.id, Some(AmendmentState::Published)).await?;
    let others = amendment::hands(&earlier).into_iter().chain([proposed.proposed_by]);
    let proposers = earlier.iter().map(|one| one.proposed_by).chain([proposed.proposed_by]);
    let of = Announced {
        listing: &next,
        offer: &sight.offer,
        rules,
        assets: &sight.assets,
        bidding: &bidding,
        decided: held.reviewer.into_iter().chain(held.submitted_by).chain(proposers).collect(),
        hands: machine::hands(held, publisher).into_iter().chain(others).collect(),
    };
    announce_within(tx, of, timing).await?;
    carry_over_within(tx, before, lot_id).await?;
    go_on_pausing(tx, lot_id, pause).await?;
    Ok((next, bidding))
}

/// A lot announced in the place of one that was paused is paused too: what was found right is not put right, nor is what the host waits for
/// over, before somebody says so.
async fn go_on_pausing(tx: &Tx, lot: LotId, pause: Option<Pause>) -> Result<(), Problem> {
    let Some(pause) = pause else { return pause_for_objection(tx, lot).await };
    let held = store::hold_lot(tx.conn(), lot).await?.ok_or(Code::Internal)?;
    let order = Order { reason: pause.reason, ..Order::default() };
    pause_within(tx, &held, &order).await.map(|_| ())
}
