//! The number of a right, read by the rule of its registry.

use chrono::{Datelike, NaiveDate};

use crate::achievements::rules::{AssetDetails, VarietyAuthority, Warning};
use crate::codes::{self, CodeError, Scheme};
use crate::platform::problem::{Code, Fault, Problem};

/// The number of a right, checked.
pub(super) struct Number {
    /// Which register gave it.
    pub scheme: &'static str,
    /// The one form to store and compare.
    pub canonical: String,
    /// As typed.
    pub raw: String,
    /// The year in it.
    pub year: Option<i32>,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// Reads the number by the rule of the right's registry.
pub(super) fn identified(details: &AssetDetails, raw: &str, today: NaiveDate) -> Result<Option<Number>, Problem> {
    if raw.trim().is_empty() && details.may_lack_number() {
        return Ok(None);
    }
    if let AssetDetails::PlantVariety { authority: VarietyAuthority::Forestry, .. } = details {
        let right = codes::parse_plant_variety_right(raw, codes::PlantAuthority::Forestry, today).map_err(|error| refused(&error))?;
        return Ok(Some(Number {
            scheme: Scheme::PlantVarietyRight.code(),
            canonical: right.canonical,
            raw: raw.to_owned(),
            year: Some(right.year),
            warnings: Vec::new(),
        }));
    }
    let read = codes::parse_identifier(details.kind(), raw, details.is_granted(), today).map_err(|error| refused(&error))?;
    Ok(read.map(|number| Number {
        scheme: number.scheme.code(),
        canonical: number.canonical,
        raw: number.raw,
        year: number.year,
        warnings: number.warnings.iter().map(Warning::from).collect(),
    }))
}

/// The refusal of a number, with what was expected.
fn refused(error: &CodeError) -> Problem {
    let (zh, en) = error.says();
    let expected = match error {
        CodeError::BadLength { expected, .. } | CodeError::BadKind { expected } | CodeError::BadForm { expected } => {
            Some((*expected).to_owned())
        }
        CodeError::BadCheckDigit { expected, .. } | CodeError::MissingCheckDigit { computed: expected } => Some(expected.to_string()),
        _ => None,
    };
    let problem = Code::IdentifierInvalid.with("reason", format!("{zh} / {en}")).with("reason_code", error.code());
    let problem = match expected {
        Some(expected) => problem.with("expected", expected),
        None => problem,
    };
    Problem { errors: vec![Fault::new("/identifier", error.code(), zh, en)], ..problem }
}

/// An application number carries the year of its filing; a divisional application is filed later
/// than the day it is reckoned from.
pub(super) fn other_year(details: &AssetDetails, number: &Number) -> Option<Warning> {
    let filed = details.filed_on()?.year();
    let differs = number.scheme == Scheme::CnApplication.code() && number.year.is_some_and(|year| year != filed);
    differs.then(|| {
        Warning::new(
            "filing_year_differs",
            "申请日的年份与申请号不符；分案申请除外，请核对",
            "the filing date is of another year than the number; unless the application is a divisional one, please compare",
        )
    })
}
