//! Which right of pre-emption bids bear: that of their bidder, who is admitted with it. It does not change from bid to bid.

use std::collections::BTreeMap;

use entity::auctions::LotTerms;

use super::follows::{Finding, refused};
use crate::auctions::rules::log::Body;

/// The rank every bidder bore in his first bid.
#[derive(Default)]
pub(super) struct Ranks<'a>(BTreeMap<&'a str, Option<i32>>);

impl<'a> Ranks<'a> {
    /// Those after one more event, if it bears no other. It is asked of lots that are bound to a version of the rules.
    pub(super) fn after(&mut self, terms: &LotTerms, body: &'a Body) -> Result<(), Finding> {
        let Body::BidPlaced { bidder, priority, .. } = body else { return Ok(()) };
        let first = self.0.entry(bidder).or_insert(*priority);
        if terms.rules_version.is_some() && first != priority { Err(refused("his right is of another rank")) } else { Ok(()) }
    }
}
