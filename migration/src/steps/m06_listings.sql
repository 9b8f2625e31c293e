CREATE TABLE listing (
  id {id} NOT NULL CONSTRAINT pk_listing PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_listing_organisation REFERENCES organisation (id),
  achievement_id {id} NOT NULL CONSTRAINT fk_listing_achievement REFERENCES achievement (id),
  seller_class text NOT NULL CONSTRAINT fk_listing_seller_class REFERENCES seller_class (code),
  rehearsal boolean NOT NULL,
  state text NOT NULL CONSTRAINT fk_listing_state REFERENCES listing_state (code),
  state_reason text,
  mode text NOT NULL CONSTRAINT fk_listing_mode REFERENCES transfer_mode (code),
  title text NOT NULL,
  offer {json} NOT NULL,
  rules {json},
  rulebook_version bigint CONSTRAINT fk_listing_rulebook REFERENCES rulebook_edition (version),
  reserve_sealed {bytes},
  submitted_by {id} CONSTRAINT fk_listing_submitted_by REFERENCES person (id),
  reviewer {id} CONSTRAINT fk_listing_reviewer REFERENCES person (id),
  published_by {id} CONSTRAINT fk_listing_published_by REFERENCES person (id),
  notice_id {id},
  lot_id {id},
  registration_closes_at {ts},
  auction_opens_at {ts},
  published_at {ts},
  created_by {id} NOT NULL CONSTRAINT fk_listing_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_listing_second_person CHECK (reviewer IS NULL OR submitted_by IS NULL OR reviewer <> submitted_by),
  CONSTRAINT ck_listing_publisher CHECK (published_by IS NULL OR reviewer IS NULL OR published_by <> reviewer)
);
CREATE INDEX ix_listing_newest ON listing (created_at, id);
CREATE INDEX ix_listing_published ON listing (published_at, id);
CREATE INDEX ix_listing_organisation ON listing (organisation_id, created_at, id);
CREATE TABLE listing_asset (
  listing_id {id} NOT NULL CONSTRAINT fk_listing_asset_listing REFERENCES listing (id),
  asset_id {id} NOT NULL CONSTRAINT fk_listing_asset_asset REFERENCES asset (id),
  held boolean NOT NULL,
  CONSTRAINT pk_listing_asset PRIMARY KEY (listing_id, asset_id)
);
CREATE UNIQUE INDEX uq_listing_asset_held ON listing_asset (asset_id) WHERE held = {true};
