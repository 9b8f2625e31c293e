//! A host pauses, resumes and extends; sessions of lots close in order, or open at the host's word.

use chrono::{DateTime, TimeDelta, Utc};
use entity::money::Money;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::platform::keys::{hex, sha256};
use zhepai::play::{Party, instant, text};

use crate::authz::{announced, arrange, draft_session, session};
use crate::common::database::has_postgres;
use crate::common::fixtures::{enterprise, open_lot, rehearsal_lot, university};
use crate::common::play::{
    Said, Watch, bid, granted, is_by_the_rules, is_whole, log, of_kind, prices_rise, refused, sorted, start, through,
};
use crate::common::{Base, Market};
use crate::on_both;

const GRACE: TimeDelta = TimeDelta::milliseconds(300);
const START: Money = Money::fen(1_000_000);

// ---- What is asked again and again ----

async fn now(market: &Market) -> DateTime<Utc> {
    market.staff.now().await.unwrap()
}

async fn lot_of(market: &Market, lot: &str) -> Value {
    market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap()
}

async fn closes_at(market: &Market, lot: &str) -> DateTime<Utc> {
    instant(&lot_of(market, lot).await["closes_at"])
}

async fn state_of(market: &Market, lot: &str) -> String {
    text(&lot_of(market, lot).await["state"])
}

/// What the host does to a lot; the answer, whatever it is.
async fn does(market: &Market, lot: &str, deed: &str, body: Value) -> Reply {
    market.staff.host.post(&format!("/v1/lots/{lot}/{deed}"), body).send().await.unwrap()
}

/// What the host does to a session; the answer, whatever it is.
async fn conducts(market: &Market, session: &str, deed: &str, body: Value) -> Reply {
    market.staff.host.post(&format!("/v1/lot-sessions/{session}/{deed}"), body).send().await.unwrap()
}

/// What somebody does to a session without a word; the answer, whatever it is.
async fn does_to(caller: &Client, session: &str, deed: &str) -> Reply {
    caller.ask(Method::POST, &format!("/v1/lot-sessions/{session}/{deed}")).send().await.unwrap()
}

async fn advances(market: &Market, session: &str) -> Reply {
    does_to(&market.staff.host, session, "advance").await
}

async fn page(market: &Market, session: &str) -> Value {
    market.stranger.get(&format!("/v1/lot-sessions/{session}")).await.unwrap()
}

fn because(reason: &str) -> Value {
    json!({"reason": reason})
}

/// When the only event of a kind happened in a lot.
async fn happened(market: &Market, lot: &str, kind: &str) -> DateTime<Utc> {
    let events = log(&market.stranger, lot).await;
    is_whole(lot, &events);
    let found = of_kind(&events, kind);
    assert_eq!(found.len(), 1, "{kind} in {events:?}");
    instant(&found[0]["at"])
}

/// Lots that open in a minute, with the bidder admitted to each.
async fn coming(market: &Market, seller: &Party, bidder: &Party, titles: &[&str]) -> Vec<String> {
    let mut lots = Vec::new();
    for title in titles {
        lots.push(announced(market, seller, title, &[bidder]).await.lot);
    }
    lots
}

/// A seller, a bidder, and lots that open in a minute.
async fn three_lots(market: &Market) -> (Vec<String>, Client) {
    let (seller, bidder) = (university(market).await, enterprise(market, "firm-1", 1).await);
    let lots = coming(market, &seller, &bidder, &["第一种技术", "第二种技术", "第三种技术"]).await;
    (lots, bidder.client)
}

fn borrowed(lots: &[String]) -> Vec<&str> {
    lots.iter().map(String::as_str).collect()
}

// ---- One lot ----

on_both! {
    /// Interrupted in the last minutes: the time left is the same afterwards, and the lot closes once.
    async fn a_pause_leaves_the_time_left_as_it_was(market) {
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let published = open_lot(&market, &seller, "ZL201610200331.9", START, &[&one, &two]).await;
        let lot = published.lot.as_str();
        let end = closes_at(&market, lot).await;
        market.staff.move_clock(end - TimeDelta::minutes(2)).await.unwrap();
        granted(&bid(&one.client, lot, "10000.00").await, 201);
        market.pass(1).await;
        let left = closes_at(&market, lot).await - now(&market).await;
        assert_eq!(left, TimeDelta::minutes(4));

        let paused = does(&market, lot, "pause", because("网络故障")).await;
        assert_eq!(granted(&paused, 200)["state"], "paused");
        let problem = refused(&bid(&two.client, lot, "10100.00").await, 409, "paused").clone();
        assert_eq!((&problem["reason"], instant(&problem["paused_at"])), (&json!("网络故障"), now(&market).await));
        // Everybody reads why.
        assert_eq!(lot_of(&market, lot).await["pause"]["reason"], "网络故障");
        market.pass(120).await;
        let seen = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        assert_eq!((&seen["state"], &seen["lot_state"]), (&json!("bidding"), &json!("paused")));
        let events = log(&market.stranger, lot).await;
        assert_eq!(of_kind(&events, "paused")[0]["body"]["reason"], "网络故障");
        assert_eq!(events.last().unwrap()["kind"], "paused", "nothing happens in a pause");

        let resumed = does(&market, lot, "resume", because("网络已恢复")).await;
        let resumed = granted(&resumed, 200);
        assert_eq!((&resumed["state"], &resumed["pause"]), (&json!("open_free"), &Value::Null));
        assert_eq!(instant(&resumed["closes_at"]) - now(&market).await, left);
        let events = log(&market.stranger, lot).await;
        let said = &events.last().unwrap()["body"];
        assert_eq!(said["reason"], "网络已恢复", "nor does a lot go on without everybody reading why");
        assert_eq!(said["shifted_us"], TimeDelta::hours(2).num_microseconds().unwrap());
        assert_eq!(instant(&said["closes_at"]), end + TimeDelta::minutes(3) + TimeDelta::hours(2));

        let receipt = bid(&two.client, lot, "10100.00").await;
        let closes = instant(&granted(&receipt, 201)["closes_at"]);
        assert_eq!(closes, now(&market).await + TimeDelta::minutes(5), "late bids extend as before");
        market.pass(60).await;
        assert_eq!(happened(&market, lot, "sold").await, closes + GRACE);
        prices_rise(&log(&market.stranger, lot).await);
        let sold = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        assert_eq!(sold["state"], "sold");
        is_by_the_rules(&market.stranger, lot).await;
    }
}

on_both! {
    /// A lot that is paused right before its end, and never bid for again, closes at the end that was moved.
    async fn a_moved_end_is_kept_by_itself(market) {
        let (seller, bidder) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let lot = open_lot(&market, &seller, "ZL201610200331.9", START, &[&bidder]).await.lot;
        granted(&bid(&bidder.client, &lot, "10000.00").await, 201);
        let end = closes_at(&market, &lot).await;
        market.staff.move_clock(end - TimeDelta::seconds(1)).await.unwrap();
        granted(&does(&market, &lot, "pause", because("核实情况")).await, 200);
        market.pass(60 * 24 * 3).await;
        assert_eq!(state_of(&market, &lot).await, "paused", "no timer closes it");
        granted(&does(&market, &lot, "resume", because("已核实")).await, 200);
        let moved = now(&market).await + TimeDelta::seconds(1);
        assert_eq!(closes_at(&market, &lot).await, moved);
        market.pass(5).await;
        assert_eq!(happened(&market, &lot, "sold").await, moved + GRACE);
    }
}

on_both! {
    async fn a_pause_before_the_opening_moves_the_opening(market) {
        let (seller, bidder) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let published = rehearsal_lot(&market, &seller, "ZL201610200331.9", START).await;
        let lot = published.lot.as_str();
        zhepai::play::admit(&bidder, &market.staff, lot).await.unwrap();
        let (opens, closes) = (instant(&lot_of(&market, lot).await["opens_at"]), closes_at(&market, lot).await);
        granted(&does(&market, lot, "pause", because("卖方资料待补")).await, 200);
        market.pass(60).await;
        assert_eq!(state_of(&market, lot).await, "paused");
        granted(&does(&market, lot, "resume", because("资料已补齐")).await, 200);
        let hour = TimeDelta::hours(1);
        let seen = lot_of(&market, lot).await;
        assert_eq!((instant(&seen["opens_at"]), instant(&seen["closes_at"])), (opens + hour, closes + hour));
        market.pass(2).await;
        assert_eq!(happened(&market, lot, "opened").await, opens + hour);
        let listing = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        assert_eq!((&listing["state"], instant(&listing["auction_opens_at"])), (&json!("bidding"), opens + hour));
        granted(&bid(&bidder.client, lot, "10000.00").await, 201);
    }
}

on_both! {
    /// Registration is not paused: a lot for which nobody came fails all the same.
    async fn a_paused_lot_without_bidders_fails(market) {
        let seller = university(&market).await;
        let published = rehearsal_lot(&market, &seller, "ZL201610200331.9", START).await;
        granted(&does(&market, &published.lot, "pause", because("卖方资料待补")).await, 200);
        market.pass(5).await;
        assert_eq!(state_of(&market, &published.lot).await, "aborted");
        let listing = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        assert_eq!(listing["state_reason"], "too_few_bidders");
        is_by_the_rules(&market.stranger, &published.lot).await;
        refused(&does(&market, &published.lot, "resume", because("资料已补齐")).await, 409, "wrong_state");
    }
}

on_both! {
    async fn a_host_gives_more_time_and_says_why(market) {
        let (seller, bidder) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let lot = open_lot(&market, &seller, "ZL201610200331.9", START, &[&bidder]).await.lot;
        let end = closes_at(&market, &lot).await;
        let more = json!({"seconds": 1_800, "reason": "部分竞买人网络中断"});
        let extended = does(&market, &lot, "extend", more.clone()).await;
        let later = end + TimeDelta::minutes(30);
        assert_eq!(instant(&granted(&extended, 200)["closes_at"]), later);
        let events = log(&market.stranger, &lot).await;
        let said = &of_kind(&events, "extended")[0]["body"];
        assert_eq!((&said["seconds"], &said["reason"]), (&json!(1_800), &json!("部分竞买人网络中断")));
        let again = json!({"seconds": 86_401, "reason": "部分竞买人网络中断"});
        assert_eq!(refused(&does(&market, &lot, "extend", again).await, 422, "outside_rule")["name"], "extend_limit");

        market.staff.move_clock(end + TimeDelta::minutes(1)).await.unwrap();
        granted(&bid(&bidder.client, &lot, "10000.00").await, 201);
        market.staff.move_clock(later + TimeDelta::minutes(1)).await.unwrap();
        assert_eq!(happened(&market, &lot, "sold").await, later + GRACE);
        refused(&does(&market, &lot, "extend", more).await, 409, "wrong_state");
        is_by_the_rules(&market.stranger, &lot).await;
    }
}

on_both! {
    /// Who moves the clocks is known to the platform, and only the reason to the public.
    async fn the_same_pause_is_asked_for_twice_and_done_once(market) {
        let (seller, bidder) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let lot = open_lot(&market, &seller, "ZL201610200331.9", START, &[&bidder]).await.lot;
        let place = format!("/v1/lots/{lot}/pause");
        let ask = async || market.staff.host.post(&place, because("网络故障")).key("pause-this-lot").send().await.unwrap();
        let first = granted(&ask().await, 200).clone();
        let second = ask().await;
        assert_eq!((&granted(&second, 200)["version"], second.header("idempotency-replayed")), (&first["version"], Some("true")));
        let events = log(&market.stranger, &lot).await;
        assert_eq!(of_kind(&events, "paused").len(), 1);
        assert!(events.iter().all(|event| event.get("person_id").is_none()));
        refused(&does(&market, &lot, "pause", because("网络故障")).await, 409, "wrong_state");
        for outsider in [&bidder.client, &seller.client, &market.staff.publisher] {
            refused(&outsider.post(&place, because("x")).send().await.unwrap(), 403, "forbidden");
        }
    }
}

// ---- Sessions ----

on_both! {
    async fn the_lots_of_a_session_close_one_after_another(market) {
        let (lots, bidder) = three_lots(&market).await;
        let end = closes_at(&market, &lots[0]).await;
        let new = json!({"title": "绿色低碳专场", "title_en": "Low carbon", "mode": "staggered", "stagger_seconds": 60});
        let draft = text(&market.staff.publisher.create("/v1/lot-sessions", new).await.unwrap()["id"]);
        let order = [lots[2].as_str(), lots[0].as_str(), lots[1].as_str()];
        arrange(&market.staff.publisher, &draft, &order).await;
        let hidden = market.stranger.look(&format!("/v1/lot-sessions/{draft}")).await.unwrap();
        refused(&hidden, 404, "not_found");
        assert_eq!(market.stranger.get("/v1/lot-sessions").await.unwrap()["items"], json!([]));
        granted(&does_to(&market.staff.publisher, &draft, "publish").await, 200);

        let seen = page(&market, &draft).await;
        assert_eq!((&seen["state"], &seen["lots"][0]["lot"]["id"]), (&json!("published"), &json!(lots[2])));
        let step = TimeDelta::minutes(1);
        let ends: Vec<_> = seen["lots"].as_array().unwrap().iter().map(|one| instant(&one["lot"]["closes_at"])).collect();
        assert_eq!(ends, [end, end + step, end + step * 2]);
        assert_eq!(market.stranger.get("/v1/lot-sessions").await.unwrap()["items"][0]["id"], draft.as_str());
        let joined = log(&market.stranger, &lots[1]).await;
        let place = &of_kind(&joined, "session_joined")[0]["body"];
        assert_eq!((&place["session_id"], &place["ordinal"]), (&json!(draft), &json!(3)));

        // A late bid extends its own lot and holds up no other.
        market.staff.move_clock(end - TimeDelta::minutes(1)).await.unwrap();
        granted(&bid(&bidder, &lots[2], "1000.00").await, 201);
        market.pass(60).await;
        assert_eq!(happened(&market, &lots[2], "sold").await, end + TimeDelta::minutes(4) + GRACE);
        assert_eq!(happened(&market, &lots[0], "unsold").await, end + step + GRACE);
        assert_eq!(happened(&market, &lots[1], "unsold").await, end + step * 2 + GRACE);
        assert_eq!(page(&market, &draft).await["state"], "ended");
        for lot in &lots {
            is_by_the_rules(&market.stranger, lot).await;
        }
    }
}

on_both! {
    async fn a_host_opens_one_lot_after_the_other(market) {
        let (lots, bidder) = three_lots(&market).await;
        let hosted = session(&market.staff.host, "hosted", &borrowed(&lots[..2])).await;
        refused(&advances(&market, &hosted).await, 409, "not_open");
        market.pass(2).await;
        assert_eq!(state_of(&market, &lots[0]).await, "scheduled", "it waits for the host");
        refused(&bid(&bidder, &lots[0], "1000.00").await, 409, "not_open");

        let opened = now(&market).await;
        granted(&advances(&market, &hosted).await, 200);
        let first = lot_of(&market, &lots[0]).await;
        assert_eq!((&first["state"], instant(&first["opens_at"])), (&json!("open_free"), opened));
        assert_eq!(instant(&first["closes_at"]), opened + TimeDelta::hours(24), "a late opening takes nothing away");
        assert_eq!(refused(&advances(&market, &hosted).await, 409, "wrong_state")["state"], "open_free");
        granted(&bid(&bidder, &lots[0], "1000.00").await, 201);

        market.pass(24 * 60 + 1).await;
        assert_eq!(state_of(&market, &lots[0]).await, "closed_sold");
        let second = lot_of(&market, &lots[1]).await;
        let over = opened + TimeDelta::hours(24) + GRACE;
        assert_eq!((&second["state"], instant(&second["opens_by"])), (&json!("scheduled"), over + TimeDelta::minutes(30)));
        granted(&advances(&market, &hosted).await, 200);
        assert_eq!(state_of(&market, &lots[1]).await, "open_free");
        market.pass(24 * 60 + 1).await;
        is_whole(&lots[1], &log(&market.stranger, &lots[1]).await);
        assert_eq!(page(&market, &hosted).await["state"], "ended");
        refused(&advances(&market, &hosted).await, 409, "wrong_state");
        for lot in &lots[..2] {
            is_by_the_rules(&market.stranger, lot).await;
        }
    }
}

on_both! {
    /// A host who does not come holds nothing up: lots open by themselves, one after the other.
    async fn a_lot_whose_host_is_late_opens_by_itself(market) {
        let (lots, bidder) = three_lots(&market).await;
        let hosted = session(&market.staff.host, "hosted", &borrowed(&lots[..2])).await;
        let due = instant(&lot_of(&market, &lots[0]).await["opens_at"]) + TimeDelta::minutes(30);
        market.pass(30).await;
        assert_eq!(state_of(&market, &lots[0]).await, "scheduled");
        market.pass(5).await;
        assert_eq!(happened(&market, &lots[0], "opened").await, due);
        granted(&bid(&bidder, &lots[0], "1000.00").await, 201);
        let over = due + TimeDelta::hours(24) + GRACE;
        market.staff.move_clock(over + TimeDelta::hours(1)).await.unwrap();
        assert_eq!(happened(&market, &lots[0], "sold").await, over);
        assert_eq!(happened(&market, &lots[1], "opened").await, over + TimeDelta::minutes(30));
        assert_eq!(page(&market, &hosted).await["state"], "published");
        is_by_the_rules(&market.stranger, &lots[0]).await;
    }
}

on_both! {
    /// Where a lot fails before its turn, the turn goes to the next.
    async fn a_turn_passes_over_a_lot_that_failed(market) {
        let (seller, bidder) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let empty = announced(&market, &seller, "一种无人报名的技术", &[]).await.lot;
        let next = announced(&market, &seller, "一种有人报名的技术", &[&bidder]).await.lot;
        let hosted = session(&market.staff.host, "hosted", &[&empty, &next]).await;
        market.pass(2).await;
        assert_eq!(state_of(&market, &empty).await, "aborted");
        granted(&advances(&market, &hosted).await, 200);
        assert_eq!(state_of(&market, &next).await, "open_free");
    }
}

on_both! {
    async fn a_session_is_paused_as_a_whole_and_every_lot_moved_equally(market) {
        let (lots, bidder) = three_lots(&market).await;
        let whole = session(&market.staff.host, "staggered", &borrowed(&lots)).await;
        market.pass(2).await;
        granted(&bid(&bidder, &lots[0], "1000.00").await, 201);
        // One of them is paused for a reason of its own.
        granted(&does(&market, &lots[2], "pause", because("该标的有异议")).await, 200);
        let mut before = Vec::new();
        for lot in &lots {
            before.push(closes_at(&market, lot).await);
        }
        market.pass(10).await;
        assert_eq!(granted(&conducts(&market, &whole, "pause", because("机房断电")).await, 200)["state"], "paused");
        let seen = page(&market, &whole).await;
        let reasons: Vec<_> = (0..3).map(|at| text(&seen["lots"][at]["lot"]["pause"]["reason"])).collect();
        assert_eq!(reasons, ["机房断电", "机房断电", "该标的有异议"]);
        refused(&bid(&bidder, &lots[1], "1000.00").await, 409, "paused");
        refused(&does(&market, &lots[0], "resume", because("供电恢复")).await, 409, "wrong_state");
        refused(&advances(&market, &whole).await, 409, "wrong_state");

        market.pass(60).await;
        refused(&conducts(&market, &whole, "resume", json!({})).await, 422, "invalid");
        granted(&conducts(&market, &whole, "resume", because("供电恢复")).await, 200);
        for lot in &lots[..2] {
            let events = log(&market.stranger, lot).await;
            assert_eq!(events.last().unwrap()["body"]["reason"], "供电恢复", "one reason in all their logs");
        }
        let hour = TimeDelta::hours(1);
        assert_eq!(closes_at(&market, &lots[0]).await, before[0] + hour);
        assert_eq!(closes_at(&market, &lots[1]).await, before[1] + hour);
        assert_eq!(state_of(&market, &lots[2]).await, "paused", "what was paused by itself stays so");
        granted(&does(&market, &lots[2], "resume", because("异议已核实")).await, 200);

        let ends = [closes_at(&market, &lots[0]).await, closes_at(&market, &lots[1]).await, closes_at(&market, &lots[2]).await];
        granted(&conducts(&market, &whole, "extend", json!({"seconds": 600, "reason": "补足时间"})).await, 200);
        for (lot, end) in lots.iter().zip(ends) {
            assert_eq!(closes_at(&market, lot).await, end + TimeDelta::minutes(10));
            is_whole(lot, &log(&market.stranger, lot).await);
        }
    }
}

// ---- The feed ----

/// The events of a lot in a feed, without the time at which they were said.
fn of_lot(said: &[Said], lot: &str) -> Vec<Value> {
    let mut events: Vec<Value> = said.iter().map(|said| said.data.clone()).filter(|event| event["lot_id"] == lot).collect();
    for event in &mut events {
        event.as_object_mut().unwrap().remove("server_time");
    }
    events
}

async fn watch(market: &Market, session: &str, last: Option<&str>) -> Watch {
    watch_at(&market.server.url(), session, last).await
}

async fn watch_at(server: &str, session: &str, last: Option<&str>) -> Watch {
    let mut request = crate::common::http().get(format!("{server}/v1/lot-sessions/{session}/stream"));
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last);
    }
    Watch::of(request).await
}

on_both! {
    async fn whoever_comes_back_to_a_session_has_lost_nothing(market) {
        let (lots, bidder) = three_lots(&market).await;
        let both = session(&market.staff.host, "staggered", &borrowed(&lots[..2])).await;
        market.pass(2).await;
        let mut feed = watch(&market, &both, None).await;
        let first = feed.next().await.unwrap();
        assert_eq!((first.kind.as_str(), &first.data["session"]["id"]), ("snapshot", &json!(both)));
        let told: Vec<usize> = first.cursor.split('.').map(|number| number.parse().unwrap()).collect();
        assert_eq!(told.len(), 2);
        for (stood, seq) in first.data["lots"].as_array().unwrap().iter().zip(&told) {
            let hash = hex(&sha256(sorted(&stood["state"]).as_bytes()));
            assert_eq!((&stood["state"]["version"], &stood["state_hash"]), (&json!(seq), &json!(hash)));
        }

        granted(&bid(&bidder, &lots[0], "1000.00").await, 201);
        granted(&bid(&bidder, &lots[1], "1000.00").await, 201);
        let mut said = feed.take(2).await;
        drop(feed);
        granted(&does(&market, &lots[0], "pause", because("网络故障")).await, 200);
        granted(&does(&market, &lots[1], "extend", json!({"seconds": 60, "reason": "网络故障"})).await, 200);
        let mut feed = watch(&market, &both, said.last().map(|event| event.cursor.as_str())).await;
        said.extend(feed.take(2).await);
        drop(feed);
        granted(&does(&market, &lots[0], "resume", because("网络已恢复")).await, 200);
        market.pass(25 * 60).await;
        let mut feed = watch(&market, &both, said.last().map(|event| event.cursor.as_str())).await;
        said.extend(feed.rest().await);
        let resumed = said.iter().find(|event| event.kind == "resumed").unwrap();
        assert_eq!(resumed.data["body"]["reason"], "网络已恢复", "the feed says why");

        for (lot, told) in lots.iter().zip(told) {
            let stored = log(&market.stranger, lot).await;
            assert_eq!(of_lot(&said, lot), stored[told..], "{lot}");
        }
        assert!(said.iter().all(|event| event.kind != "snapshot"), "who comes back needs none");
        let last = said.last().map(|event| event.cursor.clone());
        assert!(watch(&market, &both, last.as_deref()).await.rest().await.is_empty(), "all is told");
    }
}

/// Neither another server nor one that was started since leaves anything out, or tells it twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_s_feed_goes_on_at_another_server_and_after_a_restart() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let (lots, bidder) = three_lots(&market).await;
    let both = session(&market.staff.host, "staggered", &borrowed(&lots[..2])).await;
    market.pass(2).await;
    let mut feed = watch(&market, &both, None).await;
    let begun = feed.next().await.unwrap().cursor;

    granted(&bid(&bidder, &lots[0], "1000.00").await, 201);
    let mut said = feed.take(1).await;
    drop(feed);
    granted(&bid(&bidder, &lots[1], "1000.00").await, 201);
    let mut feed = watch_at(&second.url(), &both, Some(said[0].cursor.as_str())).await;
    said.extend(feed.take(1).await);
    drop(feed);

    let host = through(&door, &market.staff.host);
    let config = market.config.clone();
    market.server.stop().await;
    granted(&host.post(&format!("/v1/lots/{}/pause", lots[0]), because("网络故障")).send().await.unwrap(), 200);
    let started = start(&config).await.unwrap();
    let mut feed = watch_at(&started.url(), &both, Some(said[1].cursor.as_str())).await;
    said.extend(feed.take(1).await);

    let told = begun.split('.').map(|number| number.parse::<usize>().unwrap());
    for (lot, told) in lots.iter().zip(told) {
        assert_eq!(of_lot(&said, lot), log(&host, lot).await[told..], "{lot}");
    }
    started.stop().await;
    second.stop().await;
}

on_both! {
    async fn a_feed_goes_on_only_from_where_it_was(market) {
        let (lots, _) = three_lots(&market).await;
        let both = session(&market.staff.host, "staggered", &borrowed(&lots[..2])).await;
        for odd in ["1", "1.2.3", "1.x", "1.-2", ""] {
            let url = format!("{}/v1/lot-sessions/{both}/stream", market.server.url());
            let answer = crate::common::http().get(url).header("Last-Event-ID", odd).send().await.unwrap();
            assert_eq!(answer.status(), 400, "{odd:?}");
        }
        let draft = draft_session(&market.staff.host, "hosted").await;
        let hidden = market.stranger.look(&format!("/v1/lot-sessions/{draft}/stream")).await.unwrap();
        refused(&hidden, 404, "not_found");
    }
}
