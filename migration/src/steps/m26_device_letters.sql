CREATE TABLE device_request (
  account {hash} NOT NULL CONSTRAINT pk_device_request PRIMARY KEY,
  id {id} NOT NULL CONSTRAINT uq_device_request_id UNIQUE,
  created_at {ts} NOT NULL
);
CREATE TABLE device_letter (
  hash {hash} NOT NULL CONSTRAINT pk_device_letter PRIMARY KEY,
  person_id {id} NOT NULL CONSTRAINT fk_device_letter_person REFERENCES person (id),
  expires_at {ts} NOT NULL,
  used_at {ts},
  created_at {ts} NOT NULL,
  CONSTRAINT ck_device_letter_expires CHECK (expires_at > created_at)
);
CREATE INDEX ix_device_letter_person ON device_letter (person_id, created_at);
CREATE INDEX ix_device_letter_expires ON device_letter (expires_at);
