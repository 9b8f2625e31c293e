//! What a gate finds, and how it is cured.

use entity::gates::{Gate, GateVerdict};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::keys::sha256;
use crate::platform::problem::Problem;

/// How the names of the rules of the offer itself end.
const OF_THE_OFFER: &str = ".offer";

/// Something a gate found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GateFinding {
    /// At which gate.
    pub gate: Gate,
    /// Whether it blocks, or warns until a named person has decided.
    pub verdict: GateVerdict,
    /// Stable code of what was found.
    #[schema(example = "export_possible")]
    pub code: String,
    /// What it is about: a place of the offer, a right, an organisation, an entry of the catalogue.
    #[schema(example = "2025-28/252604X")]
    pub subject: String,
    /// The rule, by its stable name.
    #[schema(example = "G6.catalogue")]
    pub rule: String,
    /// The law it comes from.
    #[schema(example = "TIER art.29-36")]
    pub source: String,
    /// What was found, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// How it is cured, in Chinese.
    pub cure_zh: String,
    /// The same in English.
    pub cure_en: String,
}

/// A rule of a gate.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The gate.
    pub gate: Gate,
    /// Its stable name.
    pub name: &'static str,
    /// The law it comes from.
    pub source: &'static str,
    /// How what it finds is cured, in Chinese and English.
    pub cure: (&'static str, &'static str),
}

impl Rule {
    /// What blocks until it is cured.
    pub fn blocks(&self, code: &str, subject: impl Into<String>, said: (String, String)) -> GateFinding {
        self.finds(GateVerdict::Block, code, subject.into(), said)
    }

    /// What a named person decides about.
    pub fn warns(&self, code: &str, subject: impl Into<String>, said: (String, String)) -> GateFinding {
        self.finds(GateVerdict::Warn, code, subject.into(), said)
    }

    fn finds(&self, verdict: GateVerdict, code: &str, subject: String, (zh, en): (String, String)) -> GateFinding {
        GateFinding {
            gate: self.gate,
            verdict,
            code: code.to_owned(),
            subject,
            rule: self.name.to_owned(),
            source: self.source.to_owned(),
            zh,
            en,
            cure_zh: self.cure.0.to_owned(),
            cure_en: self.cure.1.to_owned(),
        }
    }
}

impl GateFinding {
    /// Whether the rules of the offer itself found it, whose refusal says it too.
    pub fn is_of_the_offer(&self) -> bool {
        self.rule.ends_with(OF_THE_OFFER)
    }

    /// What it is known by: the same for the same thing found by the same rule, whenever that is.
    pub fn digest(&self) -> [u8; 32] {
        sha256(format!("{}\n{}\n{}\n{}", self.gate.code(), self.rule, self.code, self.subject).as_bytes())
    }
}

/// What is said twice over, ready to be owned.
pub fn said(zh: &str, en: &str) -> (String, String) {
    (zh.to_owned(), en.to_owned())
}

/// What another rule refuses, as findings of a gate: one for each fault, or one of the refusal itself.
pub fn heard(gate: Gate, refusal: &Problem) -> Vec<GateFinding> {
    let rule = of_the_offer(gate);
    if refusal.errors.is_empty() {
        use crate::platform::problem::Language::{Chinese, English};
        return vec![rule.blocks(refusal.code.code(), "/", (refusal.detail(Chinese), refusal.detail(English)))];
    }
    refusal.errors.iter().map(|fault| rule.blocks(&fault.code, &fault.pointer, (fault.zh.clone(), fault.en.clone()))).collect()
}

/// The rules of the offer itself that belong to a gate.
fn of_the_offer(gate: Gate) -> Rule {
    let (name, source, cure) = match gate {
        Gate::SecretDeclaration => (
            "G1.offer",
            "SSL art.14, 20",
            ("作出不涉密声明；涉密成果不得进入本平台", "declare that nothing is secret; what is secret never comes here"),
        ),
        Gate::LegalStatus => (
            "G2.offer",
            "PL art.42, 47; PLIR art.103-105; CC art.865",
            (
                "补正编号，重新查询并登记法律状态，或改变转化方式",
                "mend the number, read the legal status again, or offer it in another way",
            ),
        ),
        Gate::Title => {
            ("G3.offer", "PL art.14; SPC-TC art.20", ("上传其他共有人的书面同意", "file the written consent of the other owners"))
        }
        Gate::Encumbrances => (
            "G4.offer",
            "CC art.444; PLIR art.104-105",
            ("上传解除或者同意的证明文件，并声明无其他负担", "file what lifts the burden or consents, and declare that there is no other"),
        ),
        Gate::LicenceConflict => (
            "G5.offer",
            "PL art.51; SPC-TC art.25",
            (
                "先了结在先的项目、赋权或者开放许可，或改为普通许可",
                "end the other offer, grant or open licence first, or offer an ordinary licence",
            ),
        ),
        Gate::Export => {
            ("G6.offer", "TIER art.29-40", ("不向境外主体开放，或办理技术出口手续", "admit no foreign party, or see to the export"))
        }
        Gate::StateFunding => ("G7.offer", "STPL art.34", ("取得项目管理机构的批准", "have the approval of the project's manager")),
        Gate::PriceBasis => (
            "G8.offer",
            "ZJ-TTR art.17; Order 32",
            (
                "按转让方类型提供底价依据，并使价格、保证金等在规则范围内",
                "give what the price rests on, and keep prices and deposit within the rules",
            ),
        ),
        Gate::RelatedParty => ("G9.offer", "ZJ-TTR art.17", ("关联方回避", "whoever is related stands aside")),
        Gate::Publicity => (
            "G10.offer",
            "ZJ-TTR art.17; AL art.45, 48; Order 32",
            ("使公告期、展示和日期符合规则", "keep notice, exhibition and dates within the rules"),
        ),
        Gate::Integrity => ("G11.offer", "科技部令19号", ("待惩戒期满或者被解除", "wait until the restriction has ended or was lifted")),
        Gate::Clauses => ("G12.offer", "CC art.850; SPC-TC art.10", ("删改该条款", "strike or change the clause")),
    };
    Rule { gate, name, source, cure }
}
