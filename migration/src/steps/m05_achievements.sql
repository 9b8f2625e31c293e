CREATE TABLE achievement (
  id {id} NOT NULL CONSTRAINT pk_achievement PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_achievement_organisation REFERENCES organisation (id),
  title text NOT NULL,
  title_en text,
  summary text NOT NULL,
  summary_en text,
  field text NOT NULL,
  trl integer CONSTRAINT ck_achievement_trl CHECK (trl BETWEEN 1 AND 13),
  completers {json} NOT NULL,
  state_funded boolean NOT NULL,
  created_by {id} NOT NULL CONSTRAINT fk_achievement_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL
);
CREATE INDEX ix_achievement_organisation ON achievement (organisation_id, created_at, id);
CREATE TABLE asset (
  id {id} NOT NULL CONSTRAINT pk_asset PRIMARY KEY,
  achievement_id {id} NOT NULL CONSTRAINT fk_asset_achievement REFERENCES achievement (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_asset_organisation REFERENCES organisation (id),
  kind text NOT NULL CONSTRAINT fk_asset_kind REFERENCES asset_kind (code),
  title text NOT NULL,
  title_en text,
  identifier_scheme text,
  identifier text,
  identifier_raw text,
  publication_number text,
  filed_on {date},
  granted_on {date},
  details {json} NOT NULL,
  expires_on {date},
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT uq_asset_identifier UNIQUE (identifier_scheme, identifier)
);
CREATE INDEX ix_asset_achievement ON asset (achievement_id, created_at, id);
CREATE TABLE asset_owner (
  asset_id {id} NOT NULL CONSTRAINT fk_asset_owner_asset REFERENCES asset (id),
  position integer NOT NULL,
  name text NOT NULL,
  organisation_id {id} CONSTRAINT fk_asset_owner_organisation REFERENCES organisation (id),
  share_bp integer NOT NULL CONSTRAINT ck_asset_owner_share CHECK (share_bp BETWEEN 1 AND 10000),
  CONSTRAINT pk_asset_owner PRIMARY KEY (asset_id, position)
);
CREATE TABLE legal_status (
  id {id} NOT NULL CONSTRAINT pk_legal_status PRIMARY KEY,
  asset_id {id} NOT NULL CONSTRAINT fk_legal_status_asset REFERENCES asset (id),
  status text NOT NULL CONSTRAINT fk_legal_status_status REFERENCES legal_status_code (code),
  as_of {ts} NOT NULL,
  source text NOT NULL CONSTRAINT fk_legal_status_source REFERENCES status_source (code),
  evidence_document_id {id} CONSTRAINT fk_legal_status_evidence REFERENCES document (id),
  recorded_by {id} NOT NULL CONSTRAINT fk_legal_status_recorded_by REFERENCES person (id),
  recorded_at {ts} NOT NULL
);
CREATE INDEX ix_legal_status_latest ON legal_status (asset_id, as_of, recorded_at);
