CREATE TABLE document (
  id {id} NOT NULL CONSTRAINT pk_document PRIMARY KEY,
  organisation_id {id} CONSTRAINT fk_document_organisation REFERENCES organisation (id),
  created_by {id} NOT NULL CONSTRAINT fk_document_created_by REFERENCES person (id),
  title text NOT NULL,
  confidentiality text NOT NULL CONSTRAINT fk_document_confidentiality REFERENCES confidentiality (code),
  version bigint NOT NULL,
  created_at {ts} NOT NULL
);
CREATE INDEX ix_document_organisation ON document (organisation_id, created_at, id);
CREATE TABLE document_version (
  document_id {id} NOT NULL CONSTRAINT fk_document_version_document REFERENCES document (id),
  version bigint NOT NULL,
  sha256 {hash} NOT NULL,
  size bigint NOT NULL CONSTRAINT ck_document_version_size CHECK (size > 0),
  media_type text NOT NULL,
  file_name text NOT NULL,
  stored_as text NOT NULL CONSTRAINT uq_document_version_stored_as UNIQUE,
  uploaded_by {id} NOT NULL CONSTRAINT fk_document_version_uploaded_by REFERENCES person (id),
  uploaded_at {ts} NOT NULL,
  CONSTRAINT pk_document_version PRIMARY KEY (document_id, version)
);
