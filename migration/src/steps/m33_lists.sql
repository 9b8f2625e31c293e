CREATE INDEX ix_refund_organisation ON refund (organisation_id, created_at, id);
CREATE INDEX ix_refund_state ON refund (state, created_at, id);
CREATE INDEX ix_lot_state ON lot (state, created_at, id);
CREATE INDEX ix_deal_seller ON deal (seller_organisation_id, created_at, id);
CREATE INDEX ix_deal_buyer ON deal (buyer_organisation_id, created_at, id);
CREATE INDEX ix_deal_listing ON deal (listing_id);
CREATE INDEX ix_notice_listing ON notice (listing_id);
CREATE INDEX ix_notice_organisation ON notice (organisation_id, published_at, id);
CREATE INDEX ix_listing_asset_asset ON listing_asset (asset_id);
