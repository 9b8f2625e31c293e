//! How much a bid costs to judge, and what judging several at once saves. Run with `cargo bench`.
//!
//! Each round measures the baseline and the candidate one after the other; the ratio of a round is
//! what counts, and the median over rounds is quoted.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::float_arithmetic, clippy::cast_precision_loss, missing_docs)]

use std::time::{Duration, Instant};

use chrono::{TimeDelta, TimeZone, Utc};
use entity::auctions::{ClosingMode, Direction, Format, LotState, LotTerms, Reserve, Step, StepBase, lot};
use entity::ids::{AdmissionId, ListingId, LotId, OrganisationId, PersonId};
use entity::money::{Currency, Money};
use uuid::Uuid;
use zhepai::auctions::rules::{Attempt, judge};
use zhepai::platform::keys::sha256;

const BIDS: usize = 2_000;
const ROUNDS: usize = 9;

fn main() {
    let (lot, attempts) = stage();
    let mut single = Vec::new();
    let mut batched = Vec::new();
    for _ in 0..ROUNDS {
        let baseline = time(|| hash_only(&attempts));
        single.push(time(|| one_by_one(&lot, &attempts)).as_secs_f64() / baseline.as_secs_f64());
        batched.push(time(|| judge(&lot, &attempts).lot.seq).as_secs_f64() / baseline.as_secs_f64());
    }
    println!(
        "judging one bid, in units of hashing its event: one at a time {:.1}, in one batch {:.1}",
        median(&mut single),
        median(&mut batched)
    );
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let begun = Instant::now();
    std::hint::black_box(work());
    begun.elapsed()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The floor: the hash alone that every accepted bid needs.
fn hash_only(attempts: &[Attempt]) -> [u8; 32] {
    attempts.iter().fold([0; 32], |last, attempt| sha256(&[last.as_slice(), attempt.pseudonym.as_bytes(), &[0; 120]].concat()))
}

fn one_by_one(lot: &lot::Model, attempts: &[Attempt]) -> i64 {
    let mut lot = lot.clone();
    for attempt in attempts {
        lot = judge(&lot, std::slice::from_ref(attempt)).lot;
    }
    lot.seq
}

fn stage() -> (lot::Model, Vec<Attempt>) {
    let opens_at = Utc.timestamp_opt(1_700_000_000, 0).unwrap();
    let terms = LotTerms {
        closing_mode: ClosingMode::SoftClose,
        start_price: Money::fen(10_000),
        reserve: Reserve::None {},
        step: Step::Percent { rate_bp: 1 },
        step_base: StepBase::StartPrice,
        multiples_only: false,
        enforce_step: true,
        allow_self_raise: false,
        opens_at,
        free_period_seconds: 86_400,
        timed_cycle_seconds: 300,
        max_duration_seconds: None,
        min_bidders: 1,
        next_bidder_rule: false,
        auction_licence: None,
        close_grace_ms: 300,
        rulebook_version: 1,
        format: Format::English {},
        direction: Direction::Ascending,
        buy_now: None,
        proxy: false,
        preemption: None,
        extend_limit_seconds: None,
        outage_least_seconds: None,
        outage_window_seconds: None,
        host_lateness_seconds: None,
        jump_factor: None,
        rules_version: None,
        rehearsal: false,
    };
    let lot = lot::Model {
        id: LotId(Uuid::from_u128(1)),
        listing_id: ListingId(Uuid::from_u128(2)),
        seller_organisation_id: OrganisationId(Uuid::from_u128(3)),
        title: "bench".into(),
        rehearsal: true,
        state: LotState::OpenFree,
        reserve_sealed: None,
        currency: Currency::Cny,
        seq: 2,
        head_hash: vec![0; 32],
        price_minor: None,
        leader_admission_id: None,
        leader_pseudonym: None,
        leader_priority: None,
        bid_count: 0,
        opens_at,
        closes_at: opens_at + TimeDelta::days(1),
        last_arrival: None,
        enough_admitted: Some(true),
        pause: None,
        shifted_us: 0,
        session_id: None,
        hosted: false,
        opens_by: None,
        book: None,
        asking: None,
        barred_persons: serde_json::json!([]),
        rules: serde_json::json!({}).into(),
        facts: serde_json::json!({}).into(),
        created_at: opens_at,
        opened: None,
        hidden_sealed: None,
        terms,
    };
    let attempts = (0..BIDS).map(|index| Attempt {
        admission: AdmissionId(Uuid::from_u128(10 + index as u128 % 7)),
        pseudonym: format!("竞买人 {}", 1000 + index % 7),
        suspended: false,
        price: Money::fen(10_000 + 10 * i64::try_from(index).unwrap()),
        arrival: opens_at + TimeDelta::milliseconds(i64::try_from(index).unwrap()),
        person: PersonId(Uuid::from_u128(1)),
        request_id: "bench".into(),
        seed: [0; 32],
        priority: None,
    });
    (lot, attempts.collect())
}
