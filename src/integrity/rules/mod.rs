//! What is a signal of collusion. A signal says what stands out and why; what it means a human decides.

mod barred;
mod bidding;
mod course;
mod history;
mod out_of_reach;
mod reading;
mod sealing;
mod shared;
mod thresholds;

use entity::Timestamp;
use entity::ids::{IntegritySignalId, LotId, OrganisationId};
use entity::integrity::{SignalKind, SignalReason, SignalReasons, integrity_signal};

pub use barred::barred_member;
pub use course::{Bid, Course, Sealed, course, parts};
pub use history::{Habits, History, Record, records, score};
pub use out_of_reach::{Awarded, out_of_reach};
pub use sealing::Past;
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
    let mut found = traced(course, traces, limits);
    found.extend(bidding::withdrawn_rivals(course, limits));
    // Who bids alone loses to nobody.
    if course.bidding().len() > 1 {
        found.extend(bidding::alternating(course, limits));
        found.extend(history::never_wins(course, history, limits));
        found.extend(history::shills(course, history, limits));
        found.extend(sealing::equal(course, limits));
        found.extend(sealing::lot_after_lot(course, &history.past, limits));
        found.extend(sealing::leaves_offers(course, &history.past, limits));
    }
    found.sort_unstable_by_key(|finding| (finding.kind, finding.organisation, finding.other));
    found
}

/// The signals of what bidders share, whatever came of the lot.
pub fn traced(course: &Course, traces: &[Trace], limits: &Thresholds) -> Vec<Finding> {
    let mut found = shared(course, traces, limits);
    let together = sealing::together(course, &found, limits);
    found.extend(together);
    found
}

/// A signal of a lot of a seller as it is kept.
pub fn recorded(
    finding: Finding,
    (lot, seller): (LotId, OrganisationId),
    id: IntegritySignalId,
    edition: i64,
    at: Timestamp,
) -> integrity_signal::Model {
    integrity_signal::Model {
        id,
        lot_id: lot,
        seller_organisation_id: seller,
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
        SignalKind::MinimalAlternating => ("两名竞买人轮流以最低幅度出价", "both bidders bid in turn, by the least there is"),
        SignalKind::NeverWins => ("该竞买人多次参与竞价而从未竞得", "the bidder bid in many lots and won none"),
        SignalKind::WithdrawnRivals => {
            ("其他竞买人均未出价或已撤回报名，仅一家出价", "all rivals of the only bidder never bid or had withdrawn")
        }
        SignalKind::ShillScore => {
            ("该竞买人在此卖方各标的中的出价习惯近似抬价", "the bidder's habits in the lots of this seller are those of a shill")
        }
        SignalKind::SharedDevice => ("两名竞买人的办理人员曾在同一设备登录", "people who acted for both bidders signed in on one device"),
        SignalKind::EqualBids => ("两名竞买人的密封报价完全相同且非整额", "both bidders sealed the same uneven amount"),
        SignalKind::RegularBids => {
            ("两名竞买人在多个标的中的密封报价呈规律性差异", "the sealed bids of both differ by the same amount in lot after lot")
        }
        SignalKind::CoverBids => (
            "两名竞买人在多个标的中一家竞得而另一家报价仅略逊，近似陪标",
            "one of the two wins and the other's sealed bid is only just worse, in lot after lot",
        ),
        SignalKind::SealedTogether => (
            "两名竞买人在同一网络或同一设备于数秒内先后密封报价",
            "both bidders sealed within seconds of each other from one network or on one device",
        ),
        SignalKind::LeavesOffers => (
            "该竞买人在各分轮报价标的中均维持首次报价且从未竞得",
            "by rounds the bidder always left its first offer as it was, and never won",
        ),
        SignalKind::BarredMember => {
            ("标的授予的受让方中有应当回避的人员", "somebody who is barred from the lot belongs to the buyer it was awarded to")
        }
        SignalKind::OutOfReach => (
            "一家以远高于他人的报价竞得后违约，标的由次高竞买人按其本人报价受让",
            "one won by a bid far beyond all others and defaulted, and the next bidder took the lot at his own",
        ),
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
