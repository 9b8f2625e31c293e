//! What the model is told: terms, with what bidders have and were given, and bids.

use std::collections::BTreeMap;

use entity::auctions::{Format, LotTerms, PreemptionHolder};
use entity::scores::{Criterion, GivenScore};
use serde_json::{Value, json};

use crate::auctions::rules::judge::Attempt;
use crate::auctions::rules::sealed::scores::Scores;

/// The terms as the model reads them: it is told there who has a right of pre-emption, in the order in which they applied, and
/// what bidders were given.
pub(super) fn terms_told(terms: &LotTerms, holders: &[PreemptionHolder], scores: &Scores) -> Value {
    let mut told = json!(terms);
    if let Some(preemption) = &terms.preemption {
        let (kind, seconds) = preemption.answer_seconds().map_or(("parity", 0), |seconds| ("ask_after", seconds));
        let ranks: Vec<_> = holders.iter().map(|holder| (&holder.bidder, holder.rank)).collect();
        let round_seconds = preemption.round_seconds().unwrap_or_default();
        told["preemption"] = json!({"kind": kind, "ranks": ranks, "seconds": seconds, "round_seconds": round_seconds});
    }
    match &terms.format {
        Format::UniformPrice { units, cap, pays } => {
            told["format"] = json!({"kind": "uniform", "units": units, "cap": cap, "price": pays});
        }
        Format::Weighted { price_weight_bp, criteria } => {
            let others: Vec<_> = criteria.iter().map(|criterion| indicator(criterion, scores)).collect();
            told["format"] = json!({"kind": "weighted", "price_bp": price_weight_bp, "others": others});
        }
        _ => {}
    }
    told
}

/// An indicator as the model reads it, with the whole points that every bidder was given.
fn indicator(criterion: &Criterion, scores: &Scores) -> Value {
    let of = |given: &Vec<GivenScore>| {
        let found = given.iter().find(|one| one.criterion() == criterion.name);
        let Some(GivenScore::Experts { points, .. }) = found else { unreachable!("it is drawn so") };
        points.iter().map(|points| points.decimal().trim_end_matches(".00").parse::<u32>().unwrap()).collect::<Vec<_>>()
    };
    let given: BTreeMap<_, _> = scores.iter().map(|(bidder, given)| (bidder, of(given))).collect();
    json!({"bp": criterion.weight_bp, "scores": given})
}

/// A bid as the model reads it.
pub(super) fn bid_told(attempt: &Attempt) -> Value {
    json!([attempt.arrival.timestamp_micros(), attempt.pseudonym, attempt.price.minor, attempt.suspended])
}
