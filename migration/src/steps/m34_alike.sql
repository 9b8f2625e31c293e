CREATE INDEX ix_listing_alike ON listing (organisation_id, achievement_id, title, created_at, id);
DROP INDEX ix_achievement_title;
CREATE INDEX ix_achievement_title ON achievement (organisation_id, title, created_at, id);
