//! The second factor: time-based codes (RFC 6238) of an authenticator, and codes that stand in for it.

use totp_rs::{Builder, Totp};

use crate::platform::keys::sha256;

/// Bytes of a secret, as RFC 4226 recommends.
pub const SECRET_BYTES: usize = 20;
/// How many recovery codes are given.
pub const RECOVERY_CODES: usize = 10;

/// The letters of a recovery code: none that is easily taken for another.
const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// What a person may send as a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// Six digits of an authenticator.
    Timed(String),
    /// A recovery code's hash.
    Recovery([u8; 32]),
}

impl Code {
    /// Reads what was sent; blanks between digits are a habit of authenticators.
    pub fn read(text: &str) -> Self {
        let plain: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        if plain.len() == 6 && plain.bytes().all(|b| b.is_ascii_digit()) {
            return Self::Timed(plain);
        }
        Self::Recovery(recovery_hash(&plain))
    }
}

/// The generator of a secret: six digits, thirty seconds, one step of leeway either way.
fn generator(secret: &[u8]) -> Option<Totp> {
    Builder::new().with_secret(secret.to_vec()).with_skew(1).build().ok()
}

/// The time step a code belongs to, if it is one of the secret's around this second.
pub fn step_of(secret: &[u8], code: &str, second: u64) -> Option<i64> {
    generator(secret)?.check(code, second).and_then(|step| i64::try_from(step).ok())
}

/// The code of a secret at a second.
pub fn code_at(secret: &[u8], second: u64) -> Option<String> {
    generator(secret).map(|totp| totp.generate(second).to_string())
}

/// The address an authenticator reads a secret from.
pub fn enrolment_uri(secret: &[u8], account: &str, issuer: &str) -> Option<String> {
    let plain = |text: &str| text.replace(':', "_");
    let totp = Builder::new()
        .with_secret(secret.to_vec())
        .with_skew(1)
        .with_account_name(plain(account))
        .with_issuer(Some(plain(issuer)))
        .build()
        .ok()?;
    totp.to_url().ok()
}

/// A secret as it is typed (RFC 4648 base 32).
pub fn spelled(secret: &[u8]) -> String {
    totp_rs::Secret::new(secret.into()).to_base32()
}

/// Reads a secret as it is typed.
pub fn unspelled(text: &str) -> Option<Vec<u8>> {
    totp_rs::Secret::try_from_base32(text).ok().map(|secret| secret.as_bytes().to_vec())
}

/// A recovery code of sixteen random letters.
pub fn recovery_code(random: [u8; 16]) -> String {
    let letters: Vec<char> = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 31)])).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What is kept of a recovery code.
pub fn recovery_hash(code: &str) -> [u8; 32] {
    sha256(code.trim().to_lowercase().as_bytes())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, the last six of eight digits.
    const SECRET: &[u8; 20] = b"12345678901234567890";

    #[test]
    fn codes_are_those_of_the_standard() {
        for (second, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (20_000_000_000, "353130")] {
            assert_eq!(code_at(SECRET, second).as_deref(), Some(code));
            assert_eq!(step_of(SECRET, code, second), Some(i64::try_from(second / 30).unwrap()));
        }
    }

    #[test]
    fn a_code_is_good_one_step_early_and_late() {
        let code = code_at(SECRET, 300).unwrap();
        assert_eq!([269, 270, 329, 359].map(|second| step_of(SECRET, &code, second)), [None, Some(10), Some(10), Some(10)]);
        assert_eq!(step_of(SECRET, &code, 360), None);
    }

    #[test]
    fn what_was_sent_is_told_apart() {
        assert_eq!(Code::read("287 082"), Code::Timed("287082".into()));
        let code = recovery_code([7; 16]);
        assert_eq!((code.len(), Code::read(&code.to_uppercase())), (19, Code::Recovery(recovery_hash(&code))));
    }

    #[test]
    fn an_authenticator_can_read_the_secret() {
        assert_eq!(spelled(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(unspelled("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").as_deref(), Some(SECRET.as_slice()));
        let uri = enrolment_uri(SECRET, "wang@zju.example", "zhepai").unwrap();
        assert!(uri.starts_with("otpauth://totp/zhepai:wang") && uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), "{uri}");
    }
}
