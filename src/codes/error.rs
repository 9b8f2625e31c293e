//! What is wrong, or merely odd, with an identifier, said in Chinese and in English.

use std::fmt;

/// Why an identifier is refused.
///
/// Positions count from 1 in the normalised text, so blanks and dashes do not count.
/// `expected` is either a pattern that reads the same in every language, alternatives being parted
/// by ` | `, or a sentence for which this file has the translation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeError {
    /// Nothing was given, or nothing but blanks.
    Empty,
    /// The number of characters fits no form of this identifier.
    BadLength {
        /// The lengths that would do.
        expected: &'static str,
        /// The length that was given, without prefix and point.
        found: usize,
    },
    /// A character that this identifier never has in that place.
    BadChar {
        /// Its place, from 1.
        position: usize,
    },
    /// A year before the first or after the last such number.
    BadYear,
    /// The mark of the kind is unknown, or belongs to another kind than the one declared.
    BadKind {
        /// The marks that would do.
        expected: &'static str,
    },
    /// The check character does not follow from the others.
    BadCheckDigit {
        /// The character that follows from the others.
        expected: char,
        /// The character that was given.
        found: char,
    },
    /// The check character was left out; never added silently, because the rest may be mistyped.
    MissingCheckDigit {
        /// The character that would follow, to be compared with the certificate.
        computed: char,
    },
    /// The division is not six digits.
    BadDivision,
    /// The year has not come yet.
    Future,
    /// The text has not the form of this identifier.
    BadForm {
        /// The form that would do.
        expected: &'static str,
    },
}

/// What is odd about an identifier that is accepted all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeWarning {
    /// The division code is in none of the editions at hand.
    UnknownDivision,
    /// The pair of registering authority and category is not in the table of GB 32100-2015.
    UnknownCategory,
    /// The code was given for another kind of organisation than it says it is.
    OtherKind,
    /// The check character differs from a rule that is only inferred from known numbers.
    DoubtfulCheckDigit {
        /// The character by the inferred rule.
        expected: char,
    },
    /// The serial has fewer digits than its year used; a leading zero was probably dropped.
    ShortSerial {
        /// The registration year.
        year: i32,
        /// The serial as a number.
        serial: u32,
    },
}

/// Expectations that need words, and their translation.
pub(super) mod expectation {
    pub(in crate::codes) const NO_ZL: &str = "no ZL prefix, which only a granted patent carries";
    pub(in crate::codes) const NO_NUMBER: &str = "an empty field, as no registry numbers this kind";

    pub(super) fn in_english(expected: &str) -> String {
        expected.replace(" | ", " or ")
    }

    pub(super) fn in_chinese(expected: &str) -> String {
        match expected {
            NO_ZL => "不带 ZL 前缀（ZL 仅用于已授权专利）".to_owned(),
            NO_NUMBER => "留空（此类标的没有登记号）".to_owned(),
            pattern => pattern.replace(" | ", " 或 "),
        }
    }
}

use expectation::{in_chinese, in_english};

impl CodeError {
    /// The stable code that programs compare.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::BadLength { .. } => "bad_length",
            Self::BadChar { .. } => "bad_char",
            Self::BadYear => "bad_year",
            Self::BadKind { .. } => "bad_kind",
            Self::BadCheckDigit { .. } => "bad_check_digit",
            Self::MissingCheckDigit { .. } => "missing_check_digit",
            Self::BadDivision => "bad_division",
            Self::Future => "future",
            Self::BadForm { .. } => "bad_form",
        }
    }

    /// What was expected instead, in Chinese and in English.
    pub fn says(&self) -> (String, String) {
        match self {
            Self::Empty => ("应填写编号".into(), "a number is expected".into()),
            Self::BadLength { expected, found } => (
                format!("长度应为 {} 位，实为 {found} 位", in_chinese(expected)),
                format!("expected {} characters, found {found}", in_english(expected)),
            ),
            Self::BadChar { position } => (
                format!("第 {position} 位应为该编号允许的字符（空格和连字符不计）"),
                format!("expected an allowed character in place {position}, blanks and dashes not counted"),
            ),
            Self::BadYear => ("年份应在此类编号的使用期间内".into(), "expected a year in which such numbers were given".into()),
            Self::BadKind { expected } => {
                (format!("种类标志应为 {}", in_chinese(expected)), format!("expected kind {}", in_english(expected)))
            }
            Self::BadCheckDigit { expected, found } => {
                (format!("校验位应为 {expected}，实为 {found}"), format!("expected check character {expected}, found {found}"))
            }
            Self::MissingCheckDigit { computed } => (
                format!("缺少校验位，按其余各位计算应为 {computed}，请与证书核对后补全"),
                format!("the check character is missing; the others give {computed}, please compare with the certificate and add it"),
            ),
            Self::BadDivision => {
                ("第 3 至 8 位应为 6 位数字的行政区划代码".into(), "expected a division code of six digits in places 3 to 8".into())
            }
            Self::Future => ("年份不应晚于今年".into(), "expected a year not later than this one".into()),
            Self::BadForm { expected } => {
                (format!("格式应为：{}", in_chinese(expected)), format!("expected the form: {}", in_english(expected)))
            }
        }
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says().1)
    }
}

impl std::error::Error for CodeError {}

impl CodeWarning {
    /// The stable code that programs compare.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownDivision => "unknown_division",
            Self::UnknownCategory => "unknown_category",
            Self::OtherKind => "other_kind",
            Self::DoubtfulCheckDigit { .. } => "doubtful_check_digit",
            Self::ShortSerial { .. } => "short_serial",
        }
    }

    /// What would have been expected, in Chinese and in English.
    pub fn says(&self) -> (String, String) {
        match self {
            Self::UnknownDivision => {
                ("行政区划代码不在已有版本的代码表中，请核对".into(), "the division code is in no edition at hand, please compare".into())
            }
            Self::UnknownCategory => (
                "登记管理部门和机构类别代码不在国家标准的代码表中，请核对".into(),
                "the authority and category are not in the national table, please compare".into(),
            ),
            Self::OtherKind => (
                "所填机构类型与信用代码的登记类别不一致，请核对".into(),
                "the code is of another kind of organisation than stated, please compare".into(),
            ),
            Self::DoubtfulCheckDigit { expected } => (
                format!("校验位推算为 {expected}，与所填不同，请与证书核对"),
                format!("the check character is probably {expected}, please compare with the certificate"),
            ),
            Self::ShortSerial { year, serial } => (
                format!("{year} 年的流水号应为 7 位，可能是 {year}SR{serial:07}"),
                format!("serials of {year} have 7 digits; perhaps {year}SR{serial:07} is meant"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_would_do() {
        let wrong = CodeError::BadCheckDigit { expected: '9', found: '8' };
        assert_eq!(wrong.code(), "bad_check_digit");
        assert_eq!(wrong.says().0, "校验位应为 9，实为 8");
        assert_eq!(wrong.to_string(), "expected check character 9, found 8");
        let short = CodeError::BadLength { expected: "13 | 9", found: 12 };
        assert_eq!(short.says().0, "长度应为 13 或 9 位，实为 12 位");
        assert_eq!(short.says().1, "expected 13 or 9 characters, found 12");
    }

    #[test]
    fn every_expectation_in_words_is_translated() {
        for expected in [expectation::NO_ZL, expectation::NO_NUMBER] {
            assert_ne!(in_chinese(expected), expected);
        }
    }

    #[test]
    fn a_short_serial_comes_with_its_repair() {
        let (zh, en) = CodeWarning::ShortSerial { year: 2021, serial: 459_718 }.says();
        assert!(zh.contains("2021SR0459718"), "{zh}");
        assert!(en.contains("2021SR0459718"), "{en}");
    }
}
