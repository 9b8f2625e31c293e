CREATE TABLE recordal (
  id {id} NOT NULL CONSTRAINT pk_recordal PRIMARY KEY,
  kind text NOT NULL CONSTRAINT fk_recordal_kind REFERENCES recordal_kind (code),
  state text NOT NULL CONSTRAINT fk_recordal_state REFERENCES recordal_state (code),
  organisation_id {id} NOT NULL CONSTRAINT fk_recordal_organisation REFERENCES organisation (id),
  counterparty_id {id} CONSTRAINT fk_recordal_counterparty REFERENCES organisation (id),
  counterparty_name text NOT NULL,
  deal_id {id} CONSTRAINT fk_recordal_deal REFERENCES deal (id),
  negotiation_id {id} CONSTRAINT fk_recordal_negotiation REFERENCES negotiation (id),
  licence_grant_id {id} CONSTRAINT fk_recordal_licence_grant REFERENCES licence_grant (id),
  document {json} NOT NULL,
  acceptance_document {json},
  pledgee_consent_document {json},
  consents {json} NOT NULL,
  declarations {json} NOT NULL,
  secured_minor bigint CONSTRAINT ck_recordal_secured_minor CHECK (secured_minor > 0),
  currency text CONSTRAINT fk_recordal_currency REFERENCES currency (code),
  secured_until {date},
  effective_on {date} NOT NULL,
  due_on {date},
  submitted_on {date},
  registry_reference text,
  defect text,
  defect_document {json},
  reply_by {date},
  resubmitted_on {date},
  registered_on {date},
  registry_number text,
  certificate {json},
  entered_by {id} CONSTRAINT fk_recordal_entered_by REFERENCES person (id),
  entered_for {id} CONSTRAINT fk_recordal_entered_for REFERENCES organisation (id),
  entered_at {ts},
  confirmed_by {id} CONSTRAINT fk_recordal_confirmed_by REFERENCES person (id),
  confirmed_at {ts},
  ended_at {ts},
  end_reason text,
  end_document {json},
  rescinded_at {ts},
  created_by {id} NOT NULL CONSTRAINT fk_recordal_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_recordal_source CHECK ((kind = 'licence') = (licence_grant_id IS NOT NULL) AND (kind = 'transfer' OR (deal_id IS NULL AND negotiation_id IS NULL)) AND (deal_id IS NULL OR negotiation_id IS NULL)),
  CONSTRAINT ck_recordal_parties CHECK (counterparty_id IS NULL OR counterparty_id <> organisation_id),
  CONSTRAINT ck_recordal_buyer CHECK (kind <> 'transfer' OR counterparty_id IS NOT NULL),
  CONSTRAINT ck_recordal_secured CHECK ((kind = 'pledge') = (secured_minor IS NOT NULL) AND (secured_minor IS NULL) = (currency IS NULL) AND (secured_minor IS NULL) = (secured_until IS NULL)),
  CONSTRAINT ck_recordal_due CHECK (due_on IS NULL OR kind = 'licence'),
  CONSTRAINT ck_recordal_submitted CHECK (state NOT IN ('submitted_to_registry', 'defect_notice', 'resubmitted', 'deemed_not_filed', 'registered', 'refused') OR submitted_on IS NOT NULL),
  CONSTRAINT ck_recordal_reference CHECK (registry_reference IS NULL OR submitted_on IS NOT NULL),
  CONSTRAINT ck_recordal_defect CHECK ((defect IS NULL) = (defect_document IS NULL) AND (defect IS NULL) = (reply_by IS NULL) AND (state NOT IN ('defect_notice', 'resubmitted', 'deemed_not_filed') OR defect IS NOT NULL)),
  CONSTRAINT ck_recordal_resubmitted CHECK (state <> 'resubmitted' OR resubmitted_on IS NOT NULL),
  CONSTRAINT ck_recordal_entered CHECK ((registered_on IS NULL) = (registry_number IS NULL) AND (registered_on IS NULL) = (certificate IS NULL) AND (registered_on IS NULL) = (entered_by IS NULL) AND (registered_on IS NULL) = (entered_at IS NULL)),
  CONSTRAINT ck_recordal_registered CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL) AND (confirmed_by IS NULL OR registered_on IS NOT NULL) AND (state <> 'registered' OR confirmed_by IS NOT NULL)),
  CONSTRAINT ck_recordal_second CHECK (confirmed_by IS NULL OR confirmed_by <> entered_by),
  CONSTRAINT ck_recordal_ended CHECK ((ended_at IS NOT NULL) = (state IN ('refused', 'withdrawn')) AND (ended_at IS NULL) = (end_reason IS NULL) AND (end_document IS NULL OR ended_at IS NOT NULL)),
  CONSTRAINT ck_recordal_rescinded CHECK (rescinded_at IS NULL OR (kind = 'transfer' AND state = 'withdrawn'))
);
CREATE UNIQUE INDEX uq_recordal_licence ON recordal (licence_grant_id) WHERE state IN ('draft', 'submitted_to_registry', 'defect_notice', 'resubmitted', 'deemed_not_filed');
CREATE INDEX ix_recordal_licence ON recordal (licence_grant_id);
CREATE INDEX ix_recordal_deal ON recordal (deal_id);
CREATE INDEX ix_recordal_negotiation ON recordal (negotiation_id);
CREATE INDEX ix_recordal_newest ON recordal (created_at, id);
CREATE INDEX ix_recordal_organisation ON recordal (organisation_id, created_at, id);
CREATE INDEX ix_recordal_counterparty ON recordal (counterparty_id, created_at, id);
CREATE TABLE recordal_asset (
  recordal_id {id} NOT NULL CONSTRAINT fk_recordal_asset_recordal REFERENCES recordal (id),
  asset_id {id} NOT NULL CONSTRAINT fk_recordal_asset_asset REFERENCES asset (id),
  transferring boolean NOT NULL,
  CONSTRAINT pk_recordal_asset PRIMARY KEY (recordal_id, asset_id)
);
CREATE UNIQUE INDEX uq_recordal_asset_transferring ON recordal_asset (asset_id) WHERE transferring = {true};
CREATE INDEX ix_recordal_asset_asset ON recordal_asset (asset_id);
CREATE TABLE asset_title (
  asset_id {id} NOT NULL CONSTRAINT fk_asset_title_asset REFERENCES asset (id),
  number bigint NOT NULL CONSTRAINT ck_asset_title_number CHECK (number > 0),
  organisation_id {id} NOT NULL CONSTRAINT fk_asset_title_organisation REFERENCES organisation (id),
  achievement_id {id} NOT NULL CONSTRAINT fk_asset_title_achievement REFERENCES achievement (id),
  owners {json} NOT NULL,
  since {date},
  basis text NOT NULL CONSTRAINT fk_asset_title_basis REFERENCES title_basis (code),
  recordal_id {id} CONSTRAINT fk_asset_title_recordal REFERENCES recordal (id),
  deal_id {id} CONSTRAINT fk_asset_title_deal REFERENCES deal (id),
  negotiation_id {id} CONSTRAINT fk_asset_title_negotiation REFERENCES negotiation (id),
  recorded_at {ts} NOT NULL,
  CONSTRAINT pk_asset_title PRIMARY KEY (asset_id, number),
  CONSTRAINT ck_asset_title_since CHECK ((since IS NULL) = (basis = 'original') AND (basis <> 'original' OR number = 1)),
  CONSTRAINT ck_asset_title_basis CHECK ((recordal_id IS NOT NULL) = (basis = 'recordal') AND (basis <> 'deal' OR deal_id IS NOT NULL) AND (basis <> 'negotiation' OR negotiation_id IS NOT NULL))
);
CREATE TABLE patent_grant (
  asset_id {id} NOT NULL CONSTRAINT fk_patent_grant_asset REFERENCES asset (id) CONSTRAINT pk_patent_grant PRIMARY KEY,
  application {json} NOT NULL,
  granted_on {date} NOT NULL,
  patent_number text NOT NULL,
  publication_number text NOT NULL,
  document {json} NOT NULL,
  recorded_by {id} NOT NULL CONSTRAINT fk_patent_grant_recorded_by REFERENCES person (id),
  recorded_at {ts} NOT NULL
);
CREATE INDEX ix_patent_grant_newest ON patent_grant (recorded_at);
