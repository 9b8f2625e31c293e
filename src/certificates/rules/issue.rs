//! Which certificate of a licence is issued, and how one is taken back.

use chrono::NaiveDate;
use entity::Timestamp;
use entity::certificates::licence_certificate;
use entity::ids::{LicenceCertificateId, PersonId};
use entity::licences::{LicenceGrantState, licence_grant};
use serde::Serialize;

use crate::licences::rules::grant;
use crate::platform::problem::{Code, Faults, Problem};

/// The longest reason, characters.
const LONGEST: usize = 500;

/// What is issued.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<'a> {
    /// The one that stands says it already.
    Same(&'a licence_certificate::Model),
    /// Another one.
    Anew {
        /// Which of the licence it is.
        edition: i32,
        /// The one whose place it takes.
        replaces: Option<&'a licence_certificate::Model>,
    },
}

/// What is issued of a licence that is said in words of this hash, after the last one that was issued. Of a licence that does not stand there
/// is none, and what an officer took back is not said again in the same words.
pub fn next<'a>(
    last: Option<&'a licence_certificate::Model>,
    licence: &licence_grant::Model,
    said_sha256: &[u8],
    today: NaiveDate,
) -> Result<Next<'a>, Problem> {
    if !grant::stands(licence, today) {
        let is_over = licence.state == LicenceGrantState::Effective;
        return Err(if is_over { wrong_state("expired", licence, today) } else { wrong_state(licence.state, licence, today) });
    }
    let Some(last) = last else { return Ok(Next::Anew { edition: 1, replaces: None }) };
    let (same, taken_back) = (last.said_sha256 == said_sha256, last.revoked_at.is_some());
    match (same, taken_back) {
        (true, true) => Err(wrong_state("revoked", licence, today)),
        (true, false) => Ok(Next::Same(last)),
        (false, _) => Ok(Next::Anew { edition: last.edition + 1, replaces: Some(last).filter(|_| !taken_back) }),
    }
}

fn wrong_state(state: impl Serialize, licence: &licence_grant::Model, today: NaiveDate) -> Problem {
    Code::WrongState.with("state", state).with("allowed", grant::allowed(licence, today))
}

/// What a certificate is made of.
pub struct Made {
    /// Its id.
    pub id: LicenceCertificateId,
    /// Which of the licence it is.
    pub edition: i32,
    /// Its number.
    pub number: String,
    /// The hash of what it says of the licence.
    pub said_sha256: Vec<u8>,
    /// It itself, signed.
    pub jws: String,
    /// Who had it issued, and when.
    pub by: (PersonId, Timestamp),
}

/// A certificate that is issued.
pub fn issued(licence: &licence_grant::Model, made: Made) -> licence_certificate::Model {
    licence_certificate::Model {
        id: made.id,
        licence_grant_id: licence.id,
        edition: made.edition,
        number: made.number,
        said_sha256: made.said_sha256,
        jws: made.jws,
        issued_by: made.by.0,
        issued_at: made.by.1,
        superseded_at: None,
        revoked_at: None,
        revoked_by: None,
        revocation_reason: None,
        version: 1,
    }
}

/// The certificate once another took its place.
pub fn superseded(row: &licence_certificate::Model, now: Timestamp) -> licence_certificate::Model {
    licence_certificate::Model { superseded_at: Some(now), version: row.version + 1, ..row.clone() }
}

/// An officer who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Officer {
    /// Who.
    pub person: PersonId,
    /// Whether he has a place with a party of the licence, be it a suspended one.
    pub sits_with_party: bool,
}

/// Refuses who may not take a certificate back, and what is no more.
pub fn may_revoke(row: &licence_certificate::Model, by: Officer) -> Result<(), Problem> {
    let gone = if row.revoked_at.is_some() { Some("revoked") } else { row.superseded_at.map(|_| "superseded") };
    if let Some(state) = gone {
        return Err(Code::WrongState.with("state", state).with("allowed", Vec::<&str>::new()));
    }
    if by.sits_with_party { Err(Code::ConflictOfInterest.into()) } else { Ok(()) }
}

/// The certificate once it is taken back, with a reason that everybody reads.
pub fn revoked(row: &licence_certificate::Model, by: Officer, reason: &str, now: Timestamp) -> Result<licence_certificate::Model, Problem> {
    may_revoke(row, by)?;
    Faults::new().text("/reason", reason, LONGEST).done()?;
    Ok(licence_certificate::Model {
        revoked_at: Some(now),
        revoked_by: Some(by.person),
        revocation_reason: Some(reason.to_owned()),
        version: row.version + 1,
        ..row.clone()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::certificates::rules::examples::{at, certificate, day, grant};

    const SAME: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    fn officer(sits_with_party: bool) -> Officer {
        Officer { person: PersonId(Uuid::from_u128(8)), sits_with_party }
    }

    fn after<'a>(last: Option<&'a licence_certificate::Model>, said: &[u8]) -> Result<Next<'a>, Problem> {
        next(last, &grant(), said, day(2026, 7))
    }

    #[test]
    fn the_same_words_are_one_certificate_and_other_words_the_next() {
        let first = certificate();
        assert_eq!(after(None, &SAME).unwrap(), Next::Anew { edition: 1, replaces: None });
        assert_eq!(after(Some(&first), &SAME).unwrap(), Next::Same(&first));
        assert_eq!(after(Some(&first), &OTHER).unwrap(), Next::Anew { edition: 2, replaces: Some(&first) });
        let replaced = superseded(&first, at(5));
        assert_eq!((replaced.superseded_at, replaced.version), (Some(at(5)), 2));
    }

    #[test]
    fn what_was_taken_back_is_not_said_again() {
        let row = revoked(&certificate(), officer(false), "名称有误", at(5)).unwrap();
        let refused = after(Some(&row), &SAME).unwrap_err();
        assert_eq!((refused.code, &refused.facts["state"]), (Code::WrongState, &json!("revoked")));
        assert_eq!(after(Some(&row), &OTHER).unwrap(), Next::Anew { edition: 2, replaces: None }, "set right, it is");
    }

    #[test]
    fn of_a_licence_that_does_not_stand_there_is_none() {
        let ended = licence_grant::Model { state: LicenceGrantState::Terminated, ..grant() };
        let refused = next(None, &ended, &SAME, day(2026, 7)).unwrap_err();
        assert_eq!(
            (refused.code, &refused.facts["state"], &refused.facts["allowed"]),
            (Code::WrongState, &json!("terminated"), &json!([]))
        );
        let refused = next(None, &grant(), &SAME, day(2030, 6)).unwrap_err();
        assert_eq!((refused.code, &refused.facts["state"]), (Code::WrongState, &json!("expired")));
    }

    #[test]
    fn a_disinterested_officer_takes_back_what_stands_once_and_says_why() {
        let row = revoked(&certificate(), officer(false), "名称有误", at(5)).unwrap();
        assert_eq!((row.revoked_at, row.revocation_reason.as_deref(), row.version), (Some(at(5)), Some("名称有误"), 2));
        assert_eq!(revoked(&row, officer(false), "名称有误", at(6)).unwrap_err().code, Code::WrongState);
        assert_eq!(revoked(&superseded(&certificate(), at(5)), officer(false), "名称有误", at(6)).unwrap_err().code, Code::WrongState);
        assert_eq!(revoked(&certificate(), officer(true), "名称有误", at(5)).unwrap_err().code, Code::ConflictOfInterest);
        assert_eq!(revoked(&certificate(), officer(false), " ", at(5)).unwrap_err().code, Code::Invalid);
    }
}
