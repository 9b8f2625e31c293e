//! The headers of answers, as the document names them: each once among the components, and by reference where it is sent.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::answer::REPLAYED;

/// A header: its name among the components, its name on the wire, the schema of its value, what it says.
type Header = (&'static str, &'static str, fn() -> Value, &'static str);

fn text() -> Value {
    json!({"type": "string"})
}

fn seconds() -> Value {
    json!({"type": "integer", "minimum": 1})
}

fn tag() -> Value {
    json!({"type": "string", "pattern": "^\"[0-9]{1,18}\"$"})
}

fn flag() -> Value {
    json!({"type": "string", "enum": ["true"]})
}

fn address() -> Value {
    json!({"type": "string", "format": "uri-reference"})
}

const REQUEST_ID: Header = ("RequestId", "X-Request-Id", text, "Id of the request, in every answer and every log.");
const POLICY: Header = ("RateLimitPolicy", "RateLimit-Policy", text, "The limit that counts this call, where one does.");
const LEFT: Header = ("RateLimit", "RateLimit", text, "What is left of it, and when there is room for more.");
const RETRY_AFTER: Header = ("RetryAfter", "Retry-After", seconds, "Seconds after which a retry is sensible.");
const LOCATION: Header = ("Location", "Location", address, "Where what was made is read.");
const TAG: Header = ("ETag", "ETag", tag, "The version, to be sent as `If-Match` with what changes it.");
const AGAIN: Header = ("IdempotencyReplayed", REPLAYED, flag, "This is the answer of an earlier call with the same key.");
const ALL: [Header; 7] = [REQUEST_ID, POLICY, LEFT, RETRY_AFTER, LOCATION, TAG, AGAIN];

/// Adds the headers to the components and to every answer.
pub fn add(document: &mut Value) {
    let versioned = versioned(document);
    for operation in super::refine::operations(document) {
        let once = operation.get("x-idempotent").is_some();
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        for (status, response) in responses {
            let has_version = schema_of(response).is_some_and(|name| versioned.contains(name));
            let sent = sent(status, once, has_version);
            response["headers"] = sent.iter().map(|header| (header.1.to_owned(), reference(header.0))).collect::<Map<_, _>>().into();
        }
    }
    let described = |(name, wire, schema, says): &Header| {
        (name.to_string(), json!({"description": says, "required": *wire == REQUEST_ID.1, "schema": schema()}))
    };
    document["components"]["headers"] = ALL.iter().map(described).collect::<Map<_, _>>().into();
}

/// The headers an answer has or may have.
fn sent(status: &str, once: bool, has_version: bool) -> Vec<Header> {
    let is_good = status.starts_with('2');
    let mut sent = vec![REQUEST_ID, POLICY, LEFT];
    sent.extend(["409", "429", "503"].contains(&status).then_some(RETRY_AFTER));
    sent.extend((status == "201").then_some(LOCATION));
    sent.extend((is_good && has_version).then_some(TAG));
    sent.extend((is_good && once).then_some(AGAIN));
    sent
}

/// The schemas with a version, which is their entity tag; be it in a part they are made of.
fn versioned(document: &Value) -> BTreeSet<String> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let own = |schema: &Value| schema.pointer("/properties/version").is_some();
    let named = |part: &Value| part["$ref"].as_str().and_then(|place| document.pointer(place.trim_start_matches('#'))).is_some_and(own);
    let in_part = |schema: &Value| schema["allOf"].as_array().into_iter().flatten().any(|part| own(part) || named(part));
    let with_version = schemas.into_iter().flatten().filter(|(_, schema)| own(schema) || in_part(schema));
    with_version.map(|(name, _)| name.clone()).collect()
}

/// The name of the schema of what an answer carries.
fn schema_of(response: &Value) -> Option<&str> {
    response.pointer("/content/application~1json/schema/$ref")?.as_str()?.rsplit('/').next()
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_names_what_it_carries() {
        let names = |status, once, has_version| sent(status, once, has_version).iter().map(|header| header.1).collect::<Vec<_>>();
        let always = ["X-Request-Id", "RateLimit-Policy", "RateLimit"];
        assert_eq!(names("404", true, true), always);
        assert_eq!(names("503", false, false)[3..], ["Retry-After"]);
        assert_eq!(names("201", true, true)[3..], ["Location", "ETag", "Idempotency-Replayed"]);
        assert_eq!(names("200", false, true)[3..], ["ETag"]);
    }
}
