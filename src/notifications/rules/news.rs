//! An event as it is told: what the catalogue knows of it.

use entity::Timestamp;
use entity::ids::OrganisationId;
use entity::platform::event;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::notifications::catalogue::{self, Kind, Party};
use crate::notifications::events::{TRIGGERED, Triggered};

/// An event as it is told.
#[derive(Clone, Debug)]
pub struct News {
    /// As which kind.
    pub kind: &'static Kind,
    /// Its body.
    pub body: Value,
    /// It was triggered in sandbox and did not happen.
    pub test: bool,
    /// To this organisation and to nobody else.
    pub only_to: Option<OrganisationId>,
}

impl News {
    /// Reads an event. What the catalogue does not know is told to nobody.
    pub fn of(event: &event::Model) -> Option<Self> {
        if event.kind == TRIGGERED {
            let stands_for: Triggered = serde_json::from_str(&event.body).ok()?;
            let kind = catalogue::find(&stands_for.kind)?;
            return Some(Self { kind, body: stands_for.data, test: true, only_to: stands_for.organisation_id });
        }
        let kind = catalogue::find(&event.kind)?;
        let body = serde_json::from_str(&event.body).ok()?;
        // Whoever only took part is told no more than everybody; who is more than that has news of its own.
        let body = if kind.told.contains(&Party::Bidders) { kind.public_part(body) } else { body };
        Some(Self { kind, body, test: false, only_to: None })
    }

    /// Whether everybody may know of it.
    pub fn is_public(&self) -> bool {
        self.kind.public && self.only_to.is_none()
    }

    /// An id its body names.
    pub fn id<T: From<Uuid>>(&self, name: &str) -> Option<T> {
        self.body.get(name)?.as_str()?.parse::<Uuid>().ok().map(T::from)
    }
}

/// What is sent to a webhook: the same bytes for the same event, however often. For who is not concerned
/// only what is public of it.
pub fn payload(event: &event::Model, is_public: bool) -> Option<String> {
    Some(said(event, News::of(event)?, is_public).to_string())
}

/// What everybody is told of an event, and as which kind: the same with its id, its place in the order and the time at which it is said.
/// Nothing where it is not public or has no place yet.
pub fn told_to_all(event: &event::Model, now: Timestamp) -> Option<(&'static Kind, String)> {
    let (position, news) = (event.position?, News::of(event)?);
    if !news.is_public() {
        return None;
    }
    let kind = news.kind;
    let mut said = said(event, news, true);
    said["id"] = json!(event.id);
    said["position"] = position.into();
    said["server_time"] = json!(now);
    Some((kind, said.to_string()))
}

fn said(event: &event::Model, news: News, is_public: bool) -> Value {
    let News { kind, body, test, .. } = news;
    let data = if is_public { kind.public_part(body) } else { body };
    let mut said = json!({
        "type": kind.name,
        "timestamp": event.occurred_at,
        "subject": {"kind": event.subject_kind, "id": event.subject_id},
        "data": data,
    });
    if test {
        said["test"] = true.into();
    }
    said
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn event(kind: &str, body: &Value) -> event::Model {
        event::Model {
            seq: 9,
            id: Uuid::from_u128(1).into(),
            kind: kind.into(),
            subject_kind: "deal".into(),
            subject_id: Uuid::from_u128(2),
            body: body.to_string(),
            occurred_at: DateTime::from_timestamp_micros(1_772_413_200_000_001).unwrap(),
            position: Some(7),
        }
    }

    #[test]
    fn the_public_is_told_less_than_those_concerned() {
        let body = catalogue::find("deal.result_published").unwrap().example();
        let told: Value = serde_json::from_str(&payload(&event("deal.result_published", &body), false).unwrap()).unwrap();
        assert_eq!(told["data"], body);
        assert_eq!((&told["type"], &told["subject"]["kind"]), (&json!("deal.result_published"), &json!("deal")));
        assert!(told["timestamp"].as_str().unwrap().ends_with('Z') && told.get("test").is_none());
        let public: Value = serde_json::from_str(&payload(&event("deal.result_published", &body), true).unwrap()).unwrap();
        assert_eq!(public["data"].get("buyer_admission_id"), None);
        assert_eq!(public["data"]["deal_id"], body["deal_id"]);
    }

    #[test]
    fn what_stands_for_another_kind_is_told_as_that_kind_and_marked() {
        let kind = catalogue::find("lot.closed").unwrap();
        let triggered = serde_json::to_value(Triggered::new(kind, None, Uuid::from_u128(3))).unwrap();
        let news = News::of(&event(TRIGGERED, &triggered)).unwrap();
        assert!(news.test && news.is_public());
        let said: Value = serde_json::from_str(&payload(&event(TRIGGERED, &triggered), true).unwrap()).unwrap();
        assert_eq!((&said["type"], &said["test"], &said["data"]), (&json!("lot.closed"), &json!(true), &kind.public_part(kind.example())));
        let own = serde_json::to_value(Triggered::new(kind, Some(Uuid::from_u128(4).into()), Uuid::from_u128(3))).unwrap();
        assert!(!News::of(&event(TRIGGERED, &own)).unwrap().is_public(), "meant for one");
    }

    #[test]
    fn everybody_is_told_what_a_webhook_of_the_market_is_and_where_it_stands() {
        let body = catalogue::find("deal.result_published").unwrap().example();
        let public = event("deal.result_published", &body);
        let (kind, said) = told_to_all(&public, public.occurred_at).unwrap();
        let mut said: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((kind.name, said["position"].take(), said["id"].take()), ("deal.result_published", json!(7), json!(public.id)));
        assert_eq!(said["server_time"].take(), said["timestamp"]);
        let members = said.as_object_mut().unwrap();
        members.retain(|_, value| !value.is_null());
        assert_eq!(said.to_string(), payload(&public, true).unwrap());
    }

    #[test]
    fn everybody_is_told_of_nothing_that_is_not_public_or_has_no_place() {
        let told = |event: &event::Model| told_to_all(event, event.occurred_at).map(|(kind, _)| kind.name);
        for kind in catalogue::KINDS {
            let event = event(kind.name, &kind.example());
            assert_eq!(told(&event).is_some(), kind.public, "{}", kind.name);
            assert_eq!(told(&event::Model { position: None, ..event }), None, "{}", kind.name);
        }
        let kind = catalogue::find("lot.closed").unwrap();
        for (only_to, as_kind) in [(None, Some("lot.closed")), (Some(Uuid::from_u128(4).into()), None)] {
            let triggered = serde_json::to_value(Triggered::new(kind, only_to, Uuid::from_u128(3))).unwrap();
            assert_eq!(told(&event(TRIGGERED, &triggered)), as_kind);
        }
    }

    #[test]
    fn what_the_catalogue_does_not_know_is_told_to_nobody() {
        assert!(News::of(&event("painting.hung", &json!({}))).is_none());
    }
}
