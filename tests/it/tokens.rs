//! Access tokens cannot be forged, refresh tokens cannot be used twice, and rights follow at once.

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

use crate::common::Market;
use crate::common::fixtures::{achievement, enterprise};
use crate::common::play::{PASSWORD, give_roles, granted, member, membership, person, refused, through, within_a_second};
use crate::on_both;

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

/// A token of this header and these claims, signed with a key.
fn forged(header: &Value, claims: &Value, key: &SigningKey) -> String {
    let said = signed_part(header, claims);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(said.as_bytes()).to_bytes());
    format!("{said}.{signature}")
}

fn signed_part(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}

/// The thing with one member more, or another.
fn with(thing: &Value, name: &str, value: Value) -> Value {
    let mut changed = thing.clone();
    changed[name] = value;
    changed
}

fn without(thing: &Value, name: &str) -> Value {
    let mut changed = thing.clone();
    changed.as_object_mut().unwrap().remove(name);
    changed
}

/// Every attack on a token of which nothing else is wrong.
fn attacks(market: &Market, good: &str, refresh_token: &str) -> Vec<(&'static str, String)> {
    let key = &market.house().keys.token(1);
    let (header, claims) = (piece(good, 0), piece(good, 1));
    let signed = |header: &Value, claims: &Value| forged(header, claims, key);
    let (said, signature) = good.rsplit_once('.').unwrap();
    let unsigned = |alg: &str| format!("{}.", signed_part(&with(&header, "alg", alg.into()), &claims));
    let public = key.verifying_key();
    let confused = {
        let said = signed_part(&with(&header, "alg", "HS256".into()), &claims);
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(public.as_bytes()).unwrap();
        mac.update(said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    };
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(public.as_bytes())});
    let (iat, hour) = (claims["iat"].as_i64().unwrap(), 3_600);
    let past = with(&with(&with(&claims, "iat", (iat - hour).into()), "nbf", (iat - hour).into()), "exp", (iat - 1).into());
    vec![
        ("no signature, alg none", unsigned("none")),
        ("no signature, alg None", unsigned("None")),
        ("the public key as a shared secret", confused),
        ("another key", forged(&header, &claims, &SigningKey::from_bytes(&[7; 32]))),
        ("another kid", signed(&with(&header, "kid", "0000000000000000".into()), &claims)),
        ("a kid that is a path", signed(&with(&header, "kid", "../../dev/null".into()), &claims)),
        ("no kid", signed(&without(&header, "kid"), &claims)),
        ("a critical extension", signed(&with(&header, "crit", json!(["exp"])), &claims)),
        ("an embedded key", signed(&with(&header, "jwk", jwk), &claims)),
        ("a linked key", signed(&with(&header, "jku", "https://evil.example/jwks.json".into()), &claims)),
        ("another type", signed(&with(&header, "typ", "JWT".into()), &claims)),
        ("expired", signed(&header, &past)),
        ("not valid yet", signed(&header, &with(&claims, "nbf", (iat + hour).into()))),
        ("issued in the future", signed(&header, &with(&claims, "iat", (iat + 600).into()))),
        ("endless", signed(&header, &with(&claims, "exp", json!(1e18)))),
        ("without end", signed(&header, &without(&claims, "exp"))),
        ("another audience", signed(&header, &with(&claims, "aud", "elsewhere".into()))),
        ("another issuer", signed(&header, &with(&claims, "iss", "elsewhere".into()))),
        ("a claim too many", signed(&header, &with(&claims, "role", "security_admin".into()))),
        ("another person", signed(&header, &with(&claims, "sub", uuid::Uuid::new_v4().to_string().into()))),
        ("a session that is none", signed(&header, &with(&claims, "sid", uuid::Uuid::new_v4().to_string().into()))),
        ("claims changed under the signature", format!("{}.{signature}", signed_part(&header, &with(&claims, "exp", (iat + hour).into())))),
        ("a signature cut short", format!("{said}.{}", &signature[..signature.len() - 4])),
        ("an empty signature", format!("{said}.")),
        ("no signature part", said.to_owned()),
        ("something behind it", format!("{good}.{signature}")),
        ("a refresh token", refresh_token.to_owned()),
        ("too long", format!("{good}{}", "A".repeat(5_000))),
        ("nothing", String::new()),
    ]
}

on_both! {
    async fn a_forged_token_is_nobody(market) {
        let tokens = tokens(&market, "somebody@play.example").await;
        let good = text(&tokens["access_token"]);
        let again = forged(&piece(&good, 0), &piece(&good, 1), &market.house().keys.token(1));
        granted(&me(&market.stranger, &again).await, 200);
        for (attack, token) in attacks(&market, &good, &text(&tokens["refresh_token"])) {
            let reply = me(&market.stranger, &token).await;
            assert_eq!((reply.status, reply.code()), (401, "token_invalid"), "{attack}");
            assert_eq!(reply.header("WWW-Authenticate"), Some("Bearer"), "{attack}");
        }
    }
}

on_both! {
    async fn a_token_is_shown_once_and_as_a_bearer_token(market) {
        let token = text(&tokens(&market, "somebody@play.example").await["access_token"]);
        let url = format!("{}/v1/me", market.server.url());
        let bearer = format!("Bearer {token}");
        let shown = |values: &[&str]| {
            let request = reqwest::Client::new().get(&url);
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
