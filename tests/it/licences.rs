//! The register of licences: what is granted stands, what cannot stand beside it is refused, and anybody may ask who may use what.

use chrono::SecondsFormat;
use entity::ids::{AssetId, OrganisationId};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use zhepai::client::{Client, Reply};
use zhepai::licences::flows::hand_over;
use zhepai::platform::access::Context;
use zhepai::play::{Party, text};

use crate::authz::{join, right};
use crate::common::fixtures::{enterprise, university};
use crate::common::play::{Random, granted, refused, through};
use crate::common::{Base, Market};
use crate::negotiations::{accept, beginning, conclude, decide, paper};
use crate::objected::pick;
use crate::open_licences::{announced, declaration, drafted, listed, patent};
use crate::{on_both, rights_grants};

/// How far a licence goes: of every act, from the middle of 2026 to that of another year.
pub fn scope(fields: &[&str], territory: &[&str], until: i32) -> Value {
    json!({"acts": ["all"], "fields": fields, "territory": territory, "from": "2026-06-01", "until": format!("{until}-06-01")})
}

/// A licence of a right in a mode, to somebody who is not here.
pub async fn new(by: &Party, asset: &str, mode: &str, scope: Value) -> Value {
    let contract = paper(by, "许可合同").await;
    json!({"asset_ids": [asset], "mode": mode, "scope": scope, "grantee": {"name": "某被许可企业"}, "document_id": contract})
}

/// Enters a licence; the answer.
pub async fn enter(by: &Client, new: &Value) -> Reply {
    by.post("/v1/licences", new.clone()).send().await.unwrap()
}

/// Enters one that nothing is in the way of; its id.
pub async fn entered(by: &Client, new: &Value) -> String {
    text(&granted(&enter(by, new).await, 201)["id"])
}

/// One of several, under which its holder may grant others; its id.
pub async fn granted_to(by: &Party, asset: &str, holder: &Party) -> String {
    let mut licence = new(by, asset, "non_exclusive", scope(&["06"], &["all"], 2028)).await;
    (licence["grantee"], licence["may_sublicense"]) = (json!({"organisation_id": holder.organisation}), json!(true));
    entered(&by.client, &licence).await
}

/// What the register says of a right.
async fn ask(by: &Client, asset: &str, query: &str) -> Value {
    by.get(&format!("/v1/assets/{asset}/licences?{query}")).await.unwrap()
}

/// The kinds of licence that could still be granted.
fn grantable(answer: &Value) -> Vec<&str> {
    let kinds = answer["grantable"].as_array().unwrap().iter().filter(|kind| kind["free"] == true);
    kinds.map(|kind| kind["mode"].as_str().unwrap()).collect()
}

on_both! {
    async fn three_share_it_and_nobody_has_it_alone_but_in_another_field(market) {
        let unit = university(&market).await;
        let (_, asset) = patent(&unit, 1).await;
        let mut shared = Vec::new();
        for _ in 0..3 {
            shared.push(entered(&unit.client, &new(&unit, &asset, "non_exclusive", scope(&["06.01"], &["all"], 2030)).await).await);
        }
        let alone = new(&unit, &asset, "exclusive", scope(&["06.01.01"], &["330000"], 2028)).await;
        let refusal = enter(&unit.client, &alone).await;
        let conflicts: Vec<Value> = shared.iter().map(|id| json!({"licence_id": id, "cure": "carve_out"})).collect();
        assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"], json!(conflicts));

        entered(&unit.client, &new(&unit, &asset, "exclusive", scope(&["06.02"], &["all"], 2030)).await).await;
        // Who accepts the three has the rest alone.
        let mut beside = alone;
        beside["carve_outs"] = json!(shared);
        entered(&unit.client, &beside).await;
    }
}

on_both! {
    async fn alone_in_zhejiang_is_alone_in_hangzhou_and_not_in_jiangsu(market) {
        let unit = university(&market).await;
        let firm = enterprise(&market, "firm-1", 1).await;
        let (_, asset) = patent(&unit, 1).await;
        let mut zhejiang = new(&unit, &asset, "exclusive", scope(&["all"], &["330000"], 2030)).await;
        zhejiang["grantee"] = json!({"organisation_id": firm.organisation});
        let first = entered(&unit.client, &zhejiang).await;
        for mode in ["exclusive", "sole", "non_exclusive", "trial"] {
            let hangzhou = new(&unit, &asset, mode, scope(&["all"], &["330100"], 2030)).await;
            let refusal = enter(&unit.client, &hangzhou).await;
            assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"], json!([{"licence_id": first, "cure": "other_scope"}]), "{mode}");
        }
        entered(&unit.client, &new(&unit, &asset, "exclusive", scope(&["all"], &["320000"], 2030)).await).await;

        // The register answers for a place, a field and a day; whose a licence is, its parties are told.
        let here = "territory=330106&act=make&field=06.01&on=2027-01-01";
        let told = ask(&firm.client, &asset, here).await;
        assert_eq!(told["licences"].as_array().unwrap().len(), 1);
        assert_eq!((&told["licences"][0]["licence_id"], &told["licences"][0]["whole"]), (&json!(first), &json!(true)));
        assert_eq!(told["licences"][0]["grantee_name"], json!(firm.name));
        assert_eq!(grantable(&told), Vec::<&str>::new());
        let stranger = enterprise(&market, "firm-2", 2).await;
        assert!(ask(&stranger.client, &asset, here).await["licences"][0].get("grantee_name").is_none());
        let elsewhere = ask(&firm.client, &asset, "territory=340000&on=2027-01-01").await;
        assert_eq!((elsewhere["licences"].as_array().unwrap().len(), grantable(&elsewhere).len()), (0, 3));
        let over = ask(&firm.client, &asset, "territory=330106&on=2030-06-01").await;
        assert_eq!(over["licences"], json!([]), "its last day is the one before");
        refused(&firm.client.look(&format!("/v1/assets/{asset}/licences?field=99")).await.unwrap(), 422, "invalid");
        assert_eq!(firm.client.get("/v1/licences").await.unwrap()["items"][0]["id"], json!(first));
    }
}

on_both! {
    async fn a_trial_becomes_a_licence_and_the_register_knows_when(market) {
        let unit = university(&market).await;
        let firm = enterprise(&market, "firm-1", 1).await;
        let (_, asset) = patent(&unit, 1).await;
        let mut trial = new(&unit, &asset, "trial", scope(&["06.01"], &["all"], 2027)).await;
        trial["grantee"] = json!({"organisation_id": firm.organisation});
        let tried = entered(&unit.client, &trial).await;
        let tried_at = market.staff.now().await.unwrap();
        let others = new(&unit, &asset, "exclusive", scope(&["06"], &["all"], 2030)).await;
        let refusal = enter(&unit.client, &others).await;
        assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"], json!([{"licence_id": tried, "cure": "trial_ends"}]));

        market.pass(60).await;
        let mut bought = others;
        bought["grantee"] = json!({"organisation_id": firm.organisation});
        let licence = entered(&unit.client, &bought).await;
        let before = unit.client.get(&format!("/v1/licences/{tried}")).await.unwrap();
        assert_eq!((&before["state"], &before["superseded_by"]), (&json!("superseded"), &json!(licence)));
        let on = "on=2026-12-01";
        let [then, now] = [ask(&unit.client, &asset, &format!("{on}&at={}", tried_at.to_rfc3339_opts(SecondsFormat::Micros, true))).await, ask(&unit.client, &asset, on).await];
        let ids = |answer: &Value| answer["licences"].as_array().unwrap().iter().map(|one| text(&one["licence_id"])).collect::<Vec<_>>();
        assert_eq!((ids(&then), ids(&now)), (vec![tried], vec![licence]));
    }
}

on_both! {
    async fn a_licence_under_a_licence_covers_no_more_and_ends_with_it(market) {
        let unit = university(&market).await;
        let firm = enterprise(&market, "firm-1", 1).await;
        let (_, asset) = patent(&unit, 1).await;
        let mut exclusive = new(&unit, &asset, "exclusive", scope(&["06"], &["330000"], 2030)).await;
        exclusive["grantee"] = json!({"organisation_id": firm.organisation});
        exclusive["may_sublicense"] = json!(true);
        let parent = format!("/v1/licences/{}", entered(&unit.client, &exclusive).await);
        let under = |scope: Value, document: &str| json!({"scope": scope, "grantee": {"name": "某分许可企业"}, "document_id": document});
        let contract = paper(&firm, "分许可合同").await;
        let within = under(scope(&["06.01"], &["330200"], 2029), &contract);
        refused(&unit.client.post(&format!("{parent}/sub-licences"), within.clone()).send().await.unwrap(), 403, "forbidden");
        for wider in [scope(&["05"], &["330200"], 2029), scope(&["06"], &["310000"], 2029), scope(&["06"], &["330000"], 2031)] {
            let refusal = firm.client.post(&format!("{parent}/sub-licences"), under(wider, &contract)).send().await.unwrap();
            assert_eq!(refused(&refusal, 422, "invalid")["errors"][0]["code"], "wider");
        }
        let sub = firm.client.create(&format!("{parent}/sub-licences"), within).await.unwrap();
        assert_eq!((&sub["mode"], &sub["parent_id"]), (&json!("sub_licence"), &json!(parent.rsplit('/').next().unwrap())));

        // The licensor uses himself what he licensed exclusively, and the licence stands.
        let noted = firm.client.create(&format!("{parent}/breach"), json!({"reason": "许可人自行实施"})).await.unwrap();
        assert_eq!((&noted["state"], &noted["breach"]), (&json!("effective"), &json!("许可人自行实施")));
        let end = json!({"reason": "双方协议解除", "document_id": paper(&unit, "解除协议").await});
        refused(&firm.client.post(&format!("{parent}/terminate"), end.clone()).send().await.unwrap(), 403, "forbidden");
        let ended = unit.client.create(&format!("{parent}/terminate"), end).await.unwrap();
        assert_eq!((&ended["state"], &ended["allowed_deeds"]), (&json!("terminated"), &json!([])));
        let sub = firm.client.get(&format!("/v1/licences/{}", text(&sub["id"]))).await.unwrap();
        assert_eq!(sub["state"], "terminated");
        // What was given up is free again.
        entered(&unit.client, &new(&unit, &asset, "exclusive", scope(&["06"], &["330000"], 2030)).await).await;
    }
}

on_both! {
    async fn what_is_licensed_is_neither_offered_nor_declared_otherwise(market) {
        let unit = university(&market).await;
        let (achievement, asset) = patent(&unit, 1).await;
        let licence = entered(&unit.client, &new(&unit, &asset, "exclusive", scope(&["06"], &["330000"], 2030)).await).await;
        for mode in ["exclusive_licence", "sole_licence", "non_exclusive_licence"] {
            let refusal = listed(&market, &unit, (&achievement, &asset), mode).await;
            assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"][0]["licence_id"], json!(licence), "{mode}");
        }
        let declared = drafted(&unit.client, declaration(&asset)).await;
        let refusal = unit.client.ask(Method::POST, &format!("{declared}/submit")).send().await.unwrap();
        assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"][0]["licence_id"], json!(licence));

        // And the other way round.
        let open = announced(&market, &unit, 2).await;
        let patent = text(&unit.client.get(&open).await.unwrap()["asset_id"]);
        let alone = new(&unit, &patent, "sole", scope(&["all"], &["all"], 2028)).await;
        let refusal = enter(&unit.client, &alone).await;
        assert_eq!(format!("/v1/open-licences/{}", text(&refused(&refusal, 409, "asset_held")["open_licence_id"])), open);
        entered(&unit.client, &new(&unit, &patent, "non_exclusive", scope(&["all"], &["all"], 2028)).await).await;
    }
}

on_both! {
    async fn no_licence_outlasts_a_right_and_one_without_an_end_ends_with_it(market) {
        let unit = university(&market).await;
        let (_, asset) = patent(&unit, 1).await;
        let end = unit.client.get(&format!("/v1/assets/{asset}")).await.unwrap()["expires_on"].clone();
        let mut long = new(&unit, &asset, "non_exclusive", scope(&["all"], &["all"], 2038)).await;
        long["scope"]["until"] = json!("2038-06-02");
        assert_eq!(refused(&enter(&unit.client, &long).await, 422, "invalid")["errors"][0]["code"], "beyond_term");
        long["scope"].as_object_mut().unwrap().remove("until");
        let stands = granted(&enter(&unit.client, &long).await, 201).clone();
        assert_eq!(stands["ends_on"], end);
        assert!(stands["scope"].get("until").is_none());
    }
}

on_both! {
    async fn who_made_it_keeps_the_use_of_what_is_licensed_to_another_alone(market) {
        let unit = university(&market).await;
        let (decider, _) = join(&market, &unit, "d-ecides", &["signatory"]).await;
        let place = rights_grants::proposed(&unit, "一种赋权的技术", rights_grants::use_right).await;
        rights_grants::agreed(&market, &unit, &decider, &place).await;
        let asset = text(&unit.client.get(&place).await.unwrap()["asset_ids"][0]);
        let told = ask(&unit.client, &asset, "").await;
        let (granted, id) = (&told["licences"][0], text(&told["licences"][0]["licence_id"]));
        assert_eq!((&granted["mode"], &granted["whole"]), (&json!("granted_use_right"), &json!(true)));
        let licence = unit.client.get(&format!("/v1/licences/{id}")).await.unwrap();
        assert_eq!(format!("/v1/rights-grants/{}", text(&licence["rights_grant_id"])), place);

        let mut alone = new(&unit, &asset, "exclusive", scope(&["06"], &["all"], 2030)).await;
        let refusal = enter(&unit.client, &alone).await;
        assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"], json!([{"licence_id": id, "cure": "waiver"}]));
        alone["waivers"] = json!([{"licence_id": id, "document_id": paper(&unit, "团队同意书").await}]);
        entered(&unit.client, &alone).await;
        assert_eq!(ask(&unit.client, &asset, "field=06&on=2027-01-01").await["licences"].as_array().unwrap().len(), 2);
    }
}

on_both! {
    async fn what_is_sold_at_a_negotiated_price_is_licensed_once_both_have_confirmed(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let (decider, _) = join(&market, &unit, "d-ecides", &["signatory"]).await;
        let (achievement, asset) = right(&unit, "一种协议许可的技术").await;
        let mut talk = beginning(&unit, &firm, (&achievement, &asset), "100000.00").await;
        talk["offer"]["terms"]["transfer"] =
            json!({"mode": "non_exclusive_licence", "fields": ["06.01"], "territory": ["330000"], "months": 36, "sublicence": true});
        let place = format!("/v1/negotiations/{}", text(&unit.client.create("/v1/negotiations", talk).await.unwrap()["id"]));
        accept(&firm.client, &place).await;
        decide(&decider, &place, None).await;
        // What is agreed on is not licensed to one alone meanwhile.
        let alone = new(&unit, &asset, "exclusive", scope(&["06"], &["all"], 2030)).await;
        let held = enter(&unit.client, &alone).await;
        assert_eq!(format!("/v1/negotiations/{}", text(&refused(&held, 409, "asset_held")["negotiation_id"])), place);
        assert_eq!(firm.client.get("/v1/licences").await.unwrap()["items"], json!([]));
        conclude(&market, &unit, &firm, &place).await;

        let licence = firm.client.get("/v1/licences").await.unwrap()["items"][0].clone();
        assert_eq!((&licence["mode"], &licence["grantee_name"]), (&json!("non_exclusive"), &json!(firm.name)));
        assert_eq!((&licence["scope"]["fields"], &licence["may_sublicense"]), (&json!(["06.01"]), &json!(true)));
        assert_eq!(format!("/v1/negotiations/{}", text(&licence["negotiation_id"])), place);
        let refusal = enter(&unit.client, &alone).await;
        assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"], json!([{"licence_id": licence["id"], "cure": "carve_out"}]));
    }
}

on_both! {
    async fn two_licences_are_given_for_each_other(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let ((_, ours), (_, theirs)) = (patent(&unit, 1).await, patent(&firm, 2).await);
        let mut first = new(&unit, &ours, "non_exclusive", scope(&["06"], &["all"], 2030)).await;
        first["grantee"] = json!({"organisation_id": firm.organisation});
        let first = entered(&unit.client, &first).await;
        let mut second = new(&firm, &theirs, "exclusive", scope(&["06.01"], &["330000"], 2028)).await;
        (second["grantee"], second["counterpart_id"]) = (json!({"organisation_id": unit.organisation}), json!(first));
        let given = entered(&firm.client, &second).await;
        for (by, one, other) in [(&unit, &first, &given), (&firm, &given, &first)] {
            let read = by.client.get(&format!("/v1/licences/{one}")).await.unwrap();
            assert_eq!(read["counterpart_id"], json!(other));
        }
        // It is given for one alone, and each is held against the register by itself.
        second["scope"] = scope(&["04"], &["330000"], 2028);
        let refusal = enter(&firm.client, &second).await;
        assert_eq!(refused(&refusal, 422, "invalid")["errors"][0]["code"], "repeated");
        let beside = new(&firm, &theirs, "non_exclusive", scope(&["06.01"], &["330100"], 2027)).await;
        let refusal = enter(&firm.client, &beside).await;
        assert_eq!(refused(&refusal, 409, "licence_conflict")["conflicts"], json!([{"licence_id": given, "cure": "other_scope"}]));
    }
}

/// A licence that somebody holds, under which he may license others, and a licence that he grants under it; their places.
async fn with_one_under(unit: &Party, asset: &str, (mode, fields): (&str, &[&str]), holder: &Party) -> (String, String) {
    let mut licence = new(unit, asset, mode, scope(fields, &["330000"], 2030)).await;
    (licence["grantee"], licence["may_sublicense"]) = (json!({"organisation_id": holder.organisation}), json!(true));
    let parent = format!("/v1/licences/{}", entered(&unit.client, &licence).await);
    let contract = paper(holder, "分许可合同").await;
    let under = json!({"scope": scope(fields, &["330100"], 2029), "grantee": {"name": "某分许可企业"}, "document_id": contract});
    let under = holder.client.create(&format!("{parent}/sub-licences"), under).await.unwrap();
    (parent, format!("/v1/licences/{}", text(&under["id"])))
}

/// What became of a licence, in order.
fn history(licence: &Value) -> Vec<&str> {
    licence["history"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect()
}

on_both! {
    async fn what_is_under_a_licence_is_under_what_takes_its_place(market) {
        let (unit, firm) = (university(&market).await, enterprise(&market, "firm-1", 1).await);
        let (_, asset) = patent(&unit, 1).await;
        let (parent, under) = with_one_under(&unit, &asset, ("non_exclusive", &["06.01"]), &firm).await;
        let mut wider = new(&unit, &asset, "non_exclusive", scope(&["06"], &["330000"], 2030)).await;
        (wider["grantee"], wider["may_sublicense"]) = (json!({"organisation_id": firm.organisation}), json!(true));
        let next = entered(&unit.client, &wider).await;
        assert_eq!(history(&firm.client.get(&parent).await.unwrap()), ["entered", "superseded"]);
        let moved = firm.client.get(&under).await.unwrap();
        assert_eq!((&moved["state"], &moved["parent_id"]), (&json!("effective"), &json!(next)));
        // Where nobody may be licensed under it any more, what was ends.
        (wider["scope"], wider["may_sublicense"]) = (scope(&["06"], &["all"], 2030), json!(false));
        entered(&unit.client, &wider).await;
        let ended = firm.client.get(&under).await.unwrap();
        assert_eq!((&ended["state"], history(&ended)), (&json!("terminated"), vec!["entered", "moved", "terminated"]));
    }
}

/// A right passes to somebody, as what is entered of registers will have it.
async fn passes(market: &Market, asset: &str, to: &Party) {
    let by = Context::system("hand_over", "a test".into());
    let what = (AssetId(asset.parse().unwrap()), OrganisationId(to.organisation.parse().unwrap()));
    let passed = market.house().write(&by, what, |tx, (asset, to)| async move { Box::pin(hand_over(&tx, asset, to)).await });
    passed.await.unwrap();
}

on_both! {
    async fn licences_follow_their_right_and_end_in_it(market) {
        let unit = university(&market).await;
        let (buyer, holder) = (enterprise(&market, "firm-1", 1).await, enterprise(&market, "firm-2", 2).await);
        let (_, asset) = patent(&unit, 1).await;
        let (exclusive, under) = with_one_under(&unit, &asset, ("exclusive", &["06"]), &holder).await;
        let mut own = new(&unit, &asset, "non_exclusive", scope(&["04"], &["all"], 2030)).await;
        own["grantee"] = json!({"organisation_id": buyer.organisation});
        let own = entered(&unit.client, &own).await;
        let before = market.staff.now().await.unwrap().to_rfc3339_opts(SecondsFormat::Micros, true);
        assert_eq!(ask(&unit.client, &asset, "field=06&on=2027-01-01").await["owner_may_use"], false);
        assert_eq!(ask(&unit.client, &asset, "field=04&on=2027-01-01").await["owner_may_use"], true);
        market.pass(60).await;

        // The buyer grants what the seller granted; what he had himself he has no licence of any more.
        passes(&market, &asset, &buyer).await;
        let licence = buyer.client.get(&exclusive).await.unwrap();
        assert_eq!((&licence["licensor_id"], &licence["state"]), (&json!(buyer.organisation), &json!("effective")));
        assert_eq!(history(&licence), ["entered", "passed"]);
        assert_eq!(licence["history"][0]["licensor_id"], json!(unit.organisation));
        refused(&unit.client.look(&exclusive).await.unwrap(), 404, "not_found");
        let merged = buyer.client.get(&format!("/v1/licences/{own}")).await.unwrap();
        assert_eq!((&merged["state"], merged.get("superseded_by"), history(&merged)), (&json!("superseded"), None, vec!["entered", "merged"]));
        let [then, now] = [format!("field=04&on=2027-01-01&at={before}"), "field=04&on=2027-01-01".into()];
        assert_eq!(ask(&buyer.client, &asset, &then).await["licences"][0]["licence_id"], json!(own));
        assert_eq!(ask(&buyer.client, &asset, &now).await["licences"], json!([]));

        // Then its holder buys it, and what he granted stands by itself.
        passes(&market, &asset, &holder).await;
        assert_eq!(history(&holder.client.get(&exclusive).await.unwrap()), ["entered", "passed", "merged"]);
        let raised = holder.client.get(&under).await.unwrap();
        assert_eq!((&raised["mode"], raised.get("parent_id"), history(&raised)), (&json!("non_exclusive"), None, vec!["entered", "raised"]));
    }
}

mod heavy {
    use super::*;

    const TRIES: usize = 500;
    const AT_ONCE: usize = 20;

    /// A licence of one of few fields, places and spans, so that many of them meet.
    fn drawn(draw: &mut Random, asset: &str, contract: &str) -> Value {
        let mode = ["exclusive", "sole", "non_exclusive"][pick(draw, 3)];
        let fields = ["06", "06.01", "06.01.01", "06.02", "04", "04.02", "01.02", "09"];
        let territory = ["330000", "330100", "330106", "320000", "310000", "350000", "440000"];
        let until = 2028 + i32::try_from(pick(draw, 3)).unwrap();
        let scope = scope(&[fields[pick(draw, fields.len())]], &[territory[pick(draw, territory.len())]], until);
        json!({"asset_ids": [asset], "mode": mode, "scope": scope, "grantee": {"name": "某企业"}, "document_id": contract})
    }

    /// What was granted, and what was refused with what was in its way.
    async fn races(unit: &Party, doors: &[Client]) {
        let (_, asset) = patent(unit, 1).await;
        let contract = paper(unit, "许可合同").await;
        let mut draw = Random::seeded();
        let wishes: Vec<Value> = (0..TRIES).map(|_| drawn(&mut draw, &asset, &contract)).collect();
        let (mut standing, mut conflicts) = (Vec::new(), Vec::new());
        for together in wishes.chunks(AT_ONCE) {
            let asked = together.iter().enumerate().map(|(number, wish)| enter(&doors[number % doors.len()], wish));
            for reply in join_all(asked).await {
                match (reply.status, reply.code()) {
                    (201, _) => standing.push(text(&reply.body["id"])),
                    (409, "licence_conflict") => conflicts.extend(reply.body["conflicts"].as_array().unwrap().clone()),
                    _ => panic!("{}: {} {}", reply.asked, reply.status, reply.body),
                }
            }
        }
        assert!(standing.len() > 10 && conflicts.len() > 100, "{} {}", standing.len(), conflicts.len());
        for conflict in &conflicts {
            assert!(standing.contains(&text(&conflict["licence_id"])), "{conflict} is none that was granted");
        }
        // Each of them alone is judged by the model: no two meet of which one is for its holder alone.
        let granted: Vec<Value> =
            join_all(standing.iter().map(|id| async move { unit.client.get(&format!("/v1/licences/{id}")).await.unwrap() })).await;
        for (index, one) in granted.iter().enumerate() {
            for other in &granted[index + 1..] {
                let is_alone = |licence: &Value| licence["mode"] != "non_exclusive";
                assert!(!((is_alone(one) || is_alone(other)) && meet(one, other)), "{one} {other}");
            }
        }
    }

    /// Whether two licences of one field and one place each meet; all of them begin on the same day.
    fn meet(one: &Value, other: &Value) -> bool {
        let field = |licence: &Value| text(&licence["scope"]["fields"][0]);
        let place = |licence: &Value| text(&licence["scope"]["territory"][0]);
        let under = |code: &str, above: &str| code == above || code.starts_with(&format!("{above}."));
        let within = |code: &str, above: &str| {
            let stem = if above.ends_with("0000") { &above[..2] } else { above.trim_end_matches("00") };
            code.starts_with(stem)
        };
        let ([a, b], [x, y]) = ([field(one), field(other)], [place(one), place(other)]);
        (under(&a, &b) || under(&b, &a)) && (within(&x, &y) || within(&y, &x))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn five_hundred_who_want_the_same_over_two_servers() {
        if !crate::common::database::has_postgres() {
            return;
        }
        let market = Market::start(Base::Postgres).await;
        let (second, door) = market.second_server().await;
        let unit = university(&market).await;
        let doors = [unit.client.clone(), through(&door, &unit.client)];
        races(&unit, &doors).await;
        second.stop().await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn five_hundred_who_want_the_same_on_sqlite() {
        let market = Market::start(Base::Sqlite).await;
        let unit = university(&market).await;
        races(&unit, std::slice::from_ref(&unit.client)).await;
    }
}
