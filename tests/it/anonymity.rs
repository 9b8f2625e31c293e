//! What is told of a lot before its result is public holds nothing by which a bidder is known again in another lot.

use std::collections::BTreeSet;

use serde_json::Value;
use zhepai::play::Party;

use crate::authz::announced;
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{Watch, bid, granted};
use crate::on_both;

const LOTS: usize = 20;

/// Everything a text says: the values of its members, whatever they are.
fn values(of: &Value, found: &mut BTreeSet<String>) {
    match of {
        Value::Array(items) => items.iter().for_each(|item| values(item, found)),
        Value::Object(members) => members.values().for_each(|member| values(member, found)),
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Number(number) => {
            found.insert(number.to_string());
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// The values that stand in every lot with a bidder and in none without: by these he would be known again.
fn links(said: &[(Vec<usize>, BTreeSet<String>)], bidder: usize) -> BTreeSet<String> {
    let (with, without): (Vec<_>, Vec<_>) = said.iter().partition(|(bidders, _)| bidders.contains(&bidder));
    let mut common = with[0].1.clone();
    for (_, told) in &with[1..] {
        common.retain(|value| told.contains(value));
    }
    common.retain(|value| !without.iter().any(|(_, told)| told.contains(value)));
    common
}

/// What everybody is told of a lot now.
async fn public(market: &Market, lot: &str, more: &[&str], found: &mut BTreeSet<String>) {
    for place in ["", "/bids", "/events", "/timeline"].iter().chain(more) {
        values(&market.stranger.get(&format!("/v1/lots/{lot}{place}")).await.unwrap(), found);
    }
    let events = market.stranger.get(&format!("/v1/lots/{lot}/events")).await.unwrap();
    let count = events.as_array().unwrap().len();
    let mut feed = Watch::open(&market.server.url(), lot, None).await;
    for said in feed.take(count).await {
        values(&said.data, found);
    }
}

async fn bids_of_both(one: &Party, other: &Party, lot: &str) {
    for (bidder, price) in [(one, "10000.00"), (other, "10100.00"), (one, "10200.00"), (other, "10300.00")] {
        granted(&bid(&bidder.client, lot, price).await, 201);
    }
}

on_both! {
    async fn heavy_nobody_is_known_again_over_twenty_lots(market) {
        let seller = university(&market).await;
        let mut firms = Vec::new();
        for number in 1..=4 {
            firms.push(enterprise(&market, &format!("firm-{number}"), number).await);
        }
        let pairs = [[0, 1], [2, 3], [3, 0], [1, 2], [0, 2], [3, 1]];
        let mut lots = Vec::new();
        for number in 0..LOTS {
            let pair = pairs[number % pairs.len()];
            let bidders = [&firms[pair[0]], &firms[pair[1]]];
            lots.push((pair, announced(&market, &seller, &format!("第{number}种技术"), &bidders).await.lot));
        }
        market.pass(2).await;
        let mut said = Vec::new();
        for ([one, other], lot) in &lots {
            bids_of_both(&firms[*one], &firms[*other], lot).await;
            let mut told = BTreeSet::new();
            public(&market, lot, &[], &mut told).await;
            said.push((vec![*one, *other], told));
        }
        market.pass(25 * 60).await;
        let inbox = seller.client.get("/v1/inbox?limit=100").await.unwrap();
        let items = inbox["items"].as_array().unwrap();
        assert!(!items.is_empty());
        for ((_, lot), (_, told)) in lots.iter().zip(&mut said) {
            public(&market, lot, &["/course"], told).await;
            items.iter().filter(|item| item.to_string().contains(lot)).for_each(|item| values(item, told));
        }
        for (bidder, firm) in firms.iter().enumerate() {
            assert_eq!(links(&said, bidder), BTreeSet::new(), "{} is known again", firm.name);
        }
        // What would link him is found by this.
        let mut leaked = said.clone();
        leaked.iter_mut().filter(|(bidders, _)| bidders.contains(&2)).for_each(|(_, told)| {
            told.insert(firms[2].organisation.clone());
        });
        assert_eq!(links(&leaked, 2), BTreeSet::from([firms[2].organisation.clone()]));
    }
}
