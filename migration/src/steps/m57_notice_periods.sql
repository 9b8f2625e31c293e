ALTER TABLE notice ADD COLUMN period {json};
ALTER TABLE notice ADD COLUMN taken_down_at {ts};
ALTER TABLE notice ADD COLUMN city text;
ALTER TABLE notice ADD COLUMN field text;
UPDATE notice SET
  city = (SELECT substr(organisation.division_code, 1, 4) || '00' FROM organisation WHERE organisation.id = notice.organisation_id),
  field = (SELECT achievement.field FROM achievement JOIN listing ON listing.achievement_id = achievement.id WHERE listing.id = notice.listing_id);
CREATE INDEX ix_notice_city ON notice (city, published_at, id);
CREATE INDEX ix_notice_field ON notice (field, published_at, id);
CREATE TABLE notice_takedown (
  notice_id {id} NOT NULL CONSTRAINT fk_notice_takedown_notice REFERENCES notice (id),
  taken_down_at {ts} NOT NULL,
  taken_down_by {id} NOT NULL CONSTRAINT fk_notice_takedown_by REFERENCES person (id),
  reason text NOT NULL,
  restored_at {ts},
  restored_by {id} CONSTRAINT fk_notice_takedown_restored_by REFERENCES person (id),
  CONSTRAINT pk_notice_takedown PRIMARY KEY (notice_id, taken_down_at),
  CONSTRAINT ck_notice_takedown_restored CHECK ((restored_at IS NULL) = (restored_by IS NULL) AND (restored_at IS NULL OR restored_at >= taken_down_at))
);
CREATE UNIQUE INDEX uq_notice_takedown_open ON notice_takedown (notice_id) WHERE restored_at IS NULL;
