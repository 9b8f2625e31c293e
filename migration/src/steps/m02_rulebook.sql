CREATE TABLE rulebook_edition (
  version bigint NOT NULL CONSTRAINT pk_rulebook_edition PRIMARY KEY,
  sha256 {hash} NOT NULL CONSTRAINT uq_rulebook_edition_sha256 UNIQUE,
  parameters text NOT NULL,
  redaction text NOT NULL,
  calendar text NOT NULL,
  loaded_at {ts} NOT NULL
);
