//! The feed of the market as server-sent events: the position of an event is its id, so a watcher resumes without gap or double, at
//! whichever server.

use std::collections::VecDeque;

use actix_web::web::Bytes;
use serde_json::json;
use tokio::sync::watch;

use super::feed::{Frame, Heard, Seat, Step};
use super::rules::Wanted;
use crate::house::House;
use crate::platform::access::Context;
use crate::platform::http::answer::Answer;
use crate::platform::http::feed::{self, Fate, Place, Unsaid, Watched};
use crate::platform::outbox;
use crate::platform::problem::Problem;

/// The answer that tells the events after a position, or from now on, and all that follow.
pub async fn answer(house: &House, by: &Context, wanted: Wanted, seen: Option<i64>) -> Answer {
    let place = Place::take(house, &by.caller, by.address, None)?;
    let seat = Seat::take(house);
    let (after, first) = match seen {
        Some(after) => (after, None),
        None => begin(house).await.map(|(after, first)| (after, Some(first)))?,
    };
    let market =
        Market { news: seat.feed().news(), seat, wanted, heard: Heard { after, joined: None }, found: VecDeque::new(), goes_on: false };
    Ok(feed::answer(house.clone(), place, first, market))
}

/// Where somebody begins who has seen nothing, and what he is told first. Its id is the last event that is public, so that it says
/// nothing of what happened since.
async fn begin(house: &House) -> Result<(i64, Bytes), Problem> {
    let after = outbox::last_position(house.db.read()).await?;
    let id = house.market.last_open(house, after).await?;
    let said = json!({"server_time": house.world.now()});
    Ok((after, Bytes::from(format!("id: {id}\nevent: begin\ndata: {said}\n\n"))))
}

/// The market as somebody watches it.
struct Market {
    seat: Seat,
    news: watch::Receiver<()>,
    wanted: Wanted,
    /// How far he is told once all that was found is said.
    heard: Heard,
    found: VecDeque<Frame>,
    /// There may be more to find at once.
    goes_on: bool,
}

impl Watched for Market {
    async fn look(&mut self, house: &House) -> Result<Fate, Problem> {
        if !self.found.is_empty() {
            return Ok(Fate::GoesOn);
        }
        self.goes_on = false;
        // Mark before looking, so that a change in between is not missed.
        self.news.borrow_and_update();
        let feed = self.seat.feed();
        match feed.next(self.heard, &self.wanted) {
            Step::Wait(heard) => self.heard = heard,
            Step::Take(frame, heard) => {
                self.heard = heard;
                self.found.push_back(frame);
            }
            Step::CatchUp if house.stop.is_cancelled() => return Ok(Fate::Dismissed),
            Step::CatchUp => {
                let Some(page) = Box::pin(feed.page(house, self.heard.after)).await? else { return Ok(Fate::GoesOn) };
                // Who has read a page is as far as if he had just come: what he was behind is behind him.
                self.heard = Heard { after: page.up_to, joined: None };
                self.found.extend(page.frames.iter().filter(|frame| self.wanted.has(frame.kind)).cloned());
                self.goes_on = true;
            }
            Step::Cut => {
                tracing::debug!("a watcher of the market who reads too slowly is cut");
                return Ok(Fate::Dismissed);
            }
        }
        Ok(Fate::GoesOn)
    }

    fn say(&mut self) -> Option<Unsaid> {
        self.found.pop_front().map(|frame| Unsaid::of(frame.text))
    }

    fn is_over(&self) -> bool {
        false
    }

    async fn changed(&mut self) {
        if !self.goes_on {
            let _ = self.news.changed().await;
        }
    }
}
