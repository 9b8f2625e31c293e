ALTER TABLE first_offer ADD COLUMN person_id {id};
ALTER TABLE turn_bid ADD COLUMN person_id {id};
CREATE INDEX ix_first_offer_person ON first_offer (person_id, arrived_at);
CREATE INDEX ix_turn_bid_person ON turn_bid (person_id, arrived_at);
