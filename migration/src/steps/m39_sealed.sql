INSERT INTO lot_event_kind (code) VALUES ('bids_opened') ON CONFLICT DO NOTHING;
INSERT INTO lot_event_kind (code) VALUES ('tie_round') ON CONFLICT DO NOTHING;
ALTER TABLE lot ADD COLUMN opened {json};
CREATE TABLE sealed_bid (
  id {id} NOT NULL CONSTRAINT pk_sealed_bid PRIMARY KEY,
  lot_id {id} NOT NULL CONSTRAINT fk_sealed_bid_lot REFERENCES lot (id),
  round integer NOT NULL CONSTRAINT ck_sealed_bid_round CHECK (round IN (1, 2)),
  seq bigint NOT NULL CONSTRAINT ck_sealed_bid_seq CHECK (seq > 0),
  admission_id {id} NOT NULL CONSTRAINT fk_sealed_bid_admission REFERENCES admission (id),
  person_id {id} NOT NULL,
  request_id text NOT NULL,
  at {ts} NOT NULL,
  commitment {hash} NOT NULL,
  envelope {bytes} NOT NULL,
  CONSTRAINT uq_sealed_bid_seq UNIQUE (lot_id, seq)
);
CREATE INDEX ix_sealed_bid_admission ON sealed_bid (admission_id, seq);
CREATE INDEX ix_sealed_bid_person ON sealed_bid (person_id, at);
