//! Data rooms: who reads what at which level, what he is handed, and what the log says of it.

use std::fmt::Write as _;

use chrono::TimeDelta;
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{self, NewAsset, Party, text};

use crate::authz::{announced, join, offer as listing_offer, person, right};
use crate::common::Market;
use crate::common::fixtures::{self, enterprise, university};
use crate::common::play::refused;
use crate::invariants::by_hand;
use crate::negotiations;
use crate::on_both;

/// A PDF of one page that says something.
pub fn pdf(words: &str) -> Vec<u8> {
    let drawn = format!("BT /F1 12 Tf 72 720 Td ({words}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let (mut file, mut table) = ("%PDF-1.4\n".to_owned(), String::new());
    for (number, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        write!(file, "{} 0 obj\n{object}\nendobj\n", number + 1).unwrap();
    }
    let (count, begins) = (objects.len() + 1, file.len());
    write!(file, "xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{begins}\n%%EOF\n")
        .unwrap();
    file.into_bytes()
}

/// A text of an agreement.
pub fn nda() -> Value {
    json!({"text": "接收方对资料室内的资料承担保密义务，不得向第三方披露。"})
}

/// The room of something, prepared; its address.
pub async fn prepared(owner: &Client, matter: Value) -> String {
    format!("/v1/data-rooms/{}", text(&owner.create("/v1/data-rooms", matter).await.unwrap()["id"]))
}

/// Puts a text of the agreement of a room.
pub async fn put_nda(owner: &Client, place: &str, new: Value) -> Value {
    let version = owner.get(place).await.unwrap()["version"].as_i64().unwrap();
    owner.ask(Method::PUT, &format!("{place}/nda")).body(new).on_version(version).send().await.unwrap().ok().unwrap()
}

/// The room of a listing with an agreement, open; its address.
pub async fn opened(owner: &Client, matter: Value) -> String {
    let place = prepared(owner, matter).await;
    put_nda(owner, &place, nda()).await;
    owner.act(&format!("{place}/open")).await.unwrap();
    place
}

/// What lays a document out.
pub fn laying(document: &str, level: &str) -> Value {
    json!({"document_id": document, "level": level, "disclosure": "abstract"})
}

/// A private document of somebody's; its id.
pub async fn filed(owner: &Client, title: &str, media: &str, content: Vec<u8>) -> String {
    text(&owner.upload(title, "paper.bin", "private", media, content).await.unwrap()["id"])
}

/// A PDF of the owner's that lies in his room at a level; its id in the room.
pub async fn laid_out(owner: &Client, place: &str, level: &str) -> String {
    let document = filed(owner, &format!("资料 {level}"), "application/pdf", pdf(level)).await;
    text(&owner.create(&format!("{place}/documents"), laying(&document, level)).await.unwrap()["id"])
}

/// An organisation accepts the agreement that stands.
pub async fn accepted(visitor: &Client, place: &str) -> Value {
    let sha256 = visitor.get(&format!("{place}/nda")).await.unwrap()["sha256"].clone();
    visitor.create(&format!("{place}/nda/accept"), json!({"sha256": sha256})).await.unwrap()
}

/// Who calls, by his number.
pub async fn number(client: &Client) -> String {
    text(&client.get("/v1/me").await.unwrap()["person"]["id"])
}

/// What lets somebody of an organisation in for a day.
pub async fn letting_in(market: &Market, visitor: &Party) -> Value {
    let now = market.staff.now().await.unwrap();
    json!({
        "organisation_id": visitor.organisation,
        "person_id": number(&visitor.client).await,
        "from": now,
        "until": now + TimeDelta::days(1)
    })
}

/// Asks for a document of a room; the answer, whatever it is.
async fn asks(reader: &Client, document: &str) -> Reply {
    reader.look(&format!("/v1/data-room-documents/{document}/content")).await.unwrap()
}

/// Is handed a document.
async fn handed(reader: &Client, document: &str) -> Vec<u8> {
    reader.download(&format!("/v1/data-room-documents/{document}/content")).await.unwrap()
}

/// The log of a room, oldest first.
async fn log(reader: &Client, place: &str) -> Vec<Value> {
    let mut rows = reader.get(&format!("{place}/log?limit=100")).await.unwrap()["items"].as_array().unwrap().clone();
    rows.reverse();
    rows
}

fn has(file: &[u8], word: &str) -> bool {
    file.windows(word.len()).any(|place| place == word.as_bytes())
}

on_both! {
    /// A data room opened after an agreement, every access logged: each level asks for more than the one before, whoever reads more than
    /// everybody is handed a copy of his own, and what is taken back is taken back at once.
    async fn a_room_is_opened_after_an_agreement_and_every_access_is_logged(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let listing = announced(&market, &seller, "一种有资料室的技术", &[]).await.listing;
        let owner = &seller.client;
        let place = prepared(owner, json!({"listing_id": listing})).await;
        let [public, registered, bound, inner] =
            [laid_out(owner, &place, "public").await, laid_out(owner, &place, "registered").await, laid_out(owner, &place, "nda").await, laid_out(owner, &place, "data_room").await];
        refused(&market.stranger.look(&place).await.unwrap(), 404, "not_found");
        put_nda(owner, &place, nda()).await;
        let open = owner.act(&format!("{place}/open")).await.unwrap();
        assert_eq!((&open["state"], &open["nda_version"], &open["withheld"]), (&json!("open"), &json!(1), &json!(0)));

        // Everybody reads what is for everybody, as it was uploaded.
        let seen = market.stranger.get(&place).await.unwrap();
        assert_eq!((seen["documents"].as_array().unwrap().len(), &seen["withheld"]), (1, &json!(3)));
        assert_eq!(handed(&market.stranger, &public).await, pdf("public"));
        refused(&asks(&market.stranger, &bound).await, 401, "not_signed_in");
        let alone = person(&market, "n-obody").await;
        assert_eq!(refused(&asks(&alone, &registered).await, 403, "not_let_in")["reason"], "no_organisation");
        assert_eq!(handed(&buyer.client, &registered).await, pdf("registered"));

        // More only after the agreement that stands, which is named by its hash.
        assert_eq!(refused(&asks(&buyer.client, &bound).await, 403, "nda_not_accepted")["nda_version"], 1);
        let other = buyer.client.post(&format!("{place}/nda/accept"), json!({"sha256": "0".repeat(64)})).send().await.unwrap();
        refused(&other, 422, "invalid");
        assert_eq!(buyer.client.get(&place).await.unwrap()["allowed_deeds"], json!(["accept_data_room_nda"]));
        let kept = accepted(&buyer.client, &place).await;
        assert_eq!((&kept["organisation_id"], &kept["accepted_by"]), (&json!(buyer.organisation), &json!(number(&buyer.client).await)));
        assert!(kept["network"].is_string(), "{kept}");
        let copy = handed(&buyer.client, &bound).await;
        assert!(copy.starts_with(b"%PDF-2.0") && copy != pdf("nda"));

        // And into the room itself only who was let in by name.
        assert_eq!(refused(&asks(&buyer.client, &inner).await, 403, "not_let_in")["reason"], "not_let_in");
        let grant = owner.create(&format!("{place}/grants"), letting_in(&market, &buyer).await).await.unwrap();
        let second = handed(&buyer.client, &inner).await;
        let (colleague, _) = join(&market, &buyer, "c-olleague", &["viewer"]).await;
        refused(&asks(&colleague, &inner).await, 403, "not_let_in");
        owner.act(&format!("/v1/data-room-grants/{}/revoke", text(&grant["id"]))).await.unwrap();
        refused(&asks(&buyer.client, &inner).await, 403, "not_let_in");

        // Every look and every refusal is in the log, and each copy leads to its row.
        let rows = log(owner, &place).await;
        let acts: Vec<_> = rows.iter().map(|row| (text(&row["act"]), text(&row["refusal"]))).collect();
        let expected = [
            ("downloaded", ""),
            ("refused", "not_signed_in"),
            ("refused", "no_organisation"),
            ("downloaded", ""),
            ("refused", "nda_not_accepted"),
            ("looked", ""),
            ("downloaded", ""),
            ("refused", "not_let_in"),
            ("downloaded", ""),
            ("refused", "not_let_in"),
            ("refused", "not_let_in"),
        ];
        assert_eq!(acts, expected.map(|(act, why)| (act.to_owned(), why.to_owned())));
        for (file, row) in [(&copy, &rows[6]), (&second, &rows[8])] {
            let code = text(&row["watermark"]);
            assert!(has(file, &code) && has(file, &buyer.name) && has(file, &number(&buyer.client).await), "{code} is on the copy");
            let found = market.staff.supervisor.get(&format!("{place}/log?watermark={code}")).await.unwrap();
            assert_eq!(found["items"], json!([row]));
            assert_eq!((&row["organisation_id"], row["document_version"].as_i64()), (&json!(buyer.organisation), Some(1)));
        }
        assert!(!has(&copy, &text(&rows[8]["watermark"])));
        assert!(rows.windows(2).all(|pair| pair[1]["prev_hash"] == pair[0]["hash"]));
        assert!(rows.iter().all(|row| row["network"].is_string()) && rows[0]["person_id"].is_null());
        let table = String::from_utf8(owner.download(&format!("{place}/log.csv")).await.unwrap()).unwrap();
        assert_eq!((table.lines().count(), table.contains(&text(&rows[8]["watermark"]))), (rows.len() + 1, true));
        refused(&buyer.client.look(&format!("{place}/log")).await.unwrap(), 403, "forbidden");
        let viewers = owner.get(&format!("{place}/viewers")).await.unwrap();
        assert_eq!((&viewers["acceptances"], &viewers["grants"][0]["id"]), (&json!([kept]), &grant["id"]));

        // He himself is told what the log holds of him.
        let told = buyer.client.get("/v1/me/data").await.unwrap();
        assert_eq!(told["data_room_accesses"].as_array().unwrap().len(), 7);
    }
}

on_both! {
    /// Another text binds nobody who accepted the earlier one, and once the room is closed nobody enters; what one promised can be read.
    async fn another_text_is_accepted_anew_and_a_closed_room_is_closed(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let listing = announced(&market, &seller, "一种有资料室的技术", &[]).await.listing;
        let owner = &seller.client;
        let place = opened(owner, json!({"listing_id": listing})).await;
        let document = laid_out(owner, &place, "nda").await;
        accepted(&buyer.client, &place).await;
        handed(&buyer.client, &document).await;
        put_nda(owner, &place, json!({"text": "保密协议（修订）"})).await;
        assert_eq!(refused(&asks(&buyer.client, &document).await, 403, "nda_not_accepted")["nda_version"], 2);
        accepted(&buyer.client, &place).await;
        handed(&buyer.client, &document).await;

        // A document that is taken out is gone; its row in the log stays.
        let taken = laid_out(owner, &place, "registered").await;
        handed(&buyer.client, &taken).await;
        owner.act(&format!("/v1/data-room-documents/{taken}/remove")).await.unwrap();
        refused(&asks(&buyer.client, &taken).await, 404, "not_found");

        // It closes with its listing.
        owner.create(&format!("/v1/listings/{listing}/terminate"), json!({"reason": "不再出售"})).await.unwrap();
        market.pass(0).await;
        let seen = buyer.client.get(&place).await.unwrap();
        assert_eq!((&seen["state"], &seen["documents"], &seen["withheld"]), (&json!("closed"), &json!([]), &json!(1)));
        assert_eq!(refused(&asks(&buyer.client, &document).await, 409, "wrong_state")["state"], "closed");
        assert_eq!(buyer.client.get(&format!("{place}/nda?version=1")).await.unwrap()["is_current"], json!(false));
        for insider in [owner, &market.staff.supervisor] {
            assert!(handed(insider, &document).await.starts_with(b"%PDF-2.0"));
        }
        let heard = owner.get("/v1/inbox").await.unwrap();
        for kind in ["data_room.opened", "data_room.nda_accepted", "data_room.closed"] {
            assert!(heard["items"].as_array().unwrap().iter().any(|item| item["kind"] == kind), "{kind}: {heard}");
        }
    }
}

on_both! {
    /// How a trade secret works is not laid out for everybody, nor is what is open elsewhere kept here; what bears no watermark is refused.
    async fn not_everything_may_lie_everywhere(market) {
        let seller = university(&market).await;
        let owner = &seller.client;
        let evidence = filed(owner, "保密措施", "text/plain", "保密措施".into()).await;
        let secret = NewAsset {
            body: json!({
                "title": "一种配方",
                "details": {"kind": "trade_secret", "public_abstract": "提高良率", "confidentiality_evidence": evidence},
                "owners": [{"name": seller.name, "is_holder": true, "share_bp": 10_000}]
            }),
            status: "unregistered".into(),
        };
        let (achievement, assets) = play::register(&seller, fixtures::achievement(), &[secret]).await.unwrap();
        let mut offer = listing_offer(&market, "一种配方").await;
        offer["achievement_id"] = json!(achievement);
        offer["asset_ids"] = json!(assets);
        let listing = text(&owner.create("/v1/listings", offer).await.unwrap()["id"]);
        let place = prepared(owner, json!({"listing_id": listing})).await;
        let add = async |new: &Value| owner.post(&format!("{place}/documents"), new.clone()).send().await.unwrap();

        let recipe = filed(owner, "配方", "application/pdf", pdf("recipe")).await;
        let mut new = laying(&recipe, "registered");
        new["disclosure"] = "substance".into();
        assert_eq!(refused(&add(&new).await, 422, "invalid")["errors"][0]["code"], "secret");
        new["disclosure"] = "abstract".into();
        add(&new).await.ok().unwrap();

        let known = owner.upload("公开说明", "a.pdf", "public", "application/pdf", pdf("known")).await.unwrap();
        let problem = add(&laying(&text(&known["id"]), "nda")).await;
        assert_eq!(refused(&problem, 422, "invalid")["errors"][0]["code"], "read_elsewhere");

        let locked = [pdf("locked"), b"\ntrailer << /Encrypt 9 0 R >>\n".to_vec()].concat();
        for (title, content, code) in [("加密", locked, "encrypted"), ("破损", b"%PDF-1.7 and nothing else".to_vec(), "broken")] {
            let odd = filed(owner, title, "application/pdf", content).await;
            for level in ["public", "nda"] {
                assert_eq!(refused(&add(&laying(&odd, level)).await, 422, "invalid")["errors"][0]["code"], code, "{level}");
            }
        }

        let table = filed(owner, "数据", "text/csv", "温度,压力\n1,2\n".into()).await;
        let mut new = laying(&table, "nda");
        assert_eq!(refused(&add(&new).await, 422, "invalid")["errors"][0]["code"], "bears_none");
        new["level"] = "data_room".into();
        new["unmarked"] = true.into();
        assert_eq!(add(&new).await.ok().unwrap()["watermarked"], json!(false));
        assert_eq!(refused(&add(&new).await, 422, "invalid")["errors"][0]["code"], "lies_there");
        refused(&owner.ask(Method::POST, &format!("{place}/open")).send().await.unwrap(), 409, "wrong_state");
    }
}

on_both! {
    /// The room of a sale at a negotiated price is for its buyer, stays open for the days of the exhibition, and closes with the sale.
    async fn the_room_of_a_sale_is_for_its_buyer(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let other = enterprise(&market, "other", 2).await;
        let sale = negotiations::begun(&seller, &buyer, "一种商谈中的技术", "100000.00").await;
        let id = sale.rsplit('/').next().unwrap();
        let owner = &seller.client;
        let place = opened(owner, json!({"negotiation_id": id})).await;
        let document = laid_out(owner, &place, "public").await;
        handed(&buyer.client, &document).await;
        for reader in [&market.stranger, &other.client] {
            refused(&asks(reader, &document).await, 404, "not_found");
            refused(&reader.look(&place).await.unwrap(), 404, "not_found");
            assert_eq!(reader.get("/v1/data-rooms").await.unwrap()["items"], json!([]));
        }
        assert_eq!(buyer.client.get("/v1/data-rooms").await.unwrap()["items"].as_array().unwrap().len(), 1);
        let outsider = owner.post(&format!("{place}/grants"), letting_in(&market, &other).await).send().await.unwrap();
        assert_eq!(refused(&outsider, 422, "invalid")["errors"][0]["pointer"], "/organisation_id");

        let close = async || owner.post(&format!("{place}/close"), json!({"reason": "不再展示"})).send().await.unwrap();
        assert_eq!(refused(&close().await, 422, "outside_rule")["name"], "exhibition_period");
        owner.create(&format!("{sale}/withdraw"), json!({"reason": "未谈成"})).await.unwrap();
        market.pass(0).await;
        assert_eq!(owner.get(&place).await.unwrap()["state"], "closed");
        refused(&asks(&buyer.client, &document).await, 409, "wrong_state");
        let twice = owner.post("/v1/data-rooms", json!({"negotiation_id": id})).send().await.unwrap();
        refused(&twice, 409, "wrong_state");
    }
}

on_both! {
    /// The walls behind the rules: one room of a listing, what each state needs, and what never changes.
    async fn the_database_keeps_what_the_rules_of_rooms_say(market) {
        let (seller, buyer) = (university(&market).await, enterprise(&market, "buyer", 1).await);
        let listing = announced(&market, &seller, "一种有资料室的技术", &[]).await.listing;
        let place = opened(&seller.client, json!({"listing_id": listing})).await;
        let document = laid_out(&seller.client, &place, "nda").await;
        accepted(&buyer.client, &place).await;
        handed(&buyer.client, &document).await;
        let (achievement, asset) = right(&seller, "另一种技术").await;
        let mut offer = listing_offer(&market, "另一种技术").await;
        offer["achievement_id"] = json!(achievement);
        offer["asset_ids"] = json!([asset]);
        let second = text(&seller.client.create("/v1/listings", offer).await.unwrap()["id"]);
        prepared(&seller.client, json!({"listing_id": second})).await;
        let db = by_hand(&market).await;
        for (change, wall) in [
            ("UPDATE data_room_access SET watermark = NULL", "append_only"),
            ("DELETE FROM data_room_access", "append_only"),
            ("UPDATE data_room_acceptance SET network = NULL", "append_only"),
            ("UPDATE data_room_nda SET text = 'x'", "append_only"),
            ("UPDATE data_room SET listing_id = NULL", "ck_data_room_matter"),
            ("UPDATE data_room SET state = 'closed'", "ck_data_room_closed"),
            ("UPDATE data_room SET state = 'prepared' WHERE state = 'open'", "ck_data_room_open"),
            ("UPDATE data_room_document SET level = 'private'", "ck_data_room_document_level"),
            ("UPDATE data_room_document SET unmarked = TRUE", "ck_data_room_document_unmarked"),
        ] {
            let told = db.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(told.contains(wall), "{change}: {told}");
        }
        let same = "UPDATE data_room SET listing_id = (SELECT listing_id FROM data_room WHERE state = 'open') WHERE state = 'prepared'";
        let told = db.execute_unprepared(same).await.unwrap_err().to_string();
        assert!(told.to_lowercase().contains("unique"), "{told}");
    }
}
