//! G12: clauses that monopolise technology, by their words and by what the seller ticks. A hit is a question; a person answers it.
//!
//! Source: CC art. 850; the six patterns of SPC-TC art. 10.

use entity::gates::{ClauseKind, Gate};

use super::case::GateCase;
use super::catalogue::plain;
use super::finding::{GateFinding, Rule};
use crate::platform::keys::{hex, sha256};

const CLAUSE: Rule = Rule {
    gate: Gate::Clauses,
    name: "G12.clauses",
    source: "CC art.850; SPC-TC art.10",
    cure: ("删改该条款，或由审核人员说明理由后认可", "strike or change the clause, or an officer accepts it with his reasons"),
};

/// A pattern: its kind, what it is called, and groups of words that all stand in one sentence of it.
struct Pattern {
    kind: ClauseKind,
    zh: &'static str,
    en: &'static str,
    words: &'static [&'static [&'static str]],
}

static PATTERNS: [Pattern; 6] = [
    Pattern {
        kind: ClauseKind::GrantBack,
        zh: "要求将改进技术不对等地提供给对方",
        en: "improvements go back and nothing comes for them",
        words: &[
            &["改进", "归转让方"],
            &["改进", "归许可方"],
            &["改进", "无偿"],
            &["回授"],
            &["grant", "back"],
            &["improvement", "freeofcharge"],
        ],
    },
    Pattern {
        kind: ClauseKind::NoCompetition,
        zh: "限制从其他来源获得竞争技术",
        en: "no competing technology may be had from others",
        words: &[&["不得", "竞争", "技术"], &["不得", "同类技术"], &["不得", "其他来源", "技术"], &["not", "competingtechnolog"]],
    },
    Pattern {
        kind: ClauseKind::SalesLimits,
        zh: "不合理地限制产量、品种、价格、渠道或者出口",
        en: "volume, kind, price, channel or export are limited without reason",
        words: &[
            &["限制", "产量"],
            &["不得超过", "产量"],
            &["限制", "销售价格"],
            &["不得低于", "销售价格"],
            &["只能", "销售渠道"],
            &["不得", "出口", "产品"],
            &["maynot", "export", "product"],
        ],
    },
    Pattern {
        kind: ClauseKind::TieIn,
        zh: "搭售非必需的技术、设备、原材料或者服务",
        en: "something else that is not needed must be taken with it",
        words: &[&["搭售"], &["必须同时购买"], &["须同时购买"], &["须一并购买"], &["mustalso", "buy"], &["mustalso", "purchase"]],
    },
    Pattern {
        kind: ClauseKind::SourcingLimits,
        zh: "不合理地限制采购原材料、设备的渠道",
        en: "where material and equipment come from is limited without reason",
        words: &[&["只能", "采购"], &["必须向", "购买"], &["必须向", "采购"], &["指定", "供应商"], &["only", "supplier", "named"]],
    },
    Pattern {
        kind: ClauseKind::NoChallenge,
        zh: "禁止对知识产权的有效性提出异议",
        en: "nobody may challenge that the right is valid",
        words: &[
            &["不得", "质疑"],
            &["不质疑"],
            &["不得", "有效性", "异议"],
            &["不得", "宣告", "无效"],
            &["notchallenge"],
            &["nochallenge"],
        ],
    },
];

/// What the clauses of the offer and the contract may be.
pub fn clauses(case: &GateCase) -> Vec<GateFinding> {
    let own = case.declared.clauses.iter().map(|text| ("/clauses".to_owned(), text.as_str()));
    let texts = case.texts.iter().map(|(place, text)| (place.clone(), *text)).chain(own);
    let mut found: Vec<GateFinding> = texts.flat_map(|(place, text)| in_text(&place, text)).collect();
    let ticked = PATTERNS.iter().filter(|pattern| case.declared.clause_kinds.contains(&pattern.kind));
    found.extend(ticked.map(|pattern| hit(pattern, format!("/clause_kinds/{}", pattern.kind.code()), "")));
    found
}

/// The sentences of a text that look like one of the patterns.
pub fn in_text(place: &str, text: &str) -> Vec<GateFinding> {
    let sentences = text.split(['。', '；', ';', '\n', '！', '!']).map(str::trim).filter(|sentence| !sentence.is_empty());
    let mut found = Vec::new();
    for sentence in sentences {
        let read = plain(sentence);
        let looks_so = |pattern: &&Pattern| pattern.words.iter().any(|group| group.iter().all(|word| read.contains(word)));
        // Another sentence is another finding: what was decided about this one does not go for it.
        let subject = |pattern: &Pattern| format!("{place}#{}/{}", pattern.kind.code(), &hex(&sha256(read.as_bytes()))[..16]);
        found.extend(PATTERNS.iter().filter(looks_so).map(|pattern| hit(pattern, subject(pattern), sentence)));
    }
    found
}

fn hit(pattern: &Pattern, subject: String, sentence: &str) -> GateFinding {
    let (zh, en) = if sentence.is_empty() {
        (format!("转让方声明含有此类条款：{}", pattern.zh), format!("the seller says there is such a clause: {}", pattern.en))
    } else {
        (format!("“{sentence}”可能属于：{}", pattern.zh), format!("\"{sentence}\" may be one by which {}", pattern.en))
    };
    CLAUSE.warns("clause", subject, (zh, en))
}
