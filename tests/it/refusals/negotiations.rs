//! Sales at a negotiated price: begun, agreed on, decided, announced, confirmed.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::parties::{NewParty, found, invented_uscc};
use zhepai::play::{self, Party, instant, text};

use super::listings::{appoint, insider, licensed_alone};
use super::{Call, cases, try_all};
use crate::authz::{address, invite, join, offer as listing_offer, right};
use crate::common::play::{PASSWORD, cny};
use crate::common::{Market, fixtures};
use crate::negotiations::{accept, beginning, begun, offer};
use crate::{gates, on_both};

/// Sales at a negotiated price in each state, and some whose buyer nobody verifies any more.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    buyer: Party,
    fallen: Party,
    /// A state enterprise.
    enterprise: Party,
    decider: Client,
    /// Decided and confirmed for the seller, left it, and became a publisher.
    turncoat: Client,
    /// A publisher who sits with the seller.
    insider: Client,
    /// Made an offer and confirmed for the seller, and works for the buyer since.
    wanderer: Client,
    wandered: String,
    half: String,
    open: String,
    /// Whose right another one holds.
    twin: String,
    held: String,
    agreed: String,
    /// Agreed on below its base_price.
    cheap: String,
    decided: String,
    decided_by_turncoat: String,
    noticed: String,
    confirmed: String,
    ended: String,
    /// A licence that others may have too.
    plain_agreed: String,
    plain_noticed: String,
    spoilt_agreed: String,
    spoilt_noticed: String,
    fallen_open: String,
    fallen_agreed: String,
    fallen_decided: String,
    fallen_noticed: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let buyer = fixtures::enterprise(&market, "buyer", 1).await;
        let fallen = fixtures::enterprise(&market, "fallen", 2).await;
        let enterprise = NewParty {
            email: "soe@test.example".into(),
            password: PASSWORD.into(),
            kind: "enterprise".into(),
            ownership: "state".into(),
            name: "某国有企业".into(),
            name_en: None,
            uscc: invented_uscc(3),
        };
        let enterprise = found(&market.stranger, &market.staff, &enterprise).await.unwrap();
        let (decider, _) = join(&market, &seller, "d-ecides", &["signatory"]).await;
        let (turncoat, place_of_turncoat) = join(&market, &seller, "t-urncoat", &["signatory"]).await;
        turncoat.prove().await.unwrap();
        let insider = insider(&market, &seller, "i-nsider", "publisher").await;
        let publisher = market.staff.publisher.clone();

        let agreed = async |firm: &Party, price: &str| {
            let place = begun(&seller, firm, "一种技术", price).await;
            accept(&firm.client, &place).await;
            place
        };
        let decide = async |by: &Client, place: String| {
            crate::negotiations::decide(by, &place, None).await;
            place
        };
        let publish = async |place: String| {
            crate::negotiations::publish(&publisher, &place).await;
            let today = (market.staff.now().await.unwrap() + TimeDelta::hours(8)).date_naive();
            let shown = json!({"document_id": paper(&seller).await, "published_on": today, "place": "公告栏"});
            seller.client.create(&format!("{place}/unit-notice"), shown).await.unwrap();
            place
        };
        let noticed = async |firm: &Party| publish(decide(&decider, agreed(firm, "100000.00").await).await).await;
        let plain = async || {
            let place = begun(&seller, &buyer, "一种许可的技术", "100000.00").await;
            seller.client.create(&format!("{place}/offers"), licence()).await.unwrap();
            accept(&buyer.client, &place).await;
            place
        };

        let twins = right(&seller, "一种抢手的技术").await;
        let mut pair = Vec::new();
        for firm in [&buyer, &fallen] {
            let new = beginning(&seller, firm, (&twins.0, &twins.1), "100000.00").await;
            pair.push(format!("/v1/negotiations/{}", text(&seller.client.create("/v1/negotiations", new).await.unwrap()["id"])));
        }
        accept(&buyer.client, &pair[0]).await;
        let ended = begun(&seller, &buyer, "一种技术", "100000.00").await;
        seller.client.create(&format!("{ended}/withdraw"), reason()).await.unwrap();
        let decided_by_turncoat = decide(&turncoat, agreed(&buyer, "100000.00").await).await;
        let (wanderer, place_of_wanderer) = join(&market, &seller, "w-anders", &["operator", "signatory"]).await;
        let wandered = begun(&seller, &buyer, "一种技术", "100000.00").await;
        let stage = Self {
            half: noticed(&buyer).await,
            wanderer,
            wandered,
            open: begun(&seller, &buyer, "一种技术", "100000.00").await,
            twin: pair.remove(1),
            held: pair.remove(0),
            agreed: agreed(&buyer, "100000.00").await,
            cheap: agreed(&buyer, "90000.00").await,
            decided: decide(&decider, agreed(&buyer, "100000.00").await).await,
            decided_by_turncoat,
            noticed: noticed(&buyer).await,
            confirmed: noticed(&buyer).await,
            ended,
            plain_agreed: plain().await,
            plain_noticed: publish(decide(&decider, plain().await).await).await,
            spoilt_agreed: agreed(&buyer, "100000.00").await,
            spoilt_noticed: noticed(&buyer).await,
            fallen_open: begun(&seller, &fallen, "一种技术", "100000.00").await,
            fallen_agreed: agreed(&fallen, "100000.00").await,
            fallen_decided: decide(&decider, agreed(&fallen, "100000.00").await).await,
            fallen_noticed: noticed(&fallen).await,
            market,
            seller,
            buyer,
            fallen,
            enterprise,
            decider,
            turncoat,
            insider,
        };
        let notice = text(&stage.seller.client.get(&stage.fallen_noticed).await.unwrap()["notice_id"]);
        let over = instant(&stage.market.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["ends_at"]);
        stage.leave(&place_of_turncoat, over).await;
        stage.wander(&place_of_wanderer).await;
        stage
    }

    /// The turncoat confirms for the seller what the buyer confirms too, once the notice is over, leaves, and becomes a publisher; the
    /// fallen buyer falls. By then every legal status was read too long ago.
    async fn leave(&self, place: &str, over: chrono::DateTime<chrono::Utc>) {
        self.market.staff.move_clock(over).await.unwrap();
        self.read(&self.confirmed, "unregistered").await;
        self.buyer.client.prove().await.unwrap();
        self.turncoat.prove().await.unwrap();
        for client in [&self.turncoat, &self.buyer.client] {
            let body = self.hash(&self.confirmed).await;
            client.create(&format!("{}/confirm", self.confirmed), body).await.unwrap();
        }
        self.seller.client.act(&format!("/v1/memberships/{place}/remove")).await.unwrap();
        appoint(&self.market, "t-urncoat", "publisher").await;
        self.turncoat.prove().await.unwrap();
        for client in [&self.seller.client, &self.fallen.client] {
            client.prove().await.unwrap();
        }
        let refuse = format!("/v1/organisations/{}/refuse", self.fallen.organisation);
        self.market.staff.reviewer.create(&refuse, reason()).await.unwrap();
    }

    /// The wanderer confirms for the seller, leaves, and works for the buyer.
    async fn wander(&self, place: &str) {
        self.read(&self.half, "unregistered").await;
        self.wanderer.prove().await.unwrap();
        self.wanderer.create(&format!("{}/confirm", self.half), self.hash(&self.half).await).await.unwrap();
        self.wanderer.create(&format!("{}/offers", self.wandered), offer("100000.00")).await.unwrap();
        self.seller.client.act(&format!("/v1/memberships/{place}/remove")).await.unwrap();
        let place = invite(&self.buyer, &address("w-anders"), &["operator", "signatory"]).await;
        self.wanderer.act(&format!("/v1/memberships/{place}/accept")).await.unwrap();
    }

    /// Reads the status of the rights a negotiation is about now.
    async fn read(&self, place: &str, status: &str) {
        for asset in self.seller.client.get(place).await.unwrap()["asset_ids"].as_array().unwrap() {
            play::read_status(&self.seller, &text(asset), status).await.unwrap();
        }
    }

    /// What accepting or confirming takes.
    async fn hash(&self, place: &str) -> Value {
        let seen = self.market.staff.supervisor.get(place).await.unwrap();
        json!({"terms_sha256": seen["offers"].as_array().unwrap().last().unwrap()["terms_sha256"]})
    }

    /// What a beginning takes, about the rights of another negotiation.
    async fn like(&self, place: &str) -> Value {
        let seen = self.seller.client.get(place).await.unwrap();
        let (achievement, asset) = (text(&seen["achievement_id"]), text(&seen["asset_ids"][0]));
        beginning(&self.seller, &self.buyer, (&achievement, &asset), "100000.00").await
    }

    /// The seller begins another one about the rights of one, with something changed.
    async fn begins(&self, place: &str, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = self.like(place).await;
        change(&mut new);
        Call::post(&self.seller.client, "/v1/negotiations", &new)
    }

    /// Somebody hands a listing in that offers the rights of a negotiation alone.
    async fn lists(&self, place: &str) {
        let seen = self.seller.client.get(place).await.unwrap();
        self.read(place, "unregistered").await;
        let mut listed = listing_offer(&self.market, "一种独家转让的技术").await;
        listed["achievement_id"] = seen["achievement_id"].clone();
        listed["asset_ids"] = seen["asset_ids"].clone();
        let listing = text(&self.seller.client.create("/v1/listings", listed).await.unwrap()["id"]);
        self.seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
    }

    /// Somebody publishes what was frozen.
    async fn publishes(&self, by: &Client, place: &str) -> Call {
        let drafted = self.market.staff.supervisor.get(place).await.unwrap()["drafted_sha256"].as_str().map(ToOwned::to_owned);
        post(by, place, "publish", &json!({"drafted_sha256": drafted.unwrap_or_else(|| "0".repeat(64))}))
    }

    async fn confirms(&self, by: &Client, place: &str) -> Call {
        post(by, place, "confirm", &self.hash(place).await)
    }
}

async fn paper(owner: &Party) -> String {
    crate::negotiations::paper(owner, "文件").await
}

fn reason() -> Value {
    json!({"reason": "理由"})
}

fn licence() -> Value {
    let mut offer = offer("100000.00");
    offer["terms"]["transfer"] =
        json!({"mode": "non_exclusive_licence", "fields": ["all"], "territory": ["330000"], "months": 36, "sublicence": false});
    offer
}

fn act(by: &Client, place: &str, step: &str) -> Call {
    Call::act(by, format!("{place}/{step}"))
}

fn post(by: &Client, place: &str, step: &str, body: &Value) -> Call {
    Call::post(by, format!("{place}/{step}"), body)
}

fn shown(document: &str, on: &str) -> Value {
    json!({"document_id": document, "published_on": on, "place": "公告栏"})
}

cases! {
    /// From the first offer to the result.
    NEGOTIATIONS of Stage;
    start_negotiation, ListingNotReady, "what is offered was read lately": |on| on.begins(&on.open, |_| {}).await;
    start_negotiation, OrganisationNotVerified, "a buyer is one that was verified": |on| {
        let fallen = on.fallen.organisation.clone();
        on.begins(&on.open, |new| new["buyer_organisation_id"] = json!(fallen)).await
    };
    start_negotiation, DeclarationMissing, "no secret is offered": |on| on.begins(&on.open, |new| new["secret_level_none"] = json!(false)).await;
    start_negotiation, DeclarationMissing, "a university shows what its base price rests on": |on|
        on.begins(&on.open, |new| new["basis_document_id"] = Value::Null).await;
    start_negotiation, MechanismNotAllowed, "a state enterprise sells in another way": |on|
        Call::post(&on.enterprise.client, "/v1/negotiations", &on.like(&on.open).await);
    start_negotiation, MechanismNotAllowed, "a foreign party buys what is listed for it": |on| {
        on.enterprise.client.create(&gates::of(&on.enterprise, "facts"), gates::foreign()).await.unwrap();
        on.begins(&on.open, |new| new["buyer_organisation_id"] = json!(on.enterprise.organisation)).await
    };
    start_negotiation, DocumentUnusable, "a paper is the seller's own": |on|
        on.begins(&on.open, |new| new["basis_document_id"] = json!(Uuid::new_v4())).await;
    start_negotiation, OutsideRule, "an offer does not stand for ever": |on|
        on.begins(&on.open, |new| new["offer"]["expires_at"] = json!("2029-01-01T00:00:00Z")).await;
    start_negotiation, Invalid, "nobody sells to himself": |on| {
        let own = on.seller.organisation.clone();
        on.begins(&on.open, |new| new["buyer_organisation_id"] = json!(own)).await
    };
    start_negotiation, Invalid, "a price is more than nothing": |on|
        on.begins(&on.open, |new| new["offer"]["terms"]["price"] = cny("0.00")).await;
    start_negotiation, AssetHeld, "what was agreed on is not offered again": |on| {
        on.read(&on.held, "unregistered").await;
        on.begins(&on.held, |_| {}).await
    };
    start_negotiation, LicenceConflict, "what one is licensed alone is not offered again": |on| {
        let (achievement, asset) = right(&on.seller, "一种已独占许可的技术").await;
        licensed_alone(&on.seller, &asset).await;
        on.begins(&on.open, |new| {
            (new["achievement_id"], new["asset_ids"]) = (json!(achievement), json!([asset]));
            new["offer"] = licence();
        }).await
    };
    start_negotiation, StatusForbids, "what is in dispute does not pass": |on| {
        on.read(&on.spoilt_agreed, "suspended").await;
        on.begins(&on.spoilt_agreed, |_| {}).await
    };
    make_offer, WrongState, "what ended is over": |on| post(&on.seller.client, &on.ended, "offers", &offer("1.00"));
    make_offer, OutsideRule, "an offer stands for a time": |on| {
        let mut late = offer("1.00");
        late["expires_at"] = json!("2020-01-01T00:00:00Z");
        post(&on.buyer.client, &on.open, "offers", &late)
    };
    make_offer, Invalid, "a price is more than nothing": |on| post(&on.buyer.client, &on.open, "offers", &offer("0.00"));
    make_offer, Invalid, "a name is its bearer's": |on| {
        let mut odd = offer("1.00");
        odd["name_confidential"] = json!(true);
        post(&on.seller.client, &on.open, "offers", &odd)
    };
    make_offer, Stale, "who offers has seen it as it stands": |on| post(&on.buyer.client, &on.open, "offers", &offer("1.00")).on_version(7);
    accept_offer, WrongState, "what ended is not accepted": |on| post(&on.buyer.client, &on.ended, "accept", &on.hash(&on.ended).await);
    accept_offer, LicenceConflict, "what was licensed to one alone meanwhile is not agreed on": |on| {
        let (achievement, asset) = right(&on.seller, "一种在谈许可的技术").await;
        let mut new = beginning(&on.seller, &on.buyer, (&achievement, &asset), "100000.00").await;
        new["offer"] = licence();
        let place = format!("/v1/negotiations/{}", text(&on.seller.client.create("/v1/negotiations", new).await.unwrap()["id"]));
        on.read(&place, "unregistered").await;
        licensed_alone(&on.seller, &asset).await;
        post(&on.buyer.client, &place, "accept", &on.hash(&place).await)
    };
    accept_offer, OfferNotOpen, "nobody accepts an offer that has expired": |on| post(&on.buyer.client, &on.open, "accept", &on.hash(&on.open).await);
    accept_offer, OfferNotOpen, "nobody accepts his own offer": |on| {
        on.seller.client.create(&format!("{}/offers", on.open), offer("100000.00")).await.unwrap();
        post(&on.seller.client, &on.open, "accept", &on.hash(&on.open).await)
    };
    accept_offer, SamePerson, "nobody deals with himself": |on| post(&on.wanderer, &on.wandered, "accept", &on.hash(&on.wandered).await);
    accept_offer, Invalid, "who accepts means the text that is there": |on|
        post(&on.buyer.client, &on.open, "accept", &json!({"terms_sha256": "0".repeat(64)}));
    accept_offer, ListingNotReady, "what is agreed on was read lately": |on| post(&on.buyer.client, &on.open, "accept", &on.hash(&on.open).await);
    accept_offer, StatusForbids, "what is in dispute is not agreed on": |on| {
        on.read(&on.open, "suspended").await;
        post(&on.buyer.client, &on.open, "accept", &on.hash(&on.open).await)
    };
    accept_offer, Stale, "who accepts has seen it as it stands": |on|
        post(&on.buyer.client, &on.open, "accept", &on.hash(&on.open).await).on_version(77);
    accept_offer, OrganisationNotVerified, "who accepts was verified": |on| {
        on.seller.client.create(&format!("{}/offers", on.fallen_open), offer("100000.00")).await.unwrap();
        post(&on.fallen.client, &on.fallen_open, "accept", &on.hash(&on.fallen_open).await)
    };
    decide_negotiation, WrongState, "what is not agreed on is not decided": |on| post(&on.decider, &on.open, "decide", &on.hash(&on.open).await);
    decide_negotiation, SamePerson, "nobody decides who made the offer": |on| post(&on.seller.client, &on.agreed, "decide", &on.hash(&on.agreed).await);
    decide_negotiation, OrganisationNotVerified, "a buyer is still verified": |on| post(&on.decider, &on.fallen_agreed, "decide", &on.hash(&on.fallen_agreed).await);
    decide_negotiation, ListingNotReady, "what is decided was read lately": |on| post(&on.decider, &on.agreed, "decide", &on.hash(&on.agreed).await);
    decide_negotiation, DeclarationMissing, "below its base price a decision is shown": |on| {
        on.read(&on.cheap, "unregistered").await;
        post(&on.decider, &on.cheap, "decide", &on.hash(&on.cheap).await)
    };
    decide_negotiation, DocumentUnusable, "a decision is the seller's own": |on| {
        let mut body = on.hash(&on.cheap).await;
        body["decision_document_id"] = json!(Uuid::new_v4());
        post(&on.decider, &on.cheap, "decide", &body)
    };
    decide_negotiation, StatusForbids, "what is in dispute is not decided": |on| post(&on.decider, &on.spoilt_agreed, "decide", &on.hash(&on.spoilt_agreed).await);
    decide_negotiation, AssetHeld, "what a listing holds is not decided": |on| {
        on.lists(&on.plain_agreed).await;
        post(&on.decider, &on.plain_agreed, "decide", &on.hash(&on.plain_agreed).await)
    };
    decide_negotiation, Stale, "who decides has seen it as it stands": |on| post(&on.decider, &on.agreed, "decide", &on.hash(&on.agreed).await).on_version(77);
    decide_negotiation, Invalid, "who decides means the terms that are agreed on": |on|
        post(&on.decider, &on.agreed, "decide", &json!({"terms_sha256": "0".repeat(64)}));
    publish_negotiation, Invalid, "who publishes has read the text": |on|
        post(&on.market.staff.publisher, &on.decided, "publish", &json!({"drafted_sha256": "0".repeat(64)}));
    publish_negotiation, WrongState, "what is not decided is not published": |on| on.publishes(&on.market.staff.publisher, &on.agreed).await;
    publish_negotiation, SamePerson, "nobody publishes what he decided": |on| on.publishes(&on.turncoat, &on.decided_by_turncoat).await;
    publish_negotiation, ConflictOfInterest, "nobody of the seller publishes": |on| on.publishes(&on.insider, &on.decided).await;
    publish_negotiation, OrganisationNotVerified, "both parties are still verified": |on|
        on.publishes(&on.market.staff.publisher, &on.fallen_decided).await;
    show_unit_notice, WrongState, "a notice that is not public stands nowhere": |on|
        post(&on.seller.client, &on.decided, "unit-notice", &shown(&paper(&on.seller).await, "2026-03-02"));
    show_unit_notice, DocumentUnusable, "what shows it is the seller's own": |on|
        post(&on.seller.client, &on.noticed, "unit-notice", &shown(&Uuid::new_v4().to_string(), "2026-03-02"));
    show_unit_notice, Invalid, "it was not put up before it was decided": |on|
        post(&on.seller.client, &on.noticed, "unit-notice", &shown(&paper(&on.seller).await, "2026-03-01"));
    confirm_negotiation, WrongState, "what is not announced is not confirmed": |on| on.confirms(&on.seller.client, &on.agreed).await;
    confirm_negotiation, OrganisationNotVerified, "who confirms deals with somebody verified": |on|
        on.confirms(&on.seller.client, &on.fallen_noticed).await;
    confirm_negotiation, Invalid, "who confirms means the text that was announced": |on|
        post(&on.seller.client, &on.noticed, "confirm", &json!({"terms_sha256": "0".repeat(64)}));
    confirm_negotiation, ListingNotReady, "what is confirmed was read lately": |on| on.confirms(&on.seller.client, &on.noticed).await;
    confirm_negotiation, StatusForbids, "what is in dispute is not confirmed": |on| {
        on.read(&on.spoilt_noticed, "suspended").await;
        on.confirms(&on.seller.client, &on.spoilt_noticed).await
    };
    confirm_negotiation, AssetHeld, "what a listing holds is not confirmed": |on| {
        on.lists(&on.plain_noticed).await;
        on.confirms(&on.seller.client, &on.plain_noticed).await
    };
    confirm_negotiation, AlreadySigned, "a party confirms once": |on| {
        on.read(&on.noticed, "unregistered").await;
        on.confirms(&on.seller.client, &on.noticed).await.made().await;
        on.confirms(&on.seller.client, &on.noticed).await
    };
    confirm_negotiation, SamePerson, "nobody confirms for both": |on| on.confirms(&on.wanderer, &on.half).await;
    confirm_negotiation, NoticeNotOver, "a seller shows that his own notice stood": |on| {
        let today = (on.market.staff.now().await.unwrap() + TimeDelta::hours(8)).date_naive().to_string();
        let new = shown(&paper(&on.seller).await, &today);
        on.seller.client.create(&format!("{}/unit-notice", on.noticed), new).await.unwrap();
        on.confirms(&on.buyer.client, &on.noticed).await
    };
    publish_negotiation_result, WrongState, "what is not confirmed has no result": |on| act(&on.market.staff.publisher, &on.noticed, "publish-result");
    publish_negotiation_result, SamePerson, "nobody publishes what he confirmed": |on| act(&on.turncoat, &on.confirmed, "publish-result");
    publish_negotiation_result, ConflictOfInterest, "nobody of the seller publishes the result": |on|
        act(&on.insider, &on.confirmed, "publish-result");
    withdraw_negotiation, WrongState, "what both have confirmed stands": |on| post(&on.buyer.client, &on.confirmed, "withdraw", &reason());
    withdraw_negotiation, ConflictOfInterest, "no officer of the seller ends it": |on| post(&on.insider, &on.open, "withdraw", &reason());
    make_offer, TooManyOffers, "whoever does not agree begins anew": |on| {
        for _ in 0..198 {
            on.seller.client.create(&format!("{}/offers", on.fallen_open), offer("1.00")).await.unwrap();
        }
        post(&on.seller.client, &on.fallen_open, "offers", &offer("1.00"))
    };
    withdraw_negotiation, Invalid, "who withdraws says why": |on| post(&on.buyer.client, &on.open, "withdraw", &json!({"reason": " "}));
    read_negotiation_evidence, WrongState, "there is evidence of what was announced": |on|
        Call::get(&on.seller.client, format!("{}/evidence", on.open));
    accept_offer, AssetHeld, "what another holds is not agreed on": |on| {
        on.market.staff.reviewer.act(&format!("/v1/organisations/{}/verify", on.fallen.organisation)).await.unwrap();
        on.seller.client.create(&format!("{}/offers", on.twin), offer("100000.00")).await.unwrap();
        post(&on.fallen.client, &on.twin, "accept", &on.hash(&on.twin).await)
    };
}

on_both! {
    async fn sales_at_a_negotiated_price(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, NEGOTIATIONS).await;
        told.say_what_is_allowed("POST /v1/negotiations");
        assert_eq!(told.to("nobody accepts an offer that has expired")["why"], json!("expired"));
        assert_eq!(told.to("a state enterprise sells in another way")["source"], json!("Order 32 (qtfm.cn)"));
        assert_eq!(told.to("a seller shows that his own notice stood")["waits_for"][0]["what"], json!("unit_notice"));
    }
}
