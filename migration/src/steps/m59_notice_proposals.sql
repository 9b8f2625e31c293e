INSERT INTO notice_state (code) VALUES ('withdrawn') ON CONFLICT DO NOTHING;
ALTER TABLE notice ADD COLUMN corrected_at {ts};
ALTER TABLE notice ADD COLUMN withdrawn_at {ts};
ALTER TABLE notice ADD COLUMN withdrawal_reason text;
CREATE TABLE notice_proposal (
  id {id} NOT NULL CONSTRAINT pk_notice_proposal PRIMARY KEY,
  notice_id {id} NOT NULL CONSTRAINT fk_notice_proposal_notice REFERENCES notice (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_notice_proposal_organisation REFERENCES organisation (id),
  kind text NOT NULL CONSTRAINT fk_notice_proposal_kind REFERENCES notice_proposal_kind (code),
  state text NOT NULL CONSTRAINT fk_notice_proposal_state REFERENCES notice_proposal_state (code),
  base_version bigint NOT NULL,
  changes {json} NOT NULL,
  made_version bigint,
  reason text NOT NULL,
  proposed_by {id} NOT NULL CONSTRAINT fk_notice_proposal_by REFERENCES person (id),
  proposed_at {ts} NOT NULL,
  decided_by {id} CONSTRAINT fk_notice_proposal_decided_by REFERENCES person (id),
  decided_at {ts},
  decision_reason text,
  version bigint NOT NULL,
  CONSTRAINT fk_notice_proposal_base FOREIGN KEY (notice_id, base_version) REFERENCES notice_version (notice_id, version),
  CONSTRAINT fk_notice_proposal_made FOREIGN KEY (notice_id, made_version) REFERENCES notice_version (notice_id, version),
  CONSTRAINT uq_notice_proposal_made UNIQUE (notice_id, made_version),
  CONSTRAINT ck_notice_proposal_made CHECK ((made_version IS NOT NULL) = (kind = 'erratum' AND state = 'published')),
  CONSTRAINT ck_notice_proposal_next CHECK (made_version IS NULL OR made_version > base_version),
  CONSTRAINT ck_notice_proposal_decided CHECK ((decided_at IS NULL) = (state = 'open') AND (decided_at IS NULL) = (decided_by IS NULL)),
  CONSTRAINT ck_notice_proposal_second CHECK (state <> 'published' OR decided_by <> proposed_by),
  CONSTRAINT ck_notice_proposal_reason CHECK ((decision_reason IS NOT NULL) = (state = 'refused'))
);
CREATE UNIQUE INDEX uq_notice_proposal_open ON notice_proposal (notice_id) WHERE state = 'open';
CREATE INDEX ix_notice_proposal_notice ON notice_proposal (notice_id, proposed_at);
CREATE INDEX ix_notice_proposal_decided_by ON notice_proposal (decided_by, decided_at) WHERE decided_by IS NOT NULL;
CREATE INDEX ix_notice_proposal_by ON notice_proposal (proposed_by, proposed_at);
DROP INDEX IF EXISTS ix_lot_listing;
