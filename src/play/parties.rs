//! Organisations and the people who act for them.

use serde_json::json;

use super::{Staff, text};
use crate::client::{Client, ClientError};
use crate::codes::complete_uscc;

/// A party to found.
#[derive(Clone, Debug)]
pub struct NewParty {
    /// Address of its owner.
    pub email: String,
    /// Password of its owner.
    pub password: String,
    /// University, enterprise …
    pub kind: String,
    /// `state` or `private`.
    pub ownership: String,
    /// Registered name.
    pub name: String,
    /// Name in English.
    pub name_en: Option<String>,
    /// Social credit code.
    pub uscc: String,
}

/// A verified organisation, with its owner signed in.
#[derive(Clone, Debug)]
pub struct Party {
    /// The owner, who is operator, signatory and bidder too.
    pub client: Client,
    /// The organisation.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// The owner's address.
    pub email: String,
}

/// Founds an organisation: its owner registers, gives himself every role, and an officer verifies it.
pub async fn found(base: &Client, staff: &Staff, new: &NewParty) -> Result<Party, ClientError> {
    let owner =
        json!({"email": new.email, "name": format!("{}负责人", new.name.chars().take(60).collect::<String>()), "password": new.password});
    base.create("/v1/persons", owner).await?;
    let client = base.sign_in(&new.email, &new.password).await?;
    let organisation = json!({"kind": new.kind, "ownership": new.ownership, "name": new.name, "name_en": new.name_en, "uscc": new.uscc});
    let organisation = text(&client.create("/v1/organisations", organisation).await?["id"]);
    let me = client.get("/v1/me").await?;
    let place = &me["memberships"][0];
    let roles = json!({"roles": ["owner", "operator", "signatory", "bidder"]});
    let path = format!("/v1/memberships/{}/roles", text(&place["id"]));
    let version = place["version"].as_i64().unwrap_or_default();
    client.ask(reqwest::Method::PUT, &path).body(roles).on_version(version).send().await?.ok()?;
    staff.reviewer.act(&format!("/v1/organisations/{organisation}/verify")).await?;
    Ok(Party { client, organisation, name: new.name.clone(), email: new.email.clone() })
}

/// Somebody to take into a party.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// His address.
    pub email: String,
    /// His password.
    pub password: String,
    /// His name.
    pub name: String,
    /// What he may do for the party.
    pub roles: Vec<String>,
}

/// Takes somebody into a party: he registers, is invited, and accepts. Nobody where letters are sent: a place is taken only by who has
/// shown that he reads them.
pub async fn join(base: &Client, party: &Party, new: &NewMember) -> Result<Option<Party>, ClientError> {
    base.create("/v1/persons", json!({"email": new.email, "name": new.name, "password": new.password})).await?;
    let client = base.sign_in(&new.email, &new.password).await?;
    let members = format!("/v1/organisations/{}/members", party.organisation);
    let invited = party.client.create(&members, json!({"email": new.email, "roles": new.roles})).await?;
    let accepted = client.ask(reqwest::Method::POST, &format!("/v1/memberships/{}/accept", text(&invited["id"]))).send().await?;
    if accepted.code() == "address_unproved" {
        return Ok(None);
    }
    accepted.ok()?;
    Ok(Some(Party { client, organisation: party.organisation.clone(), name: new.name.clone(), email: new.email.clone() }))
}

/// An invented social credit code that is formally right: an enterprise registered in Hangzhou with the
/// given number. No such organisation need exist.
pub fn invented_uscc(number: u32) -> String {
    invented("91330100", number)
}

/// As [`invented_uscc`], of a public institution such as a university.
pub fn invented_public_uscc(number: u32) -> String {
    invented("12330100", number)
}

fn invented(first8: &str, number: u32) -> String {
    complete_uscc(first8, &format!("MY{number:06}")).unwrap_or_default()
}
