ALTER TABLE lot SET (toast_tuple_target = 128);
