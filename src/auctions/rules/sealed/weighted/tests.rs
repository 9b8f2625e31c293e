//! Weighted quotes, proved: vectors reckoned by hand, and what holds whatever is bid and given.

use entity::auctions::{LotState, LotTerms, Reserve};
use entity::ids::AdmissionId;
use entity::scores::{Points, ScoreLevel, Scoring};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::reserve;
use crate::auctions::rules::sealed::envelope;
use crate::auctions::rules::sealed::scores::{Entry, are_complete, criteria, may_score, well_given};
use crate::auctions::rules::sealed::tests::{name, sealed_terms};
use crate::auctions::rules::tests::{at, lot, sole};
use crate::auctions::rules::{announce, clock};
use crate::platform::keys::hex;
use crate::platform::problem::Code;

fn points(hundredths: u16) -> Points {
    Points::hundredths(hundredths).unwrap()
}

/// A table of one level for each figure, in hundredths, which is its name.
fn table(name: &str, weight_bp: u32, figures: &[u16]) -> Criterion {
    let levels = figures.iter().map(|figure| ScoreLevel { name: figure.to_string(), points: points(*figure) }).collect();
    Criterion { name: name.into(), weight_bp, scored: Scoring::Table { levels } }
}

fn experts(name: &str, weight_bp: u32, count: u32) -> Criterion {
    Criterion { name: name.into(), weight_bp, scored: Scoring::Experts { count } }
}

fn level(criterion: &str, figure: u16) -> GivenScore {
    GivenScore::Level { criterion: criterion.into(), level: figure.to_string() }
}

fn gave(criterion: &str, figures: &[u16]) -> GivenScore {
    GivenScore::Experts { criterion: criterion.into(), points: figures.iter().copied().map(points).collect() }
}

/// Price 60 %, a table 25 %, five experts 15 %.
pub(crate) fn format() -> Format {
    Format::Weighted { price_weight_bp: 6_000, criteria: vec![table("方案", 2_500, &[10_000, 5_000]), experts("团队", 1_500, 5)] }
}

/// A level of the table and what the five experts gave, in whole points.
pub(crate) fn given(figure: u16, gave_points: [u16; 5]) -> Vec<GivenScore> {
    vec![level("方案", figure), gave("团队", &gave_points.map(|one| one * 100))]
}

/// Scores of bidders 1, 2, 3, ...
pub(crate) fn scores(given: &[Vec<GivenScore>]) -> Scores {
    (1..).zip(given).map(|(who, given)| (name(who), given.clone())).collect()
}

/// A bid of a bidder as it is opened, the n-th of those sealed.
pub(crate) fn opened(lot: &lot::Model, who: u128, fen: i64, second: i64) -> Opened {
    let (salt, price) = ([7; 16], Money::fen(fen));
    let commitment = hex(&envelope::commitment(lot.id, &salt, price, &[]));
    let bid =
        OpenedBid { bidder: name(who), price, at: at(second), order: second, salt: hex(&salt), commitment, further_units: Vec::new() };
    Opened { admission: AdmissionId(Uuid::from_u128(who)), bid }
}

/// A lot that has run out, with bids of bidders 1, 2, 3, .., sealed one second after another, and after the opening.
fn after(terms: LotTerms, prices: &[i64], scores: &Scores, secret: Option<&OpenedReserve>) -> (lot::Model, Weighing) {
    let open_lot = clock::advance(&lot(terms), at(1)).1;
    let bids = (1..).zip(prices).map(|(who, fen)| opened(&open_lot, who, *fen, i64::try_from(who).unwrap()));
    let (event, after) = open(&open_lot, bids.collect(), scores, secret, clock::next_look(&open_lot).unwrap());
    let Body::BidsOpened { weighing: Some(weighing), .. } = serde_json::from_str(&event.body).unwrap() else { panic!("{}", event.body) };
    (after, weighing)
}

/// The winner by number, what he pays in fen, and the totals as they are spoken, best first.
fn outcome(format: Format, reserve: Option<i64>, bids: &[(i64, Vec<GivenScore>)]) -> (Option<(String, i64)>, Vec<String>) {
    let reserve = reserve.map_or(Reserve::None {}, |fen| Reserve::Open { amount: Money::fen(fen) });
    let (prices, given): (Vec<_>, Vec<_>) = bids.iter().cloned().unzip();
    let (after, weighing) = after(LotTerms { reserve, ..sealed_terms(format) }, &prices, &scores(&given), None);
    let closing = close::close(&after, None, after.opened.as_ref().unwrap().at);
    let sale = sole(&closing).map(|(_, price)| (closing.lot.leader_pseudonym.clone().unwrap(), price.minor));
    (sale, weighing.totals.iter().map(|one| one.total.map_or_else(|| "-".into(), Total::decimal)).collect())
}

#[test]
fn the_highest_total_wins_at_its_own_price() {
    // 60 x 1.0 + 25 x 0.50 + 15 x (70 + 70 + 75) / 300  = 60 + 12.5 + 10.75  = 83.25
    // 60 x 0.9 + 25 x 1.00 + 15 x (88 + 90 + 91) / 300  = 54 + 25   + 13.45  = 92.45
    // 60 x 0.5 + 25 x 1.00 + 15 x 1.00                  = 30 + 25   + 15     = 70
    let bids =
        [(100_000, given(5_000, [60, 70, 70, 75, 99])), (90_000, given(10_000, [91, 88, 20, 92, 90])), (50_000, given(10_000, [100; 5]))];
    let (sale, totals) = outcome(format(), None, &bids);
    assert_eq!((sale, totals), (Some((name(2), 90_000)), vec!["92.4500".into(), "83.2500".into(), "70.0000".into()]));
    // The domain's own: 60 % and a table of 40 %, 60 + 20 against 54 + 32.
    let two = Format::Weighted { price_weight_bp: 6_000, criteria: vec![table("方案", 4_000, &[5_000, 8_000])] };
    let (sale, totals) = outcome(two, None, &[(10_000, vec![level("方案", 5_000)]), (9_000, vec![level("方案", 8_000)])]);
    assert_eq!((sale, totals), (Some((name(2), 9_000)), vec!["86.0000".into(), "80.0000".into()]));
}

#[test]
fn of_five_experts_the_extremes_are_dropped_and_of_three_none() {
    let of = |count: u32, figures: &[u16]| {
        let all = [experts("团队", 4_000, count)];
        total(6_000, &all, &[gave("团队", figures)], 100, 100).decimal()
    };
    assert_eq!(of(5, &[0, 6_000, 6_000, 6_000, 10_000]), "84.0000", "60 + 40 x 0.60");
    assert_eq!(of(7, &[0, 0, 6_000, 6_000, 6_000, 10_000, 10_000]), "82.4000", "(0 + 60 x 3 + 100) / 5 = 56");
    assert_eq!(of(5, &[5_000; 5]), "80.0000", "of equals one is the highest and one the lowest");
    assert_eq!(of(3, &[0, 6_000, 6_000]), "76.0000", "(0 + 60 + 60) / 3 = 40");
    // (50 + 50 + 50.01) / 3 = 50.0033.., and 60 + 40 % of it 80.00133..
    assert_eq!(of(3, &[5_000, 5_000, 5_001]), "80.0013");
}

#[test]
fn a_total_is_rounded_once_and_half_up() {
    let all = |weight_bp| vec![table("方案", weight_bp, &[0, 100])];
    let nothing = [level("方案", 0)];
    // 99.99 x 99 999 / 100 000 = 99.9890001; 99.99 x 1 999 799 / 1 999 800 = 99.98995.
    assert_eq!(total(9_999, &all(1), &nothing, 99_999, 100_000).decimal(), "99.9890");
    assert_eq!(total(9_999, &all(1), &nothing, 1_999_799, 1_999_800).decimal(), "99.9900");
    // One ten-thousandth of a third of a point is 0.00003.., of two thirds 0.00006..
    let expert = [experts("团队", 1, 3)];
    let third = |figures: &[u16]| total(9_999, &expert, &[gave("团队", figures)], 0, 100).decimal();
    assert_eq!((third(&[100, 0, 0]), third(&[100, 100, 0])), ("0.0000".into(), "0.0001".into()));
}

#[test]
fn of_equal_totals_the_higher_price_wins_and_of_equal_prices_the_earlier() {
    let one = |figure| vec![level("方案", figure)];
    let two = Format::Weighted { price_weight_bp: 6_000, criteria: vec![table("方案", 4_000, &[5_000, 6_500])] };
    // 54 + 26 and 60 + 20.
    assert_eq!(outcome(two.clone(), None, &[(9_000, one(6_500)), (10_000, one(5_000))]).0, Some((name(2), 10_000)));
    assert_eq!(outcome(two, None, &[(10_000, one(5_000)), (10_000, one(5_000))]).0, Some((name(1), 10_000)));
}

#[test]
fn what_is_below_the_reserve_counts_for_nothing() {
    let best = given(10_000, [100; 5]);
    let (sale, totals) = outcome(format(), Some(9_000), &[(8_999, best.clone()), (9_000, given(5_000, [0; 5]))]);
    assert_eq!((sale, totals), (Some((name(2), 9_000)), vec!["72.5000".into(), "-".into()]));
    assert_eq!(outcome(format(), Some(9_001), &[(8_999, best.clone()), (9_000, best)]).0, None);
    assert_eq!(outcome(format(), None, &[]), (None, Vec::new()));
    // A secret reserve is opened with the bids.
    let secret = OpenedReserve { amount: Money::fen(9_000), salt: hex(&[3; 16]) };
    let terms =
        LotTerms { reserve: Reserve::Secret { commitment: reserve::commitment(&[3; 16], secret.amount) }, ..sealed_terms(format()) };
    let all = scores(&[given(10_000, [100; 5]), given(5_000, [0; 5])]);
    let (lot, weighing) = after(terms, &[8_999, 9_000], &all, Some(&secret));
    assert_eq!((lot.leader_pseudonym, weighing.highest, weighing.reserve), (Some(name(2)), Some(Money::fen(9_000)), Some(secret)));
}

#[test]
fn scores_are_those_of_the_announced_indicators() {
    let format = format();
    let announced = criteria(&format);
    let sound = given(5_000, [60, 70, 80, 90, 100]);
    let places = |scores: &[GivenScore], reason: Option<&String>, corrects| {
        let problem = well_given(announced, Entry { scores, protocol: "评审记录 1", reason, corrects }).err();
        problem.map(|problem| problem.errors.iter().map(|fault| fault.pointer.clone()).collect::<Vec<_>>()).unwrap_or_default()
    };
    assert!(are_complete(announced, &sound) && places(&sound, None, false).is_empty());
    assert_eq!(places(&sound, None, true), ["/reason"]);
    assert_eq!(places(&sound, Some(&"录入错误".into()), true), Vec::<String>::new());
    assert_eq!(places(&sound[..1], None, false), ["/scores"]);
    let swapped: Vec<_> = sound.iter().rev().cloned().collect();
    assert_eq!(places(&swapped, None, false), ["/scores/0", "/scores/1"]);
    for odd in [[level("方案", 7_000), sound[1].clone()], [gave("方案", &[0; 5]), sound[1].clone()]] {
        assert_eq!(places(&odd, None, false), ["/scores/0"]);
    }
    assert_eq!(places(&[sound[0].clone(), gave("团队", &[0; 4])], None, false), ["/scores/1"]);
}

#[test]
fn scores_are_taken_from_the_end_of_registration_until_the_opening() {
    let announced_lot = lot::Model { enough_admitted: None, ..lot(sealed_terms(format())) };
    assert_eq!(may_score(&announced_lot).unwrap_err().code, Code::WrongState);
    let registered = announce::registered(&announced_lot, 1, at(-1)).1;
    let open_lot = clock::advance(&registered, at(1)).1;
    assert_eq!((may_score(&registered), may_score(&open_lot)), (Ok(()), Ok(())));
    let (_, opened_lot) = open(&open_lot, Vec::new(), &Scores::new(), None, clock::next_look(&open_lot).unwrap());
    assert_eq!(may_score(&opened_lot).unwrap_err().code, Code::WrongState);
    let aborted = lot::Model { state: LotState::Aborted, ..registered };
    assert!(may_score(&aborted).is_err() && may_score(&lot(crate::auctions::rules::tests::terms())).is_err());
}

/// An exact fraction, reckoned step by step.
#[derive(Clone, Copy)]
struct Fraction(i128, i128);

impl Fraction {
    fn plus(self, other: Self) -> Self {
        Self(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn rounded(self) -> i64 {
        let (whole, rest) = (self.0 / self.1, self.0 % self.1);
        i64::try_from(whole + i128::from(rest * 2 >= self.1)).unwrap()
    }
}

/// Weights that make the whole, the price's first.
fn weights() -> impl Strategy<Value = (u32, u32, u32)> {
    (1_u32..9_998).prop_flat_map(|price| (Just(price), 1..10_000 - price)).prop_map(|(price, one)| (price, one, 10_000 - price - one))
}

fn figures(count: usize) -> impl Strategy<Value = Vec<u16>> {
    prop::collection::vec(0..=Points::MOST, count)
}

proptest! {
    /// And whoever is best in everything has a hundred points.
    #[test]
    fn a_total_is_the_exact_fraction_rounded_once(
        (price_bp, table_bp, expert_bp) in weights(), price in 0_i64..1_000_000_000, below in 0_i64..1_000_000_000,
        figure in 0..=Points::MOST, gave_figures in figures(7),
    ) {
        let highest = price + below;
        let all = [table("方案", table_bp, &[figure]), experts("团队", expert_bp, 7)];
        let found = total(price_bp, &all, &[level("方案", figure), gave("团队", &gave_figures)], price, highest);
        let mut sorted = gave_figures;
        sorted.sort_unstable();
        let sum: i128 = sorted[1..6].iter().map(|one| i128::from(*one)).sum();
        // In ten-thousandths of a point: basis points times points.
        let exact = Fraction(i128::from(price_bp) * 100 * i128::from(price), i128::from(highest.max(1)))
            .plus(Fraction(i128::from(table_bp) * i128::from(figure), 100))
            .plus(Fraction(i128::from(expert_bp) * sum, 500));
        prop_assert_eq!(found, Total(exact.rounded()));
        prop_assert!((0..=1_000_000).contains(&found.0));
        let best = total(price_bp, &[table("方案", table_bp, &[10_000]), experts("团队", expert_bp, 3)], &[level("方案", 10_000), gave("团队", &[10_000; 3])], highest, highest);
        prop_assert!(highest == 0 || best == Total(1_000_000));
    }

    #[test]
    fn who_bids_more_has_no_lower_total((price_bp, one, two) in weights(), price in 1_i64..1_000_000, more in 0_i64..1_000_000, others in 1_i64..2_000_000) {
        let all = [table("方案", one + two, &[5_000])];
        let of = |price: i64| total(price_bp, &all, &[level("方案", 5_000)], price, others.max(price));
        prop_assert!(of(price + more) >= of(price));
    }

    /// And among equals in all else the highest price wins.
    #[test]
    fn among_equals_the_highest_price_wins(above in prop::collection::btree_set(0_i64..1_000_000, 1..6)) {
        let bids: Vec<_> = above.iter().map(|above| (1_000 + above, given(5_000, [50; 5]))).collect();
        let highest = bids.last().map(|(price, _)| *price);
        prop_assert_eq!(outcome(format(), None, &bids).0.map(|(_, paid)| paid), highest);
    }

    #[test]
    fn which_expert_gave_what_changes_nothing((sorted, shuffled) in figures(5).prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))) {
        let all = [experts("团队", 5_000, 5)];
        let of = |figures: &[u16]| total(5_000, &all, &[gave("团队", figures)], 7, 9);
        prop_assert_eq!(of(&sorted), of(&shuffled));
    }
}
