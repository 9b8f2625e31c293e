//! The JSON Schema of a lot's published course: of the document, and of what its two texts of JSON hold. It is made from the
//! code, as the documents of the API are.

use entity::auctions::LotTerms;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::rules::course::{LotCourse, SCHEMA, SCHEMA_VERSION};
use super::rules::log::Body;

/// The schema.
pub fn document() -> Value {
    let mut definitions = Map::new();
    define::<LotCourse>(&mut definitions);
    define::<LotTerms>(&mut definitions);
    define::<Body>(&mut definitions);
    adds(&mut definitions, "LotCourse", "schema", json!({"const": SCHEMA}));
    adds(&mut definitions, "LotCourse", "schema_version", json!({"const": SCHEMA_VERSION}));
    adds(&mut definitions, "LotCourse", "terms_text", text_of(&LotTerms::name()));
    adds(&mut definitions, "CourseEvent", "body_text", text_of(&Body::name()));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:zhepai:lot-course:{SCHEMA_VERSION}"),
        "title": "Zhepai 浙拍: the published course of a lot (竞价过程)",
        "description": "What GET /v1/lots/{id}/course answers. Two members are texts of JSON, exactly as they were hashed; \
                        contentSchema says what they hold. A lot announced earlier lacks what came later to its terms and log.",
        "$ref": "#/$defs/LotCourse",
        "$defs": definitions
    })
}

/// The schema as text: members in one fixed order, so that it can be compared.
pub fn text() -> Result<String, serde_json::Error> {
    Ok(format!("{}\n", serde_json::to_string_pretty(&document())?))
}

/// Defines a type and those it refers to.
fn define<T: ToSchema>(definitions: &mut Map<String, Value>) {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    let spoken = found.into_iter().filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?)));
    definitions.extend(spoken.map(|(name, schema)| (name, by_itself(schema))));
}

/// A schema as it stands where no document of an API is around it.
fn by_itself(schema: Value) -> Value {
    match schema {
        Value::Object(members) => Value::Object(members.into_iter().map(|(name, value)| keyword(name, value)).collect()),
        Value::Array(items) => Value::Array(items.into_iter().map(by_itself).collect()),
        other => other,
    }
}

/// References lead to other places, and JSON Schema knows examples in the plural alone.
fn keyword(name: String, value: Value) -> (String, Value) {
    if name == "example" {
        return ("examples".into(), json!([value]));
    }
    if name == "$ref"
        && let Some(place) = value.as_str()
    {
        return (name, place.replace("#/components/schemas/", "#/$defs/").into());
    }
    (name, by_itself(value))
}

/// Of a text that holds JSON, what that is.
fn text_of(name: &str) -> Value {
    json!({"contentMediaType": "application/json", "contentSchema": {"$ref": format!("#/$defs/{name}")}})
}

/// Says more of a member of a type.
fn adds(definitions: &mut Map<String, Value>, of: &str, member: &str, more: Value) {
    let schema = definitions.get_mut(of).and_then(|schema| schema.pointer_mut(&format!("/properties/{member}")));
    if let (Some(Value::Object(schema)), Value::Object(more)) = (schema, more) {
        schema.extend(more);
    }
}
