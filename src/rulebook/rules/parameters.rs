//! Dated rule parameters and the rulebook that holds them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::identity::SellerClass;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::dated::{Dated, Scope, applicable};
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
}

impl Rulebook {
    /// Reads an edition from its two files.
    ///
    /// Refuses unknown keys, two rows for one thing and class on the same day, rows that end before
    /// they begin, values of different kinds under one name, and bounds that exclude the value.
    pub fn parse(version: i64, parameters_toml: &str, redaction_toml: &str) -> Result<Self, RulebookError> {
        let parameters = read::<ParameterFile>("parameters", parameters_toml)?.parameter;
        let redaction = read::<RedactionFile>("redaction", redaction_toml)?.rule;
        check_dates(&parameters, |row| row.name.clone())?;
        check_dates(&redaction, |row| format!("{} ({:?})", row.field, row.audience))?;
        for row in &parameters {
            let namesake = parameters.iter().find(|other| other.name == row.name).unwrap_or(row);
            check_values(row, namesake.value.kind())?;
        }
        Ok(Self { version, parameters, redaction })
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
mod tests {
    use super::*;

    const PARAMETERS: &str = include_str!("../../../seeds/rules/parameters.toml");
    const REDACTION: &str = include_str!("../../../seeds/rules/redaction.toml");

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn today() -> NaiveDate {
        day("2026-11-23")
    }

    fn real() -> Rulebook {
        Rulebook::parse(1, PARAMETERS, REDACTION).unwrap()
    }

    /// A row with `keys` in place of, or beside, the usual ones.
    fn row(keys: &[(&str, &str)]) -> String {
        let usual = [
            ("name", "listing_period"),
            ("zh", "挂牌公告期"),
            ("en", "listing period"),
            ("value", "10wd"),
            ("effective_from", "2026-01-01"),
            ("source", "platform rule (design)"),
            ("status", "design"),
        ];
        let kept = usual.iter().filter(|(key, _)| keys.iter().all(|(other, _)| key != other));
        let lines = kept.chain(keys).map(|(key, value)| format!("{key} = \"{value}\"\n"));
        std::iter::once("[[parameter]]\n".to_owned()).chain(lines).collect()
    }

    fn parse(rows: &[String]) -> Result<Rulebook, RulebookError> {
        Rulebook::parse(1, &rows.concat(), REDACTION)
    }

    #[test]
    fn what_the_market_rests_on_is_there() {
        use SellerClass::{Person, Private, Rehearsal, Soe, State};

        let rulebook = real();
        let every = [State, Soe, Private, Person];
        for (name, classes, value, min, max) in [
            ("listing_period", &[State, Private, Person][..], "10wd", "5wd", ""),
            ("listing_period", &[Soe], "20wd", "20wd", ""),
            ("listing_period", &[Rehearsal], "10min", "0wd", ""),
            ("listing_period_mid", &[Soe], "10wd", "10wd", ""),
            ("listing_period_low", &[Soe], "5wd", "5wd", ""),
            ("listing_price_large", &[Soe], "10000000.00CNY", "", ""),
            ("listing_extension", &every, "5wd", "5wd", ""),
            ("listing_extension_limit", &every, "0", "0", "3"),
            ("change_restarts_clock", &every, "true", "true", ""),
            ("auction_lead", &every, "1wd", "1wd", ""),
            ("auction_lead", &[Rehearsal], "0wd", "0wd", ""),
            ("auction_notice", &every, "7d", "7d", ""),
            ("auction_notice", &[Rehearsal], "0d", "0d", ""),
            ("deposit_rate", &[State, Private, Person], "1000bp", "500bp", "2000bp"),
            ("deposit_rate", &[Soe], "1000bp", "500bp", "3000bp"),
            ("deposit_rate", &[Rehearsal], "1000bp", "0bp", "2000bp"),
            ("bid_step_rate", &every, "100bp", "", ""),
            ("descending_allowed", &every, "false", "", ""),
            ("descending_allowed", &[Rehearsal], "true", "", ""),
            ("buy_now_allowed", &[State, Soe], "false", "", ""),
            ("buy_now_allowed", &[Private, Person, Rehearsal], "true", "", ""),
            ("free_period", &every, "24h", "1h", "10d"),
            ("free_period", &[Rehearsal], "24h", "1min", "10d"),
            ("timed_cycle", &every, "5min", "60s", "600s"),
            ("close_grace", &every, "300ms", "", ""),
            ("extend_limit", &every, "24h", "", ""),
            ("outage_least", &every, "30s", "", ""),
            ("outage_window", &every, "5min", "", ""),
            ("bid_jump_factor", &every, "10", "", ""),
            ("bid_jump_factor", &[Rehearsal], "10", "", ""),
            ("dutch_tick", &every, "60s", "10s", "1h"),
            ("dutch_allowed", &[State, Soe], "false", "", ""),
            ("dutch_allowed", &[Private, Person, Rehearsal], "true", "", ""),
            ("proxy_allowed", &every, "true", "", ""),
            ("proxy_allowed", &[Rehearsal], "true", "", ""),
            ("tie_round", &every, "5min", "", ""),
            ("first_price_allowed", &every, "true", "", ""),
            ("one_shot_allowed", &every, "true", "", ""),
            ("vickrey_allowed", &[State, Soe], "false", "", ""),
            ("vickrey_allowed", &[Private, Person, Rehearsal], "true", "", ""),
            ("weighted_allowed", &every, "true", "", ""),
            ("uniform_price_allowed", &every, "true", "", ""),
            ("pay_as_bid_allowed", &every, "true", "", ""),
            ("session_stagger", &every, "5min", "1min", "1h"),
            ("host_lateness", &every, "30min", "", ""),
            ("rounds_allowed", &every, "true", "", ""),
            ("rounds_allowed", &[Rehearsal], "true", "", ""),
            ("rounds_count", &every, "3", "", ""),
            ("rounds_first_pause", &every, "5min", "", ""),
            ("rounds_pause", &every, "2min", "", ""),
            ("rounds_turn", &every, "2min", "", ""),
            ("rounds_result_delay", &every, "2min", "", ""),
            ("refund_losers", &every, "3wd", "", "5wd"),
            ("confirm_deadline", &every, "3wd", "", ""),
            ("contract_deadline", &every, "5wd", "", ""),
            ("pay_deadline", &every, "5wd", "", ""),
            ("publish_result", &every, "3wd", "", "3wd"),
            ("result_notice_period", &every, "5wd", "5wd", ""),
            ("negotiated_notice_period", &[State], "15d", "15d", ""),
            ("negotiated_notice_period", &[Soe, Private, Person], "15d", "", ""),
            ("legal_status_freshness", &every, "7d", "", "7d"),
            ("stale_warning_lead", &every, "3d", "", ""),
            ("preemption_answer", &every, "5min", "", ""),
            ("next_bidder_rule", &every, "false", "", ""),
            ("next_bidder_accept", &every, "3wd", "", ""),
            ("min_bidders", &every, "2", "1", "2"),
            ("relist_discount", &every, "1000bp", "0bp", "1000bp"),
            ("relist_window", &every, "30d", "", "30d"),
            ("commission", &every, "0bp", "0bp", "500bp"),
            ("buyer_name_public", &[State, Soe], "true", "true", ""),
            ("buyer_name_public", &[Private, Person], "false", "", ""),
            ("auction_record_retention", &every, "5y", "5y", ""),
            ("trade_retention", &every, "3y", "3y", ""),
            ("audit_retention", &every, "184d", "184d", ""),
            ("idempotency_retention", &every, "30d", "", ""),
            ("access_token_life", &every, "15min", "", ""),
            ("refresh_token_life", &every, "30d", "", ""),
            ("refresh_token_idle", &every, "7d", "", ""),
            ("invitation_life", &every, "7d", "", ""),
        ] {
            for class in classes {
                let found = rulebook.find(name, Some(*class), today()).unwrap();
                let bound = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
                assert_eq!(found.parameter.value, value.parse().unwrap(), "{name} {class:?}");
                assert_eq!(found.parameter.min, bound(min), "{name} {class:?}");
                assert_eq!(found.parameter.max, bound(max), "{name} {class:?}");
                assert!(!found.not_in_force, "{name} {class:?}");
            }
        }
    }

    #[test]
    fn the_data_are_of_one_style() {
        let rulebook = real();
        for row in &rulebook.parameters {
            let words = row.name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            assert!(words && !row.zh.is_empty() && !row.en.is_empty(), "{}", row.name);
            let own = row.source == "platform rule (design)";
            assert_eq!(own, row.status == RuleStatus::Design, "{}", row.name);
            assert!(!own || row.effective_from == day("2026-01-01"), "{}", row.name);
            let namesakes = rulebook.parameters.iter().filter(|other| other.name == row.name);
            for other in namesakes {
                assert_eq!((&other.zh, &other.en), (&row.zh, &row.en), "{}", row.name);
            }
        }
    }

    #[test]
    fn nothing_has_to_be_waited_for_in_a_rehearsal() {
        let rehearsal = real().snapshot(SellerClass::Rehearsal, today());
        let of_the_record = |name: &str| name.ends_with("_retention");
        let of_the_bidding = ["free_period", "timed_cycle", "session_stagger", "dutch_tick"];
        for entry in rehearsal.parameters {
            if of_the_record(&entry.name) || of_the_bidding.contains(&entry.name.as_str()) {
                continue;
            }
            let least = entry.min.as_ref().and_then(Value::as_span);
            assert!(least.is_none_or(Span::is_zero), "{}", entry.name);
        }
    }

    #[test]
    fn a_version_applies_by_its_dates() {
        let rulebook = real();
        let find = |class, on| rulebook.find("listing_extension", Some(class), day(on)).unwrap();
        let source = |on| find(SellerClass::Soe, on).parameter.source.as_str();
        assert_eq!(source("2025-02-17"), "SASAC 120 art.20");
        assert_eq!(source("2025-02-18"), "SASAC 17");
        assert!(find(SellerClass::Soe, "2009-06-30").not_in_force);
        assert!(find(SellerClass::Private, "2025-12-31").not_in_force);
        assert!(!find(SellerClass::Private, "2026-01-01").not_in_force);
    }

    #[test]
    fn typed_questions_get_typed_answers() {
        let rulebook = real();
        let (soe, on) = (Some(SellerClass::Soe), today());
        assert_eq!(rulebook.span("listing_period", soe, on), Ok(Span::WorkingDays(20)));
        assert_eq!(rulebook.span("access_token_life", None, on), Ok(Span::Minutes(15)));
        assert_eq!(rulebook.basis_points("deposit_rate", None, on), Ok(1000));
        assert_eq!(rulebook.count("min_bidders", None, on), Ok(2));
        assert_eq!(rulebook.flag("next_bidder_rule", None, on), Ok(false));
        assert_eq!(rulebook.money("listing_price_mid", soe, on), Ok((100_000_000, "CNY")));
        assert_eq!(
            rulebook.count("listing_period", soe, on),
            Err(RulebookError::OfAnotherKind { name: "listing_period".into(), wanted: "count", found: "span" })
        );
        for (name, class) in [("listing_periode", soe), ("listing_price_mid", None)] {
            let unknown = RulebookError::Unknown { name: name.into() };
            assert_eq!(rulebook.find(name, class, on), Err(unknown));
        }
    }

    #[test]
    fn a_faulty_file_is_refused() {
        let name = || "listing_period".to_owned();
        let soe = Some(SellerClass::Soe);
        assert!(parse(&[row(&[])]).is_ok());
        assert_eq!(
            parse(&[row(&[]), row(&[("effective_from", "2030-01-01")])]),
            Err(RulebookError::Repeated { name: name(), class: None })
        );
        assert!(parse(&[row(&[]), row(&[("class", "soe")])]).is_ok());
        let until = row(&[("class", "soe"), ("effective_to", "2026-06-30")]);
        let since = |from| row(&[("class", "soe"), ("effective_from", from)]);
        assert!(parse(&[since("2026-07-01"), until.clone()]).is_ok());
        assert_eq!(parse(&[since("2026-06-30"), until]), Err(RulebookError::Repeated { name: name(), class: soe }));
        assert_eq!(parse(&[row(&[("effective_to", "2025-12-31")])]), Err(RulebookError::EndsBeforeItBegins { name: name(), class: None }));
        for keys in [[("min", "11wd")], [("max", "9wd")], [("max", "9d")], [("max", "10d")]] {
            let refused = RulebookError::BoundsExcludeValue { name: name(), class: None };
            assert_eq!(parse(&[row(&keys)]), Err(refused), "{keys:?}");
        }
        let mixed = RulebookError::MixedKinds { name: name(), one: "span", other: "count" };
        assert_eq!(parse(&[row(&[("min", "5")])]), Err(mixed.clone()));
        assert_eq!(parse(&[row(&[]), row(&[("class", "soe"), ("value", "5")])]), Err(mixed));
        for keys in
            [[("unit", "wd")], [("class", "court")], [("value", "ten days")], [("status", "guessed")], [("effective_from", "2026-02-30")]]
        {
            let refused = parse(&[row(&keys)]);
            let malformed = matches!(refused, Err(RulebookError::Malformed { file: "parameters", .. }));
            assert!(malformed, "{keys:?} {refused:?}");
        }
        for (parameters, redaction, named) in [("", REDACTION, "parameters"), (PARAMETERS, "", "redaction")] {
            let refused = Rulebook::parse(1, parameters, redaction);
            assert!(matches!(refused, Err(RulebookError::Malformed { file, .. }) if file == named));
        }
        let twice = format!("{REDACTION}{REDACTION}");
        let refused = Rulebook::parse(1, PARAMETERS, &twice);
        assert!(matches!(refused, Err(RulebookError::Repeated { .. })));
    }
}
