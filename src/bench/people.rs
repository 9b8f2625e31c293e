//! Bidders by the hundred, each of an organisation of his own and signed in.
//!
//! Persons come by the flow that registers them; organisations, places and sessions are written as rows with everything a
//! founder's have, in one transaction, since nothing of how they come about is measured.

use chrono::TimeDelta;
use entity::identity::{
    MembershipState, OrgRole, OrganisationKind, OrganisationState, Ownership, UsccStanding, membership, organisation, refresh_token,
    session,
};
use entity::ids::{OrganisationId, PersonId, SessionId, TokenId};
use serde::{Deserialize, Serialize};

use super::Failure;
use crate::codes::parse_uscc;
use crate::house::{House, Tx};
use crate::identity::flows::people::register_within;
use crate::identity::{personal, store, tokens};
use crate::platform::access::Context;
use crate::platform::db;
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};
use crate::play::parties::invented_uscc;

/// How long a bidder stays signed in: longer than anything is measured.
const SIGNED_IN: TimeDelta = TimeDelta::hours(20);
/// How many come in one transaction.
const AT_ONCE: u32 = 64;

/// A bidder.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// For whom.
    pub organisation: OrganisationId,
    /// In which session.
    pub session: SessionId,
    token: TokenId,
}

/// Brings so many in.
pub async fn bring(house: &House, count: u32) -> Result<Vec<Person>, Failure> {
    let by = Context::system("bench_people", "bench".into());
    let hash = house.passwords.hash("nobody signs in with this").await?;
    let mut people = Vec::new();
    let mut next = 0;
    while next < count {
        let numbers = (next, AT_ONCE.min(count - next));
        let done = house.write(&by, (numbers, hash.clone()), |tx, ((first, count), hash)| async move {
            let mut some = Vec::new();
            for number in first..first + count {
                some.push(Box::pin(one_within(&tx, number, &hash)).await?);
            }
            Ok::<Vec<Person>, Problem>(some)
        });
        people.extend(done.await?.value);
        next += numbers.1;
    }
    Ok(people)
}

async fn one_within(tx: &Tx, number: u32, hash: &str) -> Result<Person, Problem> {
    let email = format!("bidder-{number}@bench.example");
    let person = register_within(tx, &email, &format!("竞买人 {number}"), hash.to_owned(), None).await?;
    let now = tx.house.world.real_now();
    // The first number is the seller's.
    let uscc = invented_uscc(number + 2);
    let code = parse_uscc(&uscc).map_err(|_| Problem::from(Code::Internal))?;
    let firm = organisation::Model {
        id: tx.id(),
        kind: OrganisationKind::Enterprise,
        ownership: Ownership::Private,
        name: format!("竞买企业 {number}"),
        name_en: None,
        uscc: code.canonical,
        uscc_raw: uscc,
        uscc_standing: UsccStanding::Valid,
        uscc_document_id: None,
        division_code: code.division,
        warnings: serde_json::Value::Array(Vec::new()),
        state: OrganisationState::Verified,
        state_reason: None,
        created_by: person.id,
        decided_by: Some(person.id),
        version: 1,
        created_at: tx.now,
    };
    let organisation = firm.id;
    db::insert(tx.conn(), firm).await?;
    let id = tx.id();
    let place = membership::Model {
        id,
        organisation_id: organisation,
        person_id: Some(person.id),
        email: tx.sealed(personal::address_of(id), &email).await?,
        email_blind: person.email_blind,
        state: MembershipState::Active,
        invited_by: person.id,
        version: 1,
        created_at: tx.now,
    };
    db::insert(tx.conn(), place).await?;
    store::set_roles(tx.conn(), id, &[OrgRole::Owner, OrgRole::Bidder]).await?;
    let session = session::Model {
        id: tx.id(),
        person_id: person.id,
        organisation_id: Some(organisation),
        created_at: now,
        expires_at: now + SIGNED_IN,
        revoked_at: None,
        revoked_why: None,
        proved_at: None,
        seen_from: None,
        device: None,
    };
    let session_id = session.id;
    db::insert(tx.conn(), session).await?;
    let token = refresh_token::Model {
        id: tx.id(),
        session_id,
        hash: sha256(&tx.house.world.random::<32>()).to_vec(),
        parent_id: None,
        created_at: now,
        expires_at: now + SIGNED_IN,
        used_at: None,
        access_seen_at: Some(now),
        superseded_at: None,
    };
    let token_id = token.id;
    db::insert(tx.conn(), token).await?;
    Ok(Person { id: person.id, organisation, session: session_id, token: token_id })
}

impl Person {
    /// An access token that lasts as long as he is signed in.
    pub fn access_token(&self, house: &House) -> Result<String, Failure> {
        let now = house.world.real_now();
        let claims = tokens::claims(&house.config.issuer, self.id, self.session, self.token, now, SIGNED_IN);
        Ok(tokens::sign(&house.token_keys, &claims, now).ok_or("there is no key to sign tokens with")?)
    }
}
