ALTER TABLE negotiation ADD COLUMN title_en text;
ALTER TABLE negotiation ADD COLUMN summary_en text;
ALTER TABLE rights_grant ADD COLUMN title_en text;
ALTER TABLE rights_grant ADD COLUMN summary_en text;
