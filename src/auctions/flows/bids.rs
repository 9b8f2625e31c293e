//! Placing bids in one transaction: hold their lots, judge in the order in which they arrived, write everything once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use entity::admissions::{admission, admission_call};
use entity::auctions::{lot, lot_event};
use entity::ids::LotId;
use uuid::Uuid;

use super::bid::{Receipt, attempt_under, is_suspended, receipt_of, seen, statement, unrevealing, with_seals};
use super::outage::after_outages;
use super::read::applying;
use super::receipt_tree::{self, Leaf};
use super::{Change, maxima, stored};
use crate::admissions;
use crate::admissions::store::Pair;
use crate::auctions::http::PlaceBid;
use crate::auctions::rules::jump::meant;
use crate::auctions::rules::proxy::Hidden;
use crate::auctions::rules::receipt::{self, BidStatement};
use crate::auctions::rules::{Accepted, Attempt, bidder, judge_knowing};
use crate::auctions::store;
use crate::auctions::views::NewBid;
use crate::house::{Reading, Tx};
use crate::identity::credentials::{self, AskedCredentials};
use crate::identity::store::{PlaceRow, Places, ask_places, places_of};
use crate::platform::access::{Actor, Caller, Context, Permit, Seat};
use crate::platform::audit;
use crate::platform::db::{Answers, Question, Questions};
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
    let lots = store::hold_free_to_bid(tx.conn(), &ids).await?;
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
pub(super) async fn place_within(
    held: Held,
    known: &Known,
    clock: &Reading,
    calls: &[(Tx, PlacedBid)],
) -> Result<Vec<Result<Receipt, Problem>>, Problem> {
    let Some((tx, _)) = calls.first() else { return Ok(Vec::new()) };
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
    receipts(calls, judged)
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

/// What judging needs to know of those who bid, read in the transaction: a right that was taken away counts no more.
pub(super) struct Known {
    /// The places of those whose account lets them in.
    places: Places,
    calls: HashMap<LotId, admission_call::Model>,
    bidders: HashMap<Pair, admission::Model>,
    /// The sessions and keys that are in force.
    credentials: HashSet<Uuid>,
}

/// That it was asked for.
pub(super) struct AskedKnown {
    places: Question<PlaceRow>,
    calls: Question<admission_call::Model>,
    bidders: Question<admission::Model>,
    credentials: AskedCredentials,
}

impl AskedKnown {
    /// Asks what there is to know of callers and the lots that they bid for.
    pub fn ask<'a>(questions: &mut Questions, bids: impl IntoIterator<Item = (&'a Context, LotId)>) -> Self {
        let (mut actors, mut people, mut lots, mut pairs) = (Vec::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for (by, lot) in bids {
            lots.insert(lot);
            let Ok(actor) = by.actor() else { continue };
            actors.push(actor);
            people.insert(actor.person);
            pairs.extend(actor.organisation().map(|organisation| Pair { lot, organisation }));
        }
        Self {
            places: ask_places(questions, people),
            calls: admissions::store::ask_calls(questions, lots),
            bidders: admissions::store::ask_bidders(questions, &pairs),
            credentials: credentials::ask(questions, &actors),
        }
    }

    /// What was found.
    pub fn found(self, tx: &Tx, answers: &mut Answers) -> Result<Known, Problem> {
        let bidders = answers.take(self.bidders)?.into_iter().filter(admissions::store::is_bidder);
        Ok(Known {
            places: places_of(answers.take(self.places)?),
            calls: admissions::store::by_lot(answers.take(self.calls)?),
            bidders: bidders.map(|held| (Pair { lot: held.lot_id, organisation: held.organisation_id }, held)).collect(),
            credentials: self.credentials.in_force(answers, tx.house.world.real_now())?,
        })
    }
}

impl Known {
    /// The admission a caller bids under.
    fn admission(&self, tx: &Tx, lot: LotId) -> Result<admission::Model, Problem> {
        let (actor, seat) = (tx.by.actor()?, tx.by.seat()?);
        if !self.credentials.contains(&actor.credential.id()) {
            return Err(Code::TokenInvalid.into());
        }
        let places = self.places.get(&actor.person).ok_or(Code::Forbidden)?;
        let place = places.get(&seat.organisation).ok_or(Code::Forbidden)?;
        let seat = Seat { verified: place.verified, roles: place.roles.clone(), ..seat.clone() };
        // He was let in with the roles he had then.
        Permit::<PlaceBid>::grant(&Caller::Person(Actor { seat: Some(seat.clone()), ..actor.clone() }))?;
        let by = applying(actor, &seat, places.keys().copied().collect());
        let call = self.calls.get(&lot).ok_or(Code::Internal)?;
        bidder::admitted(&by, call, self.bidders.get(&Pair { lot, organisation: seat.organisation }).cloned())
    }
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
        // Whose end seems past may have been given more time by an outage that nobody has seen yet.
        let (found, held) = if tx.now < found.closes_at {
            (None, found)
        } else {
            let whole = store::lot(tx.conn(), found.id).await?.ok_or(Code::NotFound)?;
            (Some(found), after_outages(tx, whole).await?)
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
