CREATE TABLE bidder_score (
  admission_id {id} NOT NULL CONSTRAINT fk_bidder_score_admission REFERENCES admission (id),
  version bigint NOT NULL CONSTRAINT ck_bidder_score_version CHECK (version > 0),
  lot_id {id} NOT NULL CONSTRAINT fk_bidder_score_lot REFERENCES lot (id),
  person_id {id} NOT NULL,
  request_id text NOT NULL,
  scorecard {json} NOT NULL,
  protocol text NOT NULL,
  reason text,
  at {ts} NOT NULL,
  CONSTRAINT pk_bidder_score PRIMARY KEY (admission_id, version),
  CONSTRAINT ck_bidder_score_reason CHECK (version = 1 OR reason IS NOT NULL)
);
CREATE INDEX ix_bidder_score_lot ON bidder_score (lot_id, admission_id, version);
