//! What is queued for a webhook, and what of it goes out next.

use std::collections::{BTreeMap, BTreeSet};

use entity::Timestamp;
use entity::ids::{EventId, WebhookId};
use entity::notifications::{webhook, webhook_delivery};
use uuid::Uuid;

/// An event that may be for a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// Its position.
    pub position: i64,
    /// Its id.
    pub event_id: EventId,
    /// What it is about.
    pub subject_id: Uuid,
    /// As which kind it is told; as none, if it is only for somebody else.
    pub kind: Option<String>,
    /// Its organisation is told only what is public.
    pub is_public: bool,
    /// It is for this webhook and no other.
    pub only_for: Option<WebhookId>,
}

/// What a webhook may be sent next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// In order of position.
    pub news: Vec<Queued>,
    /// Everything up to here was looked at.
    pub up_to: i64,
}

/// Puts what concerns an organisation and what is public into one order. Each list holds at most `page`
/// entries; a full one may go on, so nothing is taken beyond its end. What concerns the organisation is
/// told to it whole, also where it is public.
pub fn merge(own: Vec<Queued>, open: Vec<Queued>, page: usize, told: i64) -> Batch {
    let end_of = |list: &[Queued]| if list.len() < page { told } else { list.last().map_or(told, |last| last.position) };
    let up_to = end_of(&own).min(end_of(&open));
    let by_position: BTreeMap<i64, Queued> = open.into_iter().chain(own).map(|one| (one.position, one)).collect();
    Batch { news: by_position.into_values().filter(|one| one.position <= up_to).collect(), up_to }
}

/// Whether a webhook wants an event.
pub fn wants(webhook: &webhook::Model, one: &Queued) -> bool {
    if let Some(only) = one.only_for {
        return only == webhook.id;
    }
    let Some(told_as) = &one.kind else { return false };
    let chosen = webhook.kinds.as_ref().and_then(serde_json::Value::as_array);
    chosen.is_none_or(|kinds| kinds.iter().any(|kind| kind.as_str() == Some(told_as)))
}

/// What to do next for a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Send this.
    Send(webhook_delivery::Model),
    /// Nothing before this instant.
    Wait(Timestamp),
    /// Nothing.
    Rest,
}

/// The first delivery that is due, of those that wait, in order of position. Only the first of each
/// subject counts: what comes after it waits until it has arrived or was given up.
pub fn next_step(waiting: Vec<webhook_delivery::Model>, real: Timestamp) -> Step {
    let mut met = BTreeSet::new();
    let mut earliest: Option<Timestamp> = None;
    for one in waiting {
        if !met.insert(one.subject_id) {
            continue;
        }
        if one.next_attempt_at <= real {
            return Step::Send(one);
        }
        earliest = Some(earliest.map_or(one.next_attempt_at, |known| known.min(one.next_attempt_at)));
    }
    earliest.map_or(Step::Rest, Step::Wait)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use entity::notifications::DeliveryState;
    use proptest::prelude::*;

    use super::*;

    fn noon() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
    }

    fn one(position: i64, is_public: bool) -> Queued {
        Queued {
            position,
            event_id: Uuid::from_u128(position.unsigned_abs().into()).into(),
            subject_id: Uuid::nil(),
            kind: Some("lot.opened".into()),
            is_public,
            only_for: None,
        }
    }

    fn waiting(position: i64, subject: u128, seconds: i64) -> webhook_delivery::Model {
        webhook_delivery::Model {
            webhook_id: Uuid::from_u128(1).into(),
            position,
            event_id: Uuid::from_u128(position.unsigned_abs().into()).into(),
            subject_id: Uuid::from_u128(subject),
            is_public: false,
            state: DeliveryState::Pending,
            attempts: 0,
            next_attempt_at: noon() + TimeDelta::seconds(seconds),
            ended_at: None,
        }
    }

    #[test]
    fn later_events_of_a_subject_wait_and_others_go_on() {
        // The first of subject 7 failed and is tried again in five seconds.
        let rows = || vec![waiting(1, 7, 5), waiting(2, 7, 0), waiting(3, 8, 0), waiting(4, 8, 0)];
        assert_eq!(next_step(rows(), noon()), Step::Send(waiting(3, 8, 0)));
        assert_eq!(next_step(rows()[..2].to_vec(), noon()), Step::Wait(noon() + TimeDelta::seconds(5)));
        assert_eq!(next_step(rows()[..2].to_vec(), noon() + TimeDelta::seconds(5)), Step::Send(waiting(1, 7, 5)));
        assert_eq!(next_step(Vec::new(), noon()), Step::Rest);
    }

    #[test]
    fn a_full_page_bounds_what_is_taken_and_the_own_telling_wins() {
        let own = vec![one(2, false), one(5, false)];
        let open = vec![one(1, true), one(2, true), one(9, true)];
        let batch = merge(own.clone(), open.clone(), 100, 12);
        let said: Vec<_> = batch.news.iter().map(|one| (one.position, one.is_public)).collect();
        assert_eq!((said, batch.up_to), (vec![(1, true), (2, false), (5, false), (9, true)], 12));
        let batch = merge(own, open, 2, 12);
        assert_eq!(batch.up_to, 5, "the own list may go on after its fifth");
        assert_eq!(batch.news.last().unwrap().position, 5);
    }

    proptest! {
        /// However the two lists are cut into pages, everything comes once and in order.
        #[test]
        fn nothing_is_lost_or_doubled(
            own in proptest::collection::btree_set(1_i64..60, 0..40),
            open in proptest::collection::btree_set(1_i64..60, 0..40),
            page in 1_usize..9,
        ) {
            let (mut at, mut taken) = (0, Vec::new());
            while at < 60 {
                let after = |list: &std::collections::BTreeSet<i64>, is_public| {
                    list.range(at + 1..).take(page).map(|position| one(*position, is_public)).collect::<Vec<_>>()
                };
                let batch = merge(after(&own, false), after(&open, true), page, 60);
                prop_assert!(batch.up_to > at);
                at = batch.up_to;
                taken.extend(batch.news.iter().map(|one| one.position));
            }
            let due: Vec<i64> = own.union(&open).copied().collect();
            prop_assert_eq!(taken, due);
        }
    }
}
