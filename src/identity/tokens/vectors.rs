//! The verifier of access tokens held against vectors that others collected: every attack is refused, and every sound
//! signature of the one algorithm we know is taken.

use std::path::Path;

use ed25519_dalek::SigningKey;
use serde_json::Value;

use super::*;
use crate::platform::config::Config;
use crate::platform::keys::{Keys, unhex};

/// A file under `$ZHEPAI_REAL_DATA`; `None` only where that is not set.
fn read(file: &str) -> Option<Value> {
    let Some(root) = std::env::var_os("ZHEPAI_REAL_DATA") else {
        eprintln!("SKIPPED: ZHEPAI_REAL_DATA is not set, so nothing of {file} was tried");
        return None;
    };
    let path = Path::new(&root).join(file);
    Some(serde_json::from_slice(&std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))).unwrap())
}

/// Every test of a file of Wycheproof, with its group.
fn tests(file: &Value) -> impl Iterator<Item = (&Value, &Value)> {
    file["testGroups"].as_array().unwrap().iter().flat_map(|group| group["tests"].as_array().unwrap().iter().map(move |test| (group, test)))
}

fn bytes(of: &Value) -> Vec<u8> {
    unhex(of.as_str().unwrap()).unwrap()
}

#[test]
fn signatures_are_judged_as_wycheproof_says() {
    let Some(file) = read("vectors/wycheproof/ed25519_test.json") else { return };
    let (mut sound, mut unsound) = (0, 0);
    for (group, test) in tests(&file) {
        let key: [u8; 32] = bytes(&group["publicKey"]["pk"]).try_into().unwrap();
        let verifier = VerifyingKey::from_bytes(&key).map(EdVerifier);
        let taken = verifier.is_ok_and(|verifier| verifier.verify(&bytes(&test["msg"]), &bytes(&test["sig"])).is_ok());
        assert_eq!(taken, test["result"] == "valid", "{}: {}", test["tcId"], test["comment"]);
        if taken { sound += 1 } else { unsound += 1 }
    }
    assert!(sound > 50 && unsound > 50, "{sound} sound, {unsound} unsound");
}

#[test]
fn macs_are_reckoned_as_wycheproof_says() {
    let Some(file) = read("vectors/wycheproof/hmac_sha256_test.json") else { return };
    let whole = tests(&file).filter(|(group, _)| group["tagSize"] == 256);
    let judged = whole.map(|(_, test)| {
        let mac = crate::platform::keys::keyed(&bytes(&test["key"]), &[&bytes(&test["msg"])]);
        assert_eq!(mac.as_slice() == bytes(&test["tag"]), test["result"] == "valid", "{}: {}", test["tcId"], test["comment"]);
    });
    assert!(judged.count() > 50);
}

#[test]
fn no_token_of_another_algorithm_or_key_is_ours() {
    let Some(file) = read("vectors/wycheproof/json_web_signature_test.json") else { return };
    let folder = tempfile::tempdir().unwrap();
    let keys = Keys::load(&Config { master_key_file: folder.path().join("k"), ..Config::default() }).unwrap();
    let ring = TokenKeys::empty();
    let now = "2026-03-02T12:00:00Z".parse().unwrap();
    ring.put(
        &keys,
        vec![entity::identity::token_key::Model { generation: 1, signs_from: now, retired_at: None, made_by: None, created_at: now }],
    );
    let mut tried = 0;
    for (_, test) in tests(&file) {
        let token = test["jws"].as_str().map_or_else(|| test["jws"].to_string(), ToOwned::to_owned);
        assert_eq!(verify(&ring, "zhepai", &token, now), None, "{}: {}", test["tcId"], test["comment"]);
        tried += 1;
    }
    assert_eq!(tried, file["numberOfTests"].as_u64().unwrap());
}

#[test]
fn the_example_of_rfc_8037_is_signed_and_verified_as_printed() {
    let Some(file) = read("vectors/jose_cookbook/curve25519/jws.json") else { return };
    let decoded = |of: &Value| URL_SAFE_NO_PAD.decode(of.as_str().unwrap()).unwrap();
    let key = SigningKey::from_bytes(&decoded(&file["input"]["key"]["d"]).try_into().unwrap());
    let (said, signature) = (file["signing"]["sig-input"].as_str().unwrap().as_bytes(), decoded(&file["signing"]["sig"]));
    assert_eq!(EdSigner(key.clone()).try_sign(said).unwrap(), signature);
    assert_eq!(key.verifying_key().as_bytes().as_slice(), decoded(&file["input"]["key"]["x"]));
    assert!(EdVerifier(key.verifying_key()).verify(said, &signature).is_ok());
}
