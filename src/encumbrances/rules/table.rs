//! The table: which burden forbids which deed, by which rule, and what cures it.
//!
//! Sources: CC Civil Code; PL Patent Law; PLIR its Implementing Rules; STPL Law on Progress of Science and Technology; SPC-TC the Supreme
//! Court on technology contracts. Where a row says no more than that a burden is to be disclosed, its verdict is a warning.

use entity::encumbrances::{BurdenKind, IntendedDeed};

/// What is said of a burden: why, by which rule, and what cures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// Stable code.
    pub code: &'static str,
    /// The rule it follows from.
    pub rule: &'static str,
    /// What it says, in Chinese and in English.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
    /// What cures it, in Chinese.
    pub cure_zh: &'static str,
    /// In English.
    pub cure_en: &'static str,
}

/// Whether a deed may be done under a burden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Pass,
    /// It may, if this is disclosed.
    Warn(Said),
    /// It may not, before it is cured.
    Block(Said),
}

/// What of a burden matters beside its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether proceedings at the registry are suspended for it.
    pub suspends: bool,
    /// Whether whoever is to have the right is abroad.
    pub abroad: bool,
}

/// Declares what is said: its name, its code, its rule, what it says and what cures it, each in both languages.
macro_rules! said {
    ($($name:ident = $code:literal by $rule:literal: $zh:literal $en:literal; cure $cure_zh:literal $cure_en:literal;)+) => {
        $(pub(super) const $name: $crate::encumbrances::rules::table::Said = $crate::encumbrances::rules::table::Said {
            code: $code,
            rule: $rule,
            zh: $zh,
            en: $en,
            cure_zh: $cure_zh,
            cure_en: $cure_en,
        };)+
    };
}
pub(super) use said;

said! {
    PLEDGED = "pledged" by "CC art. 444": "已质押，未经质权人同意不得转让或者许可" "it is pledged: without the pledgee it is neither transferred nor licensed"; cure "质权人书面同意，价款提前清偿或者提存" "the written consent of the pledgee; the price prepays the debt or is deposited";
    PLEDGED_UNRECORDED = "pledged_not_recordable" by "CC art. 444; recordal refusals (不予备案)": "已质押，未经质权人同意的许可不予备案" "it is pledged: a licence without the pledgee's consent is not recorded"; cure "质权人书面同意" "the written consent of the pledgee";
    PLEDGED_CLOSED = "pledged_not_openable" by "PLIR art. 86(4)": "已质押，未经质权人同意不得声明开放许可" "it is pledged: without the pledgee no open licence is declared"; cure "质权人书面同意" "the written consent of the pledgee";
    PLEDGED_BEFORE = "pledged_before" by "CC art. 414": "已有在先质押，须披露其顺位" "an earlier pledge ranks first, which must be disclosed"; cure "披露在先质押" "disclose the earlier pledge";
    PRICE_TO_PLEDGEE = "price_to_pledgee" by "CC art. 444": "质权人已同意，价款须提前清偿或者提存，结算时先付质权人" "the pledgee consents: the price prepays the debt or is deposited, and settlement pays him first"; cure "按质权人同意书支付价款" "pay as the consent says";
    PRESERVED = "preserved" by "PLIR art. 104, 105": "人民法院已采取财产保全，有关手续均已停止" "a court preserves it, and every procedure is stopped"; cure "人民法院解除保全" "the court lifts it";
    SUSPENDED = "dispute_suspends" by "PLIR art. 103, 105": "因权属纠纷中止程序，有关手续均已停止" "a dispute over who owns it suspends every procedure"; cure "判决、裁决生效，或者撤回请求并恢复程序" "a judgment, or the withdrawal of the request; procedures go on";
    DISPUTED = "disputed" by "platform rule (design)": "存在权属纠纷，须披露" "who owns it is disputed, which must be disclosed"; cure "判决、裁决生效，或者撤回请求" "a judgment, or the withdrawal of the request";
    DISPUTED_UNRECORDED = "disputed_not_recordable" by "recordal refusals (不予备案)": "存在权属纠纷，许可不予备案" "who owns it is disputed: no licence is recorded"; cure "判决、裁决生效，或者撤回请求" "a judgment, or the withdrawal of the request";
    LICENSED = "licensed" by "SPC-TC art. 24": "已有许可继续有效，受让人须承受" "a licence goes on, and whoever has the right next is bound by it"; cure "披露并由受让方确认" "disclose it, and let the buyer accept it";
    OPEN_EXCLUDES = "open_licence_excludes" by "PL art. 51": "开放许可期间不得就该专利给予独占或者排他许可" "while an open licence stands nobody is given an exclusive or a sole licence"; cure "撤回开放许可声明并公告" "withdraw the declaration, and announce that";
    OPEN_TWICE = "open_licence_stands" by "PL art. 50": "已有开放许可声明" "an open licence is declared already"; cure "撤回在先声明并公告" "withdraw the earlier declaration, and announce that";
    OPEN_KEPT = "open_licence_kept" by "PL art. 50": "此前获得开放许可者的许可继续有效" "whoever took the open licence before keeps it"; cure "披露" "disclose it";
    PREEMPTED = "preempted" by "CC art. 847, 859, 860": "有优先受让权人，须书面通知并给予行使机会" "somebody has a right of pre-emption: he is told in writing, and may use it"; cure "通知优先权人，或者其书面放弃" "tell the holder, or have his written waiver";
    USE_RIGHT = "use_right_granted" by "国科发区〔2020〕128号": "成果完成人有长期使用权，按其范围视为在先许可，须披露" "who made it has a use right, which is disclosed as an earlier licence"; cure "披露" "disclose it";
    STATE_FUNDED_ABROAD = "state_funded_abroad" by "STPL art. 34": "财政性资金形成，向境外转让或者独占许可须经项目管理机构批准" "public money paid for it: who manages the project approves what goes abroad, as title or exclusive licence"; cure "项目管理机构批准" "the approval of who manages the project";
    STATE_FUNDED = "state_funded" by "STPL art. 32": "财政性资金形成，无正当理由不实施的，国家可以无偿实施或者许可他人实施" "public money paid for it: the State may exploit it if nobody does without reason"; cure "披露" "disclose it";
    STANDARD = "standard_essential" by "platform rule (design)": "标准必要专利，须披露许可承诺" "it is essential to a standard: what was promised for that is disclosed"; cure "披露" "disclose it";
    COMPULSORY = "compulsory_licence" by "PL art. 61": "存在强制许可，为普通许可，不得排除" "a compulsory licence stands, which is an ordinary one and cannot be put aside"; cure "披露" "disclose it";
    SECURES = "secures" by "platform rule (design)": "已用于保险或者证券化，须披露" "it secures an insurance or a securitisation, which must be disclosed"; cure "披露" "disclose it";
    SECRET = "state_secret" by "domain section 9; Law on Guarding State Secrets": "属国家秘密，不得在公开平台交易" "it is a state secret and never dealt in on the public platform"; cure "依法解密" "it is declassified by law";
    PROHIBITED = "export_prohibited" by "Regulations on Technology Import and Export art. 31, 32": "属禁止出口的技术，不得向境外转让或者许可" "its export is prohibited: nobody abroad is given it"; cure "移出禁止出口目录" "it leaves the list";
    PROHIBITED_HERE = "export_prohibited_here" by "Regulations on Technology Import and Export art. 31, 32": "属禁止出口的技术，受让方不得向境外转移" "its export is prohibited, which whoever has it next must know"; cure "披露" "disclose it";
}

/// What a burden says to a deed, before it is asked what cures it.
pub fn forbids(kind: BurdenKind, facts: Facts, deed: IntendedDeed) -> Verdict {
    match kind {
        BurdenKind::Pledge => pledge(deed),
        BurdenKind::Preservation => Verdict::Block(PRESERVED),
        BurdenKind::OwnershipDispute => dispute(facts, deed),
        BurdenKind::ExistingLicence => Verdict::Warn(LICENSED),
        BurdenKind::OpenLicence => open_licence(deed),
        BurdenKind::Preemption if passes_title(deed) => Verdict::Warn(PREEMPTED),
        BurdenKind::Preemption => Verdict::Pass,
        BurdenKind::GrantedUseRight => Verdict::Warn(USE_RIGHT),
        BurdenKind::StateFunded if facts.abroad && is_one_persons(deed) => Verdict::Block(STATE_FUNDED_ABROAD),
        BurdenKind::StateFunded => Verdict::Warn(STATE_FUNDED),
        BurdenKind::StandardEssential => Verdict::Warn(STANDARD),
        BurdenKind::CompulsoryLicence => Verdict::Warn(COMPULSORY),
        BurdenKind::Secured => Verdict::Warn(SECURES),
        BurdenKind::StateSecret => Verdict::Block(SECRET),
        BurdenKind::ExportProhibited if facts.abroad => Verdict::Block(PROHIBITED),
        BurdenKind::ExportProhibited => Verdict::Warn(PROHIBITED_HERE),
    }
}

fn pledge(deed: IntendedDeed) -> Verdict {
    match deed {
        IntendedDeed::OpenDeclaration => Verdict::Block(PLEDGED_CLOSED),
        IntendedDeed::LicenceRecordal => Verdict::Block(PLEDGED_UNRECORDED),
        IntendedDeed::Pledge => Verdict::Warn(PLEDGED_BEFORE),
        IntendedDeed::Assignment
        | IntendedDeed::Equity
        | IntendedDeed::ExclusiveLicence
        | IntendedDeed::SoleLicence
        | IntendedDeed::NonExclusiveLicence
        | IntendedDeed::TransferRecordal => Verdict::Block(PLEDGED),
    }
}

fn dispute(facts: Facts, deed: IntendedDeed) -> Verdict {
    if facts.suspends {
        return Verdict::Block(SUSPENDED);
    }
    if deed == IntendedDeed::LicenceRecordal { Verdict::Block(DISPUTED_UNRECORDED) } else { Verdict::Warn(DISPUTED) }
}

fn open_licence(deed: IntendedDeed) -> Verdict {
    match deed {
        IntendedDeed::ExclusiveLicence | IntendedDeed::SoleLicence => Verdict::Block(OPEN_EXCLUDES),
        IntendedDeed::OpenDeclaration => Verdict::Block(OPEN_TWICE),
        IntendedDeed::Assignment
        | IntendedDeed::Equity
        | IntendedDeed::NonExclusiveLicence
        | IntendedDeed::LicenceRecordal
        | IntendedDeed::TransferRecordal
        | IntendedDeed::Pledge => Verdict::Warn(OPEN_KEPT),
    }
}

/// Whether title passes by it.
fn passes_title(deed: IntendedDeed) -> bool {
    matches!(deed, IntendedDeed::Assignment | IntendedDeed::Equity | IntendedDeed::TransferRecordal)
}

/// Whether one person alone has the right after it: he owns it, or is its only licensee.
fn is_one_persons(deed: IntendedDeed) -> bool {
    passes_title(deed) || deed == IntendedDeed::ExclusiveLicence
}
