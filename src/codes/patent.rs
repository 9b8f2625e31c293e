//! Chinese patent application numbers (专利申请号) and patent numbers (专利号, with `ZL`).

use std::fmt;

use chrono::NaiveDate;

use super::year::year_of;
use super::{CodeError, normalise};

const FORM: &str = "YYYYKNNNNNNN.C | YYKNNNNN.C";
const BODY_FROM_2003_10: usize = 12;
const BODY_BEFORE: usize = 8;

/// The kind of right, told by the digit after the year. Source: ZC 0006-2003.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatentKind {
    /// 1, 发明.
    Invention,
    /// 2, 实用新型.
    UtilityModel,
    /// 3, 外观设计.
    Design,
    /// 8, an international application that entered China as an invention.
    PctInvention,
    /// 9, an international application that entered China as a utility model.
    PctUtilityModel,
}

impl PatentKind {
    fn of(digit: u8) -> Result<Self, CodeError> {
        match digit {
            b'1' => Ok(Self::Invention),
            b'2' => Ok(Self::UtilityModel),
            b'3' => Ok(Self::Design),
            b'8' => Ok(Self::PctInvention),
            b'9' => Ok(Self::PctUtilityModel),
            _ => Err(CodeError::BadKind { expected: "1 | 2 | 3 | 8 | 9" }),
        }
    }
}

/// What stood before the number. Source: ZC 0006-2003.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefix {
    /// `ZL`, which only a granted patent carries.
    Zl,
    /// `CN`, the country; it says nothing about grant.
    Cn,
}

/// An application number whose check digit is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatentNumber {
    body: String,
    check: char,
    year: i32,
    kind: PatentKind,
    prefix: Option<Prefix>,
}

impl PatentNumber {
    /// The one form to store and compare: body, point, check digit, no prefix.
    pub fn canonical(&self) -> String {
        format!("{}.{}", self.body, self.check)
    }

    /// The year of filing, with its century.
    pub fn year(&self) -> i32 {
        self.year
    }

    /// The kind of right.
    pub fn kind(&self) -> PatentKind {
        self.kind
    }

    /// The prefix as written, a claim about grant if it is [`Prefix::Zl`].
    pub fn prefix(&self) -> Option<Prefix> {
        self.prefix
    }
}

impl fmt::Display for PatentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical())
    }
}

/// Reads an application or patent number of either generation, with or without prefix and point.
///
/// A body without its check digit is refused with the digit that would follow: the person who
/// typed it confirms, not we. Source: ZC 0006-2003 (in force 2003-10-01); older numbers keep
/// their two-digit year, and got a check digit by the same rule in 1989.
pub fn parse_patent_number(raw: &str, today: NaiveDate) -> Result<PatentNumber, CodeError> {
    let text = normalise(raw)?;
    let (prefix, rest) = split_prefix(&text);
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(CodeError::BadForm { expected: FORM });
    }
    let (body, check) = split_check(rest);
    if let Some(at) = body.bytes().position(|b| !b.is_ascii_digit()) {
        return Err(CodeError::BadChar { position: text.len() - rest.len() + at + 1 });
    }
    if check.len() > 1 || !matches!(body.len(), BODY_FROM_2003_10 | BODY_BEFORE) {
        return Err(CodeError::BadLength { expected: "13 | 9", found: body.len() + check.len() });
    }
    let (year, given) = match body.len() {
        BODY_FROM_2003_10 => (&body[..4], 2003..=2099),
        _ => (&body[..2], 1985..=2003),
    };
    let kind_digit = body.as_bytes()[year.len()];
    let year = year_of(year, given, today)?;
    let kind = PatentKind::of(kind_digit)?;
    let computed = check_digit(body);
    match check.chars().next() {
        None => Err(CodeError::MissingCheckDigit { computed }),
        Some(found) if !matches!(found, '0'..='9' | 'X') => Err(CodeError::BadChar { position: text.len() }),
        Some(found) if found != computed => Err(CodeError::BadCheckDigit { expected: computed, found }),
        Some(check) => Ok(PatentNumber { body: body.to_owned(), check, year, kind, prefix }),
    }
}

/// The check digit of a body of 12 or 8 digits; `None` if it is no such body.
///
/// It catches every wrong digit and every exchange of neighbours, but not the exchange of places
/// eight apart, which have the same weight. Source: ZC 0006-2003 (weights 2 to 9 in turn, modulo
/// 11, 10 written `X`).
pub fn patent_check_digit(body: &str) -> Option<char> {
    let is_body = matches!(body.len(), BODY_FROM_2003_10 | BODY_BEFORE) && body.bytes().all(|b| b.is_ascii_digit());
    is_body.then(|| check_digit(body))
}

fn check_digit(body: &str) -> char {
    let digits = body.bytes().map(|b| u32::from(b - b'0'));
    let sum: u32 = digits.zip((2..=9).cycle()).map(|(digit, weight)| digit * weight).sum();
    char::from_digit(sum % 11, 10).unwrap_or('X')
}

fn split_prefix(text: &str) -> (Option<Prefix>, &str) {
    if let Some(rest) = text.strip_prefix("ZL") {
        (Some(Prefix::Zl), rest)
    } else if let Some(rest) = text.strip_prefix("CN") {
        (Some(Prefix::Cn), rest)
    } else {
        (None, text)
    }
}

/// Parts body and check digit. Without a point, an `X` or else the length tells that there is one.
fn split_check(rest: &str) -> (&str, &str) {
    match rest.rsplit_once('.') {
        Some(parts) => parts,
        None if rest.ends_with('X') || matches!(rest.len(), 13 | 9) => rest.split_at(rest.len() - 1),
        None => (rest, ""),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(raw: &str) -> Result<PatentNumber, CodeError> {
        parse_patent_number(raw, NaiveDate::from_ymd_opt(2026, 11, 23).unwrap())
    }

    #[test]
    fn real_numbers_of_the_new_form_pass() {
        use PatentKind::{Design, Invention, PctInvention, UtilityModel};
        for (number, kind) in [
            ("202010566088.9", Invention),
            ("201510958772.0", Invention),
            ("201811564288.X", Invention),
            ("201910603565.1", Invention),
            ("202110049384.6", Invention),
            ("202510942578.7", Invention),
            ("202322865413.3", UtilityModel),
            ("200810027800.7", Invention),
            ("201710601862.3", Invention),
            ("201480074503.1", PctInvention),
            ("202411289863.5", Invention),
            ("201911037847.6", Invention),
            ("202110344405.7", Invention),
            ("202110144836.9", Invention),
            ("202411064734.6", Invention),
            ("201310699744.2", Invention),
            ("200410053749.9", Invention),
            ("200820047012.X", UtilityModel),
            ("201330528226.5", Design),
            ("200930193487.X", Design),
        ] {
            let read = parse(number).unwrap();
            assert_eq!(read.canonical(), number);
            assert_eq!(read.kind(), kind, "{number}");
            assert_eq!(read.year().to_string(), number[..4]);
            assert_eq!(read.prefix(), None);
        }
    }

    #[test]
    fn real_numbers_of_the_old_form_pass() {
        use PatentKind::{Design, Invention, UtilityModel};
        for (number, year, kind) in [
            ("95115608.X", 1995, Invention),
            ("97101765.4", 1997, Invention),
            ("85100837.2", 1985, Invention),
            ("99117225.6", 1999, Invention),
            ("02139508.X", 2002, Invention),
            ("97248479.5", 1997, UtilityModel),
            ("94192386.X", 1994, Invention),
            ("01319523.9", 2001, Design),
        ] {
            let read = parse(number).unwrap();
            assert_eq!((read.canonical().as_str(), read.year(), read.kind()), (number, year, kind));
        }
    }

    #[test]
    fn every_way_of_writing_gives_one_form() {
        for raw in [
            "ZL2015 1 0958772.0",
            "ZL 201510958772.0",
            "CN201510958772.0",
            "cn 2015-1-0958772·0",
            "2015109587720",
            "ＺＬ２０１５１０９５８７７２．０",
        ] {
            assert_eq!(parse(raw).unwrap().canonical(), "201510958772.0", "{raw}");
        }
        assert_eq!(parse("2014800745031").unwrap().to_string(), "201480074503.1");
        assert_eq!(parse("95115608x").unwrap().canonical(), "95115608.X");
        assert_eq!(parse("ZL95115608X").unwrap().prefix(), Some(Prefix::Zl));
        assert_eq!(parse("CN201510958772.0").unwrap().prefix(), Some(Prefix::Cn));
    }

    #[test]
    fn made_up_examples_of_the_web_fail() {
        for (number, expected) in [("89103229.2", '0'), ("202310123456.7", '6'), ("202410123456.7", '0'), ("202420000001.X", '5')] {
            let found = number.chars().last().unwrap();
            assert_eq!(parse(number), Err(CodeError::BadCheckDigit { expected, found }));
        }
    }

    #[test]
    fn malformed_numbers_say_why() {
        let length = |found| Err(CodeError::BadLength { expected: "13 | 9", found });
        assert_eq!(parse("ZL20221955451.7"), length(12));
        assert_eq!(parse("2022119554511.7"), length(14));
        assert_eq!(parse("20201056608X"), length(12));
        for raw in ["ZL", "CNZL202010566088.9", "PCT/CN2021/075891", "WO2016/082081", "X"] {
            assert_eq!(parse(raw), Err(CodeError::BadForm { expected: FORM }), "{raw}");
        }
        assert_eq!(parse("202010566088.99"), length(14));
        assert_eq!(parse("CN114048838A"), Err(CodeError::BadChar { position: 12 }));
        assert_eq!(parse("CN201510012345A"), Err(CodeError::BadChar { position: 15 }));
        assert_eq!(parse("ZL2020105660B8.9"), Err(CodeError::BadChar { position: 13 }));
        assert_eq!(parse("2020.0566088.9"), Err(CodeError::BadChar { position: 5 }));
        assert_eq!(parse("2020.10566088.9"), Err(CodeError::BadChar { position: 5 }));
        assert_eq!(parse(" "), Err(CodeError::Empty));
        let kinds = CodeError::BadKind { expected: "1 | 2 | 3 | 8 | 9" };
        assert_eq!(parse("202040566088.9"), Err(kinds.clone()));
        assert_eq!(parse("95715608.X"), Err(kinds));
    }

    #[test]
    fn years_have_bounds() {
        assert_eq!(parse("200210566088.9"), Err(CodeError::BadYear));
        assert_eq!(parse("199510566088.9"), Err(CodeError::BadYear));
        assert_eq!(parse("04115608.X"), Err(CodeError::BadYear));
        assert_eq!(parse("84115608.X"), Err(CodeError::BadYear));
        assert_eq!(parse("202710566088.9"), Err(CodeError::Future));
        let check = patent_check_digit("202610566088").unwrap();
        assert!(parse(&format!("202610566088.{check}")).is_ok());
    }

    #[test]
    fn a_missing_check_digit_is_computed_and_asked_for() {
        for (body, computed) in [
            ("202010566088", '9'),
            ("ZL202010566088", '9'),
            ("202010566088.", '9'),
            ("201811564288", 'X'),
            ("95115608", 'X'),
            ("85100837", '2'),
        ] {
            assert_eq!(parse(body), Err(CodeError::MissingCheckDigit { computed }), "{body}");
        }
        assert_eq!(patent_check_digit("88100001").map(|c| c.is_ascii_digit()), Some(true));
        assert_eq!(patent_check_digit("8810000"), None);
        assert_eq!(patent_check_digit("8810000X"), None);
    }

    #[test]
    fn exchanges_of_equal_weight_are_beyond_the_check() {
        for (one, other) in [(0, 8), (1, 9), (2, 10), (3, 11)] {
            let mut body: Vec<char> = "202010566187".chars().collect();
            body.swap(one, other);
            let swapped: String = body.into_iter().collect();
            assert_ne!(swapped, "202010566187");
            assert_eq!(patent_check_digit(&swapped), patent_check_digit("202010566187"));
        }
    }

    const NEW: &str = "20(0[4-9]|1[0-9]|2[0-5])[12389][0-9]{7}";
    const OLD: &str = "(8[5-9]|9[0-9]|0[0-3])[12389][0-9]{5}";

    fn with_check(body: &str) -> String {
        format!("{body}{}", patent_check_digit(body).unwrap())
    }

    /// Every text that differs in one digit, or in the order of two neighbours, is refused.
    fn slips_are_caught(body: &str) {
        let right = with_check(body);
        assert!(parse(&right).is_ok(), "{right}");
        for at in 0..right.len() {
            for digit in "0123456789X".chars() {
                let mut wrong = right.clone();
                wrong.replace_range(at..=at, &digit.to_string());
                assert!(wrong == right || parse(&wrong).is_err(), "{wrong} for {right}");
            }
        }
        for at in 1..right.len() {
            let mut wrong: Vec<char> = right.chars().collect();
            wrong.swap(at - 1, at);
            let wrong: String = wrong.into_iter().collect();
            assert!(wrong == right || parse(&wrong).is_err(), "{wrong} for {right}");
        }
    }

    proptest! {
        #[test]
        fn slips_in_new_numbers_are_caught(body in NEW) {
            slips_are_caught(&body);
        }

        #[test]
        fn slips_in_old_numbers_are_caught(body in OLD) {
            slips_are_caught(&body);
        }

        #[test]
        fn what_is_shown_reads_back(new in NEW, old in OLD) {
            for body in [new, old] {
                let read = parse(&with_check(&body)).unwrap();
                prop_assert_eq!(parse(&read.to_string()), Ok(read));
            }
        }

        #[test]
        fn no_text_upsets_it(raw in "\\PC{0,20}") {
            let _ = parse(&raw);
        }
    }
}
