//! Maxima recomputed: what the close opens of them is put back to where they were placed, and leader and price must be what
//! the rules make of it, bid by bid.
//!
//! Of the winner's that reach the price no more is known than that they do, and no more is needed: with the final price in
//! their place every price is the same. Whoever places such a one leads from then on, and the price is what is needed against
//! the others, or his very maximum where that is less; then it is the final price, and he never raised it. So each
//! further one may as well lie one fen above the last, as its raising asks.

use std::collections::BTreeMap;

use entity::Timestamp;
use entity::auctions::{Reserve, lot};
use entity::money::Money;

use super::Read;
use super::fault::Wrong;
use super::follows::{Due, Finding, attempt, before_the_end, first_of, refused};
use crate::auctions::rules::close;
use crate::auctions::rules::judge::judge_knowing;
use crate::auctions::rules::log::{Body, OpenedReserve};
use crate::auctions::rules::maximum;
use crate::auctions::rules::proxy::{self, Hidden, OpenedMaximum, ProvenMaximum};

/// What is shown of a maximum.
enum Shown<'a> {
    /// All of it.
    Opened(&'a OpenedMaximum),
    /// That it reaches the final price.
    Proven(&'a ProvenMaximum),
}

/// A maximum as it was placed, with what the close shows of it.
struct Placed<'a> {
    bidder: &'a str,
    /// What hides it.
    commitment: &'a str,
    shown: Shown<'a>,
    /// What it was, or as good as it was.
    amount: Money,
    /// What was hidden before it.
    before: Option<Hidden>,
}

/// The maxima of a course.
#[derive(Default)]
pub(super) struct Maxima<'a> {
    placed: BTreeMap<i64, Placed<'a>>,
    /// What is hidden of them at the end.
    standing: Option<Hidden>,
    /// The final price and the number of the event that opens them.
    opened: Option<(Money, i64)>,
    /// What is opened of the leader's once a holder of a right of pre-emption took the lot, and the number of that event.
    late: Option<(&'a [OpenedMaximum], i64)>,
    /// The secret reserve, opened.
    reserve: Option<&'a OpenedReserve>,
    /// Whether the lot was aborted, so that what is not opened yet never will be.
    aborted: bool,
}

impl<'a> Maxima<'a> {
    /// What a log tells of them.
    pub(super) fn told(log: &'a [Read]) -> Self {
        let mut shown = BTreeMap::new();
        let mut maxima = Self::default();
        for (event, body) in log {
            match body {
                Body::MaximaOpened { losing, .. } if maxima.opened.is_some() => maxima.late = Some((losing, event.seq)),
                Body::MaximaOpened { price, losing, winner } => {
                    maxima.opened = Some((*price, event.seq));
                    shown.extend(winner.iter().map(|one| (one.seq, Shown::Proven(one))));
                    shown.extend(losing.iter().map(|one| (one.seq, Shown::Opened(one))));
                }
                Body::Sold { reserve, .. } | Body::Unsold { reserve, .. } => maxima.reserve = reserve.as_ref(),
                Body::Aborted { .. } => maxima.aborted = true,
                _ => {}
            }
        }
        let Some((price, _)) = maxima.opened else { return maxima };
        let (mut standing, mut proven): (Option<(&str, Hidden)>, i64) = (None, 0);
        for (event, body) in log {
            let Body::MaximumPlaced { bidder, commitment, .. } = body else { continue };
            let Some(shown) = shown.remove(&event.seq) else { continue };
            let amount = match &shown {
                Shown::Opened(opened) => opened.amount,
                Shown::Proven(_) => {
                    proven += 1;
                    Money { minor: price.minor.saturating_add(proven - 1), ..price }
                }
            };
            let before = standing.as_ref().map(|(_, hidden)| *hidden);
            standing = Some(proxy::after(standing, bidder.as_str(), amount.minor));
            maxima.placed.insert(event.seq, Placed { bidder: bidder.as_str(), commitment, shown, amount, before });
        }
        maxima.standing = standing.map(|(_, hidden)| hidden);
        maxima
    }

    /// The event that a maximum makes, by the rule that judges it.
    pub(super) fn placed(&self, lot: &lot::Model, at: Timestamp, bidder: &str, commitment: &str) -> Result<Due, Finding> {
        if !lot.terms.proxy {
            return Err(refused("bids are no maxima here"));
        }
        let placed = self.placed.get(&(lot.seq + 1)).ok_or_else(|| found(Wrong::MaximumNotOpened))?;
        let seed = self.seed_behind(placed, commitment).ok_or_else(|| found(Wrong::MaximumNotCommitted))?;
        let (at, mut due) = first_of(judge_knowing(lot, placed.before, &[attempt(bidder, placed.amount, seed, at)]))?;
        if let (Body::MaximumPlaced { commitment: made, .. }, Shown::Proven(_)) = (&mut due, &placed.shown) {
            // Its seed stays hidden, and the proof was held against the commitment.
            commitment.clone_into(made);
        }
        Ok((at, due))
    }

    /// The seed of a maximum, nought where it stays hidden, if what is shown of it is what was committed to.
    fn seed_behind(&self, placed: &Placed, commitment: &str) -> Option<maximum::Seed> {
        match &placed.shown {
            Shown::Opened(opened) => {
                let seed = maximum::seed(&opened.seed)?;
                (maximum::commitment(&seed, opened.amount.minor) == commitment).then_some(seed)
            }
            Shown::Proven(proven) => {
                let (price, _) = self.opened?;
                maximum::proves(commitment, &proven.proof, price.minor).then_some([0; 32])
            }
        }
    }

    /// The event that opens them: every one that does not win, in the order in which they were placed.
    pub(super) fn opening(&self, lot: &lot::Model, at: Timestamp) -> Result<Due, Finding> {
        if let Some(first) = before_the_end(lot, at)? {
            return Ok(first);
        }
        if lot.asking.is_some() {
            return self.opening_late(lot, at);
        }
        let (Some(standing), Some(stands)) = (self.standing, lot.price_minor) else { return Err(refused("there are no maxima")) };
        let sold = proxy::final_price(stands, standing.top, close::floor(&lot.terms, self.reserve));
        let wins = |placed: &Placed| {
            let leads = lot.leader_pseudonym.as_deref() == Some(placed.bidder);
            sold.is_some_and(|price| leads && placed.amount.minor >= price)
        };
        let (mut losing, mut winner) = (Vec::new(), Vec::new());
        for placed in self.placed.values() {
            match placed.shown {
                Shown::Opened(opened) if !wins(placed) => losing.push(opened.clone()),
                Shown::Proven(proven) if wins(placed) => winner.push(proven.clone()),
                _ => {}
            }
        }
        let price = Money { minor: sold.unwrap_or(stands), currency: lot.currency };
        Ok((at, Body::MaximaOpened { price, losing, winner }))
    }

    /// The event that opens what is left, once a holder has taken the lot from whoever led.
    fn opening_late(&self, lot: &lot::Model, at: Timestamp) -> Result<Due, Finding> {
        let (Some((price, _)), Some((late, _))) = (self.opened, self.late.filter(|(_, seq)| *seq == lot.seq + 1)) else {
            return Err(refused("they come before holders are asked"));
        };
        if !self.is_taken(lot) {
            return Err(refused("the leader has not lost it"));
        }
        let opened = |(seq, placed): (i64, &Placed)| {
            let one = late.iter().find(|one| one.seq == seq).ok_or_else(|| found(Wrong::MaximumNotOpened))?;
            let is_good = one.amount.currency == price.currency && one.amount.minor >= price.minor;
            let seed = maximum::seed(&one.seed).filter(|_| is_good);
            let is_it = seed.is_some_and(|seed| maximum::commitment(&seed, one.amount.minor) == placed.commitment);
            if is_it { Ok(one.clone()) } else { Err(found(Wrong::MaximumNotCommitted)) }
        };
        let losing = self.proven().map(opened).collect::<Result<_, _>>()?;
        Ok((at, Body::MaximaOpened { price, losing, winner: Vec::new() }))
    }

    /// The maxima that were only shown to reach the price.
    fn proven(&self) -> impl Iterator<Item = (i64, &Placed<'a>)> {
        self.placed.iter().filter(|(_, placed)| matches!(placed.shown, Shown::Proven(_))).map(|(seq, placed)| (*seq, placed))
    }

    /// Whether whoever led has lost the lot to a holder who was asked.
    fn is_taken(&self, lot: &lot::Model) -> bool {
        self.proven().any(|(_, placed)| lot.leader_pseudonym.as_deref() != Some(placed.bidder))
    }

    /// The secret reserve as the end of the log opens it.
    pub(super) fn reserve(&self) -> Option<&'a OpenedReserve> {
        self.reserve
    }

    /// Whether a lot whose end comes next, or whose holders are asked, has opened its maxima, where it has any.
    pub(super) fn are_opened(&self, lot: &lot::Model) -> Result<(), Finding> {
        let due = lot.terms.proxy && !self.placed.is_empty();
        let with = |opening: Option<i64>| opening == Some(lot.seq);
        // Holders are asked once they are, and nobody bids after that. Of whoever loses the lot to one of them the rest is opened.
        let opened = match lot.asking {
            None => with(self.opened.map(|(_, seq)| seq)),
            Some(_) => !self.is_taken(lot) || with(self.late.map(|(_, seq)| seq)),
        };
        if due && !opened { Err(found(Wrong::MaximumNotOpened)) } else { Ok(()) }
    }

    /// Whether they are never opened.
    pub(super) fn stay_hidden(&self) -> bool {
        self.aborted && self.opened.is_none()
    }

    /// Whether the reserve of a lot is secret and never opened.
    pub(super) fn hide_the_reserve(&self, lot: &lot::Model) -> bool {
        self.aborted && matches!(lot.terms.reserve, Reserve::Secret { .. })
    }

    /// The maximum a receipt must say: the one that was opened, or whatever reaches the price; whatever it says, where none is opened.
    pub(super) fn signed(&self, seq: i64, said: Option<Money>) -> Option<Money> {
        if self.stay_hidden() {
            return said;
        }
        let placed = self.placed.get(&seq)?;
        match placed.shown {
            Shown::Opened(opened) => Some(opened.amount),
            Shown::Proven(_) => {
                let (price, _) = self.opened?;
                said.filter(|said| said.minor >= price.minor).or(Some(price))
            }
        }
    }
}

fn found(wrong: Wrong) -> Finding {
    Finding { wrong, why: String::new() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
