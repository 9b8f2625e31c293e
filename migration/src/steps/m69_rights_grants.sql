CREATE TABLE rights_grant (
  id {id} NOT NULL CONSTRAINT pk_rights_grant PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_rights_grant_organisation REFERENCES organisation (id),
  achievement_id {id} NOT NULL CONSTRAINT fk_rights_grant_achievement REFERENCES achievement (id),
  state text NOT NULL CONSTRAINT fk_rights_grant_state REFERENCES rights_grant_state (code),
  kind text NOT NULL CONSTRAINT fk_rights_grant_kind REFERENCES grant_kind (code),
  share_bp integer CONSTRAINT ck_rights_grant_share CHECK (share_bp BETWEEN 1 AND 9999),
  use_months integer CONSTRAINT ck_rights_grant_use CHECK (use_months > 0),
  team {json} NOT NULL,
  declarations {json} NOT NULL,
  summary text NOT NULL,
  rules {json},
  decision_document {json},
  decided_by {id} CONSTRAINT fk_rights_grant_decided_by REFERENCES person (id),
  decided_at {ts},
  drafted text,
  drafted_sha256 {bytes},
  notice_id {id} CONSTRAINT fk_rights_grant_notice REFERENCES notice (id),
  published_by {id} CONSTRAINT fk_rights_grant_published_by REFERENCES person (id),
  unit_notice {json},
  agreement_document {json},
  agreed_by {id} CONSTRAINT fk_rights_grant_agreed_by REFERENCES person (id),
  agreed_at {ts},
  registry_date {date},
  registry_document text,
  registered_by {id} CONSTRAINT fk_rights_grant_registered_by REFERENCES person (id),
  registered_at {ts},
  ended_at {ts},
  end_reason text,
  created_by {id} NOT NULL CONSTRAINT fk_rights_grant_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_rights_grant_terms CHECK ((kind = 'ownership_share') = (share_bp IS NOT NULL) AND (kind = 'long_term_use_right') = (use_months IS NOT NULL)),
  CONSTRAINT ck_rights_grant_decided CHECK (state NOT IN ('decided', 'noticed', 'agreed', 'effective') OR (decided_by IS NOT NULL AND decided_at IS NOT NULL AND decision_document IS NOT NULL AND rules IS NOT NULL AND drafted_sha256 IS NOT NULL)),
  CONSTRAINT ck_rights_grant_noticed CHECK (state NOT IN ('noticed', 'agreed', 'effective') OR (notice_id IS NOT NULL AND published_by IS NOT NULL)),
  CONSTRAINT ck_rights_grant_second CHECK (published_by IS NULL OR (published_by <> created_by AND (decided_by IS NULL OR published_by <> decided_by))),
  CONSTRAINT ck_rights_grant_agreed CHECK (state NOT IN ('agreed', 'effective') OR (unit_notice IS NOT NULL AND agreement_document IS NOT NULL AND agreed_by IS NOT NULL AND agreed_at IS NOT NULL)),
  CONSTRAINT ck_rights_grant_waits CHECK (state <> 'agreed' OR kind = 'ownership_share'),
  CONSTRAINT ck_rights_grant_effective CHECK (state <> 'effective' OR kind <> 'ownership_share' OR registry_date IS NOT NULL),
  CONSTRAINT ck_rights_grant_registered CHECK ((registry_date IS NULL) = (registry_document IS NULL) AND (registry_date IS NULL) = (registered_by IS NULL) AND (registry_date IS NULL) = (registered_at IS NULL)),
  CONSTRAINT ck_rights_grant_ended CHECK ((ended_at IS NOT NULL) = (state = 'ended') AND (ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX ix_rights_grant_newest ON rights_grant (created_at, id);
CREATE INDEX ix_rights_grant_organisation ON rights_grant (organisation_id, created_at, id);
CREATE TABLE rights_grant_asset (
  rights_grant_id {id} NOT NULL CONSTRAINT fk_rights_grant_asset_grant REFERENCES rights_grant (id),
  asset_id {id} NOT NULL CONSTRAINT fk_rights_grant_asset_asset REFERENCES asset (id),
  CONSTRAINT pk_rights_grant_asset PRIMARY KEY (rights_grant_id, asset_id)
);
CREATE INDEX ix_rights_grant_asset_asset ON rights_grant_asset (asset_id);
INSERT INTO notice_kind (code) VALUES ('rights_grant') ON CONFLICT DO NOTHING;
ALTER TABLE notice ADD COLUMN rights_grant_id {id} CONSTRAINT fk_notice_rights_grant REFERENCES rights_grant (id);
CREATE INDEX ix_notice_rights_grant ON notice (rights_grant_id);
ALTER TABLE objection ADD COLUMN rights_grant_id {id} CONSTRAINT fk_objection_rights_grant REFERENCES rights_grant (id);
CREATE INDEX ix_objection_rights_grant ON objection (rights_grant_id);
ALTER TABLE tip ADD COLUMN rights_grant_id {id} CONSTRAINT fk_tip_rights_grant REFERENCES rights_grant (id);
