//! What runs underneath: positions of events, the audit chain and its retention, durability checks.

use std::pin::pin;
use std::process::Command;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use entity::auctions::LotEventKind;
use entity::money::Money;
use entity::notices::{NoticeKind, notice};
use entity::platform::{AuditOutcome, audit, audit_segment, event, timer};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, Database, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, Statement, TransactionTrait,
};
use uuid::Uuid;
use zhepai::house::{House, clockwork};
use zhepai::notices::rules::period::{EndReason, Period};
use zhepai::platform::access::Context;
use zhepai::platform::audit::retention;
use zhepai::platform::db::{Ending, insert, insert_all};
use zhepai::platform::problem::{Code, Problem};
use zhepai::platform::timers;
use zhepai::play::admit;

use crate::common::database::has_postgres;
use crate::common::fixtures::{enterprise, lot, open_lot, rehearsal, university};
use crate::common::play::{bid, granted};
use crate::common::{Base, Market, database, monday};
use crate::on_both;
use crate::timeline::draft;

async fn events(market: &Market) -> Vec<event::Model> {
    clockwork::settle(market.house()).await.unwrap();
    event::Entity::find().order_by_asc(event::Column::Position).all(market.house().db.read()).await.unwrap()
}

on_both! {
    /// Events get positions 1, 2, 3 … without gap or double, and those of one subject keep their order.
    async fn positions_have_no_gap(market) {
        let seller = enterprise(&market, "seller", 1).await;
        let bidders = [enterprise(&market, "one", 2).await, enterprise(&market, "two", 3).await];
        let lots = [("ZL201610200331.9", 10_000), ("ZL202010422811.6", 20_000)];
        for (number, start) in lots {
            open_lot(&market, &seller, number, Money::fen(start * 100), &[&bidders[0], &bidders[1]]).await;
        }
        let events = events(&market).await;
        let positions: Vec<_> = events.iter().map(|e| e.position.unwrap()).collect();
        assert_eq!(positions, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
        for subject in events.iter().map(|e| e.subject_id) {
            let of_one: Vec<_> = events.iter().filter(|e| e.subject_id == subject).map(|e| e.seq).collect();
            assert!(of_one.is_sorted());
        }
    }
}

on_both! {
    /// Every timer that was due has fired, once.
    async fn timers_fire_once(market) {
        let seller = enterprise(&market, "seller", 1).await;
        let bidder = enterprise(&market, "one", 2).await;
        open_lot(&market, &seller, "ZL201610200331.9", Money::fen(1_000_000), &[&bidder]).await;
        market.pass(60 * 24 * 30).await;
        let now = market.staff.now().await.unwrap();
        let due = timer::Entity::find().filter(timer::Column::DueAt.lte(now)).all(market.house().db.read()).await.unwrap();
        assert!(due.len() >= 4, "{due:?}");
        for timer in due {
            assert!(timer.fired_at.is_some() && timer.attempts == 1, "{timer:?}");
            assert_eq!(timer.fired_at, Some(timer.due_at), "each sees the time it was due");
        }
    }
}

on_both! {
    /// A timed cycle that begins when the longest duration is over ends as it begins.
    async fn a_lot_at_its_longest_duration_closes(market) {
        let (seller, bidder) = (enterprise(&market, "seller", 1).await, enterprise(&market, "one", 2).await);
        let opens = market.staff.now().await.unwrap() + TimeDelta::minutes(1);
        let mut offer = rehearsal(Money::fen(1_000_000), opens);
        offer["auction"]["closing_mode"] = "timed_cycle".into();
        offer["auction"]["max_duration_seconds"] = offer["auction"]["free_period_seconds"].clone();
        let published = lot(&market, &seller, "ZL201610200331.9", offer).await;
        admit(&bidder, &market.staff, &published.lot).await.unwrap();
        market.pass(2).await;
        granted(&bid(&bidder.client, &published.lot, "10000.00").await, 201);
        market.pass(60 * 25).await;
        assert_eq!(market.stranger.get(&format!("/v1/lots/{}", published.lot)).await.unwrap()["state"], "closed_sold");
    }
}

/// Removes what has been kept long enough; how many rows went.
async fn retained(house: &House) -> u64 {
    let by = Context::system("retain_audit", "a test".into());
    retention::retain(house, &by, retention::limit(house).unwrap()).await.unwrap()
}

on_both! {
    /// What would leave no trace in the audit trail is not done, whatever it says came of it.
    async fn a_deed_without_a_row_of_the_trail_is_undone(market) {
        let house = market.house();
        let by = Context::system("leave_no_trace", "a test".into());
        let subject = uuid::Uuid::now_v7();
        let left = house.write(&by, (), move |tx, ()| async move {
            let timer = timers::armed(tx.id(), "leave_no_trace", subject, tx.now);
            insert(tx.conn(), timer).await.map_err(Into::into)
        });
        let left = left.await;
        assert_eq!(left.err().map(|problem| problem.code), Some(Code::Internal));
        let armed = timer::Entity::find().filter(timer::Column::SubjectId.eq(subject)).one(house.db.read()).await.unwrap();
        assert!(armed.is_none(), "{armed:?}");
    }
}

on_both! {
    /// The audit chain is whole; after its retention a sealed stretch goes, and what follows still follows.
    async fn the_audit_chain_survives_retention(market) {
        enterprise(&market, "early", 1).await;
        clockwork::settle(market.house()).await.unwrap();
        let before = retention::verify(market.house().db.read(), |_| ()).await.unwrap().unwrap();
        assert!(before > 5);
        assert_eq!(retained(market.house()).await, 0, "what is young stays");
        let now = market.staff.now().await.unwrap();
        market.staff.move_clock(now + TimeDelta::days(183)).await.unwrap();
        assert_eq!(retained(market.house()).await, 0, "a day too early");
        market.staff.move_clock(now + TimeDelta::days(186)).await.unwrap();
        enterprise(&market, "late", 2).await;
        let gone = retained(market.house()).await;
        assert!(gone >= before, "{gone} of {before}");
        let left = retention::verify(market.house().db.read(), |_| ()).await.unwrap().unwrap();
        assert!(left > 0);
        let rows = audit::Entity::find().filter(audit::Column::Position.is_not_null()).order_by_asc(audit::Column::Position).all(market.house().db.read()).await.unwrap();
        assert!(rows[0].position > Some(1), "numbering goes on where it was");
    }
}

on_both! {
    /// Whoever changes a row behind the triggers' back is found out.
    async fn a_changed_audit_row_breaks_the_chain(market) {
        enterprise(&market, "one", 1).await;
        clockwork::settle(market.house()).await.unwrap();
        let sqlite = market.house().db.is_sqlite();
        let config = market.config.clone();
        let db = sea_orm::Database::connect(if sqlite { format!("{}?mode=rwc", config.database) } else { config.database.clone() }).await.unwrap();
        let off = if sqlite { "DROP TRIGGER keep_audit_update" } else { "ALTER TABLE audit DISABLE TRIGGER ALL" };
        db.execute_unprepared(off).await.unwrap();
        db.execute_unprepared("UPDATE audit SET operation = 'nothing' WHERE position = 3").await.unwrap();
        assert_eq!(retention::verify(market.house().db.read(), |_| ()).await.unwrap(), Err(3));
    }
}

on_both! {
    /// Whoever takes the head of the trail away, and writes down that some of it was purged, is found out by what was sealed.
    async fn a_forged_purge_breaks_the_chain(market) {
        let house = market.house();
        enterprise(&market, "one", 1).await;
        retained(house).await;
        let last = audit_segment::Entity::find().order_by_desc(audit_segment::Column::LastPosition).one(house.db.read()).await.unwrap().unwrap();
        enterprise(&market, "two", 2).await;
        clockwork::settle(house).await.unwrap();
        assert!(retention::verify(house.db.read(), |_| ()).await.unwrap().is_ok());
        let end = audit::Entity::find().filter(audit::Column::Position.eq(last.last_position + 2)).one(house.db.read()).await.unwrap().unwrap();
        let sqlite = house.db.is_sqlite();
        let hand = Database::connect(if sqlite { format!("{}?mode=rwc", market.config.database) } else { market.config.database.clone() }).await.unwrap();
        let off = if sqlite { "DROP TRIGGER keep_audit_delete" } else { "ALTER TABLE audit DISABLE TRIGGER ALL" };
        hand.execute_unprepared(off).await.unwrap();
        // It follows on what was sealed, and ends in the hash of a row that stood there.
        let forged = audit_segment::Model {
            first_position: last.last_position + 1,
            last_position: last.last_position + 2,
            first_previous_hash: last.last_hash,
            last_hash: end.hash.unwrap(),
            last_at: end.at,
            sealed_at: end.at,
            removed_at: Some(end.at),
        };
        insert(&hand, forged).await.unwrap();
        let rows = audit::Entity::delete_many().filter(audit::Column::Position.lte(last.last_position + 2));
        rows.exec(&hand).await.unwrap();
        assert_eq!(retention::verify(house.db.read(), |_| ()).await.unwrap(), Err(1));
    }
}

on_both! {
    /// A question that takes longer than anybody should wait is given up, and its connection answers the next ones.
    async fn a_question_that_takes_too_long_is_given_up(market) {
        let db = &market.house().db;
        let endless = if db.is_sqlite() {
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) AS found FROM n"
        } else {
            "SELECT pg_sleep(5)"
        };
        let begun = Instant::now();
        let given_up = db.read().query_one_raw(Statement::from_string(db.backend(), endless)).await.unwrap_err();
        assert!((2..5).contains(&begun.elapsed().as_secs()), "{:?}", begun.elapsed());
        assert_eq!(Problem::from(given_up).code, Code::Busy);
        for _ in 0..20 {
            market.stranger.get("/v1/listings").await.unwrap();
        }
        if !db.is_sqlite() {
            let (few, usual) = (setting(db.read_long(), "statement_timeout").await, setting(db.read(), "statement_timeout").await);
            assert_eq!((few.as_str(), usual.as_str()), ("15s", "2s"));
            assert_eq!(setting(db.read_long(), "default_transaction_read_only").await, "on");
        }
    }
}

async fn setting(db: &DatabaseConnection, name: &str) -> String {
    let asked = Statement::from_string(db.get_database_backend(), format!("SELECT current_setting('{name}') AS value"));
    db.query_one_raw(asked).await.unwrap().unwrap().try_get("", "value").unwrap()
}

/// A server that starts while another takes steps waits for its turn, longer than any question may take.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_wait_for_their_turn_at_the_steps() {
    if !database::has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let hand = Database::connect(market.config.database.as_str()).await.unwrap();
    let turn = hand.begin().await.unwrap();
    turn.execute_unprepared("SELECT pg_advisory_xact_lock(7402001)").await.unwrap();
    let mut starting = pin!(market.second_server());
    let started = tokio::time::timeout(Duration::from_millis(2500), &mut starting).await;
    assert!(started.is_err(), "the second server did not wait");
    turn.commit().await.unwrap();
    starting.await;
}

/// A step that breaks off half-way leaves nothing behind, so that it can be taken again.
#[tokio::test]
async fn a_step_is_taken_whole_or_not_at_all() {
    for (step, in_its_way, first) in [
        ("m29_letters", "CREATE TABLE inbox_letter (id text)", "SELECT 1 FROM mail_preference"),
        ("m30_audit_network", "CREATE INDEX ix_audit_network ON audit (seq)", "SELECT network FROM audit"),
    ] {
        for base in [Base::Sqlite, Base::Postgres] {
            if base == Base::Postgres && !database::has_postgres() {
                continue;
            }
            let folder = tempfile::tempdir().unwrap();
            let address = database::fresh(base, folder.path()).await;
            let address = if base == Base::Sqlite { format!("{address}?mode=rwc") } else { address };
            let db = Database::connect(address).await.unwrap();
            let before = Migrator::migrations().iter().take_while(|one| one.name() != step).count();
            Migrator::up(&db, Some(u32::try_from(before).unwrap())).await.unwrap();
            db.execute_unprepared(in_its_way).await.unwrap();
            Migrator::up(&db, None).await.unwrap_err();
            db.execute_unprepared(first).await.unwrap_err();
            let undo = if in_its_way.contains("TABLE") { "DROP TABLE inbox_letter" } else { "DROP INDEX ix_audit_network" };
            db.execute_unprepared(undo).await.unwrap();
            Migrator::up(&db, None).await.unwrap();
            db.execute_unprepared(first).await.unwrap();
        }
    }
}

on_both! {
    /// A notice of a listing from before its period was kept is given the one it would have been published with: by its rule, and to the end
    /// its seller chose.
    async fn notices_of_listings_are_given_their_periods(market) {
        let seller = university(&market).await;
        let (by_the_rule, _) = draft(&seller).await;
        seller.client.act(&format!("{by_the_rule}/submit")).await.unwrap();
        market.staff.reviewer.act(&format!("{by_the_rule}/take")).await.unwrap();
        market.staff.reviewer.act(&format!("{by_the_rule}/approve")).await.unwrap();
        market.staff.publisher.act(&format!("{by_the_rule}/publish")).await.unwrap();
        let opens = market.staff.now().await.unwrap() + TimeDelta::days(2);
        lot(&market, &seller, "ZL202010422811.6", rehearsal(Money::fen(10_000), opens)).await;
        let periods = async || {
            let notices = notice::Entity::find().filter(notice::Column::Kind.eq(NoticeKind::Listing)).order_by_asc(notice::Column::Id);
            let notices = notices.all(market.house().db.read()).await.unwrap();
            notices.iter().map(|notice| (notice.id, Period::kept(notice).unwrap())).collect::<Vec<_>>()
        };
        let kept = periods().await;
        let reasons: Vec<_> = kept.iter().map(|(_, period)| period.as_ref().unwrap().end_reason()).collect();
        assert!(reasons.len() == 2 && reasons.contains(&EndReason::Rule) && reasons.contains(&EndReason::Chosen), "{kept:?}");

        market.by_hand("UPDATE notice SET period = NULL WHERE kind = 'listing'").await;
        market.by_hand("DELETE FROM seaql_migrations WHERE version = 'm71_listing_periods'").await;
        assert!(periods().await.iter().all(|(_, period)| period.is_none()));
        let hand = Database::connect(market.config.database.as_str()).await.unwrap();
        Migrator::up(&hand, None).await.unwrap();
        assert_eq!(periods().await, kept);
    }
}

/// The production profile refuses what may lose an acknowledged bid, and says how to mend it.
#[tokio::test]
async fn production_refuses_unsafe_durability() {
    if !database::has_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = database::fresh(Base::Postgres, folder.path()).await;
    let (code, said) = check(folder.path(), &database, &[]);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("master.key") && said.contains("openssl rand -hex 32"), "{said}");
    write_key(folder.path(), 0o644);
    let (code, said) = check(folder.path(), &database, &[]);
    assert_eq!(code, Some(78));
    assert!(said.contains("chmod 600"), "{said}");
    write_key(folder.path(), 0o600);
    // The tests' own cluster runs with fsync off.
    let (code, said) = check(folder.path(), &database, &[]);
    assert_eq!(code, Some(78));
    assert!(said.contains("fsync = off: set it to on"), "{said}");
    let (code, said) = check(folder.path(), "sqlite:market.db", &[]);
    assert_eq!(code, Some(0), "{said}");
    let letters = [("ZHEPAI_SMTP_URL", "smtps://mail.example"), ("ZHEPAI_MAIL_FROM", "no-reply@market.example")];
    let (code, said) = check(folder.path(), "sqlite:market.db", &letters);
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = check(folder.path(), "sqlite:market.db", &[("ZHEPAI_SANDBOX", "true")]);
    assert_eq!(code, Some(78));
    assert!(said.contains("sandbox"), "{said}");
    let (code, said) = check(folder.path(), "sqlite:market.db", &[("ZHEPAI_NO_SUCH_KEY", "1")]);
    assert_eq!(code, Some(78));
    assert!(said.contains("no_such_key"), "{said}");
}

fn write_key(folder: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("master.key");
    std::fs::write(&path, "8f3a1c5e7b9d02468ace13579bdf02468ace13579bdf048c159d26ae37bf1234").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn check(folder: &std::path::Path, database: &str, extra: &[(&str, &str)]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_zhepai"))
        .args(["serve", "--check", "--database", database])
        .current_dir(folder)
        .env("ZHEPAI_PROFILE", "production")
        .env("ZHEPAI_DOCUMENTS", folder.join("documents"))
        .env("ZHEPAI_MASTER_KEY_FILE", folder.join("master.key"))
        .env("ZHEPAI_LOG", "warn")
        .env("ZHEPAI_ACCOUNTS__REGISTRATION", "open")
        .env_remove("ZHEPAI_TEST_POSTGRES")
        .envs(extra.iter().copied())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Small as a table may be when a statement is planned, what is changed in it is looked up, for the plan is kept as it grows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_is_looked_up_by_keys_on_postgres() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let explained = market.house().db.transact(|tx| async move {
        let changing = "EXPLAIN UPDATE audit SET position = given.position FROM unnest(ARRAY[1, 2], ARRAY[3, 4]) AS given(seq, position) \
                        WHERE audit.seq = given.seq";
        let rows = tx.query_all_raw(Statement::from_string(tx.get_database_backend(), changing)).await?;
        let lines: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
        Ok(Ending::Rollback(lines.join("\n")))
    });
    let plan = explained.await.unwrap();
    assert!(plan.contains("Index Scan using pk_audit") && !plan.contains("Seq Scan"), "{plan}");
}

/// A kind of event that the log knows and the check does not could not be stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_lot_event_passes_the_check_on_postgres() {
    if !has_postgres() {
        return;
    }
    let market = Market::start(Base::Postgres).await;
    let db = market.house().db.read();
    let asked = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'ck_lot_event_kind'";
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), asked)).await.unwrap().unwrap();
    let check: String = row.try_get_by_index(0).unwrap();
    let known: Vec<_> = check.split(['{', ',', '}']).collect();
    for kind in LotEventKind::codes() {
        assert!(known.contains(&kind.as_str()), "{kind} is not in {check}");
    }
}

/// One of some calls that are served together has a mistake in it, which ends their transaction.
fn mistaken() -> Result<Ending<()>, Problem> {
    panic!("a mistake")
}

on_both! {
    /// What many calls ask for together breaks off for them alone: whoever comes next is served.
    async fn a_transaction_that_panics_leaves_the_next_its_connection(market) {
        let db = &market.house().db;
        for _ in 0..4 {
            let told = db.transact_together(|_| async { mistaken() }).await;
            assert_eq!(told.unwrap_err().code, Code::Internal);
        }
        assert_eq!(db.transact_together(|_| async { Ok(Ending::Commit(7)) }).await.unwrap(), 7);
    }
}

on_both! {
    /// Of rows that are written together each keeps what it has, and has nothing where it had nothing.
    async fn rows_with_gaps_are_written_as_they_are(market) {
        let db = &market.house().db;
        let rows = [(None, Some(vec![0, 255])), (Some("a word"), None), (Some(""), Some(Vec::new()))];
        let row = |(number, (detail, before)): (i64, (Option<&str>, Option<Vec<u8>>))| audit::Model {
            seq: 900_000 + number,
            at: monday(),
            person_id: None,
            organisation_id: before.is_some().then(|| Uuid::from_u128(7).into()),
            role: None,
            operation: "place_bid".into(),
            object_kind: "lot".into(),
            object_id: detail.map(|_| Uuid::from_u128(8)),
            outcome: AuditOutcome::Changed,
            before_hash: before,
            after_hash: None,
            detail: detail.map(ToOwned::to_owned),
            request_id: "a-request".into(),
            network: None,
            position: None,
            hash: None,
            // Or somebody would give them their positions meanwhile.
            withheld_with: Some(Uuid::from_u128(9)),
        };
        let rows: Vec<_> = (0..).zip(rows).map(row).collect();
        let written = rows.clone();
        db.transact(move |tx| {
            let rows = written.clone();
            async move { insert_all(&*tx, rows).await.map(Ending::Commit).map_err(Into::into) }
        })
        .await
        .unwrap();
        let kept = audit::Entity::find().filter(audit::Column::Seq.gte(900_000)).order_by_asc(audit::Column::Seq);
        assert_eq!(kept.all(db.read()).await.unwrap(), rows);
    }
}
