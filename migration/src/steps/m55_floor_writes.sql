ALTER TABLE lot SET (fillfactor = 50);
ALTER TABLE lot_event DROP CONSTRAINT ck_lot_event_kind;
ALTER TABLE lot_event ADD CONSTRAINT ck_lot_event_kind CHECK (kind = ANY ('{
  bid_placed, maximum_placed, bought_now, aborted, bidder_reinstated, bidder_suspended, bids_opened, extended,
  extended_for_outage, first_offers_opened, maxima_opened, opened, paused, preemption_answered, preemption_asked,
  preemption_round, registration_closed, resumed, scheduled, session_joined, sold, tie_round, timed_phase_started,
  turn_came, turn_ended, unsold
}'::text[])) NOT VALID;
DROP TRIGGER keep_audit_update ON audit;
DROP TRIGGER keep_audit_reset ON audit;
DROP TRIGGER keep_audit_withheld ON audit;
CREATE TRIGGER keep_audit_update AFTER UPDATE OF
  seq, at, person_id, organisation_id, role, operation, object_kind, object_id, outcome, before_hash, after_hash, detail, request_id, network
  ON audit FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_audit_reset AFTER UPDATE OF position, hash ON audit FOR EACH ROW WHEN (OLD.position IS NOT NULL)
  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_audit_withheld AFTER UPDATE OF withheld_with ON audit FOR EACH ROW WHEN (NEW.withheld_with IS NOT NULL)
  EXECUTE FUNCTION refuse_change();
