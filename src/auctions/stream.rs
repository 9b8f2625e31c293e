//! Feeds of lots as server-sent events: the sequence is the id, so a watcher resumes without gap or double.
//!
//! A stream may tell of several lots. Its id is then the sequence of each, in the order of the lots,
//! joined by dots: whoever comes back with it has lost nothing of any.

use std::sync::Arc;

use actix_web::web::Bytes;
use entity::ids::LotId;
use serde::Serialize;
use tokio::time::Instant;

use super::feed::{Frame, Seat, Step};
use crate::house::House;
use crate::platform::access::Context;
use crate::platform::http::answer::Answer;
use crate::platform::http::feed::{self, Ear, Fate, Place, Rest, Unsaid, Watched};
use crate::platform::http::wire::Outlet;
use crate::platform::problem::Problem;

/// How far the log of a lot is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The lot.
    pub lot: LotId,
    /// Number of its last event seen.
    pub after: i64,
}

/// The answer that tells the events of lots after those known, and all that follow, until every lot has ended. What is to be
/// said before them is given as it goes over the wire.
pub fn answer(house: &House, by: &Context, outlet: Option<Arc<Outlet>>, known: &[Known], first: Option<Bytes>) -> Answer {
    let place = Place::take(house, &by.caller, by.address, outlet)?;
    let ear = place.ear();
    let ids: Vec<_> = known.iter().map(|one| one.lot).collect();
    let seats = house.live.watch(house, &ids, &ear);
    let lots = known.iter().zip(seats).map(|(known, seat)| Told { seat, after: known.after, joined: None, next: None, ended: false });
    Ok(feed::answer(house.clone(), place, first, Lots { told: lots.collect(), ear }))
}

/// How everything stands, as it goes over the wire before all else.
pub fn snapshot(known: &[Known], said: &impl Serialize) -> Bytes {
    let id = id_line(known.iter().map(|one| one.after));
    Bytes::from(format!("{id}event: snapshot\ndata: {}\n\n", serde_json::to_string(said).unwrap_or_default()))
}

/// How far each lot is told.
fn id_line(numbers: impl Iterator<Item = i64>) -> String {
    let numbers: Vec<_> = numbers.map(|number| number.to_string()).collect();
    format!("id: {}\n", numbers.join("."))
}

/// A lot that is told of.
struct Told {
    seat: Seat,
    /// Number of the last event told.
    after: i64,
    /// At how many steps of the feed that was; none before it told something.
    joined: Option<u64>,
    /// What is to be told next.
    next: Option<Frame>,
    /// Nothing comes after that.
    ended: bool,
}

/// The lots somebody watches.
struct Lots {
    told: Vec<Told>,
    ear: Arc<Ear>,
}

impl Watched for Lots {
    async fn look(&mut self, house: &House) -> Result<Fate, Problem> {
        for told in self.told.iter_mut().filter(|told| told.next.is_none() && !told.ended) {
            let feed = told.seat.feed();
            let found = match feed.next(told.after, told.joined) {
                Step::Wait(joined) => {
                    told.joined = joined;
                    continue;
                }
                Step::Ended => {
                    told.ended = true;
                    continue;
                }
                Step::Cut => {
                    tracing::debug!(lot = %feed.lot(), "a watcher who reads too slowly is cut");
                    return Ok(Fate::Dismissed);
                }
                Step::Broken => return Ok(Fate::Dismissed),
                Step::Take(frame, number) => Some((frame, number)),
                // Boxed, so that each watcher need not keep room for it all the time.
                Step::CatchUp => Box::pin(feed.catch_up(house, told.after)).await?,
            };
            if let Some((frame, number)) = found {
                (told.next, told.joined) = (Some(frame), Some(number));
            }
        }
        Ok(Fate::GoesOn)
    }

    /// Of the lot in which something happened first.
    fn say(&mut self) -> Option<Unsaid> {
        let waiting = self.told.iter_mut().filter(|told| told.next.is_some());
        let told = waiting.min_by_key(|told| told.next.as_ref().map(|frame| frame.at))?;
        let frame = told.next.take()?;
        told.after = frame.seq;
        if self.told.len() == 1 {
            return Some(Unsaid::of(frame.whole()));
        }
        let id = id_line(self.told.iter().map(|told| told.after));
        Some(Unsaid::under(Bytes::from(id), frame.unnamed()))
    }

    fn is_over(&self) -> bool {
        self.told.iter().all(|told| told.ended)
    }

    async fn changed(&mut self) {
        self.ear.rung().await;
    }

    /// Of one lot: the id of a step names all that are watched.
    fn rest(&mut self, may_until: Option<Instant>) {
        if let [Told { after, joined: Some(joined), .. }] = self.told.as_slice() {
            self.ear.rest(Rest { after: *after, joined: *joined, may_until, told_at: None });
        }
    }

    fn wake(&mut self) -> Option<Instant> {
        let rest = self.ear.wake()?;
        for told in &mut self.told {
            (told.after, told.joined) = (rest.after, Some(rest.joined));
        }
        rest.told_at
    }
}
