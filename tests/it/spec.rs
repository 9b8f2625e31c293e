//! The committed OpenAPI document is the one the code makes.

use zhepai::platform::http::server::document_text;

/// `UPDATE_SNAPSHOTS=1` writes it anew.
#[test]
fn the_committed_document_is_the_one_the_code_makes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/api-spec/openapi.json");
    let made = document_text().unwrap();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(made == committed, "api-spec/openapi.json differs from the code: run `cargo run -- openapi --output api-spec/openapi.json`");
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
