//! Notices: taken away, put back.

use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::text;

use super::{Call, cases, try_all};
use crate::authz::{announced, offer, right};
use crate::common::{Market, fixtures};
use crate::on_both;

/// A notice that is drafted, one that is public, and one whose page is away.
pub(super) struct Stage {
    market: Market,
    drafted: String,
    public: String,
    away: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let (achievement, asset) = right(&seller, "一种待公告的技术").await;
        let mut offered = offer(&market, "一种待公告的技术").await;
        offered["achievement_id"] = achievement.into();
        offered["asset_ids"] = json!([asset]);
        let listing = text(&seller.client.create("/v1/listings", offered).await.unwrap()["id"]);
        seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("/v1/listings/{listing}/take")).await.unwrap();
        let approved = market.staff.reviewer.act(&format!("/v1/listings/{listing}/approve")).await.unwrap();
        let mut public = Vec::new();
        for title in ["一种公告中的技术", "一种下架的技术"] {
            let listing = announced(&market, &seller, title, &[]).await.listing;
            public.push(text(&seller.client.get(&format!("/v1/listings/{listing}")).await.unwrap()["notice_id"]));
        }
        let away = public.remove(1);
        market.staff.publisher.create(&format!("/v1/notices/{away}/take-down"), reason()).await.unwrap();
        Self { drafted: text(&approved["notice_id"]), public: public.remove(0), away, market }
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

cases! {
    /// Taking the page of a notice away, putting it back.
    NOTICES of Stage;
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
        assert_eq!(told.to("a page is taken away once")["allowed"], json!(["restore_notice"]));
        assert_eq!(told.to("a page that is away is not read")["reason"], "复核是否涉密");
    }
}
