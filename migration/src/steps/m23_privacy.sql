ALTER TABLE person ADD COLUMN email_blind {hash};
ALTER TABLE person ADD COLUMN closed_at {ts};
ALTER TABLE person ADD COLUMN forget_at {ts} CONSTRAINT ck_person_forget CHECK (forget_at IS NULL OR closed_at IS NOT NULL);
ALTER TABLE person ADD COLUMN forgotten_at {ts} CONSTRAINT ck_person_forgotten CHECK (forgotten_at IS NULL OR (email_blind IS NULL AND forget_at IS NOT NULL AND forgotten_at >= forget_at));
CREATE UNIQUE INDEX uq_person_email_blind ON person (email_blind);
CREATE INDEX ix_person_forget ON person (forget_at) WHERE forgotten_at IS NULL;
ALTER TABLE membership ADD COLUMN email_blind {hash};
DROP INDEX uq_membership_email;
CREATE UNIQUE INDEX uq_membership_email_blind ON membership (organisation_id, email_blind) WHERE state <> 'removed';
CREATE INDEX ix_membership_email_blind ON membership (email_blind);
CREATE TABLE data_key (
  generation bigint NOT NULL CONSTRAINT pk_data_key PRIMARY KEY CONSTRAINT ck_data_key_generation CHECK (generation > 0),
  key_sealed {bytes},
  seals_from {ts} NOT NULL,
  made_by {id} CONSTRAINT fk_data_key_made_by REFERENCES person (id),
  created_at {ts} NOT NULL,
  destroyed_at {ts},
  CONSTRAINT ck_data_key_destroyed CHECK ((key_sealed IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE TABLE reset_request (
  account {hash} NOT NULL CONSTRAINT pk_reset_request PRIMARY KEY,
  id {id} NOT NULL CONSTRAINT uq_reset_request_id UNIQUE,
  created_at {ts} NOT NULL
);
CREATE INDEX ix_password_reset_made ON password_reset (created_at);
CREATE INDEX ix_session_over ON session (expires_at);
