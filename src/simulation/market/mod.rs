//! A whole market simulated from a seed: several servers over one database, lots of every format, bidders who ask for nonsense,
//! repeat themselves and come late, crashes around every commit. The rules and the flows are those of a real server.
//!
//! One step is one flow, one crowd of requests at one server, or one run of a timer, alone and to its end; what is open
//! is only the order of steps, and what goes wrong in them. Time and randomness come from the seed, so that it gives the same run
//! again, event for event. Afterwards everything that was promised is held against what is stored.

mod bidding;
mod check;
mod deeds;
mod ground;
mod lots;
mod run;
mod servers;
mod setting;
mod wishes;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

pub use ground::Ground;
pub use run::{Options, Report, run};

use crate::platform::world::World;

/// What a simulation may fail with: a promise that was broken, or that it could not be run.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What the choices of a run are drawn from. Not what the servers draw from, so that they may draw more without the run
/// being another.
struct Dice(World);

impl Dice {
    /// A number below another.
    fn below(&self, limit: u64) -> u64 {
        u64::from_be_bytes(self.0.random()) % limit.max(1)
    }

    /// As [`below`](Self::below), for amounts and lengths.
    fn up_to(&self, limit: u32) -> i64 {
        i64::try_from(self.below(u64::from(limit) + 1)).unwrap_or_default()
    }

    /// One of so many.
    fn index(&self, of: usize) -> usize {
        usize::try_from(self.below(of as u64)).unwrap_or_default()
    }

    /// Whether what happens once in so many times happens now.
    fn once_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }
}
