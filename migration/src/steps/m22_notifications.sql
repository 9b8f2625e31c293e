CREATE TABLE inbox_item (
  id {id} NOT NULL CONSTRAINT pk_inbox_item PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_inbox_item_organisation REFERENCES organisation (id),
  event_id {id} NOT NULL CONSTRAINT fk_inbox_item_event REFERENCES event (id),
  position bigint NOT NULL,
  kind text NOT NULL,
  subject_kind text NOT NULL,
  subject_id {id} NOT NULL,
  body text NOT NULL,
  test boolean NOT NULL,
  created_at {ts} NOT NULL,
  read_at {ts},
  CONSTRAINT uq_inbox_item_position UNIQUE (organisation_id, position)
);
CREATE UNIQUE INDEX uq_inbox_item_event ON inbox_item (organisation_id, event_id);
CREATE INDEX ix_inbox_item_newest ON inbox_item (organisation_id, created_at, id);
CREATE INDEX ix_inbox_item_unread ON inbox_item (organisation_id, created_at, id) WHERE read_at IS NULL;
CREATE TABLE webhook (
  id {id} NOT NULL CONSTRAINT pk_webhook PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_webhook_organisation REFERENCES organisation (id),
  url text NOT NULL CONSTRAINT ck_webhook_url CHECK (length(url) BETWEEN 1 AND 8192),
  kinds {json},
  scope text NOT NULL CONSTRAINT fk_webhook_scope REFERENCES webhook_scope (code),
  signing text NOT NULL CONSTRAINT fk_webhook_signing REFERENCES signing_scheme (code),
  state text NOT NULL CONSTRAINT fk_webhook_state REFERENCES webhook_state (code),
  state_reason text,
  secret_sealed {bytes},
  public_key text,
  previous_sealed {bytes},
  previous_until {ts},
  queued_to bigint NOT NULL CONSTRAINT ck_webhook_queued_to CHECK (queued_to >= 0),
  next_at {ts},
  lease_id {id},
  lease_until {ts},
  created_by {id} NOT NULL CONSTRAINT fk_webhook_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_webhook_secret CHECK ((state = 'removed') = (secret_sealed IS NULL)),
  CONSTRAINT ck_webhook_public_key CHECK ((signing = 'ed25519') = (public_key IS NOT NULL)),
  CONSTRAINT ck_webhook_previous CHECK ((previous_sealed IS NULL) = (previous_until IS NULL)),
  CONSTRAINT ck_webhook_lease CHECK ((lease_id IS NULL) = (lease_until IS NULL))
);
CREATE INDEX ix_webhook_organisation ON webhook (organisation_id, created_at, id);
CREATE INDEX ix_webhook_due ON webhook (next_at) WHERE state = 'active';
CREATE TABLE webhook_delivery (
  webhook_id {id} NOT NULL CONSTRAINT fk_webhook_delivery_webhook REFERENCES webhook (id),
  position bigint NOT NULL,
  event_id {id} NOT NULL CONSTRAINT fk_webhook_delivery_event REFERENCES event (id),
  subject_id {id} NOT NULL,
  is_public boolean NOT NULL,
  state text NOT NULL CONSTRAINT fk_webhook_delivery_state REFERENCES delivery_state (code),
  attempts integer NOT NULL CONSTRAINT ck_webhook_delivery_attempts CHECK (attempts >= 0),
  next_attempt_at {ts} NOT NULL,
  ended_at {ts},
  CONSTRAINT pk_webhook_delivery PRIMARY KEY (webhook_id, position),
  CONSTRAINT ck_webhook_delivery_ended CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX ix_webhook_delivery_pending ON webhook_delivery (webhook_id, position) WHERE state = 'pending';
CREATE INDEX ix_webhook_delivery_subject ON webhook_delivery (webhook_id, subject_id, position) WHERE state = 'pending';
CREATE INDEX ix_webhook_delivery_age ON webhook_delivery (ended_at);
CREATE TABLE webhook_attempt (
  id {id} NOT NULL CONSTRAINT pk_webhook_attempt PRIMARY KEY,
  webhook_id {id} NOT NULL CONSTRAINT fk_webhook_attempt_webhook REFERENCES webhook (id),
  event_id {id} NOT NULL CONSTRAINT fk_webhook_attempt_event REFERENCES event (id),
  position bigint NOT NULL,
  kind text NOT NULL,
  attempt integer NOT NULL CONSTRAINT ck_webhook_attempt_attempt CHECK (attempt > 0),
  at {ts} NOT NULL,
  outcome text NOT NULL CONSTRAINT fk_webhook_attempt_outcome REFERENCES delivery_outcome (code),
  status integer,
  duration_ms bigint NOT NULL CONSTRAINT ck_webhook_attempt_duration CHECK (duration_ms >= 0)
);
CREATE INDEX ix_webhook_attempt_newest ON webhook_attempt (webhook_id, at, id);
CREATE INDEX ix_webhook_attempt_age ON webhook_attempt (at);
CREATE TABLE mail (
  id {id} NOT NULL CONSTRAINT pk_mail PRIMARY KEY,
  reason text NOT NULL,
  letter_sealed {bytes},
  state text NOT NULL CONSTRAINT fk_mail_state REFERENCES mail_state (code),
  attempts integer NOT NULL CONSTRAINT ck_mail_attempts CHECK (attempts >= 0),
  next_attempt_at {ts} NOT NULL,
  created_at {ts} NOT NULL,
  ended_at {ts},
  CONSTRAINT ck_mail_sealed CHECK ((state = 'pending') = (letter_sealed IS NOT NULL)),
  CONSTRAINT ck_mail_ended CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE INDEX ix_mail_due ON mail (next_attempt_at, id) WHERE state = 'pending';
INSERT INTO event_cursor (consumer, position) SELECT 'notifications', MAX(position) FROM event HAVING MAX(position) IS NOT NULL;
