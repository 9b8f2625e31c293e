//! Letters: written in the transaction that causes them, handed in at the post afterwards.
//!
//! To whom a letter goes and what it says is sealed as long as it waits, and erased once it is sent or
//! given up. A letter on its way is not taken a second time for some minutes, so a server that dies in the
//! middle can double one letter at most; both bear the same Message-ID.

use std::time::Duration;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::MailId;
use entity::notifications::{MailState, mail};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::house::House;
use crate::platform::config::{Config, ConfigError, Registration};
use crate::platform::db::{self, Ending};
use crate::platform::keys::Keys;
use crate::platform::problem::{Code, Problem};

/// How often the letter box is looked into.
const POLL: Duration = Duration::from_secs(1);
/// How long handing in may take.
const LONGEST: Duration = Duration::from_secs(30);
/// What a server says of a letter that no later try will mend: its address or its content, not how we are let in.
const HOPELESS: [&str; 4] = ["550", "551", "552", "553"];
/// How long a letter that was taken out is left alone.
const TAKEN: TimeDelta = TimeDelta::minutes(5);
/// How often a letter is tried: the waits double from a minute to six hours, so for about two days.
const ATTEMPTS: i32 = 16;

/// What is sent to the address that stops letters by a program that reads mail.
pub const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// A letter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Letter {
    /// The address.
    pub to: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub text: String,
}

/// Hands letters in at the post.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    public: Option<String>,
}

impl Mailer {
    /// As it is set up; nothing, if it is not.
    pub fn open(config: &Config) -> Result<Option<Self>, ConfigError> {
        let public = config.public_base()?;
        let Some(url) = &config.smtp_url else {
            return match config.registration_in_force() {
                Registration::Open => Ok(None),
                Registration::ByLetter => Err(ConfigError::Wrong(
                    "accounts.registration = \"by_letter\" needs smtp_url: without letters nobody can register".into(),
                )),
            };
        };
        let wrong = |what: &str| ConfigError::Wrong(format!("{what}; the address is not shown, since it may hold a password"));
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| wrong("smtp_url is no SMTP address"))?;
        let from = config.mail_from.as_deref().and_then(|from| from.parse().ok());
        let from = from.ok_or_else(|| wrong("mail_from must be a mail address where smtp_url is set"))?;
        Ok(Some(Self { transport: transport.timeout(Some(LONGEST)).build(), from, public }))
    }

    /// Where the platform is reached from outside, if that is known: letters that can be stopped need it.
    pub fn public(&self) -> Option<&str> {
        self.public.as_deref()
    }

    /// Hands a letter in under an id that is the same for every try, with the address that stops letters like it, if there
    /// is one (RFC 2369, 8058); tells whether trying again makes sense if that fails.
    pub async fn send(&self, id: Uuid, letter: &Letter, stop: Option<&str>) -> Result<(), Failure> {
        let to: Mailbox = letter.to.parse().map_err(|_| Failure::ForGood)?;
        let known_as = format!("<{id}@{}>", self.from.email.domain());
        let message = Message::builder().from(self.from.clone()).to(to).subject(letter.subject.as_str());
        let mut message = message.message_id(Some(known_as)).header(ContentType::TEXT_PLAIN);
        if let Some(stop) = stop {
            let headers = [
                (HeaderName::new_from_ascii_str("List-Unsubscribe"), format!("<{stop}>")),
                (HeaderName::new_from_ascii_str("List-Unsubscribe-Post"), ONE_CLICK.to_owned()),
                (HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()),
            ];
            for (name, value) in headers {
                message = message.raw_header(HeaderValue::new(name, value));
            }
        }
        let message = message.body(letter.text.clone()).map_err(|_| Failure::ForGood)?;
        let Ok(handed_in) = tokio::time::timeout(LONGEST * 2, self.transport.send(message)).await else { return Err(Failure::ForNow) };
        match handed_in {
            Ok(_) => Ok(()),
            // What the server says may name the address, so only its code is logged.
            Err(error) => {
                let code = error.status().map(|code| code.to_string());
                tracing::warn!(code, "a letter was not taken");
                Err(if code.is_some_and(|code| HOPELESS.contains(&code.as_str())) { Failure::ForGood } else { Failure::ForNow })
            }
        }
    }
}

/// Why a letter was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may be later.
    ForNow,
    /// It never will be.
    ForGood,
}

/// What a sealed letter belongs to.
fn belongs_to(id: MailId) -> Vec<u8> {
    [b"mail/".as_slice(), id.0.as_bytes()].concat()
}

/// Writes a letter on the running transaction.
pub async fn write(
    db: &impl ConnectionTrait,
    keys: &Keys,
    id: MailId,
    nonce: [u8; 24],
    reason: &str,
    letter: &Letter,
    real: Timestamp,
) -> Result<(), Problem> {
    let plain = serde_json::to_vec(letter).map_err(|_| Code::Internal)?;
    let sealed = keys.seal(&belongs_to(id), nonce, &plain).map_err(|_| Code::Internal)?;
    let row = mail::Model {
        id,
        reason: reason.into(),
        letter_sealed: Some(sealed),
        state: MailState::Pending,
        attempts: 0,
        next_attempt_at: real,
        created_at: real,
        ended_at: None,
    };
    Ok(db::insert(db, row).await?)
}

/// Hands in what waits, until the house closes.
pub async fn run(house: House) {
    if house.mailer.is_none() {
        return;
    }
    while !house.stop.is_cancelled() {
        match send_one(&house).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(problem) => tracing::warn!(%problem, "letters wait"),
        }
        tokio::select! {
            () = house.stop.cancelled() => break,
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Hands in the first letter that is due; tells whether there was one.
async fn send_one(house: &House) -> Result<bool, Problem> {
    let (Some(mailer), Some(taken)) = (&house.mailer, take(house).await?) else { return Ok(false) };
    let sealed = taken.letter_sealed.as_deref().unwrap_or_default();
    let letter = house.keys.open(&belongs_to(taken.id), sealed).ok().and_then(|plain| serde_json::from_slice::<Letter>(&plain).ok());
    let outcome = match letter {
        Some(letter) => mailer.send(taken.id.into(), &letter, None).await,
        None => Err(Failure::ForGood),
    };
    tracing::info!(mail = %taken.id, reason = taken.reason, attempt = taken.attempts, ?outcome, "a letter was handed in");
    let next = after_attempt(&taken, outcome, house.world.real_now());
    house
        .db
        .transact(move |tx| {
            let next = next.clone();
            async move {
                let standing = mail::Entity::find_by_id(next.id).lock_exclusive().one(&*tx).await?;
                // Whoever has taken it meanwhile answers for it.
                if standing.is_some_and(|row| row.state == MailState::Pending && row.attempts == next.attempts) {
                    db::update(&*tx, next).await?;
                }
                Ok(Ending::Commit(()))
            }
        })
        .await?;
    Ok(true)
}

/// Takes the first letter that is due, so that nobody else does for a while.
async fn take(house: &House) -> Result<Option<mail::Model>, Problem> {
    let real = house.world.real_now();
    let due = || mail::Entity::find().filter(mail::Column::State.eq(MailState::Pending)).filter(mail::Column::NextAttemptAt.lte(real));
    if due().limit(1).one(house.db.read()).await?.is_none() {
        return Ok(None);
    }
    house
        .db
        .transact(move |tx| async move {
            let found = mail::Entity::find()
                .filter(mail::Column::State.eq(MailState::Pending))
                .filter(mail::Column::NextAttemptAt.lte(real))
                .order_by_asc(mail::Column::NextAttemptAt)
                .order_by_asc(mail::Column::Id)
                .limit(1)
                .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
                .one(&*tx)
                .await?;
            let Some(found) = found else { return Ok(Ending::Rollback(None)) };
            let taken = mail::Model { attempts: found.attempts + 1, next_attempt_at: real + TAKEN, ..found };
            db::update(&*tx, taken.clone()).await?;
            Ok(Ending::Commit(Some(taken)))
        })
        .await
}

/// How long a letter waits after so many tries: a minute, then twice as long each time, six hours at most.
pub fn wait_after(attempts: i32) -> TimeDelta {
    TimeDelta::minutes(1_i64 << attempts.clamp(1, 10).saturating_sub(1)).min(TimeDelta::hours(6))
}

/// The letter as an attempt leaves it: erased once there is no more to do.
fn after_attempt(taken: &mail::Model, outcome: Result<(), Failure>, real: Timestamp) -> mail::Model {
    let ended = |state| mail::Model { state, letter_sealed: None, ended_at: Some(real), ..taken.clone() };
    match outcome {
        Ok(()) => ended(MailState::Sent),
        Err(Failure::ForNow) if taken.attempts < ATTEMPTS => {
            mail::Model { next_attempt_at: real + wait_after(taken.attempts), ..taken.clone() }
        }
        Err(_) => ended(MailState::GivenUp),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;
    use crate::platform::config::AccountConfig;

    fn taken(attempts: i32) -> mail::Model {
        let at = Utc.with_ymd_and_hms(2026, 3, 2, 12, 0, 0).unwrap();
        mail::Model {
            id: Uuid::from_u128(1).into(),
            reason: "invitation".into(),
            letter_sealed: Some(vec![1]),
            state: MailState::Pending,
            attempts,
            next_attempt_at: at,
            created_at: at,
            ended_at: None,
        }
    }

    #[test]
    fn a_letter_is_erased_once_there_is_no_more_to_do() {
        let real = taken(1).created_at;
        let sent = after_attempt(&taken(1), Ok(()), real);
        assert_eq!((sent.state, sent.letter_sealed, sent.ended_at), (MailState::Sent, None, Some(real)));
        let never = after_attempt(&taken(1), Err(Failure::ForGood), real);
        assert_eq!((never.state, never.letter_sealed), (MailState::GivenUp, None));
    }

    #[test]
    fn a_letter_is_tried_for_two_days() {
        let begun = taken(1).created_at;
        let (mut real, mut row) = (begun, taken(1));
        while row.state == MailState::Pending {
            row = after_attempt(&row, Err(Failure::ForNow), real);
            real = row.next_attempt_at.max(real);
            row.attempts += 1;
        }
        let days = real - begun;
        assert!(days > TimeDelta::days(1) && days < TimeDelta::days(3), "{days}");
    }

    #[test]
    fn the_post_is_set_up_whole_or_not_at_all() {
        assert!(Mailer::open(&Config::default()).unwrap().is_none());
        let half = Config { smtp_url: Some("smtp://127.0.0.1:25".into()), ..Config::default() };
        assert!(Mailer::open(&half).is_err());
        let accounts = AccountConfig { registration: Some(Registration::ByLetter) };
        assert!(Mailer::open(&Config { accounts, ..Config::default() }).is_err());
        let bad = Config { smtp_url: Some("ftp://user:secret@host".into()), mail_from: Some("a@b.example".into()), ..Config::default() };
        assert!(!Mailer::open(&bad).err().unwrap().to_string().contains("secret"));
    }
}
