//! Whether a certificate stands: it follows from the register, so nothing has to be done for it when a licence ends.

use chrono::{DateTime, Utc};
use entity::certificates::licence_certificate;
use entity::licences::{LicenceGrantState, licence_grant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rulebook::rules::{shanghai_date, start_of};

/// Under which type it is signed how a certificate stands.
pub const TYPE: &str = "zhepai-licence-status+jws";

/// Where a certificate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// The licence is in force, and is as it says.
    Valid,
    /// The same, but the first day of the licence is still to come.
    NotBegun,
    /// The days of the licence are over.
    Expired,
    /// The licence is not as it says any more, or another certificate took its place.
    Superseded,
    /// The licence was ended, or the certificate was issued wrongly.
    Revoked,
}

/// Why it stands so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateCause {
    /// The first day of the licence is still to come.
    TermAhead,
    /// The days of the licence are over.
    TermOver,
    /// Another certificate of the licence took its place.
    CertificateReplaced,
    /// Another licence took the place of the licence, or its holder got the right itself.
    LicenceReplaced,
    /// The register says something else of the licence since.
    LicenceChanged,
    /// The licence was ended before its days were over.
    LicenceEnded,
    /// An officer took it back.
    IssuedWrongly,
}

/// How a certificate stands at an instant. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateStanding {
    /// When that was so.
    pub as_of: DateTime<Utc>,
    /// Why it is not simply valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<CertificateCause>,
    /// The number of the certificate.
    pub number: String,
    /// Why an officer took it back, in his words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when; or from when on, of a term ahead. Absent where the register does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Where it stands.
    pub state: CertificateState,
    /// The number of the one that took its place, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<String>,
}

/// What is known of a certificate beside its own row.
pub struct Known<'a> {
    /// The licence, as it is in the register.
    pub grant: &'a licence_grant::Model,
    /// Whether the register says of it what the certificate says.
    pub says_the_same: bool,
    /// The number of the certificate that took its place.
    pub next: Option<String>,
}

/// How a certificate stands. What was taken back stays so, whatever becomes of the licence.
pub fn standing(row: &licence_certificate::Model, known: Known<'_>, now: DateTime<Utc>) -> CertificateStanding {
    let (state, cause, since) = found(row, &known, now);
    CertificateStanding {
        as_of: now,
        cause,
        number: row.number.clone(),
        reason: row.revocation_reason.clone(),
        since,
        state,
        superseded_by: known.next.filter(|_| state == CertificateState::Superseded),
    }
}

fn found(
    row: &licence_certificate::Model,
    known: &Known<'_>,
    now: DateTime<Utc>,
) -> (CertificateState, Option<CertificateCause>, Option<DateTime<Utc>>) {
    use CertificateState::{Expired, NotBegun, Revoked, Superseded, Valid};
    let (grant, today) = (known.grant, shanghai_date(now));
    if row.revoked_at.is_some() {
        return (Revoked, Some(CertificateCause::IssuedWrongly), row.revoked_at);
    }
    match grant.state {
        LicenceGrantState::Terminated => return (Revoked, Some(CertificateCause::LicenceEnded), grant.ended_at),
        LicenceGrantState::Superseded => return (Superseded, Some(CertificateCause::LicenceReplaced), grant.ended_at),
        LicenceGrantState::Effective => {}
    }
    if row.superseded_at.is_some() {
        return (Superseded, Some(CertificateCause::CertificateReplaced), row.superseded_at);
    }
    if let Some(end) = grant.ends_on.filter(|end| *end <= today) {
        return (Expired, Some(CertificateCause::TermOver), Some(start_of(end)));
    }
    if !known.says_the_same {
        return (Superseded, Some(CertificateCause::LicenceChanged), None);
    }
    if today < grant.starts_on {
        return (NotBegun, Some(CertificateCause::TermAhead), Some(start_of(grant.starts_on)));
    }
    (Valid, None, None)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use entity::ids::{LicenceGrantId, PersonId};
    use uuid::Uuid;

    use super::*;
    use crate::certificates::rules::examples::{at, certificate, day, grant};

    fn of(row: &licence_certificate::Model, grant: &licence_grant::Model, now: DateTime<Utc>) -> CertificateStanding {
        standing(row, Known { grant, says_the_same: true, next: Some("XK-2".into()) }, now)
    }

    fn told(standing: &CertificateStanding) -> (CertificateState, Option<CertificateCause>, Option<DateTime<Utc>>) {
        (standing.state, standing.cause, standing.since)
    }

    #[test]
    fn it_is_valid_from_the_first_day_of_the_licence_to_the_one_before_its_end() {
        use CertificateState::{Expired, NotBegun, Valid};
        let (row, grant) = (certificate(), grant());
        let (begin, end) = (start_of(day(2026, 6)), start_of(day(2030, 6)));
        let before = TimeDelta::microseconds(1);
        assert_eq!(told(&of(&row, &grant, begin - before)), (NotBegun, Some(CertificateCause::TermAhead), Some(begin)));
        assert_eq!(told(&of(&row, &grant, begin)), (Valid, None, None));
        assert_eq!(told(&of(&row, &grant, end - before)), (Valid, None, None));
        assert_eq!(told(&of(&row, &grant, end)), (Expired, Some(CertificateCause::TermOver), Some(end)));
        let endless = licence_grant::Model { ends_on: None, ..grant };
        assert_eq!(told(&of(&row, &endless, start_of(day(2200, 1)))), (Valid, None, None));
    }

    #[test]
    fn it_ends_with_its_licence() {
        let ended = licence_grant::Model { state: LicenceGrantState::Terminated, ended_at: Some(at(9)), ..grant() };
        let found = of(&certificate(), &ended, at(10));
        assert_eq!(told(&found), (CertificateState::Revoked, Some(CertificateCause::LicenceEnded), Some(at(9))));
        assert_eq!(found.superseded_by, None, "nothing took the place of what was ended");
        let replaced =
            licence_grant::Model { state: LicenceGrantState::Superseded, superseded_by: Some(LicenceGrantId(Uuid::from_u128(9))), ..ended };
        let found = of(&certificate(), &replaced, at(10));
        assert_eq!(told(&found), (CertificateState::Superseded, Some(CertificateCause::LicenceReplaced), Some(at(9))));
        assert_eq!(found.superseded_by.as_deref(), Some("XK-2"));
    }

    #[test]
    fn what_the_register_does_not_say_any_more_does_not_stand() {
        let (row, grant) = (certificate(), grant());
        let changed = standing(&row, Known { grant: &grant, says_the_same: false, next: None }, at(10));
        assert_eq!(told(&changed), (CertificateState::Superseded, Some(CertificateCause::LicenceChanged), None));
        let replaced = licence_certificate::Model { superseded_at: Some(at(5)), ..row };
        let found = of(&replaced, &grant, at(10));
        assert_eq!(told(&found), (CertificateState::Superseded, Some(CertificateCause::CertificateReplaced), Some(at(5))));
    }

    #[test]
    fn that_somebody_says_it_is_not_kept_to_changes_nothing() {
        let said = licence_grant::Model { breach_at: Some(at(3)), breach: Some("许可人自行实施".into()), version: 2, ..grant() };
        assert_eq!(of(&certificate(), &said, at(10)).state, CertificateState::Valid);
    }

    #[test]
    fn what_was_taken_back_stays_so_with_its_reason() {
        let row = licence_certificate::Model {
            revoked_at: Some(at(5)),
            revoked_by: Some(PersonId(Uuid::from_u128(8))),
            revocation_reason: Some("名称有误".into()),
            ..certificate()
        };
        let over = licence_grant::Model { state: LicenceGrantState::Terminated, ended_at: Some(at(9)), ..grant() };
        for grant in [grant(), over] {
            let found = of(&row, &grant, at(10));
            assert_eq!(told(&found), (CertificateState::Revoked, Some(CertificateCause::IssuedWrongly), Some(at(5))));
            assert_eq!(found.reason.as_deref(), Some("名称有误"));
        }
    }
}
