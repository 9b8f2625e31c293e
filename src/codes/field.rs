//! Codes of the fields in which technology is used (应用领域): a tree under the technical fields of the contract statistics.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a field is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldName {
    /// In Chinese.
    pub zh: &'static str,
    /// In English.
    pub en: &'static str,
}

static FIELDS: LazyLock<BTreeMap<&'static str, FieldName>> = LazyLock::new(|| {
    include_str!("../../seeds/codes/fields.csv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .skip(1)
        .filter_map(|line| {
            let (code, rest) = line.split_once(',')?;
            let (zh, en) = rest.split_once(',')?;
            Some((code, FieldName { zh, en: en.trim_matches('"') }))
        })
        .collect()
});

/// What a field is called, by its code: two digits for each of up to three levels, such as `06.01`. Nothing for a code that is not known.
pub fn field_name(code: &str) -> Option<FieldName> {
    FIELDS.get(code).copied()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn batteries_and_the_sun_are_different_fields_of_one() {
        assert_eq!(field_name("06.01").unwrap(), FieldName { zh: "电池", en: "Batteries" });
        assert_eq!(field_name("06.02").unwrap().en, "Solar energy");
        assert_eq!(field_name("04").unwrap().en, "Biology, drugs and medical devices");
        assert_eq!(field_name("06.99"), None);
        assert_eq!(field_name("6"), None);
    }

    #[test]
    fn every_field_lies_under_one_that_is_known() {
        for (code, name) in FIELDS.iter() {
            let levels: Vec<_> = code.split('.').collect();
            assert!(
                levels.len() <= 3 && levels.iter().all(|level| level.len() == 2 && level.bytes().all(|b| b.is_ascii_digit())),
                "{code}"
            );
            assert!(levels.iter().all(|level| *level != "00"), "{code}: what has no code of its own is under that");
            assert!(!name.zh.is_empty() && !name.en.is_empty() && !name.en.contains('"'), "{code}");
            if let Some((above, _)) = code.rsplit_once('.') {
                assert!(FIELDS.contains_key(above), "{code}");
            }
        }
        assert_eq!(FIELDS.keys().filter(|code| code.len() == 2).count(), 11);
    }
}
