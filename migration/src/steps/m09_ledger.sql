CREATE TABLE ledger_account (
  id {id} NOT NULL CONSTRAINT pk_ledger_account PRIMARY KEY,
  kind text NOT NULL CONSTRAINT fk_ledger_account_kind REFERENCES account_kind (code),
  organisation_id {id} CONSTRAINT fk_ledger_account_organisation REFERENCES organisation (id),
  lot_id {id} CONSTRAINT fk_ledger_account_lot REFERENCES lot (id),
  currency text NOT NULL CONSTRAINT fk_ledger_account_currency REFERENCES currency (code),
  created_at {ts} NOT NULL,
  CONSTRAINT ck_ledger_account_shape CHECK (
    (kind = 'bank' AND organisation_id IS NULL AND lot_id IS NULL)
    OR (kind = 'client_funds' AND organisation_id IS NOT NULL AND lot_id IS NULL)
    OR (kind = 'deposits' AND organisation_id IS NULL AND lot_id IS NOT NULL))
);
CREATE UNIQUE INDEX uq_ledger_account_bank ON ledger_account (currency) WHERE kind = 'bank';
CREATE UNIQUE INDEX uq_ledger_account_client ON ledger_account (organisation_id, currency) WHERE kind = 'client_funds';
CREATE UNIQUE INDEX uq_ledger_account_deposits ON ledger_account (lot_id, currency) WHERE kind = 'deposits';
CREATE TABLE ledger_transfer (
  id {id} NOT NULL CONSTRAINT pk_ledger_transfer PRIMARY KEY,
  phase text NOT NULL CONSTRAINT fk_ledger_transfer_phase REFERENCES transfer_phase (code),
  reason text NOT NULL CONSTRAINT fk_ledger_transfer_reason REFERENCES transfer_reason (code),
  pending_id {id} CONSTRAINT fk_ledger_transfer_pending REFERENCES ledger_transfer (id),
  debit_account_id {id} NOT NULL CONSTRAINT fk_ledger_transfer_debit REFERENCES ledger_account (id),
  credit_account_id {id} NOT NULL CONSTRAINT fk_ledger_transfer_credit REFERENCES ledger_account (id),
  amount_minor bigint NOT NULL CONSTRAINT ck_ledger_transfer_amount CHECK (amount_minor > 0),
  currency text NOT NULL CONSTRAINT fk_ledger_transfer_currency REFERENCES currency (code),
  created_at {ts} NOT NULL,
  CONSTRAINT uq_ledger_transfer_resolution UNIQUE (pending_id),
  CONSTRAINT ck_ledger_transfer_sides CHECK (debit_account_id <> credit_account_id),
  CONSTRAINT ck_ledger_transfer_phase CHECK ((phase IN ('post', 'void', 'expire')) = (pending_id IS NOT NULL))
);
CREATE INDEX ix_ledger_transfer_debit ON ledger_transfer (debit_account_id);
CREATE INDEX ix_ledger_transfer_credit ON ledger_transfer (credit_account_id);
CREATE INDEX ix_ledger_transfer_newest ON ledger_transfer (created_at, id);
CREATE TABLE admission_call (
  lot_id {id} NOT NULL CONSTRAINT pk_admission_call PRIMARY KEY CONSTRAINT fk_admission_call_lot REFERENCES lot (id),
  listing_id {id} NOT NULL CONSTRAINT fk_admission_call_listing REFERENCES listing (id),
  seller_organisation_id {id} NOT NULL CONSTRAINT fk_admission_call_seller REFERENCES organisation (id),
  opens_at {ts} NOT NULL,
  closes_at {ts} NOT NULL,
  deposit_minor bigint NOT NULL CONSTRAINT ck_admission_call_deposit CHECK (deposit_minor > 0),
  currency text NOT NULL CONSTRAINT fk_admission_call_currency REFERENCES currency (code),
  conditions {json} NOT NULL,
  barred_organisations {json} NOT NULL,
  barred_persons {json} NOT NULL,
  refund_rule {json} NOT NULL,
  closed_at {ts}
);
CREATE TABLE admission (
  id {id} NOT NULL CONSTRAINT pk_admission PRIMARY KEY,
  lot_id {id} NOT NULL CONSTRAINT fk_admission_lot REFERENCES lot (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_admission_organisation REFERENCES organisation (id),
  state text NOT NULL CONSTRAINT fk_admission_state REFERENCES admission_state (code),
  reason text,
  deposit_reference text NOT NULL CONSTRAINT uq_admission_reference UNIQUE,
  pseudonym text,
  suspended boolean NOT NULL,
  documents {json} NOT NULL,
  hold_transfer_id {id} CONSTRAINT fk_admission_hold REFERENCES ledger_transfer (id),
  applied_by {id} NOT NULL CONSTRAINT fk_admission_applied_by REFERENCES person (id),
  decided_by {id} CONSTRAINT fk_admission_decided_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT uq_admission_pseudonym UNIQUE (lot_id, pseudonym),
  CONSTRAINT ck_admission_admitted CHECK (state NOT IN ('admitted', 'won', 'lost') OR pseudonym IS NOT NULL)
);
CREATE UNIQUE INDEX uq_admission_organisation ON admission (lot_id, organisation_id) WHERE state <> 'withdrawn';
CREATE INDEX ix_admission_lot ON admission (lot_id, created_at, id);
CREATE INDEX ix_admission_mine ON admission (organisation_id, created_at, id);
CREATE TABLE bank_credit (
  id {id} NOT NULL CONSTRAINT pk_bank_credit PRIMARY KEY,
  bank_reference text NOT NULL CONSTRAINT uq_bank_credit_reference UNIQUE,
  admission_id {id} NOT NULL CONSTRAINT fk_bank_credit_admission REFERENCES admission (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_bank_credit_organisation REFERENCES organisation (id),
  payer_name text NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT ck_bank_credit_amount CHECK (amount_minor > 0),
  currency text NOT NULL CONSTRAINT fk_bank_credit_currency REFERENCES currency (code),
  transfer_id {id} NOT NULL CONSTRAINT fk_bank_credit_transfer REFERENCES ledger_transfer (id),
  recorded_by {id} CONSTRAINT fk_bank_credit_recorded_by REFERENCES person (id),
  recorded_at {ts} NOT NULL
);
CREATE TABLE refund (
  id {id} NOT NULL CONSTRAINT pk_refund PRIMARY KEY,
  admission_id {id} NOT NULL CONSTRAINT uq_refund_admission UNIQUE CONSTRAINT fk_refund_admission REFERENCES admission (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_refund_organisation REFERENCES organisation (id),
  amount_minor bigint NOT NULL CONSTRAINT ck_refund_amount CHECK (amount_minor > 0),
  currency text NOT NULL CONSTRAINT fk_refund_currency REFERENCES currency (code),
  state text NOT NULL CONSTRAINT fk_refund_state REFERENCES refund_state (code),
  due_at {ts} NOT NULL,
  rule text NOT NULL,
  transfer_id {id} CONSTRAINT fk_refund_transfer REFERENCES ledger_transfer (id),
  paid_at {ts},
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_refund_paid CHECK ((state = 'paid') = (transfer_id IS NOT NULL))
);
CREATE INDEX ix_refund_newest ON refund (created_at, id);
