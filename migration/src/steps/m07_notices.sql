CREATE TABLE notice (
  id {id} NOT NULL CONSTRAINT pk_notice PRIMARY KEY,
  kind text NOT NULL CONSTRAINT fk_notice_kind REFERENCES notice_kind (code),
  state text NOT NULL CONSTRAINT fk_notice_state REFERENCES notice_state (code),
  listing_id {id} NOT NULL CONSTRAINT fk_notice_listing REFERENCES listing (id),
  deal_id {id},
  organisation_id {id} NOT NULL CONSTRAINT fk_notice_organisation REFERENCES organisation (id),
  barred_persons {json} NOT NULL,
  current_version bigint NOT NULL,
  published_by {id} CONSTRAINT fk_notice_published_by REFERENCES person (id),
  published_at {ts},
  ends_at {ts},
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT uq_notice_deal UNIQUE (kind, deal_id),
  CONSTRAINT ck_notice_published CHECK (state = 'drafted' OR (published_at IS NOT NULL AND published_by IS NOT NULL))
);
CREATE INDEX ix_notice_newest ON notice (published_at, id);
CREATE TABLE notice_version (
  notice_id {id} NOT NULL CONSTRAINT fk_notice_version_notice REFERENCES notice (id),
  version bigint NOT NULL,
  content text NOT NULL,
  sha256 {hash} NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT pk_notice_version PRIMARY KEY (notice_id, version)
);
