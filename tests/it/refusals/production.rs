//! A server that is no sandbox: what only a sandbox does is refused.

use entity::identity::StaffRole;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use zhepai::client::Client;
use zhepai::identity::flows::people::register_within;
use zhepai::identity::flows::staff::appoint_within;
use zhepai::platform::access::Context;
use zhepai::platform::config::Config;
use zhepai::play::{self, Party, Staff, text};
use zhepai::server::Server;

use super::limits::own_server;
use super::{Call, cases, try_all};
use crate::authz::know_how;
use crate::common::play::{PASSWORD, enterprise_at};
use crate::common::{Market, fixtures, monday};
use crate::on_both;

/// A server in earnest, two officers, and a seller with a draft.
pub(super) struct Stage {
    server: Server,
    stranger: Client,
    staff: Staff,
    seller: Party,
    offer: Value,
    draft: String,
    _folder: TempDir,
}

impl Stage {
    async fn set(market: &Market) -> Self {
        let (server, folder) = own_server(market, monday(), |config| Config { sandbox: false, sandbox_start: None, ..config }).await;
        let stranger = Client::new(&server.url()).unwrap();
        let reviewer = officer(&server, &stranger, StaffRole::Reviewer).await;
        let security = officer(&server, &stranger, StaffRole::SecurityAdmin).await;
        let staff = Staff {
            host: reviewer.clone(),
            finance: reviewer.clone(),
            publisher: reviewer.clone(),
            supervisor: reviewer.clone(),
            auditor: reviewer.clone(),
            reviewer,
            security,
        };
        let seller = enterprise_at(&stranger, &staff, "seller", 1).await;
        let (achievement, assets) = play::register(&seller, fixtures::achievement(), &[know_how(&seller, "一种技术")]).await.unwrap();
        let mut offer = fixtures::rehearsal(entity::money::Money::fen(100_000), chrono::Utc::now() + chrono::TimeDelta::days(60));
        offer["achievement_id"] = achievement.into();
        offer["asset_ids"] = json!(assets);
        let mut earnest = offer.clone();
        earnest["rehearsal"] = false.into();
        let draft = text(&seller.client.create("/v1/listings", earnest).await.unwrap()["id"]);
        Self { server, stranger, staff, seller, offer, draft, _folder: folder }
    }
}

/// An officer made as the command line makes one.
async fn officer(server: &Server, stranger: &Client, role: StaffRole) -> Client {
    let email = format!("{}@office.example", role.code().replace('_', "-"));
    let hash = server.house.passwords.hash(PASSWORD).await.unwrap();
    let by = Context::system("admin_create_staff", "test".into());
    let input = (email.clone(), hash, role);
    let made = server.house.write(&by, input, |tx, (email, hash, role)| async move {
        let person = register_within(&tx, &email, "某官员", hash, None).await?;
        appoint_within(&tx, person.id, role).await
    });
    made.await.unwrap();
    let officer = stranger.sign_in(&email, PASSWORD).await.unwrap();
    officer.prove().await.unwrap();
    officer
}

cases! {
    /// What only a sandbox does.
    PRODUCTION of Stage;
    read_sandbox_clock, SandboxOnly, "there is no clock to read": |on| Call::get(&on.stranger, "/v1/sandbox/clock");
    set_sandbox_clock, SandboxOnly, "time is not moved": |on|
        Call::post(&on.staff.security, "/v1/sandbox/clock", &json!({"to": chrono::Utc::now() + chrono::TimeDelta::days(1)}));
    set_sandbox_clock, SandboxOnly, "time does not run faster": |on| Call::post(&on.staff.security, "/v1/sandbox/clock", &json!({"factor": 60}));
    simulate_bank_credit, SandboxOnly, "no bank is simulated": |on| {
        let payment = json!({"deposit_reference": "D-00000000", "amount": {"amount": "100.00", "currency": "CNY"}});
        Call::post(&on.seller.client, "/v1/sandbox/bank-credits", &payment)
    };
    trigger_event, SandboxOnly, "nothing is told that did not happen": |on|
        Call::post(&on.staff.security, "/v1/sandbox/events", &json!({"kind": "lot.closed"}));
    create_listing, SandboxOnly, "no auction is rehearsed": |on| Call::post(&on.seller.client, "/v1/listings", &on.offer);
    start_negotiation, SandboxOnly, "no sale is rehearsed": |on| {
        let draft = on.seller.client.get(&format!("/v1/listings/{}", on.draft)).await.unwrap();
        Call::post(&on.seller.client, "/v1/negotiations", &json!({
            "achievement_id": draft["achievement_id"],
            "asset_ids": [draft["assets"][0]["asset_id"]],
            "buyer_organisation_id": on.seller.organisation,
            "title": "一种技术",
            "summary": "一种技术",
            "base_price": {"amount": "1.00", "currency": "CNY"},
            "base_price_basis": "own_decision",
            "secret_level_none": true,
            "rehearsal": true,
            "offer": crate::negotiations::offer("1.00")
        }))
    };
    replace_listing, SandboxOnly, "no offer is turned into a rehearsal": |on|
        Call::of(&on.seller.client, Method::PUT, format!("/v1/listings/{}", on.draft)).json(&on.offer).on_version(1);
}

on_both! {
    async fn what_only_a_sandbox_does(market) {
        let stage = Stage::set(&market).await;
        try_all(&stage.server.house, &stage, PRODUCTION).await;
        stage.server.stop().await;
    }
}
