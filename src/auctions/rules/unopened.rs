//! What is still sealed in a lot: nobody is told of it but its bidder, not even that it is there.

use entity::auctions::lot;

use super::clock::has_ended;
use super::rounds;

/// Whether bids of a round wait for their opening.
pub fn sealed_bids(lot: &lot::Model, round: i32) -> bool {
    !has_ended(lot) && lot.opened.as_ref().is_none_or(|opened| opened.round < round)
}

/// Whether first offers wait for theirs.
pub fn first_offers(lot: &lot::Model) -> bool {
    !has_ended(lot) && rounds::book(lot).is_none()
}

/// Whether the bids of a turn wait for its end.
pub fn turn_bids(lot: &lot::Model, round: i32, turn: i32) -> bool {
    let runs = rounds::book(lot).and_then(|book| book.turn.as_ref());
    let is_it = runs.is_some_and(|runs| (u32::try_from(round), u32::try_from(turn)) == (Ok(runs.round), Ok(runs.number)));
    !has_ended(lot) && is_it
}
