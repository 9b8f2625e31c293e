//! Real auctions, real lots, real numbers: what is on record comes out of this market too.
//!
//! The records lie in the folder named by `ZHEPAI_REAL_DATA`. Unset, what is skipped is said aloud;
//! set and missing is a failure.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::str::FromStr;

use chrono::TimeDelta;
use entity::money::Money;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::market::know_how;
use zhepai::play::recorded::{extension, reverse};
use zhepai::play::{self, NewAsset, Party, admit, publish, register, sign, text};

use crate::common::database::{self, has_postgres};
use crate::common::fixtures::{achievement, enterprise, rehearsal, university};
use crate::common::play::{first_deal, granted, person, refused};
use crate::common::program::{self, Program};
use crate::common::{Base, Market, monday};
use crate::on_both;

/// Rows of a table by the names of its columns.
pub(crate) type Row = BTreeMap<String, String>;

/// A file or folder of the real data; nothing where there are none.
pub(crate) fn real(name: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("ZHEPAI_REAL_DATA") else {
        eprintln!("SKIPPED: ZHEPAI_REAL_DATA is not set, so {name} was not played");
        return None;
    };
    let path = Path::new(&root).join(name);
    assert!(path.exists(), "ZHEPAI_REAL_DATA is set, but {} is missing", path.display());
    Some(path)
}

pub(crate) fn rows(path: &Path) -> Vec<Row> {
    let rows: Result<Vec<Row>, _> = csv::Reader::from_path(path).unwrap().deserialize().collect();
    let rows = rows.unwrap();
    assert!(!rows.is_empty(), "{} has no rows", path.display());
    rows
}

/// A sandbox in a process of its own whose time starts a day before anything in a record happens, where that is known.
async fn sandbox_before(rules: &str, folder: &Path, base: Base, place: &Path) -> Program {
    let opened_at = match rules {
        "extension" => extension::read(folder).unwrap().opened_at(),
        "reverse" => reverse::read(folder).unwrap().opened_at(),
        _ => None,
    };
    let start = opened_at.map_or_else(monday, |first| first - TimeDelta::days(1)).to_rfc3339();
    let database = database::fresh(base, place).await;
    Program::serve(&database, place, &[("ZHEPAI_SANDBOX_START", start.as_str())])
}

/// Runs `zhepai replay` as a program against a fresh sandbox program.
async fn replayed(rules: &str, folder: &Path, base: Base) -> Output {
    let place = tempfile::tempdir().unwrap();
    let server = sandbox_before(rules, folder, base, place.path()).await;
    let mut command = Command::new(program::shipped().unwrap_or_else(|| env!("CARGO_BIN_EXE_zhepai").into()));
    command.args(["replay", "--server", server.url.as_str(), "--rules", rules]).arg(folder);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    eprintln!("{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn last_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().last().unwrap_or_default().to_owned()
}

async fn the_program_replays(rules: &str, folder: Option<PathBuf>, base: Base) {
    let Some(folder) = folder else { return };
    let share = tempfile::tempdir().unwrap();
    let folder = share_of(&folder, share.path());
    let comparable = |row: &&Row| !matches!(row.get("class").map(String::as_str), Some("identity_hidden" | "data_error"));
    let count = rows(&folder.join("auctions.csv")).iter().filter(comparable).count();
    let output = replayed(rules, &folder, base).await;
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!((output.status.code(), last_line(&output)), (Some(0), format!("{count} passed, 0 failed")), "{told}");
    assert_eq!(told.lines().filter(|line| line.starts_with("passed")).count(), count, "a line for each auction");
}

/// One test on each database.
macro_rules! replay_on_both {
    ($name:ident, $rules:literal, $folder:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                the_program_replays($rules, $folder, Base::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if has_postgres() {
                    the_program_replays($rules, $folder, Base::Postgres).await;
                }
            }
        }
    };
}

replay_on_both!(replay_ebay, "ebay", real("auctions/ebay"));
replay_on_both!(replay_extension, "extension", real("auctions/english_extension"));
replay_on_both!(replay_reverse, "reverse", real("auctions/reverse_procurement"));
replay_on_both!(replay_sealed_first, "sealed-first", real("auctions/ebay"));
replay_on_both!(replay_sealed_second, "sealed-second", real("auctions/ebay"));

/// The eBay auctions in which the recorded rule is put to the test: bids that fall short of the increment.
const SHORT_OF_THE_STEP: [&str; 2] = ["1650483277", "3019119068"];

/// What is played of a record: of very many auctions every sixtieth, and all that are out of the ordinary, unless
/// `ZHEPAI_TEST_WHOLE_RECORDS` asks for the whole.
fn share_of(folder: &Path, copy: &Path) -> PathBuf {
    let auctions = rows(&folder.join("auctions.csv"));
    if auctions.len() < 100 || std::env::var_os("ZHEPAI_TEST_WHOLE_RECORDS").is_some() {
        return folder.to_owned();
    }
    let unusual = |row: &Row| {
        let amount = |name: &str| row[name].parse::<Decimal>().ok();
        let tied = amount("rule_price") == amount("second_highest_bid");
        tied || row["class"] != "exact" || SHORT_OF_THE_STEP.contains(&row["auctionid"].as_str())
    };
    let chosen: Vec<Row> =
        auctions.into_iter().enumerate().filter(|(at, row)| at.is_multiple_of(60) || unusual(row)).map(|(_, row)| row).collect();
    let ids: BTreeSet<&str> = chosen.iter().map(|row| row["auctionid"].as_str()).collect();
    let mut bids = rows(&folder.join("bids.csv"));
    bids.retain(|bid| ids.contains(bid["auctionid"].as_str()));
    write(&copy.join("auctions.csv"), &chosen);
    write(&copy.join("bids.csv"), &bids);
    std::fs::copy(folder.join("increment_table_2003.csv"), copy.join("increment_table_2003.csv")).unwrap();
    copy.to_owned()
}

fn write(path: &Path, rows: &[Row]) {
    let mut table = csv::Writer::from_path(path).unwrap();
    table.write_record(rows[0].keys()).unwrap();
    for row in rows {
        table.write_record(row.values()).unwrap();
    }
    table.flush().unwrap();
}

/// Copies the record of its first auction with the last price raised.
fn tampered(folder: &Path, copy: &Path) {
    let (auctions, mut bids) = (rows(&folder.join("auctions.csv")), rows(&folder.join("bids.csv")));
    let which = auctions[0]["auction_id"].clone();
    bids.retain(|bid| bid["auction_id"] == which);
    let last = bids.iter_mut().max_by_key(|bid| bid["unix_time"].parse::<i64>().unwrap()).unwrap();
    let raised = Decimal::from_str(&last["amount_eth"]).unwrap() + Decimal::new(1, 3);
    last.insert("amount_eth".into(), raised.to_string());
    write(&copy.join("auctions.csv"), &auctions[..1]);
    write(&copy.join("bids.csv"), &bids);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_with_one_price_changed_fails() {
    let Some(folder) = real("auctions/english_extension") else { return };
    let copy = tempfile::tempdir().unwrap();
    tampered(&folder, copy.path());
    let output = replayed("extension", copy.path(), Base::Sqlite).await;
    assert_eq!((output.status.code(), last_line(&output).as_str()), (Some(1), "0 passed, 1 failed"));
}

on_both! {
    /// The lots whose start price, final price and premium were printed, sold anew, give that premium.
    async fn printed_premiums_come_out(market) {
        let Some(path) = real("deals/tech_auction_lots.csv") else { return };
        let printed = |row: &Row| ["start_wan_yuan", "final_wan_yuan", "premium_percent_as_printed"].iter().all(|name| !row[*name].is_empty());
        let lots: Vec<_> = rows(&path).into_iter().filter(printed).collect();
        assert!(!lots.is_empty(), "no lot with all three figures");
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        for row in lots {
            let content = sold(&market, &seller, [&one, &two], &row).await;
            let printed = Decimal::from_str(&row["premium_percent_as_printed"]).unwrap();
            let ours = Decimal::from_str(content["premium_percent"].as_str().unwrap()).unwrap();
            let rounded = ours.round_dp_with_strategy(printed.scale(), RoundingStrategy::MidpointAwayFromZero);
            assert_eq!(rounded, printed, "{}", row["title"]);
            assert_eq!(content["final_price"], json!(ten_thousands(&row["final_wan_yuan"])));
        }
    }
}

/// Ten thousands of yuan, as newspapers print prices.
fn ten_thousands(printed: &str) -> Money {
    let fen = Decimal::from_str(printed).unwrap() * Decimal::from(1_000_000);
    Money::fen(fen.to_i64().unwrap())
}

/// Sells a printed lot as a rehearsal; the public text of its result.
async fn sold(market: &Market, seller: &Party, buyers: [&Party; 2], row: &Row) -> Value {
    let (start, last) = (ten_thousands(&row["start_wan_yuan"]), ten_thousands(&row["final_wan_yuan"]));
    let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
    let (mut offer, mut result) = (rehearsal(start, opens), achievement());
    offer["title"] = row["title"].as_str().into();
    result["title"] = row["title"].as_str().into();
    let right = NewAsset { body: know_how(&row["title"], &seller.name), status: "unregistered".into() };
    let (achievement, assets) = register(seller, result, &[right]).await.unwrap();
    let lot = publish(seller, &market.staff, offer, &achievement, &assets).await.unwrap().lot;
    for buyer in buyers {
        admit(buyer, &market.staff, &lot).await.unwrap();
    }
    market.pass(2).await;
    play::bid(buyers[0], &lot, start).await.unwrap();
    play::bid(buyers[1], &lot, last).await.unwrap();
    market.pass(24 * 60 + 1).await;

    let deal = text(&first_deal(&buyers[1].client).await["id"]);
    sign(&deal, &[&buyers[1].client, &seller.client]).await.unwrap();
    let published = market.staff.publisher.act(&format!("/v1/deals/{deal}/publish-result")).await.unwrap();
    let notice = market.stranger.get(&format!("/v1/notices/{}", text(&published["result_notice_id"]))).await.unwrap();
    notice["content"].clone()
}

on_both! {
    /// Every code on record is accepted, held under suspicion or refused as the standard says.
    async fn organisation_codes_stand_as_recorded(market) {
        let Some(path) = real("identifiers/uscc.csv") else { return };
        let founder = person(&market.stranger, "founder@play.example").await;
        let mut known = BTreeSet::new();
        for row in rows(&path) {
            let code = &row["code"];
            let body = json!({"kind": "enterprise", "ownership": "private", "name": format!("登记单位 {code}"), "uscc": code});
            let reply = founder.post("/v1/organisations", body).send().await.unwrap();
            match standing(&row) {
                Some(_) if !known.insert(code.clone()) => {
                    refused(&reply, 409, "uscc_taken");
                }
                Some(standing) => {
                    let kept = granted(&reply, 201);
                    assert_eq!((&kept["uscc"], &kept["uscc_standing"]), (&json!(code), &json!(standing)));
                    verified_only_if_sound(&market.staff.reviewer, kept, standing).await;
                }
                None => {
                    refused(&reply, 422, "uscc_invalid");
                }
            }
        }
    }
}

/// How a code stands by GB 32100 and GB 11714, as recorded; nothing if it is none.
fn standing(row: &Row) -> Option<&'static str> {
    let code = &row["code"];
    let formed = code.len() == 18 && code.chars().all(|c| "0123456789ABCDEFGHJKLMNPQRTUWXY".contains(c));
    match (row["valid"].as_str(), row["org_code_check_ok"].as_str()) {
        ("1", "1") => Some("valid"),
        ("0", "1") if formed => Some("suspicious"),
        _ => None,
    }
}

/// An officer verifies an organisation under suspicion only once its code is resolved.
async fn verified_only_if_sound(reviewer: &Client, organisation: &Value, standing: &str) {
    let path = format!("/v1/organisations/{}/verify", text(&organisation["id"]));
    let reply = reviewer.ask(reqwest::Method::POST, &path).send().await.unwrap();
    if standing == "valid" {
        assert_eq!(granted(&reply, 200)["state"], "verified");
    } else {
        assert_eq!(refused(&reply, 409, "wrong_state")["uscc_standing"], standing);
    }
}

on_both! {
    /// Every number people wrote down is read into its one form, or refused; never completed or corrected.
    async fn application_numbers_stand_as_recorded(market) {
        let Some(path) = real("patents/cn_application_numbers.csv") else { return };
        let seller = university(&market).await;
        let created = seller.client.create("/v1/achievements", achievement()).await.unwrap();
        let place = format!("/v1/achievements/{}/assets", text(&created["id"]));
        let mut known = BTreeSet::new();
        for row in rows(&path) {
            let (written, kind) = (row["as_written"].as_str(), kind(&row));
            if row["check_digit_ok"] != "1" {
                refused(&added(&seller, &place, &row, written, kind).await, 422, "identifier_invalid");
                continue;
            }
            let (body, check) = row["normalised13"].split_at(12);
            let bare = added(&seller, &place, &row, body, kind).await;
            assert_eq!(refused(&bare, 422, "identifier_invalid")["reason_code"], "missing_check_digit");
            let other = if kind == "design" { "invention" } else { "design" };
            let misnamed = added(&seller, &place, &row, written, other).await;
            assert_eq!(refused(&misnamed, 422, "identifier_invalid")["reason_code"], "bad_kind");

            let reply = added(&seller, &place, &row, written, kind).await;
            if !known.insert(row["normalised13"].clone()) {
                refused(&reply, 409, "identifier_taken");
                continue;
            }
            let asset = granted(&reply, 201);
            assert_eq!((&asset["identifier"]["number"], &asset["kind"]), (&json!(format!("{body}.{check}")), &json!(kind)));
        }
    }
}

/// The kind of right the digit after the year tells.
fn kind(row: &Row) -> &'static str {
    match row["normalised13"].as_bytes().get(4) {
        Some(b'2' | b'9') => "utility_model",
        Some(b'3') => "design",
        _ => "invention",
    }
}

/// Adds a granted right with a number as somebody wrote it.
async fn added(seller: &Party, place: &str, row: &Row, number: &str, kind: &str) -> Reply {
    let year = if row["year"].is_empty() { "2022" } else { &row["year"] };
    let mut details = json!({
        "kind": kind,
        "filed_on": format!("{year}-06-01"),
        "granted_on": format!("{year}-12-31"),
        "inventors": ["发明人甲"]
    });
    match kind {
        "design" => details["locarno"] = json!(["14-02"]),
        _ => details["ipc"] = json!(["G06N 3/08"]),
    }
    let title = if row["title"].is_empty() { "未写明题名的专利" } else { &row["title"] };
    let owners = json!([{"name": seller.name, "is_holder": true, "share_bp": 10_000}]);
    let body = json!({"title": title, "identifier": number, "details": details, "owners": owners});
    seller.client.post(place, body).send().await.unwrap()
}
