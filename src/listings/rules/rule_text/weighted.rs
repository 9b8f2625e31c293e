//! What bidders are told where the price is one indicator among others.

use entity::scores::{Criterion, Scoring};

use super::super::pricing::Bidding;
use super::{RuleText, duration, percent, sealed};

/// What may be sealed, until when, by what it is judged, and what comes of it.
pub(super) fn bidding(text: &mut RuleText, bidding: &Bidding, price_weight_bp: u32, criteria: &[Criterion]) {
    sealed::prices(text, bidding);
    let (zh, en) = duration(bidding.free_period_seconds);
    text.say(
        format!("密封报价期{zh}，到时截止；全部竞买人的评分录齐后同时开启全部报价，截止时尚未录齐的，录齐时开启。"),
        format!("Bids may be sealed for {en}; after that all are opened at once, as soon as every admitted bidder is scored."),
    );
    sealed::secrecy(text);
    weights(text, price_weight_bp, criteria);
    for criterion in criteria {
        scoring(text, criterion);
    }
    text.say(
        "价格得分为报价与最高有效报价之比乘以100；低于保留价的报价不发生效力，也不作为最高有效报价。",
        "The score of the price is the bid over the highest bid with effect, times 100; a bid below the reserve has no effect, and is not that highest bid.",
    );
    text.say(
        "综合评分为各项得分与其权重乘积之和，中间不取整，仅最后四舍五入至小数点后4位。综合评分最高者以其本人报价成交；评分相同的，报价高者成交；报价也相同的，报价在先者成交。",
        "The total is the sum of all scores, each times its weight; nothing is rounded on the way, only the total, half up, to 4 decimals. The highest total wins at its own price; of equal totals the higher bid, of equal bids the earlier.",
    );
    text.say(
        "评分自报名截止后至报价开启前由未经办本项目的平台工作人员依评审记录录入，届时无人知悉报价；更正须说明理由，各次录入均予留存。评分随报价的开启以代号公布，任何人均可复核。",
        "Scores are recorded from the papers of the review by officers who did not handle this listing, after registration has closed and before the bids are opened, while nobody knows a price; a correction has its reason, and every version is kept. They are published under pseudonyms with the opening, and anybody can recompute them.",
    );
}

fn weights(text: &mut RuleText, price_weight_bp: u32, criteria: &[Criterion]) {
    let price = percent(price_weight_bp);
    let zh: Vec<_> = criteria.iter().map(|one| format!("「{}」{}", one.name, percent(one.weight_bp))).collect();
    let en: Vec<_> = criteria.iter().map(|one| format!("'{}' {}", one.name, percent(one.weight_bp))).collect();
    text.say(
        format!("综合评分的权重：价格{price}，{}。", zh.join("，")),
        format!("Of the total the price weighs {price}, {}.", en.join(", ")),
    );
}

fn scoring(text: &mut RuleText, criterion: &Criterion) {
    let name = &criterion.name;
    match &criterion.scored {
        Scoring::Table { levels } => {
            let zh: Vec<_> = levels.iter().map(|one| format!("「{}」{}分", one.name, one.points.decimal())).collect();
            let en: Vec<_> = levels.iter().map(|one| format!("'{}' {}", one.name, one.points.decimal())).collect();
            text.say(
                format!("指标「{name}」按等级计分：{}。", zh.join("，")),
                format!("The indicator '{name}' is scored by its levels: {}.", en.join(", ")),
            );
        }
        Scoring::Experts { count: 3 } => text.say(
            format!("指标「{name}」由3名专家各评0至100分，取其平均。"),
            format!("The indicator '{name}' is scored by 3 experts, each with 0 to 100 points; the mean of all counts."),
        ),
        Scoring::Experts { count } => text.say(
            format!("指标「{name}」由{count}名专家各评0至100分，去掉一个最高分和一个最低分后取其平均。"),
            format!("The indicator '{name}' is scored by {count} experts, each with 0 to 100 points; without one highest and one lowest, the mean of the rest counts."),
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use entity::identity::SellerClass;

    use super::super::super::pricing::settle;
    use super::super::super::tests::rules;
    use super::super::super::weighted::tests::{experts, table, weighted};
    use super::super::rule_text;

    #[test]
    fn every_indicator_is_told_with_its_weight_and_how_it_is_scored() {
        let chosen = weighted(6_000, vec![table("方案", 2_550), experts("团队", 1_000, 5), experts("信誉", 450, 3)]);
        let rules = rules(SellerClass::State);
        let text = rule_text(&chosen, &settle(&chosen, &rules, None).unwrap(), &rules).unwrap();
        assert_eq!(text.zh.len(), text.en.len());
        let (zh, en) = (text.zh.join(""), text.en.join(" "));
        for words in [
            "Bids may be sealed for 24 hours",
            "the price weighs 60%, '方案' 25.5%, '团队' 10%, '信誉' 4.5%.",
            "scored by its levels: '优' 100.00, '良' 60.50.",
            "'团队' is scored by 5 experts, each with 0 to 100 points; without one highest and one lowest",
            "'信誉' is scored by 3 experts, each with 0 to 100 points; the mean of all",
            "the runner-up is not asked",
        ] {
            assert!(en.contains(words), "{words} in {en}");
        }
        for words in ["step", "raise his own", "lapses when", "sequence number", "second-highest", "seal one more"] {
            assert!(!en.contains(words), "{words} in {en}");
        }
        assert!(zh.contains("价格60%，「方案」25.5%") && zh.contains("不递补综合评分次位的出价人") && !zh.contains("次高"), "{zh}");
    }

    #[test]
    fn the_runner_up_is_the_next_by_total() {
        let mut chosen = weighted(6_000, vec![table("方案", 4_000)]);
        chosen.auction.next_bidder_rule = Some(true);
        let rules = rules(SellerClass::State);
        let text = rule_text(&chosen, &settle(&chosen, &rules, None).unwrap(), &rules).unwrap();
        let (zh, en) = (text.zh.join(""), text.en.join(" "));
        for words in [
            "the runner-up is asked once to buy at his own last bid, if that reaches the reserve",
            "The runner-up is the next in the published order of totals.",
        ] {
            assert!(en.contains(words), "{words} in {en}");
        }
        assert!(zh.contains("征询综合评分次位的出价人是否以其本人最后出价受让（须达到保留价）") && !zh.contains("次高"), "{zh}");
    }
}
