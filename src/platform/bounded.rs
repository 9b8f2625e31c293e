//! Work that keeps a processor busy: off the async threads, and a few at a time.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::platform::problem::{Code, Problem};

/// Room for so much of it at once, and for so much that waits.
#[derive(Clone)]
pub struct Bounded {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Bounded {
    /// With room for so many at once, at least one, and as many more that wait.
    pub fn new(at_once: usize, waiting: usize) -> Self {
        let at_once = at_once.max(1);
        Self { running: Arc::new(Semaphore::new(at_once)), waiting: Arc::new(Semaphore::new(waiting + at_once)) }
    }

    /// Runs the work on a blocking thread, or says busy when too many wait already.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _place = self.waiting.clone().try_acquire_owned().map_err(|_| Problem::from(Code::Busy))?;
        let turn = self.running.clone().acquire_owned().await.map_err(|_| Problem::from(Code::Busy))?;
        tokio::task::spawn_blocking(move || {
            let out = work();
            drop(turn);
            out
        })
        .await
        .map_err(|_| Code::Internal.into())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_queue_that_is_full_is_said_so_at_once() {
        let bounded = Bounded::new(0, 0);
        assert_eq!(bounded.run(|| 7).await.unwrap(), 7, "there is room for one at least");
        let _running = bounded.waiting.clone().acquire_owned().await.unwrap();
        assert_eq!(bounded.run(|| 7).await.unwrap_err().code, Code::Busy);
    }
}
