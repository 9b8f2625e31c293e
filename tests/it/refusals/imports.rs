//! Files that are not taken in, and imports that cannot be ended or resumed.

use chrono::{DateTime, Utc};
use entity::ids::{OrganisationId, PersonId};
use entity::imports::{ImportFormat, ImportKind, ImportState, import_job};
use serde_json::json;
use uuid::Uuid;
use zhepai::imports::rules::LONGEST_ROW;
use zhepai::platform::db::{self, Ending};
use zhepai::play::{Party, instant, text};

use super::{Call, cases, try_all};
use crate::common::{Market, fixtures};
use crate::on_both;

/// Where files go.
const IMPORTS: &str = "/v1/imports?kind=assets&file_name=x.csv";

/// A seller with an import that is done, one with too many of them, and one that is verified no more.
pub(super) struct Stage {
    market: Market,
    seller: Party,
    done: String,
    crowded: Party,
    /// An import of the crowded one that failed.
    failed: String,
    fallen: Party,
}

impl Stage {
    async fn set(market: Market) -> Self {
        let seller = fixtures::university(&market).await;
        let crowded = fixtures::enterprise(&market, "crowded", 1).await;
        let fallen = fixtures::enterprise(&market, "fallen", 2).await;
        let refuse = format!("/v1/organisations/{}/refuse", fallen.organisation);
        market.staff.reviewer.create(&refuse, json!({"reason": "证照失效"})).await.unwrap();
        put(&market, &crowded, ImportState::Waiting).await;
        put(&market, &crowded, ImportState::Running).await;
        let failed = put(&market, &crowded, ImportState::Failed).await;
        Self { done: fixtures::imported(&seller).await, market, seller, crowded, failed, fallen }
    }

    /// A file of the seller.
    fn file(&self, content: impl Into<Vec<u8>>) -> Call {
        Call::act(&self.seller.client, IMPORTS).carrying("text/csv", content)
    }
}

/// Puts an import in a state where nothing goes on by itself; its id.
async fn put(market: &Market, party: &Party, state: ImportState) -> String {
    let me = party.client.get("/v1/me").await.unwrap();
    let person: PersonId = text(&me["person"]["id"]).parse().unwrap();
    let organisation_id: OrganisationId = party.organisation.parse().unwrap();
    let now: DateTime<Utc> = instant(&market.stranger.get("/v1/time").await.unwrap()["now"]);
    let id = Uuid::new_v4();
    let job = import_job::Model {
        id: id.into(),
        organisation_id,
        kind: ImportKind::Assets,
        format: ImportFormat::Csv,
        rehearse: false,
        file_name: "x.csv".into(),
        stored_as: id.simple().to_string(),
        sha256: vec![0; 32],
        size: 1,
        header: json!([]),
        state,
        state_reason: None,
        rows_total: 1,
        accepted: 0,
        unchanged: 0,
        refused: 0,
        next_offset: 0,
        next_line: 1,
        step: Uuid::new_v4(),
        created_by: person,
        acting_person: person,
        acting_session: Uuid::nil().into(),
        created_at: now,
        ended_at: None,
    };
    let written = market.house().db.transact(move |tx| {
        let job = job.clone();
        async move {
            db::insert(&*tx, job).await?;
            Ok(Ending::Commit(()))
        }
    });
    written.await.unwrap();
    id.to_string()
}

cases! {
    /// Imports.
    IMPORTS_AND_EXPORTS of Stage;
    create_import, OrganisationNotVerified, "who is not verified imports nothing": |on|
        Call::act(&on.fallen.client, IMPORTS).carrying("text/csv", "title,kind\nx,software\n");
    create_import, ImportRunning, "two imports are under way at most": |on|
        Call::act(&on.crowded.client, IMPORTS).carrying("text/csv", "title,kind\nx,software\n");
    create_import, UnsupportedMedia, "a file of rows is CSV or JSON Lines": |on| on.file("{}").carrying("application/json", "{}");
    create_import, UnsupportedMedia, "a file of rows is in UTF-8": |on| on.file("").carrying("text/csv; charset=gbk", "title,kind\nx,software\n");
    create_import, Malformed, "a header is text": |on| on.file(b"title,\xff\nx,software\n".to_vec());
    create_import, Invalid, "a column is one of those there are": |on| on.file("title,kind,colour\nx,software,red\n");
    create_import, Invalid, "a column is there once": |on| on.file("title,kind,title\nx,software,x\n");
    create_import, Invalid, "a right has a title and a kind": |on| on.file("title,summary\nx,y\n");
    create_import, Invalid, "quotes are closed": |on| on.file("title,kind\n\"x,software\n");
    create_import, Invalid, "a file has rows": |on| on.file("title,kind\n\n");
    create_import, Invalid, "a row has an end": |on| on.file(format!("title,kind\n{},software\n", "x".repeat(LONGEST_ROW)));
    create_import, Invalid, "a file is not empty": |on| on.file("");
    create_import, Invalid, "a file's name is no path": |on|
        Call::act(&on.seller.client, "/v1/imports?kind=assets&file_name=..%2Fx.csv").carrying("text/csv", "title,kind\nx,software\n");
    create_import, TooLarge, "a file has so many rows and no more": |on| on.file(format!("title,kind\n{}", "x,y\n".repeat(50_001)));
    cancel_import, WrongState, "what is done is not cancelled": |on| Call::act(&on.seller.client, format!("/v1/imports/{}/cancel", on.done));
    resume_import, WrongState, "what is done is not resumed": |on| Call::act(&on.seller.client, format!("/v1/imports/{}/resume", on.done));
    resume_import, ImportRunning, "what failed waits for the others": |on|
        Call::act(&on.crowded.client, format!("/v1/imports/{}/resume", on.failed));
    read_import, NotFound, "nobody knows of another's import": |on| Call::get(&on.crowded.client, format!("/v1/imports/{}", on.done));
    list_import_rows, NotFound, "nobody reads another's rows": |on| Call::get(&on.crowded.client, format!("/v1/imports/{}/rows", on.done));
    read_import_report, NotFound, "nobody reads another's report": |on| Call::get(&on.crowded.client, format!("/v1/imports/{}/report", on.done));
    cancel_import, NotFound, "nobody cancels another's import": |on| Call::act(&on.crowded.client, format!("/v1/imports/{}/cancel", on.done));
}

on_both! {
    async fn imports_and_exports(market) {
        let stage = Stage::set(market).await;
        let told = try_all(stage.market.house(), &stage, IMPORTS_AND_EXPORTS).await;
        assert_eq!(told.to("a column is there once")["errors"][0]["pointer"], "/title");
        assert_eq!(told.to("a right has a title and a kind")["errors"][0], json!({"pointer": "/kind", "code": "missing_column", "detail": "this column is missing"}));
        assert_eq!(told.to("quotes are closed")["line"], 2);
        assert_eq!(told.to("a file has so many rows and no more")["limit_rows"], 50_000);
        assert_eq!(told.to("two imports are under way at most")["limit"], 2);
        // What was refused was taken away again, and so was the file of the import that is done.
        let kept = std::fs::read_dir(&stage.market.config.documents).unwrap().count();
        assert_eq!(kept, 0, "a file that no import needs is kept");
    }
}
