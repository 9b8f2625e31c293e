//! Signals of collusion: what was planted is recorded with its reasons, what is innocent is not, and only those who oversee
//! are told.

use entity::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::auctions::rules::verify::verify;
use zhepai::client::Client;
use zhepai::integrity::flows::hear_lot_closed;
use zhepai::platform::access::Context;
use zhepai::play::{Party, Published, text};

use crate::audit::behind_a_proxy;
use crate::authz::{address, announced, invite, join};
use crate::bank::Sheet;
use crate::common::database::at_rest;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{PASSWORD, cny, course, granted, money, refused};
use crate::common::{Market, http};
use crate::{on_both, sealed};

// ---- What is asked again and again ----

/// What a member does from an address behind the proxy.
async fn does_from(market: &Market, party: &Party, from: &str, place: &str, body: Value) -> Value {
    let call = http().post(format!("{}{place}", market.server.url())).header("x-forwarded-for", from);
    let call = call.bearer_auth(party.client.token().unwrap()).header("idempotency-key", Uuid::new_v4().to_string());
    let answer = call.json(&body).send().await.unwrap();
    let status = answer.status().as_u16();
    let said: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
    assert_eq!(status, 201, "{place}: {said}");
    said
}

/// Applies from an address and is found fit; the admission.
async fn fit(market: &Market, bidder: &Party, from: &str, lot: &str) -> Value {
    let applied = does_from(market, bidder, from, &format!("/v1/lots/{lot}/admissions"), json!({})).await;
    market.staff.reviewer.act(&format!("/v1/admissions/{}/qualify", text(&applied["id"]))).await.unwrap()
}

/// A lot that is open, with these bidders admitted, each of whom applied from his address.
async fn open(market: &Market, seller: &Party, title: &str, bidders: &[(&Party, &str)]) -> Published {
    let published = announced(market, seller, title, &[]).await;
    admitted(market, &published.lot, bidders).await;
    published
}

/// These apply and pay; then the lot opens.
async fn admitted(market: &Market, lot: &str, bidders: &[(&Party, &str)]) {
    for (bidder, from) in bidders {
        let deposit = fit(market, bidder, from, lot).await["deposit"].clone();
        let payment = json!({"deposit_reference": deposit["reference"], "amount": deposit["amount"]});
        bidder.client.create("/v1/sandbox/bank-credits", payment).await.unwrap();
    }
    market.pass(2).await;
}

/// These bids one after another, in yuan; then the lot closes.
async fn is_bid_for(market: &Market, lot: &str, bids: &[((&Party, &str), i64)]) {
    for ((bidder, from), yuan) in bids {
        let price = json!({"price": Money::fen(yuan * 100), "confirmed": true});
        does_from(market, bidder, from, &format!("/v1/lots/{lot}/bids"), price).await;
    }
    market.pass(24 * 60 + 10).await;
    let closed = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
    assert_eq!(closed["state"], "closed_sold");
}

async fn signals(reader: &Client, query: &str) -> Vec<Value> {
    let page = reader.get(&format!("/v1/integrity-signals?{query}")).await.unwrap();
    page["items"].as_array().unwrap().clone()
}

fn kinds(signals: &[Value]) -> Vec<String> {
    let mut kinds: Vec<_> = signals.iter().map(|signal| text(&signal["kind"])).collect();
    kinds.sort();
    kinds
}

/// The reasons of the only signal of a kind that tell a fact.
fn reasons<'a>(signals: &'a [Value], kind: &str, fact: &str) -> Vec<&'a Value> {
    let of_kind: Vec<_> = signals.iter().filter(|signal| signal["kind"] == kind).collect();
    assert_eq!(of_kind.len(), 1, "{kind} in {signals:?}");
    of_kind[0]["reasons"].as_array().unwrap().iter().filter(|reason| reason["fact"] == fact).collect()
}

/// What two accomplices leave behind: they share a person, come from one network and bid in turn.
async fn planted(market: &Market) -> (Party, [Party; 2], String) {
    let seller = university(market).await;
    let (one, two) = (enterprise(market, "firm-1", 1).await, enterprise(market, "firm-2", 2).await);
    let (both, _) = join(market, &one, "b-oth", &["viewer"]).await;
    let place = invite(&two, &address("b-oth"), &["viewer"]).await;
    both.act(&format!("/v1/memberships/{place}/accept")).await.unwrap();
    let bidders = [(&one, "203.0.113.7"), (&two, "203.0.113.200")];
    let lot = open(market, &seller, "一种被围标的技术", &bidders).await.lot;
    let bids: Vec<_> = bidders.iter().copied().cycle().zip((1000..).step_by(100)).take(10).collect();
    is_bid_for(market, &lot, &bids).await;
    (seller, [one, two], lot)
}

// ---- What is recorded ----

on_both! {
    /// A shared person, bids in turn and a shared network are recorded, each once and with what shows it.
    async fn collusion_is_recorded_with_its_reasons(plain) {
        let market = behind_a_proxy(plain.base()).await;
        let (seller, [one, two], lot) = planted(&market).await;
        let supervisor = &market.staff.supervisor;
        let found = signals(supervisor, &format!("lot_id={lot}")).await;
        assert_eq!(kinds(&found), ["minimal_alternating", "shared_address", "shared_contact"], "{found:?}");
        let mut pair = [one.organisation.as_str(), two.organisation.as_str()];
        pair.sort_unstable();
        for signal in &found {
            assert_eq!((&signal["organisation_id"], &signal["other_organisation_id"]), (&json!(pair[0]), &json!(pair[1])));
            assert_eq!((&signal["lot_id"], &signal["seller_organisation_id"]), (&json!(lot), &json!(seller.organisation)));
            assert!(signal["rulebook_version"].is_i64() && signal["en"].is_string(), "{signal}");
        }

        // Who belongs to both is found by his places.
        let places = reasons(&found, "shared_contact", "member");
        for (place, party) in places.iter().zip(pair) {
            assert_eq!((&place["organisation_id"], &place["object_kind"]), (&json!(party), &json!("membership")));
            let members = supervisor.get(&format!("/v1/organisations/{party}/members")).await.unwrap();
            assert!(members["items"].as_array().unwrap().iter().any(|member| member["id"] == place["object_id"]), "{place}");
        }
        assert_eq!(places.len(), 2);
        let run = reasons(&found, "minimal_alternating", "alternating_bids");
        assert_eq!(run[0]["number"], 9, "the first bid raises none");

        // The network is told by a mark; the trail has it.
        let (applied, bid) = (reasons(&found, "shared_address", "applied_from_network"), reasons(&found, "shared_address", "bid_from_network"));
        let numbers = |told: &[&Value]| told.iter().map(|reason| reason["number"].as_i64().unwrap()).collect::<Vec<_>>();
        assert_eq!((numbers(&applied), numbers(&bid)), (vec![1, 1], vec![5, 5]));
        assert!(applied.iter().chain(&bid).all(|reason| reason["mark"] == applied[0]["mark"] && reason["mark"].is_string()));
        assert!(!json!(found).to_string().contains("203.0.113"), "{found:?}");

        // The list goes page by page and by what is asked for.
        for (query, due) in [
            (format!("lot_id={lot}&kind=shared_contact"), 1),
            (format!("organisation_id={}", one.organisation), 3),
            (format!("organisation_id={}", two.organisation), 3),
            (format!("organisation_id={}", seller.organisation), 0),
            (format!("lot_id={}", Uuid::new_v4()), 0),
        ] {
            assert_eq!(signals(supervisor, &query).await.len(), due, "{query}");
        }
        let (mut read, mut query) = (Vec::new(), "limit=1".to_owned());
        loop {
            let page = supervisor.get(&format!("/v1/integrity-signals?{query}")).await.unwrap();
            read.extend(page["items"].as_array().unwrap().clone());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("limit=1&cursor={cursor}");
        }
        assert_eq!(read, found);
        let single = market.staff.auditor.get(&format!("/v1/integrity-signals/{}", text(&found[0]["id"]))).await.unwrap();
        assert_eq!(single, found[0]);
    }
}

on_both! {
    /// Whoever hears of the same lot again records nothing again.
    async fn a_lot_is_looked_at_once(plain) {
        let market = behind_a_proxy(plain.base()).await;
        let (_, _, lot) = planted(&market).await;
        let before = at_rest(market.house()).await;
        let by = Context::system("hear_event", "again".into());
        let again = market.house().write(&by, lot, |tx, lot| async move {
            tx.nothing_changed();
            hear_lot_closed(&tx, &json!({"lot_id": lot})).await
        });
        again.await.unwrap();
        assert_eq!(at_rest(market.house()).await, before);
    }
}

on_both! {
    /// Two deposits from one account are a signal that points to the lines of the bank and tells no account.
    async fn deposits_from_one_account_are_recorded(plain) {
        let market = behind_a_proxy(plain.base()).await;
        let seller = university(&market).await;
        let parties = [enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await];
        let bidders = [(&parties[0], "203.0.113.7"), (&parties[1], "198.51.100.7")];
        let lot = announced(&market, &seller, "一种同一付款人的技术", &[]).await.lot;
        let (mut sheet, now) = (Sheet::opening(0), market.staff.now().await.unwrap());
        for (number, (bidder, from)) in bidders.iter().enumerate() {
            let deposit = fit(&market, bidder, from, &lot).await["deposit"].clone();
            sheet = sheet.credit(now, &format!("IN-{number}"), money(&deposit["amount"]).minor, &bidder.name, &text(&deposit["reference"]));
        }
        // The bank spells one account in two ways.
        let statement = sheet.text().replace("6222-IN-0", "6222 8888-x").replace("6222-IN-1", "62228888X");
        let imported = market.staff.finance.send_file(&sheet.place(), "text/csv", statement.into_bytes()).await.unwrap();
        assert_eq!(granted(&imported, 201)["lines"]["matched"], 2);
        market.pass(2).await;
        is_bid_for(&market, &lot, &[(bidders[0], 1000), (bidders[1], 1500)]).await;

        let found = signals(&market.staff.supervisor, &format!("lot_id={lot}")).await;
        assert_eq!(kinds(&found), ["shared_payer"], "{found:?}");
        let paid = reasons(&found, "shared_payer", "deposit_from_account");
        assert!(paid.len() == 2 && paid[0]["mark"] == paid[1]["mark"] && paid[0]["object_id"] != paid[1]["object_id"], "{paid:?}");
        for line in &paid {
            let line = market.staff.finance.get(&format!("/v1/bank-lines/{}", text(&line["object_id"]))).await.unwrap();
            assert_eq!(line["state"], "matched");
        }
        assert!(!json!(found).to_string().contains("8888"), "{found:?}");
    }
}

on_both! {
    /// A shill who bids in every lot of a seller, always at once and by the least, stands among the first three of its
    /// bidders; a lot between strangers who raise as they like shows nothing.
    async fn a_planted_shill_is_ranked_and_an_honest_lot_shows_nothing(plain) {
        let market = behind_a_proxy(plain.base()).await;
        let (seller, honest_seller) = (university(&market).await, enterprise(&market, "seller", 9).await);
        let parties = [enterprise(&market, "shill", 1).await, enterprise(&market, "keen", 2).await, enterprise(&market, "other", 3).await];
        let [shill, keen, other] = [(&parties[0], "203.0.113.7"), (&parties[1], "198.51.100.7"), (&parties[2], "192.0.2.7")];
        let mut lot = String::new();
        for title in ["一种技术甲", "一种技术乙", "一种技术丙"] {
            lot = open(&market, &seller, title, &[shill, keen, other]).await.lot;
            let bids = [(other, 1000), (shill, 1100), (keen, 1400), (shill, 1500), (other, 2000), (shill, 2100), (keen, 2600)];
            is_bid_for(&market, &lot, &bids).await;
        }
        let scores = signals(&market.staff.supervisor, "kind=shill_score").await;
        let about: Vec<_> = scores.iter().filter(|signal| signal["organisation_id"] == shill.0.organisation.as_str()).cloned().collect();
        assert_eq!((about.len(), &about[0]["lot_id"]), (1, &json!(lot)), "from the third lot on");
        let rank = reasons(&about, "shill_score", "rank")[0]["number"].as_i64().unwrap();
        assert!((1..=3).contains(&rank), "{scores:?}");
        assert!(scores.iter().all(|signal| signal["score_bp"].as_i64() <= about[0]["score_bp"].as_i64()), "{scores:?}");
        assert_eq!(reasons(&about, "shill_score", "sellers_lots_lost")[0]["number"], 3);

        let fair = open(&market, &honest_seller, "一种公平竞价的技术", &[keen, other]).await.lot;
        is_bid_for(&market, &fair, &[(keen, 1000), (other, 1300), (keen, 1500), (other, 2200)]).await;
        let none = signals(&market.staff.supervisor, &format!("lot_id={fair}")).await;
        assert_eq!(none, Vec::<Value>::new());
    }
}

// ---- Sealed bids ----

/// A party that signs in anew, on the device that was given a token or on a new one; with its own token for it.
async fn on_device(market: &Market, party: &Party, device: &Value) -> (Party, Value) {
    let given = json!({"email": party.email, "password": PASSWORD, "device_token": device});
    let tokens = market.stranger.create("/v1/sessions", given).await.unwrap();
    let client = market.stranger.with_token(&text(&tokens["access_token"]));
    (Party { client, ..party.clone() }, tokens["device_token"].clone())
}

/// A lot in which these seal a bid each, in yuan and fen; then it closes.
async fn is_sealed_for(market: &Market, seller: &Party, title: &str, bids: &[((&Party, &str), &str)]) -> String {
    let lot = sealed::announced(market, seller, title, "first_price", 3_600, &[]).await;
    let bidders: Vec<_> = bids.iter().map(|(bidder, _)| *bidder).collect();
    admitted(market, &lot, &bidders).await;
    for ((bidder, from), price) in bids {
        let bid = json!({"price": cny(price), "confirmed": true});
        does_from(market, bidder, from, &format!("/v1/lots/{lot}/sealed-bids"), bid).await;
    }
    assert_eq!(signals(&market.staff.supervisor, &format!("lot_id={lot}")).await, Vec::<Value>::new(), "what is sealed shows nothing");
    market.pass(70).await;
    lot
}

/// What became of a lot and of those who bid for it.
async fn ending(market: &Market, lot: &str, bidders: [&Party; 2]) -> Value {
    let seen = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
    let mut told = vec![json!([seen["state"], seen["price"], seen["bid_count"]])];
    for bidder in bidders {
        let own = bidder.client.get("/v1/admissions").await.unwrap();
        let admission = own["items"].as_array().unwrap().iter().find(|one| one["lot_id"] == lot).unwrap().clone();
        let deals = bidder.client.get(&format!("/v1/deals?lot_id={lot}")).await.unwrap();
        told.push(json!([admission["state"], admission["suspended"], deals["items"][0]["state"], deals["items"][0]["price"]]));
    }
    Value::Array(told)
}

on_both! {
    /// Two who seal on one device, one always just below the other, are seen by whoever oversees and by nobody else; and nothing comes
    /// of it: their lots end as those of strangers do.
    async fn accomplices_who_seal_on_one_device_are_seen_and_nothing_comes_of_it(plain) {
        let market = behind_a_proxy(plain.base()).await;
        let seller = university(&market).await;
        let parties = [enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await];
        let (one, device) = on_device(&market, &parties[0], &Value::Null).await;
        let (two, other) = on_device(&market, &parties[1], &device).await;
        assert_ne!(other, device, "each account has a token of its own");
        let (_, again) = on_device(&market, &parties[1], &other).await;
        assert_eq!(again, other);
        let (one_from, two_from) = ((&one, "203.0.113.7"), (&two, "198.51.100.7"));
        let mut lots = Vec::new();
        let sealed = [("一种技术甲", "1999.99", "1977.77"), ("一种技术乙", "2999.99", "2977.77"), ("一种技术丙", "3999.99", "3977.77")];
        for (title, best, less) in sealed {
            lots.push(is_sealed_for(&market, &seller, title, &[(two_from, less), (one_from, best)]).await);
        }

        let supervisor = &market.staff.supervisor;
        let first = signals(supervisor, &format!("lot_id={}", lots[0])).await;
        assert_eq!(kinds(&first), ["sealed_together", "shared_device"], "{first:?}");
        let last = signals(supervisor, &format!("lot_id={}", lots[2])).await;
        // Who loses every lot of one seller has the habits of a shill, too.
        assert_eq!(kinds(&last), ["cover_bids", "regular_bids", "sealed_together", "shared_device", "shill_score"], "{last:?}");
        let same = reasons(&last, "regular_bids", "lots_apart_by_amount");
        assert_eq!((&same[0]["number"], &same[0]["amount"]), (&json!(3), &cny("22.22")));
        let told = reasons(&last, "cover_bids", "sealed_bid");
        assert!(told.len() == 6 && told.iter().all(|bid| bid["at"].is_string() && bid["object_kind"] == "lot"), "{told:?}");
        let newest: Vec<_> = told.iter().filter(|bid| bid["object_id"] == lots[2].as_str()).map(|bid| &bid["amount"]).collect();
        assert!(newest.contains(&&cny("3999.99")) && newest.contains(&&cny("3977.77")), "{told:?}");

        // The device is told by a mark, which is nobody's token and not what its user is told.
        let marks: Vec<_> = reasons(&last, "shared_device", "signed_in_on_device").iter().map(|reason| text(&reason["mark"])).collect();
        assert!(marks.len() == 2 && marks[0] == marks[1], "{last:?}");
        let sessions = one.client.get("/v1/sessions").await.unwrap();
        let own: Vec<_> = sessions["items"].as_array().unwrap().iter().map(|session| text(&session["device_mark"])).collect();
        assert!(own.len() == 2 && own[0] != own[1] && !own.contains(&marks[0]), "{sessions}");
        for place in [format!("/v1/integrity-signals?lot_id={}", lots[2]), format!("/v1/integrity-signals/{}", text(&last[0]["id"]))] {
            for reader in [&one.client, &two.client, &seller.client, &market.staff.host] {
                refused(&reader.look(&place).await.unwrap(), 403, "forbidden");
            }
            refused(&market.stranger.look(&place).await.unwrap(), 401, "not_signed_in");
        }

        // Strangers, each on a device of his own.
        let strangers = [enterprise(&market, "three", 3).await, enterprise(&market, "four", 4).await];
        let (three, four) = ((&strangers[0], "192.0.2.7"), (&strangers[1], "100.64.0.7"));
        let fair = is_sealed_for(&market, &seller, "一种技术丁", &[(four, "1977.77"), (three, "1999.99")]).await;
        assert_eq!(signals(supervisor, &format!("lot_id={fair}")).await, Vec::<Value>::new());
        let honest = ending(&market, &fair, [three.0, four.0]).await;
        assert_eq!(honest[0], json!(["closed_sold", cny("1999.99"), 2]));
        let last_lot = is_sealed_for(&market, &seller, "一种技术戊", &[(two_from, "1977.77"), (one_from, "1999.99")]).await;
        assert_eq!(ending(&market, &last_lot, [&one, &two]).await, honest);
        assert_eq!(verify(&course(&market.stranger, &last_lot).await, &[], |_| {}), Ok(()));

        // It is the fifth lot that the other one does not win.
        let fifth = is_sealed_for(&market, &seller, "一种技术己", &[(two_from, "1888.99"), (one_from, "1999.99")]).await;
        let found = signals(supervisor, &format!("lot_id={fifth}")).await;
        let (lots, sellers) = (reasons(&found, "never_wins", "lots_bid_in"), reasons(&found, "never_wins", "sellers_lots_bid_in"));
        assert_eq!((&lots[0]["number"], &sellers[0]["number"]), (&json!(5), &json!(5)));
        let never = found.iter().find(|signal| signal["kind"] == "never_wins").unwrap();
        assert_eq!(never["organisation_id"], two.organisation.as_str());
        leaves_its_rivals_silent(&market, &seller, one_from, three, four).await;
    }
}

on_both! {
    /// Where the lowest bid wins, a bid that is always just above the winner's covers it.
    async fn where_the_lowest_bid_wins_accomplices_seal_just_above_it(plain) {
        let market = behind_a_proxy(plain.base()).await;
        let seller = university(&market).await;
        let (one, two) = (enterprise(&market, "one", 1).await, enterprise(&market, "two", 2).await);
        let (winner, other) = ((&one, "203.0.113.7"), (&two, "198.51.100.7"));
        let mut lot = String::new();
        for (title, best, worse) in [("一种技术甲", "799.99", "808.88"), ("一种技术乙", "699.99", "709.88"), ("一种技术丙", "599.99", "607.77")] {
            lot = sealed::falling(&market, &seller, title, &[], json!({"kind": "none"})).await;
            admitted(&market, &lot, &[winner, other]).await;
            for ((bidder, from), price) in [(other, worse), (winner, best)] {
                does_from(&market, bidder, from, &format!("/v1/lots/{lot}/sealed-bids"), json!({"price": cny(price)})).await;
            }
            market.pass(24 * 60 + 10).await;
        }
        let found = signals(&market.staff.supervisor, &format!("lot_id={lot}&kind=cover_bids")).await;
        assert_eq!(reasons(&found, "cover_bids", "lots_just_below")[0]["number"], 3);
        assert_eq!(reasons(&found, "cover_bids", "sealed_bid").len(), 6);
    }
}

/// One bids alone: of his rivals one never bids, and one withdraws once he was found fit. That is told with their admissions.
async fn leaves_its_rivals_silent(market: &Market, seller: &Party, alone: (&Party, &str), silent: (&Party, &str), gone: (&Party, &str)) {
    let lot = sealed::announced(market, seller, "一种无人相争的技术", "first_price", 3_600, &[]).await;
    let withdrawn = text(&fit(market, gone.0, gone.1, &lot).await["id"]);
    gone.0.client.act(&format!("/v1/admissions/{withdrawn}/withdraw")).await.unwrap();
    admitted(market, &lot, &[alone, silent]).await;
    does_from(market, alone.0, alone.1, &format!("/v1/lots/{lot}/sealed-bids"), json!({"price": cny("1999.99")})).await;
    market.pass(70).await;

    let found = signals(&market.staff.supervisor, &format!("lot_id={lot}")).await;
    assert_eq!(kinds(&found), ["withdrawn_rivals"], "{found:?}");
    assert_eq!((&found[0]["organisation_id"], &found[0]["other_organisation_id"]), (&json!(alone.0.organisation), &Value::Null));
    let (never, withdrew) = (reasons(&found, "withdrawn_rivals", "never_bid"), reasons(&found, "withdrawn_rivals", "withdrew"));
    assert_eq!((never.len(), &never[0]["organisation_id"]), (1, &json!(silent.0.organisation)));
    assert_eq!((withdrew.len(), &withdrew[0]["organisation_id"]), (1, &json!(gone.0.organisation)));
    assert_eq!((&withdrew[0]["object_kind"], &withdrew[0]["object_id"]), (&json!("admission"), &json!(withdrawn)));
}

// ---- Who is told ----

on_both! {
    /// Bidders and sellers are not told, nor are officers who decide about them; and nothing about anybody has changed.
    async fn only_those_who_oversee_are_told(plain) {
        let market = behind_a_proxy(plain.base()).await;
        let (seller, [one, two], lot) = planted(&market).await;
        let id = text(&signals(&market.staff.auditor, "kind=shared_contact").await[0]["id"]);
        let staff = &market.staff;
        let others = [&seller.client, &one.client, &two.client, &staff.reviewer, &staff.host, &staff.finance, &staff.publisher, &staff.security];
        for place in [format!("/v1/integrity-signals?lot_id={lot}"), format!("/v1/integrity-signals/{id}")] {
            for reader in others {
                refused(&reader.look(&place).await.unwrap(), 403, "forbidden");
            }
            refused(&market.stranger.look(&place).await.unwrap(), 401, "not_signed_in");
        }
        refused(&staff.supervisor.look(&format!("/v1/integrity-signals/{}", Uuid::new_v4())).await.unwrap(), 404, "not_found");
        // The winner has its deal as if nothing had been seen.
        let deals = two.client.get(&format!("/v1/deals?lot_id={lot}")).await.unwrap();
        assert_eq!((&deals["items"][0]["price"], &deals["items"][0]["state"]), (&cny("1900.00"), &json!("confirmation_generated")));
    }
}
