//! Registering by letter, and addresses nobody has proved, at a server that sends letters.

use chrono::TimeDelta;
use entity::identity::registration_request;
use entity::notifications::{MailState, mail};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::platform::db::{Ending, insert};
use zhepai::play::text;

use super::{Call, cases, try_all};
use crate::authz::{address, announced, invite, objection, person};
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{PASSWORD, eventually, membership};
use crate::common::post::{by_letter, decoded, letter, with_post};
use crate::on_both;

/// A server where registration is by letter.
pub(super) struct Stage {
    market: Market,
}

impl Stage {
    /// Lets as many have asked from here as may.
    async fn crowd(&self) {
        let house = self.market.house();
        let now = house.world.real_now();
        let asked = |_| registration_request::Model {
            id: house.world.id(),
            account: vec![7; 32],
            origin: "127.0.0.0/24".into(),
            email: None,
            token_hash: None,
            letter_at: None,
            expires_at: now + TimeDelta::hours(24),
            created_at: now,
        };
        let rows: Vec<_> = (0..100).map(asked).collect();
        let noted = house.db.transact(move |tx| {
            let rows = rows.clone();
            async move {
                for row in rows {
                    insert(&*tx, row).await?;
                }
                Ok(Ending::Commit(()))
            }
        });
        noted.await.unwrap();
    }

    fn register(&self, email: &str, place: &str) -> Call {
        let asked = if place.ends_with("persons") {
            json!({"email": email, "name": "张某", "password": PASSWORD})
        } else {
            json!({"email": email})
        };
        Call::post(&self.market.stranger, place, &asked)
    }
}

cases! {
    /// Registering.
    LETTERS of Stage;
    register_person, RegistrationByLetter, "an address that has an account": |on| on.register("reviewer@sandbox.example", "/v1/persons");
    register_person, RegistrationByLetter, "an address that has none": |on| on.register("nobody@people.example", "/v1/persons");
    request_registration, Invalid, "an address no letter can go to": |on|
        Call::post(&on.market.stranger, "/v1/registrations", &json!({"email": "nobody"}));
    complete_registration, RegistrationInvalid, "a token in no letter": |on|
        Call::post(&on.market.stranger, "/v1/registrations/use", &json!({"token": format!("zrg_{}", "A".repeat(43)), "name": "张某", "password": PASSWORD}));
    request_registration, TooManyAttempts, "a network asks so often and no more": |on| {
        on.crowd().await;
        on.register("nobody@people.example", "/v1/registrations")
    };
    request_registration, TooManyAttempts, "nor for an address that has an account": |on|
        on.register("reviewer@sandbox.example", "/v1/registrations");
}

/// A server that sends letters, where whoever likes registers with any address.
pub(super) struct Open {
    market: Market,
    /// Whoever has registered with an address that an organisation then invites.
    somebody: Client,
    /// The invitation.
    place: String,
    /// A notice that runs.
    notice: String,
}

cases! {
    /// Places meant for an address that may be another's.
    UNPROVED of Open;
    accept_invitation, AddressUnproved, "an invitation is for whoever reads the letters": |on|
        Call::act(&on.somebody, format!("/v1/memberships/{}/accept", on.place));
    submit_objection, AddressUnproved, "nobody objects under an address that may be another's": |on|
        Call::post(&on.somebody, format!("/v1/notices/{}/objections", on.notice), &objection());
    appoint_staff, AddressUnproved, "and so is an office": |on|
        Call::post(&on.market.staff.security, "/v1/staff", &json!({"email": address("s-quats"), "role": "finance"}));
}

/// A refusal without what is another every time.
fn words(problem: &Value) -> Value {
    let mut said = problem.clone();
    for name in ["request_id", "retry_after"] {
        said.as_object_mut().unwrap().remove(name);
    }
    said
}

on_both! {
    async fn registering_by_letter(market) {
        let (market, _) = by_letter(&market).await;
        let stage = Stage { market };
        let told = try_all(stage.market.house(), &stage, LETTERS).await;
        let (taken, free) = (told.to("an address that has an account"), told.to("an address that has none"));
        assert_eq!(words(taken), words(free));
        let (free, taken) = (told.to("a network asks so often and no more"), told.to("nor for an address that has an account"));
        assert!(free["retry_after"].as_u64().is_some_and(|seconds| seconds > 3_000), "{free}");
        assert_eq!(words(taken), words(free));
    }
}

on_both! {
    /// Whoever registers an address before its owner does takes no place that is meant for him; setting the password anew
    /// by letter shows whose it is.
    async fn places_under_an_unproved_address(market) {
        let (market, letters) = with_post(&market, false).await;
        let firm = enterprise(&market, "firm", 1).await;
        let somebody = person(&market, "s-quats").await;
        let place = invite(&firm, &address("s-quats"), &["viewer"]).await;
        letter(&letters, 1).await;
        let house = market.house();
        eventually(async || mail::Entity::find().all(house.db.read()).await.unwrap().iter().all(|row| row.state == MailState::Sent)).await;
        let seller = university(&market).await;
        let listing = announced(&market, &seller, "一种待异议的技术", &[]).await.listing;
        let notice = text(&seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap()["notice_id"]);
        let stage = Open { market, somebody, place, notice };
        try_all(stage.market.house(), &stage, UNPROVED).await;

        let may_accept = async |client: &Client| {
            let deeds = membership(client).await["allowed_deeds"].clone();
            deeds.as_array().unwrap().contains(&json!("accept_invitation"))
        };
        assert!(!may_accept(&stage.somebody).await);
        let stranger = &stage.market.stranger;
        stranger.create("/v1/password-resets", json!({"email": address("s-quats")})).await.unwrap();
        let said = decoded(&letter(&letters, 2).await);
        let token = said.split_whitespace().find(|word| word.starts_with("zpr_")).unwrap();
        let reset = json!({"reset_token": token, "new_password": "another phrase that only I know"});
        stranger.create("/v1/password-resets/use", reset).await.unwrap();
        let owner = stranger.sign_in(&address("s-quats"), "another phrase that only I know").await.unwrap();
        assert!(may_accept(&owner).await);
        owner.act(&format!("/v1/memberships/{}/accept", stage.place)).await.unwrap();
    }
}
