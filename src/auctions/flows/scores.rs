//! Scores of bidders, where the price is one indicator among others: recorded before anybody knows a price, never changed, only
//! corrected by another version.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use entity::admissions::{AdmissionState, admission};
use entity::auctions::{LotState, lot};
use entity::ids::LotId;
use entity::scores::{Scorecard, bidder_score};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};

use super::{CLOSE, clock};
use crate::admissions;
use crate::auctions::http::scores::{ReadLotScores, RecordScores};
use crate::auctions::rules::clock::{is_over, next_look};
use crate::auctions::rules::sealed::scores::{Entry, Scores, criteria, is_weighted, may_score, well_given};
use crate::auctions::store;
use crate::auctions::views::scores::NewScores;
use crate::house::{Done, House, Tx};
use crate::notices::rules::second_person;
use crate::platform::access::{Caller, Context, Permit};
use crate::platform::db;
use crate::platform::problem::{Code, Problem};

/// A version of a bidder's scores.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Scored {
    /// The bidder's pseudonym.
    pub bidder: String,
    /// The version.
    pub row: bidder_score::Model,
}

/// The scores of a lot as officers see them.
pub struct LotScores {
    /// Whether its bids could be opened, but for what is missing.
    pub waits: bool,
    /// Every admitted bidder, whether or not he has sealed a bid, with every version of his scores, the latest first.
    pub bidders: Vec<(admission::Model, Vec<bidder_score::Model>)>,
}

/// Records the scores of a bidder, or corrects them.
pub async fn record_scores(
    house: &House,
    by: &Context,
    permit: Permit<RecordScores>,
    id: LotId,
    new: NewScores,
) -> Result<Done<Scored>, Problem> {
    house.write(by, (permit, id, new), |tx, (permit, id, new)| async move { Box::pin(record_within(&tx, &permit, id, new)).await }).await
}

async fn record_within(tx: &Tx, permit: &Permit<RecordScores>, id: LotId, new: NewScores) -> Result<Scored, Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::NotFound)?;
    permit.over(&held)?;
    tx.by.expects(held.seq)?;
    may_score(&held)?;
    let officer = tx.by.actor()?.person;
    second_person(&held.barred_persons, officer)?;
    let bidder = admissions::store::admission(tx.conn(), new.admission_id).await?.filter(|one| one.lot_id == id && is_admitted(one));
    let bidder = bidder.ok_or_else(|| Code::Invalid.at("/admission_id", "unknown", "不是该标的的竞买人", "is no bidder of this lot"))?;
    let last = store::scores::last(tx.conn(), bidder.id).await?;
    let entry = Entry { scores: &new.scores, protocol: &new.protocol, reason: new.reason.as_ref(), corrects: last.is_some() };
    well_given(criteria(&held.terms.format), entry)?;
    let row = bidder_score::Model {
        admission_id: bidder.id,
        version: last.map_or(1, |last| last.version + 1),
        lot_id: id,
        person_id: officer,
        request_id: tx.by.request_id.clone(),
        scorecard: Scorecard { given: new.scores },
        protocol: new.protocol,
        reason: new.reason,
        at: tx.now,
    };
    db::insert(tx.conn(), row.clone()).await?;
    tx.created("bidder_score", bidder.id, &row);
    // Bids that waited for these scores alone are opened with them, by the market.
    if is_over(&held, tx.now) {
        Box::pin(clock::on_close(&tx.in_the_name_of(Caller::System, CLOSE), id.into())).await?;
    } else if let Some(at) = next_look(&held).filter(|_| held.state == LotState::OpenFree) {
        // A server whose clock is ahead may have looked already, and found these missing. A look at an instant is armed once, so that
        // each of these has one of its own.
        let recorded = i64::try_from(store::scores::all(tx.conn(), id).await?.len()).unwrap_or(i64::MAX);
        tx.arm(CLOSE, id, at + TimeDelta::microseconds(recorded));
    }
    Ok(Scored { bidder: bidder.pseudonym.ok_or(Code::Internal)?, row })
}

/// The scores of a lot, for officers.
pub async fn lot_scores(house: &House, permit: &Permit<ReadLotScores>, id: LotId) -> Result<LotScores, Problem> {
    let db = house.db.read();
    let lot = store::lot(db, id).await?.ok_or(Code::NotFound)?;
    permit.over(&lot)?;
    if !is_weighted(&lot.terms.format) {
        return Err(Code::NotFound.into());
    }
    let mut versions: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for row in store::scores::all(db, id).await? {
        versions.entry(row.admission_id).or_default().push(row);
    }
    let bidders = admissions::store::all(db, id).await?.into_iter().filter(|one| one.pseudonym.is_some());
    let with_scores = |one: admission::Model| {
        let rows = versions.remove(&one.id).unwrap_or_default();
        (one, rows)
    };
    Ok(LotScores { waits: is_over(&lot, house.world.now()), bidders: bidders.map(with_scores).collect() })
}

/// Whether the bids of a lot cannot be opened yet, since an admitted bidder has no scores. All who are admitted are asked about, so
/// that it tells nothing of who has sealed a bid.
pub(super) async fn are_missing(db: &impl ConnectionTrait, lot: &lot::Model) -> Result<bool, Problem> {
    if !is_weighted(&lot.terms.format) {
        return Ok(false);
    }
    let scored = of_bidders(db, lot).await?;
    let admitted = admissions::store::all(db, lot.id).await?.into_iter().filter(is_admitted);
    Ok(admitted.filter_map(|one| one.pseudonym).any(|bidder| !scored.contains_key(&bidder)))
}

/// What the bidders of a lot were given at last.
pub(super) async fn of_bidders(db: &impl ConnectionTrait, lot: &lot::Model) -> Result<Scores, Problem> {
    let admissions = admissions::store::all(db, lot.id).await?;
    let names: BTreeMap<_, _> = admissions.into_iter().filter_map(|one| Some((one.id, one.pseudonym?))).collect();
    let mut scores = Scores::new();
    for row in store::scores::all(db, lot.id).await? {
        // Of each bidder the latest comes first.
        if let Some(bidder) = names.get(&row.admission_id) {
            scores.entry(bidder.clone()).or_insert(row.scorecard.given);
        }
    }
    Ok(scores)
}

fn is_admitted(one: &admission::Model) -> bool {
    one.state == AdmissionState::Admitted
}
