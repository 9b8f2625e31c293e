//! Courses of lots that were bid for downwards, or bought at once.

use entity::auctions::Direction;

use super::*;
use crate::auctions::rules::buy_now::buy;

impl Story {
    /// Buys at once, if the rules take it.
    pub(super) fn buys(&mut self, who: u128, second: i64) {
        let attempt = Attempt {
            admission: AdmissionId(Uuid::from_u128(who)),
            pseudonym: name(who),
            suspended: false,
            price: Money::fen(1),
            arrival: at(second),
            person: PersonId(Uuid::from_u128(who)),
            request_id: "r".into(),
            seed: [0; 32],
            priority: None,
        };
        let mut judgement = buy(&self.lot, &attempt);
        let accepted = judgement.outcomes.remove(0).unwrap();
        self.said.push(BidStatement {
            arrived_at: accepted.arrival,
            bidder: name(who),
            closes_at: accepted.closes_at,
            commitment: None,
            log_hash: hex(&accepted.hash),
            lot_id: self.lot.id,
            maximum: None,
            price: accepted.price,
            seq: accepted.seq,
        });
        self.takes(judgement.events, judgement.lot);
    }
}

#[test]
fn a_descending_course_passes_and_a_bid_that_rises_in_it_is_named() {
    let mut story = Story::open(LotTerms { direction: Direction::Descending, ..terms() });
    story.bids(1, 10_000, 100);
    story.bids(2, 8_000, 3_400);
    story.ends(None);
    let course = story.course();
    assert_eq!(verify(&course, &story.receipts(), |_| {}), Ok(()));
    assert_eq!((course.outcome.winner.as_ref(), course.outcome.price), (Some(&name(2)), Some(Money::fen(8_000))));
    let (wrong, seq, why) = forged(&course, |events| says(&mut events[4], "80.00", "110.00"));
    assert_eq!((wrong, seq, why.as_str()), (Wrong::AgainstTheRules, Some(5), "too_high"));
}

#[test]
fn a_purchase_passes_with_its_receipt_and_is_what_the_terms_say() {
    for mode in ClosingMode::ALL {
        let mut story = Story::open(LotTerms { closing_mode: *mode, buy_now: Some(Money::fen(20_000)), ..terms() });
        story.buys(1, 100);
        story.ends(None);
        let course = story.course();
        let kinds: Vec<_> = story.log.iter().skip(3).map(|event| event.kind).collect();
        assert_eq!(kinds, [LotEventKind::BoughtNow, LotEventKind::Sold], "{mode:?}");
        assert_eq!(verify(&course, &story.receipts(), |_| {}), Ok(()), "{mode:?}");

        let (wrong, seq, why) = forged(&course, |events| says(&mut events[3], "200.00", "190.00"));
        assert_eq!((wrong, seq), (Wrong::NotWhatFollows, Some(4)));
        assert!(why.starts_with("price"), "{why}");
        let (wrong, seq, why) = forged(&course, |events| events.insert(4, events[3].clone()));
        assert_eq!((wrong, seq, why.as_str()), (Wrong::AgainstTheRules, Some(5), "closed"));
        let later = reforged(&course, |events| (events[3].at, events[4].at) = (at(101), at(102)));
        assert_eq!(found(&later, &story.receipts()), (Wrong::ReceiptDiffers, Some(4)));
    }
}
