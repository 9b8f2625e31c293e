#![allow(clippy::unwrap_used)]

use std::fs;

use serde_json::json;

use super::compare::compare;
use super::ebay::{after_days, mark_refusable};
use super::sealed::{Paying, best_of_each};
use super::*;

fn bid(second: i64, bidder: &str, yuan: i64) -> Bid {
    let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
    Bid { auction: "1".into(), at, price: Money::fen(yuan * 100), bidder: bidder.into(), refusable: None }
}

/// A folder with these tables.
fn folder(tables: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in tables {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const AUCTIONS: &str = "\
auctionid,auction_type,openbid,recorded_price,expected_winner,rule_price,second_highest_bid,class,inferred_reserve
10,3 day auction,99,177.5,a,177.5,175,exact,
11,7 day auction,1,40,b,31,30,reserve_inferred,40
12,5 day auction,1,9,,1,,identity_hidden,
13,5 day auction,5,5,c,5,,exact,
1650483277,3 day auction,1,4,a,4,3,exact,
";

const BIDS: &str = "\
auctionid,bid,bidtime,bidder
11,30,0.5,a
10,180,2.25,a
10,175,1,b
11,40,6.9,b
12,9,1,Private
13,8,0.1,c
10,100,2.5,b
";

fn ebay() -> tempfile::TempDir {
    folder(&[("auctions.csv", AUCTIONS), ("bids.csv", BIDS), ("increment_table_2003.csv", "price_from,increment\n0.01,0.05\n1.00,0.25\n")])
}

#[test]
fn days_are_read_as_decimals_to_the_microsecond() {
    assert_eq!(after_days("1.237418982").unwrap().timestamp_micros(), 106_913_000_044);
    assert_eq!(after_days("0.1").unwrap().timestamp_micros(), 8_640_000_000);
    assert!(after_days("soon").is_err());
}

#[test]
fn ebay_auctions_are_read_under_the_recorded_rules() {
    let record = super::ebay::read(ebay().path()).unwrap();
    assert_eq!(record.opened_at(), None);
    assert_eq!(record.left_out, ["auction 12: who bid is not on record"]);
    let ids: Vec<_> = record.auctions.iter().map(|auction| auction.id.as_str()).collect();
    assert_eq!(ids, ["10", "11", "13", "1650483277"]);
    let [exact, inferred, _, without_step] = record.auctions.as_slice() else { panic!("{ids:?}") };
    assert_eq!((exact.price, exact.reserve, exact.base_price), (Money::fen(17_750), None, Money::fen(9_900)));
    assert_eq!((inferred.price, inferred.reserve), (Money::fen(4_000), Some(Money::fen(4_000))));
    assert_eq!(exact.auction["free_period_seconds"], 3 * 86_400);
    assert_eq!(exact.auction["step"]["rungs"][1], json!({"from": Money::fen(100), "step": Money::fen(25)}));
    assert_eq!((&exact.auction["enforce_step"], &without_step.auction["enforce_step"]), (&json!(true), &json!(false)));
    let order: Vec<_> = record.bids.iter().map(|bid| (bid.auction.as_str(), bid.price.minor)).collect();
    assert_eq!(order, [("13", 800), ("11", 3_000), ("10", 17_500), ("10", 18_000), ("10", 10_000), ("11", 4_000)]);
}

/// Which of these bids may be refused, were they of this auction.
fn marked<const N: usize>(mark: fn(&mut [Bid]), auction: &str, bids: [(&str, i64); N]) -> [bool; N] {
    let mut bids = bids.map(|(who, yuan)| Bid { auction: auction.into(), ..bid(0, who, yuan) });
    mark(&mut bids);
    bids.map(|bid| bid.refusable.is_some())
}

#[test]
fn what_changes_nothing_may_be_refused() {
    let bids = [("a", 100), ("a", 100), ("b", 90), ("a", 120), ("c", 90), ("c", 95), ("b", 95)];
    assert_eq!(marked(mark_refusable, "10", bids), [false, true, false, false, false, false, false]);
    assert_eq!(marked(mark_refusable, "3019119068", bids), [false, true, false, false, true, false, true]);
}

/// It is what one auction is known for; were it refused in another, that would be a fault of ours.
#[test]
fn a_leader_s_own_bid_may_be_refused_in_one_auction_alone() {
    let bids = [("a", 1_000), ("b", 999), ("a", 998), ("a", 997)];
    assert_eq!(marked(super::reverse::mark_refusable, "3", bids), [false; 4]);
    assert_eq!(marked(super::reverse::mark_refusable, "15", bids), [false, false, false, true]);
}

#[test]
fn of_equal_bids_of_one_bidder_the_first_is_his_best() {
    let bids = [(1, "b", 5), (2, "a", 9), (3, "b", 9), (4, "a", 9), (5, "b", 7)].map(|(at, who, yuan)| bid(at, who, yuan));
    let best: Vec<_> = best_of_each(&bids).iter().map(|bid| (bid.at.timestamp(), bid.bidder.clone())).collect();
    assert_eq!(best, [(2, "a".to_owned()), (3, "b".to_owned())]);
}

#[test]
fn the_sealed_price_is_the_best_or_the_second_best() {
    let folder = ebay();
    let prices = |paying| {
        let record = super::sealed::read(folder.path(), paying).unwrap();
        record.auctions.iter().take(3).map(|auction| auction.price.minor).collect::<Vec<_>>()
    };
    assert_eq!(prices(Paying::First), [18_000, 4_000, 800]);
    assert_eq!(prices(Paying::Second), [17_500, 3_000, 500]);
}

#[test]
fn procurement_is_played_downwards_open_or_sealed_at_its_own_amounts() {
    let folder = folder(&[
        (
            "auctions.csv",
            "auction_id,kind,start_price_usd,start,end,expected_winning_amount,expected_winner\n\
             3,open,3500,2016-01-11T18:00:00+00:00,2016-01-12T22:00:00+00:00,998,a\n\
             12,sealed,3500,2016-02-24T18:00:00+00:00,2016-02-26T18:00:00+00:00,299,b\n",
        ),
        (
            "bids.csv",
            "auction_id,time,amount_usd,bidder\n3,2016-01-11T18:09:51+00:00,1000,a\n3,2016-01-11T18:10:00+00:00,999,b\n\
             3,2016-01-11T18:10:01+00:00,998,a\n3,2016-01-11T18:10:02+00:00,997,a\n12,2016-02-24T18:15:14+00:00,299,b\n",
        ),
    ]);
    let record = super::reverse::read(folder.path()).unwrap();
    let [open, sealed] = record.auctions.as_slice() else { panic!("{:?}", record.auctions) };
    assert_eq!((open.base_price, open.price), (Money::fen(349_900), Money::fen(99_800)));
    assert_eq!((sealed.base_price, sealed.price), (Money::fen(349_900), Money::fen(29_900)));
    assert_eq!(sealed.auction["direction"], "descending");
    assert_eq!(sealed.auction["free_period_seconds"], 2 * 86_400);
    assert_eq!(record.bids[4].price, Money::fen(29_900));
}

#[test]
fn a_record_is_played_in_its_own_time_or_from_now_on() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
    let record = super::ebay::read(ebay().path()).unwrap();
    let (first, length) = (record.bids[0].at, record.auctions[0].end - record.auctions[0].start);
    let played = record.clone().playable_from(now).unwrap();
    assert_eq!((played.auctions[0].start, played.auctions[1].start), (now, now + APART));
    assert_eq!(played.auctions[0].end - now, length);
    // It is of the third auction.
    assert_eq!((played.bids[0].auction.as_str(), played.bids[0].at - first), ("13", now - DateTime::UNIX_EPOCH + APART * 2));
    let dated = Record { dated: true, ..record };
    assert!(dated.clone().playable_from(now).is_err());
    assert_eq!(dated.playable_from(DateTime::UNIX_EPOCH).unwrap().bids[0].at, first);
}

#[test]
fn bidders_are_known_by_auction_in_the_order_of_their_first_bids() {
    let record = super::ebay::read(ebay().path()).unwrap();
    let bidders = record.bidders().unwrap();
    assert_eq!((&bidders["10"], &bidders["11"]), (&vec!["b".to_owned(), "a".to_owned()], &vec!["a".to_owned(), "b".to_owned()]));
    let strange = Record { auctions: Vec::new(), ..record };
    assert!(strange.bidders().is_err());
}

#[test]
fn everything_that_came_out_otherwise_is_named() {
    let record = super::ebay::read(ebay().path()).unwrap();
    let auction = &record.auctions[0];
    let lot = |price: &str| json!({"state": "closed_sold", "price": {"amount": price}, "leader": "竞买人 1", "closes_at": auction.end, "bid_count": 3});
    assert_eq!(compare(auction, &lot("177.50"), Some("竞买人 1"), Vec::new()).differences, Vec::<String>::new());
    let outcome = compare(auction, &lot("177.49"), Some("竞买人 2"), vec!["a bid was refused".into()]);
    assert_eq!(
        outcome.differences,
        ["a bid was refused", "the final price is 177.49, recorded 177.50", "the winner is 竞买人 1, recorded 竞买人 2"]
    );
    assert!(outcome.line.starts_with("FAILED"));
}
