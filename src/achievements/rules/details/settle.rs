//! What the fields of each kind must say, and the forms they are kept in.

use chrono::{Datelike, Days, NaiveDate};
use entity::achievements::AssetKind;

use super::{AssetDetails, NmpaStage};
use crate::achievements::rules::Warning;
use crate::codes::{CodeError, PatentKind, Scheme, normalise, parse_ipc, parse_locarno, parse_pct_publication, parse_publication_number};
use crate::platform::problem::{Fault, Faults};
use crate::rulebook::rules::{Rulebook, RulebookError, Span};

/// Most symbols, inventors or completers that are listed.
const MOST: usize = 50;

/// How far apart the days of a right may lie, by the rules of the day it is registered.
#[derive(Clone, Copy, Debug)]
pub(in crate::achievements::rules) struct Distances {
    compensation: Span,
    priority: Span,
    layout_filing: Span,
    national_phase: Span,
    national_phase_warning: Span,
}

impl Distances {
    /// Those of a day. Fails if the rulebook does not say them.
    pub(in crate::achievements::rules) fn on(day: NaiveDate, rulebook: &Rulebook) -> Result<Self, RulebookError> {
        let span = |name: &str| rulebook.span(name, None, day);
        Ok(Self {
            compensation: span("patent_compensation_longest")?,
            priority: span("patent_priority_longest")?,
            layout_filing: span("layout_filing_longest")?,
            national_phase: span("pct_national_phase")?,
            national_phase_warning: span("pct_national_phase_warning")?,
        })
    }
}

impl AssetDetails {
    /// Brings numbers and symbols to their canonical forms and notes everything that is wrong.
    pub(in crate::achievements::rules) fn settle(&mut self, faults: &mut Faults, today: NaiveDate, rules: &Distances) -> Vec<Warning> {
        let kind = self.kind();
        match self {
            Self::Invention { filed_on, granted_on, publication_number, ipc, ipc_edition, inventors, compensation_days } => {
                patent_days(faults, *filed_on, *granted_on, today);
                ipc_symbols(faults, ipc, ipc_edition.as_deref(), true);
                people(faults, "/details/inventors", inventors);
                let compensated = filed_on.checked_add_days(Days::new(u64::from(*compensation_days)));
                faults.require(
                    compensated.is_some_and(|day| rules.compensation.after_day(*filed_on).is_some_and(|last| day <= last)),
                    "/details/compensation_days",
                    "range",
                    "不得超过法定的最长补偿期限",
                    "must not exceed the longest compensation the law allows",
                );
                publication(faults, kind, publication_number, *granted_on)
            }
            Self::UtilityModel { filed_on, granted_on, publication_number, ipc, ipc_edition, inventors } => {
                patent_days(faults, *filed_on, *granted_on, today);
                ipc_symbols(faults, ipc, ipc_edition.as_deref(), true);
                people(faults, "/details/inventors", inventors);
                publication(faults, kind, publication_number, *granted_on)
            }
            Self::Design { filed_on, granted_on, publication_number, locarno, inventors } => {
                patent_days(faults, *filed_on, *granted_on, today);
                locarno_classes(faults, locarno, true);
                people(faults, "/details/inventors", inventors);
                publication(faults, kind, publication_number, *granted_on)
            }
            Self::PatentApplication { filed_on, priority_on, publication_number, ipc, ipc_edition, locarno, inventors } => {
                day(faults, "/details/filed_on", *filed_on, today);
                priority(faults, *priority_on, *filed_on, rules);
                ipc_symbols(faults, ipc, ipc_edition.as_deref(), locarno.is_empty());
                locarno_classes(faults, locarno, false);
                faults.require(
                    ipc.is_empty() || locarno.is_empty(),
                    "/details/locarno",
                    "one_scheme",
                    "外观设计只用洛迦诺分类，其他只用 IPC",
                    "a design has Locarno classes only, all others have IPC symbols only",
                );
                people(faults, "/details/inventors", inventors);
                application_publication(faults, publication_number, today);
                Vec::new()
            }
            Self::Software { version, completed_on, published_on, .. } => {
                faults.text("/details/version", version, 50);
                day(faults, "/details/completed_on", *completed_on, today);
                later_day(faults, "/details/published_on", *published_on, *completed_on, today);
                Vec::new()
            }
            Self::IcLayout { filed_on, first_exploited_on, created_on } => {
                layout_days(faults, (*filed_on, *first_exploited_on, *created_on), today, rules);
                Vec::new()
            }
            Self::PlantVariety { species, granted_on, .. } => {
                faults.text("/details/species", species, 100);
                if let Some(granted) = granted_on {
                    day(faults, "/details/granted_on", *granted, today);
                }
                Vec::new()
            }
            Self::TradeSecret { public_abstract, .. } | Self::OtherTech { public_abstract } => {
                faults.text("/details/public_abstract", public_abstract, 2_000);
                Vec::new()
            }
            Self::BioNewDrug { stage, acceptance_number, approval_number, authorisation_holder, .. } => {
                drug_numbers(faults, *stage, acceptance_number.as_deref(), approval_number.as_deref());
                faults.optional_text("/details/authorisation_holder", authorisation_holder.as_ref(), 200);
                Vec::new()
            }
        }
    }
}

/// Names of people, at least one.
pub(in crate::achievements::rules) fn people<T: AsRef<str>>(faults: &mut Faults, pointer: &str, names: &[T]) {
    faults.require((1..=MOST).contains(&names.len()), pointer, "count", "须列明 1 至 50 人", "must name 1 to 50 people");
    for (index, name) in names.iter().enumerate().take(MOST) {
        faults.text(&format!("{pointer}/{index}"), name.as_ref(), 100);
    }
}

/// A day that has come, in a century that has registries.
fn day(faults: &mut Faults, pointer: &str, day: NaiveDate, today: NaiveDate) {
    faults.require(
        day.year() >= 1900 && day <= today,
        pointer,
        "day",
        "须在 1900 年之后且不晚于今天",
        "must lie after 1900 and not after today",
    );
}

/// A day that has come and does not precede another.
fn later_day(faults: &mut Faults, pointer: &str, later: Option<NaiveDate>, earlier: NaiveDate, today: NaiveDate) {
    if let Some(later) = later {
        day(faults, pointer, later, today);
        faults.require(later >= earlier, pointer, "order", "不得早于在先的日期", "must not precede the day before it");
    }
}

fn patent_days(faults: &mut Faults, filed_on: NaiveDate, granted_on: Option<NaiveDate>, today: NaiveDate) {
    day(faults, "/details/filed_on", filed_on, today);
    later_day(faults, "/details/granted_on", granted_on, filed_on, today);
}

/// Priority must be claimed in time (Patent Law art. 29).
fn priority(faults: &mut Faults, priority_on: Option<NaiveDate>, filed_on: NaiveDate, rules: &Distances) {
    if let Some(priority_on) = priority_on {
        let last = rules.priority.after_day(priority_on);
        faults.require(
            priority_on <= filed_on && last.is_some_and(|last| filed_on <= last),
            "/details/priority_on",
            "order",
            "须在申请日之前、优先权期限之内",
            "must lie before the filing date, and not longer than priority lasts",
        );
    }
}

/// A layout is registered soon after its first commercial use, or never (Regulations on the Protection of
/// Layout-Designs of Integrated Circuits, art. 17). The days are those of filing, first use and creation.
fn layout_days(
    faults: &mut Faults,
    (filed_on, first_exploited_on, created_on): (NaiveDate, Option<NaiveDate>, Option<NaiveDate>),
    today: NaiveDate,
    rules: &Distances,
) {
    day(faults, "/details/filed_on", filed_on, today);
    if let Some(created) = created_on {
        day(faults, "/details/created_on", created, today);
        faults.require(created <= filed_on, "/details/created_on", "order", "不得晚于申请日", "must not lie after the filing date");
    }
    if let Some(used) = first_exploited_on {
        later_day(faults, "/details/first_exploited_on", Some(used), created_on.unwrap_or(used), today);
        let last = rules.layout_filing.after_day(used);
        faults.require(
            last.is_some_and(|last| filed_on <= last),
            "/details/filed_on",
            "layout_too_late",
            "首次商业利用后逾期申请的，不予登记",
            "a layout cannot be registered so long after its first commercial use",
        );
    }
}

fn ipc_symbols(faults: &mut Faults, symbols: &mut [String], edition: Option<&str>, needed: bool) {
    count(faults, "/details/ipc", symbols, needed);
    for (index, symbol) in symbols.iter_mut().enumerate().take(MOST) {
        match parse_ipc(symbol) {
            Ok(read) => *symbol = read.display(),
            Err(error) => note(faults, &format!("/details/ipc/{index}"), &error),
        }
    }
    let is_edition = |text: &str| {
        let (year, month) = text.split_once('.').unwrap_or_default();
        year.len() == 4 && month.len() == 2 && year.bytes().chain(month.bytes()).all(|b| b.is_ascii_digit())
    };
    faults.require(edition.is_none_or(is_edition), "/details/ipc_edition", "edition", "须形如 2026.01", "must look like 2026.01");
}

fn locarno_classes(faults: &mut Faults, classes: &mut [String], needed: bool) {
    count(faults, "/details/locarno", classes, needed);
    for (index, class) in classes.iter_mut().enumerate().take(MOST) {
        match parse_locarno(class) {
            Ok(read) => read.canonical().clone_into(class),
            Err(error) => note(faults, &format!("/details/locarno/{index}"), &error),
        }
    }
}

fn count(faults: &mut Faults, pointer: &str, list: &[String], needed: bool) {
    let least = usize::from(needed);
    faults.require(
        (least..=MOST).contains(&list.len()),
        pointer,
        "count",
        &format!("须为 {least} 至 {MOST} 项"),
        &format!("must have {least} to {MOST} members"),
    );
}

/// The publication of a patent must be of its kind; one that tells of a grant wants its date.
fn publication(faults: &mut Faults, kind: AssetKind, number: &mut Option<String>, granted_on: Option<NaiveDate>) -> Vec<Warning> {
    let read = number.as_deref().map(parse_publication_number);
    let granted = match read {
        None => granted_on.is_some(),
        Some(Err(error)) => {
            note(faults, "/details/publication_number", &error);
            return Vec::new();
        }
        Some(Ok(read)) => {
            let agrees = matches!(
                (kind, read.kind),
                (AssetKind::Invention, PatentKind::Invention)
                    | (AssetKind::UtilityModel, PatentKind::UtilityModel)
                    | (AssetKind::Design, PatentKind::Design)
            );
            let pointer = "/details/publication_number";
            faults.require(agrees, pointer, "bad_kind", "公开号的种类与标的不符", "the publication is of another kind of right");
            *number = Some(read.canonical);
            read.granted || granted_on.is_some()
        }
    };
    if !granted {
        return vec![Warning::new(
            "not_granted",
            "未见授权信息；未授权的应登记为专利申请权",
            "nothing tells of a grant; what is not granted is a patent application",
        )];
    }
    if granted_on.is_none() {
        return vec![Warning::new("grant_date_missing", "缺少授权公告日", "the date of grant is missing")];
    }
    Vec::new()
}

/// The publication of an application must not tell of a grant.
fn application_publication(faults: &mut Faults, number: &mut Option<String>, today: NaiveDate) {
    let pointer = "/details/publication_number";
    let Some(raw) = number.as_deref() else { return };
    let read = if normalise(raw).is_ok_and(|text| text.starts_with("WO")) {
        parse_pct_publication(raw, today).map(|publication| (publication.canonical, false))
    } else {
        parse_publication_number(raw).map(|publication| (publication.canonical, publication.granted))
    };
    match read {
        Err(error) => note(faults, pointer, &error),
        Ok((canonical, granted)) => {
            faults.require(
                !granted,
                pointer,
                "granted",
                "该公告号表明已授权，应登记为专利权",
                "this number tells of a grant: register the patent",
            );
            *number = Some(canonical);
        }
    }
}

/// Numbers of the drug authority have a form each, and an approved drug has the second.
fn drug_numbers(faults: &mut Faults, stage: NmpaStage, acceptance: Option<&str>, approval: Option<&str>) {
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let accepted = |text: &str| {
        text.is_char_boundary(4) && text.len() == 11 && text[..4].bytes().all(|b| b.is_ascii_uppercase()) && digits(&text[4..], 7)
    };
    let approved = |text: &str| {
        let rest = text.strip_prefix("国药准字").unwrap_or_default();
        let number = rest.trim_start_matches(|c: char| c.is_ascii_uppercase());
        (1..=2).contains(&(rest.len() - number.len())) && digits(number, 8)
    };
    faults
        .require(
            acceptance.is_none_or(accepted),
            "/details/acceptance_number",
            "bad_form",
            "受理号须为 4 个大写字母加 7 位数字",
            "an acceptance number has 4 capital letters and 7 digits",
        )
        .require(
            approval.is_none_or(approved),
            "/details/approval_number",
            "bad_form",
            "批准文号须形如 国药准字H20230001",
            "an approval number looks like 国药准字H20230001",
        )
        .require(
            stage != NmpaStage::Approved || approval.is_some(),
            "/details/approval_number",
            "required",
            "已批准上市的须填批准文号",
            "an approved drug has an approval number",
        );
}

fn note(faults: &mut Faults, pointer: &str, error: &CodeError) {
    let (zh, en) = error.says();
    faults.push(Fault::new(pointer, error.code(), zh, en));
}

/// Warns when little is left of the time in which a PCT application can enter the national phase in China,
/// counted from priority (Implementing Rules of the Patent Law, art. 120).
pub(in crate::achievements::rules) fn national_phase(
    details: &AssetDetails,
    scheme: &str,
    today: NaiveDate,
    rules: &Distances,
) -> Option<Warning> {
    let AssetDetails::PatentApplication { filed_on, priority_on, .. } = details else { return None };
    let last = rules.national_phase.after_day(priority_on.unwrap_or(*filed_on))?;
    let is_close = rules.national_phase_warning.after_day(today).is_none_or(|soon| soon > last);
    (scheme == Scheme::Pct.code() && is_close).then(|| {
        Warning::new(
            "national_phase_closing",
            &format!("进入中国国家阶段的期限为 {last}，即将届满或已过"),
            &format!("the national phase in China must be entered by {last}: little time is left, or none"),
        )
    })
}
