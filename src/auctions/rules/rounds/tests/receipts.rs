//! Receipts of first offers.

use entity::money::Money;

use super::{Play, key, name};
use crate::auctions::rules::reserve;
use crate::auctions::rules::rounds::counts_at;
use crate::auctions::rules::rounds::first_receipt::{self, FirstOfferReceipt, FirstOfferStatement};
use crate::auctions::rules::tests::at;
use crate::auctions::rules::verify::{Wrong, hold_first_offers};
use crate::auctions::rules::{rounds, sealed};
use crate::platform::keys::hex;

fn signed(statement: FirstOfferStatement) -> FirstOfferReceipt {
    let jws = first_receipt::sign(&statement, &key(), at(0));
    FirstOfferReceipt::of(statement, jws)
}

/// The receipt for a first offer as the lot stands.
fn receipt(play: &Play, who: u128, fen: i64, second: i64) -> FirstOfferReceipt {
    let salt = [0; 16];
    signed(FirstOfferStatement {
        arrived_at: at(second),
        bidder: name(who),
        commitment: reserve::commitment(&salt, Money::fen(fen)),
        log_hash: hex(&play.lot.head_hash),
        lot_id: play.lot.id,
        price: Money::fen(fen),
        salt: hex(&salt),
    })
}

#[test]
fn it_holds_where_the_offer_or_a_later_one_of_its_bidder_was_opened() {
    let mut play = Play::announced();
    play.seals(1, 10_000, -800);
    let replaced = receipt(&play, 1, 10_000, -800);
    play.seals(1, 11_000, -700);
    let counts = receipt(&play, 1, 11_000, -700);
    let never = [receipt(&play, 1, 13_000, -600), receipt(&play, 2, 10_000, -600)];
    play.passes(at(0));
    let unheard = receipt(&play, 1, 11_000, -700);
    play.ends();
    let course = play.course();
    let held = |receipt: &FirstOfferReceipt| hold_first_offers(&course, std::slice::from_ref(receipt), |_| {}).map_err(|fault| fault.wrong);
    assert_eq!((held(&replaced), held(&counts)), (Ok(()), Ok(())));
    assert_eq!(never.map(|receipt| held(&receipt)), [Err(Wrong::ReceiptWithoutBid); 2]);
    assert_eq!(held(&unheard), Err(Wrong::ReceiptDiffers), "it names what came after the opening");
    let dearer = FirstOfferStatement { price: Money::fen(12_000), ..counts.statement.clone() };
    assert_eq!(held(&signed(dearer.clone())), Err(Wrong::ReceiptDiffers));
    assert!(held(&FirstOfferReceipt { statement: dearer, ..counts.clone() }).is_err(), "it was not signed");

    // Of two that claim one instant one is made up.
    let twin = FirstOfferStatement { price: Money::fen(12_000), arrived_at: counts.statement.arrived_at, ..replaced.statement.clone() };
    let twin = FirstOfferStatement { commitment: reserve::commitment(&[0; 16], twin.price), ..twin };
    assert_eq!(held(&signed(twin)), Err(Wrong::ReceiptWithoutBid));

    let mut other = Play::opened(&[]);
    other.ends();
    assert!(hold_first_offers(&other.course(), &[counts], |_| {}).is_err());
}

#[test]
fn of_one_bidders_first_offers_no_two_arrive_at_one_instant() {
    let microsecond = chrono::TimeDelta::microseconds(1);
    assert_eq!(counts_at(at(5), None, None), at(5));
    assert_eq!(counts_at(at(5), Some(at(5)), None), at(5), "another's");
    assert_eq!(counts_at(at(5), Some(at(5)), Some(at(5))), at(5) + microsecond);
    assert_eq!(counts_at(at(5), Some(at(6)), Some(at(4))), at(6), "in the order they were sealed");
}

#[test]
fn it_is_told_from_those_of_other_bids() {
    let play = Play::announced();
    let ours = receipt(&play, 1, 10_000, -800);
    let text = serde_json::to_string(&ours).unwrap();
    assert_eq!(first_receipt::read(&text), Some(ours.clone()));
    assert_eq!(first_receipt::read(&serde_json::json!({"receipt": ours}).to_string()), Some(ours));
    assert!(sealed::receipt::read(&text).is_none() && rounds::receipt::read(&text).is_none());
}
