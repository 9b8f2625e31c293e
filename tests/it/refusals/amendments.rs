//! What is proposed to be offered otherwise: proposed, published, refused.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{self, Party, instant, text};

use super::listings::{Stage, licence, licensed_alone, reason, variety};
use super::{Call, cases, try_all};
use crate::amendments::amendment;
use crate::authz::{objection, offer, person, right};
use crate::common::play::cny;
use crate::common::{Market, fixtures};
use crate::on_both;
use crate::timeline::draft;

/// A published listing of a seller's, to which anybody may register for five hours.
async fn public(market: &Market, seller: &Party) -> String {
    let (achievement, asset) = right(seller, "一种技术").await;
    let mut offer = offer(market, "一种技术").await;
    let now = market.staff.now().await.unwrap();
    offer["schedule"] = json!({"registration_closes_at": now + TimeDelta::hours(5), "auction_opens_at": now + TimeDelta::hours(6)});
    play::publish(seller, &market.staff, offer, &achievement, &[asset]).await.unwrap().listing
}

/// How a listing is to be offered, changed as told.
async fn changed(seller: &Party, listing: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut offer = seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap()["offer"].clone();
    offer["summary"] = "另一说明".into();
    change(&mut offer);
    json!({"offer": offer, "reason": "理由"})
}

fn propose(by: &Client, listing: &str, new: &Value) -> Call {
    Call::post(by, format!("/v1/listings/{listing}/amendments"), new)
}

/// The call that publishes it, meaning the text that is there.
fn publish(by: &Client, proposed: &Value) -> Call {
    Call::post(
        by,
        format!("/v1/listing-amendments/{}/publish", text(&proposed["id"])),
        &json!({"drafted_sha256": proposed["drafted_sha256"]}),
    )
}

fn refuse(by: &Client, proposed: &Value) -> Call {
    Call::post(by, format!("/v1/listing-amendments/{}/refuse", text(&proposed["id"])), &reason())
}

impl Stage {
    /// The call that proposes a change of a published listing of the seller's.
    async fn proposing(&self, change: impl FnOnce(&mut Value)) -> Call {
        let listing = public(&self.market, &self.seller).await;
        propose(&self.seller.client, &listing, &changed(&self.seller, &listing, change).await)
    }

    /// What is proposed about a listing of the seller's.
    async fn proposed_of(&self, listing: &str, change: impl FnOnce(&mut Value)) -> Value {
        let new = changed(&self.seller, listing, change).await;
        self.seller.client.create(&format!("/v1/listings/{listing}/amendments"), new).await.unwrap()
    }

    async fn proposed(&self) -> Value {
        self.proposed_of(&public(&self.market, &self.seller).await, |_| {}).await
    }

    /// A second right of the achievement a listing is of, whose status was read at such a time before now.
    async fn second_right(&self, listing: &str, ago: TimeDelta) -> String {
        let achievement = self.asset_of(listing).await.0;
        let body = json!({
            "title": "一种附属技术",
            "details": {"kind": "other_tech", "public_abstract": "工艺"},
            "owners": [{"name": self.seller.name, "is_holder": true, "share_bp": 10_000}]
        });
        let asset = text(&self.seller.client.create(&format!("/v1/achievements/{achievement}/assets"), body).await.unwrap()["id"]);
        let as_of = self.market.staff.now().await.unwrap() - ago;
        let reading = json!({"status": "unregistered", "as_of": as_of, "source": "registry"});
        self.seller.client.create(&format!("/v1/assets/{asset}/legal-statuses"), reading).await.unwrap();
        asset
    }

    /// Another listing of the seller's that offers these rights alone.
    async fn offers_alone(&self, achievement: &str, assets: &[String]) {
        let other = self.seller.client.create("/v1/listings", self.offer_of(achievement, assets).await).await.unwrap();
        self.seller.client.act(&format!("/v1/listings/{}/submit", text(&other["id"]))).await.unwrap();
    }
}

fn also(asset: &str) -> impl FnOnce(&mut Value) {
    let asset = asset.to_owned();
    move |offer| offer["asset_ids"].as_array_mut().unwrap().push(asset.into())
}

/// The same, where all of them are licensed instead.
fn licensed_with(asset: &str) -> impl FnOnce(&mut Value) {
    let also = also(asset);
    move |offer| {
        also(offer);
        offer["terms"] = licence();
    }
}

cases! {
    /// Proposed by a seller, published by a second person, or refused.
    AMENDMENTS of Stage;
    publish_listing_amendment, SamePerson, "nobody publishes what he reviewed": |on| {
        on.publisher().act(&format!("/v1/listings/{}/publish", on.approved)).await.unwrap();
        publish(&on.turncoat, &on.proposed_of(&on.approved, |_| {}).await)
    };
    propose_listing_amendment, OrganisationNotVerified, "who is not verified proposes nothing": |on| {
        let offer = changed(&on.fallen, &on.approved_of_fallen, |_| {}).await;
        propose(&on.fallen.client, &on.approved_of_fallen, &offer)
    };
    propose_listing_amendment, WrongState, "a draft is written anew": |on| {
        let draft = on.draft(|_| {}).await;
        propose(&on.seller.client, &draft, &changed(&on.seller, &draft, |_| {}).await)
    };
    propose_listing_amendment, ProposalOpen, "one thing at a time": |on| {
        let listing = public(&on.market, &on.seller).await;
        on.proposed_of(&listing, |_| {}).await;
        propose(&on.seller.client, &listing, &changed(&on.seller, &listing, |_| {}).await)
    };
    propose_listing_amendment, DeclarationMissing, "a declaration is not taken back": |on|
        on.proposing(|offer| offer["declarations"]["secret_level_none"] = false.into()).await;
    propose_listing_amendment, IdentifierInvalid, "a right of a registry has its number": |on| {
        let listing = public(&on.market, &on.seller).await;
        let achievement = on.asset_of(&listing).await.0;
        let variety = variety(&on.seller, None);
        let asset = text(&on.seller.client.create(&format!("/v1/achievements/{achievement}/assets"), variety.body).await.unwrap()["id"]);
        on.read(&asset, &variety.status, 0).await;
        propose(&on.seller.client, &listing, &changed(&on.seller, &listing, also(&asset)).await)
    };
    propose_listing_amendment, StatusForbids, "a suspended right is not dealt in": |on| {
        let listing = public(&on.market, &on.seller).await;
        on.read(&on.asset_of(&listing).await.1, "suspended", 0).await;
        propose(&on.seller.client, &listing, &changed(&on.seller, &listing, |_| {}).await)
    };
    propose_listing_amendment, AssetHeld, "a right is on exclusive offer once": |on| {
        let listing = public(&on.market, &on.seller).await;
        let asset = on.second_right(&listing, TimeDelta::zero()).await;
        on.offers_alone(&on.asset_of(&listing).await.0, std::slice::from_ref(&asset)).await;
        propose(&on.seller.client, &listing, &changed(&on.seller, &listing, also(&asset)).await)
    };
    propose_listing_amendment, LicenceConflict, "what one is licensed alone is not offered too": |on| {
        let listing = public(&on.market, &on.seller).await;
        let asset = on.second_right(&listing, TimeDelta::zero()).await;
        licensed_alone(&on.seller, &asset).await;
        propose(&on.seller.client, &listing, &changed(&on.seller, &listing, licensed_with(&asset)).await)
    };
    propose_listing_amendment, ListingNotReady, "a status read too long ago is read again": |on| {
        let listing = public(&on.market, &on.seller).await;
        let asset = on.second_right(&listing, TimeDelta::days(8)).await;
        propose(&on.seller.client, &listing, &changed(&on.seller, &listing, also(&asset)).await)
    };
    propose_listing_amendment, OutsideRule, "registration closes no sooner than was told": |on| {
        let soon = on.market.staff.now().await.unwrap() + TimeDelta::hours(1);
        on.proposing(|offer| offer["schedule"]["registration_closes_at"] = json!(soon)).await
    };
    propose_listing_amendment, OutsideRule, "a deposit stays within the rule": |on| on.proposing(|offer| offer["deposit"] = cny("200.01")).await;
    propose_listing_amendment, DocumentUnusable, "a base price rests on a document there is": |on|
        on.proposing(|offer| offer["basis_document_id"] = json!(Uuid::new_v4())).await;
    propose_listing_amendment, Invalid, "it says something else": |on| on.proposing(|offer| offer["summary"] = "削减河岸带面源污染的方法。".into()).await;
    propose_listing_amendment, Invalid, "another achievement is another listing": |on|
        on.proposing(|offer| offer["achievement_id"] = json!(Uuid::new_v4())).await;
    propose_listing_amendment, Stale, "who proposes it has seen the listing as it stands": |on| on.proposing(|_| {}).await.on_version(70);
    publish_listing_amendment, WrongState, "what was taken back is not published": |on| {
        let proposed = on.proposed().await;
        on.seller.client.create(&format!("/v1/listing-amendments/{}/refuse", text(&proposed["id"])), reason()).await.unwrap();
        publish(on.publisher(), &proposed)
    };
    publish_listing_amendment, ConflictOfInterest, "nobody publishes for his own organisation": |on|
        publish(&on.inside_publisher, &on.proposed().await);
    publish_listing_amendment, ObjectionOpen, "nothing is published while an objection is not decided": |on| {
        let proposed = on.proposed().await;
        let listing = on.seller.client.get(&format!("/v1/listings/{}", text(&proposed["listing_id"]))).await.unwrap();
        let objector = person(&on.market, "o-bjects").await;
        objector.create(&format!("/v1/notices/{}/objections", text(&listing["notice_id"])), objection()).await.unwrap();
        publish(on.publisher(), &proposed)
    };
    publish_listing_amendment, OrganisationNotVerified, "an offer of a seller no longer verified is not published": |on| {
        let waning = fixtures::enterprise(&on.market, "waning", 2).await;
        let listing = public(&on.market, &waning).await;
        let proposed = waning.client.create(&format!("/v1/listings/{listing}/amendments"), changed(&waning, &listing, |_| {}).await).await.unwrap();
        on.reviewer().create(&format!("/v1/organisations/{}/refuse", waning.organisation), reason()).await.unwrap();
        publish(on.publisher(), &proposed)
    };
    publish_listing_amendment, StatusForbids, "a right suspended meanwhile is not offered": |on| {
        let proposed = on.proposed().await;
        on.read(&on.asset_of(&text(&proposed["listing_id"])).await.1, "suspended", 0).await;
        publish(on.publisher(), &proposed)
    };
    publish_listing_amendment, AssetHeld, "a right offered exclusively meanwhile is not offered": |on| {
        let listing = public(&on.market, &on.seller).await;
        let asset = on.second_right(&listing, TimeDelta::zero()).await;
        let proposed = on.proposed_of(&listing, also(&asset)).await;
        on.offers_alone(&on.asset_of(&listing).await.0, &[asset]).await;
        publish(on.publisher(), &proposed)
    };
    publish_listing_amendment, LicenceConflict, "what was licensed to one alone meanwhile is not offered": |on| {
        let listing = public(&on.market, &on.seller).await;
        let asset = on.second_right(&listing, TimeDelta::zero()).await;
        let proposed = on.proposed_of(&listing, licensed_with(&asset)).await;
        licensed_alone(&on.seller, &asset).await;
        publish(on.publisher(), &proposed)
    };
    publish_listing_amendment, Invalid, "who publishes it means the text that is there": |on| {
        let mut proposed = on.proposed().await;
        proposed["drafted_sha256"] = "0".repeat(64).into();
        publish(on.publisher(), &proposed)
    };
    publish_listing_amendment, Stale, "who publishes it has seen it as it stands": |on|
        publish(on.publisher(), &on.proposed().await).on_version(7);
    refuse_listing_amendment, WrongState, "it is refused once": |on| {
        let proposed = on.proposed().await;
        on.publisher().create(&format!("/v1/listing-amendments/{}/refuse", text(&proposed["id"])), reason()).await.unwrap();
        refuse(&on.seller.client, &proposed)
    };
    refuse_listing_amendment, ConflictOfInterest, "nobody refuses for his own organisation": |on|
        refuse(&on.inside_publisher, &on.proposed().await);
    refuse_listing_amendment, Invalid, "it is refused for a reason": |on| {
        let proposed = on.proposed().await;
        Call::post(on.publisher(), format!("/v1/listing-amendments/{}/refuse", text(&proposed["id"])), &json!({"reason": " "}))
    };
    refuse_listing_amendment, Stale, "who refuses it has seen it as it stands": |on|
        refuse(on.publisher(), &on.proposed().await).on_version(7);
    // From here on time passes.
    publish_listing_amendment, ListingNotReady, "a status that has become too old meanwhile is read again": |on| {
        let listing = public(&on.market, &on.seller).await;
        let asset = on.second_right(&listing, TimeDelta::days(7) - TimeDelta::seconds(30)).await;
        let proposed = on.proposed_of(&listing, also(&asset)).await;
        on.market.pass(1).await;
        publish(on.publisher(), &proposed)
    };
    publish_listing_amendment, OutsideRule, "dates that have become too near meanwhile are not published": |on| {
        let (place, asset) = draft(&on.seller).await;
        on.seller.client.act(&format!("{place}/submit")).await.unwrap();
        on.reviewer().act(&format!("{place}/take")).await.unwrap();
        on.reviewer().act(&format!("{place}/approve")).await.unwrap();
        let told = on.publisher().act(&format!("{place}/publish")).await.unwrap()["registration_closes_at"].clone();
        let new = amendment(&on.seller, &place, |offer| offer["schedule"]["registration_closes_at"] = told.clone()).await;
        let proposed = on.seller.client.create(&format!("{place}/amendments"), new).await.unwrap();
        on.market.staff.move_clock(instant(&told) - TimeDelta::days(2)).await.unwrap();
        play::read_status(&on.seller, &asset, "granted").await.unwrap();
        publish(on.publisher(), &proposed)
    };
}

on_both! {
    async fn amendments(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, AMENDMENTS).await;
        told.say_what_is_allowed("nothing");
        assert_eq!(told.to("a draft is written anew")["allowed"], json!(["replace_listing", "submit_listing", "terminate_listing"]));
        assert_eq!(told.to("another achievement is another listing")["errors"][0]["pointer"], "/offer/achievement_id");
    }
}
