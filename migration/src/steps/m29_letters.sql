CREATE TABLE mail_preference (
  person_id {id} NOT NULL CONSTRAINT fk_mail_preference_person REFERENCES person (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_mail_preference_organisation REFERENCES organisation (id),
  choice text NOT NULL CONSTRAINT fk_mail_preference_choice REFERENCES mail_choice (code),
  kinds {json},
  stop_id {id} NOT NULL CONSTRAINT uq_mail_preference_stop UNIQUE,
  version bigint NOT NULL CONSTRAINT ck_mail_preference_version CHECK (version > 0),
  changed_at {ts} NOT NULL,
  CONSTRAINT pk_mail_preference PRIMARY KEY (person_id, organisation_id),
  CONSTRAINT ck_mail_preference_kinds CHECK ((choice = 'chosen') = (kinds IS NOT NULL))
);
CREATE INDEX ix_mail_preference_organisation ON mail_preference (organisation_id);
CREATE TABLE inbox_letter (
  id {id} NOT NULL CONSTRAINT pk_inbox_letter PRIMARY KEY,
  person_id {id} NOT NULL CONSTRAINT fk_inbox_letter_person REFERENCES person (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_inbox_letter_organisation REFERENCES organisation (id),
  item_id {id} CONSTRAINT fk_inbox_letter_item REFERENCES inbox_item (id),
  more bigint NOT NULL,
  state text NOT NULL CONSTRAINT fk_inbox_letter_state REFERENCES mail_state (code),
  attempts integer NOT NULL CONSTRAINT ck_inbox_letter_attempts CHECK (attempts >= 0),
  next_attempt_at {ts} NOT NULL,
  created_at {ts} NOT NULL,
  ended_at {ts},
  CONSTRAINT ck_inbox_letter_more CHECK (more >= 0 AND (item_id IS NULL) = (more > 0)),
  CONSTRAINT ck_inbox_letter_ended CHECK ((state = 'pending') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX uq_inbox_letter_item ON inbox_letter (item_id, person_id);
CREATE INDEX ix_inbox_letter_due ON inbox_letter (next_attempt_at, id) WHERE state = 'pending';
CREATE INDEX ix_inbox_letter_person ON inbox_letter (person_id, created_at);
CREATE INDEX ix_inbox_letter_age ON inbox_letter (ended_at);
