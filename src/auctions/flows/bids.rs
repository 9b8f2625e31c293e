//! Placing bids in one transaction: hold their lots, judge in the order in which they arrived, write everything once.

use std::collections::{BTreeMap, HashSet};

use entity::auctions::{lot, lot_event};
use entity::ids::LotId;

use super::bid::{Receipt, attempt_under, is_suspended, receipt_of, seen, statement, unrevealing, with_seals};
use super::known::Known;
use super::outage::after_outages;
use super::receipt_tree::{self, Leaf};
use super::{Change, maxima, stored};
use crate::auctions::http::PlaceBid;
use crate::auctions::rules::clock::seems_due;
use crate::auctions::rules::jump::meant;
use crate::auctions::rules::proxy::Hidden;
use crate::auctions::rules::receipt::{self, BidStatement};
use crate::auctions::rules::{Accepted, Attempt, judge_knowing};
use crate::auctions::store;
use crate::auctions::views::NewBid;
use crate::house::{Reading, Tx};
use crate::platform::access::Permit;
use crate::platform::audit;
use crate::platform::problem::{Code, Problem};

/// How long all bids of a batch wait for a lot that somebody else holds, as PostgreSQL says it: longer than another
/// server's batch takes, and short beside the second in which a bid is to be answered, for every bid at this server waits with them.
const A_MOMENT: &str = "'100ms'";

/// A bid as it is brought to the floor.
#[derive(Clone)]
pub struct PlacedBid {
    /// That its caller may bid at all.
    pub permit: Permit<PlaceBid>,
    /// For which lot.
    pub lot: LotId,
    /// What he bids.
    pub new: NewBid,
}

/// What bids came to.
#[derive(Default)]
pub(super) struct Placed {
    /// What became of each.
    pub outcomes: Vec<Result<Receipt, Problem>>,
    /// The lots for which any counts, as they stand once it is stored.
    pub lots: Vec<lot::Model>,
}

/// A bid that counts.
struct Counted {
    bidder: String,
    accepted: Accepted,
}

/// The lots that are bid for, held, as bids need them.
#[derive(Clone, Default)]
pub(super) struct Held {
    lots: Vec<lot::Model>,
    /// Those that somebody else holds now, where nobody waits for them.
    elsewhere: HashSet<LotId>,
}

/// Holds the lots that are bid for, whoever else bids for them, in the order everybody holds them in. Those that somebody else holds
/// are waited for, or passed over.
pub(super) async fn hold(tx: &Tx, mut ids: Vec<LotId>, waits: Waits) -> Result<Held, Problem> {
    ids.sort_unstable();
    ids.dedup();
    let lots = match waits {
        Waits::Not => return passing_over(tx, ids).await,
        Waits::AMoment => {
            tx.wait_for_locks(A_MOMENT).await?;
            let lots = store::hold_to_bid(tx.conn(), &ids).await?;
            tx.wait_for_locks("DEFAULT").await?;
            lots
        }
        Waits::AsDeedsDo => store::hold_to_bid(tx.conn(), &ids).await?,
    };
    Ok(Held { lots, elsewhere: HashSet::new() })
}

async fn passing_over(tx: &Tx, mut ids: Vec<LotId>) -> Result<Held, Problem> {
    let lots = tx.house.lots.hold(tx.conn(), &ids).await?;
    let held: HashSet<LotId> = lots.iter().map(|lot| lot.id).collect();
    ids.retain(|id| !held.contains(id));
    let elsewhere = if ids.is_empty() { Vec::new() } else { store::heads(tx.conn(), &ids).await? };
    Ok(Held { lots, elsewhere: elsewhere.into_iter().map(|(id, _, _)| id).collect() })
}

/// How long bids wait for lots that somebody else holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waits {
    /// Not at all: those who bid for such a lot are told to come again.
    Not,
    /// A moment; then the whole is refused.
    AMoment,
    /// As long as any deed does.
    AsDeedsDo,
}

/// Places bids for held lots, in the order in which they arrived; what became of each. What is refused has changed nothing. What is known,
/// and what the clock showed, was read under the locks: who comes later is judged later.
pub(super) async fn place_within(held: Held, known: &Known, clock: &Reading, calls: &[(Tx, PlacedBid)]) -> Result<Placed, Problem> {
    let Some((tx, _)) = calls.first() else { return Ok(Placed::default()) };
    let mut by_lot: BTreeMap<LotId, Vec<usize>> = BTreeMap::new();
    for (index, (_, bid)) in calls.iter().enumerate() {
        by_lot.entry(bid.lot).or_default().push(index);
    }
    let absent = |lot| if held.elsewhere.contains(lot) { Problem::transient() } else { Code::NotFound.into() };
    let mut judged: Vec<Result<Counted, Problem>> = calls.iter().map(|(_, bid)| Err(absent(&bid.lot))).collect();
    let (mut trail, mut changes) = (Vec::new(), Vec::new());
    for lot in held.lots {
        let Some((first, bids)) = by_lot.get(&lot.id).and_then(|bids| Some((bids.first()?, bids))) else { continue };
        let mut standing = Standing::of(&calls[*first].0, lot).await?;
        for &index in bids {
            let (tx, bid) = &calls[index];
            judged[index] = standing.judge(tx, bid, known, clock).await?;
            if judged[index].is_ok() {
                trail.push(standing.noted(tx));
            }
        }
        changes.extend(standing.change());
    }
    tx.note_all(trail);
    Box::pin(stored(tx, &changes)).await?;
    Ok(Placed { outcomes: receipts(calls, judged)?, lots: changes.into_iter().map(|change| change.lot).collect() })
}

/// One signature over all that count. Each maximum has one of its own: the leaf beside it in a tree is shown to somebody else, who could
/// find out what it hides by trying, for all else in it is public. A rehearsed bid does not count, so nothing is signed for it.
fn receipts(calls: &[(Tx, PlacedBid)], judged: Vec<Result<Counted, Problem>>) -> Result<Vec<Result<Receipt, Problem>>, Problem> {
    let Some((tx, _)) = calls.first() else { return Ok(Vec::new()) };
    let issued = |statements: &[BidStatement]| receipt::issue_tree(statements, tx.house.keys.receipts(), tx.now);
    let statements: Vec<Option<BidStatement>> = calls
        .iter()
        .zip(&judged)
        .map(|((tx, bid), judged)| {
            let counted = judged.as_ref().ok().filter(|_| !tx.by.dry_run)?;
            Some(statement(bid.lot, &counted.bidder, &counted.accepted))
        })
        .collect();
    let open: Vec<_> = statements.iter().flatten().filter(|said| said.maximum.is_none()).cloned().collect();
    let open = issued(&open);
    let tree = receipt_tree::keep(tx, &open);
    let mut open = open.receipts.into_iter();
    let mut told = Vec::with_capacity(calls.len());
    for (((tx, bid), judged), said) in calls.iter().zip(judged).zip(statements) {
        let (signed, leaf) = match said {
            Some(said) if said.maximum.is_some() => (issued(&[said]).receipts.pop(), None),
            Some(_) => {
                let signed = open.next();
                let leaf = tree.zip(signed.as_ref()).map(|(tree, signed)| Leaf { tree, place: signed.leaf_index });
                (signed, leaf)
            }
            None => (None, None),
        };
        told.push(match judged {
            Ok(Counted { bidder, accepted }) => Ok(Receipt { leaf, ..receipt_of(tx, bid.lot, bidder, accepted, signed)? }),
            Err(refusal) => Err(refusal),
        });
    }
    Ok(told)
}

/// What the trail knows a lot by that is bid for: it is what its log says, so the end of that.
fn fingerprint(tx: &Tx, lot: &lot::Model) -> Option<[u8; 32]> {
    tx.fingerprint(&(lot.id, lot.seq, &lot.head_hash))
}

/// A held lot as it stands after the bids that were judged so far.
struct Standing {
    /// As whoever read it has seen it, where an outage may have moved its end.
    found: Option<lot::Model>,
    /// As it is stored: what an outage took from it is given.
    held: lot::Model,
    lot: lot::Model,
    hidden: Option<Hidden>,
    /// What is to be stored.
    events: Vec<lot_event::Model>,
    /// What the trail knows it by.
    fingerprint: Option<[u8; 32]>,
}

impl Standing {
    async fn of(tx: &Tx, found: lot::Model) -> Result<Self, Problem> {
        // Whose end seems past may have been given more time by an outage that nobody has seen yet, and what seems to have opened may wait.
        let (found, held) = if seems_due(&found, tx.now) {
            let whole = store::lot(tx.conn(), found.id).await?.ok_or(Code::NotFound)?;
            (Some(found), after_outages(tx, whole).await?)
        } else {
            (None, found)
        };
        let hidden = maxima::hidden(tx, &held).await?;
        Ok(Self { lot: held.clone(), hidden, events: Vec::new(), fingerprint: fingerprint(tx, &held), found, held })
    }

    /// What one bid comes to; refused, it leaves the lot as it stood.
    async fn judge(&mut self, tx: &Tx, bid: &PlacedBid, known: &Known, clock: &Reading) -> Result<Result<Counted, Problem>, Problem> {
        // What was found out just now nobody can have seen, and with a refusal it is undone.
        let shown = self.found.as_ref().filter(|_| self.events.is_empty()).unwrap_or(&self.lot);
        let admission = match seen(tx, &bid.permit, shown).and_then(|()| known.admission(tx, self.lot.id)) {
            Ok(admission) => admission,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let suspended = is_suspended(tx, &self.lot, &admission).await?;
        let attempt = attempt_under(tx, admission, suspended, bid.new.price, tx.arrived_by(clock));
        Ok(attempt.and_then(|attempt| self.count(tx, attempt, bid.new.confirmed)))
    }

    fn count(&mut self, tx: &Tx, attempt: Attempt, confirmed: bool) -> Result<Counted, Problem> {
        let mut judgement = judge_knowing(&self.lot, self.hidden, std::slice::from_ref(&attempt));
        let accepted = judgement.outcomes.pop().ok_or(Code::Internal)??;
        // What would not count anyway is refused for that.
        meant(&self.lot, attempt.price, attempt.arrival, confirmed)?;
        let hidden = judgement.hidden;
        let (events, lot) = with_seals(tx, judgement, &accepted)?;
        let accepted = if tx.by.dry_run && lot.terms.proxy { unrevealing(&self.lot, accepted) } else { accepted };
        self.events.extend(events);
        self.lot = lot;
        self.hidden = hidden;
        Ok(Counted { bidder: attempt.pseudonym, accepted })
    }

    /// The row of the trail about the bid that counted last.
    fn noted(&mut self, tx: &Tx) -> audit::Row {
        let before = std::mem::replace(&mut self.fingerprint, fingerprint(tx, &self.lot));
        tx.noted("lot", self.lot.id, before, self.fingerprint)
    }

    /// What became of it, if anything did.
    fn change(self) -> Option<Change> {
        (!self.events.is_empty()).then_some(Change { held: self.held, events: self.events, lot: self.lot })
    }
}
