//! Notices: taken away, put back, set right, withdrawn.

use chrono::{DateTime, Utc};
use entity::money::Money;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::{self, Party, instant, text};

use super::listings::appoint;
use super::{Call, cases, try_all};
use crate::authz::{announced, erratum, join, offer, right};
use crate::common::{Market, fixtures};
use crate::on_both;
use crate::timeline::draft;

/// Notices, and what is proposed about some of them.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    drafted: String,
    public: String,
    away: String,
    /// That of a result, about which a reviewer proposes something.
    result: String,
    proposed: String,
    /// A proposal of the publisher's own, and one that was refused.
    own: String,
    /// That of a result that is to be withdrawn.
    withdrawn: String,
    /// A publisher who sits with the seller.
    inside: Client,
    refused: String,
    /// A notice in its last days, and what was proposed about it before.
    late: String,
    too_late: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let buyer = fixtures::enterprise(&market, "buyer", 1).await;
        let (late, too_late, ends_at) = Self::ending(&market, &seller).await;
        let [result, withdrawn] = Self::results(&market, &seller, &buyer).await;
        let place = format!("/v1/notices/{withdrawn}/withdrawal");
        market.staff.reviewer.create(&place, reason()).await.unwrap();
        let proposed = Self::proposes(&market.staff.reviewer, &result).await;
        market.staff.move_clock(ends_at).await.unwrap();
        let (achievement, asset) = right(&seller, "一种待公告的技术").await;
        let mut offered = offer(&market, "一种待公告的技术").await;
        offered["achievement_id"] = achievement.into();
        offered["asset_ids"] = json!([asset]);
        let listing = text(&seller.client.create("/v1/listings", offered).await.unwrap()["id"]);
        seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("/v1/listings/{listing}/take")).await.unwrap();
        let approved = market.staff.reviewer.act(&format!("/v1/listings/{listing}/approve")).await.unwrap();
        let mut public = Vec::new();
        for title in ["一种公告中的技术", "一种下架的技术", "一种自行勘误的技术", "一种未勘误的技术"] {
            let listing = announced(&market, &seller, title, &[]).await.listing;
            public.push(text(&seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap()["notice_id"]));
        }
        let (settled, mended, away) = (public.remove(3), public.remove(2), public.remove(1));
        market.staff.publisher.create(&format!("/v1/notices/{away}/take-down"), reason()).await.unwrap();
        let own = Self::proposes(&market.staff.publisher, &mended).await;
        let (inside, place) = join(&market, &seller, "inside", &["viewer"]).await;
        seller.client.act(&format!("/v1/memberships/{place}/suspend")).await.unwrap();
        appoint(&market, "inside", "publisher").await;
        inside.prove().await.unwrap();
        let refused = Self::proposes(&seller.client, &settled).await;
        seller.client.create(&format!("/v1/notice-proposals/{refused}/refuse"), reason()).await.unwrap();
        let (drafted, public) = (text(&approved["notice_id"]), public.remove(0));
        Self { market, seller, drafted, public, away, result, proposed, own, withdrawn, inside, refused, late, too_late }
    }

    /// Proposes to set the title of a notice right; the proposal.
    async fn proposes(by: &Client, notice: &str) -> String {
        text(&by.create(&format!("/v1/notices/{notice}/errata"), erratum("一种更正的技术")).await.unwrap()["id"])
    }

    /// The notice of a listing, what is proposed about it, and when it ends.
    async fn ending(market: &Market, seller: &Party) -> (String, String, DateTime<Utc>) {
        let (listing, _) = draft(seller).await;
        seller.client.act(&format!("{listing}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("{listing}/take")).await.unwrap();
        market.staff.reviewer.act(&format!("{listing}/approve")).await.unwrap();
        let published = market.staff.publisher.act(&format!("{listing}/publish")).await.unwrap();
        let notice = text(&published["notice_id"]);
        let proposal = Self::proposes(&seller.client, &notice).await;
        (notice, proposal, instant(&published["registration_closes_at"]))
    }

    /// The notices of two results.
    async fn results(market: &Market, seller: &Party, buyer: &Party) -> [String; 2] {
        let lots = [
            announced(market, seller, "一种成交的技术", &[buyer]).await.lot,
            announced(market, seller, "一种撤销的技术", &[buyer]).await.lot,
        ];
        market.pass(2).await;
        for lot in &lots {
            play::bid(buyer, lot, Money::fen(100_000)).await.unwrap();
        }
        market.pass(24 * 60 + 5).await;
        let mut notices = Vec::new();
        for deal in buyer.client.get("/v1/deals").await.unwrap()["items"].as_array().unwrap() {
            let deal = text(&deal["id"]);
            play::sign(&deal, &[&buyer.client, &seller.client]).await.unwrap();
            let public = market.staff.publisher.act(&format!("/v1/deals/{deal}/publish-result")).await.unwrap();
            notices.push(text(&public["result_notice_id"]));
        }
        notices.try_into().unwrap()
    }

    fn keeper(&self) -> &Client {
        &self.market.staff.publisher
    }
}

fn reason() -> Value {
    json!({"reason": "复核是否涉密"})
}

fn take_down(by: &Client, notice: &str) -> Call {
    Call::post(by, format!("/v1/notices/{notice}/take-down"), &reason())
}

fn restore(by: &Client, notice: &str) -> Call {
    Call::act(by, format!("/v1/notices/{notice}/restore"))
}

fn propose(by: &Client, notice: &str, body: &Value) -> Call {
    Call::post(by, format!("/v1/notices/{notice}/errata"), body)
}

fn withdraw(by: &Client, notice: &str) -> Call {
    Call::post(by, format!("/v1/notices/{notice}/withdrawal"), &reason())
}

fn publish(by: &Client, proposal: &str) -> Call {
    Call::act(by, format!("/v1/notice-proposals/{proposal}/publish"))
}

fn refuse(by: &Client, proposal: &str) -> Call {
    Call::post(by, format!("/v1/notice-proposals/{proposal}/refuse"), &reason())
}

/// What would change the price.
fn material() -> Value {
    json!({"reason": "价格有误", "changes": [{"pointer": "/price/start_price/amount", "value": "1.00"}]})
}

cases! {
    /// Taking the page of a notice away, putting it back; setting its text right, withdrawing it.
    NOTICES of Stage;
    propose_erratum, WrongState, "a draft is written anew": |on| propose(&on.seller.client, &on.drafted, &erratum("一种更正的技术"));
    propose_erratum, ProposalOpen, "something is proposed already": |on| propose(&on.seller.client, &on.result, &erratum("一种更正的技术"));
    propose_erratum, MaterialChange, "a price is no slip": |on| propose(&on.seller.client, &on.public, &material());
    propose_erratum, LateChange, "once it has ended a notice is left alone": |on|
        propose(&on.seller.client, &on.late, &erratum("一种更正的技术"));
    propose_erratum, Invalid, "what stands there is no slip": |on| propose(&on.seller.client, &on.public, &erratum("一种公告中的技术"));
    propose_erratum, Invalid, "nothing is set right": |on| propose(&on.seller.client, &on.public, &json!({"reason": "x", "changes": []}));
    propose_erratum, Invalid, "a slip is set right for a reason": |on|
        propose(&on.seller.client, &on.public, &json!({"reason": " ", "changes": [{"pointer": "/title", "value": "一种"}]}));
    propose_erratum, Stale, "who sets it right has seen the notice as it stands": |on|
        propose(&on.seller.client, &on.public, &erratum("一种更正的技术")).on_version(7);
    propose_notice_withdrawal, WrongState, "a listing's notice goes with the listing": |on| withdraw(on.keeper(), &on.public);
    propose_notice_withdrawal, ProposalOpen, "it waits already": |on| withdraw(on.keeper(), &on.withdrawn);
    propose_notice_withdrawal, Stale, "who withdraws it has seen the notice as it stands": |on| withdraw(on.keeper(), &on.result).on_version(7);
    publish_notice_proposal, WrongState, "what was refused is not done": |on| publish(on.keeper(), &on.refused);
    publish_notice_proposal, SamePerson, "nobody does what he proposes": |on| publish(on.keeper(), &on.own);
    publish_notice_proposal, ConflictOfInterest, "who sits with the seller publishes nothing of its": |on| publish(&on.inside, &on.own);
    publish_notice_proposal, LateChange, "it is too late for what was proposed in time": |on| publish(on.keeper(), &on.too_late);
    publish_notice_proposal, Stale, "who does it has seen the proposal as it stands": |on| publish(on.keeper(), &on.proposed).on_version(7);
    refuse_notice_proposal, WrongState, "it is refused once": |on| refuse(&on.seller.client, &on.refused);
    refuse_notice_proposal, SamePerson, "who reviewed the listing refuses nothing about it": |on| refuse(&on.market.staff.reviewer, &on.own);
    refuse_notice_proposal, ConflictOfInterest, "nor does he refuse it": |on| refuse(&on.inside, &on.own);
    refuse_notice_proposal, Invalid, "it is refused for a reason": |on|
        Call::post(on.keeper(), format!("/v1/notice-proposals/{}/refuse", on.proposed), &json!({"reason": ""}));
    refuse_notice_proposal, Stale, "who refuses it has seen the proposal as it stands": |on| refuse(on.keeper(), &on.proposed).on_version(7);
    print_notice, TakenDown, "a page that is away is not printed": |on| Call::get(&on.market.stranger, format!("/notices/{}/pdf", on.away));
    show_notice, TakenDown, "a page that is away is not shown": |on| Call::get(&on.market.stranger, format!("/notices/{}", on.away));
    list_notice_versions, TakenDown, "the versions of a page that is away": |on|
        Call::get(&on.market.stranger, format!("/v1/notices/{}/versions", on.away));
    read_notice_version, TakenDown, "a version of a page that is away": |on|
        Call::get(&on.market.stranger, format!("/v1/notices/{}/versions/1", on.away));
    compare_notice_versions, TakenDown, "what versions of a page that is away differ in": |on|
        Call::get(&on.market.stranger, format!("/v1/notices/{}/difference", on.away));
    take_down_notice, WrongState, "a draft has no page": |on| take_down(on.keeper(), &on.drafted);
    take_down_notice, WrongState, "a page is taken away once": |on| take_down(on.keeper(), &on.away);
    take_down_notice, Invalid, "a page is taken away for a reason": |on|
        Call::post(on.keeper(), format!("/v1/notices/{}/take-down", on.public), &json!({"reason": " "}));
    take_down_notice, Stale, "who takes a page away has seen the notice as it stands": |on| take_down(on.keeper(), &on.public).on_version(7);
    restore_notice, WrongState, "a page that is there is not put back": |on| restore(on.keeper(), &on.public);
    restore_notice, Stale, "who puts a page back has seen the notice as it stands": |on| restore(on.keeper(), &on.away).on_version(7);
    read_notice, TakenDown, "a page that is away is not read": |on| Call::get(&on.market.stranger, format!("/v1/notices/{}", on.away));
}

on_both! {
    async fn pages_of_notices(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, NOTICES).await;
        told.say_what_is_allowed("nothing");
        assert_eq!(told.to("it is too late for what was proposed in time")["allowed"], json!(["refuse_notice_proposal"]));
        assert_eq!(told.to("a page is taken away once")["allowed"], json!(["restore_notice"]));
        assert_eq!(told.to("a page that is away is not read")["reason"], "复核是否涉密");
        let material = told.to("a price is no slip");
        assert_eq!(material["pointers"], json!(["/price/start_price/amount"]));
        assert!(material["fields"].as_array().unwrap().contains(&json!("/title")), "what could be set right: {material}");
        assert_eq!(told.to("a listing's notice goes with the listing")["allowed"], json!(["propose_erratum"]));
    }
}
