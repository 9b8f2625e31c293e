//! Weighted quotes (权重报价) as a seller offers them: whether the indicators are well said, wherever they are written.

use std::collections::BTreeSet;

use entity::auctions::Format;
use entity::scores::{Criterion, ScoreLevel, Scoring};

use crate::auctions::rules::sealed::weighted::{MOST_CRITERIA, weigh_the_whole};
use crate::platform::problem::Faults;

/// The longest name of an indicator or a level, characters.
const LONGEST_NAME: usize = 100;
/// How many experts may score an indicator.
const EXPERTS: [u32; 3] = [3, 5, 7];

/// Whether indicators can be scored and weighed.
pub fn criteria_make_sense(faults: &mut Faults, place: &str, price_weight_bp: u32, criteria: &[Criterion]) {
    let all = format!("{place}/criteria");
    faults
        .require((1..=MOST_CRITERIA).contains(&criteria.len()), &all, "range", "须为 1 至 10 项指标", "1 to 10 indicators")
        .require(
            weigh_the_whole(price_weight_bp, criteria),
            &format!("{place}/price_weight_bp"),
            "sum",
            "价格与各项指标的权重均须大于零，合计须为 10000",
            "the weights of the price and of all indicators are above zero, and make 10000 together",
        )
        .require(are_different(criteria.iter().map(|one| one.name.as_str())), &all, "repeated", "指标名称不得重复", "no indicator twice");
    for (index, criterion) in criteria.iter().enumerate() {
        let place = format!("{all}/{index}");
        faults.name(&format!("{place}/name"), &criterion.name, LONGEST_NAME);
        match &criterion.scored {
            Scoring::Table { levels } => table_makes_sense(faults, &format!("{place}/scored/levels"), levels),
            Scoring::Experts { count } => {
                let pointer = format!("{place}/scored/count");
                faults.require(EXPERTS.contains(count), &pointer, "range", "须为 3、5 或 7 名专家", "must be 3, 5 or 7 experts");
            }
        }
    }
}

fn table_makes_sense(faults: &mut Faults, place: &str, levels: &[ScoreLevel]) {
    faults.require((2..=20).contains(&levels.len()), place, "range", "须为 2 至 20 个等级", "2 to 20 levels").require(
        are_different(levels.iter().map(|one| one.name.as_str())),
        place,
        "repeated",
        "等级名称不得重复",
        "no level twice",
    );
    for (index, level) in levels.iter().enumerate() {
        faults.name(&format!("{place}/{index}/name"), &level.name, LONGEST_NAME);
    }
}

fn are_different<'a>(names: impl Iterator<Item = &'a str> + Clone) -> bool {
    names.clone().collect::<BTreeSet<_>>().len() == names.count()
}

/// The format of a lot whose seller asked for indicators.
pub fn format(price_weight_bp: u32, criteria: &[Criterion]) -> Format {
    Format::Weighted { price_weight_bp, criteria: criteria.to_vec() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests {
    use entity::auctions::{ClosingMode, Direction};
    use entity::identity::SellerClass;
    use entity::money::Money;
    use entity::scores::Points;

    use super::super::offer::{Offer, OfferedFormat, well_formed};
    use super::super::pricing::settle;
    use super::super::tests::{offer, rules};
    use super::*;
    use crate::platform::problem::{Code, Problem};

    /// So many hundredths of a point.
    pub(crate) fn points(hundredths: u16) -> Points {
        Points::hundredths(hundredths).unwrap()
    }

    /// A table of two levels.
    pub(crate) fn table(name: &str, weight_bp: u32) -> Criterion {
        let level = |name: &str, hundredths| ScoreLevel { name: name.into(), points: points(hundredths) };
        Criterion { name: name.into(), weight_bp, scored: Scoring::Table { levels: vec![level("优", 10_000), level("良", 6_050)] } }
    }

    /// So many experts.
    pub(crate) fn experts(name: &str, weight_bp: u32, count: u32) -> Criterion {
        Criterion { name: name.into(), weight_bp, scored: Scoring::Experts { count } }
    }

    /// An offer judged by such indicators.
    pub(crate) fn weighted(price_weight_bp: u32, criteria: Vec<Criterion>) -> Offer {
        let mut offer = offer();
        offer.auction.closing_mode = ClosingMode::HardClose;
        offer.auction.format = OfferedFormat::Weighted { price_weight_bp, criteria };
        offer
    }

    fn places(problem: &Problem) -> Vec<&str> {
        problem.errors.iter().map(|fault| fault.pointer.as_str()).collect()
    }

    #[test]
    fn everybody_may_weigh_the_price_with_other_indicators() {
        let chosen = weighted(6_000, vec![table("方案", 2_500), experts("团队", 1_500, 5)]);
        assert_eq!(well_formed(&chosen, false), Ok(()));
        for class in SellerClass::ALL {
            let settled = settle(&chosen, &rules(*class), None).unwrap();
            let due = Format::Weighted { price_weight_bp: 6_000, criteria: vec![table("方案", 2_500), experts("团队", 1_500, 5)] };
            assert_eq!((settled.format, settled.next_bidder_rule), (due, false), "{class:?}");
            // The next by total may be asked, where the seller says so.
            let mut followed = chosen.clone();
            followed.auction.next_bidder_rule = Some(true);
            assert!(settle(&followed, &rules(*class), None).unwrap().next_bidder_rule, "{class:?}");
        }
        // Rules from before there was such a choice let nobody.
        let mut older = rules(SellerClass::State);
        older.parameters.retain(|entry| entry.name != "weighted_allowed");
        assert!(settle(&chosen, &older, None).is_err() && settle(&offer(), &older, None).is_ok());
    }

    #[test]
    fn what_cannot_be_weighed_is_named() {
        let refused = |price_weight_bp, criteria| well_formed(&weighted(price_weight_bp, criteria), false).unwrap_err();
        let sum = "/auction/format/price_weight_bp";
        assert_eq!(places(&refused(6_000, vec![table("方案", 3_999)])), [sum]);
        assert_eq!(places(&refused(0, vec![table("方案", 10_000)])), [sum]);
        assert_eq!(places(&refused(10_000, Vec::new())), ["/auction/format/criteria"]);
        let eleven: Vec<_> = (0..11).map(|n| experts(&format!("指标{n}"), 100, 3)).collect();
        assert_eq!(places(&refused(8_900, eleven)), ["/auction/format/criteria"]);
        let mut odd = vec![experts("团队", 2_000, 4), table("团队", 2_000), table(" ", 1_000)];
        odd[1].scored = Scoring::Table { levels: vec![ScoreLevel { name: "优".into(), points: points(1) }] };
        let named = refused(5_000, odd);
        assert_eq!(named.code, Code::Invalid);
        let at = |place: &str| format!("/auction/format/criteria{place}");
        let due = [at(""), at("/0/scored/count"), at("/1/scored/levels"), at("/2/name"), at("/2/name")];
        assert_eq!(places(&named), due.iter().map(String::as_str).collect::<Vec<_>>());
    }

    #[test]
    fn what_goes_with_prices_alone_is_not_asked_for() {
        let mut odd = weighted(6_000, vec![table("方案", 4_000)]);
        odd.auction.closing_mode = ClosingMode::SoftClose;
        let problem = settle(&odd, &rules(SellerClass::Private), None).unwrap_err();
        assert_eq!(places(&problem), ["/auction/closing_mode"]);
        odd.auction.direction = Some(Direction::Descending);
        odd.auction.buy_now = Some(Money::fen(30_000_000));
        assert_eq!(places(&well_formed(&odd, false).unwrap_err()), ["/auction/direction", "/auction/buy_now"]);
    }
}
