//! Receipts of bids, held against the bids of the log.

use super::fault::{Fault, Place, Wrong, difference};
use super::maxima::Maxima;
use super::{Passed, Read, offered};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::receipt::{self, BidStatement, SignedReceipt};
use crate::platform::keys::hex;

/// Holds receipts of bids against a course with this log, telling what passes, up to the first thing wrong.
pub(super) fn hold_bids(
    course: &LotCourse,
    log: &[Read],
    maxima: &Maxima,
    receipts: &[SignedReceipt],
    mut passed: impl FnMut(Passed),
) -> Result<(), Fault> {
    for (number, receipt) in (1..).zip(receipts) {
        let kid = held_against(course, log, maxima, number, receipt)?;
        passed(Passed::Receipt { seq: receipt.statement.seq, kid });
    }
    Ok(())
}

/// The key that signed a receipt, if it is sound and says of a bid what the course says.
fn held_against(course: &LotCourse, log: &[Read], maxima: &Maxima, number: usize, receipt: &SignedReceipt) -> Result<String, Fault> {
    let said = &receipt.statement;
    let place = Place::Receipt { number, seq: said.seq };
    let kid = receipt::check(receipt, &course.receipt_keys.keys).map_err(|unsound| Wrong::from(unsound).at(place, ""))?;
    if said.lot_id != course.lot.id {
        return Err(Wrong::ReceiptOfAnotherLot.at(place, said.lot_id.to_string()));
    }
    let Some((event, body)) = log.iter().find(|(event, _)| event.seq == said.seq) else {
        return Err(Wrong::ReceiptWithoutBid.at(place, ""));
    };
    let Some(offered) = offered(body) else { return Err(Wrong::ReceiptWithoutBid.at(place, "")) };
    let due = BidStatement {
        arrived_at: event.at,
        bidder: offered.bidder.into(),
        // A lot that is bought ends as it is.
        closes_at: offered.closes_at.unwrap_or(event.at),
        commitment: offered.commitment.map(Into::into),
        log_hash: hex(&event.hash),
        lot_id: event.lot_id,
        maximum: offered.commitment.and_then(|_| maxima.signed(said.seq, said.maximum)),
        price: offered.price,
        seq: event.seq,
    };
    if *said == due { Ok(kid) } else { Err(Wrong::ReceiptDiffers.at(place, difference(said, &due))) }
}
