CREATE TABLE sandbox_clock (
  id smallint NOT NULL CONSTRAINT pk_sandbox_clock PRIMARY KEY CONSTRAINT ck_sandbox_clock_one CHECK (id = 1),
  base_sandbox {ts} NOT NULL,
  base_real {ts} NOT NULL,
  factor bigint NOT NULL CONSTRAINT ck_sandbox_clock_factor CHECK (factor BETWEEN 0 AND 1000000),
  moving_until {ts}
);
CREATE TABLE idempotency (
  principal text NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  fingerprint {hash} NOT NULL,
  outcome text,
  created_at {ts} NOT NULL,
  CONSTRAINT pk_idempotency PRIMARY KEY (principal, operation, key)
);
CREATE INDEX ix_idempotency_age ON idempotency (created_at);
CREATE TABLE event (
  seq {serial} CONSTRAINT pk_event {counting},
  id {id} NOT NULL CONSTRAINT uq_event_id UNIQUE,
  kind text NOT NULL,
  subject_kind text NOT NULL,
  subject_id {id} NOT NULL,
  body text NOT NULL,
  occurred_at {ts} NOT NULL,
  position bigint CONSTRAINT uq_event_position UNIQUE
);
CREATE INDEX ix_event_unplaced ON event (seq) WHERE position IS NULL;
CREATE TABLE event_cursor (
  consumer text NOT NULL CONSTRAINT pk_event_cursor PRIMARY KEY,
  position bigint NOT NULL
);
CREATE TABLE timer (
  id {id} NOT NULL CONSTRAINT pk_timer PRIMARY KEY,
  kind text NOT NULL,
  subject_id {id} NOT NULL,
  due_at {ts} NOT NULL,
  fired_at {ts},
  attempts integer NOT NULL,
  retry_at {ts},
  last_error text,
  CONSTRAINT uq_timer UNIQUE (kind, subject_id, due_at)
);
CREATE INDEX ix_timer_due ON timer (due_at, id) WHERE fired_at IS NULL;
CREATE TABLE audit (
  seq {serial} CONSTRAINT pk_audit {counting},
  at {ts} NOT NULL,
  person_id {id},
  organisation_id {id},
  role text,
  operation text NOT NULL,
  object_kind text NOT NULL,
  object_id {id},
  outcome text NOT NULL CONSTRAINT fk_audit_outcome REFERENCES audit_outcome (code),
  before_hash {hash},
  after_hash {hash},
  detail text,
  request_id text NOT NULL,
  position bigint CONSTRAINT uq_audit_position UNIQUE,
  hash {hash}
);
CREATE INDEX ix_audit_unplaced ON audit (seq) WHERE position IS NULL;
CREATE INDEX ix_audit_object ON audit (object_id);
CREATE TABLE audit_segment (
  last_position bigint NOT NULL CONSTRAINT pk_audit_segment PRIMARY KEY,
  first_position bigint NOT NULL CONSTRAINT uq_audit_segment_first UNIQUE,
  first_previous_hash {hash} NOT NULL,
  last_hash {hash} NOT NULL,
  last_at {ts} NOT NULL,
  sealed_at {ts} NOT NULL,
  removed_at {ts},
  CONSTRAINT ck_audit_segment_order CHECK (first_position <= last_position)
);
