//! The promises of lots that are bid for downwards, or can be bought at once.

use std::collections::BTreeSet;

use entity::auctions::Direction;

use super::sealed::opened;
use super::*;
use crate::auctions::rules::buy_now::buy;
use crate::auctions::rules::{close, sealed as by_seal};
use crate::listings::rules::offer::OfferedReserve;

/// The numbers a sentence names.
fn figures(sentence: &str) -> BTreeSet<&str> {
    let pieces = sentence.split(|c: char| !c.is_ascii_digit() && c != '.').map(|piece| piece.trim_matches('.'));
    pieces.filter(|piece| !piece.is_empty()).collect()
}

/// The promises of an offer to a rehearsal that descends, and the lot that runs on it.
fn rehearsed(offer: &Offer) -> (Promises, lot::Model) {
    let rules = rules(SellerClass::Rehearsal);
    let bidding = settle(offer, &rules, None).unwrap();
    let text = rule_text(offer, &bidding, &rules).unwrap();
    assert_eq!(text.zh.len(), text.en.len());
    for (zh, en) in text.zh.iter().zip(&text.en) {
        assert_eq!(figures(zh), figures(en), "{zh} / {en}");
        assert!(!["加价", "最高价", "最高出价", "更高", "次高"].iter().any(|words| zh.contains(words)), "{zh}");
    }
    (Promises(text.en), lot(bidding.lot_terms(at(0), 1)))
}

proptest! {
    #[test]
    fn descending_prices_are_judged_as_they_are_promised(offer in chosen()) {
        let mut offer = offer;
        offer.auction.direction = Some(Direction::Descending);
        let (promises, lot) = rehearsed(&offer);
        let start = amount(promises.after("The start price is ").unwrap());
        let first = attempt(1, start, at(1));
        prop_assert_eq!(fate(&lot, &[attempt(1, start + 1, at(1))]).0, Some(Code::TooHigh));
        prop_assert_eq!(fate(&lot, &[attempt(1, amount(promises.after("No bid is below ").unwrap()) - 1, at(1))]).0, Some(Code::TooLow));
        let (refused, lot) = fate(&lot, std::slice::from_ref(&first));
        prop_assert_eq!(refused, None);

        let least = promises.after("The step is ").map_or(1, |words| promised_step(words, start));
        prop_assert_eq!(promises.after("The step is ").is_none(), promises.say("No step is demanded; any bid below"));
        prop_assert_eq!(fate(&lot, &[attempt(2, start - least + 1, at(2))]).0, Some(Code::TooHigh));
        // A step as large as the start price leaves no lower bid at all.
        if least < start {
            prop_assert_eq!(fate(&lot, &[attempt(2, start - least, at(2))]).0, None);
            let lowered = fate(&lot, &[attempt(1, start - least, at(2))]).0;
            prop_assert_eq!(lowered.is_none(), promises.say("The lowest bidder may lower his own bid"));
        }
        let odd = start - 2 * least - 1;
        if odd >= 1 {
            let whole_steps = promises.say("a whole number of steps");
            prop_assert_eq!(fate(&lot, &[attempt(2, odd, at(2))]).0, (whole_steps && least > 1).then_some(Code::NotAStep));
        }
        // Nobody is told what holds where prices rise.
        prop_assert!(!["highest bid", "higher one", "adds", "raise"].iter().any(|words| promises.say(words)), "{:?}", promises.0);
    }

    #[test]
    fn a_reserve_is_the_ceiling_that_is_promised(fen in 1_i64..=20_000_000, more in 0_i64..100) {
        let mut offer = offer();
        offer.auction.direction = Some(Direction::Descending);
        (offer.auction.enforce_step, offer.auction.multiples_only) = (Some(false), Some(false));
        offer.reserve = OfferedReserve::Open { amount: Money::fen(fen) };
        let (promises, lot) = rehearsed(&offer);
        prop_assert!(promises.say("a lowest bid above it has no effect"));
        let ceiling = amount(promises.after("The reserve price is ").unwrap());
        let price = (ceiling + more).min(lot.terms.start_price.minor);
        let played = fate(&lot, &[attempt(1, price, at(1))]).1;
        prop_assert_eq!(close::close(&played, None, played.closes_at).awards.len() == 1, price <= ceiling);
    }

    #[test]
    fn the_lowest_of_sealed_bids_has_what_is_promised(once in any::<bool>(), below in prop::collection::vec(0_i64..4, 1..6)) {
        let mut offer = offer();
        offer.auction.direction = Some(Direction::Descending);
        offer.auction.format = if once { OfferedFormat::OneShot {} } else { OfferedFormat::FirstPrice {} };
        offer.auction.closing_mode = ClosingMode::HardClose;
        let (promises, lot) = rehearsed(&offer);
        let start = amount(promises.after("The start price is ").unwrap());
        let least = amount(promises.after("No bid is below ").unwrap());
        let seal = |fen| by_seal::judge(&lot, &attempt(1, fen, at(1)), None).err().map(|refusal| refusal.code);
        prop_assert!(promises.say("no bid may be higher"));
        prop_assert_eq!((seal(start + 1), seal(start)), (Some(Code::TooHigh), None));
        prop_assert_eq!((seal(least - 1), seal(least)), (Some(Code::TooLow), None));

        let end = at(0) + length(promises.after("Bids may be sealed for ").unwrap());
        let bids: Vec<_> = (1..).zip(&below).map(|(number, below)| opened(number, start - below)).collect();
        let (_, told) = by_seal::open(&clock::advance(&lot, at(1)).1, bids, end);
        let most = below.iter().copied().max().unwrap_or_default();
        prop_assert!(promises.say("The lowest bid wins at its own price"));
        prop_assert_eq!(close::close(&told, None, end).awards[0].price.minor, start - most);
        let is_tied = below.iter().filter(|one| **one == most).count() > 1;
        let more = by_seal::tie_round(&told, close::floor(&told.terms, None), end).map(|(_, lot)| lot);
        let length = length(promises.after("may seal one more within ").unwrap());
        prop_assert_eq!(more.as_ref().map(|lot| lot.closes_at), is_tied.then(|| end + length));
        if let Some(lot) = more {
            prop_assert!(promises.say("at most at the price they are tied at"));
            prop_assert_eq!(by_seal::limit(&lot), start - most);
        }
        prop_assert!(!["highest", "adds", "raise"].iter().any(|words| promises.say(words)), "{:?}", promises.0);
    }

    #[test]
    fn a_lot_is_bought_at_once_as_it_is_promised(fen in 20_000_001_i64..100_000_000, bids in any::<bool>()) {
        let mut offer = offer();
        offer.auction.buy_now = Some(Money::fen(fen));
        let (promises, lot) = announced(&offer);
        let price = amount(promises.after("a bidder may buy the lot at once for ").unwrap());
        prop_assert!(promises.say("Until the first bid") && promises.say("Once a bid stands this is over"));
        let lot = if bids { fate(&lot, &[attempt(1, 20_000_000, at(1))]).1 } else { lot };
        let judgement = buy(&lot, &attempt(2, 1, at(2)));
        let outcome = judgement.outcomes[0].as_ref().map(|accepted| accepted.price).map_err(|refusal| refusal.code);
        prop_assert_eq!(outcome, if bids { Err(Code::BuyNowOver) } else { Ok(Money::fen(price)) });
        if !bids {
            prop_assert!(promises.say("that ends the bidding"));
            prop_assert_eq!(fate(&judgement.lot, &[attempt(3, 90_000_000, at(2))]).0, Some(Code::Closed));
        }
    }
}

#[test]
fn who_offers_nothing_of_the_kind_is_told_nothing_of_it() {
    let (promises, _) = announced(&offer());
    assert!(!["at once for", "lowest", "lower"].iter().any(|words| promises.say(words)), "{:?}", promises.0);
}
