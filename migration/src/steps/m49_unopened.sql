ALTER TABLE audit ADD COLUMN withheld_with {id} CONSTRAINT ck_audit_withheld CHECK (withheld_with IS NULL OR position IS NULL);
DROP INDEX ix_audit_unplaced;
CREATE INDEX ix_audit_unplaced ON audit (seq) WHERE position IS NULL AND withheld_with IS NULL;
CREATE INDEX ix_audit_withheld ON audit (withheld_with) WHERE withheld_with IS NOT NULL;
ALTER TABLE key_call ADD COLUMN discreet boolean NOT NULL DEFAULT false;
