//! How a lot stands while its holders are asked: what it is after each event that tells of them.

use entity::Timestamp;
use entity::auctions::{Asking, HolderAnswer, LotState, PreemptionHolder, TieRound, lot, lot_event};
use entity::money::Money;

use super::several::{are_asked_at_once, takers};

/// Those of the holders who are left that are asked now.
pub(super) fn asked_now(asking: &Asking, at_once: bool) -> &[PreemptionHolder] {
    let rank = asking.holders.first().map(|first| first.rank);
    let alike = asking.holders.iter().take_while(|holder| Some(holder.rank) == rank).count();
    &asking.holders[..if at_once { alike } else { alike.min(1) }]
}

/// Holders are asked, and the others are left.
pub fn asks(next: &mut lot::Model, event: &lot_event::Model, holders: &[PreemptionHolder], answers_by: Timestamp) {
    let bidding_ended_at = next.asking.as_ref().map_or(next.closes_at, |asking| asking.bidding_ended_at);
    let suspended = next.asking.take().map(|before| before.suspended).unwrap_or_default();
    next.asking = Some(Asking {
        holders: holders.to_vec(),
        asked_at: event.at,
        answered: false,
        bidding_ended_at,
        suspended,
        answers: Vec::new(),
        round: None,
    });
    next.state = LotState::PreemptionAsk;
    next.closes_at = answers_by;
}

/// A holder has answered; whether he leads by it, as the first who takes the lot does. Nobody of a lesser rank is asked after him, and
/// once all who are asked have answered their time is over.
pub fn answered(next: &mut lot::Model, event: &lot_event::Model, bidder: &str, takes: bool) -> bool {
    let at_once = are_asked_at_once(next);
    let Some(asking) = &mut next.asking else { return takes };
    let asked = asked_now(asking, at_once).len();
    let leads = takes && takers(asking).next().is_none();
    if takes {
        asking.holders.truncate(asked);
    }
    if at_once {
        asking.answers.push(HolderAnswer { bidder: bidder.to_owned(), takes, at: event.at });
    }
    asking.answered = !at_once || asking.answers.len() >= asked;
    if asking.answered {
        next.closes_at = event.at;
    }
    leads
}

/// Several take the lot, and seal one more bid.
pub fn seals(next: &mut lot::Model, event: &lot_event::Model, bidders: &[String], at_least: Money, closes_at: Timestamp) {
    next.closes_at = closes_at;
    if let Some(asking) = &mut next.asking {
        asking.asked_at = event.at;
        asking.round = Some(TieRound { bidders: bidders.to_vec(), at_least });
    }
}

/// A bidder is suspended, or is no more. It counts for those who are still to be asked.
pub fn suspended(asking: &mut Asking, bidder: &str, is_suspended: bool) {
    asking.suspended.retain(|known| known != bidder);
    if is_suspended {
        asking.suspended.push(bidder.to_owned());
    }
}
