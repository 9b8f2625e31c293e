CREATE TABLE licence_event (
  licence_grant_id {id} NOT NULL CONSTRAINT fk_licence_event_grant REFERENCES licence_grant (id),
  number bigint NOT NULL CONSTRAINT ck_licence_event_number CHECK (number > 0),
  at {ts} NOT NULL,
  kind text NOT NULL CONSTRAINT fk_licence_event_kind REFERENCES licence_event_kind (code),
  licensor_id {id} NOT NULL CONSTRAINT fk_licence_event_licensor REFERENCES organisation (id),
  CONSTRAINT pk_licence_event PRIMARY KEY (licence_grant_id, number),
  CONSTRAINT ck_licence_event_first CHECK ((number = 1) = (kind = 'entered'))
);
INSERT INTO licence_event (licence_grant_id, number, at, kind, licensor_id)
  SELECT id, 1, effective_at, 'entered', licensor_id FROM licence_grant;
INSERT INTO licence_event (licence_grant_id, number, at, kind, licensor_id)
  SELECT id, 2, breach_at, 'breach_reported', licensor_id FROM licence_grant WHERE breach_at IS NOT NULL;
INSERT INTO licence_event (licence_grant_id, number, at, kind, licensor_id)
  SELECT id, CASE WHEN breach_at IS NULL THEN 2 ELSE 3 END, ended_at, state, licensor_id FROM licence_grant WHERE ended_at IS NOT NULL;
ALTER TABLE licence_grant_asset ADD COLUMN merged_at {ts};
CREATE TABLE licence_cross (
  licence_grant_id {id} NOT NULL CONSTRAINT pk_licence_cross PRIMARY KEY CONSTRAINT fk_licence_cross_grant REFERENCES licence_grant (id),
  counterpart_id {id} NOT NULL CONSTRAINT fk_licence_cross_counterpart REFERENCES licence_grant (id),
  CONSTRAINT ck_licence_cross_two CHECK (licence_grant_id <> counterpart_id)
);
CREATE UNIQUE INDEX uq_licence_cross_counterpart ON licence_cross (counterpart_id);
