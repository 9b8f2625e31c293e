CREATE TABLE registration_request (
  id {id} NOT NULL CONSTRAINT pk_registration_request PRIMARY KEY,
  account {hash} NOT NULL,
  origin text NOT NULL,
  email text,
  token_hash {hash} CONSTRAINT uq_registration_request_token UNIQUE,
  letter_at {ts},
  expires_at {ts} NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_registration_request_token CHECK (token_hash IS NULL OR (email IS NOT NULL AND letter_at IS NOT NULL))
);
CREATE INDEX ix_registration_request_account ON registration_request (account, letter_at);
CREATE INDEX ix_registration_request_origin ON registration_request (origin, created_at);
CREATE INDEX ix_registration_request_expires ON registration_request (expires_at);
ALTER TABLE person ADD COLUMN address_proved_at {ts};
