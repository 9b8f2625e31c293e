//! Receipts of whatever kind, held against a course.

use super::bids::hold_bids;
use super::fault::Fault;
use super::{Known, Maxima, Passed, chain, hold_first_offers, hold_sealed, hold_turns, verify};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::receipt::{self, SignedReceipt};
use crate::auctions::rules::rounds::first_receipt::{self, FirstOfferReceipt};
use crate::auctions::rules::rounds::receipt::{self as turn_receipt, TurnReceipt};
use crate::auctions::rules::sealed::receipt::{self as sealed_receipt, SealedReceipt};

/// Receipts, by what they are for.
#[derive(Debug, Default)]
pub struct Receipts {
    bids: Vec<SignedReceipt>,
    sealed: Vec<SealedReceipt>,
    turns: Vec<TurnReceipt>,
    first_offers: Vec<FirstOfferReceipt>,
}

impl Receipts {
    /// Adds one, by itself or in the answer to the bid; whether it is one.
    pub fn add(&mut self, text: &str) -> bool {
        if let Some(receipt) = receipt::read(text) {
            self.bids.push(receipt);
        } else if let Some(receipt) = sealed_receipt::read(text) {
            self.sealed.push(receipt);
        } else if let Some(receipt) = turn_receipt::read(text) {
            self.turns.push(receipt);
        } else if let Some(receipt) = first_receipt::read(text) {
            self.first_offers.push(receipt);
        } else {
            return false;
        }
        true
    }
}

/// Checks a course, then holds against it what is known from elsewhere and all receipts given for its bids, telling what passes, up to
/// the first thing wrong.
pub fn verify_with(course: &LotCourse, receipts: &Receipts, known: &Known, mut passed: impl FnMut(Passed)) -> Result<(), Fault> {
    verify(course, &[], &mut passed)?;
    // Before the receipts, which are signed by keys of the course.
    known.hold(course, &mut passed)?;
    let log = chain(course)?;
    hold_bids(course, &log, &Maxima::told(&log), &receipts.bids, &mut passed)?;
    hold_sealed(course, &receipts.sealed, &mut passed)?;
    hold_turns(course, &receipts.turns, &mut passed)?;
    hold_first_offers(course, &receipts.first_offers, &mut passed)
}
