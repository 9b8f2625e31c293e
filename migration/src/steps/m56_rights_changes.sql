CREATE TABLE rights_change (
  xid xid8 NOT NULL,
  seen_at timestamptz
);
CREATE INDEX ix_rights_change_xid ON rights_change (xid);
CREATE FUNCTION note_rights_change() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO rights_change (xid) VALUES (pg_current_xact_id()); RETURN NULL; END $$;
CREATE TRIGGER note_rights AFTER UPDATE OF suspended_at, closed_at OR DELETE OR TRUNCATE ON person
  FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
CREATE TRIGGER note_rights AFTER UPDATE OF state OR DELETE OR TRUNCATE ON organisation
  FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
CREATE TRIGGER note_rights AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON membership
  FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
CREATE TRIGGER note_rights AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON membership_role
  FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
CREATE TRIGGER note_rights AFTER UPDATE OR DELETE OR TRUNCATE ON session
  FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
CREATE TRIGGER note_rights AFTER UPDATE OF expires_at, revoked_at OR DELETE OR TRUNCATE ON api_key
  FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
CREATE TRIGGER note_rights AFTER UPDATE OR DELETE OR TRUNCATE ON admission
  FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
CREATE TRIGGER note_rights AFTER UPDATE OR DELETE OR TRUNCATE ON admission_call
  FOR EACH STATEMENT EXECUTE FUNCTION note_rights_change();
