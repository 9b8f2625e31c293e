//! The call: who, under which permit, with which body, key and precondition.

use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::future::LocalBoxFuture;

use super::address::client_address;
use super::body::{Body, Nothing};
use super::observe::RequestId;
use super::render::language;
use crate::house::House;
use crate::platform::access::{Caller, Condition, Context, IdempotencyKey, Operation, Permission, Permit, Precondition, Who};
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

impl<P: Permission, B: Body + 'static> FromRequest for Call<P, B> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let operation = P::OPERATION;
            let caller = match request.extensions().get::<Authenticated>() {
                Some(known) => known.0.clone()?,
                None => Caller::Stranger,
            };
            let house = request.app_data::<web::Data<House>>().ok_or(Code::Internal)?.clone();
            let permit = Permit::<P>::grant(&caller)?;
            conditions(&house, &caller, &operation)?;
            let dry_run = query(&request, &operation)?;
            let if_match = precondition(&request, &operation)?;
            let key = idempotency_key(&request, &operation)?;
            let (body, bytes) = B::read(&request, payload, house.config.json_limit).await?;
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
                address: client_address(&request, &house.config.trusted_proxies),
            };
            Ok(Self { context, permit, body })
        })
    }
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
                "true" => true,
                "false" => false,
                _ => return Err(Code::Invalid.at("#query/dry_run", "wrong_type", "须为 true 或 false", "must be true or false")),
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
