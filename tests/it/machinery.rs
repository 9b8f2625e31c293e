//! What runs underneath: positions of events, the audit chain and its retention, durability checks.

use std::process::Command;

use chrono::TimeDelta;
use entity::money::Money;
use entity::platform::{audit, event, timer};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use zhepai::house::clockwork;
use zhepai::platform::audit::retention;
use zhepai::play::admit;

use crate::common::fixtures::{enterprise, lot, open_lot, rehearsal};
use crate::common::play::{bid, granted};
use crate::common::{Base, Market, database};
use crate::on_both;

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

on_both! {
    /// The audit chain is whole; after its retention a sealed stretch goes, and what follows still follows.
    async fn the_audit_chain_survives_retention(market) {
        enterprise(&market, "early", 1).await;
        clockwork::settle(market.house()).await.unwrap();
        let before = retention::verify(market.house().db.read(), |_| ()).await.unwrap().unwrap();
        assert!(before > 5);
        assert_eq!(retention::retain(market.house()).await.unwrap(), 0, "what is young stays");
        let now = market.staff.now().await.unwrap();
        market.staff.move_clock(now + TimeDelta::days(183)).await.unwrap();
        assert_eq!(retention::retain(market.house()).await.unwrap(), 0, "a day too early");
        market.staff.move_clock(now + TimeDelta::days(186)).await.unwrap();
        enterprise(&market, "late", 2).await;
        let gone = retention::retain(market.house()).await.unwrap();
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
        .env_remove("ZHEPAI_TEST_POSTGRES")
        .envs(extra.iter().copied())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}
