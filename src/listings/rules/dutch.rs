//! A falling clock (降价式) as a seller offers it: whether it is well said, and what the rules make of it.

use entity::auctions::{ClosingMode, Format, LotTerms, Reserve, Step, StepBase};
use entity::money::Money;

use super::findings::outside_rule;
use super::offer::{Offer, OfferedReserve};
use super::pricing::{Bidding, seconds};
use crate::auctions::rules::dutch::Fall;
use crate::platform::problem::{Faults, Problem};
use crate::rulebook::rules::{Snapshot, Value};

/// Whether a price, wherever it is written, can fall from the start to the floor.
pub fn clock_makes_sense(faults: &mut Faults, place: &str, start: Money, floor: Money, decrement: Money) {
    faults
        .require(
            (1..=start.minor).contains(&floor.minor),
            &format!("{place}/floor"),
            "range",
            "底价须大于零且不高于起拍价",
            "the floor lies above zero, and at the start price or below",
        )
        .require(decrement.minor > 0, &format!("{place}/decrement"), "range", "金额须大于零", "the amount must be above zero");
}

/// Whether an offer of a falling clock asks for nothing that there is for rising prices alone.
pub fn stands_alone(faults: &mut Faults, offer: &Offer) {
    let auction = &offer.auction;
    let is_hard = auction.closing_mode == ClosingMode::HardClose;
    has_no_reserve(faults, "/reserve", matches!(offer.reserve, OfferedReserve::None {}));
    is_not_extended(faults, "/auction/closing_mode", is_hard);
    let given = [
        ("step", auction.step.is_some()),
        ("step_base", auction.step_base.is_some()),
        ("multiples_only", auction.multiples_only.is_some()),
        ("enforce_step", auction.enforce_step.is_some()),
        ("allow_self_raise", auction.allow_self_raise.is_some()),
        ("free_period_seconds", auction.free_period_seconds.is_some()),
        ("timed_cycle_seconds", auction.timed_cycle_seconds.is_some()),
        ("max_duration_seconds", auction.max_duration_seconds.is_some()),
        ("next_bidder_rule", auction.next_bidder_rule == Some(true)),
    ];
    for (name, is_given) in given {
        faults.require(!is_given, &format!("/auction/{name}"), "contradiction", "降价式竞价没有该项", "a falling clock does not have it");
    }
}

/// Whether terms written by hand are those of a falling clock, its bidding exactly as long as it takes.
pub fn terms_agree(faults: &mut Faults, terms: &LotTerms) {
    let length = Fall::of(&terms.format, terms.start_price).filter(|fall| fall.tick_seconds > 0).and_then(Fall::seconds);
    has_no_reserve(faults, "/terms/reserve", matches!(terms.reserve, Reserve::None {}));
    is_not_extended(faults, "/terms/closing_mode", terms.closing_mode == ClosingMode::HardClose);
    faults
        .require(
            terms.max_duration_seconds.is_none(),
            "/terms/max_duration_seconds",
            "contradiction",
            "降价式竞价没有该项",
            "a falling clock does not have it",
        )
        .require(
            length == Some(terms.free_period_seconds),
            "/terms/free_period_seconds",
            "contradiction",
            "须为档数与每档时长之积",
            "must be the number of prices times how long each stands",
        );
}

fn has_no_reserve(faults: &mut Faults, place: &str, holds: bool) {
    faults.require(
        holds,
        place,
        "contradiction",
        "降价式竞价以底价为限，不另设保留价",
        "a falling clock has its floor, and no reserve beside it",
    );
}

fn is_not_extended(faults: &mut Faults, place: &str, holds: bool) {
    faults.require(holds, place, "contradiction", "降价式竞价须为 hard_close", "a falling clock closes hard");
}

/// The format of a lot whose seller asked for a falling clock, where his class may have one.
pub fn settled(offer: &Offer, rules: &Snapshot, floor: Money, decrement: Money, tick_seconds: Option<i64>) -> Result<Format, Problem> {
    // Rules from before there were such lots allow none.
    if !matches!(rules.flag("dutch_allowed"), Ok(true)) {
        return Err(outside_rule("dutch_allowed", "/auction/format/kind", None::<Value>, None::<Value>));
    }
    let tick_seconds = seconds(rules, "dutch_tick", "/auction/format/tick_seconds", tick_seconds)?;
    let format = Format::Dutch { floor, decrement, tick_seconds };
    let length = Fall::of(&format, offer.starts_at()).and_then(Fall::seconds).unwrap_or(i64::MAX);
    seconds(rules, "max_duration", "/auction/format/decrement", Some(length))?;
    Ok(format)
}

/// The bidding of a lot whose price falls: as long as its clock takes, and nothing in it of rising prices. Any other as it is.
pub fn on_its_clock(bidding: Bidding) -> Bidding {
    let Format::Dutch { decrement, .. } = bidding.format else { return bidding };
    let length = Fall::of(&bidding.format, bidding.start_price).and_then(Fall::seconds);
    Bidding {
        step: Step::Fixed { amount: decrement },
        step_base: StepBase::StartPrice,
        multiples_only: false,
        enforce_step: false,
        allow_self_raise: false,
        free_period_seconds: length.unwrap_or(bidding.free_period_seconds),
        max_duration_seconds: None,
        next_bidder_rule: false,
        ..bidding
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;

    use super::super::offer::{OfferedFormat, well_formed};
    use super::super::pricing::settle;
    use super::super::tests::{falling, offer, rules};
    use super::*;
    use crate::platform::problem::Code;

    fn pointers(problem: &Problem) -> Vec<&str> {
        problem.errors.iter().map(|fault| fault.pointer.as_str()).collect()
    }

    /// From 200 000.00 by 10 000.00 to 120 000.00.
    fn clock() -> Offer {
        falling(12_000_000, 1_000_000, None)
    }

    #[test]
    fn a_clock_lasts_as_long_as_it_takes() {
        assert_eq!(well_formed(&clock(), false), Ok(()));
        let bidding = settle(&clock(), &rules(SellerClass::Private), None).unwrap();
        let format = Format::Dutch { floor: Money::fen(12_000_000), decrement: Money::fen(1_000_000), tick_seconds: 60 };
        assert_eq!((bidding.format, bidding.free_period_seconds), (format, 9 * 60));
        assert_eq!(bidding.step, Step::Fixed { amount: Money::fen(1_000_000) });
        assert!(!(bidding.multiples_only || bidding.enforce_step || bidding.allow_self_raise || bidding.next_bidder_rule));
        let slow = settle(&falling(12_000_000, 1_000_000, Some(3_600)), &rules(SellerClass::Private), None).unwrap();
        assert_eq!(slow.free_period_seconds, 9 * 3_600);
    }

    #[test]
    fn state_assets_are_not_sold_by_a_falling_clock() {
        for class in SellerClass::ALL {
            let allowed = !matches!(class, SellerClass::State | SellerClass::Soe);
            let settled = settle(&clock(), &rules(*class), None);
            let refused = settled.err().map(|problem| (problem.code, problem.facts["name"].clone()));
            assert_eq!(refused, (!allowed).then(|| (Code::OutsideRule, "dutch_allowed".into())), "{class:?}");
        }
        // Nor where the rules are from before there was one; other offers go on under them.
        let mut old = rules(SellerClass::Private);
        old.parameters.retain(|entry| !entry.name.starts_with("dutch_"));
        assert_eq!(settle(&clock(), &old, None).unwrap_err().code, Code::OutsideRule);
        assert!(settle(&offer(), &old, None).is_ok());
    }

    #[test]
    fn a_clock_too_fast_or_too_long_is_refused() {
        let rules = rules(SellerClass::Private);
        for (chosen, name, place) in [
            (falling(12_000_000, 1_000_000, Some(9)), "dutch_tick", "/auction/format/tick_seconds"),
            (falling(12_000_000, 1_000_000, Some(3_601)), "dutch_tick", "/auction/format/tick_seconds"),
            (falling(12_000_000, 1, None), "max_duration", "/auction/format/decrement"),
            (falling(1, 1, Some(3_600)), "max_duration", "/auction/format/decrement"),
        ] {
            let problem = settle(&chosen, &rules, None).unwrap_err();
            assert_eq!((problem.code, &problem.facts["name"]), (Code::OutsideRule, &name.into()));
            assert_eq!(pointers(&problem), [place]);
        }
    }

    #[test]
    fn what_a_clock_does_not_have_is_not_asked_for() {
        let mut odd = clock();
        odd.reserve = OfferedReserve::Open { amount: Money::fen(20_000_000) };
        odd.auction.closing_mode = ClosingMode::SoftClose;
        odd.auction.enforce_step = Some(true);
        odd.auction.free_period_seconds = Some(3_600);
        odd.auction.next_bidder_rule = Some(false);
        odd.auction.format = OfferedFormat::Dutch { floor: Money::fen(20_000_001), decrement: Money::fen(0), tick_seconds: Some(0) };
        let problem = well_formed(&odd, false).unwrap_err();
        assert_eq!(
            pointers(&problem),
            [
                "/auction/format/floor",
                "/auction/format/decrement",
                "/auction/format/tick_seconds",
                "/reserve",
                "/auction/closing_mode",
                "/auction/enforce_step",
                "/auction/free_period_seconds"
            ]
        );
    }
}
