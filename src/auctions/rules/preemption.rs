//! The right of pre-emption (优先购买权): what its holders may do that others may not.

use entity::auctions::{Preemption, lot};
use entity::money::Money;

/// The rank a bid bears in the log: a holder's, where it decides who leads.
pub fn borne(lot: &lot::Model, rank: Option<i32>) -> Option<i32> {
    rank.filter(|_| matches!(lot.terms.preemption, Some(Preemption::Parity {})))
}

/// Whether a bid at the very price that stands takes the lead: a holder's, unless the leader holds a right of the same
/// or a better rank (SPC-NA art. 21).
pub fn leads_at_par(lot: &lot::Model, price: Money, rank: Option<i32>) -> bool {
    let stands = lot.price_minor.map(|minor| Money { minor, currency: lot.currency });
    let before = |own: i32| lot.leader_priority.is_none_or(|leading| own < leading);
    stands == Some(price) && rank.is_some_and(before)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::{LotEventKind, LotTerms};
    use entity::ids::{AdmissionId, PersonId};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::auctions::rules::log::{Body, replay};
    use crate::auctions::rules::tests::{at, lot, terms};
    use crate::auctions::rules::{Attempt, close, judge};
    use crate::platform::problem::Code;

    /// Bidders 1 and 2 hold rights of the first and the second rank, bidder 3 one of the second too.
    fn rank(who: u128) -> Option<i32> {
        match who {
            1 => Some(1),
            2 | 3 => Some(2),
            _ => None,
        }
    }

    fn bid(who: u128, fen: i64, second: i64) -> Attempt {
        Attempt {
            admission: AdmissionId(Uuid::from_u128(who)),
            pseudonym: format!("竞买人 {who}"),
            suspended: false,
            price: Money::fen(fen),
            arrival: at(second),
            person: PersonId(Uuid::from_u128(who)),
            request_id: "r".into(),
            priority: rank(who),
        }
    }

    fn parity() -> LotTerms {
        LotTerms { preemption: Some(Preemption::Parity {}), ..terms() }
    }

    /// The refusal of the last of some bids, and who leads after them.
    fn last(terms: LotTerms, bids: &[Attempt]) -> (Option<Code>, Option<String>) {
        let judged = judge(&lot(terms), bids);
        (judged.outcomes.last().unwrap().as_ref().err().map(|refusal| refusal.code), judged.lot.leader_pseudonym)
    }

    fn leads(who: u128) -> Option<String> {
        Some(format!("竞买人 {who}"))
    }

    #[test]
    fn a_holder_leads_with_the_price_that_stands() {
        assert_eq!(last(parity(), &[bid(9, 10_000, 1), bid(1, 10_000, 2)]), (None, leads(1)));
        assert_eq!(last(parity(), &[bid(9, 10_000, 1), bid(8, 10_000, 2)]), (Some(Code::TooLow), leads(9)));
        // Between the price that stands and the next step there is nothing for a holder either.
        assert_eq!(last(parity(), &[bid(9, 10_000, 1), bid(1, 10_500, 2)]), (Some(Code::TooLow), leads(9)));
        // Whoever goes higher leads again, and the holder may follow.
        let all = [bid(9, 10_000, 1), bid(1, 10_000, 2), bid(9, 11_000, 3), bid(1, 11_000, 4)];
        assert_eq!(last(parity(), &all[..3]), (None, leads(9)));
        assert_eq!(last(parity(), &all), (None, leads(1)));
    }

    #[test]
    fn the_better_rank_goes_first_and_of_equals_the_earlier_bid_stays() {
        assert_eq!(last(parity(), &[bid(2, 10_000, 1), bid(1, 10_000, 2)]), (None, leads(1)));
        assert_eq!(last(parity(), &[bid(1, 10_000, 1), bid(2, 10_000, 2)]), (Some(Code::TooLow), leads(1)));
        assert_eq!(last(parity(), &[bid(2, 10_000, 1), bid(3, 10_000, 2)]), (Some(Code::TooLow), leads(2)));
    }

    #[test]
    fn the_first_bid_is_held_to_the_start_price() {
        assert_eq!(last(parity(), &[bid(1, 9_999, 1)]), (Some(Code::TooLow), None));
    }

    #[test]
    fn a_bid_at_par_extends_the_lot_and_wins_if_nobody_goes_higher() {
        let judged = judge(&lot(parity()), &[bid(9, 10_000, 1), bid(1, 10_000, 3_599)]);
        assert_eq!(judged.lot.closes_at, at(3_899));
        let closing = close::close(&judged.lot, None, at(3_900));
        assert_eq!(closing.award, Some((AdmissionId(Uuid::from_u128(1)), Money::fen(10_000))));
    }

    #[test]
    fn where_no_such_right_was_announced_a_rank_is_worth_nothing_and_is_told_to_nobody() {
        assert_eq!(last(terms(), &[bid(9, 10_000, 1), bid(1, 10_000, 2)]), (Some(Code::TooLow), leads(9)));
        let judged = judge(&lot(terms()), &[bid(1, 10_000, 1)]);
        assert!(judged.events.iter().all(|event| !event.body.contains("priority")));
        assert_eq!(judged.lot.leader_priority, None);
    }

    proptest! {
        /// Whoever bids what: the price never falls, it stays only where a holder takes the lead from a lesser one, and
        /// there is exactly one leader, who is in the log.
        #[test]
        fn a_bid_at_par_never_lowers_a_price_and_leaves_one_leader(
            tries in prop::collection::vec((1_u128..6, 9_i64..16, 0_i64..40), 1..60), raise in any::<bool>(),
        ) {
            let start = lot(LotTerms { allow_self_raise: raise, ..parity() });
            let (mut before, mut log, mut second) = (start.clone(), Vec::new(), 0);
            for (who, thousands, later) in tries {
                second += later;
                let judged = judge(&before, &[bid(who, thousands * 1_000, second)]);
                if judged.outcomes[0].is_ok() {
                    let price = judged.lot.price_minor.unwrap();
                    let par = before.price_minor == Some(price);
                    let better = rank(who).is_some_and(|own| before.leader_priority.is_none_or(|leading| own < leading));
                    prop_assert!(before.price_minor.is_none_or(|stood| stood < price || (par && better)));
                    prop_assert_eq!(&judged.lot.leader_pseudonym, &leads(who));
                    prop_assert_eq!(judged.lot.leader_priority, rank(who));
                } else {
                    prop_assert_eq!(&judged.lot, &before);
                }
                log.extend(judged.events);
                before = judged.lot;
            }
            prop_assert_eq!(replay(start, &log).unwrap(), before.clone());
            let placed = log.iter().rev().find(|event| event.kind == LotEventKind::BidPlaced);
            let last = placed.map(|event| serde_json::from_str::<Body>(&event.body).unwrap());
            let leader = last.map(|body| if let Body::BidPlaced { bidder, .. } = body { bidder } else { unreachable!("it is a bid") });
            prop_assert_eq!(leader, before.leader_pseudonym);
        }
    }
}
