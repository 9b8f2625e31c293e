//! What any good service keeps: the sandbox clock, idempotency records, events, timers and the audit trail.

use crate::Timestamp;
use crate::ids::{EventId, OrganisationId, OutageId, PersonId, TimerId};

codes! {
    /// What an audit row tells of.
    AuditOutcome {
        /// Something was changed.
        Changed,
        /// A caller was refused the right to do or see something.
        Denied,
    }
}

table! {
    /// Sandbox time: one row. Now = `base_sandbox` + `factor` × (real − `base_real`).
    sandbox_clock "sandbox_clock" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub base_sandbox: Timestamp,
        pub base_real: Timestamp,
        /// How many times faster than real time; 0 stands still.
        pub factor: i64,
        /// While a move is under way (until this real time at most) the clock stands for everybody else.
        pub moving_until: Option<Timestamp>,
    }
}

table! {
    /// When the market was last known to run: some server reached the database.
    heartbeat "heartbeat" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub real_at: Timestamp,
        /// The market's time then.
        pub market_at: Timestamp,
    }
}

table! {
    /// A time in which no server ran, or none reached the database; the market's time.
    outage "outage" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: OutageId,
        pub began_at: Timestamp,
        pub ended_at: Timestamp,
        /// When it was noted, real time.
        pub noted_at: Timestamp,
    }
}

table! {
    /// One unsafe call and what came of it, written in the transaction of its effect.
    idempotency "idempotency" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub principal: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub operation: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub fingerprint: Vec<u8>,
        /// The flow's outcome as JSON; the answer is rendered from it again.
        pub outcome: Option<String>,
        pub created_at: Timestamp,
    }
}

table! {
    /// An event, written in the transaction that causes it; its position is given afterwards.
    event "event" {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub id: EventId,
        pub kind: String,
        pub subject_kind: String,
        pub subject_id: Uuid,
        pub body: String,
        pub occurred_at: Timestamp,
        pub position: Option<i64>,
    }
}

table! {
    /// How far a reader of the events has come.
    event_cursor "event_cursor" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub consumer: String,
        pub position: i64,
    }
}

table! {
    /// Something to be done at a time, once.
    timer "timer" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: TimerId,
        pub kind: String,
        pub subject_id: Uuid,
        pub due_at: Timestamp,
        pub fired_at: Option<Timestamp>,
        pub attempts: i32,
        /// Real time before which a failed timer is not tried again.
        pub retry_at: Option<Timestamp>,
        pub last_error: Option<String>,
    }
}

table! {
    /// The audit trail: who did what to what; position and chain hash are given afterwards.
    audit "audit" {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub at: Timestamp,
        pub person_id: Option<PersonId>,
        pub organisation_id: Option<OrganisationId>,
        pub role: Option<String>,
        pub operation: String,
        pub object_kind: String,
        pub object_id: Option<Uuid>,
        pub outcome: AuditOutcome,
        pub before_hash: Option<Vec<u8>>,
        pub after_hash: Option<Vec<u8>>,
        pub detail: Option<String>,
        pub request_id: String,
        /// The network the call came from; none where the platform itself acted, and in rows from before it was kept.
        pub network: Option<String>,
        pub position: Option<i64>,
        pub hash: Option<Vec<u8>>,
        /// What it waits for, to be told of only then: as long as that is so, it has no position.
        pub withheld_with: Option<Uuid>,
    }
}

table! {
    /// A sealed stretch of the audit trail; once removed, its last hash still links what follows.
    audit_segment "audit_segment" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub last_position: i64,
        pub first_position: i64,
        pub first_previous_hash: Vec<u8>,
        pub last_hash: Vec<u8>,
        pub last_at: Timestamp,
        pub sealed_at: Timestamp,
        pub removed_at: Option<Timestamp>,
    }
}

table! {
    /// A key personal data is sealed under.
    data_key "data_key" {
        #[sea_orm(primary_key, auto_increment = false)]
        pub generation: i64,
        /// The key, sealed under the master key; none once it is destroyed.
        #[serde(skip)]
        pub key_sealed: Option<Vec<u8>>,
        /// From when it seals.
        pub seals_from: Timestamp,
        pub made_by: Option<PersonId>,
        pub created_at: Timestamp,
        pub destroyed_at: Option<Timestamp>,
    }
}
