//! Dated rule parameters and the rulebook that holds them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::identity::SellerClass;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::dated::{Dated, Scope, applicable};
use super::errata::ErratumRule;
use super::redaction::RedactionRule;
use super::{Snapshot, SnapshotEntry, Span, Value};

/// How well a rule is founded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleStatus {
    /// Read in the source named.
    Read,
    /// Known, but the source has not been read yet.
    ToConfirm,
    /// No public rule fixes it; the platform's own.
    Design,
}

/// One version of one rule parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What the code calls it, such as `listing_period`.
    pub name: String,
    /// What it is called in Chinese.
    pub zh: String,
    /// What it is called in English.
    pub en: String,
    /// The only class of seller it is for; absent for every class without a row of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<SellerClass>,
    /// What applies unless an announcement says otherwise.
    pub value: Value,
    /// The least an announcement may choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// The most an announcement may choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// The first day in force.
    pub effective_from: NaiveDate,
    /// The last day in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_to: Option<NaiveDate>,
    /// The document and article it comes from.
    pub source: String,
    /// How well it is founded.
    pub status: RuleStatus,
    /// What else there is to know, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Dated for Parameter {
    fn scope(&self) -> Scope {
        Scope { class: self.class, from: self.effective_from, to: self.effective_to }
    }
}

/// One edition of all rules, read-only once parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rulebook {
    /// The number of the edition.
    pub version: i64,
    /// Every version of every parameter, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// What the public may see.
    pub redaction: Vec<RedactionRule>,
    /// What of a notice an erratum may set right.
    pub errata: Vec<ErratumRule>,
}

/// A parameter as it applies on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The version that applies.
    pub parameter: &'a Parameter,
    /// Whether the day lies before that version came into force, or after it was repealed without
    /// a successor.
    pub not_in_force: bool,
}

/// Why a rulebook cannot be read, or a question to it not be answered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RulebookError {
    /// Not TOML of the expected form; unknown keys are refused too.
    #[error("{file} cannot be read: {reason}")]
    Malformed {
        /// Which of the two files, `parameters` or `redaction`.
        file: &'static str,
        /// What is wrong, with its place.
        reason: String,
    },
    /// Two rows for one thing and class on the same day.
    #[error("{name} has two rows for one class ({class:?}) on the same day")]
    Repeated {
        /// The parameter or redacted field.
        name: String,
        /// The class both rows are for.
        class: Option<SellerClass>,
    },
    /// A row whose last day comes before its first.
    #[error("{name} ends before it begins ({class:?})")]
    EndsBeforeItBegins {
        /// The parameter or redacted field.
        name: String,
        /// The class the row is for.
        class: Option<SellerClass>,
    },
    /// A row that opens later what it never withholds, or at once what it does.
    #[error("{name} opens what it does not withhold ({class:?})")]
    OpensNothing {
        /// The redacted field.
        name: String,
        /// The class the row is for.
        class: Option<SellerClass>,
    },
    /// Values or bounds of one parameter are of different kinds.
    #[error("{name} mixes kinds of values: {one} and {other}")]
    MixedKinds {
        /// The parameter.
        name: String,
        /// One kind.
        one: &'static str,
        /// Another kind.
        other: &'static str,
    },
    /// A row whose own bounds exclude its value, or do not certainly include it.
    #[error("the bounds of {name} exclude its value ({class:?})")]
    BoundsExcludeValue {
        /// The parameter.
        name: String,
        /// The class the row is for.
        class: Option<SellerClass>,
    },
    /// No parameter of that name, or none for that class.
    #[error("no rule parameter {name} applies")]
    Unknown {
        /// The name asked for.
        name: String,
    },
    /// The parameter has a value of another kind.
    #[error("rule parameter {name} is a {found}, not a {wanted}")]
    OfAnotherKind {
        /// The name asked for.
        name: String,
        /// The kind asked for.
        wanted: &'static str,
        /// The kind it has.
        found: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ParameterFile {
    parameter: Vec<Parameter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RedactionFile {
    rule: Vec<RedactionRule>,
    /// Editions from before there were errata have none.
    #[serde(default)]
    erratum: Vec<ErratumRule>,
}

impl Rulebook {
    /// Reads an edition from its two files.
    ///
    /// Refuses unknown keys, two rows for one thing and class on the same day, rows that end before
    /// they begin, rows that open what they do not withhold, values of different kinds under one name, and bounds
    /// that exclude the value.
    pub fn parse(version: i64, parameters_toml: &str, redaction_toml: &str) -> Result<Self, RulebookError> {
        let parameters = read::<ParameterFile>("parameters", parameters_toml)?.parameter;
        let RedactionFile { rule: redaction, erratum: errata } = read("redaction", redaction_toml)?;
        check_dates(&parameters, |row| row.name.clone())?;
        check_dates(&redaction, |row| format!("{} ({:?})", row.field, row.audience))?;
        check_dates(&errata, |row| format!("{} ({:?})", row.field, row.notice))?;
        if let Some(row) = redaction.iter().find(|row| !row.opens_soundly()) {
            return Err(RulebookError::OpensNothing { name: row.field.clone(), class: row.class });
        }
        for row in &parameters {
            let namesake = parameters.iter().find(|other| other.name == row.name).unwrap_or(row);
            check_values(row, namesake.value.kind())?;
        }
        Ok(Self { version, parameters, redaction, errata })
    }

    /// The parameter `name` as it applies to sellers of `class` on the day `on`.
    ///
    /// A row of the class itself comes before one for every class. Before its first version has come
    /// into force, the first applies all the same, marked `not_in_force`. Fails if no row is meant
    /// for the class.
    pub fn find(&self, name: &str, class: Option<SellerClass>, on: NaiveDate) -> Result<Found<'_>, RulebookError> {
        let versions = self.parameters.iter().filter(|row| row.name == name);
        applicable(versions, class, on)
            .map(|(parameter, in_force)| Found { parameter, not_in_force: !in_force })
            .ok_or_else(|| RulebookError::Unknown { name: name.to_owned() })
    }

    /// A span of time; fails as [`find`](Self::find) does, or if the parameter is none.
    pub fn span(&self, name: &str, class: Option<SellerClass>, on: NaiveDate) -> Result<Span, RulebookError> {
        let value = &self.find(name, class, on)?.parameter.value;
        typed(name, value, "span", value.as_span())
    }

    /// A rate in ten-thousandths; fails as [`find`](Self::find) does, or if the parameter is none.
    pub fn basis_points(&self, name: &str, class: Option<SellerClass>, on: NaiveDate) -> Result<u32, RulebookError> {
        let value = &self.find(name, class, on)?.parameter.value;
        typed(name, value, "rate", value.as_basis_points())
    }

    /// A number of things; fails as [`find`](Self::find) does, or if the parameter is none.
    pub fn count(&self, name: &str, class: Option<SellerClass>, on: NaiveDate) -> Result<u32, RulebookError> {
        let value = &self.find(name, class, on)?.parameter.value;
        typed(name, value, "count", value.as_count())
    }

    /// A yes or no; fails as [`find`](Self::find) does, or if the parameter is none.
    pub fn flag(&self, name: &str, class: Option<SellerClass>, on: NaiveDate) -> Result<bool, RulebookError> {
        let value = &self.find(name, class, on)?.parameter.value;
        typed(name, value, "flag", value.as_flag())
    }

    /// An amount in minor units and its currency; fails as [`find`](Self::find) does, or if the
    /// parameter is none.
    pub fn money(&self, name: &str, class: Option<SellerClass>, on: NaiveDate) -> Result<(i64, &str), RulebookError> {
        let value = &self.find(name, class, on)?.parameter.value;
        typed(name, value, "amount", value.as_money())
    }

    /// Every parameter that applies to sellers of `class` on the day `on`, by name.
    pub fn snapshot(&self, class: SellerClass, on: NaiveDate) -> Snapshot {
        let names: BTreeSet<_> = self.parameters.iter().map(|row| row.name.as_str()).collect();
        let found = names.into_iter().filter_map(|name| self.find(name, Some(class), on).ok());
        let parameters = found
            .map(|Found { parameter, not_in_force }| SnapshotEntry {
                name: parameter.name.clone(),
                value: parameter.value.clone(),
                min: parameter.min.clone(),
                max: parameter.max.clone(),
                source: parameter.source.clone(),
                not_in_force,
            })
            .collect();
        Snapshot { version: self.version, class, on, parameters }
    }
}

/// The content of a value of the kind that was asked for.
pub(super) fn typed<T>(name: &str, value: &Value, wanted: &'static str, content: Option<T>) -> Result<T, RulebookError> {
    let found = value.kind();
    content.ok_or_else(|| RulebookError::OfAnotherKind { name: name.to_owned(), wanted, found })
}

fn read<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, RulebookError> {
    toml::from_str(text).map_err(|error| RulebookError::Malformed { file, reason: error.to_string() })
}

fn check_dates<T: Dated>(rows: &[T], name: impl Fn(&T) -> String) -> Result<(), RulebookError> {
    for (index, row) in rows.iter().enumerate() {
        let scope = row.scope();
        if !scope.is_sound() {
            return Err(RulebookError::EndsBeforeItBegins { name: name(row), class: scope.class });
        }
        let mut earlier = rows.iter().take(index);
        if earlier.any(|other| name(other) == name(row) && other.scope().clashes(&scope)) {
            return Err(RulebookError::Repeated { name: name(row), class: scope.class });
        }
    }
    Ok(())
}

fn check_values(row: &Parameter, one: &'static str) -> Result<(), RulebookError> {
    let values = [Some(&row.value), row.min.as_ref(), row.max.as_ref()];
    for other in values.into_iter().flatten().map(Value::kind) {
        if other != one {
            return Err(RulebookError::MixedKinds { name: row.name.clone(), one, other });
        }
    }
    if !row.value.lies_within(row.min.as_ref(), row.max.as_ref()) {
        return Err(RulebookError::BoundsExcludeValue { name: row.name.clone(), class: row.class });
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
