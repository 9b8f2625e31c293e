//! Accounts, organisations, members, staff and the sandbox's clock.

use chrono::{TimeDelta, Utc};
use entity::identity::StaffRole;
use entity::platform::sandbox_clock;
use reqwest::Method;
use sea_orm::{EntityTrait, IntoActiveModel, Set};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::platform::db::Ending;
use zhepai::play::parties::invented_uscc;
use zhepai::play::{Party, text};

use super::{Call, cases, try_all};
use crate::authz::{address, invite, join, newest, officer, person, sandbox_officer};
use crate::common::play::{PASSWORD, membership};
use crate::common::{Market, fixtures};
use crate::on_both;

/// An organisation, somebody who belongs nowhere, and the staff.
pub(super) struct Stage {
    market: Market,
    firm: Party,
    /// The membership of the firm's only owner.
    owner: Value,
    /// Somebody registered, a member of nothing.
    nobody: Client,
    /// An organisation whose code nobody doubts, refused by an officer.
    refused: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let firm = fixtures::enterprise(&market, "firm", 1).await;
        let refused = fixtures::enterprise(&market, "refused", 2).await.organisation;
        market.staff.reviewer.create(&format!("/v1/organisations/{refused}/refuse"), reason()).await.unwrap();
        let nobody = person(&market, "n-one").await;
        firm.client.prove().await.unwrap();
        Self { owner: membership(&firm.client).await, firm, nobody, refused, market }
    }

    fn stranger(&self) -> &Client {
        &self.market.stranger
    }

    fn reviewer(&self) -> &Client {
        &self.market.staff.reviewer
    }

    fn security(&self) -> &Client {
        &self.market.staff.security
    }

    /// A step of a membership by the firm's owner.
    fn step(&self, membership: &str, step: &str) -> Call {
        Call::act(&self.firm.client, format!("/v1/memberships/{membership}/{step}"))
    }

    /// Other roles for a membership.
    fn roles(&self, membership: &str, version: i64, roles: &[&str]) -> Call {
        let place = format!("/v1/memberships/{membership}/roles");
        Call::of(&self.firm.client, Method::PUT, place).json(&json!({"roles": roles})).on_version(version)
    }

    /// A member of the firm, taken through steps.
    async fn member(&self, key: &str, steps: &[&str]) -> String {
        let (_, place) = join(&self.market, &self.firm, key, &["viewer"]).await;
        for step in steps {
            self.firm.client.act(&format!("/v1/memberships/{place}/{step}")).await.unwrap();
        }
        place
    }

    /// A key of the firm's owner that was revoked.
    async fn revoked_key(&self) -> String {
        let key = newest(&self.firm.client, "/v1/api-keys").await;
        Call::post(&self.firm.client, format!("/v1/api-keys/{key}/revoke"), &reason()).made().await;
        key
    }

    /// Holds the clock as if another move were under way, or lets it go.
    async fn hold_clock(&self, seconds: Option<i64>) {
        let until = seconds.map(|seconds| Utc::now() + TimeDelta::seconds(seconds));
        self.market
            .house()
            .db
            .transact(move |tx| async move {
                let clock = sandbox_clock::Entity::find().one(&*tx).await?.unwrap();
                let mut clock = clock.into_active_model();
                clock.moving_until = Set(until);
                sandbox_clock::Entity::update(clock).exec(&*tx).await?;
                Ok(Ending::Commit(()))
            })
            .await
            .unwrap();
    }
}

fn reason() -> Value {
    json!({"reason": "理由"})
}

fn new_password(current: &str, new: &str) -> Value {
    json!({"current_password": current, "new_password": new})
}

fn organisation(founder: &Client, uscc: &str) -> Call {
    let body = json!({"kind": "enterprise", "ownership": "private", "name": "某企业", "uscc": uscc});
    Call::post(founder, "/v1/organisations", &body)
}

fn account(email: &str) -> Value {
    json!({"email": email, "name": "张某", "password": PASSWORD})
}

cases! {
    /// Accounts and organisations.
    ACCOUNTS of Stage;
    register_person, EmailTaken, "an address has one account": |on|
        Call::post(on.stranger(), "/v1/persons", &account(&on.firm.email));
    register_person, EmailTaken, "an address is the same in capitals": |on|
        Call::post(on.stranger(), "/v1/persons", &account(&on.firm.email.to_uppercase()));
    register_person, Invalid, "a password has twelve characters": |on|
        Call::post(on.stranger(), "/v1/persons", &json!({"email": "new@people.example", "name": "张某", "password": "short"}));
    sign_in, CredentialsWrong, "a wrong password": |on|
        Call::post(on.stranger(), "/v1/sessions", &json!({"email": on.firm.email, "password": "not the password at all"}));
    sign_in, CredentialsWrong, "an unknown account": |on|
        Call::post(on.stranger(), "/v1/sessions", &json!({"email": "unknown@people.example", "password": PASSWORD}));
    sign_in, Invalid, "nobody acts for an organisation he is no member of": |on| {
        let given = json!({"email": address("n-one"), "password": PASSWORD, "organisation_id": on.firm.organisation});
        Call::post(on.stranger(), "/v1/sessions", &given)
    };
    sign_in, Invalid, "a device's token has 120 characters at most": |on| {
        let given = json!({"email": address("n-one"), "password": PASSWORD, "device_token": "d".repeat(121)});
        Call::post(on.stranger(), "/v1/sessions", &given)
    };
    sign_in, Invalid, "a code that nobody needs is bounded all the same": |on| {
        let given = json!({"email": address("n-one"), "password": PASSWORD, "code": "1".repeat(41)});
        Call::post(on.stranger(), "/v1/sessions", &given)
    };
    refresh_session, RefreshInvalid, "a refresh token nobody issued": |on|
        Call::post(on.stranger(), "/v1/sessions/refresh", &json!({"refresh_token": "no such token"}));
    refresh_session, RefreshInvalid, "a refresh token of a session that was signed out": |on| {
        let given = json!({"email": address("n-one"), "password": PASSWORD});
        let tokens = on.stranger().create("/v1/sessions", given).await.unwrap();
        let client = on.stranger().with_token(&text(&tokens["access_token"]));
        Call::of(&client, Method::DELETE, "/v1/sessions/current").made().await;
        Call::post(on.stranger(), "/v1/sessions/refresh", &json!({"refresh_token": tokens["refresh_token"]}))
    };
    create_organisation, UsccInvalid, "a code with a wrong check character": |on| organisation(&on.nobody, "12100000470096016Q");
    create_organisation, UsccInvalid, "a code that is too short": |on| organisation(&on.nobody, "1210000047009501");
    create_organisation, UsccTaken, "an organisation is registered once": |on| organisation(&on.nobody, &invented_uscc(1));
    create_organisation, StaffConflict, "staff do not trade": |on| organisation(on.reviewer(), &invented_uscc(77));
    verify_organisation, WrongState, "what is verified is not verified again": |on|
        Call::act(on.reviewer(), format!("/v1/organisations/{}/verify", on.firm.organisation));
    refuse_organisation, WrongState, "what is refused is not refused again": |on|
        Call::post(on.reviewer(), format!("/v1/organisations/{}/refuse", on.refused), &reason());
    resolve_uscc, WrongState, "a code nobody doubts needs no resolution": |on| {
        let paper = on.firm.client.upload("证照", "证照.txt", "private", "text/plain", b"x".to_vec()).await.unwrap();
        Call::post(on.reviewer(), format!("/v1/organisations/{}/resolve-uscc", on.firm.organisation), &json!({"document_id": paper["id"]}))
    };
    resolve_uscc, DocumentUnusable, "a document there is not proves nothing": |on|
        Call::post(on.reviewer(), format!("/v1/organisations/{}/resolve-uscc", on.firm.organisation), &json!({"document_id": Uuid::new_v4()}));
}

cases! {
    /// Sessions, passwords, second factors.
    SECRETS of Stage;
    sign_in, SecondFactorRequired, "an enrolled authenticator is asked for": |on| {
        person(&on.market, "e-nrolled").await.prove().await.unwrap();
        Call::post(on.stranger(), "/v1/sessions", &json!({"email": address("e-nrolled"), "password": PASSWORD}))
    };
    sign_in, SecondFactorWrong, "a code somebody made up": |on|
        Call::post(on.stranger(), "/v1/sessions", &json!({"email": address("e-nrolled"), "password": PASSWORD, "code": "123456"}));
    sign_in, TooManyAttempts, "whoever guesses waits, whether there is such an account or not": |on| {
        let guess = Call::post(on.stranger(), "/v1/sessions", &json!({"email": "guessed@people.example", "password": "one of many guesses"}));
        for _ in 0..5 {
            guess.clone().made().await;
        }
        guess
    };
    change_password, CredentialsWrong, "who changes a password knows it": |on| {
        let client = person(&on.market, "c-hanges").await;
        Call::of(&client, Method::PUT, "/v1/me/password").json(&new_password("not the password at all", "another phrase of mine"))
    };
    change_password, Invalid, "a password must not be common": |on|
        Call::of(&on.nobody, Method::PUT, "/v1/me/password").json(&new_password(PASSWORD, "passwordpassword"));
    change_password, TooManyAttempts, "a stolen session guesses no password": |on| {
        let client = person(&on.market, "s-tolen").await;
        let guess = Call::of(&client, Method::PUT, "/v1/me/password").json(&new_password("one of many guesses", "another phrase of mine"));
        for _ in 0..5 {
            guess.clone().without("idempotency-key").with("idempotency-key", Uuid::new_v4().to_string()).made().await;
        }
        guess
    };
    request_registration, NoMail, "where there is no post nobody registers by letter": |on|
        Call::post(on.stranger(), "/v1/registrations", &json!({"email": on.firm.email}));
    complete_registration, RegistrationInvalid, "a registration nobody asked for": |on|
        Call::post(on.stranger(), "/v1/registrations/use", &json!({"token": "zrg_x", "name": "张某", "password": PASSWORD}));
    request_password_reset, NoMail, "where there is no post no letter is written": |on|
        Call::post(on.stranger(), "/v1/password-resets", &json!({"email": on.firm.email}));
    request_device_letter, NoMail, "where there is no post no letter lets a device in": |on|
        Call::post(on.stranger(), "/v1/device-letters", &json!({"email": on.firm.email}));
    reset_password, ResetInvalid, "a reset nobody issued": |on|
        Call::post(on.stranger(), "/v1/password-resets/use", &json!({"reset_token": "zpr_x", "new_password": "another phrase of mine"}));
    reset_password, Invalid, "a reset sets no common password": |on| {
        let somebody = person(&on.market, "f-orgot").await;
        let id = text(&somebody.get("/v1/me").await.unwrap()["person"]["id"]);
        let reset = on.security().act(&format!("/v1/persons/{id}/password-reset")).await.unwrap();
        Call::post(on.stranger(), "/v1/password-resets/use", &json!({"reset_token": reset["reset_token"], "new_password": "passwordpassword"}))
    };
    enrol_second_factor, CredentialsWrong, "who enrols knows the password": |on|
        Call::post(&on.nobody, "/v1/me/second-factor", &json!({"password": "not the password at all"}));
    enrol_second_factor, WrongState, "an authenticator in force is not replaced": |on| {
        let client = person(&on.market, "t-wice").await;
        client.prove().await.unwrap();
        Call::post(&client, "/v1/me/second-factor", &json!({"password": PASSWORD}))
    };
    enrol_second_factor, TooManyAttempts, "a stolen session enrols nothing by guessing": |on| {
        let client = person(&on.market, "s-tolen-too").await;
        let guess = Call::post(&client, "/v1/me/second-factor", &json!({"password": "one of many guesses"}));
        for _ in 0..5 {
            guess.clone().made().await;
        }
        guess
    };
    confirm_second_factor, WrongState, "there is nothing to confirm": |on|
        Call::post(&on.nobody, "/v1/me/second-factor/confirm", &json!({"code": "123456"}));
    confirm_second_factor, SecondFactorWrong, "a wrong code confirms nothing": |on| {
        let client = person(&on.market, "m-istyped").await;
        client.create("/v1/me/second-factor", json!({"password": PASSWORD})).await.unwrap();
        Call::post(&client, "/v1/me/second-factor/confirm", &json!({"code": "12345"}))
    };
    confirm_second_factor, TooManyAttempts, "a stolen session confirms nothing by guessing": |on| {
        let client = person(&on.market, "s-tolen-three").await;
        client.create("/v1/me/second-factor", json!({"password": PASSWORD})).await.unwrap();
        let guess = Call::post(&client, "/v1/me/second-factor/confirm", &json!({"code": "12345"}));
        for _ in 0..5 {
            guess.clone().made().await;
        }
        guess
    };
    remove_second_factor, StaffConflict, "an officer keeps his": |on| Call::of(on.reviewer(), Method::DELETE, "/v1/me/second-factor");
    step_up, SecondFactorWrong, "a code somebody made up proves nothing": |on|
        Call::post(on.reviewer(), "/v1/me/step-up", &json!({"code": "12345"}));
    step_up, TooManyAttempts, "nobody guesses codes": |on| {
        let client = person(&on.market, "g-uesses").await;
        client.prove().await.unwrap();
        let guess = Call::post(&client, "/v1/me/step-up", &json!({"code": "12345"}));
        for _ in 0..5 {
            guess.clone().made().await;
        }
        guess
    };
    create_api_key, Invalid, "a key says what it is for": |on|
        Call::post(&on.firm.client, "/v1/api-keys", &json!({"name": "程序", "scopes": []}));
    create_api_key, Invalid, "a key is for networks there can be": |on|
        Call::post(&on.firm.client, "/v1/api-keys", &json!({"name": "程序", "scopes": ["bids:read"], "networks": ["10.0.0.1/33"]}));
    create_api_key, Invalid, "a key lives a year at most": |on|
        Call::post(&on.firm.client, "/v1/api-keys", &json!({"name": "程序", "scopes": ["bids:read"], "expires_at": "2999-01-01T00:00:00Z"}));
    create_api_key, SecretAlreadyShown, "a key is told with the first answer only": |on| {
        let call = Call::post(&on.firm.client, "/v1/api-keys", &json!({"name": "程序", "scopes": ["bids:read"]}));
        call.clone().made().await;
        call
    };
    create_api_key, TooManyKeys, "nobody keeps more keys than he can watch": |on| {
        let more = || Call::post(&on.firm.client, "/v1/api-keys", &json!({"name": "程序", "scopes": ["bids:read"]}));
        while more().made().await.status == 201 {}
        more()
    };
    read_current_key, WrongState, "a session is no key": |on| Call::get(&on.firm.client, "/v1/api-keys/current");
    rotate_api_key, SecretAlreadyShown, "a successor is told with the first answer only": |on| {
        let newest = newest(&on.firm.client, "/v1/api-keys").await;
        let call = Call::post(&on.firm.client, format!("/v1/api-keys/{newest}/rotate"), &json!({"at_once": true}));
        call.clone().made().await;
        call
    };
    rotate_api_key, TooManyKeys, "a successor with overlap needs room for both": |on| {
        let more = || Call::post(&on.firm.client, "/v1/api-keys", &json!({"name": "程序", "scopes": ["bids:read"]}));
        while more().made().await.status == 201 {}
        let newest = newest(&on.firm.client, "/v1/api-keys").await;
        Call::post(&on.firm.client, format!("/v1/api-keys/{newest}/rotate"), &json!({"at_once": false}))
    };
    rotate_api_key, WrongState, "a revoked key has no successor": |on|
        Call::post(&on.firm.client, format!("/v1/api-keys/{}/rotate", on.revoked_key().await), &json!({"at_once": false}));
    revoke_api_key, WrongState, "a key is revoked once": |on|
        Call::post(&on.firm.client, format!("/v1/api-keys/{}/revoke", on.revoked_key().await), &reason());
    revoke_api_key, Invalid, "who revokes says why": |on| {
        let newest = newest(&on.firm.client, "/v1/api-keys").await;
        Call::post(&on.firm.client, format!("/v1/api-keys/{newest}/revoke"), &json!({"reason": " "}))
    };
    suspend_person, SamePerson, "nobody suspends himself": |on| {
        let me = on.security().get("/v1/me").await.unwrap();
        Call::post(on.security(), format!("/v1/persons/{}/suspend", text(&me["person"]["id"])), &reason())
    };
    suspend_person, WrongState, "who is suspended is not suspended again": |on| {
        let somebody = person(&on.market, "s-uspended").await;
        let place = format!("/v1/persons/{}/suspend", text(&somebody.get("/v1/me").await.unwrap()["person"]["id"]));
        on.security().create(&place, reason()).await.unwrap();
        Call::post(on.security(), place, &reason())
    };
    reinstate_person, WrongState, "only the suspended are let in again": |on| {
        let me = on.nobody.get("/v1/me").await.unwrap();
        Call::act(on.security(), format!("/v1/persons/{}/reinstate", text(&me["person"]["id"])))
    };
    issue_password_reset, SamePerson, "nobody resets his own password": |on| {
        let me = on.security().get("/v1/me").await.unwrap();
        Call::act(on.security(), format!("/v1/persons/{}/password-reset", text(&me["person"]["id"])))
    };
    reset_second_factor, SamePerson, "nobody takes his own away so": |on| {
        let me = on.security().get("/v1/me").await.unwrap();
        Call::act(on.security(), format!("/v1/persons/{}/reset-second-factor", text(&me["person"]["id"])))
    };
    reset_second_factor, WrongState, "there is none to take away": |on| {
        let me = on.nobody.get("/v1/me").await.unwrap();
        Call::act(on.security(), format!("/v1/persons/{}/reset-second-factor", text(&me["person"]["id"])))
    };
}

cases! {
    /// Members.
    MEMBERS of Stage;
    invite_member, AlreadyMember, "a member is not invited": |on|
        Call::post(&on.firm.client, format!("/v1/organisations/{}/members", on.firm.organisation), &json!({"email": on.firm.email, "roles": ["viewer"]}));
    invite_member, AlreadyMember, "who is invited is not invited again": |on| {
        invite(&on.firm, &address("twice"), &["viewer"]).await;
        Call::post(&on.firm.client, format!("/v1/organisations/{}/members", on.firm.organisation), &json!({"email": address("twice"), "roles": ["bidder"]}))
    };
    accept_invitation, WrongState, "an invitation is accepted once": |on| {
        let (client, place) = join(&on.market, &on.firm, "accepts-twice", &["viewer"]).await;
        Call::act(&client, format!("/v1/memberships/{place}/accept"))
    };
    accept_invitation, StaffConflict, "staff accept no invitation": |on| {
        let (client, _) = officer(&on.market, "invited-officer", "reviewer").await;
        let place = invite(&on.firm, &address("invited-officer"), &["viewer"]).await;
        Call::act(&client, format!("/v1/memberships/{place}/accept"))
    };
    suspend_member, WrongState, "who is suspended is not suspended again": |on| {
        let place = on.member("m-suspended", &["suspend"]).await;
        on.step(&place, "suspend")
    };
    suspend_member, LastOwner, "the last owner is not suspended": |on| on.step(&text(&on.owner["id"]), "suspend");
    reinstate_member, WrongState, "only the suspended are reinstated": |on| {
        let place = on.member("m-active", &[]).await;
        on.step(&place, "reinstate")
    };
    reinstate_member, StaffConflict, "who became an officer meanwhile stays outside": |on| {
        let place = on.member("m-officer", &["suspend"]).await;
        on.security().create("/v1/staff", json!({"email": address("m-officer"), "role": "finance"})).await.unwrap();
        on.step(&place, "reinstate")
    };
    remove_member, WrongState, "who is removed is not removed again": |on| {
        let place = on.member("m-removed", &["remove"]).await;
        on.step(&place, "remove")
    };
    remove_member, LastOwner, "the last owner is not removed": |on| on.step(&text(&on.owner["id"]), "remove");
    change_member_roles, WrongState, "who is removed has no roles": |on| {
        let place = on.member("m-gone", &["remove"]).await;
        on.roles(&place, 3, &["bidder"])
    };
    change_member_roles, LastOwner, "the last owner stays one": |on|
        on.roles(&text(&on.owner["id"]), on.owner["version"].as_i64().unwrap(), &["operator"]);
}

cases! {
    /// Staff.
    STAFF of Stage;
    appoint_staff, StaffConflict, "nobody holds two staff roles": |on| {
        officer(&on.market, "two-roles", "finance").await;
        Call::post(on.security(), "/v1/staff", &json!({"email": address("two-roles"), "role": "publisher"}))
    };
    appoint_staff, StaffConflict, "a member is no officer": |on|
        Call::post(on.security(), "/v1/staff", &json!({"email": on.firm.email, "role": "publisher"}));
    appoint_staff, Invalid, "an officer has an account": |on|
        Call::post(on.security(), "/v1/staff", &json!({"email": address("unheard-of"), "role": "publisher"}));
    dismiss_staff, SamePerson, "nobody dismisses himself": |on| {
        let me = on.security().get("/v1/me").await.unwrap();
        Call::of(on.security(), Method::DELETE, format!("/v1/staff/{}", text(&me["person"]["id"])))
    };
}

cases! {
    /// Personal data and how long records are kept.
    PERSONAL_DATA of Stage;
    close_my_account, CredentialsWrong, "who closes his account knows the password": |on|
        Call::post(&on.nobody, "/v1/me/close", &json!({"password": "not the password at all"}));
    close_my_account, AccountNeeded, "an organisation keeps its only owner": |on|
        Call::post(&on.firm.client, "/v1/me/close", &json!({"password": PASSWORD}));
    close_my_account, TooManyAttempts, "one guesses so often and no more": |on| {
        let guesser = person(&on.market, "c-loser").await;
        let guess = json!({"password": "not the password at all"});
        for _ in 0..5 {
            guesser.post("/v1/me/close", guess.clone()).send().await.unwrap();
        }
        Call::post(&guesser, "/v1/me/close", &guess)
    };
    close_person, SamePerson, "nobody closes his own account as an officer": |on| {
        let me = on.security().get("/v1/me").await.unwrap();
        Call::post(on.security(), format!("/v1/persons/{}/close", text(&me["person"]["id"])), &reason())
    };
    close_person, WrongState, "who is closed is not closed again": |on| {
        let somebody = person(&on.market, "c-losed").await;
        let place = format!("/v1/persons/{}/close", text(&somebody.get("/v1/me").await.unwrap()["person"]["id"]));
        on.security().create(&place, reason()).await.unwrap();
        Call::post(on.security(), place, &reason())
    };
    close_person, AccountNeeded, "who has a staff place is dismissed first": |on| {
        let officer = on.reviewer().get("/v1/me").await.unwrap();
        Call::post(on.security(), format!("/v1/persons/{}/close", text(&officer["person"]["id"])), &reason())
    };
    purge_records, RetentionRuns, "nothing goes before its time": |on|
        Call::post(on.security(), "/v1/retention/sessions/purge", &json!({"before": Utc::now()}));
    purge_records, WrongState, "what is kept for good is not purged": |on|
        Call::post(on.security(), "/v1/retention/auction_records/purge", &json!({"before": "2000-01-01T00:00:00Z"}));
    // Last, since everything is sealed anew some seconds later.
    rotate_data_key, WrongState, "one key at a time": |on| {
        on.security().create("/v1/data-keys/rotate", json!({})).await.unwrap();
        Call::act(on.security(), "/v1/data-keys/rotate")
    };
}

cases! {
    /// The sandbox's clock.
    CLOCK of Stage;
    set_sandbox_clock, ClockBackwards, "time moves forward": |on| {
        let before = on.market.staff.now().await.unwrap() - TimeDelta::microseconds(1);
        Call::post(on.security(), "/v1/sandbox/clock", &json!({"to": before}))
    };
    set_sandbox_clock, Invalid, "an instant or a factor, not both": |on| {
        let now = on.market.staff.now().await.unwrap();
        Call::post(on.security(), "/v1/sandbox/clock", &json!({"to": now, "factor": 1}))
    };
    set_sandbox_clock, Invalid, "an instant or a factor, not neither": |on| Call::post(on.security(), "/v1/sandbox/clock", &json!({}));
    set_sandbox_clock, InFlight, "one move at a time": |on| {
        on.hold_clock(Some(60)).await;
        Call::post(on.security(), "/v1/sandbox/clock", &json!({"factor": 1}))
    };
}

on_both! {
    async fn personal_data(market) {
        let stage = Stage::set(market).await;
        try_all(stage.market.house(), &stage, PERSONAL_DATA).await;
    }
}

on_both! {
    async fn people_organisations_and_staff(market) {
        let stage = Stage::set(market).await;
        let house = stage.market.house();
        try_all(house, &stage, ACCOUNTS).await;
        try_all(house, &stage, SECRETS).await;
        try_all(house, &stage, MEMBERS).await;
        try_all(house, &stage, STAFF).await;
        let told = try_all(house, &stage, CLOCK).await;
        stage.hold_clock(None).await;
        assert_eq!(told.to("time moves forward")["now"], json!(stage.market.staff.now().await.unwrap()));
        // Nobody has lost the role he was refused to give up.
        let security = sandbox_officer(&stage.market, StaffRole::SecurityAdmin).await;
        assert_eq!(security.get("/v1/me").await.unwrap()["staff_role"], "security_admin");
    }
}
