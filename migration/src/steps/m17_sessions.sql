INSERT INTO lot_state (code) VALUES ('paused') ON CONFLICT DO NOTHING;
INSERT INTO lot_event_kind (code) VALUES ('paused'), ('resumed'), ('extended'), ('session_joined'), ('turn_came') ON CONFLICT DO NOTHING;
CREATE TABLE lot_session (
  id {id} NOT NULL CONSTRAINT pk_lot_session PRIMARY KEY,
  title text NOT NULL,
  title_en text,
  mode text NOT NULL CONSTRAINT fk_lot_session_mode REFERENCES lot_session_mode (code),
  state text NOT NULL CONSTRAINT fk_lot_session_state REFERENCES lot_session_state (code),
  organiser_organisation_id {id} CONSTRAINT fk_lot_session_organiser REFERENCES organisation (id),
  stagger_seconds bigint CONSTRAINT ck_lot_session_stagger CHECK (stagger_seconds > 0),
  lateness_seconds bigint CONSTRAINT ck_lot_session_lateness CHECK (lateness_seconds >= 0),
  starts_at {ts},
  published_at {ts},
  created_by {id} NOT NULL CONSTRAINT fk_lot_session_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_lot_session_mode CHECK ((mode = 'staggered') = (stagger_seconds IS NOT NULL)),
  CONSTRAINT ck_lot_session_published CHECK ((state = 'draft') = (published_at IS NULL))
);
CREATE INDEX ix_lot_session_newest ON lot_session (created_at, id);
CREATE TABLE lot_session_lot (
  session_id {id} NOT NULL CONSTRAINT fk_lot_session_lot_session REFERENCES lot_session (id),
  ordinal integer NOT NULL CONSTRAINT ck_lot_session_lot_ordinal CHECK (ordinal > 0),
  lot_id {id} NOT NULL CONSTRAINT uq_lot_session_lot UNIQUE CONSTRAINT fk_lot_session_lot_lot REFERENCES lot (id),
  CONSTRAINT pk_lot_session_lot PRIMARY KEY (session_id, ordinal)
);
ALTER TABLE lot ADD COLUMN pause {json} CONSTRAINT ck_lot_pause CHECK ((state = 'paused') = (pause IS NOT NULL));
ALTER TABLE lot ADD COLUMN shifted_us bigint NOT NULL DEFAULT 0 CONSTRAINT ck_lot_shifted CHECK (shifted_us >= 0);
ALTER TABLE lot ADD COLUMN session_id {id} CONSTRAINT fk_lot_session REFERENCES lot_session (id);
ALTER TABLE lot ADD COLUMN hosted boolean NOT NULL DEFAULT false;
ALTER TABLE lot ADD COLUMN opens_by {ts};
