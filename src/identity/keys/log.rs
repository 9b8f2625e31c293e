//! What was called with keys: noted in memory as it happens, written down a moment later, many at a time, so
//! that no call waits for it. What a server that breaks off had not written yet is in the server's own log.

use std::sync::{Mutex, PoisonError};

use entity::identity::key_call;

/// Most calls that wait to be written down; more are counted and let go.
const MOST: usize = 20_000;

/// Calls that wait to be written down.
#[derive(Default)]
pub struct KeyLog(Mutex<Vec<key_call::Model>>);

impl KeyLog {
    /// Notes a call.
    pub fn note(&self, call: key_call::Model) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.push(call);
        } else {
            metrics::counter!("zhepai_key_calls_dropped_total").increment(1);
        }
    }

    /// Takes everything that waits.
    pub fn take(&self) -> Vec<key_call::Model> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
