INSERT INTO notice_kind (code) VALUES ('auction') ON CONFLICT DO NOTHING;
ALTER TABLE listing ADD COLUMN auction_notice_id {id} CONSTRAINT fk_listing_auction_notice REFERENCES notice (id);
