CREATE INDEX ix_event_subject ON event (subject_id, seq);
