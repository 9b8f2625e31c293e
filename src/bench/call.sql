CREATE FUNCTION bench_bid(which uuid, who uuid, whose uuid, signed_in uuid, wanted text, offer bigint, told text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  held record;
  bidder record;
  instant timestamptz := clock_timestamp();
  said text;
  chained bytea;
BEGIN
  INSERT INTO idempotency (principal, operation, key, fingerprint, created_at)
    VALUES (who::text, 'place_bid', wanted, sha256(convert_to(wanted || offer::text, 'UTF8')), instant) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN (SELECT outcome FROM idempotency WHERE principal = who::text AND operation = 'place_bid' AND key = wanted);
  END IF;
  SELECT l.seq, l.head_hash, l.price_minor, l.state, l.closes_at INTO STRICT held FROM lot l WHERE l.id = which FOR UPDATE;
  IF held.state <> 'open_free' OR instant >= held.closes_at OR offer <= held.price_minor THEN
    RAISE EXCEPTION 'refused';
  END IF;
  PERFORM FROM session s WHERE s.id = signed_in AND s.person_id = who AND s.revoked_at IS NULL AND s.expires_at > instant;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'not signed in';
  END IF;
  PERFORM FROM membership m JOIN person p ON p.id = m.person_id JOIN organisation o ON o.id = m.organisation_id
    JOIN membership_role r ON r.membership_id = m.id
    WHERE m.person_id = who AND m.organisation_id = whose AND m.state = 'active' AND p.suspended_at IS NULL AND p.closed_at IS NULL
    AND o.state = 'verified' AND r.role = 'bidder';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no bidder';
  END IF;
  PERFORM FROM admission_call c WHERE c.lot_id = which AND NOT c.barred_persons ? who::text AND NOT c.barred_organisations ? whose::text;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'barred';
  END IF;
  SELECT a.id, a.pseudonym INTO STRICT bidder FROM admission a
    WHERE a.lot_id = which AND a.organisation_id = whose AND a.state = 'admitted' AND NOT a.suspended;
  said := json_build_object('kind', 'bid_placed', 'bidder', bidder.pseudonym, 'price', offer, 'arrived_at', instant, 'closes_at', held.closes_at)::text;
  chained := sha256(held.head_hash || convert_to(which::text || (held.seq + 1)::text || said, 'UTF8'));
  INSERT INTO lot_event (lot_id, seq, at, kind, body, person_id, admission_id, request_id, prev_hash, hash)
    VALUES (which, held.seq + 1, instant, 'bid_placed', said, who, bidder.id, wanted, held.head_hash, chained);
  INSERT INTO audit (at, person_id, organisation_id, role, operation, object_kind, object_id, outcome, before_hash, after_hash, request_id, network)
    VALUES (instant, who, whose, 'bidder', 'place_bid', 'lot', which, 'changed', held.head_hash, chained, wanted, '127.0.0.0/24');
  UPDATE lot SET price_minor = offer, seq = held.seq + 1, head_hash = chained, leader_admission_id = bidder.id,
    leader_pseudonym = bidder.pseudonym, bid_count = bid_count + 1, last_arrival = instant WHERE id = which;
  UPDATE idempotency SET outcome = told WHERE principal = who::text AND operation = 'place_bid' AND key = wanted;
  RETURN told;
END $$;
