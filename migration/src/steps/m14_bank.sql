CREATE TABLE bank_entry (
  direction text NOT NULL CONSTRAINT fk_bank_entry_direction REFERENCES bank_direction (code),
  bank_reference text NOT NULL,
  counterparty_name text NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT ck_bank_entry_amount CHECK (amount_minor > 0),
  currency text NOT NULL CONSTRAINT fk_bank_entry_currency REFERENCES currency (code),
  transfer_id {id} NOT NULL CONSTRAINT uq_bank_entry_transfer UNIQUE
    CONSTRAINT fk_bank_entry_transfer REFERENCES ledger_transfer (id),
  entered_at {ts} NOT NULL,
  CONSTRAINT pk_bank_entry PRIMARY KEY (direction, bank_reference)
);
CREATE TABLE bank_statement (
  id {id} NOT NULL CONSTRAINT pk_bank_statement PRIMARY KEY,
  currency text NOT NULL CONSTRAINT fk_bank_statement_currency REFERENCES currency (code),
  file_name text NOT NULL,
  sha256 {hash} NOT NULL CONSTRAINT uq_bank_statement_sha256 UNIQUE,
  opening_minor bigint NOT NULL CONSTRAINT ck_bank_statement_opening CHECK (opening_minor >= 0),
  closing_minor bigint NOT NULL CONSTRAINT ck_bank_statement_closing CHECK (closing_minor >= 0),
  credits_minor bigint NOT NULL CONSTRAINT ck_bank_statement_credits CHECK (credits_minor >= 0),
  debits_minor bigint NOT NULL CONSTRAINT ck_bank_statement_debits CHECK (debits_minor >= 0),
  line_count bigint NOT NULL CONSTRAINT ck_bank_statement_lines CHECK (line_count > 0),
  first_booked_at {ts} NOT NULL,
  last_booked_at {ts} NOT NULL,
  previous_id {id} CONSTRAINT fk_bank_statement_previous REFERENCES bank_statement (id),
  gap_minor bigint NOT NULL,
  imported_by {id} NOT NULL CONSTRAINT fk_bank_statement_imported_by REFERENCES person (id),
  imported_at {ts} NOT NULL,
  CONSTRAINT ck_bank_statement_adds_up CHECK (opening_minor + credits_minor - debits_minor = closing_minor)
);
CREATE INDEX ix_bank_statement_newest ON bank_statement (imported_at, id);
CREATE INDEX ix_bank_statement_chain ON bank_statement (currency, last_booked_at, imported_at);
CREATE TABLE bank_line (
  id {id} NOT NULL CONSTRAINT pk_bank_line PRIMARY KEY,
  statement_id {id} NOT NULL CONSTRAINT fk_bank_line_statement REFERENCES bank_statement (id),
  row_number bigint NOT NULL,
  booked_at {ts} NOT NULL,
  bank_reference text NOT NULL,
  direction text NOT NULL CONSTRAINT fk_bank_line_direction REFERENCES bank_direction (code),
  amount_minor bigint NOT NULL CONSTRAINT ck_bank_line_amount CHECK (amount_minor > 0),
  currency text NOT NULL CONSTRAINT fk_bank_line_currency REFERENCES currency (code),
  counterparty_name text NOT NULL,
  counterparty_account text,
  remark text NOT NULL,
  transfer_id {id} NOT NULL CONSTRAINT fk_bank_line_transfer REFERENCES ledger_transfer (id),
  booked boolean NOT NULL,
  known_line_id {id} CONSTRAINT fk_bank_line_known REFERENCES bank_line (id),
  created_at {ts} NOT NULL,
  CONSTRAINT uq_bank_line_row UNIQUE (statement_id, row_number),
  CONSTRAINT uq_bank_line_once UNIQUE (statement_id, bank_reference),
  CONSTRAINT ck_bank_line_known CHECK (known_line_id IS NULL OR NOT booked)
);
CREATE UNIQUE INDEX uq_bank_line_transfer ON bank_line (transfer_id) WHERE booked;
CREATE UNIQUE INDEX uq_bank_line_booked ON bank_line (direction, bank_reference, amount_minor, currency, counterparty_name)
  WHERE booked;
CREATE INDEX ix_bank_line_reference ON bank_line (bank_reference);
CREATE INDEX ix_bank_line_transfer ON bank_line (transfer_id);
CREATE TABLE bank_case (
  line_id {id} NOT NULL CONSTRAINT pk_bank_case PRIMARY KEY CONSTRAINT fk_bank_case_line REFERENCES bank_line (id),
  statement_id {id} NOT NULL CONSTRAINT fk_bank_case_statement REFERENCES bank_statement (id),
  state text NOT NULL CONSTRAINT fk_bank_case_state REFERENCES bank_line_state (code),
  reason text CONSTRAINT fk_bank_case_reason REFERENCES unmatched_reason (code),
  admission_id {id} CONSTRAINT fk_bank_case_admission REFERENCES admission (id),
  decision text CONSTRAINT fk_bank_case_decision REFERENCES line_decision (code),
  decision_reason text,
  decided_by {id} CONSTRAINT fk_bank_case_decided_by REFERENCES person (id),
  decided_at {ts},
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_bank_case_reason CHECK (state <> 'unmatched' OR reason IS NOT NULL),
  CONSTRAINT ck_bank_case_resolved CHECK ((state = 'resolved') = (decision IS NOT NULL)),
  CONSTRAINT ck_bank_case_decided CHECK (
    (decision IS NULL AND decision_reason IS NULL AND decided_by IS NULL AND decided_at IS NULL)
    OR (decision IS NOT NULL AND decision_reason IS NOT NULL AND decided_by IS NOT NULL AND decided_at IS NOT NULL)),
  CONSTRAINT ck_bank_case_applied CHECK ((decision IS NULL OR decision <> 'apply') OR admission_id IS NOT NULL)
);
CREATE INDEX ix_bank_case_newest ON bank_case (created_at, line_id);
CREATE INDEX ix_bank_case_queue ON bank_case (state, created_at, line_id);
CREATE INDEX ix_bank_case_statement ON bank_case (statement_id);
CREATE INDEX ix_bank_case_admission ON bank_case (admission_id);
CREATE TABLE bank_return (
  id {id} NOT NULL CONSTRAINT pk_bank_return PRIMARY KEY,
  line_id {id} NOT NULL CONSTRAINT uq_bank_return_line UNIQUE CONSTRAINT fk_bank_return_line REFERENCES bank_line (id),
  amount_minor bigint NOT NULL CONSTRAINT ck_bank_return_amount CHECK (amount_minor > 0),
  currency text NOT NULL CONSTRAINT fk_bank_return_currency REFERENCES currency (code),
  state text NOT NULL CONSTRAINT fk_bank_return_state REFERENCES refund_state (code),
  due_at {ts} NOT NULL,
  rule text NOT NULL,
  transfer_id {id} CONSTRAINT fk_bank_return_transfer REFERENCES ledger_transfer (id),
  paid_at {ts},
  version bigint NOT NULL,
  created_at {ts} NOT NULL,
  CONSTRAINT ck_bank_return_paid CHECK ((state = 'paid') = (transfer_id IS NOT NULL))
);
CREATE INDEX ix_bank_return_owed ON bank_return (due_at, id) WHERE state = 'due';
CREATE TABLE payment_file (
  id {id} NOT NULL CONSTRAINT pk_payment_file PRIMARY KEY,
  currency text NOT NULL CONSTRAINT fk_payment_file_currency REFERENCES currency (code),
  total_minor bigint NOT NULL CONSTRAINT ck_payment_file_total CHECK (total_minor > 0),
  item_count bigint NOT NULL CONSTRAINT ck_payment_file_items CHECK (item_count > 0),
  sha256 {hash} NOT NULL,
  state text NOT NULL CONSTRAINT fk_payment_file_state REFERENCES payment_state (code),
  created_by {id} NOT NULL CONSTRAINT fk_payment_file_created_by REFERENCES person (id),
  version bigint NOT NULL,
  created_at {ts} NOT NULL
);
CREATE INDEX ix_payment_file_newest ON payment_file (created_at, id);
CREATE TABLE payment_item (
  id {id} NOT NULL CONSTRAINT pk_payment_item PRIMARY KEY,
  file_id {id} NOT NULL CONSTRAINT fk_payment_item_file REFERENCES payment_file (id),
  row_number bigint NOT NULL,
  payment_reference text NOT NULL CONSTRAINT uq_payment_item_reference UNIQUE,
  refund_id {id} CONSTRAINT fk_payment_item_refund REFERENCES refund (id),
  return_id {id} CONSTRAINT fk_payment_item_return REFERENCES bank_return (id),
  source_line_id {id} CONSTRAINT fk_payment_item_source REFERENCES bank_line (id),
  payee_name text NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT ck_payment_item_amount CHECK (amount_minor > 0),
  currency text NOT NULL CONSTRAINT fk_payment_item_currency REFERENCES currency (code),
  state text NOT NULL CONSTRAINT fk_payment_item_state REFERENCES payment_state (code),
  confirmed_by_line_id {id} CONSTRAINT fk_payment_item_line REFERENCES bank_line (id),
  CONSTRAINT uq_payment_item_row UNIQUE (file_id, row_number),
  CONSTRAINT ck_payment_item_what CHECK ((refund_id IS NULL) <> (return_id IS NULL)),
  CONSTRAINT ck_payment_item_confirmed CHECK ((state = 'confirmed') = (confirmed_by_line_id IS NOT NULL))
);
CREATE UNIQUE INDEX uq_payment_item_refund ON payment_item (refund_id) WHERE state <> 'cancelled';
CREATE UNIQUE INDEX uq_payment_item_return ON payment_item (return_id) WHERE state <> 'cancelled';
