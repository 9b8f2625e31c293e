//! Several units, proved: the vectors of the field's rules, and what holds whoever bids for how many.

use entity::auctions::{LotState, LotTerms, Reserve, UniformPays};
use entity::ids::{AdmissionId, LotId};
use entity::money::Currency;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::auctions::rules::close::{self, Award};
use crate::auctions::rules::sealed::envelope;
use crate::auctions::rules::sealed::tests::{Story, name, sealed_terms};
use crate::platform::keys::{hex, sha256};

const HIGHEST_REJECTED: UniformPays = UniformPays::HighestRejected;
const LOWEST_ACCEPTED: UniformPays = UniformPays::LowestAccepted;

fn uniform(units: u32, cap: u32, pays: UniformPays) -> Format {
    Format::UniformPrice { units, cap, pays }
}

/// A lot for which bidders 1, 2, 3, .. have sealed bids in yuan, one second after another, and that has run out.
fn ended(format: Format, reserve: Option<i64>, bids: &[Vec<i64>]) -> Story {
    let reserve = reserve.map_or(Reserve::None {}, |yuan| Reserve::Open { amount: Money::fen(100 * yuan) });
    let mut story = Story::open(LotTerms { reserve, ..sealed_terms(format) });
    for (who, prices) in (1..).zip(bids) {
        let fen: Vec<_> = prices.iter().map(|yuan| 100 * yuan).collect();
        story.seals_units(who, &fen, i64::try_from(who).unwrap()).unwrap();
    }
    story.ends();
    story
}

fn single(prices: &[i64]) -> Vec<Vec<i64>> {
    prices.iter().map(|price| vec![*price]).collect()
}

/// Who has how many units, and pays how many yuan for them in all.
fn sold(story: &Story) -> Vec<(String, u32, i64)> {
    let awards = story.lot.opened.as_ref().map(|opened| opened.awards.as_slice()).unwrap_or_default();
    awards.iter().map(|award| (award.bidder.clone(), award.units, award.price.minor / 100)).collect()
}

/// One unit each to these bidders at these prices.
fn each(awards: &[(u128, i64)]) -> Vec<(String, u32, i64)> {
    awards.iter().map(|(who, yuan)| (name(*who), 1, *yuan)).collect()
}

/// A50 B48 C48 D40 E39.
const VECTOR: [i64; 5] = [50, 48, 48, 40, 39];

#[test]
fn three_units_go_to_the_best_three_at_one_price() {
    let sold_by = |pays| sold(&ended(uniform(3, 1, pays), Some(30), &single(&VECTOR)));
    assert_eq!(sold_by(HIGHEST_REJECTED), each(&[(1, 40), (2, 40), (3, 40)]));
    assert_eq!(sold_by(LOWEST_ACCEPTED), each(&[(1, 48), (2, 48), (3, 48)]));
    let own = ended(Format::PayAsBid { units: 3, cap: 1 }, Some(30), &single(&VECTOR));
    assert_eq!(sold(&own), each(&[(1, 50), (2, 48), (3, 48)]));
    assert_eq!(own.lot.price_minor, Some(5_000), "the best of what was bid");
}

#[test]
fn at_the_margin_the_earlier_wins() {
    let story = ended(uniform(2, 1, HIGHEST_REJECTED), Some(30), &single(&VECTOR));
    assert_eq!(sold(&story), each(&[(1, 48), (2, 48)]));
    assert_eq!((story.lot.leader_pseudonym.clone(), story.lot.price_minor), (Some(name(1)), Some(4_800)));
}

#[test]
fn where_there_are_units_for_all_the_price_is_the_reserve_or_the_lowest_bid() {
    let sold_by = |pays, reserve, bids: &[i64]| sold(&ended(uniform(5, 1, pays), reserve, &single(bids)));
    assert_eq!(sold_by(HIGHEST_REJECTED, Some(30), &[50, 48, 35]), each(&[(1, 30), (2, 30), (3, 30)]));
    assert_eq!(sold_by(LOWEST_ACCEPTED, Some(30), &[50, 48, 35, 29]), each(&[(1, 35), (2, 35), (3, 35)]));
    assert_eq!(sold_by(HIGHEST_REJECTED, None, &[50, 48]), each(&[(1, 10), (2, 10)]), "without a reserve the start price");
    let unsold = ended(uniform(5, 1, HIGHEST_REJECTED), Some(51), &single(&[50]));
    assert_eq!((unsold.lot.state, sold(&unsold)), (LotState::ClosedUnsold, Vec::new()));
    assert!(unsold.log.last().unwrap().body.contains("below_reserve"));
}

#[test]
fn what_goes_empty_below_the_reserve_makes_no_price() {
    let story = ended(uniform(2, 1, HIGHEST_REJECTED), Some(30), &single(&[50, 40, 29]));
    assert_eq!(sold(&story), each(&[(1, 30), (2, 30)]));
}

#[test]
fn a_bidder_may_win_several_and_his_own_bid_may_be_the_one_that_goes_empty() {
    let bids = [vec![50, 40], vec![45]];
    let two = |pays| sold(&ended(uniform(2, 2, pays), None, &bids));
    assert_eq!(two(HIGHEST_REJECTED), each(&[(1, 40), (2, 40)]));
    let three = ended(Format::PayAsBid { units: 3, cap: 2 }, None, &bids);
    assert_eq!(sold(&three), [(name(1), 2, 90), (name(2), 1, 45)]);
    let one_price = ended(uniform(3, 2, LOWEST_ACCEPTED), None, &bids);
    assert_eq!((sold(&one_price)[0].clone(), one_price.lot.price_minor), ((name(1), 2, 80), Some(4_000)), "the row tells one unit's");
}

#[test]
fn every_buyer_has_an_award_under_his_own_admission() {
    let mut story = Story::open(sealed_terms(Format::PayAsBid { units: 2, cap: 1 }));
    for (who, fen) in [(1, 5_000), (2, 4_800), (3, 4_700)] {
        story.seals(who, fen, 1).unwrap();
    }
    let id = |who| AdmissionId(Uuid::from_u128(who));
    let admissions: close::Admissions = (1..=3).map(|who| (name(who), id(who))).collect();
    let before = story.opened();
    let closing = close::close_among(&before, &admissions, None, before.closes_at).unwrap();
    let award = |who, fen| Award { admission: id(who), bidder: name(who), units: 1, price: Money::fen(fen) };
    assert_eq!(closing.awards, [award(1, 5_000), award(2, 4_800)]);
    assert!(close::close_among(&before, &close::Admissions::new(), None, before.closes_at).is_err(), "nobody is left out silently");
}

#[test]
fn units_are_bid_for_from_the_best_on_and_no_more_than_allowed() {
    let mut story = Story::open(sealed_terms(uniform(4, 3, HIGHEST_REJECTED)));
    assert_eq!(story.seals_units(1, &[5_000, 4_000, 3_000, 2_000], 1), Err(Code::Invalid));
    assert_eq!(story.seals_units(1, &[5_000, 4_000, 4_001], 1), Err(Code::Invalid));
    assert_eq!(story.seals_units(1, &[5_000, 999], 1), Err(Code::TooLow));
    assert_eq!(story.seals_units(1, &[MAX_MINOR, 1_000], 1), Err(Code::Invalid), "their sum could not be told");
    assert_eq!(story.seals_units(1, &[5_000, 5_000, 1_000], 1), Ok(()));
    let mut one_thing = Story::open(sealed_terms(Format::Vickrey {}));
    assert_eq!(one_thing.seals_units(1, &[5_000, 5_000], 1), Err(Code::Invalid));
}

#[test]
fn the_envelope_keeps_every_price_and_one_alone_as_ever() {
    let (lot, salt, price) = (LotId(Uuid::from_u128(1)), [7; 16], Money::fen(12_345));
    let further = vec![Money::fen(12_000), Money::fen(1)];
    for more in [Vec::new(), further.clone()] {
        assert_eq!(envelope::unpack(&envelope::pack(&salt, price, &more), Currency::Cny), Some((salt, price, more)));
    }
    assert_eq!(envelope::unpack(&[0; 16], Currency::Cny), None);
    assert_eq!(envelope::unpack(&[0; 30], Currency::Cny), None);
    let by_hand = sha256(&[b"zhepai/sealed-bid/1".as_slice(), lot.0.as_bytes(), &salt, &12_345_i64.to_be_bytes()].concat());
    assert_eq!(hex(&envelope::commitment(lot, &salt, price, &[])), hex(&by_hand));
    assert_ne!(envelope::commitment(lot, &salt, price, &further), by_hand);
}

/// Different bidders with one to three prices each in yuan, none above the one before.
fn any_bids() -> impl Strategy<Value = Vec<Vec<i64>>> {
    let prices = prop::collection::vec(10_i64..20, 1..=3).prop_map(|mut prices| {
        prices.sort_unstable_by(|one, other| other.cmp(one));
        prices
    });
    prop::collection::vec(prices, 1..6)
}

fn any_format() -> impl Strategy<Value = Format> {
    (2_u32..8, 0_usize..3).prop_map(|(units, which)| match which {
        0 => uniform(units.max(3), 3, HIGHEST_REJECTED),
        1 => uniform(units.max(3), 3, LOWEST_ACCEPTED),
        _ => Format::PayAsBid { units: units.max(3), cap: 3 },
    })
}

proptest! {
    #[test]
    fn the_best_bids_win_and_nobody_pays_more_than_he_bid(
        bids in any_bids(), format in any_format(), reserve in prop::option::of(10_i64..20),
    ) {
        let story = ended(format.clone(), reserve, &bids);
        let sold = sold(&story);
        let (units, floor) = (format.units().unwrap(), reserve.unwrap_or(10));
        let total: u32 = sold.iter().map(|(_, won, _)| won).sum();
        prop_assert!(total <= units);
        let (mut worst_won, mut best_lost) = (i64::MAX, 0);
        for (who, prices) in (1..).zip(&bids) {
            let (won, paid) = sold.iter().find(|(bidder, ..)| *bidder == name(who)).map_or((0, 0), |(_, won, paid)| (*won, *paid));
            prop_assert!(won <= format.cap());
            let (own, lost) = prices.split_at(usize::try_from(won).unwrap());
            let bid: i64 = own.iter().sum();
            prop_assert!(i64::from(won) * floor <= paid && paid <= bid);
            worst_won = own.iter().copied().fold(worst_won, i64::min);
            best_lost = lost.iter().copied().fold(best_lost, i64::max);
        }
        // What loses is no better than what wins, and only for want of a unit or of effect.
        prop_assert!(best_lost <= worst_won);
        prop_assert!(total == units || best_lost < floor);
    }

    #[test]
    fn the_order_in_which_different_prices_arrive_changes_nothing(
        prices in prop::collection::btree_set(10_i64..60, 1..8), format in any_format(), seed in any::<prop::sample::Index>(),
    ) {
        let one: Vec<_> = prices.into_iter().collect();
        let mut other = one.clone();
        other.rotate_left(seed.index(one.len()));
        let told = |prices: &[i64]| {
            let story = ended(format.clone(), None, &single(prices));
            // Bidders are numbered as they arrive: by what they bid they are known again.
            let own = |bidder: &str| (1_u128..).zip(prices).find(|(who, _)| name(*who) == bidder).map(|(_, own)| *own);
            sold(&story).into_iter().map(|(bidder, won, paid)| (own(&bidder), won, paid)).collect::<Vec<_>>()
        };
        prop_assert_eq!(told(&one), told(&other));
    }
}
