//! Which sellers may have bids sealed, and what cannot be asked for where they are.

use entity::auctions::ClosingMode;
use entity::listings::TransferMode;

use super::findings::{Findings, outside_rule, unruled};
use super::offer::{Offer, OfferedFormat};
use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::Snapshot;

/// Whether the rules allow the format of an offer, where its bids are sealed, and the offer fits it.
pub fn allowed(offer: &Offer, rules: &Snapshot) -> Result<(), Problem> {
    let rule = match offer.auction.format {
        OfferedFormat::English {} | OfferedFormat::Dutch { .. } | OfferedFormat::Rounds {} => return Ok(()),
        OfferedFormat::FirstPrice {} => "first_price_allowed",
        OfferedFormat::Vickrey {} => "vickrey_allowed",
        OfferedFormat::OneShot {} => "one_shot_allowed",
        OfferedFormat::Weighted { .. } => "weighted_allowed",
        OfferedFormat::UniformPrice { .. } => "uniform_price_allowed",
        OfferedFormat::PayAsBid { .. } => "pay_as_bid_allowed",
    };
    let mut findings = Findings::new();
    // Of a right that can be granted again nobody is the only buyer, so that its price need not be what he bid himself.
    let exempt = rule == "vickrey_allowed" && offer.terms.mode() == TransferMode::NonExclusiveLicence;
    if !exempt && !rules.flag(rule).map_err(|error| unruled(&error))? {
        findings.add(outside_rule(rule, "/auction/format", None::<bool>, None::<bool>));
    }
    findings
        .require(
            offer.auction.closing_mode == ClosingMode::HardClose,
            Code::Invalid,
            "/auction/closing_mode",
            "contradiction",
            "密封报价须到时结束（hard_close）",
            "sealed bids end at the announced time: hard_close",
        )
        .require(
            offer.auction.max_duration_seconds.is_none(),
            Code::Invalid,
            "/auction/max_duration_seconds",
            "contradiction",
            "密封报价不因出价而延长，不设最长时长",
            "no sealed bid extends a lot, so there is no longest duration",
        );
    findings.done()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::{Direction, Format};
    use entity::identity::SellerClass;
    use entity::listings::{LicenceTerms, TransferTerms};
    use entity::money::Money;

    use super::super::offer::well_formed;
    use super::super::pricing::settle;
    use super::super::tests::{offer, rules};
    use super::*;

    fn sealed(format: OfferedFormat) -> Offer {
        let mut sealed = offer();
        (sealed.auction.format, sealed.auction.closing_mode) = (format, ClosingMode::HardClose);
        sealed
    }

    fn refusal(offer: &Offer, class: SellerClass) -> Option<Problem> {
        settle(offer, &rules(class), None).err()
    }

    #[test]
    fn the_second_price_is_for_private_sellers_and_for_what_can_be_granted_again() {
        let licence = LicenceTerms {
            acts: LicenceTerms::every_act(),
            fields: vec!["all".into()],
            territory: vec!["all".into()],
            months: 12,
            sublicence: false,
        };
        let again = Offer { terms: TransferTerms::NonExclusiveLicence(licence), ..sealed(OfferedFormat::Vickrey {}) };
        for class in SellerClass::ALL {
            let public = matches!(class, SellerClass::State | SellerClass::Soe);
            let refused = refusal(&sealed(OfferedFormat::Vickrey {}), *class);
            assert_eq!(refused.as_ref().map(|problem| problem.code), public.then_some(Code::OutsideRule), "{class:?}");
            assert!(refused.is_none_or(|problem| problem.facts["name"] == "vickrey_allowed"));
            assert_eq!(refusal(&again, *class), None, "{class:?}");
            for format in [OfferedFormat::FirstPrice {}, OfferedFormat::OneShot {}] {
                assert_eq!(refusal(&sealed(format), *class), None, "{class:?}");
            }
        }
    }

    #[test]
    fn sealed_bids_end_at_the_announced_time() {
        let mut soft = sealed(OfferedFormat::FirstPrice {});
        soft.auction.closing_mode = ClosingMode::SoftClose;
        soft.auction.max_duration_seconds = Some(864_000);
        let problem = refusal(&soft, SellerClass::Private).unwrap();
        let places: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!((problem.code, places), (Code::Invalid, vec!["/auction/closing_mode", "/auction/max_duration_seconds"]));
    }

    #[test]
    fn what_goes_with_open_bids_alone_is_not_asked_for() {
        let mut odd = sealed(OfferedFormat::Vickrey {});
        odd.auction.direction = Some(Direction::Descending);
        odd.auction.buy_now = Some(Money::fen(30_000_000));
        let problem = well_formed(&odd, false).unwrap_err();
        let places: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(places, ["/auction/direction", "/auction/buy_now"]);
        let mut maxima = sealed(OfferedFormat::Vickrey {});
        maxima.auction.proxy = Some(true);
        assert_eq!(refusal(&maxima, SellerClass::Private).unwrap().errors[0].pointer, "/auction/proxy");
    }

    #[test]
    fn only_sealed_bids_at_their_own_price_go_to_the_lowest_and_only_in_a_rehearsal() {
        for format in [OfferedFormat::FirstPrice {}, OfferedFormat::OneShot {}] {
            let mut falling = sealed(format);
            falling.auction.direction = Some(Direction::Descending);
            assert_eq!(well_formed(&falling, false), Ok(()));
            let settled = settle(&falling, &rules(SellerClass::Rehearsal), None).unwrap();
            assert_eq!(settled.direction, Direction::Descending);
            assert_eq!(refusal(&falling, SellerClass::Private).unwrap().errors[0].pointer, "/auction/direction");
            falling.auction.proxy = Some(true);
            assert_eq!(well_formed(&falling, false).unwrap_err().errors[0].pointer, "/auction/proxy");
        }
    }

    #[test]
    fn the_round_among_equals_is_as_long_as_the_rules_say() {
        let settled = |format| settle(&sealed(format), &rules(SellerClass::Private), None).unwrap().format;
        assert_eq!(settled(OfferedFormat::FirstPrice {}), Format::FirstPrice { tie_round_seconds: 300 });
        assert_eq!(settled(OfferedFormat::OneShot {}), Format::OneShot { tie_round_seconds: 300 });
        assert_eq!(settled(OfferedFormat::Vickrey {}), Format::Vickrey {});
    }
}
