ALTER TABLE key_call ADD COLUMN operation text;
CREATE INDEX ix_key_call_operation ON key_call (key_id, operation, made_at, id);
CREATE INDEX ix_key_call_refused ON key_call (key_id, made_at, id) WHERE status >= 400;
