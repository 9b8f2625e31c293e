//! What a key may be, how long it lives, and whether it is good now.

use std::collections::BTreeSet;
use std::net::IpAddr;

use chrono::{NaiveDate, TimeDelta};
use entity::Timestamp;
use entity::identity::api_key;
use entity::ids::{ApiKeyId, LotId, OrganisationId, PersonId};
use ipnet::IpNet;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::platform::access::{KeyGrant, KeyScope};
use crate::platform::problem::{Code, Faults, Problem};
use crate::rulebook::rules::{Rulebook, Span};

/// Longest name, characters.
const LONGEST_NAME: usize = 80;
/// Longest reason, characters.
const LONGEST_REASON: usize = 500;
/// Most lots or networks one key names.
pub const MOST_NAMED: usize = 50;

/// The rules for keys on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRules {
    /// How long a key lives unless it is said.
    pub life: TimeDelta,
    /// How long it lives at most.
    pub longest_life: TimeDelta,
    /// How long a key is good beside the one that takes its place.
    pub overlap: TimeDelta,
    /// How many live keys a person has in one organisation at most.
    pub most: u64,
    /// How long calls made with keys are kept.
    pub log_life: TimeDelta,
}

impl KeyRules {
    /// As the rulebook has them.
    pub fn of(rulebook: &Rulebook, on: NaiveDate) -> Result<Self, Problem> {
        let span = |name: &str| rulebook.span(name, None, on).ok().and_then(Span::elapsed).ok_or(Code::Internal);
        Ok(Self {
            life: span("api_key_life")?,
            longest_life: span("api_key_longest_life")?,
            overlap: span("api_key_overlap")?,
            most: rulebook.count("api_keys_at_most", None, on).map_err(|_| Code::Internal)?.into(),
            log_life: span("api_key_log_life")?,
        })
    }
}

/// A key somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What it is called.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<KeyScope>,
    /// The lots it is for; all if none is named.
    pub lots: Vec<LotId>,
    /// The networks it may be used from; all if none is named.
    pub networks: Vec<IpNet>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

/// Whether such a key can be; until when it lives.
pub fn check(wanted: &Wanted, rules: &KeyRules, now: Timestamp) -> Result<Timestamp, Problem> {
    let expires_at = wanted.expires_at.unwrap_or(now + rules.life);
    let scopes: BTreeSet<_> = wanted.scopes.iter().collect();
    let lots: BTreeSet<_> = wanted.lots.iter().collect();
    let once = |given: usize, different: usize| given == different;
    Faults::new()
        .text("/name", &wanted.name, LONGEST_NAME)
        .require(
            !scopes.is_empty() && once(wanted.scopes.len(), scopes.len()),
            "/scopes",
            "scopes",
            "至少须有一项权限，且不得重复",
            "name at least one scope, and each once",
        )
        .require(
            wanted.lots.len() <= MOST_NAMED && once(wanted.lots.len(), lots.len()),
            "/lots",
            "lots",
            &format!("至多 {MOST_NAMED} 个标的，且不得重复"),
            &format!("at most {MOST_NAMED} lots, each once"),
        )
        .require(
            wanted.networks.len() <= MOST_NAMED,
            "/networks",
            "networks",
            &format!("至多 {MOST_NAMED} 个网段"),
            &format!("at most {MOST_NAMED} networks"),
        )
        .require(
            now < expires_at && expires_at <= now + rules.longest_life,
            "/expires_at",
            "range",
            &format!("须晚于现在，且不超过 {} 天", rules.longest_life.num_days()),
            &format!("must be later than now, by {} days at most", rules.longest_life.num_days()),
        )
        .done()?;
    Ok(expires_at)
}

/// Who a key is of, and what its text is known by.
pub struct Making<'a> {
    /// Its id.
    pub id: ApiKeyId,
    /// Whom it acts for.
    pub person: PersonId,
    /// In which organisation.
    pub organisation: OrganisationId,
    /// What its text begins with.
    pub prefix: &'a str,
    /// The hash of its text.
    pub hash: [u8; 32],
    /// Now.
    pub now: Timestamp,
}

/// A new key.
pub fn made(making: &Making<'_>, wanted: &Wanted, expires_at: Timestamp) -> api_key::Model {
    api_key::Model {
        id: making.id,
        person_id: making.person,
        organisation_id: making.organisation,
        name: wanted.name.clone(),
        prefix: making.prefix.into(),
        hash: making.hash.into(),
        scopes: json!(wanted.scopes),
        lots: json!(wanted.lots),
        networks: json!(wanted.networks),
        expires_at,
        revoked_at: None,
        revoked_by: None,
        revoked_why: None,
        rotated_from: None,
        last_used_at: None,
        last_used_from: None,
        version: 1,
        created_at: making.now,
    }
}

/// A key with the same name and powers that takes the place of another, once, which stays good for the overlap;
/// it lives as long as the other was meant to.
pub fn rotated(
    held: &api_key::Model,
    is_rotated: bool,
    making: &Making<'_>,
    overlap: TimeDelta,
) -> Result<(api_key::Model, api_key::Model), Problem> {
    require(held, is_rotated, making.now, "rotate_api_key")?;
    let last = api_key::Model { expires_at: held.expires_at.min(making.now + overlap), version: held.version + 1, ..held.clone() };
    let next = api_key::Model {
        id: making.id,
        prefix: making.prefix.into(),
        hash: making.hash.into(),
        expires_at: making.now + (held.expires_at - held.created_at),
        rotated_from: Some(held.id),
        last_used_at: None,
        last_used_from: None,
        version: 1,
        created_at: making.now,
        ..held.clone()
    };
    Ok((last, next))
}

/// The key once it is revoked.
pub fn revoked(held: &api_key::Model, by: Option<PersonId>, why: &str, now: Timestamp) -> Result<api_key::Model, Problem> {
    // Whether it was rotated is nothing to a revocation.
    require(held, false, now, "revoke_api_key")?;
    Ok(api_key::Model { revoked_at: Some(now), revoked_by: by, revoked_why: Some(why.into()), version: held.version + 1, ..held.clone() })
}

/// Whether a reason can be kept.
pub fn check_reason(reason: &str) -> Result<(), Problem> {
    Faults::new().text("/reason", reason, LONGEST_REASON).done()
}

/// Where a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It is good.
    Live,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// Where a key stands at an instant.
pub fn state(key: &api_key::Model, now: Timestamp) -> KeyState {
    state_of(key.revoked_at, key.expires_at, now)
}

/// The same, where only its end is known.
pub fn state_of(revoked_at: Option<Timestamp>, expires_at: Timestamp, now: Timestamp) -> KeyState {
    match revoked_at {
        Some(_) => KeyState::Revoked,
        None if now >= expires_at => KeyState::Expired,
        None => KeyState::Live,
    }
}

/// What can be done to a key at an instant, as operations: it is rotated once, and revoked while it is live.
pub fn open_on_key(key: &api_key::Model, is_rotated: bool, now: Timestamp) -> &'static [&'static str] {
    match state(key, now) {
        KeyState::Live if is_rotated => &["revoke_api_key"],
        KeyState::Live => &["rotate_api_key", "revoke_api_key"],
        KeyState::Expired | KeyState::Revoked => &[],
    }
}

fn require(key: &api_key::Model, is_rotated: bool, now: Timestamp, operation: &str) -> Result<(), Problem> {
    let allowed = open_on_key(key, is_rotated, now);
    if allowed.contains(&operation) {
        return Ok(());
    }
    let refused = match state(key, now) {
        KeyState::Live => Code::WrongState.with("state", "rotated"),
        state => Code::WrongState.with("state", state),
    };
    Err(refused.with("allowed", allowed))
}

/// Whether a key is good for a call from an address.
pub fn is_good(key: &api_key::Model, from: Option<IpAddr>, now: Timestamp) -> bool {
    // What cannot be read restricts to nothing there is.
    let welcome = read::<IpNet>(&key.networks)
        .is_some_and(|networks| networks.is_empty() || from.is_some_and(|from| networks.iter().any(|network| network.contains(&from))));
    state(key, now) == KeyState::Live && welcome
}

/// What a key may be used for.
pub fn grant(key: &api_key::Model) -> Option<KeyGrant> {
    Some(KeyGrant { id: key.id, prefix: key.prefix.clone(), scopes: read(&key.scopes)?, lots: read(&key.lots)? })
}

/// A list as it was kept, if it can be read.
pub fn read<T: DeserializeOwned>(kept: &Value) -> Option<Vec<T>> {
    serde_json::from_value(kept.clone()).ok()
}

/// How many live keys there may be.
pub fn room_for_one(live: u64, rules: &KeyRules) -> Result<(), Problem> {
    if live < rules.most { Ok(()) } else { Err(Code::TooManyKeys.with("limit", rules.most)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeZone, Utc};
    use uuid::Uuid;

    use super::*;
    use crate::rulebook::rules::shipped::RULEBOOK;

    fn at(second: i64) -> Timestamp {
        Utc.timestamp_opt(1_800_000_000 + second, 0).unwrap()
    }

    fn rules() -> KeyRules {
        KeyRules::of(&RULEBOOK, "2026-03-02".parse().unwrap()).unwrap()
    }

    fn wanted() -> Wanted {
        Wanted { name: "竞价程序".into(), scopes: vec![KeyScope::BidsPlace], lots: Vec::new(), networks: Vec::new(), expires_at: None }
    }

    fn making(number: u128, now: Timestamp) -> Making<'static> {
        Making {
            id: ApiKeyId(Uuid::from_u128(number)),
            person: PersonId(Uuid::from_u128(1)),
            organisation: OrganisationId(Uuid::from_u128(2)),
            prefix: "zpk_abcdefgh",
            hash: [u8::try_from(number).unwrap(); 32],
            now,
        }
    }

    #[test]
    fn a_key_says_what_it_is_for_and_ends() {
        assert_eq!(check(&wanted(), &rules(), at(0)).unwrap(), at(0) + rules().life);
        let lot = LotId(Uuid::from_u128(1));
        let unsound = [
            Wanted { name: " ".into(), ..wanted() },
            Wanted { scopes: Vec::new(), ..wanted() },
            Wanted { scopes: vec![KeyScope::BidsPlace; 2], ..wanted() },
            Wanted { lots: vec![lot; 2], ..wanted() },
            Wanted { networks: vec!["10.0.0.0/8".parse().unwrap(); MOST_NAMED + 1], ..wanted() },
            Wanted { expires_at: Some(at(0)), ..wanted() },
            Wanted { expires_at: Some(at(1) + rules().longest_life), ..wanted() },
        ];
        for one in unsound {
            assert_eq!(check(&one, &rules(), at(0)).unwrap_err().code, Code::Invalid, "{one:?}");
        }
    }

    #[test]
    fn a_key_is_good_until_it_ends_or_is_revoked_and_from_where_it_may_be_used() {
        let key = made(&making(1, at(0)), &wanted(), at(100));
        let here = Some("203.0.113.9".parse().unwrap());
        assert!(is_good(&key, None, at(99)) && !is_good(&key, None, at(100)));
        assert!(!is_good(&revoked(&key, None, "遗失", at(5)).unwrap(), None, at(6)));
        assert!(
            !is_good(&api_key::Model { networks: json!("10.0.0.0/8"), ..key.clone() }, here, at(1)),
            "what cannot be read opens nothing"
        );
        assert_eq!(grant(&api_key::Model { lots: json!({}), ..key.clone() }), None);
        let bound = api_key::Model { networks: json!(["203.0.113.0/24"]), ..key };
        assert!(is_good(&bound, here, at(1)));
        assert!(!is_good(&bound, None, at(1)) && !is_good(&bound, Some("198.51.100.1".parse().unwrap()), at(1)));
    }

    #[test]
    fn a_key_that_was_rotated_is_good_for_the_overlap() {
        let key = made(&making(1, at(0)), &wanted(), at(1000));
        let (last, next) = rotated(&key, false, &making(3, at(600)), TimeDelta::seconds(100)).unwrap();
        assert_eq!((last.expires_at, next.expires_at, next.rotated_from), (at(700), at(1600), Some(key.id)));
        assert_eq!((&next.scopes, &next.name, next.hash == key.hash), (&key.scopes, &key.name, false));
        let (soon, _) = rotated(&key, false, &making(3, at(950)), TimeDelta::seconds(100)).unwrap();
        assert_eq!(soon.expires_at, at(1000), "an overlap lengthens no life");
        let over = rotated(&last, false, &making(4, at(700)), TimeDelta::zero()).unwrap_err();
        assert_eq!((over.code, &over.facts["state"]), (Code::WrongState, &"expired".into()));
        let twice = rotated(&last, true, &making(4, at(650)), TimeDelta::zero()).unwrap_err();
        assert_eq!(&twice.facts["state"], &"rotated");
    }

    #[test]
    fn a_key_is_rotated_once_and_revoked_while_it_is_live() {
        let key = made(&making(1, at(0)), &wanted(), at(100));
        assert_eq!(open_on_key(&key, false, at(1)), ["rotate_api_key", "revoke_api_key"]);
        assert_eq!(open_on_key(&key, true, at(1)), ["revoke_api_key"]);
        assert!(open_on_key(&key, false, at(100)).is_empty());
        let gone = revoked(&key, None, "遗失", at(5)).unwrap();
        assert!(open_on_key(&gone, false, at(6)).is_empty());
        assert_eq!(revoked(&gone, None, "遗失", at(6)).unwrap_err().facts["state"], "revoked");
    }

    #[test]
    fn nobody_keeps_more_keys_than_he_may() {
        assert!(room_for_one(rules().most - 1, &rules()).is_ok());
        assert_eq!(room_for_one(rules().most, &rules()).unwrap_err().code, Code::TooManyKeys);
    }
}
