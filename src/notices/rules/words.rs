//! What the members of notices and their codes are called.

use crate::platform::problem::Language;

/// A word in both languages, by its code.
pub type Word = (&'static str, &'static str, &'static str);

/// The members of notices, in the order in which those of one thing are shown.
const MEMBERS: [Word; 170] = [
    ("rehearsal", "演练声明", "Rehearsal"),
    ("summary", "简介", "Summary"),
    ("seller", "转让方", "Seller"),
    ("unit", "单位", "Unit"),
    ("patentee", "专利权人", "Patentee"),
    ("granted", "赋权内容", "What is granted"),
    ("team", "完成人团队及其份额", "The team, and the part of each"),
    ("seller_name", "转让方", "Seller"),
    ("buyer_name", "受让方", "Buyer"),
    ("buyer_related", "关联关系", "Whether the parties are related"),
    ("achievement", "科技成果", "Achievement"),
    ("patent", "专利", "Patent"),
    ("assets", "标的", "Rights offered"),
    ("mode", "转化方式", "Mode of transfer"),
    ("terms", "转让条件", "Terms of transfer"),
    ("fee", "许可使用费", "Licence fee"),
    ("format", "竞价形式", "How the price is found"),
    ("venue", "拍卖地点", "Where the auction is held"),
    ("exhibition", "标的展示", "Exhibition"),
    ("media", "公告媒体", "Media"),
    ("how_to_join", "参加竞买办法", "How to join"),
    ("intended_price", "拟交易价格", "Intended price"),
    ("final_price", "成交价", "Final price"),
    ("unit_price", "每份成交价", "Price of one unit"),
    ("units", "份数", "Units"),
    ("base_price", "基准价（底价）", "Base price"),
    ("start_price", "起拍价", "Start price"),
    ("premium_percent", "溢价率（%）", "Premium, percent"),
    ("saving_percent", "节约率（%）", "Saving, percent"),
    ("number_of_bidders", "竞买人数", "Number of bidders"),
    ("number_of_bids", "出价次数", "Number of bids"),
    ("date", "成交日期", "Date"),
    ("closed_at", "竞价结束时间", "Bidding closed"),
    ("confirmed_at", "确认时间", "Confirmed"),
    ("price", "价格", "Price"),
    ("basis", "基准价依据", "What the base price rests on"),
    ("reserve", "保留价", "Reserve price"),
    ("payment", "付款方式", "Payment"),
    ("term", "许可期限", "Term of the licences"),
    ("other", "其他事项", "Other terms"),
    ("acceptance", "接受方式", "How to have a licence"),
    ("withdrawal", "撤回", "Withdrawal"),
    ("annuity", "年费减免", "Annuities"),
    ("false_papers", "虚假材料的责任", "False papers"),
    ("disputes", "纠纷解决", "Disputes"),
    ("runs", "公告期限", "How long this stands"),
    ("deposit", "保证金", "Deposit"),
    ("conditions", "受让方条件", "Conditions for buyers"),
    ("attachments", "附件", "What goes with it"),
    ("places", "公示地点", "Where it is shown"),
    ("schedule", "日程", "Schedule"),
    ("registration_closes_at", "报名截止", "Registration closes"),
    ("auction_opens_at", "竞价开始", "Bidding opens"),
    ("listing_period", "挂牌公告期", "Listing period"),
    ("bidding", "竞价参数", "Bidding"),
    ("rule_text", "竞价规则说明", "Rules of the bidding in words"),
    ("encumbrances", "权利负担", "Encumbrances"),
    ("listed", "已申报的负担", "Declared"),
    ("no_others", "无其他负担", "No others"),
    ("preemption", "优先受让权", "Right of pre-emption"),
    ("preemption_holders", "优先受让权人", "Holders of a right of pre-emption"),
    ("standing_aside", "回避的机构", "Who stands aside"),
    ("defects", "瑕疵", "Defects"),
    ("taxes", "税费", "Taxes"),
    ("secrecy", "保密审查", "Secrecy"),
    ("contact", "联系方式", "Contact"),
    ("office", "联系部门", "Office"),
    ("withheld", "不公开事项", "What is withheld"),
    ("reason", "理由", "Reason"),
    ("shown_instead", "代以公开", "Shown instead"),
    ("opens_at", "届时公开", "Opens"),
    ("bid_log", "出价记录", "Log of the bids"),
    ("events", "记录条数", "Entries"),
    ("sha256", "SHA-256", "SHA-256"),
    ("rules", "适用规则", "Rules applied"),
    ("rulebook_version", "规则版本", "Edition of the rules"),
    ("as_of", "截至", "As of"),
    ("parameters", "规则参数", "Parameters"),
    ("publish_result", "公示成交结果的期限", "Time to publish the result"),
    ("result_notice_period", "成交公示期", "How long the result is shown"),
    ("name", "名称", "Name"),
    ("title", "名称", "Title"),
    ("value", "取值", "Value"),
    ("period", "期间", "Period"),
    ("source", "依据", "Source"),
    ("not_in_force", "尚未施行", "Not in force yet"),
    ("status", "状态", "Status"),
    ("uscc", "统一社会信用代码", "Social credit code"),
    ("class", "转让方类别", "Class of seller"),
    ("seller_class", "转让方类别", "Class of seller"),
    ("field", "领域或事项", "Field"),
    ("trl", "技术成熟度", "Technology readiness level"),
    ("state_funded", "财政资金形成", "Made with public money"),
    ("kind", "种类", "Kind"),
    ("identifier", "编号", "Number"),
    ("publication_number", "公开号或公告号", "Publication number"),
    ("filed_on", "申请日", "Filed on"),
    ("granted_on", "授权日", "Granted on"),
    ("expires_on", "期限届满日", "Expires on"),
    ("owners", "权利人", "Owners"),
    ("position", "顺位", "Place"),
    ("share_bp", "份额（万分之）", "Share, ten-thousandths"),
    ("legal_status", "法律状态", "Legal status"),
    ("disclosure", "提示", "Note"),
    ("description", "说明", "Description"),
    ("cured", "已有处理文件", "Cured by a document"),
    ("acts", "实施行为", "Acts"),
    ("fields", "使用领域", "Fields of use"),
    ("territory", "地域", "Territory"),
    ("months", "期限（月）", "Length, months"),
    ("sublicence", "可否分许可", "Sub-licences"),
    ("contributes", "出资方式", "What is contributed"),
    ("company", "目标公司", "Company"),
    ("least_share_bp", "最低持股（万分之）", "Smallest share, ten-thousandths"),
    ("closing_mode", "结束方式", "How bidding ends"),
    ("step", "加价幅度", "Step"),
    ("step_base", "加价基准", "What steps are reckoned from"),
    ("multiples_only", "须为加价幅度的整数倍", "Whole steps only"),
    ("enforce_step", "须达加价幅度", "Steps are demanded"),
    ("allow_self_raise", "领先者可自行加价", "The leader may raise his own bid"),
    ("free_period_seconds", "自由竞价期（秒）", "Free bidding, seconds"),
    ("timed_cycle_seconds", "限时周期（秒）", "Timed cycle, seconds"),
    ("max_duration_seconds", "最长时间（秒）", "Longest, seconds"),
    ("min_bidders", "最少竞买人数", "Fewest bidders"),
    ("next_bidder_rule", "递补", "A next bidder is asked"),
    ("auction_licence", "拍卖企业", "Auction enterprise"),
    ("close_grace_ms", "截止宽限（毫秒）", "Grace at the end, ms"),
    ("direction", "价格方向", "Direction of prices"),
    ("buy_now", "一口价", "Buy-now price"),
    ("proxy", "代理出价", "Bids are maxima"),
    ("amount", "金额", "Amount"),
    ("entry_fee", "入门费", "Entry fee"),
    ("base", "提成基数", "What the royalty is reckoned from"),
    ("rate_bp", "比率（万分之）", "Rate, ten-thousandths"),
    ("commitment", "承诺值", "Commitment"),
    ("from", "自", "From"),
    ("to", "至", "To"),
    ("place", "地点", "Place"),
    ("below", "低于", "Below"),
    ("id", "标识", "Id"),
    ("organisation_id", "机构标识", "Id of the organisation"),
    ("listing_id", "项目标识", "Id of the listing"),
    ("lot_id", "标的标识", "Id of the lot"),
    ("deal_id", "成交标识", "Id of the deal"),
    ("code", "代码", "Code"),
    ("secret_level", "密级", "Secret level"),
    ("enterprise", "企业", "Enterprise"),
    ("licence_number", "许可证号", "Licence number"),
    ("auctioneer", "拍卖师", "Auctioneer"),
    ("auctioneer_licence", "拍卖师执业资格证号", "Auctioneer's licence"),
    ("number", "编号", "Number"),
    ("ranks", "顺位", "Ranks"),
    ("way", "行使方式", "How it is used"),
    ("objections", "异议方式", "How to object"),
    ("channel", "提出途径", "Where"),
    ("until", "截至", "Until"),
    ("grounds", "异议理由", "Grounds"),
    ("deadlines", "办理期限", "Deadlines"),
    ("tips", "匿名线索", "Without a name"),
    ("rule", "规则", "Rule"),
    ("objection_acceptance", "异议受理期限", "Time to accept an objection"),
    ("objection_investigation", "异议调查期限", "Time to look into an objection"),
    ("objection_extension", "异议调查延长", "Extension of that"),
    ("objection_review", "异议复核申请期限", "Time to ask for a review"),
    ("negotiation_id", "协议定价标识", "Id of the negotiation"),
    ("rights_grant_id", "赋权标识", "Id of the grant"),
    ("open_licence_id", "开放许可标识", "Id of the open licence"),
    ("price_notice", "协议定价公示", "Notice of the price"),
    ("related", "是否关联", "Related"),
    ("note", "备注", "Note"),
];

/// Codes that stand in notices and objections.
const CODES: [Word; 97] = [
    ("state", "国有高校、科研院所", "state university or research body"),
    ("soe", "国有企业", "state-owned enterprise"),
    ("private", "民营企业", "private enterprise"),
    ("person", "个人", "person"),
    ("rehearsal", "演练", "rehearsal"),
    ("invention", "发明专利", "invention patent"),
    ("utility_model", "实用新型专利", "utility model"),
    ("design", "外观设计专利", "design"),
    ("patent_application", "专利申请", "patent application"),
    ("software", "软件著作权", "software copyright"),
    ("ic_layout", "集成电路布图设计", "IC layout design"),
    ("plant_variety", "植物新品种", "plant variety"),
    ("trade_secret", "技术秘密", "trade secret"),
    ("other_tech", "其他技术成果", "other technology"),
    ("bio_new_drug", "生物医药新品种", "new drug"),
    ("filed_unpublished", "申请未公布", "filed, not published"),
    ("published", "已公布", "published"),
    ("in_exam", "实质审查中", "under examination"),
    ("granted", "授权有效", "granted"),
    ("annuity_grace", "年费滞纳期", "in the grace period of an annuity"),
    ("suspended", "程序中止", "suspended"),
    ("invalidation_pending", "无效宣告审理中", "invalidation pending"),
    ("partially_invalid", "部分无效", "partially invalid"),
    ("invalidated", "已宣告无效", "invalidated"),
    ("ceased_nonpayment", "未缴年费终止", "ceased for non-payment"),
    ("abandoned", "已放弃", "abandoned"),
    ("expired", "期限届满", "expired"),
    ("rejected", "已驳回", "rejected"),
    ("withdrawn", "已撤回", "withdrawn"),
    ("deemed_withdrawn", "视为撤回", "deemed withdrawn"),
    ("secret_patent", "保密专利", "secret patent"),
    ("registered", "已登记", "registered"),
    ("unregistered", "未登记", "not registered"),
    ("registry", "登记机关", "registry"),
    ("certificate", "权利证书", "certificate"),
    ("holder_statement", "权利人声明", "statement of the holder"),
    ("appraisal", "资产评估", "appraisal"),
    ("collective_decision", "集体决策", "collective decision"),
    ("market_comparison", "市场比较", "market comparison"),
    ("own_decision", "自行决定", "own decision"),
    ("none", "无", "none"),
    ("open", "公开", "open"),
    ("secret", "不公开", "secret"),
    ("fixed", "固定金额", "fixed amount"),
    ("percent", "按比例", "per cent"),
    ("start_price", "起拍价", "start price"),
    ("best_bid", "当前最高价", "best bid so far"),
    ("hard_close", "到时结束", "at the announced time"),
    ("soft_close", "延时结束", "soft close"),
    ("timed_cycle", "限时竞价", "timed cycles"),
    ("ascending", "递增", "ascending"),
    ("descending", "递减", "descending"),
    ("english", "多次报价（增价）", "ascending bids"),
    ("assignment", "转让", "assignment"),
    ("exclusive_licence", "独占许可", "exclusive licence"),
    ("sole_licence", "排他许可", "sole licence"),
    ("non_exclusive_licence", "普通许可", "non-exclusive licence"),
    ("equity", "作价投资", "investment for equity"),
    ("all", "全部", "all"),
    ("listing", "挂牌公告", "Listing"),
    ("deal_result", "成交公示", "Result of a deal"),
    ("drafted", "起草", "drafted"),
    ("ended", "公示期满", "its time is over"),
    ("ownership", "权属", "ownership"),
    ("price_unfair", "价格不公", "unfair price"),
    ("related_party", "关联交易", "related party"),
    ("procedure", "程序", "procedure"),
    ("false_info", "信息不实", "false information"),
    ("secret_leak", "泄密", "a secret told"),
    ("preemption", "优先购买权", "pre-emption"),
    ("distribution", "收益分配", "distribution"),
    ("collusion", "串通", "collusion"),
    ("submitted", "待受理", "handed in"),
    ("not_accepted", "不予受理", "not accepted"),
    ("investigating", "调查中", "looked into"),
    ("decided", "已决定", "decided"),
    ("review_requested", "复核中", "under review"),
    ("final", "终局", "final"),
    ("upheld", "成立", "upheld"),
    ("partly_upheld", "部分成立", "partly upheld"),
    ("dismissed", "不成立", "dismissed"),
    ("negotiated_price", "协议定价公示", "Negotiated price"),
    ("auction", "拍卖公告", "Auction"),
    ("rights_grant", "赋权公示", "Grant of rights"),
    ("open_licence", "开放许可公告", "Open licence"),
    ("ownership_share", "所有权份额", "share of the ownership"),
    ("long_term_use_right", "长期使用权", "long-term right to use it"),
    ("completer", "完成人", "who made it"),
    ("same_controller", "同一控制", "same controller"),
    ("shareholding", "持股", "shareholding"),
    ("kin", "亲属", "kinship"),
    ("basis", "定价依据", "basis of the price"),
    ("decision", "决策文件", "decision"),
    ("consent", "共有人同意", "consent"),
    ("cure", "负担处理", "cure"),
    ("evaluation", "专利权评价报告", "evaluation report"),
    ("pledgee_consent", "质权人同意", "consent of the pledgee"),
];

/// The technical fields of the contract statistics (技术领域).
pub const FIELDS: [Word; 11] = [
    ("01", "电子信息", "electronics and information"),
    ("02", "航空航天", "aerospace"),
    ("03", "先进制造", "advanced manufacturing"),
    ("04", "生物医药和医疗器械", "biomedicine and medical devices"),
    ("05", "新材料及其应用", "new materials"),
    ("06", "新能源与高效节能", "new energy and energy saving"),
    ("07", "环境保护与资源综合利用", "environment and resources"),
    ("08", "核应用", "nuclear applications"),
    ("09", "农业", "agriculture"),
    ("10", "现代交通", "transport"),
    ("11", "城市建设与社会发展", "cities and society"),
];

fn said(word: &Word, language: Language) -> &'static str {
    match language {
        Language::Chinese => word.1,
        Language::English => word.2,
    }
}

/// What a member is called, and its place among others.
pub fn member(name: &str, language: Language) -> Option<(usize, &'static str)> {
    let place = MEMBERS.iter().position(|(known, ..)| *known == name)?;
    Some((place, said(&MEMBERS[place], language)))
}

/// What a member is called; where it says in English what another says in Chinese, that is said too.
pub fn called(name: &str, language: Language) -> String {
    let (base, in_english) = match (name.strip_suffix("_en"), language) {
        (None, _) => (name, ""),
        (Some(base), Language::Chinese) => (base, "（英文）"),
        (Some(base), Language::English) => (base, " (English)"),
    };
    let word = member(base, language).map_or(base, |(_, word)| word);
    format!("{word}{in_english}")
}

/// What a code means.
pub fn code(code: &str, language: Language) -> Option<&'static str> {
    found(&CODES, code, language)
}

/// What a technical field is called.
pub fn field(code: &str, language: Language) -> Option<&'static str> {
    found(&FIELDS, code, language)
}

fn found(words: &[Word], code: &str, language: Language) -> Option<&'static str> {
    words.iter().find(|(known, ..)| *known == code).map(|word| said(word, language))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use entity::achievements::{AssetKind, LegalStatus, StatusSource};
    use entity::auctions::{ClosingMode, StepBase};
    use entity::identity::SellerClass;
    use entity::listings::{PriceBasis, TransferMode};
    use entity::notices::{NoticeKind, NoticeState};
    use entity::objections::{ObjectionGround, ObjectionOutcome, ObjectionState};
    use entity::rights_grants::GrantKind;

    use super::*;

    #[test]
    fn whatever_stands_in_a_notice_has_a_word() {
        let all = [
            AssetKind::codes(),
            LegalStatus::codes(),
            StatusSource::codes(),
            ClosingMode::codes(),
            StepBase::codes(),
            SellerClass::codes(),
            PriceBasis::codes(),
            TransferMode::codes(),
            NoticeKind::codes(),
            NoticeState::codes(),
            ObjectionGround::codes(),
            ObjectionOutcome::codes(),
            ObjectionState::codes(),
            GrantKind::codes(),
        ];
        let missing: Vec<_> = all.into_iter().flatten().filter(|known| code(known, Language::Chinese).is_none()).collect();
        assert_eq!(missing, Vec::<String>::new());
    }

    #[test]
    fn nothing_is_called_twice() {
        for words in [MEMBERS.as_slice(), CODES.as_slice(), FIELDS.as_slice()] {
            let names: BTreeSet<_> = words.iter().map(|(name, ..)| *name).collect();
            assert_eq!(names.len(), words.len());
        }
        assert_eq!(member("seller", Language::Chinese).map(|(_, word)| word), Some("转让方"));
        assert_eq!(code("granted", Language::English), Some("granted"));
        assert_eq!(member("painting", Language::English), None);
    }

    #[test]
    fn what_is_said_in_english_too_is_called_so() {
        let told = |name| [Language::Chinese, Language::English].map(|language| called(name, language));
        assert_eq!(told("summary"), ["简介", "Summary"]);
        assert_eq!(told("summary_en"), ["简介（英文）", "Summary (English)"]);
        assert_eq!(told("painting"), ["painting", "painting"]);
    }
}
