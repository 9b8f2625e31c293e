//! Lots and bidders at servers in processes of their own.

use chrono::{DateTime, Utc};
use entity::money::Money;
use futures_util::future::join_all;
use zhepai::client::Client;
use zhepai::codes::patent_check_digit;
use zhepai::play::{Party, Staff, publish, register};

use crate::common::fixtures::{achievement, patent_numbered, rehearsal};
use crate::common::play::{log, of_kind};

/// Start price and step of the lots here, fen.
pub const START: i64 = 1_000_000;
/// What a bid must be above the one before, fen.
pub const STEP: i64 = 10_000;

/// How many calls are under way at once where a market is set up.
const AT_ONCE: usize = 6;

/// Does something for each number below a count, several at a time; what came of each, in order.
pub async fn each<T>(count: usize, work: impl AsyncFn(usize) -> T) -> Vec<T> {
    let work = &work;
    let part = move |first: usize| async move {
        let mut done = Vec::new();
        for number in (first..count).step_by(AT_ONCE) {
            done.push((number, work(number).await));
        }
        done
    };
    let mut all: Vec<(usize, T)> = join_all((0..AT_ONCE).map(part)).await.into_iter().flatten().collect();
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, done)| done).collect()
}

/// A published lot of a patent of its own, that ends a day after it opens and no later, whatever is bid.
pub async fn hard_lot(seller: &Party, staff: &Staff, serial: usize, opens: DateTime<Utc>) -> String {
    let body = format!("20161{:07}", serial + 1);
    let number = format!("ZL{body}.{}", patent_check_digit(&body).unwrap());
    let (registered, assets) = register(seller, achievement(), &[patent_numbered(seller, &number)]).await.unwrap();
    let mut offer = rehearsal(Money::fen(START), opens);
    offer["auction"]["closing_mode"] = "hard_close".into();
    publish(seller, staff, offer, &registered, &assets).await.unwrap().lot
}

/// Sees that a lot was sold once, to its leader at its price: one last event, one deal.
pub async fn is_sold_once(reader: &Client, supervisor: &Client, lot: &str) {
    let closed = reader.get(&format!("/v1/lots/{lot}")).await.unwrap();
    assert_eq!(closed["state"], "closed_sold");
    let events = log(reader, lot).await;
    assert_eq!(of_kind(&events, "sold").len(), 1, "{events:?}");
    let deals = supervisor.get(&format!("/v1/deals?lot_id={lot}")).await.unwrap();
    let deals: Vec<_> = deals["items"].as_array().unwrap().iter().map(|deal| (&deal["price"], &deal["pseudonym"])).collect();
    assert_eq!(deals, [(&closed["price"], &closed["leader"])]);
}
