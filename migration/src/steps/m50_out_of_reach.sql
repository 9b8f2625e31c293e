INSERT INTO integrity_signal_kind (code) VALUES ('out_of_reach') ON CONFLICT DO NOTHING;
