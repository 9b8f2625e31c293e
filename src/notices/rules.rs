//! How a notice is frozen, who may put it out, and when it is over.

pub mod attachment;
pub mod both_places;
pub mod correction;
pub mod difference;
pub mod objecting;
pub mod period;
pub mod proposal;
pub mod redaction;
pub mod takedown;
pub mod words;

use std::collections::BTreeSet;

use entity::Timestamp;
use entity::ids::{ListingId, NegotiationId, OpenLicenceId, PersonId, RightsGrantId};
use entity::notices::{NoticeState, notice};
use serde_json::Value;

use crate::platform::problem::{Code, Problem};

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A listing, and what comes of it.
    Listing(ListingId),
    /// A sale at a negotiated price.
    Negotiation(NegotiationId),
    /// A grant of rights to the completers of an achievement.
    RightsGrant(RightsGrantId),
    /// The declaration of an open licence.
    OpenLicence(OpenLicenceId),
}

impl Matter {
    /// What a notice is about; the database sees to it that it is one of the four.
    pub fn of(notice: &notice::Model) -> Result<Self, Problem> {
        let (negotiation, grant) = (notice.negotiation_id.map(Self::Negotiation), notice.rights_grant_id.map(Self::RightsGrant));
        let licence = notice.open_licence_id.map(Self::OpenLicence);
        notice.listing_id.map(Self::Listing).or(negotiation).or(grant).or(licence).ok_or_else(|| Code::Internal.into())
    }

    /// The listing, where it is one.
    pub fn listing(self) -> Option<ListingId> {
        match self {
            Self::Listing(id) => Some(id),
            Self::Negotiation(_) | Self::RightsGrant(_) | Self::OpenLicence(_) => None,
        }
    }

    /// The negotiation, where it is one.
    pub fn negotiation(self) -> Option<NegotiationId> {
        match self {
            Self::Negotiation(id) => Some(id),
            Self::Listing(_) | Self::RightsGrant(_) | Self::OpenLicence(_) => None,
        }
    }

    /// The grant of rights, where it is one.
    pub fn rights_grant(self) -> Option<RightsGrantId> {
        match self {
            Self::RightsGrant(id) => Some(id),
            Self::Listing(_) | Self::Negotiation(_) | Self::OpenLicence(_) => None,
        }
    }

    /// The open licence, where it is one.
    pub fn open_licence(self) -> Option<OpenLicenceId> {
        match self {
            Self::OpenLicence(id) => Some(id),
            Self::Listing(_) | Self::Negotiation(_) | Self::RightsGrant(_) => None,
        }
    }
}

/// The one text of a JSON value: members sorted by name, nothing between the tokens.
///
/// Where every number is whole and below 2^53, as in notices, this is the text of RFC 8785, so anyone
/// can make it from the parsed content with a library of his own.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            text.push('{');
            for (place, (name, member)) in members.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_value(member, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write_value(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

/// Whose matter a text says that it is; nothing where it withholds that.
pub fn seller_named(content: &Value) -> Option<&str> {
    let places = ["/seller/name", "/seller_name", "/unit/name", "/patentee/name"];
    places.into_iter().find_map(|place| content.pointer(place).and_then(Value::as_str))
}

/// The persons of a stored list of those who must stand aside. A list that cannot be read lets
/// nobody through.
pub fn barred(persons: &Value) -> Result<Vec<PersonId>, Problem> {
    serde_json::from_value(persons.clone()).map_err(|_| Code::Internal.into())
}

/// A stored list of those who must stand aside, with some more.
pub fn also_barred(persons: &Value, more: &[PersonId]) -> Result<Value, Problem> {
    let all: BTreeSet<_> = barred(persons)?.into_iter().chain(more.iter().copied()).collect();
    serde_json::to_value(all).map_err(|_| Code::Internal.into())
}

/// Refuses a person who decided the case.
pub fn second_person(barred_persons: &Value, person: PersonId) -> Result<(), Problem> {
    if barred(barred_persons)?.contains(&person) {
        return Err(Code::SamePerson.into());
    }
    Ok(())
}

/// Puts a draft out, once, by somebody who did not decide the case.
pub fn publish(held: &notice::Model, publisher: PersonId, ends_at: Option<Timestamp>, now: Timestamp) -> Result<notice::Model, Problem> {
    second_person(&held.barred_persons, publisher)?;
    if held.state != NoticeState::Drafted {
        return Err(Code::WrongState.with("state", held.state).with("allowed", Vec::<&str>::new()));
    }
    Ok(notice::Model {
        state: NoticeState::Published,
        published_by: Some(publisher),
        published_at: Some(now),
        ends_at,
        version: held.version + 1,
        ..held.clone()
    })
}

/// The notice with a text of its own for what was agreed anew: its period begins again, once its page is there.
pub fn revised(held: &notice::Model, ends_at: Timestamp, now: Timestamp) -> Result<notice::Model, Problem> {
    if !matches!(held.state, NoticeState::Published | NoticeState::Ended) {
        return Err(Code::WrongState.with("state", held.state).with("allowed", Vec::<&str>::new()));
    }
    Ok(notice::Model {
        state: NoticeState::Published,
        current_version: held.current_version + 1,
        ends_at: Some(ends_at),
        revised_at: Some(now),
        final_at: None,
        version: held.version + 1,
        ..held.clone()
    })
}

/// The notice with a text that tells what the one before withheld until a date: nothing else about it changes, whether its period runs or
/// has ended. Nothing of a draft, nor of what stands no more.
pub fn opened(held: &notice::Model) -> Option<notice::Model> {
    let is_public = matches!(held.state, NoticeState::Published | NoticeState::Ended);
    is_public.then(|| notice::Model { current_version: held.current_version + 1, version: held.version + 1, ..held.clone() })
}

/// The notice once nothing about it is open any more (终局): its period is over, and so is whatever was objected to. Nothing before, and
/// nothing where it is already.
pub fn made_final(held: &notice::Model, now: Timestamp) -> Option<notice::Model> {
    let is_due = held.state == NoticeState::Ended && held.final_at.is_none();
    is_due.then(|| notice::Model { final_at: Some(now), version: held.version + 1, ..held.clone() })
}

#[cfg(test)]
pub mod examples {
    //! A notice to test with.

    use chrono::{TimeZone, Utc};
    use entity::ids::{NoticeId, OrganisationId};
    use entity::notices::NoticeKind;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    /// An instant, some seconds after the notice was drafted.
    pub fn at(second: i64) -> Timestamp {
        Utc.timestamp_opt(1_780_000_000 + second, 0).single().unwrap_or_default()
    }

    /// A person.
    pub fn person(number: u128) -> PersonId {
        PersonId(Uuid::from_u128(number))
    }

    /// The draft of a result notice, from whose publication two persons are barred.
    pub fn draft() -> notice::Model {
        notice::Model {
            id: NoticeId(Uuid::from_u128(1)),
            kind: NoticeKind::DealResult,
            state: NoticeState::Drafted,
            listing_id: Some(ListingId(Uuid::from_u128(2))),
            negotiation_id: None,
            rights_grant_id: None,
            open_licence_id: None,
            deal_id: None,
            organisation_id: OrganisationId(Uuid::from_u128(3)),
            barred_persons: json!([person(7), person(8)]),
            current_version: 1,
            published_by: None,
            published_at: None,
            ends_at: None,
            period: None,
            taken_down_at: None,
            city: None,
            field: None,
            corrected_at: None,
            revised_at: None,
            final_at: None,
            withdrawn_at: None,
            withdrawal_reason: None,
            version: 1,
            created_at: at(0),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::examples::{at, draft, person};
    use super::*;

    #[test]
    fn the_canonical_text_is_sorted_and_compact() {
        let content = json!({"b": [1, {"z": null, "a": true}], "a": "成交\n\"公示\"", "€": 1, "\u{1F600}": 2, "\u{FB33}": 3});
        // An emoji is two units from U+D800 on and so sorts before U+FB33.
        let expected = "{\"a\":\"成交\\n\\\"公示\\\"\",\"b\":[1,{\"a\":true,\"z\":null}],\"€\":1,\"\u{1F600}\":2,\"\u{FB33}\":3}";
        assert_eq!(canonical(&content), expected);
        assert_eq!(canonical(&json!({})), "{}");
        assert_eq!(canonical(&json!([])), "[]");
    }

    #[test]
    fn a_draft_is_published_once() {
        let published = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        assert_eq!((published.state, published.version), (NoticeState::Published, 2));
        assert_eq!((published.published_by, published.published_at, published.ends_at), (Some(person(1)), Some(at(5)), Some(at(60))));
        assert_eq!(publish(&published, person(1), None, at(6)).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn it_is_final_once_and_only_when_it_has_ended() {
        let public = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        assert_eq!(made_final(&public, at(60)), None);
        let ended = notice::Model { state: NoticeState::Ended, ..public };
        let last = made_final(&ended, at(61)).unwrap();
        assert_eq!((last.final_at, made_final(&last, at(62))), (Some(at(61)), None));
        let again = revised(&last, at(90), at(70)).unwrap();
        assert_eq!((again.state, again.final_at, again.revised_at), (NoticeState::Published, None, Some(at(70))));
        assert_eq!((again.current_version, again.ends_at), (2, Some(at(90))));
    }

    #[test]
    fn what_is_withdrawn_is_not_revised() {
        let public = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        for held in [draft(), notice::Model { state: NoticeState::Withdrawn, ..public }] {
            assert_eq!(revised(&held, at(90), at(70)).unwrap_err().code, Code::WrongState);
        }
    }

    #[test]
    fn what_opens_moves_nothing_and_opens_only_what_is_public() {
        let public = publish(&draft(), person(1), Some(at(60)), at(5)).unwrap();
        for held in [public.clone(), notice::Model { state: NoticeState::Ended, final_at: Some(at(61)), ..public.clone() }] {
            let next = opened(&held).unwrap();
            assert_eq!((next.current_version, next.version), (2, held.version + 1));
            assert_eq!(notice::Model { current_version: 1, version: held.version, ..next }, held);
        }
        for held in [draft(), notice::Model { state: NoticeState::Withdrawn, ..public }] {
            assert_eq!(opened(&held), None);
        }
    }

    #[test]
    fn who_decided_the_case_cannot_publish() {
        assert_eq!(publish(&draft(), person(7), None, at(5)).unwrap_err().code, Code::SamePerson);
        let unreadable = notice::Model { barred_persons: json!("nobody"), ..draft() };
        assert_eq!(publish(&unreadable, person(1), None, at(5)).unwrap_err().code, Code::Internal);
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..8).prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_text_means_the_same_and_is_its_own_canonical_text(value in any_json()) {
            let text = canonical(&value);
            let read: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(canonical(&read), text);
            prop_assert_eq!(read, value);
        }
    }
}
