INSERT INTO lot_event_kind (code) VALUES ('extended_for_outage') ON CONFLICT DO NOTHING;
CREATE TABLE heartbeat (
  id smallint NOT NULL CONSTRAINT pk_heartbeat PRIMARY KEY CONSTRAINT ck_heartbeat_one CHECK (id = 1),
  real_at {ts} NOT NULL,
  market_at {ts} NOT NULL
);
CREATE TABLE outage (
  id {id} NOT NULL CONSTRAINT pk_outage PRIMARY KEY,
  began_at {ts} NOT NULL,
  ended_at {ts} NOT NULL,
  noted_at {ts} NOT NULL,
  CONSTRAINT ck_outage_order CHECK (began_at <= ended_at)
);
CREATE INDEX ix_outage_ended ON outage (ended_at);
