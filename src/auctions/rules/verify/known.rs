//! What whoever checks a course knows from elsewhere, held against it: whoever keeps a log can forge it by the rules as a whole, with
//! hashes and keys of his own.

use super::Passed;
use super::fault::{Fault, Place, Wrong};
use crate::auctions::rules::course::LotCourse;
use crate::auctions::rules::receipt::ReceiptKeys;
use crate::platform::keys::{hex, unhex};

/// What is known from elsewhere than the course.
#[derive(Debug, Default)]
pub struct Known {
    /// The hash of the log's last event, as the notice of the result publishes it (`bid_log.sha256`).
    pub head: Option<[u8; 32]>,
    /// The keys of the platform's receipts, as they were noted earlier.
    pub keys: Option<ReceiptKeys>,
}

impl Known {
    /// Holds what is known against a course, telling what passes, up to the first thing wrong. Whether the course is right in itself is
    /// asked by [`super::verify`].
    pub(super) fn hold(&self, course: &LotCourse, mut passed: impl FnMut(Passed)) -> Result<(), Fault> {
        if let Some(head) = &self.head {
            let said = course.events.last().map(|last| last.hash.as_str()).unwrap_or_default();
            if unhex(said).as_deref() != Some(head.as_slice()) {
                return Err(Wrong::LogHeadDiffers.at(Place::Course, format!("{said} instead of {}", hex(head))));
            }
            passed(Passed::Head);
        }
        if let Some(noted) = &self.keys {
            let keys = &course.receipt_keys.keys;
            if let Some(stranger) = keys.iter().find(|key| !noted.keys.contains(key)) {
                return Err(Wrong::KeyUnknown.at(Place::Course, stranger.kid.as_str()));
            }
            passed(Passed::Keys(keys.len()));
        }
        Ok(())
    }
}
