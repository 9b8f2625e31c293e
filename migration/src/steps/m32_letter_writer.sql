CREATE INDEX ix_inbox_item_order ON inbox_item (position, id);
INSERT INTO event_cursor (consumer, position) SELECT 'letters', position FROM event_cursor WHERE consumer = 'notifications';
