//! Buying at once: until the first bid, by one, for good.

use chrono::TimeDelta;
use entity::auctions::{ClosingMode, LotEventKind, LotState, LotTerms};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::outage::{self, Outage};
use crate::auctions::rules::pause::{self, Order};
use crate::auctions::rules::tests::{at, bid, lot, sole, terms};
use crate::auctions::rules::{close, judge, log};

/// From 100.00 up, or at once for 200.00.
fn quick() -> LotTerms {
    LotTerms { buy_now: Some(Money::fen(20_000)), ..terms() }
}

fn refusal(lot: &lot::Model, who: u128, second: i64) -> Option<Code> {
    buy(lot, &bid(who, 1, second)).outcomes.remove(0).err().map(|problem| problem.code)
}

/// A lot under terms that somebody bought at a second.
fn bought(terms: LotTerms, second: i64) -> lot::Model {
    let judgement = buy(&lot(terms), &bid(1, 1, second));
    let accepted = judgement.outcomes[0].clone().unwrap();
    assert_eq!((accepted.price, accepted.arrival, accepted.closes_at), (Money::fen(20_000), at(second), at(second)));
    judgement.lot
}

fn order() -> Order {
    Order { reason: "网络故障".into(), ..Order::default() }
}

#[test]
fn whoever_buys_before_the_first_bid_has_the_lot() {
    let lot = bought(quick(), 100);
    assert_eq!((standing(&lot), on_offer(&lot), lot.bid_count), (Standing::Bought, None, 1));
    let over = at(100) + TimeDelta::milliseconds(300);
    assert_eq!((clock::next_look(&lot), clock::is_over(&lot, over)), (Some(over), true));
    let closing = close::close(&lot, None, over);
    assert_eq!(sole(&closing), Some((AdmissionId(Uuid::from_u128(1)), Money::fen(20_000))));
    assert_eq!((closing.lot.state, standing(&closing.lot)), (LotState::ClosedSold, Standing::Bought));
}

#[test]
fn a_purchase_ends_it_for_everybody_else() {
    for mode in ClosingMode::ALL {
        let lot = bought(LotTerms { closing_mode: *mode, ..quick() }, 100);
        // Also for what arrived before and is judged after.
        for second in [99, 100, 101, 5_000] {
            let bid = judge(&lot, &[bid(2, 30_000, second)]).outcomes.remove(0).unwrap_err();
            assert_eq!((bid.code, refusal(&lot, 2, second)), (Code::Closed, Some(Code::Closed)), "{mode:?} {second}");
        }
        assert!(clock::advance(&lot, at(9_000)).0.is_empty(), "no timed phase follows");
        assert_eq!(pause::pause(&lot, &order(), at(100)).unwrap_err().code, Code::Closed);
        assert_eq!(pause::extend(&lot, 60, TimeDelta::hours(24), &order(), at(100)).unwrap_err().code, Code::Closed);
        let outage = Outage { began_at: at(40), ended_at: at(99) };
        assert!(outage::extended(&lot, &[outage], TimeDelta::minutes(5), at(100), at(100)).0.is_empty(), "nor is it given more time");
    }
}

#[test]
fn once_a_bid_stands_it_is_over() {
    let held = judge(&lot(quick()), &[bid(1, 10_000, 1)]).lot;
    assert_eq!((standing(&held), on_offer(&held)), (Standing::Over, None));
    for who in [1, 2] {
        assert_eq!(refusal(&held, who, 2), Some(Code::BuyNowOver));
    }
    // A bid as high as that is a bid like any other.
    let high = judge(&lot(quick()), &[bid(1, 20_000, 1)]).lot;
    assert_eq!((standing(&high), high.closes_at), (Standing::Over, at(3_600)));
    assert_eq!(refusal(&lot(terms()), 1, 1), Some(Code::BuyNowOver), "it was not announced");
    assert_eq!(standing(&lot(terms())), Standing::Absent);
}

#[test]
fn it_is_refused_where_a_bid_would_be() {
    let waiting = lot(quick());
    assert_eq!((refusal(&waiting, 1, -1), refusal(&waiting, 1, 0)), (Some(Code::NotOpen), None));
    assert_eq!(refusal(&waiting, 1, 3_600), Some(Code::Closed));
    let open = clock::advance(&waiting, at(1)).1;
    let paused = pause::pause(&open, &order(), at(10)).unwrap().1;
    assert_eq!(refusal(&paused, 1, 20), Some(Code::Paused));
    let suspended = Attempt { suspended: true, ..bid(1, 1, 20) };
    assert_eq!(buy(&open, &suspended).outcomes.remove(0).unwrap_err().code, Code::BidderSuspended);
}

#[test]
fn in_a_timed_lot_it_may_be_bought_in_the_timed_phase_too() {
    let lot = bought(LotTerms { closing_mode: ClosingMode::TimedCycle, ..quick() }, 3_700);
    assert_eq!((lot.state, standing(&lot)), (LotState::OpenTimed, Standing::Bought));
    assert!(clock::advance(&lot, at(9_000)).0.is_empty());
}

proptest! {
    #[test]
    fn whatever_comes_one_buys_at_most_and_nothing_counts_after_him(
        mode in prop::sample::select(ClosingMode::ALL.to_vec()),
        tries in prop::collection::vec((1_u128..5, any::<bool>(), 9_000_i64..60_000, 0_i64..600), 1..20),
    ) {
        let start = lot(LotTerms { closing_mode: mode, multiples_only: false, ..quick() });
        let (mut lot, mut events, mut second) = (start.clone(), Vec::new(), -600);
        for (who, buys, fen, later) in tries {
            second += later;
            let tried = bid(who, fen, second);
            let before = standing(&lot);
            let judgement = if buys { buy(&lot, &tried) } else { judge(&lot, std::slice::from_ref(&tried)) };
            let counts = judgement.outcomes[0].is_ok();
            prop_assert!(!(counts && before == Standing::Bought), "something counts after a purchase");
            prop_assert!(!(counts && buys) || before == Standing::OnOffer, "it was bought after a bid");
            events.extend(judgement.events);
            lot = judgement.lot;
        }
        let bought = events.iter().filter(|event| event.kind == LotEventKind::BoughtNow).count();
        prop_assert_eq!(usize::from(is_bought(&lot)), bought);
        prop_assert!(bought == 0 || lot.bid_count == 1);
        prop_assert_eq!(log::replay(start, &events), Ok(lot));
    }
}
