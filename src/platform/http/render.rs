//! Problems as RFC 9457 documents in the caller's language.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use crate::platform::problem::{Code, Language, Problem};

/// Where the catalogue is explained.
pub const CATALOGUE: &str = "/docs/problems/";

/// The language asked for; Chinese unless English is preferred.
pub fn language(headers: &HeaderMap) -> Language {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let mut best = (Language::Chinese, -1_i32);
    for part in asked.split(',') {
        let mut pieces = part.trim().split(";q=");
        let name = pieces.next().unwrap_or_default().to_ascii_lowercase();
        let weight = pieces.next().map_or(1000, thousandths);
        let language = if name.starts_with("en") {
            Language::English
        } else if name.starts_with("zh") {
            Language::Chinese
        } else {
            continue;
        };
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

/// A quality value such as `0.8`, in thousandths.
fn thousandths(text: &str) -> i32 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    whole.parse::<i32>().unwrap_or(0).min(1) * 1000 + digits.parse::<i32>().unwrap_or(0)
}

/// The document of a problem.
pub fn document(problem: &Problem, language: Language, request_id: &str) -> Value {
    let mut members = Map::new();
    let code = problem.code;
    // What went wrong inside is for our log.
    for (name, value) in problem.facts.iter().filter(|_| code != Code::Internal) {
        members.insert(name.clone(), value.clone());
    }
    members.insert("type".into(), format!("{CATALOGUE}{}", code.code()).into());
    members.insert("title".into(), title(code, language).into());
    members.insert("status".into(), code.status().into());
    members.insert("detail".into(), problem.detail(language).into());
    members.insert("code".into(), code.code().into());
    members.insert("request_id".into(), request_id.into());
    if let Some(seconds) = problem.retry_after {
        members.insert("retry_after".into(), seconds.into());
    }
    if !problem.errors.is_empty() {
        let errors = problem.errors.iter().map(|fault| {
            let detail = match language {
                Language::Chinese => &fault.zh,
                Language::English => &fault.en,
            };
            json!({"pointer": fault.pointer, "code": fault.code, "detail": detail})
        });
        members.insert("errors".into(), errors.collect());
    }
    Value::Object(members)
}

/// The sentence without its facts.
fn title(code: Code, language: Language) -> String {
    let text = code.text(language);
    let cut = text.find(['{', '：', ':', '，', ';', '(', '（']).unwrap_or(text.len());
    text[..cut].trim_end_matches(['“', '\'', ' ']).trim().to_owned()
}

/// The response of a problem.
pub fn response(problem: &Problem, language: Language, request_id: &str) -> HttpResponse {
    let status = StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
    response.insert_header((
        header::CONTENT_LANGUAGE,
        match language {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        },
    ));
    if let Some(seconds) = problem.retry_after {
        response.insert_header((header::RETRY_AFTER, seconds));
    }
    if problem.code == Code::NotSignedIn || problem.code == Code::TokenInvalid {
        response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
    }
    if let Some(allow) = problem.facts.get("allow").and_then(Value::as_str) {
        response.insert_header((header::ALLOW, allow));
    }
    response.body(document(problem, language, request_id).to_string())
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        // The observer renders it again in the caller's language and with the request's id.
        response(self, Language::default(), "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn asked(text: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(text));
        language(&headers)
    }

    #[test]
    fn the_preferred_language_wins_and_chinese_is_the_default() {
        assert_eq!(asked("en-GB,zh;q=0.8"), Language::English);
        assert_eq!(asked("en;q=0.5, zh-CN"), Language::Chinese);
        assert_eq!(asked("fr"), Language::Chinese);
    }

    #[test]
    fn a_document_carries_code_facts_and_pointers() {
        let problem = Code::Invalid.at("/name", "text", "太长", "too long");
        let said = document(&problem, Language::English, "r-1");
        assert_eq!(said["errors"][0]["pointer"], "/name");
        assert_eq!(said["errors"][0]["detail"], "too long");
        assert_eq!((said["status"].as_u64(), said["request_id"].as_str()), (Some(422), Some("r-1")));
    }
}
