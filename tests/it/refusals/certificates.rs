//! Certificates of licences: what is not issued, and what is not taken back.

use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::play::Party;

use super::listings::{insider, reason};
use super::{Call, cases, try_all};
use crate::certificates::{issued, place_of};
use crate::common::{Market, fixtures};
use crate::licences::granted_to;
use crate::negotiations::paper;
use crate::on_both;
use crate::open_licences::patent;

/// A unit whose licences the firm holds: one certified, one whose certificate was taken back, one that ended.
pub(super) struct Stage {
    market: Market,
    firm: Party,
    /// An officer who sits with the unit.
    inside: Client,
    certified: String,
    taken_back: String,
    of_taken_back: String,
    ended: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let unit = fixtures::university(&market).await;
        let firm = fixtures::enterprise(&market, "firm", 1).await;
        let licence = async |serial: u32| granted_to(&unit, &patent(&unit, serial).await.1, &firm).await;
        let (certified, of_taken_back, ended) = (licence(1).await, licence(2).await, licence(3).await);
        let certified = place_of(&issued(&firm.client, &certified).await);
        let taken_back = place_of(&issued(&firm.client, &of_taken_back).await);
        market.staff.reviewer.create(&format!("{taken_back}/revoke"), reason()).await.unwrap();
        let end = json!({"reason": "双方协议解除", "document_id": paper(&unit, "解除协议").await});
        unit.client.create(&format!("/v1/licences/{ended}/terminate"), end).await.unwrap();
        let inside = insider(&market, &unit, "inside-one", "reviewer").await;
        Self { market, firm, inside, certified, taken_back, of_taken_back, ended }
    }

    /// The firm asks for the certificate of a licence.
    fn issues(&self, licence: &str) -> Call {
        Call::act(&self.firm.client, format!("/v1/licences/{licence}/certificates"))
    }
}

fn revoke(by: &Client, place: &str, body: &Value) -> Call {
    Call::post(by, format!("{place}/revoke"), body)
}

cases! {
    /// Issued and taken back.
    CERTIFICATES of Stage;
    issue_certificate, WrongState, "what ended is not certified": |on| on.issues(&on.ended);
    issue_certificate, WrongState, "what was taken back is not issued again": |on| on.issues(&on.of_taken_back);
    revoke_certificate, WrongState, "what was taken back is not taken back again": |on|
        revoke(&on.market.staff.reviewer, &on.taken_back, &reason());
    revoke_certificate, ConflictOfInterest, "no officer of a party takes it back": |on| revoke(&on.inside, &on.certified, &reason());
    revoke_certificate, Invalid, "who takes it back says why": |on|
        revoke(&on.market.staff.reviewer, &on.certified, &json!({"reason": " "}));
}

on_both! {
    async fn certificates(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, CERTIFICATES).await;
        assert_eq!(told.to("what ended is not certified")["state"], json!("terminated"));
        assert_eq!(told.to("what was taken back is not issued again")["state"], json!("revoked"));
        told.say_what_is_allowed("");
    }
}
