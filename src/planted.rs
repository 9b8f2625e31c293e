//! Faults planted to prove the tests: each must turn a test red. They are in programs built with the feature `planted` alone, of which
//! one is chosen at the start; in any other there is none.

/// A fault; its number is that of the list of what tests must find.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// A deed is acknowledged before it is committed.
    AcknowledgedBeforeCommit = 1,
    /// Lots that are bid for are not held.
    LotsNotHeld = 2,
    /// An idempotency key is everybody's.
    EverybodysKey = 5,
    /// A timer closes a lot whatever became of it since it was armed.
    ClosedByAnOldTimer = 6,
    /// What is late is judged by the server's own clock.
    OwnClock = 7,
    /// An extension is counted from the old end.
    ExtendedFromTheOldEnd = 8,
    /// A transaction is begun under a limit of time, and what was begun is left behind.
    BegunUnderALimit = 9,
    /// Watchers are told before the commit.
    ToldBeforeCommit = 10,
    /// A lot tells how many have sealed a bid.
    SealedCounted = 14,
}

/// Whether a fault is planted.
#[cfg(not(feature = "planted"))]
pub const fn is(_: Fault) -> bool {
    false
}

/// Whether a fault is planted: `ZHEPAI_TEST_PLANTED_FAULT` has its number.
#[cfg(feature = "planted")]
pub fn is(fault: Fault) -> bool {
    static CHOSEN: std::sync::LazyLock<Option<u8>> =
        std::sync::LazyLock::new(|| std::env::var("ZHEPAI_TEST_PLANTED_FAULT").ok().and_then(|number| number.parse().ok()));
    *CHOSEN == Some(fault as u8)
}
