CREATE TABLE bench_lot (id uuid PRIMARY KEY, price bigint NOT NULL, seq bigint NOT NULL, head bytea NOT NULL);
CREATE TABLE bench_event (
  lot uuid NOT NULL, seq bigint NOT NULL, at timestamptz NOT NULL, body text NOT NULL, prev bytea NOT NULL, hash bytea NOT NULL,
  PRIMARY KEY (lot, seq)
);
CREATE TABLE bench_key (key text PRIMARY KEY, outcome text, at timestamptz NOT NULL);
CREATE TABLE bench_audit (seq bigserial PRIMARY KEY, lot uuid NOT NULL, before bytea NOT NULL, after bytea NOT NULL, at timestamptz NOT NULL);
CREATE FUNCTION bench_bid(which uuid, wanted text, offer bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  held bench_lot;
  instant timestamptz := clock_timestamp();
  said text;
  chained bytea;
BEGIN
  INSERT INTO bench_key VALUES (wanted, NULL, instant) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN (SELECT outcome FROM bench_key WHERE key = wanted);
  END IF;
  SELECT * INTO STRICT held FROM bench_lot WHERE id = which FOR UPDATE;
  IF offer <= held.price THEN
    RAISE EXCEPTION 'too low';
  END IF;
  said := json_build_object('kind', 'bid_placed', 'bidder', '1', 'price', offer)::text;
  chained := sha256(held.head || convert_to(which::text || (held.seq + 1)::text || said, 'UTF8'));
  INSERT INTO bench_event VALUES (which, held.seq + 1, instant, said, held.head, chained);
  INSERT INTO bench_audit (lot, before, after, at) VALUES (which, held.head, chained, instant);
  UPDATE bench_lot SET price = offer, seq = held.seq + 1, head = chained WHERE id = which;
  UPDATE bench_key SET outcome = said WHERE key = wanted;
  RETURN said;
END $$;
