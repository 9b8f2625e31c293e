//! What a password must be, by the profile the platform is run under.

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;
use entity::identity::person;

use crate::platform::config::PasswordProfile;
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Rulebook, RulebookError, Span};

/// Longest password, characters.
pub const LONGEST: usize = 128;

/// Fewest characters of an account's name that no password may contain: a shorter one is in half of all good phrases.
const SHORTEST_ACCOUNT: usize = 4;

/// The rules for passwords on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordRules {
    /// Fewest characters.
    pub shortest: usize,
    /// Fewest characters where a second factor stands beside it.
    pub shortest_with_factor: usize,
    /// Fewest guesses it withstands.
    pub guesses: u64,
    /// Fewest classes of characters: small and large letters, digits, all else.
    pub classes: usize,
    /// How many of the last may not come back.
    pub history: usize,
}

impl PasswordRules {
    /// As the rulebook has them. The two profiles contradict each other (ASVS forbids composition and
    /// rotation, 等保 asks for both), so one of them is chosen and never mixed.
    pub fn of(profile: PasswordProfile, rulebook: &Rulebook, on: NaiveDate) -> Result<Self, RulebookError> {
        let count = |name: &str| rulebook.count(name, None, on).map(|count| usize::try_from(count).unwrap_or(LONGEST));
        let guesses = rulebook.count("password_guesses", None, on)?.into();
        Ok(match profile {
            PasswordProfile::Asvs => Self {
                shortest: count("password_length")?,
                shortest_with_factor: count("password_length_with_factor")?,
                guesses,
                classes: 1,
                history: 0,
            },
            PasswordProfile::Mlps3 => Self {
                shortest: count("mlps_password_length")?,
                shortest_with_factor: count("mlps_password_length")?,
                guesses,
                classes: count("mlps_password_classes")?,
                history: count("mlps_password_history")?,
            },
        })
    }

    /// How long a password may be kept, which every call asks; nothing is looked up where nothing limits it.
    pub fn age(profile: PasswordProfile, rulebook: &Rulebook, on: NaiveDate) -> Result<Option<TimeDelta>, RulebookError> {
        match profile {
            PasswordProfile::Asvs => Ok(None),
            PasswordProfile::Mlps3 => rulebook.span("mlps_password_age", None, on).map(Span::elapsed),
        }
    }
}

/// Whether a password that may be kept so long is too old; it signs in to be changed and to nothing else.
pub fn outworn(age: Option<TimeDelta>, person: &person::Model, now: Timestamp) -> bool {
    let since = person.password_changed_at.unwrap_or(person.created_at);
    age.is_some_and(|age| now >= since + age)
}

/// Refuses a password that does not meet the rules. `place` is where the body has it.
pub fn fit(password: &str, email: &str, name: &str, has_factor: bool, rules: &PasswordRules, place: &str) -> Result<(), Problem> {
    let length = password.chars().count();
    let shortest = if has_factor { rules.shortest_with_factor } else { rules.shortest };
    let account = email.split('@').next().unwrap_or(email);
    let mut faults = Faults::new();
    faults
        .require(
            (shortest..=LONGEST).contains(&length),
            place,
            "password",
            &format!("口令须为 {shortest} 至 {LONGEST} 个字符"),
            &format!("a password has {shortest} to {LONGEST} characters"),
        )
        .require(
            account.chars().count() < SHORTEST_ACCOUNT || !password.to_lowercase().contains(&account.to_lowercase()),
            place,
            "password",
            "口令不得包含账号",
            "a password must not contain the account's name",
        )
        .require(
            classes(password) >= rules.classes,
            place,
            "password",
            &format!("口令须含大写字母、小写字母、数字、其他字符中的至少 {} 类", rules.classes),
            &format!("a password has at least {} of: capital letters, small letters, digits, other characters", rules.classes),
        );
    faults.done()?;
    if zxcvbn::zxcvbn(password, &[account, name, "zhepai", "浙拍"]).guesses() < rules.guesses {
        return Err(Code::Invalid.at(
            place,
            "password_common",
            "口令过于常见或容易猜中",
            "this password is too common or too easy to guess",
        ));
    }
    Ok(())
}

fn classes(password: &str) -> usize {
    let is_other = |c: char| !c.is_ascii_uppercase() && !c.is_ascii_lowercase() && !c.is_ascii_digit();
    let kinds: [fn(&char) -> bool; 3] = [char::is_ascii_uppercase, char::is_ascii_lowercase, char::is_ascii_digit];
    kinds.iter().filter(|kind| password.chars().any(|c| kind(&c))).count() + usize::from(password.chars().any(is_other))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::rulebook::rules::shipped::RULEBOOK;

    fn rules(profile: PasswordProfile) -> PasswordRules {
        PasswordRules::of(profile, &RULEBOOK, "2026-11-25".parse().unwrap()).unwrap()
    }

    fn tried(password: &str, has_factor: bool, profile: PasswordProfile) -> bool {
        fit(password, "wang@zju.example", "王工", has_factor, &rules(profile), "/password").is_ok()
    }

    #[test]
    fn asvs_asks_for_length_and_for_nothing_common() {
        use PasswordProfile::Asvs;
        assert!(tried("correct horse battery staple", false, Asvs));
        assert!(tried("长口令也可以是一句只有自己知道的话", false, Asvs));
        assert!(!tried("kx7#Pq2m!vR4tz", false, Asvs), "fourteen characters");
        assert!(tried("kx7#Pq2m", true, Asvs), "eight beside a second factor");
        for common in ["passwordpassword", "123456789012345", "qwertyuiopasdfgh", "zhepaizhepaizhepai"] {
            assert!(!tried(common, false, Asvs), "{common}");
        }
        assert!(!tried("the account is wang and mine", false, Asvs));
        assert!(!tried(&"x".repeat(129), false, Asvs));
    }

    #[test]
    fn a_short_name_of_an_account_may_be_in_a_password() {
        let fits =
            |email: &str| fit("correct horse battery staple", email, "王工", false, &rules(PasswordProfile::Asvs), "/password").is_ok();
        assert!(fits("a@x.cn") && fits("tap@x.cn") && fits("bat@x.cn"));
        assert!(!fits("hors@x.cn") && !fits("HORSE@x.cn"));
    }

    #[test]
    fn mlps3_asks_for_classes_of_characters() {
        use PasswordProfile::Mlps3;
        assert!(tried("Kx7pq2mvR4", false, Mlps3));
        assert!(!tried("kx7pq2mvr4", false, Mlps3), "two classes");
        assert!(!tried("Kx7#pq2mv", false, Mlps3), "nine characters");
    }

    #[test]
    fn a_password_wears_out_under_mlps3_only() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let person = person::Model {
            id: uuid::Uuid::nil().into(),
            email: String::new().into(),
            email_blind: None,
            name: String::new().into(),
            password_hash: String::new(),
            password_changed_at: Some(at("2026-01-01T00:00:00Z")),
            suspended_at: None,
            suspended_why: None,
            closed_at: None,
            forget_at: None,
            forgotten_at: None,
            address_proved_at: None,
            created_at: at("2020-01-01T00:00:00Z"),
        };
        let age = |profile| PasswordRules::age(profile, &RULEBOOK, "2026-11-25".parse().unwrap()).unwrap();
        let mlps3 = age(PasswordProfile::Mlps3);
        assert!(!outworn(mlps3, &person, at("2026-03-31T23:59:59Z")));
        assert!(outworn(mlps3, &person, at("2026-04-01T00:00:00Z")));
        assert!(!outworn(age(PasswordProfile::Asvs), &person, at("2036-01-01T00:00:00Z")));
    }
}
