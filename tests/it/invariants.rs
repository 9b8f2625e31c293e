//! What holds whatever anybody does, and does not follow from the rights an operation declares: who
//! must not learn what, who must not act twice, what must never change.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use entity::identity::StaffRole;
use entity::money::Money;
use entity::platform::audit;
use futures_util::future::join;
use reqwest::Method;
use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, EntityTrait};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Client, Reply};
use zhepai::play::{self, Party, Published, text};

use crate::authz::{
    self, Who, address, announced_by_rounds, document, invite, join as member, lot, newest, offer, officer, operations, person, right,
    sandbox_officer, settled,
};
use crate::common::database::fingerprint;
use crate::common::play::{PASSWORD, bid_in_turn, books_balance, cny, first_deal, granted, refused, seal};
use crate::common::{Market, fixtures};
use crate::encumbrances;
use crate::on_both;
use crate::outages::{beats, was_silent};
use crate::recordals;
use crate::sealed;
use crate::weighted;

// ---- The stage ----

/// A deed without a body; the answer, whatever it is.
async fn act(client: &Client, place: &str) -> Reply {
    client.ask(Method::POST, place).send().await.unwrap()
}

/// A deed with a body; the answer, whatever it is.
async fn send(client: &Client, place: &str, body: Value) -> Reply {
    client.post(place, body).send().await.unwrap()
}

/// A bid; the answer, whatever it is.
async fn bid(client: &Client, lot: &str, amount: &str) -> Reply {
    send(client, &format!("/v1/lots/{lot}/bids"), json!({"price": cny(amount)})).await
}

/// A university and two enterprises.
async fn parties(market: &Market) -> (Party, Party, Party) {
    let seller = fixtures::university(market).await;
    (seller, fixtures::enterprise(market, "winner", 1).await, fixtures::enterprise(market, "rival", 2).await)
}

/// A lot that was sold: who took part, and the deal, unsigned.
struct Sale {
    seller: Party,
    winner: Party,
    rival: Party,
    published: Published,
    deal: String,
}

impl Sale {
    async fn play(market: &Market) -> Self {
        let (seller, winner, rival) = parties(market).await;
        let published = lot(market, &seller, "一种河岸带减污方法", &[&winner, &rival]).await;
        play::bid(&rival, &published.lot, Money::fen(100_000)).await.unwrap();
        play::bid(&winner, &published.lot, Money::fen(110_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let deal = text(&first_deal(&winner.client).await["id"]);
        Self { seller, winner, rival, published, deal }
    }

    /// Both sides sign, and an officer who had no hand in the case publishes the result.
    async fn conclude(&self, market: &Market) {
        play::sign(&self.deal, &[&self.winner.client, &self.seller.client]).await.unwrap();
        let (publisher, _) = officer(market, "fresh-eyes", "publisher").await;
        granted(&act(&publisher, &format!("/v1/deals/{}/publish-result", self.deal)).await, 200);
    }
}

/// The ids a reader tries, by the collection they are of.
type Ids = BTreeMap<&'static str, Vec<String>>;

/// What is known of a listing and its lot.
async fn ids_of(market: &Market, published: &Published) -> Ids {
    let listing = market.staff.supervisor.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
    let assets = listing["assets"].as_array().unwrap().iter().map(|asset| text(&asset["asset_id"])).collect();
    BTreeMap::from([
        ("lots", vec![published.lot.clone()]),
        ("listings", vec![published.listing.clone()]),
        ("notices", vec![text(&listing["notice_id"])]),
        ("achievements", vec![text(&listing["achievement_id"])]),
        ("assets", assets),
    ])
}

/// What an address answers somebody, as text. A live feed does not end: what it says at once counts.
async fn said(client: &Client, place: &str) -> String {
    let mut request = crate::common::http().get(format!("{}{place}", client.base()));
    if let Some(token) = client.token() {
        request = request.bearer_auth(token);
    }
    let mut answer = request.send().await.unwrap();
    let mut bytes = Vec::new();
    while let Ok(Ok(Some(chunk))) = tokio::time::timeout(Duration::from_millis(500), answer.chunk()).await {
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Everything somebody can read: every question of the document, asked of every id known.
async fn everything(client: &Client, ids: &Ids) -> Vec<(String, String)> {
    let mut places: Vec<String> =
        ["/v1/listings?mine=true", "/v1/listings?all=true", "/v1/notices?state=drafted"].map(ToOwned::to_owned).into();
    for operation in operations(&document()).into_iter().filter(authz::Operation::is_question) {
        if !operation.place.contains("{id}") {
            places.push(operation.place);
        } else if operation.id != "watch_lot" || client.token().is_none() {
            let collection = operation.place.split('/').nth(2).unwrap_or_default();
            let known = ids.get(collection).into_iter().flatten();
            places.extend(known.map(|id| operation.place.replace("{id}", id)));
        }
    }
    let mut heard = Vec::new();
    for place in places {
        let answer = said(client, &place).await;
        heard.push((place, answer));
    }
    heard
}

/// Sees that somebody can read none of the secrets anywhere.
async fn reads_nothing_of(who: &str, client: &Client, ids: &Ids, secrets: &[String]) {
    let heard = everything(client, ids).await;
    assert!(heard.iter().any(|(_, answer)| answer.contains("items")), "{who} reads nothing at all");
    for (place, answer) in heard {
        let answer = answer.to_lowercase();
        for secret in secrets {
            assert!(!answer.contains(&secret.to_lowercase()), "{who} reads {secret} at {place}: {answer}");
        }
    }
}

/// The whole database as text, the audit trail with it.
async fn database(market: &Market) -> String {
    let mut all = String::new();
    for (table, content) in fingerprint(market.house()).await {
        writeln!(all, "{table}\n{content}").unwrap();
    }
    for row in audit::Entity::find().all(market.house().db.read()).await.unwrap() {
        writeln!(all, "{row:?}").unwrap();
    }
    all.to_lowercase()
}

/// A connection of one's own, beside the server: what it may not do, nobody may.
pub async fn by_hand(market: &Market) -> DatabaseConnection {
    Database::connect(market.config.database.as_str()).await.unwrap()
}

// ---- What must not be learnt ----

on_both! {
    /// No enterprise ever sees who else applied for a lot; nor does the seller, nor a stranger.
    async fn nobody_but_officers_sees_who_applied(market) {
        let (seller, winner, rival) = parties(&market).await;
        let published = lot(&market, &seller, "一种河岸带减污方法", &[&winner, &rival]).await;
        let theirs = rival.client.get("/v1/admissions").await.unwrap()["items"][0].clone();
        let secrets = [rival.organisation.clone(), rival.name.clone(), text(&theirs["id"]), text(&theirs["deposit"]["reference"])];
        let mut ids = ids_of(&market, &published).await;
        ids.insert("admissions", vec![text(&theirs["id"])]);
        ids.insert("organisations", vec![rival.organisation.clone()]);
        let eyes = [("a stranger", &market.stranger), ("a fellow bidder", &winner.client), ("the seller", &seller.client)];
        let list = format!("/v1/lots/{}/admissions", published.lot);
        for (_, client) in &eyes[1..] {
            refused(&client.look(&list).await.unwrap(), 403, "forbidden");
        }

        granted(&bid(&rival.client, &published.lot, "1000.00").await, 201);
        for (who, client) in eyes {
            reads_nothing_of(who, client, &ids, &secrets).await;
        }
        granted(&bid(&winner.client, &published.lot, "1100.00").await, 201);
        market.pass(24 * 60 + 5).await;
        ids.insert("deals", vec![newest(&winner.client, "/v1/deals").await]);
        ids.insert("refunds", vec![newest(&rival.client, "/v1/refunds").await]);
        for (who, client) in eyes {
            reads_nothing_of(who, client, &ids, &secrets).await;
        }
        let all = market.staff.supervisor.get(&list).await.unwrap();
        assert_eq!(all["items"].as_array().unwrap().len(), 2, "the supervisor sees both");
    }
}

/// The secret reserve of the test, in fen: a number that is nowhere by chance.
const CANARY: i64 = 765_432_109;

/// How the amount could be written down in the clear: as the API says it, as a number, as bytes.
fn canaries() -> [String; 3] {
    [Money::fen(CANARY).decimal(), CANARY.to_string(), format!("{CANARY:016x}")]
}

/// Sees that the secret reserve stands nowhere: no answer, no feed, no table, no audit row.
async fn is_kept(market: &Market, ids: &Ids, insiders: &[(&str, &Client)]) {
    let mut eyes: Vec<(String, Client)> = insiders.iter().map(|(who, client)| ((*who).to_owned(), (*client).clone())).collect();
    eyes.push(("a stranger".into(), market.stranger.clone()));
    for role in StaffRole::ALL {
        eyes.push((role.code(), sandbox_officer(market, *role).await));
    }
    for (who, client) in &eyes {
        reads_nothing_of(who, client, ids, &canaries()).await;
    }
    let database = database(market).await;
    for canary in canaries() {
        let at = database.find(&canary);
        assert!(
            at.is_none(),
            "the database tells the secret reserve: {:?}",
            at.and_then(|at| database.get(at.saturating_sub(200)..at + 40))
        );
    }
}

on_both! {
    /// Before the close the amount of a secret reserve stands in no answer, feed, notice, table, audit
    /// row or idempotency record; at the close the log opens it.
    async fn the_secret_reserve_is_secret_until_the_close(market) {
        let (seller, bidder, _) = parties(&market).await;
        let (achievement, asset) = right(&seller, "一种河岸带减污方法").await;
        let mut offer = offer(&market, "一种河岸带减污方法").await;
        offer["achievement_id"] = achievement.into();
        offer["asset_ids"] = json!([asset]);
        offer["reserve"] = json!({"kind": "secret", "amount": Money::fen(CANARY)});
        let silent = |reply: &Reply| assert!(canaries().iter().all(|canary| !reply.body.to_string().contains(canary)), "{}", reply.body);

        let written = seller.client.post("/v1/listings", offer.clone()).key("a-secret-reserve").send().await.unwrap();
        granted(&written, 201);
        silent(&written);
        let again = seller.client.post("/v1/listings", offer.clone()).key("a-secret-reserve").send().await.unwrap();
        assert_eq!((granted(&again, 201), again.header("idempotency-replayed")), (&written.body, Some("true")));
        let place = format!("/v1/listings/{}", text(&written.body["id"]));
        let replaced = seller.client.ask(Method::PUT, &place).body(offer).on_version(1).send().await.unwrap();
        granted(&replaced, 200);
        silent(&replaced);
        for (client, deed) in [(&seller.client, "submit"), (&market.staff.reviewer, "take"), (&market.staff.reviewer, "approve")] {
            let reply = act(client, &format!("{place}/{deed}")).await;
            granted(&reply, 200);
            silent(&reply);
        }
        let published = act(&market.staff.publisher, &format!("{place}/publish")).await;
        silent(&published);
        let lot = text(&granted(&published, 200)["lot_id"]);
        play::admit(&bidder, &market.staff, &lot).await.unwrap();
        market.pass(2).await;
        let receipt = bid(&bidder.client, &lot, "1000.00").await;
        granted(&receipt, 201);
        silent(&receipt);

        let listing = text(&written.body["id"]);
        let ids = ids_of(&market, &Published { listing, lot: lot.clone(), deposit: Value::Null }).await;
        is_kept(&market, &ids, &[("the seller", &seller.client), ("a bidder", &bidder.client)]).await;

        // That it is found where it stands shows that it would have been found before.
        market.pass(24 * 60 + 5).await;
        let log = said(&market.stranger, &format!("/v1/lots/{lot}/events")).await;
        assert!(log.contains(&canaries()[0]), "the close opens the reserve: {log}");
        assert!(database(&market).await.contains(&canaries()[0]));
    }
}

/// The ids that stand in a text.
fn ids_in(text: &str) -> BTreeSet<Uuid> {
    let words = text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    words.filter(|word| word.len() == 36).filter_map(|word| word.parse().ok()).collect()
}

on_both! {
    /// A bidder's names in different lots differ, and nothing public about two lots leads from one to the other.
    async fn a_bidder_cannot_be_followed_from_lot_to_lot(market) {
        let (seller, bidder, rival) = parties(&market).await;
        let mut lots = Vec::new();
        for title in ["第一种技术", "第二种技术", "第三种技术"] {
            let published = lot(&market, &seller, title, &[&bidder, &rival]).await;
            let receipt = bid(&bidder.client, &published.lot, "1000.00").await;
            let mut open = String::new();
            for part in ["", "/bids", "/events", "/stream"] {
                open.push_str(&said(&market.stranger, &format!("/v1/lots/{}{part}", published.lot)).await);
            }
            assert!(!open.contains(&bidder.organisation) && !open.contains(&bidder.name), "{open}");
            lots.push((text(&granted(&receipt, 201)["bidder"]), ids_in(&open)));
        }
        // Names are drawn at random, so two may be equal by chance; three are not.
        let names: BTreeSet<&str> = lots.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.len() > 1, "the bidder is {names:?} everywhere");
        let seller: Uuid = seller.organisation.parse().unwrap();
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let shared: BTreeSet<_> = lots[one].1.intersection(&lots[other].1).copied().filter(|id| *id != seller).collect();
            assert!(shared.is_empty(), "both lots tell of {shared:?}");
        }
    }
}

on_both! {
    /// Until the result is published, nobody outside learns who bought.
    async fn the_buyer_is_unknown_until_the_result_is_published(market) {
        let sale = Sale::play(&market).await;
        let ids = ids_of(&market, &sale.published).await;
        let secrets = [sale.winner.organisation.clone(), sale.winner.name.clone(), sale.deal.clone()];
        for (who, client) in [("a stranger", &market.stranger), ("the loser", &sale.rival.client)] {
            let mut tried = ids.clone();
            tried.insert("deals", vec![sale.deal.clone()]);
            tried.insert("organisations", vec![sale.winner.organisation.clone()]);
            reads_nothing_of(who, client, &tried, &secrets).await;
        }
        sale.conclude(&market).await;
        let results = market.stranger.get(&format!("/v1/notices?listing_id={}&kind=deal_result", sale.published.listing)).await.unwrap();
        assert_eq!(results["items"][0]["deal_id"], sale.deal.as_str(), "the result is public: {results}");
    }
}

/// An answer in every respect but its date.
async fn to_the_byte(client: &Client, method: Method, place: &str) -> (u16, BTreeMap<String, String>, Vec<u8>) {
    let mut request = crate::common::http().request(method, format!("{}{place}", client.base()));
    if let Some(token) = client.token() {
        request = request.bearer_auth(token);
    }
    // The same request id, since the answer repeats it.
    let answer =
        request.header("X-Request-Id", "one-and-the-same").header("Idempotency-Key", Uuid::new_v4().to_string()).send().await.unwrap();
    let headers = answer.headers().iter().filter(|(name, _)| *name != "date");
    let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned())).collect();
    (answer.status().as_u16(), headers, answer.bytes().await.unwrap().to_vec())
}

on_both! {
    /// What a caller may not know of looks, to the byte, like what does not exist.
    async fn what_is_hidden_looks_like_what_is_not(market) {
        let sale = Sale::play(&market).await;
        let nosy = fixtures::enterprise(&market, "nosy", 3).await;
        let (achievement, asset) = right(&sale.seller, "一种起草中的技术").await;
        let mut offer = offer(&market, "一种起草中的技术").await;
        offer["achievement_id"] = achievement.as_str().into();
        offer["asset_ids"] = json!([asset]);
        let draft = text(&sale.seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
        let paper = sale.seller.client.upload("合同", "a.txt", "private", "text/plain", b"secret".to_vec()).await.unwrap();
        let admission = newest(&sale.rival.client, "/v1/admissions").await;
        let theirs = [
            (Method::GET, "/v1/listings/{id}", &draft),
            (Method::GET, "/v1/listings/{id}/timeline", &draft),
            (Method::POST, "/v1/listings/{id}/submit", &draft),
            (Method::GET, "/v1/documents/{id}", &text(&paper["id"])),
            (Method::GET, "/v1/documents/{id}/content", &text(&paper["id"])),
            (Method::GET, "/v1/achievements/{id}", &achievement),
            (Method::GET, "/v1/assets/{id}", &asset),
            (Method::GET, "/v1/admissions/{id}", &admission),
            (Method::POST, "/v1/admissions/{id}/withdraw", &admission),
            (Method::GET, "/v1/deals/{id}", &sale.deal),
            (Method::GET, "/v1/deals/{id}/timeline", &sale.deal),
            (Method::GET, "/v1/organisations/{id}", &sale.seller.organisation),
            (Method::GET, "/v1/organisations/{id}/funds", &sale.seller.organisation),
        ];
        for (method, place, id) in theirs {
            for client in [&nosy.client, &market.stranger] {
                let hidden = to_the_byte(client, method.clone(), &place.replace("{id}", id)).await;
                let absent = to_the_byte(client, method.clone(), &place.replace("{id}", &Uuid::now_v7().to_string())).await;
                assert_eq!(hidden, absent, "{method} {place}: {}", String::from_utf8_lossy(&hidden.2));
                assert!(hidden.0 == 404 || (client.token().is_none() && hidden.0 == 401), "{method} {place} answers {}", hidden.0);
            }
        }
    }
}

on_both! {
    /// A stranger sees no document that is not public, and nobody but its owner and the officers who
    /// check sees a private one.
    async fn a_paper_is_read_by_those_it_is_for(market) {
        let (seller, buyer, _) = parties(&market).await;
        let outsider = person(&market, "outsider").await;
        let levels = [("public", true, true), ("registered", false, true), ("nda", false, false), ("data_room", false, false)];
        for (level, open_to_strangers, open_to_signed_in) in levels.into_iter().chain([("private", false, false)]) {
            let filed = seller.client.upload("说明", "note.txt", level, "text/plain", "机密内容".as_bytes().to_vec()).await.unwrap();
            for part in ["", "/content"] {
                let place = format!("/v1/documents/{}{part}", text(&filed["id"]));
                for (who, client, may) in [
                    ("a stranger", &market.stranger, open_to_strangers),
                    ("an outsider", &outsider, open_to_signed_in),
                    ("another enterprise", &buyer.client, open_to_signed_in),
                    ("the owner", &seller.client, true),
                    ("the reviewer", &market.staff.reviewer, true),
                    ("the supervisor", &market.staff.supervisor, true),
                ] {
                    let reply = client.look(&place).await.unwrap();
                    let wanted = if may { (200, "") } else { (404, "not_found") };
                    assert_eq!((reply.status, reply.code()), wanted, "{who} asks for {level}{part}");
                    assert!(may || !said(client, &place).await.contains("机密内容"));
                }
                // Finance has nothing to check; it knows that there are papers and may not read this one.
                let finance = market.staff.finance.look(&place).await.unwrap();
                assert_eq!(finance.status, if open_to_signed_in { 200 } else { 403 }, "{level}{part}");
            }
            let listed = buyer.client.get("/v1/documents").await.unwrap();
            assert_eq!(listed["items"], json!([]), "{level}");
        }
    }
}

// ---- Who must not act, or not twice ----

on_both! {
    /// Nobody reviews what he himself handed in, whatever he has become since.
    async fn nobody_reviews_what_he_handed_in(market) {
        let (seller, _, _) = parties(&market).await;
        let (turncoat, place) = member(&market, &seller, "turncoat", &["operator"]).await;
        let author = Party { client: turncoat.clone(), ..seller.clone() };
        let (achievement, asset) = right(&author, "一种河岸带减污方法").await;
        let mut offer = offer(&market, "一种河岸带减污方法").await;
        offer["achievement_id"] = achievement.into();
        offer["asset_ids"] = json!([asset]);
        let listing = format!("/v1/listings/{}", text(&turncoat.create("/v1/listings", offer).await.unwrap()["id"]));
        granted(&act(&turncoat, &format!("{listing}/submit")).await, 200);

        granted(&act(&seller.client, &format!("/v1/memberships/{place}/remove")).await, 200);
        let appointment = json!({"email": address("turncoat"), "role": "reviewer"});
        granted(&send(&market.staff.security, "/v1/staff", appointment).await, 201);
        turncoat.prove().await.unwrap();
        let before = settled(&market).await;
        refused(&act(&turncoat, &format!("{listing}/take")).await, 403, "same_person");
        assert_eq!(fingerprint(market.house()).await, before);

        let wall = by_hand(&market).await.execute_unprepared("UPDATE listing SET reviewer = submitted_by").await.unwrap_err().to_string();
        assert!(wall.contains("ck_listing_second_person"), "{wall}");
        granted(&act(&market.staff.reviewer, &format!("{listing}/take")).await, 200);
    }
}

on_both! {
    /// Whoever reviewed a listing publishes neither it nor its result, whatever he has become since.
    async fn nobody_publishes_what_he_reviewed(market) {
        let (seller, buyer, _) = parties(&market).await;
        let (janus, id) = officer(&market, "janus", "reviewer").await;
        let (achievement, asset) = right(&seller, "一种河岸带减污方法").await;
        let mut offer = offer(&market, "一种河岸带减污方法").await;
        offer["achievement_id"] = achievement.into();
        offer["asset_ids"] = json!([asset]);
        let listing = format!("/v1/listings/{}", text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]));
        for (client, deed) in [(&seller.client, "submit"), (&janus, "take"), (&janus, "approve")] {
            granted(&act(client, &format!("{listing}/{deed}")).await, 200);
        }
        let dismissal = market.staff.security.ask(Method::DELETE, &format!("/v1/staff/{id}")).send().await.unwrap();
        granted(&dismissal, 200);
        let appointment = json!({"email": address("janus"), "role": "publisher"});
        granted(&send(&market.staff.security, "/v1/staff", appointment).await, 201);
        let before = settled(&market).await;
        refused(&act(&janus, &format!("{listing}/publish")).await, 403, "same_person");
        assert_eq!(fingerprint(market.house()).await, before);

        let published = act(&market.staff.publisher, &format!("{listing}/publish")).await;
        let lot = text(&granted(&published, 200)["lot_id"]);
        play::admit(&buyer, &market.staff, &lot).await.unwrap();
        market.pass(2).await;
        granted(&bid(&buyer.client, &lot, "1000.00").await, 201);
        market.pass(24 * 60 + 5).await;
        let deal = text(&first_deal(&buyer.client).await["id"]);
        play::sign(&deal, &[&buyer.client, &seller.client]).await.unwrap();
        let result = format!("/v1/deals/{deal}/publish-result");
        let before = settled(&market).await;
        refused(&act(&janus, &result).await, 403, "same_person");
        assert_eq!(fingerprint(market.house()).await, before);
        let (publisher, _) = officer(&market, "fresh-eyes", "publisher").await;
        granted(&act(&publisher, &result).await, 200);
    }
}

on_both! {
    /// Nobody who belongs to the seller bids for its lot, not even for another organisation, nor if he
    /// joined the seller after the other was admitted.
    async fn nobody_of_the_seller_bids(market) {
        let (seller, buyer, _) = parties(&market).await;
        let (agent, _) = member(&market, &buyer, "agent", &["bidder"]).await;
        let published = lot(&market, &seller, "一种河岸带减污方法", &[&buyer]).await;
        refused(&bid(&seller.client, &published.lot, "1000.00").await, 403, "own_lot");
        let apply = format!("/v1/lots/{}/admissions", published.lot);
        refused(&send(&seller.client, &apply, json!({})).await, 403, "own_lot");

        let place = invite(&seller, &address("agent"), &["viewer"]).await;
        granted(&bid(&agent, &published.lot, "1000.00").await, 201);
        granted(&act(&agent, &format!("/v1/memberships/{place}/accept")).await, 200);
        // With two places and none chosen he acts for nobody.
        refused(&bid(&agent, &published.lot, "1100.00").await, 403, "forbidden");
        let credentials = json!({"email": address("agent"), "password": PASSWORD, "organisation_id": buyer.organisation});
        let tokens = market.stranger.create("/v1/sessions", credentials).await.unwrap();
        let agent = market.stranger.with_token(&text(&tokens["access_token"]));
        let before = settled(&market).await;
        refused(&bid(&agent, &published.lot, "1100.00").await, 403, "own_lot");
        assert_eq!(fingerprint(market.house()).await, before);

        granted(&act(&seller.client, &format!("/v1/memberships/{place}/remove")).await, 200);
        let reply = bid(&agent, &published.lot, "1100.00").await;
        assert_eq!(reply.code(), "already_leading", "he is let to the rules again: {}", reply.body);
    }
}

on_both! {
    /// The platform's staff do not trade: they neither bid nor apply, found no organisation and join none.
    async fn staff_do_not_trade(market) {
        let (seller, buyer, _) = parties(&market).await;
        let published = lot(&market, &seller, "一种河岸带减污方法", &[&buyer]).await;
        let apply = format!("/v1/lots/{}/admissions", published.lot);
        let firm = json!({"kind": "enterprise", "ownership": "private", "name": "某企业", "uscc": "91330000733796106P"});
        for role in StaffRole::ALL {
            let place = invite(&buyer, &zhepai::sandbox::flows::staff_email(*role), &["owner", "bidder"]).await;
            let client = sandbox_officer(&market, *role).await;
            let before = settled(&market).await;
            refused(&bid(&client, &published.lot, "1000.00").await, 403, "forbidden");
            refused(&send(&client, &apply, json!({})).await, 403, "forbidden");
            refused(&send(&client, "/v1/organisations", firm.clone()).await, 409, "staff_conflict");
            refused(&act(&client, &format!("/v1/memberships/{place}/accept")).await, 409, "staff_conflict");
            assert_eq!(fingerprint(market.house()).await, before, "{}", role.code());
        }
    }
}

on_both! {
    /// Nobody holds two staff roles, nor a staff role and a place in an organisation.
    async fn nobody_holds_two_staff_roles(market) {
        let (seller, _, _) = parties(&market).await;
        let security = &market.staff.security;
        let appoint = |email: String, role: &str| send(security, "/v1/staff", json!({"email": email, "role": role}));
        for role in StaffRole::ALL {
            refused(&appoint(zhepai::sandbox::flows::staff_email(*role), "auditor").await, 409, "staff_conflict");
        }
        refused(&appoint(seller.email.clone(), "auditor").await, 409, "staff_conflict");

        person(&market, "candidate").await;
        let (one, other) = join(appoint(address("candidate"), "reviewer"), appoint(address("candidate"), "publisher")).await;
        let mut codes = [one.code(), other.code()];
        codes.sort_unstable();
        assert_eq!(codes, ["", "staff_conflict"], "one of two appointments at once stands: {} {}", one.body, other.body);
        let staff = security.get("/v1/staff").await.unwrap();
        let holders: Vec<String> = staff["items"].as_array().unwrap().iter().map(|place| text(&place["person_id"])).collect();
        assert_eq!(holders.iter().collect::<BTreeSet<_>>().len(), holders.len());

        let second = "INSERT INTO staff (person_id, role, version, granted_at) \
                      SELECT person_id, 'finance', 1, granted_at FROM staff WHERE role = 'auditor'";
        assert!(by_hand(&market).await.execute_unprepared(second).await.is_err(), "the key on the person is the wall");
    }
}

on_both! {
    /// A token is worth what its bearer may do now: suspended, demoted, removed or dismissed, he may
    /// not from the next request on.
    async fn a_change_of_standing_counts_from_the_next_request(market) {
        let (seller, _, _) = parties(&market).await;
        let (operator, place) = member(&market, &seller, "operator", &["operator"]).await;
        let step = async |deed: &str| act(&seller.client, &format!("/v1/memberships/{place}/{deed}")).await;
        let write = async || send(&operator, "/v1/achievements", fixtures::achievement()).await;
        granted(&write().await, 201);
        granted(&step("suspend").await, 200);
        refused(&write().await, 403, "forbidden");
        refused(&operator.look("/v1/documents").await.unwrap(), 403, "forbidden");
        let reinstated = step("reinstate").await;
        let version = granted(&reinstated, 200)["version"].as_i64().unwrap();
        granted(&write().await, 201);
        let roles = seller.client.ask(Method::PUT, &format!("/v1/memberships/{place}/roles")).body(json!({"roles": ["viewer"]}));
        granted(&roles.on_version(version).send().await.unwrap(), 200);
        refused(&write().await, 403, "forbidden");
        granted(&operator.look("/v1/documents").await.unwrap(), 200);
        granted(&step("remove").await, 200);
        refused(&operator.look("/v1/documents").await.unwrap(), 403, "forbidden");

        let (reviewer, id) = officer(&market, "reviewer", "reviewer").await;
        granted(&reviewer.look("/v1/organisations").await.unwrap(), 200);
        granted(&market.staff.security.ask(Method::DELETE, &format!("/v1/staff/{id}")).send().await.unwrap(), 200);
        refused(&reviewer.look("/v1/organisations").await.unwrap(), 403, "forbidden");
    }
}

/// Sees that an organisation can neither list nor apply.
async fn may_not_trade(market: &Market, client: &Client, lot: &str) {
    let mut offer = offer(market, "一种技术").await;
    offer["achievement_id"] = Uuid::now_v7().to_string().into();
    offer["asset_ids"] = json!([Uuid::now_v7()]);
    let before = settled(market).await;
    refused(&send(client, "/v1/achievements", fixtures::achievement()).await, 403, "organisation_not_verified");
    refused(&send(client, "/v1/listings", offer).await, 403, "organisation_not_verified");
    refused(&send(client, &format!("/v1/lots/{lot}/admissions"), json!({})).await, 403, "organisation_not_verified");
    assert_eq!(fingerprint(market.house()).await, before);
}

/// An organisation founded by a new person who holds every role in it; its owner and id.
async fn founded(market: &Market, key: &str, uscc: &str) -> (Client, Value) {
    let owner = person(market, key).await;
    let firm = json!({"kind": "enterprise", "ownership": "private", "name": format!("某企业 {key}"), "uscc": uscc});
    let organisation = owner.create("/v1/organisations", firm).await.unwrap();
    let place = owner.get("/v1/me").await.unwrap()["memberships"][0].clone();
    let roles = json!({"roles": ["owner", "operator", "signatory", "bidder", "viewer"]});
    let path = format!("/v1/memberships/{}/roles", text(&place["id"]));
    let version = place["version"].as_i64().unwrap();
    granted(&owner.ask(Method::PUT, &path).body(roles).on_version(version).send().await.unwrap(), 200);
    (owner, organisation)
}

on_both! {
    /// An organisation that nobody has verified, or whose verification was taken back, can neither list nor apply.
    async fn the_unverified_neither_list_nor_apply(market) {
        let (seller, buyer, _) = parties(&market).await;
        let published = lot(&market, &seller, "一种河岸带减污方法", &[&buyer]).await;
        let (owner, organisation) = founded(&market, "newcomer", "91330000733796106P").await;
        may_not_trade(&market, &owner, &published.lot).await;
        let place = format!("/v1/organisations/{}", text(&organisation["id"]));
        granted(&act(&market.staff.reviewer, &format!("{place}/verify")).await, 200);
        granted(&send(&owner, "/v1/achievements", fixtures::achievement()).await, 201);
        granted(&send(&market.staff.reviewer, &format!("{place}/refuse"), json!({"reason": "材料失实"})).await, 200);
        may_not_trade(&market, &owner, &published.lot).await;
    }
}

on_both! {
    /// A suspicious code cannot be verified before a reviewer has resolved it on a document of the
    /// organisation; until then the organisation can neither list nor apply.
    async fn a_suspicious_code_is_resolved_before_it_is_verified(market) {
        let (seller, buyer, _) = parties(&market).await;
        let published = lot(&market, &seller, "一种河岸带减污方法", &[&buyer]).await;
        let (owner, organisation) = founded(&market, "pilot", "91350211M0000XUF46").await;
        assert_eq!((&organisation["uscc_standing"], &organisation["state"]), (&json!("suspicious"), &json!("registered")));
        let place = format!("/v1/organisations/{}", text(&organisation["id"]));
        let verify = async || act(&market.staff.reviewer, &format!("{place}/verify")).await;
        let resolve = async |paper: &Value| {
            send(&market.staff.reviewer, &format!("{place}/resolve-uscc"), json!({"document_id": paper["id"]})).await
        };

        let before = settled(&market).await;
        let verification = verify().await;
        assert_eq!(refused(&verification, 409, "wrong_state")["allowed"], json!(["resolve_uscc", "refuse_organisation"]));
        assert_eq!(fingerprint(market.house()).await, before);
        may_not_trade(&market, &owner, &published.lot).await;
        let wall = "UPDATE organisation SET state = 'verified' WHERE uscc_standing = 'suspicious'";
        let wall = by_hand(&market).await.execute_unprepared(wall).await.unwrap_err().to_string();
        assert!(wall.contains("ck_organisation_verified"), "{wall}");

        let foreign = seller.client.upload("证书", "a.txt", "private", "text/plain", b"certificate".to_vec()).await.unwrap();
        refused(&resolve(&foreign).await, 422, "document_unusable");
        let certificate = owner.upload("证书", "a.txt", "private", "text/plain", b"certificate".to_vec()).await.unwrap();
        let resolved = resolve(&certificate).await;
        assert_eq!(granted(&resolved, 200)["uscc_standing"], "resolved");
        may_not_trade(&market, &owner, &published.lot).await;
        let verified = verify().await;
        assert_eq!(granted(&verified, 200)["state"], "verified");
        granted(&send(&owner, "/v1/achievements", fixtures::achievement()).await, 201);
    }
}

on_both! {
    /// Nobody pays another's deposit: its reference is as unknown to him as one that does not exist.
    async fn nobody_pays_for_another(market) {
        let (seller, winner, rival) = parties(&market).await;
        let (achievement, asset) = right(&seller, "一种河岸带减污方法").await;
        let terms = offer(&market, "一种河岸带减污方法").await;
        let published = play::publish(&seller, &market.staff, terms, &achievement, &[asset]).await.unwrap();
        let applied = winner.client.create(&format!("/v1/lots/{}/admissions", published.lot), json!({})).await.unwrap();
        granted(&act(&market.staff.reviewer, &format!("/v1/admissions/{}/qualify", text(&applied["id"]))).await, 200);
        let deposit = &applied["deposit"];
        let pay = async |client: &Client, reference: &Value| {
            let payment = json!({"deposit_reference": reference, "amount": deposit["amount"], "payer_name": winner.name});
            send(client, "/v1/sandbox/bank-credits", payment).await
        };
        let before = settled(&market).await;
        for client in [&rival.client, &seller.client] {
            refused(&pay(client, &deposit["reference"]).await, 404, "not_found");
            refused(&pay(client, &json!("D-00000000")).await, 404, "not_found");
        }
        assert_eq!(fingerprint(market.house()).await, before);
        let paid = pay(&winner.client, &deposit["reference"]).await;
        assert_eq!(granted(&paid, 201)["state"], "admitted");
    }
}

on_both! {
    /// A buyer who asks for it is not named in the public result, where the rules of the seller's class let him.
    async fn a_buyer_who_asks_is_not_named(market) {
        let seller = fixtures::university(&market).await;
        let buyer = fixtures::enterprise(&market, "buyer", 1).await;
        let lot = fixtures::rehearsal_lot(&market, &seller, "ZL202010566088.9", Money::fen(100_000)).await.lot;
        let admitted = play::admit_as(&buyer, &market.staff, &lot, json!({"party_confidential": true})).await.unwrap();
        assert_eq!(admitted["party_confidential"], true);
        market.pass(2).await;
        play::bid(&buyer, &lot, Money::fen(100_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let deal = text(&first_deal(&buyer.client).await["id"]);
        play::sign(&deal, &[&buyer.client, &seller.client]).await.unwrap();
        let published = market.staff.publisher.act(&format!("/v1/deals/{deal}/publish-result")).await.unwrap();

        let notice = market.stranger.get(&format!("/v1/notices/{}", text(&published["result_notice_id"]))).await.unwrap();
        let content = &notice["content"];
        assert_eq!((&content["seller_name"], &content["buyer_name"]), (&json!(seller.name), &Value::Null));
        assert_eq!((&content["withheld"][0]["field"], &content["base_price"]), (&json!("buyer_name"), &content["start_price"]));
        assert!(!notice.to_string().contains(&buyer.name), "{notice}");
        let course = market.stranger.get(&format!("/v1/lots/{lot}/course")).await.unwrap();
        let (told, masked) = (&course["outcome"]["published"][0]["buyer"], &content["withheld"][0]["shown_instead"]);
        assert!(masked.is_string() && told == masked && !course.to_string().contains(&buyer.name), "{course}");
    }
}

// ---- What must never change, happen twice, or get lost ----

/// Every table whose rows stay as they were written, with a column to try it on.
const KEPT: [(&str, &str); 30] = [
    ("notice", "state = 'drafted'"),
    ("notice_version", "content = '{}'"),
    ("lot_event", "body = '{}'"),
    ("outage", "noted_at = began_at"),
    ("receipt_key", "kid = 'another'"),
    ("sealed_bid", "round = 2"),
    ("ledger_transfer", "amount_minor = amount_minor + 1"),
    ("audit", "operation = 'nothing'"),
    ("event", "body = '{}'"),
    ("bank_credit", "payer_name = 'somebody else'"),
    ("bank_entry", "counterparty_name = 'somebody else'"),
    ("award", "price_minor = price_minor + 1"),
    ("deal_signature", "side = 'host'"),
    ("legal_status", "source = 'certificate'"),
    ("asset_title", "basis = 'deal'"),
    ("patent_grant", "patent_number = 'another'"),
    ("document_version", "stored_as = 'another'"),
    ("rulebook_edition", "parameters = ''"),
    ("integrity_bidder", "bids = bids + 1"),
    ("integrity_signal", "score_bp = 0"),
    ("first_offer", "commitment = 'another'"),
    ("turn_bid", "turn = turn + 1"),
    ("bidder_score", "protocol = 'another'"),
    ("gate_run", "catalogue_version = 'another'"),
    ("gate_finding", "number = number + 100"),
    ("burden", "registry_number = 'another'"),
    ("burden_step", "lifted_on = '2026-01-01'"),
    ("burden_consent", "given_by = 'another'"),
    ("consent_withdrawal", "reason = 'another'"),
    ("owners_agreement", "version = version + 1"),
];

/// A market in which every kept table has rows.
async fn a_market_with_a_past(market: &Market) -> DatabaseConnection {
    let sale = Sale::play(market).await;
    was_silent(market, 40, market.staff.now().await.unwrap() - chrono::TimeDelta::minutes(1)).await;
    beats(market).await;
    sale.seller.client.upload("说明", "a.txt", "public", "text/plain", b"words".to_vec()).await.unwrap();
    sale.conclude(market).await;
    // The silence is over long before first offers are opened.
    market.pass(10).await;
    let lot = announced_by_rounds(market, &sale.seller, "一种分轮报价的技术", &[&sale.winner]).await.lot;
    granted(&seal(&sale.winner.client, &lot, "1000.00").await, 200);
    market.pass(7).await;
    granted(&bid_in_turn(&sale.winner.client, &lot, "1100.00").await, 201);
    let lot = sealed::opened(market, &sale.seller, "一种密封报价的技术", "vickrey", &[&sale.rival]).await;
    granted(&sealed::seal(&sale.rival.client, &lot, "1000.00").await, 201);
    let lot = weighted::announced(market, &sale.seller, "一种权重报价的技术", &[&sale.rival]).await;
    market.pass(2).await;
    let bidder = weighted::admission(&sale.rival, &lot).await;
    granted(&weighted::score(&market.staff.host, &lot, &bidder, weighted::scores("优", ["80.00"; 5])).await, 201);
    let (_, asset) = recordals::application(&sale.seller, 90).await;
    let sold = recordals::drafted(&sale.seller.client, recordals::transfer(&sale.seller, &sale.winner, &asset).await).await;
    recordals::granted(market, &sale.seller, &asset, 90).await;
    recordals::submitted(market, &sale.seller.client, &sold).await;
    recordals::registered(market, &sale.seller, &sale.winner.client, &sold).await;
    let entered = encumbrances::entered(market, &sale.seller, 1).await;
    let back = format!("/v1/encumbrance-consents/{}/withdraw", entered.consent);
    sale.seller.client.create(&back, json!({"reason": "理由"})).await.unwrap();
    settled(market).await;
    by_hand(market).await
}

/// Sees that a statement is refused by the trigger that keeps a table, and by nothing else.
async fn is_kept_from(db: &DatabaseConnection, table: &str, sql: &str) {
    match db.execute_unprepared(sql).await {
        Ok(done) => panic!("{sql} touched {} rows", done.rows_affected()),
        Err(error) => assert!(error.to_string().contains(&format!("append_only: {table}")), "{sql}: {error}"),
    }
}

on_both! {
    /// What was published, logged, booked or audited cannot be changed or taken away, even by SQL.
    async fn what_was_written_stays(market) {
        let db = a_market_with_a_past(&market).await;
        let before = (settled(&market).await, database(&market).await);
        for (table, change) in KEPT {
            is_kept_from(&db, table, &format!("UPDATE {table} SET {change}")).await;
            is_kept_from(&db, table, &format!("DELETE FROM {table}")).await;
        }
        // A position and a chain hash are given once.
        for table in ["audit", "event"] {
            is_kept_from(&db, table, &format!("UPDATE {table} SET position = position + 1000000")).await;
        }
        is_kept_from(&db, "audit", "UPDATE audit SET hash = NULL").await;
        is_kept_from(&db, "audit", "UPDATE audit SET network = NULL").await;
        // Nor is a row withheld once it was written; one that has its position is kept from it by a check before that.
        let withheld = db.execute_unprepared("UPDATE audit SET withheld_with = object_id").await.unwrap_err().to_string();
        assert!(withheld.contains("append_only: audit") || withheld.contains("ck_audit_withheld"), "{withheld}");
        assert_eq!((settled(&market).await, database(&market).await), before);
    }
}

on_both! {
    /// Nor by the two statements that pass by a trigger on rows: TRUNCATE, and SQLite's REPLACE.
    async fn what_was_written_stays_even_so(market) {
        let db = a_market_with_a_past(&market).await;
        let before = database(&market).await;
        if market.house().db.backend() == DatabaseBackend::Postgres {
            // What hangs on the table goes with it, so any of the kept ones may be the first to refuse.
            for (table, _) in KEPT {
                is_kept_from(&db, "", &format!("TRUNCATE {table} CASCADE")).await;
            }
        } else {
            let replace = "REPLACE INTO notice_version (notice_id, version, content, sha256, created_at) \
                           SELECT notice_id, version, '{}', sha256, created_at FROM notice_version";
            is_kept_from(&db, "notice_version", replace).await;
            let replace = "REPLACE INTO lot_event (lot_id, seq, at, kind, body, prev_hash, hash) \
                           SELECT lot_id, seq, at, kind, '{}', prev_hash, hash FROM lot_event";
            is_kept_from(&db, "lot_event", replace).await;
        }
        assert_eq!(database(&market).await, before);
    }
}

on_both! {
    /// What the bank told of somebody can be taken away, with the row it was told in left as it is.
    async fn what_the_bank_told_of_somebody_can_be_taken_away(market) {
        let db = a_market_with_a_past(&market).await;
        // Nor is what is sealed another: only a rotation seals it anew, under another key.
        for change in ["'somebody else'", "counterparty_name || 'x'"] {
            is_kept_from(&db, "bank_entry", &format!("UPDATE bank_entry SET counterparty_name = {change}")).await;
        }
        db.execute_unprepared("UPDATE bank_credit SET payer_name = ''").await.unwrap();
        db.execute_unprepared("UPDATE bank_entry SET counterparty_name = ''").await.unwrap();
        is_kept_from(&db, "bank_entry", "UPDATE bank_entry SET counterparty_name = '', amount_minor = 1").await;
        is_kept_from(&db, "bank_credit", "UPDATE bank_credit SET bank_reference = 'another', payer_name = ''").await;
        // What was taken away is not put back.
        is_kept_from(&db, "bank_credit", "UPDATE bank_credit SET payer_name = '\u{1}9.x'").await;
    }
}

/// An organisation's funds: held, available, and whether all that came has gone.
async fn funds(market: &Market, party: &Party) -> (String, String, bool) {
    let funds = market.staff.finance.get(&format!("/v1/organisations/{}/funds", party.organisation)).await.unwrap();
    let yuan = &funds["balances"][0];
    (text(&yuan["held"]["amount"]), text(&yuan["available"]["amount"]), yuan["credited"] == yuan["debited"])
}

on_both! {
    /// The ledger sums to zero at every step; every reservation is resolved once at most; whoever lost
    /// has his money back, and the winner's stays held.
    async fn the_ledger_sums_to_zero(market) {
        let (seller, winner, rival) = parties(&market).await;
        let published = lot(&market, &seller, "一种河岸带减污方法", &[&winner, &rival]).await;
        books_balance(&market.staff.finance).await;
        let (held, nothing) = ("100.00".to_owned(), "0.00".to_owned());
        assert_eq!(funds(&market, &rival).await, (held.clone(), nothing.clone(), false));
        granted(&bid(&rival.client, &published.lot, "1000.00").await, 201);
        granted(&bid(&winner.client, &published.lot, "1100.00").await, 201);
        market.pass(24 * 60 + 5).await;
        books_balance(&market.staff.finance).await;
        assert_eq!(funds(&market, &rival).await, (nothing.clone(), held.clone(), false), "voided, the refund due");
        market.pass(14 * 24 * 60).await;
        books_balance(&market.staff.finance).await;
        assert_eq!(funds(&market, &rival).await, (nothing.clone(), nothing.clone(), true), "paid back");
        assert_eq!(funds(&market, &winner).await, (held, nothing, false), "a winner who did not sign has nothing back");

        let journal = market.staff.finance.get("/v1/ledger/transfers?limit=100").await.unwrap();
        assert!(journal["next_cursor"].is_null());
        let resolved: Vec<_> = journal["items"].as_array().unwrap().iter().filter_map(|row| row["pending_id"].as_str()).collect();
        assert_eq!(resolved.len(), 1, "only the loser's reservation was resolved: {journal}");
        let columns = "phase, reason, pending_id, debit_account_id, credit_account_id, amount_minor, currency, created_at";
        let again = format!(
            "INSERT INTO ledger_transfer (id, {columns}) \
             SELECT debit_account_id, {columns} FROM ledger_transfer WHERE pending_id IS NOT NULL"
        );
        assert!(by_hand(&market).await.execute_unprepared(&again).await.is_err(), "no reservation is resolved twice");
    }
}

on_both! {
    /// A principal's idempotency key never matches another's: the same key, operation and body have an
    /// effect of their own, and another body is no conflict.
    async fn keys_of_others_never_match(market) {
        let (seller, winner, rival) = parties(&market).await;
        let (achievement, asset) = right(&seller, "一种河岸带减污方法").await;
        let terms = offer(&market, "一种河岸带减污方法").await;
        let published = play::publish(&seller, &market.staff, terms, &achievement, &[asset]).await.unwrap();
        let apply = async |client: &Client, body: Value| {
            client.post(&format!("/v1/lots/{}/admissions", published.lot), body).key("one-key-for-all").send().await.unwrap()
        };
        let first = apply(&winner.client, json!({})).await;
        let second = apply(&rival.client, json!({})).await;
        assert_ne!(granted(&first, 201)["id"], granted(&second, 201)["id"]);
        assert_eq!(second.body["organisation_id"], rival.organisation.as_str());
        assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), (None, None));
        let again = apply(&winner.client, json!({})).await;
        assert_eq!((granted(&again, 201), again.header("idempotency-replayed")), (&first.body, Some("true")));
        refused(&apply(&winner.client, json!({"documents": []})).await, 422, "key_reused");

        // A third with another body is judged on its own; so is a colleague in the same organisation.
        refused(&apply(&seller.client, json!({"documents": []})).await, 403, "own_lot");
        let (colleague, _) = member(&market, &winner, "colleague", &["bidder"]).await;
        refused(&apply(&colleague, json!({})).await, 409, "already_applied");
    }
}

// ---- What the declarations themselves must keep to ----

/// Whether a staff role is named among those an operation is for.
fn names(operation: &authz::Operation, role: &str) -> bool {
    operation.ways().unwrap_or_default().iter().any(|way| matches!(&way.who, Who::Staff(roles) if roles.contains(role)))
}

/// The supervisor reads everything officers read and changes nothing; nor does the auditor.
#[test]
fn overseers_read_and_change_nothing() {
    // For whoever is signed in, or for anybody: what a person does for himself.
    let own_affairs = [
        "accept_invitation",
        "change_password",
        "confirm_second_factor",
        "create_organisation",
        "end_other_sessions",
        "end_session",
        "enrol_second_factor",
        "refresh_session",
        "register_person",
        "remove_second_factor",
        "reset_password",
        "sign_in",
        "sign_out",
        "step_up",
        "request_password_reset",
        "request_device_letter",
        "request_registration",
        "complete_registration",
        "close_my_account",
        "stop_mail",
        "submit_objection",
        "request_objection_review",
        "withdraw_objection",
        "ask_question",
        "withdraw_question",
        "give_tip",
    ];
    // Lists of one's own, which an overseer has nothing in.
    let own_lists = [
        "list_documents",
        "list_my_admissions",
        "read_own_sealed_bid",
        "read_first_offer",
        "export_assets",
        "export_listings",
        "list_inbox",
        "list_webhooks",
        "read_webhook",
        "list_webhook_deliveries",
        "read_mail_preferences",
    ];
    for operation in operations(&document()) {
        let ways = operation.ways().unwrap_or_default();
        let for_persons = ways.iter().any(|way| matches!(way.who, Who::Anyone | Who::SignedIn));
        if operation.is_question() {
            let reads = for_persons || names(&operation, "supervisor");
            let unread = own_lists.contains(&operation.id.as_str());
            assert!(reads || unread, "the supervisor cannot read {}", operation.id);
            // An open door may lead to hidden things too: those who check them are named.
            let hides = ways.iter().any(|way| way.scope == "own") && ways.iter().any(|way| matches!(way.who, Who::Staff(_)));
            assert!(!hides || names(&operation, "supervisor") || own_lists.contains(&operation.id.as_str()), "{}", operation.id);
        } else {
            assert!(!names(&operation, "supervisor") && !names(&operation, "auditor"), "an overseer may {}", operation.id);
            assert!(!for_persons || own_affairs.contains(&operation.id.as_str()), "anybody may {}", operation.id);
        }
    }
}

on_both! {
    /// A right that was sold is not offered again, nor changed, while its deal stands.
    async fn what_was_sold_is_not_sold_again(market) {
        let sale = Sale::play(&market).await;
        let listing = sale.seller.client.get(&format!("/v1/listings/{}", sale.published.listing)).await.unwrap();
        assert_eq!(listing["state"], "sold");
        let asset = text(&listing["assets"][0]["asset_id"]);
        let mut again = offer(&market, "再次转让").await;
        again["achievement_id"] = listing["achievement_id"].clone();
        again["asset_ids"] = json!([asset]);
        let draft = text(&sale.seller.client.create("/v1/listings", again).await.unwrap()["id"]);
        refused(&act(&sale.seller.client, &format!("/v1/listings/{draft}/submit")).await, 409, "asset_held");
        let owners = json!({"owners": [{"name": "另一单位", "share_bp": 10_000}]});
        let change = sale.seller.client.ask(reqwest::Method::PATCH, &format!("/v1/assets/{asset}")).body(owners).on_version(1);
        refused(&change.send().await.unwrap(), 409, "asset_in_use");
    }
}
