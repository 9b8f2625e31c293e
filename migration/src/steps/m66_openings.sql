INSERT INTO notice_proposal_kind (code) VALUES ('opening') ON CONFLICT DO NOTHING;
