//! What was promised, held against what is stored once everything has ended.

mod ends;
mod open;
mod rounds;
mod sealed;

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::auctions::{LotState, award, first_offer, lot, lot_event, sealed_bid};
use entity::ids::{AdmissionId, LotId};

use super::Failure;
use super::bidding::{Answer, Request, number_of};
use super::deeds::Given;
use super::setting::Setting;
use crate::auctions::flows::course;
use crate::auctions::http::ReadLotCourse;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::rounds::is_by_rounds;
use crate::auctions::rules::verify::{Known, Receipts, verify_with};
use crate::auctions::store;
use crate::house::House;
use crate::platform::access::{Caller, Permit};
use crate::platform::keys::{hex, sha256};
use crate::simulation::published;
use crate::{admissions, deals};

/// More events than a lot has in a run.
const ALL: u64 = 1_000_000;

/// What was found where every promise is kept.
#[derive(Default)]
pub(super) struct Found {
    pub sold: usize,
    pub formats: BTreeSet<&'static str>,
    pub bids: usize,
    pub together: usize,
    pub digest: String,
}

/// What is stored of a lot.
struct Kept {
    lot: lot::Model,
    events: Vec<(lot_event::Model, Body)>,
    sealed: Vec<sealed_bid::Model>,
    first_offers: Vec<first_offer::Model>,
    awards: Vec<award::Model>,
    deals: usize,
    /// Who bids under which admission.
    names: Vec<(AdmissionId, String)>,
}

impl Kept {
    fn name(&self, admission: AdmissionId) -> Option<&str> {
        self.names.iter().find(|(known, _)| *known == admission).map(|(_, name)| name.as_str())
    }
}

/// What was acknowledged of a lot, with the number of its request.
type Acknowledged<'a> = Vec<(usize, &'a Request, &'a Given)>;

/// Checks all lots; nothing went wrong any more from `calm` on.
pub(super) async fn check(house: &House, setting: &Setting, requests: &[Request], calm: Timestamp) -> Result<Found, Failure> {
    let (mut found, mut all) = (Found::default(), Vec::<u8>::new());
    if let Some(number) = requests.iter().position(|request| matches!(request.answer, Answer::Unknown)) {
        return Err(format!("request {number}: its bidder never learns what became of it").into());
    }
    for (index, id) in setting.lots.iter().enumerate() {
        let kept = kept(house, *id).await?;
        let format = kept.lot.terms.format.code();
        let wrong = |what: String| format!("lot {id} ({format}): {what}");
        let acknowledged = acknowledged(requests, index);
        if kept.lot.terms.format.is_sealed() {
            sealed::hold(&kept, &acknowledged).map_err(wrong)?;
        } else if is_by_rounds(&kept.lot.terms) {
            rounds::hold(&kept, &acknowledged).map_err(wrong)?;
        } else {
            open::hold(&kept, &acknowledged).map_err(wrong)?;
        }
        ends::closed_in_time(&kept, calm).map_err(wrong)?;
        ends::awarded_once(&kept).map_err(wrong)?;
        verifies_and_replays(house, &kept, &acknowledged).await?;
        found.sold += usize::from(kept.lot.state == LotState::ClosedSold);
        found.bids += acknowledged.len();
        found.together += acknowledged.iter().filter(|(_, _, given)| given.is_one_of_several()).count();
        if !acknowledged.is_empty() {
            found.formats.insert(format);
        }
        all.extend(id.0.as_bytes());
        all.extend(kept.events.iter().flat_map(|(event, _)| event.hash.iter()));
    }
    all.extend(requests.iter().flat_map(|request| request.told().into_bytes()));
    Ok(Found { digest: hex(&sha256(&all)), ..found })
}

async fn kept(house: &House, id: LotId) -> Result<Kept, Failure> {
    let db = house.db.read();
    let lot = store::lot(db, id).await?.ok_or("a lot is gone")?;
    let mut events = Vec::new();
    for event in store::events_after(db, id, 0, ALL).await? {
        let body = serde_json::from_str(&event.body)?;
        events.push((event, body));
    }
    // Of the round among equals as well.
    let mut sealed = store::sealed_bids(db, id, 1).await?;
    sealed.extend(store::sealed_bids(db, id, 2).await?);
    let admitted = admissions::store::all(db, id).await?;
    Ok(Kept {
        lot,
        events,
        sealed,
        first_offers: store::first_offers(db, id).await?,
        awards: store::awards(db, id).await?,
        deals: deals::store::of_lot(db, id).await?.len(),
        names: admitted.into_iter().filter_map(|admission| Some((admission.id, admission.pseudonym?))).collect(),
    })
}

/// What was acknowledged of a lot.
fn acknowledged(requests: &[Request], lot: usize) -> Acknowledged<'_> {
    let of_lot = requests.iter().enumerate().filter(|(_, request)| request.lot == lot);
    of_lot.filter_map(|(number, request)| Some((number, request, request.given()?))).collect()
}

/// What was acknowledged to the request that something stored is of.
fn told<'a>(acknowledged: &Acknowledged<'a>, request_id: &str) -> Option<(&'a Request, &'a Given)> {
    let asked = number_of(request_id)?;
    acknowledged.iter().find(|(number, ..)| *number == asked).map(|(_, request, given)| (*request, *given))
}

/// What is published of it verifies, and every receipt with it; replayed, it leads to the lot as it is stored.
async fn verifies_and_replays(house: &House, kept: &Kept, acknowledged: &Acknowledged<'_>) -> Result<(), Failure> {
    let id = kept.lot.id;
    let permit = Permit::<ReadLotCourse>::grant(&Caller::Stranger)?;
    let course = course(house, &permit, id).await?;
    let mut receipts = Receipts::default();
    for (number, _, given) in acknowledged {
        let is_signed = given.receipt().is_some_and(|text| receipts.add(&text));
        if !is_signed {
            return Err(format!("lot {id}: request {number} was acknowledged without a signature").into());
        }
    }
    let verified = verify_with(&course, &receipts, &Known::default(), |_| {});
    verified.map_err(|fault| format!("lot {id}: its course does not verify: {fault}"))?;
    let replayed = published::replay(&course).map_err(|fault| format!("lot {id}: its course cannot be replayed: {fault}"))?;
    let known_by = |lot: &lot::Model| (lot.seq, lot.state, lot.price_minor, lot.bid_count, lot.closes_at, lot.head_hash.clone());
    if known_by(&replayed.lot) == known_by(&kept.lot) {
        Ok(())
    } else {
        Err(format!("lot {id}: replayed, its course leads to another end").into())
    }
}
