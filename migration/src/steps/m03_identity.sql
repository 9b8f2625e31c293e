CREATE TABLE person (
  id {id} NOT NULL CONSTRAINT pk_person PRIMARY KEY,
  email text NOT NULL CONSTRAINT uq_person_email UNIQUE,
  name text NOT NULL,
  password_hash text NOT NULL,
  created_at {ts} NOT NULL
);
CREATE TABLE organisation (
  id {id} NOT NULL CONSTRAINT pk_organisation PRIMARY KEY,
  kind text NOT NULL CONSTRAINT fk_organisation_kind REFERENCES organisation_kind (code),
  ownership text NOT NULL CONSTRAINT fk_organisation_ownership REFERENCES ownership (code),
  name text NOT NULL,
  name_en text,
  uscc text NOT NULL CONSTRAINT uq_organisation_uscc UNIQUE,
  uscc_raw text NOT NULL,
  uscc_standing text NOT NULL CONSTRAINT fk_organisation_uscc_standing REFERENCES uscc_standing (code),
  uscc_document_id {id},
  division_code text NOT NULL,
  warnings {json} NOT NULL,
  state text NOT NULL CONSTRAINT fk_organisation_state REFERENCES organisation_state (code),
  state_reason text,
  created_by {id} NOT NULL CONSTRAINT fk_organisation_created_by REFERENCES person (id),
  decided_by {id} CONSTRAINT fk_organisation_decided_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_organisation_verified CHECK (state <> 'verified' OR uscc_standing <> 'suspicious')
);
CREATE INDEX ix_organisation_newest ON organisation (created_at, id);
CREATE TABLE membership (
  id {id} NOT NULL CONSTRAINT pk_membership PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_membership_organisation REFERENCES organisation (id),
  person_id {id} CONSTRAINT fk_membership_person REFERENCES person (id),
  email text NOT NULL,
  state text NOT NULL CONSTRAINT fk_membership_state REFERENCES membership_state (code),
  invited_by {id} NOT NULL CONSTRAINT fk_membership_invited_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_membership_person CHECK (state = 'invited' OR state = 'removed' OR person_id IS NOT NULL)
);
CREATE UNIQUE INDEX uq_membership_email ON membership (organisation_id, email) WHERE state <> 'removed';
CREATE INDEX ix_membership_person ON membership (person_id);
CREATE TABLE membership_role (
  membership_id {id} NOT NULL CONSTRAINT fk_membership_role_membership REFERENCES membership (id),
  role text NOT NULL CONSTRAINT fk_membership_role_role REFERENCES org_role (code),
  CONSTRAINT pk_membership_role PRIMARY KEY (membership_id, role)
);
CREATE TABLE staff (
  person_id {id} NOT NULL CONSTRAINT pk_staff PRIMARY KEY CONSTRAINT fk_staff_person REFERENCES person (id),
  role text NOT NULL CONSTRAINT fk_staff_role REFERENCES staff_role (code),
  version bigint NOT NULL,
  granted_at {ts} NOT NULL
);
CREATE TABLE session (
  id {id} NOT NULL CONSTRAINT pk_session PRIMARY KEY,
  person_id {id} NOT NULL CONSTRAINT fk_session_person REFERENCES person (id),
  organisation_id {id} CONSTRAINT fk_session_organisation REFERENCES organisation (id),
  created_at {ts} NOT NULL,
  expires_at {ts} NOT NULL,
  revoked_at {ts},
  revoked_why text
);
CREATE INDEX ix_session_person ON session (person_id);
CREATE TABLE refresh_token (
  id {id} NOT NULL CONSTRAINT pk_refresh_token PRIMARY KEY,
  session_id {id} NOT NULL CONSTRAINT fk_refresh_token_session REFERENCES session (id),
  hash {hash} NOT NULL CONSTRAINT uq_refresh_token_hash UNIQUE,
  parent_id {id} CONSTRAINT fk_refresh_token_parent REFERENCES refresh_token (id),
  created_at {ts} NOT NULL,
  expires_at {ts} NOT NULL,
  used_at {ts},
  access_seen_at {ts},
  superseded_at {ts}
);
CREATE UNIQUE INDEX uq_refresh_token_live_leaf ON refresh_token (session_id) WHERE used_at IS NULL AND superseded_at IS NULL;
