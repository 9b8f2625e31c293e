CREATE TABLE award (
  id {id} NOT NULL CONSTRAINT pk_award PRIMARY KEY,
  lot_id {id} NOT NULL CONSTRAINT fk_award_lot REFERENCES lot (id),
  unit integer NOT NULL,
  turn integer NOT NULL,
  admission_id {id} NOT NULL CONSTRAINT fk_award_admission REFERENCES admission (id),
  price_minor bigint NOT NULL CONSTRAINT ck_award_price CHECK (price_minor > 0),
  currency text NOT NULL CONSTRAINT fk_award_currency REFERENCES currency (code),
  created_at {ts} NOT NULL,
  CONSTRAINT uq_award UNIQUE (lot_id, unit, turn)
);
CREATE TABLE deal (
  id {id} NOT NULL CONSTRAINT pk_deal PRIMARY KEY,
  award_id {id} NOT NULL CONSTRAINT uq_deal_award UNIQUE CONSTRAINT fk_deal_award REFERENCES award (id),
  lot_id {id} NOT NULL CONSTRAINT fk_deal_lot REFERENCES lot (id),
  listing_id {id} NOT NULL CONSTRAINT fk_deal_listing REFERENCES listing (id),
  seller_organisation_id {id} NOT NULL CONSTRAINT fk_deal_seller REFERENCES organisation (id),
  buyer_organisation_id {id} NOT NULL CONSTRAINT fk_deal_buyer REFERENCES organisation (id),
  buyer_admission_id {id} NOT NULL CONSTRAINT fk_deal_buyer_admission REFERENCES admission (id),
  price_minor bigint NOT NULL CONSTRAINT ck_deal_price CHECK (price_minor > 0),
  currency text NOT NULL CONSTRAINT fk_deal_currency REFERENCES currency (code),
  state text NOT NULL CONSTRAINT fk_deal_state REFERENCES deal_state (code),
  facts {json} NOT NULL,
  confirmation text NOT NULL,
  confirmation_sha256 {hash} NOT NULL,
  host_required boolean NOT NULL,
  barred_persons {json} NOT NULL,
  deposit_transfer_id {id} CONSTRAINT fk_deal_deposit REFERENCES ledger_transfer (id),
  confirm_by {ts} NOT NULL,
  confirmed_at {ts},
  result_notice_id {id},
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_deal_parties CHECK (seller_organisation_id <> buyer_organisation_id)
);
CREATE INDEX ix_deal_newest ON deal (created_at, id);
CREATE TABLE deal_signature (
  deal_id {id} NOT NULL CONSTRAINT fk_deal_signature_deal REFERENCES deal (id),
  side text NOT NULL CONSTRAINT fk_deal_signature_side REFERENCES signature_side (code),
  person_id {id} NOT NULL CONSTRAINT fk_deal_signature_person REFERENCES person (id),
  organisation_id {id} CONSTRAINT fk_deal_signature_organisation REFERENCES organisation (id),
  confirmation_sha256 {hash} NOT NULL,
  signed_at {ts} NOT NULL,
  CONSTRAINT pk_deal_signature PRIMARY KEY (deal_id, side)
);
