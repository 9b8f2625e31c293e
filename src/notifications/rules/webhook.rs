//! What may be done to a webhook.

use entity::Timestamp;
use entity::notifications::{SigningScheme, WebhookState, webhook};

use super::address::url_allowed;
use super::signature::public_text;
use crate::notifications::catalogue;
use crate::platform::problem::{Code, Fault, Faults, Problem};

/// Checks what a webhook is made of; its address as it will be kept.
pub fn check_new(url: &str, kinds: Option<&[String]>, private_too: bool) -> Result<String, Problem> {
    let mut faults = Faults::new();
    let address = url_allowed(url, private_too);
    if let Err(unfit) = address {
        let (code, zh, en) = unfit.says();
        faults.push(Fault::new("/url", code, zh, en));
    }
    if let Some(kinds) = kinds {
        faults.require(
            !kinds.is_empty(),
            "/kinds",
            "empty",
            "须至少选一种事件；全部则不填",
            "name one kind at least; leave it out for all",
        );
        for (index, kind) in kinds.iter().enumerate() {
            let known = catalogue::find(kind).is_some_and(catalogue::Kind::is_told);
            faults.require(known, &format!("/kinds/{index}"), "unknown_kind", "事件目录中没有此种事件", "the catalogue has no such kind");
        }
    }
    faults.done()?;
    // The faults above hold every refusal of the address.
    address.map(String::from).map_err(|_| Code::Internal.into())
}

/// What is done to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookStep {
    /// Let it rest.
    Pause,
    /// Let it go on, also after it was given up.
    Resume,
    /// For good.
    Remove,
}

impl WebhookStep {
    fn operation(self) -> &'static str {
        match self {
            Self::Pause => "pause_webhook",
            Self::Resume => "resume_webhook",
            Self::Remove => "remove_webhook",
        }
    }
}

/// What can be done to a webhook in a state, as operations.
pub fn open_on_webhook(state: WebhookState) -> &'static [&'static str] {
    match state {
        WebhookState::Active => &["pause_webhook", "rotate_webhook_secret", "remove_webhook", "replay_webhook", "test_webhook"],
        WebhookState::Paused | WebhookState::Disabled => &["resume_webhook", "rotate_webhook_secret", "remove_webhook", "replay_webhook"],
        WebhookState::Removed => &[],
    }
}

fn require(held: &webhook::Model, operation: &str) -> Result<(), Problem> {
    let allowed = open_on_webhook(held.state);
    if allowed.contains(&operation) { Ok(()) } else { Err(Code::WrongState.with("state", held.state).with("allowed", allowed)) }
}

/// The webhook as a step leaves it.
pub fn step(held: &webhook::Model, step: WebhookStep, real: Timestamp) -> Result<webhook::Model, Problem> {
    require(held, step.operation())?;
    let next = webhook::Model { version: held.version + 1, state_reason: None, ..held.clone() };
    Ok(match step {
        WebhookStep::Pause => webhook::Model { state: WebhookState::Paused, next_at: None, ..next },
        WebhookStep::Resume => webhook::Model { state: WebhookState::Active, next_at: Some(real), ..next },
        WebhookStep::Remove => webhook::Model {
            state: WebhookState::Removed,
            secret_sealed: None,
            previous_sealed: None,
            previous_until: None,
            next_at: None,
            lease_id: None,
            lease_until: None,
            ..next
        },
    })
}

/// The webhook with a new key; what the old one signs is sent too until `overlap_ends`.
pub fn rotate(held: &webhook::Model, sealed: Vec<u8>, key: &[u8; 32], overlap_ends: Timestamp) -> webhook::Model {
    webhook::Model {
        previous_sealed: held.secret_sealed.clone(),
        previous_until: held.secret_sealed.as_ref().map(|_| overlap_ends),
        secret_sealed: Some(sealed),
        public_key: (held.signing == SigningScheme::Ed25519).then(|| public_text(key)),
        version: held.version + 1,
        ..held.clone()
    }
}

/// Whether a test makes sense: one that rests is sent nothing.
pub fn may_test(held: &webhook::Model) -> Result<(), Problem> {
    require(held, "test_webhook")
}

/// The webhook as it stands when everything from a position on is sent again.
pub fn replayed(held: &webhook::Model, from: i64, real: Timestamp) -> webhook::Model {
    let next_at = (held.state == WebhookState::Active).then_some(real);
    // What was not queued yet comes anyhow.
    let queued_to = held.queued_to.min(from - 1);
    webhook::Model { queued_to, next_at, version: held.version + 1, ..held.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use entity::notifications::WebhookScope;
    use uuid::Uuid;

    use super::*;

    fn noon() -> Timestamp {
        Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap()
    }

    fn active() -> webhook::Model {
        webhook::Model {
            failing: false,
            id: Uuid::from_u128(1).into(),
            organisation_id: Uuid::from_u128(2).into(),
            url: "https://hooks.example.com/".into(),
            kinds: None,
            scope: WebhookScope::Own,
            signing: SigningScheme::Ed25519,
            state: WebhookState::Active,
            state_reason: None,
            secret_sealed: Some(vec![1]),
            public_key: Some("whpk_old".into()),
            previous_sealed: None,
            previous_until: None,
            queued_to: 10,
            next_at: None,
            lease_id: None,
            lease_until: None,
            created_by: Uuid::from_u128(3).into(),
            version: 1,
            created_at: noon(),
        }
    }

    #[test]
    fn one_that_was_given_up_can_go_on_and_one_that_was_removed_cannot() {
        let given_up = webhook::Model { state: WebhookState::Disabled, state_reason: Some("gone".into()), ..active() };
        let again = step(&given_up, WebhookStep::Resume, noon()).unwrap();
        assert_eq!((again.state, again.state_reason, again.next_at), (WebhookState::Active, None, Some(noon())));
        let removed = step(&active(), WebhookStep::Remove, noon()).unwrap();
        assert!(removed.secret_sealed.is_none() && removed.previous_sealed.is_none());
        for any in [WebhookStep::Pause, WebhookStep::Resume, WebhookStep::Remove] {
            assert_eq!(step(&removed, any, noon()).unwrap_err().code, Code::WrongState);
        }
        assert_eq!(step(&active(), WebhookStep::Resume, noon()).unwrap_err().code, Code::WrongState);
    }

    #[test]
    fn a_rotation_keeps_the_old_key_for_a_while() {
        let ends = noon() + TimeDelta::days(1);
        let next = rotate(&active(), vec![2], &[9; 32], ends);
        assert_eq!((next.secret_sealed, next.previous_sealed, next.previous_until), (Some(vec![2]), Some(vec![1]), Some(ends)));
        assert_eq!(next.public_key, Some(public_text(&[9; 32])));
    }

    #[test]
    fn a_replay_goes_back_and_never_on() {
        for (from, queued_to) in [(1, 0), (11, 10), (12, 10), (900, 10)] {
            assert_eq!(replayed(&active(), from, noon()).queued_to, queued_to);
        }
    }

    #[test]
    fn everything_wrong_with_a_new_one_is_said_at_once() {
        let kinds = ["lot.closed".to_owned(), "painting.hung".to_owned(), "staff.appointed".to_owned()];
        let problem = check_new("http://127.0.0.1/", Some(&kinds), false).unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/url", "/kinds/1", "/kinds/2"]);
        assert_eq!(check_new("https://Hooks.Example.com/x", None, false).unwrap(), "https://hooks.example.com/x");
    }
}
