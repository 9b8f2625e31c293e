//! The year inside an identifier.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};

use super::CodeError;

/// Reads the year an identifier names, which lies in `given` (the years in which the form was
/// given) and not after `today`. Of a year of two digits the century follows from `given`.
pub(super) fn year_of(digits: &str, given: RangeInclusive<i32>, today: NaiveDate) -> Result<i32, CodeError> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(CodeError::BadYear);
    }
    let written: i32 = digits.parse().map_err(|_| CodeError::BadYear)?;
    let year = match digits.len() {
        2 => given.start() + (written - given.start()).rem_euclid(100),
        _ => written,
    };
    if !given.contains(&year) {
        return Err(CodeError::BadYear);
    }
    if year > today.year() {
        return Err(CodeError::Future);
    }
    Ok(year)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_find_their_century() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(year_of("85", 1985..=2003, today), Ok(1985));
        assert_eq!(year_of("03", 1985..=2003, today), Ok(2003));
        assert_eq!(year_of("04", 1985..=2003, today), Err(CodeError::BadYear));
        assert_eq!(year_of("84", 1985..=2003, today), Err(CodeError::BadYear));
        assert_eq!(year_of("26", 2001..=2099, today), Ok(2026));
        assert_eq!(year_of("27", 2001..=2099, today), Err(CodeError::Future));
        assert_eq!(year_of("+1", 2001..=2099, today), Err(CodeError::BadYear));
    }
}
