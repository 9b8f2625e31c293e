CREATE TABLE data_room (
  id {id} NOT NULL CONSTRAINT pk_data_room PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_data_room_organisation REFERENCES organisation (id),
  listing_id {id} CONSTRAINT fk_data_room_listing REFERENCES listing (id),
  negotiation_id {id} CONSTRAINT fk_data_room_negotiation REFERENCES negotiation (id),
  visitor_organisation_id {id} CONSTRAINT fk_data_room_visitor REFERENCES organisation (id),
  state text NOT NULL CONSTRAINT fk_data_room_state REFERENCES data_room_state (code),
  nda_version bigint NOT NULL,
  least_until {ts},
  opened_by {id} CONSTRAINT fk_data_room_opened_by REFERENCES person (id),
  opened_at {ts},
  closed_by {id} CONSTRAINT fk_data_room_closed_by REFERENCES person (id),
  closed_at {ts},
  close_reason text,
  created_by {id} NOT NULL CONSTRAINT fk_data_room_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_data_room_matter CHECK ((listing_id IS NULL) <> (negotiation_id IS NULL)),
  CONSTRAINT ck_data_room_visitor CHECK ((negotiation_id IS NULL) = (visitor_organisation_id IS NULL)),
  CONSTRAINT ck_data_room_nda CHECK (nda_version >= 0),
  CONSTRAINT ck_data_room_opened CHECK ((opened_at IS NULL) = (opened_by IS NULL) AND (opened_at IS NULL) = (least_until IS NULL)),
  CONSTRAINT ck_data_room_open CHECK ((state <> 'open' OR opened_at IS NOT NULL) AND (state <> 'prepared' OR opened_at IS NULL)),
  CONSTRAINT ck_data_room_closed CHECK ((closed_at IS NOT NULL) = (state = 'closed') AND (closed_at IS NULL) = (close_reason IS NULL) AND (closed_by IS NULL OR closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX uq_data_room_listing ON data_room (listing_id);
CREATE UNIQUE INDEX uq_data_room_negotiation ON data_room (negotiation_id);
CREATE INDEX ix_data_room_newest ON data_room (created_at, id);
CREATE INDEX ix_data_room_organisation ON data_room (organisation_id, created_at, id);
CREATE TABLE data_room_nda (
  data_room_id {id} NOT NULL CONSTRAINT fk_data_room_nda_room REFERENCES data_room (id),
  version bigint NOT NULL CONSTRAINT ck_data_room_nda_version CHECK (version > 0),
  text text NOT NULL,
  sha256 {bytes} NOT NULL,
  put_by {id} NOT NULL CONSTRAINT fk_data_room_nda_put_by REFERENCES person (id),
  put_at {ts} NOT NULL,
  CONSTRAINT pk_data_room_nda PRIMARY KEY (data_room_id, version)
);
CREATE TABLE data_room_acceptance (
  data_room_id {id} NOT NULL,
  version bigint NOT NULL,
  organisation_id {id} NOT NULL CONSTRAINT fk_data_room_acceptance_organisation REFERENCES organisation (id),
  sha256 {bytes} NOT NULL,
  accepted_by {id} NOT NULL CONSTRAINT fk_data_room_acceptance_accepted_by REFERENCES person (id),
  accepted_at {ts} NOT NULL,
  network text,
  CONSTRAINT pk_data_room_acceptance PRIMARY KEY (data_room_id, version, organisation_id),
  CONSTRAINT fk_data_room_acceptance_nda FOREIGN KEY (data_room_id, version) REFERENCES data_room_nda (data_room_id, version)
);
CREATE TABLE data_room_document (
  id {id} NOT NULL CONSTRAINT pk_data_room_document PRIMARY KEY,
  data_room_id {id} NOT NULL CONSTRAINT fk_data_room_document_room REFERENCES data_room (id),
  document_id {id} NOT NULL,
  document_version bigint NOT NULL,
  sha256 {bytes} NOT NULL,
  level text NOT NULL CONSTRAINT fk_data_room_document_level REFERENCES confidentiality (code),
  disclosure text NOT NULL CONSTRAINT fk_data_room_document_disclosure REFERENCES disclosure (code),
  unmarked boolean NOT NULL,
  added_by {id} NOT NULL CONSTRAINT fk_data_room_document_added_by REFERENCES person (id),
  added_at {ts} NOT NULL,
  removed_by {id} CONSTRAINT fk_data_room_document_removed_by REFERENCES person (id),
  removed_at {ts},
  version bigint NOT NULL,
  CONSTRAINT fk_data_room_document_version FOREIGN KEY (document_id, document_version) REFERENCES document_version (document_id, version),
  CONSTRAINT ck_data_room_document_level CHECK (level <> 'private'),
  CONSTRAINT ck_data_room_document_unmarked CHECK (level = 'data_room' OR NOT unmarked),
  CONSTRAINT ck_data_room_document_removed CHECK ((removed_at IS NULL) = (removed_by IS NULL))
);
CREATE UNIQUE INDEX uq_data_room_document_once ON data_room_document (data_room_id, document_id) WHERE removed_at IS NULL;
CREATE INDEX ix_data_room_document_room ON data_room_document (data_room_id, added_at, id);
CREATE TABLE data_room_grant (
  id {id} NOT NULL CONSTRAINT pk_data_room_grant PRIMARY KEY,
  data_room_id {id} NOT NULL CONSTRAINT fk_data_room_grant_room REFERENCES data_room (id),
  person_id {id} NOT NULL CONSTRAINT fk_data_room_grant_person REFERENCES person (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_data_room_grant_organisation REFERENCES organisation (id),
  starts_at {ts} NOT NULL,
  ends_at {ts} NOT NULL,
  granted_by {id} NOT NULL CONSTRAINT fk_data_room_grant_granted_by REFERENCES person (id),
  granted_at {ts} NOT NULL,
  revoked_by {id} CONSTRAINT fk_data_room_grant_revoked_by REFERENCES person (id),
  revoked_at {ts},
  version bigint NOT NULL,
  CONSTRAINT ck_data_room_grant_time CHECK (starts_at < ends_at),
  CONSTRAINT ck_data_room_grant_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE UNIQUE INDEX uq_data_room_grant_once ON data_room_grant (data_room_id, person_id, organisation_id) WHERE revoked_at IS NULL;
CREATE TABLE data_room_access (
  data_room_id {id} NOT NULL CONSTRAINT fk_data_room_access_room REFERENCES data_room (id),
  seq bigint NOT NULL CONSTRAINT ck_data_room_access_seq CHECK (seq > 0),
  at {ts} NOT NULL,
  person_id {id} CONSTRAINT fk_data_room_access_person REFERENCES person (id),
  organisation_id {id} CONSTRAINT fk_data_room_access_organisation REFERENCES organisation (id),
  network text,
  act text NOT NULL CONSTRAINT fk_data_room_access_act REFERENCES room_act (code),
  refusal text CONSTRAINT fk_data_room_access_refusal REFERENCES room_refusal (code),
  data_room_document_id {id} CONSTRAINT fk_data_room_access_document REFERENCES data_room_document (id),
  document_id {id} CONSTRAINT fk_data_room_access_file REFERENCES document (id),
  document_version bigint,
  document_sha256 {bytes},
  level text CONSTRAINT fk_data_room_access_level REFERENCES confidentiality (code),
  watermark text,
  prev_hash {bytes} NOT NULL,
  hash {bytes} NOT NULL,
  CONSTRAINT pk_data_room_access PRIMARY KEY (data_room_id, seq),
  CONSTRAINT ck_data_room_access_refusal CHECK ((act = 'refused') = (refusal IS NOT NULL)),
  CONSTRAINT ck_data_room_access_what CHECK ((act = 'looked') = (data_room_document_id IS NULL)),
  CONSTRAINT ck_data_room_access_file CHECK ((data_room_document_id IS NULL) = (document_id IS NULL) AND (document_id IS NULL) = (document_version IS NULL) AND (document_id IS NULL) = (document_sha256 IS NULL) AND (document_id IS NULL) = (level IS NULL)),
  CONSTRAINT ck_data_room_access_watermark CHECK (watermark IS NULL OR act = 'downloaded')
);
CREATE UNIQUE INDEX uq_data_room_access_watermark ON data_room_access (watermark);
