//! What bidders are told is in both languages, and holds.

use super::super::offer::OfferedReserve;
use super::super::pricing;
use super::super::tests::{at, offer, rules};
use super::*;
use entity::auctions::AuctionLicence;
use entity::identity::SellerClass;
use entity::ids::OrganisationId;
use proptest::prelude::*;
use uuid::Uuid;

fn said(offer: &Offer) -> RuleText {
    let rules = rules(SellerClass::Private);
    rule_text(offer, &pricing::settle(offer, &rules, Some("ab")).unwrap(), &rules).unwrap()
}

fn numbers(text: &str) -> Vec<String> {
    let mut found: Vec<String> = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|piece| piece.trim_matches('.').to_owned())
        .filter(|piece| !piece.is_empty())
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn both_languages_say_the_same_figures_sentence_by_sentence() {
    let licence = AuctionLicence { enterprise: "某拍卖公司".into(), auctioneer_licence: "17".into() };
    for (class, auction_licence) in SellerClass::ALL.iter().flat_map(|class| [(class, None), (class, Some(licence.clone()))]) {
        let mut chosen = offer();
        chosen.rehearsal = *class == SellerClass::Rehearsal;
        chosen.auction.auction_licence = auction_licence;
        let rules = rules(*class);
        let text = rule_text(&chosen, &pricing::settle(&chosen, &rules, None).unwrap(), &rules).unwrap();
        assert_eq!(text.zh.len(), text.en.len());
        for (zh, en) in text.zh.iter().zip(&text.en) {
            assert_eq!(numbers(zh), numbers(en), "{zh} / {en}");
        }
    }
}

#[test]
fn who_must_stand_aside_is_told_where_somebody_must() {
    let mut chosen = offer();
    let before = said(&chosen);
    chosen.declarations.standing_aside = [1, 2].map(|number| OrganisationId(Uuid::from_u128(number))).into();
    let text = said(&chosen);
    assert_eq!((text.zh.len(), text.en.len()), (before.zh.len() + 1, before.en.len() + 1));
    let sentence = text.zh.iter().position(|sentence| sentence.contains("回避机构")).unwrap();
    assert_eq!(numbers(&text.zh[sentence]), ["2"]);
    assert_eq!(numbers(&text.zh[sentence]), numbers(&text.en[sentence]));
    assert!(before.zh.iter().all(|sentence| !sentence.contains("回避机构")));
}

#[test]
fn what_is_said_is_what_runs() {
    let text = said(&offer()).en.join(" ");
    for words in [
        "10 working days",
        "CNY 20000.00",
        "CNY 200000.00",
        "CNY 2000.00",
        "24 hours",
        "5 minutes",
        "300 ms",
        "fewer than 2",
        "no reserve",
        "by at most 24 hours at a time",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let mut chosen = offer();
    chosen.auction.closing_mode = ClosingMode::HardClose;
    chosen.auction.enforce_step = Some(false);
    chosen.auction.allow_self_raise = Some(true);
    chosen.auction.next_bidder_rule = Some(true);
    chosen.auction.min_bidders = Some(1);
    chosen.schedule.registration_closes_at = Some(at("2026-04-01T09:00:00Z"));
    let text = said(&chosen).en.join(" ");
    for words in [
        "bids do not extend it",
        "No step is demanded",
        "may raise his own",
        "runner-up is asked once",
        "decline before he is asked",
        "fewer than 1",
        "2026-04-01 17:00",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
}

#[test]
fn maxima_are_told_of_only_where_bids_are_such() {
    let mut chosen = offer();
    assert!(!said(&chosen).en.join(" ").contains("maxim"));
    chosen.auction.proxy = Some(true);
    for (enforce, words) in [(true, "at least one step above the price"), (false, "any bid above the price will do")] {
        chosen.auction.enforce_step = Some(enforce);
        let text = said(&chosen);
        let (zh, en) = (text.zh.join(" "), text.en.join(" "));
        assert!(en.contains(words) && en.contains("Bids are maxima") && zh.contains("代理出价"), "{en}");
        assert!(!en.contains("each later bid adds") && !en.contains("sold at the reserve"), "{en}");
        assert!(text.zh.iter().zip(&text.en).all(|(zh, en)| numbers(zh) == numbers(en)));
    }
    chosen.reserve = OfferedReserve::Open { amount: chosen.starts_at() };
    chosen.auction.next_bidder_rule = Some(true);
    let text = said(&chosen).en.join(" ");
    assert!(text.contains("sold at the reserve") && text.contains("at his own maximum"), "{text}");
}

#[test]
fn an_unlicensed_sale_is_never_called_an_auction() {
    let text = said(&offer());
    assert!(text.zh[0].contains("不是拍卖法意义上的拍卖"));
    assert!(text.zh.iter().skip(1).all(|sentence| !sentence.contains("拍卖")));
}

#[test]
fn rates_are_written_as_percentages() {
    assert_eq!([percent(100), percent(150), percent(1), percent(1_025)], ["1%", "1.5%", "0.01%", "10.25%"]);
}

proptest! {
    #[test]
    fn every_choice_is_said_in_both_languages(
        mode in prop::sample::select(ClosingMode::ALL.to_vec()),
        enforce in any::<bool>(),
        raise in any::<bool>(),
        rate in 1_u32..=10_000,
        best in any::<bool>(),
        free in 3_600_i64..=864_000,
        cycle in 60_i64..=600,
    ) {
        let mut chosen = offer();
        chosen.auction.closing_mode = mode;
        chosen.auction.enforce_step = Some(enforce);
        chosen.auction.allow_self_raise = Some(raise);
        chosen.auction.step = Some(Step::Percent { rate_bp: rate });
        chosen.auction.step_base = Some(if best { StepBase::BestBid } else { StepBase::StartPrice });
        chosen.auction.free_period_seconds = Some(free);
        chosen.auction.timed_cycle_seconds = Some(cycle);
        let text = said(&chosen);
        prop_assert_eq!(text.zh.len(), text.en.len());
        for (zh, en) in text.zh.iter().zip(&text.en) {
            prop_assert_eq!(numbers(zh), numbers(en));
        }
    }
}
