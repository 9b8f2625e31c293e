//! Deals: signed and published; refunds: paid.

use chrono::TimeDelta;
use entity::money::Money;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, text};

use super::{Call, cases, try_all};
use crate::authz::{address, newest, offer, officer, right};
use crate::common::{Market, fixtures};
use crate::on_both;

/// A lot that was sold.
struct Sold {
    deal: String,
    asset: String,
}

/// Five deals, unsigned, over rights whose status was read nine days ago.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    buyer: Party,
    /// The buyer of one of them, not verified any more.
    fallen: Party,
    /// Reviewed the listing of the hosted deal; an auction host now.
    turncoat: Client,
    turncoat_id: String,
    plain: Sold,
    stale: Sold,
    barred: Sold,
    /// Signed by the auction host too.
    hosted: Sold,
    bought_by_fallen: Sold,
    /// A loser's deposit, to be paid back.
    refund: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let buyer = fixtures::enterprise(&market, "buyer", 1).await;
        let loser = fixtures::enterprise(&market, "loser", 2).await;
        let fallen = fixtures::enterprise(&market, "fallen", 3).await;
        let (turncoat, turncoat_id) = officer(&market, "turncoat", "reviewer").await;
        let reviewer = market.staff.reviewer.clone();

        let mut lots = Vec::new();
        for key in ["plain", "stale", "barred", "hosted", "fallen"] {
            let (who, eyes) = (if key == "fallen" { &fallen } else { &buyer }, if key == "hosted" { &turncoat } else { &reviewer });
            let (lot, asset) = publish(&market, &seller, eyes, key).await;
            play::admit(who, &market.staff, &lot).await.unwrap();
            if key == "plain" || key == "stale" {
                play::admit(&loser, &market.staff, &lot).await.unwrap();
            }
            lots.push((who, lot, asset));
        }
        market.pass(8 * 24 * 60 + 1).await;
        for (who, lot, _) in &lots {
            play::bid(who, lot, Money::fen(100_000)).await.unwrap();
        }
        market.pass(24 * 60 + 5).await;
        let mut sold = Vec::new();
        for (_, lot, asset) in lots {
            sold.push(Sold { deal: newest(&market.staff.supervisor, &format!("/v1/deals?lot_id={lot}")).await, asset });
        }
        for party in [&seller, &buyer, &fallen] {
            party.client.prove().await.unwrap();
        }
        let [plain, stale, barred, hosted, bought_by_fallen] = sold.try_into().unwrap_or_else(|_| panic!("five deals"));

        let refund = newest(&market.staff.finance, "/v1/refunds").await;
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        reviewer.create(&refuse, json!({"reason": "证照失效"})).await.unwrap();
        dismiss(&market, &turncoat_id).await;
        appoint(&market, "auction_host").await;
        Self { market, seller, buyer, fallen, turncoat, turncoat_id, plain, stale, barred, hosted, bought_by_fallen, refund }
    }

    /// Reads the status of a sold right now.
    async fn read(&self, sold: &Sold, status: &str) {
        play::read_status(&self.seller, &sold.asset, status).await.unwrap();
    }

    /// What signing a deal takes.
    async fn signature(&self, deal: &str) -> Value {
        let confirmation = self.market.staff.supervisor.get(&format!("/v1/deals/{deal}/confirmation")).await.unwrap();
        json!({"confirmation_sha256": confirmation["sha256"]})
    }

    /// Somebody signs a deal.
    async fn sign(&self, signatory: &Client, sold: &Sold) -> Call {
        Call::post(signatory, format!("/v1/deals/{}/sign", sold.deal), &self.signature(&sold.deal).await)
    }

    /// Somebody has signed a deal.
    async fn signed(&self, signatory: &Client, sold: &Sold) {
        let reply = self.sign(signatory, sold).await.made().await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
}

/// A lot that opens in eight days, its listing reviewed by somebody; the lot and the right.
async fn publish(market: &Market, seller: &Party, reviewer: &Client, title: &str) -> (String, String) {
    let (achievement, asset) = right(seller, title).await;
    let mut offer = offer(market, title).await;
    offer["achievement_id"] = achievement.into();
    offer["asset_ids"] = json!([asset]);
    offer["schedule"]["auction_opens_at"] = json!(market.staff.now().await.unwrap() + TimeDelta::days(8));
    if title == "hosted" {
        offer["auction"]["auction_licence"] = json!({"enterprise": "某拍卖有限公司", "auctioneer_licence": "PM-1"});
    }
    let listing = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
    seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
    for step in ["take", "approve"] {
        reviewer.act(&format!("/v1/listings/{listing}/{step}")).await.unwrap();
    }
    let published = market.staff.publisher.act(&format!("/v1/listings/{listing}/publish")).await.unwrap();
    (text(&published["lot_id"]), asset)
}

async fn appoint(market: &Market, role: &str) {
    market.staff.security.create("/v1/staff", json!({"email": address("turncoat"), "role": role})).await.unwrap();
}

async fn dismiss(market: &Market, person: &str) {
    market.staff.security.ask(Method::DELETE, &format!("/v1/staff/{person}")).send().await.unwrap().ok().unwrap();
}

fn publish_result(publisher: &Client, sold: &Sold) -> Call {
    Call::act(publisher, format!("/v1/deals/{}/publish-result", sold.deal))
}

cases! {
    /// Signing, publishing the result, paying back.
    DEALS of Stage;
    sign_deal, Invalid, "who signs says what": |on|
        Call::post(&on.buyer.client, format!("/v1/deals/{}/sign", on.plain.deal), &json!({"confirmation_sha256": "0".repeat(64)}));
    sign_deal, Stale, "who signs has seen the deal as it stands": |on| on.sign(&on.buyer.client, &on.plain).await.on_version(7);
    sign_deal, Forbidden, "no host signs where none is needed": |on| on.sign(&on.market.staff.host, &on.plain).await;
    sign_deal, OrganisationNotVerified, "who is not verified does not sign": |on| on.sign(&on.fallen.client, &on.bought_by_fallen).await;
    sign_deal, SamePerson, "who reviewed the listing does not sign as host": |on| on.sign(&on.turncoat, &on.hosted).await;
    publish_result, WrongState, "a result is published after the deal is confirmed": |on|
        publish_result(&on.market.staff.publisher, &on.plain);
    publish_result, SamePerson, "who reviewed the listing does not publish the result": |on| {
        dismiss(&on.market, &on.turncoat_id).await;
        appoint(&on.market, "publisher").await;
        publish_result(&on.turncoat, &on.hosted)
    };
    sign_deal, AlreadySigned, "a side signs once": |on| {
        on.signed(&on.buyer.client, &on.plain).await;
        on.sign(&on.buyer.client, &on.plain).await
    };
    sign_deal, ListingNotReady, "a deal is not confirmed on a status read too long ago": |on| {
        on.signed(&on.buyer.client, &on.stale).await;
        on.sign(&on.seller.client, &on.stale).await
    };
    sign_deal, StatusForbids, "a deal is not confirmed over a right that was suspended": |on| {
        on.signed(&on.buyer.client, &on.barred).await;
        on.read(&on.barred, "suspended").await;
        on.sign(&on.seller.client, &on.barred).await
    };
    sign_deal, WrongState, "a confirmed deal is not signed again": |on| {
        on.read(&on.plain, "unregistered").await;
        on.signed(&on.seller.client, &on.plain).await;
        on.sign(&on.seller.client, &on.plain).await
    };
    publish_result, Stale, "a publisher has seen the deal as it stands": |on|
        publish_result(&on.market.staff.publisher, &on.plain).on_version(7);
    publish_result, WrongState, "a result is published once": |on| {
        let reply = publish_result(&on.market.staff.publisher, &on.plain).made().await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        publish_result(&on.market.staff.publisher, &on.plain)
    };
    pay_refund, Invalid, "a payment has the bank's reference": |on|
        Call::post(&on.market.staff.finance, format!("/v1/refunds/{}/pay", on.refund), &json!({"bank_reference": "with a blank"}));
    pay_refund, WrongState, "a refund is paid once": |on| {
        let path = format!("/v1/refunds/{}/pay", on.refund);
        on.market.staff.finance.create(&path, json!({"bank_reference": "BANK-1"})).await.unwrap();
        Call::post(&on.market.staff.finance, path, &json!({"bank_reference": "BANK-2"}))
    };
    pay_refund, BankReferenceTaken, "one payment settles one refund": |on| {
        let due = on.market.staff.finance.get("/v1/refunds?state=due").await.unwrap();
        let other = text(&due["items"][0]["id"]);
        Call::post(&on.market.staff.finance, format!("/v1/refunds/{other}/pay"), &json!({"bank_reference": "BANK-1"}))
    };
    sign_deal, WrongState, "nobody signs after the time to sign": |on| {
        on.market.pass(14 * 24 * 60).await;
        on.sign(&on.seller.client, &on.stale).await
    };
}

on_both! {
    async fn deals_and_refunds(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, DEALS).await;
        assert_eq!(told.to("a side signs once")["missing"], json!(["seller"]));
        assert_eq!(told.to("a confirmed deal is not signed again")["allowed"], json!(["publish_result"]));
        assert_eq!(told.to("a deal is not confirmed over a right that was suspended")["reason"], "suspended");
    }
}
