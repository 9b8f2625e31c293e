//! What is published of a lot and signed for its bids, held against each other by whoever has it.

use std::path::Path;
use std::process::{Command, Output};

use entity::auctions::LotState;
use entity::money::Money;
use entity::platform::timer;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::auctions::flows::{CLOSE, note_receipt_key};
use zhepai::auctions::rules::course::LotCourse;
use zhepai::auctions::rules::receipt::{self, ReceiptKeys, SignedReceipt};
use zhepai::auctions::rules::verify::{Wrong, verify};
use zhepai::client::Client;
use zhepai::platform::db::Ending;
use zhepai::play::{Party, instant, sign, text};

use crate::authz::officer;
use crate::common::fixtures::{enterprise, open_lot, university};
use crate::common::play::{bid, cny, course, first_deal, granted, refused};
use crate::common::{Market, http, program};
use crate::on_both;

const START: Money = Money::fen(1_000_000);

/// A lot open for bids, with two bidders.
async fn opened(market: &Market, number: &str, bidders: &[&Party]) -> String {
    let seller = university(market).await;
    open_lot(market, &seller, number, START, bidders).await.lot
}

/// A bid that counts; its receipt.
async fn signed(bidder: &Client, lot: &str, price: &str) -> SignedReceipt {
    let answer = bid(bidder, lot, price).await;
    receipt::read(&granted(&answer, 201).to_string()).unwrap_or_else(|| panic!("no receipt: {}", answer.body))
}

/// `zhepai` as a program, on a course that lies in a folder.
fn command(what: &str, course: &LotCourse, folder: &Path) -> Command {
    let file = folder.join("course.json");
    std::fs::write(&file, serde_json::to_string(course).unwrap()).unwrap();
    let mut command = Command::new(program::shipped().unwrap_or_else(|| env!("CARGO_BIN_EXE_zhepai").into()));
    command.args([what, "lot"]).arg(file);
    command
}

async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// Runs `zhepai replay lot` on a course, with its chart in the same folder.
async fn replayed(course: &LotCourse, folder: &Path) -> Output {
    let mut command = command("replay", course, folder);
    command.arg("--chart").arg(folder.join("course.svg"));
    output(command).await
}

/// Once the notice of the result is public the course names the buyer as it does, and beside that says what it said.
async fn the_buyer_is_named(market: &Market, seller: &Party, before: &LotCourse, [buyer, loser]: [&Party; 2]) {
    let lot = before.lot.id.to_string();
    let place = format!("{}/v1/lots/{lot}/course", market.stranger.base());
    let ask = async |tag: &str| http().get(&place).header("If-None-Match", tag).send().await.unwrap();
    let tag = ask("\"another\"").await.headers()["etag"].to_str().unwrap().to_owned();
    let deal = text(&first_deal(&buyer.client).await["id"]);
    sign(&deal, &[&buyer.client, &seller.client]).await.unwrap();
    assert_eq!(ask(&tag).await.status().as_u16(), 304, "a draft tells nothing");

    let published = market.staff.publisher.act(&format!("/v1/deals/{deal}/publish-result")).await.unwrap();
    let notice = market.stranger.get(&format!("/v1/notices/{}", text(&published["result_notice_id"]))).await.unwrap();
    assert_eq!(ask(&tag).await.status().as_u16(), 200, "it is another course now");
    let mut named = course(&market.stranger, &lot).await;
    assert_eq!(verify(&named, &[], |_| {}), Ok(()));
    let folder = tempfile::tempdir().unwrap();
    let told = output(command("verify", &named, folder.path())).await;
    let winner = format!("{} ({:?}, told by the result notice and not recomputed)", before.outcome.winner.as_ref().unwrap(), buyer.name);
    assert!(told.status.success() && String::from_utf8_lossy(&told.stdout).contains(&winner), "{told:?}");
    let said = serde_json::to_string(&named).unwrap();
    assert!(![&loser.name, &loser.organisation, &buyer.organisation].iter().any(|word| said.contains(*word)), "{said}");

    // Held against what the notice and the list of keys say of it, and against what they do not.
    let keys = folder.path().join("keys.json");
    std::fs::write(&keys, market.stranger.get("/v1/receipt-keys").await.unwrap().to_string()).unwrap();
    let held = async |head: &str| {
        let mut command = command("verify", &named, folder.path());
        command.args(["--head", head, "--keys"]).arg(&keys);
        let told = output(command).await;
        (told.status.code(), String::from_utf8_lossy(&told.stdout).into_owned())
    };
    let (code, said) = held(&text(&notice["content"]["bid_log"]["sha256"])).await;
    assert!(code == Some(0) && ["passed  head: ", "passed  keys: "].iter().all(|line| said.contains(line)), "{said}");
    let (code, said) = held(&"00".repeat(32)).await;
    assert!(code == Some(1) && said.contains("WRONG   log_head_differs: "), "{said}");
    assert_eq!(held("rubbish").await.0, Some(2));
    std::fs::write(&keys, json!({"keys": []}).to_string()).unwrap();
    let (code, said) = held(&text(&notice["content"]["bid_log"]["sha256"])).await;
    assert!(code == Some(1) && said.contains("WRONG   key_unknown: "), "{said}");
    std::fs::write(&keys, "[]").unwrap();
    let (code, said) = held(&text(&notice["content"]["bid_log"]["sha256"])).await;
    assert!(code == Some(1) && said.contains("WRONG   keys_unreadable: "), "{said}");

    let told = std::mem::take(&mut named.outcome.published);
    assert_eq!(told.len(), 1);
    assert_eq!((Some(&told[0].bidder), &json!(told[0].buyer)), (before.outcome.winner.as_ref(), &notice["content"]["buyer_name"]));
    assert_eq!((told[0].deal_id.to_string(), told[0].notice_id.to_string()), (deal, text(&notice["id"])));
    assert_eq!(told[0].published_at, instant(&notice["published_at"]));
    assert_eq!(&named, before);
}

on_both! {
    async fn a_course_and_its_receipts_are_recomputed_without_a_database(market) {
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let seller = university(&market).await;
        let lot = open_lot(&market, &seller, "ZL201610200331.9", START, &[&one, &two]).await.lot;
        let place = format!("/v1/lots/{lot}/course");
        refused(&market.stranger.look(&place).await.unwrap(), 409, "wrong_state");

        let mut receipts = vec![signed(&one.client, &lot, "10000.00").await, signed(&two.client, &lot, "10100.00").await];
        let host = &market.staff.host;
        host.create(&format!("/v1/lots/{lot}/pause"), json!({"reason": "网络故障"})).await.unwrap();
        market.pass(60).await;
        host.create(&format!("/v1/lots/{lot}/resume"), json!({"reason": "网络已恢复"})).await.unwrap();
        host.create(&format!("/v1/lots/{lot}/extend"), json!({"seconds": 600, "reason": "网络故障"})).await.unwrap();
        receipts.push(signed(&one.client, &lot, "10300.00").await);
        market.pass(26 * 60).await;

        let course = course(&market.stranger, &lot).await;
        let mut passed = 0;
        assert_eq!(verify(&course, &receipts, |_| passed += 1), Ok(()));
        assert_eq!(passed, 7, "chain, terms, rules, outcome, and three receipts");
        assert_eq!((course.outcome.state, course.outcome.price), (LotState::ClosedSold, Some(Money::fen(1_030_000))));
        assert_eq!(course.outcome.winner.as_ref(), Some(&receipts[2].statement.bidder));

        // Whoever has a receipt sees it if the log he is shown is another.
        let mut shorter = course.clone();
        shorter.events.remove(4);
        assert_eq!(verify(&shorter, &receipts, |_| {}).unwrap_err().wrong, Wrong::SequenceBroken);
        // It can be seen again as it went, with a chart.
        let folder = tempfile::tempdir().unwrap();
        let refusal = replayed(&shorter, folder.path()).await;
        let chart = folder.path().join("course.svg");
        assert!(refusal.status.code() == Some(1) && refusal.stdout.is_empty() && !chart.exists(), "{refusal:?}");
        assert!(String::from_utf8_lossy(&refusal.stderr).contains("sequence_broken, event 5"), "{refusal:?}");
        let output = replayed(&course, folder.path()).await;
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(told.ends_with(&format!("sold to {} for 10300.00 CNY, 3 bids\n", receipts[2].statement.bidder)), "{output:?}");
        assert!(["paused", "resumed", "extended"].iter().all(|what| told.contains(what)), "{told}");
        assert!(std::fs::read_to_string(chart).unwrap().contains("成交价 10,300 元，出价 3 次"));
        // Nobody stands in it but under a pseudonym.
        let said = serde_json::to_string(&course).unwrap();
        for party in [&one, &two] {
            assert!(!said.contains(&party.name) && !said.contains(&party.organisation), "{said}");
        }
        the_buyer_is_named(&market, &seller, &course, [&one, &two]).await;
    }
}

on_both! {
    async fn a_receipt_of_another_lot_does_not_pass(market) {
        let (seller, one) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let (first, second) = ("ZL201610200331.9", "ZL201710710472.X");
        let sold = open_lot(&market, &seller, first, START, &[&one]).await.lot;
        let foreign = signed(&one.client, &sold, "10000.00").await;
        let other = open_lot(&market, &seller, second, START, &[&one]).await.lot;
        signed(&one.client, &other, "10000.00").await;
        market.pass(25 * 60).await;
        let fault = verify(&course(&market.stranger, &other).await, &[foreign], |_| {}).unwrap_err();
        assert_eq!((fault.wrong, fault.seq()), (Wrong::ReceiptOfAnotherLot, Some(4)));
    }
}

on_both! {
    /// Once is once: the same words, the same signature. What was only rehearsed is signed for by nobody.
    async fn a_bid_told_again_has_the_very_same_receipt(market) {
        let one = enterprise(&market, "firm-1", 1).await;
        let lot = opened(&market, "ZL201610200331.9", &[&one]).await;
        let place = format!("/v1/lots/{lot}/bids");
        let rehearsed = one.client.post(&format!("{place}?dry_run=true"), json!({"price": cny("10000.00")})).send().await.unwrap();
        assert_eq!(granted(&rehearsed, 200).get("receipt"), None);
        let ask = async || one.client.post(&place, json!({"price": cny("10000.00")})).key("the-same-bid").send().await.unwrap();
        let first = ask().await;
        market.pass(1).await;
        let again = ask().await;
        assert_eq!(again.header("Idempotency-Replayed"), Some("true"));
        assert!(granted(&first, 201)["receipt"]["jws"].is_string());
        assert_eq!(granted(&again, 201).to_string(), first.body.to_string());
    }
}

on_both! {
    async fn the_keys_receipts_verify_with_are_public_and_written_down_once(market) {
        let read = async || market.stranger.get("/v1/receipt-keys").await.unwrap();
        let keys: ReceiptKeys = serde_json::from_value(read().await).unwrap();
        assert_eq!(keys.keys.len(), 1);
        assert_eq!((keys.keys[0].kty.as_str(), keys.keys[0].crv.as_str()), ("OKP", "Ed25519"));
        note_receipt_key(market.house()).await.unwrap();
        assert_eq!(read().await, serde_json::to_value(&keys).unwrap());

        let one = enterprise(&market, "firm-1", 1).await;
        let lot = opened(&market, "ZL201610200331.9", &[&one]).await;
        let receipt = signed(&one.client, &lot, "10000.00").await;
        assert_eq!(receipt::check(&receipt, &keys.keys).as_ref(), Ok(&keys.keys[0].kid));
    }
}

on_both! {
    async fn a_course_is_sent_again_only_to_whoever_has_another(market) {
        let one = enterprise(&market, "firm-1", 1).await;
        let lot = opened(&market, "ZL201610200331.9", &[&one]).await;
        market.pass(25 * 60).await;
        let place = format!("{}/v1/lots/{lot}/course", market.stranger.base());
        let ask = async |tag: &str| http().get(&place).header("If-None-Match", tag).send().await.unwrap();
        let first = ask("\"another\"").await;
        assert_eq!((first.status().as_u16(), first.headers()["cache-control"].to_str().unwrap()), (200, "public, no-cache"));
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert_eq!(first.json::<Value>().await.unwrap()["outcome"]["state"], "closed_unsold");
        assert_eq!(ask(&tag).await.status().as_u16(), 304);
    }
}

/// Nothing looks at a lot any more when its time is over, as where what is sealed in it cannot be opened.
async fn is_left_open(market: &Market, lot: &str) {
    let lot: Uuid = lot.parse().unwrap();
    market
        .house()
        .db
        .transact(move |tx| async move {
            let looks = timer::Entity::delete_many().filter(timer::Column::Kind.eq(CLOSE)).filter(timer::Column::SubjectId.eq(lot));
            looks.exec(&*tx).await?;
            Ok(Ending::Commit(()))
        })
        .await
        .unwrap();
}

on_both! {
    /// What keeps a lot from being closed does not keep it open for ever: one host pauses it, another ends it.
    async fn a_lot_that_nothing_closes_is_paused_by_one_host_and_ended_by_another(market) {
        let (one, seller) = (enterprise(&market, "firm-1", 1).await, university(&market).await);
        let lot = open_lot(&market, &seller, "ZL201610200331.9", START, &[&one]).await.lot;
        let receipts = [signed(&one.client, &lot, "10000.00").await];
        is_left_open(&market, &lot).await;
        market.pass(25 * 60).await;
        let (host, (other, _)) = (&market.staff.host, officer(&market, "h-ost", "auction_host").await);
        let place = format!("/v1/lots/{lot}");
        let orders = async |by: &Client, deed: &str| by.post(&format!("{place}/{deed}"), json!({"reason": "密钥丢失"})).send().await.unwrap();
        let seen = host.get(&place).await.unwrap();
        assert!(text(&seen["state"]).starts_with("open_"), "{seen}");
        assert_eq!(seen["allowed_deeds"], json!(["pause_lot"]));
        refused(&orders(&other, "abort").await, 409, "wrong_state");
        assert_eq!(granted(&orders(host, "pause").await, 200)["state"], "paused");
        refused(&bid(&one.client, &lot, "10100.00").await, 409, "paused");
        refused(&orders(host, "abort").await, 403, "same_person");
        assert_eq!(granted(&orders(&other, "abort").await, 200)["state"], "aborted");
        assert_eq!(verify(&course(&market.stranger, &lot).await, &receipts, |_| {}), Ok(()));
    }
}

on_both! {
    /// Paused for a fault that cannot be cured: another host ends it, nobody has it, and every deposit goes back.
    async fn a_paused_lot_is_given_up_by_another_than_who_paused_it(market) {
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let seller = university(&market).await;
        let published = open_lot(&market, &seller, "ZL201610200331.9", START, &[&one, &two]).await;
        let lot = published.lot.as_str();
        let receipts = [signed(&one.client, lot, "10000.00").await];
        let (host, (other, _)) = (&market.staff.host, officer(&market, "h-ost", "auction_host").await);
        let abort = async |by: &Client| by.post(&format!("/v1/lots/{lot}/abort"), json!({"reason": "机房失火"})).send().await.unwrap();
        refused(&abort(&other).await, 409, "wrong_state");
        host.create(&format!("/v1/lots/{lot}/pause"), json!({"reason": "网络故障"})).await.unwrap();
        refused(&abort(host).await, 403, "same_person");
        let told = async |by: &Client| by.get(&format!("/v1/lots/{lot}")).await.unwrap()["allowed_deeds"].clone();
        assert_eq!(told(host).await, json!(["resume_lot", "extend_lot"]));
        assert_eq!(told(&other).await, json!(["resume_lot", "extend_lot", "abort_lot"]));
        assert_eq!(granted(&abort(&other).await, 200)["state"], "aborted");
        refused(&bid(&two.client, lot, "10100.00").await, 409, "closed");
        market.pass(1).await;

        let listing = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        assert_eq!((&listing["state"], &listing["state_reason"]), (&json!("failed"), &json!("lot_aborted")));
        for bidder in [&one, &two] {
            let refunds = bidder.client.get("/v1/refunds").await.unwrap();
            assert_eq!(refunds["items"].as_array().unwrap().len(), 1, "{refunds}");
        }
        let timeline = market.stranger.get(&format!("/v1/lots/{lot}/timeline")).await.unwrap();
        let steps: Vec<_> = timeline["steps"].as_array().unwrap().iter().map(|step| (&step["step"], &step["state"])).collect();
        for step in [("bidding_opens", "done"), ("bidding_ends", "skipped"), ("failed", "done")] {
            assert!(steps.contains(&(&json!(step.0), &json!(step.1))), "{step:?} in {steps:?}");
        }
        let course = course(&market.stranger, lot).await;
        assert_eq!(verify(&course, &receipts, |_| {}), Ok(()));
        assert_eq!((course.outcome.state, course.outcome.winner), (LotState::Aborted, None));
        assert!(course.events.last().unwrap().body_text.contains("机房失火"), "everybody reads why");
    }
}
