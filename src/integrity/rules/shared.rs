//! What two bidders have in common outside the bidding: who paid, who belongs to them, where they came from and on which device.

use std::collections::{BTreeMap, BTreeSet};

use entity::ids::OrganisationId;
use entity::integrity::{SignalKind, SignalReason};

use super::{Course, Finding, Thresholds};

/// Something kept of a bidder that may be kept of another too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The signal it makes where two bidders share it.
    pub kind: SignalKind,
    /// The bidder.
    pub organisation: OrganisationId,
    /// What it is; equal where it is the same.
    pub key: String,
    /// What shows it.
    pub reason: SignalReason,
}

type Users<'a> = BTreeMap<OrganisationId, BTreeSet<&'a SignalReason>>;
type Pair = (SignalKind, OrganisationId, OrganisationId);

/// The pairs of bidders who share something, each with everything that shows it.
pub fn shared(course: &Course, traces: &[Trace], limits: &Thresholds) -> Vec<Finding> {
    let mut things: BTreeMap<(SignalKind, &str), Users<'_>> = BTreeMap::new();
    for trace in traces.iter().filter(|trace| course.admitted.contains_key(&trace.organisation)) {
        let users = things.entry((trace.kind, trace.key.as_str())).or_default();
        users.entry(trace.organisation).or_default().insert(&trace.reason);
    }
    let mut pairs: BTreeMap<Pair, BTreeSet<&SignalReason>> = BTreeMap::new();
    for ((kind, _), users) in &things {
        if *kind == SignalKind::SharedAddress && users.len() > limits.crowd {
            continue;
        }
        // Of a crowd each is told with the first alone: that shows the ring, and everybody with everybody would be too many.
        let firsts = if users.len() > limits.crowd { 1 } else { users.len() };
        for (place, (one, shows)) in users.iter().enumerate().take(firsts) {
            for (other, shows_too) in users.iter().skip(place + 1) {
                pairs.entry((*kind, *one, *other)).or_default().extend(shows.union(shows_too).copied());
            }
        }
    }
    let found = pairs.into_iter().map(|((kind, one, other), reasons)| Finding {
        kind,
        organisation: one,
        other: Some(other),
        score_bp: score(kind, limits),
        reasons: reasons.into_iter().cloned().collect(),
    });
    found.collect()
}

fn score(kind: SignalKind, limits: &Thresholds) -> i64 {
    match kind {
        SignalKind::SharedPayer => limits.payer,
        SignalKind::SharedContact => limits.contact,
        SignalKind::SharedDevice => limits.device,
        _ => limits.address,
    }
}
