//! Moving time, and the staff and bank a sandbox makes for itself.

use chrono::TimeDelta;
use entity::Timestamp;
use entity::identity::StaffRole;
use entity::platform::sandbox_clock;
use sea_orm::ConnectionTrait;

use super::store;
use crate::house::{House, Tx, clockwork};
use crate::identity::flows::people::register_within;
use crate::identity::flows::second_factor::give_within;
use crate::identity::flows::staff::appoint_within;
use crate::identity::second_factor::SECRET_BYTES;
use crate::notifications;
use crate::platform::access::Context;
use crate::platform::db::{self, Db, Ending};
use crate::platform::keys::sha256;
use crate::platform::problem::{Code, Problem};
use crate::platform::timers;
use crate::platform::world::sandbox_time;

/// How long one step of a move may take, real time, before the clock runs on by itself.
const LONGEST_MOVE: TimeDelta = TimeDelta::seconds(120);

type Failure = Box<dyn std::error::Error + Send + Sync>;

const NO_SANDBOX: &str = "this database is in use and is no sandbox: start without --sandbox, or use another database";
const A_SANDBOX: &str = "this is a sandbox database: start with --sandbox, or use another database";

/// Whether a database is of the other kind than the server. One without tables is of no kind yet.
pub async fn unfit(db: &Db, sandbox: bool) -> Option<String> {
    let clock = store::clock(db.read()).await.ok()?;
    let is_new = store::is_new(db.read()).await.ok()?;
    match (clock.is_some(), sandbox) {
        (true, false) => Some(A_SANDBOX.into()),
        (false, true) if !is_new => Some(NO_SANDBOX.into()),
        _ => None,
    }
}

/// Sees to it that a sandbox server meets a sandbox database and no other.
pub async fn prepare_clock(house: &House) -> Result<(), Failure> {
    let standing = store::clock(house.db.read()).await?;
    if !house.config.sandbox {
        return match standing {
            None => Ok(()),
            Some(_) => Err(A_SANDBOX.into()),
        };
    }
    if let Some(clock) = standing {
        // On SQLite nobody else can be moving the clock: a move that broke off with its server is over.
        let clock = if house.db.is_sqlite() && clock.moving_until.is_some() {
            let by = Context::system("end_broken_move", "start".into());
            release(house, &by, None).await?
        } else {
            clock
        };
        house.world.remember_sandbox(clock);
        return Ok(());
    }
    if !store::is_new(house.db.read()).await? {
        return Err(NO_SANDBOX.into());
    }
    let real = house.world.real_now();
    let start = entity::micros(house.config.sandbox_start.unwrap_or(real));
    let factor = house.config.sandbox_factor;
    let clock = house
        .db
        .transact(move |tx| async move {
            let row = sandbox_clock::Model { id: 1, base_sandbox: start, base_real: real, factor, moving_until: None };
            db::insert_if_absent(&*tx, row).await?;
            Ok(Ending::Commit(store::clock(&*tx).await?.ok_or(Code::Internal)?))
        })
        .await?;
    house.world.remember_sandbox(clock);
    Ok(())
}

/// The address of a sandbox's own staff account.
pub fn staff_email(role: StaffRole) -> String {
    format!("{}@sandbox.example", role.code().replace('_', "-"))
}

/// The secret of a sandbox officer's authenticator: whoever knows the sandbox's password can compute it.
pub fn secret(email: &str, password: &str) -> [u8; SECRET_BYTES] {
    let hash = sha256(format!("zhepai-sandbox/{email}/{password}").as_bytes());
    hash.first_chunk().copied().unwrap_or_default()
}

/// Gives a new sandbox one account for every staff role, so that it can be used at once.
pub async fn ensure_staff(house: &House) -> Result<(), Problem> {
    let hash = house.passwords.hash(&house.config.sandbox_staff_password).await?;
    let by = Context::system("ensure_sandbox_staff", "start".into());
    house
        .write(&by, hash, |tx, hash| async move {
            tx.nothing_changed();
            if tx.conn().get_database_backend() == sea_orm::DatabaseBackend::Postgres {
                // Servers starting together make the accounts once.
                tx.conn().execute_unprepared("SELECT pg_advisory_xact_lock(7402004)").await?;
            }
            if !store::is_new(tx.conn()).await? {
                return Ok(());
            }
            for role in StaffRole::ALL {
                let person = register_within(&tx, &staff_email(*role), &format!("沙盒 {}", role.code()), hash.clone(), None).await?;
                appoint_within(&tx, person.id, *role).await?;
                give_within(&tx, person.id, &secret(&staff_email(*role), &tx.house.config.sandbox_staff_password)).await?;
            }
            Ok(())
        })
        .await
        .map(|_| ())
}

/// How to set the clock.
#[derive(Clone, Copy, Debug)]
pub enum Setting {
    /// Move on to an instant, doing everything due on the way.
    To(Timestamp),
    /// Run so many times as fast; 0 stands still.
    Factor(i64),
}

/// Sets the clock. Returns when everything due on the way, and all that followed from it inside the house, is done.
pub async fn set_clock(house: &House, by: &Context, setting: Setting) -> Result<sandbox_clock::Model, Problem> {
    if !house.config.sandbox {
        return Err(Code::SandboxOnly.into());
    }
    let (target, factor) = match setting {
        Setting::Factor(factor) => (None, Some(factor)),
        Setting::To(target) => (Some(target), None),
    };
    let held = begin(house, by, target, factor).await?;
    let target = target.unwrap_or(held.base_sandbox);
    let moved = advance(house, target).await;
    // Whatever happened on the way, the clock must not stay held.
    let reached = if moved.is_ok() { Some(target) } else { None };
    let clock = release(house, by, reached).await?;
    moved?;
    Ok(clock)
}

/// Takes the clock: where it stands now becomes its base.
async fn begin(house: &House, by: &Context, target: Option<Timestamp>, factor: Option<i64>) -> Result<sandbox_clock::Model, Problem> {
    let done = house
        .write(by, (target, factor), |tx: Tx, (target, factor)| async move {
            let held = store::hold_clock(tx.conn()).await?.ok_or(Code::SandboxOnly)?;
            let real = tx.house.world.real_now();
            if held.moving_until.is_some_and(|until| until > real) {
                return Err(Code::InFlight.into());
            }
            let now = sandbox_time(&held, real);
            if target.is_some_and(|target| target < now) {
                return Err(Code::ClockBackwards.with("now", now));
            }
            let next = sandbox_clock::Model {
                base_sandbox: now,
                base_real: real,
                factor: factor.unwrap_or(held.factor),
                moving_until: Some(real + LONGEST_MOVE),
                ..held.clone()
            };
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("sandbox_clock", uuid::Uuid::nil(), Some(&held), Some(&next));
            Ok(next)
        })
        .await?;
    house.world.remember_sandbox(done.value.clone());
    Ok(done.value)
}

/// Fires every timer due by the target, in order, each seeing the time it was due.
async fn advance(house: &House, target: Timestamp) -> Result<(), Problem> {
    loop {
        clockwork::settle(house).await?;
        let next = timers::next_due(house.db.read(), None).await?;
        let Some(due) = next.filter(|due| *due <= target) else {
            // The inboxes are filled when the move is answered; webhooks follow in real time.
            return notifications::flows::tell_all(house).await;
        };
        stand_at(house, due).await?;
        clockwork::fire_one(house, Some(due)).await?;
    }
}

/// Puts the held clock to an instant; never back.
async fn stand_at(house: &House, at: Timestamp) -> Result<(), Problem> {
    let real = house.world.real_now();
    let clock = house
        .db
        .transact(move |tx| async move {
            let held = store::hold_clock(&*tx).await?.ok_or(Code::SandboxOnly)?;
            let next = sandbox_clock::Model { base_sandbox: held.base_sandbox.max(at), moving_until: Some(real + LONGEST_MOVE), ..held };
            db::update(&*tx, next.clone()).await?;
            Ok(Ending::Commit(next))
        })
        .await?;
    house.world.remember_sandbox(clock);
    Ok(())
}

/// Lets the clock go from where it is, or from the target if everything on the way was done.
async fn release(house: &House, by: &Context, reached: Option<Timestamp>) -> Result<sandbox_clock::Model, Problem> {
    let clock = house
        .write(by, reached, |tx: Tx, reached| async move {
            let held = store::hold_clock(tx.conn()).await?.ok_or(Code::SandboxOnly)?;
            let base = reached.map_or(held.base_sandbox, |to| to.max(held.base_sandbox));
            let real = tx.house.world.real_now();
            let next = sandbox_clock::Model { base_sandbox: base, base_real: real, moving_until: None, ..held.clone() };
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("sandbox_clock", uuid::Uuid::nil(), Some(&held), Some(&next));
            Ok(next)
        })
        .await?
        .value;
    house.world.remember_sandbox(clock.clone());
    Ok(clock)
}
