CREATE TABLE receipt_key (
  kid text NOT NULL CONSTRAINT pk_receipt_key PRIMARY KEY,
  public_key {hash} NOT NULL,
  first_used_at {ts} NOT NULL
);
