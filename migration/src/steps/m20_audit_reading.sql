CREATE INDEX ix_audit_person ON audit (person_id, position);
CREATE INDEX ix_audit_organisation ON audit (organisation_id, position);
CREATE INDEX ix_audit_denied ON audit (position) WHERE outcome = 'denied';
CREATE INDEX ix_audit_operation ON audit (operation, position);
CREATE INDEX ix_audit_request ON audit (request_id);
CREATE INDEX ix_audit_at ON audit (at);
