INSERT INTO lot_event_kind (code) VALUES ('maximum_placed'), ('maxima_opened') ON CONFLICT DO NOTHING;
ALTER TABLE lot ADD COLUMN hidden_sealed {bytes};
ALTER TABLE lot_event ADD COLUMN sealed {bytes};
