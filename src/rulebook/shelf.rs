//! The edition in force at this server, kept in memory.

use std::sync::{Arc, RwLock};

use super::rules::{Calendar, Rulebook};

/// One edition, ready to be asked.
#[derive(Debug)]
pub struct Edition {
    /// Parameters and redaction policy.
    pub rulebook: Rulebook,
    /// Holidays and make-up working days.
    pub calendar: Calendar,
}

/// Where the edition stands.
pub struct Shelf(RwLock<Option<Arc<Edition>>>);

impl Shelf {
    /// Nothing loaded yet.
    pub fn empty() -> Self {
        Self(RwLock::new(None))
    }

    /// The edition in force. The server loads one before it serves anything.
    pub fn current(&self) -> Arc<Edition> {
        match self.0.read().map(|shelf| shelf.clone()) {
            Ok(Some(edition)) => edition,
            _ => unreachable!("the house opens only with a rulebook"),
        }
    }

    /// Puts an edition in force.
    pub fn put(&self, edition: Edition) {
        if let Ok(mut shelf) = self.0.write() {
            *shelf = Some(Arc::new(edition));
        }
    }
}
