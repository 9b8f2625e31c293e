//! How often somebody may try to sign in, so that neither a guesser gets far nor an owner is locked out.

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Rulebook, RulebookError, Span};

/// The limits on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptRules {
    /// Failures of one account from one origin.
    pub here: usize,
    /// Within this time.
    pub window: TimeDelta,
    /// Failures of one account from anywhere.
    pub everywhere: usize,
    /// Within this time.
    pub window_everywhere: TimeDelta,
}

impl AttemptRules {
    /// As the rulebook has them.
    pub fn of(rulebook: &Rulebook, on: NaiveDate) -> Result<Self, RulebookError> {
        let count = |name: &str| rulebook.count(name, None, on).map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let span = |name: &str| rulebook.span(name, None, on).map(|span| Span::elapsed(span).unwrap_or(TimeDelta::MAX));
        Ok(Self {
            here: count("sign_in_failures")?,
            window: span("sign_in_window")?,
            everywhere: count("sign_in_failures_everywhere")?,
            window_everywhere: span("sign_in_window_everywhere")?,
        })
    }
}

/// A failure of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where it came from.
    pub origin: String,
    /// When.
    pub at: Timestamp,
}

/// A try, before anything about the account has been looked at.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Where it comes from: a network, or a device that has signed in to this account before.
    pub origin: &'a str,
    /// Whether it is such a device.
    pub known_device: bool,
    /// When.
    pub at: Timestamp,
}

/// Whether a try is made at all. The same for accounts there are and accounts there are not.
///
/// Each origin has a few failures. An account that is attacked from everywhere is closed to strangers; a known
/// device goes on, and whoever proves the second factor before the password is looked at: the refusal he is
/// spared comes back for the case that he does not.
pub fn may_try(attempt: &Attempt, failures: &[Failure], rules: &AttemptRules) -> Result<Option<Problem>, Problem> {
    let since = |window: TimeDelta| move |failure: &&Failure| attempt.at - failure.at < window;
    let here: Vec<_> = failures.iter().filter(|failure| failure.origin == attempt.origin).filter(since(rules.window)).collect();
    if here.len() >= rules.here {
        return Err(wait(&here, rules.window, attempt.at));
    }
    let all: Vec<_> = failures.iter().filter(since(rules.window_everywhere)).collect();
    let closed = all.len() >= rules.everywhere && !attempt.known_device;
    Ok(closed.then(|| wait(&all, rules.window_everywhere, attempt.at)))
}

/// Whether somebody is kept from an account now by tries that failed: strangers, or whoever comes from where they came from.
pub fn keep_out(failures: &[Failure], rules: &AttemptRules, at: Timestamp) -> bool {
    let refused = |origin: &str| !matches!(may_try(&Attempt { origin, known_device: false, at }, failures, rules), Ok(None));
    failures.iter().any(|failure| refused(&failure.origin))
}

/// Refuses until the oldest failure that counts has left the window.
fn wait(counted: &[&Failure], window: TimeDelta, now: Timestamp) -> Problem {
    let until = counted.iter().map(|failure| failure.at + window).min().unwrap_or(now);
    let seconds = (until - now).num_seconds().max(0) + 1;
    Problem { retry_after: u32::try_from(seconds).ok(), ..Code::TooManyAttempts.into() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rulebook::rules::shipped::RULEBOOK;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn rules() -> AttemptRules {
        AttemptRules::of(&RULEBOOK, "2026-11-25".parse().unwrap()).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap()
    }

    fn failures(origin: &str, seconds: impl IntoIterator<Item = i64>) -> Vec<Failure> {
        seconds.into_iter().map(|second| Failure { origin: origin.into(), at: at(second) }).collect()
    }

    fn from(origin: &str, second: i64) -> Attempt<'_> {
        Attempt { origin, known_device: false, at: at(second) }
    }

    #[test]
    fn five_failures_from_one_network_make_it_wait_and_no_other() {
        let failed = failures("192.0.2.0/24", 0..5);
        assert!(may_try(&from("192.0.2.0/24", 10), &failed[..4], &rules()).is_ok());
        let refused = may_try(&from("192.0.2.0/24", 10), &failed, &rules()).unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (Code::TooManyAttempts, Some(900 - 10 + 1)));
        assert!(may_try(&from("198.51.100.0/24", 10), &failed, &rules()).is_ok());
        assert!(may_try(&from("192.0.2.0/24", 900), &failed, &rules()).is_ok());
    }

    #[test]
    fn an_account_attacked_from_everywhere_stays_open_to_its_owner() {
        let failed: Vec<_> = (0..100).flat_map(|n| failures(&format!("10.0.{n}.0/24"), [n])).collect();
        let stranger = from("192.0.2.0/24", 200);
        assert_eq!(may_try(&stranger, &failed, &rules()).unwrap().unwrap().code, Code::TooManyAttempts);
        assert_eq!(may_try(&Attempt { known_device: true, origin: "device:1", ..stranger }, &failed, &rules()), Ok(None));
        assert_eq!(may_try(&stranger, &failed[..99], &rules()), Ok(None));
    }

    #[test]
    fn an_account_keeps_somebody_out_from_one_network_or_from_everywhere() {
        let network = failures("192.0.2.0/24", 0..5);
        assert!(keep_out(&network, &rules(), at(10)) && !keep_out(&network, &rules(), at(1_000)));
        assert!(!keep_out(&network[..4], &rules(), at(10)) && !keep_out(&[], &rules(), at(10)));
        let everywhere: Vec<_> = (0..100).flat_map(|n| failures(&format!("10.0.{n}.0/24"), [n])).collect();
        assert!(keep_out(&everywhere, &rules(), at(3_000)));
        assert!(!keep_out(&everywhere[..99], &rules(), at(3_000)) && !keep_out(&everywhere, &rules(), at(3_700)));
    }

    proptest! {
        /// Whatever others do, a device of the owner's that has not failed itself may try.
        #[test]
        fn nobody_locks_out_a_known_device(seconds in proptest::collection::vec(0_i64..3_600, 0..300)) {
            let failed: Vec<_> = seconds.iter().flat_map(|n| failures(&format!("10.{}.0.0/24", n % 50), [*n])).collect();
            let owner = Attempt { origin: "device:1", known_device: true, at: at(3_600) };
            prop_assert_eq!(may_try(&owner, &failed, &rules()), Ok(None));
        }
    }
}
