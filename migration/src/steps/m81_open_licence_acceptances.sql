INSERT INTO open_licence_state (code) VALUES ('not_accepted'), ('terminated_by_registry'), ('expired') ON CONFLICT DO NOTHING;
INSERT INTO licence_origin (code) VALUES ('open_licence') ON CONFLICT DO NOTHING;
ALTER TABLE open_licence ADD COLUMN pledged boolean NOT NULL DEFAULT false;
ALTER TABLE open_licence ADD COLUMN cnipa_decision_number text;
ALTER TABLE open_licence ADD COLUMN cnipa_decided_on {date} CONSTRAINT ck_open_licence_decided CHECK ((cnipa_decision_number IS NULL) = (cnipa_decided_on IS NULL) AND (cnipa_decided_on IS NOT NULL) = (state IN ('not_accepted', 'terminated_by_registry')));
ALTER TABLE licence_grant ADD COLUMN open_licence_id {id} CONSTRAINT fk_licence_grant_open_licence REFERENCES open_licence (id);
CREATE INDEX ix_licence_grant_open_licence ON licence_grant (open_licence_id);
CREATE TABLE open_licence_acceptance (
  id {id} NOT NULL CONSTRAINT pk_open_licence_acceptance PRIMARY KEY,
  open_licence_id {id} NOT NULL CONSTRAINT fk_open_licence_acceptance_open_licence REFERENCES open_licence (id),
  patentee_id {id} NOT NULL CONSTRAINT fk_open_licence_acceptance_patentee REFERENCES organisation (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_open_licence_acceptance_organisation REFERENCES organisation (id),
  state text NOT NULL CONSTRAINT fk_open_licence_acceptance_state REFERENCES acceptance_state (code),
  fee {json} NOT NULL,
  undertakes_royalty boolean NOT NULL,
  payment {json},
  payment_reference text,
  pay_by {ts} NOT NULL,
  licence_grant_id {id} CONSTRAINT fk_open_licence_acceptance_licence REFERENCES licence_grant (id),
  licensed_at {ts},
  received_at {ts},
  received_by {id} CONSTRAINT fk_open_licence_acceptance_received_by REFERENCES person (id),
  recordal_number text,
  recorded_on {date},
  lapsed_at {ts},
  lapse_reason text,
  created_by {id} NOT NULL CONSTRAINT fk_open_licence_acceptance_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_open_licence_acceptance_self CHECK (organisation_id <> patentee_id),
  CONSTRAINT ck_open_licence_acceptance_payment CHECK ((payment IS NULL) = (payment_reference IS NULL)),
  CONSTRAINT ck_open_licence_acceptance_licensed CHECK ((licence_grant_id IS NULL) = (licensed_at IS NULL) AND (state NOT IN ('licensed', 'recorded') OR licence_grant_id IS NOT NULL) AND (state <> 'notice_sent' OR licence_grant_id IS NULL)),
  CONSTRAINT ck_open_licence_acceptance_paid CHECK (licence_grant_id IS NULL OR payment IS NOT NULL OR received_at IS NOT NULL OR undertakes_royalty),
  CONSTRAINT ck_open_licence_acceptance_received CHECK ((received_at IS NULL) = (received_by IS NULL)),
  CONSTRAINT ck_open_licence_acceptance_recorded CHECK ((recordal_number IS NULL) = (recorded_on IS NULL) AND (recordal_number IS NULL OR licence_grant_id IS NOT NULL) AND (state <> 'recorded' OR recordal_number IS NOT NULL)),
  CONSTRAINT ck_open_licence_acceptance_lapsed CHECK ((lapsed_at IS NOT NULL) = (state = 'lapsed') AND (lapsed_at IS NULL) = (lapse_reason IS NULL))
);
CREATE UNIQUE INDEX uq_open_licence_acceptance_taker ON open_licence_acceptance (open_licence_id, organisation_id) WHERE state <> 'lapsed';
CREATE UNIQUE INDEX uq_open_licence_acceptance_payment ON open_licence_acceptance (open_licence_id, payment_reference) WHERE state <> 'lapsed';
CREATE UNIQUE INDEX uq_open_licence_acceptance_licence ON open_licence_acceptance (licence_grant_id);
CREATE INDEX ix_open_licence_acceptance_newest ON open_licence_acceptance (created_at, id);
CREATE INDEX ix_open_licence_acceptance_patentee ON open_licence_acceptance (patentee_id, created_at, id);
CREATE INDEX ix_open_licence_acceptance_organisation ON open_licence_acceptance (organisation_id, created_at, id);
CREATE TABLE open_implementation (
  asset_id {id} NOT NULL CONSTRAINT pk_open_implementation PRIMARY KEY CONSTRAINT fk_open_implementation_asset REFERENCES asset (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_open_implementation_organisation REFERENCES organisation (id),
  state text NOT NULL CONSTRAINT fk_open_implementation_state REFERENCES open_implementation_state (code),
  method text CONSTRAINT fk_open_implementation_method REFERENCES open_implementation_method (code),
  fee {json},
  terms_set_by {id} CONSTRAINT fk_open_implementation_terms_set_by REFERENCES person (id),
  terms_set_at {ts},
  claim text CONSTRAINT fk_open_implementation_claim REFERENCES implementation_claim (code),
  statement text,
  document {json},
  claimed_by {id} CONSTRAINT fk_open_implementation_claimed_by REFERENCES person (id),
  claimed_at {ts},
  decision_reason text,
  decided_by {id} CONSTRAINT fk_open_implementation_decided_by REFERENCES person (id),
  decided_at {ts},
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_open_implementation_terms CHECK ((method IS NULL) = (terms_set_by IS NULL) AND (method IS NULL) = (terms_set_at IS NULL) AND (fee IS NOT NULL) = (method IS NOT NULL AND method <> 'free_of_charge')),
  CONSTRAINT ck_open_implementation_claim CHECK ((claim IS NULL) = (statement IS NULL) AND (claim IS NULL) = (document IS NULL) AND (claim IS NULL) = (claimed_by IS NULL) AND (claim IS NULL) = (claimed_at IS NULL)),
  CONSTRAINT ck_open_implementation_claimed CHECK (state = 'listed' OR claim IS NOT NULL),
  CONSTRAINT ck_open_implementation_decided CHECK ((decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (decision_reason IS NULL) AND (state <> 'excused' OR decided_by IS NOT NULL) AND (state <> 'claimed' OR decided_by IS NULL)),
  CONSTRAINT ck_open_implementation_second CHECK (decided_by IS NULL OR decided_by <> claimed_by)
);
CREATE INDEX ix_open_implementation_organisation ON open_implementation (organisation_id);
CREATE INDEX ix_asset_granted ON asset (granted_on);
