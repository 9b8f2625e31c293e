ALTER TABLE lot_event DROP CONSTRAINT ck_lot_event_kind;
ALTER TABLE lot_event ADD CONSTRAINT ck_lot_event_kind CHECK (kind = ANY ('{
  bid_placed, maximum_placed, bought_now, aborted, bidder_reinstated, bidder_suspended, bids_opened, extended,
  extended_for_outage, first_offers_opened, maxima_opened, opened, paused, postponed, preemption_answered, preemption_asked,
  preemption_round, registration_closed, resumed, scheduled, session_joined, sold, tie_round, timed_phase_started,
  turn_came, turn_ended, unsold
}'::text[])) NOT VALID;
