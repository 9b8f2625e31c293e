//! Data rooms: prepared, opened, entered, read and closed.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::client::Client;
use zhepai::play::{Party, text};

use super::listings::{insider, reason};
use super::{Call, cases, try_all};
use crate::authz::{announced, person};
use crate::common::{Market, fixtures};
use crate::data_rooms::{accepted, filed, laid_out, laying, letting_in, nda, opened, pdf, prepared, put_nda};
use crate::negotiations::begun;
use crate::on_both;

/// Rooms in each state, and what lies in them.
pub(super) struct Stage {
    market: Market,
    owner: Party,
    buyer: Party,
    /// An organisation that accepted nothing, and one that nobody verifies any more.
    other: Party,
    fallen: Party,
    /// A listing of the fallen's, and one whose room is prepared.
    listing_of_fallen: String,
    ended: String,
    /// A reviewer who sits with the owner.
    inside_reviewer: Client,
    prepared: String,
    open: String,
    closed: String,
    /// The room of a sale, open for its first day.
    of_sale: String,
    /// Documents of the open room, and one of the closed.
    registered: String,
    bound: String,
    inner: String,
    removed: String,
    in_closed: String,
    grant: String,
    revoked: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let owner = fixtures::university(&market).await;
        let buyer = fixtures::enterprise(&market, "buyer", 1).await;
        let other = fixtures::enterprise(&market, "other", 2).await;
        let fallen = fixtures::enterprise(&market, "fallen", 3).await;
        let listing_of_fallen = announced(&market, &fallen, "一种他人的技术", &[]).await.listing;
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, reason()).await.unwrap();
        let listed = async |title| announced(&market, &owner, title, &[]).await.listing;
        let client = &owner.client;
        let open = opened(client, json!({"listing_id": listed("一种开放的技术").await})).await;
        let [registered, bound, inner, removed] = [
            laid_out(client, &open, "registered").await,
            laid_out(client, &open, "nda").await,
            laid_out(client, &open, "data_room").await,
            laid_out(client, &open, "nda").await,
        ];
        client.act(&format!("/v1/data-room-documents/{removed}/remove")).await.unwrap();
        accepted(&buyer.client, &open).await;
        let closed = opened(client, json!({"listing_id": listed("一种关闭的技术").await})).await;
        let in_closed = laid_out(client, &closed, "registered").await;
        let revoked = grant(&market, client, &closed, &buyer).await;
        client.create(&format!("{closed}/close"), reason()).await.unwrap();
        let ended = listed("一种终止的技术").await;
        client.create(&format!("/v1/listings/{ended}/terminate"), reason()).await.unwrap();
        let sale = begun(&owner, &buyer, "一种商谈中的技术", "100000.00").await;
        let sale = sale.rsplit('/').next().unwrap().to_owned();
        Self {
            inside_reviewer: insider(&market, &owner, "inside-two", "reviewer").await,
            prepared: prepared(client, json!({"listing_id": listed("一种准备中的技术").await})).await,
            of_sale: opened(client, json!({"negotiation_id": sale})).await,
            grant: grant(&market, client, &open, &other).await,
            market,
            buyer,
            other,
            fallen,
            listing_of_fallen,
            ended,
            open,
            closed,
            registered,
            bound,
            inner,
            removed,
            in_closed,
            revoked,
            owner,
        }
    }

    fn client(&self) -> &Client {
        &self.owner.client
    }

    /// The hash of the agreement of a room.
    async fn sha256(&self, place: &str) -> Value {
        json!({"sha256": self.market.staff.supervisor.get(&format!("{place}/nda")).await.unwrap()["sha256"]})
    }

    /// Lays a document of the owner's out in the open room.
    async fn lays(&self, level: &str, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = laying(&filed(self.client(), "资料", "application/pdf", pdf("x")).await, level);
        change(&mut new);
        Call::post(self.client(), format!("{}/documents", self.open), &new)
    }

    /// Lets somebody into the open room, with something changed.
    async fn lets_in(&self, change: impl FnOnce(&mut Value)) -> Call {
        let mut new = letting_in(&self.market, &self.buyer).await;
        change(&mut new);
        Call::post(self.client(), format!("{}/grants", self.open), &new)
    }
}

/// Lets somebody of a visitor in; the grant.
async fn grant(market: &Market, owner: &Client, place: &str, visitor: &Party) -> String {
    text(&owner.create(&format!("{place}/grants"), letting_in(market, visitor).await).await.unwrap()["id"])
}

fn asks(reader: &Client, document: &str) -> Call {
    Call::get(reader, format!("/v1/data-room-documents/{document}/content"))
}

cases! {
    /// From preparing to closing.
    DATA_ROOMS of Stage;
    create_data_room, OrganisationNotVerified, "who prepares a room is verified": |on|
        Call::post(&on.fallen.client, "/v1/data-rooms", &json!({"listing_id": on.listing_of_fallen}));
    create_data_room, WrongState, "there is no room of what is over": |on|
        Call::post(on.client(), "/v1/data-rooms", &json!({"listing_id": on.ended}));
    create_data_room, DataRoomExists, "there is one room of each": |on| {
        let listing = on.client().get(&on.open).await.unwrap()["listing_id"].clone();
        Call::post(on.client(), "/v1/data-rooms", &json!({"listing_id": listing}))
    };
    create_data_room, Invalid, "another's listing is unknown": |on|
        Call::post(on.client(), "/v1/data-rooms", &json!({"listing_id": on.listing_of_fallen}));
    create_data_room, Invalid, "a room is of one thing": |on| Call::post(on.client(), "/v1/data-rooms", &json!({}));
    open_data_room, WrongState, "what is open is not opened again": |on| Call::act(on.client(), format!("{}/open", on.open));
    put_data_room_nda, WrongState, "nobody is bound any more in a closed room": |on| {
        let version = on.client().get(&on.closed).await.unwrap()["version"].as_i64().unwrap();
        Call::of(on.client(), Method::PUT, format!("{}/nda", on.closed)).json(&nda()).on_version(version)
    };
    read_data_room_nda, WrongState, "who promised nothing reads nothing in a closed room": |on|
        Call::get(&on.other.client, format!("{}/nda", on.closed));
    accept_data_room_nda, WrongState, "nobody promises anything in a closed room": |on|
        Call::post(&on.other.client, format!("{}/nda/accept", on.closed), &on.sha256(&on.closed).await);
    accept_data_room_nda, OrganisationNotVerified, "who promises is verified": |on|
        Call::post(&on.fallen.client, format!("{}/nda/accept", on.open), &on.sha256(&on.open).await);
    accept_data_room_nda, ConflictOfInterest, "nobody promises himself anything": |on|
        Call::post(on.client(), format!("{}/nda/accept", on.open), &on.sha256(&on.open).await);
    accept_data_room_nda, AlreadySigned, "who promised has promised": |on|
        Call::post(&on.buyer.client, format!("{}/nda/accept", on.open), &on.sha256(&on.open).await);
    accept_data_room_nda, Invalid, "who promises has read the text": |on|
        Call::post(&on.other.client, format!("{}/nda/accept", on.open), &json!({"sha256": "0".repeat(64)}));
    accept_data_room_nda, NotFound, "nobody knows of what is prepared": |on|
        Call::post(&on.other.client, format!("{}/nda/accept", on.prepared), &json!({"sha256": "0".repeat(64)}));
    add_data_room_document, WrongState, "nothing is laid out in a closed room": |on| {
        let document = filed(on.client(), "资料", "application/pdf", pdf("x")).await;
        Call::post(on.client(), format!("{}/documents", on.closed), &laying(&document, "nda"))
    };
    add_data_room_document, DocumentUnusable, "what is laid out is the owner's own": |on|
        on.lays("nda", |new| new["document_id"] = json!(Uuid::new_v4())).await;
    add_data_room_document, Invalid, "what is private lies in no room": |on| on.lays("private", |_| {}).await;
    add_data_room_document, Invalid, "only the room lets go without a mark": |on| on.lays("nda", |new| new["unmarked"] = json!(true)).await;
    remove_data_room_document, WrongState, "what is taken out is not taken out again": |on|
        Call::act(on.client(), format!("/v1/data-room-documents/{}/remove", on.removed));
    remove_data_room_document, Stale, "who takes out has seen it as it lies": |on|
        Call::act(on.client(), format!("/v1/data-room-documents/{}/remove", on.bound)).on_version(77);
    download_data_room_document, WrongState, "a closed room is closed": |on| asks(&on.buyer.client, &on.in_closed);
    download_data_room_document, NotSignedIn, "a stranger reads what is for strangers": |on| asks(&on.market.stranger, &on.registered);
    download_data_room_document, NdaNotAccepted, "who promised nothing reads nothing": |on| asks(&on.other.client, &on.bound);
    download_data_room_document, NotLetIn, "who was not let in reads nothing in the room": |on| asks(&on.buyer.client, &on.inner);
    download_data_room_document, NotLetIn, "who acts for nobody reads for nobody": |on| asks(&person(&on.market, "n-obody").await, &on.registered);
    download_data_room_document, NotFound, "what is taken out is gone": |on| asks(&on.buyer.client, &on.removed);
    grant_data_room_viewer, WrongState, "nobody is let into a closed room": |on|
        Call::post(on.client(), format!("{}/grants", on.closed), &letting_in(&on.market, &on.buyer).await);
    grant_data_room_viewer, Invalid, "who is let in has a place": |on| on.lets_in(|new| new["person_id"] = json!(Uuid::new_v4())).await;
    grant_data_room_viewer, Invalid, "nobody is let in backwards": |on| on.lets_in(|new| new["until"] = new["from"].clone()).await;
    revoke_data_room_grant, WrongState, "nothing is taken back in a closed room": |on|
        Call::act(on.client(), format!("/v1/data-room-grants/{}/revoke", on.revoked));
    revoke_data_room_grant, Stale, "who takes back has seen it as it stands": |on|
        Call::act(on.client(), format!("/v1/data-room-grants/{}/revoke", on.grant)).on_version(77);
    close_data_room, WrongState, "what is closed is not closed again": |on| Call::post(on.client(), format!("{}/close", on.closed), &reason());
    close_data_room, ConflictOfInterest, "no officer of the owner closes": |on|
        Call::post(&on.inside_reviewer, format!("{}/close", on.open), &reason());
    close_data_room, OutsideRule, "a room stays open for the days of the exhibition": |on|
        Call::post(on.client(), format!("{}/close", on.of_sale), &reason());
    close_data_room, Invalid, "who closes says why": |on|
        Call::post(&on.market.staff.reviewer, format!("{}/close", on.open), &json!({"reason": " "}));
    // From here on another text stands.
    download_data_room_document, NdaNotAccepted, "an earlier promise is of an earlier text": |on| {
        put_nda(on.client(), &on.open, json!({"text": "保密协议（修订）"})).await;
        asks(&on.buyer.client, &on.bound)
    };
}

on_both! {
    async fn data_rooms(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, DATA_ROOMS).await;
        assert_eq!(told.to("who promised nothing reads nothing")["nda_version"], json!(1));
        assert_eq!(told.to("who acts for nobody reads for nobody")["reason"], json!("no_organisation"));
        assert_eq!(told.to("only the room lets go without a mark")["errors"][0]["pointer"], json!("/unmarked"));
        assert_eq!(told.to("another's listing is unknown")["errors"][0]["pointer"], json!("/listing_id"));
        let allowed = json!(["close_data_room", "put_data_room_nda", "add_data_room_document", "remove_data_room_document", "grant_data_room_viewer", "revoke_data_room_grant"]);
        assert_eq!(told.to("what is open is not opened again")["allowed"], allowed);
        told.say_what_is_allowed("POST /v1/data-rooms");
    }
}
