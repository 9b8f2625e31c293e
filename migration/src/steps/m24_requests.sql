ALTER TABLE webhook ADD COLUMN failing boolean NOT NULL DEFAULT false;
CREATE TABLE data_request (
  id {id} NOT NULL CONSTRAINT pk_data_request PRIMARY KEY,
  person_id {id} NOT NULL CONSTRAINT fk_data_request_person REFERENCES person (id),
  wish text NOT NULL CONSTRAINT fk_data_request_wish REFERENCES data_wish (code),
  reason text NOT NULL,
  done_by {id} NOT NULL CONSTRAINT fk_data_request_done_by REFERENCES person (id),
  done_at {ts} NOT NULL
);
CREATE INDEX ix_data_request_person ON data_request (person_id);
CREATE INDEX ix_data_request_done ON data_request (done_at, id);
