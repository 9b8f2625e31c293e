//! The AsyncAPI document: what webhooks are sent, from the same table.

use serde_json::{Map, Value, json};

use crate::platform::http::refine::references_apart;

use super::{Kind, reference, schemas, told};

/// The document.
pub fn document() -> Value {
    let messages: Map<String, Value> = told().map(|kind| (kind.name.to_owned(), message(kind))).collect();
    let in_channel = |at: &str| -> Map<String, Value> {
        told().map(|kind| (kind.name.to_owned(), json!({"$ref": format!("#/{at}/{}", kind.name)}))).collect()
    };
    let sent: Vec<Value> = told().map(|kind| json!({"$ref": format!("#/channels/webhook/messages/{}", kind.name)})).collect();
    let mut all = schemas();
    all.insert("Headers".into(), headers());
    all.insert("Subject".into(), subject());
    let mut document = json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Zhepai 浙拍: events",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Events as they are sent to webhooks by Standard Webhooks (事件推送): signed, in order for each \
                            subject, again until they arrive, always under the same webhook-id. Webhooks are made at POST /v1/webhooks; \
                            in sandbox every kind can be triggered at POST /v1/sandbox/events.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"}
        },
        "defaultContentType": "application/json",
        "channels": {
            "webhook": {
                "title": "A webhook",
                "description": "The address an organisation gave. An answer of 2xx says that the event arrived, 410 that no more are wanted.",
                "messages": in_channel("components/messages")
            }
        },
        "operations": {
            "send_event": {
                "action": "send",
                "channel": {"$ref": "#/channels/webhook"},
                "summary": "An event is sent to a webhook.",
                "messages": sent
            }
        },
        "components": {"messages": messages, "schemas": all}
    });
    references_apart(&mut document);
    document
}

/// The document as text: members in one fixed order, so that it can be compared.
pub fn text() -> Result<String, serde_json::Error> {
    Ok(format!("{}\n", serde_json::to_string_pretty(&document())?))
}

fn message(kind: &Kind) -> Value {
    let concerned: Vec<_> = kind.told.iter().map(|party| party.code()).collect();
    let example = json!({
        "type": kind.name,
        "timestamp": "2026-11-23T01:00:00Z",
        "subject": {"kind": kind.subject, "id": "019ab1c2-7d3e-7f40-8a51-6b2c3d4e5f60"},
        "data": kind.example()
    });
    json!({
        "name": kind.name,
        "title": kind.zh,
        "summary": kind.en,
        "contentType": "application/json",
        "headers": {"$ref": "#/components/schemas/Headers"},
        "payload": {
            "type": "object",
            "required": ["type", "timestamp", "subject", "data"],
            "properties": {
                "type": {"type": "string", "const": kind.name},
                "timestamp": {"type": "string", "format": "date-time", "description": "When it happened."},
                "subject": {"$ref": "#/components/schemas/Subject"},
                "data": reference(kind),
                "test": {"type": "boolean", "description": "Present and true where it was triggered in sandbox and did not happen."}
            }
        },
        "examples": [{"payload": example}],
        "x-told-to": concerned,
        "x-public": kind.public,
        "x-not-public": kind.hidden
    })
}

fn headers() -> Value {
    let text = |words: &str| json!({"type": "string", "description": words});
    json!({
        "type": "object",
        "required": ["webhook-id", "webhook-timestamp", "webhook-signature"],
        "properties": {
            "webhook-id": text("The event's id, the same however often it is sent: what came before need not be done again."),
            "webhook-timestamp": text("When this attempt was made, seconds since 1970; refuse what is older than five minutes."),
            "webhook-signature": text("Signatures of id.timestamp.body, parted by blanks: v1 is HMAC-SHA-256, v1a is Ed25519.")
        }
    })
}

fn subject() -> Value {
    json!({
        "type": "object",
        "description": "What the event is about; events of one subject arrive in order.",
        "required": ["kind", "id"],
        "properties": {"kind": {"type": "string"}, "id": {"type": "string", "format": "uuid"}}
    })
}
