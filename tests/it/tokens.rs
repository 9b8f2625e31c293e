//! Access tokens cannot be forged, refresh tokens cannot be used twice, and rights follow at once.

use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use entity::identity::refresh_token;
use entity::ids::SessionId;
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use sha2::Sha256;
use zhepai::client::{Client, Reply};
use zhepai::platform::keys::sha256;
use zhepai::play::text;

use crate::accounts::attacked;
use crate::common::Market;
use crate::common::fixtures::{achievement, enterprise};
use crate::common::play::{PASSWORD, eventually, give_roles, granted, member, membership, person, refused, through, within_a_second};
use crate::common::post::{by_letter, decoded};
use crate::on_both;
use crate::recorded::real;

/// Signs somebody up and in; the tokens.
async fn tokens(market: &Market, email: &str) -> Value {
    person(&market.stranger, email).await;
    let sent = json!({"email": email, "password": PASSWORD});
    granted(&market.stranger.post("/v1/sessions", sent).send().await.unwrap(), 201).clone()
}

async fn refresh(stranger: &Client, token: &Value) -> Reply {
    stranger.post("/v1/sessions/refresh", json!({"refresh_token": token})).send().await.unwrap()
}

/// Who the bearer of an access token is, to the market.
async fn me(stranger: &Client, token: &str) -> Reply {
    stranger.with_token(token).look("/v1/me").await.unwrap()
}

/// A piece of a token, read.
fn piece(token: &str, index: usize) -> Value {
    let encoded = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(encoded).unwrap()).unwrap()
}

on_both! {
    async fn an_access_token_says_that_it_lives_fifteen_minutes(market) {
        let tokens = tokens(&market, "somebody@play.example").await;
        assert_eq!((&tokens["expires_in"], &tokens["token_type"]), (&json!(900), &json!("Bearer")));
        let token = text(&tokens["access_token"]);
        let (header, claims) = (piece(&token, 0), piece(&token, 1));
        assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 15 * 60);
        let keys = market.stranger.get("/.well-known/jwks.json").await.unwrap();
        assert_eq!(keys["keys"][0]["kid"], header["kid"]);
    }
}

on_both! {
    async fn a_refresh_token_is_exchanged_for_its_successor(market) {
        let first = tokens(&market, "somebody@play.example").await;
        let reply = refresh(&market.stranger, &first["refresh_token"]).await;
        let second = granted(&reply, 201);
        assert_ne!(second["refresh_token"], first["refresh_token"]);
        assert_ne!(second["access_token"], first["access_token"]);
        granted(&me(&market.stranger, &text(&second["access_token"])).await, 200);
        granted(&refresh(&market.stranger, &second["refresh_token"]).await, 201);
    }
}

on_both! {
    /// Whoever shows a token whose successor is in use has stolen it, or was stolen from.
    async fn a_refresh_token_used_again_after_its_successor_ends_the_session(market) {
        for (case, through_access_token) in [("by-access@play.example", true), ("by-refresh@play.example", false)] {
            let first = tokens(&market, case).await;
            let mut last = granted(&refresh(&market.stranger, &first["refresh_token"]).await, 201).clone();
            if through_access_token {
                granted(&me(&market.stranger, &text(&last["access_token"])).await, 200);
            } else {
                last = granted(&refresh(&market.stranger, &last["refresh_token"]).await, 201).clone();
            }
            refused(&refresh(&market.stranger, &first["refresh_token"]).await, 401, "refresh_invalid");
            refused(&me(&market.stranger, &text(&last["access_token"])).await, 401, "token_invalid");
            refused(&refresh(&market.stranger, &last["refresh_token"]).await, 401, "refresh_invalid");
        }
    }
}

on_both! {
    /// An answer that was lost is given again, until its successor is used; what was lost is worth nothing.
    async fn a_lost_answer_is_given_again(market) {
        let first = tokens(&market, "somebody@play.example").await;
        let lost = granted(&refresh(&market.stranger, &first["refresh_token"]).await, 201).clone();
        let again = granted(&refresh(&market.stranger, &first["refresh_token"]).await, 201).clone();
        refused(&me(&market.stranger, &text(&lost["access_token"])).await, 401, "token_invalid");
        granted(&me(&market.stranger, &text(&again["access_token"])).await, 200);
        refused(&refresh(&market.stranger, &first["refresh_token"]).await, 401, "refresh_invalid");
        refused(&me(&market.stranger, &text(&again["access_token"])).await, 401, "token_invalid");
    }
}

on_both! {
    async fn a_lost_refresh_token_that_turns_up_ends_the_session(market) {
        let first = tokens(&market, "somebody@play.example").await;
        let lost = granted(&refresh(&market.stranger, &first["refresh_token"]).await, 201).clone();
        let again = granted(&refresh(&market.stranger, &first["refresh_token"]).await, 201).clone();
        refused(&refresh(&market.stranger, &lost["refresh_token"]).await, 401, "refresh_invalid");
        refused(&refresh(&market.stranger, &again["refresh_token"]).await, 401, "refresh_invalid");
    }
}

on_both! {
    async fn twenty_parallel_exchanges_leave_one_live_token(market) {
        let first = tokens(&market, "somebody@play.example").await;
        let replies = join_all((0..20).map(|_| refresh(&market.stranger, &first["refresh_token"]))).await;
        let session: SessionId = text(&piece(&text(&first["access_token"]), 1)["sid"]).parse().unwrap();
        let family = refresh_token::Entity::find().filter(refresh_token::Column::SessionId.eq(session));
        let family = family.all(market.house().db.read()).await.unwrap();
        let live: Vec<_> = family.iter().filter(|token| token.used_at.is_none() && token.superseded_at.is_none()).collect();
        assert_eq!(live.len(), 1, "{family:?}");

        let issued: Vec<_> = replies.iter().map(|reply| &granted(reply, 201)["refresh_token"]).collect();
        let good: Vec<_> = issued.iter().filter(|token| sha256(text(token).as_bytes()).as_slice() == live[0].hash).collect();
        assert_eq!((issued.len(), good.len()), (20, 1));
        granted(&refresh(&market.stranger, good[0]).await, 201);
    }
}

on_both! {
    async fn a_session_signed_out_is_over(market) {
        let tokens = tokens(&market, "somebody@play.example").await;
        let bearer = market.stranger.with_token(&text(&tokens["access_token"]));
        granted(&bearer.ask(reqwest::Method::DELETE, "/v1/sessions/current").send().await.unwrap(), 204);
        refused(&bearer.look("/v1/me").await.unwrap(), 401, "token_invalid");
        refused(&refresh(&market.stranger, &tokens["refresh_token"]).await, 401, "refresh_invalid");
    }
}

/// A token of these two texts, whatever they say, signed with a key.
fn sealed(header: &str, claims: &str, key: &SigningKey) -> String {
    let said = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(said.as_bytes()).to_bytes());
    format!("{said}.{signature}")
}

/// A token of this header and these claims, signed with a key.
fn forged(header: &Value, claims: &Value, key: &SigningKey) -> String {
    sealed(&header.to_string(), &claims.to_string(), key)
}

fn signed_part(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// The thing with one member more, or another.
fn with(thing: &Value, name: &str, value: impl Into<Value>) -> Value {
    let mut changed = thing.clone();
    changed[name] = value.into();
    changed
}

fn without(thing: &Value, name: &str) -> Value {
    let mut changed = thing.clone();
    changed.as_object_mut().unwrap().remove(name);
    changed
}

/// The text of an object in which a member is given twice, to the same effect.
fn twice(thing: &Value, name: &str) -> String {
    format!("{{\"{name}\":{},{}", thing[name], &thing.to_string()[1..])
}

/// An attack in words, and the token.
type Attack = (&'static str, String);

/// A good token, and everything a forger could wish for: even the key it was signed with.
struct Forge<'a> {
    key: &'a SigningKey,
    good: &'a str,
    header: Value,
    claims: Value,
}

impl<'a> Forge<'a> {
    fn at(good: &'a str, key: &'a SigningKey) -> Self {
        Self { key, good, header: piece(good, 0), claims: piece(good, 1) }
    }

    /// Soundly signed, under another header.
    fn headed(&self, name: &str, value: impl Into<Value>) -> String {
        forged(&with(&self.header, name, value), &self.claims, self.key)
    }

    /// Soundly signed, with another claim.
    fn claiming(&self, name: &str, value: impl Into<Value>) -> String {
        forged(&self.header, &with(&self.claims, name, value), self.key)
    }

    /// What is signed, where another algorithm is named.
    fn said_under(&self, alg: &str) -> String {
        signed_part(&with(&self.header, "alg", alg), &self.claims)
    }

    /// Signatures that are none.
    fn signatures(&self) -> Vec<Attack> {
        let (said, signature) = self.good.rsplit_once('.').unwrap();
        let unsigned = |alg: &str| format!("{}.", self.said_under(alg));
        let noughts = URL_SAFE_NO_PAD.encode([0; 64]);
        let confused = {
            let said = self.said_under("HS256");
            let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.key.verifying_key().as_bytes()).unwrap();
            mac.update(said.as_bytes());
            format!("{said}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        };
        let later = with(&self.claims, "exp", self.claims["exp"].as_i64().unwrap() + 1);
        vec![
            ("no signature, alg none", unsigned("none")),
            ("no signature, alg None", unsigned("None")),
            ("no signature, alg nOnE", unsigned("nOnE")),
            ("the signature of a good token, alg none", format!("{}.{signature}", self.said_under("none"))),
            ("the public key as a shared secret", confused),
            ("ES256 with r and s nought", format!("{}.{noughts}", self.said_under("ES256"))),
            ("a signature of noughts", format!("{said}.{noughts}")),
            ("another key", forged(&self.header, &self.claims, &SigningKey::from_bytes(&[7; 32]))),
            ("claims changed under the signature", format!("{}.{signature}", signed_part(&self.header, &later))),
            ("a signature cut short", format!("{said}.{}", &signature[..signature.len() - 4])),
            ("an empty signature", format!("{said}.")),
            ("no signature part", said.to_owned()),
        ]
    }

    /// Headers that name another key, or ask for what we do not do.
    fn headers(&self) -> Vec<Attack> {
        let public = URL_SAFE_NO_PAD.encode(self.key.verifying_key().as_bytes());
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": public});
        let unheard = with(&with(&self.header, "crit", json!(["unheard"])), "unheard", true);
        vec![
            ("another kid", self.headed("kid", "0000000000000000")),
            ("a kid that is a path", self.headed("kid", "../../dev/null")),
            ("a kid that is SQL", self.headed("kid", "' OR '1'='1")),
            ("a kid with NUL", self.headed("kid", format!("{}\0", text(&self.header["kid"])))),
            ("a huge kid", self.headed("kid", "0".repeat(2_000))),
            ("no kid", forged(&without(&self.header, "kid"), &self.claims, self.key)),
            ("an embedded key", self.headed("jwk", jwk)),
            ("a linked key", self.headed("jku", "https://evil.example/jwks.json")),
            ("a linked certificate", self.headed("x5u", "https://evil.example/key.pem")),
            ("an embedded certificate", self.headed("x5c", json!([public]))),
            ("a critical extension", self.headed("crit", json!(["exp"]))),
            ("a critical extension nobody knows", forged(&unheard, &self.claims, self.key)),
            ("compressed", self.headed("zip", "DEF")),
            ("nested, by its header", self.headed("cty", "JWT")),
            ("another type", self.headed("typ", "JWT")),
            ("an algorithm given twice", sealed(&twice(&self.header, "alg"), &self.claims.to_string(), self.key)),
        ]
    }

    /// Claims that do not hold.
    fn claims(&self) -> Vec<Attack> {
        let iat = self.claims["iat"].as_i64().unwrap();
        let exp = self.claims["exp"].as_i64().unwrap();
        let past = ["iat", "nbf"].iter().fold(with(&self.claims, "exp", iat - 1), |past, name| with(&past, name, iat - 3_600));
        let somebody = || uuid::Uuid::new_v4().to_string();
        let list: Vec<_> = ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"].iter().map(|name| &self.claims[name]).collect();
        vec![
            ("expired", forged(&self.header, &past, self.key)),
            ("not valid yet", self.claiming("nbf", iat + 3_600)),
            ("issued in the future", self.claiming("iat", iat + 600)),
            ("endless", self.claiming("exp", 1_000_000_000_000_000_000_i64)),
            ("endless, with a fraction", self.claiming("exp", json!(1e18))),
            ("an end before all time", self.claiming("exp", -1)),
            ("an end with a fraction", self.claiming("exp", json!(format!("{exp}.5").parse::<f64>().unwrap()))),
            ("an end that is text", self.claiming("exp", exp.to_string())),
            ("without end", forged(&self.header, &without(&self.claims, "exp"), self.key)),
            ("an end given twice", sealed(&self.header.to_string(), &twice(&self.claims, "exp"), self.key)),
            ("a person given twice", sealed(&self.header.to_string(), &twice(&self.claims, "sub"), self.key)),
            ("another audience", self.claiming("aud", "elsewhere")),
            ("several audiences", self.claiming("aud", json!([self.claims["aud"], "elsewhere"]))),
            ("another issuer", self.claiming("iss", "elsewhere")),
            ("a claim too many", self.claiming("role", "security_admin")),
            ("another person", self.claiming("sub", somebody())),
            ("a session that is none", self.claiming("sid", somebody())),
            ("a refresh token that is none", self.claiming("jti", somebody())),
            ("claims that are a list", forged(&self.header, &json!(list), self.key)),
            ("another token as claims", sealed(&self.header.to_string(), self.good, self.key)),
        ]
    }

    /// Other ways to write a good token.
    fn forms(&self) -> Vec<Attack> {
        let parts: Vec<_> = self.good.split('.').collect();
        let (protected, payload, signature) = (parts[0], parts[1], parts[2]);
        let flat = json!({"protected": protected, "payload": payload, "signature": signature});
        let general = json!({"payload": payload, "signatures": [{"protected": protected, "signature": signature}]});
        let trailing = format!("{} {{}}", self.claims);
        vec![
            ("bits behind the last byte", format!("{protected}.{payload}.{}", next_in_alphabet(signature))),
            ("padded", format!("{}==", self.good)),
            ("the other alphabet", self.in_the_other_alphabet()),
            ("a letter behind it", format!("{}A", self.good)),
            ("a part behind it", format!("{}.{signature}", self.good)),
            ("a word behind it", format!("{} x", self.good)),
            ("more behind the claims", sealed(&self.header.to_string(), &trailing, self.key)),
            ("JSON, flattened", flat.to_string()),
            ("JSON", general.to_string()),
            ("too long", format!("{}{}", self.good, "A".repeat(5_000))),
            ("nothing", String::new()),
        ]
    }

    /// A token that is good but for the two letters in which the alphabets differ.
    fn in_the_other_alphabet(&self) -> String {
        let nbf = self.claims["nbf"].as_i64().unwrap();
        // Not every signature has one of them.
        let tempts = |token: &String| token.rsplit('.').next().unwrap().contains(['-', '_']);
        let token = (0..10_000).map(|earlier| self.claiming("nbf", nbf - earlier)).find(tempts).unwrap();
        let (said, signature) = token.rsplit_once('.').unwrap();
        format!("{said}.{}", signature.replace('-', "+").replace('_', "/"))
    }
}

/// The text with the next letter for its last: 64 bytes leave four bits of that one unused, and so nought.
fn next_in_alphabet(signature: &str) -> String {
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = signature.split_at(signature.len() - 1);
    let at = alphabet.find(last).unwrap();
    format!("{rest}{}", &alphabet[at + 1..at + 2])
}

on_both! {
    async fn a_forged_token_is_nobody(market) {
        let tokens = tokens(&market, "somebody@play.example").await;
        let good = text(&tokens["access_token"]);
        let seen = granted(&me(&market.stranger, &good).await, 200).clone();
        let place = format!("/v1/persons/{}/password-reset", text(&seen["person"]["id"]));
        let reset = market.staff.security.act(&place).await.unwrap();
        let key = market.house().keys.token(1);
        let forge = Forge::at(&good, &key);
        // Signed anew it is as good: whatever is refused below is refused for what was changed.
        granted(&me(&market.stranger, &forged(&forge.header, &forge.claims, forge.key)).await, 200);
        let others = vec![
            ("a refresh token", text(&tokens["refresh_token"])),
            ("a password reset", text(&reset["reset_token"])),
            ("the token of a device", text(&tokens["device_token"])),
        ];
        assert!(others.iter().all(|(_, token)| token.len() > 20), "{others:?}");
        for (attack, token) in [forge.signatures(), forge.headers(), forge.claims(), forge.forms(), others].concat() {
            let reply = me(&market.stranger, &token).await;
            assert_eq!((reply.status, reply.code()), (401, "token_invalid"), "{attack}");
            assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"), "{attack}");
        }
        granted(&me(&market.stranger, &good).await, 200);
    }
}

/// What a letter brings that begins so, once it has come.
async fn brought(letters: &Arc<Mutex<Vec<String>>>, mark: &str) -> String {
    let found = || {
        let letters: Vec<_> = letters.lock().unwrap().iter().map(|letter| decoded(letter)).collect();
        letters.iter().flat_map(|said| said.split_whitespace()).find(|word| word.starts_with(mark)).map(ToOwned::to_owned)
    };
    eventually(async || found().is_some()).await;
    found().unwrap()
}

on_both! {
    /// What comes by letter is good for what it says, and is neither an access token nor a refresh token.
    async fn a_token_of_a_letter_is_nobody(market) {
        let (market, letters) = by_letter(&market).await;
        let (stranger, email) = (&market.stranger, "somebody@play.example");
        let nobody = async |token: &str| {
            let reply = me(stranger, token).await;
            refused(&reply, 401, "token_invalid");
            assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"));
            refused(&refresh(stranger, &json!(token)).await, 401, "refresh_invalid");
        };
        granted(&stranger.post("/v1/registrations", json!({"email": email})).send().await.unwrap(), 202);
        let registration = brought(&letters, "zrg_").await;
        nobody(&registration).await;
        let account = json!({"token": registration, "name": "张某", "password": PASSWORD});
        let used = stranger.post("/v1/registrations/use", account).send().await.unwrap();
        granted(&used, 201);
        nobody(&registration).await;

        attacked(&market, email).await;
        granted(&stranger.post("/v1/device-letters", json!({"email": email})).send().await.unwrap(), 202);
        let device = brought(&letters, "zdl_").await;
        nobody(&device).await;
        let sent = json!({"email": email, "password": PASSWORD, "device_token": device});
        granted(&stranger.post("/v1/sessions", sent).send().await.unwrap(), 201);
        nobody(&device).await;
    }
}

on_both! {
    /// Nothing about these tokens is wrong but what they rest on, which is no more.
    async fn a_token_ends_with_what_it_rests_on(market) {
        let stranger = &market.stranger;
        let good = async |email: &str| {
            let token = text(&tokens(&market, email).await["access_token"]);
            granted(&me(stranger, &token).await, 200);
            token
        };
        let nobody = async |what: &str, token: &str| {
            let reply = me(stranger, token).await;
            assert_eq!((reply.status, reply.code()), (401, "token_invalid"), "{what}");
        };
        let revoked = good("signs-out@play.example").await;
        let signed_out = stranger.with_token(&revoked).ask(reqwest::Method::DELETE, "/v1/sessions/current").send().await.unwrap();
        granted(&signed_out, 204);
        nobody("its session", &revoked).await;

        let first = tokens(&market, "renews@play.example").await;
        let lost = granted(&refresh(stranger, &first["refresh_token"]).await, 201).clone();
        granted(&refresh(stranger, &first["refresh_token"]).await, 201);
        nobody("the refresh token it came with", &text(&lost["access_token"])).await;

        let closed = good("closes@play.example").await;
        granted(&stranger.with_token(&closed).post("/v1/me/close", json!({"password": PASSWORD})).send().await.unwrap(), 200);
        nobody("its account", &closed).await;

        let suspended = good("suspended@play.example").await;
        let id = text(&me(stranger, &suspended).await.body["person"]["id"]);
        market.staff.security.create(&format!("/v1/persons/{id}/suspend"), json!({"reason": "账号被盗"})).await.unwrap();
        nobody("an account that is suspended", &suspended).await;

        let retired = good("stays@play.example").await;
        market.staff.security.create("/v1/token-keys/rotate", json!({"at_once": true})).await.unwrap();
        nobody("the key it is signed with", &retired).await;
        let again = stranger.sign_in("stays@play.example", PASSWORD).await.unwrap();
        granted(&again.look("/v1/me").await.unwrap(), 200);
    }
}

on_both! {
    /// Whatever is collected as an attack on tokens is refused as any other token that is none.
    async fn no_collected_attack_is_somebody(market) {
        let Some(file) = real("vectors/wycheproof/json_web_signature_test.json") else { return };
        let file: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        for test in file["testGroups"].as_array().unwrap().iter().flat_map(|group| group["tests"].as_array().unwrap()) {
            let Some(token) = test["jws"].as_str() else { continue };
            let reply = me(&market.stranger, token).await;
            assert_eq!((reply.status, reply.code()), (401, "token_invalid"), "{}: {}", test["tcId"], test["comment"]);
        }
    }
}

on_both! {
    async fn a_token_is_shown_once_and_as_a_bearer_token(market) {
        let token = text(&tokens(&market, "somebody@play.example").await["access_token"]);
        let url = format!("{}/v1/me", market.server.url());
        let bearer = format!("Bearer {token}");
        let shown = |values: &[&str]| {
            let request = crate::common::http().get(&url);
            values.iter().fold(request, |request, value| request.header("Authorization", *value)).send()
        };
        assert_eq!(shown(&[bearer.as_str()]).await.unwrap().status(), 200);
        for values in [vec![bearer.as_str(), bearer.as_str()], vec![bearer.as_str(), "Bearer x"], vec![token.as_str()], vec!["Basic YTpi"]] {
            let answer = shown(&values).await.unwrap();
            assert_eq!(answer.status(), 401, "{values:?}");
            assert_eq!(answer.json::<Value>().await.unwrap()["code"], "token_invalid");
        }
    }
}

on_both! {
    /// Rights are looked up on every call: what an owner takes or gives holds from the next one on, at
    /// every server.
    async fn a_change_of_rights_takes_effect_on_the_next_request(market) {
        let firm = enterprise(&market, "firm-1", 1).await;
        let other = if market.house().db.is_sqlite() { None } else { Some(market.second_server().await) };
        let colleague = member(&market.stranger, &firm.client, &firm.organisation, "colleague@play.example", &["viewer"]).await;
        let mut doors = vec![colleague.clone()];
        doors.extend(other.iter().map(|(_, door)| through(door, &colleague)));
        let writes = async |door: &Client| door.post("/v1/achievements", achievement()).send().await.unwrap().status;
        for door in &doors {
            assert_eq!(writes(door).await, 403);
        }
        let place = membership(&colleague).await;
        give_roles(&firm.client, &place, &["operator"]).await;
        assert_eq!(writes(&colleague).await, 201);
        for door in &doors {
            assert!(within_a_second(async || writes(door).await == 201).await);
        }
        for (deed, status) in [("suspend", 403), ("reinstate", 201), ("remove", 403)] {
            firm.client.act(&format!("/v1/memberships/{}/{deed}", text(&place["id"]))).await.unwrap();
            assert_eq!(writes(&colleague).await, status, "{deed}");
            for door in &doors {
                assert!(within_a_second(async || writes(door).await == status).await, "{deed}");
            }
        }
        if let Some((server, _)) = other {
            server.stop().await;
        }
    }
}
