//! What stands on pages.

use std::fmt;

use askama::Template;
use chrono::{DateTime, Utc};
use entity::ids::{NoticeId, OrganisationId};
use serde::Serialize;

use super::flows::Sheet;
use super::paper::{self, Block, Dated, Style};
use super::rules::on_the_clock;
use super::rules::{Part, Shown, parts};
use crate::codes::division_name;
use crate::notices::rules::words::{self, FIELDS};
use crate::notices::views::{NoticeSummary, NoticeVersionSummary};
use crate::objections::views::ObjectionView;
use crate::platform::http::Page;
use crate::platform::problem::{Language, Problem};
use crate::questions::views::QuestionView;

/// The divisions of the province and that of bodies registered nationally, by which notices are filtered.
const CITIES: [&str; 12] =
    ["330100", "330200", "330300", "330400", "330500", "330600", "330700", "330800", "330900", "331000", "331100", "100000"];

/// A value on a page.
#[derive(Template)]
#[template(path = "shown.html")]
struct Value<'a> {
    shown: &'a Shown,
}

/// As HTML, its text escaped.
impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value { shown: self }.render_into(f).map_err(|_| fmt::Error)
    }
}

fn of(language: Language, zh: impl Into<String>, en: impl Into<String>) -> String {
    match language {
        Language::Chinese => zh.into(),
        Language::English => en.into(),
    }
}

/// A code in words, or itself.
fn worded(code: &impl Serialize, language: Language) -> String {
    let code = serde_json::to_value(code).ok().and_then(|code| code.as_str().map(ToOwned::to_owned)).unwrap_or_default();
    words::code(&code, language).map_or(code.clone(), ToOwned::to_owned)
}

/// What a list of notices was asked for.
#[derive(Serialize)]
pub struct Asked {
    /// The kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The technical field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation_id: Option<OrganisationId>,
}

/// A list of notices.
#[derive(Template)]
#[template(path = "notices.html")]
pub struct NoticeListPage {
    chinese: bool,
    /// Where it is, up to the language.
    here: String,
    choices: Vec<Choice>,
    notices: Vec<Line>,
    next: Option<String>,
}

/// What can be chosen.
struct Choice {
    name: &'static str,
    label: String,
    options: Vec<Chosen>,
}

struct Chosen {
    code: String,
    word: String,
    is_asked_for: bool,
}

/// A notice in a list.
struct Line {
    id: NoticeId,
    title: String,
    kind: String,
    state: String,
    time: String,
}

impl NoticeListPage {
    /// A page of notices, in a language.
    pub fn of(page: Page<NoticeSummary>, asked: &Asked, language: Language) -> Self {
        let query = |more: &[(&str, &str)]| {
            let mut text = url::form_urlencoded::Serializer::new(String::new());
            let members = [("kind", &asked.kind), ("city", &asked.city), ("field", &asked.field)];
            text.extend_pairs(members.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| (name, value))));
            text.extend_pairs(asked.organisation_id.map(|id| ("organisation_id", id.to_string())));
            text.extend_pairs(more);
            format!("/notices?{}", text.finish())
        };
        let tongue = of(language, "zh", "en");
        Self {
            chinese: language == Language::Chinese,
            here: query(&[("lang", "")]),
            choices: choices(asked, language),
            next: page.next_cursor.as_deref().map(|cursor| query(&[("lang", &tongue), ("cursor", cursor)])),
            notices: page.items.into_iter().map(|notice| line(notice, language)).collect(),
        }
    }
}

fn choices(asked: &Asked, language: Language) -> Vec<Choice> {
    let choice = |name, (zh, en): (&str, &str), asked: &Option<String>, options: Vec<(&str, String)>| Choice {
        name,
        label: of(language, zh, en),
        options: options
            .into_iter()
            .map(|(code, word)| Chosen { code: code.to_owned(), word, is_asked_for: asked.as_deref() == Some(code) })
            .collect(),
    };
    let kinds = ["listing", "negotiated_price", "deal_result"].map(|code| (code, words::code(code, language).unwrap_or(code).to_owned()));
    let cities = CITIES.map(|code| (code, division_name(code).unwrap_or(code).to_owned()));
    let fields = FIELDS.map(|(code, zh, en)| (code, of(language, zh, en)));
    vec![
        choice("kind", ("种类", "Kind"), &asked.kind, kinds.into()),
        choice("city", ("地区", "City"), &asked.city, cities.into()),
        choice("field", ("技术领域", "Technical field"), &asked.field, fields.into()),
    ]
}

fn line(notice: NoticeSummary, language: Language) -> Line {
    let kind = worded(&notice.kind, language);
    let state = if notice.taken_down_at.is_some() { of(language, "已下架", "taken away") } else { state(&notice, language) };
    let time = notice.published_at.map_or_else(String::new, |at| on_the_clock(at, language));
    Line { id: notice.id, title: notice.title.unwrap_or_else(|| kind.clone()), kind, state, time }
}

fn state(notice: &NoticeSummary, language: Language) -> String {
    use entity::notices::NoticeState::{Drafted, Ended, Published, Withdrawn};
    match notice.state {
        Drafted => of(language, "起草", "drafted"),
        Published => of(language, "公示中", "running"),
        Ended if notice.final_at.is_some() => of(language, "公示期满，终局", "its time is over, and nothing about it is open"),
        Ended => of(language, "公示期满", "its time is over"),
        Withdrawn => of(language, "已撤回", "withdrawn"),
    }
}

/// A notice.
#[derive(Template)]
#[template(path = "notice.html")]
pub struct NoticePage {
    chinese: bool,
    here: String,
    id: NoticeId,
    title: String,
    banners: Vec<String>,
    /// How it stands today.
    standing: Part,
    head: Shown,
    parts: Vec<Part>,
    /// The versions, where there are several.
    versions: Vec<VersionLine>,
    how_to_object: String,
    objections: Vec<ObjectionLine>,
    questions: Vec<QuestionLine>,
    sha256: String,
    /// When the text that stands became public.
    at: Option<DateTime<Utc>>,
}

struct QuestionLine {
    line: String,
    question: String,
    answer: String,
}

struct VersionLine {
    line: String,
    reason: Option<String>,
    changes: Vec<ChangeLine>,
    sha256: String,
}

struct ChangeLine {
    label: String,
    from: String,
    to: String,
}

struct ObjectionLine {
    line: String,
    words: Vec<String>,
}

impl NoticePage {
    /// A notice, in a language.
    pub fn of(sheet: &Sheet, language: Language) -> Self {
        let notice = &sheet.notice.notice;
        let said = |name: &str| sheet.notice.content.get(name).and_then(|text| text.as_str()).map(ToOwned::to_owned);
        let kind = worded(&notice.kind, language);
        let title = said("title_en").filter(|_| language == Language::English).or_else(|| said("title"));
        let several = sheet.versions.len() > 1;
        Self {
            chinese: language == Language::Chinese,
            here: format!("/notices/{}?lang=", notice.id),
            id: notice.id,
            title: title.map_or_else(|| kind.clone(), |title| format!("{title} · {kind}")),
            banners: banners(notice, language),
            standing: Part { label: of(language, "状态", "State"), shown: Shown::Text(vec![state(notice, language)]) },
            head: Shown::Facts(head(notice, language)),
            at: sheet.versions.iter().find(|version| version.stands).and_then(|version| version.published_at),
            parts: parts(&sheet.notice.content, language),
            versions: sheet.versions.iter().filter(|_| several).map(|version| version_line(version, language)).collect(),
            how_to_object: how_to_object(notice, language),
            objections: sheet.objections.iter().map(|objection| objection_line(objection, language)).collect(),
            questions: sheet.questions.iter().map(|question| question_line(question, language)).collect(),
            sha256: notice.sha256.clone().unwrap_or_default(),
        }
    }
}

impl NoticePage {
    /// The notice as a file to print and keep: its text, its period and its versions, which do not change by themselves.
    pub fn printed(&self) -> Result<Vec<u8>, Problem> {
        let mut blocks = vec![Block::new(Style::Title, self.title.clone())];
        blocks.extend(self.banners.iter().map(|banner| Block::new(Style::Body, banner.clone())));
        paper::shown(&self.head, 0, &mut blocks);
        self.parts.iter().for_each(|part| paper::part(part, &mut blocks));
        if !self.versions.is_empty() {
            blocks.push(Block::new(Style::Heading, if self.chinese { "勘误与版本" } else { "Errata and versions" }));
            self.versions.iter().for_each(|version| version.set(&mut blocks));
        }
        blocks.push(Block::new(Style::Small, format!("SHA-256 {}", self.sha256)));
        let language = if self.chinese { "zh-CN" } else { "en" };
        let foot = format!("浙拍 Zhepai  /notices/{}", self.id);
        // A draft is of no day yet.
        let at = self.at.unwrap_or(DateTime::UNIX_EPOCH);
        paper::print(&Dated { title: &self.title, language, at, foot: &foot }, &blocks)
    }
}

impl VersionLine {
    fn set(&self, blocks: &mut Vec<Block>) {
        let lines = [&self.line].into_iter().chain(&self.reason).map(|line| Block::new(Style::Body, line.clone()));
        blocks.extend(lines);
        let changes = self.changes.iter().map(|change| format!("{}：{} → {}", change.label, change.from, change.to));
        blocks.extend(changes.map(|change| Block::new(Style::Body, change)));
        blocks.push(Block::new(Style::Small, format!("SHA-256 {}", self.sha256)));
    }
}

/// What whoever reads a notice has to know first.
fn banners(notice: &NoticeSummary, language: Language) -> Vec<String> {
    let mut found = Vec::new();
    if let (Some(at), Some(reason)) = (notice.withdrawn_at, &notice.withdrawal_reason) {
        let at = on_the_clock(at, language);
        found.push(of(language, format!("本公告已于 {at} 撤回：{reason}"), format!("Withdrawn {at}: {reason}")));
    }
    if let Some(at) = notice.corrected_at {
        let at = on_the_clock(at, language);
        found.push(of(language, format!("本公告已于 {at} 勘误，见下文。"), format!("A slip was set right {at}, see below.")));
    }
    if let Some(at) = notice.revised_at {
        let at = on_the_clock(at, language);
        let zh = format!("公告内容已重新商定，并于 {at} 重新公示，公示期自该日起重新计算。");
        let en = format!("What this tells of was agreed anew: it was published again {at}, and its period is reckoned from then.");
        found.push(of(language, zh, en));
    }
    found
}

fn head(notice: &NoticeSummary, language: Language) -> Vec<Part> {
    let part = |zh: &str, en: &str, text: String| Part { label: of(language, zh, en), shown: Shown::Text(vec![text]) };
    let mut found = Vec::new();
    found.extend(notice.published_at.map(|at| part("发布时间", "Published", on_the_clock(at, language))));
    if let Some(period) = &notice.period {
        let spoken = of(language, format!("{}（{}）", period.zh, period.source), format!("{} ({})", period.en, period.source));
        found.push(part("公示期", "Period", spoken));
        found.extend(period.last_day.map(|day| part("最后一日", "Last day", format!("{day} 24:00"))));
        let stopped: Vec<_> = period.stopped_days.iter().map(ToString::to_string).collect();
        found.extend((!stopped.is_empty()).then(|| part("不计入的日期", "Days that do not count", stopped.join(", "))));
    }
    found.extend(notice.ends_at.map(|at| part("截止", "Until", on_the_clock(at, language))));
    for away in &notice.takedowns {
        let (from, to) = (on_the_clock(away.taken_down_at, language), away.restored_at.map_or("…".into(), |at| on_the_clock(at, language)));
        found.push(part("曾经下架", "Was away", format!("{from} – {to}: {}", away.reason)));
    }
    found
}

fn version_line(version: &NoticeVersionSummary, language: Language) -> VersionLine {
    let at = version.published_at.map_or_else(String::new, |at| on_the_clock(at, language));
    let stands = if version.stands { of(language, "，现行", ", stands") } else { String::new() };
    let changes = version.changes.iter().map(|change| {
        let place = change.pointer.trim_start_matches('/');
        let last = place.rsplit('/').next().unwrap_or(place);
        let label = words::member(last.strip_suffix("_en").unwrap_or(last), language).map_or(last, |(_, word)| word);
        let from = change.from.as_str().map_or_else(|| of(language, "（无）", "(nothing)"), ToOwned::to_owned);
        ChangeLine { label: label.to_owned(), from, to: change.to.clone() }
    });
    VersionLine {
        line: of(language, format!("第 {} 版，{at}{stands}", version.version), format!("Version {}, {at}{stands}", version.version)),
        reason: version.reason.clone(),
        changes: changes.collect(),
        sha256: version.sha256.clone(),
    }
}

fn how_to_object(notice: &NoticeSummary, language: Language) -> String {
    use entity::notices::NoticeState::Published;
    let (id, until) = (notice.id, notice.ends_at.map_or_else(String::new, |at| on_the_clock(at, language)));
    if notice.state != Published || notice.taken_down_at.is_some() {
        return of(language, "现不接受异议。", "Nothing can be objected to now.");
    }
    of(
        language,
        format!("公示期内，任何人可实名提出异议，截至 {until}：POST /v1/notices/{id}/objections。"),
        format!("Until {until} anybody may object under his name: POST /v1/notices/{id}/objections."),
    )
}

fn objection_line(objection: &ObjectionView, language: Language) -> ObjectionLine {
    let (ground, state) = (worded(&objection.ground, language), worded(&objection.state, language));
    let at = on_the_clock(objection.submitted_at, language);
    let outcome = objection.review_outcome.or(objection.outcome).map(|outcome| worded(&outcome, language));
    let outcome = outcome.map_or_else(String::new, |outcome| format!(" · {outcome}"));
    let words = [&objection.reasons, &objection.review_reasons, &objection.settlement];
    ObjectionLine { line: format!("{at} · {ground} · {state}{outcome}"), words: words.into_iter().flatten().cloned().collect() }
}

fn question_line(question: &QuestionView, language: Language) -> QuestionLine {
    let asked = on_the_clock(question.asked_at, language);
    let answered = question.answered_at.map_or_else(String::new, |at| on_the_clock(at, language));
    QuestionLine {
        line: of(language, format!("{asked} 提问，{answered} 答复"), format!("Asked {asked}, answered {answered}")),
        question: question.question.clone(),
        answer: question.answer.clone().unwrap_or_default(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::super::rules::shown;
    use super::*;

    #[test]
    fn what_somebody_wrote_is_text_and_nothing_else() {
        let said = shown(&json!({"summary": "<script>alert(1)</script>", "a<b": ["&", "\""]}), Language::Chinese).unwrap().to_string();
        assert!(!said.contains("<script>") && !said.contains("a<b"), "{said}");
        assert!(said.contains("&#60;script&#62;"), "{said}");
    }

    #[test]
    fn facts_lists_and_paragraphs_have_elements_of_their_own() {
        let said = shown(&json!({"owners": [{"name": "浙江大学"}], "summary": "一\n二"}), Language::Chinese).unwrap().to_string();
        assert_eq!(
            said.trim(),
            "<dl><dt>简介</dt><dd><p>一</p><p>二</p></dd><dt>权利人</dt><dd><ul class=\"plain\"><li><dl><dt>名称</dt><dd><p>浙江大学</p></dd></dl></li></ul></dd></dl>"
        );
    }
}
