//! Who may do what, shown on every operation of the document.
//!
//! Each operation is called by a stranger, by every role of the organisation a thing belongs to and
//! of another one, by people who are not members yet or any more, and by every member of the staff.
//! What must come is computed from the operation's `x-authz` and from whom the thing belongs to. A
//! refusal says nothing but itself and changes nothing. The table that results is `rights.txt`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use chrono::TimeDelta;
use entity::identity::StaffRole;
use entity::ids::PersonId;
use entity::money::Money;
use entity::notifications::mail_preference;
use futures_util::future::join_all;
use reqwest::Method;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::platform::http::{server, spec};
use zhepai::play::{self, NewAsset, Party, Published, text};

use crate::bank::Books;
use crate::common::database::{Tables, at_rest, fingerprint};
use crate::common::discreet::inside;
use crate::common::play::person as registered;
use crate::common::post::prove_addresses;
use crate::common::{Base, Market, fixtures};
use crate::encumbrances::{self, Entered};
use crate::on_both;
use crate::{
    amendments, certificates, data_rooms, gates, licences, negotiations, open_implementation, open_licence_acceptance, open_licences,
    recordals, rights_grants,
};

/// The roles inside an organisation, as the API spells them.
const ROLES: [&str; 5] = ["owner", "operator", "signatory", "bidder", "viewer"];

/// The members of a problem document that says no more than that the caller may not.
const BARE: [&str; 6] = ["type", "title", "status", "detail", "code", "request_id"];

// ---- People and offers the tests about rights need ----

/// The address of somebody.
pub(crate) fn address(key: &str) -> String {
    format!("{key}@people.example")
}

/// Registers a person and signs in.
pub(crate) async fn person(market: &Market, key: &str) -> Client {
    registered(&market.stranger, &address(key)).await
}

/// Invites an address into an organisation; the membership's id.
pub(crate) async fn invite(party: &Party, email: &str, roles: &[&str]) -> String {
    let place = format!("/v1/organisations/{}/members", party.organisation);
    text(&party.client.create(&place, json!({"email": email, "roles": roles})).await.unwrap()["id"])
}

/// A new person whose address is known to be his, where letters could show that.
async fn proved(market: &Market, key: &str) -> Client {
    let client = person(market, key).await;
    if market.house().mailer.is_some() {
        prove_addresses(market.house()).await;
    }
    client
}

/// A new person who was invited into an organisation and accepted, with the membership's id.
pub(crate) async fn join(market: &Market, party: &Party, key: &str, roles: &[&str]) -> (Client, String) {
    let place = invite(party, &address(key), roles).await;
    let client = proved(market, key).await;
    client.act(&format!("/v1/memberships/{place}/accept")).await.unwrap();
    (client, place)
}

/// A new person with a staff role, and the person's id.
pub(crate) async fn officer(market: &Market, key: &str, role: &str) -> (Client, String) {
    let client = proved(market, key).await;
    client.prove().await.unwrap();
    let appointed = market.staff.security.create("/v1/staff", json!({"email": address(key), "role": role})).await.unwrap();
    (client, text(&appointed["person_id"]))
}

/// The sandbox's own officer.
pub(crate) async fn sandbox_officer(market: &Market, role: StaffRole) -> Client {
    market.staff.officer(role).clone()
}

/// Technology no registry keeps, so that any number of lots can be made of it.
pub(crate) fn know_how(seller: &Party, title: &str) -> NewAsset {
    let body = json!({
        "title": title,
        "details": {"kind": "other_tech", "public_abstract": "成套工艺数据"},
        "owners": [{"name": seller.name, "is_holder": true, "share_bp": 10_000}]
    });
    NewAsset { body, status: "unregistered".into() }
}

/// An achievement of the seller with one right in it; their ids.
pub(crate) async fn right(seller: &Party, title: &str) -> (String, String) {
    let (achievement, assets) = play::register(seller, fixtures::achievement(), &[know_how(seller, title)]).await.unwrap();
    (achievement, assets[0].clone())
}

/// A rehearsal offer at 1000.00 whose registration closes in half a minute and whose lot opens in one.
pub(crate) async fn offer(market: &Market, title: &str) -> Value {
    let now = market.staff.now().await.unwrap();
    let mut offer = fixtures::rehearsal(Money::fen(100_000), now + TimeDelta::minutes(1));
    offer["title"] = title.into();
    offer["schedule"]["registration_closes_at"] = json!(now + TimeDelta::seconds(30));
    offer
}

/// A lot of the seller that opens in a minute, with the bidders admitted.
pub(crate) async fn announced(market: &Market, seller: &Party, title: &str, bidders: &[&Party]) -> Published {
    let (achievement, asset) = right(seller, title).await;
    let published = play::publish(seller, &market.staff, offer(market, title).await, &achievement, &[asset]).await.unwrap();
    for bidder in bidders {
        play::admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    published
}

/// A lot of the seller that is bid for by rounds from 1000.00 on and opens in a minute, with the bidders admitted.
pub(crate) async fn announced_by_rounds(market: &Market, seller: &Party, title: &str, bidders: &[&Party]) -> Published {
    let (achievement, asset) = right(seller, title).await;
    let mut offer = offer(market, title).await;
    offer["auction"] = fixtures::by_rounds();
    let published = play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap();
    for bidder in bidders {
        play::admit(bidder, &market.staff, &published.lot).await.unwrap();
    }
    published
}

/// A lot of the seller, open for bids, with the bidders admitted.
pub(crate) async fn lot(market: &Market, seller: &Party, title: &str, bidders: &[&Party]) -> Published {
    let published = announced(market, seller, title, bidders).await;
    market.pass(2).await;
    published
}

/// A session of lots that somebody begins; its id.
pub(crate) async fn draft_session(host: &Client, mode: &str) -> String {
    text(&host.create("/v1/lot-sessions", json!({"title": "绿色低碳专场", "mode": mode})).await.unwrap()["id"])
}

/// Gives a draft its lots.
pub(crate) async fn arrange(host: &Client, session: &str, lots: &[&str]) {
    let place = format!("/v1/lot-sessions/{session}");
    let version = host.get(&place).await.unwrap()["version"].as_i64().unwrap();
    let asked = host.ask(Method::PUT, &format!("{place}/lots")).body(json!({"lots": lots})).on_version(version);
    asked.send().await.unwrap().ok().unwrap();
}

/// A session of lots, published; its id.
pub(crate) async fn session(host: &Client, mode: &str, lots: &[&str]) -> String {
    let session = draft_session(host, mode).await;
    arrange(host, &session, lots).await;
    host.act(&format!("/v1/lot-sessions/{session}/publish")).await.unwrap();
    session
}

/// A webhook that is sent nothing, so that nothing changes by itself; its id.
pub(crate) async fn resting_webhook(client: &Client) -> String {
    let made = client.create("/v1/webhooks", json!({"url": "https://hooks.example/zhepai", "signing": "hmac_sha256"})).await.unwrap();
    let id = text(&made["id"]);
    client.act(&format!("/v1/webhooks/{id}/pause")).await.unwrap();
    id
}

/// Chooses what somebody gets by letter of the news of the organisation he acts for.
pub(crate) async fn choose_letters(client: &Client, choice: Value) -> Value {
    let version = client.get("/v1/me/mail-preferences").await.unwrap()["version"].as_i64().unwrap();
    let asked = client.ask(Method::PUT, "/v1/me/mail-preferences").body(choice).on_version(version);
    asked.send().await.unwrap().ok().unwrap()
}

/// What stops the letters of a member, who has chosen the usual ones.
pub(crate) async fn mail_stop(market: &Market, client: &Client) -> String {
    choose_letters(client, json!({"choice": "usual"})).await;
    let person: PersonId = text(&client.get("/v1/me").await.unwrap()["person"]["id"]).parse().unwrap();
    let his = mail_preference::Entity::find().filter(mail_preference::Column::PersonId.eq(person));
    his.one(market.house().db.read()).await.unwrap().unwrap().stop_id.to_string()
}

/// The id of the newest thing of a list.
pub(crate) async fn newest(client: &Client, list: &str) -> String {
    let page = client.get(list).await.unwrap();
    let id = text(&page["items"][0]["id"]);
    assert!(!id.is_empty(), "{list} is empty: {page}");
    id
}

/// What somebody objects to.
pub(crate) fn objection() -> Value {
    json!({"ground": "procedure", "statement": "公示材料不全"})
}

/// What somebody knows about what a notice announces.
pub(crate) fn tip() -> Value {
    json!({"ground": "collusion", "statement": "两家竞买人使用同一联系电话"})
}

/// What somebody asks about a listing.
pub(crate) fn question() -> Value {
    json!({"question": "该专利许可后，受让方能否再许可给关联企业？"})
}

/// What sets a slip in the title of a notice right.
pub(crate) fn erratum(title: &str) -> Value {
    json!({"reason": "标题有误", "changes": [{"pointer": "/title", "value": title}]})
}

/// The tables of a market at rest.
pub(crate) async fn settled(market: &Market) -> Tables {
    at_rest(market.house()).await
}

// ---- The document ----

/// The OpenAPI document as JSON.
pub(crate) fn document() -> Value {
    serde_json::to_value(server::document()).unwrap()
}

/// An operation of the document.
pub(crate) struct Operation {
    /// Its id.
    pub(crate) id: String,
    /// Its address, with `{id}` where an id goes.
    pub(crate) place: String,
    /// Its method.
    pub(crate) method: Method,
    /// Everything the document says of it.
    pub(crate) said: Value,
}

impl Operation {
    /// Whether it only asks; what is too long for an address is asked in a body.
    pub(crate) fn is_question(&self) -> bool {
        self.method == Method::GET || self.id == "verify_certificate"
    }

    /// Whether it looks at `If-Match`.
    fn looks_at_version(&self) -> bool {
        self.said["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["name"] == "If-Match")
    }

    /// The ways to be allowed, if the document says any.
    pub(crate) fn ways(&self) -> Option<Vec<Way>> {
        let authz = self.said.get("x-authz")?;
        assert_eq!(authz["hidden_as"], 404, "{}", self.id);
        Some(authz["allow"].as_array()?.iter().map(Way::read).collect())
    }
}

/// Every operation of the document, by address and method.
pub(crate) fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (place, item) in document["paths"].as_object().unwrap() {
        for name in ["get", "put", "post", "delete", "patch"] {
            if let Some(said) = item.get(name) {
                let method = Method::from_bytes(name.to_uppercase().as_bytes()).unwrap();
                found.push(Operation { id: text(&said["operationId"]), place: place.clone(), method, said: said.clone() });
            }
        }
    }
    found
}

/// Whom a way to be allowed is for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Anybody.
    Anyone,
    /// Anybody signed in.
    SignedIn,
    /// Anybody signed in who acts for no organisation and is no officer.
    Alone,
    /// Members with one of the roles.
    Members(BTreeSet<String>),
    /// Staff with one of the roles.
    Staff(BTreeSet<String>),
}

/// One way to be allowed, read off the document.
pub(crate) struct Way {
    /// Whom it is for.
    pub(crate) who: Who,
    /// Over what.
    pub(crate) scope: String,
}

impl Way {
    fn read(said: &Value) -> Self {
        let names = |roles: &Value| roles.as_array().unwrap().iter().map(text).collect();
        let who = match (said.get("member"), said.get("staff"), said["role"].as_str()) {
            (Some(roles), None, None) => Who::Members(names(roles)),
            (None, Some(roles), None) => Who::Staff(names(roles)),
            (None, None, Some("stranger")) => Who::Anyone,
            (None, None, Some("signed_in")) => Who::SignedIn,
            (None, None, Some("alone")) => Who::Alone,
            _ => panic!("nobody knows what this right means: {said}"),
        };
        let scope = text(&said["scope"]);
        assert!(["any", "own", "party", "public", "self"].contains(&scope.as_str()), "nobody knows this scope: {said}");
        Self { who, scope }
    }

    /// Whether it is meant for somebody at all.
    fn concerns(&self, subject: &Subject) -> bool {
        match &self.who {
            Who::Anyone => true,
            Who::SignedIn => subject.token.is_some(),
            Who::Alone => subject.token.is_some() && subject.organisation.is_none() && subject.staff.is_none(),
            Who::Members(roles) => subject.organisation.is_some() && subject.roles.iter().any(|role| roles.contains(*role)),
            Who::Staff(roles) => subject.staff.as_ref().is_some_and(|role| roles.contains(role)),
        }
    }

    /// Whether it allows somebody to do it to a thing.
    fn covers(&self, subject: &Subject, thing: &Thing) -> bool {
        self.concerns(subject)
            && match self.scope.as_str() {
                "any" => true,
                "own" => subject.is_of(&thing.owners),
                "party" => subject.is_of(&thing.owners) || subject.is_of(&thing.parties),
                "public" => thing.is_public,
                _ => subject.is(thing),
            }
    }
}

// ---- Who calls, and what about ----

/// An organisation of the fixture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Organisation {
    /// The university that sells.
    A,
    /// Another verified enterprise, an admitted bidder and the buyer of a lot.
    B,
    /// One that nobody has verified.
    C,
}

/// Somebody who calls.
struct Subject {
    name: String,
    token: Option<String>,
    person: Option<String>,
    organisation: Option<Organisation>,
    roles: Vec<&'static str>,
    staff: Option<String>,
}

impl Subject {
    fn stranger() -> Self {
        Self { name: "stranger".into(), token: None, person: None, organisation: None, roles: Vec::new(), staff: None }
    }

    /// Somebody signed in who is nothing in particular.
    async fn signed_in(name: impl Into<String>, client: &Client) -> Self {
        let me = client.get("/v1/me").await.unwrap();
        let token = client.token().map(ToOwned::to_owned);
        Self { name: name.into(), token, person: Some(text(&me["person"]["id"])), ..Self::stranger() }
    }

    async fn member(name: &str, client: &Client, organisation: Organisation, role: &'static str) -> Self {
        Self { organisation: Some(organisation), roles: vec![role], ..Self::signed_in(name, client).await }
    }

    fn is_of(&self, organisations: &[Organisation]) -> bool {
        self.organisation.is_some_and(|own| organisations.contains(&own))
    }

    fn is(&self, thing: &Thing) -> bool {
        self.person.is_some() && self.person == thing.person
    }
}

/// Whose a thing is.
#[derive(Clone, Debug, Default)]
struct Thing {
    owners: Vec<Organisation>,
    parties: Vec<Organisation>,
    person: Option<String>,
    is_public: bool,
}

impl Thing {
    fn of(owner: Organisation) -> Self {
        Self { owners: vec![owner], ..Self::default() }
    }

    fn open(self) -> Self {
        Self { is_public: true, ..self }
    }

    fn about(self, person: &str) -> Self {
        Self { person: Some(person.into()), ..self }
    }

    fn is_known_to(&self, subject: &Subject) -> bool {
        self.is_public || subject.staff.is_some() || subject.is_of(&self.owners) || subject.is_of(&self.parties) || subject.is(self)
    }
}

/// What must come of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allowed,
    NotSignedIn,
    Forbidden,
    NotFound,
}

impl Verdict {
    /// The refusal's status and code.
    fn refusal(self) -> (u16, &'static str) {
        match self {
            Self::Allowed => (0, ""),
            Self::NotSignedIn => (401, "not_signed_in"),
            Self::Forbidden => (403, "forbidden"),
            Self::NotFound => (404, "not_found"),
        }
    }

    /// Judges by the document alone: who is not meant is told so; who is meant, but not over this
    /// thing, is told so only if he may know of it.
    fn of(ways: &[Way], subject: &Subject, thing: Option<&Thing>) -> Self {
        if !ways.iter().any(|way| way.concerns(subject)) {
            return if subject.token.is_some() { Self::Forbidden } else { Self::NotSignedIn };
        }
        let Some(thing) = thing else { return Self::Allowed };
        if ways.iter().any(|way| way.covers(subject, thing)) {
            Self::Allowed
        } else if thing.is_known_to(subject) {
            Self::Forbidden
        } else {
            Self::NotFound
        }
    }
}

// ---- The market they call ----

/// A market with one of everything.
struct Fixture {
    subjects: Vec<Subject>,
    organisation: String,
    /// An active membership in A, whose it is and under which address.
    place: String,
    member: String,
    member_email: String,
    /// An invitation into A, and whom it is for.
    invitation: String,
    invited: String,
    /// A key of that member, revoked, so that nothing more can be done to it.
    key: String,
    /// A session of nobody in particular, and whose it is.
    spare_session: String,
    nobody: String,
    secret_paper: String,
    open_paper: String,
    achievement: String,
    asset: String,
    draft: String,
    offer: Value,
    drafted_notice: String,
    listing: String,
    notice: String,
    lot: String,
    sold_lot: String,
    draft_session: String,
    /// A session that is over with its only lot.
    session: String,
    /// B's admission to the open lot.
    admission: String,
    deal: String,
    refund: String,
    /// What was read off the sold lot: its bidders came from one network.
    signal: String,
    books: Books,
    /// An import of A that is done.
    import: String,
    /// A webhook of A that rests, and something A was told.
    webhook: String,
    inbox_item: String,
    /// What stops the letters of A's owner.
    mail_stop: String,
    /// An objection of nobody in particular to a notice of A.
    objection: String,
    /// A question of nobody in particular about a listing of A.
    question: String,
    /// What the seller proposes about a notice.
    proposal: String,
    /// What the seller proposes to offer otherwise.
    amendment: String,
    /// A sale at a negotiated price of A to B, and one that was announced.
    negotiation: String,
    announced_negotiation: String,
    /// A grant of rights that A proposed, and one that was announced.
    grant: String,
    announced_grant: String,
    /// An open licence that A drafted, of this patent; and one that is announced.
    licence: String,
    patent: String,
    announced_licence: String,
    granted: String,
    /// A transfer of A's patent to B that is drafted.
    recordal: String,
    /// An open licence of A's that B took, and a patent of A's that nobody uses.
    acceptance: String,
    unused: String,
    /// A data room of A that is open, a document in it for everybody, and the grant of somebody of B.
    room: String,
    room_document: String,
    room_grant: String,
    /// A relation of A to somebody, what he is kept from, and a paper of B.
    relation: String,
    restriction: String,
    paper: String,
    certificate: String,
    /// A right of A that is pledged, with a consent and what its owners agreed on.
    entered: Entered,
    security: String,
    now: Value,
}

/// A key that somebody made and revoked.
async fn revoked_key(client: &Client) -> String {
    let made = client.create("/v1/api-keys", json!({"name": "程序", "scopes": ["bids:read"]})).await.unwrap();
    let id = text(&made["key"]["id"]);
    client.create(&format!("/v1/api-keys/{id}/revoke"), json!({"reason": "理由"})).await.unwrap();
    id
}

/// The members of A and those who are none, with the ids the table needs.
struct People {
    subjects: Vec<Subject>,
    place: String,
    key: String,
    invitation: String,
}

impl People {
    async fn gather(market: &Market, a: &Party, b: &Party) -> Self {
        let mut subjects = vec![Subject::stranger(), Subject::signed_in("nobody", &person(market, "n-one").await).await];
        let (mut place, mut key) = (String::new(), String::new());
        for role in ROLES {
            let (client, membership) = join(market, a, &format!("a-{role}"), &[role]).await;
            client.prove().await.unwrap();
            subjects.push(Subject::member(&format!("A {role}"), &client, Organisation::A, role).await);
            (place, key) = (membership, revoked_key(&client).await);
        }
        let invitation = invite(a, &address("a-invited"), &ROLES).await;
        subjects.push(Subject::signed_in("A invited", &person(market, "a-invited").await).await);
        for (step, state) in [("suspend", "suspended"), ("remove", "removed")] {
            let (client, membership) = join(market, a, &format!("a-{state}"), &ROLES).await;
            a.client.act(&format!("/v1/memberships/{membership}/{step}")).await.unwrap();
            subjects.push(Subject::signed_in(format!("A {state}"), &client).await);
        }
        for role in ROLES {
            let (client, _) = join(market, b, &format!("b-{role}"), &[role]).await;
            client.prove().await.unwrap();
            subjects.push(Subject::member(&format!("B {role}"), &client, Organisation::B, role).await);
        }
        let client = person(market, "c-owner").await;
        let unverified = json!({"kind": "enterprise", "ownership": "private", "name": "未核验企业", "uscc": "91330000733796106P"});
        client.create("/v1/organisations", unverified).await.unwrap();
        client.prove().await.unwrap();
        subjects.push(Subject::member("C owner", &client, Organisation::C, "owner").await);
        for role in StaffRole::ALL {
            let subject = Subject::signed_in(role.code(), &sandbox_officer(market, *role).await).await;
            subjects.push(Subject { staff: Some(role.code()), ..subject });
        }
        Self { subjects, place, key, invitation }
    }

    fn id_of(&self, name: &str) -> String {
        self.subjects.iter().find(|subject| subject.name == name).and_then(|subject| subject.person.clone()).unwrap()
    }
}

impl Fixture {
    #[allow(clippy::too_many_lines)] // One thing of each kind, and there are many.
    async fn build(market: &Market) -> Self {
        let a = fixtures::university(market).await;
        let b = fixtures::enterprise(market, "buyer", 1).await;
        let rival = fixtures::enterprise(market, "rival", 2).await;
        let idle = fixtures::enterprise(market, "idle", 3).await;

        let sold = announced(market, &a, "一种已售出的技术", &[&b, &rival, &idle]).await;
        let session = session(&market.staff.host, "staggered", &[&sold.lot]).await;
        market.pass(2).await;
        play::bid(&rival, &sold.lot, Money::fen(100_000)).await.unwrap();
        play::bid(&b, &sold.lot, Money::fen(110_000)).await.unwrap();
        market.pass(24 * 60 + 5).await;
        let deal = newest(&b.client, "/v1/deals").await;
        let refund = newest(&market.staff.finance, "/v1/refunds").await;

        let open = lot(market, &a, "一种正在竞价的技术", &[&b]).await;
        let mine = b.client.get("/v1/admissions").await.unwrap();
        let admission = mine["items"].as_array().unwrap().iter().find(|one| one["lot_id"] == open.lot.as_str()).unwrap();
        let listing = market.staff.supervisor.get(&format!("/v1/listings/{}", open.listing)).await.unwrap();

        let approved = Self::approved(market, &a).await;
        let (achievement, asset) = right(&a, "一种起草中的技术").await;
        let mut offer = offer(market, "一种起草中的技术").await;
        offer["achievement_id"] = achievement.as_str().into();
        offer["asset_ids"] = json!([asset]);
        let draft = a.client.create("/v1/listings", offer.clone()).await.unwrap();

        let people = People::gather(market, &a, &b).await;
        let asked_about = announced(market, &a, "一种有异议的技术", &[]).await.listing;
        let place = format!("/v1/listings/{asked_about}");
        let new = amendments::amendment(&a, &place, |offer| offer["summary"] = "另一说明".into()).await;
        let amended = a.client.create(&format!("{place}/amendments"), new).await.unwrap();
        let disputed = text(&market.staff.supervisor.get(&format!("/v1/listings/{asked_about}")).await.unwrap()["notice_id"]);
        let nobody = people.subjects.iter().find(|subject| subject.name == "nobody").and_then(|subject| subject.token.clone()).unwrap();
        let objected =
            market.stranger.with_token(&nobody).create(&format!("/v1/notices/{disputed}/objections"), objection()).await.unwrap();
        let asked = market.stranger.with_token(&nobody).create(&format!("/v1/listings/{asked_about}/questions"), question()).await.unwrap();
        let proposed = a.client.create(&format!("/v1/notices/{disputed}/errata"), erratum("一种有异议的新技术")).await.unwrap();
        let (decider, _) = join(market, &a, "a-decides", &["signatory"]).await;
        let begun = negotiations::begun(&a, &b, "一种商谈中的技术", "100000.00").await;
        let noticed = negotiations::noticed(market, &a, &b, &decider, "一种协议定价的技术").await;
        let grant = rights_grants::proposed(&a, "一种赋权中的技术", rights_grants::use_right).await;
        let announced_grant = rights_grants::proposed(&a, "一种赋权公示的技术", rights_grants::use_right).await;
        rights_grants::noticed(market, &a, &decider, &announced_grant).await;
        let (_, patent) = open_licences::patent(&a, 1).await;
        let licence = open_licences::drafted(&a.client, open_licences::declaration(&patent)).await;
        let announced_licence = open_licences::announced(market, &a, 2).await;
        let granted = licences::granted_to(&a, &patent, &b).await;
        let recordal = recordals::drafted(&a.client, recordals::transfer(&a, &b, &patent).await).await;
        let room = data_rooms::opened(&a.client, json!({"listing_id": asked_about})).await;
        let let_in = data_rooms::letting_in(market, &b).await;
        let certificate = text(&certificates::issued(&a.client, &granted).await["number"]);
        let id_of = |place: &str| place.rsplit('/').next().unwrap_or_default().to_owned();
        let relation = a.client.create(&gates::of(&a, "relations"), gates::related_to(&idle)).await.unwrap();
        let restricted = market.staff.reviewer.create(&gates::of(&idle, "restrictions"), gates::restriction("award")).await.unwrap();
        let export = b.client.create(&format!("/v1/listings/{}/export-papers", open.listing), gates::letter(&b).await).await.unwrap();
        Self {
            relation: text(&relation["id"]),
            restriction: text(&restricted["id"]),
            paper: text(&export["id"]),
            negotiation: id_of(&begun),
            announced_negotiation: id_of(&noticed),
            grant: id_of(&grant),
            announced_grant: id_of(&announced_grant),
            licence: id_of(&licence),
            patent,
            announced_licence: id_of(&announced_licence),
            granted,
            recordal: id_of(&recordal),
            acceptance: open_licence_acceptance::taken_of(market, &a, 3, &b).await,
            unused: open_implementation::unused(&a, 4).await,
            room_document: data_rooms::laid_out(&a.client, &room, "public").await,
            room_grant: text(&a.client.create(&format!("{room}/grants"), let_in).await.unwrap()["id"]),
            room: id_of(&room),
            certificate,
            entered: encumbrances::entered(market, &a, 7).await,
            objection: text(&objected["id"]),
            question: text(&asked["id"]),
            proposal: text(&proposed["id"]),
            amendment: text(&amended["id"]),
            organisation: a.organisation.clone(),
            member: people.id_of("A viewer"),
            member_email: address("a-viewer"),
            invited: people.id_of("A invited"),
            spare_session: {
                let again = market.stranger.sign_in(&address("n-one"), crate::common::play::PASSWORD).await.unwrap();
                text(&again.get("/v1/sessions").await.unwrap()["items"][0]["id"])
            },
            nobody: people.id_of("nobody"),
            security: people.id_of("security_admin"),
            place: people.place,
            key: people.key,
            invitation: people.invitation,
            secret_paper: Self::paper(&a, "private").await,
            open_paper: Self::paper(&a, "public").await,
            achievement,
            asset,
            draft: text(&draft["id"]),
            offer,
            drafted_notice: text(&approved["notice_id"]),
            notice: text(&listing["notice_id"]),
            listing: open.listing,
            lot: open.lot,
            sold_lot: sold.lot,
            draft_session: draft_session(&market.staff.host, "hosted").await,
            session,
            admission: text(&admission["id"]),
            deal,
            refund,
            signal: newest(&market.staff.supervisor, "/v1/integrity-signals").await,
            books: Books::keep(market).await,
            import: fixtures::imported(&a).await,
            webhook: resting_webhook(&a.client).await,
            inbox_item: newest(&a.client, "/v1/inbox").await,
            mail_stop: mail_stop(market, &a.client).await,
            now: market.stranger.get("/v1/time").await.unwrap()["now"].clone(),
            subjects: people.subjects,
        }
    }

    /// A listing found fit and not published yet: its notice is drafted.
    async fn approved(market: &Market, seller: &Party) -> Value {
        let (achievement, asset) = right(seller, "一种待公告的技术").await;
        let mut offer = offer(market, "一种待公告的技术").await;
        offer["achievement_id"] = achievement.into();
        offer["asset_ids"] = json!([asset]);
        let listing = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
        seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("/v1/listings/{listing}/take")).await.unwrap();
        market.staff.reviewer.act(&format!("/v1/listings/{listing}/approve")).await.unwrap()
    }

    async fn paper(owner: &Party, level: &str) -> String {
        let filed = owner.client.upload("说明", "note.txt", level, "text/plain", "内容".as_bytes().to_vec()).await.unwrap();
        text(&filed["id"])
    }
}

// ---- What is asked of each operation ----

/// What a call carries.
enum Load {
    Nothing,
    Json(Value),
    Text(&'static str),
}

/// One thing an operation is tried on.
struct Case {
    label: &'static str,
    address: String,
    load: Load,
    thing: Option<Thing>,
    /// Whether an allowed call really does it; all others stop at the next gate.
    acts: bool,
    /// The rule that stops whoever may ask, if one always does.
    stops: Option<&'static str>,
}

impl Case {
    fn at(address: impl Into<String>) -> Self {
        Self { label: "", address: address.into(), load: Load::Nothing, thing: None, acts: false, stops: None }
    }

    fn called(self, label: &'static str) -> Self {
        Self { label, ..self }
    }

    fn over(self, thing: Thing) -> Self {
        Self { thing: Some(thing), ..self }
    }

    fn sends(self, body: Value) -> Self {
        Self { load: Load::Json(body), ..self }
    }

    /// A body no operation takes: whoever may call is told so.
    fn sends_nonsense(self) -> Self {
        self.sends(json!({"unexpected": true}))
    }

    fn sends_reason(self) -> Self {
        self.sends(json!({"reason": "理由"}))
    }
}

/// The table of what each operation is tried on, room by room. Where a thing is concerned the body is
/// one the operation takes, so that a refusal is about the thing; an allowed call then stops at the
/// version, or at a rule.
struct Table<'a> {
    place: &'a str,
    fixture: &'a Fixture,
}

impl Table<'_> {
    fn cases(&self, operation: &str) -> Option<Vec<Case>> {
        let one = self.platform(operation).or_else(|| self.identity(operation)).or_else(|| self.achievements(operation));
        let one = one.or_else(|| self.money(operation)).or_else(|| self.trade(operation)).or_else(|| self.sessions(operation));
        let one = one.or_else(|| self.imports(operation)).or_else(|| self.notifications(operation)).or_else(|| self.grants(operation));
        let one = one
            .or_else(|| self.licences(operation))
            .or_else(|| self.encumbrances(operation))
            .or_else(|| self.recordals(operation))
            .or_else(|| self.rooms(operation))
            .or_else(|| self.gates(operation))
            .map(|case| vec![case]);
        one.or_else(|| self.twofold(operation))
    }

    fn here(&self) -> Case {
        Case::at(self.place)
    }

    fn on(&self, id: &str) -> Case {
        Case::at(self.place.replace("{id}", id).replace("{number}", id).replace("{version}", "1").replace("{gate}", "clauses"))
    }

    fn own(&self, id: &str) -> Case {
        self.on(id).over(Thing::of(Organisation::A))
    }

    fn asking(&self, query: &str) -> Case {
        Case::at(format!("{}?{query}", self.place))
    }

    #[allow(clippy::match_same_arms)] // What belongs together stands together.
    fn platform(&self, operation: &str) -> Option<Case> {
        Some(match operation {
            "read_time" | "read_key_set" | "read_receipt_keys" | "read_sandbox_clock" | "list_documents" => self.here(),
            "set_sandbox_clock" | "simulate_bank_credit" => self.here().sends_nonsense(),
            "read_rulebook" => self.asking("class=state"),
            "read_deadline" => self.asking("span=10wd&from=2026-03-02T01:00:00Z"),
            "upload_document" => self.asking("title=x&file_name=x.txt&confidentiality=private").sends_nonsense(),
            "add_document_version" => {
                let case = self.own(&self.fixture.secret_paper);
                Case { address: format!("{}?file_name=y.txt", case.address), load: Load::Text("新内容"), ..case }
            }
            _ => return None,
        })
    }

    #[allow(clippy::match_same_arms)] // What belongs together stands together.
    fn identity(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        let member = || self.on(&f.place).over(Thing::of(Organisation::A).about(&f.member));
        let key = || self.on(&f.key).over(Thing::of(Organisation::A).about(&f.member));
        Some(match operation {
            "read_me" | "list_organisations" | "list_staff" | "list_audit_rows" | "read_audit_head" => self.here(),
            "list_sessions" | "list_api_keys" | "list_integrity_signals" => self.here(),
            "read_integrity_signal" => self.on(&f.signal),
            // Nobody here calls with a key.
            "read_current_key" => Case { stops: Some("wrong_state"), ..self.here() },
            "create_api_key" => self.here().sends_nonsense(),
            "read_api_key" | "list_key_calls" => key(),
            "rotate_api_key" => key().sends(json!({"at_once": false})),
            "revoke_api_key" => key().sends_reason(),
            "register_person"
            | "sign_in"
            | "refresh_session"
            | "sign_out"
            | "create_organisation"
            | "appoint_staff"
            | "end_other_sessions"
            | "change_password"
            | "reset_password"
            | "enrol_second_factor"
            | "confirm_second_factor"
            | "remove_second_factor"
            | "step_up"
            | "request_password_reset"
            | "request_device_letter"
            | "request_registration"
            | "complete_registration"
            | "close_my_account"
            | "rotate_data_key"
            | "rotate_token_key" => self.here().sends_nonsense(),
            "export_my_data" | "list_data_keys" | "list_data_requests" | "list_retention" => self.here(),
            "export_personal_data" => Case { acts: true, ..self.on(&f.nobody).sends_reason() },
            "close_person" => self.on(&f.security).sends_reason(),
            "purge_records" => Case::at(self.place.replace("{class}", "audit")).sends_nonsense(),
            "end_session" => {
                let case = self.on(&f.spare_session).over(Thing::default().about(&f.nobody));
                Case { acts: true, ..case }
            }
            // A security administrator does nothing to himself, so the only one who may is stopped by a rule.
            "suspend_person" => self.on(&f.security).sends_reason(),
            "reinstate_person" | "issue_password_reset" | "reset_second_factor" => self.on(&f.security),
            "read_organisation" | "list_members" | "verify_organisation" => self.own(&f.organisation),
            "refuse_organisation" => self.own(&f.organisation).sends_reason(),
            "resolve_uscc" => self.own(&f.organisation).sends(json!({"document_id": f.secret_paper})),
            "invite_member" => self.own(&f.organisation).sends(json!({"email": f.member_email, "roles": ["viewer"]})),
            "accept_invitation" => {
                let case = self.on(&f.invitation).over(Thing::of(Organisation::A).about(&f.invited));
                Case { acts: true, ..case }
            }
            "suspend_member" | "reinstate_member" | "remove_member" => member(),
            "change_member_roles" => member().sends(json!({"roles": ["viewer"]})),
            // Nobody dismisses himself, so the only one who may is stopped by a rule.
            "dismiss_staff" => self.on(&f.security),
            _ => return None,
        })
    }

    fn achievements(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        Some(match operation {
            "list_achievements" => self.here(),
            "create_achievement" => self.here().sends_nonsense(),
            "read_achievement" => self.own(&f.achievement),
            "amend_achievement" => self.own(&f.achievement).sends(json!({})),
            "add_asset" => self.own(&f.achievement).sends(json!({
                "title": "份额不足",
                "details": {"kind": "other_tech", "public_abstract": "工艺"},
                "owners": [{"name": "某单位", "share_bp": 1}]
            })),
            "read_asset" | "list_legal_statuses" => self.own(&f.asset),
            "amend_asset" => self.own(&f.asset).sends(json!({})),
            // Technology no registry keeps is never granted.
            "record_legal_status" => self.own(&f.asset).sends(json!({"status": "granted", "as_of": f.now, "source": "registry"})),
            _ => return None,
        })
    }

    #[allow(clippy::match_same_arms)] // What belongs together stands together.
    fn money(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        let admission = || self.on(&f.admission).over(Thing::of(Organisation::B));
        Some(match operation {
            "list_transfers" | "read_trial_balance" | "list_refunds" | "list_my_admissions" => self.here(),
            "list_bank_statements" | "list_bank_lines" | "list_payment_files" | "read_reconciliation" => self.here(),
            "import_bank_statement" => {
                self.asking("file_name=x.csv&currency=CNY&opening_balance=0.00&closing_balance=0.00").sends_nonsense()
            }
            "read_bank_statement" => self.on(&f.books.statement),
            "read_bank_line" => self.on(&f.books.line),
            "decide_bank_line" => self.on(&f.books.line).sends(json!({"decision": "return", "reason": "理由"})),
            "create_payment_file" => self.here().sends_nonsense(),
            "read_payment_file" | "download_payment_file" | "cancel_payment_file" => self.on(&f.books.file),
            "pay_refund" => self.on(&f.refund).over(Thing::default()).sends(json!({"bank_reference": "BANK-1"})),
            "read_funds" => self.own(&f.organisation),
            "apply_for_lot" => self.on(&f.lot).sends(json!({"documents": []})),
            "list_lot_admissions" => self.on(&f.lot),
            "read_admission" | "qualify_admission" | "withdraw_admission" => admission(),
            "refuse_admission" | "suspend_bidder" | "reinstate_bidder" => admission().sends_reason(),
            "record_bank_credit" => self.here().sends_nonsense(),
            _ => return None,
        })
    }

    #[allow(clippy::match_same_arms)] // What belongs together stands together.
    fn trade(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        let deal = || self.on(&f.deal).over(Thing { parties: vec![Organisation::B], ..Thing::of(Organisation::A) });
        let asked = || self.on(&f.question).over(Thing::of(Organisation::A).about(&f.nobody));
        let negotiation = |id: &str| self.on(id).over(Thing { parties: vec![Organisation::B], ..Thing::of(Organisation::A) });
        let disputed = || self.on(&f.objection).over(Thing::of(Organisation::A).about(&f.nobody).open());
        Some(match operation {
            "list_lots" | "list_listings" | "list_deals" | "list_notices" => self.here(),
            "read_lot" | "read_lot_timeline" | "read_lot_calendar" | "list_bids" | "list_lot_events" => {
                self.on(&f.lot).over(Thing::of(Organisation::A).open())
            }
            // The feed of a lot that has ended ends too, and only then is its course published.
            "watch_lot" | "read_lot_course" => self.on(&f.sold_lot).over(Thing::of(Organisation::A).open()),
            "place_bid" | "place_sealed_bid" | "place_turn_bid" | "seal_first_offer" => {
                self.on(&f.lot).sends(json!({"price": {"amount": "0.01", "currency": "CNY"}}))
            }
            // The lot is not bid for by rounds.
            "read_first_offer" => Case { stops: Some("wrong_state"), ..self.on(&f.lot) },
            // Nobody has sealed a bid there.
            "read_own_sealed_bid" => Case { stops: Some("not_found"), ..self.on(&f.lot) },
            // The lot is judged by its price alone.
            "record_scores" => self.on(&f.lot).sends(json!({"admission_id": f.admission, "scores": [], "protocol": "记录"})),
            "read_lot_scores" => Case { stops: Some("not_found"), ..self.on(&f.lot) },
            "buy_lot_now" => self.on(&f.lot),
            "answer_next_bidder_offer" | "answer_preemption" => self.on(&f.lot).sends(json!({"takes": true})),
            "create_listing" => self.here().sends_nonsense(),
            "replace_listing" => self.own(&f.draft).sends(f.offer.clone()),
            "submit_listing" | "take_listing" | "approve_listing" | "publish_listing" => self.own(&f.draft),
            "return_listing" | "reject_listing" | "terminate_listing" => self.own(&f.draft).sends_reason(),
            "propose_listing_amendment" => self.own(&f.draft).sends(json!({"offer": f.offer, "reason": "理由"})),
            "list_listing_amendments" => self.own(&f.draft),
            "read_listing_amendment" => self.own(&f.amendment),
            "publish_listing_amendment" => self.own(&f.amendment).sends(json!({"drafted_sha256": "0".repeat(64)})),
            "refuse_listing_amendment" => self.own(&f.amendment).sends_reason(),
            "read_notices_atom" | "read_notices_feed" | "show_notices" => self.here(),
            "read_listing_evidence" => self.on(&f.listing).over(Thing::of(Organisation::A).open()),
            "give_tip" => Case { acts: true, ..self.on(&f.notice).sends(tip()) },
            "list_tips" => self.here(),
            "list_negotiations" => self.here(),
            "start_negotiation" => self.here().sends_nonsense(),
            "read_negotiation" | "read_negotiation_timeline" | "read_negotiation_calendar" | "publish_negotiation_result" => {
                negotiation(&f.negotiation)
            }
            "publish_negotiation" => negotiation(&f.negotiation).sends(json!({"drafted_sha256": "0".repeat(64)})),
            "make_offer" => negotiation(&f.negotiation).sends(negotiations::offer("1.00")),
            "accept_offer" | "confirm_negotiation" | "decide_negotiation" => {
                negotiation(&f.negotiation).sends(json!({"terms_sha256": "0".repeat(64)}))
            }
            "show_unit_notice" => {
                negotiation(&f.negotiation).sends(json!({"document_id": f.open_paper, "published_on": "2026-03-02", "place": "公告栏"}))
            }
            "withdraw_negotiation" => negotiation(&f.negotiation).sends_reason(),
            "read_negotiation_evidence" => negotiation(&f.announced_negotiation),
            "ask_question" => self.on(&f.listing).sends(question()),
            "list_questions" => self.here(),
            "read_question" | "publish_question" | "withdraw_question" => asked(),
            "answer_question" => asked().sends(json!({"answer": "可以"})),
            "return_answer" | "refuse_question" => asked().sends_reason(),
            "submit_objection" => self.on(&f.notice).sends(objection()),
            "list_objections" => self.here(),
            "read_objection" | "accept_objection" | "extend_objection" | "withdraw_objection" => disputed(),
            "refuse_objection" => disputed().sends_reason(),
            "decide_objection" | "decide_objection_review" => disputed().sends(json!({"outcome": "dismissed", "reasons": "理由"})),
            "request_objection_review" => disputed().sends(json!({"statement": "理由"})),
            "settle_objection" => disputed().sends(json!({"settlement": "已改正"})),
            "take_down_notice" => self.on(&f.drafted_notice).sends_reason(),
            "restore_notice" => self.on(&f.drafted_notice),
            "propose_erratum" => self.own(&f.drafted_notice).sends(erratum("一种更正的技术")),
            "propose_notice_withdrawal" => self.on(&f.drafted_notice).sends_reason(),
            "list_notice_proposals" => self.own(&f.drafted_notice),
            "publish_notice_proposal" => self.on(&f.proposal),
            "refuse_notice_proposal" => self.own(&f.proposal).sends_reason(),
            "read_deal" | "read_deal_timeline" | "read_confirmation" | "publish_result" => deal(),
            "sign_deal" => deal().sends(json!({"confirmation_sha256": "0".repeat(64)})),
            _ => return None,
        })
    }

    fn grants(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        let grant = || self.own(&f.grant);
        Some(match operation {
            "list_rights_grants" => self.here(),
            "propose_rights_grant" => self.here().sends_nonsense(),
            "read_rights_grant" => grant(),
            "read_rights_grant_evidence" => self.own(&f.announced_grant),
            "decide_rights_grant" => grant().sends(json!({"decision_document_id": f.open_paper})),
            "publish_rights_grant" => grant().sends(json!({"drafted_sha256": "0".repeat(64)})),
            "show_rights_grant_notice" => {
                grant().sends(json!({"document_id": f.open_paper, "published_on": "2026-03-02", "place": "公告栏"}))
            }
            "agree_rights_grant" => grant().sends(json!({"agreement_document_id": f.open_paper})),
            "register_rights_grant" => grant().sends(json!({"registry_date": "2026-04-20", "registry_document": "1"})),
            "withdraw_rights_grant" => grant().sends_reason(),
            _ => return None,
        })
    }

    #[allow(clippy::match_same_arms)] // What belongs together stands together.
    fn licences(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        let licence = || self.own(&f.licence);
        let taken = || self.on(&f.acceptance).over(Thing { parties: vec![Organisation::B], ..Thing::of(Organisation::A) });
        let unused = || self.on(&f.unused).over(Thing::of(Organisation::A).open());
        let granted = || self.on(&f.granted).over(Thing { parties: vec![Organisation::B], ..Thing::of(Organisation::A) });
        Some(match operation {
            "list_licences" => self.here(),
            "record_licence" => self.here().sends_nonsense(),
            "ask_register" => self.on(&f.patent),
            "read_licence" => granted(),
            "terminate_licence" => granted().sends(json!({"reason": " ", "document_id": f.open_paper})),
            "report_licence_breach" => granted().sends(json!({"reason": " "})),
            "grant_sub_licence" => {
                self.on(&f.granted).over(Thing { parties: vec![Organisation::A], ..Thing::of(Organisation::B) }).sends(json!({
                    "scope": licences::scope(&["99"], &["all"], 2028), "grantee": {"name": "某企业"}, "document_id": f.open_paper
                }))
            }
            "list_open_licence_acceptances" | "list_open_implementation" => self.here(),
            // There is no royalty to undertake.
            "take_open_licence" => self.on(&f.announced_licence).sends(json!({"undertakes_royalty": true})),
            "read_open_licence_acceptance" | "confirm_open_licence_payment" => taken(),
            "record_open_licence_recordal" => taken().sends(open_licence_acceptance::recordal()),
            "refute_open_licence_payment" => taken().sends_reason(),
            "record_cnipa_decision" => licence().sends(open_licence_acceptance::decision("not_accepted")),
            "read_open_implementation" => unused(),
            "set_implementation_terms" => unused().sends(json!({"method": "exclusive_licence", "fee": {"kind": "negotiable"}})),
            "claim_implementation" => unused().sends(json!({"claim": "exploited", "statement": "自行实施", "document_id": f.open_paper})),
            "decide_implementation_claim" => unused().sends(json!({"accepted": true, "reason": "属实"})),
            // The one that stands is given again.
            "issue_certificate" => Case { acts: true, ..granted() },
            "read_certificate" => self.on(&f.certificate),
            "print_certificate" => self.on(&f.certificate).over(Thing { parties: vec![Organisation::B], ..Thing::of(Organisation::A) }),
            "verify_certificate" => self.here().sends(json!({"jws": "a.b.c"})),
            "revoke_certificate" => self.on(&f.certificate).sends_reason(),
            "list_open_licences" => self.here(),
            "draft_open_licence" => self.here().sends_nonsense(),
            "replace_open_licence" => licence().sends(open_licences::declaration(&f.patent)),
            "submit_open_licence" => licence(),
            "read_open_licence_evidence" => self.on(&f.announced_licence).over(Thing::of(Organisation::A).open()),
            "publish_open_licence" => licence().sends(json!({"drafted_sha256": "0".repeat(64)})),
            "record_cnipa_announcement" => licence().sends(open_licences::entry()),
            "return_open_licence" | "withdraw_open_licence" => licence().sends_reason(),
            _ => return None,
        })
    }

    fn encumbrances(&self, operation: &str) -> Option<Case> {
        let Entered { asset, burden, consent } = &self.fixture.entered;
        Some(match operation {
            "list_encumbrances" | "list_encumbrance_consents" | "read_owners_agreement" => self.own(asset),
            "read_deed_findings" => {
                let case = self.own(asset);
                Case { address: format!("{}?deed=assignment", case.address), ..case }
            }
            // A pledge without its pledgee.
            "record_encumbrance" => self.own(asset).sends(json!({
                "kind": "pledge", "since": "2026-01-15", "source": "registry", "as_of": "2026-02-20T01:00:00Z"
            })),
            // It is seen already.
            "see_encumbrance" => self.own(burden),
            "lift_encumbrance" => self.own(burden).sends(json!({"lifted_on": "2099-01-01", "document_id": self.fixture.open_paper})),
            // A consent to nothing.
            "record_encumbrance_consent" => self.own(asset).sends(json!({
                "kind": "co_owner", "given_by": "某共有人", "deeds": [], "valid_from": "2026-02-01", "document_id": self.fixture.open_paper
            })),
            "withdraw_encumbrance_consent" => self.own(consent).sends(json!({"reason": " "})),
            "put_owners_agreement" => {
                self.own(asset).sends(json!({"clauses": [], "in_force_from": "2026-02-01", "document_id": self.fixture.open_paper}))
            }
            _ => return None,
        })
    }

    fn recordals(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        let recordal = || self.on(&f.recordal).over(Thing { parties: vec![Organisation::B], ..Thing::of(Organisation::A) });
        Some(match operation {
            "list_recordals" => self.here(),
            "draft_recordal" => self.here().sends_nonsense(),
            "read_recordal" | "confirm_registration" => recordal(),
            "submit_recordal" => recordal().sends(json!({"submitted_on": "2000-01-01"})),
            "record_recordal_defect" => recordal().sends(json!({"defect": "签章", "reply_by": "2026-12-31", "document_id": f.open_paper})),
            "resubmit_recordal" => recordal().sends(json!({"resubmitted_on": "2026-03-02"})),
            "enter_registration" => recordal().sends(recordals::entry("2026-03-02", &f.open_paper)),
            "record_recordal_refusal" => recordal().sends(json!({"reason": "理由", "document_id": f.open_paper})),
            "withdraw_recordal" => recordal().sends(json!({"reason": " "})),
            // What its buyer bought: nothing of it was lost.
            "rescind_transfer" => {
                let bought = Thing { parties: vec![Organisation::A], ..Thing::of(Organisation::B) };
                self.on(&f.recordal).over(bought).sends(json!({"reason": "理由", "document_id": f.open_paper}))
            }
            // It is a patent already.
            "record_patent_grant" => self.own(&f.patent).sends(recordals::grant("2026-03-02", "ZL201610200331.9", &f.open_paper)),
            "list_asset_titles" => self.own(&f.patent),
            _ => return None,
        })
    }

    fn rooms(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        let of_a = |id: &str| self.on(id).over(Thing::of(Organisation::A).open());
        Some(match operation {
            "list_data_rooms" => self.here(),
            "create_data_room" => self.here().sends_nonsense(),
            "read_data_room" | "read_data_room_nda" => self.on(&f.room),
            "open_data_room" | "list_data_room_viewers" | "list_data_room_log" | "export_data_room_log" => of_a(&f.room),
            "close_data_room" => of_a(&f.room).sends_reason(),
            "put_data_room_nda" => of_a(&f.room).sends(data_rooms::nda()),
            "accept_data_room_nda" => self.on(&f.room).sends(json!({"sha256": "0".repeat(64)})),
            "add_data_room_document" => of_a(&f.room).sends(data_rooms::laying(&f.secret_paper, "nda")),
            "remove_data_room_document" => of_a(&f.room_document),
            "download_data_room_document" => self.on(&f.room_document),
            "grant_data_room_viewer" => of_a(&f.room).sends(json!({
                "organisation_id": f.organisation,
                "person_id": f.member,
                "from": f.now,
                "until": "2027-03-02T01:00:00Z"
            })),
            "revoke_data_room_grant" => of_a(&f.room_grant),
            _ => return None,
        })
    }

    fn gates(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        Some(match operation {
            "declare_organisation_facts" => {
                let mut facts = gates::domestic();
                facts["foreign_beneficial_bp"] = json!(10_001);
                self.own(&f.organisation).sends(facts)
            }
            "read_organisation_standing" => self.own(&f.organisation),
            "declare_relation" => self.own(&f.organisation).sends(json!({"organisation_id": f.organisation, "kind": "kin"})),
            "end_relation" => self.on(&f.relation).sends_reason(),
            "restrict_organisation" => {
                self.on(&f.organisation).sends(json!({"scope": "award", "source_number": " ", "from_day": "2026-03-02"}))
            }
            "lift_restriction" => self.on(&f.restriction).sends_reason(),
            "hand_in_export_paper" => self.on(&f.listing).sends(json!({
                "kind": "letter_of_intent", "number": "12号", "valid_until": "2020-01-01", "document_id": f.open_paper
            })),
            "list_export_papers" => self.here(),
            "decide_export_paper" => self.on(&f.paper).sends(json!({"verified": true, "reason": "理由"})),
            "read_listing_gates" => self.own(&f.draft),
            "declare_for_gates" => self.own(&f.draft).sends(json!({"admits_foreign": false, "keywords": [" "]})),
            "acknowledge_gate" => self.on(&f.draft).sends(gates::decision(&json!({"finding_sha256": "0".repeat(64)}), "accepted")),
            _ => return None,
        })
    }

    fn sessions(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        let more_time = || json!({"seconds": 60, "reason": "理由"});
        Some(match operation {
            "pause_lot" | "resume_lot" | "abort_lot" => self.on(&f.lot).sends_reason(),
            "extend_lot" => self.on(&f.lot).sends(more_time()),
            "list_lot_sessions" => self.here(),
            "create_lot_session" => self.here().sends_nonsense(),
            // The feed of a session that has ended ends too.
            "watch_lot_session" => self.on(&f.session).over(Thing::default().open()),
            "arrange_lot_session" => self.on(&f.draft_session).sends(json!({"lots": []})),
            "publish_lot_session" | "advance_lot_session" => self.on(&f.draft_session),
            "pause_lot_session" | "resume_lot_session" => self.on(&f.draft_session).sends_reason(),
            "extend_lot_session" => self.on(&f.draft_session).sends(more_time()),
            _ => return None,
        })
    }

    fn imports(&self, operation: &str) -> Option<Case> {
        Some(match operation {
            "create_import" => self.asking("kind=assets&file_name=x.csv").sends_nonsense(),
            "list_imports" => self.here(),
            "export_assets" | "export_listings" => self.asking("format=csv"),
            "read_import" | "list_import_rows" | "read_import_report" | "cancel_import" | "resume_import" => self.own(&self.fixture.import),
            _ => return None,
        })
    }

    fn notifications(&self, operation: &str) -> Option<Case> {
        let f = self.fixture;
        Some(match operation {
            // The feed of the market never ends, so whoever may watch is stopped by what he asks for.
            "watch_market" => Case { stops: Some("invalid"), ..self.asking("types=painting.hung") },
            "read_event_catalogue" | "read_mail_preferences" | "list_inbox" | "list_webhooks" => self.here(),
            "read_inbox" | "create_webhook" | "trigger_event" => self.here().sends_nonsense(),
            "read_inbox_item" => Case { acts: true, ..self.own(&f.inbox_item) },
            "read_webhook"
            | "list_webhook_deliveries"
            | "pause_webhook"
            | "resume_webhook"
            | "rotate_webhook_secret"
            | "remove_webhook"
            | "test_webhook" => self.own(&f.webhook),
            "replay_webhook" => self.own(&f.webhook).sends(json!({})),
            "set_mail_preferences" => self.here().sends(json!({"choice": "usual"})),
            "read_mail_stop" => self.on(&f.mail_stop),
            "stop_mail" => Case { acts: true, ..self.on(&f.mail_stop) },
            _ => return None,
        })
    }

    /// Things that are hidden before and open after.
    fn twofold(&self, operation: &str) -> Option<Vec<Case>> {
        let f = self.fixture;
        if operation == "read_lot_session" {
            let hidden = self.on(&f.draft_session).over(Thing::default()).called("draft");
            return Some(vec![hidden, self.on(&f.session).over(Thing::default().open()).called("published")]);
        }
        let (hidden, open) = match operation {
            "read_document" | "download_document" => ((&f.secret_paper, "private"), (&f.open_paper, "public")),
            "read_listing" | "read_listing_timeline" | "read_listing_calendar" => ((&f.draft, "draft"), (&f.listing, "published")),
            "read_notice" | "show_notice" | "print_notice" | "list_notice_versions" | "read_notice_version" | "compare_notice_versions" => {
                ((&f.drafted_notice, "drafted"), (&f.notice, "published"))
            }
            "read_open_licence" => ((&f.licence, "drafted"), (&f.announced_licence, "announced")),
            _ => return None,
        };
        Some(vec![self.own(hidden.0).called(hidden.1), self.on(open.0).over(Thing::of(Organisation::A).open()).called(open.1)])
    }
}

// ---- Calling and comparing ----

/// An answer.
struct Heard {
    status: u16,
    code: String,
    media: String,
    body: Value,
}

impl Heard {
    /// Whether the caller was let through to what lies behind the question of rights.
    fn is_let_through(&self) -> bool {
        !matches!((self.status, self.code.as_str()), (401 | 404, _) | (403, "forbidden"))
    }

    /// How the table says it.
    fn cell(&self) -> &'static str {
        match self.status {
            _ if self.is_let_through() => "ok",
            401 => "401",
            403 => "403",
            _ => "404",
        }
    }

    /// What is wrong with a refusal.
    fn refuses_badly(&self, verdict: Verdict) -> Option<String> {
        let (status, code) = verdict.refusal();
        if (self.status, self.code.as_str()) != (status, code) {
            return Some(format!("{status} {code} is due, {} {} came: {}", self.status, self.code, self.body));
        }
        let members: BTreeSet<&str> = self.body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        if members != BTreeSet::from(BARE) {
            return Some(format!("the refusal says {members:?}: {}", self.body));
        }
        let is_problem = self.media.starts_with("application/problem+json") && self.body["status"] == status;
        if !is_problem {
            return Some(format!("the refusal is no problem document: {} {}", self.media, self.body));
        }
        self.tells_too_much()
    }

    /// What a refusal tells that nobody should know.
    fn tells_too_much(&self) -> Option<String> {
        let word = if self.status < 400 { None } else { inside(&self.body.to_string()) };
        word.map(|word| format!("the refusal tells {word:?}: {}", self.body))
    }

    /// What is wrong with the answer to somebody who may.
    fn answers_badly(&self, operation: &Operation, case: &Case) -> Option<String> {
        let is_right = if operation.is_question() {
            case.stops.map_or(self.status == 200, |code| self.code == code)
        } else if case.acts {
            self.status < 300
        } else if operation.looks_at_version() {
            (self.status, self.code.as_str()) == (412, "stale")
        } else {
            (400..500).contains(&self.status) && self.is_let_through()
        };
        if !is_right {
            return Some(format!("is allowed, but {} {} came: {}", self.status, self.code, self.body));
        }
        self.tells_too_much()
    }
}

/// One run over every operation.
struct Run<'a> {
    market: &'a Market,
    fixture: &'a Fixture,
    http: reqwest::Client,
    standing: Vec<(String, String)>,
    rows: Vec<(String, Vec<&'static str>)>,
    wrong: Vec<String>,
    calls: usize,
}

impl<'a> Run<'a> {
    async fn over(market: &'a Market, fixture: &'a Fixture) -> Self {
        let http = crate::common::http();
        let standing = settled(market).await;
        Self { market, fixture, http, standing, rows: Vec::new(), wrong: Vec::new(), calls: 0 }
    }

    async fn try_operation(&mut self, operation: &Operation) {
        let Some(ways) = operation.ways().filter(|ways| !ways.is_empty()) else {
            self.wrong.push(format!("{} {} ({}) has no x-authz", operation.method, operation.place, operation.id));
            return;
        };
        let Some(cases) = (Table { place: &operation.place, fixture: self.fixture }).cases(&operation.id) else {
            self.wrong.push(format!("{} is not in the table of this test", operation.id));
            return;
        };
        for case in cases {
            let needs_thing = operation.place.contains("{id}") && ways.iter().any(|way| way.scope != "any");
            assert!(!needs_thing || case.thing.is_some(), "the table does not say whose the thing of {} is", operation.id);
            assert!(!case.address.contains('{'), "{} is not filled in", case.address);
            self.try_case(operation, &ways, &case).await;
        }
    }

    /// First everybody who may not, then everybody who may.
    async fn try_case(&mut self, operation: &Operation, ways: &[Way], case: &Case) {
        let fixture = self.fixture;
        let subjects = &fixture.subjects;
        let label = if case.label.is_empty() { operation.id.clone() } else { format!("{} ({})", operation.id, case.label) };
        let verdicts: Vec<_> = subjects.iter().map(|subject| Verdict::of(ways, subject, case.thing.as_ref())).collect();
        if !verdicts.contains(&Verdict::Allowed) {
            self.wrong.push(format!("{label} is for nobody"));
        }
        let mut cells = vec![""; subjects.len()];
        for is_refused in [true, false] {
            let turn: Vec<usize> = (0..subjects.len()).filter(|at| (verdicts[*at] != Verdict::Allowed) == is_refused).collect();
            let answers = join_all(turn.iter().map(|at| self.call(operation, &subjects[*at], case))).await;
            self.calls += answers.len();
            for (at, heard) in turn.into_iter().zip(answers) {
                cells[at] = heard.cell();
                let fault = if is_refused { heard.refuses_badly(verdicts[at]) } else { heard.answers_badly(operation, case) };
                self.wrong.extend(fault.map(|fault| format!("{label} by {}: {fault}", subjects[at].name)));
            }
            match (is_refused, operation.is_question(), case.acts) {
                (true, ..) => self.unchanged(&label, "refusals").await,
                (false, true, _) => {}
                (false, false, true) => self.standing = settled(self.market).await,
                (false, false, false) => self.unchanged(&label, "calls that stopped at a gate").await,
            }
        }
        self.rows.push((label, cells));
    }

    async fn call(&self, operation: &Operation, subject: &Subject, case: &Case) -> Heard {
        let url = format!("{}{}", self.market.stranger.base(), case.address);
        let mut request = self.http.request(operation.method.clone(), url).header("Accept-Language", "en");
        if let Some(token) = &subject.token {
            request = request.bearer_auth(token);
        }
        if !operation.is_question() {
            request = request.header("Idempotency-Key", Uuid::new_v4().to_string());
        }
        if operation.looks_at_version() {
            request = request.header("If-Match", "\"0\"");
        }
        request = match &case.load {
            Load::Nothing => request,
            Load::Json(body) => request.json(body),
            Load::Text(content) => request.header("Content-Type", "text/plain").body(*content),
        };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let media = answer.headers().get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        let body: Value = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default();
        Heard { status, code: text(&body["code"]), media, body }
    }

    /// Every table but audit and last-used times is as it was.
    async fn unchanged(&mut self, label: &str, after: &str) {
        let now = fingerprint(self.market.house()).await;
        let changed: Vec<_> = now.iter().zip(&self.standing).filter(|(new, old)| new != old).map(|(new, _)| new.0.clone()).collect();
        if !changed.is_empty() {
            self.wrong.push(format!("{label}: {after} changed {}", changed.join(", ")));
            self.standing = settled(self.market).await;
        }
    }

    /// The table of rights: a row for each operation, a column for each who calls.
    fn table(&self) -> String {
        let names: Vec<Vec<char>> = self.fixture.subjects.iter().map(|subject| subject.name.chars().collect()).collect();
        let tall = names.iter().map(Vec::len).max().unwrap_or_default();
        let wide = self.rows.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
        let mut said = String::from(
            "Who may do what, and how whoever may not is answered. Things belong to organisation A, admissions to B;\n\
             B is a bidder and the buyer of the deal. Written by the test in authz.rs with UPDATE_SNAPSHOTS=1.\n\n",
        );
        for line in 0..tall {
            let mut row = " ".repeat(wide);
            for name in &names {
                let letter = (line + name.len()).checked_sub(tall).and_then(|at| name.get(at)).copied().unwrap_or(' ');
                write!(row, "{letter:>4}").unwrap();
            }
            writeln!(said, "{}", row.trim_end()).unwrap();
        }
        for (label, cells) in &self.rows {
            write!(said, "{label:<wide$}").unwrap();
            for cell in cells {
                write!(said, "{cell:>4}").unwrap();
            }
            said.push('\n');
        }
        said
    }
}

/// Compares the table with the committed one.
fn compare(found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/rights.txt");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, found).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let mut differences = String::new();
    for (mark, these, those) in [('-', kept.as_str(), found), ('+', found, kept.as_str())] {
        let known: BTreeSet<&str> = those.lines().collect();
        for line in these.lines().filter(|line| !known.contains(line)) {
            writeln!(differences, "{mark} {line}").unwrap();
        }
    }
    assert!(kept == found, "the table of rights is another than tests/it/rights.txt (UPDATE_SNAPSHOTS=1 writes it):\n{differences}");
}

on_both! {
    /// Every operation, called by everybody.
    async fn every_operation_asks_who_calls(market) {
        let fixture = Fixture::build(&market).await;
        let mut operations = operations(&document());
        // What really changes something comes last.
        operations.sort_by_key(|operation| operation.id == "accept_invitation");
        let mut run = Run::over(&market, &fixture).await;
        for operation in &operations {
            run.try_operation(operation).await;
        }
        println!("{} operations, {} cases, {} who call, {} calls", operations.len(), run.rows.len(), fixture.subjects.len(), run.calls);
        assert!(run.wrong.is_empty(), "{} wrong:\n{}", run.wrong.len(), run.wrong.join("\n"));
        run.rows.sort();
        compare(&run.table());
    }
}

// ---- The document and what is served are the same ----

/// Every declared operation is described, every described one is declared, and none twice.
#[test]
fn every_declared_operation_is_described_and_the_other_way_round() {
    let mut declared: Vec<&str> = spec::operations().map(|operation| operation.id).collect();
    let operations = operations(&document());
    let mut described: Vec<&str> = operations.iter().map(|operation| operation.id.as_str()).collect();
    declared.sort_unstable();
    described.sort_unstable();
    assert_eq!(declared, described);
    let different: BTreeSet<&str> = described.iter().copied().collect();
    assert_eq!(different.len(), described.len(), "two operations have one id");
    println!("{} operations", described.len());
}

/// Whoever carries a token that is none is told so by every operation, open or not; so an answer about
/// the token shows that the route is there, whatever id is in its address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_of_the_document_is_served() {
    let market = Market::start(Base::Sqlite).await;
    let client = market.stranger.with_token("no.token.atall");
    for operation in operations(&document()) {
        let address = operation.place.replace("{id}", &Uuid::new_v4().to_string());
        let reply = client.ask(operation.method.clone(), &address).send().await.unwrap();
        assert_eq!((reply.status, reply.code()), (401, "token_invalid"), "{} {}: {}", operation.method, operation.place, reply.body);
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    let reply = client.ask(Method::GET, "/v1/nothing-of-the-kind").send().await.unwrap();
    assert_eq!((reply.status, reply.code()), (404, "not_found"));
}

/// A method an address does not take is refused with those it does take.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_method_is_told_the_right_ones() {
    let market = Market::start(Base::Sqlite).await;
    let document = document();
    let places: BTreeSet<String> = operations(&document).into_iter().map(|operation| operation.place).collect();
    for place in places {
        let taken: BTreeSet<String> = operations(&document)
            .into_iter()
            .filter(|operation| operation.place == place)
            .map(|operation| operation.method.to_string())
            .collect();
        let address = place.replace("{id}", &Uuid::new_v4().to_string());
        let wrong = [Method::PUT, Method::PATCH, Method::DELETE, Method::POST, Method::GET]
            .into_iter()
            .filter(|method| !taken.contains(method.as_str()));
        for method in wrong {
            let reply = market.stranger.ask(method.clone(), &address).send().await.unwrap();
            assert_eq!((reply.status, reply.code()), (405, "method_not_allowed"), "{method} {place}: {}", reply.body);
            let allowed: BTreeSet<String> = reply.header("allow").unwrap_or_default().split(", ").map(ToOwned::to_owned).collect();
            assert_eq!(allowed, taken, "{method} {place}");
        }
    }
}
