//! Whether a certificate is sound: by itself, and at an instant, without asking anybody.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};

use super::said::{self, CertificateClaims};
use super::standing::{self, CertificateStanding, CertificateState};
use crate::auctions::rules::receipt::{ReceiptKey, Unsound, opened};
use crate::rulebook::rules::shanghai_date;

/// The longest certificate that is read, bytes. One of a licence of a hundred rights is shorter.
pub const LONGEST: usize = 524_288;

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its signature does not hold.
    Signature(Unsound),
    /// The signature of how it stands does not hold.
    Status(Unsound),
    /// What is said to be how it stands is so of another one.
    OtherStatus(String),
    /// It was taken back, or another took its place.
    Gone(Box<CertificateStanding>),
    /// The first day of the licence is still to come.
    Ahead(NaiveDate),
    /// The days of the licence are over since.
    Over(NaiveDate),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signature(why) => write!(f, "the signature does not hold: {why:?}"),
            Self::Status(why) => write!(f, "the signature of the status does not hold: {why:?}"),
            Self::OtherStatus(number) => write!(f, "the status is that of {number}"),
            Self::Gone(standing) => {
                let state = if standing.state == CertificateState::Revoked { "revoked" } else { "superseded" };
                write!(f, "it is {state}")?;
                standing.since.map_or(Ok(()), |since| write!(f, " since {since}"))?;
                standing.reason.as_ref().map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            Self::Ahead(day) => write!(f, "the licence begins on {day}"),
            Self::Over(day) => write!(f, "the licence ended on {day}"),
        }
    }
}

/// What was found right about a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it says.
    pub claims: CertificateClaims,
    /// The key that signed it.
    pub key: String,
    /// How it stood when that was asked, where that was shown.
    pub standing: Option<CertificateStanding>,
}

/// What a certificate says that one of the keys signed, and the id of that key.
pub fn read(jws: &str, keys: &[ReceiptKey]) -> Result<(CertificateClaims, String), Unsound> {
    opened(jws.trim(), said::TYPE, keys)
}

/// Checks a certificate: that one of the keys signed it, how it stood where a signed status is shown, and that the licence is in force at an
/// instant. Whether it was taken back since, only the platform knows.
pub fn verified(jws: &str, status: Option<&str>, keys: &[ReceiptKey], at: DateTime<Utc>) -> Result<Verified, Fault> {
    let (claims, key) = read(jws, keys).map_err(Fault::Signature)?;
    let standing = status.map(|status| shown(status, &claims.number, keys)).transpose()?;
    let (today, licence) = (shanghai_date(at), &claims.licence);
    if today < licence.scope.from {
        return Err(Fault::Ahead(licence.scope.from));
    }
    if let Some(end) = licence.ends_on.filter(|end| *end <= today) {
        return Err(Fault::Over(end));
    }
    Ok(Verified { claims, key, standing })
}

/// How the certificate of a number stood by a signed status, if it stood. Its days are judged for the instant that is asked about instead.
fn shown(status: &str, number: &str, keys: &[ReceiptKey]) -> Result<CertificateStanding, Fault> {
    let (standing, _): (CertificateStanding, _) = opened(status.trim(), standing::TYPE, keys).map_err(Fault::Status)?;
    if standing.number != number {
        return Err(Fault::OtherStatus(standing.number));
    }
    let is_gone = matches!(standing.state, CertificateState::Superseded | CertificateState::Revoked);
    if is_gone { Err(Fault::Gone(Box::new(standing))) } else { Ok(standing) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ed25519_dalek::SigningKey;
    use entity::certificates::licence_certificate;
    use entity::licences::{LicenceGrantState, licence_grant};

    use super::*;
    use crate::auctions::rules::receipt::sign_as;
    use crate::certificates::rules::examples::{at, certificate, day, grant, licence};
    use crate::certificates::rules::standing::{CertificateCause, Known};
    use crate::rulebook::rules::start_of;

    fn key(number: u8) -> SigningKey {
        SigningKey::from_bytes(&[number; 32])
    }

    fn public(number: u8) -> ReceiptKey {
        ReceiptKey::of(key(number).verifying_key().as_bytes())
    }

    fn claims() -> CertificateClaims {
        CertificateClaims::of(licence(), certificate().number, None, at(1))
    }

    fn jws() -> String {
        sign_as(&key(1), said::TYPE, &claims())
    }

    fn status(grant: &licence_grant::Model) -> String {
        let known = Known { grant, says_the_same: true, next: None };
        sign_as(&key(1), standing::TYPE, &standing::standing(&certificate(), known, at(20)))
    }

    #[test]
    fn whoever_has_the_key_reads_what_was_signed() {
        let found = verified(&jws(), None, &[public(2), public(1)], at(10)).unwrap();
        assert_eq!((found.claims, found.key, found.standing), (claims(), public(1).kid, None));
        assert!(verified(&format!("{}\n", jws()), None, &[public(1)], at(10)).is_ok(), "as it is printed into a file");
        assert_eq!(jws(), jws(), "nothing in it is drawn");
    }

    #[test]
    fn what_was_touched_or_signed_by_another_is_seen() {
        let fault = |jws: &str, number| verified(jws, None, &[public(number)], at(10)).unwrap_err();
        assert_eq!(fault(&jws(), 2), Fault::Signature(Unsound::UnknownKey));
        let other = sign_as(&key(1), said::TYPE, &CertificateClaims { number: "XK-2".into(), ..claims() });
        let (signed, forged) = (jws(), other.split('.').nth(1).unwrap().to_owned());
        let parts: Vec<_> = signed.split('.').collect();
        assert_eq!(fault(&[parts[0], &forged, parts[2]].join("."), 1), Fault::Signature(Unsound::Signature));
        assert_eq!(fault("a.b.c", 1), Fault::Signature(Unsound::Unreadable));
        let as_receipt = sign_as(&key(1), "zhepai-receipt+jws", &claims());
        assert_eq!(fault(&as_receipt, 1), Fault::Signature(Unsound::Unreadable), "another type says something else");
    }

    #[test]
    fn it_is_sound_on_the_days_of_the_licence() {
        let on = |day| verified(&jws(), None, &[public(1)], start_of(day));
        assert_eq!(on(day(2026, 5)).unwrap_err(), Fault::Ahead(day(2026, 6)));
        assert!(on(day(2026, 6)).is_ok() && on(day(2030, 5)).is_ok());
        assert_eq!(on(day(2030, 6)).unwrap_err(), Fault::Over(day(2030, 6)));
    }

    #[test]
    fn a_status_that_is_shown_counts_if_it_is_signed_and_of_this_one() {
        let with = |status: &str| verified(&jws(), Some(status), &[public(1)], at(30));
        assert_eq!(with(&status(&grant())).unwrap().standing.unwrap().state, CertificateState::Valid);
        let ended = licence_grant::Model { state: LicenceGrantState::Terminated, ended_at: Some(at(15)), ..grant() };
        let Fault::Gone(gone) = with(&status(&ended)).unwrap_err() else { panic!("it is gone") };
        assert_eq!((gone.state, gone.cause, gone.since), (CertificateState::Revoked, Some(CertificateCause::LicenceEnded), Some(at(15))));
        assert_eq!(Fault::Gone(gone).to_string(), "it is revoked since 2026-07-01 04:00:15 UTC");
        assert_eq!(with(&jws()).unwrap_err(), Fault::Status(Unsound::Unreadable));
        let row = licence_certificate::Model { number: "XK-2".into(), ..certificate() };
        let of_another = standing::standing(&row, Known { grant: &grant(), says_the_same: true, next: None }, at(20));
        assert_eq!(with(&sign_as(&key(1), standing::TYPE, &of_another)).unwrap_err(), Fault::OtherStatus("XK-2".into()));
    }
}
