//! What can be read and what cannot, case by case and for any file.

use std::fmt::Write;

use chrono::TimeZone;
use proptest::prelude::*;

use super::*;

const HEADER: &str = "booked_at,bank_reference,direction,amount,currency,counterparty_name,counterparty_account,remark";

fn balances(opening: i64, closing: i64) -> Figures {
    Figures { opening: Money::fen(opening), closing: Money::fen(closing) }
}

fn refusals(content: &str, figures: Figures) -> Vec<(String, String)> {
    let refused = read(content.as_bytes(), figures).unwrap_err();
    assert_eq!(refused.code, Code::Invalid);
    refused.errors.into_iter().map(|fault| (fault.pointer, fault.code)).collect()
}

#[test]
fn a_statement_is_read_by_the_names_of_its_columns() {
    let content = "\u{feff}remark,amount,direction,booked_at,bank_reference,counterparty_name,currency\n\
                   \"D-7K2M9QXP, 保证金\",100.00,credit,2026-03-02T09:00:00+08:00,B-1,某公司,CNY\r\n\
                   手续费,0.50,debit,2026-03-02,B-2,,CNY\n";
    let sheet = read(content.as_bytes(), balances(1_000, 10_950)).unwrap();
    assert_eq!((sheet.credits, sheet.debits, sheet.rows.len()), (10_000, 50, 2));
    let row = &sheet.rows[0];
    assert_eq!((row.number, row.money, row.remark.as_str()), (2, Money::fen(10_000), "D-7K2M9QXP, 保证金"));
    assert_eq!(row.booked, Booked::At(Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap()));
    assert_eq!((sheet.rows[1].number, sheet.rows[1].booked), (3, Booked::On("2026-03-02".parse().unwrap())));
    assert_eq!(sheet.rows[1].counterparty_account, None);
}

#[test]
fn every_cell_that_cannot_be_read_is_pointed_at() {
    let content = format!("{HEADER}\nsoon,a b,in,-1,USD,,\u{7},\u{7}\n2026-03-02,B-2,credit,1.00,CNY,某公司,,x,more\n");
    let found = refusals(&content, balances(0, 0));
    let places: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
    assert_eq!(
        places,
        [
            "#row/2/booked_at",
            "#row/2/bank_reference",
            "#row/2/direction",
            "#row/2/amount",
            "#row/2/currency",
            "#row/2/counterparty_account",
            "#row/2/remark",
            "#row/3"
        ]
    );
    for amount in ["0.00", "1,000.00", "1e3", "1.001", "", "９"] {
        let content = format!("{HEADER}\n2026-03-02,B-1,credit,\"{amount}\",CNY,某公司,,x\n");
        assert_eq!(refusals(&content, balances(0, 0)), [("#row/2/amount".to_owned(), "money".to_owned())], "{amount}");
    }
}

#[test]
fn columns_are_known_there_and_there_once() {
    let found = refusals("booked_at,amount,amount,balance\n", balances(0, 0));
    let strange: Vec<_> = found[..2].iter().map(|(pointer, code)| (pointer.as_str(), code.as_str())).collect();
    assert_eq!(strange, [("#row/1/3", "repeated"), ("#row/1/4", "unknown_field")]);
    assert_eq!(found[2..].iter().filter(|(_, code)| code == "missing_field").count(), 5);
    assert_eq!(refusals("", balances(0, 0)).len(), 7);
    assert_eq!(refusals(&format!("{HEADER}\n"), balances(0, 0)), [(String::new(), "empty".to_owned())]);
    assert_eq!(read(b"\xd6\xd0\xce\xc4", balances(0, 0)).unwrap_err().errors[0].code, "encoding");
}

#[test]
fn a_reference_stands_once_and_the_balances_add_up() {
    let line = "2026-03-02,B-1,credit,1.00,CNY,某公司,,x\n";
    let found = refusals(&format!("{HEADER}\n{line}{line}"), balances(0, 200));
    assert_eq!(found, [("#row/3/bank_reference".to_owned(), "repeated".to_owned())]);
    let found = refusals(&format!("{HEADER}\n{line}"), balances(0, 101));
    assert_eq!(found, [("#query/closing_balance".to_owned(), "balance".to_owned())]);
    assert!(figures("1.00", "2.50", Currency::Cny).is_ok());
    let refused = figures("-1.00", "x", Currency::Cny).unwrap_err();
    assert_eq!((refused.code, refused.errors.len()), (Code::Invalid, 2));
}

#[test]
fn faults_and_lines_are_counted() {
    let many = "soon,a b,in,0,USD,,,\n".repeat(90);
    assert_eq!(refusals(&format!("{HEADER}\n{many}"), balances(0, 0)).len(), MOST_FAULTS);
    let lines: String = (0..=MOST_LINES).map(|n| format!("2026-03-02,B-{n},credit,1.00,CNY,某公司,,x\n")).collect::<Vec<_>>().concat();
    assert_eq!(refusals(&format!("{HEADER}\n{lines}"), balances(0, 0)), [(String::new(), "too_many".to_owned())]);
}

#[test]
fn a_day_counts_as_its_end_or_as_now_while_it_lasts() {
    let day = Booked::On("2026-03-02".parse().unwrap());
    let instant = |hour, minute| Utc.with_ymd_and_hms(2026, 3, 2, hour, minute, 0).unwrap();
    assert_eq!(day.by(instant(3, 0)), Some(instant(3, 0)));
    assert_eq!(day.by(instant(20, 0)), Some(instant(16, 0) - TimeDelta::microseconds(1)));
    assert_eq!(day.by(Utc.with_ymd_and_hms(2026, 3, 1, 15, 59, 59).unwrap()), None);
    assert_eq!(Booked::At(instant(3, 0)).by(instant(2, 59)), None);
}

proptest! {
    #[test]
    fn whatever_is_sent_nothing_breaks(content in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&content, balances(0, 0));
    }

    #[test]
    fn what_is_read_adds_up(fens in prop::collection::vec((any::<bool>(), 1..1_000_000_i64), 1..30)) {
        let mut content = format!("{HEADER}\n");
        let mut closing = 1_000_000_000_i64;
        for (number, (is_credit, fen)) in fens.iter().enumerate() {
            let direction = if *is_credit { "credit" } else { "debit" };
            closing += if *is_credit { *fen } else { -*fen };
            writeln!(content, "2026-03-02,B-{number},{direction},{},CNY,某公司,,", Money::fen(*fen).decimal()).unwrap();
        }
        let sheet = read(content.as_bytes(), balances(1_000_000_000, closing)).unwrap();
        prop_assert_eq!(sheet.rows.len(), fens.len());
        prop_assert_eq!(1_000_000_000 + sheet.credits - sheet.debits, closing);
        prop_assert!(read(content.as_bytes(), balances(1_000_000_000, closing + 1)).is_err());
    }
}
