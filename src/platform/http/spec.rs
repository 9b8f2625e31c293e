//! What the OpenAPI document says of every operation beyond its own words: who may call it, the
//! problems it may answer with, its key and precondition; and the methods an address takes.

use std::collections::{BTreeMap, HashMap};

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, Utc};
use entity::money::Money;
use serde_json::{Value, json};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, Operation as Documented, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, OpenApi as Document, RefOr, Required, Response};
use utoipa::{OpenApi, ToSchema};
use uuid::Uuid;

use super::pages::Pages;
use crate::platform::access::{Allow, Condition, KeyNeed, Operation, Precondition, Scope, Who};
use crate::platform::problem::{Code, Language, Problem};

/// What the document starts from.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Zhepai 浙拍",
        description = "The open backend on which a province trades technology: listing, public auction and published results of technology rights (技术类无形资产挂牌交易、公开拍卖与成交信息公示).",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(ProblemDocument, FaultDocument))
)]
pub struct Base;

/// A problem document (RFC 9457).
#[derive(ToSchema)]
#[schema(as = Problem)]
#[allow(dead_code)] // Only described here; problems are rendered from the catalogue.
pub struct ProblemDocument {
    /// Address of the explanation.
    #[schema(rename = "type", format = "uri-reference", example = "/docs/problems/too_low")]
    r#type: String,
    /// Short sentence.
    title: String,
    /// HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What happened here, in the language asked for.
    detail: String,
    /// Stable code.
    code: String,
    /// Id of the request.
    request_id: String,
    /// Faults at places of the request.
    #[schema(required = false)]
    errors: Option<Vec<FaultDocument>>,
    /// Seconds after which a retry is sensible.
    #[schema(required = false)]
    retry_after: Option<u32>,
    /// `too_low`: the least that would do.
    #[schema(required = false)]
    at_least: Option<Money>,
    /// `too_high`: the most that would do.
    #[schema(required = false)]
    at_most: Option<Money>,
    /// `not_a_step`: the step.
    #[schema(required = false)]
    step: Option<Money>,
    /// `stale` of a bid: the price that stands.
    #[schema(required = false)]
    price: Option<Money>,
    /// When it opens.
    #[schema(required = false)]
    opens_at: Option<DateTime<Utc>>,
    /// When it closes or closed.
    #[schema(required = false)]
    closes_at: Option<DateTime<Utc>>,
    /// When the bid arrived.
    #[schema(required = false)]
    arrived_at: Option<DateTime<Utc>>,
    /// When it was paused.
    #[schema(required = false)]
    paused_at: Option<DateTime<Utc>>,
    /// Why, in words or as a code.
    #[schema(required = false)]
    reason: Option<String>,
    /// `wrong_state`: where it stands.
    #[schema(required = false)]
    state: Option<String>,
    /// Where the state of a thing refuses, as `wrong_state` does: what could be done instead, as operation ids.
    #[schema(required = false)]
    allowed: Option<Vec<String>>,
    /// `stale`: the version now.
    #[schema(required = false)]
    version: Option<i64>,
    /// How many or how much at most.
    #[schema(required = false)]
    limit: Option<i64>,
    /// The lot.
    #[schema(required = false)]
    lot_id: Option<Uuid>,
    /// The asset.
    #[schema(required = false)]
    asset_id: Option<Uuid>,
    /// `unconfirmed_jump`: the price up to which a bid need not be confirmed, in a descending lot down to which.
    #[schema(required = false)]
    jump_limit: Option<Money>,
    /// `unconfirmed_jump`: the member of the request by which it is confirmed, as `true`.
    #[schema(required = false)]
    confirm_with: Option<String>,
}

/// One fault at one place.
#[derive(ToSchema)]
#[schema(as = Fault)]
#[allow(dead_code)]
pub struct FaultDocument {
    /// JSON pointer into the body, or `#query/name`.
    pointer: String,
    /// Stable code of the fault.
    code: String,
    /// What is wrong.
    detail: String,
}

/// Every operation of every room.
pub fn operations() -> impl Iterator<Item = &'static Operation> {
    [
        super::infra::OPERATIONS,
        crate::identity::http::OPERATIONS,
        crate::identity::http::accounts::OPERATIONS,
        crate::identity::keys::http::OPERATIONS,
        crate::rulebook::http::OPERATIONS,
        crate::documents::http::OPERATIONS,
        crate::ledger::http::OPERATIONS,
        crate::notices::http::OPERATIONS,
        crate::pages::http::OPERATIONS,
        crate::achievements::http::OPERATIONS,
        crate::encumbrances::http::OPERATIONS,
        crate::licences::http::OPERATIONS,
        crate::objections::http::OPERATIONS,
        crate::tips::http::OPERATIONS,
        crate::negotiations::http::OPERATIONS,
        crate::rights_grants::http::OPERATIONS,
        crate::open_licences::http::OPERATIONS,
        crate::recordals::http::OPERATIONS,
        crate::open_licences::http::taken::OPERATIONS,
        crate::open_implementation::http::OPERATIONS,
        crate::data_rooms::http::OPERATIONS,
        crate::certificates::http::OPERATIONS,
        crate::questions::http::OPERATIONS,
        crate::evidence::http::OPERATIONS,
        crate::gates::http::OPERATIONS,
        crate::deals::http::OPERATIONS,
        crate::admissions::http::OPERATIONS,
        crate::banking::http::OPERATIONS,
        crate::auctions::http::OPERATIONS,
        crate::auctions::http::sealed::OPERATIONS,
        crate::auctions::http::rounds::OPERATIONS,
        crate::auctions::http::scores::OPERATIONS,
        crate::lot_sessions::http::OPERATIONS,
        crate::integrity::http::OPERATIONS,
        crate::listings::http::OPERATIONS,
        crate::imports::http::OPERATIONS,
        crate::audit::http::OPERATIONS,
        crate::notifications::http::OPERATIONS,
        crate::privacy::http::OPERATIONS,
        crate::sandbox::http::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}

/// Completes the document from the operations' own declarations.
pub fn complete(mut api: Document) -> Document {
    let known: BTreeMap<&str, &Operation> = operations().map(|operation| (operation.id, operation)).collect();
    let components = api.components.get_or_insert_default();
    let bearer = Http::builder()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An access token (a JWT), or for programs a key (`zpk_…`) with the scope the operation names."))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    for item in api.paths.paths.values_mut() {
        for (method, documented) in methods_mut(item) {
            let Some(operation) = documented.operation_id.as_deref().and_then(|id| known.get(id)) else { continue };
            describe(documented, operation, &method);
        }
    }
    api
}

fn describe(documented: &mut Documented, operation: &Operation, method: &HttpMethod) {
    let rights: Vec<Value> = operation.allow.iter().map(right).collect();
    let mut extension = json!({"allow": rights, "hidden_as": 404});
    if let Some(who) = operation.second_person {
        extension["second_person"] = who.into();
    }
    let step_up = operation.condition == Condition::StepUp;
    if step_up {
        extension["step_up"] = true.into();
    }
    match operation.keys {
        KeyNeed::With(scope) => extension["key_scope"] = json!(scope),
        KeyNeed::Any => extension["key_scope"] = "any".into(),
        KeyNeed::Refused => {}
    }
    let extensions = documented.extensions.get_or_insert_default();
    extensions.insert("x-authz".into(), extension);
    if operation.idempotent {
        extensions.insert("x-idempotent".into(), "required".into());
    }
    documented.security = Some(if operation.is_open() {
        vec![SecurityRequirement::default(), SecurityRequirement::new::<_, _, String>("bearer", [])]
    } else {
        vec![SecurityRequirement::new::<_, _, String>("bearer", [])]
    });
    let parameters = documented.parameters.get_or_insert_default();
    if operation.idempotent {
        let key = ObjectBuilder::new().schema_type(Type::String).min_length(Some(8)).max_length(Some(255)).pattern(Some("^[!-~]{8,255}$"));
        parameters.push(header(
            "Idempotency-Key",
            "The client's own name for this call; the same key and body give the same answer and one effect.",
            key,
            true,
        ));
    }
    if operation.precondition != Precondition::None {
        let tag = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^\"[0-9]{1,18}\"$"));
        let needed = operation.precondition == Precondition::Required;
        parameters.push(header("If-Match", "Entity tag of the version last seen.", tag, needed));
    }
    if operation.dry_run {
        let flag = Object::with_type(SchemaType::Type(Type::Boolean));
        let parameter = ParameterBuilder::new()
            .name("dry_run")
            .parameter_in(ParameterIn::Query)
            .description(Some("Say what would happen and change nothing."))
            .required(Required::False)
            .schema(Some(flag))
            .build();
        parameters.push(RefOr::T(parameter));
        let would = documented.responses.responses.get("201").cloned();
        if let Some(would) = would {
            documented.responses.responses.entry("200".into()).or_insert(would);
        }
    }
    for (status, codes) in problems(operation, documented, method) {
        let named: Vec<&str> = codes.iter().map(|code| code.code()).collect();
        let listed = codes.iter().map(|code| format!("`{}` {}", code.code(), code.text(Language::English)));
        let response = Response::builder()
            .description(listed.collect::<Vec<_>>().join("; "))
            .content("application/problem+json", Content::new(Some(utoipa::openapi::Ref::from_schema_name("Problem"))))
            .extensions(Some(ExtensionsBuilder::new().add(PROBLEMS, json!(named)).build()))
            .build();
        documented.responses.responses.insert(status.to_string(), RefOr::T(response));
    }
}

/// The member of a response that names the codes it may carry.
const PROBLEMS: &str = "x-problems";

/// An operation that may answer with a problem.
#[derive(Clone, Debug)]
pub struct Answering {
    /// Its id.
    pub id: String,
    /// Its group.
    pub tag: String,
    /// Its method.
    pub method: &'static str,
    /// Its address.
    pub path: String,
}

/// Which operations of the document may answer with each problem.
pub fn answering(api: &Document) -> BTreeMap<Code, Vec<Answering>> {
    let mut found: BTreeMap<Code, Vec<Answering>> = BTreeMap::new();
    for (path, item) in &api.paths.paths {
        for (method, documented) in methods_mut(&mut item.clone()) {
            let by = Answering {
                id: documented.operation_id.clone().unwrap_or_default(),
                tag: documented.tags.clone().unwrap_or_default().first().cloned().unwrap_or_default(),
                method: spoken(&method),
                path: path.clone(),
            };
            for code in Code::ALL.iter().filter(|code| names(documented, **code)) {
                found.entry(*code).or_default().push(by.clone());
            }
        }
    }
    found
}

/// Whether an operation names a problem among those it may answer with.
fn names(documented: &Documented, code: Code) -> bool {
    let response = documented.responses.responses.get(&code.status().to_string());
    let Some(RefOr::T(response)) = response else { return false };
    let named = response.extensions.as_ref().and_then(|extensions| extensions.get(PROBLEMS)).and_then(Value::as_array);
    named.is_some_and(|codes| codes.iter().any(|named| named == code.code()))
}

/// The problems an operation may answer with, by status.
fn problems(operation: &Operation, documented: &Documented, method: &HttpMethod) -> BTreeMap<u16, Vec<Code>> {
    let mut codes =
        vec![Code::Malformed, Code::KeyInAddress, Code::TokenInvalid, Code::RateLimited, Code::HeadersTooLarge, Code::Internal, Code::Busy];
    if !operation.is_open() {
        codes.extend([Code::NotSignedIn, Code::Forbidden]);
        if operation.keys != KeyNeed::Any {
            codes.push(Code::KeyScope);
        }
    }
    if !operation.is_open() && operation.condition != Condition::Nothing {
        codes.push(Code::PasswordOutworn);
    }
    let for_staff = operation.allow.iter().any(|allow| matches!(allow.who, Who::Staff(_)));
    let step_up = operation.condition == Condition::StepUp;
    if step_up || (for_staff && !operation.is_open()) {
        codes.push(Code::SecondFactorRequired);
    }
    if step_up {
        codes.push(Code::StepUpRequired);
    }
    let parameters = documented.parameters.as_deref().unwrap_or_default();
    if lies_in(parameters, &ParameterIn::Path) {
        codes.push(Code::NotFound);
    }
    let has_query = lies_in(parameters, &ParameterIn::Query);
    // A query field that is unknown is refused everywhere.
    codes.push(Code::Invalid);
    if has_query {
        codes.push(Code::CursorInvalid);
    }
    // Whatever is no question has its body read, if only to find that there is none.
    if *method != HttpMethod::Get {
        codes.extend([Code::TooLarge, Code::TooSlow]);
    }
    if documented.request_body.is_some() {
        codes.push(Code::UnsupportedMedia);
    }
    if operation.idempotent {
        codes.extend([Code::IdempotencyKeyMissing, Code::InFlight, Code::KeyReused, Code::StorageExhausted]);
    }
    match operation.precondition {
        Precondition::None => {}
        Precondition::Optional => codes.push(Code::Stale),
        Precondition::Required => codes.extend([Code::Stale, Code::PreconditionMissing]),
    }
    codes.extend(operation.refuses);
    codes.sort_unstable();
    codes.dedup();
    codes.into_iter().fold(BTreeMap::new(), |mut by_status, code| {
        by_status.entry(code.status()).or_insert_with(Vec::new).push(code);
        by_status
    })
}

fn header(name: &str, words: &str, schema: ObjectBuilder, needed: bool) -> RefOr<Parameter> {
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(words))
        .required(if needed { Required::True } else { Required::False })
        .schema(Some(schema))
        .build();
    RefOr::T(parameter)
}

fn lies_in(parameters: &[RefOr<Parameter>], place: &ParameterIn) -> bool {
    parameters.iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *place))
}

/// A way to be allowed, as the document says it.
pub fn right(allow: &Allow) -> Value {
    let scope = match allow.scope {
        Scope::Any => "any",
        Scope::Own => "own",
        Scope::Party => "party",
        Scope::Public => "public",
        Scope::Self_ => "self",
    };
    match allow.who {
        Who::Anyone => json!({"role": "stranger", "scope": scope}),
        Who::SignedIn => json!({"role": "signed_in", "scope": scope}),
        Who::Alone => json!({"role": "alone", "scope": scope}),
        Who::Members(roles) => json!({"member": roles, "scope": scope}),
        Who::Staff(roles) => json!({"staff": roles, "scope": scope}),
    }
}

fn methods_mut(item: &mut PathItem) -> Vec<(HttpMethod, &mut Documented)> {
    [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Delete, &mut item.delete),
        (HttpMethod::Patch, &mut item.patch),
    ]
    .into_iter()
    .filter_map(|(method, documented)| Some((method, documented.as_mut()?)))
    .collect()
}

/// Which methods each address takes.
pub struct Methods(Vec<(ResourceDef, String)>);

impl Methods {
    /// Read off the document.
    pub fn of(api: &Document) -> Self {
        let mut table = Vec::new();
        for (path, item) in &api.paths.paths {
            let mut item = item.clone();
            let names: Vec<&str> = methods_mut(&mut item).into_iter().map(|(method, _)| spoken(&method)).collect();
            table.push((ResourceDef::new(path.as_str()), names.join(", ")));
        }
        let beside = ["/livez", "/readyz", "/metrics", "/v1/openapi.json", "/v1/asyncapi.json"].map(ToOwned::to_owned);
        for page in beside.into_iter().chain(Pages::places()) {
            table.push((ResourceDef::new(page), "GET".into()));
        }
        Self(table)
    }
}

/// The address of every operation as it is documented, with the names of what varies in it. The router could tell it too, but would try
/// one route after the other for it, with every call.
pub struct Addresses(HashMap<&'static str, String>);

impl Addresses {
    /// Read off the document.
    pub fn of(api: &Document) -> Self {
        Self(places(api).into_iter().map(|(_, path, operation)| (operation.id, path)).collect())
    }

    /// Of one of them.
    pub fn of_operation(&self, id: &str) -> Option<&str> {
        self.0.get(id).map(String::as_str)
    }
}

/// Every operation with its method and address.
pub fn places(api: &Document) -> Vec<(Method, String, &'static Operation)> {
    let known: BTreeMap<&str, &Operation> = operations().map(|operation| (operation.id, operation)).collect();
    let mut found = Vec::new();
    for (path, item) in &api.paths.paths {
        for (method, documented) in methods_mut(&mut item.clone()) {
            let operation = documented.operation_id.as_deref().and_then(|id| known.get(id));
            if let (Some(operation), Ok(method)) = (operation, Method::from_bytes(spoken(&method).as_bytes())) {
                found.push((method, path.clone(), *operation));
            }
        }
    }
    found
}

fn spoken(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Put => "PUT",
        HttpMethod::Post => "POST",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Patch => "PATCH",
        _ => "GET",
    }
}

/// 405 with the methods the address takes, or 404.
pub async fn no_such_route(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let methods = request.app_data::<Data<Methods>>();
    let taken = methods.and_then(|table| table.0.iter().find(|(place, _)| place.is_match(request.path())).map(|(_, names)| names.clone()));
    match taken {
        Some(names) if request.method() == Method::OPTIONS => Ok(HttpResponse::NoContent().insert_header(("Allow", names)).finish()),
        Some(names) => Err(Code::MethodNotAllowed.with("allow", names)),
        None => Err(Code::NotFound.into()),
    }
}
