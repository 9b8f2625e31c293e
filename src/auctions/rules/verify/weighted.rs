//! The opening of weighted bids recomputed: from the announced weights, what each bidder was given, and the prices.

use entity::Timestamp;
use entity::auctions::lot;
use entity::scores::Total;

use super::fault::Wrong;
use super::follows::{Due, Finding, is_committed, refused, told};
use crate::auctions::rules::log::Body;
use crate::auctions::rules::sealed::Opened;
use crate::auctions::rules::sealed::scores::{Scores, are_complete, criteria};
use crate::auctions::rules::sealed::weighted::{self, Weighing};

/// What follows from bids and what their bidders were given. That the scores are those of the officers, only the papers tell.
pub(super) fn opening(lot: &lot::Model, at: Timestamp, opened: Vec<Opened>, said: Option<&Weighing>) -> Result<Due, Finding> {
    let said = said.ok_or_else(|| refused("nobody was scored"))?;
    if !is_committed(&lot.terms.reserve, said.reserve.as_ref()) {
        return Err(Finding { wrong: Wrong::ReserveNotCommitted, why: String::new() });
    }
    let scores: Scores = said.totals.iter().map(|one| (one.bidder.clone(), one.scores.clone())).collect();
    let is_scored = |bidder: &String| scores.get(bidder).is_some_and(|given| are_complete(criteria(&lot.terms.format), given));
    if let Some(one) = opened.iter().find(|one| !is_scored(&one.bid.bidder)) {
        return Err(refused(&format!("{} was not scored", one.bid.bidder)));
    }
    let (at, due) = told(&weighted::open(lot, opened, &scores, said.reserve.as_ref(), at).0)?;
    if let Body::BidsOpened { weighing: Some(weighing), .. } = &due
        && let Some(why) = other_total(said, weighing)
    {
        return Err(Finding { wrong: Wrong::NotWhatFollows, why });
    }
    Ok((at, due))
}

/// The first total that is another, in words.
fn other_total(said: &Weighing, due: &Weighing) -> Option<String> {
    said.totals.iter().find_map(|one| {
        let other = due.totals.iter().find(|other| other.bidder == one.bidder && other.total != one.total)?;
        let spoken = |total: Option<Total>| total.map_or_else(|| "none".to_owned(), Total::decimal);
        Some(format!("the total of {} is {} instead of {}", one.bidder, spoken(one.total), spoken(other.total)))
    })
}
