//! Every refusal: what is said, with which code, and that nothing has changed by it.
//!
//! `requests` breaks the request itself, for every operation the document names. The other files
//! break the rules behind it: a table of cases for each room, one for every pair of an operation and
//! a code it declares. The test at the end of this file names the pairs that have no case.

mod admissions;
mod amendments;
mod bank;
mod barred;
mod bidding;
mod data_rooms;
mod deals;
mod encumbrances;
mod gates;
mod imports;
mod letters;
mod limits;
pub(crate) mod listings;
mod lot_sessions;
mod notices;
mod notifications;
mod objections;
mod people;
mod preemption;
mod production;
mod negotiations;
mod certificates;
mod licences;
mod open_implementation;
mod open_licence_acceptance;
mod open_licences;
mod recordals;
mod questions;
mod registry;
mod requests;
mod rights_grants;
mod rounds;
mod sealed;
mod weighted;

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use reqwest::Method;
use serde_json::Value;
use uuid::Uuid;
use zhepai::client::{Client, Reply};
use zhepai::house::House;
use zhepai::platform::http::spec;
use zhepai::platform::problem::Code;

use crate::common::database::{Tables, at_rest, fingerprint};
use crate::common::discreet::inside;

// ---- A call, sound or broken ----

/// A call as it goes over the wire, so that everything about it can be broken.
#[derive(Clone, Debug)]
struct Call {
    base: String,
    method: Method,
    place: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

impl Call {
    /// A call under a fresh key, where it is a deed.
    fn of(caller: &Client, method: Method, place: impl Into<String>) -> Self {
        let mut headers = vec![("accept-language", "en".to_owned())];
        headers.extend(caller.token().map(|token| ("authorization", format!("Bearer {token}"))));
        if method != Method::GET {
            headers.push(("idempotency-key", Uuid::new_v4().to_string()));
        }
        Self { base: caller.base().to_owned(), method, place: place.into(), headers, body: None }
    }

    /// A question.
    fn get(caller: &Client, place: impl Into<String>) -> Self {
        Self::of(caller, Method::GET, place)
    }

    /// A deed without a body.
    fn act(caller: &Client, place: impl Into<String>) -> Self {
        Self::of(caller, Method::POST, place)
    }

    /// A deed with a body.
    fn post(caller: &Client, place: impl Into<String>, body: &Value) -> Self {
        Self::act(caller, place).json(body)
    }

    /// With a JSON body.
    fn json(self, body: &Value) -> Self {
        self.carrying("application/json", body.to_string())
    }

    /// With any body.
    fn carrying(self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: Some(body.into()), ..self.without("content-type").with("content-type", media) }
    }

    /// With one more header.
    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Without a header.
    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    /// Only if the thing is at this version.
    fn on_version(self, version: i64) -> Self {
        self.without("if-match").with("if-match", format!("\"{version}\""))
    }

    /// With one more query parameter.
    fn asking(mut self, query: &str) -> Self {
        self.place = format!("{}{}{query}", self.place, if self.place.contains('?') { '&' } else { '?' });
        self
    }

    /// Makes it, and reads the answer.
    async fn made(self) -> Reply {
        let asked = format!("{} {}", self.method, self.place);
        let mut request = crate::common::http().request(self.method, format!("{}{}", self.base, self.place));
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        let answer = request.send().await.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
        Reply { status, body, headers, asked }
    }
}

/// What is wrong with an answer that must be this refusal, said as every refusal is.
fn refuses_badly(reply: &Reply, code: Code) -> Option<String> {
    if (reply.status, reply.code()) != (code.status(), code.code()) {
        return Some(format!("{} {} is due, {} came: {}", code.status(), code.code(), reply.status, reply.body));
    }
    let media = reply.header("content-type").unwrap_or_default();
    let is_problem = media.starts_with("application/problem+json")
        && reply.body["status"] == code.status()
        && reply.body["type"] == format!("/docs/problems/{}", code.code())
        && reply.body["request_id"].is_string();
    if !is_problem {
        return Some(format!("the refusal is no problem document: {media} {}", reply.body));
    }
    inside(&reply.body.to_string()).map(|word| format!("the refusal tells {word:?}: {}", reply.body))
}

// ---- That nothing has changed ----

/// The tables that are other than they were.
fn changes(before: &Tables, after: &Tables) -> Vec<String> {
    after.iter().zip(before).filter(|(new, old)| new != old).map(|(new, _)| new.0.clone()).collect()
}

// ---- Cases ----

/// One way to be refused: what leads up to it, and the call that is.
struct Case<S> {
    operation: &'static str,
    code: Code,
    rule: &'static str,
    call: for<'a> fn(&'a S) -> BoxFuture<'a, Call>,
}

/// Declares the cases of a room: the operation, the code, the rule in words, and how to run into it.
macro_rules! cases {
    ($(#[$meta:meta])* $table:ident of $stage:ty; $($operation:ident, $code:ident, $rule:literal: |$on:ident| $call:expr;)+) => {
        $(#[$meta])*
        pub(super) const $table: &[super::Case<$stage>] = &[$(super::Case {
            operation: stringify!($operation),
            code: zhepai::platform::problem::Code::$code,
            rule: $rule,
            call: |$on| Box::pin(async move { $call }),
        }),+];
    };
}
use cases;

/// Tries every case of a table in order: what leads up to it may change things, the refusal may not.
/// The answers, by the rule in words.
async fn try_all<S>(house: &House, stage: &S, cases: &[Case<S>]) -> Answers {
    let (mut wrong, mut answers) = (Vec::new(), Vec::new());
    for case in cases {
        let call = (case.call)(stage).await;
        let before = at_rest(house).await;
        let reply = call.made().await;
        let changed = changes(&before, &fingerprint(house).await);
        let fault =
            refuses_badly(&reply, case.code).or_else(|| (!changed.is_empty()).then(|| format!("it changed {}", changed.join(", "))));
        wrong.extend(fault.map(|fault| format!("{} ({}), {}: {fault}", case.operation, case.code.code(), case.rule)));
        answers.push((case.rule, reply));
    }
    assert!(wrong.is_empty(), "{} of {} wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    Answers(answers)
}

/// How the cases of a table were answered.
struct Answers(Vec<(&'static str, Reply)>);

impl Answers {
    /// The problem document a rule was answered with.
    #[track_caller]
    fn to(&self, rule: &str) -> &Value {
        let found = self.0.iter().find(|(known, _)| *known == rule);
        &found.unwrap_or_else(|| panic!("no case is called {rule}")).1.body
    }

    /// Whatever a state refused says what can be done instead; where something begins there is none yet.
    #[track_caller]
    fn say_what_is_allowed(&self, beginning: &str) {
        let refused = self.0.iter().filter(|(_, reply)| reply.status == 409 && reply.asked != beginning);
        let silent: Vec<_> = refused.filter(|(_, reply)| !reply.body["allowed"].is_array()).map(|(rule, _)| *rule).collect();
        assert!(silent.is_empty(), "nothing is said of what is allowed: {silent:?}");
    }
}

/// Pairs no test can bring about.
const OUT_OF_REACH: &[(&str, Code)] = &[
    // The simulated bank draws a fresh random reference for every payment.
    ("simulate_bank_credit", Code::BankReferenceTaken),
    // Whoever dismisses is a security administrator himself, so the one dismissed is never the last,
    // unless two dismiss each other at the same moment.
    ("dismiss_staff", Code::WrongState),
    // What was handed in does not change: the offer is frozen, and the rights it offers stay as they are.
    ("approve_listing", Code::IdentifierInvalid),
    // Nothing takes a document away from its organisation after it was handed in.
    ("approve_listing", Code::DocumentUnusable),
    // What is agreed on holds what is to be licensed.
    ("decide_negotiation", Code::LicenceConflict),
    ("confirm_negotiation", Code::LicenceConflict),
    // What is declared to everybody is licensed to nobody alone meanwhile.
    ("take_open_licence", Code::LicenceConflict),
    ("confirm_open_licence_payment", Code::LicenceConflict),
    // What was proposed does not change either, but for what is entered of its rights, as with an approval.
    ("publish_listing_amendment", Code::DeclarationMissing),
    ("publish_listing_amendment", Code::IdentifierInvalid),
    ("publish_listing_amendment", Code::DocumentUnusable),
    // The rules do not change between a proposal and its decision while a test runs.
    ("decide_rights_grant", Code::OutsideRule),
];

/// Every pair a table has a case for.
fn covered() -> Vec<(&'static str, Code)> {
    fn pairs<S>(cases: &[Case<S>]) -> Vec<(&'static str, Code)> {
        cases.iter().map(|case| (case.operation, case.code)).collect()
    }
    [
        pairs(people::ACCOUNTS),
        pairs(people::SECRETS),
        pairs(letters::LETTERS),
        pairs(letters::UNPROVED),
        pairs(people::MEMBERS),
        pairs(people::STAFF),
        pairs(people::CLOCK),
        pairs(people::PERSONAL_DATA),
        pairs(registry::RIGHTS),
        pairs(registry::DOCUMENTS),
        pairs(listings::DRAFTS),
        pairs(listings::REVIEW),
        pairs(amendments::AMENDMENTS),
        pairs(admissions::APPLYING),
        pairs(admissions::PAYING),
        pairs(bank::BANK),
        pairs(bidding::BIDS),
        pairs(barred::BARRED),
        pairs(sealed::SEALED),
        pairs(rounds::TURNS),
        pairs(preemption::ANSWERS),
        pairs(lot_sessions::HOSTING),
        pairs(lot_sessions::SESSIONS),
        pairs(deals::DEALS),
        pairs(gates::GATES),
        pairs(gates::CONFIRMING),
        pairs(imports::IMPORTS_AND_EXPORTS),
        pairs(notices::NOTICES),
        pairs(objections::OBJECTIONS),
        pairs(negotiations::NEGOTIATIONS),
        pairs(rights_grants::RIGHTS_GRANTS),
        pairs(licences::LICENCES),
        pairs(certificates::CERTIFICATES),
        pairs(open_licences::OPEN_LICENCES),
        pairs(encumbrances::ENCUMBRANCES),
        pairs(recordals::RECORDALS),
        pairs(open_licence_acceptance::ACCEPTANCES),
        pairs(open_implementation::OPEN_IMPLEMENTATION),
        pairs(data_rooms::DATA_ROOMS),
        pairs(questions::QUESTIONS),
        pairs(notifications::WEBHOOKS),
        pairs(limits::LIMITS),
        pairs(limits::PASSWORDS),
        pairs(production::PRODUCTION),
        pairs(weighted::SCORES),
    ]
    .concat()
}

/// Whatever an operation says it may be refused with, a case here runs into it.
#[test]
fn every_declared_refusal_has_a_case() {
    let declared: BTreeSet<(&str, Code)> =
        spec::operations().flat_map(|operation| operation.refuses.iter().map(|code| (operation.id, *code))).collect();
    let covered: BTreeSet<_> = covered().into_iter().collect();
    let out_of_reach: BTreeSet<_> = OUT_OF_REACH.iter().copied().collect();
    let missing: Vec<_> = declared.iter().filter(|pair| !covered.contains(pair) && !out_of_reach.contains(pair)).collect();
    assert!(missing.is_empty(), "{} declared refusals have no case: {missing:?}", missing.len());
    let idle: Vec<_> = out_of_reach.iter().filter(|pair| covered.contains(pair) || !declared.contains(pair)).collect();
    assert!(idle.is_empty(), "these are out of reach no more: {idle:?}");
    println!("{} declared refusals, {} out of reach, {} pairs with a case", declared.len(), out_of_reach.len(), covered.len());
}

/// A case is about an operation there is.
#[test]
fn every_case_is_about_an_operation() {
    let known: BTreeSet<&str> = spec::operations().map(|operation| operation.id).collect();
    let unknown: Vec<_> = covered().into_iter().filter(|(operation, _)| !known.contains(operation)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
