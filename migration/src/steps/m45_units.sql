ALTER TABLE award ADD COLUMN units integer NOT NULL DEFAULT 1 CONSTRAINT ck_award_units CHECK (units > 0);
CREATE UNIQUE INDEX uq_award_admission ON award (lot_id, admission_id);
CREATE INDEX ix_deal_lot ON deal (lot_id);
