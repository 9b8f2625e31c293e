//! The winner defaulted: whom the lot is offered to next, and at what price (递补).

use entity::auctions::{LotEventKind, award, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;

use super::close::floor;
use super::log::Body;

/// The runner-up and his own last bid, where the announcement knows of a next bidder and the bid reaches the reserve. Asked
/// once: nobody follows a runner-up.
///
/// `last` is the last event of the log, in which a secret reserve was opened.
pub fn next(lot: &lot::Model, awards: &[award::Model], bids: &[lot_event::Model], last: &lot_event::Model) -> Option<(AdmissionId, Money)> {
    let [winner] = awards else { return None };
    let Ok(Body::Sold { reserve, .. }) = serde_json::from_str(&last.body) else { return None };
    let mut placed = bids.iter().rev().filter(|event| event.kind == LotEventKind::BidPlaced);
    let bid = placed.find(|event| event.admission_id.is_some_and(|id| id != winner.admission_id))?;
    let Ok(Body::BidPlaced { price, .. }) = serde_json::from_str(&bid.body) else { return None };
    let asked = lot.terms.next_bidder_rule && price.minor >= floor(lot, reserve.as_ref());
    bid.admission_id.filter(|_| asked).map(|id| (id, price))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::{LotTerms, Reserve};
    use entity::ids::{AwardId, PersonId};
    use uuid::Uuid;

    use super::*;
    use crate::auctions::rules::tests::{at, lot, terms};
    use crate::auctions::rules::{Attempt, close, judge};

    fn id(who: u128) -> AdmissionId {
        AdmissionId(Uuid::from_u128(who))
    }

    /// Two bidders up to 130.00, the first of them with the lot.
    fn sold(terms: LotTerms) -> (lot::Model, Vec<award::Model>, Vec<lot_event::Model>, lot_event::Model) {
        let bids = [(1, 10_000), (2, 11_000), (1, 13_000)].map(|(who, fen)| Attempt {
            admission: id(who),
            pseudonym: format!("竞买人 {who}"),
            suspended: false,
            price: Money::fen(fen),
            arrival: at(fen / 100),
            person: PersonId(Uuid::from_u128(who)),
            request_id: "r".into(),
            priority: None,
        });
        let judged = judge(&lot(terms), &bids);
        let closing = close::close(&judged.lot, None, at(4_000));
        let (admission_id, price) = closing.award.unwrap();
        let award = award::Model {
            id: AwardId(Uuid::from_u128(1)),
            lot_id: closing.lot.id,
            unit: 1,
            turn: 1,
            admission_id,
            price_minor: price.minor,
            currency: price.currency,
            created_at: at(4_000),
        };
        (closing.lot, vec![award], judged.events, closing.event)
    }

    #[test]
    fn the_runner_up_is_asked_at_his_own_last_bid_where_it_was_announced() {
        let (lot, awards, bids, last) = sold(LotTerms { next_bidder_rule: true, ..terms() });
        assert_eq!(next(&lot, &awards, &bids, &last), Some((id(2), Money::fen(11_000))));
        let (lot, awards, bids, last) = sold(terms());
        assert_eq!(next(&lot, &awards, &bids, &last), None);
    }

    #[test]
    fn a_bid_below_the_reserve_stays_without_effect() {
        let reserve = |fen| Reserve::Open { amount: Money::fen(fen) };
        let (lot, awards, bids, last) = sold(LotTerms { next_bidder_rule: true, reserve: reserve(11_001), ..terms() });
        assert_eq!(next(&lot, &awards, &bids, &last), None);
        let (lot, awards, bids, last) = sold(LotTerms { next_bidder_rule: true, reserve: reserve(11_000), ..terms() });
        assert_eq!(next(&lot, &awards, &bids, &last), Some((id(2), Money::fen(11_000))));
    }

    #[test]
    fn nobody_is_asked_twice_and_nobody_without_a_bid() {
        let (lot, awards, bids, last) = sold(LotTerms { next_bidder_rule: true, ..terms() });
        let second = award::Model { turn: 2, admission_id: id(2), ..awards[0].clone() };
        assert_eq!(next(&lot, &[awards[0].clone(), second], &bids, &last), None);
        let alone: Vec<_> = bids.iter().filter(|event| event.admission_id != Some(id(2))).cloned().collect();
        assert_eq!(next(&lot, &awards, &alone, &last), None);
    }
}
