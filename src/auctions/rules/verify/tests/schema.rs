//! The published schema of a course, held against courses of every format and events of every kind.

use std::collections::BTreeSet;

use entity::auctions::{LotEventKind, UnitAward};
use entity::ids::LotSessionId;
use entity::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;

use super::kept::made;
use super::name;
use super::published::naming;
use crate::auctions::course_schema::document;
use crate::auctions::rules::log::{Body, OpenedReserve};
use crate::auctions::rules::tests::at;

type Fit = Result<(), String>;

fn holds(fits: bool, why: &str, value: &Value) -> Fit {
    if fits { Ok(()) } else { Err(format!("{why}: {value}")) }
}

/// Whether a value is as a schema has it. Stricter than JSON Schema, in that every member must be named.
fn fits(document: &Value, schema: &Value, value: &Value) -> Fit {
    for (keyword, says) in schema.as_object().unwrap() {
        match keyword.as_str() {
            "$ref" => {
                let place = says.as_str().unwrap();
                let named = document.pointer(place.trim_start_matches('#')).unwrap_or_else(|| panic!("{place} leads nowhere"));
                fits(document, named, value)?;
            }
            "oneOf" => {
                let (fitting, others): (Vec<_>, Vec<_>) =
                    says.as_array().unwrap().iter().map(|one| fits(document, one, value)).partition(Result::is_ok);
                holds(fitting.len() == 1, &format!("{} fit, {others:?}", fitting.len()), value)?;
            }
            "type" => {
                let kinds = says.as_array().map_or(std::slice::from_ref(says), Vec::as_slice);
                holds(kinds.iter().any(|kind| is_of(kind.as_str().unwrap(), value)), &format!("not of type {says}"), value)?;
            }
            "const" => holds(says == value, keyword, value)?,
            "enum" => holds(says.as_array().unwrap().contains(value), keyword, value)?,
            "minimum" => holds(value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap()), keyword, value)?,
            "maximum" => holds(value.as_f64().is_none_or(|number| number <= says.as_f64().unwrap()), keyword, value)?,
            "minItems" => holds(value.as_array().is_none_or(|items| items.len() as u64 >= says.as_u64().unwrap()), keyword, value)?,
            "maxItems" => holds(value.as_array().is_none_or(|items| items.len() as u64 <= says.as_u64().unwrap()), keyword, value)?,
            "required" => {
                let lacks = says.as_array().unwrap().iter().find(|name| value.get(name.as_str().unwrap()).is_none());
                holds(lacks.is_none(), &format!("without {lacks:?}"), value)?;
            }
            "properties" => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    let schema = says.get(name).ok_or_else(|| format!("{name} is not in the schema"))?;
                    fits(document, schema, member).map_err(|why| format!("{name}: {why}"))?;
                }
            }
            "items" => value.as_array().into_iter().flatten().try_for_each(|item| fits(document, says, item))?,
            "contentSchema" => fits(document, says, &serde_json::from_str(value.as_str().unwrap()).unwrap())?,
            // Unknown members are refused in any case; what a text looks like is not looked at.
            "additionalProperties"
            | "pattern"
            | "format"
            | "minLength"
            | "maxLength"
            | "$schema"
            | "$id"
            | "$defs"
            | "title"
            | "description"
            | "examples"
            | "default"
            | "contentMediaType" => {}
            other => panic!("{other} is not looked at"),
        }
    }
    Ok(())
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}

/// What is in none of the courses, with every member there can be.
fn other_events() -> Vec<Body> {
    let session_id = LotSessionId(Uuid::from_u128(8));
    let reason = || "网络故障".to_owned();
    let reserve = Some(OpenedReserve { amount: Money::fen(10_000), salt: "05".repeat(16) });
    let award = UnitAward { bidder: name(1), units: 2, price: Money::fen(20_000) };
    let (closes_at, opens_at, opens_by) = (at(3_600), Some(at(60)), Some(at(1_800)));
    vec![
        Body::BidderSuspended { bidder: name(1) },
        Body::BidderReinstated { bidder: name(1) },
        Body::Sold { bidder: name(1), price: Money::fen(20_000), reserve: reserve.clone(), awards: vec![award] },
        Body::Unsold { reason: "below_reserve".into(), reserve },
        Body::Aborted { reason: "not_curable".into(), note: Some(reason()) },
        Body::Paused { reason: reason(), session_id: Some(session_id) },
        Body::Resumed { reason: Some(reason()), session_id: Some(session_id), shifted_us: 1, opens_at, opens_by, closes_at },
        Body::Extended { reason: reason(), session_id: Some(session_id), seconds: 60, closes_at },
        Body::ExtendedForOutage { began_at: at(1), ended_at: at(2), closes_at, opens_at },
        Body::Postponed { reason: reason(), opens_at: at(60), opens_by, closes_at },
        Body::SessionJoined { session_id, ordinal: 1, closes_at, hosted: true, opens_by },
        Body::TurnCame { opens_by: at(1_800) },
    ]
}

#[test]
fn courses_of_every_format_are_as_the_schema_has_them() {
    let document = document();
    let told = |course: &Value| fits(&document, &document, course);
    for one in made::all() {
        assert_eq!(told(&json!(one.course)), Ok(()), "{}", one.name);
    }
    assert_eq!(told(&json!(naming(&made::all()[0].course, &[1]))), Ok(()), "with its buyer");
    let course = json!(made::all()[0].course);
    let with = |place: &str, value: Value| {
        let mut other = course.clone();
        *other.pointer_mut(place).unwrap() = value;
        told(&other)
    };
    let terms = course["terms_text"].as_str().unwrap();
    let bid = course["events"][3]["body_text"].as_str().unwrap();
    assert!(with("/terms_text", terms.replacen("\"min_bidders\":1,", "", 1).into()).is_err());
    assert!(with("/terms_text", terms.replacen("hard_close", "closed", 1).into()).is_err());
    assert!(with("/events/3/body_text", bid.replacen("\"bidder\"", "\"biddr\"", 1).into()).is_err());
    assert!(with("/events/3/body_text", bid.replacen("bid_placed", "bid_made", 1).into()).is_err());
    assert!(with("/schema_version", json!(2)).is_err());
    assert!(with("/outcome", json!({})).is_err());
}

#[test]
fn every_kind_of_event_is_as_the_schema_has_it() {
    let document = document();
    let schema = json!({"$ref": "#/$defs/LotEventBody"});
    let read = |text: &String| serde_json::from_str::<Body>(text).unwrap();
    let mut events = other_events();
    for one in made::all() {
        events.extend(one.course.events.iter().map(|event| read(&event.body_text)));
    }
    let kinds: BTreeSet<_> = events.iter().map(Body::kind).collect();
    assert_eq!(kinds, LotEventKind::ALL.iter().copied().collect::<BTreeSet<_>>(), "there is one of every kind");
    assert_eq!(document["$defs"]["LotEventBody"]["oneOf"].as_array().unwrap().len(), kinds.len());
    for event in events {
        assert_eq!(fits(&document, &schema, &json!(event)), Ok(()), "{event:?}");
    }
}
