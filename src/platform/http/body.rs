//! Bodies: JSON read strictly, nothing at all, or a stream.

use std::future::Future;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, dev};
use futures_util::{Stream, StreamExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::platform::json::sound;
use crate::platform::problem::{Code, Fault, Problem};

/// A kind of request body.
pub trait Body: Sized {
    /// Whether the handler reads it bit by bit, for as long as its sender takes.
    const IS_STREAM: bool = false;

    /// Reads it; returns the bytes too, for the fingerprint of the call.
    fn read(request: &HttpRequest, payload: dev::Payload, bounds: Bounds) -> impl Future<Output = Result<(Self, Vec<u8>), Problem>>;
}

/// What a body is held to.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most bytes, where it is read as a whole.
    pub bytes: usize,
    /// How long it may take to arrive, or each piece of it where it is a stream; for ever if nothing is said. The
    /// server's own limit covers the head only.
    pub patience: Option<Duration>,
}

/// No body; `{}` is tolerated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

/// No body, or the fields of a form, which are not looked at: the address says it all.
#[derive(Clone, Copy, Debug, Default)]
pub struct AnyForm;

/// A JSON body.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// A stream the handler reads itself.
pub struct Upload {
    payload: dev::Payload,
    /// How long a piece of it may be waited for.
    patience: Option<Duration>,
}

impl Body for Nothing {
    async fn read(_: &HttpRequest, payload: dev::Payload, bounds: Bounds) -> Result<(Self, Vec<u8>), Problem> {
        let bytes = collect(payload, bounds).await?;
        let text = std::str::from_utf8(&bytes).map_err(|_| malformed("not UTF-8"))?.trim();
        if text.is_empty() || text == "{}" {
            return Ok((Self, bytes));
        }
        sound(text)?;
        Err(Code::Invalid.at("", "unknown_field", "此操作不接受请求体", "this operation takes no body"))
    }
}

/// The types of forms.
const FORMS: [&str; 2] = ["application/x-www-form-urlencoded", "multipart/form-data"];

impl Body for AnyForm {
    async fn read(request: &HttpRequest, payload: dev::Payload, bounds: Bounds) -> Result<(Self, Vec<u8>), Problem> {
        if FORMS.contains(&essence(request).as_str()) {
            return collect(payload, bounds).await.map(|bytes| (Self, bytes));
        }
        Nothing::read(request, payload, bounds).await.map(|(_, bytes)| (Self, bytes))
    }
}

impl Body for Upload {
    const IS_STREAM: bool = true;

    async fn read(_: &HttpRequest, payload: dev::Payload, bounds: Bounds) -> Result<(Self, Vec<u8>), Problem> {
        Ok((Self { payload, patience: bounds.patience }, Vec::new()))
    }
}

/// The type the body is declared to have.
pub fn content_type(request: &HttpRequest) -> &str {
    request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The same without what is said beside it.
fn essence(request: &HttpRequest) -> String {
    content_type(request).split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

impl<T: DeserializeOwned + Serialize> Body for Json<T> {
    async fn read(request: &HttpRequest, payload: dev::Payload, bounds: Bounds) -> Result<(Self, Vec<u8>), Problem> {
        if essence(request) != "application/json" {
            return Err(Code::UnsupportedMedia.with("accepted", ["application/json"]));
        }
        let bytes = collect(payload, bounds).await?;
        parse(&bytes).map(|value| (Self(value), bytes))
    }
}

/// How long a whole upload may take.
const LONGEST_UPLOAD: Duration = Duration::from_mins(10);

impl Upload {
    /// The pieces as they arrive. Who sends too slowly is refused, so that nobody holds an upload open for ever.
    pub fn pieces(self) -> impl Stream<Item = Result<Bytes, Problem>> + Unpin {
        let Self { payload, patience } = self;
        let end = tokio::time::Instant::now() + LONGEST_UPLOAD;
        Box::pin(futures_util::stream::unfold(Some(payload), move |payload| async move {
            let mut payload = payload?;
            let until = patience.map_or(end, |pause| end.min(tokio::time::Instant::now() + pause));
            match tokio::time::timeout_at(until, payload.next()).await {
                Ok(None) => None,
                Ok(Some(Ok(piece))) => Some((Ok(piece), Some(payload))),
                Ok(Some(Err(error))) => Some((Err(Code::Malformed.with("reason", error.to_string())), None)),
                Err(_) => Some((Err(Code::TooSlow.into()), None)),
            }
        }))
    }
}

async fn collect(payload: dev::Payload, bounds: Bounds) -> Result<Vec<u8>, Problem> {
    let gathering = gather(payload, bounds.bytes);
    match bounds.patience {
        Some(patience) => tokio::time::timeout(patience, gathering).await.unwrap_or_else(|_| Err(Code::TooSlow.into())),
        None => gathering.await,
    }
}

async fn gather(mut payload: dev::Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|e| Code::Malformed.with("reason", e.to_string()))?;
        if bytes.len() + chunk.len() > limit {
            return Err(Code::TooLarge.with("limit", limit));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.to_vec())
}

/// Reads JSON: broken text is 400, wrong content 422 with a pointer to it.
pub fn parse<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("not UTF-8"))?;
    // Looked at by itself: what it says may be refused before the reader comes to where it breaks.
    sound(text)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = pointer(error.path());
        wrong(&place, &error.into_inner().to_string())
    })?;
    if text.contains('[') {
        objects_by_name(text, &value)?;
    }
    Ok(value)
}

fn malformed(reason: &str) -> Problem {
    Code::Malformed.with("reason", reason)
}

/// Refuses a list where an object is due: its fields would be filled by their order, which nobody was
/// promised. What was read, written again, shows where objects are due.
fn objects_by_name<T: Serialize>(text: &str, read: &T) -> Result<(), Problem> {
    let sent: Value = serde_json::from_str(text).map_err(|_| Code::Internal)?;
    let read = serde_json::to_value(read).map_err(|_| Code::Internal)?;
    match list_for_object(&sent, &read) {
        Some(place) => Err(wrong(&place, "invalid type: sequence, expected an object")),
        None => Ok(()),
    }
}

/// The pointer to the first list in `sent` that was read as an object.
fn list_for_object(sent: &Value, read: &Value) -> Option<String> {
    match (sent, read) {
        (Value::Array(_), Value::Object(_)) => Some(String::new()),
        (Value::Array(sent), Value::Array(read)) => {
            let mut pairs = sent.iter().zip(read).enumerate();
            pairs.find_map(|(index, (sent, read))| list_for_object(sent, read).map(|inner| format!("/{index}{inner}")))
        }
        (Value::Object(sent), Value::Object(read)) => sent.iter().find_map(|(name, sent)| {
            let inner = list_for_object(sent, read.get(name)?)?;
            Some(format!("/{}{inner}", escaped(name)))
        }),
        _ => None,
    }
}

/// A member's name as a step of a JSON pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What serde says is wrong, without the value itself: a refusal may be kept, and the value be a secret.
pub(super) fn without_value(reason: &str) -> String {
    for said in ["invalid type: ", "invalid value: ", "unknown variant "] {
        if let (Some(rest), Some(at)) = (reason.strip_prefix(said), reason.rfind(", expected ")) {
            let kind = rest.split(['"', '`', ',']).next().unwrap_or_default().trim_end();
            return format!("{}{}", format!("{said}{kind}").trim_end(), &reason[at..]);
        }
    }
    reason.to_owned()
}

fn wrong(place: &str, reason: &str) -> Problem {
    let reason = &without_value(reason);
    let code = if reason.starts_with("unknown field") {
        "unknown_field"
    } else if reason.starts_with("missing field") {
        "missing_field"
    } else {
        "wrong_type"
    };
    let fault = Fault::new(place, code, format!("格式不符：{reason}"), reason);
    Problem { errors: vec![fault], ..Code::Invalid.into() }
}

/// The JSON pointer (RFC 6901) of a place.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter().fold(String::new(), |mut text, segment| {
        match segment {
            Segment::Seq { index } => text.extend(["/", &index.to_string()]),
            Segment::Map { key } => text.extend(["/", &escaped(key)]),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
        text
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn a_fault_does_not_repeat_the_value() {
        for (said, told) in [
            (
                r#"invalid type: string "1, expected 2", expected an object with amount and currency at line 1"#,
                "invalid type: string, expected an object with amount and currency at line 1",
            ),
            ("invalid value: integer `300`, expected u8", "invalid value: integer, expected u8"),
            ("invalid type: map, expected a string", "invalid type: map, expected a string"),
            ("unknown variant `12.00`, expected `open` or `secret`", "unknown variant, expected `open` or `secret`"),
            ("missing field `name`", "missing field `name`"),
        ] {
            assert_eq!(without_value(said), told);
        }
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        name: String,
        sizes: Vec<u8>,
        #[serde(default)]
        parts: Vec<Part>,
        #[serde(default)]
        whole: Option<Whole>,
    }

    #[derive(Debug, Serialize, Deserialize)]
    struct Part {
        label: String,
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    enum Whole {
        Round { part: Part },
    }

    fn code(text: &[u8]) -> (Code, Option<String>) {
        let problem = parse::<Thing>(text).unwrap_err();
        (problem.code, problem.errors.first().map(|f| f.pointer.clone()))
    }

    #[test]
    fn broken_text_is_malformed() {
        for text in [
            b"".as_slice(),
            b"{",
            b"{\"name\":\"a\",\"name\":\"b\",\"sizes\":[]}",
            b"\xff",
            b"{\"name\":\"a\",\"sizes\":[]} x",
            b"{\"unknown\":1,\"sizes\":[",
            b"{\"unknown\":1,\"name\":\"a\",\"name\":\"b\"}",
            b"[{\"name\":\"a\",\"name\":\"b\"}]",
            b"{\"name\":\"\\u0000\",\"sizes\":[]}",
            b"{\"name\":\"\\ud800\",\"sizes\":[]}",
        ] {
            assert_eq!(code(text).0, Code::Malformed, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn wrong_content_is_pointed_at() {
        assert_eq!(code(br#"{"name":"a","sizes":[1,"x"]}"#), (Code::Invalid, Some("/sizes/1".into())));
        assert_eq!(code(br#"{"name":"a","sizes":[],"more":1}"#).0, Code::Invalid);
        assert_eq!(code(br#"{"name":"a"}"#).0, Code::Invalid);
    }

    #[test]
    fn a_list_is_no_object_at_any_depth() {
        for (text, place) in [
            (r#"["a",[],[],null]"#, ""),
            (r#"{"name":"a","sizes":[],"parts":[{"label":"x"},["y"]]}"#, "/parts/1"),
            (r#"{"name":"a","sizes":[],"whole":["round",{"label":"x"}]}"#, "/whole"),
            (r#"{"name":"a","sizes":[],"whole":{"kind":"round","part":["x"]}}"#, "/whole/part"),
        ] {
            assert_eq!(code(text.as_bytes()), (Code::Invalid, Some(place.into())), "{text}");
        }
        let good = br#"{"name":"a","sizes":[1],"parts":[{"label":"x"}],"whole":{"kind":"round","part":{"label":"y"}}}"#;
        assert!(parse::<Thing>(good).is_ok());
    }

    #[test]
    fn what_is_too_deep_or_too_long_is_malformed_and_told_which() {
        let deep = format!("{{\"name\":\"a\",\"sizes\":[],\"more\":{}{}}}", "[".repeat(64), "]".repeat(64));
        let long = format!("{{\"name\":\"a\",\"sizes\":[{}]}}", vec!["1"; 10_001].join(","));
        for (text, fault) in [(deep, "too_deep"), (long, "too_many_items")] {
            let problem = parse::<Thing>(text.as_bytes()).unwrap_err();
            assert_eq!((problem.code, problem.errors[0].code.as_str()), (Code::Malformed, fault));
        }
        let as_long = format!("{{\"name\":\"a\",\"sizes\":[{}]}}", vec!["1"; 10_000].join(","));
        assert_eq!(parse::<Thing>(as_long.as_bytes()).unwrap().sizes.len(), 10_000);
    }

    #[test]
    fn a_backslash_before_u0000_is_only_text() {
        assert!(parse::<Thing>(br#"{"name":"\\u0000","sizes":[]}"#).is_ok());
    }
}
