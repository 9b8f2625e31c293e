//! Whether what many clients saw of one lot can have happened one thing after another: each deed at some instant between
//! its call and its answer. The search is that of Wing and Gong with Lowe's memory of where it has been.
//!
//! A crate of the same kind (`todc-utils`) knows no deed whose outcome nobody was told, and here those are the point.

use std::collections::HashSet;

/// A lot as anybody sees it at one instant. Money in fen; bidders by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seen {
    /// Number of the last event of its log.
    pub seq: i64,
    /// The price that stands.
    pub price: Option<i64>,
    /// Who holds it.
    pub leader: Option<usize>,
    /// Whether it has ended.
    pub closed: bool,
}

/// Something a client did, with what it was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A bid that was acknowledged, under this number.
    Placed { bidder: usize, price: i64, seq: i64 },
    /// A bid whose outcome nobody was told: it counts from some later instant on, or never.
    Lost { bidder: usize, price: i64 },
    /// A bid that was refused since so much is the least.
    TooLow { bidder: usize, price: i64, at_least: i64 },
    /// A bid that was refused since its bidder leads.
    Leads { bidder: usize },
    /// The lot was read.
    Read(Seen),
    /// The log was read to its end, which had this number.
    Log { seq: i64 },
    /// The lot was closed; as it stood then.
    Closed(Seen),
}

/// A deed in time, microseconds since anything.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// What was done.
    pub deed: Deed,
    /// When it was sent.
    pub called: u64,
    /// When its answer was there, if one came.
    pub returned: Option<u64>,
}

/// The rules of a lot that is bid for openly, upwards, in steps of one size.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// The least first bid, fen.
    pub start: i64,
    /// What a bid must be above the one before, fen.
    pub step: i64,
}

impl Rules {
    fn least(&self, lot: &Seen) -> i64 {
        lot.price.map_or(self.start, |price| price + self.step)
    }

    /// The lot after a bid, if it may be accepted.
    fn bid(&self, lot: Seen, bidder: usize, price: i64) -> Option<Seen> {
        let counts = !lot.closed && lot.leader != Some(bidder) && price >= self.least(&lot);
        counts.then_some(Seen { seq: lot.seq + 1, price: Some(price), leader: Some(bidder), ..lot })
    }

    /// The lot after a deed that is done at once, if it can have been answered so.
    fn after(&self, lot: Seen, deed: &Deed) -> Option<Seen> {
        let if_so = |holds: bool| holds.then_some(lot);
        match *deed {
            Deed::Placed { bidder, price, seq } => self.bid(lot, bidder, price).filter(|after| after.seq == seq),
            Deed::Lost { bidder, price } => self.bid(lot, bidder, price),
            Deed::TooLow { bidder, price, at_least } => {
                let least = self.least(&lot);
                if_so(!lot.closed && lot.leader != Some(bidder) && price < least && at_least == least)
            }
            Deed::Leads { bidder } => if_so(!lot.closed && lot.leader == Some(bidder)),
            Deed::Read(seen) => if_so(seen == lot),
            Deed::Log { seq } => if_so(seq == lot.seq),
            Deed::Closed(seen) => {
                let after = Seen { seq: lot.seq + 1, closed: true, ..lot };
                (!lot.closed && seen == after).then_some(after)
            }
        }
    }
}

/// Looks for an order in which everything can have happened; what stands in the way of any, if there is none.
pub fn can_have_happened(rules: &Rules, first: Seen, calls: &[Call]) -> Result<(), String> {
    let mut history = History::of(calls);
    let mut been = HashSet::new();
    let mut done = vec![0_u64; calls.len().div_ceil(64)];
    let mut path: Vec<(usize, Seen)> = Vec::new();
    let mut furthest = (0, first, None);
    let mut unanswered = calls.iter().filter(|call| call.returned.is_some()).count();
    let (mut lot, mut at) = (first, history.begin());
    while unanswered > 0 {
        let (call, kind) = history.moments[at];
        if kind == Moment::Call {
            if let Some(after) = rules.after(lot, &calls[call].deed) {
                flip(&mut done, call);
                if been.insert((done.clone(), after)) {
                    path.push((call, lot));
                    lot = after;
                    history.take_out(call);
                    unanswered -= usize::from(calls[call].returned.is_some());
                    at = history.begin();
                    continue;
                }
                flip(&mut done, call);
            }
            at = history.next[at];
            continue;
        }
        // Its answer was there, and it cannot have been done before: something earlier was done at another time.
        if path.len() >= furthest.0 {
            furthest = (path.len(), lot, Some(call));
        }
        // What changed nothing could not have been done at a better time: it is undone with what was done before it.
        loop {
            let Some((last, before)) = path.pop() else {
                let (count, lot, call) = furthest;
                let call = call.map(|call| calls[call]);
                return Err(format!("after {count} of {} deeds, with {lot:?}, there is no way to {call:?}", calls.len()));
            };
            let changed = before != lot;
            lot = before;
            flip(&mut done, last);
            history.put_back(last);
            unanswered += usize::from(calls[last].returned.is_some());
            if changed {
                at = history.next[history.called[last]];
                break;
            }
        }
    }
    Ok(())
}

fn flip(done: &mut [u64], call: usize) {
    done[call / 64] ^= 1 << (call % 64);
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    /// Calls come first among what has one time, so that these deeds overlap.
    Call,
    Return,
}

/// Calls and returns in order of time, as a ring that those of a deed can be taken out of and put back into.
struct History {
    /// Whose moment, and which. The last is nobody's: the ring's end and its beginning.
    moments: Vec<(usize, Moment)>,
    next: Vec<usize>,
    previous: Vec<usize>,
    /// Where a deed's call and its return are.
    called: Vec<usize>,
    returned: Vec<Option<usize>>,
}

impl History {
    fn of(calls: &[Call]) -> Self {
        let mut timed: Vec<(u64, Moment, usize)> = Vec::new();
        for (number, call) in calls.iter().enumerate() {
            timed.push((call.called, Moment::Call, number));
            timed.extend(call.returned.map(|at| (at, Moment::Return, number)));
        }
        timed.sort_unstable();
        let (mut called, mut returned) = (vec![0; calls.len()], vec![None; calls.len()]);
        for (place, (_, kind, number)) in timed.iter().enumerate() {
            match kind {
                Moment::Call => called[*number] = place,
                Moment::Return => returned[*number] = Some(place),
            }
        }
        let count = timed.len() + 1;
        let mut moments: Vec<_> = timed.into_iter().map(|(_, kind, number)| (number, kind)).collect();
        moments.push((usize::MAX, Moment::Return));
        let next = (0..count).map(|place| (place + 1) % count).collect();
        let previous = (0..count).map(|place| (place + count - 1) % count).collect();
        Self { moments, next, previous, called, returned }
    }

    fn begin(&self) -> usize {
        self.next[self.moments.len() - 1]
    }

    fn take_out(&mut self, call: usize) {
        for place in [Some(self.called[call]), self.returned[call]].into_iter().flatten() {
            let (before, after) = (self.previous[place], self.next[place]);
            (self.next[before], self.previous[after]) = (after, before);
        }
    }

    /// Undoes the last that was not undone.
    fn put_back(&mut self, call: usize) {
        for place in [self.returned[call], Some(self.called[call])].into_iter().flatten() {
            let (before, after) = (self.previous[place], self.next[place]);
            (self.next[before], self.previous[after]) = (place, place);
        }
    }
}

#[cfg(test)]
mod tests;
