//! Registering by letter, at a server that sends letters.

use chrono::TimeDelta;
use entity::identity::registration_request;
use serde_json::{Value, json};
use zhepai::platform::db::{Ending, insert};

use super::{Call, cases, try_all};
use crate::common::Market;
use crate::common::play::PASSWORD;
use crate::common::post::by_letter;
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
