//! Secrets: one master key in a file, every other key derived from it for one purpose.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use chrono::TimeDelta;
use ed25519_dalek::SigningKey;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::platform::config::{Config, Profile};

/// How long a new key of a ring waits before it is used, so that every server knows it by then: each reads them
/// every second.
pub const LEAD: TimeDelta = TimeDelta::seconds(5);

/// Keys derived from the master key.
#[derive(Clone)]
pub struct Keys {
    /// Each generation of token keys is derived from this.
    tokens: [u8; 32],
    seal: [u8; 32],
    calls: [u8; 32],
    /// Keyed hashes of what people are known by.
    names: [u8; 32],
    receipts: SigningKey,
}

/// Why keys cannot be had, with how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("master key {path}: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// Others can read it.
    #[error("master key {0} can be read by others: run `chmod 600 {0}`")]
    Readable(String),
    /// Not 32 bytes in hexadecimal, or an example value.
    #[error("master key {0} must be 32 random bytes in hexadecimal: make one with `openssl rand -hex 32`")]
    Weak(String),
    /// A sealed value cannot be opened with this key.
    #[error("a sealed value cannot be opened with this master key")]
    Unopenable,
    /// The operating system gives no randomness.
    #[error("no randomness: {0}")]
    NoRandomness(String),
}

impl Keys {
    /// Reads the master key; outside production a missing one is made.
    pub fn load(config: &Config) -> Result<Self, KeyError> {
        let path = &config.master_key_file;
        if !path.exists() && config.profile != Profile::Production {
            make(path)?;
        }
        let shown = path.display().to_string();
        let failed = |source| KeyError::File { path: shown.clone(), source };
        let mode = std::fs::metadata(path).map_err(failed)?.permissions().mode();
        if config.profile == Profile::Production && mode & 0o077 != 0 {
            return Err(KeyError::Readable(shown));
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let bytes = unhex(text.trim()).filter(|b| b.len() == 32).ok_or_else(|| KeyError::Weak(shown.clone()))?;
        let varied = bytes.iter().collect::<std::collections::HashSet<_>>().len();
        if varied < 8 {
            return Err(KeyError::Weak(shown));
        }
        Ok(Self {
            tokens: derive(&bytes, "tokens/1"),
            seal: derive(&bytes, "seal/1"),
            calls: derive(&bytes, "calls/1"),
            names: derive(&bytes, "names/1"),
            receipts: SigningKey::from_bytes(&derive(&bytes, "receipts/1")),
        })
    }

    /// The key of a generation that access tokens are signed with.
    pub fn token(&self, generation: i64) -> SigningKey {
        SigningKey::from_bytes(&keyed(&self.tokens, &[&generation.to_be_bytes()]))
    }

    /// The key that receipts for bids are signed with.
    pub fn receipts(&self) -> &SigningKey {
        &self.receipts
    }

    /// A value that stands for a name, such as an address, without telling it; the same name under
    /// another purpose is another value.
    pub fn blind(&self, purpose: &str, name: &[u8]) -> [u8; 32] {
        keyed(&self.names, &[purpose.as_bytes(), b"\0", name])
    }

    /// Whether a value is the beginning of what stands for a name, told in a time that does not depend on where it differs.
    pub fn is_blind(&self, purpose: &str, name: &[u8], beginning: &[u8]) -> bool {
        mac(&self.names, &[purpose.as_bytes(), b"\0", name]).verify_truncated_left(beginning).is_ok()
    }

    /// The fingerprint of a call. Keyed, because a call's body may hold a password.
    pub fn fingerprint(&self, call: &[u8]) -> [u8; 32] {
        keyed(&self.calls, &[call])
    }

    /// Seals a value so that only this platform can open it, bound to what it belongs to.
    pub fn seal(&self, belongs_to: &[u8], nonce: [u8; 24], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
        seal_with(&self.seal, belongs_to, nonce, plain)
    }

    /// Opens what [`Self::seal`] made.
    pub fn open(&self, belongs_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
        open_with(&self.seal, belongs_to, sealed)
    }
}

/// Seals a value under a key, bound to what it belongs to.
pub fn seal_with(key: &[u8; 32], belongs_to: &[u8], nonce: [u8; 24], plain: &[u8]) -> Result<Vec<u8>, KeyError> {
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: belongs_to })
        .map_err(|_| KeyError::Unopenable)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Opens what [`seal_with`] made.
pub fn open_with(key: &[u8; 32], belongs_to: &[u8], sealed: &[u8]) -> Result<Vec<u8>, KeyError> {
    let (nonce, rest) = sealed.split_first_chunk::<24>().ok_or(KeyError::Unopenable)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: rest, aad: belongs_to })
        .map_err(|_| KeyError::Unopenable)
}

fn derive(master: &[u8], purpose: &str) -> [u8; 32] {
    keyed(master, &[b"zhepai/", purpose.as_bytes()])
}

/// HMAC-SHA-256.
pub fn keyed(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    mac(key, parts).finalize().into_bytes().into()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    for part in parts {
        mac.update(part);
    }
    mac
}

fn make(path: &Path) -> Result<(), KeyError> {
    let failed = |source| KeyError::File { path: path.display().to_string(), source };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| KeyError::NoRandomness(e.to_string()))?;
    // Written aside and put in place whole, so that no server ever reads half a key.
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside).map_err(failed)?;
    file.write_all(hex(&bytes).as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    let placed = match std::fs::hard_link(&aside, path) {
        // Another server made it at the same moment; its key is as good.
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map_err(failed),
    };
    let _ = std::fs::remove_file(&aside);
    placed
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = vec![0; bytes.len() * 2];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
    // All of it is ASCII.
    String::from_utf8(text).unwrap_or_default()
}

/// Reads hexadecimal.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).ok()).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys { tokens: [7; 32], seal: [9; 32], calls: [5; 32], names: [3; 32], receipts: SigningKey::from_bytes(&[1; 32]) }
    }

    #[test]
    fn what_is_sealed_opens_only_where_it_belongs() {
        let sealed = keys().seal(b"lot-1", [1; 24], b"1234500").unwrap();
        assert_eq!(keys().open(b"lot-1", &sealed).unwrap(), b"1234500");
        assert!(keys().open(b"lot-2", &sealed).is_err());
        assert!(!sealed.windows(7).any(|w| w == b"1234500"));
    }

    #[test]
    fn a_key_made_at_first_start_is_private_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { master_key_file: folder.path().join("k"), ..Config::default() };
        let first = Keys::load(&config).unwrap();
        assert_eq!(first.token(1), Keys::load(&config).unwrap().token(1));
        assert_ne!(first.token(1), first.token(2));
        assert_eq!(first.receipts(), Keys::load(&config).unwrap().receipts());
        assert_ne!(first.receipts(), &first.token(1));
        assert_eq!(std::fs::metadata(&config.master_key_file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn example_keys_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        std::fs::write(&path, "00".repeat(32)).unwrap();
        assert!(matches!(Keys::load(&Config { master_key_file: path, ..Config::default() }), Err(KeyError::Weak(_))));
    }
}
