//! Cells become bodies and bodies cells, column by column and for any row.

use super::*;
use crate::platform::problem::Code;
use proptest::prelude::*;

fn made(kind: ImportKind, row: &[(&str, &str)]) -> Result<Value, Vec<(String, String)>> {
    let (names, cells): (Vec<_>, Vec<_>) = row.iter().map(|(name, cell)| ((*name).to_owned(), (*cell).to_owned())).unzip();
    body(kind, &names, &cells).map_err(|problem| problem.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect())
}

#[test]
fn cells_make_the_body_the_api_takes() {
    let row = [
        ("title", "一种方法"),
        ("kind", " invention "),
        ("filed_on", "2020-06-19"),
        ("ipc", "G06N 3/08 | G06N 3/04"),
        ("owners", "浙江大学:10000*"),
        ("compensation_days", "30"),
        ("trl", ""),
        ("summary", "'=有用"),
    ];
    assert_eq!(
        made(ImportKind::Assets, &row).unwrap(),
        json!({
            "achievement": {"summary": "=有用"},
            "asset": {
                "title": "一种方法",
                "details": {"kind": "invention", "filed_on": "2020-06-19", "ipc": ["G06N 3/08", "G06N 3/04"], "compensation_days": 30},
                "owners": [{"name": "浙江大学", "share_bp": 10_000, "is_holder": true}]
            }
        })
    );
    let row = [
        ("assets", "cn_application:202010566088.9"),
        ("mode", "sole_licence"),
        ("base_price", "10.5"),
        ("rest", r#"{"terms":{"months":12},"reserve":{"kind":"none"}}"#),
    ];
    assert_eq!(
        made(ImportKind::Listings, &row).unwrap(),
        json!({
            "assets": ["cn_application:202010566088.9"],
            "offer": {
                "base_price": {"amount": "10.5", "currency": "CNY"},
                "terms": {"months": 12, "mode": "sole_licence"},
                "reserve": {"kind": "none"}
            }
        })
    );
}

#[test]
fn everything_misread_in_a_row_is_said_at_once() {
    let row = [
        ("kind", "patent"),
        ("filed_on", "2020/6/19"),
        ("trl", "6.5"),
        ("state_funded", "yes"),
        ("owners", "浙江大学"),
        ("status_as_of", "2026-01-01"),
        ("details", "[]"),
        ("compensation_days", ""),
    ];
    let faults = made(ImportKind::Assets, &row).unwrap_err();
    let codes: Vec<_> = faults.iter().map(|(pointer, code)| format!("{pointer} {code}")).collect();
    assert_eq!(
        codes,
        [
            "/details json",
            "/kind unknown_code",
            "/filed_on day",
            "/trl number",
            "/state_funded flag",
            "/owners owners",
            "/status_as_of instant"
        ]
    );
    let twice = made(ImportKind::Assets, &[("kind", "software"), ("details", r#"{"kind":"software","version":"1"}"#)]);
    assert_eq!(twice.unwrap_err(), [("/kind".to_owned(), "given_twice".to_owned())]);
    let money = made(ImportKind::Listings, &[("base_price", "1,000"), ("currency", "USD")]);
    assert_eq!(money.unwrap_err().len(), 2);
}

#[test]
fn a_fault_is_told_at_its_column() {
    let name = |pointer, field| at(ImportKind::Assets, pointer, field).map(|column| column.name);
    assert_eq!(name("/asset/details/ipc/0", None), Some("ipc"));
    assert_eq!(name("/asset/details", Some("filed_on")), Some("filed_on"));
    assert_eq!(name("/asset/details", Some("version")), Some("details"));
    assert_eq!(name("/legal_status", Some("as_of")), Some("status_as_of"));
    assert_eq!(name("/achievement", Some("field")), Some("field"));
    assert_eq!(name("/elsewhere", None), None);
    assert_eq!(at(ImportKind::Listings, "/offer/auction/step", None).map(|column| column.name), Some("rest"));
}

#[test]
fn what_a_row_lacks_is_said_at_once() {
    let lacks = |kind, row: &[(&str, &str)], place: &str, field: &str| {
        let first = Code::Invalid.at(place, "missing_field", "", format!("missing field `{field}`"));
        let told = all_missing(kind, &made(kind, row).unwrap(), first);
        let column = |fault: &Fault| at(kind, &fault.pointer, fault.en.split('`').nth(1)).map(|column| column.name);
        told.errors.iter().filter_map(column).collect::<Vec<_>>()
    };
    let known = [("title", "一种方法"), ("achievement_id", "x"), ("kind", "invention"), ("ipc", "G06N 3/08")];
    assert_eq!(lacks(ImportKind::Assets, &known, "/asset/details", "inventors"), ["inventors", "filed_on"]);
    let described = [("title", "一种方法"), ("field", "06"), ("state_funded", "false")];
    assert_eq!(lacks(ImportKind::Assets, &described, "/asset/details", "kind"), ["kind", "summary", "completers"]);
    let offer = [("assets", "x"), ("title", "一"), ("summary", "二"), ("mode", "assignment"), ("contact_office", "三")];
    assert_eq!(
        lacks(ImportKind::Listings, &offer, "/offer", "base_price"),
        ["base_price", "base_price_basis", "closing_mode", "secret_level_none", "no_other_encumbrances"]
    );
    let other = Code::Invalid.at("/asset/title", "text", "", "");
    assert_eq!(all_missing(ImportKind::Assets, &json!({}), other.clone()), other);
}

/// Every column is named once, and none lies inside another but in the rest.
#[test]
fn columns_are_told_apart() {
    for kind in ImportKind::ALL {
        let names: BTreeSet<_> = of(*kind).iter().map(|column| column.name).collect();
        assert_eq!(names.len(), of(*kind).len());
        for one in of(*kind).iter().filter(|column| !matches!(column.form, Form::Rest | Form::Currency)) {
            let inside = |other: &Column| other.place.starts_with(&format!("{}/", one.place));
            assert!(!of(*kind).iter().any(inside), "{}", one.name);
        }
    }
}

proptest! {
    #[test]
    fn what_is_exported_reads_back(
        title in "[=a'一][^\u{0}]{0,10}", names in proptest::collection::vec("[a |\\\\一]{1,5}", 1..4), level in proptest::option::of(1_i64..13),
        version in "[a\"{,\n]{1,6}",
    ) {
        prop_assume!(names.iter().all(|name| !name.trim().is_empty()));
        let said = json!({
            "achievement": {"completers": names, "trl": level},
            "asset": {"title": title, "details": {"kind": "software", "version": version}},
        });
        let header: Vec<String> = ASSETS.iter().map(|column| column.name.to_owned()).collect();
        let guarded: Vec<String> = cells(ImportKind::Assets, said.clone()).iter().map(|cell| crate::platform::spreadsheet::guarded(cell)).collect();
        let read = body(ImportKind::Assets, &header, &guarded).unwrap();
        prop_assert_eq!(pruned(read), pruned(said));
    }
}
