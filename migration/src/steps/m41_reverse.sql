INSERT INTO lot_event_kind (code) VALUES ('bought_now') ON CONFLICT DO NOTHING;
