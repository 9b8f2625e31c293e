//! Several identical licences (多份普通许可) as a seller offers them: whether that is well said, and what bidders are told.

use entity::auctions::{Format, Reserve, UniformPays};
use entity::listings::TransferMode;

use super::offer::{Offer, OfferedFormat};
use super::pricing::Bidding;
use super::rule_text::{RuleText, cny, yuan};
use crate::auctions::rules::sealed::units::can_be_reckoned;
use crate::platform::problem::Faults;

/// The format that an offer of several units asks for; nothing where one thing is offered.
pub fn asked_for(offered: &OfferedFormat) -> Option<Format> {
    match *offered {
        OfferedFormat::UniformPrice { units, cap, pays } => Some(Format::UniformPrice { units, cap, pays }),
        OfferedFormat::PayAsBid { units, cap } => Some(Format::PayAsBid { units, cap }),
        _ => None,
    }
}

/// Whether the numbers of a format, wherever it is written, are those of several units, and nobody is asked to take the place
/// of a winner: who that would be, no rule says.
pub fn make_sense(faults: &mut Faults, place: &str, format: &Format, next_bidder: bool) {
    faults
        .require(
            can_be_reckoned(format),
            &format!("{place}/format"),
            "range",
            "份数须在 2 至 1000 之间，每人限报份数须在 1 至份数之间",
            "2 to 1000 units, of which one bidder may have 1 to all",
        )
        .require(
            format.units().is_none() || !next_bidder,
            &format!("{place}/next_bidder_rule"),
            "contradiction",
            "多份许可不设递补",
            "no next bidder where several units are sold",
        );
}

/// Whether an offer of several units is one of licences that can be granted again and again.
pub fn offered_well(faults: &mut Faults, offer: &Offer) {
    let auction = &offer.auction;
    let Some(format) = asked_for(&auction.format) else { return };
    make_sense(faults, "/auction", &format, auction.next_bidder_rule == Some(true));
    faults.require(
        offer.terms.mode() == TransferMode::NonExclusiveLicence,
        "/auction/format",
        "contradiction",
        "同一权利只有以普通许可方式才能授予多份：转让、独占许可、排他许可和作价投资不得采用",
        "only non-exclusive licences of one right can be granted several times: not for an assignment, an exclusive or sole licence, or equity",
    );
}

/// What may be bid for.
pub(super) fn say_prices(text: &mut RuleText, bidding: &Bidding, units: u32) {
    let (start, cap) = (bidding.start_price, bidding.format.cap());
    text.say(
        format!("本次以相同条件授予普通许可{units}份；每位竞买人至多可报{cap}份，逐份报价，后一份的报价不得高于前一份。"),
        format!(
            "Identical non-exclusive licences are granted: {units} units. One bidder may bid for {cap} of them at most, with a price for each, none above the one before."
        ),
    );
    text.say(
        format!("每份起拍价{}，各份报价均不得低于起拍价。", yuan(start)),
        format!("The start price is {} for each unit; no bid may be lower.", cny(start)),
    );
    match &bidding.reserve {
        Reserve::None {} => text.say("本标的无保留价。", "There is no reserve price."),
        Reserve::Open { amount } => text.say(
            format!("每份保留价{}；未达保留价的各份报价不发生效力。", yuan(*amount)),
            format!("The reserve price is {} for each unit; a bid for a unit below it has no effect.", cny(*amount)),
        ),
        Reserve::Secret { commitment } => text.say(
            format!("每份设有保密保留价，竞价结束时公开；未达保留价的各份报价不发生效力。其加盐哈希（SHA-256）为{commitment}。"),
            format!(
                "There is a secret reserve price for each unit, opened at the close; a bid for a unit below it has no effect. Its salted hash (SHA-256) is {commitment}."
            ),
        ),
    }
}

/// Who has how many units, and for how much.
pub(super) fn say_outcome(text: &mut RuleText, format: &Format, units: u32) {
    text.say(
        format!("各份报价由高到低排列，价格相同的，报价在先者在前；其中有效的前{units}份成交，有效报价不足的，其余份数不成交。"),
        format!(
            "Bids for single units stand from the highest down, of equal ones the earlier first; the first {units} that have effect win, and units for which there is no such bid are not sold."
        ),
    );
    match format {
        Format::UniformPrice { pays: UniformPays::HighestRejected, .. } => text.say(
            "各份以同一价格成交，即未成交的各份有效报价中的最高者；没有该报价的，为保留价，无保留价的为起拍价。",
            "All units are sold at one price: the best bid with effect that wins none; without one at the reserve, or where there is no reserve at the start price.",
        ),
        Format::UniformPrice { pays: UniformPays::LowestAccepted, .. } => text.say(
            "各份以同一价格成交，即成交的各份报价中的最低者。",
            "All units are sold at one price: the lowest bid that wins one.",
        ),
        _ => text.say("各份分别以其本身的报价成交。", "Each unit is sold at the price that was bid for it."),
    }
    text.say(
        "各竞得人就其所得份数分别签署成交确认书；其中一方的成交落空的，不影响其他竞得人，其份数亦不再另行授予。",
        "Each buyer has a deal of his own for his units; where one falls through those of the others stand, and its units are offered to nobody else.",
    );
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::auctions::ClosingMode;
    use entity::identity::SellerClass;
    use entity::listings::{LicenceTerms, TransferTerms};

    use super::super::offer::well_formed;
    use super::super::pricing::settle;
    use super::super::rule_text::rule_text;
    use super::super::tests::{licences, offer, rules};
    use super::*;

    const UNIFORM: OfferedFormat = OfferedFormat::UniformPrice { units: 3, cap: 2, pays: UniformPays::HighestRejected };
    const OWN: OfferedFormat = OfferedFormat::PayAsBid { units: 3, cap: 2 };

    /// Where something is wrong with an offer.
    fn places(offer: &Offer) -> Vec<String> {
        let refused = well_formed(offer, false).err();
        refused.into_iter().flat_map(|problem| problem.errors).map(|fault| fault.pointer).collect()
    }

    #[test]
    fn whoever_sells_non_exclusive_licences_may_sell_several_and_nobody_else() {
        let licence = LicenceTerms {
            acts: LicenceTerms::every_act(),
            fields: vec!["all".into()],
            territory: vec!["all".into()],
            months: 12,
            sublicence: false,
        };
        for format in [UNIFORM, OWN] {
            for class in SellerClass::ALL {
                let settled = settle(&licences(format.clone()), &rules(*class), None).unwrap();
                assert_eq!(Some(settled.format), asked_for(&format), "{class:?}");
            }
            assert!(places(&licences(format.clone())).is_empty());
            for terms in [
                TransferTerms::Assignment {},
                TransferTerms::ExclusiveLicence(licence.clone()),
                TransferTerms::SoleLicence(licence.clone()),
            ] {
                assert_eq!(places(&Offer { terms, ..licences(format.clone()) }), ["/auction/format"]);
            }
        }
    }

    #[test]
    fn what_goes_with_one_thing_alone_is_refused() {
        for (units, cap) in [(1, 1), (1_001, 1), (3, 0), (3, 4)] {
            assert_eq!(places(&licences(OfferedFormat::PayAsBid { units, cap })), ["/auction/format"], "{cap} of {units}");
        }
        let mut next = licences(UNIFORM);
        next.auction.next_bidder_rule = Some(true);
        assert_eq!(places(&next), ["/auction/next_bidder_rule"]);
        let mut soft = licences(OWN);
        soft.auction.closing_mode = ClosingMode::SoftClose;
        assert_eq!(settle(&soft, &rules(SellerClass::Private), None).unwrap_err().errors[0].pointer, "/auction/closing_mode");
    }

    #[test]
    fn what_is_said_is_said_of_units_in_both_languages() {
        for (format, words) in [
            (UNIFORM, "the best bid with effect that wins none"),
            (OfferedFormat::UniformPrice { units: 3, cap: 2, pays: UniformPays::LowestAccepted }, "the lowest bid that wins one"),
            (OWN, "at the price that was bid for it"),
        ] {
            let (chosen, rules) = (licences(format), rules(SellerClass::State));
            let text = rule_text(&chosen, &settle(&chosen, &rules, None).unwrap(), &rules).unwrap();
            let (zh, en) = (text.zh.join(""), text.en.join(" "));
            assert!(en.contains(words) && en.contains("3 units") && en.contains("the first 3 that have effect"), "{en}");
            assert!(zh.contains("普通许可3份") && zh.contains("至多可报2份") && zh.contains("前3份成交"), "{zh}");
            for not_so in ["highest bid wins", "second-highest", "step", "may seal one more", "a highest bid below"] {
                assert!(!en.contains(not_so), "{not_so} in {en}");
            }
            assert!(text.zh.len() == text.en.len() && text.zh.iter().skip(1).all(|sentence| !sentence.contains("拍卖")), "{zh}");
        }
        assert_eq!(asked_for(&offer().auction.format), None);
    }
}
