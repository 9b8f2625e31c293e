INSERT INTO deal_state (code) VALUES ('rescinded') ON CONFLICT DO NOTHING;
ALTER TABLE document ADD COLUMN person_id {id} CONSTRAINT fk_document_person REFERENCES person (id) CONSTRAINT ck_document_owner CHECK (person_id IS NULL OR (organisation_id IS NULL AND person_id = created_by));
ALTER TABLE document ADD COLUMN handed_in_at {ts} CONSTRAINT ck_document_handed_in CHECK (handed_in_at IS NULL OR person_id IS NOT NULL);
CREATE INDEX ix_document_person ON document (person_id);
