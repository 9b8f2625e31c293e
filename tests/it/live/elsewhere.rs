//! A lot's feed at other servers than the one it is bid at, and behind whatever stands between.

use super::{a_lot_and_two_bidders, bid_in_turn, join};
use crate::common::database::has_postgres;
use crate::common::feeds::{soon, to_and_fro, watch_by_way_of};
use crate::common::play::{Watch, through};
use crate::common::proxy::Proxy;
use crate::common::{Base, Market};
use crate::on_both;

/// A watcher goes from one server to the other and back while it is bid at both; what he is told joins.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_feed_goes_on_at_another_server() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let (lot, one, two) = a_lot_and_two_bidders(&market).await;
    let two = through(&door, &two);
    let known = Watch::newly(&market.server.url(), &lot).await.step().await.unwrap().id;
    let bids = tokio::spawn({
        let lot = lot.clone();
        async move { bid_in_turn(&lot, [&one, &two], 0..60).await }
    });
    let urls = [second.url(), market.server.url()];
    let open = async |server: &str, after: i64| Watch::open(server, &lot, Some(after)).await;
    let steps = to_and_fro([&urls[0], &urls[1]], known, open, |said| said.last().is_some_and(|last| last.id >= known + 60)).await;
    assert_eq!(join(&steps, known), known + 60);
    bids.await.unwrap();
    second.stop().await;
}

/// Wherever it was placed; each is waited for before the next, or one step would tell of several.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bid_is_told_at_every_server_within_a_second_of_its_receipt() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let (second, door) = market.second_server().await;
    let (lot, one, two) = a_lot_and_two_bidders(&market).await;
    let two = through(&door, &two);
    let mut here = Watch::newly(&market.server.url(), &lot).await;
    let mut there = Watch::newly(&second.url(), &lot).await;
    let known = here.step().await.unwrap().id;
    assert_eq!(there.step().await.unwrap().id, known);
    for (round, known) in (0..12).zip(known..) {
        bid_in_turn(&lot, [&one, &two], round..round + 1).await;
        let (told_here, told_there) = tokio::join!(soon(&mut here), soon(&mut there));
        for step in [told_here, told_there] {
            assert_eq!(join(&[step], known), known + 1);
        }
    }
    second.stop().await;
}

on_both! {
    /// What was missed comes in one step that no piece has room for, and then bid by bid.
    async fn the_feed_is_never_compressed_nor_held_back_by_a_proxy(market) {
        let (lot, one, two) = a_lot_and_two_bidders(&market).await;
        bid_in_turn(&lot, [&one, &two], 0..30).await;
        let proxy = Proxy::before_server(&market.server.url()).await;
        let mut watch = watch_by_way_of(&proxy, &format!("/v1/lots/{lot}/stream"), Some(0)).await;
        let missed = soon(&mut watch).await;
        assert!(missed.data.to_string().len() > 8 << 10);
        let known = join(&[missed], 0);
        for (round, known) in (30..36).zip(known..) {
            bid_in_turn(&lot, [&one, &two], round..round + 1).await;
            let step = soon(&mut watch).await;
            assert_eq!(join(&[step], known), known + 1);
        }
    }
}
