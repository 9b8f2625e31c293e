//! Maximum bids (代理出价): a bid is the most its bidder would pay, and the platform bids for him no more than is needed.
//!
//! A bidder counts once, with his highest. The highest leads, of equals the earlier. The price is the second best with one
//! step on it, at most the best, and never below the start price. Nothing but leader and price is told of the maxima before
//! the close; then every losing one is opened, and of the winner's it is shown that it reached the price.

use entity::Timestamp;
use entity::auctions::{Direction, LotTerms, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::judge::{Accepted, Attempt, Judged};
use super::log::{Body, Cause, OpenedReserve, append};
use super::maximum::{self, MaximumProof, Seed};
use super::precedence::Claim;
use super::step::step_at;
use super::{close, english, preemption};
use crate::platform::keys::hex;
use crate::platform::problem::{Code, Problem};

/// How often who leads may raise his own maximum before anybody outbids him. Raising costs him nothing, and the close tells
/// something of every maximum, so that without a bound what it tells would have none.
pub const MOST_RAISES: u32 = 20;

/// What is hidden of the maxima that stand; who leads is public.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// The leader's maximum.
    pub top: i64,
    /// The best of anybody else's.
    pub second: Option<i64>,
    /// How often the leader has raised his own since he leads.
    pub raises: u32,
}

/// An amount and what hides it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The most its bidder would pay.
    pub amount: Money,
    /// The seed of the commitment to it.
    pub seed: Seed,
}

/// A maximum that was placed, known whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Its number in the log.
    pub seq: i64,
    /// Whose it is.
    pub admission: AdmissionId,
    /// What it hides.
    pub secret: Secret,
}

/// A losing maximum after the close: anybody can recompute its commitment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenedMaximum {
    /// The bid.
    pub seq: i64,
    /// The most its bidder would have paid.
    pub amount: Money,
    /// The seed, hexadecimal.
    pub seed: String,
}

/// A maximum of the winner after the close: it reached the final price, by how much is nobody's business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProvenMaximum {
    /// The bid.
    pub seq: i64,
    /// What shows it.
    pub proof: MaximumProof,
}

impl Placed {
    /// As everybody reads it once it has lost.
    fn opened(&self) -> OpenedMaximum {
        OpenedMaximum { seq: self.seq, amount: self.secret.amount, seed: hex(&self.secret.seed) }
    }
}

impl Hidden {
    /// As it is sealed: the two amounts, big-endian, the second below nought where nobody else has bid, and how often.
    pub fn pack(self) -> [u8; 20] {
        let mut packed = [0; 20];
        packed[..8].copy_from_slice(&self.top.to_be_bytes());
        packed[8..16].copy_from_slice(&self.second.unwrap_or(-1).to_be_bytes());
        packed[16..].copy_from_slice(&self.raises.to_be_bytes());
        packed
    }

    /// Reads what was sealed. `None` if it is nothing of the kind.
    pub fn unpack(plain: &[u8]) -> Option<Self> {
        let (top, rest) = plain.split_first_chunk::<8>()?;
        let (second, raises) = rest.split_first_chunk::<8>()?;
        let second = i64::from_be_bytes(*second);
        let raises = u32::from_be_bytes(raises.try_into().ok()?);
        Some(Self { top: i64::from_be_bytes(*top), second: (second >= 0).then_some(second), raises })
    }
}

impl Secret {
    /// As it is sealed: seed and amount, big-endian.
    pub fn pack(self) -> Vec<u8> {
        [self.seed.as_slice(), &self.amount.minor.to_be_bytes()].concat()
    }

    /// Reads what was sealed. `None` if it is nothing of the kind.
    pub fn unpack(plain: &[u8], currency: entity::money::Currency) -> Option<Self> {
        let (seed, amount) = plain.split_first_chunk::<32>()?;
        let minor = i64::from_be_bytes(amount.try_into().ok()?);
        Some(Self { amount: Money { minor, currency }, seed: *seed })
    }

    /// The public commitment.
    pub fn commitment(&self) -> String {
        maximum::commitment(&self.seed, self.amount.minor)
    }
}

/// Who leads after one more maximum, and what is hidden then.
pub fn after<B: PartialEq>(standing: Option<(B, Hidden)>, bidder: B, amount: i64) -> (B, Hidden) {
    match standing {
        None => (bidder, Hidden { top: amount, second: None, raises: 0 }),
        Some((leader, hidden)) if leader == bidder => {
            (leader, Hidden { top: hidden.top.max(amount), raises: hidden.raises.saturating_add(1), ..hidden })
        }
        Some((_, hidden)) if is_better(amount, hidden.top) => (bidder, Hidden { top: amount, second: Some(hidden.top), raises: 0 }),
        Some((leader, hidden)) => (leader, Hidden { second: hidden.second.max(Some(amount)), ..hidden }),
    }
}

/// Whether a maximum is better than one that was there before.
fn is_better(amount: i64, before: i64) -> bool {
    Claim::at(amount, 1).is_before(&Claim::at(before, 0), Direction::Ascending)
}

/// Who leads after maxima in the order in which they were placed, and what is hidden of them.
pub fn standing<B: PartialEq>(maxima: impl IntoIterator<Item = (B, i64)>) -> Option<(B, Hidden)> {
    maxima.into_iter().fold(None, |standing, (bidder, amount)| Some(after(standing, bidder, amount)))
}

/// The price that the maxima make.
pub fn price(terms: &LotTerms, hidden: Hidden) -> i64 {
    let needed = hidden.second.map(|second| second.saturating_add(step_at(terms, Some(second))).min(hidden.top));
    terms.start_price.minor.max(needed.unwrap_or(0))
}

/// Judges a maximum bid that is in time.
pub(super) fn judged(lot: &lot::Model, hidden: Option<Hidden>, attempt: &Attempt, arrival: Timestamp) -> Result<Judged, Problem> {
    let standing = match (lot.leader_admission_id, hidden) {
        (None, _) => None,
        (Some(leader), Some(hidden)) => Some((leader, hidden)),
        // Without the maxima that stand nobody can tell what comes of another.
        (Some(_), None) => return Err(Code::Internal.into()),
    };
    let own = matches!(standing, Some((leader, _)) if leader == attempt.admission);
    match standing {
        Some((_, hidden)) if own => raises(hidden, attempt.price, lot)?,
        _ => english::good_enough(lot, attempt.price)?,
    }
    let (leader, hidden) = after(standing, attempt.admission, attempt.price.minor);
    let bidder = attempt.pseudonym.clone();
    let leader = if leader == attempt.admission { bidder.clone() } else { lot.leader_pseudonym.clone().unwrap_or_default() };
    let secret = Secret { amount: attempt.price, seed: attempt.seed };
    let price = Money { minor: price(&lot.terms, hidden), currency: lot.currency };
    // Who leads has nobody to answer: raising himself he holds the lot open for nobody.
    let closes_at = if own { lot.closes_at } else { english::extended(lot, arrival) };
    let commitment = secret.commitment();
    let body = Body::MaximumPlaced { bidder, commitment: commitment.clone(), leader: leader.clone(), price, closes_at };
    let (event, next) = append(lot, arrival, &body, attempt.cause());
    let accepted = Accepted {
        seq: event.seq,
        price,
        arrival,
        closes_at,
        hash: event.hash.clone(),
        leader: Some(leader),
        maximum: Some(secret),
        commitment: Some(commitment),
    };
    Ok(Judged { event, lot: next, hidden: Some(hidden), accepted })
}

/// Whether the leader may raise his own maximum once more, and this one is above it; that is told to nobody else.
fn raises(hidden: Hidden, amount: Money, lot: &lot::Model) -> Result<(), Problem> {
    if hidden.raises >= MOST_RAISES {
        return Err(Code::TooManyRaises.with("limit", MOST_RAISES));
    }
    if amount.currency == lot.currency && amount.minor > hidden.top {
        return Ok(());
    }
    let floor = hidden.top.checked_add(1).map(|minor| Money { minor, currency: lot.currency });
    Err(floor.map_or(Code::TooLow.into(), |floor| Code::TooLow.with("at_least", floor)))
}

/// What a lot is sold for: the price that stands, or the reserve where that is higher and the leader's maximum reaches it.
/// Nothing where it does not.
pub fn final_price(stands: i64, top: i64, floor: i64) -> Option<i64> {
    (top >= floor).then_some(stands.max(floor))
}

/// Opens the maxima of a lot that is over, in the order in which they were placed: every one if it is not sold, else all but
/// those of the winner that reach the price. Nothing where nobody has bid. Where that was done before holders were asked, only what
/// is left once one of them took the lot.
pub fn opened(
    lot: &lot::Model,
    placed: &[Placed],
    secret: Option<&OpenedReserve>,
    now: Timestamp,
) -> Option<(lot_event::Model, lot::Model)> {
    let (leader, hidden) = standing(placed.iter().map(|one| (one.admission, one.secret.amount.minor)))?;
    if lot.asking.is_some() {
        return opened_late(lot, leader, preemption::price_asked(lot)?, placed, now);
    }
    let stands = lot.price_minor?;
    let sold = final_price(stands, hidden.top, close::floor(&lot.terms, secret));
    let (mut losing, mut winner) = (Vec::new(), Vec::new());
    for one in placed {
        let Secret { amount, seed } = one.secret;
        let reached = sold.filter(|_| one.admission == leader).and_then(|price| maximum::prove(&seed, amount.minor, price));
        match reached {
            Some(proof) => winner.push(ProvenMaximum { seq: one.seq, proof }),
            None => losing.push(one.opened()),
        }
    }
    let price = Money { minor: sold.unwrap_or(stands), currency: lot.currency };
    Some(append(lot, now, &Body::MaximaOpened { price, losing, winner }, Cause::default()))
}

/// A holder of a right of pre-emption took the lot: its leader has lost it as well, so that his maxima too are opened that were only
/// shown to reach the price.
fn opened_late(
    lot: &lot::Model,
    leader: AdmissionId,
    price: i64,
    placed: &[Placed],
    now: Timestamp,
) -> Option<(lot_event::Model, lot::Model)> {
    if lot.leader_admission_id == Some(leader) {
        return None;
    }
    let reached = placed.iter().filter(|one| one.admission == leader && one.secret.amount.minor >= price);
    let losing = reached.map(Placed::opened).collect();
    let price = Money { minor: price, currency: lot.currency };
    Some(append(lot, now, &Body::MaximaOpened { price, losing, winner: Vec::new() }, Cause::default()))
}

/// Who has the best maximum but the winner; of equals the earlier.
pub fn runner_up(placed: &[Placed], winner: AdmissionId) -> Option<AdmissionId> {
    let others = placed.iter().filter(|one| one.admission != winner).map(|one| (one.admission, one.secret.amount.minor));
    standing(others).map(|(best, _)| best)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
