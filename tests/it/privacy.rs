//! Nothing personal or secret is in what a server tells of itself: its log and its figures; nor in what it tells others
//! when it refuses, in the audit trail, or in events (P3). Where it is kept, it does not lie open.

mod negotiated;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use entity::money::Money;
use reqwest::Method;
use sea_orm::Database;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::{Client, Reply};
use zhepai::identity::second_factor::{code_at, unspelled};
use zhepai::platform::config::SANDBOX_PASSWORD;
use zhepai::play::market::know_how;
use zhepai::play::{Party, Staff, publish, register, text};

use crate::bank::Sheet;
use crate::common::database::{Dump, has_postgres};
use crate::common::fixtures::{achievement, patent_numbered, rehearsal};
use crate::common::play::{PASSWORD, enterprise_at, eventually, granted, import_ended, university_at};
use crate::common::post::{PUBLIC, PostOffice, head};
use crate::common::program::Program;
use crate::common::{Base, database};

// ---- What is kept, and sealed or gone ----

const EMAIL: &str = "canary.bird@people.example";
const NAME: &str = "林金雀";
const PHRASE: &str = "a canary sings in its cage";
const WRONG: &str = "canary-wrong-password";
const NEW: &str = "canary-new-password";
const LATER: &str = "that bird has flown for good";
const LETTER: &str = "金丝雀女士来函";
const PAYER: &str = "金丝雀付款人";
const PAYEE: &str = "金丝雀收款人";
const REMARK: &str = "金丝雀附言";
/// The account of a line is named after its reference.
const CREDIT: &str = "CANARY-IN";
const DEBIT: &str = "CANARY-OUT";
/// A cell of a row that is refused.
const CELL: &str = "金丝雀单元格";
const CONTENT: &str = "canary-document-content";
/// Whom to call about an offer; it is told to everybody once it is published, but no table holds it open.
const PHONE: &str = "0571-22557799";
const ADDRESS: &str = "canary.office@seller.example";
const SUSPICION: &str = "金丝雀账号异常";
/// Somebody who registers by letter.
const NEWCOMER: &str = "canary.chick@people.example";
const LATEST: &str = "a third song of that very bird";
/// What somebody objects to, and asks.
const STATEMENT: &str = "金丝雀异议陈述";
const QUESTION: &str = "金丝雀想问的话";
/// What a receiver of webhooks answers.
const ANSWER: &str = "canary-hook-answer";

const SEALED: [&str; 23] = [
    EMAIL,
    NAME,
    PHRASE,
    WRONG,
    NEW,
    LATER,
    LETTER,
    PAYER,
    PAYEE,
    REMARK,
    CELL,
    CONTENT,
    PHONE,
    ADDRESS,
    SUSPICION,
    NEWCOMER,
    LATEST,
    STATEMENT,
    QUESTION,
    ANSWER,
    "6222-CANARY-IN",
    "6222-CANARY-OUT",
    PASSWORD,
];

// ---- What is kept as it is: names of things, and what the law has published ----

const LABEL: &str = "金丝雀密钥";
const FILE: &str = "canary-file-name.txt";
const OFFICE: &str = "金丝雀转移办公室";
const COMPLETER: &str = "金丝雀完成人";
/// In the address of a webhook.
const HOOK: &str = "canary-hook-place";

const OPEN: [&str; 5] = [LABEL, FILE, OFFICE, COMPLETER, HOOK];

/// Where nobody is ever named.
const NAMELESS: [&str; 4] = ["audit", "event", "inbox_item", "key_call"];

/// What the calls brought to light.
#[derive(Default)]
struct Seen {
    /// Secrets as they were handed over, and as they are read.
    secrets: Vec<String>,
    bytes: Vec<Vec<u8>>,
    /// What stops somebody's letters: kept as it is, and told in his letters alone.
    stops: Vec<String>,
    /// What was refused, in the words it was refused in.
    refusals: Vec<Reply>,
}

impl Seen {
    /// Keeps an answer if it is a refusal; its body.
    fn told(&mut self, reply: Reply) -> Value {
        let body = reply.body.clone();
        if reply.status >= 400 {
            self.refusals.push(reply);
        }
        body
    }

    /// Keeps a refusal.
    fn refused(&mut self, reply: Reply) {
        assert!(reply.status >= 400, "{} was not refused: {}", reply.asked, reply.body);
        self.refusals.push(reply);
    }

    /// Keeps a secret.
    fn secret(&mut self, secret: &Value) -> String {
        let secret = text(secret);
        assert!(secret.len() > 10, "no secret");
        self.secrets.push(secret.clone());
        secret
    }

    /// Keeps the secret of an authenticator.
    async fn factor(&mut self, client: &Client) {
        let secret = self.secret(&client.secret().await.into());
        self.bytes.push(unspelled(&secret).unwrap());
    }
}

/// Somebody registers, signs in rightly and wrongly, and proves who he is.
async fn an_account(stranger: &Client, office: &PostOffice, seen: &mut Seen) -> Client {
    stranger.create("/v1/persons", json!({"email": EMAIL, "name": NAME, "password": PHRASE})).await.unwrap();
    seen.refused(stranger.post("/v1/persons", json!({"email": EMAIL, "name": NAME, "password": PHRASE})).send().await.unwrap());
    seen.refused(stranger.post("/v1/sessions", json!({"email": EMAIL, "password": WRONG})).send().await.unwrap());
    let mut account = json!({"email": EMAIL, "password": PHRASE});
    let tokens = granted(&stranger.post("/v1/sessions", account.clone()).send().await.unwrap(), 201).clone();
    account["device_token"] = seen.secret(&tokens["device_token"]).into();
    let again = granted(&stranger.post("/v1/sessions", account).send().await.unwrap(), 201).clone();
    let renewed = stranger.post("/v1/sessions/refresh", json!({"refresh_token": tokens["refresh_token"]})).send().await.unwrap();
    for tokens in [&tokens, &again, granted(&renewed, 201)] {
        seen.secret(&tokens["access_token"]);
        seen.secret(&tokens["refresh_token"]);
    }
    let client = proved(stranger, office, &stranger.with_token(&text(&tokens["access_token"])), seen).await;
    client.prove().await.unwrap();
    seen.factor(&client).await;
    seen.told(client.post("/v1/me/step-up", json!({"code": "000000"})).send().await.unwrap());
    let change = json!({"current_password": WRONG, "new_password": NEW});
    seen.refused(client.ask(Method::PUT, "/v1/me/password").body(change).send().await.unwrap());
    // Also what is not understood, and what stands in addresses.
    for body in [json!({"email": EMAIL, "password": PHRASE, "unknown": NAME}), json!([EMAIL]), Value::String(PHRASE.into())] {
        seen.refused(stranger.post("/v1/persons", body).send().await.unwrap());
    }
    let token = text(&tokens["refresh_token"]);
    for path in [format!("/v1/organisations?cursor={EMAIL}"), format!("/v1/listings?state={EMAIL}"), format!("/v1/{EMAIL}/{token}")] {
        seen.refused(client.look(&path).await.unwrap());
    }
    client
}

/// An organisation invites somebody, keeps a document, and has programs of its own and elsewhere.
async fn an_organisation(stranger: &Client, staff: &Staff, seen: &mut Seen) -> Party {
    let firm = enterprise_at(stranger, staff, "firm", 1).await;
    let invite = format!("/v1/organisations/{}/members", firm.organisation);
    firm.client.create(&invite, json!({"email": EMAIL, "roles": ["viewer"]})).await.unwrap();
    seen.refused(firm.client.post(&invite, json!({"email": EMAIL, "roles": ["viewer"]})).send().await.unwrap());
    firm.client.upload(LABEL, FILE, "private", "text/plain", CONTENT.into()).await.unwrap();
    let key = firm.client.create("/v1/api-keys", json!({"name": LABEL, "scopes": ["bids:read"]})).await.unwrap();
    let key = seen.secret(&key["secret"]);
    stranger.with_token(&key).look("/v1/me").await.unwrap();
    seen.refused(firm.client.look(&format!("/v1/api-keys/{key}")).await.unwrap());
    let hook = json!({"url": "https://hooks.example.com/zhepai", "signing": "hmac_sha256", "kinds": ["refund.paid"]});
    let made = granted(&firm.client.post("/v1/webhooks", hook.clone()).key("a-webhook-once").send().await.unwrap(), 201).clone();
    let secret = seen.secret(&made["secret"]);
    seen.bytes.push(STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap());
    seen.refused(firm.client.post("/v1/webhooks", hook).key("a-webhook-once").send().await.unwrap());
    seen.factor(&firm.client).await;
    firm
}

/// What its completer is named with: published by law.
fn completed() -> Value {
    let mut said = achievement();
    said["completers"] = json!([COMPLETER]);
    said
}

/// Rows are taken in and refused; an offer is published with whom to call, and another stays a draft.
async fn an_offer(stranger: &Client, staff: &Staff, firm: &Party, curious: &Client, seen: &mut Seen) {
    let good = json!({"achievement": completed(), "asset": know_how("一种工艺", &firm.name)});
    let bad = json!({"achievement": completed(), "asset": {"title": CELL, "details": {"kind": CELL}, "owners": [{"name": CELL}]}});
    let rows = format!("{good}\n{bad}\n").into_bytes();
    let place = format!("/v1/imports?kind=assets&file_name={FILE}");
    let started = firm.client.send_file(&place, "application/x-ndjson", rows).await.unwrap().ok().unwrap();
    let id = text(&started["id"]);
    let ended = import_ended(&firm.client, &id).await;
    assert_eq!((&ended["accepted"], &ended["refused"]), (&json!(1), &json!(1)), "{ended}");
    let told = firm.client.get(&format!("/v1/imports/{id}/rows")).await.unwrap().to_string();
    let report = String::from_utf8(firm.client.download(&format!("/v1/imports/{id}/report")).await.unwrap()).unwrap();
    assert!(!told.contains(CELL) && !report.contains(CELL), "{told} {report}");

    let seller = university_at(stranger, staff).await;
    let (achievement, assets) = register(&seller, completed(), &[patent_numbered(&seller, "ZL201610200331.9")]).await.unwrap();
    let mut offer = rehearsal(Money::fen(100_000), staff.now().await.unwrap() + chrono::TimeDelta::minutes(5));
    offer["contact"] = json!({"office": OFFICE, "phone": PHONE});
    let published = publish(&seller, staff, offer.clone(), &achievement, &assets).await.unwrap();
    let public = stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
    assert_eq!(public["offer"]["contact"], json!({"office": OFFICE, "phone": PHONE, "email": null}));
    doubted(stranger, staff, &seller, &public, curious, seen).await;

    offer["contact"] = json!({"office": OFFICE, "email": ADDRESS});
    offer["achievement_id"] = json!(achievement);
    offer["asset_ids"] = json!(assets);
    let draft = seller.client.create("/v1/listings", offer).await.unwrap();
    assert_eq!(draft["offer"]["contact"]["email"], ADDRESS);
}

/// Somebody objects to a notice and asks what nobody is to read; neither is told to the public, nor stands in what is handed on.
async fn doubted(stranger: &Client, staff: &Staff, seller: &Party, listing: &Value, curious: &Client, seen: &mut Seen) {
    let (listing, notice) = (text(&listing["id"]), text(&listing["notice_id"]));
    let place = format!("/v1/notices/{notice}/objections");
    let objected = json!({"ground": "procedure", "statement": STATEMENT});
    curious.create(&place, objected.clone()).await.unwrap();
    seen.refused(curious.post(&place, objected).send().await.unwrap());
    let asked = curious.create(&format!("/v1/listings/{listing}/questions"), json!({"question": QUESTION})).await.unwrap();
    let question = format!("/v1/questions/{}", text(&asked["id"]));
    assert_eq!(seller.client.get(&question).await.unwrap()["question"], QUESTION);
    staff.reviewer.create(&format!("{question}/refuse"), json!({"reason": "与项目无关"})).await.unwrap();
    seen.refused(stranger.look(&question).await.unwrap());
    let evidence = seller.client.get(&format!("/v1/listings/{listing}/evidence")).await.unwrap().to_string();
    let mut public = vec![evidence];
    for place in [
        format!("/notices/{notice}?lang=zh"),
        format!("/v1/notices/{notice}"),
        format!("/v1/objections?notice_id={notice}"),
        format!("/v1/questions?listing_id={listing}"),
        format!("/v1/listings/{listing}/timeline"),
        "/v1/notices/feed.atom".into(),
        "/v1/notices/feed.json".into(),
    ] {
        let answer = crate::common::http().get(format!("{}{place}", stranger.base())).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{place}");
        public.push(answer.text().await.unwrap());
    }
    for word in [STATEMENT, QUESTION, NAME, EMAIL] {
        assert!(public.iter().all(|said| !said.contains(word)), "{word} is public");
    }
}

/// The bank tells who paid and who was paid; what was nobody's is paid back.
async fn a_statement(staff: &Staff, seen: &mut Seen) {
    let (finance, now) = (&staff.finance, staff.now().await.unwrap());
    let amount = json!({"amount": "1.00", "currency": "CNY"});
    let payment = json!({"bank_reference": "B-1", "deposit_reference": "D-00000000", "payer_name": PAYER, "amount": amount});
    seen.refused(finance.post("/v1/bank-credits", payment).send().await.unwrap());
    let sheet = Sheet::opening(0).credit(now, CREDIT, 700, PAYER, REMARK).debit(now, DEBIT, 100, PAYEE, REMARK);
    for broken in [sheet.text().replace("7.00", PAYER), sheet.text().replace("credit", REMARK), sheet.text().replace("7.00", "8.00")] {
        seen.refused(finance.send_file(&sheet.place(), "text/csv", broken.into_bytes()).await.unwrap());
    }
    granted(&finance.send_file(&sheet.place(), "text/csv", sheet.text().into_bytes()).await.unwrap(), 201);
    let lines = finance.get("/v1/bank-lines").await.unwrap();
    let credit = lines["items"].as_array().unwrap().iter().find(|line| line["direction"] == "credit").unwrap();
    assert_eq!((&credit["counterparty_name"], &credit["remark"]), (&json!(PAYER), &json!(REMARK)));
    let place = format!("/v1/bank-lines/{}/decide", text(&credit["id"]));
    let decision = json!({"decision": "return", "reason": "退回"});
    finance.create(&place, decision.clone()).await.unwrap();
    seen.refused(finance.post(&place, decision).send().await.unwrap());
    let file = finance.create("/v1/payment-files", json!({})).await.unwrap();
    let written = finance.download(&format!("/v1/payment-files/{}/download", text(&file["id"]))).await.unwrap();
    let written = String::from_utf8(written).unwrap();
    assert!(written.contains(PAYER) && written.contains("6222-CANARY-IN"), "{written}");
}

/// An officer hands out what is held of somebody, and lets him in again.
async fn a_recovery(stranger: &Client, staff: &Staff, client: &Client, seen: &mut Seen) {
    let id = text(&client.get("/v1/me").await.unwrap()["person"]["id"]);
    staff.security.create(&format!("/v1/persons/{id}/export"), json!({"reason": LETTER})).await.unwrap();
    staff.security.look("/v1/audit").await.unwrap();
    seen.told(stranger.post("/v1/password-resets", json!({"email": EMAIL})).send().await.unwrap());
    let reset = staff.security.act(&format!("/v1/persons/{id}/password-reset")).await.unwrap();
    let token = seen.secret(&reset["reset_token"]);
    let reset = json!({"reset_token": token, "new_password": LATER});
    granted(&stranger.post("/v1/password-resets/use", reset.clone()).send().await.unwrap(), 204);
    seen.refused(stranger.post("/v1/password-resets/use", reset).send().await.unwrap());
    let suspended = staff.security.create(&format!("/v1/persons/{id}/suspend"), json!({"reason": SUSPICION})).await.unwrap();
    assert_eq!(suspended["suspended_why"], SUSPICION);
    let told = staff.security.create(&format!("/v1/persons/{id}/export"), json!({"reason": LETTER})).await.unwrap();
    assert_eq!(told["suspended_why"], SUSPICION);
}

/// Whoever sets his password anew by letter shows that the address is his; without that nobody objects. His new session.
async fn proved(stranger: &Client, office: &PostOffice, before: &Client, seen: &mut Seen) -> Client {
    seen.told(stranger.post("/v1/password-resets", json!({"email": EMAIL})).send().await.unwrap());
    let token = seen.secret(&office.word(EMAIL, "zpr_").await.into());
    let reset = json!({"reset_token": token, "new_password": PHRASE});
    granted(&stranger.post("/v1/password-resets/use", reset).send().await.unwrap(), 204);
    seen.refused(before.look("/v1/me").await.unwrap());
    stranger.sign_in(EMAIL, PHRASE).await.unwrap()
}

/// By letter somebody registers, comes in on a new device while others are kept out, and has his password set anew;
/// a recovery code stands in for his authenticator.
async fn letters_to_a_newcomer(stranger: &Client, office: &PostOffice, seen: &mut Seen) {
    granted(&stranger.post("/v1/registrations", json!({"email": NEWCOMER})).send().await.unwrap(), 202);
    let token = seen.secret(&office.word(NEWCOMER, "zrg_").await.into());
    let account = |token: &str| json!({"token": token, "name": NAME, "password": PHRASE});
    seen.refused(stranger.post("/v1/registrations/use", account(&format!("{token}x"))).send().await.unwrap());
    granted(&stranger.post("/v1/registrations/use", account(&token)).send().await.unwrap(), 201);
    seen.refused(stranger.post("/v1/registrations/use", account(&token)).send().await.unwrap());

    for _ in 0..20 {
        let reply = stranger.post("/v1/sessions", json!({"email": NEWCOMER, "password": WRONG})).send().await.unwrap();
        let is_kept_out = reply.status == 429;
        seen.refused(reply);
        if is_kept_out {
            break;
        }
    }
    granted(&stranger.post("/v1/device-letters", json!({"email": NEWCOMER})).send().await.unwrap(), 202);
    let token = seen.secret(&office.word(NEWCOMER, "zdl_").await.into());
    let account = json!({"email": NEWCOMER, "password": PHRASE, "device_token": token});
    let tokens = granted(&stranger.post("/v1/sessions", account.clone()).send().await.unwrap(), 201).clone();
    for name in ["device_token", "access_token", "refresh_token"] {
        seen.secret(&tokens[name]);
    }
    seen.refused(stranger.post("/v1/sessions", account).send().await.unwrap());

    let client = stranger.with_token(&text(&tokens["access_token"]));
    let enrolled = client.create("/v1/me/second-factor", json!({"password": PHRASE})).await.unwrap();
    let secret = unspelled(&seen.secret(&enrolled["secret"])).unwrap();
    let code = code_at(&secret, u64::try_from(Utc::now().timestamp()).unwrap()).unwrap();
    seen.bytes.push(secret);
    let confirmed = client.create("/v1/me/second-factor/confirm", json!({"code": code})).await.unwrap();
    for code in confirmed["recovery_codes"].as_array().unwrap() {
        seen.secret(code);
    }
    let proof = json!({"code": confirmed["recovery_codes"][0]});
    granted(&client.post("/v1/me/step-up", proof.clone()).send().await.unwrap(), 204);
    seen.refused(client.post("/v1/me/step-up", proof).send().await.unwrap());

    granted(&stranger.post("/v1/password-resets", json!({"email": NEWCOMER})).send().await.unwrap(), 202);
    let token = seen.secret(&office.word(NEWCOMER, "zpr_").await.into());
    let reset = json!({"reset_token": token, "new_password": LATEST});
    granted(&stranger.post("/v1/password-resets/use", reset.clone()).send().await.unwrap(), 204);
    seen.refused(stranger.post("/v1/password-resets/use", reset).send().await.unwrap());
}

/// A receiver of webhooks that takes nothing, and says so in words of its own; where it is.
fn unwilling() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}/{HOOK}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut line = String::new();
            // To the empty line after the heads.
            while stream.read_line(&mut line).is_ok_and(|count| count > 2) {
                line.clear();
            }
            let heads = format!("Content-Length: {}\r\nConnection: close", ANSWER.len());
            let _ = write!(stream.get_mut(), "HTTP/1.1 500 {ANSWER}\r\n{heads}\r\n\r\n{ANSWER}");
        }
    });
    url
}

/// News goes to a webhook, which takes it not, and by a letter, which is stopped.
async fn news(stranger: &Client, staff: &Staff, firm: &Party, office: &PostOffice, seen: &mut Seen) {
    let hook = json!({"url": unwilling(), "signing": "hmac_sha256", "kinds": ["listing.returned"]});
    let made = firm.client.create("/v1/webhooks", hook).await.unwrap();
    let secret = seen.secret(&made["secret"]);
    seen.bytes.push(STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap());
    let event = json!({"kind": "listing.returned", "organisation_id": firm.organisation});
    staff.security.create("/v1/sandbox/events", event.clone()).await.unwrap();
    // The webhook rests once its maker's password is set by letter.
    let tried = format!("/v1/webhooks/{}/deliveries", text(&made["id"]));
    eventually(async || !firm.client.get(&tried).await.unwrap()["items"].as_array().unwrap().is_empty()).await;
    // News goes only to an address that is known to be its owner's.
    granted(&stranger.post("/v1/password-resets", json!({"email": firm.email})).send().await.unwrap(), 202);
    let token = seen.secret(&office.word(&firm.email, "zpr_").await.into());
    let reset = json!({"reset_token": token, "new_password": LATEST});
    granted(&stranger.post("/v1/password-resets/use", reset).send().await.unwrap(), 204);
    staff.security.create("/v1/sandbox/events", event).await.unwrap();

    let receiver = format!("RCPT TO:<{}>", firm.email);
    let stopped_at = || office.news().iter().find(|letter| letter.contains(&receiver)).and_then(|letter| head(letter, "List-Unsubscribe"));
    eventually(async || stopped_at().is_some()).await;
    let said = stopped_at().unwrap();
    let place = said.trim_matches(['<', '>']).strip_prefix(PUBLIC).unwrap();
    seen.stops.push(place.rsplit('/').next().unwrap().to_owned());
    granted(&stranger.look(place).await.unwrap(), 200);
    seen.refused(stranger.look(&format!("{place}x")).await.unwrap());
    let click = crate::common::http().post(format!("{}{place}", stranger.base()));
    let click = click.header("Content-Type", "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click");
    assert_eq!(click.send().await.unwrap().status().as_u16(), 200);
}

async fn nothing_personal_or_secret_is_told(base: Base) {
    let place = tempfile::tempdir().unwrap();
    let database = database::fresh(base, place.path()).await;
    let office = PostOffice::open(false);
    let post = office.url();
    let settings = [
        ("ZHEPAI_LOG", "info,zhepai=trace"),
        ("ZHEPAI_SMTP_URL", post.as_str()),
        ("ZHEPAI_MAIL_FROM", "Zhepai <no-reply@zhepai.example>"),
        ("ZHEPAI_PUBLIC_URL", PUBLIC),
        ("ZHEPAI_WEBHOOKS_ALLOW_PRIVATE", "true"),
    ];
    let server = Program::serve(&database, place.path(), &settings);
    let stranger = server.client();
    let staff = Staff::of_sandbox(&stranger, SANDBOX_PASSWORD).await.unwrap();
    let mut seen = Seen { secrets: vec![SANDBOX_PASSWORD.into()], ..Seen::default() };
    let client = an_account(&stranger, &office, &mut seen).await;
    let firm = an_organisation(&stranger, &staff, &mut seen).await;
    an_offer(&stranger, &staff, &firm, &client, &mut seen).await;
    a_statement(&staff, &mut seen).await;
    a_recovery(&stranger, &staff, &client, &mut seen).await;
    letters_to_a_newcomer(&stranger, &office, &mut seen).await;
    news(&stranger, &staff, &firm, &office, &mut seen).await;
    eventually(async || server.log().contains("an event was sent")).await;

    let figures = crate::common::http().get(format!("{}/metrics", server.url)).send().await.unwrap().text().await.unwrap();
    let log = server.log();
    assert!(log.contains("/v1/sessions") && figures.contains("/v1/sessions"), "nothing is told: {log} {figures}");
    let sealed: Vec<&str> = SEALED.into_iter().chain(seen.secrets.iter().map(String::as_str)).collect();
    for word in sealed.iter().copied().chain(OPEN).chain(seen.stops.iter().map(String::as_str)) {
        assert!(!log.contains(word), "the log has {word}");
        assert!(!figures.contains(word), "the figures have {word}");
        for refusal in &seen.refusals {
            assert!(!refusal.body.to_string().contains(word), "{} was refused with {word}: {}", refusal.asked, refusal.body);
        }
    }
    let dump = Dump::of(&Database::connect(&database).await.unwrap()).await;
    for word in OPEN.into_iter().chain(seen.stops.iter().map(String::as_str)) {
        let mut tables = dump.with(word.as_bytes());
        // Ids lie as bytes on SQLite.
        tables.extend(word.parse::<Uuid>().into_iter().flat_map(|id| dump.with(id.as_bytes())));
        assert!(!tables.is_empty() && !tables.iter().any(|table| NAMELESS.contains(table)), "{word} is in {tables:?}");
    }
    for word in sealed.iter().map(|word| word.as_bytes()).chain(seen.bytes.iter().map(Vec::as_slice)) {
        let tables = dump.with(word);
        assert!(tables.is_empty(), "{} lies open in {tables:?}", String::from_utf8_lossy(word));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_personal_or_secret_is_told_on_sqlite() {
    nothing_personal_or_secret_is_told(Base::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_personal_or_secret_is_told_on_postgres() {
    if has_postgres() {
        nothing_personal_or_secret_is_told(Base::Postgres).await;
    }
}
