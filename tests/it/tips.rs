//! Tips: what somebody says without his name is read by who oversees the market, and of him nothing is kept.

use serde_json::{Value, json};
use zhepai::play::text;

use crate::authz::tip;
use crate::common::database::{Dump, at_rest};
use crate::common::fixtures::enterprise;
use crate::common::play::{granted, refused};
use crate::notices::public_result;
use crate::on_both;

on_both! {
    /// Also if he is signed in: neither the tip nor the trail tells who it was, or where he called from.
    async fn nobody_knows_who_gave_a_tip(market) {
        let (seller, notice) = public_result(&market).await;
        let firm = enterprise(&market, "firm", 3).await;
        let place = format!("/v1/notices/{notice}/tips");
        let given = firm.client.post(&place, tip()).send().await.unwrap();
        granted(&given, 200);
        granted(&market.stranger.post(&place, tip()).send().await.unwrap(), 200);
        refused(&market.stranger.post("/v1/notices/01a22c6f-7400-7759-97c9-a83e94f06b41/tips", tip()).send().await.unwrap(), 404, "not_found");

        let listed = market.staff.supervisor.get(&format!("/v1/tips?notice_id={notice}&ground=collusion")).await.unwrap();
        let tips = listed["items"].as_array().unwrap();
        assert_eq!((tips.len(), &tips[0]["statement"], &tips[0]["notice_version"]), (2, &tip()["statement"], &json!(1)));
        assert!(market.staff.supervisor.get("/v1/tips?ground=ownership").await.unwrap()["items"].as_array().unwrap().is_empty());
        for client in [&seller.client, &market.staff.reviewer, &market.staff.publisher] {
            refused(&client.look("/v1/tips").await.unwrap(), 403, "forbidden");
        }
        refused(&market.stranger.look("/v1/tips").await.unwrap(), 401, "not_signed_in");

        at_rest(market.house()).await;
        let rows = market.staff.auditor.get("/v1/audit?operation=give_tip&outcome=changed").await.unwrap();
        let rows = rows["items"].as_array().unwrap();
        assert_eq!(rows.len(), 2);
        for row in rows {
            let unknown = ["person_id", "organisation_id", "network"].iter().all(|name| row.get(name).is_none_or(Value::is_null));
            assert!(unknown, "{row}");
        }
        let statement = text(&tip()["statement"]);
        assert!(Dump::of(market.house().db.read()).await.with(statement.as_bytes()).is_empty(), "it lies open");
        let told = firm.client.get("/v1/me/data").await.unwrap();
        assert!(!told.to_string().contains("give_tip"), "{}", told["deeds"]);
    }
}
