//! What a certificate says, in words.

use entity::licences::{LicenceMode, LicenceOrigin};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::said::{CertifiedAsset, CertifiedLicence, CertifiedParty};
use crate::codes::{division_name, field_name};
use crate::licences::rules::scope::{ALL, act_name};
use crate::notices::rules::words;
use crate::platform::problem::Language;
use crate::rulebook::rules::shanghai_minute;

/// What a certificate says, line by line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateWords {
    /// In English; names and titles as they are.
    pub en: Vec<String>,
    /// In Chinese.
    pub zh: Vec<String>,
}

impl CertificateWords {
    /// Of a licence.
    pub fn of(licence: &CertifiedLicence) -> Self {
        Self { en: lines(licence, Language::English), zh: lines(licence, Language::Chinese) }
    }

    /// In one language.
    pub fn lines(&self, language: Language) -> &[String] {
        match language {
            Language::Chinese => &self.zh,
            Language::English => &self.en,
        }
    }
}

/// One of two ways to say it.
fn said(language: Language, zh: impl Into<String>, en: impl Into<String>) -> String {
    match language {
        Language::Chinese => zh.into(),
        Language::English => en.into(),
    }
}

/// A name with what stands under it.
fn line(language: Language, (zh, en): (&str, &str), what: &str) -> String {
    said(language, format!("{zh}：{what}"), format!("{en}: {what}"))
}

fn lines(licence: &CertifiedLicence, language: Language) -> Vec<String> {
    let mut lines = vec![
        line(language, ("许可人", "Licensor"), &party(&licence.licensor, language)),
        line(language, ("被许可人", "Licensee"), &party(&licence.licensee, language)),
    ];
    lines.extend(licence.assets.iter().map(|right| line(language, ("许可的权利", "Licensed right"), &asset(right, language))));
    let scope = &licence.scope;
    lines.extend([
        line(language, ("许可方式", "Kind of licence"), mode(licence.mode, language)),
        line(language, ("实施行为", "Acts"), &listed(&scope.acts, language, act)),
        line(language, ("应用领域", "Fields"), &listed(&scope.fields, language, field)),
        line(language, ("地域", "Territory"), &territory(&scope.territory, language)),
        line(language, ("期限", "Term"), &term(licence, language)),
        line(language, ("再许可他人", "Licences under it"), &sub_licence(licence.may_sublicense, language)),
    ]);
    if licence.is_proxy {
        lines.push(said(
            language,
            "本许可视为排他许可人自行实施的方式",
            "It stands for the use that a sole licensor would make of the right himself",
        ));
    }
    if !licence.carve_outs.is_empty() {
        let known: Vec<_> = licence.carve_outs.iter().map(ToString::to_string).collect();
        lines.push(line(
            language,
            ("被许可人知悉并接受并存的在先许可", "Earlier licences the licensee accepts beside it"),
            &known.join(", "),
        ));
    }
    if let Some(parent) = licence.parent_id {
        lines.push(line(language, ("所依据的许可", "Licence it is under"), &parent.to_string()));
    }
    lines.push(line(language, ("登记", "Register"), &register(licence, language)));
    lines
}

fn party(of: &CertifiedParty, language: Language) -> String {
    match &of.uscc {
        Some(uscc) => said(language, format!("{}（统一社会信用代码 {uscc}）", of.name), format!("{} (social credit code {uscc})", of.name)),
        None => of.name.clone(),
    }
}

fn asset(of: &CertifiedAsset, language: Language) -> String {
    let title = match (&of.title_en, language) {
        (Some(title), Language::English) => title,
        _ => &of.title,
    };
    let code = of.kind.code();
    let kind = words::code(&code, language).unwrap_or(&code);
    let mut parts = vec![title.clone(), kind.to_owned()];
    parts.extend(of.number.clone());
    parts.extend(of.expires_on.map(|day| said(language, format!("于 {day} 届满"), format!("ends on {day}"))));
    parts.join(said(language, "，", ", ").as_str())
}

/// The kind of a licence, with what it means (SPC-TC art. 25).
fn mode(of: LicenceMode, language: Language) -> &'static str {
    let (zh, en) = match of {
        LicenceMode::Exclusive => ("独占许可：许可人自己也不得实施", "exclusive: the licensor does not use it himself either"),
        LicenceMode::Sole => ("排他许可：除许可人外无其他实施人", "sole: nobody else uses it but the licensor"),
        LicenceMode::NonExclusive => ("普通许可", "non-exclusive"),
        LicenceMode::Open => ("开放许可", "open licence, taken from a declaration to everybody"),
        LicenceMode::Trial => ("先用后转（试用，普通许可）", "trial, non-exclusive, before it is bought"),
        LicenceMode::SubLicence => ("分许可", "under another licence"),
        LicenceMode::Compulsory => ("强制许可", "compulsory, by decision of the authority"),
        LicenceMode::GrantedUseRight => ("赋权使用权", "right to use it, of who made it"),
    };
    match language {
        Language::Chinese => zh,
        Language::English => en,
    }
}

/// Codes of one dimension in words, or that it is all of them.
fn listed(codes: &[String], language: Language, word: fn(&str, Language) -> Option<String>) -> String {
    let all = said(language, "全部", "all");
    let one = |code: &String| if code == ALL { all.clone() } else { word(code, language).unwrap_or_else(|| code.clone()) };
    codes.iter().map(one).collect::<Vec<_>>().join(said(language, "、", ", ").as_str())
}

/// An act of PL art. 11.
fn act(code: &str, language: Language) -> Option<String> {
    act_name(code).map(|(zh, en)| said(language, zh, en))
}

fn field(code: &str, language: Language) -> Option<String> {
    let name = field_name(code)?;
    Some(said(language, format!("{}（{code}）", name.zh), format!("{} ({code})", name.en)))
}

fn division(code: &str, language: Language) -> Option<String> {
    let name = division_name(code)?;
    Some(said(language, format!("{name}（{code}）"), format!("{name} ({code})")))
}

/// All of it is the mainland: nothing granted here reaches further.
fn territory(codes: &[String], language: Language) -> String {
    if codes.iter().any(|code| code == ALL) {
        return said(language, "中国内地全部", "all of mainland China");
    }
    listed(codes, language, division)
}

fn term(licence: &CertifiedLicence, language: Language) -> String {
    let from = licence.scope.from;
    match licence.ends_on {
        Some(end) => said(
            language,
            format!("{from} 起，{end} 零时止（不含当日）"),
            format!("from {from} up to {end}, which is not covered any more"),
        ),
        None => said(language, format!("{from} 起，至权利终止"), format!("from {from}, for as long as the rights stand")),
    }
}

fn sub_licence(may: bool, language: Language) -> String {
    if may { said(language, "可以", "allowed") } else { said(language, "不得", "not allowed") }
}

fn register(licence: &CertifiedLicence, language: Language) -> String {
    let (zh, en) = match licence.origin {
        LicenceOrigin::Recorded => ("许可人登记", "entered by the licensor"),
        LicenceOrigin::SubLicence => ("分许可登记", "entered under another licence"),
        LicenceOrigin::Deal => ("公开交易成交", "sold here in public"),
        LicenceOrigin::Negotiation => ("协议定价成交", "sold here at a negotiated price"),
        LicenceOrigin::RightsGrant => ("赋权", "granted to who made it"),
        LicenceOrigin::OpenLicence => ("实施开放许可", "taken of an open licence"),
    };
    let at = shanghai_minute(licence.registered_at);
    said(language, format!("{}，{zh}，{at} 载入", licence.id), format!("{}, {en}, on {at} in Shanghai", licence.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificates::rules::examples::licence;

    #[test]
    fn the_scope_is_said_in_words_of_both_languages() {
        let words = CertificateWords::of(&licence());
        let says = |lines: &[String], said: &str| assert!(lines.iter().any(|line| line.contains(said)), "{said} is not in {lines:?}");
        for said in [
            "独占许可",
            "实施行为：制造、销售",
            "应用领域：电池（06.01）",
            "地域：浙江省（330000）",
            "2026-06-01 起，2030-06-01 零时止",
            "不得",
            "ZL201710710472.X",
        ] {
            says(&words.zh, said);
        }
        for said in [
            "exclusive",
            "Acts: making, selling",
            "Fields: Batteries (06.01)",
            "Territory: 浙江省 (330000)",
            "from 2026-06-01 up to 2030-06-01",
            "not allowed",
        ] {
            says(&words.en, said);
        }
        assert_eq!(words.zh.len(), words.en.len());
    }

    #[test]
    fn all_is_said_and_not_left_out() {
        let mut whole = licence();
        let all = || vec![ALL.to_owned()];
        (whole.scope.acts, whole.scope.fields, whole.scope.territory, whole.ends_on) = (all(), all(), all(), None);
        let words = CertificateWords::of(&whole);
        for said in ["实施行为：全部", "应用领域：全部", "地域：中国内地全部", "至权利终止"] {
            assert!(words.zh.iter().any(|line| line.contains(said)), "{said}");
        }
        assert!(words.en.iter().any(|line| line == "Territory: all of mainland China"));
    }

    #[test]
    fn every_kind_has_its_words() {
        for kind in LicenceMode::ALL {
            assert!(!mode(*kind, Language::Chinese).is_empty() && mode(*kind, Language::English).is_ascii(), "{kind:?}");
        }
    }
}
