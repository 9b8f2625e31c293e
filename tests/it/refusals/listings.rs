//! Listings: written, handed in, reviewed, published, ended.

use chrono::TimeDelta;
use entity::ids::ListingId;
use entity::listings::listing;
use reqwest::Method;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::platform::db::{self, Ending};
use zhepai::play::{self, NewAsset, Party, text};

use super::{Call, cases, try_all};
use crate::authz::{address, join, offer, officer, person, right};
use crate::common::play::cny;
use crate::common::{Market, fixtures};
use crate::{licences, on_both};

/// A seller, its people, and officers who are not as disinterested as they should be.
pub(super) struct Stage {
    pub(super) market: Market,
    pub(super) seller: Party,
    /// Wrote and handed in a listing for the seller, left it, and became a reviewer.
    author: Client,
    /// What he handed in.
    authored: String,
    /// Reviewed and approved a listing, and became a publisher.
    pub(super) turncoat: Client,
    /// What he approved.
    pub(super) approved: String,
    /// A reviewer and a publisher who sit with the seller.
    inside_reviewer: Client,
    pub(super) inside_publisher: Client,
    /// A published listing.
    published: String,
    /// Was verified once, and wrote a draft then.
    pub(super) fallen: Party,
    draft_of_fallen: String,
    taken_of_fallen: String,
    pub(super) approved_of_fallen: String,
}

impl Stage {
    pub(super) async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let (author, place) = join(&market, &seller, "a-uthor", &["operator"]).await;
        let authored = Self::submitted_by(&market, &seller, &author).await;
        seller.client.act(&format!("/v1/memberships/{place}/remove")).await.unwrap();
        appoint(&market, "a-uthor", "reviewer").await;
        author.prove().await.unwrap();

        let (turncoat, id) = officer(&market, "turncoat", "reviewer").await;
        let approved = Self::submitted_by(&market, &seller, &seller.client).await;
        for step in ["take", "approve"] {
            turncoat.act(&format!("/v1/listings/{approved}/{step}")).await.unwrap();
        }
        dismiss(&market, &id).await;
        appoint(&market, "turncoat", "publisher").await;

        let inside_reviewer = insider(&market, &seller, "inside-one", "reviewer").await;
        let inside_publisher = insider(&market, &seller, "inside-two", "publisher").await;

        let fallen = fixtures::enterprise(&market, "fallen", 1).await;
        let draft_of_fallen = Self::drafted(&market, &fallen, &fallen.client, |_| {}).await;
        let mut taken = Vec::new();
        for _ in 0..2 {
            let listing = Self::submitted_by(&market, &fallen, &fallen.client).await;
            market.staff.reviewer.act(&format!("/v1/listings/{listing}/take")).await.unwrap();
            taken.push(listing);
        }
        let (taken_of_fallen, approved_of_fallen) = (taken.remove(0), taken.remove(0));
        market.staff.reviewer.act(&format!("/v1/listings/{approved_of_fallen}/approve")).await.unwrap();
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, reason()).await.unwrap();

        let published = Self::submitted_by(&market, &seller, &seller.client).await;
        let path = format!("/v1/listings/{published}");
        market.staff.reviewer.act(&format!("{path}/take")).await.unwrap();
        market.staff.reviewer.act(&format!("{path}/approve")).await.unwrap();
        market.staff.publisher.act(&format!("{path}/publish")).await.unwrap();
        Self {
            market,
            seller,
            author,
            authored,
            turncoat,
            approved,
            inside_reviewer,
            inside_publisher,
            published,
            fallen,
            draft_of_fallen,
            taken_of_fallen,
            approved_of_fallen,
        }
    }

    /// A draft with a right of its own, changed as told.
    async fn drafted(market: &Market, seller: &Party, author: &Client, change: impl FnOnce(&mut Value)) -> String {
        let (achievement, asset) = right(seller, "一种技术").await;
        let mut offer = offer(market, "一种技术").await;
        offer["achievement_id"] = achievement.into();
        offer["asset_ids"] = json!([asset]);
        change(&mut offer);
        text(&author.create("/v1/listings", offer).await.unwrap()["id"])
    }

    async fn submitted_by(market: &Market, seller: &Party, author: &Client) -> String {
        let listing = Self::drafted(market, seller, author, |_| {}).await;
        author.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
        listing
    }

    /// A draft of the seller, changed as told.
    pub(super) async fn draft(&self, change: impl FnOnce(&mut Value)) -> String {
        Self::drafted(&self.market, &self.seller, &self.seller.client, change).await
    }

    /// An offer of rights of an achievement.
    pub(super) async fn offer_of(&self, achievement: &str, assets: &[String]) -> Value {
        let mut offer = offer(&self.market, "一种技术").await;
        offer["achievement_id"] = achievement.into();
        offer["asset_ids"] = json!(assets);
        offer
    }

    /// Handed in and taken by the sandbox's reviewer.
    async fn under_review(&self, change: impl FnOnce(&mut Value)) -> String {
        let listing = self.draft(change).await;
        self.hand_in(&listing).await;
        listing
    }

    pub(super) async fn hand_in(&self, listing: &str) {
        self.seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
        self.reviewer().act(&format!("/v1/listings/{listing}/take")).await.unwrap();
    }

    /// Approved with an offer that asks for secrecy, as could be before that was refused.
    async fn approved_in_secret(&self) -> String {
        let listing = self.under_review(|_| {}).await;
        self.reviewer().act(&format!("/v1/listings/{listing}/approve")).await.unwrap();
        let db = &self.market.house().db;
        let id: ListingId = listing.parse().unwrap();
        let mut secret = listing::Entity::find_by_id(id).one(db.read()).await.unwrap().unwrap();
        secret.offer["amount_confidential"] = true.into();
        let written = db.transact(move |tx| {
            let secret = secret.clone();
            async move {
                db::update(&*tx, secret).await?;
                Ok(Ending::Commit(()))
            }
        });
        written.await.unwrap();
        listing
    }

    /// The first right of a listing.
    pub(super) async fn asset_of(&self, listing: &str) -> (String, String) {
        let listing = self.seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap();
        (text(&listing["achievement_id"]), text(&listing["assets"][0]["asset_id"]))
    }

    /// Records what a registry says of a right, so many days ago.
    pub(super) async fn read(&self, asset: &str, status: &str, days_ago: i64) {
        let as_of = self.market.staff.now().await.unwrap() - TimeDelta::days(days_ago);
        let reading = json!({"status": status, "as_of": as_of, "source": "registry"});
        self.seller.client.create(&format!("/v1/assets/{asset}/legal-statuses"), reading).await.unwrap();
    }

    pub(super) fn reviewer(&self) -> &Client {
        &self.market.staff.reviewer
    }

    pub(super) fn publisher(&self) -> &Client {
        &self.market.staff.publisher
    }

    /// The offer of a draft written anew, changed as told, on the version that stands.
    async fn replace(&self, listing: &str, change: impl FnOnce(&mut Value)) -> Call {
        let stands = self.seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap();
        let (achievement, asset) = right(&self.seller, "另一种技术").await;
        let mut offer = self.offer_of(&achievement, &[asset]).await;
        change(&mut offer);
        let call = Call::of(&self.seller.client, Method::PUT, format!("/v1/listings/{listing}")).json(&offer);
        call.on_version(stands["version"].as_i64().unwrap())
    }
}

/// A member of the seller who was suspended when he became an officer, and still is a suspended member.
pub(crate) async fn insider(market: &Market, seller: &Party, key: &str, role: &str) -> Client {
    let (client, place) = join(market, seller, key, &["viewer"]).await;
    seller.client.act(&format!("/v1/memberships/{place}/suspend")).await.unwrap();
    appoint(market, key, role).await;
    client.prove().await.unwrap();
    client
}

pub(super) async fn appoint(market: &Market, key: &str, role: &str) {
    market.staff.security.create("/v1/staff", json!({"email": address(key), "role": role})).await.unwrap();
}

async fn dismiss(market: &Market, person: &str) {
    market.staff.security.ask(Method::DELETE, &format!("/v1/staff/{person}")).send().await.unwrap().ok().unwrap();
}

pub(super) fn reason() -> Value {
    json!({"reason": "理由"})
}

fn step(caller: &Client, listing: &str, step: &str) -> Call {
    Call::act(caller, format!("/v1/listings/{listing}/{step}"))
}

fn reasoned(caller: &Client, listing: &str, step: &str) -> Call {
    Call::post(caller, format!("/v1/listings/{listing}/{step}"), &reason())
}

/// A plant variety nobody has granted, which may do without a number.
pub(super) fn variety(owner: &Party, number: Option<&str>) -> NewAsset {
    let body = json!({
        "title": "某水稻品种",
        "identifier": number,
        "details": {"kind": "plant_variety", "species": "水稻", "authority": "agriculture", "woody_or_vine": false},
        "owners": [{"name": owner.name, "is_holder": true, "share_bp": 10_000}]
    });
    NewAsset { body, status: "registered".into() }
}

/// Enters that somebody is licensed a right alone.
pub(super) async fn licensed_alone(by: &Party, asset: &str) {
    licences::entered(&by.client, &licences::new(by, asset, "exclusive", licences::scope(&["all"], &["330000"], 2030)).await).await;
}

/// A licence that leaves everybody free to deal in the right.
pub(super) fn licence() -> Value {
    json!({"mode": "non_exclusive_licence", "fields": ["all"], "territory": ["all"], "months": 12, "sublicence": false})
}

cases! {
    /// Drafts: written, written anew, handed in; and how listings are listed.
    DRAFTS of Stage;
    create_listing, OrganisationNotVerified, "who is not verified offers nothing": |on| {
        let offer = on.offer_of(&Uuid::new_v4().to_string(), &[Uuid::new_v4().to_string()]).await;
        Call::post(&on.fallen.client, "/v1/listings", &offer)
    };
    create_listing, DeclarationMissing, "state secrets are never put on the platform": |on| {
        let (achievement, asset) = right(&on.seller, "一种技术").await;
        let mut offer = on.offer_of(&achievement, &[asset]).await;
        offer["declarations"]["secret_level_none"] = false.into();
        Call::post(&on.seller.client, "/v1/listings", &offer)
    };
    create_listing, Invalid, "a seller offers rights of its own": |on| {
        let offer = on.offer_of(&Uuid::new_v4().to_string(), &[Uuid::new_v4().to_string()]).await;
        Call::post(&on.seller.client, "/v1/listings", &offer)
    };
    create_listing, Invalid, "no secrecy is promised that notice and log cannot keep": |on| {
        let (achievement, asset) = right(&on.seller, "一种要保密的技术").await;
        let mut offer = on.offer_of(&achievement, &[asset]).await;
        offer["party_confidential"] = true.into();
        offer["amount_confidential"] = true.into();
        Call::post(&on.seller.client, "/v1/listings", &offer)
    };
    replace_listing, OrganisationNotVerified, "who is not verified writes nothing anew": |on| {
        let offer = on.offer_of(&Uuid::new_v4().to_string(), &[Uuid::new_v4().to_string()]).await;
        Call::of(&on.fallen.client, Method::PUT, format!("/v1/listings/{}", on.draft_of_fallen)).json(&offer).on_version(1)
    };
    replace_listing, DeclarationMissing, "a declaration is not taken out again": |on| {
        let draft = on.draft(|_| {}).await;
        on.replace(&draft, |offer| offer["declarations"]["confidentiality_review_number"] = Value::Null).await
    };
    read_listing_evidence, WrongState, "of what was never published there is no evidence": |on|
        Call::get(&on.seller.client, format!("/v1/listings/{}/evidence", on.authored));
    replace_listing, WrongState, "what is published is not written anew": |on| on.replace(&on.published, |_| {}).await;
    submit_listing, OrganisationNotVerified, "who is not verified hands nothing in": |on| step(&on.fallen.client, &on.draft_of_fallen, "submit");
    submit_listing, WrongState, "what is handed in is not handed in again": |on| step(&on.seller.client, &on.published, "submit");
    submit_listing, DeclarationMissing, "burdens are declared": |on| {
        let draft = on.draft(|offer| offer["declarations"]["no_other_encumbrances"] = false.into()).await;
        step(&on.seller.client, &draft, "submit")
    };
    submit_listing, DeclarationMissing, "a pledge needs the paper that lifts it": |on| {
        let pledge = json!([{"kind": "pledge", "description": "质押予某银行"}]);
        let draft = on.draft(|offer| offer["declarations"]["encumbrances"] = pledge).await;
        step(&on.seller.client, &draft, "submit")
    };
    submit_listing, IdentifierInvalid, "a right of a registry has its number": |on| {
        let (achievement, assets) = play::register(&on.seller, fixtures::achievement(), &[variety(&on.seller, None)]).await.unwrap();
        let offer = on.offer_of(&achievement, &assets).await;
        let draft = on.seller.client.create("/v1/listings", offer).await.unwrap();
        step(&on.seller.client, &text(&draft["id"]), "submit")
    };
    submit_listing, StatusForbids, "a suspended right is not dealt in": |on| {
        let draft = on.draft(|_| {}).await;
        on.read(&on.asset_of(&draft).await.1, "suspended", 0).await;
        step(&on.seller.client, &draft, "submit")
    };
    submit_listing, AssetHeld, "a right is on exclusive offer once": |on| {
        let (achievement, asset) = on.asset_of(&on.published).await;
        let draft = on.seller.client.create("/v1/listings", on.offer_of(&achievement, &[asset]).await).await.unwrap();
        step(&on.seller.client, &text(&draft["id"]), "submit")
    };
    submit_listing, LicenceConflict, "what one is licensed alone is not offered again": |on| {
        let draft = on.draft(|offer| offer["terms"] = licence()).await;
        licensed_alone(&on.seller, &on.asset_of(&draft).await.1).await;
        step(&on.seller.client, &draft, "submit")
    };
    submit_listing, OutsideRule, "a deposit stays within the rule": |on| {
        let draft = on.draft(|offer| offer["deposit"] = cny("200.01")).await;
        step(&on.seller.client, &draft, "submit")
    };
    submit_listing, OutsideRule, "registration does not close before it opens": |on| {
        let past = on.market.staff.now().await.unwrap() - TimeDelta::seconds(1);
        let draft = on.draft(|offer| offer["schedule"]["registration_closes_at"] = json!(past)).await;
        step(&on.seller.client, &draft, "submit")
    };
    submit_listing, DocumentUnusable, "a base price rests on a document there is": |on| {
        let draft = on.draft(|offer| offer["basis_document_id"] = json!(Uuid::new_v4())).await;
        step(&on.seller.client, &draft, "submit")
    };
    list_listings, NotSignedIn, "a stranger has no listings of his own": |on| Call::get(&on.market.stranger, "/v1/listings?mine=true");
    list_listings, NotSignedIn, "a stranger does not see everything": |on| Call::get(&on.market.stranger, "/v1/listings?all=true");
    list_listings, Forbidden, "a seller does not see everything": |on| Call::get(&on.seller.client, "/v1/listings?all=true");
    list_listings, Forbidden, "who belongs nowhere has no listings of his own": |on| {
        let nobody = person(&on.market, "n-one").await;
        Call::get(&nobody, "/v1/listings?mine=true")
    };
}

cases! {
    /// Review, publication and ending.
    REVIEW of Stage;
    take_listing, WrongState, "a draft is not taken for review": |on| {
        let draft = on.draft(|_| {}).await;
        step(on.reviewer(), &draft, "take")
    };
    take_listing, SamePerson, "nobody reviews what he wrote": |on| step(&on.author, &on.authored, "take");
    take_listing, ConflictOfInterest, "nobody reviews for his own organisation": |on| step(&on.inside_reviewer, &on.authored, "take");
    return_listing, WrongState, "what nobody took is not sent back": |on| reasoned(on.reviewer(), &on.authored, "return");
    return_listing, Forbidden, "only who took it sends it back": |on| {
        let listing = on.under_review(|_| {}).await;
        let (colleague, _) = officer(&on.market, "colleague", "reviewer").await;
        reasoned(&colleague, &listing, "return")
    };
    return_listing, Invalid, "who sends it back says why": |on| {
        let listing = on.under_review(|_| {}).await;
        Call::post(on.reviewer(), format!("/v1/listings/{listing}/return"), &json!({"reason": " "}))
    };
    reject_listing, WrongState, "what nobody took is not rejected": |on| reasoned(on.reviewer(), &on.authored, "reject");
    approve_listing, WrongState, "what nobody took is not approved": |on| step(on.reviewer(), &on.authored, "approve");
    approve_listing, SamePerson, "nobody approves what he wrote": |on| step(&on.author, &on.authored, "approve");
    approve_listing, ConflictOfInterest, "nobody approves for his own organisation": |on| step(&on.inside_reviewer, &on.authored, "approve");
    approve_listing, OrganisationNotVerified, "an offer of a seller no longer verified is not approved": |on|
        step(on.reviewer(), &on.taken_of_fallen, "approve");
    approve_listing, StatusForbids, "a right suspended meanwhile is not approved": |on| {
        let listing = on.under_review(|_| {}).await;
        on.read(&on.asset_of(&listing).await.1, "suspended", 0).await;
        step(on.reviewer(), &listing, "approve")
    };
    approve_listing, AssetHeld, "a right offered exclusively meanwhile is not approved": |on| {
        let listing = on.under_review(|offer| offer["terms"] = licence()).await;
        let (achievement, asset) = on.asset_of(&listing).await;
        let other = on.seller.client.create("/v1/listings", on.offer_of(&achievement, &[asset]).await).await.unwrap();
        on.seller.client.act(&format!("/v1/listings/{}/submit", text(&other["id"]))).await.unwrap();
        step(on.reviewer(), &listing, "approve")
    };
    approve_listing, LicenceConflict, "what was licensed to one alone meanwhile is not approved": |on| {
        let listing = on.under_review(|offer| offer["terms"] = licence()).await;
        licensed_alone(&on.seller, &on.asset_of(&listing).await.1).await;
        step(on.reviewer(), &listing, "approve")
    };
    approve_listing, ListingNotReady, "a status read too long ago is read again": |on| {
        let (achievement, assets) = {
            let body = json!({
                "title": "一种久未核查的技术",
                "details": {"kind": "other_tech", "public_abstract": "工艺"},
                "owners": [{"name": on.seller.name, "is_holder": true, "share_bp": 10_000}]
            });
            let achievement = text(&on.seller.client.create("/v1/achievements", fixtures::achievement()).await.unwrap()["id"]);
            let asset = on.seller.client.create(&format!("/v1/achievements/{achievement}/assets"), body).await.unwrap();
            (achievement, [text(&asset["id"])])
        };
        on.read(&assets[0], "unregistered", 8).await;
        let listing = text(&on.seller.client.create("/v1/listings", on.offer_of(&achievement, &assets).await).await.unwrap()["id"]);
        on.hand_in(&listing).await;
        step(on.reviewer(), &listing, "approve")
    };
    publish_listing, WrongState, "what is not approved is not published": |on| step(on.publisher(), &on.authored, "publish");
    publish_listing, SamePerson, "nobody publishes what he approved": |on| step(&on.turncoat, &on.approved, "publish");
    publish_listing, ConflictOfInterest, "nobody publishes for his own organisation": |on| step(&on.inside_publisher, &on.approved, "publish");
    publish_listing, OrganisationNotVerified, "an offer of a seller no longer verified is not published": |on|
        step(&on.market.staff.publisher, &on.approved_of_fallen, "publish");
    terminate_listing, WrongState, "what is over is not ended": |on| {
        let listing = on.under_review(|_| {}).await;
        on.reviewer().create(&format!("/v1/listings/{listing}/reject"), reason()).await.unwrap();
        reasoned(&on.seller.client, &listing, "terminate")
    };
    terminate_listing, Forbidden, "an officer who does not decide ends nothing": |on|
        reasoned(&on.market.staff.finance, &on.published, "terminate");
    publish_listing, Invalid, "what was approved before is not announced with a secrecy that nobody keeps": |on| {
        let listing = on.approved_in_secret().await;
        step(on.publisher(), &listing, "publish")
    };
    publish_listing, LicenceConflict, "what was licensed to one alone since it was approved is not published": |on| {
        let listing = on.under_review(|offer| offer["terms"] = licence()).await;
        on.reviewer().act(&format!("/v1/listings/{listing}/approve")).await.unwrap();
        licensed_alone(&on.seller, &on.asset_of(&listing).await.1).await;
        step(on.publisher(), &listing, "publish")
    };
    return_listing, ConflictOfInterest, "nobody sends back for his own organisation what is approved": |on|
        reasoned(&on.inside_reviewer, &on.approved, "return");
    return_listing, SamePerson, "nobody sends back what he wrote and others approved": |on| {
        for step in ["take", "approve"] {
            on.reviewer().act(&format!("/v1/listings/{}/{step}", on.authored)).await.unwrap();
        }
        reasoned(&on.author, &on.authored, "return")
    };
    // From here on the dates of the offers are past.
    approve_listing, OutsideRule, "dates that have passed meanwhile are not approved": |on| {
        let listing = on.under_review(|_| {}).await;
        on.market.pass(2).await;
        step(on.reviewer(), &listing, "approve")
    };
    publish_listing, OutsideRule, "dates that have passed meanwhile are not published": |on| step(on.publisher(), &on.approved, "publish");
}

on_both! {
    async fn drafts(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, DRAFTS).await;
        assert_eq!(told.to("what is published is not written anew")["state"], "published");
        assert_eq!(told.to("what is published is not written anew")["allowed"], json!(["propose_listing_amendment", "terminate_listing"]));
        assert_eq!(told.to("a deposit stays within the rule")["max"], cny("200.00"));
        assert_eq!(told.to("a right is on exclusive offer once")["errors"][0]["pointer"], "/asset_ids/0");
    }
}

on_both! {
    async fn review_and_publication(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, REVIEW).await;
        assert_eq!(told.to("a draft is not taken for review")["state"], "draft");
        assert_eq!(told.to("a status read too long ago is read again")["reason"], "legal_status_stale");
        let licensed = told.to("what was licensed to one alone since it was approved is not published");
        assert_eq!((&licensed["errors"][0]["pointer"], &licensed["conflicts"][0]["cure"]), (&json!("/terms"), &json!("other_scope")));
    }
}
