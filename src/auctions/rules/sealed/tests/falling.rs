//! Sealed bids of which the lowest wins: as they are announced, and the mirror image of those of which the highest does.

use entity::auctions::Direction;
use serde_json::json;

use super::*;

/// Where what lies so far above the start price lies as far below it, and the other way round.
const MIRROR: i64 = 100_000;

/// Sealed bids for an hour, of which the lowest wins, up to 990.00 yuan.
fn falling_terms(format: Format) -> LotTerms {
    let rising = sealed_terms(format);
    LotTerms { direction: Direction::Descending, start_price: Money::fen(MIRROR - rising.start_price.minor), ..rising }
}

fn fallen(format: Format, reserve: Option<i64>, prices: &[i64]) -> Story {
    opened_of(falling_terms(format), reserve, prices)
}

#[test]
fn the_lowest_of_sealed_bids_wins_at_its_own_price() {
    for format in [FIRST_PRICE, ONE_SHOT] {
        let paid = |reserve, prices: &[i64]| fallen(format.clone(), reserve, prices).sale();
        assert_eq!(paid(None, &[9_000, 8_000, 10_000]), Some((name(2), 8_000)));
        assert_eq!(paid(Some(8_000), &[8_000]), Some((name(1), 8_000)));
        assert_eq!(paid(Some(7_999), &[8_000, 8_000]), None, "equals above the reserve are not asked again");
        assert_eq!(paid(None, &[]), None);
    }
    let dear = fallen(FIRST_PRICE, Some(7_999), &[8_000]);
    assert!(dear.log.last().unwrap().body.contains("above_reserve"));
}

#[test]
fn a_sealed_bid_is_no_higher_than_the_start_price_and_something_at_all() {
    let mut story = Story::open(falling_terms(FIRST_PRICE));
    assert_eq!(limit(&story.lot), 99_000);
    let refusal = |fen: i64| judge(&story.lot, &attempt(1, fen, 1), None).unwrap_err();
    assert_eq!((refusal(99_001).code, &refusal(99_001).facts["at_most"]), (Code::TooHigh, &json!(Money::fen(99_000))));
    assert_eq!((refusal(0).code, &refusal(0).facts["at_least"]), (Code::TooLow, &json!(Money::fen(1))));
    assert_eq!((story.seals(1, 99_000, 1), story.seals(2, 1, 2)), (Ok(()), Ok(())));
    story.ends();
    assert_eq!(story.sale(), Some((name(2), 1)));
}

#[test]
fn the_lowest_who_are_equal_bid_once_more_at_most_that() {
    let tied = || fallen(ONE_SHOT, None, &[8_000, 9_000, 8_000]);
    let mut story = tied();
    assert_eq!((round(&story.lot), limit(&story.lot)), (2, 8_000));
    assert_eq!(story.seals(1, 8_001, 3_700), Err(Code::TooHigh));
    assert_eq!(story.seals(2, 1_000, 3_700), Err(Code::NotInTieRound));
    let ended = |bids: &[(u128, i64)]| {
        let mut story = tied();
        for (who, fen) in bids {
            story.seals(*who, *fen, 3_700).unwrap();
        }
        story.ends();
        story.sale()
    };
    assert_eq!(ended(&[(1, 7_500), (3, 7_000)]), Some((name(3), 7_000)));
    assert_eq!(ended(&[(3, 8_000)]), Some((name(3), 8_000)), "who bids again is before who does not");
    assert_eq!(ended(&[(3, 7_000), (1, 7_000)]), Some((name(1), 7_000)), "equal again: who was ahead before");
    assert_eq!(ended(&[]), Some((name(1), 8_000)), "nobody: the earlier, at the price they were tied at");
}

proptest! {
    /// Whatever is bid, the lowest has it where the highest would in a mirror, for as much less.
    #[test]
    fn it_is_the_mirror_image_of_a_lot_that_the_highest_wins(
        prices in prop::collection::vec(1_000_i64..1_010, 0..6), again in prop::collection::vec(0_i64..4, 6),
        reserve in prop::option::of(1_000_i64..1_010), once in any::<bool>(),
    ) {
        let format = if once { ONE_SHOT } else { FIRST_PRICE };
        let mirrored: Vec<_> = prices.iter().map(|fen| MIRROR - fen).collect();
        let mut rising = opened(format.clone(), reserve, &prices);
        let mut falling = fallen(format, reserve.map(|fen| MIRROR - fen), &mirrored);
        prop_assert_eq!(round(&rising.lot), round(&falling.lot));
        if round(&rising.lot) == 2 {
            let tied = limit(&rising.lot);
            prop_assert_eq!(limit(&falling.lot), MIRROR - tied);
            for (who, more) in (1_u128..).zip(again).take(prices.len()) {
                let low = |refusal: Code| if refusal == Code::TooHigh { Code::TooLow } else { refusal };
                // Now and then a fen worse than it may be.
                let fen = tied + more - 1;
                prop_assert_eq!(rising.seals(who, fen, 3_700), falling.seals(who, MIRROR - fen, 3_700).map_err(low));
            }
            rising.ends();
            falling.ends();
        }
        prop_assert_eq!(rising.sale(), falling.sale().map(|(winner, paid)| (winner, MIRROR - paid)));
    }
}
