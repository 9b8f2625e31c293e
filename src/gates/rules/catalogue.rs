//! The catalogue of technologies that may not leave the mainland, or not without a licence (中国禁止出口限制出口技术目录).
//!
//! Source: Regulations on the Administration of the Import and Export of Technologies (TIER) art. 28-36. Its versions are data,
//! `seeds/catalogue/technology_export.toml`. A search finds what may be meant; what is meant a person decides.

use std::sync::LazyLock;

use chrono::NaiveDate;
use entity::gates::ExportClass;
use serde::Deserialize;

use crate::codes::parse_ipc;

const SHIPPED: &str = include_str!("../../../seeds/catalogue/technology_export.toml");

/// The catalogue as it is shipped; an empty one if that cannot be read, which a test rules out.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::parse(SHIPPED).unwrap_or_default());

/// All versions of the catalogue.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "version")]
    versions: Vec<CatalogueVersion>,
    #[serde(rename = "entry")]
    entries: Vec<CatalogueEntry>,
}

/// A version of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueVersion {
    /// What entries name it by.
    pub code: String,
    /// The first day it was in force.
    pub in_force_from: NaiveDate,
    /// The announcement.
    pub source: String,
}

/// An entry of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogueEntry {
    /// Its stable name here.
    pub key: String,
    /// Its official number, where that was read.
    #[serde(default)]
    pub number: Option<String>,
    /// Its name.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Whether it is restricted or prohibited.
    pub level: ExportClass,
    /// The first version that has it.
    pub since: String,
    /// The version that struck it.
    #[serde(default)]
    pub until: Option<String>,
    /// What makes a technology one of it.
    pub points: Vec<String>,
    /// Beginnings of symbols of the patent classification it is looked for in.
    pub ipc: Vec<String>,
    /// Words it is looked for by.
    pub keywords: Vec<String>,
    /// What else is to be known of it.
    #[serde(default)]
    pub note: Option<String>,
}

/// A technology as it is described.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Technology {
    /// Its symbols of the patent classification, as people write them.
    pub ipc: Vec<String>,
    /// Titles and words that describe it.
    pub words: Vec<String>,
    /// Keys or numbers of the entries its owner says it falls under.
    pub entries: Vec<String>,
}

/// What a search for one entry says; where it says nothing there is no hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// It may be one of the entry.
    Possible,
    /// It is, as its owner says.
    Confirmed,
}

impl Catalogue {
    /// The catalogue as it is shipped.
    pub fn shipped() -> &'static Self {
        &CATALOGUE
    }

    /// Reads a catalogue.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The version in force on a day.
    pub fn version(&self, on: NaiveDate) -> Option<&CatalogueVersion> {
        self.versions.iter().filter(|version| version.in_force_from <= on).max_by_key(|version| version.in_force_from)
    }

    /// The entries in force on a day, in the order of the catalogue.
    pub fn entries(&self, on: NaiveDate) -> impl Iterator<Item = &CatalogueEntry> {
        let began = move |code: &str| self.versions.iter().any(|version| version.code == code && version.in_force_from <= on);
        self.entries.iter().filter(move |entry| began(&entry.since) && !entry.until.as_deref().is_some_and(began))
    }

    /// The entry in force on a day that somebody names by its key or number.
    pub fn named(&self, name: &str, on: NaiveDate) -> Option<&CatalogueEntry> {
        self.entries(on).find(|entry| entry.is_called(name))
    }

    /// The entries in force on a day that a technology may fall under.
    pub fn search<'a>(&'a self, technology: &'a Technology, on: NaiveDate) -> impl Iterator<Item = (&'a CatalogueEntry, Match)> {
        let symbols: Vec<String> =
            technology.ipc.iter().filter_map(|raw| parse_ipc(raw).ok()).map(|symbol| symbol.canonical().to_owned()).collect();
        let words: Vec<String> = technology.words.iter().map(|word| plain(word)).collect();
        self.entries(on).filter_map(move |entry| {
            if technology.entries.iter().any(|name| entry.is_called(name)) {
                return Some((entry, Match::Confirmed));
            }
            // Where nothing is known of its class, the words have to do.
            let in_class =
                symbols.is_empty() || entry.ipc.iter().any(|hint| symbols.iter().any(|symbol| symbol.starts_with(&beginning(hint))));
            let by_words =
                entry.keywords.iter().map(|keyword| plain(keyword)).any(|keyword| words.iter().any(|word| word.contains(&keyword)));
            (in_class && by_words).then_some((entry, Match::Possible))
        })
    }
}

impl CatalogueEntry {
    /// Whether somebody means it by a name.
    fn is_called(&self, name: &str) -> bool {
        self.key == name || self.number.as_deref() == Some(name)
    }

    /// What it is called among people: its number, or its key where that was not read.
    pub fn called(&self) -> &str {
        self.number.as_deref().unwrap_or(&self.key)
    }
}

/// A text without blanks and capitals, as words are looked for in it.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// What the canonical symbols under a hint begin with: `H01M4` is the main group, `C07D` the whole subclass.
fn beginning(hint: &str) -> String {
    match hint.split_at_checked(4) {
        Some((subclass, main)) if !main.is_empty() => format!("{subclass}{main:0>4}"),
        _ => hint.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn technology(ipc: &[&str], words: &[&str]) -> Technology {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Technology { ipc: owned(ipc), words: owned(words), entries: Vec::new() }
    }

    fn found(of: &Technology, on: &str) -> Vec<(String, Match)> {
        Catalogue::shipped().search(of, day(on)).map(|(entry, hit)| (entry.key.clone(), hit)).collect()
    }

    #[test]
    fn the_shipped_catalogue_is_sound() {
        let catalogue = Catalogue::parse(SHIPPED).unwrap();
        let codes: BTreeSet<_> = catalogue.versions.iter().map(|version| version.code.as_str()).collect();
        assert_eq!(codes.len(), catalogue.versions.len());
        let keys: BTreeSet<_> = catalogue.entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys.len(), catalogue.entries.len());
        for entry in &catalogue.entries {
            assert!(codes.contains(entry.since.as_str()) && entry.until.as_deref().is_none_or(|code| codes.contains(code)), "{entry:?}");
            assert!(!entry.keywords.is_empty() && entry.keywords.iter().all(|word| !plain(word).is_empty()), "{entry:?}");
            assert_ne!(entry.level, ExportClass::Free);
        }
    }

    #[test]
    fn each_day_has_the_version_of_that_day() {
        let version = |on: &str| Catalogue::shipped().version(day(on)).map(|version| version.code.clone());
        assert_eq!(version("2001-01-01"), None);
        assert_eq!(version("2020-08-27").as_deref(), Some("2008"));
        assert_eq!(version("2020-08-28").as_deref(), Some("2020-38"));
        assert_eq!(version("2025-07-14").as_deref(), Some("2023-57"));
        assert_eq!(version("2026-11-23").as_deref(), Some("2025-28"));
    }

    #[test]
    fn cathode_materials_are_restricted_since_july_2025() {
        let cathode = technology(&["H01M 4/58"], &["一种磷酸铁锂的制备方法"]);
        assert!(found(&cathode, "2025-07-14").is_empty());
        assert_eq!(found(&cathode, "2025-07-15"), [("battery_cathode".to_owned(), Match::Possible)]);
        let entry = Catalogue::shipped().named("252604X", day("2026-01-01")).unwrap();
        assert_eq!((entry.level, entry.called()), (ExportClass::Restricted, "252604X"));
    }

    #[test]
    fn what_was_struck_is_found_no_more() {
        let houses = technology(&[], &["斗拱的修复"]);
        assert_eq!(found(&houses, "2025-07-14")[0].0, "traditional_architecture");
        assert!(found(&houses, "2025-07-15").is_empty());
    }

    #[test]
    fn words_in_another_class_are_no_hit_and_without_a_class_they_are_one() {
        assert!(found(&technology(&["A61K 31/495"], &["磷酸铁锂"]), "2026-01-01").is_empty());
        assert_eq!(found(&technology(&[], &["磷酸 铁锂"]), "2026-01-01").len(), 1);
        assert!(found(&technology(&["H01M 4/58"], &["一种电池外壳"]), "2026-01-01").is_empty());
    }

    #[test]
    fn a_main_group_is_no_beginning_of_a_longer_one() {
        assert_eq!((beginning("H01M4").as_str(), beginning("C07D").as_str()), ("H01M0004", "C07D"));
        assert!(found(&technology(&["H01M 40/10"], &["磷酸铁锂"]), "2026-01-01").is_empty());
    }

    #[test]
    fn what_its_owner_names_is_confirmed() {
        let named = Technology { entries: vec!["252604X".into()], ..technology(&["H01M 4/58"], &["磷酸铁锂"]) };
        assert_eq!(found(&named, "2026-01-01"), [("battery_cathode".to_owned(), Match::Confirmed)]);
    }

    proptest! {
        /// More that is said of a technology never takes a hit away, as long as its classes are the same.
        #[test]
        fn more_words_find_no_less(word in "\\PC{0,12}", on in 0_i64..12_000) {
            let on = day("2002-01-01") + chrono::TimeDelta::days(on);
            let before = technology(&["H01M 4/58"], &["磷酸铁锂"]);
            let mut after = before.clone();
            after.words.push(word);
            let keys = |of: &Technology| Catalogue::shipped().search(of, on).map(|(entry, _)| entry.key.clone()).collect::<BTreeSet<_>>();
            prop_assert!(keys(&before).is_subset(&keys(&after)));
        }
    }
}
