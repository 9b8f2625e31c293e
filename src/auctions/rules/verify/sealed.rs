//! Receipts of sealed bids, held against the bids that were opened.

use entity::Timestamp;

use super::aborted::stays_sealed;
use super::fault::{Fault, Place, Wrong, difference};
use super::{Passed, Read, chain};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::sealed::OpenedBid;
use crate::auctions::rules::sealed::receipt::{self, SealedBidStatement, SealedReceipt};
use crate::platform::keys::hex;

/// Holds receipts of sealed bids against a course, telling what passes, up to the first thing wrong. Whether the course is
/// right in itself is asked by [`super::verify`].
pub fn hold_sealed(course: &LotCourse, receipts: &[SealedReceipt], mut passed: impl FnMut(Passed)) -> Result<(), Fault> {
    let log = chain(course)?;
    for (number, receipt) in (1..).zip(receipts) {
        let (kid, replaced) = held_against(course, &log, Place::SealedReceipt(number), receipt)?;
        passed(Passed::SealedReceipt { bidder: receipt.statement.bidder.clone(), round: receipt.statement.round, replaced, kid });
    }
    Ok(())
}

/// The key that signed a receipt, if it is sound, and the bid it is for was opened, or replaced by a later one that was, with that
/// one's instant, or none ever will be.
fn held_against(course: &LotCourse, log: &[Read], place: Place, receipt: &SealedReceipt) -> Result<(String, Option<Timestamp>), Fault> {
    let said = &receipt.statement;
    let kid = receipt::check(receipt, &course.receipt_keys.keys).map_err(|unsound| Wrong::from(unsound).at(place, ""))?;
    if said.lot_id != course.lot.id {
        return Err(Wrong::ReceiptOfAnotherLot.at(place, said.lot_id.to_string()));
    }
    let is_opening = |body: &Body| matches!(body, Body::BidsOpened { round, .. } if *round == said.round);
    if stays_sealed(log, &said.log_hash) && log.iter().all(|(_, body)| !is_opening(body)) {
        return Ok((kid, None));
    }
    let Some(opened) = opened(log, said) else {
        return Err(Wrong::ReceiptWithoutBid.at(place, format!("none of {} was opened in round {}", said.bidder, said.round)));
    };
    if opened.commitment != said.commitment {
        // Only the last of a bidder counts, so that an earlier one was replaced by it; no two of one bidder arrive at one instant.
        let replaced = said.arrived_at < opened.at;
        return if replaced {
            Ok((kid, Some(opened.at)))
        } else {
            Err(Wrong::ReceiptWithoutBid.at(place, "an earlier one was opened in its stead"))
        };
    }
    let due = SealedBidStatement {
        arrived_at: opened.at,
        bidder: opened.bidder.clone(),
        commitment: opened.commitment.clone(),
        further_units: opened.further_units.clone(),
        log_hash: said.log_hash.clone(),
        lot_id: course.lot.id,
        price: opened.price,
        round: said.round,
        salt: opened.salt.clone(),
    };
    if *said != due {
        return Err(Wrong::ReceiptDiffers.at(place, difference(said, &due)));
    }
    if log.iter().all(|(event, _)| hex(&event.hash) != said.log_hash) {
        return Err(Wrong::ReceiptDiffers.at(place, "no event of the log has the hash it names"));
    }
    Ok((kid, None))
}

/// The bid of its bidder that was opened in its round.
fn opened<'a>(log: &'a [Read], said: &SealedBidStatement) -> Option<&'a OpenedBid> {
    let bids = log.iter().find_map(|(_, body)| match body {
        Body::BidsOpened { round, bids, .. } if *round == said.round => Some(bids),
        _ => None,
    });
    bids?.iter().find(|bid| bid.bidder == said.bidder)
}
