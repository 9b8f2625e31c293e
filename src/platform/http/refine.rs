//! The document as generators of clients need it: what the macros of `utoipa` write down twice, nameless or not at all is
//! named, closed and told apart, so that every generated type says what the API does.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::response_headers;
use crate::platform::problem::Code;

/// Unions whose variants are told apart by the value of one member.
const UNIONS: [(&str, &str); 12] = [
    ("TransferTerms", "mode"),
    ("AssetDetails", "kind"),
    ("Reserve", "kind"),
    ("OfferedReserve", "kind"),
    ("Step", "kind"),
    ("Format", "kind"),
    ("OfferedFormat", "kind"),
    ("GivenScore", "kind"),
    ("Scoring", "kind"),
    ("Preemption", "variant"),
    ("FeeStandard", "kind"),
    ("SignedBy", "kind"),
];
/// What the groups of operations are.
const TAGS: [(&str, &str); 37] = [
    ("accounts", "People: registering, signing in, sessions, factors, passwords (账号)"),
    ("achievements", "Achievements and the rights in them (成果与权利)"),
    ("admissions", "Applying for lots, qualification, deposits (报名与保证金)"),
    ("api keys", "Keys for programs (密钥)"),
    ("audit", "The audit trail (审计)"),
    ("banking", "Statements of the bank, payment files, reconciliation (银行对账)"),
    ("certificates", "Certificates of licences: signed, checked with and without a server (许可证书)"),
    ("data rooms", "Documents of an offer by levels of confidentiality: agreements, people let in, watermarks, a log (资料室)"),
    ("deals", "Confirmation, signatures, results (成交)"),
    ("documents", "Uploaded files (文件)"),
    ("encumbrances", "Burdens on rights, what cures them, what co-owners agreed on (权利负担)"),
    ("evidence", "What shows that a procedure was followed (公示证据)"),
    ("gates", "What has to be right before a sale: foreign parties, related parties, restrictions, papers of an export (合规门)"),
    ("imports", "Files of many rows, taken in and given out (批量导入导出)"),
    ("integrity", "Signals of collusion, for those who oversee (异常线索)"),
    ("ledger", "Accounts, transfers, refunds (账务)"),
    ("licences", "The register of licences: who may use what, how far, until when (许可登记)"),
    ("listings", "Offers and their procedure (挂牌)"),
    ("lot sessions", "Sessions of lots (专场)"),
    ("lots", "Lots, their logs and bids (标的与出价)"),
    ("negotiations", "Sales at a negotiated price: offers, agreement, notice, confirmation (协议定价)"),
    ("notices", "Published notices (公告)"),
    ("notifications", "Inbox, webhooks, letters, the catalogue of events (通知)"),
    ("objections", "Objections to notices (异议)"),
    ("open implementation", "Patents that public money paid for and nobody uses: the list, and what their owners say (专利公开实施)"),
    ("open licences", "Patents that anybody may have a licence of: declaration, notice, taking, withdrawal (开放许可)"),
    ("organisations", "Organisations and their members (机构)"),
    ("pages", "What is public, for people who read it in a browser (公告页面)"),
    ("platform", "The server itself (平台)"),
    ("privacy", "Personal data and how long records are kept (个人信息)"),
    ("questions", "Questions about what is on offer, and answers (答疑)"),
    ("recordals", "What is filed with registries: transfers, licences, pledges; whose a right is (登记与备案)"),
    ("rights grants", "Grants of rights to who made an achievement: share or use right, notice, agreement (赋权)"),
    ("rulebook", "The law as data (规则)"),
    ("sandbox", "Time that can be moved, a bank that pays (沙盒)"),
    ("staff", "Officers of the platform (平台人员)"),
    ("tips", "What somebody knows and says without his name (线索)"),
];
/// Parts of variants, which are put into them.
const PARTS: [&str; 2] = ["LicenceTerms", "EquityTerms"];

/// The refined document.
pub fn refined(mut document: Value) -> Value {
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        problem_codes(schemas);
        pages(schemas);
        unions(schemas);
    }
    let enums = enumerations(&document);
    for operation in operations(&mut document) {
        bodies(operation);
        named_queries(operation, &enums);
        if operation.pointer("/x-authz/allow") == Some(&json!([{"role": "stranger", "scope": "any"}])) {
            operation["security"] = json!([]);
        }
    }
    response_headers::add(&mut document);
    document["tags"] = TAGS.iter().map(|(name, description)| json!({"name": name, "description": description})).collect();
    document["servers"] = json!([{"url": "/", "description": "The server this document was read from"}]);
    document
}

/// A schema by reference may have nothing beside it in drafts before 2019-09, which AsyncAPI uses.
pub fn references_apart(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.len() > 1
                && let Some(reference) = members.remove("$ref")
            {
                members.insert("allOf".into(), json!([{"$ref": reference}]));
            }
            members.values_mut().for_each(references_apart);
        }
        Value::Array(items) => items.iter_mut().for_each(references_apart),
        _ => {}
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// Every operation of the document.
pub fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    paths.filter_map(Value::as_object_mut).flat_map(Map::values_mut)
}

/// The codes are a closed list, named.
fn problem_codes(schemas: &mut Map<String, Value>) {
    let mut codes: Vec<_> = Code::ALL.iter().map(|code| code.code()).collect();
    codes.sort_unstable();
    schemas.insert("ProblemCode".into(), json!({"type": "string", "description": "Stable code.", "enum": codes}));
    if let Some(code) = schemas.get_mut("Problem").and_then(|problem| problem.pointer_mut("/properties/code")) {
        *code = reference("ProblemCode");
        code["description"] = "Stable code.".into();
    }
}

/// The items of a page are the component, not a copy of it.
fn pages(schemas: &mut Map<String, Value>) {
    for (name, schema) in schemas.iter_mut() {
        if let (Some(item), Some(items)) = (name.strip_prefix("Page_"), schema.pointer_mut("/properties/items/items")) {
            *items = reference(item);
        }
    }
}

/// Every variant of a union is closed, named and found by its tag.
fn unions(schemas: &mut Map<String, Value>) {
    for (union, tag) in UNIONS {
        let Some(variants) = schemas.get(union).and_then(|schema| schema["oneOf"].as_array()).cloned() else { continue };
        let (mut ways, mut mapping) = (Vec::new(), Map::new());
        for variant in variants {
            let flat = flat(&variant, schemas);
            let Some(value) = flat.pointer(&format!("/properties/{tag}/enum/0")).and_then(Value::as_str).map(ToOwned::to_owned) else {
                continue;
            };
            let name = format!("{union}{}", camel(&value));
            mapping.insert(value, format!("#/components/schemas/{name}").into());
            ways.push(reference(&name));
            schemas.insert(name, flat);
        }
        schemas[union]["oneOf"] = ways.into();
        schemas[union]["discriminator"] = json!({"propertyName": tag, "mapping": mapping});
    }
    for part in PARTS {
        schemas.remove(part);
    }
}

/// A variant with its parts put together.
fn flat(variant: &Value, schemas: &Map<String, Value>) -> Value {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    let own = [variant.clone()];
    for part in variant["allOf"].as_array().map_or(own.as_slice(), Vec::as_slice) {
        let named = part["$ref"].as_str().and_then(|place| place.rsplit('/').next()).and_then(|name| schemas.get(name));
        let part = named.unwrap_or(part);
        properties.extend(part["properties"].as_object().into_iter().flatten().map(|(name, member)| (name.clone(), member.clone())));
        required.extend(part["required"].as_array().into_iter().flatten().cloned());
    }
    let mut flat = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
    if !variant["description"].is_null() {
        flat["description"] = variant["description"].clone();
    }
    flat
}

fn camel(snake: &str) -> String {
    snake.split('_').map(|word| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect::<String>()).collect()
}

/// A body without a schema is text or a file, and one that is sent is needed.
fn bodies(operation: &mut Value) {
    if let Some(body) = operation.get_mut("requestBody") {
        if contents(body) {
            body["required"] = true.into();
        }
        if body["required"].is_null() {
            body["required"] = false.into();
        }
    }
    for response in operation["responses"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        contents(response);
    }
}

/// Tells whether a schema was missing.
fn contents(of: &mut Value) -> bool {
    let mut missed = false;
    for (media, content) in of.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
        if content.get("schema").is_none() {
            let is_text = media.starts_with("text/") || media.contains("json");
            content["schema"] = if is_text { json!({"type": "string"}) } else { json!({"type": "string", "format": "binary"}) };
            missed = true;
        }
    }
    missed
}

/// Every named enumeration, by its values.
fn enumerations(document: &Value) -> BTreeMap<String, String> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object).into_iter().flatten();
    schemas.filter_map(|(name, schema)| Some((schema.get("enum")?.to_string(), name.clone()))).collect()
}

/// A query field that is an enumeration names it.
fn named_queries(operation: &mut Value, enums: &BTreeMap<String, String>) {
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
        let named = parameter["schema"].get("enum").and_then(|values| enums.get(&values.to_string()));
        if let Some(name) = named {
            parameter["schema"] = reference(name);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::platform::http::server::document_text;

    #[test]
    fn every_variant_of_a_union_is_closed_named_and_found_by_its_tag() {
        let document: Value = serde_json::from_str(&document_text().unwrap()).unwrap();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let found = schemas.iter().filter(|(_, schema)| schema["oneOf"][1].is_object()).map(|(name, _)| name.as_str());
        assert_eq!(found.collect::<BTreeSet<_>>(), UNIONS.iter().map(|(union, _)| *union).collect(), "each is named above");
        for (union, tag) in UNIONS {
            let schema = &document["components"]["schemas"][union];
            let mapping = schema["discriminator"]["mapping"].as_object().unwrap();
            assert_eq!(mapping.len(), schema["oneOf"].as_array().unwrap().len(), "{union}");
            for (value, place) in mapping {
                let variant = document.pointer(place.as_str().unwrap().trim_start_matches('#')).unwrap();
                assert_eq!(variant["properties"][tag]["enum"][0], value.as_str(), "{union}");
                assert_eq!(variant["additionalProperties"], false, "{union}");
            }
        }
    }

    #[test]
    fn every_group_is_described_and_none_is_empty() {
        let mut document: Value = serde_json::from_str(&document_text().unwrap()).unwrap();
        let mut used: Vec<String> = operations(&mut document).map(|of| of["tags"][0].as_str().unwrap().to_owned()).collect();
        used.sort_unstable();
        used.dedup();
        assert_eq!(used, TAGS.map(|(name, _)| name.to_owned()));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn look(value: &Value, document: &Value) {
            match value {
                Value::Object(members) => {
                    if let Some(place) = members.get("$ref").and_then(Value::as_str) {
                        assert!(document.pointer(place.trim_start_matches('#')).is_some(), "{place} is not there");
                    }
                    members.values().for_each(|member| look(member, document));
                }
                Value::Array(items) => items.iter().for_each(|item| look(item, document)),
                _ => {}
            }
        }
        let document: Value = serde_json::from_str(&document_text().unwrap()).unwrap();
        look(&document, &document);
    }
}
