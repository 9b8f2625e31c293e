//! Every row of the collected real data, read by the rules.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::{PatentKind, UsccStanding, parse_ipc, parse_patent_number, parse_publication_number, parse_uscc};

type Row = BTreeMap<String, String>;

/// The rows of a file under `$ZHEPAI_REAL_DATA`; `None` only where that is not set.
fn rows(file: &str) -> Option<Vec<Row>> {
    let Some(root) = std::env::var_os("ZHEPAI_REAL_DATA") else {
        eprintln!("SKIPPED: ZHEPAI_REAL_DATA is not set, so no row of {file} was checked");
        return None;
    };
    let path = Path::new(&root).join(file);
    let table = csv::Reader::from_path(&path).and_then(|mut reader| reader.deserialize().collect::<Result<Vec<Row>, _>>());
    let rows = table.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(!rows.is_empty(), "{} has no rows", path.display());
    Some(rows)
}

#[test]
fn organisation_codes_stand_as_recorded() {
    for row in rows("identifiers/uscc.csv").into_iter().flatten() {
        let code = row["code"].as_str();
        let read = parse_uscc(code);
        match (row["valid"].as_str(), row["org_code_check_ok"].as_str(), &read) {
            ("1", "1", Ok(read)) => {
                assert_eq!(read.standing, UsccStanding::Valid, "{code}");
                assert_eq!(read.canonical, code);
                assert_eq!(read.division, row["region_gb2260"]);
                let recorded = format!("{}{}", row["dept"], row["category"]);
                assert_eq!(read.authority_category, recorded);
                assert!(read.party.is_some(), "{code}");
            }
            ("0", "1", Ok(read)) => {
                assert_ne!(read.standing, UsccStanding::Valid, "{code}");
            }
            (_, "0", Err(_)) => {}
            (valid, inner, read) => panic!("{code}: valid {valid}, inner {inner}, read {read:?}"),
        }
    }
}

#[test]
fn application_numbers_stand_as_recorded() {
    let today = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap_or_default();
    for row in rows("patents/cn_application_numbers.csv").into_iter().flatten() {
        let written = row["as_written"].as_str();
        let read = parse_patent_number(written, today);
        if row["check_digit_ok"] == "0" {
            assert!(read.is_err(), "{written} was read as {read:?}");
            continue;
        }
        let read = read.unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(read.canonical().replace('.', ""), row["normalised13"], "{written}");
        assert_eq!(read.year().to_string(), row["year"], "{written}");
        let recorded = match row["type"].as_str() {
            "发明" => PatentKind::Invention,
            "实用新型" => PatentKind::UtilityModel,
            "外观设计" => PatentKind::Design,
            "PCT发明" => PatentKind::PctInvention,
            "PCT实用新型" => PatentKind::PctUtilityModel,
            other => panic!("{written}: unknown type {other}"),
        };
        assert_eq!(read.kind(), recorded, "{written}");
    }
}

#[test]
fn publication_numbers_of_real_patents_pass() {
    for row in rows("patents/cn_patents_title_ipc.csv").into_iter().flatten() {
        for number in row["publication_numbers"].split('|') {
            let read = parse_publication_number(number);
            assert_eq!(read.map(|read| read.canonical), Ok(number.to_owned()));
        }
    }
}

#[test]
fn symbols_of_the_scheme_have_both_forms() {
    let rows = rows("patents/ipc_scheme_en.csv").into_iter().flatten();
    for row in rows.filter(|row| row["symbol"].contains('/')) {
        let read = parse_ipc(&row["symbol"]).unwrap_or_else(|e| panic!("{}: {e}", row["symbol"]));
        assert_eq!(read.canonical(), row["code"]);
        assert_eq!(read.display(), row["symbol"]);
    }
}
