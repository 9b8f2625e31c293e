//! Maxima: what was recorded of real auctions, what is opened at the close, and what holds of any.

use entity::auctions::{ClosingMode, LotState, LotTerms, Reserve, Rung, Step, StepBase, lot};
use entity::ids::{AdmissionId, PersonId};
use entity::money::{Currency, Money};
use proptest::prelude::*;
use uuid::Uuid;

use super::super::judge::{Attempt, Judgement, judge, judge_knowing};
use super::super::log::{self, OpenedReserve};
use super::super::step::step_at;
use super::super::tests::{at, lot, terms};
use super::*;

/// Where each increment begins, in fen, as the market in the data had them in 2003.
const INCREMENTS: [(i64, i64); 10] = [
    (1, 5),
    (100, 25),
    (500, 50),
    (2_500, 100),
    (10_000, 250),
    (25_000, 500),
    (50_000, 1_000),
    (100_000, 2_500),
    (250_000, 5_000),
    (500_000, 10_000),
];

/// Maxima by that ladder.
fn ebay(start: i64) -> LotTerms {
    let rungs = INCREMENTS.map(|(from, step)| Rung { from: Money::fen(from), step: Money::fen(step) });
    LotTerms {
        closing_mode: ClosingMode::HardClose,
        start_price: Money::fen(start),
        step: Step::Ladder { rungs: rungs.into() },
        step_base: StepBase::BestBid,
        multiples_only: false,
        proxy: true,
        ..terms()
    }
}

fn who(number: u128) -> AdmissionId {
    AdmissionId(Uuid::from_u128(number))
}

/// Bids in their order, a second after each other.
fn bids(of: &[(u128, i64)]) -> Vec<Attempt> {
    let attempt = |((number, fen), second): (&(u128, i64), u8)| Attempt {
        admission: who(*number),
        pseudonym: format!("竞买人 {number}"),
        suspended: false,
        price: Money::fen(*fen),
        arrival: at(second.into()),
        person: PersonId(Uuid::from_u128(*number)),
        request_id: "r".into(),
        seed: [second; 32],
        priority: None,
    };
    of.iter().zip(1_u8..).map(attempt).collect()
}

fn played(terms: LotTerms, of: &[(u128, i64)]) -> Judgement {
    judge_knowing(&lot(terms), None, &bids(of))
}

/// What was accepted, known whole.
fn placed(judgement: &Judgement) -> Vec<Placed> {
    let accepted = judgement.outcomes.iter().flatten();
    let bid_by = |seq: i64| judgement.events.iter().find(|event| event.seq == seq).and_then(|event| event.admission_id).unwrap();
    accepted.map(|one| Placed { seq: one.seq, admission: bid_by(one.seq), secret: one.maximum.unwrap() }).collect()
}

#[test]
fn real_auctions_end_as_recorded() {
    for (auction, start, of, price, leader) in [
        // One bidder, who raises himself.
        (3_025_598_698_u64, 17_500, &[(1, 17_500), (1, 17_600)][..], 17_500, 1),
        // Second best and an increment.
        (1_638_893_549, 9_900, &[(1, 17_500), (2, 10_000), (3, 12_000), (3, 15_000), (4, 17_750)], 17_750, 4),
        (1_648_706_567, 15_000, &[(1, 20_250), (2, 18_000), (2, 19_000), (2, 19_500), (2, 20_000)], 20_250, 1),
        // The leader raises himself three times.
        (1_646_079_608, 10_000, &[(1, 12_000), (2, 25_000), (2, 35_000), (2, 40_000), (2, 43_800), (3, 43_300)], 43_800, 2),
        // No more than the best.
        (1_642_322_610, 169_900, &[(1, 169_900), (2, 172_400), (1, 174_900), (3, 177_800), (1, 179_900)], 179_900, 1),
        (1_641_062_012, 149_999, &[(1, 160_000), (2, 152_499), (3, 159_900)], 160_000, 1),
        (3_024_889_230, 24_000, &[(1, 24_500), (1, 25_000), (2, 25_100), (1, 26_000), (2, 26_100)], 26_100, 2),
        // Of equals the earlier.
        (3_019_119_068, 18_000, &[(1, 18_500), (2, 19_000), (1, 20_000), (2, 20_000)], 20_000, 1),
    ] {
        let ended = played(ebay(start), of);
        let refused: Vec<_> = ended.outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
        assert!(refused.is_empty(), "{auction}: {refused:?}");
        assert_eq!((ended.lot.price_minor, ended.lot.leader_admission_id), (Some(price), Some(who(leader))), "{auction}");
    }
}

#[test]
fn the_leaders_own_raise_reckons_the_price_anew() {
    let capped = played(ebay(10_000), &[(1, 17_000), (2, 17_100)]);
    assert_eq!(capped.lot.price_minor, Some(17_100));
    let raised = judge_knowing(&capped.lot, capped.hidden, &bids(&[(2, 17_100), (2, 17_101), (2, 30_000)]));
    let refusal = raised.outcomes[0].as_ref().unwrap_err();
    assert_eq!((refusal.code, &refusal.facts["at_least"]["amount"]), (Code::TooLow, &"171.01".into()));
    assert_eq!(raised.outcomes[1].as_ref().unwrap().price, Money::fen(17_101));
    assert_eq!((raised.lot.price_minor, raised.lot.bid_count), (Some(17_250), 4));
}

#[test]
fn who_leads_raises_himself_so_often_and_again_once_he_was_outbid() {
    let mut of = vec![(1, 17_000)];
    of.extend((1..=i64::from(MOST_RAISES)).map(|more| (1, 17_000 + more)));
    let ahead = played(ebay(10_000), &of);
    assert!(ahead.outcomes.iter().all(Result::is_ok));
    let next =
        judge_knowing(&ahead.lot, ahead.hidden, &bids(&[(1, 99_000), (2, 12_000), (1, 99_000), (2, 30_000), (1, 40_000), (1, 50_000)]));
    let refused: Vec<_> = next.outcomes.iter().map(|outcome| outcome.as_ref().err().map(|refusal| refusal.code)).collect();
    let too_many = Some(Code::TooManyRaises);
    assert_eq!(refused, [too_many, None, too_many, None, None, None], "a bid that does not outbid him gives him no more");
    assert_eq!(next.outcomes[0].as_ref().unwrap_err().facts["limit"], MOST_RAISES);
}

#[test]
fn who_raises_himself_holds_the_lot_open_for_nobody() {
    let soft = LotTerms { closing_mode: ClosingMode::SoftClose, ..ebay(10_000) };
    let ahead = judge_knowing(&lot(soft), None, &bids(&[(1, 17_000)]));
    let late = |who: u128, fen: i64| Attempt { arrival: at(3_500), ..bids(&[(who, fen)]).remove(0) };
    let end = |attempt| judge_knowing(&ahead.lot, ahead.hidden, &[attempt]).lot.closes_at;
    assert_eq!(end(late(1, 30_000)), ahead.lot.closes_at);
    assert!(end(late(2, 16_000)) > ahead.lot.closes_at);
}

#[test]
fn anybody_else_adds_a_step_to_the_price_where_one_is_demanded() {
    let code = |terms: &LotTerms, fen: i64| {
        let standing = played(terms.clone(), &[(1, 30_000), (2, 17_000)]);
        let after = judge_knowing(&standing.lot, standing.hidden, &bids(&[(2, fen)]));
        after.outcomes[0].as_ref().err().map(|refusal| refusal.code)
    };
    let (strict, free) = (ebay(10_000), LotTerms { enforce_step: false, ..ebay(10_000) });
    assert_eq!([17_499, 17_500].map(|fen| code(&strict, fen)), [Some(Code::TooLow), None]);
    assert_eq!([17_250, 17_251].map(|fen| code(&free, fen)), [Some(Code::TooLow), None]);
    let first = |fen: i64| played(strict.clone(), &[(1, fen)]).outcomes[0].as_ref().err().map(|refusal| refusal.code);
    assert_eq!([9_999, 10_000].map(first), [Some(Code::TooLow), None]);
}

#[test]
fn nothing_is_told_of_how_far_the_leader_would_go() {
    let told = |top: i64| {
        let judged = played(ebay(10_000), &[(1, top), (2, 17_000), (1, top + 5_000)]);
        let commitments: Vec<_> = placed(&judged).iter().map(|one| one.secret.commitment()).collect();
        let mut text: String = judged.events.iter().map(|event| event.body.clone()).collect();
        for commitment in commitments {
            text = text.replace(&commitment, "");
        }
        text
    };
    assert_eq!(told(50_000), told(90_000));
}

#[test]
fn without_what_is_hidden_nobody_judges_on() {
    let standing = played(ebay(10_000), &[(1, 17_000)]).lot;
    assert_eq!(judge(&standing, &bids(&[(2, 20_000)])).outcomes[0].as_ref().unwrap_err().code, Code::Internal);
}

#[test]
fn what_is_sealed_is_read_again() {
    for (second, raises) in [(None, 0), (Some(0), 1), (Some(17_000), MOST_RAISES)] {
        let hidden = Hidden { top: 20_000, second, raises };
        assert_eq!(Hidden::unpack(&hidden.pack()), Some(hidden));
    }
    let before = Hidden { top: 20_000, second: None, raises: 0 }.pack();
    assert_eq!(Hidden::unpack(&before[..16]), None, "from before raises were counted, the log tells them");
    let secret = Secret { amount: Money::fen(20_000), seed: [7; 32] };
    assert_eq!(Secret::unpack(&secret.pack(), Currency::Cny), Some(secret));
    assert_eq!((Hidden::unpack(b"short"), Secret::unpack(b"short", Currency::Cny)), (None, None));
}

/// How a lot ends whose two bidders would pay 170.00 and 300.00, so that it stands at 172.50.
fn ended(reserve: Reserve, secret: Option<&OpenedReserve>) -> (lot::Model, Vec<i64>, Vec<i64>) {
    let judged = played(LotTerms { reserve, ..ebay(10_000) }, &[(1, 17_000), (2, 30_000)]);
    let (event, ahead) = opened(&judged.lot, &placed(&judged), secret, at(3_601)).unwrap();
    let Body::MaximaOpened { losing, winner, .. } = serde_json::from_str(&event.body).unwrap() else { panic!("{event:?}") };
    let closed = close::close(&ahead, secret.cloned(), at(3_601)).lot;
    (closed, losing.iter().map(|one| one.seq).collect(), winner.iter().map(|one| one.seq).collect())
}

#[test]
fn a_reserve_that_the_winners_maximum_reaches_is_the_price() {
    let open = |fen: i64| Reserve::Open { amount: Money::fen(fen) };
    let secret = |fen: i64| OpenedReserve { amount: Money::fen(fen), salt: "00".repeat(16) };
    let veiled = || Reserve::Secret { commitment: String::new() };
    for (reserve, opened, price) in [
        (Reserve::None {}, None, Some(17_250)),
        (open(17_000), None, Some(17_250)),
        (open(25_000), None, Some(25_000)),
        (open(30_000), None, Some(30_000)),
        (open(30_001), None, None),
        (veiled(), Some(secret(25_000)), Some(25_000)),
        (veiled(), Some(secret(30_001)), None),
        (veiled(), None, None),
    ] {
        let (closed, losing, winner) = ended(reserve.clone(), opened.as_ref());
        let sold = closed.price_minor.filter(|_| closed.state == LotState::ClosedSold);
        assert_eq!(sold, price, "{reserve:?}");
        let expected = if price.is_some() { (vec![2], vec![3]) } else { (vec![2, 3], vec![]) };
        assert_eq!((losing, winner), expected, "{reserve:?}");
    }
}

#[test]
fn an_earlier_maximum_of_the_winner_below_the_price_is_a_losing_one() {
    let judged = played(ebay(10_000), &[(1, 12_000), (2, 20_000), (1, 30_000)]);
    let (event, _) = opened(&judged.lot, &placed(&judged), None, at(3_601)).unwrap();
    let Body::MaximaOpened { losing, winner, price } = serde_json::from_str(&event.body).unwrap() else { panic!("{event:?}") };
    let amounts: Vec<_> = losing.iter().map(|one| one.amount.minor).collect();
    assert_eq!((amounts, winner.len(), price.minor), (vec![12_000, 20_000], 1, 20_250));
    assert!(!event.body.contains("300.00"));
    assert!(opened(&lot(ebay(10_000)), &[], None, at(3_601)).is_none(), "nobody has bid");
}

#[test]
fn the_runner_up_is_the_best_of_the_others_not_the_last() {
    let judged = played(ebay(10_000), &[(1, 20_000), (2, 15_000), (3, 40_000)]);
    assert_eq!(runner_up(&placed(&judged), who(3)), Some(who(1)));
    let tied = played(ebay(10_000), &[(1, 20_000), (2, 20_000), (3, 40_000)]);
    assert_eq!(runner_up(&placed(&tied), who(3)), Some(who(1)));
    assert_eq!(runner_up(&placed(&played(ebay(10_000), &[(3, 20_000)])), who(3)), None);
}

/// Leader and price reckoned once, from the text of the rule: each bidder's best, the earliest of the highest, and the best
/// of anybody else with a step on it.
fn once(terms: &LotTerms, of: &[(u128, i64)]) -> Option<(u128, i64)> {
    let top = of.iter().map(|(_, fen)| *fen).max()?;
    let leader = of.iter().find(|(_, fen)| *fen == top)?.0;
    let second = of.iter().filter(|(number, _)| *number != leader).map(|(_, fen)| *fen).max();
    let start = terms.start_price.minor;
    Some((leader, second.map_or(start, |second| start.max(top.min(second + step_at(terms, Some(second)))))))
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (1_i64..5_000).prop_map(|fen| Step::Fixed { amount: Money::fen(fen) }),
        (1_u32..3_000).prop_map(|rate_bp| Step::Percent { rate_bp }),
        Just(ebay(1).step),
    ]
}

proptest! {
    #[test]
    fn one_after_another_comes_to_the_same_as_once_at_the_end(
        step in any_step(),
        step_base in prop::sample::select(StepBase::ALL.to_vec()),
        of in prop::collection::vec((1_u128..5, 10_000_i64..10_060), 1..30),
    ) {
        let terms = LotTerms { step, step_base, ..ebay(10_000) };
        let mut held: Option<(u128, Hidden)> = None;
        let mut stood = 0;
        for (index, (number, fen)) in of.iter().enumerate() {
            held = Some(after(held, *number, *fen));
            let (leader, hidden) = held.unwrap();
            let now = price(&terms, hidden);
            prop_assert_eq!(once(&terms, &of[..=index]), Some((leader, now)));
            prop_assert!(now >= stood && now <= hidden.top && hidden.second.is_none_or(|second| second <= hidden.top));
            stood = now;
        }
        prop_assert_eq!(standing(of.iter().copied()), held);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// What is hidden can be had from the sealed part of the log alone, and the rest from what is public.
    #[test]
    fn a_lot_and_what_it_hides_are_rebuilt_from_its_log(of in prop::collection::vec((1_u128..4, 9_000_i64..40_000), 1..12)) {
        let judged = played(ebay(10_000), &of);
        let maxima = placed(&judged);
        let rebuilt = standing(maxima.iter().map(|one| (one.admission, one.secret.amount.minor)));
        prop_assert_eq!(rebuilt.map(|(leader, _)| leader), judged.lot.leader_admission_id);
        prop_assert_eq!(rebuilt.map(|(_, hidden)| hidden), judged.hidden);
        prop_assert_eq!(rebuilt.map(|(_, hidden)| price(&judged.lot.terms, hidden)), judged.lot.price_minor);
        prop_assert_eq!(log::replay(lot(ebay(10_000)), &judged.events), Ok(judged.lot));
        // A bid that counts for anybody but the leader makes it dearer.
        let prices: Vec<_> = judged.outcomes.iter().flatten().map(|one| one.price.minor).collect();
        prop_assert!(prices.is_sorted());
    }
}
