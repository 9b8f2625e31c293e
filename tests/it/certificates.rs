//! Certificates of licences: what the register says, signed; checked with the market and without; gone with the licence.

use std::fs;
use std::process::Command;

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::play::{Party, text};

use crate::authz::officer;
use crate::common::Market;
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{at, granted, refused};
use crate::common::program::program;
use crate::invariants::by_hand;
use crate::licences::{entered, granted_to, new, scope};
use crate::negotiations::paper;
use crate::on_both;
use crate::open_licences::patent;

/// Asks for the certificate of a licence.
pub async fn issue(by: &Client, licence: &str) -> Reply {
    by.ask(Method::POST, &format!("/v1/licences/{licence}/certificates")).send().await.unwrap()
}

/// A new one; the answer.
pub async fn issued(by: &Client, licence: &str) -> Value {
    granted(&issue(by, licence).await, 201).clone()
}

/// Where one is read.
pub fn place_of(certificate: &Value) -> String {
    format!("/v1/certificates/{}", text(&certificate["number"]))
}

/// What is to be thought of one that is shown.
async fn thought_of(by: &Client, jws: &Value) -> Value {
    granted(&by.post("/v1/certificate-checks", json!({"jws": jws})).send().await.unwrap(), 200).clone()
}

/// The same text with another payload under its signature.
fn with_payload_of(jws: &Value, other: &Value) -> String {
    let (signed, forged) = (text(jws), text(other));
    let parts: Vec<_> = signed.split('.').collect();
    [parts[0], forged.split('.').nth(1).unwrap(), parts[2]].join(".")
}

/// What `zhepai verify licence` says of a file at a time, with a status if one is shown; and whether it passes.
fn checked(file: &str, keys: &Value, status: Option<&Value>, time: &str) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let named = |name: &str| folder.path().join(name);
    fs::write(named("licence"), file).unwrap();
    fs::write(named("keys.json"), keys.to_string()).unwrap();
    let mut command = Command::new(program());
    command.args(["verify", "licence", "--language", "en", "--at", time]).arg(named("licence")).arg("--keys").arg(named("keys.json"));
    if let Some(status) = status {
        fs::write(named("status.json"), status.to_string()).unwrap();
        command.arg("--status").arg(named("status.json"));
    }
    let done = command.output().unwrap();
    (done.status.success(), String::from_utf8(done.stdout).unwrap())
}

/// A day on which the licences of these tests are in force.
const IN_FORCE: &str = "2027-01-01T00:00:00Z";

/// A unit that granted a firm a licence of fields `06` from June 2026 to June 2028; its id.
async fn licensed(market: &Market) -> (Party, Party, String) {
    let (unit, firm) = (university(market).await, enterprise(market, "firm", 1).await);
    let (_, asset) = patent(&unit, 1).await;
    let licence = granted_to(&unit, &asset, &firm).await;
    (unit, firm, licence)
}

/// Somebody here is called otherwise from now on.
async fn renamed(market: &Market, party: &Party) {
    let change = format!("UPDATE organisation SET name = '更名后的企业' WHERE name = '{}'", party.name);
    market.by_hand(&change).await;
}

on_both! {
    /// The same words are one certificate, whoever of the parties asks. Whoever has its number learns whether it stands; whose it is, only
    /// its parties, officers and whoever was shown it.
    async fn what_is_licensed_is_certified_once_and_its_parties_alone_read_it(market) {
        let (unit, firm, licence) = licensed(&market).await;
        let other = enterprise(&market, "other", 2).await;
        let first = issued(&firm.client, &licence).await;
        let again = issue(&unit.client, &licence).await;
        let again = granted(&again, 200);
        assert_eq!((&again["number"], &again["jws"], &again["edition"]), (&first["number"], &first["jws"], &json!(1)));
        let said = &first["says"]["licence"];
        assert_eq!((&said["licensor"]["name"], &said["licensee"]["name"]), (&json!(unit.name), &json!(firm.name)));
        assert_eq!((&said["scope"]["fields"], &said["ends_on"], &said["may_sublicense"]), (&json!(["06"]), &json!("2028-06-01"), &json!(true)));
        let words = first["says"]["words"].to_string();
        assert!(words.contains("地域：中国内地全部") && words.contains("Territory: all of mainland China"), "{words}");
        refused(&issue(&other.client, &licence).await, 404, "not_found");

        let place = place_of(&first);
        for (who, knows) in [(&market.stranger, false), (&other.client, false), (&firm.client, true), (&unit.client, true), (&market.staff.supervisor, true)] {
            let seen = who.get(&place).await.unwrap();
            let standing = &seen["standing"];
            assert_eq!((&standing["state"], &standing["cause"], &standing["since"]), (&json!("not_begun"), &json!("term_ahead"), &json!("2026-05-31T16:00:00Z")));
            assert_eq!(seen["certificate"].is_object(), knows);
            assert_eq!(seen.to_string().contains(&firm.name), knows);
        }
        market.staff.move_clock(at("2026-06-15T01:00:00Z")).await.unwrap();
        assert_eq!(market.stranger.get(&place).await.unwrap()["standing"]["state"], "valid");
        refused(&market.stranger.look("/v1/certificates/XK-0000-0000-0000-0000").await.unwrap(), 404, "not_found");

        let found = thought_of(&market.stranger, &first["jws"]).await;
        assert_eq!((&found["sound"], &found["says"], &found["standing"]["state"]), (&json!(true), &first["says"], &json!("valid")));
        let status = market.stranger.get(&place).await.unwrap();
        let forged = json!(with_payload_of(&first["jws"], &status["jws"]));
        for (jws, fault) in [(&forged, "unreadable"), (&json!("x"), "unreadable"), (&status["jws"], "unreadable")] {
            assert_eq!(thought_of(&market.stranger, jws).await, json!({"sound": false, "fault": fault}));
        }

        // On paper, for those who may read it.
        let sheet = async |lang: &str| firm.client.download(&format!("{place}/pdf?lang={lang}")).await.unwrap();
        let paper = sheet("zh").await;
        assert!(paper.starts_with(b"%PDF-1.") && paper == sheet("zh").await && paper != sheet("en").await);
        refused(&other.client.look(&format!("{place}/pdf")).await.unwrap(), 404, "not_found");
        refused(&market.stranger.look(&format!("{place}/pdf")).await.unwrap(), 401, "not_signed_in");
        market.pass(0).await;
        let heard = unit.client.get("/v1/inbox").await.unwrap();
        assert!(heard["items"].as_array().unwrap().iter().any(|item| item["kind"] == "certificate.issued"), "{heard}");
    }
}

on_both! {
    /// Whoever has the file and the keys asks nobody: what was touched, signed by another, over or still ahead is seen; and what was revoked, where a
    /// signed status is shown.
    async fn whoever_has_a_certificate_checks_it_without_a_server(market) {
        let (unit, firm, licence) = licensed(&market).await;
        let (_, other_asset) = patent(&unit, 2).await;
        let first = issued(&firm.client, &licence).await;
        let other = issued(&unit.client, &granted_to(&unit, &other_asset, &firm).await).await;
        let keys = market.stranger.get("/v1/receipt-keys").await.unwrap();
        let (file, alone) = (first.to_string(), text(&first["jws"]));
        for form in [&file, &alone] {
            let (passes, said) = checked(form, &keys, None, IN_FORCE);
            assert!(passes && said.contains("Territory: all of mainland China") && said.contains("unknown whether it was revoked"), "{said}");
        }
        let wrong = |file: &str, keys: &Value, time: &str| {
            let (passes, said) = checked(file, keys, None, time);
            assert!(!passes, "{said}");
            said
        };
        assert_eq!(wrong(&file, &json!({"keys": []}), IN_FORCE), "WRONG   the signature does not hold: UnknownKey\n");
        let forged = with_payload_of(&first["jws"], &other["jws"]);
        assert_eq!(wrong(&forged, &keys, IN_FORCE), "WRONG   the signature does not hold: Signature\n");
        assert_eq!(wrong(&file, &keys, "2026-05-31T15:59:59Z"), "WRONG   the licence begins on 2026-06-01\n");
        assert_eq!(wrong(&file, &keys, "2028-05-31T16:00:00Z"), "WRONG   the licence ended on 2028-06-01\n");

        market.staff.move_clock(at("2026-06-15T01:00:00Z")).await.unwrap();
        let status = market.stranger.get(&place_of(&first)).await.unwrap();
        let (passes, said) = checked(&file, &keys, Some(&status), IN_FORCE);
        assert!(passes && said.contains("passed  the status"), "{said}");
        let of_other = market.stranger.get(&place_of(&other)).await.unwrap();
        assert!(checked(&file, &keys, Some(&of_other), IN_FORCE).1.contains("the status is that of"));

        let end = json!({"reason": "双方协议解除", "document_id": paper(&unit, "解除协议").await});
        unit.client.create(&format!("/v1/licences/{licence}/terminate"), end).await.unwrap();
        let status = market.stranger.get(&place_of(&first)).await.unwrap();
        let standing = &status["standing"];
        assert_eq!((&standing["state"], &standing["cause"]), (&json!("revoked"), &json!("licence_ended")));
        assert!(standing["since"].is_string() && !status.to_string().contains("双方协议解除"), "why is between the two");
        let (passes, said) = checked(&file, &keys, Some(&status), IN_FORCE);
        assert!(!passes && said.starts_with("WRONG   it is revoked since 2026-06-15"), "{said}");
        assert_eq!(thought_of(&market.stranger, &first["jws"]).await["standing"]["state"], "revoked");
        let problem = issue(&firm.client, &licence).await;
        assert_eq!(refused(&problem, 409, "wrong_state")["state"], "terminated");
        // The other stands until its days are over.
        market.staff.move_clock(at("2028-06-01T01:00:00Z")).await.unwrap();
        let standing = market.stranger.get(&place_of(&other)).await.unwrap()["standing"].clone();
        assert_eq!((&standing["state"], &standing["since"]), (&json!("expired"), &json!("2028-05-31T16:00:00Z")));
    }
}

on_both! {
    /// Once the register says something else, the certificate stands no more, and the next takes its place; so does that of another licence in
    /// the place of the first.
    async fn a_changed_licence_has_another_certificate(market) {
        let (unit, firm, licence) = licensed(&market).await;
        market.staff.move_clock(at("2026-06-15T01:00:00Z")).await.unwrap();
        let first = issued(&firm.client, &licence).await;
        renamed(&market, &firm).await;
        let standing = market.stranger.get(&place_of(&first)).await.unwrap()["standing"].clone();
        assert_eq!((&standing["state"], &standing["cause"], standing.get("superseded_by")), (&json!("superseded"), &json!("licence_changed"), None));
        let second = issued(&firm.client, &licence).await;
        assert_eq!((&second["edition"], &second["says"]["licence"]["licensee"]["name"]), (&json!(2), &json!("更名后的企业")));
        let standing = market.stranger.get(&place_of(&first)).await.unwrap()["standing"].clone();
        assert_eq!((&standing["cause"], &standing["superseded_by"]), (&json!("certificate_replaced"), &second["number"]));
        assert_eq!(market.stranger.get(&place_of(&second)).await.unwrap()["standing"]["state"], "valid");

        // A trial that is bought.
        let (_, asset) = patent(&unit, 2).await;
        let mut terms = new(&unit, &asset, "trial", scope(&["06"], &["all"], 2027)).await;
        terms["grantee"] = json!({"organisation_id": firm.organisation});
        let tried = issued(&firm.client, &entered(&unit.client, &terms).await).await;
        terms["mode"] = json!("exclusive");
        let bought = issued(&firm.client, &entered(&unit.client, &terms).await).await;
        let standing = market.stranger.get(&place_of(&tried)).await.unwrap()["standing"].clone();
        assert_eq!((&standing["state"], &standing["cause"], &standing["superseded_by"]), (&json!("superseded"), &json!("licence_replaced"), &bought["number"]));
    }
}

on_both! {
    /// An officer takes back what was issued wrongly, and everybody reads why; it is not issued again before it is set right.
    async fn what_was_issued_wrongly_is_taken_back(market) {
        let (_, firm, licence) = licensed(&market).await;
        let first = issued(&firm.client, &licence).await;
        let place = place_of(&first);
        let (reviewer, _) = officer(&market, "r-evokes", "reviewer").await;
        assert_eq!(reviewer.get(&place).await.unwrap()["certificate"]["allowed_deeds"], json!(["revoke_certificate"]));
        assert_eq!(firm.client.get(&place).await.unwrap()["certificate"]["allowed_deeds"], json!([]));
        let told = reviewer.create(&format!("{place}/revoke"), json!({"reason": "被许可人名称有误"})).await.unwrap();
        assert_eq!((&told["standing"]["state"], &told["version"]), (&json!("revoked"), &json!(2)));
        let standing = market.stranger.get(&place).await.unwrap()["standing"].clone();
        assert_eq!((&standing["cause"], &standing["reason"]), (&json!("issued_wrongly"), &json!("被许可人名称有误")));
        let problem = issue(&firm.client, &licence).await;
        assert_eq!(refused(&problem, 409, "wrong_state")["state"], "revoked");
        renamed(&market, &firm).await;
        assert_eq!(issued(&firm.client, &licence).await["edition"], 2);
        assert_eq!(market.stranger.get(&place).await.unwrap()["standing"]["state"], "revoked", "and stays so");
        market.pass(0).await;
        let heard = firm.client.get("/v1/inbox").await.unwrap();
        assert!(heard["items"].as_array().unwrap().iter().any(|item| item["kind"] == "certificate.revoked"), "{heard}");
    }
}

on_both! {
    /// The walls behind the rules: a certificate stays as it was signed, and so does what became of it.
    async fn the_database_keeps_certificates_as_they_were_signed(market) {
        let (_, firm, licence) = licensed(&market).await;
        issued(&firm.client, &licence).await;
        renamed(&market, &firm).await;
        issued(&firm.client, &licence).await;
        let db = by_hand(&market).await;
        for (change, wall) in [
            ("UPDATE licence_certificate SET jws = 'x'", "append_only"),
            ("UPDATE licence_certificate SET number = 'x'", "append_only"),
            ("UPDATE licence_certificate SET superseded_at = NULL WHERE edition = 1", "append_only"),
            ("DELETE FROM licence_certificate", "append_only"),
            ("UPDATE licence_certificate SET revoked_at = issued_at WHERE edition = 2", "ck_licence_certificate_revoked"),
            (
                "UPDATE licence_certificate SET revoked_at = issued_at, revoked_by = issued_by, revocation_reason = '理由' WHERE edition = 1",
                "ck_licence_certificate_once",
            ),
        ] {
            let told = db.execute_unprepared(change).await.unwrap_err().to_string();
            assert!(told.contains(wall), "{change}: {told}");
        }
    }
}
