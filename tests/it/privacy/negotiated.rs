//! A sale at a negotiated price from the first offer to its public result: whatever of it is not public carries a marker, which only those
//! read whose it is (P3). It is in nothing that is told to everybody or handed on, nor in what the server says of itself.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use chrono::TimeDelta;
use entity::money::Money;
use reqwest::Method;
use sea_orm::Database;
use serde_json::{Value, json};
use tokio::time::timeout;
use zhepai::client::{Client, Reply};
use zhepai::platform::config::SANDBOX_PASSWORD;
use zhepai::play::parties::{found, invented_uscc};
use zhepai::play::{self, NewParty, Party, Staff, instant, text};

use super::NAMELESS;
use crate::authz::right;
use crate::common::database::{Dump, has_postgres};
use crate::common::fixtures::rehearsal;
use crate::common::play::{PASSWORD, Watch, cny, enterprise_at, eventually};
use crate::common::program::Program;
use crate::common::{Base, database, http};
use crate::negotiations::{accept, decide, offer, publish};
use crate::notifications::{Receiver, webhook_to};

// ---- What is sealed ----

/// Who bargains for the seller and for the buyer, who decides, who objects, and who handles that.
const SELLS: (&str, &str) = ("金雀卖方谈判人", "canary.sells@people.example");
const BUYS: (&str, &str) = ("金雀买方谈判人", "canary.buys@people.example");
const DECIDES: (&str, &str) = ("金雀决策人", "canary.decides@people.example");
const OBJECTS: (&str, &str) = ("金雀异议人", "canary.objects@people.example");
const HANDLES: (&str, &str) = ("金雀经办人", "canary.handles@people.example");
const STATEMENT: &str = "金丝雀异议理由";
const REVIEW: &str = "金丝雀复核理由";
const TIP: &str = "金丝雀匿名线索";
const QUESTION: &str = "金丝雀未公布的提问";
/// Contents of files lie in no table.
const BASIS: &str = "canary-appraisal-content";
const MINUTES: &str = "canary-minutes-content";
const PICTURE: &str = "canary-picture-content";
const PROOF: &str = "canary-proof-content";

const SEALED: [&str; 18] = [
    SELLS.0, SELLS.1, BUYS.0, BUYS.1, DECIDES.0, DECIDES.1, OBJECTS.0, OBJECTS.1, HANDLES.0, HANDLES.1, STATEMENT, REVIEW, TIP, QUESTION,
    BASIS, MINUTES, PICTURE, PROOF,
];

// ---- What is kept as it is ----

/// Of a buyer who asks that his name be kept secret.
const BUYER: &str = "黄鸟";
/// What was offered and not agreed on.
const FIRST: &str = "金丝雀首次条件";
const COUNTER: &str = "金丝雀还价条件";
const BASIS_TITLE: &str = "金丝雀评估报告";
const MINUTES_TITLE: &str = "金丝雀决策纪要";
const PICTURE_TITLE: &str = "金丝雀公示照片";
const BOARD: &str = "金丝雀公示栏";
const PROOF_TITLE: &str = "金丝雀异议证据";
/// What was answered and sent back, and why.
const ANSWER: &str = "金丝雀未公布的答复";
const SENT_BACK: &str = "金丝雀退回理由";

const OPEN: [&str; 10] = [BUYER, FIRST, COUNTER, BASIS_TITLE, MINUTES_TITLE, PICTURE_TITLE, BOARD, PROOF_TITLE, ANSWER, SENT_BACK];

/// By what papers the seller decided and what shows his own notice he hands on himself, with the evidence.
const IN_EVIDENCE: [&str; 3] = [MINUTES_TITLE, PICTURE_TITLE, BOARD];

/// The price that was asked first, as programs are told it and as people are.
const PRICE: [&str; 2] = ["98765.43", "98,765.43"];

/// What everybody reads.
const AGREED: &str = "白鸽约定条件";

fn kept() -> impl Iterator<Item = &'static str> {
    SEALED.into_iter().chain(OPEN)
}

/// What was said, and where.
#[derive(Default)]
struct Told(Vec<(String, String)>);

impl Told {
    fn said(&mut self, place: &str, words: String) {
        self.0.push((place.to_owned(), words));
    }

    /// A refusal, in the words it was refused in.
    fn refused(&mut self, reply: &Reply) {
        assert!(reply.status >= 400, "{} was not refused: {}", reply.asked, reply.body);
        self.said(&reply.asked, reply.body.to_string());
    }

    /// What a stranger is answered who asks for something, be it that there is no such thing.
    async fn asked(&mut self, stranger: &Client, place: &str) {
        let answer = http().get(format!("{}{place}", stranger.base())).send().await.unwrap();
        let is_paper = answer.headers().get("content-type").is_some_and(|media| media == "application/pdf");
        let content = answer.bytes().await.unwrap();
        self.said(place, if is_paper { on_paper(&content) } else { String::from_utf8_lossy(&content).into_owned() });
    }

    /// Where something is told.
    fn places_of(&self, marker: &str) -> Vec<&str> {
        self.0.iter().filter(|(_, words)| words.contains(marker)).map(|(place, _)| place.as_str()).collect()
    }

    /// Sees that none of these is told anywhere.
    #[track_caller]
    fn tells_none_of(&self, markers: &[&str]) {
        for marker in markers {
            let places = self.places_of(marker);
            assert!(places.is_empty(), "{marker} is told at {places:?}");
        }
    }
}

/// What stands on a paper, without blanks.
fn on_paper(file: &[u8]) -> String {
    let mut reader = Command::new("python3");
    let mut reader = reader.args(["-c", include_str!("paper.py")]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    reader.stdin.take().unwrap().write_all(file).unwrap();
    let read = reader.wait_with_output().unwrap();
    assert!(read.status.success(), "a paper cannot be read");
    String::from_utf8(read.stdout).unwrap()
}

/// Registers somebody under his name.
async fn registered(stranger: &Client, (name, email): (&str, &str)) -> Client {
    stranger.create("/v1/persons", json!({"email": email, "name": name, "password": PASSWORD})).await.unwrap();
    stranger.sign_in(email, PASSWORD).await.unwrap()
}

/// Somebody who has a place in an organisation.
async fn joined(stranger: &Client, party: &Party, who: (&str, &str), roles: &[&str]) -> Client {
    let place = format!("/v1/organisations/{}/members", party.organisation);
    let invited = party.client.create(&place, json!({"email": who.1, "roles": roles})).await.unwrap();
    let person = registered(stranger, who).await;
    person.act(&format!("/v1/memberships/{}/accept", text(&invited["id"]))).await.unwrap();
    person
}

/// A paper of somebody's organisation; its id.
async fn paper(by: &Client, title: &str, content: &str) -> String {
    text(&by.upload(title, "paper.txt", "private", "text/plain", content.into()).await.unwrap()["id"])
}

/// Terms under a condition.
fn on_condition(price: &str, condition: &str) -> Value {
    let mut new = offer(price);
    new["terms"]["conditions"] = json!([condition]);
    new
}

async fn confirm(party: &Client, place: &str) -> Reply {
    let offers = party.get(place).await.unwrap()["offers"].clone();
    let sha256 = offers.as_array().unwrap().last().unwrap()["terms_sha256"].clone();
    party.post(&format!("{place}/confirm"), json!({"terms_sha256": sha256})).send().await.unwrap()
}

/// Who acts, and what was told of it.
struct Stage {
    stranger: Client,
    staff: Staff,
    seller: Party,
    buyer: Party,
    /// Somebody who has nothing to do with it, and a receiver of whatever the market tells.
    other: Party,
    receiver: Receiver,
    sells: Client,
    buys: Client,
    decides: Client,
    objects: Client,
    handles: Client,
    asset: String,
    told: Told,
    /// What those read whose it is.
    owned: Told,
}

impl Stage {
    async fn set(stranger: Client, staff: Staff) -> Self {
        staff.stop_clock().await.unwrap();
        let seller = enterprise_at(&stranger, &staff, "vendor", 1).await;
        let shy = NewParty {
            email: "shy@play.example".into(),
            password: PASSWORD.into(),
            kind: "enterprise".into(),
            ownership: "private".into(),
            name: format!("杭州{BUYER}阀门有限公司"),
            name_en: None,
            uscc: invented_uscc(2),
        };
        let buyer = found(&stranger, &staff, &shy).await.unwrap();
        let other = enterprise_at(&stranger, &staff, "other", 3).await;
        let receiver = Receiver::friendly();
        webhook_to(&other.client, &receiver.url, json!({"scope": "market"})).await;
        let handles = registered(&stranger, HANDLES).await;
        handles.prove().await.unwrap();
        staff.security.create("/v1/staff", json!({"email": HANDLES.1, "role": "reviewer"})).await.unwrap();
        Self {
            sells: joined(&stranger, &seller, SELLS, &["operator"]).await,
            buys: joined(&stranger, &buyer, BUYS, &["operator"]).await,
            decides: joined(&stranger, &seller, DECIDES, &["signatory"]).await,
            objects: joined(&stranger, &other, OBJECTS, &["operator"]).await,
            handles,
            asset: String::new(),
            told: Told::default(),
            owned: Told::default(),
            stranger,
            staff,
            seller,
            buyer,
            other,
            receiver,
        }
    }

    /// Somebody reads what is his.
    async fn reads(&mut self, client: &Client, place: &str) {
        let seen = client.get(place).await.unwrap();
        self.owned.said(place, seen.to_string());
    }

    /// Somebody downloads a file of his.
    async fn downloads(&mut self, client: &Client, document: &str) {
        let place = format!("/v1/documents/{document}/content");
        let content = client.download(&place).await.unwrap();
        self.owned.said(&place, String::from_utf8(content).unwrap());
        self.told.asked(&self.stranger, &place).await;
    }

    /// Nobody else reads something.
    async fn hides(&mut self, place: &str) {
        self.told.asked(&self.stranger, place).await;
        let looked = self.other.client.look(place).await.unwrap();
        self.told.refused(&looked);
    }

    /// Offers that are not agreed on, and one that is; where the sale is.
    async fn bargained(&mut self) -> String {
        let (achievement, asset) = right(&self.seller, "一种悄悄转让的技术").await;
        let basis = paper(&self.sells, BASIS_TITLE, BASIS).await;
        let new = json!({
            "achievement_id": achievement,
            "asset_ids": [asset],
            "buyer_organisation_id": self.buyer.organisation,
            "title": "一种悄悄转让的技术",
            "summary": "削减河岸带面源污染的方法。",
            "base_price": cny("100000.00"),
            "base_price_basis": "appraisal",
            "basis_document_id": basis,
            "secret_level_none": true,
            "offer": on_condition(PRICE[0], FIRST),
        });
        self.asset = asset;
        let place = format!("/v1/negotiations/{}", text(&self.sells.create("/v1/negotiations", new).await.unwrap()["id"]));
        let mut counter = on_condition("100000.00", COUNTER);
        counter["name_confidential"] = json!(true);
        let made = self.buys.create(&format!("{place}/offers"), counter.clone()).await.unwrap();
        let own = json!({"terms_sha256": made["offers"][1]["terms_sha256"]});
        self.told.refused(&self.buys.post(&format!("{place}/accept"), own).send().await.unwrap());
        counter["unknown"] = json!(COUNTER);
        self.told.refused(&self.buys.post(&format!("{place}/offers"), counter).send().await.unwrap());
        let mut last = on_condition("100000.00", AGREED);
        last["name_confidential"] = json!(true);
        self.buys.create(&format!("{place}/offers"), last).await.unwrap();
        accept(&self.sells, &place).await;
        self.told.refused(&confirm(&self.seller.client, &place).await);
        self.hides(&place).await;
        self.downloads(&self.sells.clone(), &basis).await;
        place
    }

    /// The seller decides and an officer publishes; the notice.
    async fn announced(&mut self, place: &str) -> String {
        let minutes = paper(&self.decides, MINUTES_TITLE, MINUTES).await;
        decide(&self.decides, place, Some(minutes.clone())).await;
        let another = json!({"drafted_sha256": "0".repeat(64)});
        self.told.refused(&self.staff.publisher.post(&format!("{place}/publish"), another).send().await.unwrap());
        let published = publish(&self.staff.publisher, place).await;
        let picture = paper(&self.sells, PICTURE_TITLE, PICTURE).await;
        let today = (self.staff.now().await.unwrap() + TimeDelta::hours(8)).date_naive();
        let shown = json!({"document_id": picture, "published_on": today, "place": BOARD});
        self.sells.create(&format!("{place}/unit-notice"), shown).await.unwrap();
        self.downloads(&self.seller.client.clone(), &minutes).await;
        self.downloads(&self.seller.client.clone(), &picture).await;
        text(&published["notice_id"])
    }

    /// Somebody objects with a paper, is found right in a review, and a stranger gives a tip; the objection.
    async fn doubted(&mut self, place: &str, notice: &str) -> String {
        let proof = paper(&self.objects, PROOF_TITLE, PROOF).await;
        let objected = json!({"ground": "procedure", "statement": STATEMENT, "evidence": [proof]});
        let against = format!("/v1/notices/{notice}/objections");
        let made = self.objects.create(&against, objected.clone()).await.unwrap();
        self.told.refused(&self.objects.post(&against, objected).send().await.unwrap());
        let objection = format!("/v1/objections/{}", text(&made["id"]));
        self.handles.act(&format!("{objection}/accept")).await.unwrap();
        self.told.refused(&self.handles.ask(Method::POST, &format!("{objection}/accept")).send().await.unwrap());
        self.handles.act(&format!("{objection}/extend")).await.unwrap();
        let decision = |outcome: &str| json!({"outcome": outcome, "reasons": "付款期限应当缩短"});
        self.handles.create(&format!("{objection}/decide"), decision("dismissed")).await.unwrap();
        self.objects.create(&format!("{objection}/request-review"), json!({"statement": REVIEW})).await.unwrap();
        self.staff.reviewer.create(&format!("{objection}/decide-review"), decision("partly_upheld")).await.unwrap();
        self.told.refused(&confirm(&self.buyer.client, place).await);
        let tips = format!("/v1/notices/{notice}/tips");
        self.stranger.create(&tips, json!({"ground": "collusion", "statement": TIP})).await.unwrap();
        self.told.refused(&self.stranger.post(&tips, json!({"ground": TIP, "statement": TIP})).send().await.unwrap());
        self.downloads(&self.objects.clone(), &proof).await;
        objection
    }

    /// What is agreed anew is announced anew and confirmed; the result.
    async fn concluded(&mut self, place: &str, notice: &str, objection: &str) -> String {
        let mut better = on_condition("100000.00", AGREED);
        better["terms"]["payment"] = "合同生效后10日内一次性付清".into();
        self.sells.create(&format!("{place}/offers"), better).await.unwrap();
        accept(&self.buys, place).await;
        self.announced(place).await;
        self.handles.create(&format!("{objection}/settle"), json!({"settlement": "已缩短付款期限并重新公示"})).await.unwrap();
        let ends_at = instant(&self.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["ends_at"]);
        self.staff.move_clock(ends_at).await.unwrap();
        play::read_status(&self.seller, &self.asset, "unregistered").await.unwrap();
        for party in [&self.seller, &self.buyer] {
            confirm(&party.client, place).await.ok().unwrap();
        }
        self.told.refused(&confirm(&self.buyer.client, place).await);
        let done = self.staff.publisher.act(&format!("{place}/publish-result")).await.unwrap();
        text(&done["result_notice_id"])
    }

    /// A question that is answered, sent back and refused; its listing.
    async fn questioned(&mut self) -> String {
        let (achievement, asset) = right(&self.seller, "一种有疑问的技术").await;
        let offer = rehearsal(Money::fen(100_000), self.staff.now().await.unwrap() + TimeDelta::minutes(5));
        let id = play::publish(&self.seller, &self.staff, offer, &achievement, &[asset]).await.unwrap().listing;
        let listing = format!("/v1/listings/{id}");
        let asked = self.objects.create(&format!("{listing}/questions"), json!({"question": QUESTION})).await.unwrap();
        let question = format!("/v1/questions/{}", text(&asked["id"]));
        self.seller.client.create(&format!("{question}/answer"), json!({"answer": ANSWER})).await.unwrap();
        self.staff.reviewer.create(&format!("{question}/return"), json!({"reason": SENT_BACK})).await.unwrap();
        self.reads(&self.seller.client.clone(), &question).await;
        self.staff.reviewer.create(&format!("{question}/refuse"), json!({"reason": "与项目无关"})).await.unwrap();
        self.told.refused(&self.seller.client.post(&format!("{question}/answer"), json!({"answer": ANSWER})).send().await.unwrap());
        self.told.asked(&self.stranger, &question).await;
        let questions = format!("/v1/questions?listing_id={id}");
        for place in [listing.clone(), format!("{listing}/timeline"), format!("{listing}/timeline.ics"), questions] {
            self.told.asked(&self.stranger, &place).await;
        }
        listing
    }

    /// Everything a stranger can ask about a notice.
    async fn notice_is_read(&mut self, notice: &str) {
        for place in [
            format!("/v1/notices/{notice}"),
            format!("/v1/notices/{notice}/versions"),
            format!("/v1/notices/{notice}/versions/1"),
            format!("/v1/notices/{notice}/versions/2"),
            format!("/v1/notices/{notice}/difference"),
            format!("/v1/notices/{notice}/proposals"),
            format!("/v1/objections?notice_id={notice}"),
            format!("/v1/tips?notice_id={notice}"),
            format!("/notices/{notice}?lang=zh"),
            format!("/notices/{notice}?lang=en"),
            format!("/notices/{notice}/pdf?lang=zh"),
            format!("/notices/{notice}/pdf?lang=en"),
        ] {
            self.told.asked(&self.stranger, &place).await;
        }
    }

    /// What the market tells everybody: its lists, its feeds, its figures, its events from the first on, and what it sends.
    async fn market_is_read(&mut self, result: &str) {
        for place in [
            "/notices?lang=zh",
            "/notices?lang=en",
            "/v1/notices",
            "/v1/notices/feed.atom",
            "/v1/notices/feed.json",
            "/v1/listings",
            "/v1/lots",
            "/v1/objections",
            "/v1/questions",
            "/v1/events/catalogue",
            "/v1/organisations",
            "/v1/documents",
            "/v1/negotiations",
            "/metrics",
        ] {
            self.told.asked(&self.stranger, place).await;
        }
        let feed = http().get(format!("{}/v1/events/stream", self.stranger.base())).header("Last-Event-ID", "0");
        let mut watch = Watch::of(feed).await;
        while let Ok(Some(step)) = timeout(Duration::from_secs(1), watch.step()).await {
            self.told.said("/v1/events/stream", step.data.to_string());
        }
        let is_sent = || self.receiver.all().iter().any(|arrived| arrived.text.contains(result));
        eventually(async || is_sent()).await;
        for arrived in self.receiver.all() {
            self.told.said("a webhook of the market", arrived.text);
        }
        let inbox = self.other.client.get("/v1/inbox").await.unwrap();
        self.told.said("another's inbox", inbox.to_string());
    }

    /// Those read whose it is.
    async fn owners_read(&mut self, place: &str, objection: &str) {
        let [sells, buys, objects] = [self.sells.clone(), self.buys.clone(), self.objects.clone()];
        let [decides, handles] = [self.decides.clone(), self.handles.clone()];
        for client in [&sells, &buys, &decides, &objects, &handles] {
            self.reads(client, "/v1/me").await;
        }
        self.reads(&sells, place).await;
        self.reads(&sells, "/v1/documents").await;
        self.reads(&buys, &format!("/v1/organisations/{}", self.buyer.organisation)).await;
        self.reads(&objects, objection).await;
        self.reads(&objects, "/v1/questions?mine=true").await;
        self.reads(&self.staff.supervisor.clone(), "/v1/tips").await;
        for marker in kept().chain([PRICE[0]]) {
            assert!(!self.owned.places_of(marker).is_empty(), "{marker} is not read by whose it is");
        }
    }
}

async fn what_the_parties_keep_is_told_to_nobody(base: Base) {
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(base, folder.path()).await;
    let settings = [("ZHEPAI_LOG", "info,zhepai=trace"), ("ZHEPAI_WEBHOOKS_ALLOW_PRIVATE", "true")];
    let server = Program::serve(&database, folder.path(), &settings);
    let stranger = server.client();
    let staff = Staff::of_sandbox(&stranger, SANDBOX_PASSWORD).await.unwrap();
    let mut stage = Stage::set(stranger, staff).await;
    let listing = stage.questioned().await;
    let place = stage.bargained().await;
    let notice = stage.announced(&place).await;
    let objection = stage.doubted(&place, &notice).await;
    let result = stage.concluded(&place, &notice, &objection).await;

    stage.owners_read(&place, &objection).await;
    for notice in [&notice, &result] {
        stage.notice_is_read(notice).await;
    }
    for private in [place.clone(), format!("{place}/evidence"), format!("{listing}/evidence")] {
        stage.hides(&private).await;
    }
    for asked in [objection, format!("{place}/timeline"), format!("{place}/timeline.ics")] {
        stage.told.asked(&stage.stranger, &asked).await;
    }
    stage.market_is_read(&result).await;
    // Where the seller put up its own notice is public, and in no text that is frozen.
    let board = stage.told.places_of(BOARD);
    assert!(
        board.contains(&format!("/notices/{notice}?lang=zh").as_str()) && board.iter().all(|place| !place.contains("/pdf")),
        "{board:?}"
    );
    let mut hidden: Vec<&str> = kept().filter(|marker| *marker != BOARD).chain(PRICE).collect();
    hidden.push(&stage.buyer.organisation);
    stage.told.tells_none_of(&hidden);
    let mut evidence = Told::default();
    for of in [&place, &listing] {
        evidence.said(of, stage.seller.client.get(&format!("{of}/evidence")).await.unwrap().to_string());
    }
    hidden.retain(|marker| !IN_EVIDENCE.contains(marker) && *marker != stage.buyer.organisation);
    evidence.tells_none_of(&hidden);

    // What is looked with does find what everybody may read, on paper too, and that there is a buyer.
    for (marker, said) in [(AGREED, "a condition"), ("某阀门公司", "a masked name")] {
        let places = stage.told.places_of(marker);
        for place in [
            format!("/v1/notices/{notice}"),
            format!("/notices/{notice}?lang=zh"),
            format!("/notices/{notice}?lang=en"),
            format!("/notices/{notice}/pdf?lang=zh"),
            format!("/notices/{notice}/pdf?lang=en"),
            "/v1/notices/feed.json".to_owned(),
            "/v1/notices/feed.atom".to_owned(),
        ] {
            assert!(places.contains(&place.as_str()), "{said} is not told at {place}, but at {places:?}");
        }
    }
    assert_eq!(evidence.places_of(AGREED), [place.as_str()], "the texts that were public are in the evidence");

    eventually(async || server.log().contains("/v1/negotiations")).await;
    let log = server.log();
    let dump = Dump::of(&Database::connect(&database).await.unwrap()).await;
    for marker in kept() {
        assert!(!log.contains(marker), "the log has {marker}");
        let tables = dump.with(marker.as_bytes());
        assert!(!tables.iter().any(|table| NAMELESS.contains(table)), "{marker} is in {tables:?}");
        assert!(tables.is_empty() || OPEN.contains(&marker), "{marker} lies open in {tables:?}");
    }
    assert!(!dump.with(FIRST.as_bytes()).is_empty(), "the parties read what was offered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_parties_keep_is_told_to_nobody_on_sqlite() {
    what_the_parties_keep_is_told_to_nobody(Base::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_parties_keep_is_told_to_nobody_on_postgres() {
    if has_postgres() {
        what_the_parties_keep_is_told_to_nobody(Base::Postgres).await;
    }
}
