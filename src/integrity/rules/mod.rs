//! What is a signal of collusion. A signal says what stands out and why; what it means a human decides.

mod bidding;
mod course;
mod history;
mod shared;
mod thresholds;

use entity::Timestamp;
use entity::ids::{IntegritySignalId, OrganisationId};
use entity::integrity::{SignalKind, SignalReason, SignalReasons, integrity_signal};

pub use course::{Bid, Course, course, parts};
pub use history::{Habits, History, Record, records, score};
pub use shared::{Trace, shared};
pub use thresholds::{Thresholds, Weights};

/// All there is, in ten-thousandths.
const WHOLE: i64 = 10_000;

/// A signal that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub kind: SignalKind,
    /// The bidder, of two the one with the lower id.
    pub organisation: OrganisationId,
    /// The other of two.
    pub other: Option<OrganisationId>,
    /// How strong it is, in ten-thousandths.
    pub score_bp: i64,
    /// What shows it.
    pub reasons: Vec<SignalReason>,
}

/// Every signal of a closed lot, by kind and bidder: the same in whichever order its bidders are looked at.
pub fn findings(course: &Course, traces: &[Trace], history: &History, limits: &Thresholds) -> Vec<Finding> {
    let mut found = shared(course, traces, limits);
    found.extend(bidding::withdrawn_rivals(course, limits));
    // Who bids alone loses to nobody.
    if course.bidding().len() > 1 {
        found.extend(bidding::alternating(course, limits));
        found.extend(history::never_wins(course, history, limits));
        found.extend(history::shills(course, history, limits));
    }
    found.sort_unstable_by_key(|finding| (finding.kind, finding.organisation, finding.other));
    found
}

/// A signal as it is kept.
pub fn recorded(finding: Finding, course: &Course, id: IntegritySignalId, edition: i64, at: Timestamp) -> integrity_signal::Model {
    integrity_signal::Model {
        id,
        lot_id: course.lot,
        seller_organisation_id: course.seller,
        kind: finding.kind,
        organisation_id: finding.organisation,
        other_organisation_id: finding.other,
        score_bp: finding.score_bp.clamp(0, WHOLE),
        reasons: SignalReasons(finding.reasons),
        rulebook_version: edition,
        created_at: at,
    }
}

/// What a kind of signal says, in Chinese and English.
pub fn words(kind: SignalKind) -> (&'static str, &'static str) {
    match kind {
        SignalKind::SharedPayer => ("两名竞买人的保证金出自同一账户", "the deposits of both bidders came from one account"),
        SignalKind::SharedContact => ("同一人同时属于两名竞买人", "one person belongs to both bidders"),
        SignalKind::SharedAddress => ("两名竞买人的报名或出价来自同一网络", "both bidders applied or bid from one network"),
        SignalKind::MinimalAlternating => ("两名竞买人轮流以最低幅度出价", "both bidders outbid each other in turn, by the least there is"),
        SignalKind::NeverWins => ("该竞买人多次参与竞价而从未竞得", "the bidder bid in many lots and won none"),
        SignalKind::WithdrawnRivals => {
            ("其他竞买人均未出价或已撤回报名，仅一家出价", "all rivals of the only bidder never bid or had withdrawn")
        }
        SignalKind::ShillScore => {
            ("该竞买人在此卖方各标的中的出价习惯近似抬价", "the bidder's habits in the lots of this seller are those of a shill")
        }
    }
}

/// A part of a whole in ten-thousandths, from none to all.
fn share(part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return 0;
    }
    let share = i128::from(part) * i128::from(WHOLE) / i128::from(whole);
    i64::try_from(share.clamp(0, i128::from(WHOLE))).unwrap_or(WHOLE)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
