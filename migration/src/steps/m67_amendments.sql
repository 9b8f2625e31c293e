CREATE TABLE listing_amendment (
  id {id} NOT NULL CONSTRAINT pk_listing_amendment PRIMARY KEY,
  listing_id {id} NOT NULL CONSTRAINT fk_listing_amendment_listing REFERENCES listing (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_listing_amendment_organisation REFERENCES organisation (id),
  state text NOT NULL CONSTRAINT fk_listing_amendment_state REFERENCES amendment_state (code),
  offer {json} NOT NULL,
  reserve_sealed {bytes},
  decision_document {json},
  rules {json} NOT NULL,
  drafted text NOT NULL,
  drafted_sha256 {bytes} NOT NULL,
  base_version bigint NOT NULL CONSTRAINT ck_listing_amendment_base CHECK (base_version > 0),
  reason text NOT NULL,
  proposed_by {id} NOT NULL CONSTRAINT fk_listing_amendment_by REFERENCES person (id),
  proposed_at {ts} NOT NULL,
  decided_by {id} CONSTRAINT fk_listing_amendment_decided_by REFERENCES person (id),
  decided_at {ts},
  decision_reason text,
  lot_id {id} CONSTRAINT fk_listing_amendment_lot REFERENCES lot (id),
  version bigint NOT NULL,
  CONSTRAINT ck_listing_amendment_decided CHECK ((decided_at IS NULL) = (state = 'open') AND (decided_by IS NULL OR decided_at IS NOT NULL) AND (state <> 'published' OR decided_by IS NOT NULL)),
  CONSTRAINT ck_listing_amendment_second CHECK (state <> 'published' OR decided_by <> proposed_by),
  CONSTRAINT ck_listing_amendment_reason CHECK ((decision_reason IS NOT NULL) = (state = 'refused')),
  CONSTRAINT ck_listing_amendment_lot CHECK ((lot_id IS NOT NULL) = (state = 'published'))
);
CREATE UNIQUE INDEX uq_listing_amendment_open ON listing_amendment (listing_id) WHERE state = 'open';
CREATE INDEX ix_listing_amendment_listing ON listing_amendment (listing_id, proposed_at, id);
CREATE INDEX ix_listing_amendment_decided_by ON listing_amendment (decided_by, decided_at) WHERE decided_by IS NOT NULL;
CREATE INDEX ix_listing_amendment_by ON listing_amendment (proposed_by, proposed_at);
ALTER TABLE admission ADD COLUMN carried_over_at {ts};
