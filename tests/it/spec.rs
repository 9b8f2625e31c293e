//! The committed documents are those the code makes.

use std::collections::BTreeSet;

use serde_json::Value;
use zhepai::auctions::course_schema;
use zhepai::notifications::catalogue::asyncapi;
use zhepai::platform::http::server::document_text;

/// `UPDATE_SNAPSHOTS=1` writes it anew.
#[test]
fn the_committed_document_is_the_one_the_code_makes() {
    is_committed("openapi", "openapi.json", &document_text().unwrap());
}

/// The same for the events.
#[test]
fn the_committed_document_of_the_events_is_the_one_the_code_makes() {
    is_committed("asyncapi", "asyncapi.json", &asyncapi::text().unwrap());
}

/// The same for what a lot's published course holds.
#[test]
fn the_committed_schema_of_a_course_is_the_one_the_code_makes() {
    is_committed("course-schema", "lot-course.schema.json", &course_schema::text().unwrap());
}

fn is_committed(command: &str, file: &str, made: &str) {
    let path = format!("{}/api-spec/{file}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(made == committed, "api-spec/{file} differs from the code: run `cargo run -- {command} --output api-spec/{file}`");
}

/// Every reference of the document of the events leads somewhere.
#[test]
fn no_reference_of_the_events_leads_nowhere() {
    fn references(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member.as_str()) {
                        ("$ref", Some(place)) => found.push(place.to_owned()),
                        _ => references(member, found),
                    }
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let document = asyncapi::document();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100);
    for place in found {
        assert!(document.pointer(place.trim_start_matches('#')).is_some(), "{place} is not there");
    }
}

/// What a schema asks for and gives no example of, by place.
fn without_example(schemas: &Value, schema: &Value, place: &str, found: &mut BTreeSet<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return without_example(schemas, &schemas[name], name, found);
    }
    if ["example", "examples", "enum", "const"].iter().any(|word| schema.get(word).is_some()) || schema["type"] == "boolean" {
        return;
    }
    let choices = ["oneOf", "allOf", "anyOf"].iter().filter_map(|word| schema[word].as_array()).flatten();
    let members = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut inner: Vec<(String, &Value)> = choices.map(|one| (place.to_owned(), one)).collect();
    inner.extend(members.map(|name| (format!("{place}.{name}"), &schema["properties"][name])));
    inner.extend(schema.get("items").map(|one| (format!("{place}[]"), one)));
    if inner.is_empty() && schema["type"] != "object" && schema["type"] != "null" {
        found.insert(place.to_owned());
    }
    for (place, one) in inner {
        without_example(schemas, one, &place, found);
    }
}

/// Whoever reads the document sees what to send: every member a JSON body must have comes with an example.
#[test]
fn every_body_has_examples() {
    let document: Value = serde_json::from_str(&document_text().unwrap()).unwrap();
    let mut found = BTreeSet::new();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values()) {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        if body.is_object() {
            without_example(&document["components"]["schemas"], body, operation["operationId"].as_str().unwrap(), &mut found);
        }
    }
    assert!(found.is_empty(), "no example: {found:?}");
}

/// Every operation of the document carries its rights, its problems as problem documents, and examples enough to be read.
#[test]
fn every_operation_says_who_may_call_it_and_how_it_refuses() {
    let document: serde_json::Value = serde_json::from_str(&document_text().unwrap()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["x-authz"]["allow"].is_array(), "{name} says no rights");
            assert!(operation["summary"].is_string() && operation["description"].is_string(), "{name} says too little");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{name} says no success");
            for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
                assert!(response["content"]["application/problem+json"].is_object(), "{name} {status} is no problem document");
            }
        }
    }
}

/// What an operation answers where that is not what the conventions say of its method, in their words.
fn departing(method: &str, path: &str, operation: &Value) -> Option<String> {
    let creates = method == "post" && (path.matches('/').count() == 2 || path.ends_with('s'));
    let rule = match method {
        "post" if creates => "201",
        "delete" => "204",
        _ => "200",
    };
    let successes = operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with('2'));
    // 200 beside 201 is of a dry run.
    let (status, answer) = successes.max_by(|one, other| one.0.cmp(other.0)).unwrap();
    let mut parameters = operation["parameters"].as_array().into_iter().flatten();
    let mut lacking: Vec<&str> = Vec::new();
    if status == "201" {
        lacking.extend(["Location", "ETag"].into_iter().filter(|name| answer["headers"].get(*name).is_none()));
    }
    if ["put", "patch"].contains(&method) && !parameters.any(|one| one["name"] == "If-Match" && one["required"] == true) {
        lacking.push("If-Match");
    }
    let mut how = vec![status.clone()];
    how.extend(lacking.iter().map(|name| format!(" without `{name}`")));
    if answer["content"]["application/json"]["schema"]["type"] == "array" {
        how.push(" with a bare array".to_owned());
    }
    let how = how.concat();
    (how != rule).then_some(how)
}

/// Every operation answers as the conventions say of its method, but for those that they name.
#[test]
fn the_conventions_name_every_operation_that_departs_from_them() {
    let document: Value = serde_json::from_str(&document_text().unwrap()).unwrap();
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.extend(departing(method, path, operation).map(|how| format!("`{} {path}` {how}", method.to_uppercase())));
        }
    }
    let (_, table) = include_str!("../../api-spec/conventions.md").split_once("| Answer | Of |\n|---|---|\n").unwrap();
    let mut named = BTreeSet::new();
    for row in table.lines().take_while(|line| line.starts_with('|')) {
        let (how, places) = row.trim_matches(['|', ' ']).split_once(" | ").unwrap();
        named.extend(places.split(", ").map(|place| format!("{place} {how}")));
    }
    assert_eq!(found, named);
}
