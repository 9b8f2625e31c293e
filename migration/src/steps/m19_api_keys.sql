CREATE TABLE api_key (
  id {id} NOT NULL CONSTRAINT pk_api_key PRIMARY KEY,
  person_id {id} NOT NULL CONSTRAINT fk_api_key_person REFERENCES person (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_api_key_organisation REFERENCES organisation (id),
  name text NOT NULL,
  prefix text NOT NULL,
  hash {hash} NOT NULL CONSTRAINT uq_api_key_hash UNIQUE,
  scopes {json} NOT NULL,
  lots {json} NOT NULL,
  networks {json} NOT NULL,
  expires_at {ts} NOT NULL,
  revoked_at {ts},
  revoked_by {id} CONSTRAINT fk_api_key_revoked_by REFERENCES person (id),
  revoked_why text,
  rotated_from {id} CONSTRAINT uq_api_key_rotated_from UNIQUE CONSTRAINT fk_api_key_rotated_from REFERENCES api_key (id),
  last_used_at {ts},
  last_used_from text,
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_api_key_life CHECK (expires_at >= created_at),
  CONSTRAINT ck_api_key_revoked CHECK ((revoked_at IS NULL) = (revoked_why IS NULL))
);
CREATE INDEX ix_api_key_organisation ON api_key (organisation_id, created_at, id);
CREATE INDEX ix_api_key_person ON api_key (person_id, created_at, id);
CREATE TABLE key_call (
  id {id} NOT NULL CONSTRAINT pk_key_call PRIMARY KEY,
  key_id {id} NOT NULL CONSTRAINT fk_key_call_key REFERENCES api_key (id),
  made_at {ts} NOT NULL,
  method text NOT NULL,
  route text NOT NULL,
  status bigint NOT NULL,
  code text,
  request_id text NOT NULL,
  made_from text,
  micros bigint NOT NULL CONSTRAINT ck_key_call_micros CHECK (micros >= 0)
);
CREATE INDEX ix_key_call_newest ON key_call (key_id, made_at, id);
CREATE INDEX ix_key_call_made ON key_call (made_at);
