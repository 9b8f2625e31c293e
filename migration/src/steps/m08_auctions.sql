CREATE TABLE lot (
  id {id} NOT NULL CONSTRAINT pk_lot PRIMARY KEY,
  listing_id {id} NOT NULL CONSTRAINT fk_lot_listing REFERENCES listing (id),
  seller_organisation_id {id} NOT NULL CONSTRAINT fk_lot_seller REFERENCES organisation (id),
  title text NOT NULL,
  rehearsal boolean NOT NULL,
  state text NOT NULL CONSTRAINT fk_lot_state REFERENCES lot_state (code),
  terms {json} NOT NULL,
  reserve_sealed {bytes},
  currency text NOT NULL CONSTRAINT fk_lot_currency REFERENCES currency (code),
  seq bigint NOT NULL CONSTRAINT ck_lot_seq CHECK (seq >= 0),
  head_hash {hash} NOT NULL,
  price_minor bigint CONSTRAINT ck_lot_price CHECK (price_minor > 0),
  leader_admission_id {id},
  leader_pseudonym text,
  bid_count bigint NOT NULL,
  opens_at {ts} NOT NULL,
  closes_at {ts} NOT NULL,
  last_arrival {ts},
  admitted_count bigint,
  barred_persons {json} NOT NULL,
  rules {json} NOT NULL,
  facts {json} NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_lot_leader CHECK ((price_minor IS NULL) = (leader_admission_id IS NULL))
);
CREATE INDEX ix_lot_newest ON lot (created_at, id);
CREATE INDEX ix_lot_closing ON lot (closes_at, id);
CREATE TABLE lot_event (
  lot_id {id} NOT NULL CONSTRAINT fk_lot_event_lot REFERENCES lot (id),
  seq bigint NOT NULL CONSTRAINT ck_lot_event_seq CHECK (seq > 0),
  at {ts} NOT NULL,
  kind text NOT NULL CONSTRAINT fk_lot_event_kind REFERENCES lot_event_kind (code),
  body text NOT NULL,
  person_id {id},
  admission_id {id},
  request_id text,
  prev_hash {hash} NOT NULL,
  hash {hash} NOT NULL,
  CONSTRAINT pk_lot_event PRIMARY KEY (lot_id, seq)
);
