//! What follows from an attempt to deliver.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::notifications::{DeliveryOutcome, DeliveryState, webhook_delivery};

/// The rule parameters with the waits before each retry, in order.
pub const RETRIES: [&str; 9] = [
    "webhook_retry_first",
    "webhook_retry_second",
    "webhook_retry_third",
    "webhook_retry_fourth",
    "webhook_retry_fifth",
    "webhook_retry_sixth",
    "webhook_retry_seventh",
    "webhook_retry_eighth",
    "webhook_retry_ninth",
];

/// What becomes of a delivery, and of its webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fate {
    /// The delivery as it will stand.
    pub delivery: webhook_delivery::Model,
    /// Why the webhook is disabled, if it is.
    pub disables: Option<&'static str>,
}

/// The wait before a retry with up to a tenth more, so that many that failed together do not come back
/// together.
pub fn delay(wait: TimeDelta, random: [u8; 2]) -> TimeDelta {
    let share = i64::from(u16::from_be_bytes(random));
    wait + TimeDelta::milliseconds(wait.num_milliseconds() / 10 * share / i64::from(u16::MAX))
}

/// What follows from an attempt: it has arrived, or it is tried again, or it is given up; an address that
/// is gone for good, or failed every time, is spoken to no more.
pub fn after_attempt(
    held: &webhook_delivery::Model,
    outcome: DeliveryOutcome,
    retries: &[TimeDelta],
    random: [u8; 2],
    real: Timestamp,
) -> Fate {
    let attempts = held.attempts + 1;
    if outcome == DeliveryOutcome::Delivered {
        let state = DeliveryState::Delivered;
        return Fate { delivery: webhook_delivery::Model { state, attempts, ended_at: Some(real), ..held.clone() }, disables: None };
    }
    // The webhook rests; the event waits until it goes on.
    let waits = webhook_delivery::Model { attempts, next_attempt_at: real, ..held.clone() };
    if outcome == DeliveryOutcome::Gone {
        return Fate { delivery: waits, disables: Some("gone") };
    }
    match usize::try_from(held.attempts).ok().and_then(|made| retries.get(made)) {
        Some(wait) => {
            let next_attempt_at = real + delay(*wait, random);
            Fate { delivery: webhook_delivery::Model { attempts, next_attempt_at, ..held.clone() }, disables: None }
        }
        None => Fate { delivery: waits, disables: Some("retries_exhausted") },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeZone, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::rulebook::rules::Span;
    use crate::rulebook::rules::shipped::RULEBOOK;

    fn noon() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
    }

    fn fresh() -> webhook_delivery::Model {
        webhook_delivery::Model {
            webhook_id: Uuid::from_u128(1).into(),
            position: 1,
            event_id: Uuid::from_u128(1).into(),
            subject_id: Uuid::nil(),
            is_public: false,
            state: DeliveryState::Pending,
            attempts: 0,
            next_attempt_at: noon(),
            ended_at: None,
        }
    }

    /// The waits as shipped.
    fn retries() -> Vec<TimeDelta> {
        let day = noon().date_naive();
        RETRIES.iter().map(|name| RULEBOOK.span(name, None, day).ok().and_then(Span::elapsed).unwrap()).collect()
    }

    #[test]
    fn a_dead_address_is_tried_ten_times_over_three_days_and_then_rests() {
        let (mut held, mut at, mut attempts) = (fresh(), noon(), 0);
        loop {
            attempts += 1;
            let fate = after_attempt(&held, DeliveryOutcome::Unreachable, &retries(), [0, 0], at);
            held = fate.delivery;
            if fate.disables.is_some() {
                assert_eq!(
                    (fate.disables, held.state, held.ended_at),
                    (Some("retries_exhausted"), DeliveryState::Pending, None),
                    "it waits for the webhook"
                );
                break;
            }
            assert!(held.next_attempt_at > at && held.state == DeliveryState::Pending);
            at = held.next_attempt_at;
        }
        assert_eq!((attempts, held.attempts), (10, 10));
        assert!(at - noon() > TimeDelta::days(3) && at - noon() < TimeDelta::days(4), "{}", at - noon());
    }

    #[test]
    fn what_has_arrived_is_done_and_gone_is_gone_at_once() {
        let done = after_attempt(&fresh(), DeliveryOutcome::Delivered, &retries(), [0, 0], noon());
        assert_eq!((done.delivery.state, done.disables), (DeliveryState::Delivered, None));
        let gone = after_attempt(&fresh(), DeliveryOutcome::Gone, &retries(), [0, 0], noon());
        assert_eq!((gone.delivery.state, gone.disables), (DeliveryState::Pending, Some("gone")));
    }

    #[test]
    fn chance_adds_a_tenth_at_most() {
        let wait = TimeDelta::hours(1);
        assert_eq!(delay(wait, [0, 0]), wait);
        assert_eq!(delay(wait, [255, 255]), TimeDelta::minutes(66));
    }
}
