//! Receipts of first offers, held against the offers that were opened.

use entity::Timestamp;

use super::aborted::stays_sealed;
use super::fault::{Fault, Place, Wrong, difference};
use super::{Passed, Read, chain};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::log::Body;
use crate::auctions::rules::reserve::commitment_of;
use crate::auctions::rules::rounds::OpenedOffer;
use crate::auctions::rules::rounds::first_receipt::{self, FirstOfferReceipt, FirstOfferStatement};
use crate::platform::keys::{hex, unhex};

/// Holds receipts of first offers against a course, telling what passes, up to the first thing wrong. Whether the course is
/// right in itself is asked by [`super::verify`].
pub fn hold_first_offers(course: &LotCourse, receipts: &[FirstOfferReceipt], mut passed: impl FnMut(Passed)) -> Result<(), Fault> {
    let log = chain(course)?;
    for (number, receipt) in (1..).zip(receipts) {
        let (kid, replaced) = held_against(course, &log, Place::FirstOfferReceipt(number), receipt)?;
        passed(Passed::FirstOfferReceipt { bidder: receipt.statement.bidder.clone(), replaced, kid });
    }
    Ok(())
}

/// The key that signed a receipt, if it is sound, and the offer it is for was opened, or replaced by a later one that was: that
/// one's instant beside it.
fn held_against(course: &LotCourse, log: &[Read], place: Place, receipt: &FirstOfferReceipt) -> Result<(String, Option<Timestamp>), Fault> {
    let said = &receipt.statement;
    let kid = first_receipt::check(receipt, &course.receipt_keys.keys).map_err(|unsound| Wrong::from(unsound).at(place, ""))?;
    if said.lot_id != course.lot.id {
        return Err(Wrong::ReceiptOfAnotherLot.at(place, said.lot_id.to_string()));
    }
    let Some((before, offers)) = opening(log) else {
        if stays_sealed(log, &said.log_hash) {
            return Ok((kid, None));
        }
        return Err(Wrong::ReceiptWithoutBid.at(place, "no first offers were opened"));
    };
    let Some(opened) = offers.iter().find(|offer| offer.bidder == said.bidder) else {
        return Err(Wrong::ReceiptWithoutBid.at(place, format!("none of {} was opened", said.bidder)));
    };
    if before.iter().all(|(event, _)| hex(&event.hash) != said.log_hash) {
        return Err(Wrong::ReceiptDiffers.at(place, "no event before the opening has the hash it names"));
    }
    let commitment = committed(opened);
    if commitment.as_ref() != Some(&said.commitment) {
        // Only the last of a bidder counts, so that an earlier one was replaced by it; no two of one bidder arrive at one instant.
        let replaced = said.arrived_at < opened.at;
        return if replaced {
            Ok((kid, Some(opened.at)))
        } else {
            Err(Wrong::ReceiptWithoutBid.at(place, "an earlier one was opened in its stead"))
        };
    }
    let due = FirstOfferStatement {
        arrived_at: opened.at,
        bidder: opened.bidder.clone(),
        commitment: said.commitment.clone(),
        log_hash: said.log_hash.clone(),
        lot_id: course.lot.id,
        price: opened.price,
        salt: opened.salt.clone(),
    };
    if *said == due { Ok((kid, None)) } else { Err(Wrong::ReceiptDiffers.at(place, difference(said, &due))) }
}

/// The first offers as they were opened, with what came before.
fn opening(log: &[Read]) -> Option<(&[Read], &[OpenedOffer])> {
    log.iter().enumerate().find_map(|(number, (_, body))| match body {
        Body::FirstOffersOpened { offers, .. } => Some((&log[..number], offers.as_slice())),
        _ => None,
    })
}

/// What an opened offer was committed to.
fn committed(offer: &OpenedOffer) -> Option<String> {
    let salt = unhex(&offer.salt)?;
    Some(commitment_of(&[salt.as_slice(), &offer.price.minor.to_be_bytes()].concat()))
}
