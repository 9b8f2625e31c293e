//! What is done around every request: its id, its log line, its figures, its refusal in the caller's
//! language, and the audit row of a denial.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};
use entity::identity::key_call;
use entity::platform::AuditOutcome;
use futures_util::future::LocalBoxFuture;

use super::address::{client_address, network};
use super::admit::{admit, leave};
use super::call::{Asked, Authenticated, KeyUsed};
use super::heads::UnderWay;
use super::limits::{Name, Standing};
use super::render;
use super::spec::Addresses;
use crate::house::House;
use crate::identity::keys::text::{MARK, looks_like_one};
use crate::platform::access::{Caller, Class, Context};
use crate::platform::audit::{self, Entry};
use crate::platform::db::Ending;
use crate::platform::problem::{Code, Problem};

/// The id of a request: the client's, if it is a sensible one, else ours.
#[derive(Clone)]
pub struct RequestId(String);

static HEADER: HeaderName = HeaderName::from_static("x-request-id");

impl RequestId {
    /// The id of this request.
    pub fn of(request: &HttpRequest) -> String {
        request.extensions().get::<Self>().map(|id| id.0.clone()).unwrap_or_default()
    }

    fn take(request: &ServiceRequest, house: &House) -> Self {
        let sent = request.headers().get(&HEADER).and_then(|v| v.to_str().ok());
        let sensible =
            sent.filter(|id| (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        Self(sensible.map_or_else(|| house.world.id::<uuid::Uuid>().to_string(), ToOwned::to_owned))
    }
}

/// Wraps every request. Boxed, since a connection has room for it all its life, as many do that wait for a feed.
pub fn observe<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> LocalBoxFuture<'static, Result<ServiceResponse<BoxBody>, Error>> {
    Box::pin(observed(request, next))
}

async fn observed<B: MessageBody + 'static>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Instant::now();
    let under_way = UnderWay::of(&request);
    let Some(house) = request.app_data::<web::Data<House>>().cloned() else {
        return Err(Problem::from(Code::Internal).into());
    };
    let id = RequestId::take(&request, &house);
    let language = render::language(request.headers());
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();

    let refused = match ambiguous(&request).or_else(|| large_head(&house, &request)).or_else(|| telling(&house, &request)) {
        Some(problem) => Some(problem),
        None => admit(&house, &request).await,
    };
    let mut response = match refused {
        Some(problem) => request.error_response(problem).map_into_boxed_body(),
        None => counted_beside(&house, next.call(request).await?.map_into_boxed_body()),
    };
    // Only now: a second handle on the request would be in the router's way.
    let kept = response.request().clone();

    leave(&kept);
    let mut problem = response.response().error().and_then(|error| error.as_error::<Problem>()).cloned();
    if problem.as_ref().is_some_and(|problem| problem.denied)
        && let Err(unwritten) = deny(&house, &kept, &id.0).await
    {
        // A denial is told only if it is in the trail.
        tracing::error!(%unwritten, "a denial could not be written down");
        problem = Some(unwritten);
    }
    if let Some(problem) = &problem {
        if let (Code::Internal, Some(reason)) = (problem.code, problem.facts.get("reason")) {
            tracing::error!(%reason, request = %id.0, "something inside failed");
        }
        let rendered = render::response(problem, language, &id.0);
        response = ServiceResponse::new(kept.clone(), rendered);
    } else if response.status().is_client_error() || response.status().is_server_error() {
        response = plain(response, &kept, language, &id.0);
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        response.headers_mut().insert(HEADER.clone(), value);
    }
    response.headers_mut().insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    if house.readiness() == Err("closing") {
        response.headers_mut().insert(actix_web::http::header::CONNECTION, HeaderValue::from_static("close"));
    }

    if let Some(standing) = kept.extensions().get::<Standing>() {
        for (name, value) in [("ratelimit-policy", standing.policy()), ("ratelimit", standing.left())] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
    }

    let asked = kept.extensions().get::<Asked>().copied();
    let pattern = route(&kept, asked);
    let status = response.status().as_u16();
    let discreet = asked.is_some_and(|asked| asked.discreet);
    // A call too many is not listed, or a program gone wild would fill the list.
    let listed = problem.as_ref().is_none_or(|problem| problem.code != Code::RateLimited);
    if let Some(KeyUsed(key)) = kept.extensions().get::<KeyUsed>().copied().filter(|_| listed) {
        let micros = i64::try_from(begun.elapsed().as_micros()).unwrap_or(i64::MAX);
        house.key_log.note(key_call::Model {
            id: house.world.id(),
            key_id: key,
            made_at: house.world.real_now(),
            method: counted(&method).into(),
            route: pattern.clone(),
            operation: asked.map(|asked| asked.operation.into()),
            status: status.into(),
            code: problem.as_ref().map(|problem| problem.code.code().into()),
            request_id: id.0.clone(),
            made_from: client_address(&kept, &house.config.trusted_proxies).map(|address| network(address).to_string()),
            micros,
            discreet,
        });
    }
    // Everybody may read the figures, and how many bids are sealed is nobody's to count; what was refused is none, unless it was refused
    // only to be confirmed.
    let is_one = status < 400 || problem.as_ref().is_some_and(|problem| problem.code == Code::UnconfirmedJump);
    if !(discreet && is_one) {
        metrics::counter!("zhepai_http_requests_total", "method" => counted(&method), "route" => pattern.clone(), "status" => status.to_string()).increment(1);
        metrics::histogram!("zhepai_http_seconds", "route" => pattern.clone()).record(begun.elapsed());
    }
    tracing::info!(
        request_id = %id.0, method = %method, route = %pattern, status,
        code = problem.as_ref().map(|p| p.code.code()), micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX), "request"
    );
    Ok(match under_way {
        Some(under_way) => under_way.until_answered(response),
        None => response,
    })
}

/// The address of what was asked for, as the router knows it.
fn route(request: &HttpRequest, asked: Option<Asked>) -> String {
    let addresses = request.app_data::<web::Data<Addresses>>();
    let known = addresses.zip(asked).and_then(|(addresses, asked)| addresses.of_operation(asked.operation));
    known.map(ToOwned::to_owned).or_else(|| request.match_pattern()).unwrap_or_else(|| "unmatched".into())
}

/// Where whoever runs the server looks after it, as often as he likes.
const UNCOUNTED: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// Counts what is no call of the API, which is counted by itself: pages, documents, addresses where nothing is. Nothing of
/// the answer has been compressed or sent yet.
fn counted_beside(house: &House, response: ServiceResponse) -> ServiceResponse {
    let request = response.request();
    let is_call = request.extensions().contains::<Asked>();
    if is_call || request.match_pattern().is_some_and(|pattern| UNCOUNTED.contains(&pattern.as_str())) {
        return response;
    }
    let who = Name::of(None, client_address(request, &house.config.trusted_proxies));
    let (standing, allowed) = house.limits.count(Class::Usual, who);
    if let Some(standing) = standing {
        request.extensions_mut().insert(standing);
    }
    match allowed {
        Ok(()) => response,
        Err(too_often) => response.error_response(too_often),
    }
}

/// A method as the figures name it: whatever word a stranger makes up is one of the others.
fn counted(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What HTTP itself refused (a header too large, a broken chunk) as one of our problems.
fn plain(response: ServiceResponse, request: &HttpRequest, language: crate::platform::problem::Language, id: &str) -> ServiceResponse {
    let is_ours = response
        .headers()
        .get(actix_web::http::header::CONTENT_TYPE)
        .is_some_and(|v| v.as_bytes().starts_with(b"application/problem+json"));
    if is_ours {
        return response;
    }
    let code = match response.status().as_u16() {
        404 => Code::NotFound,
        405 => Code::MethodNotAllowed,
        408 => Code::TooSlow,
        400 => Code::Malformed,
        413 => Code::TooLarge,
        415 => Code::UnsupportedMedia,
        status if status < 500 => Code::Malformed,
        503 => Code::Busy,
        _ => Code::Internal,
    };
    let mut problem = Problem::from(code);
    if code == Code::Malformed {
        problem = problem.with("reason", "HTTP");
    }
    ServiceResponse::new(request.clone(), render::response(&problem, language, id))
}

/// An address with NUL or broken UTF-8 in it has no meaning.
fn ambiguous(request: &ServiceRequest) -> Option<Problem> {
    let address = request.uri().path_and_query().map_or("", |a| a.as_str());
    let bytes = percent_decoded(address.as_bytes());
    let sound = std::str::from_utf8(&bytes).is_ok() && !bytes.contains(&0);
    (!sound).then(|| Code::Malformed.with("reason", "address"))
}

/// Header fields larger than anybody needs. The server itself refuses a head of 128 KiB, without a word.
fn large_head(house: &House, request: &ServiceRequest) -> Option<Problem> {
    let size: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    let limit = house.config.head_limit;
    (size > limit).then(|| Code::HeadersTooLarge.with("limit", limit))
}

/// A key in an address is in every log on the way. Whoever does it again and again is only counted: each time
/// is a row of the audit trail.
fn telling(house: &House, request: &ServiceRequest) -> Option<Problem> {
    let address = request.uri().path_and_query().map_or("", |a| a.as_str());
    if !holds_a_key(address) {
        return None;
    }
    let who = Name::of(None, client_address(request.request(), &house.config.trusted_proxies));
    let (_, allowed) = house.limits.count(Class::Usual, who);
    Some(allowed.err().unwrap_or_else(|| Code::KeyInAddress.into()))
}

fn holds_a_key(address: &str) -> bool {
    let plain = percent_decoded(address.as_bytes());
    plain.windows(MARK.len()).enumerate().any(|(at, some)| some == MARK.as_bytes() && looks_like_one(&plain[at..]))
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let pair = (text[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        let byte = pair.and_then(|p| std::str::from_utf8(p).ok()).and_then(|p| u8::from_str_radix(p, 16).ok());
        out.push(byte.unwrap_or(text[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    out
}

/// Writes down that a caller was refused a right, or is not who he says.
async fn deny(house: &House, request: &HttpRequest, id: &str) -> Result<(), Problem> {
    let caller = match request.extensions().get::<Authenticated>() {
        Some(Authenticated(Ok(caller))) => caller.clone(),
        _ => Caller::Stranger,
    };
    let asked = request.extensions().get::<Asked>().map_or("denied", |asked| asked.operation);
    let mut by = Context::system(asked, id.to_owned());
    by.caller = caller;
    by.address = client_address(request, &house.config.trusted_proxies);
    let path = if holds_a_key(request.path()) { "(with a key in it)" } else { request.path() };
    let detail = format!("{} {path}", request.method());
    // The thing it was about, or the innermost of those in the address.
    let object_id = request.match_info().iter().filter_map(|(_, value)| value.parse().ok()).last();
    let now = house.world.now();
    house
        .db
        .transact_aside(move |tx| {
            let (by, detail) = (by.clone(), detail.clone());
            async move {
                let entry = Entry {
                    object_kind: "operation",
                    object_id,
                    outcome: AuditOutcome::Denied,
                    before: None,
                    after: None,
                    detail: Some(detail),
                };
                audit::write(&*tx, &by, now, entry).await?;
                Ok(Ending::Commit(()))
            }
        })
        .await?;
    house.happened.notify_one();
    Ok(())
}
