INSERT INTO lot_state (code) VALUES ('preemption_ask') ON CONFLICT DO NOTHING;
INSERT INTO lot_event_kind (code) VALUES ('preemption_asked'), ('preemption_answered') ON CONFLICT DO NOTHING;
ALTER TABLE lot ADD COLUMN leader_priority integer CONSTRAINT ck_lot_leader_priority CHECK (leader_priority > 0);
ALTER TABLE lot ADD COLUMN asking {json};
ALTER TABLE admission_call ADD COLUMN holders {json};
ALTER TABLE admission ADD COLUMN preemption_rank integer CONSTRAINT ck_admission_preemption_rank CHECK (preemption_rank > 0);
ALTER TABLE admission ADD COLUMN offered_minor bigint CONSTRAINT ck_admission_offered CHECK (offered_minor > 0);
ALTER TABLE admission ADD COLUMN offered_until {ts};
