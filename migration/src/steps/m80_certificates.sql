CREATE TABLE licence_certificate (
  id {id} NOT NULL CONSTRAINT pk_licence_certificate PRIMARY KEY,
  licence_grant_id {id} NOT NULL CONSTRAINT fk_licence_certificate_grant REFERENCES licence_grant (id),
  edition integer NOT NULL,
  number text NOT NULL,
  said_sha256 {bytes} NOT NULL,
  jws text NOT NULL,
  issued_by {id} NOT NULL CONSTRAINT fk_licence_certificate_issued_by REFERENCES person (id),
  issued_at {ts} NOT NULL,
  superseded_at {ts},
  revoked_at {ts},
  revoked_by {id} CONSTRAINT fk_licence_certificate_revoked_by REFERENCES person (id),
  revocation_reason text,
  version bigint NOT NULL,
  CONSTRAINT ck_licence_certificate_edition CHECK (edition >= 1),
  CONSTRAINT ck_licence_certificate_revoked CHECK ((revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revocation_reason IS NULL)),
  CONSTRAINT ck_licence_certificate_once CHECK (superseded_at IS NULL OR revoked_at IS NULL)
);
CREATE UNIQUE INDEX uq_licence_certificate_number ON licence_certificate (number);
CREATE UNIQUE INDEX uq_licence_certificate_edition ON licence_certificate (licence_grant_id, edition);
CREATE UNIQUE INDEX uq_licence_certificate_current ON licence_certificate (licence_grant_id) WHERE superseded_at IS NULL AND revoked_at IS NULL;
