//! Achievements, the rights in them, and documents.

use entity::documents::document_version;
use reqwest::Method;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};
use uuid::Uuid;
use zhepai::play::{self, Party, text};

use super::{Call, cases, try_all};
use crate::authz::{offer, right};
use crate::common::{Market, fixtures};
use crate::on_both;

/// A good number, and the same with another check digit.
const NUMBER: &str = "ZL201610200331.9";
const MISREAD: &str = "ZL201610200331.8";
/// Another good number.
const OTHER: &str = "ZL201810953480.1";

/// A seller with rights, and an organisation that was verified once.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    /// An achievement of the seller with two patents and a technical secret.
    achievement: String,
    patent: String,
    other_patent: String,
    secret: String,
    /// A right on offer.
    offered: String,
    paper: String,
    /// Registered something, and had its verification taken back.
    fallen: Party,
    fallen_achievement: String,
    fallen_asset: String,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let patents = [fixtures::patent_numbered(&seller, NUMBER), fixtures::patent_numbered(&seller, OTHER)];
        let (achievement, assets) = play::register(&seller, fixtures::achievement(), &patents).await.unwrap();
        let paper = seller.client.upload("保密措施", "保密.txt", "private", "text/plain", "制度".into()).await.unwrap();
        let secret = seller.client.create(&assets_of(&achievement), secret(&seller, &text(&paper["id"]))).await.unwrap();

        let (on_offer, offered) = right(&seller, "一种已提交的技术").await;
        let mut listing = offer(&market, "一种已提交的技术").await;
        listing["achievement_id"] = on_offer.into();
        listing["asset_ids"] = json!([offered]);
        let listing = text(&seller.client.create("/v1/listings", listing).await.unwrap()["id"]);
        seller.client.act(&format!("/v1/listings/{listing}/submit")).await.unwrap();

        let fallen = fixtures::enterprise(&market, "fallen", 1).await;
        let (fallen_achievement, fallen_asset) = right(&fallen, "一种无人核验者的技术").await;
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, json!({"reason": "证照失效"})).await.unwrap();
        Self {
            patent: assets[0].clone(),
            other_patent: assets[1].clone(),
            secret: text(&secret["id"]),
            paper: text(&paper["id"]),
            market,
            seller,
            achievement,
            offered,
            fallen,
            fallen_achievement,
            fallen_asset,
        }
    }

    /// A right more for the seller's achievement.
    fn add(&self, body: &Value) -> Call {
        Call::post(&self.seller.client, assets_of(&self.achievement), body)
    }

    /// A change to a right of the seller, seen as it stands.
    async fn amend(&self, asset: &str, body: Value) -> Call {
        let place = format!("/v1/assets/{asset}");
        let stands = self.seller.client.get(&place).await.unwrap();
        Call::of(&self.seller.client, Method::PATCH, place).json(&body).on_version(stands["version"].as_i64().unwrap())
    }

    /// An upload under a name.
    fn upload(&self, file_name: &str) -> Call {
        Call::act(&self.seller.client, format!("/v1/documents?title=x&file_name={file_name}&confidentiality=private"))
    }

    /// A version more of the paper.
    fn version(&self) -> Call {
        Call::act(&self.seller.client, format!("/v1/documents/{}/versions?file_name=y.txt", self.paper))
    }
}

fn assets_of(achievement: &str) -> String {
    format!("/v1/achievements/{achievement}/assets")
}

/// A technical secret that rests on a document.
fn secret(owner: &Party, document: &str) -> Value {
    json!({
        "title": "一种热处理工艺",
        "details": {"kind": "trade_secret", "public_abstract": "提高良率", "confidentiality_evidence": document},
        "owners": [{"name": owner.name, "is_holder": true, "share_bp": 10_000}]
    })
}

/// A reading of the registry at an instant.
fn reading(status: &str, as_of: &Value) -> Value {
    json!({"status": status, "as_of": as_of, "source": "registry"})
}

cases! {
    /// Achievements and rights.
    RIGHTS of Stage;
    create_achievement, OrganisationNotVerified, "who is not verified registers nothing": |on|
        Call::post(&on.fallen.client, "/v1/achievements", &fixtures::achievement());
    create_achievement, Invalid, "a field of technology is one of eleven": |on| {
        let mut achievement = fixtures::achievement();
        achievement["field"] = "12".into();
        Call::post(&on.seller.client, "/v1/achievements", &achievement)
    };
    create_achievement, DeclarationMissing, "a secret is not registered": |on| {
        let mut achievement = fixtures::achievement();
        achievement["secret_level"] = "secret".into();
        Call::post(&on.seller.client, "/v1/achievements", &achievement)
    };
    amend_achievement, DeclarationMissing, "nothing secret is added": |on|
        Call::of(&on.seller.client, Method::PATCH, format!("/v1/achievements/{}", on.achievement))
            .json(&json!({"summary": "x", "secret_level": "top_secret"}))
            .on_version(1);
    amend_achievement, OrganisationNotVerified, "who is not verified changes nothing": |on|
        Call::of(&on.fallen.client, Method::PATCH, format!("/v1/achievements/{}", on.fallen_achievement)).json(&json!({"title": "x"})).on_version(1);
    add_asset, OrganisationNotVerified, "who is not verified adds no right": |on|
        Call::post(&on.fallen.client, assets_of(&on.fallen_achievement), &fixtures::patent_numbered(&on.fallen, "CN201710000001.X").body);
    add_asset, IdentifierInvalid, "a number with a wrong check digit": |on| on.add(&fixtures::patent_numbered(&on.seller, MISREAD).body);
    add_asset, IdentifierTaken, "a number stands once in the market": |on| on.add(&fixtures::patent_numbered(&on.seller, NUMBER).body);
    add_asset, IdentifierTaken, "a number is the same however it is written": |on|
        on.add(&fixtures::patent_numbered(&on.seller, "zl 2016 1 0200331.9").body);
    add_asset, DocumentUnusable, "a secret rests on a document there is": |on| on.add(&secret(&on.seller, &Uuid::new_v4().to_string()));
    add_asset, DocumentUnusable, "a secret rests on a document of its own organisation": |on| {
        let foreign = on.market.staff.reviewer.upload("x", "x.txt", "public", "text/plain", b"x".to_vec()).await.unwrap();
        on.add(&secret(&on.seller, &text(&foreign["id"])))
    };
    amend_asset, OrganisationNotVerified, "who is not verified changes no right": |on|
        Call::of(&on.fallen.client, Method::PATCH, format!("/v1/assets/{}", on.fallen_asset)).json(&json!({"title": "x"})).on_version(1);
    amend_asset, AssetInUse, "a right on offer stays as it is": |on| on.amend(&on.offered, json!({"title": "另一名称"})).await;
    amend_asset, IdentifierInvalid, "a number is not changed into a wrong one": |on| on.amend(&on.patent, json!({"identifier": MISREAD})).await;
    amend_asset, IdentifierInvalid, "a patent does not lose its number": |on| on.amend(&on.patent, json!({"identifier": null})).await;
    amend_asset, IdentifierTaken, "a number is not changed into another right's": |on| on.amend(&on.other_patent, json!({"identifier": NUMBER})).await;
    amend_asset, DocumentUnusable, "a secret keeps resting on a document there is": |on| {
        let details = secret(&on.seller, &Uuid::new_v4().to_string())["details"].clone();
        on.amend(&on.secret, json!({"details": details})).await
    };
    amend_asset, Invalid, "a right does not change its kind": |on| {
        let details = json!({"kind": "other_tech", "public_abstract": "工艺"});
        on.amend(&on.patent, json!({"details": details})).await
    };
    record_legal_status, OrganisationNotVerified, "who is not verified records nothing": |on| {
        let now = on.market.stranger.get("/v1/time").await.unwrap()["now"].clone();
        Call::post(&on.fallen.client, format!("/v1/assets/{}/legal-statuses", on.fallen_asset), &reading("unregistered", &now))
    };
    record_legal_status, DocumentUnusable, "a reading rests on a document there is": |on| {
        let now = on.market.stranger.get("/v1/time").await.unwrap()["now"].clone();
        let mut reading = reading("granted", &now);
        reading["evidence_document_id"] = json!(Uuid::new_v4());
        Call::post(&on.seller.client, format!("/v1/assets/{}/legal-statuses", on.patent), &reading)
    };
    record_legal_status, Invalid, "nobody reads a registry in the future": |on|
        Call::post(&on.seller.client, format!("/v1/assets/{}/legal-statuses", on.patent), &reading("granted", &json!("2099-01-01T00:00:00Z")));
}

cases! {
    /// Documents.
    DOCUMENTS of Stage;
    upload_document, UnsupportedMedia, "a page of a browser is no document": |on| on.upload("x.html").carrying("text/html", "<p>x</p>");
    upload_document, UnsupportedMedia, "a document has a type": |on| on.upload("x.pdf").carrying("text/plain", "x").without("content-type");
    upload_document, UnsupportedMedia, "content is what it was declared to be": |on| on.upload("x.pdf").carrying("application/pdf", "MZ no PDF");
    upload_document, UnsupportedMedia, "a picture is no other picture": |on|
        on.upload("x.png").carrying("image/png", b"\xff\xd8\xff\xe0 a JPEG".to_vec());
    upload_document, UnsupportedMedia, "text is UTF-8": |on| on.upload("x.txt").carrying("text/plain", b"\xd6\xd0\xce\xc4".to_vec());
    upload_document, UnsupportedMedia, "text has no NUL": |on| on.upload("x.txt").carrying("text/plain", b"a\0b".to_vec());
    upload_document, UnsupportedMedia, "text in another charset is not accepted": |on| on.upload("x.txt").carrying("text/plain; charset=gbk", "x");
    upload_document, Invalid, "a file's name is no path": |on| on.upload("..%2Fx.txt").carrying("text/plain", "x");
    upload_document, Invalid, "a document has a name": |on|
        Call::act(&on.seller.client, "/v1/documents?title=x&confidentiality=private").carrying("text/plain", "x");
    upload_document, Invalid, "a level of secrecy is one of those there are": |on|
        Call::act(&on.seller.client, "/v1/documents?title=x&file_name=x.txt&confidentiality=top").carrying("text/plain", "x");
    upload_document, DeclarationMissing, "a secret is not uploaded": |on|
        Call::act(&on.seller.client, "/v1/documents?title=x&file_name=x.txt&confidentiality=private&secret_level=confidential")
            .carrying("text/plain", "x");
    add_document_version, Stale, "a version follows the one that stands": |on| on.version().carrying("text/plain", "x").on_version(7);
    add_document_version, UnsupportedMedia, "a version's content is what it was declared to be": |on|
        on.version().carrying("application/pdf", "no PDF");
    add_document_version, UnsupportedMedia, "a version has a type": |on| on.version().carrying("text/plain", "x").without("content-type");
    add_document_version, NotFound, "nobody adds to another's document": |on| {
        let other = fixtures::enterprise(&on.market, "reader", 9).await;
        Call::act(&other.client, format!("/v1/documents/{}/versions?file_name=y.txt", on.paper)).carrying("text/plain", "x")
    };
    download_document, NotFound, "a version there is not": |on| Call::get(&on.seller.client, format!("/v1/documents/{}/content?version=2", on.paper));
    download_document, NotFound, "nobody downloads another's private document": |on|
        Call::get(&on.market.stranger, format!("/v1/documents/{}/content", on.paper));
    read_document, Forbidden, "an officer who checks no documents reads of no private one": |on|
        Call::get(&on.market.staff.finance, format!("/v1/documents/{}", on.paper));
    download_document, Forbidden, "an officer who checks no documents downloads no private one": |on|
        Call::get(&on.market.staff.finance, format!("/v1/documents/{}/content", on.paper));
}

on_both! {
    async fn rights_and_documents(market) {
        let stage = Stage::set(market).await;
        let house = stage.market.house();
        let told = try_all(house, &stage, RIGHTS).await;
        assert_eq!(told.to("a number with a wrong check digit")["expected"], "9");
        let told = try_all(house, &stage, DOCUMENTS).await;
        assert!(!told.to("a document has a type")["accepted"].as_array().unwrap().is_empty());
        // What was refused was taken away again.
        let kept = std::fs::read_dir(&stage.market.config.documents).unwrap().count();
        let named = document_version::Entity::find().count(house.db.read()).await.unwrap();
        assert_eq!(kept as u64, named, "content that no document names is kept");
    }
}
