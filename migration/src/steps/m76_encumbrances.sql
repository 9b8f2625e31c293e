CREATE TABLE burden (
  id {id} NOT NULL CONSTRAINT pk_burden PRIMARY KEY,
  asset_id {id} NOT NULL CONSTRAINT fk_burden_asset REFERENCES asset (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_burden_organisation REFERENCES organisation (id),
  kind text NOT NULL CONSTRAINT fk_burden_kind REFERENCES burden_kind (code),
  since {date} NOT NULL,
  until {date},
  holder text,
  registry_number text,
  suspends boolean NOT NULL,
  document {json},
  source text NOT NULL CONSTRAINT fk_burden_source REFERENCES status_source (code),
  as_of {ts} NOT NULL,
  recorded_by {id} NOT NULL CONSTRAINT fk_burden_recorded_by REFERENCES person (id),
  recorded_at {ts} NOT NULL,
  CONSTRAINT ck_burden_days CHECK (until IS NULL OR since <= until),
  CONSTRAINT ck_burden_as_of CHECK (as_of <= recorded_at),
  CONSTRAINT ck_burden_pledge CHECK (kind <> 'pledge' OR (holder IS NOT NULL AND registry_number IS NOT NULL)),
  CONSTRAINT ck_burden_suspends CHECK (NOT suspends OR kind = 'ownership_dispute'),
  CONSTRAINT ck_burden_secret CHECK (kind NOT IN ('state_secret', 'export_prohibited') OR (holder IS NULL AND registry_number IS NULL AND document IS NULL))
);
CREATE INDEX ix_burden_asset ON burden (asset_id, recorded_at, id);
CREATE TABLE burden_step (
  burden_id {id} NOT NULL CONSTRAINT fk_burden_step_burden REFERENCES burden (id),
  kind text NOT NULL CONSTRAINT fk_burden_step_kind REFERENCES burden_step_kind (code),
  lifted_on {date},
  document {json},
  made_by {id} NOT NULL CONSTRAINT fk_burden_step_made_by REFERENCES person (id),
  made_at {ts} NOT NULL,
  CONSTRAINT pk_burden_step PRIMARY KEY (burden_id, kind),
  CONSTRAINT ck_burden_step_lifted CHECK ((lifted_on IS NOT NULL) = (kind = 'lifted'))
);
CREATE TABLE burden_consent (
  id {id} NOT NULL CONSTRAINT pk_burden_consent PRIMARY KEY,
  asset_id {id} NOT NULL CONSTRAINT fk_burden_consent_asset REFERENCES asset (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_burden_consent_organisation REFERENCES organisation (id),
  kind text NOT NULL CONSTRAINT fk_burden_consent_kind REFERENCES consent_kind (code),
  burden_id {id} CONSTRAINT fk_burden_consent_burden REFERENCES burden (id),
  given_by text NOT NULL,
  deeds {json} NOT NULL,
  valid_from {date} NOT NULL,
  valid_until {date},
  price_goes text CONSTRAINT fk_burden_consent_price REFERENCES pledged_price (code),
  document {json} NOT NULL,
  recorded_by {id} NOT NULL CONSTRAINT fk_burden_consent_recorded_by REFERENCES person (id),
  recorded_at {ts} NOT NULL,
  CONSTRAINT ck_burden_consent_days CHECK (valid_until IS NULL OR valid_from <= valid_until),
  CONSTRAINT ck_burden_consent_burden CHECK ((burden_id IS NULL) = (kind = 'co_owner')),
  CONSTRAINT ck_burden_consent_price CHECK ((price_goes IS NOT NULL) = (kind = 'pledgee'))
);
CREATE INDEX ix_burden_consent_asset ON burden_consent (asset_id, recorded_at, id);
CREATE INDEX ix_burden_consent_burden ON burden_consent (burden_id);
CREATE TABLE consent_withdrawal (
  consent_id {id} NOT NULL CONSTRAINT pk_consent_withdrawal PRIMARY KEY CONSTRAINT fk_consent_withdrawal_consent REFERENCES burden_consent (id),
  reason text NOT NULL,
  withdrawn_by {id} NOT NULL CONSTRAINT fk_consent_withdrawal_person REFERENCES person (id),
  withdrawn_at {ts} NOT NULL
);
CREATE TABLE owners_agreement (
  id {id} NOT NULL CONSTRAINT pk_owners_agreement PRIMARY KEY,
  asset_id {id} NOT NULL CONSTRAINT fk_owners_agreement_asset REFERENCES asset (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_owners_agreement_organisation REFERENCES organisation (id),
  version bigint NOT NULL CONSTRAINT ck_owners_agreement_version CHECK (version > 0),
  clauses {json} NOT NULL,
  in_force_from {date} NOT NULL,
  document {json} NOT NULL,
  put_by {id} NOT NULL CONSTRAINT fk_owners_agreement_put_by REFERENCES person (id),
  put_at {ts} NOT NULL
);
CREATE UNIQUE INDEX uq_owners_agreement_version ON owners_agreement (asset_id, version);
