INSERT INTO unmatched_reason (code) VALUES ('name_conflict') ON CONFLICT DO NOTHING;
INSERT INTO line_decision (code) VALUES ('pays'), ('same') ON CONFLICT DO NOTHING;
ALTER TABLE bank_case ADD COLUMN refund_id {id} CONSTRAINT fk_bank_case_refund REFERENCES refund (id);
ALTER TABLE bank_case ADD COLUMN return_id {id} CONSTRAINT fk_bank_case_return REFERENCES bank_return (id)
  CONSTRAINT ck_bank_case_pays CHECK (
    CASE WHEN decision = 'pays' THEN (refund_id IS NULL) <> (return_id IS NULL) ELSE refund_id IS NULL AND return_id IS NULL END);
