CREATE TABLE open_licence (
  id {id} NOT NULL CONSTRAINT pk_open_licence PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_open_licence_organisation REFERENCES organisation (id),
  achievement_id {id} NOT NULL CONSTRAINT fk_open_licence_achievement REFERENCES achievement (id),
  asset_id {id} NOT NULL CONSTRAINT fk_open_licence_asset REFERENCES asset (id),
  state text NOT NULL CONSTRAINT fk_open_licence_state REFERENCES open_licence_state (code),
  fee {json} NOT NULL,
  payment text NOT NULL,
  term_from {date} NOT NULL,
  term_until {date} NOT NULL,
  other text,
  evaluation_document {json},
  pledgee_consent_document {json},
  declarations {json} NOT NULL,
  return_reason text,
  rules {json},
  drafted text,
  drafted_sha256 {bytes},
  submitted_by {id} CONSTRAINT fk_open_licence_submitted_by REFERENCES person (id),
  submitted_at {ts},
  notice_id {id} CONSTRAINT fk_open_licence_notice REFERENCES notice (id),
  published_by {id} CONSTRAINT fk_open_licence_published_by REFERENCES person (id),
  cnipa_number text,
  cnipa_announced_on {date},
  withdrawn_at {ts},
  withdrawal_reason text,
  ended_at {ts},
  end_reason text,
  created_by {id} NOT NULL CONSTRAINT fk_open_licence_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_open_licence_term CHECK (term_from < term_until),
  CONSTRAINT ck_open_licence_returned CHECK (state <> 'returned' OR return_reason IS NOT NULL),
  CONSTRAINT ck_open_licence_submitted CHECK (state NOT IN ('submitted', 'announced', 'ended') OR (submitted_by IS NOT NULL AND submitted_at IS NOT NULL AND rules IS NOT NULL AND drafted IS NOT NULL AND drafted_sha256 IS NOT NULL)),
  CONSTRAINT ck_open_licence_announced CHECK (state NOT IN ('announced', 'ended') OR notice_id IS NOT NULL),
  CONSTRAINT ck_open_licence_noticed CHECK ((notice_id IS NULL) = (published_by IS NULL) AND (notice_id IS NULL OR state IN ('announced', 'withdrawn', 'ended'))),
  CONSTRAINT ck_open_licence_second CHECK (published_by IS NULL OR (published_by <> created_by AND published_by <> submitted_by)),
  CONSTRAINT ck_open_licence_cnipa CHECK ((cnipa_number IS NULL) = (cnipa_announced_on IS NULL) AND (cnipa_number IS NULL OR notice_id IS NOT NULL)),
  CONSTRAINT ck_open_licence_withdrawn CHECK ((withdrawn_at IS NOT NULL) = (state = 'withdrawn') AND (withdrawn_at IS NULL) = (withdrawal_reason IS NULL)),
  CONSTRAINT ck_open_licence_ended CHECK ((ended_at IS NOT NULL) = (state = 'ended') AND (ended_at IS NULL) = (end_reason IS NULL))
);
CREATE UNIQUE INDEX uq_open_licence_asset ON open_licence (asset_id) WHERE state IN ('submitted', 'announced');
CREATE INDEX ix_open_licence_asset ON open_licence (asset_id);
CREATE INDEX ix_open_licence_newest ON open_licence (created_at, id);
CREATE INDEX ix_open_licence_organisation ON open_licence (organisation_id, created_at, id);
INSERT INTO notice_kind (code) VALUES ('open_licence') ON CONFLICT DO NOTHING;
ALTER TABLE notice ADD COLUMN open_licence_id {id} CONSTRAINT fk_notice_open_licence REFERENCES open_licence (id);
CREATE INDEX ix_notice_open_licence ON notice (open_licence_id);
ALTER TABLE objection ADD COLUMN open_licence_id {id} CONSTRAINT fk_objection_open_licence REFERENCES open_licence (id);
CREATE INDEX ix_objection_open_licence ON objection (open_licence_id);
ALTER TABLE tip ADD COLUMN open_licence_id {id} CONSTRAINT fk_tip_open_licence REFERENCES open_licence (id);
