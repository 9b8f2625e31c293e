//! Who may not bid for now, as the log says. What was sealed may have been sealed before, so it is not asked here.

use std::collections::BTreeSet;

use entity::auctions::LotTerms;

use super::follows::{Finding, refused};
use crate::auctions::rules::log::Body;

/// The bidders who are suspended.
#[derive(Default)]
pub(super) struct Suspended<'a>(BTreeSet<&'a str>);

impl<'a> Suspended<'a> {
    /// Those after one more event, if it is the deed of none of them. In lots from before they were bound to a version of the rules
    /// somebody reinstated may have bid before the log said so.
    pub(super) fn after(&mut self, terms: &LotTerms, body: &'a Body) -> Result<(), Finding> {
        match body {
            Body::BidderSuspended { bidder } => {
                self.0.insert(bidder);
            }
            Body::BidderReinstated { bidder } => {
                self.0.remove(bidder.as_str());
            }
            Body::BidPlaced { bidder, .. }
            | Body::BoughtNow { bidder, .. }
            | Body::MaximumPlaced { bidder, .. }
            | Body::PreemptionAnswered { bidder, takes: true }
                if terms.rules_version.is_some() && self.0.contains(bidder.as_str()) =>
            {
                return Err(refused("bidder_suspended"));
            }
            _ => {}
        }
        Ok(())
    }
}
