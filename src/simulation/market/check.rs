//! What was promised, held against what is stored once everything has ended.

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::auctions::{LotState, award, lot, lot_event};
use entity::ids::LotId;
use entity::money::Money;

use super::Failure;
use super::bidding::{Answer, Request, number_of};
use super::setting::Setting;
use crate::auctions::flows::{Receipt, course};
use crate::auctions::http::ReadLotCourse;
use crate::auctions::rules::clock::decided_at;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::verify::verify;
use crate::auctions::store;
use crate::deals;
use crate::house::House;
use crate::platform::access::{Caller, Permit};
use crate::platform::keys::{hex, sha256};
use crate::simulation::published;

/// How long after a lot is decided, or after nothing goes wrong any more, it is closed at the latest, seconds.
const LATEST_CLOSE: i64 = 5;
/// More events than a lot has in a run.
const ALL: u64 = 1_000_000;

/// What was found where every promise is kept.
#[derive(Default)]
pub(super) struct Found {
    pub sold: usize,
    pub bids: usize,
    pub together: usize,
    pub digest: String,
}

/// What is stored of a lot.
struct Kept {
    lot: lot::Model,
    events: Vec<(lot_event::Model, Body)>,
    awards: Vec<award::Model>,
    deals: usize,
}

/// Checks all lots; nothing went wrong any more from `calm` on.
pub(super) async fn check(house: &House, setting: &Setting, requests: &[Request], calm: Timestamp) -> Result<Found, Failure> {
    let (mut found, mut all) = (Found::default(), Vec::<u8>::new());
    if let Some(number) = requests.iter().position(|request| matches!(request.answer, Answer::Unknown)) {
        return Err(format!("request {number}: its bidder never learns what became of it").into());
    }
    for (index, id) in setting.lots.iter().enumerate() {
        let kept = kept(house, *id).await?;
        let wrong = |what: String| format!("lot {id}: {what}");
        let acknowledged = acknowledged(requests, index);
        each_is_stored(&kept, &acknowledged).map_err(wrong)?;
        each_was_acknowledged(&kept, requests, index).map_err(wrong)?;
        price_follows_from_the_log(&kept).map_err(wrong)?;
        closed_in_time(&kept, calm).map_err(wrong)?;
        awarded_once(&kept).map_err(wrong)?;
        verifies_and_replays(house, &kept, &acknowledged).await?;
        found.sold += usize::from(kept.lot.state == LotState::ClosedSold);
        found.bids += acknowledged.len();
        found.together += acknowledged.iter().filter(|(_, receipt)| is_one_of_several(receipt)).count();
        all.extend(id.0.as_bytes());
        all.extend(kept.events.iter().flat_map(|(event, _)| event.hash.iter()));
    }
    all.extend(requests.iter().flat_map(|request| request.told().into_bytes()));
    Ok(Found { digest: hex(&sha256(&all)), ..found })
}

/// Whether a bid was signed for together with others: those of one transaction are.
fn is_one_of_several(receipt: &Receipt) -> bool {
    receipt.signed.as_ref().is_some_and(|signed| signed.tree_size > 1)
}

async fn kept(house: &House, id: LotId) -> Result<Kept, Failure> {
    let db = house.db.read();
    let lot = store::lot(db, id).await?.ok_or("a lot is gone")?;
    let mut events = Vec::new();
    for event in store::events_after(db, id, 0, ALL).await? {
        let body = serde_json::from_str(&event.body)?;
        events.push((event, body));
    }
    Ok(Kept { lot, events, awards: store::awards(db, id).await?, deals: deals::store::of_lot(db, id).await?.len() })
}

/// The receipts that were given for a lot.
fn acknowledged(requests: &[Request], lot: usize) -> Vec<(&Request, &Receipt)> {
    let receipts = requests.iter().filter_map(|request| match &request.answer {
        Answer::Acknowledged(receipt) if request.lot == lot => Some((request, receipt.as_ref())),
        _ => None,
    });
    receipts.collect()
}

/// Every bid that was acknowledged stands in the log, at its number and price, and none stands for two.
fn each_is_stored(kept: &Kept, acknowledged: &[(&Request, &Receipt)]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for (request, receipt) in acknowledged {
        let stored = kept.events.iter().find(|(event, _)| event.seq == receipt.seq);
        let stands = stored.is_some_and(|(event, body)| {
            matches!(body, Body::BidPlaced { bidder, price, .. } if *bidder == receipt.bidder && *price == request.price)
                && event.hash == receipt.log_hash
        });
        if !stands {
            return Err(format!("the bid acknowledged as number {} is not stored", receipt.seq));
        }
        if !seen.insert(receipt.seq) {
            return Err(format!("number {} was acknowledged to two requests", receipt.seq));
        }
    }
    Ok(())
}

/// Every bid of the log was asked for, and its bidder told.
fn each_was_acknowledged(kept: &Kept, requests: &[Request], lot: usize) -> Result<(), String> {
    let bids = kept.events.iter().filter(|(_, body)| matches!(body, Body::BidPlaced { .. }));
    for (event, _) in bids {
        let request = event.request_id.as_deref().and_then(number_of).and_then(|number| requests.get(number));
        let told = request.is_some_and(|request| {
            request.lot == lot && matches!(&request.answer, Answer::Acknowledged(receipt) if receipt.seq == event.seq)
        });
        if !told {
            return Err(format!("number {} counts, and nobody was told so", event.seq));
        }
    }
    Ok(())
}

/// The price, its bidder and how many bid are those of the log.
fn price_follows_from_the_log(kept: &Kept) -> Result<(), String> {
    let bids: Vec<(&str, Money)> = kept.events.iter().filter_map(|(_, body)| bid(body)).collect();
    if !bids.is_sorted_by(|(_, one), (_, next)| one.minor < next.minor) {
        return Err("a bid that does not exceed the one before it counts".into());
    }
    let (leader, price) = bids.last().map_or((None, None), |(bidder, price)| (Some(*bidder), Some(price.minor)));
    let lot = &kept.lot;
    let counted = usize::try_from(lot.bid_count).ok();
    if lot.price_minor != price || lot.leader_pseudonym.as_deref() != leader || counted != Some(bids.len()) {
        return Err(format!(
            "it stands at {:?} after {} bids, and its log at {price:?} after {}",
            lot.price_minor,
            lot.bid_count,
            bids.len()
        ));
    }
    Ok(())
}

fn bid(body: &Body) -> Option<(&str, Money)> {
    match body {
        Body::BidPlaced { bidder, price, .. } => Some((bidder.as_str(), *price)),
        _ => None,
    }
}

/// It closed once, by the last of its events, not before its end was heard out, and not long after.
fn closed_in_time(kept: &Kept, calm: Timestamp) -> Result<(), String> {
    let closes: Vec<_> = kept.events.iter().filter(|(_, body)| matches!(body, Body::Sold { .. } | Body::Unsold { .. })).collect();
    let ([(close, _)], Some((last, _))) = (closes.as_slice(), kept.events.last()) else {
        return Err(format!("it closed {} times", closes.len()));
    };
    let due = decided_at(&kept.lot.terms, kept.lot.closes_at);
    if close.at < due {
        return Err(format!("it closed at {}, before {due}", close.at));
    }
    if (close.at - due.max(calm)).num_seconds() > LATEST_CLOSE {
        return Err(format!("it closed at {}, long after {due}", close.at));
    }
    if last.seq == close.seq { Ok(()) } else { Err("something happened after it had closed".into()) }
}

/// One award and one deal if it was sold, at the price that stands and to who leads; else none.
fn awarded_once(kept: &Kept) -> Result<(), String> {
    let right = match (kept.lot.state, kept.awards.as_slice()) {
        (LotState::ClosedSold, [award]) => {
            kept.deals == 1 && Some(award.price_minor) == kept.lot.price_minor && Some(award.admission_id) == kept.lot.leader_admission_id
        }
        (LotState::ClosedUnsold, []) => kept.deals == 0 && kept.lot.bid_count == 0,
        _ => false,
    };
    let told = || format!("it is {:?} with {} awards and {} deals", kept.lot.state, kept.awards.len(), kept.deals);
    if right { Ok(()) } else { Err(told()) }
}

/// What is published of it verifies, and every receipt with it; replayed, it leads to the lot as it is stored.
async fn verifies_and_replays(house: &House, kept: &Kept, acknowledged: &[(&Request, &Receipt)]) -> Result<(), Failure> {
    let id = kept.lot.id;
    let permit = Permit::<ReadLotCourse>::grant(&Caller::Stranger)?;
    let course = course(house, &permit, id).await?;
    let receipts: Vec<_> = acknowledged.iter().filter_map(|(_, receipt)| receipt.signed.clone()).collect();
    if receipts.len() != acknowledged.len() {
        return Err(format!("lot {id}: a bid was acknowledged without a signature").into());
    }
    verify(&course, &receipts, |_| {}).map_err(|fault| format!("lot {id}: its course does not verify: {fault}"))?;
    let replayed = published::replay(&course).map_err(|fault| format!("lot {id}: its course cannot be replayed: {fault}"))?;
    let known_by = |lot: &lot::Model| (lot.seq, lot.state, lot.price_minor, lot.bid_count, lot.closes_at, lot.head_hash.clone());
    if known_by(&replayed.lot) == known_by(&kept.lot) {
        Ok(())
    } else {
        Err(format!("lot {id}: replayed, its course leads to another end").into())
    }
}
