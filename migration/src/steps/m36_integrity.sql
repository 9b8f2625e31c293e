CREATE TABLE integrity_bidder (
  lot_id {id} NOT NULL CONSTRAINT fk_integrity_bidder_lot REFERENCES lot (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_integrity_bidder_organisation REFERENCES organisation (id),
  seller_organisation_id {id} NOT NULL CONSTRAINT fk_integrity_bidder_seller REFERENCES organisation (id),
  won boolean NOT NULL,
  bids bigint NOT NULL CONSTRAINT ck_integrity_bidder_bids CHECK (bids > 0),
  lot_bids bigint NOT NULL CONSTRAINT ck_integrity_bidder_lot_bids CHECK (lot_bids >= bids),
  raises bigint NOT NULL CONSTRAINT ck_integrity_bidder_raises CHECK (raises BETWEEN 0 AND bids),
  small_raises bigint NOT NULL CONSTRAINT ck_integrity_bidder_small CHECK (small_raises BETWEEN 0 AND raises),
  answers bigint NOT NULL CONSTRAINT ck_integrity_bidder_answers CHECK (answers BETWEEN 0 AND bids),
  quick_answers bigint NOT NULL CONSTRAINT ck_integrity_bidder_quick CHECK (quick_answers BETWEEN 0 AND answers),
  early_bp bigint NOT NULL CONSTRAINT ck_integrity_bidder_early CHECK (early_bp BETWEEN 0 AND 10000),
  closed_at {ts} NOT NULL,
  CONSTRAINT pk_integrity_bidder PRIMARY KEY (lot_id, organisation_id)
);
CREATE INDEX ix_integrity_bidder_organisation ON integrity_bidder (organisation_id);
CREATE INDEX ix_integrity_bidder_seller ON integrity_bidder (seller_organisation_id, organisation_id);
CREATE TABLE integrity_signal (
  id {id} NOT NULL CONSTRAINT pk_integrity_signal PRIMARY KEY,
  lot_id {id} NOT NULL CONSTRAINT fk_integrity_signal_lot REFERENCES lot (id),
  seller_organisation_id {id} NOT NULL CONSTRAINT fk_integrity_signal_seller REFERENCES organisation (id),
  kind text NOT NULL CONSTRAINT fk_integrity_signal_kind REFERENCES integrity_signal_kind (code),
  organisation_id {id} NOT NULL CONSTRAINT fk_integrity_signal_organisation REFERENCES organisation (id),
  other_organisation_id {id} CONSTRAINT fk_integrity_signal_other REFERENCES organisation (id),
  score_bp bigint NOT NULL CONSTRAINT ck_integrity_signal_score CHECK (score_bp BETWEEN 0 AND 10000),
  reasons {json} NOT NULL,
  rulebook_version bigint NOT NULL CONSTRAINT fk_integrity_signal_edition REFERENCES rulebook_edition (version),
  created_at {ts} NOT NULL,
  CONSTRAINT ck_integrity_signal_pair CHECK (other_organisation_id IS NULL OR other_organisation_id <> organisation_id)
);
CREATE UNIQUE INDEX uq_integrity_signal_one ON integrity_signal (lot_id, kind, organisation_id) WHERE other_organisation_id IS NULL;
CREATE UNIQUE INDEX uq_integrity_signal_pair ON integrity_signal (lot_id, kind, organisation_id, other_organisation_id)
  WHERE other_organisation_id IS NOT NULL;
CREATE INDEX ix_integrity_signal_newest ON integrity_signal (created_at, id);
CREATE INDEX ix_integrity_signal_lot ON integrity_signal (lot_id, created_at, id);
CREATE INDEX ix_integrity_signal_kind ON integrity_signal (kind, created_at, id);
CREATE INDEX ix_integrity_signal_organisation ON integrity_signal (organisation_id, created_at, id);
CREATE INDEX ix_integrity_signal_other ON integrity_signal (other_organisation_id, created_at, id)
  WHERE other_organisation_id IS NOT NULL;
