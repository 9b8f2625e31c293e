//! A legal status grows old: the seller is told before bidding opens, and nobody else.

use chrono::TimeDelta;
use entity::money::{Currency, Money};
use serde_json::{Value, json};
use zhepai::play::{read_status, text};

use crate::common::fixtures;
use crate::on_both;

on_both! {
    async fn the_seller_is_told_of_a_status_that_will_be_stale_at_the_opening(market) {
        let seller = fixtures::university(&market).await;
        let opens = market.staff.now().await.unwrap() + TimeDelta::days(12);
        let published = fixtures::lot(&market, &seller, "ZL201610200331.9", fixtures::rehearsal(Money::parse("100.00", Currency::Cny).unwrap(), opens)).await;
        let listing = format!("/v1/listings/{}", published.listing);
        let asset = text(&seller.client.get(&listing).await.unwrap()["assets"][0]["asset_id"]);
        let told = async |client: &zhepai::client::Client| client.get(&listing).await.unwrap()["stale_at_opening"].clone();

        // Read on the day of publication and good for seven days, but nobody need act yet.
        assert_eq!(told(&seller.client).await, Value::Null);
        market.staff.move_clock(opens - TimeDelta::days(3)).await.unwrap();
        assert_eq!(told(&seller.client).await, json!([asset]));
        assert_eq!(told(&market.staff.reviewer).await, json!([asset]));
        assert_eq!(told(&market.stranger).await, Value::Null);

        read_status(&seller, &asset, "granted").await.unwrap();
        assert_eq!(told(&seller.client).await, Value::Null);
    }
}

on_both! {
    async fn a_lot_opens_with_a_stale_status_and_its_date(market) {
        let seller = fixtures::university(&market).await;
        let read_at = market.staff.now().await.unwrap();
        let opens = read_at + TimeDelta::days(12);
        let published = fixtures::lot(&market, &seller, "ZL201610200331.9", fixtures::rehearsal(Money::parse("100.00", Currency::Cny).unwrap(), opens)).await;
        let bidder = fixtures::enterprise(&market, "bidder", 1).await;
        zhepai::play::admit(&bidder, &market.staff, &published.lot).await.unwrap();
        market.staff.move_clock(opens + TimeDelta::seconds(1)).await.unwrap();

        let lot = market.stranger.get(&format!("/v1/lots/{}", published.lot)).await.unwrap();
        assert_eq!(lot["state"], "open_free");
        let listing = market.stranger.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        let as_of = zhepai::play::instant(&listing["assets"][0]["as_of"]);
        assert!((as_of - read_at).abs() < TimeDelta::minutes(1), "{as_of}");
        // Once bidding has opened there is nothing to warn of.
        let own = seller.client.get(&format!("/v1/listings/{}", published.listing)).await.unwrap();
        assert_eq!(own["stale_at_opening"], Value::Null);
    }
}
