//! What stands on pages.

use std::fmt;

use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids::{ListingId, NoticeId, OrganisationId};
use serde::Serialize;
use serde_json::Value as Json;

use super::flows::Sheet;
use super::paper::{self, Block, Dated, Style};
use super::rules::{Part, Shown, differing, is_foreign, on_the_clock, parts, place, shown};
use crate::codes::division_name;
use crate::notices::flows::Told;
use crate::notices::rules::both_places::PublicUnitNotice;
use crate::notices::rules::period::EndReason;
use crate::notices::rules::words::{self, FIELDS};
use crate::notices::views::{NoticeSummary, NoticeView};
use crate::objections::views::ObjectionView;
use crate::platform::http::Page;
use crate::platform::problem::{Language, Problem};
use crate::questions::views::QuestionView;
use crate::rulebook::rules::shanghai_date;

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
    /// Since when they were published, as it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A list of notices.
#[derive(Template)]
#[template(path = "notices.html")]
pub struct NoticeListPage {
    chinese: bool,
    /// Where it is, up to the language.
    here: String,
    choices: Vec<Choice>,
    /// The days between which they were published, as forms have them.
    from: String,
    to: String,
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
    /// Whether it is in Chinese on a page that is not.
    is_foreign: bool,
}

/// What a notice is called: by its title in the language of the page, or else by the Chinese one, which a page in English says.
struct Name {
    text: String,
    is_chinese: bool,
}

impl Name {
    /// By its titles, where it has one.
    fn of(title: Option<String>, title_en: Option<String>, language: Language) -> Option<Self> {
        let english = title_en.filter(|_| language == Language::English).map(|text| Self { text, is_chinese: false });
        english.or_else(|| title.map(|text| Self { is_chinese: is_foreign(&text, language), text }))
    }
}

/// A notice in a list.
struct Line {
    id: NoticeId,
    name: Name,
    kind: String,
    state: String,
    time: String,
    organisation: OrganisationId,
    seller: Option<String>,
}

impl NoticeListPage {
    /// A page of notices, in a language.
    pub fn of(page: Page<NoticeSummary>, asked: &Asked, language: Language) -> Self {
        let query = |more: &[(&str, &str)]| {
            let mut text = url::form_urlencoded::Serializer::new(String::new());
            let members = [("kind", &asked.kind), ("city", &asked.city), ("field", &asked.field), ("from", &asked.from), ("to", &asked.to)];
            text.extend_pairs(members.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| (name, value))));
            text.extend_pairs(asked.organisation_id.map(|id| ("organisation_id", id.to_string())));
            text.extend_pairs(more);
            format!("/notices?{}", text.finish())
        };
        let tongue = of(language, "zh", "en");
        Self {
            chinese: language == Language::Chinese,
            here: query(&[("lang", "")]),
            choices: choices(asked, &page.items, language),
            from: day(asked.from.as_deref()),
            to: day(asked.to.as_deref()),
            next: page.next_cursor.as_deref().map(|cursor| query(&[("lang", &tongue), ("cursor", cursor)])),
            notices: page.items.into_iter().map(|notice| line(notice, language)).collect(),
        }
    }
}

/// The day of a form that an asked-for time is or lies on.
fn day(asked: Option<&str>) -> String {
    let on = |text: &str| DateTime::parse_from_rfc3339(text).map(|at| shanghai_date(at.to_utc()));
    let found = asked.and_then(|text| text.parse::<NaiveDate>().or_else(|_| on(text)).ok());
    found.map_or_else(String::new, |day| day.to_string())
}

fn choices(asked: &Asked, notices: &[NoticeSummary], language: Language) -> Vec<Choice> {
    let choice = |name, (zh, en): (&str, &str), asked: Option<&str>, options: Vec<(String, String, bool)>| Choice {
        name,
        label: of(language, zh, en),
        options: options
            .into_iter()
            .map(|(code, word, is_foreign)| Chosen { is_asked_for: asked == Some(code.as_str()), code, word, is_foreign })
            .collect(),
    };
    let kinds = ["listing", "auction", "negotiated_price", "rights_grant", "open_licence", "deal_result"];
    let kinds = kinds.map(|code| (code.to_owned(), words::code(code, language).unwrap_or(code).to_owned(), false));
    let fields = FIELDS.map(|(code, zh, en)| (code.to_owned(), of(language, zh, en), false));
    let mut found = vec![
        choice("kind", ("种类", "Kind"), asked.kind.as_deref(), kinds.into()),
        choice("city", ("地区", "City"), asked.city.as_deref(), CITIES.map(|code| city(code, language)).into()),
        choice("field", ("技术领域", "Technical field"), asked.field.as_deref(), fields.into()),
    ];
    let sellers = sellers(asked.organisation_id, notices, language);
    if !sellers.is_empty() {
        let asked = asked.organisation_id.map(|id| id.to_string());
        found.push(choice("organisation_id", ("单位", "Seller"), asked.as_deref(), sellers));
    }
    found
}

/// A city to choose. The table of divisions has Chinese names alone: elsewhere its code stands before it.
fn city(code: &str, language: Language) -> (String, String, bool) {
    let name = division_name(code).unwrap_or(code);
    (code.to_owned(), of(language, name, format!("{code} {name}")), language == Language::English)
}

/// The sellers to choose among: the one that was asked for, and those of the notices in view, as their texts name them.
fn sellers(asked: Option<OrganisationId>, notices: &[NoticeSummary], language: Language) -> Vec<(String, String, bool)> {
    let named = |id: OrganisationId| {
        let mut own = notices.iter().filter(|notice| notice.organisation_id == id);
        own.find_map(|notice| notice.seller_name.clone())
    };
    let mut found: Vec<OrganisationId> = Vec::new();
    for id in asked.into_iter().chain(notices.iter().map(|notice| notice.organisation_id)) {
        if !found.contains(&id) && (asked == Some(id) || named(id).is_some()) {
            found.push(id);
        }
    }
    let is_foreign = language == Language::English;
    found.into_iter().map(|id| (id.to_string(), named(id).unwrap_or_else(|| id.to_string()), is_foreign)).collect()
}

fn line(notice: NoticeSummary, language: Language) -> Line {
    let kind = worded(&notice.kind, language);
    let state = if notice.taken_down_at.is_some() { of(language, "已下架", "taken away") } else { state(&notice, language) };
    let time = notice.published_at.map_or_else(String::new, |at| on_the_clock(at, language));
    let name = Name::of(notice.title, notice.title_en, language);
    let name = name.unwrap_or_else(|| Name { text: kind.clone(), is_chinese: false });
    Line { id: notice.id, name, kind, state, time, organisation: notice.organisation_id, seller: notice.seller_name }
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
    /// Whose it is, where its text says so.
    organisation: Option<OrganisationId>,
    /// Its name and its kind.
    title: String,
    name: Option<Name>,
    kind: String,
    banners: Vec<String>,
    /// How it stands today, here and in the unit's own place.
    today: Vec<Part>,
    head: Shown,
    parts: Vec<Part>,
    /// The versions, where there are several.
    versions: Vec<VersionLine>,
    how_to_object: Vec<String>,
    /// How to object by the rules of today, where the text does not say it.
    objecting: Option<Shown>,
    objections: Vec<ObjectionLine>,
    how_to_ask: Option<String>,
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
    from: Shown,
    to: Shown,
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
        let name = Name::of(said("title"), said("title_en"), language);
        let several = sheet.versions.len() > 1;
        Self {
            chinese: language == Language::Chinese,
            here: format!("/notices/{}?lang=", notice.id),
            id: notice.id,
            organisation: notice.seller_name.as_ref().map(|_| notice.organisation_id),
            title: name.as_ref().map_or_else(|| kind.clone(), |name| format!("{} · {kind}", name.text)),
            name,
            kind,
            banners: banners(notice, language),
            today: today(&sheet.notice, language),
            head: Shown::Facts(head(notice, language)),
            at: sheet.versions.iter().find(|version| version.summary.stands).and_then(|version| version.summary.published_at),
            parts: parts(&sheet.notice.content, language),
            versions: sheet.versions.iter().filter(|_| several).map(|version| version_line(version, language)).collect(),
            how_to_object: vec![how_to_object(notice, language), how_to_tip(notice.id, language)],
            objecting: sheet.objecting.as_ref().and_then(|said| shown(said, language)),
            how_to_ask: sheet.asks.map(|(listing, until)| how_to_ask(listing, until, language)),
            objections: sheet.objections.iter().map(|objection| objection_line(objection, language)).collect(),
            questions: sheet.questions.iter().map(|question| question_line(question, language)).collect(),
            sha256: notice.sha256.clone().unwrap_or_default(),
        }
    }
}

impl NoticePage {
    /// The notice as a file to print and keep: its text, its period and its versions, which do not change by themselves.
    pub fn printed(&self) -> Result<Vec<u8>, Problem> {
        let language = if self.chinese { "zh-CN" } else { "en" };
        let foot = format!("浙拍 Zhepai  /notices/{}", self.id);
        // A draft is of no day yet.
        let at = self.at.unwrap_or(DateTime::UNIX_EPOCH);
        paper::print(&Dated { title: &self.title, language, at, foot: &foot }, &self.blocks())
    }

    /// What stands on paper.
    fn blocks(&self) -> Vec<Block> {
        let mut blocks = self.titles();
        blocks.extend(self.banners.iter().map(|banner| Block::new(Style::Body, banner.clone())));
        paper::shown(&self.head, 0, &mut blocks);
        self.parts.iter().for_each(|part| paper::part(part, &mut blocks));
        if !self.versions.is_empty() {
            blocks.push(Block::new(Style::Heading, if self.chinese { "勘误与版本" } else { "Errata and versions" }));
            self.versions.iter().for_each(|version| version.set(self.chinese, &mut blocks));
        }
        blocks.push(Block::new(Style::Small, format!("SHA-256 {}", self.sha256)));
        blocks
    }

    /// What it is called, on paper; a Chinese name among English stands by itself.
    fn titles(&self) -> Vec<Block> {
        match &self.name {
            Some(name) if name.is_chinese => {
                vec![Block::chinese(Style::Title, name.text.clone()), Block::new(Style::Title, self.kind.clone())]
            }
            _ => vec![Block::new(Style::Title, self.title.clone())],
        }
    }
}

impl VersionLine {
    fn set(&self, chinese: bool, blocks: &mut Vec<Block>) {
        let lines = [&self.line].into_iter().chain(&self.reason).map(|line| Block::new(Style::Body, line.clone()));
        blocks.extend(lines);
        let changes = self.changes.iter().map(|change| Part { label: change.label.clone(), shown: change.both(chinese) });
        paper::shown(&Shown::Facts(changes.collect()), 0, blocks);
        blocks.push(Block::new(Style::Small, format!("SHA-256 {}", self.sha256)));
    }
}

impl ChangeLine {
    /// What stood there, and what stands there.
    fn both(&self, chinese: bool) -> Shown {
        let [from, to] = if chinese { ["原文", "现文"] } else { ["Before", "Now"] };
        let part = |label: &str, shown: &Shown| Part { label: label.to_owned(), shown: shown.clone() };
        Shown::Facts(vec![part(from, &self.from), part(to, &self.to)])
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
        let zh = format!("公告内容有实质性更正，已于 {at} 重新公示，公示期自该日起重新计算。");
        let en = format!("What this tells of was changed: it was published again {at}, and its period is reckoned from then.");
        found.push(of(language, zh, en));
    }
    found
}

/// What changes though its text does not.
fn today(view: &NoticeView, language: Language) -> Vec<Part> {
    let standing = Part { label: of(language, "状态", "State"), shown: Shown::Text(vec![state(&view.notice, language)]) };
    let beside = view.unit_notice.as_ref().map(|unit| unit_notice(unit, language));
    std::iter::once(standing).chain(beside).collect()
}

/// The same in the unit's own place.
fn unit_notice(unit: &PublicUnitNotice, language: Language) -> Part {
    let part = |zh: &str, en: &str, shown: Shown| Part { label: of(language, zh, en), shown };
    let text = |text: String| Shown::Text(vec![text]);
    let place = vec![unit.place.clone()];
    let place = if is_foreign(&unit.place, language) { Shown::Chinese(place) } else { Shown::Text(place) };
    let mut facts = vec![part("地点", "Place", place), part("公布日期", "Put up on", text(unit.published_on.to_string()))];
    facts.extend(unit.ends_at.map(|at| part("截止", "Until", text(on_the_clock(at, language)))));
    facts.push(part("证明文件 SHA-256", "SHA-256 of the proof", text(unit.sha256.clone())));
    part("本单位公示", "In the unit's own place", Shown::Facts(facts))
}

fn head(notice: &NoticeSummary, language: Language) -> Vec<Part> {
    let part = |zh: &str, en: &str, text: String| Part { label: of(language, zh, en), shown: Shown::Text(vec![text]) };
    let mut found = Vec::new();
    found.extend(notice.published_at.map(|at| part("发布时间", "Published", on_the_clock(at, language))));
    if let Some(period) = &notice.period {
        let spoken = of(language, format!("{}（{}）", period.zh, period.source), format!("{} ({})", period.en, period.source));
        found.push(part("公示期", "Period", spoken));
        let why = match period.end_reason {
            EndReason::Rule => None,
            EndReason::Chosen => Some(("由转让方在规则范围内选定", "chosen by the seller within the rule")),
            EndReason::Opening => Some(("竞价开始时截止", "it ends as bidding opens")),
            EndReason::LateChange => Some(("临期更正，公示期顺延", "put off, since it was corrected in its last days")),
        };
        found.extend(why.map(|(zh, en)| part("截止依据", "Why it ends then", of(language, zh, en))));
        found.extend(period.last_day.map(|day| part("最后一日", "Last day", format!("{day} 24:00"))));
        let stopped: Vec<_> = period.stopped_days.iter().map(ToString::to_string).collect();
        found.extend((!stopped.is_empty()).then(|| part("不计入的日期", "Days that do not count", stopped.join(", "))));
    }
    let until = notice.ends_at.map(|at| on_the_clock(at, language));
    let until = until.or_else(|| notice.published_at.map(|_| of(language, "公告撤回之日", "it is withdrawn")));
    found.extend(until.map(|until| part("截止", "Until", until)));
    for away in &notice.takedowns {
        let (from, to) = (on_the_clock(away.taken_down_at, language), away.restored_at.map_or("…".into(), |at| on_the_clock(at, language)));
        found.push(part("曾经下架", "Was away", format!("{from} – {to}: {}", away.reason)));
    }
    found
}

fn version_line(told: &Told, language: Language) -> VersionLine {
    let version = &told.summary;
    let at = version.published_at.map_or_else(String::new, |at| on_the_clock(at, language));
    let stands = if version.stands { of(language, "，现行", ", stands") } else { String::new() };
    let said = |value: Option<&Json>| {
        let nothing = || Shown::Text(vec![of(language, "（无）", "(nothing)")]);
        value.and_then(|value| shown(value, language)).unwrap_or_else(nothing)
    };
    let changes = differing(&told.differences, language).map(|one| ChangeLine {
        label: place(one, language),
        from: said(one.before.as_ref()),
        to: said(one.after.as_ref()),
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
    if notice.state != Published || notice.taken_down_at.is_some() {
        return of(language, "现不接受异议。", "Nothing can be objected to now.");
    }
    let id = notice.id;
    let Some(until) = notice.ends_at.map(|at| on_the_clock(at, language)) else {
        return of(
            language,
            format!("公告撤回前，任何人可实名提出异议：POST /v1/notices/{id}/objections。"),
            format!("Until it is withdrawn anybody may object under his name: POST /v1/notices/{id}/objections."),
        );
    };
    of(
        language,
        format!("公示期内，任何人可实名提出异议，截至 {until}：POST /v1/notices/{id}/objections。"),
        format!("Until {until} anybody may object under his name: POST /v1/notices/{id}/objections."),
    )
}

fn how_to_tip(id: NoticeId, language: Language) -> String {
    of(
        language,
        format!("不愿具名的，可匿名提供线索，仅由监管人员阅读，不启动异议程序：POST /v1/notices/{id}/tips。"),
        format!("Whoever will not give his name may give a tip, which only who oversees the market reads: POST /v1/notices/{id}/tips."),
    )
}

fn how_to_ask(listing: ListingId, until: DateTime<Utc>, language: Language) -> String {
    let until = on_the_clock(until, language);
    of(
        language,
        format!("提问截至 {until}：登录后均可就本项目提问，转让方的答复经审核后与问题一并公布：POST /v1/listings/{listing}/questions。"),
        format!(
            "Until {until} anybody who is signed in may ask about it; the answer is published with the question: POST /v1/listings/{listing}/questions."
        ),
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
    use entity::notices::notice_version;
    use serde_json::json;

    use super::*;
    use crate::notices::rules::difference::differences_for_people;
    use crate::notices::rules::examples::{at, draft};
    use crate::notices::views::{NoticeVersionKind, NoticeVersionSummary, NoticeView};

    /// A notice in two versions, the second of which asks for less.
    fn revised() -> Sheet {
        let row = entity::notices::notice::Model { current_version: 2, ..draft() };
        let text = |amount: &str| json!({"title": "甲", "price": {"base_price": {"amount": amount, "currency": "CNY"}}, "summary": null});
        let [before, after] = ["200000.00", "180000.00"].map(text);
        let content = after.to_string();
        let stands = notice_version::Model { notice_id: row.id, version: 2, content, sha256: vec![7; 32], created_at: at(0) };
        let summary = |version, kind| NoticeVersionSummary {
            version,
            kind,
            stands: version == 2,
            sha256: "07".repeat(32),
            published_at: Some(at(version)),
            reason: None,
            changes: Vec::new(),
        };
        let versions = vec![
            Told { summary: summary(1, NoticeVersionKind::First), differences: Vec::new() },
            Told { summary: summary(2, NoticeVersionKind::Revision), differences: differences_for_people(&before, &after) },
        ];
        let notice = NoticeView::of(&row, stands, None, &[], None, Vec::new());
        Sheet { notice, versions, objecting: None, objections: Vec::new(), questions: Vec::new(), asks: None }
    }

    #[test]
    fn page_and_paper_tell_what_stood_and_what_stands() {
        for (language, place, was, is) in [
            (Language::Chinese, "价格 · 基准价（底价）", ["原文", "200,000.00 元"], ["现文", "180,000.00 元"]),
            (Language::English, "Price · Base price", ["Before", "CNY 200,000.00"], ["Now", "CNY 180,000.00"]),
        ] {
            let page = NoticePage::of(&revised(), language);
            let paper: Vec<_> = page.blocks().into_iter().map(|block| block.text).collect();
            let expected = [format!("{place}："), format!("{}：{}", was[0], was[1]), format!("{}：{}", is[0], is[1])];
            assert!(paper.windows(3).any(|lines| lines == expected), "{paper:?}");
            let html = page.render().unwrap();
            for said in [format!("<dt>{place}</dt>"), format!("<del><p>{}</p></del>", was[1]), format!("<ins><p>{}</p></ins>", is[1])] {
                assert!(html.contains(&said), "{said} in {html}");
            }
        }
    }

    #[test]
    fn a_day_is_asked_for_as_forms_have_it() {
        assert_eq!(day(Some("2026-03-19")), "2026-03-19");
        assert_eq!(day(Some("2026-03-18T16:00:00Z")), "2026-03-19", "the day in Shanghai");
        assert_eq!((day(Some("gestern")), day(None)), (String::new(), String::new()));
    }

    #[test]
    fn what_somebody_wrote_is_text_and_nothing_else() {
        let said = shown(&json!({"summary": "<script>alert(1)</script>", "a<b": ["&", "\""]}), Language::Chinese).unwrap().to_string();
        assert!(!said.contains("<script>") && !said.contains("a<b"), "{said}");
        assert!(said.contains("&#60;script&#62;"), "{said}");
    }

    #[test]
    fn a_title_is_in_the_language_of_the_page_or_says_that_it_is_not() {
        let named = |title_en: Option<&str>, language| {
            let name = Name::of(Some("一种检测装置".into()), title_en.map(ToOwned::to_owned), language).unwrap();
            (name.text, name.is_chinese)
        };
        assert_eq!(named(Some("A device"), Language::English), ("A device".into(), false));
        assert_eq!(named(Some("A device"), Language::Chinese), ("一种检测装置".into(), false));
        assert_eq!(named(None, Language::English), ("一种检测装置".into(), true));
        assert!(Name::of(None, None, Language::English).is_none());
        let said = shown(&json!("一"), Language::English).unwrap().to_string();
        assert_eq!(said.trim(), "<p lang=\"zh\">一</p>");
    }

    #[test]
    fn a_page_tells_where_the_unit_put_it_up_itself() {
        let at = DateTime::parse_from_rfc3339("2026-03-17T16:00:00Z").unwrap().to_utc();
        let published_on = "2026-03-02".parse().unwrap();
        let unit = PublicUnitNotice { place: "公告栏".into(), published_on, ends_at: Some(at), sha256: "ab".into(), shown_at: at };
        let chinese = unit_notice(&unit, Language::Chinese);
        let said = chinese.shown.to_string();
        assert_eq!(chinese.label, "本单位公示");
        for fact in ["<dt>地点</dt><dd><p>公告栏</p>", "<p>2026-03-02</p>", "<p>2026-03-18 00:00（北京时间）</p>", "<p>ab</p>"] {
            assert!(said.contains(fact), "{fact}: {said}");
        }
        let english = unit_notice(&unit, Language::English).shown.to_string();
        assert!(english.contains("<dt>Place</dt><dd><p lang=\"zh\">公告栏</p>"), "{english}");
        let open = PublicUnitNotice { ends_at: None, place: "https://kjc.example/1".into(), ..unit };
        let english = unit_notice(&open, Language::English).shown.to_string();
        assert!(english.contains("<p>https://kjc.example/1</p>") && !english.contains("Until"), "{english}");
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
