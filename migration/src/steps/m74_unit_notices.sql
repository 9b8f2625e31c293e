CREATE TABLE unit_notice (
  notice_id {id} NOT NULL CONSTRAINT fk_unit_notice_notice REFERENCES notice (id),
  number bigint NOT NULL CONSTRAINT ck_unit_notice_number CHECK (number > 0),
  notice_version bigint NOT NULL,
  shown {json} NOT NULL,
  shown_by {id} NOT NULL CONSTRAINT fk_unit_notice_shown_by REFERENCES person (id),
  shown_at {ts} NOT NULL,
  CONSTRAINT pk_unit_notice PRIMARY KEY (notice_id, number),
  CONSTRAINT fk_unit_notice_version FOREIGN KEY (notice_id, notice_version) REFERENCES notice_version (notice_id, version)
);
INSERT INTO unit_notice (notice_id, number, notice_version, shown, shown_by, shown_at)
  SELECT notice.id, 1, notice.current_version, negotiation.unit_notice, audit.person_id, audit.at
  FROM negotiation JOIN notice ON notice.id = negotiation.notice_id JOIN audit ON audit.seq = (
    SELECT max(deed.seq) FROM audit deed
    WHERE deed.object_id = negotiation.id AND deed.object_kind = 'negotiation' AND deed.operation = 'show_unit_notice' AND deed.outcome = 'changed'
  )
  WHERE negotiation.unit_notice IS NOT NULL AND audit.person_id IS NOT NULL;
INSERT INTO unit_notice (notice_id, number, notice_version, shown, shown_by, shown_at)
  SELECT notice.id, 1, notice.current_version, rights_grant.unit_notice, audit.person_id, audit.at
  FROM rights_grant JOIN notice ON notice.id = rights_grant.notice_id JOIN audit ON audit.seq = (
    SELECT max(deed.seq) FROM audit deed
    WHERE deed.object_id = rights_grant.id AND deed.object_kind = 'rights_grant' AND deed.operation = 'show_rights_grant_notice' AND deed.outcome = 'changed'
  )
  WHERE rights_grant.unit_notice IS NOT NULL AND audit.person_id IS NOT NULL;
CREATE TABLE negotiation_decision (
  negotiation_id {id} NOT NULL CONSTRAINT fk_negotiation_decision_negotiation REFERENCES negotiation (id),
  offer bigint NOT NULL,
  agreed_at {ts} NOT NULL,
  document {json},
  drafted_sha256 {bytes} NOT NULL,
  decided_by {id} NOT NULL CONSTRAINT fk_negotiation_decision_decided_by REFERENCES person (id),
  decided_at {ts} NOT NULL,
  CONSTRAINT pk_negotiation_decision PRIMARY KEY (negotiation_id, offer),
  CONSTRAINT fk_negotiation_decision_offer FOREIGN KEY (negotiation_id, offer) REFERENCES negotiation_offer (negotiation_id, number)
);
INSERT INTO negotiation_decision (negotiation_id, offer, agreed_at, document, drafted_sha256, decided_by, decided_at)
  SELECT id, agreed_offer, agreed_at, decision_document, drafted_sha256, decided_by, decided_at
  FROM negotiation
  WHERE decided_at IS NOT NULL AND decided_by IS NOT NULL AND drafted_sha256 IS NOT NULL AND agreed_offer IS NOT NULL AND agreed_at IS NOT NULL;
