//! Files of many rows: every row is judged like a call for it alone, taken in once, and reported.

use std::collections::BTreeMap;

use entity::achievements::{achievement, asset, legal_status};
use entity::imports::import_row;
use entity::listings::listing;
use entity::money::Money;
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use crate::authz::{address, join, know_how, offer};
use crate::common::fixtures::{achievement as described, enterprise, patent_numbered, rehearsal, university};
use crate::common::play::{PASSWORD, granted, import_ended, refused, start, through};
use crate::common::{Base, Market};
use crate::on_both;

const CSV: &str = "text/csv";
const JSONL: &str = "application/x-ndjson";

/// What must become of a row: its state, and where it is refused the problem's code with the first fault's
/// place and code.
type Due = (&'static str, &'static str, &'static str);

const ACCEPTED: Due = ("accepted", "", "");
const UNCHANGED: Due = ("unchanged", "", "");

const fn due(code: &'static str, fault: &'static str) -> Due {
    ("refused", code, fault)
}

/// An application number of an invention, with the check digit of ZC 0006-2003.
fn number(kind: char, year: u32, serial: u32) -> String {
    let body = format!("{year}{kind}{serial:07}");
    let sum: u32 = body.chars().filter_map(|c| c.to_digit(10)).zip((2..=9).cycle()).map(|(digit, weight)| digit * weight).sum();
    let check = char::from_digit(sum % 11, 10).unwrap_or('X');
    format!("{body}.{check}")
}

/// Starts an import that must be taken on; its id.
async fn started(client: &Client, kind: &str, media: &str, file: Vec<u8>, rehearse: bool) -> String {
    let place = format!("/v1/imports?kind={kind}&file_name=rows.txt&rehearse={rehearse}");
    let reply = client.send_file(&place, media, file).await.unwrap();
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(reply.header("location").map(ToOwned::to_owned), Some(format!("/v1/imports/{}", text(&reply.body["id"]))));
    text(&reply.body["id"])
}

/// Imports a file to its end; what is said of the import, and of every row.
async fn imported(client: &Client, kind: &str, media: &str, file: Vec<u8>) -> (Value, Vec<Value>) {
    let id = started(client, kind, media, file, false).await;
    let import = import_ended(client, &id).await;
    assert_eq!(import["state"], "done", "{import}");
    let rows = rows_of(client, &id).await;
    (import, rows)
}

/// Every row of an import.
async fn rows_of(client: &Client, id: &str) -> Vec<Value> {
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let after = rows.last().map_or(0, |row| row["number"].as_i64().unwrap());
        let page = client.get(&format!("/v1/imports/{id}/rows?after={after}&limit=100")).await.unwrap();
        let page = page.as_array().unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page.iter().cloned());
    }
}

/// What became of a row, said as it is due.
fn became(row: &Value) -> (String, String, String) {
    let first = &row["problem"]["errors"][0];
    let fault = if first.is_null() { String::new() } else { format!("{} {}", text(&first["pointer"]), text(&first["code"])) };
    (text(&row["state"]), text(&row["problem"]["code"]), fault)
}

/// Sees that every row became what was due, in order, and that the numbers agree.
#[track_caller]
fn as_due(import: &Value, rows: &[Value], dues: &[Due]) {
    assert_eq!((rows.len(), &import["rows_total"], &import["rows_done"]), (dues.len(), &json!(dues.len()), &json!(dues.len())));
    for (index, (row, due)) in rows.iter().zip(dues).enumerate() {
        assert_eq!(row["number"], index + 1);
        let (state, code, fault) = became(row);
        assert_eq!((state.as_str(), code.as_str(), fault.as_str()), *due, "{row}");
    }
    for state in ["accepted", "unchanged", "refused"] {
        let count = dues.iter().filter(|due| due.0 == state).count();
        assert_eq!(import[state], count, "{state}: {import}");
    }
}

pub(crate) const HEADER: &str =
    "row_key,title,kind,identifier,filed_on,ipc,inventors,summary,field,state_funded,status,status_as_of,status_source\n";

/// A row about the invention with this serial.
fn row(key: u32, title: &str, identifier: &str, filed_on: &str, ipc: &str) -> String {
    format!("K-{key},{title},invention,{identifier},{filed_on},{ipc},王某|李某,有用,06,false,granted,2026-01-05T08:00:00+08:00,registry\n")
}

pub(crate) fn good(serial: u32) -> String {
    row(serial, &format!("一种方法{serial}"), &number('1', 2020, serial), "2020-06-19", "G06N 3/08|G06N 3/04")
}

/// A file of so many rows, good and bad in turn, and what is due to each.
fn mixed(rows: u32) -> (Vec<u8>, Vec<Due>) {
    let (mut file, mut dues) = (HEADER.as_bytes().to_vec(), Vec::new());
    for at in 1..=rows {
        let own = number('1', 2020, at);
        let title = format!("一种方法{at}");
        let (line, due) = match at % 10 {
            0 => {
                let check = if own.ends_with('1') { "2" } else { "1" };
                let misread = format!("{}{check}", &own[..own.len() - 1]);
                (
                    row(at, &title, &misread, "2020-06-19", "G06N 3/08").into_bytes(),
                    due("identifier_invalid", "/identifier bad_check_digit"),
                )
            }
            5 => (row(at, &title, &own, "", "G06N 3/08").into_bytes(), due("invalid", "/filed_on missing_field")),
            6 => (row(at, &title, &own, "2020-06-19", "A61K").into_bytes(), due("invalid", "/ipc bad_form")),
            7 => (good(at - 5).into_bytes(), UNCHANGED),
            8 => (row(at, &title, &number('1', 2020, at - 6), "2020-06-19", "G06N 3/08").into_bytes(), due("identifier_taken", "")),
            9 if at % 20 == 9 => (b"K,too,few\n".to_vec(), due("malformed", "")),
            9 => ([b"K,\xff".as_slice(), &good(at).into_bytes()[3..]].concat(), due("malformed", "")),
            _ => (good(at).into_bytes(), ACCEPTED),
        };
        file.extend(line);
        dues.push(due);
    }
    (file, dues)
}

/// How many rights, achievements, readings and rows there are.
async fn counts(market: &Market) -> [u64; 4] {
    let db = market.house().db.read();
    [
        asset::Entity::find().count(db).await.unwrap(),
        achievement::Entity::find().count(db).await.unwrap(),
        legal_status::Entity::find().count(db).await.unwrap(),
        import_row::Entity::find().count(db).await.unwrap(),
    ]
}

on_both! {
    /// First rehearsed, then done, then done again: three times the same verdicts, and one effect.
    async fn a_mixed_file_is_explained_row_by_row(market) {
        let seller = university(&market).await;
        let (file, dues) = mixed(300);
        let id = started(&seller.client, "assets", CSV, file.clone(), true).await;
        let import = import_ended(&seller.client, &id).await;
        let rehearsed = rows_of(&seller.client, &id).await;
        as_due(&import, &rehearsed, &dues);
        assert_eq!(counts(&market).await, [0, 0, 0, 300], "a rehearsal takes nothing in");

        let (import, rows) = imported(&seller.client, "assets", CSV, file.clone()).await;
        as_due(&import, &rows, &dues);
        assert_eq!(counts(&market).await, [120, 120, 120, 600]);
        assert_eq!((&rows[0]["row_key"], &rows[0]["line"]), (&json!("K-1"), &json!(2)));
        assert_eq!(rows[8]["row_key"], "K", "also of a row that cannot be read");
        let first = seller.client.get(&format!("/v1/assets/{}", text(&rows[0]["thing_id"]))).await.unwrap();
        assert_eq!((&first["title"], &first["owners"][0]["name"]), (&json!("一种方法1"), &json!(seller.name)));
        assert_eq!((&first["owners"][0]["share_bp"], &first["legal_status"]["status"]), (&json!(10_000), &json!("granted")));
        assert_eq!(rows[6]["thing_id"], rows[1]["thing_id"], "an equal row finds what stands");
        assert_eq!(rows[7]["problem"]["facts"], json!({"asset_id": rows[1]["thing_id"], "differs": ["title", "details", "achievement"]}));
        assert_eq!(rows[9]["problem"]["facts"]["reason_code"], "bad_check_digit");

        let (import, again) = imported(&seller.client, "assets", CSV, file).await;
        let dues: Vec<Due> = dues.iter().map(|due| if *due == ACCEPTED { UNCHANGED } else { *due }).collect();
        as_due(&import, &again, &dues);
        assert_eq!(counts(&market).await, [120, 120, 120, 900]);
        let refused = seller.client.get(&format!("/v1/imports/{}/rows?state=refused&limit=100", text(&import["id"]))).await.unwrap();
        assert_eq!(refused.as_array().unwrap().len(), 100);
    }
}

on_both! {
    /// Whoever mends a row mends it once: it is told of every column it lacks.
    async fn all_that_a_row_lacks_is_said_at_once(market) {
        let seller = university(&market).await;
        let lacking = row(1, "一种方法", "", "", "").replace("有用", "");
        let (_, rows) = imported(&seller.client, "assets", CSV, format!("{HEADER}{lacking}").into_bytes()).await;
        let faults = rows[0]["problem"]["errors"].as_array().unwrap();
        let mut told: Vec<_> = faults.iter().map(|fault| format!("{} {}", text(&fault["pointer"]), text(&fault["code"]))).collect();
        told.sort();
        assert_eq!(told, ["/filed_on missing_field", "/ipc missing_field", "/summary missing_field"]);
    }
}

on_both! {
    /// A key names an import, not a request.
    async fn the_same_call_starts_one_import(market) {
        let seller = university(&market).await;
        let send = async |file: String| {
            let request = crate::common::http()
                .post(format!("{}/v1/imports?kind=assets&file_name=x.csv", market.stranger.base()))
                .bearer_auth(seller.client.token().unwrap())
                .header("Idempotency-Key", "an-import-of-mine")
                .header("Content-Type", CSV);
            let answer = request.body(file).send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        };
        let (status, first) = send(format!("{HEADER}{}", good(1))).await;
        assert_eq!(status, 201);
        import_ended(&seller.client, &text(&first["id"])).await;
        let (status, again) = send(format!("{HEADER}{}", good(1))).await;
        assert_eq!((status, &again["id"]), (201, &first["id"]));
        let (status, other) = send(format!("{HEADER}{}", good(2))).await;
        assert_eq!((status, &other["code"]), (422, &json!("key_reused")));
        assert_eq!(seller.client.get("/v1/imports").await.unwrap()["items"].as_array().unwrap().len(), 1);
    }
}

on_both! {
    /// JSON Lines say what the API takes, and are read as strictly.
    async fn json_lines_are_read_like_bodies(market) {
        let seller = university(&market).await;
        let known = text(&seller.client.create("/v1/achievements", described()).await.unwrap()["id"]);
        let asset = |serial| patent_numbered(&seller, &number('1', 2016, serial)).body;
        let mut misspelt = asset(3);
        misspelt["colour"] = "red".into();
        let lines = [
            (json!({"row_key": "a", "achievement": described(), "asset": asset(1)}).to_string(), ACCEPTED),
            (json!({"achievement_id": known, "asset": asset(2)}).to_string(), ACCEPTED),
            (json!({"achievement_id": known, "achievement": described(), "asset": asset(3)}).to_string(), due("invalid", "/achievement one_of_two")),
            (json!({"asset": asset(3)}).to_string(), due("invalid", "/achievement one_of_two")),
            (json!({"achievement_id": known, "asset": misspelt}).to_string(), due("invalid", "/asset/colour unknown_field")),
            (json!({"achievement_id": seller.organisation, "asset": asset(3)}).to_string(), due("invalid", "/achievement_id unknown")),
            (r#"{"row_key":"x","row_key":"y"}"#.to_owned(), due("malformed", "")),
            ("not JSON".to_owned(), due("malformed", "")),
            (json!({"row_key": "a\u{0}"}).to_string(), due("malformed", "")),
            (json!({"row_key": "long".repeat(60), "achievement_id": known, "asset": asset(3)}).to_string(), due("invalid", "/row_key text")),
            (json!({"achievement_id": known, "asset": asset(2)}).to_string(), UNCHANGED),
        ];
        let file: String = lines.iter().fold("\u{feff}".to_owned(), |file, (line, _)| format!("{file}{line}\r\n\n"));
        let (import, rows) = imported(&seller.client, "assets", JSONL, file.into_bytes()).await;
        as_due(&import, &rows, &lines.iter().map(|(_, due)| *due).collect::<Vec<_>>());
        assert_eq!((&rows[0]["row_key"], &rows[1]["line"]), (&json!("a"), &json!(3)));
        let one = seller.client.get(&format!("/v1/assets/{}", text(&rows[0]["thing_id"]))).await.unwrap();
        assert_eq!(one["achievement_id"], known.as_str(), "an achievement that says the same is not registered twice");
    }
}

on_both! {
    /// A right is registered once in the market, and its status may be read again and again.
    async fn what_another_has_is_not_told(market) {
        let seller = university(&market).await;
        let other = enterprise(&market, "other", 1).await;
        let file = format!("{HEADER}{}", good(1));
        let (import, _) = imported(&seller.client, "assets", CSV, file.clone().into_bytes()).await;
        let (_, theirs) = imported(&other.client, "assets", CSV, file.clone().into_bytes()).await;
        assert_eq!(became(&theirs[0]), ("refused".into(), "identifier_taken".into(), String::new()));
        assert_eq!(theirs[0]["problem"]["facts"], json!({}), "whose it is, is not told");
        for place in ["", "/rows", "/report"] {
            refused(&other.client.look(&format!("/v1/imports/{}{place}", text(&import["id"]))).await.unwrap(), 404, "not_found");
        }
        assert!(!String::from_utf8(other.client.download("/v1/exports/assets?format=csv").await.unwrap()).unwrap().contains("一种方法1"));

        let later = file.replace("2026-01-05", "2026-02-05");
        let (_, read_again) = imported(&seller.client, "assets", CSV, later.into_bytes()).await;
        assert_eq!(became(&read_again[0]).0, "accepted");
        assert_eq!(counts(&market).await[..3], [1, 1, 2]);
    }
}

on_both! {
    /// A server that is stopped in the middle goes on where it was, and nothing is done twice.
    async fn a_stop_in_the_middle_changes_nothing(market) {
        let seller = university(&market).await;
        let (file, dues) = mixed(400);
        let id = started(&seller.client, "assets", CSV, file, false).await;
        market.server.stop().await;
        let server = start(&market.config).await.unwrap();
        let client = through(&Client::new(&server.url()).unwrap(), &seller.client);
        let import = import_ended(&client, &id).await;
        assert_eq!(import["state"], "done");
        as_due(&import, &rows_of(&client, &id).await, &dues);
        let assets = asset::Entity::find().count(server.house.db.read()).await.unwrap();
        assert_eq!(assets, 160);
        server.stop().await;
    }
}

on_both! {
    /// Whoever may not import any more imports nothing more; a colleague goes on.
    async fn an_import_ends_with_the_right_to_it(market) {
        let seller = university(&market).await;
        let (clerk, place) = join(&market, &seller, "c-lerk", &["operator"]).await;
        let file: String = (1..=600).fold(HEADER.to_owned(), |file, serial| file + &good(serial));
        let id = started(&clerk, "assets", CSV, file.into_bytes(), false).await;
        seller.client.act(&format!("/v1/memberships/{place}/suspend")).await.unwrap();
        let broken = import_ended(&seller.client, &id).await;
        assert_eq!((&broken["state"], &broken["state_reason"]), (&json!("failed"), &json!("not_allowed")));
        assert!(broken["rows_done"].as_i64().unwrap() < 600);
        assert_eq!(broken["allowed"], json!(["resume_import", "cancel_import"]));

        seller.client.act(&format!("/v1/imports/{id}/resume")).await.unwrap();
        let done = import_ended(&seller.client, &id).await;
        assert_eq!((&done["state"], &done["accepted"], &done["rows_done"]), (&json!("done"), &json!(600), &json!(600)));
        // What was resumed is not given up.
        market.pass(60 * 24 * 8).await;
        assert_eq!(seller.client.get(&format!("/v1/imports/{id}")).await.unwrap()["state"], "done");
        assert_eq!(counts(&market).await, [600, 600, 600, 600]);
    }
}

on_both! {
    /// An import started in a session that was taken away since breaks off; one whose owner signed out goes on.
    async fn an_import_ends_with_its_session(market) {
        let seller = university(&market).await;
        let (clerk, _) = join(&market, &seller, "c-lerk", &["operator"]).await;
        let elsewhere = market.stranger.sign_in(&address("c-lerk"), PASSWORD).await.unwrap();
        let file: String = (1..=600).fold(HEADER.to_owned(), |file, serial| file + &good(serial));
        let id = started(&clerk, "assets", CSV, file.clone().into_bytes(), false).await;
        granted(&elsewhere.ask(Method::DELETE, "/v1/sessions").send().await.unwrap(), 204);
        let broken = import_ended(&seller.client, &id).await;
        assert_eq!((&broken["state"], &broken["state_reason"]), (&json!("failed"), &json!("not_allowed")));
        assert!(broken["rows_done"].as_i64().unwrap() < 600);
        seller.client.act(&format!("/v1/imports/{id}/resume")).await.unwrap();
        assert_eq!(import_ended(&seller.client, &id).await["accepted"], 600);

        let id = started(&elsewhere, "assets", CSV, file.into_bytes(), false).await;
        granted(&elsewhere.ask(Method::DELETE, "/v1/sessions/current").send().await.unwrap(), 204);
        let done = import_ended(&seller.client, &id).await;
        assert_eq!((&done["state"], &done["unchanged"]), (&json!("done"), &json!(600)));
    }
}

on_both! {
    /// An import that broke off and that nobody resumes is given up after a while, with its file.
    async fn a_broken_import_is_given_up(market) {
        let seller = university(&market).await;
        let (clerk, place) = join(&market, &seller, "c-lerk", &["operator"]).await;
        let file: String = (1..=600).fold(HEADER.to_owned(), |file, serial| file + &good(serial));
        let id = started(&clerk, "assets", CSV, file.into_bytes(), false).await;
        seller.client.act(&format!("/v1/memberships/{place}/suspend")).await.unwrap();
        assert_eq!(import_ended(&seller.client, &id).await["state"], "failed");
        market.pass(60 * 24 * 7 - 1).await;
        assert_eq!(seller.client.get(&format!("/v1/imports/{id}")).await.unwrap()["state"], "failed");
        market.pass(2).await;
        assert_eq!(seller.client.get(&format!("/v1/imports/{id}")).await.unwrap()["state"], "cancelled");
        let kept = std::fs::read_dir(&market.config.documents).unwrap().count();
        assert_eq!(kept, 0, "the file is still there");
    }
}

on_both! {
    /// What a row says wrongly is not kept with its refusal: it may be a secret.
    async fn a_refusal_keeps_no_secret(market) {
        let seller = university(&market).await;
        let row = json!({"row_key": "S", "assets": [], "offer": {"reserve": {"kind": "secret", "amount": "7654321.00"}}});
        let id = started(&seller.client, "listings", "application/x-ndjson", format!("{row}\n").into_bytes(), false).await;
        import_ended(&seller.client, &id).await;
        let rows = seller.client.get(&format!("/v1/imports/{id}/rows")).await.unwrap();
        assert_eq!(rows[0]["state"], "refused");
        assert!(!rows.to_string().contains("7654321"), "{rows}");
    }
}

on_both! {
    /// Without its file an import cannot go on; with it, it does.
    async fn a_lost_file_breaks_an_import_off(market) {
        let seller = university(&market).await;
        let (file, dues) = mixed(400);
        let id = started(&seller.client, "assets", CSV, file, false).await;
        market.server.stop().await;
        let kept = market.config.documents.with_extension("elsewhere");
        std::fs::rename(&market.config.documents, &kept).unwrap();
        let server = start(&market.config).await.unwrap();
        let client = through(&Client::new(&server.url()).unwrap(), &seller.client);
        let broken = import_ended(&client, &id).await;
        assert_eq!((&broken["state"], &broken["state_reason"]), (&json!("failed"), &json!("file_unreadable")));

        std::fs::remove_dir_all(&market.config.documents).unwrap();
        std::fs::rename(&kept, &market.config.documents).unwrap();
        client.act(&format!("/v1/imports/{id}/resume")).await.unwrap();
        let import = import_ended(&client, &id).await;
        as_due(&import, &rows_of(&client, &id).await, &dues);
        server.stop().await;
    }
}

on_both! {
    /// What is cancelled stays as far as it came.
    async fn a_cancelled_import_goes_no_further(market) {
        let seller = university(&market).await;
        let file: String = (1..=600).fold(HEADER.to_owned(), |file, serial| file + &good(serial));
        let id = started(&seller.client, "assets", CSV, file.into_bytes(), false).await;
        let cancelled = seller.client.act(&format!("/v1/imports/{id}/cancel")).await.unwrap();
        assert_eq!(cancelled["state"], "cancelled");
        let rows = rows_of(&seller.client, &id).await;
        assert_eq!(cancelled["rows_done"], rows.len());
        assert!(rows.len() < 600);
        assert_eq!(counts(&market).await[0], rows.len() as u64);
    }
}

/// Offers two rights by one listing and one by another, and says of a third what a spreadsheet might reckon.
async fn furnish(market: &Market, seller: &Party) {
    let file: String = (1..=3).fold(HEADER.to_owned(), |file, serial| file + &good(serial));
    imported(&seller.client, "assets", CSV, file.into_bytes()).await;
    let mut formula = patent_numbered(seller, &number('1', 2016, 9)).body;
    formula["title"] = "=HYPERLINK(\"http://x\",\"=1\")".into();
    formula["owners"] = json!([{"name": "某：公司|甲", "share_bp": 4_000}, {"name": seller.name, "share_bp": 6_000, "is_holder": true}]);
    let assets = [
        patent_numbered(seller, &number('1', 2016, 1)),
        patent_numbered(seller, &number('1', 2016, 2)),
        play::NewAsset { body: formula, status: "granted".into() },
    ];
    let (achievement, ids) = play::register(seller, described(), &assets).await.unwrap();
    let opens = market.staff.now().await.unwrap() + chrono::TimeDelta::minutes(1);
    let mut offer = rehearsal(Money::fen(100_000), opens);
    offer["achievement_id"] = achievement.as_str().into();
    offer["asset_ids"] = json!(ids[..2]);
    seller.client.create("/v1/listings", offer.clone()).await.unwrap();
    offer["asset_ids"] = json!(ids[2..]);
    offer["terms"] = json!({"mode": "sole_licence", "fields": ["all"], "territory": ["330000"], "months": 12, "sublicence": false});
    offer["conditions"] = json!(["一年内实施", "不得|转让"]);
    seller.client.create("/v1/listings", offer).await.unwrap();
}

/// Everything a seller has, in every form.
async fn exported(client: &Client) -> BTreeMap<(&'static str, &'static str), String> {
    let mut files = BTreeMap::new();
    for kind in ["assets", "listings"] {
        for format in ["csv", "jsonl"] {
            let file = client.download(&format!("/v1/exports/{kind}?format={format}")).await.unwrap();
            files.insert((kind, format), String::from_utf8(file).unwrap());
        }
    }
    files
}

on_both! {
    /// What is exported is unchanged where it comes from, and makes the same things elsewhere.
    async fn an_export_is_an_import(market) {
        let seller = university(&market).await;
        furnish(&market, &seller).await;
        let files = exported(&seller.client).await;
        assert!(files[&("assets", "csv")].contains("\"'=HYPERLINK("), "{}", files[&("assets", "csv")]);
        for ((kind, format), file) in &files {
            let media = if *format == "csv" { CSV } else { JSONL };
            let (import, rows) = imported(&seller.client, kind, media, file.clone().into_bytes()).await;
            assert_eq!(import["unchanged"], if *kind == "assets" { 6 } else { 2 }, "{kind} {format}: {rows:?}");
            assert_eq!(import["unchanged"], import["rows_total"]);
        }
        let base = if market.house().db.is_sqlite() { Base::Sqlite } else { Base::Postgres };
        for format in ["csv", "jsonl"] {
            let elsewhere = Market::start(base).await;
            let twin = university(&elsewhere).await;
            for kind in ["assets", "listings"] {
                let media = if format == "csv" { CSV } else { JSONL };
                let (import, rows) = imported(&twin.client, kind, media, files[&(kind, format)].clone().into_bytes()).await;
                assert_eq!(import["accepted"], import["rows_total"], "{kind} {format}: {rows:?}");
            }
            assert_eq!(exported(&twin.client).await, files);
        }
    }
}

on_both! {
    /// Offers are drafts like any other: their rights are named by number, and what a single call would be
    /// refused for, a row is refused for.
    async fn offers_are_written_as_drafts(market) {
        let seller = university(&market).await;
        let other = enterprise(&market, "other", 1).await;
        let (achievement, ids) = play::register(&seller, described(), &[patent_numbered(&seller, "ZL201610200331.9")]).await.unwrap();
        let (_, theirs) = play::register(&other, described(), &[know_how(&other, "别人的技术")]).await.unwrap();
        let header = "assets,title,summary,mode,base_price,base_price_basis,closing_mode,contact_office,contact_email,secret_level_none,\
                      confidentiality_review_number,no_other_encumbrances,rehearsal,rest\n";
        let line = |assets: &str, title: &str, mode: &str, price: &str, secret: &str, rest: &str| {
            let rest = rest.replace('"', "\"\"");
            format!("{assets},{title},有用,{mode},{price},own_decision,soft_close,技术转移中心,a@b.example,{secret},BM-1,true,true,\"{rest}\"\n")
        };
        let rows = [
            (line("ZL 2016 1 0200331.9", "甲", "assignment", "1000.00", "true", ""), ACCEPTED),
            (line(&ids[0], "甲", "assignment", "1000.00", "TRUE", ""), UNCHANGED),
            (line("cn_application:201610200331.9", "乙", "sole_licence", "1000", "true", r#"{"terms":{"fields":["all"],"territory":["all"],"months":12,"sublicence":false}}"#), ACCEPTED),
            (line("cn_application:201610200331.9", "丙", "sole_licence", "1000", "true", ""), due("invalid", "/rest missing_field")),
            (line(&theirs[0], "丁", "assignment", "1000", "true", ""), due("invalid", "/assets unknown")),
            (line(&ids[0], "戊", "assignment", "1,000", "true", ""), due("malformed", "")),
            (line(&ids[0], "己", "assignment", "-1", "true", ""), due("invalid", "/base_price money")),
            (line(&ids[0], "庚", "assignment", "1000", "false", ""), due("declaration_missing", "/secret_level_none declaration_missing")),
            (line(&ids[0], "辛", "assignment", "0", "true", ""), due("invalid", "/base_price range")),
        ];
        let file: String = rows.iter().fold(header.to_owned(), |file, (row, _)| file + row);
        let (import, told) = imported(&seller.client, "listings", CSV, file.into_bytes()).await;
        as_due(&import, &told, &rows.iter().map(|(_, due)| *due).collect::<Vec<_>>());
        let drafts = seller.client.get("/v1/listings?mine=true").await.unwrap();
        assert_eq!(drafts["items"].as_array().unwrap().len(), 2);
        let draft = seller.client.get(&format!("/v1/listings/{}", text(&told[0]["thing_id"]))).await.unwrap();
        assert_eq!((&draft["state"], &draft["offer"]["achievement_id"]), (&json!("draft"), &json!(achievement)));

        // An amount that is secret stays so: no export tells it, and it is compared behind its seal.
        let mut secret = offer(&market, "一种保密底价的技术").await;
        secret["achievement_id"] = achievement.into();
        secret["asset_ids"] = json!(ids);
        secret["reserve"] = json!({"kind": "secret", "amount": Money::fen(7_654_321)});
        let same = json!({"offer": secret}).to_string();
        secret["reserve"]["amount"] = json!(Money::fen(7_654_322));
        let file = format!("{same}\n{same}\n{}\n", json!({"offer": secret}));
        let (import, told) = imported(&seller.client, "listings", JSONL, file.into_bytes()).await;
        as_due(&import, &told, &[ACCEPTED, UNCHANGED, ACCEPTED]);
        assert!(exported(&seller.client).await.values().all(|file| !file.contains("76543.2")));
        assert_eq!(listing::Entity::find().count(market.house().db.read()).await.unwrap(), 4);
    }
}

on_both! {
    /// A report is a table that no spreadsheet reckons with.
    async fn a_report_is_a_table(market) {
        let seller = university(&market).await;
        let file = format!("{HEADER}=1+1{}", &row(1, "一种方法", "x", "2020-06-19", "G06N 3/08")[3..]);
        let (import, _) = imported(&seller.client, "assets", CSV, file.into_bytes()).await;
        let report = seller.client.download(&format!("/v1/imports/{}/report", text(&import["id"]))).await.unwrap();
        let mut reader = csv::Reader::from_reader(report.as_slice());
        let rows: Vec<BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 1);
        let cell = |name: &str| rows[0][name].as_str();
        assert_eq!((cell("row"), cell("line"), cell("state"), cell("problem")), ("1", "2", "refused", "identifier_invalid"));
        assert_eq!(cell("row_key"), "'=1+1");
        assert!(cell("faults").starts_with("/identifier "), "{}", cell("faults"));
    }
}

mod heavy {
    use std::fmt::Write as _;
    use std::time::{Duration, Instant};

    use zhepai::platform::config::SANDBOX_PASSWORD;
    use zhepai::play::Staff;

    use super::*;
    use crate::common::database::{self, has_postgres};
    use crate::common::play::university_at;
    use crate::common::program::Program;
    use crate::recorded::{Row, real, rows};

    /// A kind of right as the letter of its document tells it, and the kind digit of its number.
    fn told_by_letter(publication_number: &str) -> Option<(&'static str, char)> {
        match publication_number.chars().last()? {
            'A' => Some(("patent_application", '1')),
            'B' => Some(("invention", '1')),
            'U' => Some(("utility_model", '2')),
            'S' => Some(("design", '3')),
            _ => None,
        }
    }

    /// The real files as one file of ours, and what is due to each row.
    ///
    /// What they say is taken over as it is: publication number, title, subclasses, date. They say neither
    /// application number nor filing date nor inventors, and no full symbols, without which nothing is
    /// registered; so a file with nothing added is refused row by row, at the first thing that is missing.
    /// With `completed` the test plays the office that has its own files beside: it adds a number made from
    /// the publication's serial, a filing date, a name, and a main group for each subclass. A document
    /// without its letter still tells no kind, and a design without its class is not registered.
    fn real_rows(completed: bool) -> Option<(Vec<u8>, Vec<Due>)> {
        let titles = rows(&real("patents/cn_patents_title_ipc.csv")?);
        let biblio = rows(&real("patents/cn_patents_biblio.csv")?);
        let mut groups: BTreeMap<String, String> = BTreeMap::new();
        for group in rows(&real("patents/ipc_scheme_en.csv")?).iter().filter(|row| row["symbol"].contains('/')) {
            groups.entry(group["code"][..4].to_owned()).or_insert_with(|| group["symbol"].clone());
        }
        assert_eq!((titles.len(), biblio.len()), (5_892, 2_867));
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer
            .write_record([
                "row_key",
                "title",
                "kind",
                "publication_number",
                "identifier",
                "filed_on",
                "granted_on",
                "ipc",
                "inventors",
                "completers",
                "summary",
                "field",
                "state_funded",
            ])
            .unwrap();
        let mut dues = Vec::new();
        let mut add = |number: &str, row: &Row, subclasses: &str, date: Option<&str>| {
            let told = told_by_letter(number);
            let (kind, digit) = told.unwrap_or(("", '1'));
            let symbols: Vec<String> = subclasses
                .split('|')
                .map(|subclass| groups.get(subclass).cloned().unwrap_or_else(|| format!("{subclass} 10/00")))
                .collect();
            let symbols = if completed { symbols.join("|") } else { subclasses.to_owned() };
            let is_design = kind == "design";
            let filed_on = date.map_or_else(|| "2019-06-01".to_owned(), |date| format!("{}-06-01", date[..4].parse::<i32>().unwrap() - 2));
            let granted_on = date.filter(|_| matches!(kind, "invention" | "utility_model" | "design")).unwrap_or_default();
            let given = |cell: String| if completed { cell } else { String::new() };
            writer
                .write_record([
                    number,
                    &row["title"],
                    kind,
                    number,
                    &given(application(number, digit)),
                    &given(filed_on),
                    granted_on,
                    if is_design { "" } else { &symbols },
                    &given("发明人甲".to_owned()),
                    "完成人甲",
                    "见公开文本",
                    "11",
                    "false",
                ])
                .unwrap();
            dues.push(match kind {
                "" => due("invalid", "/kind missing_field"),
                _ if !completed => due("invalid", "/filed_on missing_field"),
                "design" => due("invalid", "/locarno missing_field"),
                _ => ACCEPTED,
            });
        };
        for row in &titles {
            add(&row["publication_numbers"], row, &row["ipc_subclasses"], None);
        }
        for row in &biblio {
            add(&row["publication_number"], row, "A61K", Some(row["publication_date"].as_str()));
        }
        Some((writer.into_inner().unwrap(), dues))
    }

    /// A number made from the serial of a publication, so that no two are the same; not the real one.
    fn application(publication_number: &str, kind: char) -> String {
        let digits: String = publication_number.chars().filter(char::is_ascii_digit).skip(1).collect();
        let serial: u32 = digits.parse().unwrap();
        number(kind, 2010 + serial / 10_000_000, serial % 10_000_000)
    }

    /// A market in a process of its own with a seller in it.
    async fn a_program(base: Base, folder: &std::path::Path) -> (String, Program, Client) {
        let database = database::fresh(base, folder).await;
        let program = Program::serve(&database, folder, &[]);
        let stranger = program.client();
        let staff = Staff::of_sandbox(&stranger, SANDBOX_PASSWORD).await.unwrap();
        let seller = university_at(&stranger, &staff).await;
        (database, program, seller.client)
    }

    /// Waits until so many rows are done.
    async fn has_come_to(client: &Client, id: &str, rows: i64) {
        loop {
            let import = client.get(&format!("/v1/imports/{id}")).await.unwrap();
            if import["rows_done"].as_i64().unwrap() >= rows {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The bound of a whole import in memory. Its time is told: what it is on a busy machine proves nothing.
    #[track_caller]
    fn is_within_bounds(what: &str, took: Duration, peak_kib: u64) {
        eprintln!("{what}: {:.1} s, peak memory {} MiB", took.as_secs_f32(), peak_kib / 1024);
        assert!(peak_kib < 256 * 1024, "{what}: {peak_kib} KiB");
    }

    async fn real_patents_are_explained_one_by_one(base: Base) {
        let Some((bare, bare_dues)) = real_rows(false) else { return };
        let Some((file, dues)) = real_rows(true) else { return };
        let folder = tempfile::tempdir().unwrap();
        let (database, mut program, mut client) = a_program(base, folder.path()).await;

        let (import, told) = imported(&client, "assets", CSV, bare).await;
        as_due(&import, &told, &bare_dues);
        assert_eq!((&import["accepted"], &import["refused"]), (&json!(0), &json!(8_759)));

        let begun = Instant::now();
        let id = started(&client, "assets", CSV, file, false).await;
        let mut peak = 0;
        for rows in [1_000, 4_000, 7_000] {
            has_come_to(&client, &id, rows).await;
            peak = peak.max(program.peak_memory());
            program.kill();
            program = Program::serve(&database, folder.path(), &[]);
            client = through(&program.client(), &client);
        }
        let import = import_ended(&client, &id).await;
        let took = begun.elapsed();
        as_due(&import, &rows_of(&client, &id).await, &dues);
        assert_eq!((&import["accepted"], &import["refused"]), (&json!(8_221), &json!(538)));
        is_within_bounds("8 759 real rows, killed three times", took, peak.max(program.peak_memory()));

        let file = client.download("/v1/exports/assets?format=csv").await.unwrap();
        assert_eq!(csv::Reader::from_reader(file.as_slice()).records().count(), 8_221);
        let begun = Instant::now();
        let (import, _) = imported(&client, "assets", CSV, file).await;
        assert_eq!(import["unchanged"], 8_221, "what is exported stands unchanged");
        is_within_bounds("the export of them imported again", begun.elapsed(), program.peak_memory());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn real_patents_are_explained_one_by_one_on_sqlite() {
        real_patents_are_explained_one_by_one(Base::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn real_patents_are_explained_one_by_one_on_postgres() {
        if has_postgres() {
            real_patents_are_explained_one_by_one(Base::Postgres).await;
        }
    }

    /// Memory does not grow with the file: every row says as much as a row may.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn ten_thousand_rows_pass_in_bounded_memory() {
        let folder = tempfile::tempdir().unwrap();
        let (_, program, client) = a_program(Base::Sqlite, folder.path()).await;
        let mut file = HEADER.to_owned();
        for serial in 1..=10_000 {
            let said = good(serial).replace("有用", &"用".repeat(400));
            write!(file, "{said}").unwrap();
        }
        let begun = Instant::now();
        let (import, _) = imported(&client, "assets", CSV, file.into_bytes()).await;
        assert_eq!(import["accepted"], 10_000);
        is_within_bounds("10 000 rows", begun.elapsed(), program.peak_memory());
    }

    /// Nor does it with what stands: every offer is looked for among all the others under one achievement.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn ten_thousand_offers_pass_in_bounded_memory() {
        let folder = tempfile::tempdir().unwrap();
        let (_, program, client) = a_program(Base::Sqlite, folder.path()).await;
        imported(&client, "assets", CSV, format!("{HEADER}{}", good(1)).into_bytes()).await;
        let mut offer = rehearsal(Money::fen(100_000), "2030-01-07T02:00:00Z".parse().unwrap());
        offer["summary"] = "用".repeat(200).into();
        let mut file = String::new();
        for at in 0..10_000 {
            offer["title"] = format!("一种方法{}", at % 9_900).into();
            writeln!(file, "{}", json!({"assets": [number('1', 2020, 1)], "offer": offer})).unwrap();
        }
        let begun = Instant::now();
        let (import, rows) = imported(&client, "listings", JSONL, file.into_bytes()).await;
        assert_eq!((&import["accepted"], &import["unchanged"]), (&json!(9_900), &json!(100)));
        assert_eq!(rows[9_999]["thing_id"], rows[99]["thing_id"], "an equal offer finds what stands");
        is_within_bounds("10 000 offers", begun.elapsed(), program.peak_memory());
    }
}
