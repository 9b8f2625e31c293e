//! The call: who, under which permit, with which body, key and precondition.

use std::net::IpAddr;
use std::pin::pin;
use std::time::{Duration, Instant};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use entity::ids::{ApiKeyId, LotId};
use futures_util::future::LocalBoxFuture;
use tokio::time::timeout;
use url::form_urlencoded;

use super::address::client_address;
use super::admit;
use super::body::{Body, Bounds, Nothing};
use super::limits::{LimitConfig, Name};
use super::observe::RequestId;
use super::page;
use super::render::language;
use crate::house::House;
use crate::platform::access::{
    Caller, Condition, Context, IdempotencyKey, KeyNeed, Operation, Permission, Permit, Precondition, ToldTo, Who,
};
use crate::platform::problem::{Code, Fault, Problem};
use crate::rulebook::rules::shanghai_date;

/// A call of the operation `P` with the body `B`.
pub struct Call<P, B = Nothing> {
    /// Who, when, under which key.
    pub context: Context,
    /// Proof that the caller may.
    pub permit: Permit<P>,
    /// What was sent.
    pub body: B,
}

/// Who calls, as found by the authenticator; a bad token is kept as its refusal.
#[derive(Clone)]
pub struct Authenticated(pub Result<Caller, Problem>);

/// What was asked for, once that is known.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The operation.
    pub operation: &'static str,
    /// Whether calls of it are told to nobody else.
    pub discreet: bool,
}

/// The key a call was made with, good or not.
#[derive(Clone, Copy)]
pub struct KeyUsed(pub ApiKeyId);

impl<P: Permission, B: Body + 'static> FromRequest for Call<P, B> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let operation = P::OPERATION;
            request.extensions_mut().insert(Asked { operation: operation.id, discreet: operation.told_to == ToldTo::OwnOrganisation });
            let house = request.app_data::<web::Data<House>>().ok_or(Code::Internal)?.clone();
            let known = request.extensions().get::<Authenticated>().map(|known| known.0.clone());
            let known = known.unwrap_or(Ok(Caller::Stranger));
            let address = client_address(&request, &house.config.trusted_proxies);
            // A bad token is counted too: it is how one would be guessed.
            counted(&house, &request, &operation, known.as_ref().ok(), address)?;
            let caller = known?;
            let caller = as_far_as_the_key_goes(caller, &operation, &request)?;
            let permit = Permit::<P>::grant(&caller)?;
            conditions(&house, &caller, &operation)?;
            let dry_run = query(&request, &operation)?;
            cursor(&house, &request)?;
            let key = idempotency_key(&request, &operation)?;
            let if_match = precondition(&request, &operation)?;
            let (body, bytes) = received(&house, &request, payload).await?;
            let fingerprint = fingerprint(&house, &request, &operation, &caller, if_match, &bytes);
            let context = Context {
                caller,
                operation: operation.id,
                request_id: RequestId::of(&request),
                idempotency: key.map(|key| IdempotencyKey { key, fingerprint }),
                if_match,
                dry_run,
                arrived: Instant::now(),
                language: language(request.headers()),
                address,
                place: admit::held(&request),
            };
            Ok(Self { context, permit, body })
        })
    }
}

/// The body, and a place among the calls under way while the call is served. Slow senders hold none that others wait
/// for, nor does whoever sends a stream.
async fn received<B: Body>(house: &House, request: &HttpRequest, payload: Payload) -> Result<(B, Vec<u8>), Problem> {
    let patience = LimitConfig::patience(house.limits.config().body_seconds);
    let bounds = Bounds { bytes: house.config.json_limit, patience };
    let mut reading = pin!(B::read(request, payload, bounds));
    // What is sent with the head is here already.
    let here = timeout(Duration::ZERO, &mut reading).await;
    let lane = if B::IS_STREAM || here.is_err() { admit::leave(request) } else { None };
    let received = match here {
        Ok(received) => received?,
        Err(_) => reading.await?,
    };
    if let Some(lane) = lane.filter(|_| !B::IS_STREAM) {
        admit::take(house, request, lane).await?;
    }
    Ok(received)
}

/// Counts the call.
fn counted(
    house: &House,
    request: &HttpRequest,
    operation: &Operation,
    caller: Option<&Caller>,
    address: Option<IpAddr>,
) -> Result<(), Problem> {
    let actor = match caller {
        Some(Caller::Person(actor)) => Some(actor),
        _ => None,
    };
    let (standing, allowed) = house.limits.count(operation.class, Name::of(actor, address));
    if let Some(standing) = standing {
        request.extensions_mut().insert(standing);
    }
    allowed
}

/// What a key leaves of whom it stands for: him, where it is for the operation; a stranger, where anybody may call it.
fn as_far_as_the_key_goes(caller: Caller, operation: &Operation, request: &HttpRequest) -> Result<Caller, Problem> {
    let Caller::Person(actor) = &caller else { return Ok(caller) };
    if actor.key().is_none_or(|key| key.covers(operation.keys, lot_named(request))) {
        return Ok(caller);
    }
    if operation.is_open() {
        return Ok(Caller::Stranger);
    }
    Err(match operation.keys {
        KeyNeed::With(scope) => Code::KeyScope.with("scope", scope),
        KeyNeed::Any | KeyNeed::Refused => Code::KeyScope.into(),
    })
}

/// The lot an address names.
fn lot_named(request: &HttpRequest) -> Option<LotId> {
    let is_of_lot = request.match_pattern().is_some_and(|pattern| pattern.starts_with("/v1/lots/{"));
    let (_, first) = request.match_info().iter().next().filter(|_| is_of_lot)?;
    first.parse().ok()
}

/// What must hold of a signed-in caller beside the right itself: a password that is not outworn, and for
/// sensitive deeds the second factor, proved a moment ago by real time.
fn conditions(house: &House, caller: &Caller, operation: &Operation) -> Result<(), Problem> {
    let Caller::Person(actor) = caller else { return Ok(()) };
    if actor.outworn && operation.condition != Condition::Nothing && !operation.is_open() {
        return Err(Code::PasswordOutworn.into());
    }
    if operation.condition != Condition::StepUp {
        return Ok(());
    }
    let proved_at = actor.proved_at.ok_or(Code::SecondFactorRequired)?;
    let now = house.world.real_now();
    let span = house.rulebook.current().rulebook.span("step_up_life", None, shanghai_date(now)).map_err(|_| Code::Internal)?;
    let life = span.elapsed().ok_or(Code::Internal)?;
    if now >= proved_at + life { Err(Code::StepUpRequired.with("within", span.to_string())) } else { Ok(()) }
}

/// What a call asks for, as one value: another body, address, precondition or organisation acted for
/// under the same key is another call. Deeds that are not done for an organisation leave it out, since
/// founding one gives the caller a seat.
fn fingerprint(
    house: &House,
    request: &HttpRequest,
    operation: &Operation,
    caller: &Caller,
    if_match: Option<i64>,
    body: &[u8],
) -> [u8; 32] {
    let for_members = operation.allow.iter().any(|allow| matches!(allow.who, Who::Members(_)));
    let acting = match caller {
        Caller::Person(actor) if for_members => actor.organisation().map(|id| id.to_string()),
        _ => None,
    };
    let parts = [
        request.method().as_str().as_bytes(),
        request.path().as_bytes(),
        request.query_string().as_bytes(),
        acting.as_deref().unwrap_or_default().as_bytes(),
        &if_match.unwrap_or(-1).to_be_bytes(),
        body,
    ];
    house.keys.fingerprint(&parts.join(b"\n".as_slice()))
}

/// Reads `dry_run`; where an operation takes no query of its own, nothing else is accepted.
fn query(request: &HttpRequest, operation: &Operation) -> Result<bool, Problem> {
    let pairs = request.query_string().split('&').filter(|pair| !pair.is_empty());
    let mut dry_run = None;
    for pair in pairs {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if name == "dry_run" && operation.dry_run {
            let wanted = match value {
                "true" | "1" => true,
                "false" | "0" => false,
                _ => {
                    return Err(Code::Invalid.at(
                        "#query/dry_run",
                        "wrong_type",
                        "须为 true（1）或 false（0）",
                        "must be true (1) or false (0)",
                    ));
                }
            };
            if dry_run.replace(wanted).is_some() {
                return Err(Code::Malformed.with("reason", "dry_run is given twice"));
            }
        } else if !operation.query {
            let fault = Fault::new(&format!("#query/{name}"), "unknown_field", "不接受此查询参数", "this query parameter is not accepted");
            return Err(Problem { errors: vec![fault], ..Code::Invalid.into() });
        }
    }
    Ok(dry_run.unwrap_or(false))
}

/// Refuses a cursor that was never given out.
fn cursor(house: &House, request: &HttpRequest) -> Result<(), Problem> {
    let mut fields = form_urlencoded::parse(request.query_string().as_bytes());
    let made_up = fields.any(|(name, value)| name == "cursor" && !page::is_ours(&house.keys, &value));
    if made_up { Err(Code::CursorInvalid.into()) } else { Ok(()) }
}

fn precondition(request: &HttpRequest, operation: &Operation) -> Result<Option<i64>, Problem> {
    if operation.precondition == Precondition::None {
        return Ok(None);
    }
    let sent = request.headers().get(header::IF_MATCH);
    let Some(sent) = sent else {
        return if operation.precondition == Precondition::Required { Err(Code::PreconditionMissing.into()) } else { Ok(None) };
    };
    let tag = sent.to_str().ok().and_then(|text| text.trim().strip_prefix('"')?.strip_suffix('"')?.parse().ok());
    // A tag that is none of ours cannot match what stands.
    tag.map(Some).ok_or_else(|| Code::Stale.into())
}

fn idempotency_key(request: &HttpRequest, operation: &Operation) -> Result<Option<String>, Problem> {
    if !operation.idempotent {
        return Ok(None);
    }
    let mut sent = request.headers().get_all("Idempotency-Key");
    let (Some(key), None) = (sent.next(), sent.next()) else {
        return Err(Code::IdempotencyKeyMissing.into());
    };
    let key = key.to_str().ok().filter(|k| (8..=255).contains(&k.len()) && k.bytes().all(|b| b.is_ascii_graphic()));
    key.map(|k| Some(k.to_owned())).ok_or_else(|| Code::IdempotencyKeyMissing.into())
}
