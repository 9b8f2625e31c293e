//! Limits: servers that have little of something.

use chrono::{DateTime, Utc};
use entity::identity::registration_request;
use entity::money::Money;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use zhepai::client::Client;
use zhepai::platform::config::{Config, PasswordCost, SANDBOX_PASSWORD};
use zhepai::platform::db::{Ending, insert};
use zhepai::platform::keys::sha256;
use zhepai::play::{self, Party, Staff, text};
use zhepai::server::Server;

use super::{Call, cases, try_all};
use crate::authz::{know_how, session};
use crate::common::play::{PASSWORD, enterprise_at};
use crate::common::{Market, config, fixtures, monday};
use crate::on_both;

/// The largest document of the small server, bytes.
const DOCUMENT: usize = 64;
/// Its largest JSON body.
const JSON: usize = 4_096;

/// A server with room for small documents and no live feed.
pub(super) struct Stage {
    small: Server,
    seller: Party,
    lot: String,
    session: String,
    paper: String,
    _folder: TempDir,
}

/// A server that hashes one password at a time, slowly.
pub(super) struct SlowStage {
    slow: Server,
    stranger: Client,
    hashing: Mutex<Option<JoinHandle<()>>>,
    _folder: TempDir,
}

/// A server of its own, set up as told.
pub(super) async fn own_server(market: &Market, at: DateTime<Utc>, change: impl FnOnce(Config) -> Config) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(change(config(market.base(), folder.path(), at).await)).await.unwrap();
    (server, folder)
}

impl Stage {
    async fn set(market: &Market) -> Self {
        let (small, folder) =
            own_server(market, monday(), |config| Config { document_limit: DOCUMENT as u64, json_limit: JSON, live_limit: 0, ..config })
                .await;
        let stranger = Client::new(&small.url()).unwrap();
        let staff = Staff::of_sandbox(&stranger, SANDBOX_PASSWORD).await.unwrap();
        let seller = enterprise_at(&stranger, &staff, "seller", 1).await;
        let (achievement, assets) = play::register(&seller, fixtures::achievement(), &[know_how(&seller, "一种技术")]).await.unwrap();
        let offer = fixtures::rehearsal(Money::fen(100_000), staff.now().await.unwrap() + chrono::TimeDelta::minutes(1));
        let lot = play::publish(&seller, &staff, offer, &achievement, &assets).await.unwrap().lot;
        let session = session(&staff.host, "staggered", &[&lot]).await;
        // What publication leaves to do by itself must be done before tables are compared.
        while zhepai::platform::timers::next_due(small.house.db.read(), None)
            .await
            .unwrap()
            .is_some_and(|due| due <= small.house.world.now())
        {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        zhepai::house::clockwork::settle(&small.house).await.unwrap();
        let paper = seller.client.upload("x", "x.txt", "private", "text/plain", vec![b'x'; DOCUMENT]).await.unwrap();
        Self { small, seller, lot, session, paper: text(&paper["id"]), _folder: folder }
    }

    /// Text one byte longer than a document may be.
    fn too_long(call: Call) -> Call {
        call.carrying("text/plain", vec![b'x'; DOCUMENT + 1])
    }
}

impl SlowStage {
    async fn set(market: &Market) -> Self {
        let passwords = PasswordCost { memory_kib: 65_536, passes: 24, at_once: 1, waiting: 0 };
        let (slow, folder) =
            own_server(market, monday(), |config| Config { sandbox: false, sandbox_start: None, passwords, ..config }).await;
        let stranger = Client::new(&slow.url()).unwrap();
        Self { slow, stranger, hashing: Mutex::default(), _folder: folder }
    }

    /// A letter has gone out that brings this token.
    async fn lettered(&self, token: &str) {
        let (house, now) = (&self.slow.house, self.slow.house.world.real_now());
        let asked = registration_request::Model {
            id: house.world.id(),
            account: vec![7; 32],
            origin: "127.0.0.0/24".into(),
            email: Some(String::from("late@people.example").into()),
            token_hash: Some(sha256(token.as_bytes()).to_vec()),
            letter_at: Some(now),
            expires_at: now + chrono::TimeDelta::hours(24),
            created_at: now,
        };
        let noted = house.db.transact(move |tx| {
            let asked = asked.clone();
            async move {
                insert(&*tx, asked).await?;
                Ok(Ending::Commit(()))
            }
        });
        noted.await.unwrap();
    }

    /// Keeps the only hasher busy from now on.
    async fn occupy(&self) {
        let passwords = self.slow.house.passwords.clone();
        let mut hashing = self.hashing.lock().await;
        if hashing.is_none() {
            let hasher = passwords.clone();
            *hashing = Some(tokio::spawn(async move {
                loop {
                    // Whoever asked whether it is busy may have been quicker.
                    if hasher.hash(PASSWORD).await.is_err() {
                        tokio::task::yield_now().await;
                    }
                }
            }));
        }
        while passwords.hash(PASSWORD).await.is_ok() {}
    }

    /// Lets go of it.
    async fn stop(self) {
        if let Some(hashing) = self.hashing.lock().await.take() {
            hashing.abort();
        }
        self.slow.stop().await;
    }
}

cases! {
    /// Documents, bodies and feeds.
    LIMITS of Stage;
    upload_document, TooLarge, "a document is within the limit": |on|
        Stage::too_long(Call::act(&on.seller.client, "/v1/documents?title=x&file_name=x.txt&confidentiality=private"));
    add_document_version, TooLarge, "a version is within the limit": |on|
        Stage::too_long(Call::act(&on.seller.client, format!("/v1/documents/{}/versions?file_name=y.txt", on.paper)));
    create_achievement, TooLarge, "a body is within the limit": |on| {
        let mut achievement = fixtures::achievement();
        achievement["summary"] = "x".repeat(JSON).into();
        Call::post(&on.seller.client, "/v1/achievements", &achievement)
    };
    watch_lot, Busy, "no more watch than there are places": |on| Call::get(&on.seller.client, format!("/v1/lots/{}/stream", on.lot));
    watch_lot_session, Busy, "no more watch a session than there are places": |on|
        Call::get(&on.seller.client, format!("/v1/lot-sessions/{}/stream", on.session));
    watch_market, Busy, "no more watch the market than there are places": |on| Call::get(&on.seller.client, "/v1/events/stream");
}

cases! {
    /// Passwords.
    PASSWORDS of SlowStage;
    register_person, Busy, "no more wait for a hasher than there are places": |on| {
        on.occupy().await;
        Call::post(&on.stranger, "/v1/persons", &json!({"email": "late@people.example", "name": "张某", "password": PASSWORD}))
    };
    complete_registration, Busy, "nor with a token": |on| {
        on.lettered("zrg_x").await;
        on.occupy().await;
        Call::post(&on.stranger, "/v1/registrations/use", &json!({"token": "zrg_x", "name": "张某", "password": PASSWORD}))
    };
}

on_both! {
    async fn what_does_not_fit(market) {
        let stage = Stage::set(&market).await;
        let told = try_all(&stage.small.house, &stage, LIMITS).await;
        assert_eq!(told.to("a body is within the limit")["limit"], JSON);
        let kept = std::fs::read_dir(&stage.small.house.config.documents).unwrap().count();
        assert_eq!(kept, 1, "what was refused was kept");
        stage.small.stop().await;
    }
}

on_both! {
    async fn too_many_passwords_at_once(market) {
        let stage = SlowStage::set(&market).await;
        let told = try_all(&stage.slow.house, &stage, PASSWORDS).await;
        assert_eq!(told.to("no more wait for a hasher than there are places")["retry_after"], 1);
        stage.stop().await;
    }
}
