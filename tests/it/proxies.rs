//! Bids that are maxima: nobody learns before the close how far anybody would go, nor ever how far the winner would have gone.

use entity::auctions::{LotState, lot};
use entity::ids::LotId;
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::auctions::rules::receipt::{self, SignedReceipt};
use zhepai::auctions::rules::verify::{Wrong, verify};
use zhepai::auctions::store;
use zhepai::client::Client;
use zhepai::platform::db::{self, Ending};
use zhepai::play::{Party, admit, text};

use crate::common::Market;
use crate::common::database::Dump;
use crate::common::fixtures::{self, enterprise, university};
use crate::common::play::{Watch, bid, cny, course, granted, is_by_the_rules, is_whole, log, money, of_kind, refused};
use crate::common::rebuilt::row_follows_from_log;
use crate::on_both;

const START: Money = Money::fen(1_000_000);
/// Amounts that are nowhere by chance.
const LOSING: Money = Money::fen(543_210_987);
const WINNING: Money = Money::fen(765_432_109);
const RAISED: Money = Money::fen(876_543_211);

/// A lot open for maxima, with the bidders admitted.
async fn opened(market: &Market, seller: &Party, bidders: &[&Party]) -> String {
    let opens = market.staff.now().await.unwrap() + chrono::TimeDelta::minutes(1);
    let mut offer = fixtures::rehearsal(START, opens);
    offer["auction"]["proxy"] = json!(true);
    let lot = fixtures::lot(market, seller, "ZL201610200331.9", offer).await.lot;
    for bidder in bidders {
        admit(bidder, &market.staff, &lot).await.unwrap();
    }
    market.pass(2).await;
    lot
}

/// A maximum that counts; the answer.
async fn places(bidder: &Client, lot: &str, maximum: Money) -> Value {
    granted(&bid(bidder, lot, &maximum.decimal()).await, 201).clone()
}

/// How an amount could be written down: as the API says it, as a number.
fn spelled(amount: Money) -> [String; 2] {
    [amount.decimal(), amount.minor.to_string()]
}

/// Everything that is told of a lot, to whom it may be.
async fn told(market: &Market, lot: &str, clients: &[&Client]) -> String {
    let mut told = String::new();
    for client in clients {
        for place in ["", "/bids", "/events", "/timeline"] {
            told += &client.get(&format!("/v1/lots/{lot}{place}")).await.unwrap().to_string();
        }
    }
    for place in ["/v1/lots", "/v1/listings"] {
        told += &market.stranger.get(place).await.unwrap().to_string();
    }
    for mut feed in [Watch::newly(&market.server.url(), lot).await, Watch::open(&market.server.url(), lot, None).await] {
        told += &feed.step().await.unwrap().data.to_string();
    }
    let count = log(&market.stranger, lot).await.len();
    for said in Watch::open(&market.server.url(), lot, None).await.take(count).await {
        told += &said.data.to_string();
    }
    told
}

/// Sees that amounts stand in nothing that is told, and in no table.
async fn are_hidden(market: &Market, lot: &str, clients: &[&Client], amounts: &[Money]) {
    let told = told(market, lot, clients).await;
    let dump = Dump::of(market.house().db.read()).await;
    for amount in amounts {
        for word in spelled(*amount) {
            assert!(!told.contains(&word), "{word} in {told}");
            assert_eq!(dump.with(word.as_bytes()), Vec::<&str>::new(), "{word}");
        }
        assert_eq!(dump.with(&amount.minor.to_be_bytes()), Vec::<&str>::new(), "{amount}");
    }
}

on_both! {
    async fn a_maximum_is_told_nobody_before_the_close_and_the_winners_never(market) {
        let (seller, one, two) = (university(&market).await, enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let lot = opened(&market, &seller, &[&one, &two]).await;
        let read = market.stranger.get(&format!("/v1/lots/{lot}")).await.unwrap();
        assert_eq!((&read["terms"]["proxy"], &read["terms"]["multiples_only"]), (&json!(true), &json!(false)));

        let first = places(&one.client, &lot, LOSING).await;
        assert_eq!((&first["price"], &first["maximum"], &first["leader"]), (&json!(START), &json!(LOSING), &first["bidder"]));
        are_hidden(&market, &lot, &[&market.stranger, &seller.client, &two.client, &market.staff.supervisor], &[LOSING]).await;
        // The leader is told what his own raise must beat; anybody else only what beats the price.
        assert_eq!(money(&refused(&bid(&one.client, &lot, "20000.00").await, 422, "too_low")["at_least"]).minor, LOSING.minor + 1);
        assert_eq!(refused(&bid(&two.client, &lot, "10099.99").await, 422, "too_low")["at_least"], cny("10100.00"));

        // A rehearsal that would ask the leader's maximum out of him is told nothing.
        for amount in [LOSING.minor - 1, LOSING.minor, entity::money::MAX_MINOR] {
            let meant = json!({"price": Money::fen(amount), "confirmed": true});
            let call = two.client.post(&format!("/v1/lots/{lot}/bids?dry_run=true"), meant);
            let rehearsed = call.send().await.unwrap();
            let answer = granted(&rehearsed, 200);
            assert_eq!((&answer["price"], &answer["leader"]), (&json!(START), &Value::Null), "{amount}");
        }
        let beaten = places(&two.client, &lot, Money::fen(2_000_000)).await;
        assert_eq!((&beaten["price"], &beaten["leader"]), (&cny("20100.00"), &first["bidder"]));
        let place = format!("/v1/lots/{lot}/bids");
        // How far is too far follows from the price that stands, far below what is hidden.
        let slip = two.client.post(&place, json!({"price": WINNING})).key("the-winning-bid").send().await.unwrap();
        let slip = refused(&slip, 409, "unconfirmed_jump");
        assert_eq!((&slip["jump_limit"], &slip["confirm_with"]), (&cny("201000.00"), &json!("confirmed")));
        let meant = json!({"price": WINNING, "confirmed": true});
        let ask = async || two.client.post(&place, meant.clone()).key("the-winning-bid").send().await.unwrap();
        let taken = ask().await;
        let taken = granted(&taken, 201);
        let price = Money::fen(LOSING.minor + 10_000);
        assert_eq!((&taken["price"], &taken["leader"], &taken["maximum"]), (&json!(price), &taken["bidder"], &json!(WINNING)));
        assert_eq!(granted(&ask().await, 201), taken, "who asks again is told the very same");
        let raised = places(&two.client, &lot, RAISED).await;
        assert_eq!(raised["price"], json!(price));
        let outside = [&market.stranger, &seller.client, &one.client, &market.staff.supervisor];
        are_hidden(&market, &lot, &outside, &[LOSING, WINNING, RAISED]).await;
        let bids = market.stranger.get(&place).await.unwrap();
        assert_eq!((&bids["items"][0]["price"], &bids["items"][0]["leader"]), (&json!(price), &taken["bidder"]));

        market.pass(25 * 60).await;
        are_hidden(&market, &lot, &outside, &[WINNING, RAISED]).await;
        let events = log(&market.stranger, &lot).await;
        is_whole(&lot, &events);
        let [shown] = of_kind(&events, "maxima_opened")[..] else { panic!("{events:?}") };
        // That it is found where it is opened shows that it would have been found before.
        assert_eq!((&shown["body"]["losing"][0]["amount"], &shown["body"]["price"]), (&json!(LOSING), &json!(price)));
        assert_eq!(shown["body"]["winner"].as_array().unwrap().len(), 2);
        assert!(!Dump::of(market.house().db.read()).await.with(LOSING.decimal().as_bytes()).is_empty());

        let course = course(&market.stranger, &lot).await;
        let receipts: Vec<SignedReceipt> =
            [&first, &beaten, taken, &raised].iter().map(|answer| receipt::read(&answer.to_string()).unwrap()).collect();
        assert_eq!(receipts[3].statement.maximum, Some(RAISED));
        assert_eq!(verify(&course, &receipts, |_| {}), Ok(()));
        assert_eq!((course.outcome.state, course.outcome.price), (LotState::ClosedSold, Some(price)));
        assert_eq!(course.outcome.winner, Some(text(&taken["bidder"])));
        let mut silent = course.clone();
        silent.events.retain(|event| !event.body_text.contains("maxima_opened"));
        assert_eq!(verify(&silent, &receipts, |_| {}).unwrap_err().wrong, Wrong::SequenceBroken);
        row_follows_from_log(&market, &lot).await;
    }
}

on_both! {
    /// The row is only a projection: what it hides is in the log, sealed, and is had from there.
    async fn what_a_lot_hides_is_rebuilt_from_its_log(market) {
        let seller = university(&market).await;
        let (one, two, three) =
            (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await, enterprise(&market, "firm-3", 3).await);
        let lot = opened(&market, &seller, &[&one, &two, &three]).await;
        places(&one.client, &lot, Money::fen(5_000_000)).await;
        places(&two.client, &lot, Money::fen(3_000_000)).await;
        let id: LotId = lot.parse().unwrap();
        let row = store::lot(market.house().db.read(), id).await.unwrap().unwrap();
        assert!(row.hidden_sealed.is_some());
        market
            .house()
            .db
            .transact(move |tx| {
                let row = lot::Model { hidden_sealed: None, ..row.clone() };
                async move {
                    db::update(&*tx, row).await?;
                    Ok(Ending::Commit(()))
                }
            })
            .await
            .unwrap();
        // Above the price and the others, below the leader's maximum.
        let beaten = places(&three.client, &lot, Money::fen(4_000_000)).await;
        assert_eq!(beaten["price"], cny("40100.00"));
        market.pass(25 * 60).await;
        is_by_the_rules(&market.stranger, &lot).await;
        let row = store::lot(market.house().db.read(), id).await.unwrap().unwrap();
        assert_eq!((row.state, row.price_minor, row.hidden_sealed), (LotState::ClosedSold, Some(4_010_000), None));
        row_follows_from_log(&market, &lot).await;
    }
}
