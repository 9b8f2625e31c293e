//! What is not public of an amendment of a listing, a grant of rights or an open licence is told to nobody outside, nor in what is made to be
//! handed on; nor does the server say it of itself (P3).

use chrono::{NaiveDate, TimeDelta};
use entity::money::Money;
use sea_orm::Database;
use serde_json::{Value, json};
use zhepai::client::Client;
use zhepai::platform::config::SANDBOX_PASSWORD;
use zhepai::play::{self, Party, Staff, instant, text};

use crate::authz::right;
use crate::common::database::{Dump, has_postgres};
use crate::common::fixtures::rehearsal;
use crate::common::play::{eventually, member, university_at};
use crate::common::program::Program;
use crate::common::{Base, database};
use crate::markers::Told;
use crate::negotiations::{paper, publish};
use crate::open_licences::{declaration, drafted, patent, replaced};
use crate::rights_grants::{decision, share, use_right};

// ---- Of an amendment that was taken back ----

const OFFERED: &str = "金丝雀拟改说明";
const BECAUSE: &str = "金丝雀更正理由";
const TAKEN_BACK: &str = "金丝雀不再更正";
const MINUTES: &str = "金丝雀更正纪要";

// ---- Of a grant that was never announced, and of one that was ----

const SUMMARY: &str = "金丝雀赋权摘要";
const DROPPED: &str = "金丝雀放弃赋权";
const PHOTOGRAPH: &str = "金丝雀公示照片";
const AGREEMENT: &str = "金丝雀协议原件";
const ENTRY: &str = "金丝雀登记文号";

// ---- Of an open licence that was sent back before it was announced, and of one that never was ----

const DRAFT: &str = "金丝雀许可草案";
const SENT_BACK: &str = "金丝雀退回理由";
const UNSENT: &str = "金丝雀未报声明";
const GIVEN_UP: &str = "金丝雀放弃声明";

const KEPT: [&str; 13] =
    [OFFERED, BECAUSE, TAKEN_BACK, MINUTES, SUMMARY, DROPPED, PHOTOGRAPH, AGREEMENT, ENTRY, DRAFT, SENT_BACK, UNSENT, GIVEN_UP];

/// What no file of evidence has: it tells why something was proposed and refused, and by which papers, but nothing of their content.
const HIDDEN_IN_EVIDENCE: [&str; 8] = [OFFERED, SUMMARY, DROPPED, AGREEMENT, DRAFT, SENT_BACK, UNSENT, GIVEN_UP];

/// What everybody reads of the grant that is announced.
const ANNOUNCED: &str = "白鸽赋权摘要";

/// Where nobody is ever told what somebody wrote.
const WORDLESS: [&str; 4] = ["audit", "event", "inbox_item", "key_call"];

/// Who acts, and who listens.
struct Stage {
    stranger: Client,
    staff: Staff,
    unit: Party,
    decider: Client,
    told: Told,
}

impl Stage {
    /// Somebody names a text he did not read.
    async fn publishes_wrongly(&mut self, place: &str) {
        let another = json!({"drafted_sha256": "0".repeat(64)});
        let reply = self.staff.publisher.post(&format!("{place}/publish"), another).send().await.unwrap();
        self.told.refused(&reply);
    }

    async fn today(&self) -> NaiveDate {
        (self.staff.now().await.unwrap() + TimeDelta::hours(8)).date_naive()
    }

    /// A listing for which an amendment was proposed and taken back; its address and its notice.
    async fn an_amendment(&mut self) -> (String, String) {
        let (achievement, asset) = right(&self.unit, "一种要改的技术").await;
        let offer = rehearsal(Money::fen(100_000), self.staff.now().await.unwrap() + TimeDelta::minutes(1));
        let published = play::publish(&self.unit, &self.staff, offer, &achievement, &[asset]).await.unwrap();
        let place = format!("/v1/listings/{}", published.listing);
        let public = self.unit.client.get(&place).await.unwrap();
        let mut offer = public["offer"].clone();
        offer["summary"] = OFFERED.into();
        let new = json!({"offer": offer, "reason": BECAUSE, "decision_document_id": paper(&self.unit, MINUTES).await});
        let mut another = new.clone();
        another["offer"]["contact"]["office"] = "另一部门".into();
        let reply = self.unit.client.post(&format!("{place}/amendments"), another).send().await.unwrap();
        self.told.refused(&reply);
        let proposed = text(&self.unit.client.create(&format!("{place}/amendments"), new).await.unwrap()["id"]);
        let amendment = format!("/v1/listing-amendments/{proposed}");
        self.publishes_wrongly(&amendment).await;
        for asked in [place.clone(), format!("{place}/amendments"), amendment.clone(), format!("{place}/timeline")] {
            self.told.asked(&self.stranger, &asked).await;
        }
        self.unit.client.create(&format!("{amendment}/refuse"), json!({"reason": TAKEN_BACK})).await.unwrap();
        let lot = format!("/v1/lots/{}", published.lot);
        for asked in [place.clone(), amendment, format!("{place}/timeline.ics"), lot.clone(), format!("{lot}/events")] {
            self.told.asked(&self.stranger, &asked).await;
        }
        (place, text(&public["notice_id"]))
    }

    /// An open licence that was sent back once before it was announced, beside one that was given up; its address and its notice.
    async fn a_licence(&mut self) -> (String, String) {
        let unit = &self.unit.client;
        let mut new = declaration(&patent(&self.unit, 1).await.1);
        new["other"] = DRAFT.into();
        let mut praised = new.clone();
        praised["payment"] = "首创技术，价格面议".into();
        self.told.refused(&unit.post("/v1/open-licences", praised).send().await.unwrap());
        let place = drafted(unit, new.clone()).await;
        unit.act(&format!("{place}/submit")).await.unwrap();
        self.staff.reviewer.create(&format!("{place}/return"), json!({"reason": SENT_BACK})).await.unwrap();
        self.told.asked(&self.stranger, &place).await;
        new["other"] = "被许可人应当标注专利号".into();
        replaced(unit, &place, new).await;
        unit.act(&format!("{place}/submit")).await.unwrap();

        let mut never = declaration(&patent(&self.unit, 2).await.1);
        never["other"] = UNSENT.into();
        let hidden = drafted(unit, never).await;
        unit.create(&format!("{hidden}/withdraw"), json!({"reason": GIVEN_UP})).await.unwrap();
        self.publishes_wrongly(&place).await;
        let published = publish(&self.staff.publisher, &place).await;
        for asked in [&place, &hidden] {
            self.told.asked(&self.stranger, asked).await;
        }
        (place, text(&published["notice_id"]))
    }

    /// A grant that is proposed; its address.
    async fn proposed(&self, new: Value) -> String {
        format!("/v1/rights-grants/{}", text(&self.unit.client.create("/v1/rights-grants", new).await.unwrap()["id"]))
    }

    /// A grant that was dropped before anybody was told of it.
    async fn a_dropped_grant(&mut self) {
        let (achievement, asset) = right(&self.unit, "一种未公示的技术").await;
        let mut new = use_right((&achievement, &asset));
        new["summary"] = SUMMARY.into();
        let mut short = new.clone();
        short["use_months"] = json!(1);
        let reply = self.unit.client.post("/v1/rights-grants", short).send().await.unwrap();
        self.told.refused(&reply);
        let place = self.proposed(new).await;
        self.publishes_wrongly(&place).await;
        self.unit.client.create(&format!("{place}/withdraw"), json!({"reason": DROPPED})).await.unwrap();
        self.told.asked(&self.stranger, &place).await;
    }

    /// A grant of a share that was announced, agreed on and registered; its address and its notice.
    async fn a_grant(&mut self) -> (String, String) {
        let (achievement, asset) = right(&self.unit, "一种公示的技术").await;
        let mut new = share((&achievement, &asset));
        new["summary"] = ANNOUNCED.into();
        let place = self.proposed(new).await;
        self.decider.create(&format!("{place}/decide"), decision(&self.unit).await).await.unwrap();
        let notice = text(&publish(&self.staff.publisher, &place).await["notice_id"]);
        let shown = json!({"document_id": paper(&self.unit, PHOTOGRAPH).await, "published_on": self.today().await, "place": "公示栏"});
        self.unit.client.create(&format!("{place}/unit-notice"), shown).await.unwrap();
        let agreement = json!({"agreement_document_id": paper(&self.unit, AGREEMENT).await});
        let early = self.decider.post(&format!("{place}/agree"), agreement.clone()).send().await.unwrap();
        self.told.refused(&early);
        let end = instant(&self.stranger.get(&format!("/v1/notices/{notice}")).await.unwrap()["ends_at"]);
        self.staff.move_clock(end).await.unwrap();
        self.decider.create(&format!("{place}/agree"), agreement).await.unwrap();
        let entry = json!({"registry_date": self.today().await, "registry_document": ENTRY});
        self.unit.client.create(&format!("{place}/register"), entry).await.unwrap();
        self.told.asked(&self.stranger, &place).await;
        (place, notice)
    }
}

async fn what_is_not_public_is_told_to_nobody(base: Base) {
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(base, folder.path()).await;
    let server = Program::serve(&database, folder.path(), &[("ZHEPAI_LOG", "info,zhepai=trace")]);
    let stranger = server.client();
    let staff = Staff::of_sandbox(&stranger, SANDBOX_PASSWORD).await.unwrap();
    staff.stop_clock().await.unwrap();
    let unit = university_at(&stranger, &staff).await;
    let decider = member(&stranger, &unit.client, &unit.organisation, "decider@people.example", &["signatory"]).await;
    let mut stage = Stage { stranger, staff, unit, decider, told: Told::default() };
    let listing = stage.an_amendment().await;
    let licence = stage.a_licence().await;
    stage.a_dropped_grant().await;
    let grant = stage.a_grant().await;

    let mut evidence = Told::default();
    for (place, notice) in [&listing, &licence, &grant] {
        stage.told.notice(&stage.stranger, notice).await;
        stage.told.asked(&stage.stranger, &format!("{place}/evidence")).await;
        let file = stage.unit.client.get(&format!("{place}/evidence")).await.unwrap();
        evidence.said(place, file.to_string());
    }
    stage.told.market(&stage.stranger).await;
    stage.told.tells_none_of(&KEPT);
    evidence.tells_none_of(&HIDDEN_IN_EVIDENCE);
    // What is looked with does find what everybody may read.
    let found = stage.told.places_of(ANNOUNCED);
    let (frozen, page) = (format!("/v1/notices/{}", grant.1), format!("/notices/{}?lang=zh", grant.1));
    for place in [frozen.as_str(), page.as_str(), "/v1/notices/feed.json", "/v1/notices/feed.atom"] {
        assert!(found.contains(&place), "{ANNOUNCED} is told at {found:?} alone");
    }

    eventually(async || server.log().contains("/v1/rights-grants")).await;
    let log = server.log();
    let dump = Dump::of(&Database::connect(&database).await.unwrap()).await;
    assert!(dump.with(ANNOUNCED.as_bytes()).contains(&"rights_grant"));
    for marker in KEPT.into_iter().chain([ANNOUNCED]) {
        assert!(!log.contains(marker), "the log has {marker}");
        let tables = dump.with(marker.as_bytes());
        assert!(!tables.iter().any(|table| WORDLESS.contains(table)), "{marker} is in {tables:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_public_is_told_to_nobody_on_sqlite() {
    what_is_not_public_is_told_to_nobody(Base::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_public_is_told_to_nobody_on_postgres() {
    if has_postgres() {
        what_is_not_public_is_told_to_nobody(Base::Postgres).await;
    }
}
