//! Signatures of deliveries by Standard Webhooks: over id, time and body, so that none of them can be
//! changed or sent again later unnoticed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use entity::notifications::SigningScheme;

use crate::platform::keys::keyed;

/// A shared secret as its receiver is told it.
pub fn secret_text(key: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(key))
}

/// The public half of a key pair as its receiver is told it.
pub fn public_text(key: &[u8; 32]) -> String {
    format!("whpk_{}", STANDARD.encode(SigningKey::from_bytes(key).verifying_key().as_bytes()))
}

/// The signature of one delivery, with its scheme's mark.
pub fn sign(scheme: SigningScheme, key: &[u8], id: &str, seconds: i64, body: &str) -> Option<String> {
    let said = format!("{id}.{seconds}.{body}");
    match scheme {
        SigningScheme::HmacSha256 => Some(format!("v1,{}", STANDARD.encode(keyed(key, &[said.as_bytes()])))),
        SigningScheme::Ed25519 => {
            let key: &[u8; 32] = key.try_into().ok()?;
            Some(format!("v1a,{}", STANDARD.encode(SigningKey::from_bytes(key).sign(said.as_bytes()).to_bytes())))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ed25519_dalek::{Signature, VerifyingKey};
    use serde_json::Value;

    use super::*;

    /// What the authors of the standard compute themselves; said aloud where it is not at hand.
    #[test]
    fn we_sign_as_the_standard_does() {
        let Some(root) = std::env::var_os("ZHEPAI_REAL_DATA") else {
            eprintln!("SKIPPED: ZHEPAI_REAL_DATA is not set, so the vectors of Standard Webhooks were not checked");
            return;
        };
        let path = std::path::Path::new(&root).join("vectors/standard_webhooks.json");
        let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let signed = vectors["sign"].as_array().unwrap();
        assert!(!signed.is_empty());
        for vector in signed {
            let text = |name: &str| vector[name].as_str().unwrap();
            let key = STANDARD.decode(text("secret").trim_start_matches("whsec_")).unwrap();
            let made = sign(SigningScheme::HmacSha256, &key, text("id"), vector["timestamp"].as_i64().unwrap(), text("payload"));
            assert_eq!(made.as_deref(), Some(text("expected")));
            assert_eq!(secret_text(&key), text("secret"));
        }
    }

    #[test]
    fn whoever_has_the_public_half_can_verify() {
        let key = [7; 32];
        let made = sign(SigningScheme::Ed25519, &key, "msg_1", 1_614_265_330, "{}").unwrap();
        let public = STANDARD.decode(public_text(&key).trim_start_matches("whpk_")).unwrap();
        let public = VerifyingKey::from_bytes(public.as_slice().try_into().unwrap()).unwrap();
        let signature = Signature::from_slice(&STANDARD.decode(made.strip_prefix("v1a,").unwrap()).unwrap()).unwrap();
        assert!(public.verify_strict(b"msg_1.1614265330.{}", &signature).is_ok());
        assert!(public.verify_strict(b"msg_1.1614265331.{}", &signature).is_err());
        assert!(sign(SigningScheme::Ed25519, b"short", "msg_1", 0, "{}").is_none());
    }
}
