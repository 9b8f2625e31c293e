CREATE TABLE licence_grant (
  id {id} NOT NULL CONSTRAINT pk_licence_grant PRIMARY KEY,
  licensor_id {id} NOT NULL CONSTRAINT fk_licence_grant_licensor REFERENCES organisation (id),
  grantee_id {id} CONSTRAINT fk_licence_grant_grantee REFERENCES organisation (id),
  grantee_name text NOT NULL,
  mode text NOT NULL CONSTRAINT fk_licence_grant_mode REFERENCES licence_mode (code),
  origin text NOT NULL CONSTRAINT fk_licence_grant_origin REFERENCES licence_origin (code),
  state text NOT NULL CONSTRAINT fk_licence_grant_state REFERENCES licence_grant_state (code),
  scope {json} NOT NULL,
  starts_on {date} NOT NULL,
  ends_on {date},
  may_sublicense boolean NOT NULL,
  is_proxy boolean NOT NULL,
  parent_id {id} CONSTRAINT fk_licence_grant_parent REFERENCES licence_grant (id),
  carve_outs {json} NOT NULL,
  waivers {json} NOT NULL,
  deal_id {id} CONSTRAINT fk_licence_grant_deal REFERENCES deal (id),
  negotiation_id {id} CONSTRAINT fk_licence_grant_negotiation REFERENCES negotiation (id),
  rights_grant_id {id} CONSTRAINT fk_licence_grant_rights_grant REFERENCES rights_grant (id),
  document {json},
  effective_at {ts} NOT NULL,
  ended_at {ts},
  end_reason text,
  end_document {json},
  superseded_by {id} CONSTRAINT fk_licence_grant_superseded_by REFERENCES licence_grant (id),
  breach_at {ts},
  breach text,
  created_by {id} NOT NULL CONSTRAINT fk_licence_grant_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_licence_grant_days CHECK (ends_on IS NULL OR starts_on < ends_on),
  CONSTRAINT ck_licence_grant_under CHECK ((parent_id IS NOT NULL) = (mode = 'sub_licence')),
  CONSTRAINT ck_licence_grant_depth CHECK (parent_id IS NULL OR NOT may_sublicense),
  CONSTRAINT ck_licence_grant_proxy CHECK (NOT is_proxy OR mode = 'non_exclusive'),
  CONSTRAINT ck_licence_grant_ended CHECK ((ended_at IS NOT NULL) = (state <> 'effective') AND (ended_at IS NULL) = (end_reason IS NULL)),
  CONSTRAINT ck_licence_grant_end_document CHECK (end_document IS NULL OR state = 'terminated'),
  CONSTRAINT ck_licence_grant_superseded CHECK (superseded_by IS NULL OR state = 'superseded'),
  CONSTRAINT ck_licence_grant_breach CHECK ((breach_at IS NULL) = (breach IS NULL)),
  CONSTRAINT ck_licence_grant_origin CHECK ((document IS NOT NULL) = (origin IN ('recorded', 'sub_licence')) AND (deal_id IS NOT NULL) = (origin = 'deal') AND (negotiation_id IS NOT NULL) = (origin = 'negotiation') AND (rights_grant_id IS NOT NULL) = (origin = 'rights_grant')),
  CONSTRAINT ck_licence_grant_self CHECK (grantee_id IS NULL OR grantee_id <> licensor_id)
);
CREATE INDEX ix_licence_grant_licensor ON licence_grant (licensor_id, created_at, id);
CREATE INDEX ix_licence_grant_grantee ON licence_grant (grantee_id, created_at, id);
CREATE INDEX ix_licence_grant_newest ON licence_grant (created_at, id);
CREATE INDEX ix_licence_grant_parent ON licence_grant (parent_id);
CREATE UNIQUE INDEX uq_licence_grant_deal ON licence_grant (deal_id);
CREATE UNIQUE INDEX uq_licence_grant_negotiation ON licence_grant (negotiation_id);
CREATE UNIQUE INDEX uq_licence_grant_rights_grant ON licence_grant (rights_grant_id);
CREATE TABLE licence_grant_asset (
  licence_grant_id {id} NOT NULL CONSTRAINT fk_licence_grant_asset_grant REFERENCES licence_grant (id),
  asset_id {id} NOT NULL CONSTRAINT fk_licence_grant_asset_asset REFERENCES asset (id),
  CONSTRAINT pk_licence_grant_asset PRIMARY KEY (licence_grant_id, asset_id)
);
CREATE INDEX ix_licence_grant_asset_asset ON licence_grant_asset (asset_id);
CREATE TABLE licence_claim (
  licence_grant_id {id} NOT NULL CONSTRAINT fk_licence_claim_grant REFERENCES licence_grant (id),
  asset_id {id} NOT NULL CONSTRAINT fk_licence_claim_asset REFERENCES asset (id),
  position integer NOT NULL,
  act_from integer NOT NULL,
  act_to integer NOT NULL,
  field_from integer NOT NULL,
  field_to integer NOT NULL,
  region_from integer NOT NULL,
  region_to integer NOT NULL,
  day_from integer NOT NULL,
  day_to integer NOT NULL,
  CONSTRAINT pk_licence_claim PRIMARY KEY (licence_grant_id, asset_id, position),
  CONSTRAINT ck_licence_claim_parts CHECK (act_from < act_to AND field_from < field_to AND region_from < region_to AND day_from < day_to)
);
CREATE INDEX ix_licence_claim_asset ON licence_claim (asset_id);
