//! Access tokens: EdDSA JWTs of fifteen minutes (RFC 9068 `at+jwt`), and opaque refresh tokens.

use std::sync::Once;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use entity::Timestamp;
use entity::ids::{PersonId, SessionId, TokenId};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::signature::{Error as SignatureError, Signer, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::token_keys::TokenKeys;

/// Longest token that is looked at.
const LONGEST: usize = 4096;
/// How far apart two servers' synchronised clocks may be, seconds.
const LEEWAY: i64 = 2;

/// Longest life of a token, seconds: what says that it lives longer is none of ours.
const LONGEST_LIFE: i64 = 24 * 60 * 60;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// The person.
    pub sub: PersonId,
    /// The session.
    pub sid: SessionId,
    /// The refresh token it was issued with.
    pub jti: TokenId,
    /// Issued at, seconds.
    pub iat: i64,
    /// Not before, seconds.
    pub nbf: i64,
    /// Until, seconds.
    pub exp: i64,
}

impl Claims {
    fn are_in_force(&self, now: Timestamp) -> bool {
        let second = now.timestamp();
        self.nbf <= second + LEEWAY && self.iat <= second + LEEWAY && second < self.exp
    }
}

/// A header with nothing in it but what we write: a critical extension, an embedded or linked key
/// is refused by being unknown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictHeader {
    alg: String,
    typ: String,
    kid: String,
}

/// Signs a token.
pub fn sign(keys: &TokenKeys, claims: &Claims, now: Timestamp) -> Option<String> {
    install();
    let (kid, key) = keys.signing(now)?;
    let header = Header { typ: Some("at+jwt".into()), kid: Some(kid), ..Header::new(Algorithm::EdDSA) };
    let der = key.to_pkcs8_der().ok()?;
    jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(der.as_bytes())).ok()
}

/// A token that is ours and in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it says.
    pub claims: Claims,
    /// The id of the key it is signed with.
    pub key: String,
}

impl Verified {
    /// Whether it is in force still, and its key verifies.
    pub fn is_in_force(&self, keys: &TokenKeys, now: Timestamp) -> bool {
        self.claims.are_in_force(now) && keys.verifying(&self.key, now).is_some()
    }
}

/// What a token is that is ours and in force, else nothing.
pub fn verify(keys: &TokenKeys, issuer: &str, token: &str, now: Timestamp) -> Option<Verified> {
    install();
    if token.len() > LONGEST || token.bytes().filter(|b| *b == b'.').count() != 2 {
        return None;
    }
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next()?).ok()?;
    let header: StrictHeader = serde_json::from_slice(&header).ok()?;
    if header.alg != "EdDSA" || header.typ != "at+jwt" {
        return None;
    }
    let public = keys.verifying(&header.kid, now)?;
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[issuer]);
    validation.set_audience(&[issuer]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
    // Time is the database's, not this machine's; it is checked below.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_ed_der(public.as_bytes()), &validation).ok()?.claims;
    let life = claims.exp.saturating_sub(claims.iat);
    (claims.are_in_force(now) && (1..=LONGEST_LIFE).contains(&life)).then_some(Verified { claims, key: header.kid })
}

/// The claims of a new token.
pub fn claims(issuer: &str, person: PersonId, session: SessionId, token: TokenId, now: Timestamp, life: TimeDelta) -> Claims {
    let at = now.timestamp();
    Claims { iss: issuer.into(), aud: issuer.into(), sub: person, sid: session, jti: token, iat: at, nbf: at, exp: at + life.num_seconds() }
}

/// The public keys tokens verify with (RFC 7517).
pub fn key_set(keys: &TokenKeys, now: Timestamp) -> Value {
    let said = keys.public(now).into_iter().map(|(id, key)| {
        let public = URL_SAFE_NO_PAD.encode(key.as_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": id, "x": public})
    });
    json!({"keys": said.collect::<Vec<_>>()})
}

/// The text of a refresh token: a prefix secret scanners can find, and 256 random bits.
pub fn refresh_text(random: [u8; 32]) -> String {
    format!("zrt_{}", URL_SAFE_NO_PAD.encode(random))
}

/// The text of a password reset: as of a refresh token.
pub fn reset_text(random: [u8; 32]) -> String {
    format!("zpr_{}", URL_SAFE_NO_PAD.encode(random))
}

/// The text of a registration by letter: as of a refresh token.
pub fn registration_text(random: [u8; 32]) -> String {
    format!("zrg_{}", URL_SAFE_NO_PAD.encode(random))
}

/// `jsonwebtoken` signs and verifies through a provider; ours knows EdDSA and refuses all else.
fn install() {
    static ONCE: Once = Once::new();
    static PROVIDER: CryptoProvider =
        CryptoProvider { signer_factory: signer, verifier_factory: verifier, key_utils: KeyUtils::new_unimplemented() };
    ONCE.call_once(|| {
        let _ = PROVIDER.install_default();
    });
}

struct EdSigner(SigningKey);

impl Signer<Vec<u8>> for EdSigner {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.sign(message).to_bytes().to_vec())
    }
}

impl JwtSigner for EdSigner {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

struct EdVerifier(VerifyingKey);

impl Verifier<Vec<u8>> for EdVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let signature = Signature::from_slice(signature).map_err(|_| SignatureError::new())?;
        self.0.verify_strict(message, &signature).map_err(|_| SignatureError::new())
    }
}

impl JwtVerifier for EdVerifier {
    fn algorithm(&self) -> Algorithm {
        Algorithm::EdDSA
    }
}

fn refused() -> Error {
    ErrorKind::InvalidAlgorithm.into()
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The provider's signature.
fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, Error> {
    use ed25519_dalek::pkcs8::DecodePrivateKey;
    if *algorithm != Algorithm::EdDSA {
        return Err(refused());
    }
    let key = SigningKey::from_pkcs8_der(key.as_bytes()).map_err(|_| refused())?;
    Ok(Box::new(EdSigner(key)))
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The provider's signature.
fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>, Error> {
    if *algorithm != Algorithm::EdDSA {
        return Err(refused());
    }
    let bytes: [u8; 32] = key.try_get_as_bytes()?.try_into().map_err(|_| refused())?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| refused())?;
    Ok(Box::new(EdVerifier(key)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod vectors;
