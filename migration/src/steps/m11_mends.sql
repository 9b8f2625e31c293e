ALTER TABLE lot ADD COLUMN enough_admitted boolean;
ALTER TABLE lot DROP COLUMN admitted_count;
INSERT INTO lot_event_kind (code) VALUES ('registration_closed') ON CONFLICT DO NOTHING;
ALTER TABLE refund ADD COLUMN bank_reference text;
ALTER TABLE document ADD COLUMN file_name text NOT NULL DEFAULT '';
ALTER TABLE document_version DROP COLUMN file_name;
