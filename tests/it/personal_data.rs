//! Personal data: sealed at rest and sealed anew, told to whom it is about, closed, forgotten and purged in its time;
//! letters about accounts.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::banking::{bank_line, payment_item};
use entity::documents::document;
use entity::identity::{DataWish, data_request, membership, password_reset, person, session};
use entity::ids::{BankLineId, DocumentId, ListingId, PersonId};
use entity::ledger::{bank_credit, bank_entry};
use entity::listings::listing;
use entity::objections::objection;
use entity::platform::audit_segment;
use entity::questions::{QuestionState, question};
use entity::sealed::Sealed;
use entity::tips::tip;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::house::{House, clockwork};
use zhepai::platform::audit::retention;
use zhepai::platform::db::{Ending, insert};
use zhepai::play::{Published, admit, sign, text};

use crate::authz::{address, join, lot as open, person as somebody};
use crate::bank::Sheet;
use crate::common::Market;
use crate::common::database::Dump;
use crate::common::fixtures::{enterprise, rehearsal_lot, university};
use crate::common::play::{PASSWORD, bid, eventually, first_deal, granted, refused};
use crate::common::post::{decoded, letter, with_post};
use crate::on_both;

/// The row of whoever calls.
async fn row_of(house: &House, caller: &Client) -> person::Model {
    let id: PersonId = text(&caller.get("/v1/me").await.unwrap()["person"]["id"]).parse().unwrap();
    row(house, id).await
}

async fn row(house: &House, id: PersonId) -> person::Model {
    person::Entity::find_by_id(id).one(house.db.read()).await.unwrap().unwrap()
}

/// Closes the caller's account.
async fn close(caller: &Client, password: &str) -> Reply {
    caller.post("/v1/me/close", json!({"password": password})).send().await.unwrap()
}

/// A line of the bank that names somebody and his account.
async fn credited(market: &Market) {
    let now = market.staff.now().await.unwrap();
    Sheet::opening(0).credit(now, "STRAY-1", 100, "路人甲", "路人甲来款").import(market).await;
}

on_both! {
    /// Whoever has a copy of the database has neither the people's names and addresses nor accounts at the bank (P4).
    async fn nothing_personal_lies_open_in_the_database(market) {
        let house = market.house();
        let firm = enterprise(&market, "firm", 1).await;
        let place = format!("/v1/organisations/{}/members", firm.organisation);
        firm.client.create(&place, json!({"email": "canary.bird@people.example", "roles": ["viewer"]})).await.unwrap();
        let account = json!({"email": "canary.bird@people.example", "name": "金丝雀", "password": PASSWORD});
        market.stranger.create("/v1/persons", account).await.unwrap();
        market.stranger.sign_in("canary.bird@people.example", PASSWORD).await.unwrap();
        credited(&market).await;
        let id = row_of(house, &firm.client).await.id;
        market.staff.security.create(&format!("/v1/persons/{id}/export"), json!({"reason": "金丝雀女士来函"})).await.unwrap();

        let dump = Dump::of(house.db.read()).await;
        assert!(dump.with(firm.name.as_bytes()).contains(&"organisation"), "the dump is empty");
        for word in ["canary.bird", "金丝雀", "6222-STRAY-1", "路人甲"] {
            let tables = dump.with(word.as_bytes());
            assert!(tables.is_empty(), "{word} lies open in {tables:?}");
        }
        // Who may see them does.
        let me = market.stranger.sign_in("canary.bird@people.example", PASSWORD).await.unwrap().get("/v1/me").await.unwrap();
        assert_eq!((&me["person"]["name"], &me["memberships"][0]["email"]), (&json!("金丝雀"), &json!("canary.bird@people.example")));
        let lines = market.staff.finance.get("/v1/bank-lines").await.unwrap();
        let line = &lines["items"][0];
        assert_eq!((&line["counterparty_account"], &line["remark"]), (&json!("6222-STRAY-1"), &json!("路人甲来款")));
    }
}

/// A line of the bank from before its words were sealed; its id.
async fn told_before(house: &House) -> BankLineId {
    let like = bank_line::Entity::find().one(house.db.read()).await.unwrap().unwrap();
    let old = bank_line::Model {
        id: uuid::Uuid::now_v7().into(),
        row_number: 99,
        bank_reference: "OLD-1".into(),
        counterparty_name: "老李".to_owned().into(),
        counterparty_account: Some("6222-OLD-1".to_owned().into()),
        remark: String::new().into(),
        booked: false,
        ..like
    };
    let id = old.id;
    let written = house.db.transact(move |tx| {
        let old = old.clone();
        async move {
            insert(&*tx, old).await?;
            Ok(Ending::Commit(()))
        }
    });
    written.await.unwrap();
    id
}

/// The contact of a listing as it stood before it was sealed.
async fn told_to_call(house: &House, id: &str) {
    let id: ListingId = id.parse().unwrap();
    let written = house.db.transact(move |tx| async move {
        listing::Entity::update_many()
            .col_expr(listing::Column::Contact, Expr::value(r#"{"office": "老办公室", "phone": "0571-1", "email": null}"#))
            .filter(listing::Column::Id.eq(id))
            .exec(&*tx)
            .await?;
        Ok(Ending::Commit(()))
    });
    written.await.unwrap();
}

/// The money of the only line goes back in a payment file; where its text is.
async fn paid_back(market: &Market) -> String {
    let lines = market.staff.finance.get("/v1/bank-lines").await.unwrap();
    let place = format!("/v1/bank-lines/{}/decide", text(&lines["items"][0]["id"]));
    market.staff.finance.create(&place, json!({"decision": "return", "reason": "退回"})).await.unwrap();
    let file = market.staff.finance.create("/v1/payment-files", json!({})).await.unwrap();
    format!("/v1/payment-files/{}/download", text(&file["id"]))
}

/// Somebody objects to the notice of a listing and asks about it; where both are.
async fn doubted(by: &Client, listing: &str) -> [String; 2] {
    let notice = text(&by.get(&format!("/v1/listings/{listing}")).await.unwrap()["notice_id"]);
    let paper = by.upload("证据", "note.txt", "private", "text/plain", "内容".into()).await.unwrap();
    let objection = json!({"ground": "procedure", "statement": "老张的异议", "evidence": [paper["id"]]});
    let objected = by.create(&format!("/v1/notices/{notice}/objections"), objection).await.unwrap();
    let given = json!({"ground": "procedure", "statement": "老张的线索"});
    granted(&by.post(&format!("/v1/notices/{notice}/tips"), given).send().await.unwrap(), 200);
    let asked = by.create(&format!("/v1/listings/{listing}/questions"), json!({"question": "老张的问题"})).await.unwrap();
    [format!("/v1/objections/{}", text(&objected["id"])), format!("/v1/questions/{}", text(&asked["id"]))]
}

/// Every cell in which something of somebody is kept; those from which it was taken away are empty.
async fn cells(db: &DatabaseConnection) -> Vec<Sealed> {
    let people = person::Entity::find().all(db).await.unwrap();
    let people = people.into_iter().flat_map(|row| [Some(row.email), Some(row.name), row.suspended_why]).flatten();
    let offers = listing::Entity::find().all(db).await.unwrap().into_iter().map(|row| row.contact);
    let places = membership::Entity::find().all(db).await.unwrap().into_iter().map(|row| row.email);
    let lines = bank_line::Entity::find().all(db).await.unwrap();
    let lines = lines.into_iter().flat_map(|row| [Some(row.counterparty_name), row.counterparty_account, Some(row.remark)]).flatten();
    let entries = bank_entry::Entity::find().all(db).await.unwrap();
    let credits = bank_credit::Entity::find().all(db).await.unwrap();
    let payments = payment_item::Entity::find().all(db).await.unwrap();
    assert!(!entries.is_empty() && !credits.is_empty() && !payments.is_empty());
    let others = entries.into_iter().map(|row| row.counterparty_name).chain(credits.into_iter().map(|row| row.payer_name));
    let others = others.chain(payments.into_iter().map(|row| row.payee_name));
    let said = objection::Entity::find().all(db).await.unwrap().into_iter().map(|row| row.words);
    let said = said.chain(tip::Entity::find().all(db).await.unwrap().into_iter().map(|row| row.words));
    let said = said.chain(question::Entity::find().all(db).await.unwrap().into_iter().map(|row| row.words));
    people.chain(places).chain(offers).chain(lines).chain(others).chain(said).collect()
}

on_both! {
    /// A new data key seals at once, everything is sealed anew under it, and the one before is destroyed. What was
    /// done before can still be told again.
    async fn a_rotated_key_seals_all_anew_and_the_one_before_is_destroyed(market) {
        let house = market.house();
        let firm = enterprise(&market, "firm", 1).await;
        let seller = university(&market).await;
        let Published { lot, listing, .. } = rehearsal_lot(&market, &seller, "ZL201610200331.9", entity::money::Money::fen(100_000)).await;
        admit(&firm, &market.staff, &lot).await.unwrap();
        let doubts = doubted(&firm.client, &listing).await;
        let offered = seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap()["offer"].clone();
        let drafted = async || seller.client.post("/v1/listings", offered.clone()).key("draft-old").send().await.unwrap();
        let draft = granted(&drafted().await, 201).clone();
        assert_eq!(draft["offer"], offered);
        told_to_call(house, &listing).await;
        credited(&market).await;
        let file = paid_back(&market).await;
        let written = market.staff.finance.download(&file).await.unwrap();
        let old = told_before(house).await;
        let account = json!({"email": "old@people.example", "name": "老张", "password": PASSWORD});
        let registered = async || market.stranger.post("/v1/persons", account.clone()).key("register-old").send().await.unwrap();
        let (place, guest) = (format!("/v1/organisations/{}/members", firm.organisation), json!({"email": "new@people.example", "roles": ["viewer"]}));
        let invited = async || firm.client.post(&place, guest.clone()).key("invite-new").send().await.unwrap();
        let told = [granted(&registered().await, 201).clone(), granted(&invited().await, 201).clone()];
        let suspect = text(&told[0]["id"]);
        market.staff.security.create(&format!("/v1/persons/{suspect}/suspend"), json!({"reason": "老张可疑"})).await.unwrap();
        let made = market.staff.security.create("/v1/data-keys/rotate", json!({})).await.unwrap();
        assert_eq!((&made["generation"], &made["destroyed_at"]), (&json!(2), &Value::Null));
        let again = market.staff.security.post("/v1/data-keys/rotate", json!({})).send().await.unwrap();
        assert_eq!(refused(&again, 409, "wrong_state")["state"], "resealing");
        // Meanwhile the market goes on.
        let other = enterprise(&market, "other", 2).await;
        eventually(async || {
            let told = market.staff.auditor.get("/v1/data-keys").await.unwrap();
            told["waiting"] == 0 && !told["keys"][0]["destroyed_at"].is_null()
        })
        .await;

        let db = house.db.read();
        for cell in cells(db).await.iter().filter(|cell| cell.plain() != Some("")) {
            assert_eq!(cell.parts().map(|(key, _)| key), Some(2));
        }
        let old = bank_line::Entity::find_by_id(old).one(db).await.unwrap().unwrap();
        assert_eq!(house.opened(zhepai::banking::flows::name_of(old.id), &old.counterparty_name).unwrap(), "老李");
        assert_eq!(market.staff.finance.download(&file).await.unwrap(), written, "the file is not what it was");
        let told_of = async |place: &String| firm.client.get(place).await.unwrap();
        assert_eq!(told_of(&doubts[0]).await["inside"]["statement"], "老张的异议");
        assert_eq!(told_of(&doubts[1]).await["question"], "老张的问题");
        assert_eq!(market.staff.supervisor.get("/v1/tips").await.unwrap()["items"][0]["statement"], "老张的线索");
        for party in [&firm, &other] {
            let me = market.stranger.sign_in(&party.email, PASSWORD).await.unwrap().get("/v1/me").await.unwrap();
            assert_eq!(me["person"]["email"], party.email.as_str());
        }
        let line = market.staff.finance.get("/v1/bank-lines").await.unwrap();
        let line = &line["items"][0];
        assert_eq!((&line["counterparty_name"], &line["counterparty_account"]), (&json!("路人甲"), &json!("6222-STRAY-1")));
        assert_eq!([granted(&registered().await, 201).clone(), granted(&invited().await, 201).clone()], told);
        assert_eq!(granted(&drafted().await, 201), &draft);
        let public = market.stranger.get(&format!("/v1/listings/{listing}")).await.unwrap();
        assert_eq!(public["offer"]["contact"], json!({"office": "老办公室", "phone": "0571-1", "email": null}));
        let suspect = row(house, suspect.parse().unwrap()).await;
        assert_eq!(zhepai::identity::personal::suspended_why(house, &suspect).unwrap().as_deref(), Some("老张可疑"));
    }
}

on_both! {
    /// A key is not destroyed while somebody is at sealing under it.
    async fn a_key_in_use_is_not_destroyed(market) {
        let house = market.house();
        if house.db.is_sqlite() {
            // There is one writer at a time, so nobody is at sealing while a key is destroyed.
            return;
        }
        let (begun, release) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
        let (own, marks) = (house.clone(), (begun.clone(), release.clone()));
        let slow = house.db.transact(move |tx| {
            let (house, (begun, release)) = (own.clone(), marks.clone());
            async move {
                let generation = house.hold_sealing_key(&*tx).await?;
                begun.notify_one();
                release.notified().await;
                Ok(Ending::Commit(generation))
            }
        });
        let told = async || market.staff.auditor.get("/v1/data-keys").await.unwrap();
        let rotated = async {
            begun.notified().await;
            // Rotating waits its turn too.
            let busy = market.staff.security.post("/v1/data-keys/rotate", json!({})).send().await.unwrap();
            refused(&busy, 503, "busy");
            assert_eq!(told().await["keys"].as_array().unwrap().len(), 1);
            release.notify_one();
        };
        let (held, ()) = tokio::join!(slow, rotated);
        assert_eq!(held.unwrap(), 1);
        market.staff.security.create("/v1/data-keys/rotate", json!({})).await.unwrap();
        eventually(async || !told().await["keys"][0]["destroyed_at"].is_null()).await;
        // Whoever has not heard of it seals nothing under it any more.
        let late = house.db.transact(|tx| async move {
            let gone = zhepai::privacy::store::share_data_key(&*tx, 1).await?.unwrap();
            Ok(Ending::Rollback(gone.key_sealed.is_none() && gone.destroyed_at.is_some()))
        });
        assert!(late.await.unwrap());
    }
}

on_both! {
    /// Rotations at the same moment make one key after the other, or are refused.
    async fn rotations_at_once_do_not_break(market) {
        for (place, body) in [("/v1/token-keys/rotate", json!({"at_once": false})), ("/v1/data-keys/rotate", json!({}))] {
            let calls = (0..4).map(|_| market.staff.security.post(place, body.clone()).send());
            let statuses: Vec<_> = futures_util::future::join_all(calls).await.into_iter().map(|reply| reply.unwrap().status).collect();
            assert!(statuses.contains(&201) && statuses.iter().all(|status| [201, 409, 503].contains(status)), "{place}: {statuses:?}");
        }
    }
}

on_both! {
    /// What was written before anything was sealed is found and sealed when a server starts.
    async fn people_from_before_are_found_and_sealed(market) {
        let house = market.house();
        let firm = enterprise(&market, "firm", 1).await;
        let id = row_of(house, &firm.client).await.id;
        let (plain, email) = (firm.email.clone(), firm.email.clone());
        house
            .db
            .transact(move |tx| {
                let plain = plain.clone();
                async move {
                    person::Entity::update_many()
                        .col_expr(person::Column::Email, Expr::value(plain.clone()))
                        .col_expr(person::Column::Name, Expr::value("张某"))
                        .col_expr(person::Column::EmailBlind, Expr::value(None::<Vec<u8>>))
                        .filter(person::Column::Id.eq(id))
                        .exec(&*tx)
                        .await?;
                    membership::Entity::update_many()
                        .col_expr(membership::Column::Email, Expr::value(plain))
                        .col_expr(membership::Column::EmailBlind, Expr::value(None::<Vec<u8>>))
                        .filter(membership::Column::PersonId.eq(id))
                        .exec(&*tx)
                        .await?;
                    Ok(Ending::Commit(()))
                }
            })
            .await
            .unwrap();
        zhepai::privacy::flows::data_keys::first(house).await.unwrap();
        let sealed = row(house, id).await;
        assert!(sealed.email.parts().is_some() && sealed.name.parts().is_some() && sealed.email_blind.is_some());
        let me = market.stranger.sign_in(&email, PASSWORD).await.unwrap().get("/v1/me").await.unwrap();
        assert_eq!((&me["person"]["name"], &me["memberships"][0]["email"]), (&json!("张某"), &json!(email)));
    }
}

on_both! {
    async fn whoever_asks_has_a_copy_of_what_is_held(market) {
        let firm = enterprise(&market, "firm", 1).await;
        firm.client.create("/v1/api-keys", json!({"name": "竞价程序", "scopes": ["bids:read"]})).await.unwrap();
        crate::common::database::at_rest(market.house()).await;
        let told = firm.client.get("/v1/me/data").await.unwrap();
        assert_eq!(told["person"]["email"], firm.email.as_str());
        assert_eq!(told["memberships"][0]["organisation_id"], firm.organisation.as_str());
        assert!(!told["sessions"].as_array().unwrap().is_empty());
        assert_eq!(told["api_keys"][0]["name"], "竞价程序");
        assert_eq!(told["deeds"][0]["operation"], "create_api_key");
        assert_eq!(told["deeds"][0]["network"], "127.0.0.0/24");
        assert_eq!(told["requests"], json!([]));
        // An officer hands it out on a reason, which is kept, and the trail says so.
        let id = text(&told["person"]["id"]);
        let place = format!("/v1/persons/{id}/export");
        let handed = market.staff.security.create(&place, json!({"reason": "本人书面申请"})).await.unwrap();
        assert_eq!(handed["person"], told["person"]);
        refused(&market.staff.security.post(&place, json!({"reason": ""})).send().await.unwrap(), 422, "invalid");
        refused(&market.staff.auditor.post(&place, json!({"reason": "好奇"})).send().await.unwrap(), 403, "forbidden");
        crate::common::database::at_rest(market.house()).await;
        let trail = market.staff.auditor.get(&format!("/v1/audit?operation=export_personal_data&object_id={id}&outcome=changed")).await.unwrap();
        assert_eq!(trail["items"].as_array().unwrap().len(), 1);
        let asked = market.staff.auditor.get(&format!("/v1/data-requests?person_id={id}")).await.unwrap();
        assert_eq!((&asked["items"][0]["wish"], &asked["items"][0]["reason"]), (&json!("export"), &json!("本人书面申请")));
        assert_eq!(asked["items"], firm.client.get("/v1/me/data").await.unwrap()["requests"]);
        assert_eq!(asked["items"].as_array().unwrap().len(), 1);
    }
}

on_both! {
    /// A copy is whole, however much there is of a kind.
    async fn a_copy_is_whole(market) {
        let firm = enterprise(&market, "firm", 1).await;
        let id = row_of(market.house(), &firm.client).await.id;
        let before = firm.client.get("/v1/me/data").await.unwrap()["sessions"].as_array().unwrap().len();
        let like = session::Entity::find().filter(session::Column::PersonId.eq(id)).one(market.house().db.read()).await.unwrap().unwrap();
        let written = market.house().db.transact(move |tx| {
            let like = like.clone();
            async move {
                for _ in 0..250 {
                    insert(&*tx, session::Model { id: uuid::Uuid::now_v7().into(), ..like.clone() }).await?;
                }
                let requests = (0..150).map(|_| data_request::Model {
                    id: uuid::Uuid::now_v7().into(),
                    person_id: id,
                    wish: DataWish::Export,
                    reason: "来函".to_owned().into(),
                    done_by: id,
                    done_at: like.created_at,
                });
                for request in requests {
                    insert(&*tx, request).await?;
                }
                Ok(Ending::Commit(()))
            }
        });
        written.await.unwrap();
        let told = firm.client.get("/v1/me/data").await.unwrap();
        let of = |kind: &str| told[kind].as_array().unwrap().len();
        assert_eq!((of("sessions"), of("requests")), (before + 250, 150));
        assert_eq!((&told["left_out"], &told["deeds_left_out"]), (&json!([]), &json!(false)));
        assert_eq!((&told["bids"], &told["signatures"]), (&json!([]), &json!([])));

        // What outlasts the trail is told from where it is kept: a bid and a signature; those of others are not.
        let (seller, rival) = (university(&market).await, enterprise(&market, "rival", 2).await);
        let lot = open(&market, &seller, "一种河岸带减污方法", &[&firm, &rival]).await.lot;
        granted(&bid(&rival.client, &lot, "1000.00").await, 201);
        let placed = granted(&bid(&firm.client, &lot, "1100.00").await, 201).clone();
        market.pass(24 * 60 + 5).await;
        let deal = text(&first_deal(&firm.client).await["id"]);
        sign(&deal, &[&firm.client, &seller.client]).await.unwrap();
        let told = firm.client.get("/v1/me/data").await.unwrap();
        let bids = told["bids"].as_array().unwrap();
        assert_eq!((bids.len(), &bids[0]["lot_id"], &bids[0]["seq"]), (1, &json!(lot), &placed["seq"]));
        assert_eq!((&bids[0]["price"], &bids[0]["at"]), (&placed["price"], &placed["arrived_at"]));
        let signed = told["signatures"].as_array().unwrap();
        assert_eq!((signed.len(), &signed[0]["deal_id"], &signed[0]["side"]), (1, &json!(deal), &json!("buyer")));
        assert_eq!(signed[0]["organisation_id"], firm.organisation.as_str());
        let told = seller.client.get("/v1/me/data").await.unwrap();
        assert_eq!((&told["bids"], told["signatures"].as_array().unwrap().len()), (&json!([]), 1));
    }
}

on_both! {
    /// An account that never traded is forgotten with its closing: nothing is left to open, and the address is free.
    async fn whoever_never_traded_is_forgotten_at_once(market) {
        let house = market.house();
        let new = somebody(&market, "n-ew").await;
        let before = row_of(house, &new).await;
        refused(&close(&new, "not the password").await, 401, "credentials_wrong");
        let closed = close(&new, PASSWORD).await;
        let told = granted(&closed, 200);
        assert_eq!(told["closed_at"], told["forgotten_at"]);
        refused(&new.look("/v1/me").await.unwrap(), 401, "token_invalid");
        let account = json!({"email": address("n-ew"), "password": PASSWORD});
        refused(&market.stranger.post("/v1/sessions", account).send().await.unwrap(), 401, "credentials_wrong");
        let gone = row(house, before.id).await;
        assert_eq!((gone.email_blind, gone.password_hash.as_str()), (None, ""));
        assert_eq!(house.opened(zhepai::identity::personal::name_of(gone.id), &gone.name).unwrap(), "");
        let anew = somebody(&market, "n-ew").await;
        assert_ne!(row_of(house, &anew).await.id, before.id);
    }
}

on_both! {
    /// Whoever took part in a trade is closed at once and named as long as the records of it must be kept, to the day.
    async fn whoever_traded_is_named_as_long_as_the_records_are_kept(market) {
        let house = market.house();
        let seller = university(&market).await;
        let (second, _) = join(&market, &seller, "second", &["owner", "operator", "signatory"]).await;
        rehearsal_lot(&market, &seller, "ZL201610200331.9", entity::money::Money::fen(100_000)).await;
        let (id, name) = (row_of(house, &seller.client).await.id, firm_name(&seller.client).await);
        let told = granted(&close(&seller.client, PASSWORD).await, 200).clone();
        assert_eq!(told["forgotten_at"], Value::Null);
        let due: DateTime<Utc> = text(&told["forget_at"]).parse().unwrap();
        let years = due - market.staff.now().await.unwrap();
        assert!(years > TimeDelta::days(5 * 365) && years < TimeDelta::days(5 * 366 + 14), "{years}");
        refused(&seller.client.look("/v1/me").await.unwrap(), 401, "token_invalid");
        let of_name = async || house.opened(zhepai::identity::personal::name_of(id), &row(house, id).await.name).unwrap();
        assert_eq!(of_name().await, name);

        market.staff.move_clock(due - TimeDelta::seconds(1)).await.unwrap();
        assert_eq!(of_name().await, name);
        market.staff.move_clock(due).await.unwrap();
        assert_eq!(of_name().await, "");
        // The organisation goes on without him, and his place names nobody.
        let members = second.get(&format!("/v1/organisations/{}/members", seller.organisation)).await.unwrap();
        let his = members["items"].as_array().unwrap().iter().find(|member| member["person_id"] == id.to_string().as_str()).unwrap();
        assert_eq!((&his["state"], &his["email"]), (&json!("removed"), &json!("")));
    }
}

on_both! {
    /// What somebody objected to and asked goes with him, and nobody is to answer him any more.
    async fn what_who_is_forgotten_wrote_goes_with_him(market) {
        let house = market.house();
        let (seller, curious) = (university(&market).await, somebody(&market, "c-urious").await);
        let listing = rehearsal_lot(&market, &seller, "ZL201610200331.9", entity::money::Money::fen(100_000)).await.listing;
        doubted(&curious, &listing).await;
        let told = granted(&close(&curious, PASSWORD).await, 200).clone();
        let due: DateTime<Utc> = text(&told["forget_at"]).parse().unwrap();
        let kept = async || {
            let asked = question::Entity::find().one(house.db.read()).await.unwrap().unwrap();
            let objected = objection::Entity::find().one(house.db.read()).await.unwrap().unwrap();
            let words = house.opened(zhepai::questions::flows::words_of(asked.id), &asked.words).unwrap();
            (words, house.opened(zhepai::objections::flows::words_of(objected.id), &objected.words).unwrap(), asked.state)
        };
        market.staff.move_clock(due - TimeDelta::seconds(1)).await.unwrap();
        assert_eq!((kept().await.0.as_str(), kept().await.2), ("老张的问题", QuestionState::Asked));
        market.staff.move_clock(due).await.unwrap();
        assert_eq!(kept().await, (String::new(), String::new(), QuestionState::Withdrawn));
        // What he showed stays, by its hash; what he called it does not.
        let shown = objection::Entity::find().one(house.db.read()).await.unwrap().unwrap().evidence[0].clone();
        let id: DocumentId = text(&shown["id"]).parse().unwrap();
        let paper = document::Entity::find_by_id(id).one(house.db.read()).await.unwrap().unwrap();
        assert_eq!((&shown["title"], paper.title.as_str(), paper.file_name.as_str()), (&json!(""), "", ""));
    }
}

async fn firm_name(client: &Client) -> String {
    text(&client.get("/v1/me").await.unwrap()["person"]["name"])
}

on_both! {
    async fn nobody_leaves_a_duty_behind(market) {
        let firm = enterprise(&market, "firm", 1).await;
        let alone = close(&firm.client, PASSWORD).await;
        assert_eq!(refused(&alone, 409, "account_needed")["organisation_ids"][0], firm.organisation.as_str());
        let officer = row_of(market.house(), &market.staff.reviewer).await.id;
        let place = format!("/v1/persons/{officer}/close");
        refused(&market.staff.security.post(&place, json!({"reason": "离职"})).send().await.unwrap(), 409, "account_needed");
        let own = row_of(market.house(), &market.staff.security).await.id;
        let place = format!("/v1/persons/{own}/close");
        refused(&market.staff.security.post(&place, json!({"reason": "离职"})).send().await.unwrap(), 403, "same_person");
        // A member may go, and an officer closes on his request what cannot be signed in to.
        let (_, _) = join(&market, &firm, "member", &["viewer"]).await;
        let member = market.stranger.sign_in(&address("member"), PASSWORD).await.unwrap();
        let id = row_of(market.house(), &member).await.id;
        let closed = market.staff.security.create(&format!("/v1/persons/{id}/close"), json!({"reason": "本人书面申请"})).await.unwrap();
        assert!(!closed["forgotten_at"].is_null());
        // What it was done for is forgotten with him; that it was done is not.
        let asked = market.staff.auditor.get(&format!("/v1/data-requests?person_id={id}")).await.unwrap();
        assert_eq!((&asked["items"][0]["wish"], &asked["items"][0]["reason"]), (&json!("close"), &json!("")));
        refused(&member.look("/v1/me").await.unwrap(), 401, "token_invalid");
    }
}

on_both! {
    /// Every kind of records has its rule; a purge that would be early is refused, and one in time takes only what is old.
    async fn nothing_is_purged_before_its_time(market) {
        let house = market.house();
        let told = market.staff.auditor.get("/v1/retention").await.unwrap();
        let classes = told["classes"].as_array().unwrap();
        assert!(classes.iter().all(|class| !text(&class["period"]).is_empty() && !text(&class["source"]).is_empty()));
        let purge = async |class: &str, before: DateTime<Utc>| {
            let body = json!({"before": before.to_rfc3339_opts(SecondsFormat::Micros, true)});
            market.staff.security.post(&format!("/v1/retention/{class}/purge"), body).send().await.unwrap()
        };
        let real = house.world.real_now();
        for (class, now) in [("sessions", real), ("audit", house.world.now()), ("data_requests", house.world.now())] {
            let early = purge(class, now - TimeDelta::days(183)).await;
            assert!(text(&refused(&early, 409, "retention_runs")["until"]) < now.to_rfc3339());
        }
        for class in classes.iter().filter(|class| class["end"] != "by_purge") {
            refused(&purge(&text(&class["class"]), real - TimeDelta::days(9000)).await, 409, "wrong_state");
        }
        refused(&purge("nothing", real - TimeDelta::days(9000)).await, 404, "not_found");

        // One session has been over for long, another has not.
        let old = somebody(&market, "old").await;
        let id = row_of(house, &old).await.id;
        let over = real - TimeDelta::days(185);
        house
            .db
            .transact(move |tx| async move {
                session::Entity::update_many()
                    .col_expr(session::Column::ExpiresAt, Expr::value(over))
                    .filter(session::Column::PersonId.eq(id))
                    .exec(&*tx)
                    .await?;
                Ok(Ending::Commit(()))
            })
            .await
            .unwrap();
        let sessions = async || session::Entity::find().all(house.db.read()).await.unwrap().len();
        let before = sessions().await;
        assert_eq!(granted(&purge("sessions", real - TimeDelta::days(184) - TimeDelta::seconds(1)).await, 200)["rows"], 1);
        assert_eq!(sessions().await, before - 1);
        assert_eq!(granted(&purge("audit", house.world.now() - TimeDelta::days(185)).await, 200)["rows"], 0);
        market.staff.security.look("/v1/me").await.unwrap().ok().unwrap();
    }
}

on_both! {
    /// What was sealed day by day goes with the first purge after its time: nobody need have purged before.
    async fn the_first_purge_of_the_trail_takes_what_is_over(market) {
        let house = market.house();
        enterprise(&market, "early", 1).await;
        let now = market.staff.now().await.unwrap();
        // A server seals as it starts; the next is due a day later.
        market.staff.move_clock(now + TimeDelta::hours(25)).await.unwrap();
        clockwork::settle(house).await.unwrap();
        let early = retention::verify(house.db.read(), |_| ()).await.unwrap().unwrap();
        let seals = async || audit_segment::Entity::find().all(house.db.read()).await.unwrap().len();
        retention::seal_daily(house).await.unwrap();
        let sealed = seals().await;
        enterprise(&market, "late", 2).await;
        clockwork::settle(house).await.unwrap();
        retention::seal_daily(house).await.unwrap();
        assert_eq!(seals().await, sealed, "once a day");

        market.staff.move_clock(now + TimeDelta::days(190)).await.unwrap();
        let before = (house.world.now() - TimeDelta::days(185)).to_rfc3339_opts(SecondsFormat::Micros, true);
        let purge = market.staff.security.post("/v1/retention/audit/purge", json!({"before": before})).send().await.unwrap();
        let gone = granted(&purge, 200)["rows"].as_u64().unwrap();
        assert!(early > 5 && gone >= early, "{gone} of {early}");
        assert!(retention::verify(house.db.read(), |_| ()).await.unwrap().is_ok());
    }
}

on_both! {
    /// What was handed out of somebody's data is kept on record for three years, and no longer than an officer lets it.
    async fn what_was_handed_out_is_on_record_for_three_years(market) {
        let house = market.house();
        let firm = enterprise(&market, "firm", 1).await;
        let id = row_of(house, &firm.client).await.id;
        let hand_out = async || market.staff.security.create(&format!("/v1/persons/{id}/export"), json!({"reason": "本人书面申请"})).await.unwrap();
        let purge = async |days: i64| {
            let before = (house.world.now() - TimeDelta::days(days)).to_rfc3339_opts(SecondsFormat::Micros, true);
            market.staff.security.post("/v1/retention/data_requests/purge", json!({"before": before})).send().await.unwrap()
        };
        hand_out().await;
        let done_at = house.world.now() - TimeDelta::days(1_100);
        house
            .db
            .transact(move |tx| async move {
                let all = data_request::Entity::update_many().col_expr(data_request::Column::DoneAt, Expr::value(done_at));
                all.exec(&*tx).await?;
                Ok(Ending::Commit(()))
            })
            .await
            .unwrap();
        hand_out().await;
        refused(&purge(1_094).await, 409, "retention_runs");
        assert_eq!(granted(&purge(1_098).await, 200)["rows"], 1);
        let left = market.staff.auditor.get(&format!("/v1/data-requests?person_id={id}")).await.unwrap();
        assert_eq!(left["items"].as_array().unwrap().len(), 1);
        crate::common::database::at_rest(house).await;
        let trail = market.staff.auditor.get("/v1/audit?operation=purge_records&outcome=changed").await.unwrap();
        assert_eq!(trail["items"].as_array().unwrap().len(), 1);
    }
}

// ---- Letters about accounts ----

async fn ask(stranger: &Client, email: &str) {
    let reply = stranger.post("/v1/password-resets", json!({"email": email})).send().await.unwrap();
    assert_eq!((reply.status, &reply.body), (202, &Value::Null));
}

on_both! {
    /// A forgotten password is set anew by a letter; an address without an account is answered alike and gets none.
    async fn a_forgotten_password_is_set_anew_by_a_letter(market) {
        let none = market.stranger.post("/v1/password-resets", json!({"email": address("n-ew")})).send().await.unwrap();
        refused(&none, 409, "no_mail");
        let (market, letters) = with_post(&market, false).await;
        let old = somebody(&market, "n-ew").await;
        ask(&market.stranger, "nobody@people.example").await;
        ask(&market.stranger, &address("n-ew").to_uppercase()).await;
        let first = letter(&letters, 1).await;
        assert!(first.contains(&format!("RCPT TO:<{}>", address("n-ew"))), "{first}");
        let said = decoded(&first);
        let token = said.split_whitespace().find(|word| word.starts_with("zpr_")).unwrap();
        let reset = json!({"reset_token": token, "new_password": "another phrase that only I know"});
        let done = market.stranger.post("/v1/password-resets/use", reset.clone()).send().await.unwrap();
        assert_eq!(done.status, 204);
        refused(&market.stranger.post("/v1/password-resets/use", reset).send().await.unwrap(), 401, "reset_invalid");
        refused(&old.look("/v1/me").await.unwrap(), 401, "token_invalid");
        market.stranger.sign_in(&address("n-ew"), "another phrase that only I know").await.unwrap();
        // The owner is told that it was changed, in a letter that lets nobody in.
        let second = decoded(&letter(&letters, 2).await);
        assert!(second.contains("changed") && !second.contains("zpr_"), "{second}");
    }
}

on_both! {
    /// However many ask for letters, the owner has one that is good, gets another in a while, and his letter box is not filled.
    async fn a_flood_keeps_no_owner_from_his_reset(market) {
        let (market, letters) = with_post(&market, false).await;
        let (stranger, house) = (&market.stranger, market.house());
        somebody(&market, "n-ew").await;
        let written = async || {
            crate::common::database::at_rest(house).await;
            let all = entity::notifications::mail::Entity::find().all(house.db.read()).await.unwrap();
            all.iter().filter(|row| row.reason == "password_reset").count()
        };
        for _ in 0..5 {
            ask(stranger, &address("n-ew")).await;
            assert_eq!(written().await, 1);
        }
        let first = decoded(&letter(&letters, 1).await);
        let made_at = house.world.real_now() - TimeDelta::minutes(16);
        let aged = house.db.transact(move |tx| async move {
            password_reset::Entity::update_many().col_expr(password_reset::Column::CreatedAt, Expr::value(made_at)).exec(&*tx).await?;
            Ok(Ending::Commit(()))
        });
        aged.await.unwrap();
        for _ in 0..2 {
            ask(stranger, &address("n-ew")).await;
            assert_eq!(written().await, 2);
        }
        // The first is good beside the second.
        let token = first.split_whitespace().find(|word| word.starts_with("zpr_")).unwrap();
        let reset = json!({"reset_token": token, "new_password": "another phrase that only I know"});
        assert_eq!(stranger.post("/v1/password-resets/use", reset).send().await.unwrap().status, 204);
    }
}

on_both! {
    /// A session that ends because its refresh token was used twice is told to its owner (N2).
    async fn whoever_has_lost_a_refresh_token_is_told(market) {
        let (market, letters) = with_post(&market, false).await;
        somebody(&market, "n-ew").await;
        let account = json!({"email": address("n-ew"), "password": PASSWORD});
        let tokens = market.stranger.post("/v1/sessions", account).send().await.unwrap().ok().unwrap();
        let renew = async |token: &Value| market.stranger.post("/v1/sessions/refresh", json!({"refresh_token": token})).send().await.unwrap();
        let next = granted(&renew(&tokens["refresh_token"]).await, 201).clone();
        granted(&renew(&next["refresh_token"]).await, 201);
        refused(&renew(&tokens["refresh_token"]).await, 401, "refresh_invalid");
        let said = decoded(&letter(&letters, 1).await);
        assert!(said.contains("used twice"), "{said}");
    }
}
