//! Codes of administrative divisions (行政区划代码).

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Abolished divisions stay, because codes given under them stay in force.
static DIVISIONS: LazyLock<BTreeMap<&'static str, &'static str>> = LazyLock::new(|| {
    include_str!("../../seeds/codes/divisions.csv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .filter_map(|line| {
            let (code, rest) = line.split_once(',')?;
            let (name, _edition) = rest.split_once(',')?;
            Some((code, name))
        })
        .collect()
});

/// The Chinese name of a division by its six digits. Source: GB/T 2260, edition 2018-10, with
/// the later changes of Hangzhou; 100000 stands for central bodies in GB 32100-2015.
pub fn division_name(code: &str) -> Option<&'static str> {
    DIVISIONS.get(code).copied()
}

/// Whether the code is in the editions at hand; an unknown one may be older or newer than they.
/// Source: as for [`division_name`].
pub fn is_known_division(code: &str) -> bool {
    DIVISIONS.contains_key(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleven_cities_of_zhejiang_are_known() {
        for (code, name) in [
            ("330000", "浙江省"),
            ("330100", "杭州市"),
            ("330200", "宁波市"),
            ("330300", "温州市"),
            ("330400", "嘉兴市"),
            ("330500", "湖州市"),
            ("330600", "绍兴市"),
            ("330700", "金华市"),
            ("330800", "衢州市"),
            ("330900", "舟山市"),
            ("331000", "台州市"),
            ("331100", "丽水市"),
        ] {
            assert_eq!(division_name(code), Some(name));
        }
    }

    #[test]
    fn new_abolished_and_central_divisions_are_known() {
        assert_eq!(division_name("330113"), Some("临平区"));
        assert_eq!(division_name("330114"), Some("钱塘区"));
        assert_eq!(division_name("330103"), Some("下城区"));
        assert!(is_known_division("100000"));
        assert!(!is_known_division("999999"));
        assert!(!is_known_division("code"));
    }

    #[test]
    fn every_row_is_six_digits_and_a_name() {
        assert_eq!(DIVISIONS.len(), 3_659 + 3);
        for (code, name) in DIVISIONS.iter() {
            assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
            assert!(!name.is_empty(), "{code}");
        }
    }
}
