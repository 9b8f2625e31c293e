//! The pages for developers: the guide, the conventions and a page for every problem, in both languages. They need no
//! script and nothing from outside, and are made once, from the very files and tables the tests hold the server to.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use serde_json::{Value, json};
use utoipa::openapi::OpenApi as Document;

use super::spec::{self, Answering};
use crate::platform::problem::{Code, Language, Problem};

const STYLE: &str = "body{max-width:60rem;margin:2rem auto;padding:0 1rem;font:1rem/1.6 system-ui,sans-serif;color:#1a1a1a;background:#fff}\
    pre{background:#f4f4f4;padding:1rem;overflow-x:auto}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.3rem .6rem;text-align:left}\
    nav a{margin-right:1rem}";

/// The guides, by the name of their page: language, title, text. What they show is run by the tests.
const GUIDES: [(&str, &str, &str, &str); 3] = [
    ("guide", "en", "Guide", include_str!("../../../README.md")),
    ("guide-zh", "zh-CN", "指南", include_str!("../../../README.zh-CN.md")),
    ("conventions", "en", "Conventions", include_str!("../../../api-spec/conventions.md")),
];

/// The pages as they are served.
pub struct Pages {
    guides: BTreeMap<&'static str, String>,
    problems: BTreeMap<&'static str, String>,
    catalogue: String,
}

impl Pages {
    /// Of this document.
    pub fn of(api: &Document) -> Self {
        let answering = spec::answering(api);
        let none = Vec::new();
        let guides = GUIDES.iter().map(|(name, language, title, text)| (*name, page(language, title, &rendered(text)))).collect();
        let problems = Code::ALL.iter().map(|code| (code.code(), problem(*code, answering.get(code).unwrap_or(&none)))).collect();
        Self { guides, problems, catalogue: catalogue() }
    }

    /// Where the pages are.
    pub fn places() -> Vec<String> {
        let guides = GUIDES.iter().map(|(name, ..)| format!("/docs/{name}"));
        guides.chain(["/docs".to_owned(), "/docs/problems".to_owned(), "/docs/problems/{code}".to_owned()]).collect()
    }
}

/// A page with a title and what stands on it, as HTML.
pub fn page(language: &str, title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} · 浙拍 Zhepai</title><style>{STYLE}</style></head><body><nav><a href=\"/docs/\">API</a><a href=\"/docs/guide-zh\">指南</a>\
         <a href=\"/docs/guide\">Guide</a><a href=\"/docs/conventions\">Conventions</a><a href=\"/docs/problems\">问题 Problems</a></nav>\
         <main>{body}</main></body></html>"
    )
}

/// Files beside the guides that are pages here.
const PLACES: [(&str, &str); 3] =
    [("README.md", "/docs/guide"), ("README.zh-CN.md", "/docs/guide-zh"), ("api-spec/conventions.md", "/docs/conventions")];

/// A link as it leads on from a page.
fn led(event: Event<'_>) -> Event<'_> {
    let Event::Start(Tag::Link { link_type, dest_url, title, id }) = event else { return event };
    let place = PLACES.iter().find(|(file, _)| **file == *dest_url).map(|(_, place)| CowStr::from(*place));
    Event::Start(Tag::Link { link_type, dest_url: place.unwrap_or(dest_url), title, id })
}

/// Markdown as HTML. Headings can be pointed to.
fn rendered(text: &str) -> String {
    let mut events: Vec<Event> = Parser::new_ext(text, Options::ENABLE_TABLES).map(led).collect();
    for at in 0..events.len() {
        if let Event::Start(Tag::Heading { level, .. }) = events[at] {
            let words: String =
                events[at..].iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_)))).filter_map(said).collect();
            events[at] = heading(level, &words);
        }
    }
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, events.into_iter());
    out
}

fn said<'a>(event: &'a Event) -> Option<&'a str> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text),
        _ => None,
    }
}

fn heading(level: HeadingLevel, words: &str) -> Event<'static> {
    let kept = words.to_lowercase().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).collect::<String>();
    Event::Start(Tag::Heading { level, id: Some(CowStr::from(kept.replace(' ', "-"))), classes: Vec::new(), attrs: Vec::new() })
}

/// The catalogue of problems, one line each, in both languages.
fn catalogue() -> String {
    let mut rows = String::new();
    for code in Code::ALL {
        let name = code.code();
        let (zh, en) = (code.text(Language::Chinese), code.text(Language::English));
        let _ = write!(
            rows,
            "<tr id=\"{name}\"><td>{}</td><td><a href=\"/docs/problems/{name}\"><code>{name}</code></a></td><td>{zh}<br><span lang=\"en\">{en}</span></td></tr>",
            code.status()
        );
    }
    let body = format!("<h1>问题目录 Problems</h1><table><tr><th>HTTP</th><th>code</th><th>说明 Meaning</th></tr>{rows}</table>");
    page("zh-CN", "问题目录 Problems", &body)
}

/// What a caller does about a status, in Chinese and English.
fn cure(status: u16) -> (&'static str, &'static str) {
    match status {
        400 | 411 | 413 | 414 | 415 | 431 => ("请按约定改正请求后再发。", "Mend the request by the conventions, then send it again."),
        401 => ("请登录、更新令牌，或核对所用凭证。", "Sign in, renew the token, or look at the credential that was sent."),
        403 => (
            "由有权限的人或角色办理；如提示第二因素，请先验证。",
            "Let somebody do it who may; where the second factor is asked for, prove it first.",
        ),
        404 => (
            "请核对地址与编号；无权知悉的对象同样如此回答。",
            "Look at the address and the id; what you may not know of is answered alike.",
        ),
        405 => ("请改用 Allow 中的方法。", "Use a method named in Allow."),
        408 | 503 => ("请稍候以同一 Idempotency-Key 重试。", "Try again a little later with the same Idempotency-Key."),
        409 => (
            "状态不允许：请看 state、allowed 等成员，办理所列的操作或稍后再试。",
            "The state does not allow it: members such as state and allowed say what does, now or later.",
        ),
        412 | 428 => ("请重新读取，并以新的 ETag 作为 If-Match 重试。", "Read it again and retry with the new ETag as If-Match."),
        422 => ("请按 errors 与其他成员所示逐项改正。", "Mend what errors and the other members name, all at once."),
        429 => ("请在 Retry-After 所示秒数之后重试。", "Try again after the seconds in Retry-After."),
        _ => (
            "这是平台自身的故障，请凭 request_id 报告；可用同一 Idempotency-Key 重试。",
            "This is the platform's own fault: report it with its request_id; a retry with the same Idempotency-Key is safe.",
        ),
    }
}

/// What stands in a blank of the sentence of a problem, by its name.
fn sample(code: Code, blank: &str) -> Value {
    match (blank, code) {
        ("at_least" | "at_most" | "expected" | "jump_limit", _) => json!({"amount": "1234.50", "currency": "CNY"}),
        ("limit", _) => json!(10),
        ("name", _) => json!("amount"),
        ("state", _) => json!("draft"),
        ("since" | "until" | "ends_at", _) => json!("2026-01-01T00:00:00.000000Z"),
        ("why", _) => json!("the only owner"),
        ("within", _) => json!("5min"),
        ("nda_version", _) => json!(1),
        ("source_number", _) => json!("浙科信〔2026〕3号"),
        ("operation", _) => json!("place_sealed_bid"),
        ("confirm_with", _) => json!("confirmed"),
        ("reason", Code::ListingNotReady) => json!("legal_status_stale"),
        ("reason", Code::Paused) => json!("系统维护 / maintenance"),
        ("reason", Code::UsccInvalid | Code::IdentifierInvalid) => json!("校验位不符 / the check digit is wrong"),
        ("reason", _) => json!("NUL character"),
        _ => Value::Null,
    }
}

/// A problem as it is answered, with something in each blank of its sentence.
fn filled(code: Code) -> Problem {
    let blanks = code.text(Language::English).split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(blank, _)| blank);
    blanks.fold(code.into(), |problem: Problem, blank| problem.with(blank, sample(code, blank)))
}

/// The page of one problem.
fn problem(code: Code, answering: &[Answering]) -> String {
    let (name, status) = (code.code(), code.status());
    let texts = [
        (Language::Chinese, "zh-CN", "说明", "怎么办", "返回此问题的操作", "示例"),
        (Language::English, "en", "Meaning", "What to do", "Answered by", "Example"),
    ];
    let mut body = format!("<h1><code>{status} {name}</code></h1>");
    for (language, tag, meaning, doing, answered, example) in texts {
        let (zh, en) = cure(status);
        let advice = if language == Language::Chinese { zh } else { en };
        let said = super::render::document(&filled(code), language, "019ab1c2-7d3e-7f40-8a51-6b2c3d4e5f60");
        let shown = serde_json::to_string_pretty(&json!(said)).unwrap_or_default();
        let _ = write!(body, "<section lang=\"{tag}\"><h2>{meaning}</h2><p>{}</p><h2>{doing}</h2><p>{advice}</p>", code.text(language));
        let _ = write!(body, "<h2>{example}</h2><pre><code>{}</code></pre><h2>{answered}</h2><ul>", escaped(&shown));
        for operation in answering {
            let _ = write!(
                body,
                "<li><a href=\"/docs/#/{}/{}\"><code>{} {}</code></a></li>",
                operation.tag, operation.id, operation.method, operation.path
            );
        }
        body.push_str("</ul></section>");
    }
    page("zh-CN", name, &body)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn shown(text: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text.to_owned())
}

/// The API's page lives one slash further.
#[get("/docs")]
pub async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header(("Location", "/docs/")).finish()
}

/// The catalogue of problems.
#[get("/docs/problems")]
pub async fn list_problems(pages: Data<Pages>) -> HttpResponse {
    shown(&pages.catalogue)
}

/// One problem.
#[get("/docs/problems/{code}")]
pub async fn read_problem(pages: Data<Pages>, code: Path<String>) -> Result<HttpResponse, Problem> {
    pages.problems.get(code.as_str()).map(|page| shown(page)).ok_or_else(|| Code::NotFound.into())
}

/// A guide.
#[get("/docs/{name:guide|guide-zh|conventions}")]
pub async fn read_guide(pages: Data<Pages>, name: Path<String>) -> Result<HttpResponse, Problem> {
    pages.guides.get(name.as_str()).map(|page| shown(page)).ok_or_else(|| Code::NotFound.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn shown_code(text: &str) -> Vec<String> {
        let mut inside = false;
        let mut blocks = Vec::new();
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    inside = true;
                    blocks.push(format!("{kind:?}\n"));
                }
                Event::End(TagEnd::CodeBlock) => inside = false,
                Event::Text(text) if inside => blocks.last_mut().unwrap().push_str(&text),
                _ => {}
            }
        }
        blocks
    }

    #[test]
    fn both_guides_show_the_same_examples() {
        let (english, chinese) = (shown_code(GUIDES[0].3), shown_code(GUIDES[1].3));
        assert!(english.len() > 20);
        assert_eq!(english, chinese);
    }

    #[test]
    fn every_problem_has_a_page_in_both_languages_and_is_answered_by_somebody() {
        let pages = Pages::of(&crate::platform::http::server::document());
        for code in Code::ALL {
            let page = &pages.problems[code.code()];
            for language in [Language::Chinese, Language::English] {
                assert!(page.contains(code.text(language)), "{}", code.code());
            }
            // A wrong method is no operation's.
            assert!(page.contains("/docs/#/") || *code == Code::MethodNotAllowed, "nobody answers with {}", code.code());
        }
    }

    #[test]
    fn no_example_has_a_blank_left() {
        for code in Code::ALL {
            let problem = filled(*code);
            assert!(problem.facts.values().all(|fact| !fact.is_null()), "{}: {:?}", code.code(), problem.facts);
            for language in [Language::Chinese, Language::English] {
                let said = problem.detail(language);
                assert!(!said.contains(['{', '}']), "{}: {said}", code.code());
            }
        }
        let page = problem(Code::TooLow, &[]);
        assert!(page.contains("\"at_least\": {") && page.contains("at least 1234.50"), "{page}");
    }

    #[test]
    fn links_and_headings_lead_somewhere() {
        let page = rendered("# What a *bid* is\n\n[conventions](api-spec/conventions.md) [there](https://a.example)");
        assert!(page.contains("<h1 id=\"what-a-bid-is\">"), "{page}");
        assert!(page.contains("href=\"/docs/conventions\"") && page.contains("href=\"https://a.example\""), "{page}");
    }
}
