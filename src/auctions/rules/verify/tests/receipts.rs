//! Receipts held against courses.

use super::*;

/// Whoever keeps the log and forges it by the rules still does not have what was signed.
#[test]
fn a_receipt_shows_what_the_rules_cannot() {
    let story = sale();
    let higher = dearer(&story.course());
    assert_eq!(verify(&higher, &[], |_| {}), Ok(()));
    assert_eq!(found(&higher, &story.receipts()), (Wrong::ReceiptDiffers, Some(6)));
    let later = reforged(&story.course(), |events| events[3].at = at(101));
    assert_eq!(found(&later, &story.receipts()), (Wrong::ReceiptDiffers, Some(4)));
}

#[test]
fn a_receipt_that_does_not_belong_to_the_course_is_named() {
    let story = sale();
    let signed = |said: BidStatement, by: u8| issue(&[said], &key(by), at(2));
    let bid = || story.said[0].clone();
    let cases = [
        (signed(BidStatement { lot_id: LotId(Uuid::from_u128(9)), ..bid() }, 1), Wrong::ReceiptOfAnotherLot, 4),
        (signed(bid(), 3), Wrong::ReceiptKeyUnknown, 4),
        (signed(BidStatement { seq: 3, ..bid() }, 1), Wrong::ReceiptWithoutBid, 3),
        (signed(BidStatement { seq: 70, ..bid() }, 1), Wrong::ReceiptWithoutBid, 70),
        (signed(BidStatement { price: Money::fen(10_001), ..bid() }, 1), Wrong::ReceiptDiffers, 4),
        (signed(BidStatement { log_hash: "00".repeat(32), ..bid() }, 1), Wrong::ReceiptDiffers, 4),
    ];
    for (receipts, wrong, seq) in cases {
        assert_eq!(found(&story.course(), &receipts), (wrong, Some(seq)));
    }
    let touched = SignedReceipt { statement: BidStatement { seq: 5, ..bid() }, ..signed(bid(), 1).remove(0) };
    assert_eq!(found(&story.course(), &[touched]), (Wrong::ReceiptPath, Some(5)));
    // An earlier key of the platform is as good.
    assert_eq!(verify(&story.course(), &signed(bid(), 2), |_| {}), Ok(()));
}
