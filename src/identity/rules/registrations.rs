//! How often somebody may ask to register by letter, how many letters an address gets, and how long a token stands.

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;
use entity::identity::registration_request;

use crate::platform::problem::{Code, Problem};
use crate::rulebook::rules::{Rulebook, RulebookError, Span};

/// The limits on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegistrationRules {
    /// How long a token stands, and the address is kept.
    pub life: TimeDelta,
    /// Most letters to one address within that time.
    pub letters: u64,
    /// Most requests of one network.
    pub of_network: usize,
    /// Within this time.
    pub window: TimeDelta,
}

impl RegistrationRules {
    /// As the rulebook has them.
    pub fn of(rulebook: &Rulebook, on: NaiveDate) -> Result<Self, RulebookError> {
        let count = |name: &str| rulebook.count(name, None, on);
        let span = |name: &str| rulebook.span(name, None, on).map(|span| Span::elapsed(span).unwrap_or(TimeDelta::MAX));
        Ok(Self {
            life: span("registration_life")?,
            letters: count("registration_letters")?.into(),
            of_network: usize::try_from(count("registrations_of_network")?).unwrap_or(usize::MAX),
            window: span("registration_window")?,
        })
    }
}

/// Whether a network may ask once more; `asked` is when it did so lately, the newest that the limit counts. The same
/// whoever has the address.
pub fn may_ask(asked: &[Timestamp], rules: &RegistrationRules, now: Timestamp) -> Result<(), Problem> {
    let counted = asked.iter().filter(|at| now - **at < rules.window);
    if counted.clone().count() < rules.of_network {
        return Ok(());
    }
    let until = counted.min().map_or(now, |first| *first + rules.window);
    let seconds = (until - now).num_seconds().max(0) + 1;
    Err(Problem { retry_after: u32::try_from(seconds).ok(), ..Code::TooManyAttempts.into() })
}

/// Whether an address that had so many letters lately gets another.
pub fn may_write(lately: u64, rules: &RegistrationRules) -> bool {
    lately < rules.letters
}

/// Whether a token of this hash opens an account.
pub fn stands(held: &registration_request::Model, hash: &[u8], now: Timestamp) -> bool {
    held.token_hash.as_deref() == Some(hash) && now < held.expires_at
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeZone, Utc};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::rulebook::rules::shipped::RULEBOOK;

    fn rules() -> RegistrationRules {
        RegistrationRules::of(&RULEBOOK, "2026-11-25".parse().unwrap()).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Utc.with_ymd_and_hms(2026, 11, 25, 1, 0, 0).unwrap() + TimeDelta::seconds(second)
    }

    #[test]
    fn a_network_waits_until_the_oldest_that_counts_is_an_hour_old() {
        let asked: Vec<_> = (0..100).map(at).collect();
        assert_eq!(may_ask(&asked[1..], &rules(), at(200)), Ok(()));
        let refused = may_ask(&asked, &rules(), at(200)).unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (Code::TooManyAttempts, Some(3_600 - 200 + 1)));
        assert_eq!(may_ask(&asked, &rules(), at(3_600)), Ok(()));
    }

    #[test]
    fn an_address_gets_three_letters() {
        assert!(may_write(2, &rules()) && !may_write(3, &rules()));
    }

    #[test]
    fn a_token_stands_to_its_last_moment_and_opens_nothing_else() {
        let held = registration_request::Model {
            id: Uuid::from_u128(1).into(),
            account: vec![1; 32],
            origin: "192.0.2.0/24".into(),
            email: Some(String::from("x").into()),
            token_hash: Some(vec![2; 32]),
            letter_at: Some(at(0)),
            expires_at: at(60),
            created_at: at(0),
        };
        assert!(stands(&held, &[2; 32], at(59)) && !stands(&held, &[2; 32], at(60)));
        assert!(!stands(&held, &[3; 32], at(1)));
        let used = registration_request::Model { token_hash: None, email: None, ..held };
        assert!(!stands(&used, &[2; 32], at(1)));
    }

    proptest! {
        /// Whoever waits as long as he is told may ask again.
        #[test]
        fn nobody_waits_in_vain(seconds in proptest::collection::vec(0_i64..3_600, 0..150)) {
            let asked: Vec<_> = seconds.iter().copied().map(at).collect();
            if let Err(refused) = may_ask(&asked[..asked.len().min(100)], &rules(), at(3_600)) {
                let later = at(3_600) + TimeDelta::seconds(refused.retry_after.unwrap().into());
                prop_assert_eq!(may_ask(&asked[..asked.len().min(100)], &rules(), later), Ok(()));
            }
        }
    }
}
