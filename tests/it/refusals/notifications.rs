//! Webhooks.

use serde_json::json;
use zhepai::client::Client;
use zhepai::play::{Party, text};

use super::{Call, cases, try_all};
use crate::authz::resting_webhook;
use crate::common::{Market, fixtures};
use crate::on_both;

/// An organisation with a webhook that rests, and one that has as many as it may.
pub(super) struct Stage {
    market: Market,
    firm: Party,
    resting: String,
    full: Party,
    fallen: Party,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let firm = fixtures::enterprise(&market, "firm", 1).await;
        let full = fixtures::enterprise(&market, "full", 2).await;
        let fallen = fixtures::enterprise(&market, "fallen", 3).await;
        fallen.client.prove().await.unwrap();
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, json!({"reason": "核验后撤回"})).await.unwrap();
        for _ in 0..20 {
            resting_webhook(&full.client).await;
        }
        Self { resting: resting_webhook(&firm.client).await, firm, full, fallen, market }
    }

    fn creation(owner: &Client) -> Call {
        Call::post(owner, "/v1/webhooks", &json!({"url": "https://hooks.example/zhepai", "signing": "hmac_sha256"}))
    }

    fn act(&self, verb: &str) -> Call {
        Call::act(&self.firm.client, format!("/v1/webhooks/{}/{verb}", self.resting))
    }
}

cases! {
    /// Making, resting, testing.
    WEBHOOKS of Stage;
    create_webhook, SecretAlreadyShown, "a secret is shown with the first answer only": |on| {
        let call = Stage::creation(&on.firm.client);
        let made = call.clone().made().await;
        on.firm.client.act(&format!("/v1/webhooks/{}/pause", text(&made.body["id"]))).await.unwrap();
        call
    };
    create_webhook, OrganisationNotVerified, "who is not verified has nothing sent": |on| Stage::creation(&on.fallen.client);
    create_webhook, OutsideRule, "an organisation has no more than the rule lets it": |on| Stage::creation(&on.full.client);
    rotate_webhook_secret, SecretAlreadyShown, "a new secret is shown with the first answer only": |on| {
        let call = on.act("rotate-secret");
        call.clone().made().await;
        call
    };
    pause_webhook, WrongState, "what rests is not laid to rest": |on| on.act("pause");
    test_webhook, WrongState, "what rests is not tested": |on| on.act("test");
    resume_webhook, WrongState, "what is awake is not woken": |on| {
        // Nothing happens after it was made, so nothing is sent to it.
        let made = Stage::creation(&on.firm.client).made().await;
        Call::act(&on.firm.client, format!("/v1/webhooks/{}/resume", text(&made.body["id"])))
    };
}

on_both! {
    async fn webhooks_rest_and_are_tested_in_their_states(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, WEBHOOKS).await;
        assert!(told.to("a secret is shown with the first answer only")["webhook_id"].is_string());
        assert_eq!(told.to("an organisation has no more than the rule lets it")["max"], 20);
        let allowed = json!(["resume_webhook", "rotate_webhook_secret", "remove_webhook", "replay_webhook"]);
        assert_eq!(told.to("what rests is not laid to rest")["allowed"], allowed);
    }
}
