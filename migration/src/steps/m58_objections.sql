CREATE TABLE objection (
  id {id} NOT NULL CONSTRAINT pk_objection PRIMARY KEY,
  notice_id {id} NOT NULL CONSTRAINT fk_objection_notice REFERENCES notice (id),
  notice_version bigint NOT NULL,
  listing_id {id} NOT NULL CONSTRAINT fk_objection_listing REFERENCES listing (id),
  deal_id {id} CONSTRAINT fk_objection_deal REFERENCES deal (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_objection_organisation REFERENCES organisation (id),
  objector {id} NOT NULL CONSTRAINT fk_objection_objector REFERENCES person (id),
  objector_organisation_id {id} CONSTRAINT fk_objection_objector_organisation REFERENCES organisation (id),
  ground text NOT NULL CONSTRAINT fk_objection_ground REFERENCES objection_ground (code),
  words text NOT NULL,
  evidence {json} NOT NULL,
  state text NOT NULL CONSTRAINT fk_objection_state REFERENCES objection_state (code),
  due_at {ts},
  handler {id} CONSTRAINT fk_objection_handler REFERENCES person (id),
  extended boolean NOT NULL,
  outcome text CONSTRAINT fk_objection_outcome REFERENCES objection_outcome (code),
  reasons text,
  review_outcome text CONSTRAINT fk_objection_review_outcome REFERENCES objection_outcome (code),
  review_reasons text,
  submitted_at {ts} NOT NULL,
  accepted_at {ts},
  decided_at {ts},
  closed_at {ts},
  settled_at {ts},
  settlement text,
  ends boolean NOT NULL,
  version bigint NOT NULL,
  CONSTRAINT fk_objection_version FOREIGN KEY (notice_id, notice_version) REFERENCES notice_version (notice_id, version),
  CONSTRAINT ck_objection_handler CHECK (handler IS NULL OR handler <> objector),
  CONSTRAINT ck_objection_outcome CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL OR reasons IS NOT NULL)),
  CONSTRAINT ck_objection_review CHECK ((review_outcome IS NULL) = (review_reasons IS NULL) AND (review_outcome IS NULL OR outcome IS NOT NULL)),
  CONSTRAINT ck_objection_closed CHECK ((closed_at IS NOT NULL) = (state IN ('not_accepted', 'final', 'withdrawn'))),
  CONSTRAINT ck_objection_settled CHECK ((settled_at IS NULL) = (settlement IS NULL) AND (settled_at IS NULL OR closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX uq_objection_once ON objection (notice_id, notice_version, objector);
CREATE INDEX ix_objection_notice ON objection (notice_id, submitted_at, id);
CREATE INDEX ix_objection_objector ON objection (objector, submitted_at, id);
CREATE INDEX ix_objection_listing ON objection (listing_id);
CREATE INDEX ix_objection_newest ON objection (submitted_at, id);
