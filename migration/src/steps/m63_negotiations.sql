CREATE TABLE negotiation (
  id {id} NOT NULL CONSTRAINT pk_negotiation PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_negotiation_organisation REFERENCES organisation (id),
  buyer_organisation_id {id} NOT NULL CONSTRAINT fk_negotiation_buyer REFERENCES organisation (id),
  achievement_id {id} NOT NULL CONSTRAINT fk_negotiation_achievement REFERENCES achievement (id),
  seller_class text NOT NULL CONSTRAINT fk_negotiation_seller_class REFERENCES seller_class (code),
  rehearsal boolean NOT NULL,
  state text NOT NULL CONSTRAINT fk_negotiation_state REFERENCES negotiation_state (code),
  title text NOT NULL,
  summary text NOT NULL,
  valuation_minor bigint NOT NULL CONSTRAINT ck_negotiation_valuation CHECK (valuation_minor > 0),
  currency text NOT NULL CONSTRAINT fk_negotiation_currency REFERENCES currency (code),
  price_basis text NOT NULL,
  basis_document {json},
  relation text CONSTRAINT fk_negotiation_relation REFERENCES buyer_relation (code),
  relation_note text,
  buyer_confidential boolean NOT NULL,
  agreed_offer bigint,
  agreed_by {id} CONSTRAINT fk_negotiation_agreed_by REFERENCES person (id),
  agreed_at {ts},
  decision_document {json},
  decided_by {id} CONSTRAINT fk_negotiation_decided_by REFERENCES person (id),
  decided_at {ts},
  rules {json},
  drafted text,
  drafted_sha256 {bytes},
  notice_id {id} CONSTRAINT fk_negotiation_notice REFERENCES notice (id),
  noticed_offer bigint,
  published_by {id} CONSTRAINT fk_negotiation_published_by REFERENCES person (id),
  unit_notice {json},
  seller_confirmed_by {id} CONSTRAINT fk_negotiation_seller_confirmed_by REFERENCES person (id),
  seller_confirmed_at {ts},
  buyer_confirmed_by {id} CONSTRAINT fk_negotiation_buyer_confirmed_by REFERENCES person (id),
  buyer_confirmed_at {ts},
  result_notice_id {id} CONSTRAINT fk_negotiation_result_notice REFERENCES notice (id),
  ended_at {ts},
  end_reason text,
  created_by {id} NOT NULL CONSTRAINT fk_negotiation_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_negotiation_parties CHECK (organisation_id <> buyer_organisation_id),
  CONSTRAINT ck_negotiation_agreed CHECK (state IN ('open', 'ended') OR agreed_offer IS NOT NULL),
  CONSTRAINT ck_negotiation_decided CHECK (state NOT IN ('decided', 'noticed', 'confirmed', 'result_published') OR (decided_by IS NOT NULL AND rules IS NOT NULL)),
  CONSTRAINT ck_negotiation_noticed CHECK (state NOT IN ('noticed', 'confirmed', 'result_published') OR (notice_id IS NOT NULL AND noticed_offer = agreed_offer)),
  CONSTRAINT ck_negotiation_second CHECK (published_by IS NULL OR decided_by IS NULL OR published_by <> decided_by),
  CONSTRAINT ck_negotiation_confirmed CHECK (state NOT IN ('confirmed', 'result_published') OR result_notice_id IS NOT NULL),
  CONSTRAINT ck_negotiation_both CHECK (result_notice_id IS NULL OR (seller_confirmed_by IS NOT NULL AND buyer_confirmed_by IS NOT NULL)),
  CONSTRAINT ck_negotiation_ended CHECK ((ended_at IS NOT NULL) = (state = 'ended') AND (ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX ix_negotiation_newest ON negotiation (created_at, id);
CREATE INDEX ix_negotiation_organisation ON negotiation (organisation_id, created_at, id);
CREATE INDEX ix_negotiation_buyer ON negotiation (buyer_organisation_id, created_at, id);
CREATE TABLE negotiation_offer (
  negotiation_id {id} NOT NULL CONSTRAINT fk_negotiation_offer_negotiation REFERENCES negotiation (id),
  number bigint NOT NULL CONSTRAINT ck_negotiation_offer_number CHECK (number > 0),
  side text NOT NULL CONSTRAINT fk_negotiation_offer_side REFERENCES negotiation_side (code),
  terms {json} NOT NULL,
  price_minor bigint NOT NULL CONSTRAINT ck_negotiation_offer_price CHECK (price_minor > 0),
  currency text NOT NULL CONSTRAINT fk_negotiation_offer_currency REFERENCES currency (code),
  sha256 {bytes} NOT NULL,
  relation text CONSTRAINT fk_negotiation_offer_relation REFERENCES buyer_relation (code),
  relation_note text,
  name_confidential boolean,
  expires_at {ts} NOT NULL,
  made_by {id} NOT NULL CONSTRAINT fk_negotiation_offer_made_by REFERENCES person (id),
  made_at {ts} NOT NULL,
  CONSTRAINT pk_negotiation_offer PRIMARY KEY (negotiation_id, number),
  CONSTRAINT ck_negotiation_offer_expires CHECK (expires_at > made_at),
  CONSTRAINT ck_negotiation_offer_relation CHECK ((relation IS NULL) = (relation_note IS NULL))
);
CREATE TABLE negotiation_asset (
  negotiation_id {id} NOT NULL CONSTRAINT fk_negotiation_asset_negotiation REFERENCES negotiation (id),
  asset_id {id} NOT NULL CONSTRAINT fk_negotiation_asset_asset REFERENCES asset (id),
  held boolean NOT NULL,
  CONSTRAINT pk_negotiation_asset PRIMARY KEY (negotiation_id, asset_id)
);
CREATE UNIQUE INDEX uq_negotiation_asset_held ON negotiation_asset (asset_id) WHERE held = {true};
CREATE INDEX ix_negotiation_asset_asset ON negotiation_asset (asset_id);
INSERT INTO notice_kind (code) VALUES ('negotiated_price') ON CONFLICT DO NOTHING;
INSERT INTO notice_proposal_kind (code) VALUES ('revision') ON CONFLICT DO NOTHING;
ALTER TABLE notice ADD COLUMN negotiation_id {id} CONSTRAINT fk_notice_negotiation REFERENCES negotiation (id) CONSTRAINT ck_notice_matter CHECK ((listing_id IS NULL) <> (negotiation_id IS NULL));
CREATE INDEX ix_notice_negotiation ON notice (negotiation_id);
ALTER TABLE objection ADD COLUMN negotiation_id {id} CONSTRAINT fk_objection_negotiation REFERENCES negotiation (id) CONSTRAINT ck_objection_matter CHECK ((listing_id IS NULL) <> (negotiation_id IS NULL));
CREATE INDEX ix_objection_negotiation ON objection (negotiation_id);
ALTER TABLE tip ADD COLUMN negotiation_id {id} CONSTRAINT fk_tip_negotiation REFERENCES negotiation (id) CONSTRAINT ck_tip_matter CHECK ((listing_id IS NULL) <> (negotiation_id IS NULL));
ALTER TABLE notice ADD COLUMN revised_at {ts};
ALTER TABLE notice ADD COLUMN final_at {ts} CONSTRAINT ck_notice_final CHECK (final_at IS NULL OR state IN ('ended', 'withdrawn'));
