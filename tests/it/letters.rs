//! News by letter: what a member chose and no more, stopped with one click, in the end and once.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use entity::ids::PersonId;
use entity::notifications::{MailState, inbox_letter, mail_preference};
use reqwest::Method;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::house::House;
use zhepai::notifications::flows::{CONSUMER, LETTERS};
use zhepai::platform::db::Ending;
use zhepai::platform::outbox;
use zhepai::play::{Party, text};

use crate::authz::{address, choose_letters, join};
use crate::common::Market;
use crate::common::fixtures::enterprise;
use crate::common::play::{PASSWORD, eventually, granted, refused};
use crate::common::post::{PUBLIC, PostOffice, decoded, head, prove_addresses, with_news_by_letter};
use crate::on_both;

/// What has happened is told to whom it concerns, and the letters about it are written.
async fn told(market: &Market) {
    zhepai::house::clockwork::settle(market.house()).await.unwrap();
    zhepai::notifications::flows::tell_all(market.house()).await.unwrap();
    zhepai::notifications::flows::letters::write_all(market.house()).await.unwrap();
}

/// Something of a kind happens to an organisation whose members' addresses are theirs, as an example.
async fn happens(market: &Market, party: &Party, kind: &str) {
    prove_addresses(market.house()).await;
    happens_to_anybody(market, party, kind).await;
}

/// Something of a kind happens to an organisation, as an example.
async fn happens_to_anybody(market: &Market, party: &Party, kind: &str) {
    let given = json!({"kind": kind, "organisation_id": party.organisation});
    market.staff.security.create("/v1/sandbox/events", given).await.unwrap();
    told(market).await;
}

async fn rows(house: &House) -> Vec<inbox_letter::Model> {
    inbox_letter::Entity::find().all(house.db.read()).await.unwrap()
}

/// Makes every try due now.
async fn hasten(house: &House) {
    let then = house.world.real_now() - TimeDelta::seconds(1);
    house
        .db
        .transact(move |tx| async move {
            inbox_letter::Entity::update_many()
                .col_expr(inbox_letter::Column::NextAttemptAt, Expr::value(then))
                .filter(inbox_letter::Column::State.eq(MailState::Pending))
                .exec(&*tx)
                .await?;
            Ok(Ending::Commit(()))
        })
        .await
        .unwrap();
}

/// Waits until no letter waits, making every try due on the way.
async fn all_went_out(house: &House) {
    eventually(async || {
        hasten(house).await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        rows(house).await.iter().all(|row| row.state != MailState::Pending)
    })
    .await;
}

/// Waits until every letter that waits was tried in vain.
async fn all_were_tried(house: &House) {
    eventually(async || {
        // One that is being tried is left alone for longer than one that was put off.
        let soon = house.world.real_now() + TimeDelta::minutes(3);
        let letters = rows(house).await;
        letters.iter().all(|row| row.state != MailState::Pending || (row.attempts == 1 && row.next_attempt_at < soon))
    })
    .await;
}

/// To whom letters went, in order of address.
fn receivers(letters: &[String]) -> Vec<String> {
    let mut found: Vec<_> = letters
        .iter()
        .map(|letter| {
            let (_, after) = letter.split_once("RCPT TO:<").unwrap();
            after.split_once('>').unwrap().0.to_owned()
        })
        .collect();
    found.sort_unstable();
    found
}

/// Where a letter says that letters like it are stopped, at this server.
fn stop_place(letter: &str) -> String {
    let said = head(letter, "List-Unsubscribe").unwrap();
    let address = said.strip_prefix('<').and_then(|said| said.strip_suffix('>')).unwrap();
    assert!(decoded(letter).contains(address), "the text says nothing of {address}");
    address.strip_prefix(PUBLIC).unwrap().to_owned()
}

/// One click, as a program that reads mail makes it: without key and signed in as nobody.
async fn click(market: &Market, place: &str) -> u16 {
    let sent = crate::common::http().post(format!("{}{place}", market.server.url()));
    let sent = sent.header("Content-Type", "application/x-www-form-urlencoded").body("List-Unsubscribe=One-Click");
    sent.send().await.unwrap().status().as_u16()
}

async fn person_of(client: &Client) -> PersonId {
    text(&client.get("/v1/me").await.unwrap()["person"]["id"]).parse().unwrap()
}

fn shut(office: &PostOffice, is_shut: bool) {
    office.shut.store(is_shut, Ordering::Release);
}

on_both! {
    /// In both languages, under a head of its own for each item and reader, and nothing but what is usual.
    async fn a_member_gets_by_letter_what_calls_for_a_deed(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let firm = enterprise(&market, "firm", 1).await;
        happens(&market, &firm, "listing.approved").await;
        happens(&market, &firm, "listing.returned").await;
        all_went_out(market.house()).await;
        let letters = office.news();
        assert_eq!(receivers(&letters), [firm.email.as_str()]);
        let said = decoded(&letters[0]);
        for words in ["项目已退回修改", "The listing was returned to be mended", firm.name.as_str(), "沙盒示例", "from the sandbox"] {
            assert!(said.contains(words), "{words} is missing: {said}");
        }
        let id = rows(market.house()).await[0].id;
        assert_eq!(head(&letters[0], "Message-ID"), Some(format!("<{id}@zhepai.example>")));
        assert_eq!(head(&letters[0], "List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
        assert!(head(&letters[0], "Content-Type").unwrap().starts_with("text/plain"));

        // What really happens is not said to be an example.
        let refuse = format!("/v1/organisations/{}/refuse", firm.organisation);
        market.staff.reviewer.create(&refuse, json!({"reason": "核验后撤回"})).await.unwrap();
        told(&market).await;
        all_went_out(market.house()).await;
        let said = decoded(&office.news()[1]);
        assert!(said.contains("核验已撤回") && said.contains("The organisation was refused") && !said.contains("沙盒"), "{said}");
    }
}

on_both! {
    async fn a_member_gets_what_he_chose(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let firm = enterprise(&market, "firm", 1).await;
        prove_addresses(market.house()).await;
        let standing = firm.client.get("/v1/me/mail-preferences").await.unwrap();
        assert_eq!((&standing["choice"], &standing["letters_go_out"]), (&json!("usual"), &json!(true)));
        let usual = standing["kinds"].as_array().unwrap();
        assert!(usual.contains(&json!("deal.opened")) && !usual.contains(&json!("listing.approved")), "{standing}");

        for (choice, kind, due) in [
            (json!({"choice": "chosen", "kinds": ["listing.approved"]}), "listing.returned", 0),
            (json!({"choice": "chosen", "kinds": ["listing.approved"]}), "listing.approved", 1),
            (json!({"choice": "nothing"}), "listing.returned", 1),
            (json!({"choice": "everything"}), "listing.published", 2),
            (json!({"choice": "usual"}), "listing.published", 2),
            (json!({"choice": "usual"}), "deal.opened", 3),
        ] {
            let chosen = choose_letters(&firm.client, choice.clone()).await;
            assert_eq!(chosen["choice"], choice["choice"]);
            happens(&market, &firm, kind).await;
            all_went_out(market.house()).await;
            assert_eq!(office.news().len(), due, "{kind} under {choice}");
        }

        let put = async |choice: Value, version: i64| {
            firm.client.ask(Method::PUT, "/v1/me/mail-preferences").body(choice).on_version(version).send().await.unwrap()
        };
        let idle = json!({"choice": "usual", "kinds": ["deal.opened"]});
        for wrong in [json!({"choice": "chosen"}), json!({"choice": "chosen", "kinds": []}), idle] {
            assert_eq!(refused(&put(wrong, 7).await, 422, "invalid")["errors"][0]["pointer"], "/kinds");
        }
        let strange = json!({"choice": "chosen", "kinds": ["deal.opened", "staff.appointed"]});
        assert_eq!(refused(&put(strange, 7).await, 422, "invalid")["errors"][0]["pointer"], "/kinds/1");
        refused(&put(json!({"choice": "nothing"}), 1).await, 412, "stale");
    }
}

on_both! {
    /// Looking stops nothing, a click stops what comes and what waits, for him alone.
    async fn one_click_stops_the_letters_of_one_member(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let house = market.house();
        let firm = enterprise(&market, "firm", 1).await;
        join(&market, &firm, "colleague", &["viewer"]).await;
        happens(&market, &firm, "deal.opened").await;
        all_went_out(house).await;
        let letters = office.news();
        assert_eq!(receivers(&letters), [address("colleague"), firm.email.clone()]);
        let his = letters.iter().find(|letter| letter.contains(&format!("RCPT TO:<{}>", firm.email))).unwrap();
        let place = stop_place(his);

        let page = crate::common::http().get(format!("{}{place}", market.server.url())).send().await.unwrap();
        assert_eq!(page.status().as_u16(), 200);
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
        assert!(page.text().await.unwrap().contains("<form method=\"post\">"));
        let choice = async || firm.client.get("/v1/me/mail-preferences").await.unwrap()["choice"].clone();
        assert_eq!(choice().await, "usual");

        shut(&office, true);
        happens(&market, &firm, "deal.opened").await;
        all_were_tried(house).await;
        assert_eq!(click(&market, &place).await, 200);
        assert_eq!(choice().await, "nothing");
        assert_eq!(click(&market, &place).await, 200, "a second click is no fault");
        shut(&office, false);
        happens(&market, &firm, "deal.opened").await;
        all_went_out(house).await;
        assert_eq!(receivers(&office.news()[2..]), [address("colleague"), address("colleague")]);

        // The address leads to nobody else's letters, and he may begin anew.
        assert_eq!(click(&market, &format!("/v1/mail-stops/{}", Uuid::new_v4())).await, 404);
        choose_letters(&firm.client, json!({"choice": "usual"})).await;
        happens(&market, &firm, "deal.opened").await;
        all_went_out(house).await;
        let again = office.news();
        let his = again.iter().rfind(|letter| letter.contains(&format!("RCPT TO:<{}>", firm.email))).unwrap();
        assert_eq!((again.len(), stop_place(his)), (6, place));
    }
}

on_both! {
    /// Also what was written while he was a member.
    async fn nobody_gets_letters_about_an_organisation_he_is_out_of(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let firm = enterprise(&market, "firm", 1).await;
        let (_, removed) = join(&market, &firm, "removed", &["viewer"]).await;
        let (_, suspended) = join(&market, &firm, "suspended", &["viewer"]).await;
        let (barred, _) = join(&market, &firm, "barred", &["viewer"]).await;
        let barred = person_of(&barred).await;
        shut(&office, true);
        happens(&market, &firm, "deal.opened").await;
        assert_eq!(rows(market.house()).await.len(), 4);
        all_were_tried(market.house()).await;
        firm.client.act(&format!("/v1/memberships/{removed}/remove")).await.unwrap();
        firm.client.act(&format!("/v1/memberships/{suspended}/suspend")).await.unwrap();
        market.staff.security.create(&format!("/v1/persons/{barred}/suspend"), json!({"reason": "账号被盗"})).await.unwrap();
        shut(&office, false);
        happens(&market, &firm, "deal.opened").await;
        all_went_out(market.house()).await;
        assert_eq!(receivers(&office.news()), [firm.email.clone(), firm.email.clone()]);
        assert_eq!(rows(market.house()).await.len(), 2, "what nobody wants is not kept");
    }
}

on_both! {
    async fn a_post_office_that_was_shut_gets_each_letter_once_it_is_open(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let firm = enterprise(&market, "firm", 1).await;
        shut(&office, true);
        for kind in ["deal.opened", "listing.returned", "refund.paid"] {
            happens(&market, &firm, kind).await;
        }
        all_were_tried(market.house()).await;
        assert_eq!(office.news().len(), 0);
        shut(&office, false);
        all_went_out(market.house()).await;
        let mut ids: Vec<_> = office.news().iter().map(|letter| head(letter, "Message-ID").unwrap()).collect();
        ids.sort_unstable();
        let mut due: Vec<_> = rows(market.house()).await.iter().map(|row| format!("<{}@zhepai.example>", row.id)).collect();
        due.sort_unstable();
        assert_eq!(ids, due);
        assert_eq!(ids.len(), 3);
    }
}

/// Changes every letter as a server that died, or time, would have left it.
async fn left(house: &House, created_at: DateTime<Utc>) {
    let then = house.world.real_now() - TimeDelta::seconds(1);
    house
        .db
        .transact(move |tx| async move {
            inbox_letter::Entity::update_many()
                .col_expr(inbox_letter::Column::State, Expr::value(MailState::Pending.code()))
                .col_expr(inbox_letter::Column::EndedAt, Expr::value(None::<DateTime<Utc>>))
                .col_expr(inbox_letter::Column::NextAttemptAt, Expr::value(then))
                .col_expr(inbox_letter::Column::CreatedAt, Expr::value(created_at))
                .exec(&*tx)
                .await?;
            Ok(Ending::Commit(()))
        })
        .await
        .unwrap();
}

on_both! {
    /// A server that dies after handing a letter in and before writing that down doubles it, so that both can be told to be one.
    async fn a_letter_that_comes_twice_bears_one_message_id(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let firm = enterprise(&market, "firm", 1).await;
        happens(&market, &firm, "deal.opened").await;
        all_went_out(market.house()).await;
        left(market.house(), market.house().world.real_now()).await;
        all_went_out(market.house()).await;
        let letters = office.news();
        assert_eq!(letters.len(), 2);
        assert_eq!(head(&letters[0], "Message-ID"), head(&letters[1], "Message-ID"));
        assert_eq!(decoded(&letters[0]), decoded(&letters[1]));
    }
}

/// A firm, and news for it that a shut post office did not take and that is so many hours old.
async fn old_news(market: &Market, office: &PostOffice, hours: i64) -> Party {
    let house = market.house();
    let firm = enterprise(market, "firm", 1).await;
    shut(office, true);
    happens(market, &firm, "deal.opened").await;
    all_were_tried(house).await;
    left(house, house.world.real_now() - TimeDelta::hours(hours)).await;
    firm
}

on_both! {
    /// What would come too late is given up, and the operator sees it.
    async fn a_letter_is_tried_as_long_as_it_is_news(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let house = market.house();
        old_news(&market, &office, 48).await;
        eventually(async || rows(house).await[0].state == MailState::GivenUp).await;
        let figures = crate::common::http().get(format!("{}/metrics", market.server.url())).send().await.unwrap().text().await.unwrap();
        assert!(figures.contains("zhepai_inbox_letters_total{outcome=\"given_up\"}"), "{figures}");
        assert_eq!(office.news().len(), 0);
    }
}

on_both! {
    /// A server that was down for days does not tell as news what is none, though the post office is open.
    async fn a_letter_that_is_too_old_is_not_sent(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let house = market.house();
        let firm = old_news(&market, &office, 49).await;
        shut(&office, false);
        eventually(async || rows(house).await[0].state == MailState::GivenUp).await;
        happens(&market, &firm, "listing.returned").await;
        all_went_out(house).await;
        let letters = office.news();
        assert_eq!(letters.len(), 1);
        assert!(decoded(&letters[0]).contains("The listing was returned to be mended"));
    }
}

/// How far a reader of the events has come.
async fn heard(house: &House, reader: &str) -> i64 {
    outbox::heard(house.db.read(), reader).await.unwrap()
}

on_both! {
    /// Be the reader put back: what has its letter gets no second one.
    async fn what_is_read_twice_is_written_once(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let house = market.house();
        let firm = enterprise(&market, "firm", 1).await;
        for _ in 0..3 {
            happens(&market, &firm, "deal.opened").await;
        }
        all_went_out(house).await;
        let back = heard(house, LETTERS).await - 3;
        house
            .db
            .transact(move |tx| async move {
                outbox::set_heard(&*tx, LETTERS, back).await?;
                Ok(Ending::Commit(()))
            })
            .await
            .unwrap();
        told(&market).await;
        assert_eq!(heard(house, LETTERS).await, heard(house, CONSUMER).await);
        all_went_out(house).await;
        assert_eq!((rows(house).await.len(), office.news().len()), (3, 3));
    }
}

on_both! {
    /// Beyond twenty letters an hour the rest is counted in one.
    async fn nobodys_letter_box_is_filled_with_news(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let house = market.house();
        let firm = enterprise(&market, "firm", 1).await;
        for _ in 0..25 {
            happens(&market, &firm, "listing.returned").await;
        }
        eventually(async || rows(house).await.iter().filter(|row| row.state == MailState::Sent).count() == 20).await;
        assert_eq!(office.news().len(), 20);
        let waiting: Vec<_> = rows(house).await.into_iter().filter(|row| row.state == MailState::Pending).collect();
        assert_eq!(waiting.iter().map(|row| (row.item_id, row.more)).collect::<Vec<_>>(), [(None, 5)]);
        assert!(waiting[0].next_attempt_at > house.world.real_now() + TimeDelta::minutes(50));
        all_went_out(house).await;
        let letters = office.news();
        let said = decoded(&letters[20]);
        assert!(letters.len() == 21 && said.contains("另有 5 条") && said.contains("5 more in the inbox"), "{said}");
    }
}

on_both! {
    /// What somebody chose is told to him, and goes with him.
    async fn a_closed_account_leaves_neither_choices_nor_letters(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let db = market.house().db.read();
        let firm = enterprise(&market, "firm", 1).await;
        let (member, _) = join(&market, &firm, "member", &["viewer"]).await;
        let id = person_of(&member).await;
        choose_letters(&member, json!({"choice": "chosen", "kinds": ["deal.opened"]})).await;
        shut(&office, true);
        happens(&market, &firm, "deal.opened").await;
        let held = member.get("/v1/me/data").await.unwrap()["mail_preferences"].clone();
        assert_eq!((&held[0]["organisation_id"], &held[0]["kinds"]), (&json!(firm.organisation), &json!(["deal.opened"])));

        let his = async || {
            let chosen = mail_preference::Entity::find().filter(mail_preference::Column::PersonId.eq(id)).count(db).await.unwrap();
            (chosen, inbox_letter::Entity::find().filter(inbox_letter::Column::PersonId.eq(id)).count(db).await.unwrap())
        };
        assert_eq!(his().await, (1, 1));
        granted(&member.post("/v1/me/close", json!({"password": PASSWORD})).send().await.unwrap(), 200);
        assert_eq!(his().await, (0, 0));
        shut(&office, false);
        happens(&market, &firm, "deal.opened").await;
        all_went_out(market.house()).await;
        assert!(receivers(&office.news()).iter().all(|to| *to == firm.email) && his().await == (0, 0));
    }
}

on_both! {
    /// Where nobody outside could reach what stops them, no news goes by letter; whoever looks is told so.
    async fn no_news_goes_by_letter_that_could_not_be_stopped(market) {
        let (market, letters) = crate::common::post::with_post(&market, false).await;
        let firm = enterprise(&market, "firm", 1).await;
        happens(&market, &firm, "deal.opened").await;
        assert_eq!(firm.client.get("/v1/me/mail-preferences").await.unwrap()["letters_go_out"], false);
        assert_eq!((rows(market.house()).await.len(), letters.lock().unwrap().len()), (0, 0));
        // Nor later: what was told meanwhile is passed over.
        let house = market.house();
        assert_eq!(heard(house, LETTERS).await, heard(house, CONSUMER).await);
        assert!(heard(house, LETTERS).await > 0);
    }
}

on_both! {
    /// Whoever registers with another's address sends him nothing.
    async fn an_address_that_may_be_anybodys_gets_no_news(market) {
        let (market, office) = with_news_by_letter(&market).await;
        let firm = enterprise(&market, "firm", 1).await;
        let told = async || firm.client.get("/v1/me/mail-preferences").await.unwrap()["letters_go_out"].clone();
        assert_eq!(told().await, false);
        happens_to_anybody(&market, &firm, "deal.opened").await;
        all_went_out(market.house()).await;
        assert!(rows(market.house()).await.is_empty() && office.news().is_empty());
        prove_addresses(market.house()).await;
        assert_eq!(told().await, true);
        happens(&market, &firm, "deal.opened").await;
        all_went_out(market.house()).await;
        assert_eq!(office.news().len(), 1);
    }
}
