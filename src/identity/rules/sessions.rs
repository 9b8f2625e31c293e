//! How long sessions live, and how long they may rest.

use chrono::TimeDelta;
use entity::identity::{person, session};

/// Lives of tokens on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lives {
    /// Of an access token.
    pub access: TimeDelta,
    /// Of a session.
    pub session: TimeDelta,
    /// How long a session may rest, from when it was last renewed.
    pub idle: TimeDelta,
    /// The same of officers' sessions, where the profile has a rule of its own for them.
    pub idle_of_officers: Option<TimeDelta>,
}

impl Lives {
    /// The lives of an officer's tokens, or of anybody else's. No access token outlives the rest its session may take.
    #[must_use]
    pub fn of(self, is_officer: bool) -> Self {
        let own = self.idle_of_officers.filter(|_| is_officer);
        let idle = own.map_or(self.idle, |own| own.min(self.idle));
        Self { access: self.access.min(idle), idle, ..self }
    }
}

/// Why a session ended whose owner signed out of it.
pub const SIGNED_OUT: &str = "signed out";

/// Whether what was begun in a session goes on: until the session is taken from whoever had it, which signing out is not.
pub fn goes_on(session: &session::Model) -> bool {
    session.revoked_at.is_none() || session.revoked_why.as_deref() == Some(SIGNED_OUT)
}

/// Whether the password somebody was found to know is still his: one that was only hashed anew is.
pub fn same_password(seen: &person::Model, held: &person::Model) -> bool {
    seen.password_changed_at == held.password_changed_at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lives(access: i64, idle_of_officers: Option<i64>) -> Lives {
        Lives {
            access: TimeDelta::minutes(access),
            session: TimeDelta::days(30),
            idle: TimeDelta::days(7),
            idle_of_officers: idle_of_officers.map(TimeDelta::minutes),
        }
    }

    #[test]
    fn an_officers_session_rests_no_longer_than_the_profile_lets_it() {
        assert_eq!(lives(15, Some(30)).of(true), Lives { idle: TimeDelta::minutes(30), ..lives(15, Some(30)) });
        assert_eq!(lives(15, Some(30)).of(false), lives(15, Some(30)));
        assert_eq!(lives(15, None).of(true), lives(15, None));
        // A rule of its own never makes it longer.
        assert_eq!(lives(15, Some(20_000)).of(true).idle, TimeDelta::days(7));
    }

    #[test]
    fn an_access_token_does_not_outlive_the_rest() {
        assert_eq!(lives(60, Some(30)).of(true).access, TimeDelta::minutes(30));
        assert_eq!(lives(60, Some(30)).of(false).access, TimeDelta::minutes(60));
    }
}
