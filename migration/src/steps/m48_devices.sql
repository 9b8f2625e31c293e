INSERT INTO integrity_signal_kind (code) VALUES
  ('shared_device'), ('equal_bids'), ('regular_bids'), ('cover_bids'), ('sealed_together'), ('leaves_offers'),
  ('barred_member') ON CONFLICT DO NOTHING;
ALTER TABLE integrity_bidder ADD COLUMN sealed_minor bigint;
ALTER TABLE integrity_bidder ADD COLUMN sealed_at {ts};
ALTER TABLE integrity_bidder ADD COLUMN turns bigint CONSTRAINT ck_integrity_bidder_turns CHECK (turns >= 0);
ALTER TABLE session ADD COLUMN device {hash};
CREATE INDEX ix_session_device ON session (device) WHERE device IS NOT NULL;
