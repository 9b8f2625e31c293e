CREATE TABLE receipt_tree (
  id {id} NOT NULL CONSTRAINT pk_receipt_tree PRIMARY KEY,
  leaves {bytes} NOT NULL CONSTRAINT ck_receipt_tree_leaves CHECK (length(leaves) > 0 AND length(leaves) % 32 = 0),
  jws text NOT NULL,
  made_at {ts} NOT NULL
);
CREATE INDEX ix_receipt_tree_age ON receipt_tree (made_at);
