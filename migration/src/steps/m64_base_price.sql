ALTER TABLE negotiation RENAME COLUMN valuation_minor TO base_price_minor;
ALTER TABLE negotiation RENAME COLUMN price_basis TO base_price_basis;
