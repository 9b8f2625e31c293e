//! The law of deals: what a confirmation says, who signs it by when, what the public is told.

mod confirmation;
mod deeds;
mod facts;
mod periods;
mod premium;
mod published;
mod result;
mod rights;
mod signing;
pub mod timeline;
pub mod units;
pub mod wording;

pub use confirmation::confirmation;
pub use deeds::open_to;
pub use facts::{Facts, NewDeal, Party, SoldAsset, facts, sold_assets, transfer_terms};
pub use periods::{confirm_by, publish_by, shown_until};
pub use premium::beside_price;
pub use published::{PublishedResult, published_result};
pub use result::{opened_result, publish_result, result_content};
pub use rights::{rights_stand, still_what_was_sold};
pub use signing::{confirm, ended, lapse, may_sign, missing, put_off, side_of, signed};

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::RulebookError;

/// A snapshot that lacks a rule the platform needs is a fault of ours, not of the caller.
pub fn unruled(error: &RulebookError) -> Problem {
    Code::Internal.with("reason", error.to_string())
}

#[cfg(test)]
pub mod examples;
