//! When the period of a notice is over: reckoned whenever it is asked, and looked at when it is due.

use std::collections::HashMap;

use chrono::TimeDelta;
use entity::Timestamp;
use entity::ids::{ListingId, NoticeId};
use entity::notices::{NoticeKind, notice, notice_takedown};
use entity::platform::outage;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::END;
use crate::house::{House, Tx};
use crate::notices::events::NoticeEvent;
use crate::notices::rules::Matter;
use crate::notices::rules::period::{Due, Reckoning, Standing, announced_in_full, due, ended, put_off, standing};
use crate::notices::store;
use crate::platform::db;
use crate::platform::heartbeat;
use crate::platform::problem::{Code, Problem};

/// When it is looked again where an outage is about to be written down.
pub const SOON: TimeDelta = TimeDelta::seconds(10);

/// What the periods of some notices are reckoned with.
pub struct Reckoned {
    away: HashMap<NoticeId, Vec<notice_takedown::Model>>,
    outages: Vec<outage::Model>,
}

impl Reckoned {
    /// Looks it up; nothing has to be where none of them runs for a period.
    pub async fn of(db: &impl ConnectionTrait, notices: &[notice::Model]) -> Result<Self, Problem> {
        let ids: Vec<_> = notices.iter().filter(|notice| notice.published_at.is_some()).map(|notice| notice.id).collect();
        let mut away: HashMap<_, Vec<_>> = HashMap::new();
        for row in store::takedowns(db, ids).await? {
            away.entry(row.notice_id).or_default().push(row);
        }
        let first = notices.iter().filter(|notice| notice.period.is_some()).filter_map(|notice| notice.published_at).min();
        let outages = match first {
            Some(first) => heartbeat::outages_after(db, first).await?,
            None => Vec::new(),
        };
        Ok(Self { away, outages })
    }

    /// The times the page of a notice was away, in order.
    pub fn away(&self, id: NoticeId) -> &[notice_takedown::Model] {
        self.away.get(&id).map_or(&[], Vec::as_slice)
    }

    /// How the period of a notice stands.
    pub fn standing(&self, house: &House, held: &notice::Model, now: Timestamp) -> Result<Option<Standing>, Problem> {
        self.with(house, held.id, now, |by| standing(held, by, now))
    }

    fn due(&self, house: &House, held: &notice::Model, now: Timestamp) -> Result<Due, Problem> {
        self.with(house, held.id, now, |by| due(held, by, now))
    }

    fn with<T>(
        &self,
        house: &House,
        id: NoticeId,
        now: Timestamp,
        question: impl FnOnce(&Reckoning) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let most = house.span("outage_stops_clock", now)?;
        let edition = house.rulebook.current();
        question(&Reckoning { away: self.away(id), outages: &self.outages, most, calendar: &edition.calendar })
    }
}

/// When a public notice is over, as far as is known now.
pub async fn ends_at(house: &House, db: &impl ConnectionTrait, held: &notice::Model, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
    let standing = Reckoned::of(db, std::slice::from_ref(held)).await?.standing(house, held, now)?;
    Ok(standing.map(|standing| standing.deadline.ends_at).or(held.ends_at))
}

/// When bidding about a listing may open, where it must open later than it was told to, as far as is known now: see
/// [`announced_in_full`].
pub async fn opens_later(
    house: &House,
    db: &impl ConnectionTrait,
    listing: ListingId,
    opens_at: Timestamp,
    now: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let Some(held) = store::running_of(db, Matter::Listing(listing), NoticeKind::Auction).await? else { return Ok(None) };
    let reckoned = Reckoned::of(db, std::slice::from_ref(&held)).await?;
    reckoned.with(house, held.id, now, |by| announced_in_full(&held, by, opens_at, now))
}

/// The notices of auctions that run, looked up once with all that their periods are reckoned with.
pub struct AuctionNotices {
    of: HashMap<ListingId, notice::Model>,
    reckoned: Reckoned,
}

impl AuctionNotices {
    /// Looks them up.
    pub async fn running(db: &impl ConnectionTrait) -> Result<Self, Problem> {
        let notices = store::running_of_listings(db, NoticeKind::Auction).await?;
        let reckoned = Reckoned::of(db, &notices).await?;
        let of = notices.into_iter().filter_map(|notice| Some((notice.listing_id?, notice))).collect();
        Ok(Self { of, reckoned })
    }

    /// The listings they are about.
    pub fn listings(&self) -> Vec<ListingId> {
        self.of.keys().copied().collect()
    }

    /// The same as [`opens_later`].
    pub fn opens_later(
        &self,
        house: &House,
        listing: ListingId,
        opens_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Problem> {
        let Some(held) = self.of.get(&listing) else { return Ok(None) };
        self.reckoned.with(house, held.id, now, |by| announced_in_full(held, by, opens_at, now))
    }
}

/// Whether the market stood still until now, which is about to be written down.
pub async fn is_unsettled(tx: &Tx) -> Result<bool, Problem> {
    let last = heartbeat::last(tx.conn()).await?;
    Ok(last.is_some_and(|last| tx.house.world.real_now() - last >= heartbeat::LEAST_NOTED))
}

/// The timer `notices.end`: the period of a notice is over, unless days of it did not count.
pub async fn on_end(tx: &Tx, subject: Uuid) -> Result<(), Problem> {
    let Some(held) = store::hold(tx.conn(), subject.into()).await? else {
        return Ok(());
    };
    // An outage that is not written down yet may be the reason that nobody looked before.
    if is_unsettled(tx).await? {
        tx.nothing_changed();
        tx.arm(END, held.id, tx.now + SOON);
        return Ok(());
    }
    let reckoned = Reckoned::of(tx.conn(), std::slice::from_ref(&held)).await?;
    match reckoned.due(&tx.house, &held, tx.now)? {
        Due::Over(next) => {
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("notice", next.id, Some(&held), Some(&next));
            tx.publish(&NoticeEvent::ended(&next))
        }
        Due::Later(next, again) => {
            tx.arm(END, held.id, again);
            if next == held {
                tx.nothing_changed();
                return Ok(());
            }
            db::update(tx.conn(), next.clone()).await?;
            tx.changed("notice", next.id, Some(&held), Some(&next));
            tx.publish(&NoticeEvent::put_off(&next))
        }
        Due::Nothing => {
            tx.nothing_changed();
            Ok(())
        }
    }
}

/// Puts the end of a notice off to that of what it announces, which is later than was told. What has ended stays so.
pub async fn put_off_within(tx: &Tx, id: NoticeId, ends_at: Timestamp) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let Some(next) = put_off(&held, ends_at, tx.now)? else { return Ok(()) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", id, Some(&held), Some(&next));
    tx.arm(END, id, ends_at);
    tx.publish(&NoticeEvent::put_off(&next))
}

/// Ends a notice with what it announces; harmless where it runs no more.
pub async fn end_within(tx: &Tx, id: NoticeId) -> Result<(), Problem> {
    let held = store::hold(tx.conn(), id).await?.ok_or(Code::Internal)?;
    let Some(next) = ended(&held, tx.now)? else { return Ok(()) };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", id, Some(&held), Some(&next));
    tx.publish(&NoticeEvent::ended(&next))
}

/// Writes down a notice whose page is back, with the end it has now, at which it is looked at again; at once where that has passed.
pub(super) async fn look_again(tx: &Tx, held: &notice::Model, back: notice::Model) -> Result<notice::Model, Problem> {
    let reckoned = Reckoned::of(tx.conn(), std::slice::from_ref(&back)).await?;
    let next = match reckoned.due(&tx.house, &back, tx.now)? {
        Due::Later(next, again) => {
            tx.arm(END, back.id, again);
            notice::Model { version: back.version, ..next }
        }
        Due::Over(next) => {
            tx.arm(END, back.id, tx.now);
            notice::Model { state: back.state, version: back.version, ..next }
        }
        Due::Nothing => back,
    };
    db::update(tx.conn(), next.clone()).await?;
    tx.changed("notice", next.id, Some(held), Some(&next));
    Ok(next)
}
