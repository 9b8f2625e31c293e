CREATE TABLE question (
  id {id} NOT NULL CONSTRAINT pk_question PRIMARY KEY,
  listing_id {id} NOT NULL CONSTRAINT fk_question_listing REFERENCES listing (id),
  organisation_id {id} NOT NULL CONSTRAINT fk_question_organisation REFERENCES organisation (id),
  asker {id} NOT NULL CONSTRAINT fk_question_asker REFERENCES person (id),
  asker_organisation_id {id} CONSTRAINT fk_question_asker_organisation REFERENCES organisation (id),
  words text NOT NULL,
  published_words text,
  answer text,
  answered_by {id} CONSTRAINT fk_question_answered_by REFERENCES person (id),
  state text NOT NULL CONSTRAINT fk_question_state REFERENCES question_state (code),
  due_at {ts},
  reason text,
  moderator {id} CONSTRAINT fk_question_moderator REFERENCES person (id),
  asked_at {ts} NOT NULL,
  answered_at {ts},
  closed_at {ts},
  version bigint NOT NULL,
  CONSTRAINT ck_question_moderator CHECK (moderator IS NULL OR moderator <> asker),
  CONSTRAINT ck_question_answerer CHECK (answered_by IS NULL OR answered_by <> asker),
  CONSTRAINT ck_question_insider CHECK (asker_organisation_id IS NULL OR asker_organisation_id <> organisation_id),
  CONSTRAINT ck_question_answer CHECK ((answer IS NULL) = (answered_by IS NULL) AND (answer IS NULL) = (answered_at IS NULL)),
  CONSTRAINT ck_question_answered CHECK (state NOT IN ('answered', 'published') OR answer IS NOT NULL),
  CONSTRAINT ck_question_published CHECK ((published_words IS NOT NULL) = (state = 'published') AND (state <> 'published' OR moderator IS NOT NULL)),
  CONSTRAINT ck_question_refused CHECK (state <> 'refused' OR (reason IS NOT NULL AND moderator IS NOT NULL)),
  CONSTRAINT ck_question_closed CHECK ((closed_at IS NOT NULL) = (state IN ('published', 'refused', 'withdrawn')))
);
CREATE INDEX ix_question_listing ON question (listing_id, state, asked_at, id);
CREATE INDEX ix_question_asker ON question (asker, asked_at, id);
CREATE INDEX ix_question_organisation ON question (organisation_id, state, asked_at, id);
CREATE INDEX ix_question_state ON question (state, asked_at, id);
