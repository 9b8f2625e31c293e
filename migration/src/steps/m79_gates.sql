CREATE TABLE gate_declaration (
  id {id} NOT NULL CONSTRAINT pk_gate_declaration PRIMARY KEY,
  listing_id {id} NOT NULL CONSTRAINT fk_gate_declaration_listing REFERENCES listing (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_gate_declaration_organisation REFERENCES organisation (id),
  number bigint NOT NULL CONSTRAINT ck_gate_declaration_number CHECK (number > 0),
  admits_foreign boolean NOT NULL,
  export_entries {json} NOT NULL,
  keywords {json} NOT NULL,
  clauses text,
  clause_kinds {json} NOT NULL,
  funding_approval {json},
  security_review {json},
  declared_by {id} NOT NULL CONSTRAINT fk_gate_declaration_declared_by REFERENCES person (id),
  declared_at {ts} NOT NULL,
  CONSTRAINT uq_gate_declaration UNIQUE (listing_id, number)
);
CREATE TABLE gate_run (
  id {id} NOT NULL CONSTRAINT pk_gate_run PRIMARY KEY,
  listing_id {id} NOT NULL CONSTRAINT fk_gate_run_listing REFERENCES listing (id),
  deal_id {id} CONSTRAINT fk_gate_run_deal REFERENCES deal (id),
  stage text NOT NULL CONSTRAINT fk_gate_run_stage REFERENCES gate_stage (code),
  rulebook_version bigint NOT NULL,
  catalogue_version text NOT NULL,
  export_class text CONSTRAINT fk_gate_run_export_class REFERENCES export_class (code),
  run_by {id} CONSTRAINT fk_gate_run_run_by REFERENCES person (id),
  run_at {ts} NOT NULL,
  CONSTRAINT ck_gate_run_deal CHECK ((deal_id IS NOT NULL) = (stage = 'confirmation')),
  CONSTRAINT ck_gate_run_export CHECK (export_class IS NULL OR export_class <> 'prohibited')
);
CREATE INDEX ix_gate_run_listing ON gate_run (listing_id, run_at, id);
CREATE TABLE gate_finding (
  run_id {id} NOT NULL CONSTRAINT fk_gate_finding_run REFERENCES gate_run (id),
  number integer NOT NULL CONSTRAINT ck_gate_finding_number CHECK (number > 0),
  gate text NOT NULL CONSTRAINT fk_gate_finding_gate REFERENCES gate (code),
  verdict text NOT NULL CONSTRAINT fk_gate_finding_verdict REFERENCES gate_verdict (code),
  finding {json},
  finding_sha256 {bytes},
  CONSTRAINT pk_gate_finding PRIMARY KEY (run_id, number),
  CONSTRAINT ck_gate_finding_found CHECK ((finding IS NULL) = (verdict = 'pass') AND (finding IS NULL) = (finding_sha256 IS NULL)),
  CONSTRAINT ck_gate_finding_stored CHECK (verdict <> 'block')
);
CREATE TABLE gate_acknowledgement (
  id {id} NOT NULL CONSTRAINT pk_gate_acknowledgement PRIMARY KEY,
  listing_id {id} NOT NULL CONSTRAINT fk_gate_acknowledgement_listing REFERENCES listing (id),
  gate text NOT NULL CONSTRAINT fk_gate_acknowledgement_gate REFERENCES gate (code),
  finding_sha256 {bytes} NOT NULL,
  decision text NOT NULL CONSTRAINT fk_gate_acknowledgement_decision REFERENCES finding_decision (code),
  reason text NOT NULL,
  decided_by {id} NOT NULL CONSTRAINT fk_gate_acknowledgement_decided_by REFERENCES person (id),
  decided_at {ts} NOT NULL,
  CONSTRAINT uq_gate_acknowledgement UNIQUE (listing_id, finding_sha256)
);
CREATE TABLE organisation_facts (
  id {id} NOT NULL CONSTRAINT pk_organisation_facts PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_organisation_facts_organisation REFERENCES organisation (id),
  number bigint NOT NULL CONSTRAINT ck_organisation_facts_number CHECK (number > 0),
  established text NOT NULL CONSTRAINT fk_organisation_facts_established REFERENCES establishment (code),
  foreign_control boolean NOT NULL,
  foreign_beneficial_bp integer NOT NULL CONSTRAINT ck_organisation_facts_share CHECK (foreign_beneficial_bp BETWEEN 0 AND 10000),
  data_leaves boolean NOT NULL,
  representative {bytes},
  controller {bytes},
  address {bytes},
  phone {bytes},
  bank_account {bytes},
  declared_by {id} NOT NULL CONSTRAINT fk_organisation_facts_declared_by REFERENCES person (id),
  declared_at {ts} NOT NULL,
  CONSTRAINT uq_organisation_facts UNIQUE (organisation_id, number)
);
CREATE TABLE organisation_relation (
  id {id} NOT NULL CONSTRAINT pk_organisation_relation PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_organisation_relation_organisation REFERENCES organisation (id),
  other_organisation_id {id} NOT NULL CONSTRAINT fk_organisation_relation_other REFERENCES organisation (id),
  kind text NOT NULL CONSTRAINT fk_organisation_relation_kind REFERENCES relation_kind (code),
  share_bp integer,
  declared_by {id} NOT NULL CONSTRAINT fk_organisation_relation_declared_by REFERENCES person (id),
  declared_at {ts} NOT NULL,
  ended_by {id} CONSTRAINT fk_organisation_relation_ended_by REFERENCES person (id),
  ended_at {ts},
  end_reason text,
  version bigint NOT NULL,
  CONSTRAINT ck_organisation_relation_two CHECK (organisation_id <> other_organisation_id),
  CONSTRAINT ck_organisation_relation_share CHECK ((share_bp IS NOT NULL) = (kind = 'shareholding') AND (share_bp IS NULL OR share_bp BETWEEN 1 AND 10000)),
  CONSTRAINT ck_organisation_relation_ended CHECK ((ended_at IS NULL) = (ended_by IS NULL) AND (ended_at IS NULL) = (end_reason IS NULL))
);
CREATE UNIQUE INDEX uq_organisation_relation_live ON organisation_relation (organisation_id, other_organisation_id, kind) WHERE ended_at IS NULL;
CREATE INDEX ix_organisation_relation_other ON organisation_relation (other_organisation_id);
CREATE TABLE restriction (
  id {id} NOT NULL CONSTRAINT pk_restriction PRIMARY KEY,
  organisation_id {id} NOT NULL CONSTRAINT fk_restriction_organisation REFERENCES organisation (id),
  scope text NOT NULL CONSTRAINT fk_restriction_scope REFERENCES restriction_scope (code),
  source_number text NOT NULL,
  from_day {date} NOT NULL,
  until_day {date},
  entered_by {id} NOT NULL CONSTRAINT fk_restriction_entered_by REFERENCES person (id),
  entered_at {ts} NOT NULL,
  lifted_by {id} CONSTRAINT fk_restriction_lifted_by REFERENCES person (id),
  lifted_at {ts},
  lift_reason text,
  version bigint NOT NULL,
  CONSTRAINT ck_restriction_days CHECK (until_day IS NULL OR until_day >= from_day),
  CONSTRAINT ck_restriction_lifted CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lift_reason IS NULL))
);
CREATE UNIQUE INDEX uq_restriction_live ON restriction (organisation_id, scope, source_number) WHERE lifted_at IS NULL;
CREATE TABLE export_paper (
  id {id} NOT NULL CONSTRAINT pk_export_paper PRIMARY KEY,
  listing_id {id} NOT NULL CONSTRAINT fk_export_paper_listing REFERENCES listing (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_export_paper_organisation REFERENCES organisation (id),
  kind text NOT NULL CONSTRAINT fk_export_paper_kind REFERENCES export_paper_kind (code),
  number text NOT NULL,
  valid_until {date} NOT NULL,
  document {json} NOT NULL,
  state text NOT NULL CONSTRAINT fk_export_paper_state REFERENCES export_paper_state (code),
  reason text,
  handed_in_by {id} NOT NULL CONSTRAINT fk_export_paper_handed_in_by REFERENCES person (id),
  handed_in_at {ts} NOT NULL,
  decided_by {id} CONSTRAINT fk_export_paper_decided_by REFERENCES person (id),
  decided_at {ts},
  version bigint NOT NULL,
  CONSTRAINT ck_export_paper_decided CHECK ((state = 'handed_in') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)),
  CONSTRAINT ck_export_paper_reason CHECK (state = 'handed_in' OR reason IS NOT NULL),
  CONSTRAINT ck_export_paper_second CHECK (decided_by IS NULL OR decided_by <> handed_in_by)
);
CREATE INDEX ix_export_paper_listing ON export_paper (listing_id, organisation_id);
CREATE INDEX ix_export_paper_organisation ON export_paper (organisation_id, handed_in_at, id);
CREATE INDEX ix_export_paper_newest ON export_paper (handed_in_at, id);
