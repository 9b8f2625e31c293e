CREATE TABLE tip (
  id {id} NOT NULL CONSTRAINT pk_tip PRIMARY KEY,
  notice_id {id} NOT NULL CONSTRAINT fk_tip_notice REFERENCES notice (id),
  notice_version bigint NOT NULL,
  listing_id {id} NOT NULL CONSTRAINT fk_tip_listing REFERENCES listing (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_tip_organisation REFERENCES organisation (id),
  ground text NOT NULL CONSTRAINT fk_tip_ground REFERENCES objection_ground (code),
  words text NOT NULL,
  received_at {ts} NOT NULL,
  CONSTRAINT fk_tip_version FOREIGN KEY (notice_id, notice_version) REFERENCES notice_version (notice_id, version)
);
CREATE INDEX ix_tip_newest ON tip (received_at, id);
CREATE INDEX ix_tip_notice ON tip (notice_id, received_at, id);
CREATE INDEX ix_tip_listing ON tip (listing_id, received_at, id);
