CREATE TABLE import_job (
  id {id} NOT NULL CONSTRAINT pk_import_job PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_import_job_organisation REFERENCES organisation (id),
  kind text NOT NULL CONSTRAINT fk_import_job_kind REFERENCES import_kind (code),
  format text NOT NULL CONSTRAINT fk_import_job_format REFERENCES import_format (code),
  rehearse boolean NOT NULL,
  file_name text NOT NULL,
  stored_as text NOT NULL CONSTRAINT uq_import_job_stored_as UNIQUE,
  sha256 {hash} NOT NULL,
  size bigint NOT NULL CONSTRAINT ck_import_job_size CHECK (size > 0),
  header {json} NOT NULL,
  state text NOT NULL CONSTRAINT fk_import_job_state REFERENCES import_state (code),
  state_reason text,
  rows_total bigint NOT NULL CONSTRAINT ck_import_job_rows_total CHECK (rows_total > 0),
  accepted bigint NOT NULL,
  unchanged bigint NOT NULL,
  refused bigint NOT NULL,
  next_offset bigint NOT NULL,
  next_line bigint NOT NULL,
  step {id} NOT NULL CONSTRAINT uq_import_job_step UNIQUE,
  created_by {id} NOT NULL CONSTRAINT fk_import_job_created_by REFERENCES person (id),
  acting_person {id} NOT NULL CONSTRAINT fk_import_job_acting_person REFERENCES person (id),
  acting_session {id} NOT NULL,
  created_at {ts} NOT NULL,
  ended_at {ts},
  CONSTRAINT ck_import_job_counts CHECK (accepted >= 0 AND unchanged >= 0 AND refused >= 0 AND accepted + unchanged + refused <= rows_total),
  CONSTRAINT ck_import_job_done CHECK (state <> 'done' OR accepted + unchanged + refused = rows_total)
);
CREATE INDEX ix_import_job_organisation ON import_job (organisation_id, created_at, id);
CREATE TABLE import_row (
  import_id {id} NOT NULL CONSTRAINT fk_import_row_import REFERENCES import_job (id),
  number bigint NOT NULL CONSTRAINT ck_import_row_number CHECK (number > 0),
  line bigint NOT NULL,
  row_key text,
  state text NOT NULL CONSTRAINT fk_import_row_state REFERENCES import_row_state (code),
  identity text,
  sha256 {hash},
  thing_id {id},
  problem {json},
  CONSTRAINT pk_import_row PRIMARY KEY (import_id, number),
  CONSTRAINT ck_import_row_problem CHECK ((state = 'refused') = (problem IS NOT NULL))
);
CREATE INDEX ix_import_row_state ON import_row (import_id, state, number);
CREATE INDEX ix_import_row_identity ON import_row (import_id, identity);
CREATE INDEX ix_asset_organisation ON asset (organisation_id, created_at, id);
CREATE INDEX ix_asset_unnumbered ON asset (organisation_id, title) WHERE identifier IS NULL;
CREATE INDEX ix_achievement_title ON achievement (organisation_id, title);
CREATE INDEX ix_listing_achievement ON listing (achievement_id);
