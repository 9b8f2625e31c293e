//! Buying at once (一口价): until the first bid a bidder may take the lot at the price that was announced, which ends the
//! bidding.

use entity::Timestamp;
use entity::auctions::lot;
use entity::ids::AdmissionId;
use entity::money::Money;

use super::clock;
use super::judge::{Attempt, Judged, Judgement, accept, after_the_opening, each, in_time, may_bid};
use super::log::Body;
use super::proxy::Hidden;
use crate::platform::problem::{Code, Problem};

/// How it stands with buying a lot at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was not announced.
    Absent,
    /// Nobody has bid yet.
    OnOffer,
    /// Somebody has bid, or the lot has ended.
    Over,
    /// Somebody has bought it.
    Bought,
}

/// How it stands with buying this lot at once.
pub fn standing(lot: &lot::Model) -> Standing {
    match lot.terms.buy_now {
        None => Standing::Absent,
        Some(_) if is_bought(lot) => Standing::Bought,
        Some(_) if on_offer(lot).is_some() => Standing::OnOffer,
        Some(_) => Standing::Over,
    }
}

/// The price at which a lot can still be bought at once.
pub fn on_offer(lot: &lot::Model) -> Option<Money> {
    lot.terms.buy_now.filter(|_| lot.price_minor.is_none() && !clock::has_ended(lot))
}

/// Whether a lot was bought at once: only then does it end with what came last, for a bid always leaves time after it.
pub fn is_bought(lot: &lot::Model) -> bool {
    lot.terms.buy_now.is_some() && lot.price_minor.is_some() && lot.last_arrival == Some(lot.closes_at)
}

/// The price at which an admitted bidder may buy a lot at once at an instant.
pub fn may_buy(lot: &lot::Model, admission: AdmissionId, suspended: bool, arrival: Timestamp) -> Result<Money, Problem> {
    in_time(lot, arrival)?;
    let price = on_offer(lot).ok_or(Code::BuyNowOver)?;
    may_bid(lot, admission, suspended, arrival)?;
    Ok(price)
}

/// Judges an attempt to buy a lot at once. Its price is the announced one, whatever the attempt says.
pub fn buy(lot: &lot::Model, attempt: &Attempt) -> Judgement {
    each(lot, None, std::slice::from_ref(attempt), buy_one)
}

fn buy_one(lot: &lot::Model, hidden: Option<Hidden>, attempt: &Attempt, arrival: Timestamp) -> Result<Judged, Problem> {
    after_the_opening(lot, attempt.arrival)?;
    let price = may_buy(lot, attempt.admission, attempt.suspended, arrival)?;
    let body = Body::BoughtNow { bidder: attempt.pseudonym.clone(), price };
    Ok(accept(lot, hidden, attempt, arrival, &body, price))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
