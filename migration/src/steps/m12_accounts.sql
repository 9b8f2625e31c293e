ALTER TABLE person ADD COLUMN password_changed_at {ts};
ALTER TABLE person ADD COLUMN suspended_at {ts};
ALTER TABLE person ADD COLUMN suspended_why text;
ALTER TABLE session ADD COLUMN proved_at {ts};
ALTER TABLE session ADD COLUMN seen_from text;
CREATE TABLE second_factor (
  person_id {id} NOT NULL CONSTRAINT pk_second_factor PRIMARY KEY CONSTRAINT fk_second_factor_person REFERENCES person (id),
  secret_sealed {bytes} NOT NULL,
  confirmed_at {ts},
  last_step bigint NOT NULL CONSTRAINT ck_second_factor_step CHECK (last_step >= 0),
  created_at {ts} NOT NULL
);
CREATE TABLE recovery_code (
  hash {hash} NOT NULL CONSTRAINT pk_recovery_code PRIMARY KEY,
  person_id {id} NOT NULL CONSTRAINT fk_recovery_code_person REFERENCES person (id)
);
CREATE INDEX ix_recovery_code_person ON recovery_code (person_id);
CREATE TABLE past_password (
  id {id} NOT NULL CONSTRAINT pk_past_password PRIMARY KEY,
  person_id {id} NOT NULL CONSTRAINT fk_past_password_person REFERENCES person (id),
  password_hash text NOT NULL,
  replaced_at {ts} NOT NULL
);
CREATE INDEX ix_past_password_person ON past_password (person_id, replaced_at);
CREATE TABLE sign_in_attempt (
  id {id} NOT NULL CONSTRAINT pk_sign_in_attempt PRIMARY KEY,
  account {hash} NOT NULL,
  origin text NOT NULL,
  made_at {ts} NOT NULL
);
CREATE INDEX ix_sign_in_attempt_account ON sign_in_attempt (account, made_at);
CREATE INDEX ix_sign_in_attempt_made ON sign_in_attempt (made_at);
CREATE TABLE password_reset (
  hash {hash} NOT NULL CONSTRAINT pk_password_reset PRIMARY KEY,
  person_id {id} NOT NULL CONSTRAINT fk_password_reset_person REFERENCES person (id),
  issued_by {id} CONSTRAINT fk_password_reset_issued_by REFERENCES person (id),
  expires_at {ts} NOT NULL,
  used_at {ts},
  created_at {ts} NOT NULL
);
CREATE INDEX ix_password_reset_person ON password_reset (person_id);
CREATE TABLE token_key (
  generation bigint NOT NULL CONSTRAINT pk_token_key PRIMARY KEY CONSTRAINT ck_token_key_generation CHECK (generation > 0),
  signs_from {ts} NOT NULL,
  retired_at {ts},
  made_by {id} CONSTRAINT fk_token_key_made_by REFERENCES person (id),
  created_at {ts} NOT NULL
);
