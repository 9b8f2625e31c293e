//! The winner defaulted: whom the lot is offered to next, and at what price (递补).

use entity::auctions::{LotEventKind, lot, lot_event};
use entity::ids::AdmissionId;
use entity::money::Money;

use super::close::floor;
use super::direction::better;
use super::log::Body;
use super::proxy::{self, Placed};
use super::rounds;

/// The runner-up and his own last bid or offer, sealed or not, his maximum where bids are such, where the announcement knows of a next
/// bidder and the bid reaches the reserve. Of a lot that was bought at once there is
/// none.
///
/// `placed` are the maxima, opened, and `opened` the last sealed bid or, by rounds, the offers, best first, of weighted quotes by their
/// totals; `last` is the last event of the log, in which a secret reserve was opened.
pub fn next(
    lot: &lot::Model,
    winner: AdmissionId,
    bids: &[lot_event::Model],
    placed: &[Placed],
    opened: &[(AdmissionId, Money)],
    last: &lot_event::Model,
) -> Option<(AdmissionId, Money)> {
    let Ok(Body::Sold { reserve, .. }) = serde_json::from_str(&last.body) else { return None };
    let (runner_up, price) = if lot.terms.format.is_sealed() || rounds::is_by_rounds(&lot.terms) {
        opened.iter().copied().find(|(id, _)| *id != winner)
    } else if lot.terms.proxy {
        best_maximum(placed, winner)
    } else {
        last_bid(bids, winner)
    }?;
    let reached = !better(floor(&lot.terms, reserve.as_ref()), price.minor, lot.terms.direction);
    (lot.terms.next_bidder_rule && reached).then_some((runner_up, price))
}

/// The last bid of anybody but the winner: whichever way prices go each bid is better than those before it.
pub(super) fn last_bid(bids: &[lot_event::Model], winner: AdmissionId) -> Option<(AdmissionId, Money)> {
    let mut placed = bids.iter().rev().filter(|event| event.kind == LotEventKind::BidPlaced);
    let bid = placed.find(|event| event.admission_id.is_some_and(|id| id != winner))?;
    let Ok(Body::BidPlaced { price, .. }) = serde_json::from_str(&bid.body) else { return None };
    bid.admission_id.map(|id| (id, price))
}

/// The best maximum of anybody but the winner.
fn best_maximum(placed: &[Placed], winner: AdmissionId) -> Option<(AdmissionId, Money)> {
    let runner_up = proxy::runner_up(placed, winner)?;
    let own = placed.iter().filter(|one| one.admission == runner_up).map(|one| one.secret.amount);
    own.max_by_key(|amount| amount.minor).map(|amount| (runner_up, amount))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::{Direction, Format, LotTerms, Reserve};
    use uuid::Uuid;

    use super::*;
    use crate::auctions::rules::proxy::Secret;
    use crate::auctions::rules::tests::{at, bid, lot, sole, terms};
    use crate::auctions::rules::{close, judge};

    fn id(who: u128) -> AdmissionId {
        AdmissionId(Uuid::from_u128(who))
    }

    /// Two bidders up to 130.00, the first of them with the lot.
    fn sold(terms: LotTerms) -> (lot::Model, AdmissionId, Vec<lot_event::Model>, lot_event::Model) {
        let bids = [(1, 10_000), (2, 11_000), (1, 13_000)].map(|(who, fen)| bid(who, fen, fen / 100));
        let judged = judge(&lot(terms), &bids);
        let closing = close::close(&judged.lot, None, at(4_000));
        let (winner, _) = sole(&closing).unwrap();
        (closing.lot, winner, judged.events, closing.event)
    }

    #[test]
    fn the_runner_up_is_asked_at_his_own_last_bid_where_it_was_announced() {
        let (lot, winner, bids, last) = sold(LotTerms { next_bidder_rule: true, ..terms() });
        assert_eq!(next(&lot, winner, &bids, &[], &[], &last), Some((id(2), Money::fen(11_000))));
        let (lot, winner, bids, last) = sold(terms());
        assert_eq!(next(&lot, winner, &bids, &[], &[], &last), None);
    }

    #[test]
    fn a_bid_below_the_reserve_stays_without_effect() {
        let reserve = |fen| Reserve::Open { amount: Money::fen(fen) };
        let (lot, winner, bids, last) = sold(LotTerms { next_bidder_rule: true, reserve: reserve(11_001), ..terms() });
        assert_eq!(next(&lot, winner, &bids, &[], &[], &last), None);
        let (lot, winner, bids, last) = sold(LotTerms { next_bidder_rule: true, reserve: reserve(11_000), ..terms() });
        assert_eq!(next(&lot, winner, &bids, &[], &[], &last), Some((id(2), Money::fen(11_000))));
    }

    #[test]
    fn nobody_is_asked_without_a_bid() {
        let (lot, winner, bids, last) = sold(LotTerms { next_bidder_rule: true, ..terms() });
        let alone: Vec<_> = bids.iter().filter(|event| event.admission_id != Some(id(2))).cloned().collect();
        assert_eq!(next(&lot, winner, &alone, &[], &[], &last), None);
    }

    #[test]
    fn where_bids_are_maxima_the_runner_up_is_asked_at_his_own() {
        let (mut lot, winner, bids, last) = sold(LotTerms { next_bidder_rule: true, ..terms() });
        lot.terms.proxy = true;
        let maxima = [(2, 11_000), (3, 12_000), (1, 20_000), (2, 12_500), (3, 12_500)];
        let placed: Vec<_> = (1..)
            .zip(maxima)
            .map(|(seq, (who, fen))| Placed { seq, admission: id(who), secret: Secret { amount: Money::fen(fen), seed: [0; 32] } })
            .collect();
        assert_eq!(next(&lot, winner, &bids, &placed, &[], &last), Some((id(2), Money::fen(12_500))), "of equals the earlier");
        assert_eq!(next(&lot, winner, &bids, &placed[2..3], &[], &last), None);
    }

    #[test]
    fn where_bids_are_sealed_or_by_rounds_the_best_of_the_others_is_asked_at_his_own() {
        let (mut lot, winner, bids, last) = sold(LotTerms { next_bidder_rule: true, ..terms() });
        lot.terms.format = Format::Vickrey {};
        let opened = [(id(1), Money::fen(13_000)), (id(3), Money::fen(12_000)), (id(2), Money::fen(11_000))];
        assert_eq!(next(&lot, winner, &bids, &[], &opened, &last), Some((id(3), Money::fen(12_000))));
        assert_eq!(next(&lot, winner, &bids, &[], &opened[..1], &last), None);
        // Of weighted quotes the best are those with the highest totals, whatever they bid; those without effect come last.
        lot.terms.format = Format::Weighted { price_weight_bp: 10_000, criteria: Vec::new() };
        let by_total = [(id(1), Money::fen(10_000)), (id(3), Money::fen(9_000)), (id(2), Money::fen(12_000)), (id(4), Money::fen(8_999))];
        lot.terms.reserve = Reserve::Open { amount: Money::fen(9_000) };
        assert_eq!(next(&lot, winner, &bids, &[], &by_total, &last), Some((id(3), Money::fen(9_000))));
        assert_eq!(next(&lot, winner, &bids, &[], &[by_total[0], by_total[3]], &last), None, "below the reserve");
        // Where the lowest wins a reserve is a ceiling.
        lot.terms.format = Format::FirstPrice { tie_round_seconds: 300 };
        lot.terms.direction = Direction::Descending;
        for (fen, asked) in [(12_000, Some((id(3), Money::fen(12_000)))), (11_999, None)] {
            lot.terms.reserve = Reserve::Open { amount: Money::fen(fen) };
            assert_eq!(next(&lot, winner, &bids, &[], &opened, &last), asked);
        }
        (lot.terms.direction, lot.terms.reserve) = (Direction::Ascending, Reserve::None {});
        lot.terms.format =
            Format::Rounds { rounds: 3, first_pause_seconds: 300, pause_seconds: 120, turn_seconds: 120, result_seconds: 120 };
        assert_eq!(next(&lot, winner, &[], &[], &opened[1..2], &last), Some((id(3), Money::fen(12_000))), "by rounds the best other offer");
    }
}
