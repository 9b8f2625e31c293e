INSERT INTO lot_event_kind (code) VALUES ('first_offers_opened'), ('turn_ended') ON CONFLICT DO NOTHING;
ALTER TABLE lot ADD COLUMN book {json};
CREATE TABLE first_offer (
  lot_id {id} NOT NULL CONSTRAINT fk_first_offer_lot REFERENCES lot (id),
  ordinal bigint NOT NULL CONSTRAINT ck_first_offer_ordinal CHECK (ordinal > 0),
  admission_id {id} NOT NULL CONSTRAINT fk_first_offer_admission REFERENCES admission (id),
  sealed {bytes} NOT NULL,
  commitment text NOT NULL,
  arrived_at {ts} NOT NULL,
  CONSTRAINT pk_first_offer PRIMARY KEY (lot_id, ordinal)
);
CREATE INDEX ix_first_offer_admission ON first_offer (admission_id, ordinal);
CREATE TABLE turn_bid (
  lot_id {id} NOT NULL CONSTRAINT fk_turn_bid_lot REFERENCES lot (id),
  ordinal bigint NOT NULL CONSTRAINT ck_turn_bid_ordinal CHECK (ordinal > 0),
  round integer NOT NULL CONSTRAINT ck_turn_bid_round CHECK (round > 0),
  turn integer NOT NULL CONSTRAINT ck_turn_bid_turn CHECK (turn > 0),
  admission_id {id} NOT NULL CONSTRAINT fk_turn_bid_admission REFERENCES admission (id),
  sealed {bytes} NOT NULL,
  arrived_at {ts} NOT NULL,
  CONSTRAINT pk_turn_bid PRIMARY KEY (lot_id, ordinal)
);
CREATE INDEX ix_turn_bid_admission ON turn_bid (admission_id);
