//! What the public may see of a deal.

use chrono::NaiveDate;
use entity::identity::SellerClass;
use serde::{Deserialize, Serialize};

use super::dated::{Dated, Scope, applicable};
use super::{RuleStatus, Span};

/// Kinds of bodies, as they stand at the end of a name, and what is left of them in a masked name.
const BODIES: &[(&str, &str)] = &[
    ("公司", "公司"),
    ("合伙企业", "合伙企业"),
    ("有限合伙", "合伙企业"),
    ("合作社", "合作社"),
    ("集团", "集团"),
    ("大学", "高校"),
    ("学院", "高校"),
    ("学校", "学校"),
    ("研究院", "科研机构"),
    ("研究所", "科研机构"),
    ("研究中心", "科研机构"),
    ("实验室", "科研机构"),
    ("设计院", "科研机构"),
    ("医院", "医院"),
    ("银行", "银行"),
    ("协会", "社会组织"),
    ("学会", "社会组织"),
    ("基金会", "社会组织"),
    ("厂", "企业"),
    ("中心", "机构"),
    ("工作室", "工作室"),
    ("经营部", "经营户"),
    ("商行", "经营户"),
];

/// Words for an industry; of several in a name the last is kept.
const INDUSTRIES: &str = "\
    新材料 材料 新能源 能源 光伏 电池 储能 电力 生物医药 生物 医药 制药 药业 \
    医疗器械 医疗 健康 基因 食品 农业 种业 渔业 林业 环保 环境 水务 化工 化学 \
    化纤 石化 塑料 橡胶 涂料 冶金 钢铁 金属 矿业 陶瓷 玻璃 纺织 印染 服装 皮革 \
    造纸 包装 印刷 家具 建材 建筑 建设 机械 机床 模具 轴承 阀门 泵业 仪器 仪表 \
    装备 设备 机电 电机 电器 电气 汽车 船舶 航空 航天 轨道交通 机器人 自动化 \
    智能 制造 电子 半导体 集成电路 微电子 光电 光学 激光 传感 通信 软件 信息 \
    网络 数据 物联网 人工智能 安防 物流 贸易 进出口 投资 咨询 教育 文化 传媒";

/// Words that say little, kept only if a name has no better one.
const WEAK_INDUSTRIES: &str = "科技 技术 实业 工业";

/// Who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Anybody.
    Public,
}

/// Under which condition a field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Show {
    /// To everybody in the audience.
    Always,
    /// To nobody in the audience.
    Never,
    /// Unless a party of the deal asked for secrecy.
    UnlessPartyAsks,
    /// As a band if a party of the deal asked for secrecy.
    BandedIfPartyAsks,
}

/// One version of the rule for one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedactionRule {
    /// The field, such as `buyer_name`.
    pub field: String,
    /// To whom the field is shown or not.
    pub audience: Audience,
    /// The only class of seller it is for; absent for every class without a row of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<SellerClass>,
    /// Under which condition the field is shown.
    pub show: Show,
    /// How long after what a text tells of it opens by itself what it withholds; absent where that stays withheld.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opens_after: Option<Span>,
    /// The first day in force.
    pub effective_from: NaiveDate,
    /// The last day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<NaiveDate>,
    /// The document and article it comes from.
    pub source: String,
    /// How well it is founded.
    pub status: RuleStatus,
    /// What else there is to know, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Dated for RedactionRule {
    fn scope(&self) -> Scope {
        Scope { class: self.class, from: self.effective_from, to: self.effective_to }
    }
}

impl RedactionRule {
    /// Whether it opens nothing but what it withholds, and not at once.
    pub(super) fn opens_soundly(&self) -> bool {
        self.opens_after.is_none_or(|after| self.show != Show::Always && !after.is_zero())
    }
}

/// How a field appears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    /// As it is.
    Shown,
    /// Not at all; for a name, [`masked_name`] stands in.
    Hidden,
    /// As a [`band`].
    Banded,
}

/// How `field` of a deal by a seller of `class` appears to the public under the rules of the day
/// `on`; `party_asked` says whether a party asked for secrecy. A field without a rule is hidden.
///
/// Source: Auction Law art. 21 (the parties may ask for secrecy of identity); Zhejiang regulation on
/// the conversion of achievements art. 17 (what a state seller must publish); platform rules.
pub fn shows(rules: &[RedactionRule], field: &str, class: SellerClass, on: NaiveDate, party_asked: bool) -> Showing {
    let Some(rule) = public_rule(rules, field, class, on) else {
        return Showing::Hidden;
    };
    match (rule.show, party_asked) {
        (Show::Always, _) | (Show::UnlessPartyAsks | Show::BandedIfPartyAsks, false) => Showing::Shown,
        (Show::Never, _) | (Show::UnlessPartyAsks, true) => Showing::Hidden,
        (Show::BandedIfPartyAsks, true) => Showing::Banded,
    }
}

/// The rule by which the public sees `field` of a deal by a seller of `class` or not, on the day `on`.
pub fn public_rule<'a>(rules: &'a [RedactionRule], field: &str, class: SellerClass, on: NaiveDate) -> Option<&'a RedactionRule> {
    let versions = rules.iter().filter(|rule| rule.field == field && rule.audience == Audience::Public);
    applicable(versions, Some(class), on).map(|(rule, _)| rule)
}

/// The announced band an amount falls in, both in fen: from `lower` on, below `upper`.
///
/// The first band reaches to `first` (rule `amount_band_first`), ten thousand yuan; from there the limits are 1, 2
/// and 5 times the powers of ten: 10,000, 20,000, 50,000, 100,000 yuan and so on. Amounts below zero count as zero.
pub fn band(amount_minor: i64, first: i64) -> (i64, i64) {
    let (mut lower, mut upper) = (0, first.max(1));
    for (times, over) in [(2, 1), (5, 2), (2, 1)].into_iter().cycle() {
        if amount_minor < upper || upper == i64::MAX {
            break;
        }
        lower = upper;
        upper = upper.checked_mul(times).map_or(i64::MAX, |product| product / over);
    }
    (lower, upper)
}

/// What is shown instead of a name, such as 杭州某新材料公司: the city, the industry and the kind of
/// body, taken from fixed lists, so that nothing of the name's own words is left.
pub fn masked_name(name: &str, city: Option<&str>) -> String {
    let city = city.map_or("", |city| city.strip_suffix('市').unwrap_or(city));
    let body = last_of(name, BODIES.iter().map(|(ending, body)| (*ending, *body)));
    let is_firm = matches!(body, Some("公司" | "合伙企业" | "集团" | "企业"));
    let word = |list: &'static str| last_of(name, list.split(' ').map(|word| (word, word)));
    let industry = if is_firm { word(INDUSTRIES).or_else(|| word(WEAK_INDUSTRIES)) } else { None };
    format!("{city}某{}{}", industry.unwrap_or(""), body.unwrap_or("当事人"))
}

/// What stands for the word that ends last in `name`, the longest of those that end together.
fn last_of<'a>(name: &str, words: impl Iterator<Item = (&'a str, &'a str)>) -> Option<&'a str> {
    let found = words.filter_map(|(word, meaning)| name.rfind(word).map(|start| (start + word.len(), word.len(), meaning)));
    found.max_by_key(|(end, length, _)| (*end, *length)).map(|(_, _, meaning)| meaning)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::Rulebook;
    use super::*;

    fn rulebook() -> Rulebook {
        let parameters = include_str!("../../../seeds/rules/parameters.toml");
        let redaction = include_str!("../../../seeds/rules/redaction.toml");
        Rulebook::parse(1, parameters, redaction).unwrap()
    }

    fn today() -> NaiveDate {
        "2026-11-23".parse().unwrap()
    }

    #[test]
    fn the_policy_follows_the_class_of_seller() {
        use SellerClass::{Person, Private, Rehearsal, Soe, State};
        use Showing::{Banded, Hidden, Shown};

        let rules = rulebook().redaction;
        for (field, classes, quiet, asked) in [
            ("buyer_name", &[State, Soe][..], Shown, Shown),
            ("buyer_name", &[Private, Person, Rehearsal], Shown, Hidden),
            ("seller_name", SellerClass::ALL, Shown, Shown),
            ("intended_price", &[State, Soe], Shown, Shown),
            ("intended_price", &[Private, Person, Rehearsal], Shown, Banded),
            ("final_price", &[State, Soe], Shown, Shown),
            ("final_price", &[Private, Person, Rehearsal], Shown, Banded),
            ("deposit", SellerClass::ALL, Shown, Shown),
            ("number_of_bidders", SellerClass::ALL, Shown, Shown),
            ("number_of_bids", SellerClass::ALL, Shown, Shown),
            ("bank_account", SellerClass::ALL, Hidden, Hidden),
        ] {
            for class in classes {
                let showing = |asked| shows(&rules, field, *class, today(), asked);
                assert_eq!(showing(false), quiet, "{field} {class:?}");
                assert_eq!(showing(true), asked, "{field} {class:?}");
            }
        }
    }

    #[test]
    fn the_policy_agrees_with_the_parameters() {
        let rulebook = rulebook();
        for (flag, field) in [("buyer_name_public", "buyer_name"), ("final_price_public", "final_price")] {
            for class in SellerClass::ALL {
                let showing = shows(&rulebook.redaction, field, *class, today(), true);
                let always = rulebook.flag(flag, Some(*class), today()).unwrap();
                assert_eq!(showing == Showing::Shown, always, "{flag} {class:?}");
            }
        }
    }

    const FIRST: i64 = 1_000_000;

    #[test]
    fn bands_are_one_two_five() {
        let yuan = |(lower, upper): (i64, i64)| (lower / 100, upper / 100);
        for (amount, expected) in [
            (-5, (0, 10_000)),
            (0, (0, 10_000)),
            (999_999, (0, 10_000)),
            (1_000_000, (10_000, 20_000)),
            (44_000_000, (200_000, 500_000)),
            (50_000_000, (500_000, 1_000_000)),
            (320_000_000, (2_000_000, 5_000_000)),
        ] {
            assert_eq!(yuan(band(amount, FIRST)), expected, "{amount}");
        }
        assert_eq!(band(i64::MAX, FIRST).1, i64::MAX);
    }

    #[test]
    fn a_masked_name_keeps_city_industry_and_kind() {
        for (name, city, masked) in [
            ("杭州华纳新材料科技有限公司", Some("杭州市"), "杭州某新材料公司"),
            ("浙江绿源生物医药股份有限公司", Some("杭州"), "杭州某生物医药公司"),
            ("杭州集成电路测试软件有限公司", Some("杭州市"), "杭州某软件公司"),
            ("宁波甬创科技有限公司", Some("宁波市"), "宁波某科技公司"),
            ("宁波甬创有限责任公司", Some("宁波市"), "宁波某公司"),
            ("温州瓯江阀门厂", Some("温州市"), "温州某阀门企业"),
            ("嘉兴南湖创业投资合伙企业（有限合伙）", Some("嘉兴市"), "嘉兴某投资合伙企业"),
            ("浙江大学", Some("杭州市"), "杭州某高校"),
            ("浙江大学医学院附属第一医院", Some("杭州市"), "杭州某医院"),
            ("中国科学院宁波材料技术与工程研究所", None, "某科研机构"),
            ("西湖电子集团", None, "某电子集团"),
            ("张三", Some("杭州市"), "杭州某当事人"),
            ("Acme Ltd", None, "某当事人"),
            ("", None, "某当事人"),
        ] {
            assert_eq!(masked_name(name, city), masked, "{name}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_lies_in_its_band(amount in 0..i64::MAX) {
            let (lower, upper) = band(amount, FIRST);
            prop_assert!(lower <= amount && amount < upper);
            prop_assert_eq!(band(lower, FIRST), (lower, upper));
            prop_assert_eq!(band(upper - 1, FIRST), (lower, upper));
        }

        #[test]
        fn no_name_shows_through(name in "\\PC{0,24}") {
            let masked = masked_name(&name, None);
            let rest = masked.strip_prefix('某').unwrap();
            let body = BODIES.iter().map(|(_, body)| *body).chain(["当事人"]);
            let mut known = INDUSTRIES.split(' ').chain(WEAK_INDUSTRIES.split(' ')).chain([""]);
            let is_known = |word: &str| known.any(|other| other == word);
            let kept = body.into_iter().filter_map(|body| rest.strip_suffix(body));
            prop_assert!(kept.min_by_key(|word| word.len()).is_some_and(is_known));
        }
    }
}
