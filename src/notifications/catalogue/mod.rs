//! The catalogue of events: every kind, in words of both languages, whom it concerns, what the public
//! may know of it, the schema of its body, and an example.

pub mod asyncapi;
mod bodies;
mod table;

use serde_json::{Map, Value, json};

pub use bodies::Body;
pub use table::KINDS;

/// An organisation an event concerns, found by the ids in its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The one the body names.
    Organisation,
    /// Whose listing it is, who sells at a negotiated price, who grants rights, or whose open licence it is.
    Seller,
    /// The buyer of the deal.
    Buyer,
    /// Both parties of the sale at a negotiated price.
    Negotiators,
    /// Who grants the licence, and who holds or takes it.
    Licensing,
    /// Both sides of what is filed, or of a right that passed.
    Recording,
    /// Whose admission it is.
    Applicant,
    /// Everybody admitted to the lot.
    Bidders,
    /// Everybody who has applied for the lot of the listing and was not sent away; or who buys at a negotiated price.
    Registered,
}

impl Party {
    /// Its code in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Seller => "seller",
            Self::Buyer => "buyer",
            Self::Negotiators => "negotiators",
            Self::Licensing => "licensing",
            Self::Recording => "recording",
            Self::Applicant => "applicant",
            Self::Bidders => "bidders",
            Self::Registered => "registered",
        }
    }
}

/// A kind of event.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name, `noun.verb`.
    pub name: &'static str,
    /// What kind of thing it is about; events of one thing are told in order.
    pub subject: &'static str,
    /// What its body is.
    pub body: Body,
    /// What it says in Chinese; `{name}` stands for a member of the body.
    pub zh: &'static str,
    /// What it says in English.
    pub en: &'static str,
    /// Whom it concerns.
    pub told: &'static [Party],
    /// Whether everybody may know of it.
    pub public: bool,
    /// Members of the body that are for those concerned only.
    pub hidden: &'static [&'static str],
    /// Whether members get it by letter unless they choose otherwise: it calls for a deed or bears a deadline.
    pub by_letter: bool,
    /// The state its body speaks of, where it is always the same.
    state: Option<&'static str>,
}

impl Kind {
    const fn new(name: &'static str, subject: &'static str, body: Body, zh: &'static str, en: &'static str) -> Self {
        Self { name, subject, body, zh, en, told: &[], public: false, hidden: &[], by_letter: false, state: None }
    }

    const fn to(self, told: &'static [Party]) -> Self {
        Self { told, ..self }
    }

    const fn in_state(self, state: &'static str) -> Self {
        Self { state: Some(state), ..self }
    }

    const fn open(self) -> Self {
        Self { public: true, ..self }
    }

    const fn by_letter(self) -> Self {
        Self { by_letter: true, ..self }
    }

    const fn hiding(self, hidden: &'static [&'static str]) -> Self {
        Self { hidden, ..self }
    }

    /// Whether anybody outside the platform is ever told of it.
    pub fn is_told(&self) -> bool {
        self.public || !self.told.is_empty()
    }

    /// A body as it might be.
    pub fn example(&self) -> Value {
        let mut example = self.body.example();
        if let Some(state) = self.state {
            example["state"] = state.into();
        }
        example
    }

    /// The body without what is not public.
    pub fn public_part(&self, mut body: Value) -> Value {
        if let Value::Object(members) = &mut body {
            members.retain(|name, _| !self.hidden.contains(&name.as_str()));
        }
        body
    }

    /// The sentence of the language, with the body's members put in.
    pub fn sentence(&self, english: bool, body: &Value) -> String {
        let mut text = if english { self.en } else { self.zh }.to_owned();
        for (name, value) in body.as_object().into_iter().flatten() {
            let spoken = match value {
                Value::String(text) => text.clone(),
                Value::Object(money) => money.get("amount").and_then(Value::as_str).unwrap_or_default().to_owned(),
                other => other.to_string(),
            };
            text = text.replace(&format!("{{{name}}}"), &spoken);
        }
        text
    }
}

/// The kind of this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// Those kinds somebody outside is told of.
pub fn told() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| kind.is_told())
}

/// Those kinds that come into inboxes.
pub fn for_inboxes() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(|kind| !kind.told.is_empty())
}

/// The schemas of all bodies, by name.
pub fn schemas() -> Map<String, Value> {
    let found = told().flat_map(|kind| kind.body.schemas());
    found.filter_map(|(name, schema)| Some((name, serde_json::to_value(schema).ok()?))).collect()
}

/// Where the schema of a kind's body lies, in the catalogue and in the AsyncAPI document alike.
pub fn reference(kind: &Kind) -> Value {
    json!({"$ref": format!("#/components/schemas/{}", kind.body.name())})
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_is_said_once_in_both_languages_and_of_its_subject() {
        let names: BTreeSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        for kind in KINDS {
            assert!(!kind.zh.is_empty() && !kind.en.is_empty(), "{}", kind.name);
            assert!(kind.hidden.is_empty() || kind.public, "{} hides something from nobody", kind.name);
            assert!(!kind.by_letter || !kind.told.is_empty(), "{} goes by letter to nobody", kind.name);
            let example = kind.example();
            for hidden in kind.hidden {
                assert!(example.get(hidden).is_some(), "{} hides {hidden}, which is not there", kind.name);
            }
        }
    }

    #[test]
    fn no_blank_stays_empty_in_an_example() {
        for kind in told() {
            for english in [false, true] {
                let said = kind.sentence(english, &kind.example());
                assert!(!said.contains('{'), "{}: {said}", kind.name);
            }
        }
    }

    #[test]
    fn whom_a_kind_concerns_can_be_found_by_its_body() {
        for kind in KINDS {
            let example = kind.example();
            for party in kind.told {
                let needed = match party {
                    Party::Organisation | Party::Recording => "organisation_id",
                    Party::Seller | Party::Registered => "listing_id",
                    Party::Buyer => "deal_id",
                    Party::Negotiators => "negotiation_id",
                    Party::Licensing => "licensor_id",
                    Party::Applicant => "admission_id",
                    Party::Bidders => "lot_id",
                };
                assert!(example[needed].is_string(), "{} concerns {party:?} and says no {needed}", kind.name);
            }
        }
    }

    #[test]
    fn who_bids_is_told_to_nobody_else() {
        for kind in KINDS.iter().filter(|kind| kind.name.starts_with("admission.")) {
            assert_eq!((kind.told, kind.public), ([Party::Applicant].as_slice(), false), "{}", kind.name);
        }
        let result = find("deal.result_published").unwrap();
        assert!(result.public_part(result.example()).get("buyer_admission_id").is_none());
    }

    /// As far as our schemas go: type, properties, required, enumerations, references.
    fn fits(value: &Value, schema: &Value, all: &Map<String, Value>) -> bool {
        if let Some(name) = schema["$ref"].as_str() {
            return fits(value, &all[name.rsplit('/').next().unwrap()], all);
        }
        if let Some(ways) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
            return ways.iter().any(|way| fits(value, way, all));
        }
        if let Some(parts) = schema["allOf"].as_array() {
            return parts.iter().all(|part| fits(value, part, all));
        }
        let is = |kind: &Value| match kind.as_str().unwrap_or_default() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "integer" => value.is_i64(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            _ => false,
        };
        let of_type = match &schema["type"] {
            Value::Array(kinds) => kinds.iter().any(is),
            kind => is(kind),
        };
        let known = schema["enum"].as_array().is_none_or(|codes| codes.contains(value));
        let formatted = match schema["format"].as_str() {
            Some("uuid") => value.as_str().is_none_or(|text| uuid::Uuid::parse_str(text).is_ok()),
            Some("date-time") => value.as_str().is_none_or(|text| chrono::DateTime::parse_from_rfc3339(text).is_ok()),
            _ => true,
        };
        let members = value.as_object().is_none_or(|members| {
            members.iter().all(|(name, member)| schema["properties"].get(name).is_some_and(|schema| fits(member, schema, all)))
                && schema["required"].as_array().into_iter().flatten().all(|name| members.contains_key(name.as_str().unwrap()))
        });
        let items = value.as_array().is_none_or(|items| items.iter().all(|item| fits(item, &schema["items"], all)));
        of_type && known && formatted && members && items
    }

    #[test]
    fn every_example_fits_its_schema() {
        let all = schemas();
        for kind in told() {
            assert!(fits(&kind.example(), &reference(kind), &all), "{}: {} {}", kind.name, kind.example(), all[kind.body.name().as_str()]);
        }
        let mut wrong = find("lot.closed").unwrap().example();
        wrong["state"] = "elsewhere".into();
        assert!(!fits(&wrong, &reference(find("lot.closed").unwrap()), &all));
    }

    /// Every text in the source that names an event is a kind of the catalogue, and none of those is idle.
    #[test]
    fn every_kind_in_the_code_is_in_the_catalogue() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut found = BTreeSet::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    if path != root.join("notifications/catalogue") {
                        folders.push(path);
                    }
                } else if path.extension().is_some_and(|ending| ending == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    // Only files that make events can bring new kinds.
                    if text.contains("Event") {
                        found.extend(literals(&text).into_iter().map(ToOwned::to_owned));
                    }
                }
            }
        }
        let known: BTreeSet<String> = KINDS.iter().map(|kind| kind.name.to_owned()).collect();
        assert_eq!(found, known);
    }

    /// The texts between quotation marks that read `noun.verb`, with a noun of the catalogue; with any noun where
    /// events are declared.
    fn literals(text: &str) -> Vec<&str> {
        let nouns: BTreeSet<&str> = KINDS.iter().filter_map(|kind| kind.name.split_once('.')).map(|(noun, _)| noun).collect();
        let declares = text.contains("impl Event for");
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let pieces = text.split('"');
        let is_kind = |piece: &&str| {
            piece.split_once('.').is_some_and(|(noun, verb)| is_word(verb) && (nouns.contains(noun) || (declares && is_word(noun))))
        };
        pieces.filter(is_kind).collect()
    }
}
