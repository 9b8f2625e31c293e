//! Who may bid for a lot at all, whatever the price.

use entity::admissions::{AdmissionState, admission_call};
use entity::auctions::lot_event;

use super::log::Body;
use crate::admissions::rules::Applicant;
use crate::admissions::store::Bidder;
use crate::platform::problem::{Code, Problem};

/// The admission somebody bids under: nobody of the seller's does (AL art. 30), nor whoever is barred, even where he has joined
/// a bidder since it was admitted, nor an organisation that was never admitted, or is not verified any more.
pub fn admitted(by: &Applicant, call: &admission_call::Model, bidder: Option<Bidder>) -> Result<Bidder, Problem> {
    let seller = call.seller_organisation_id;
    if by.organisation == seller || by.belongs_to.contains(&seller) {
        return Err(Code::OwnLot.into());
    }
    if by.is_barred(call)? {
        return Err(Code::ConflictOfInterest.into());
    }
    let counts = |held: &Bidder| matches!(held.state, AdmissionState::Admitted | AdmissionState::Won | AdmissionState::Lost);
    bidder.filter(|held| by.verified && counts(held)).ok_or_else(|| Code::NotAdmitted.into())
}

/// Whether a bidder is suspended by what the log says of suspensions, the latest first.
pub fn is_suspended(said: &[lot_event::Model], pseudonym: &str) -> bool {
    let last = said.iter().find_map(|event| match serde_json::from_str(&event.body) {
        Ok(Body::BidderSuspended { bidder }) if bidder == pseudonym => Some(true),
        Ok(Body::BidderReinstated { bidder }) if bidder == pseudonym => Some(false),
        _ => None,
    });
    last.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auctions::rules::log::{Cause, append};
    use crate::auctions::rules::tests::{at, lot, terms};

    #[test]
    fn the_last_word_of_the_log_about_a_bidder_counts() {
        let event = |body: Body| append(&lot(terms()), at(1), &body, Cause::default()).0;
        let (one, two) = ("竞买人 1".to_owned(), "竞买人 2".to_owned());
        let suspended = |bidder: &String| event(Body::BidderSuspended { bidder: bidder.clone() });
        let reinstated = |bidder: &String| event(Body::BidderReinstated { bidder: bidder.clone() });
        let said = [suspended(&two), reinstated(&one), suspended(&one)];
        assert_eq!([&one, &two].map(|bidder| is_suspended(&said, bidder)), [false, true]);
        assert!(is_suspended(&said[2..], &one) && !is_suspended(&[], &one));
    }
}
