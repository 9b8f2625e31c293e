//! Three servers on one database are one market, whoever is killed and whatever is cut meanwhile.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use futures_util::future::join_all;
use serde_json::Value;
use zhepai::client::Client;
use zhepai::platform::config::SANDBOX_PASSWORD;
use zhepai::play::{Staff, admit, instant, text};

use super::crowd::{Bidder, Ground};
use crate::common::Base;
use crate::common::database::{self, has_postgres};
use crate::common::play::{PASSWORD, Random, books_balance, enterprise_at, is_whole, log, prices_rise, university_at};
use crate::common::program::kills;
use crate::common::proxy::Cut;
use crate::durability::heavy::the_log_holds;
use crate::linear::checker::{Deed, Rules, can_have_happened};
use crate::linear::market::{START, STEP, each, hard_lot, is_sold_once};
use crate::linear::servers::{Standing, three};

const BIDDERS: usize = 12;
const LOTS: usize = 4;

/// Cuts lines, and kills a server each round.
async fn nemesis(mut servers: Vec<Standing>, ground: Arc<Ground>) -> Vec<Standing> {
    for round in 0..kills(20) {
        ground.pause(150, 250).await;
        let line = &servers[ground.below(servers.len())];
        match round % 4 {
            0 => line.to_database.set(Cut::Unanswered),
            1 => line.to_database.set(Cut::Unsent),
            2 => line.door.set(Cut::Unanswered),
            _ => line.to_database.cut_all(),
        }
        ground.pause(60, 120).await;
        line.to_database.set(Cut::Never);
        line.door.set(Cut::Never);
        line.door.cut_all();
        ground.pause(50, 200).await;
        let victim = ground.below(servers.len());
        servers[victim].kill();
        ground.pause(1, 150).await;
        servers[victim].come_back();
    }
    servers
}

/// Twelve bidders with accounts at all doors, admitted to lots that are open.
async fn set_up(servers: &[Standing], staff: &Staff) -> (Ground, Vec<Bidder>) {
    let stranger = servers[0].client();
    let seller = university_at(&stranger, staff).await;
    let opens = staff.now().await.unwrap() + TimeDelta::minutes(30);
    let lots = each(LOTS, async |serial| hard_lot(&seller, staff, serial, opens).await).await;
    let bidders = each(BIDDERS, async |number| {
        let party = enterprise_at(&stranger, staff, &format!("firm-{number}"), u32::try_from(number + 1).unwrap()).await;
        for lot in &lots {
            admit(&party, staff, lot).await.unwrap();
        }
        let mut doors = Vec::new();
        for server in servers {
            doors.push(server.client().sign_in(&party.email, PASSWORD).await.unwrap());
        }
        Bidder { number, party, doors, least: vec![START; LOTS], receipts: vec![Vec::new(); LOTS], open: Vec::new() }
    })
    .await;
    let mut names = vec![BTreeMap::new(); LOTS];
    for bidder in &bidders {
        let admissions = bidder.party.client.get("/v1/admissions?limit=100").await.unwrap();
        for admission in admissions["items"].as_array().unwrap() {
            let lot = lots.iter().position(|lot| admission["lot_id"] == lot.as_str()).unwrap();
            names[lot].insert(text(&admission["pseudonym"]), bidder.number);
        }
    }
    staff.move_clock(opens + TimeDelta::seconds(1)).await.unwrap();
    let calls = lots.iter().map(|_| Mutex::default()).collect();
    let random = Mutex::new(Random::seeded());
    (Ground { lots, names, begun: Instant::now(), calls, over: AtomicBool::new(false), random }, bidders)
}

/// Lets the lots run out while everybody goes on.
async fn close(ground: &Ground, reader: &Client, staff: &Staff) {
    // Until somebody lived long enough to write down that the market runs: its end is no outage.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let path = |lot: usize| format!("/v1/lots/{}", ground.lots[lot]);
    let end = instant(&reader.get(&path(0)).await.unwrap()["closes_at"]);
    let called = ground.now();
    staff.move_clock(end + TimeDelta::seconds(1)).await.unwrap();
    let returned = ground.now();
    for lot in 0..LOTS {
        let closed = ground.seen(lot, &reader.get(&path(lot)).await.unwrap());
        assert!(closed.closed, "{closed:?}");
        ground.note(lot, Deed::Closed(closed), called, Some(returned));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_servers_are_one_market_through_kills_and_cuts() {
    if !has_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Postgres, folder.path()).await;
    let servers = three(&database, folder.path()).await;
    let reader = servers[0].client();
    let staff = Staff::of_sandbox(&reader, SANDBOX_PASSWORD).await.unwrap();
    let (ground, mut bidders) = set_up(&servers, &staff).await;
    let ground = Arc::new(ground);
    let mut firsts = Vec::new();
    for (lot, id) in ground.lots.iter().enumerate() {
        firsts.push(ground.seen(lot, &reader.get(&format!("/v1/lots/{id}")).await.unwrap()));
    }

    let nemesis = tokio::spawn(nemesis(servers, ground.clone()));
    let end = async {
        let servers = nemesis.await.unwrap();
        close(&ground, &reader, &staff).await;
        ground.over.store(true, Ordering::Release);
        servers
    };
    let (servers, _) = tokio::join!(end, join_all(bidders.iter_mut().map(|bidder| bidder.go_on(&ground))));
    for bidder in &mut bidders {
        bidder.settle(&ground).await;
    }

    let cut = [Cut::Unsent, Cut::Unanswered].map(|how| servers.iter().map(|server| server.to_database.were_cut(how)).sum::<usize>());
    eprintln!("commits cut before they were sent, and before they were answered: {cut:?}");
    assert!(cut[0] > 0 && cut[1] > 0, "no commit was cut: {cut:?}");
    for (lot, id) in ground.lots.iter().enumerate() {
        let calls = ground.calls[lot].lock().unwrap().clone();
        let of = |kind: fn(&Deed) -> bool| calls.iter().filter(|call| kind(&call.deed)).count();
        let (counted, lost) = (of(|deed| matches!(deed, Deed::Placed { .. })), of(|deed| matches!(deed, Deed::Lost { .. })));
        eprintln!("lot {lot}: {} deeds, {counted} bids acknowledged, of {lost} the outcome stayed unknown", calls.len());
        assert!(counted > 10, "hardly anybody bid");
        let verdict = can_have_happened(&Rules { start: START, step: STEP }, firsts[lot], &calls);
        assert_eq!(verdict, Ok(()), "lot {lot} is no one lot");
        let events = log(&reader, id).await;
        is_whole(id, &events);
        prices_rise(&events);
        let receipts: Vec<&Value> = bidders.iter().flat_map(|bidder| &bidder.receipts[lot]).collect();
        the_log_holds(&events, &receipts);
        is_sold_once(&reader, &staff.supervisor, id).await;
    }
    books_balance(&staff.finance).await;
}
